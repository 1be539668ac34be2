//! What the warehouse says of stock, and what the shop was told.

use chrono::{DateTime, SubsecRound as _, Utc};
use order_mapping::{ReportedSku, SourceSku, StockRow};
use order_sync::{
    FeedKind, MerchantId, PublishedLevel, StockChanges, StockFeed, StockMark, StockRecord,
    compare_stock,
};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::keyed::Keyed;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, key_text, orders};

const STOCK: &str = "a stock row";
const LEVEL: &str = "a published level";
const MARK: &str = "the mark of a stock snapshot";

/// Rows written by one statement.
const CHUNK: usize = 10_000;

/// Takes the lock of a merchant's stock and reads its mark.
const LOCK: &str = "INSERT INTO stock_marks (merchant) VALUES ($1) \
     ON CONFLICT (merchant) DO UPDATE SET mark = stock_marks.mark RETURNING mark";

/// Columns of a [`StockRecord`], as [`record_of`] reads them.
const RECORDS: &str =
    "SELECT sku, on_hand, allocated, unsellable, sequence, as_of FROM stock WHERE merchant = $1";

/// Applies a stock batch.
pub(crate) async fn save(
    mut transaction: Transaction,
    merchant: &MerchantId,
    feed: &StockFeed,
) -> Result<StockChanges, Failure> {
    let mut feed = feed.clone();
    // Moments are compared as they are kept.
    feed.as_of = feed.as_of.trunc_subsecs(6);
    let is_delta = feed.kind == FeedKind::Delta;
    let known = if is_delta {
        let codes = feed.rows.iter().map(|row| row.sku.as_str());
        Query::of(merchant, format!("{RECORDS} AND sku = ANY($2)")).keys(codes)
    } else {
        // The comparison also needs the codes that the batch does not name.
        Query::of(merchant, format!("{RECORDS} ORDER BY sku"))
    };
    let answers = transaction
        .read(vec![Query::of(merchant, LOCK), known])
        .await?;
    let [mark, known] = answers.as_slice() else {
        return Ok(StockChanges::default());
    };
    let mark: Option<&str> = match mark.first() {
        Some(row) => json_text::plain(MARK, row, 0)?,
        None => None,
    };
    let mark: Option<StockMark> = mark.map(|text| json_text::read(MARK, text)).transpose()?;
    let known = known.iter().map(record_of).collect::<Result<Vec<_>, _>>()?;
    drop(answers);
    let mut changes = compare_stock(&known, mark, &feed);
    let mut writes = Vec::new();
    if let Some(next) = &changes.mark {
        let sql = "UPDATE stock_marks SET mark = $2 WHERE merchant = $1";
        writes.push(Query::of(merchant, sql).text(json_text::write(MARK, next)?));
    }
    let records: Vec<&StockRecord> = changes.write.iter().chain(&changes.gone).collect();
    writes.extend(
        records
            .chunks(CHUNK)
            .map(|records| write(merchant, records)),
    );
    drop(feed);
    transaction.finish(writes).await?;
    if !is_delta {
        changes.picture = Some(changes.applied_to(known));
    }
    Ok(changes)
}

/// Puts rows on record in place of what was said of their codes before.
fn write(merchant: &MerchantId, records: &[&StockRecord]) -> Query {
    let figure = |of: fn(&StockRow) -> i64| records.iter().map(|one| of(&one.row)).collect();
    let sql = "INSERT INTO stock (merchant, sku, on_hand, allocated, unsellable, sequence, as_of) \
               SELECT $1, k.* FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[]) k \
               ON CONFLICT (merchant, sku) DO UPDATE \
               SET on_hand = excluded.on_hand, allocated = excluded.allocated, unsellable = excluded.unsellable, \
                   sequence = excluded.sequence, as_of = excluded.as_of";
    Query::of(merchant, sql)
        .keys(records.iter().map(|one| one.row.sku.as_str()))
        .numbers(figure(|row| row.on_hand))
        .numbers(figure(|row| row.allocated))
        .numbers(figure(|row| row.unsellable))
        .numbers(
            records
                .iter()
                .map(|one| one.sequence.cast_signed())
                .collect(),
        )
        .moments(records.iter().map(|one| one.as_of).collect())
}

fn record_of(row: &Row) -> Result<StockRecord, Failure> {
    let sku: ReportedSku = key_text::read(json_text::plain(STOCK, row, 0)?)
        .as_ref()
        .into();
    let mut figures = StockRow::new(
        sku,
        json_text::plain(STOCK, row, 1)?,
        json_text::plain(STOCK, row, 2)?,
    );
    figures.unsellable = json_text::plain(STOCK, row, 3)?;
    let sequence = json_text::plain::<i64>(STOCK, row, 4)?.cast_unsigned();
    Ok(StockRecord::new(
        figures,
        sequence,
        json_text::plain(STOCK, row, 5)?,
    ))
}

/// What the warehouse last said, by its code.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
) -> Result<Vec<StockRecord>, Failure> {
    let query = Query::of(merchant, format!("{RECORDS} ORDER BY sku"));
    let rows = orders::rows(transaction, query).await?;
    rows.iter().map(record_of).collect()
}

/// Levels the shop was told at a location, by article.
pub(crate) async fn published(
    transaction: Transaction,
    merchant: &MerchantId,
    location: &str,
) -> Result<Vec<PublishedLevel>, Failure> {
    let sql = "SELECT sku, level, at FROM published_levels WHERE merchant = $1 AND location = $2 ORDER BY sku";
    let rows = orders::rows(transaction, Query::of(merchant, sql).key(location)).await?;
    let level = |row| {
        let sku = SourceSku::new(key_text::read(json_text::plain(LEVEL, row, 0)?));
        let at: DateTime<Utc> = json_text::plain(LEVEL, row, 2)?;
        Ok(PublishedLevel::new(
            sku,
            json_text::plain(LEVEL, row, 1)?,
            at,
        ))
    };
    rows.iter().map(level).collect()
}

/// Remembers levels that the shop has taken; of an article that is named twice, the last one.
pub(crate) async fn save_published(
    transaction: Transaction,
    merchant: &MerchantId,
    location: &str,
    levels: &[PublishedLevel],
) -> Result<(), Failure> {
    let mut last = Keyed::default();
    for level in levels {
        last.put(level.sku.as_str(), level);
    }
    let sql = "INSERT INTO published_levels (merchant, location, sku, level, at) \
               SELECT $1, $2, k.* FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) k \
               ON CONFLICT (merchant, location, sku) DO UPDATE SET level = excluded.level, at = excluded.at";
    let writes = last.values().chunks(CHUNK).map(|levels| {
        Query::of(merchant, sql)
            .key(location)
            .keys(levels.iter().map(|level| level.sku.as_str()))
            .numbers(levels.iter().map(|level| level.level).collect())
            .moments(levels.iter().map(|level| level.at).collect())
    });
    transaction.finish(writes.collect()).await.map(|_| ())
}

/// Forgets what the shop was told of these articles at a location.
pub(crate) async fn forget_published(
    transaction: Transaction,
    merchant: &MerchantId,
    location: &str,
    skus: &[SourceSku],
) -> Result<(), Failure> {
    let sql = "DELETE FROM published_levels WHERE merchant = $1 AND location = $2 AND sku = ANY($3::text[])";
    let deletes = skus.chunks(CHUNK).map(|skus| {
        Query::of(merchant, sql)
            .key(location)
            .keys(skus.iter().map(SourceSku::as_str))
    });
    transaction.finish(deletes.collect()).await.map(|_| ())
}
