//! The row of an order: what is searched, and the record itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use order_mapping::SourceOrderId;
use order_sync::{MerchantId, OrderRecord};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Params, Row, ToSql as _};

use crate::failure::Failure;
use crate::{json_text, micros};

pub(crate) const RECORD: &str = "the record of an order";

/// An order on record.
#[derive(Debug)]
pub(crate) struct OrderRow {
    /// What belongs to the order lies under this number.
    pub(crate) number: i64,
    /// There are rows of personal data.
    pub(crate) personal: bool,
    pub(crate) record: OrderRecord,
}

fn read(row: &Row<'_>) -> Result<OrderRow, Failure> {
    Ok(OrderRow {
        number: row.get(0)?,
        personal: row.get(1)?,
        record: json_text::read_column(RECORD, row, 2)?,
    })
}

/// The statement that reads the rows that fulfil a condition.
pub(crate) fn select(condition: &str) -> String {
    format!("SELECT number, personal, record FROM orders WHERE {condition}")
}

/// The rows that fulfil a condition, in the order that it asks for.
pub(crate) fn all(
    connection: &Connection,
    condition: &str,
    params: impl Params,
) -> Result<Vec<OrderRow>, Failure> {
    let mut statement = connection.prepare_cached(&select(condition))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// One row, by the id the order was captured with.
pub(crate) fn of(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<OrderRow>, Failure> {
    let condition = "merchant = ?1 AND id = ?2";
    let rows = all(connection, condition, (merchant.as_str(), id.as_str()))?;
    Ok(rows.into_iter().next())
}

/// The rows of several orders ([`json_text::list_of`]), by the ids they were captured with.
pub(crate) fn of_ids(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<BTreeMap<SourceOrderId, OrderRow>, Failure> {
    let condition = "merchant = ?1 AND id IN (SELECT value FROM json_each(?2))";
    let rows = all(connection, condition, (merchant.as_str(), ids))?;
    Ok(rows
        .into_iter()
        .map(|row| (row.record.id.clone(), row))
        .collect())
}

/// Columns that follow from the record, beside its key, which never changes.
const COLUMNS: [&str; 11] = [
    "reference",
    "state",
    "token",
    "lease_until",
    "due_at",
    "request_state",
    "request_due",
    "accepted_at",
    "settled_at",
    "captured_at",
    "changed_at",
];

/// What a record has in [`COLUMNS`].
fn values(record: &OrderRecord) -> [ToSqlOutput<'_>; COLUMNS.len()] {
    let text = |text| ToSqlOutput::Borrowed(ValueRef::Text(str::as_bytes(text)));
    let figure = |figure| ToSqlOutput::Owned(Value::Integer(figure));
    let optional =
        |moment| micros::of_optional(moment).map_or(ToSqlOutput::Borrowed(ValueRef::Null), figure);
    let null = || ToSqlOutput::Borrowed(ValueRef::Null);
    let settled_at = record.state.is_settled().then_some(record.changed_at);
    [
        text(record.reference.as_str()),
        text(record.state.as_str()),
        // For people; the record holds the exact figure.
        figure(i64::try_from(record.token).unwrap_or(i64::MAX)),
        optional(record.lease_until),
        optional(record.due_at),
        record
            .request_state()
            .map_or_else(null, |state| text(state.as_str())),
        optional(record.request_due_at()),
        optional(record.accepted_at),
        optional(settled_at),
        figure(micros::of(record.captured_at)),
        figure(micros::of(record.changed_at)),
    ]
}

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<String> = (5..5 + COLUMNS.len())
        .map(|place| format!("?{place}"))
        .collect();
    format!(
        "INSERT INTO orders (merchant, id, personal, record, {}) VALUES (?1, ?2, ?3, ?4, {})",
        COLUMNS.join(", "),
        places.join(", ")
    )
});

/// Keeps a record that is not there yet; returns its number.
pub(crate) fn insert(
    connection: &Connection,
    record: &OrderRecord,
    personal: bool,
) -> Result<i64, Failure> {
    let mut statement = connection.prepare_cached(&INSERT)?;
    statement.raw_bind_parameter(1, record.merchant.as_str())?;
    statement.raw_bind_parameter(2, record.id.as_str())?;
    statement.raw_bind_parameter(3, personal)?;
    statement.raw_bind_parameter(4, json_text::write(RECORD, record)?)?;
    for (place, value) in (5..).zip(values(record)) {
        statement.raw_bind_parameter(place, value)?;
    }
    statement.raw_execute()?;
    Ok(connection.last_insert_rowid())
}

/// Replaces the record of a row; its id and merchant stay. Only columns that differ are written: for every other one SQLite would
/// take an entry out of each of its indexes and put the same one in again.
pub(crate) fn update(
    connection: &Connection,
    row: &OrderRow,
    next: &OrderRecord,
) -> Result<(), Failure> {
    let (before, after) = (values(&row.record), values(next));
    let changed = || {
        before
            .iter()
            .zip(&after)
            .enumerate()
            .filter(|(_, (before, after))| before != after)
            .map(|(index, (_, after))| (index, after))
    };
    let mut sql = "UPDATE orders SET record = ?2".to_owned();
    for (place, (index, _)) in (3..).zip(changed()) {
        if let Some(column) = COLUMNS.get(index) {
            // Writing to a text does not fail.
            let _ = write!(sql, ", {column} = ?{place}");
        }
    }
    sql.push_str(" WHERE number = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.raw_bind_parameter(1, row.number)?;
    statement.raw_bind_parameter(2, json_text::write(RECORD, next)?)?;
    for (place, (_, value)) in (3..).zip(changed()) {
        statement.raw_bind_parameter(place, value)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Goes over the orders that need something still, whose columns and record say so both: the number of the first where they do not
/// say the same.
pub(crate) fn first_at_odds(connection: &Connection) -> Result<Option<i64>, Failure> {
    let sql = format!(
        "SELECT number, record, merchant, id, {} FROM orders WHERE settled_at IS NULL",
        COLUMNS.join(", ")
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let record: OrderRecord = json_text::read_column(RECORD, row, 1)?;
        let key = [record.merchant.as_str(), record.id.as_str()];
        let key = key.map(|text| ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())));
        for (column, value) in (2..).zip(key.iter().chain(&values(&record))) {
            let stored = ToSqlOutput::Borrowed(row.get_ref(column)?);
            // Compared as SQLite sees them, be they borrowed or not.
            if stored.to_sql()? != value.to_sql()? {
                return Ok(Some(row.get(0)?));
            }
        }
    }
    Ok(None)
}
