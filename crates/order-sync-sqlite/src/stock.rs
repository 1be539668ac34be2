//! What the warehouse says of stock, and what the shop was told.

use chrono::{DateTime, SubsecRound as _, Utc};
use order_mapping::{ReportedSku, SourceSku, StockRow};
use order_sync::{
    FeedKind, MerchantId, PublishedLevel, StockChanges, StockFeed, StockMark, StockRecord,
    compare_stock,
};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::failure::Failure;
use crate::{cursors, json_text, micros};

const STOCK: &str = "a stock row";
const LEVEL: &str = "a published level";
const MARK: &str = "the mark of a stock snapshot";
/// The mark lies with the cursors: it says how far the stock on record reaches.
const MARK_CURSOR: &str = "stock.snapshot";

/// The list of what the warehouse has.
const AT_WAREHOUSE: &str = "warehouse";

/// The list of what the shop was told at a location.
fn at_shop(location: &str) -> String {
    format!("shop:{location}")
}

/// The number of a list, if there is something in it.
fn list(
    connection: &Connection,
    merchant: &MerchantId,
    name: &str,
) -> Result<Option<i64>, Failure> {
    let sql = "SELECT number FROM stock_lists WHERE merchant = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row((merchant.as_str(), name), |row| row.get(0))
        .optional()?)
}

/// The number of a list into which something is put.
fn list_to_fill(
    connection: &Connection,
    merchant: &MerchantId,
    name: &str,
) -> Result<i64, Failure> {
    if let Some(number) = list(connection, merchant, name)? {
        return Ok(number);
    }
    let sql = "INSERT INTO stock_lists (merchant, name) VALUES (?1, ?2)";
    connection
        .prepare_cached(sql)?
        .execute((merchant.as_str(), name))?;
    Ok(connection.last_insert_rowid())
}

/// Moments are compared as they are kept.
pub(crate) fn as_kept(mut feed: StockFeed) -> StockFeed {
    feed.as_of = feed.as_of.trunc_subsecs(6);
    feed
}

/// Applies a stock batch ([`as_kept`]); returns what changed, and of what.
pub(crate) fn save(
    connection: &Connection,
    merchant: &MerchantId,
    feed: &StockFeed,
) -> Result<(StockChanges, Vec<StockRecord>), Failure> {
    let known = match feed.kind {
        FeedKind::Delta => named(connection, merchant, feed)?,
        // The comparison also needs the codes that the batch does not name.
        _ => load_about(connection, merchant, feed.rows.len())?,
    };
    let stored_mark = cursors::load(connection, merchant, MARK_CURSOR)?;
    let mark: Option<StockMark> = stored_mark
        .as_deref()
        .map(|text| json_text::read(MARK, text))
        .transpose()?;
    let changes = compare_stock(&known, mark, feed);
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
    write(
        connection,
        merchant,
        changes.write.iter().chain(&changes.gone),
    )?;
    Ok((changes, known))
}

/// Puts rows on record, each in place of what was said of its code before.
pub(crate) fn write<'a>(
    connection: &Connection,
    merchant: &MerchantId,
    records: impl IntoIterator<Item = &'a StockRecord>,
) -> Result<(), Failure> {
    let mut records = records.into_iter().peekable();
    if records.peek().is_none() {
        return Ok(());
    }
    let list = list_to_fill(connection, merchant, AT_WAREHOUSE)?;
    let sql = "INSERT INTO stock (list, sku, on_hand, allocated, unsellable, sequence, as_of) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               ON CONFLICT (list, sku) DO UPDATE \
               SET on_hand = excluded.on_hand, allocated = excluded.allocated, unsellable = excluded.unsellable, \
                   sequence = excluded.sequence, as_of = excluded.as_of";
    let mut statement = connection.prepare_cached(sql)?;
    for record in records {
        // Each column by its name: a figure that is added cannot be forgotten here.
        let StockRow {
            sku,
            on_hand,
            allocated,
            unsellable,
        } = &record.row;
        statement.execute((
            list,
            sku.as_str(),
            on_hand,
            allocated,
            unsellable,
            record.sequence.cast_signed(),
            micros::of(record.as_of),
        ))?;
    }
    Ok(())
}

/// Columns of a [`StockRecord`], as [`record_of`] reads them.
const RECORD: &str = "sku, on_hand, allocated, unsellable, sequence, as_of";

fn record_of(row: &Row<'_>, moments: &mut Moments) -> Result<StockRecord, Failure> {
    let sku: ReportedSku = code(STOCK, row, 0)?.into();
    let mut figures = StockRow::new(sku, row.get(1)?, row.get(2)?);
    figures.unsellable = row.get(3)?;
    let sequence = row.get::<_, i64>(4)?.cast_unsigned();
    Ok(StockRecord::new(
        figures,
        sequence,
        moments.read(row.get(5)?)?,
    ))
}

fn code<'a>(what: &str, row: &'a Row<'_>, column: usize) -> Result<&'a str, Failure> {
    row.get_ref(column)?.as_str().map_err(|_| {
        Failure::Unreadable(format!(
            "{what} has a code that is no text; the row was changed by a foreign hand"
        ))
    })
}

/// What is on record of the codes that a batch names.
fn named(
    connection: &Connection,
    merchant: &MerchantId,
    feed: &StockFeed,
) -> Result<Vec<StockRecord>, Failure> {
    let Some(list) = list(connection, merchant, AT_WAREHOUSE)? else {
        return Ok(Vec::new());
    };
    let sql = format!("SELECT {RECORD} FROM stock WHERE list = ?1 AND sku = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut moments = Moments::default();
    let mut known = Vec::new();
    for row in &feed.rows {
        let found = statement
            .query_row((list, row.sku.as_str()), |row| {
                Ok(record_of(row, &mut moments))
            })
            .optional()?;
        if let Some(record) = found {
            known.push(record?);
        }
    }
    Ok(known)
}

/// What the warehouse last said, by its code.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<Vec<StockRecord>, Failure> {
    load_about(connection, merchant, 0)
}

/// The same where there are likely to be about so many: a list of a million that grows step by step takes twice its memory.
fn load_about(
    connection: &Connection,
    merchant: &MerchantId,
    expected: usize,
) -> Result<Vec<StockRecord>, Failure> {
    let Some(list) = list(connection, merchant, AT_WAREHOUSE)? else {
        return Ok(Vec::new());
    };
    let sql = format!("SELECT {RECORD} FROM stock WHERE list = ?1 ORDER BY sku");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([list])?;
    let mut records = Vec::with_capacity(expected);
    let mut moments = Moments::default();
    while let Some(row) = rows.next()? {
        records.push(record_of(row, &mut moments)?);
    }
    Ok(records)
}

/// Reads moments. Of a million rows most were written with the same few batches: one that stood in the row before is not read again.
#[derive(Default)]
struct Moments {
    last: Option<(i64, DateTime<Utc>)>,
}

impl Moments {
    fn read(&mut self, micros: i64) -> Result<DateTime<Utc>, Failure> {
        if let Some((last, moment)) = self.last
            && last == micros
        {
            return Ok(moment);
        }
        let moment = micros::to_moment(micros)?;
        self.last = Some((micros, moment));
        Ok(moment)
    }
}

/// Levels the shop was told at a location, by article.
pub(crate) fn published(
    connection: &Connection,
    merchant: &MerchantId,
    location: &str,
) -> Result<Vec<PublishedLevel>, Failure> {
    let Some(list) = list(connection, merchant, &at_shop(location))? else {
        return Ok(Vec::new());
    };
    let sql = "SELECT sku, level, at FROM published_levels WHERE list = ?1 ORDER BY sku";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([list])?;
    let mut levels = Vec::new();
    let mut moments = Moments::default();
    while let Some(row) = rows.next()? {
        let sku: SourceSku = code(LEVEL, row, 0)?.into();
        let at = moments.read(row.get(2)?)?;
        levels.push(PublishedLevel::new(sku, row.get(1)?, at));
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
    if levels.is_empty() {
        return Ok(());
    }
    let list = list_to_fill(connection, merchant, &at_shop(location))?;
    let sql = "INSERT INTO published_levels (list, sku, level, at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (list, sku) DO UPDATE SET level = excluded.level, at = excluded.at";
    let mut statement = connection.prepare_cached(sql)?;
    for level in levels {
        statement.execute((list, level.sku.as_str(), level.level, micros::of(level.at)))?;
    }
    Ok(())
}

/// Forgets what the shop was told of these articles at a location.
pub(crate) fn forget_published(
    connection: &Connection,
    merchant: &MerchantId,
    location: &str,
    skus: &[SourceSku],
) -> Result<(), Failure> {
    let Some(list) = list(connection, merchant, &at_shop(location))? else {
        return Ok(());
    };
    let sql = "DELETE FROM published_levels WHERE list = ?1 AND sku = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for sku in skus {
        statement.execute((list, sku.as_str()))?;
    }
    Ok(())
}
