//! What the warehouse says of stock, and what the shop was told.

use chrono::{DateTime, Utc};
use order_mapping::{SourceSku, StockRow};
use order_sync::{
    FeedKind, MerchantId, PublishedLevel, StockChanges, StockFeed, StockMark, StockRecord,
    compare_stock,
};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Deserialize;

use crate::failure::Failure;
use crate::{cursors, json_text, micros};

const STOCK: &str = "a stock row";
const LEVEL: &str = "a published level";
const MARK: &str = "the mark of a stock snapshot";
/// The mark lies with the cursors: it says how far the stock on record reaches.
const MARK_CURSOR: &str = "stock.snapshot";

/// Applies a stock batch.
pub(crate) fn save(
    connection: &Connection,
    merchant: &MerchantId,
    feed: &StockFeed,
) -> Result<StockChanges, Failure> {
    let known = match feed.kind {
        FeedKind::Delta => named(connection, merchant, feed)?,
        // The comparison also needs the codes that the batch does not name.
        _ => load(connection, merchant)?,
    };
    let stored_mark = cursors::load(connection, merchant, MARK_CURSOR)?;
    let mark: Option<StockMark> = stored_mark
        .as_deref()
        .map(|text| json_text::read(MARK, text))
        .transpose()?;
    let mut changes = compare_stock(&known, mark, feed);
    if let Some(next) = &changes.mark {
        let next = json_text::write(MARK, next)?;
        cursors::advance(
            connection,
            merchant,
            MARK_CURSOR,
            stored_mark.as_deref(),
            &next,
        )?;
    }
    let sql = "INSERT INTO stock (merchant, sku, as_of, record) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (merchant, sku) DO UPDATE SET as_of = excluded.as_of, record = excluded.record";
    let mut statement = connection.prepare_cached(sql)?;
    for record in changes.write.iter().chain(&changes.gone) {
        let text = json_text::write(STOCK, record)?;
        statement.execute((
            merchant.as_str(),
            record.row.sku.as_str(),
            micros::of(record.as_of),
            text,
        ))?;
    }
    if feed.kind != FeedKind::Delta {
        changes.picture = Some(changes.applied_to(known));
    }
    Ok(changes)
}

/// What is on record of the codes that a batch names.
fn named(
    connection: &Connection,
    merchant: &MerchantId,
    feed: &StockFeed,
) -> Result<Vec<StockRecord>, Failure> {
    let sql = "SELECT record FROM stock WHERE merchant = ?1 AND sku = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut known = Vec::new();
    for row in &feed.rows {
        let text: Option<String> = statement
            .query_row((merchant.as_str(), row.sku.as_str()), |row| row.get(0))
            .optional()?;
        if let Some(text) = text {
            known.push(json_text::read(STOCK, &text)?);
        }
    }
    Ok(known)
}

/// What the warehouse last said, by its code.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<Vec<StockRecord>, Failure> {
    let sql = "SELECT record FROM stock WHERE merchant = ?1 ORDER BY sku";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([merchant.as_str()])?;
    let mut records = Vec::new();
    let mut moments = Moments::default();
    while let Some(row) = rows.next()? {
        let stored: StoredStock<'_> = json_text::read_column(STOCK, row, 0)?;
        let as_of = moments.read(STOCK, stored.as_of)?;
        records.push(StockRecord::new(stored.row, stored.sequence, as_of));
    }
    Ok(records)
}

/// A [`StockRecord`] with its moment as the text that it is.
#[derive(Deserialize)]
struct StoredStock<'a> {
    row: StockRow,
    sequence: u64,
    as_of: &'a str,
}

/// A [`PublishedLevel`] likewise.
#[derive(Deserialize)]
struct StoredLevel<'a> {
    sku: SourceSku,
    level: i64,
    at: &'a str,
}

/// Reads moments. Of a million rows most were written with the same few batches, and reading a moment takes as long as all the rest
/// of a row: one that stood in the row before is not read again.
#[derive(Default)]
struct Moments {
    last: Option<(String, DateTime<Utc>)>,
}

impl Moments {
    fn read(&mut self, what: &str, text: &str) -> Result<DateTime<Utc>, Failure> {
        if let Some((last, moment)) = &self.last
            && last == text
        {
            return Ok(*moment);
        }
        let moment = DateTime::parse_from_rfc3339(text)
            .map_err(|_| Failure::Unreadable(format!("{what} has no readable moment")))?
            .to_utc();
        self.last = Some((text.to_owned(), moment));
        Ok(moment)
    }
}

/// Levels the shop was told at a location, by article.
pub(crate) fn published(
    connection: &Connection,
    merchant: &MerchantId,
    location: &str,
) -> Result<Vec<PublishedLevel>, Failure> {
    let sql =
        "SELECT published FROM published_levels WHERE merchant = ?1 AND location = ?2 ORDER BY sku";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((merchant.as_str(), location))?;
    let mut levels = Vec::new();
    let mut moments = Moments::default();
    while let Some(row) = rows.next()? {
        let stored: StoredLevel<'_> = json_text::read_column(LEVEL, row, 0)?;
        let at = moments.read(LEVEL, stored.at)?;
        levels.push(PublishedLevel::new(stored.sku, stored.level, at));
    }
    Ok(levels)
}

/// Remembers levels that the shop has taken.
pub(crate) fn save_published(
    connection: &Connection,
    merchant: &MerchantId,
    location: &str,
    levels: &[PublishedLevel],
) -> Result<(), Failure> {
    let sql = "INSERT INTO published_levels (merchant, location, sku, level, at, published) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (merchant, location, sku) DO UPDATE \
               SET level = excluded.level, at = excluded.at, published = excluded.published";
    let mut statement = connection.prepare_cached(sql)?;
    for level in levels {
        statement.execute((
            merchant.as_str(),
            location,
            level.sku.as_str(),
            level.level,
            micros::of(level.at),
            json_text::write(LEVEL, level)?,
        ))?;
    }
    Ok(())
}
