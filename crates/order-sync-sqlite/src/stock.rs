//! What the warehouse says of stock, and what the shop was told.

use order_sync::{
    FeedKind, MerchantId, PublishedLevel, StockChanges, StockFeed, StockRecord, compare_stock,
};
use rusqlite::{Connection, OptionalExtension as _};

use crate::failure::Failure;
use crate::{json_text, micros};

const STOCK: &str = "a stock row";
const LEVEL: &str = "a published level";

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
    let changes = compare_stock(&known, feed);
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
    json_text::read_all(connection, STOCK, sql, [merchant.as_str()])
}

/// Levels the shop was told at a location, by article.
pub(crate) fn published(
    connection: &Connection,
    merchant: &MerchantId,
    location: &str,
) -> Result<Vec<PublishedLevel>, Failure> {
    let sql =
        "SELECT published FROM published_levels WHERE merchant = ?1 AND location = ?2 ORDER BY sku";
    json_text::read_all(connection, LEVEL, sql, (merchant.as_str(), location))
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
