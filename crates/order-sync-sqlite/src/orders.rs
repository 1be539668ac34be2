//! Orders: found by their names, and changed with everything that is stored with a change.

use std::collections::{BTreeMap, HashMap};

use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::{
    CaptureOutcome, Commit, MerchantId, NewOrder, OrderRecord, Refusal, Sealing, SourceCopy, apply,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::order_row::{self, OrderRow, RECORD};
use crate::{json_text, lines, parcel_tracking, parcels, payloads, timeline};

/// One record, by the id it was captured with.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<OrderRecord>, Failure> {
    Ok(order_row::of(connection, merchant, id)?.map(|row| row.record))
}

/// The record that owns a client reference, or owned it once.
pub(crate) fn by_reference(
    connection: &Connection,
    merchant: &MerchantId,
    reference: &ClientOrderRef,
) -> Result<Option<OrderRecord>, Failure> {
    let sql = "SELECT o.record FROM order_references r JOIN orders o ON o.number = r.order_number \
               WHERE r.merchant = ?1 AND r.reference = ?2";
    let params = (merchant.as_str(), reference.as_str());
    json_text::read_one(connection, RECORD, sql, params)
}

/// The records that own these client references, or owned them once, by the reference asked for.
pub(crate) fn by_references(
    connection: &Connection,
    merchant: &MerchantId,
    references: &[ClientOrderRef],
) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, Failure> {
    let asked: HashMap<&str, &ClientOrderRef> = references
        .iter()
        .map(|reference| (reference.as_str(), reference))
        .collect();
    let sql = "SELECT r.reference, o.record FROM order_references r \
               JOIN orders o ON o.number = r.order_number \
               WHERE r.merchant = ?1 AND r.reference IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let list = json_text::list(asked.keys().copied());
    let mut rows = statement.query((merchant.as_str(), list))?;
    let mut owners = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let reference: String = row.get(0)?;
        let record = json_text::read_column(RECORD, row, 1)?;
        if let Some(reference) = asked.get(reference.as_str()) {
            owners.insert((*reference).clone(), record);
        }
    }
    Ok(owners)
}

/// Those of these ids that are on record, also by a name that an order got later.
pub(crate) fn known(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &[SourceOrderId],
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let mut known = of_ids(connection, merchant, &json_text::list_of(ids))?;
    let others: Vec<&SourceOrderId> = ids.iter().filter(|id| !known.contains_key(*id)).collect();
    if others.is_empty() {
        return Ok(known);
    }
    let sql = "SELECT n.name, o.record FROM order_names n JOIN orders o ON o.number = n.order_number \
               WHERE n.merchant = ?1 AND n.name IN (SELECT value FROM json_each(?2))";
    let others = json_text::list_of(others);
    let named = json_text::read_by_order(connection, RECORD, sql, merchant, &others)?;
    known.extend(
        named
            .into_iter()
            .filter_map(|(id, mut found)| found.pop().map(|record| (id, record))),
    );
    Ok(known)
}

/// The records of several orders ([`json_text::list_of`]), by the ids they were captured with.
pub(crate) fn of_ids(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let rows = order_row::of_ids(connection, merchant, ids)?;
    Ok(rows.into_iter().map(|(id, row)| (id, row.record)).collect())
}

/// Keeps a record that is not there yet, with its reference; returns its number.
pub(crate) fn insert(
    connection: &Connection,
    record: &OrderRecord,
    personal: bool,
) -> Result<i64, Failure> {
    let number = order_row::insert(connection, record, personal)?;
    save_reference(connection, number, record)?;
    Ok(number)
}

/// Keeps the reference that an order has now, for ever.
fn save_reference(
    connection: &Connection,
    number: i64,
    record: &OrderRecord,
) -> Result<(), Failure> {
    let sql =
        "INSERT INTO order_references (merchant, reference, order_number) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.reference.as_str(),
        number,
    ))?;
    Ok(())
}

fn is_taken(
    connection: &Connection,
    merchant: &MerchantId,
    reference: &ClientOrderRef,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM order_references WHERE merchant = ?1 AND reference = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), reference.as_str()))?)
}

/// Whether an order is on record under this id or name.
fn is_known(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM orders WHERE merchant = ?1 AND id = ?2 \
               UNION ALL SELECT 1 FROM order_names WHERE merchant = ?1 AND name = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), id.as_str()))?)
}

/// Gives an order another id by which it is found from now on.
fn save_name(connection: &Connection, row: &OrderRow, name: &SourceOrderId) -> Result<(), Failure> {
    let sql = "INSERT INTO order_names (merchant, name, order_number) VALUES (?1, ?2, ?3) \
               ON CONFLICT (merchant, name) DO UPDATE SET order_number = excluded.order_number";
    connection.prepare_cached(sql)?.execute((
        row.record.merchant.as_str(),
        name.as_str(),
        row.number,
    ))?;
    Ok(())
}

/// Records orders seen for the first time.
pub(crate) fn capture(
    connection: &Connection,
    sealing: &Sealing,
    batch: &[NewOrder],
) -> Result<Vec<CaptureOutcome>, Failure> {
    batch
        .iter()
        .map(|new| capture_one(connection, sealing, new))
        .collect()
}

fn capture_one(
    connection: &Connection,
    sealing: &Sealing,
    new: &NewOrder,
) -> Result<CaptureOutcome, Failure> {
    let NewOrder {
        record,
        source,
        lines,
        ..
    } = new;
    if is_known(connection, &record.merchant, &record.id)? {
        return Ok(CaptureOutcome::AlreadyKnown);
    }
    if is_taken(connection, &record.merchant, &record.reference)? {
        return Ok(CaptureOutcome::ReferenceTaken);
    }
    let (next, entry) = apply(record, &Commit::captured(record)).map_err(Failure::Inconsistent)?;
    let number = insert(connection, &next, payloads::is_personal(&source.order))?;
    if let Some(entry) = entry {
        timeline::append(connection, number, &entry)?;
    }
    payloads::insert_source(connection, sealing, number, &next, &source.order)?;
    lines::insert(connection, number, lines)?;
    Ok(CaptureOutcome::Recorded)
}

/// Notes the shop's versions of orders on record.
pub(crate) fn note_versions(
    connection: &Connection,
    merchant: &MerchantId,
    versions: &[(SourceOrderId, Option<String>)],
) -> Result<(), Failure> {
    let ids = json_text::list_of(versions.iter().map(|(id, _)| id));
    let mut known = order_row::of_ids(connection, merchant, &ids)?;
    for (id, version) in versions {
        if let Some(row) = known.get_mut(id)
            && row.record.source_version != *version
        {
            let mut next = row.record.clone();
            next.source_version.clone_from(version);
            order_row::update(connection, row, &next)?;
            row.record = next;
        }
    }
    Ok(())
}

/// The shop's copy, in the version that is on record; without personal data where that was erased.
pub(crate) fn source_copy(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<SourceCopy>, Failure> {
    let Some(record) = load(connection, merchant, id)? else {
        return Ok(None);
    };
    let ids = json_text::list_of([id]);
    let mut orders = payloads::sources_of(connection, sealing, merchant, &ids)?;
    Ok(orders
        .remove(id)
        .map(|kept| SourceCopy::new(kept.value, record.source_version)))
}

/// Applies a change to a record that is at hand, with its timeline entry where it has one. `record` is that of the row, or the same
/// with a lease that is taken by this step.
pub(crate) fn step(
    connection: &Connection,
    row: &OrderRow,
    record: &OrderRecord,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    let (next, entry) = match apply(record, commit) {
        Ok(applied) => applied,
        Err(refusal) => return Ok(Err(refusal)),
    };
    order_row::update(connection, row, &next)?;
    if let Some(entry) = entry {
        timeline::append(connection, row.number, &entry)?;
    }
    Ok(Ok(next))
}

/// Applies one change with everything that is stored with it. An order that is not on record is nobody's: fenced. A refused change
/// has written nothing, so that others can be applied in the same transaction.
pub(crate) fn commit(
    connection: &Connection,
    sealing: &Sealing,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    if let Some(reference) = &commit.new_reference
        && is_taken(connection, &commit.merchant, reference)?
    {
        return Ok(Err(Refusal::ReferenceTaken));
    }
    let Some(mut row) = order_row::of(connection, &commit.merchant, &commit.id)? else {
        return Ok(Err(Refusal::Fenced));
    };
    let next = match step(connection, &row, &row.record, commit)? {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if commit.new_reference.is_some() {
        save_reference(connection, row.number, &next)?;
    }
    if let Some(name) = &commit.renamed {
        save_name(connection, &row, name)?;
    }
    if let Some(lines) = commit.lines_afterwards(&next) {
        lines::replace(connection, row.number, &lines)?;
    }
    let erases = next.is_erased_since(&row.record);
    row.record = next;
    if let Some(copy) = &commit.source {
        let kept = row.record.kept_source(&copy.order);
        payloads::save_source(connection, sealing, &mut row, &kept)?;
    }
    if let Some(intent) = &commit.intent {
        let kept = row.record.kept_intent(intent);
        payloads::save_intent(connection, sealing, &mut row, &kept)?;
    }
    if erases {
        payloads::erase_order(connection, sealing, &mut row)?;
    }
    let next = row.record;
    for parcel in &commit.parcels {
        parcels::save(connection, row.number, parcel)?;
    }
    if let Some(consignment) = &commit.consignment {
        parcels::save_consignment(connection, row.number, consignment)?;
    }
    for tracking in &commit.tracking {
        parcel_tracking::save(connection, &next, tracking)?;
    }
    if let Some(receipt) = &commit.returned {
        parcels::save_return(connection, row.number, receipt)?;
    }
    Ok(Ok(next))
}

/// Applies several changes, each as [`commit`] would.
pub(crate) fn commit_all(
    connection: &Connection,
    sealing: &Sealing,
    commits: &[Commit],
) -> Result<Vec<Result<OrderRecord, Refusal>>, Failure> {
    commits
        .iter()
        .map(|one| commit(connection, sealing, one))
        .collect()
}
