//! What has been on record about article codes: a row per pair, of which a new registry writes only those that differ.

use std::collections::BTreeMap;

use order_mapping::{RecordedSku, SkuHistory};
use order_sync::MerchantId;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::json_text;
use crate::query::Query;
use crate::transaction::Transaction;

const PAIR: &str = "a pair of article codes";
const CHUNK: usize = 10_000;

const HEAD: &str = "SELECT version, content_hash FROM sku_registries WHERE merchant = $1";
/// The same under its lock, which is the lock of the pairs.
const LOCK: &str = "INSERT INTO sku_registries (merchant, version, content_hash) VALUES ($1, -1, '') \
     ON CONFLICT (merchant) DO UPDATE SET version = sku_registries.version RETURNING version, content_hash";
const PAIRS: &str = "SELECT pair, number FROM sku_history WHERE merchant = $1";

/// Version and content hash; none where no history was saved yet.
fn head(rows: &[Row]) -> Result<Option<(u32, String)>, Failure> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let version: i64 = json_text::plain(PAIR, row, 0)?;
    let content_hash = json_text::plain(PAIR, row, 1)?;
    Ok(u32::try_from(version)
        .ok()
        .map(|version| (version, content_hash)))
}

/// What is on record; empty where nothing is.
pub(crate) async fn load(
    mut transaction: Transaction,
    merchant: &MerchantId,
) -> Result<SkuHistory, Failure> {
    let mut history = SkuHistory::default();
    // Shared with readers, against writers: the two statements belong together.
    let lock = Query::of(merchant, format!("{HEAD} FOR SHARE"));
    let answers = transaction
        .read(vec![lock, Query::of(merchant, PAIRS)])
        .await?;
    transaction.end().await?;
    let [known, pairs] = answers.as_slice() else {
        return Ok(history);
    };
    if let Some((version, content_hash)) = head(known)? {
        history.version = version;
        history.content_hash = content_hash;
        history.pairs = json_text::all(PAIR, pairs)?;
        history.pairs.sort();
    }
    Ok(history)
}

/// Replaces it, unless a later version is on record.
pub(crate) async fn save(
    mut transaction: Transaction,
    merchant: &MerchantId,
    history: &SkuHistory,
) -> Result<bool, Failure> {
    let reads = vec![Query::of(merchant, LOCK), Query::of(merchant, PAIRS)];
    let answers = transaction.read(reads).await?;
    let [known, pairs] = answers.as_slice() else {
        return Ok(false);
    };
    let known = head(known)?;
    if known.is_some_and(|(version, _)| history.version < version) {
        transaction.end().await?;
        return Ok(false);
    }
    let mut on_record: BTreeMap<RecordedSku, Vec<i64>> = BTreeMap::new();
    for row in pairs {
        let pair = json_text::column(PAIR, row, 0)?;
        let number = json_text::plain(PAIR, row, 1)?;
        on_record.entry(pair).or_default().push(number);
    }
    let mut new = Vec::new();
    for pair in &history.pairs {
        if on_record.get_mut(pair).and_then(Vec::pop).is_none() {
            new.push(json_text::write(PAIR, pair)?);
        }
    }
    let gone: Vec<i64> = on_record.into_values().flatten().collect();
    let sql = "UPDATE sku_registries SET version = $2, content_hash = $3 WHERE merchant = $1";
    let mut writes = vec![
        Query::of(merchant, sql)
            .number(i64::from(history.version))
            .text(history.content_hash.as_str()),
    ];
    writes.extend(gone.chunks(CHUNK).map(|gone| {
        let sql = "DELETE FROM sku_history WHERE merchant = $1 AND number = ANY($2)";
        Query::of(merchant, sql).numbers(gone.to_vec())
    }));
    writes.extend(new.chunks(CHUNK).map(|new| {
        let sql = "INSERT INTO sku_history (merchant, pair) SELECT $1, k.pair FROM unnest($2::text[]) k(pair)";
        Query::of(merchant, sql).texts(new.to_vec())
    }));
    transaction.finish(writes).await?;
    Ok(true)
}
