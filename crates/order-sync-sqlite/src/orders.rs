//! Orders: the narrow table that is searched, and the changes that touch several tables.

use std::collections::BTreeMap;

use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::{
    CaptureOutcome, Commit, MerchantId, NewOrder, OrderRecord, OrderState, Refusal, apply,
};
use rusqlite::{Connection, OptionalExtension as _, Params};

use crate::failure::Failure;
use crate::{json_text, lines, micros, parcels, payloads, timeline};

/// Reads the record of a row.
pub(crate) fn read_record(text: &str) -> Result<OrderRecord, Failure> {
    json_text::read("the record of an order", text)
}

fn find(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<OrderRecord>, Failure> {
    let text: Option<String> = connection
        .prepare_cached(sql)?
        .query_row(params, |row| row.get(0))
        .optional()?;
    text.as_deref().map(read_record).transpose()
}

/// One record.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<OrderRecord>, Failure> {
    let sql = "SELECT record FROM orders WHERE merchant = ?1 AND id = ?2";
    find(connection, sql, (merchant.as_str(), id.as_str()))
}

/// The record that owns a client reference.
pub(crate) fn by_reference(
    connection: &Connection,
    merchant: &MerchantId,
    reference: &ClientOrderRef,
) -> Result<Option<OrderRecord>, Failure> {
    let sql = "SELECT record FROM orders WHERE merchant = ?1 AND reference = ?2";
    find(connection, sql, (merchant.as_str(), reference.as_str()))
}

/// Those of these ids that are on record.
pub(crate) fn known(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &[SourceOrderId],
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let mut known = BTreeMap::new();
    for id in ids {
        if let Some(record) = load(connection, merchant, id)? {
            known.insert(id.clone(), record);
        }
    }
    Ok(known)
}

/// Records in some states, by id.
pub(crate) fn in_states(
    connection: &Connection,
    merchant: &MerchantId,
    states: &[OrderState],
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    // Ids sort by their bytes here as in Rust. Without a starting point the range begins at the empty text, included.
    let sql = match after {
        Some(_) => {
            "SELECT record FROM orders WHERE merchant = ?1 AND state = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        }
        None => {
            "SELECT record FROM orders WHERE merchant = ?1 AND state = ?2 AND id >= ?3 ORDER BY id LIMIT ?4"
        }
    };
    let after = after.map_or("", SourceOrderId::as_str);
    let rows_wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    // One ordered index range per state, merged; a state named twice counts once.
    let mut records = BTreeMap::new();
    for state in states {
        let mut rows = statement.query((merchant.as_str(), state.as_str(), after, rows_wanted))?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            let record = read_record(&text)?;
            records.insert(record.id.clone(), record);
        }
    }
    Ok(records.into_values().take(limit).collect())
}

/// How many orders are in each state.
pub(crate) fn counts(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<BTreeMap<OrderState, u64>, Failure> {
    let sql = "SELECT state, count(*) FROM orders WHERE merchant = ?1 GROUP BY state";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([merchant.as_str()])?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let count: i64 = row.get(1)?;
        let state = OrderState::from_name(&name).ok_or_else(|| {
            Failure::Unreadable(format!(
                "{name} is no state of an order that this version knows"
            ))
        })?;
        counts.insert(state, count.unsigned_abs());
    }
    Ok(counts)
}

/// A token as a column value. The column is for people; the record holds the exact figure.
fn column(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

fn insert(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "INSERT INTO orders (merchant, id, reference, state, token, lease_until, due_at, accepted_at, captured_at, \
               changed_at, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    write(connection, sql, record)
}

/// Replaces a record; its id and merchant stay.
pub(crate) fn update(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "UPDATE orders SET reference = ?3, state = ?4, token = ?5, lease_until = ?6, due_at = ?7, accepted_at = ?8, \
               captured_at = ?9, changed_at = ?10, record = ?11 WHERE merchant = ?1 AND id = ?2";
    write(connection, sql, record)
}

fn write(connection: &Connection, sql: &str, record: &OrderRecord) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        record.reference.as_str(),
        record.state.as_str(),
        column(record.token),
        micros::of_optional(record.lease_until),
        micros::of_optional(record.due_at),
        micros::of_optional(record.accepted_at),
        micros::of(record.captured_at),
        micros::of(record.changed_at),
        json_text::write("the record of an order", record)?,
    ))?;
    Ok(())
}

/// Records orders seen for the first time.
pub(crate) fn capture(
    connection: &Connection,
    batch: &[NewOrder],
) -> Result<Vec<CaptureOutcome>, Failure> {
    batch
        .iter()
        .map(|new| capture_one(connection, new))
        .collect()
}

fn capture_one(connection: &Connection, new: &NewOrder) -> Result<CaptureOutcome, Failure> {
    let NewOrder {
        record,
        source,
        lines,
        ..
    } = new;
    if load(connection, &record.merchant, &record.id)?.is_some() {
        return Ok(CaptureOutcome::AlreadyKnown);
    }
    if by_reference(connection, &record.merchant, &record.reference)?.is_some() {
        return Ok(CaptureOutcome::ReferenceTaken);
    }
    let (next, entry) = apply(record, &Commit::captured(record)).map_err(Failure::Inconsistent)?;
    insert(connection, &next)?;
    timeline::append(connection, &next, &entry)?;
    payloads::save_source(connection, &next, &source.order)?;
    lines::replace(connection, &next, lines)?;
    Ok(CaptureOutcome::Recorded)
}

/// Notes the shop's versions of orders on record.
pub(crate) fn note_versions(
    connection: &Connection,
    merchant: &MerchantId,
    versions: Vec<(SourceOrderId, Option<String>)>,
) -> Result<(), Failure> {
    for (id, version) in versions {
        if let Some(mut record) = load(connection, merchant, &id)?
            && record.source_version != version
        {
            record.source_version = version;
            update(connection, &record)?;
        }
    }
    Ok(())
}

/// Applies a change to a record that is at hand, with its timeline entry.
pub(crate) fn step(
    connection: &Connection,
    record: &OrderRecord,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    let (next, entry) = match apply(record, commit) {
        Ok(applied) => applied,
        Err(refusal) => return Ok(Err(refusal)),
    };
    update(connection, &next)?;
    timeline::append(connection, &next, &entry)?;
    Ok(Ok(next))
}

/// Applies one change with everything that is stored with it. An order that is not on record is nobody's: fenced.
pub(crate) fn commit(
    connection: &Connection,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    let Some(record) = load(connection, &commit.merchant, &commit.id)? else {
        return Ok(Err(Refusal::Fenced));
    };
    let next = match step(connection, &record, commit)? {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(lines) = commit.lines_afterwards(&next) {
        lines::replace(connection, &next, &lines)?;
    }
    if let Some(copy) = &commit.source {
        payloads::save_source(connection, &next, &copy.order)?;
    }
    if let Some(intent) = &commit.intent {
        payloads::save_intent(connection, &next, intent)?;
    }
    for parcel in &commit.parcels {
        parcels::save(connection, &next, parcel)?;
    }
    if let Some(consignment) = &commit.consignment {
        parcels::save_consignment(connection, &next, consignment)?;
    }
    Ok(Ok(next))
}
