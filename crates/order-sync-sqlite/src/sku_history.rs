//! What has been on record about article codes: a row per pair, of which a new registry writes only those that differ.

use order_mapping::{RecordedSku, SkuHistory};
use order_sync::MerchantId;
use rusqlite::{Connection, OptionalExtension as _};

use crate::failure::Failure;
use crate::json_text;

const PAIR: &str = "a pair of article codes";

// Codes sort by their bytes here as in Rust.
const PAIRS: &str =
    "SELECT number, pair FROM sku_history WHERE merchant = ?1 ORDER BY source, warehouse";

fn head(connection: &Connection, merchant: &MerchantId) -> Result<Option<(u32, String)>, Failure> {
    let sql = "SELECT version, content_hash FROM sku_registries WHERE merchant = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row([merchant.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// What is on record; empty where nothing is.
pub(crate) fn load(connection: &Connection, merchant: &MerchantId) -> Result<SkuHistory, Failure> {
    let mut history = SkuHistory::default();
    let Some((version, content_hash)) = head(connection, merchant)? else {
        return Ok(history);
    };
    history.version = version;
    history.content_hash = content_hash;
    let mut statement = connection.prepare_cached(PAIRS)?;
    let mut rows = statement.query([merchant.as_str()])?;
    while let Some(row) = rows.next()? {
        history.pairs.push(json_text::read_column(PAIR, row, 1)?);
    }
    // Those of one pair of codes are in the order of their rows.
    history.pairs.sort();
    Ok(history)
}

/// Replaces it, unless a later version is on record.
pub(crate) fn save(
    connection: &Connection,
    merchant: &MerchantId,
    history: &SkuHistory,
) -> Result<bool, Failure> {
    let known = head(connection, merchant)?;
    if known
        .as_ref()
        .is_some_and(|(version, _)| history.version < *version)
    {
        return Ok(false);
    }
    let (gone, new) = differences(connection, merchant, &history.pairs)?;
    let mut statement = connection.prepare_cached("DELETE FROM sku_history WHERE number = ?1")?;
    for number in gone {
        statement.execute([number])?;
    }
    let sql = "INSERT INTO sku_history (merchant, source, warehouse, pair) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = connection.prepare_cached(sql)?;
    for pair in new {
        statement.execute((
            merchant.as_str(),
            pair.source.as_str(),
            pair.warehouse.as_str(),
            json_text::write(PAIR, pair)?,
        ))?;
    }
    if known != Some((history.version, history.content_hash.clone())) {
        let sql = "INSERT INTO sku_registries (merchant, version, content_hash) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (merchant) DO UPDATE SET version = excluded.version, content_hash = excluded.content_hash";
        connection.prepare_cached(sql)?.execute((
            merchant.as_str(),
            history.version,
            &history.content_hash,
        ))?;
    }
    Ok(true)
}

/// Rows that are to go, and pairs that are to come, found by going through both sides in the order of their codes.
fn differences<'a>(
    connection: &Connection,
    merchant: &MerchantId,
    pairs: &'a [RecordedSku],
) -> Result<(Vec<i64>, Vec<&'a RecordedSku>), Failure> {
    let mut wanted: Vec<&RecordedSku> = pairs.iter().collect();
    wanted.sort();
    let mut wanted = wanted.into_iter().peekable();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    let mut statement = connection.prepare_cached(PAIRS)?;
    let mut rows = statement.query([merchant.as_str()])?;
    // Pairs of the same two codes: there is more than one only where a code was taken up again.
    let mut same: Vec<&RecordedSku> = Vec::new();
    while let Some(row) = rows.next()? {
        let known: RecordedSku = json_text::read_column(PAIR, row, 1)?;
        let codes = (&known.source, &known.warehouse);
        if same
            .first()
            .is_none_or(|pair| (&pair.source, &pair.warehouse) != codes)
        {
            new.append(&mut same);
            while let Some(pair) = wanted.next_if(|pair| (&pair.source, &pair.warehouse) <= codes) {
                if (&pair.source, &pair.warehouse) == codes {
                    same.push(pair);
                } else {
                    new.push(pair);
                }
            }
        }
        match same.iter().position(|pair| **pair == known) {
            Some(position) => {
                same.swap_remove(position);
            }
            None => gone.push(row.get(0)?),
        }
    }
    new.append(&mut same);
    new.extend(wanted);
    Ok((gone, new))
}
