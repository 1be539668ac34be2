//! The shop's copy and the prepared payload of an order: facts in one table, personal data in another, put together on load.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use order_mapping::{FulfilmentOrder, PersonalDetails, Recipient, SalesOrder, SourceOrderId};
use order_sync::{
    MerchantId, OrderRecord, PersonalKind, PersonalPlace, Resealed, SealError, Sealing,
};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::order_row::OrderRow;
use crate::{exceptions, json_text, micros};

const SOURCE: &str = "the shop's copy of an order";
const SOURCE_PERSONAL: &str = "the personal data of an order";
const INTENT: &str = "the payload of an order";
const INTENT_PERSONAL: &str = "the recipient of a payload";

/// A value of an order as it is on record: without its people where they are sealed and do not open, and why.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    pub(crate) value: T,
    pub(crate) unopened: Option<String>,
}

fn save(connection: &Connection, sql: &str, number: i64, text: &str) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((number, text))?;
    Ok(())
}

/// The place of personal data of an order.
fn place(record: &OrderRecord, kind: PersonalKind) -> PersonalPlace<'_> {
    PersonalPlace::new(&record.merchant, &record.id, kind)
}

/// Keeps a text of personal data, sealed where there is a key, with its own key apart.
fn save_personal(
    connection: &Connection,
    sealing: &Sealing,
    place: PersonalPlace<'_>,
    number: i64,
    sql: &str,
    text: String,
) -> Result<(), Failure> {
    let sealed = sealing.seal(place, text)?;
    save(connection, sql, number, &sealed.text)?;
    match sealed.key {
        Some(key) => keep_key(connection, number, place.kind, &key),
        None => Ok(()),
    }
}

fn keep_key(
    connection: &Connection,
    number: i64,
    kind: PersonalKind,
    key: &str,
) -> Result<(), Failure> {
    let sql = "INSERT INTO personal_keys (order_number, kind, wrapped) VALUES (?1, ?2, ?3) \
               ON CONFLICT (order_number, kind) DO UPDATE SET wrapped = excluded.wrapped";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute((number, kind.as_str(), key))?;
    Ok(())
}

fn destroy_key(
    connection: &Connection,
    sealing: &Sealing,
    number: i64,
    kind: PersonalKind,
) -> Result<(), Failure> {
    if sealing.is_on() {
        let sql = "DELETE FROM personal_keys WHERE order_number = ?1 AND kind = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute((number, kind.as_str()))?;
    }
    Ok(())
}

/// Whether the shop's copy of an order has personal data.
pub(crate) fn is_personal(order: &SalesOrder) -> bool {
    order.personal != PersonalDetails::default()
}

/// Notes that an order has personal data.
fn mark_personal(connection: &Connection, row: &mut OrderRow) -> Result<(), Failure> {
    if !row.personal {
        let sql = "UPDATE orders SET personal = 1 WHERE number = ?1";
        connection.prepare_cached(sql)?.execute([row.number])?;
        row.personal = true;
    }
    Ok(())
}

/// Takes a row of personal data away, and notes whether the order still has another one.
fn remove_personal(connection: &Connection, sql: &str, row: &mut OrderRow) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute([row.number])?;
    let sql = "UPDATE orders SET personal = \
               EXISTS (SELECT 1 FROM order_personal WHERE order_number = ?1) \
               OR EXISTS (SELECT 1 FROM intent_personal WHERE order_number = ?1) \
               WHERE number = ?1 RETURNING personal";
    let mut statement = connection.prepare_cached(sql)?;
    row.personal = statement.query_row([row.number], |row| row.get(0))?;
    Ok(())
}

/// Keeps the shop's copy of an order that was captured just now; the row of the order says whether it has personal data.
pub(crate) fn insert_source(
    connection: &Connection,
    sealing: &Sealing,
    number: i64,
    record: &OrderRecord,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (order_number, facts) VALUES (?1, ?2)";
    save(connection, facts, number, &json_text::write(SOURCE, order)?)?;
    if is_personal(order) {
        let personal = "INSERT INTO order_personal (order_number, details) VALUES (?1, ?2)";
        let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
        let place = place(record, PersonalKind::Source);
        save_personal(connection, sealing, place, number, personal, text)?;
    }
    Ok(())
}

/// Replaces the shop's copy.
pub(crate) fn save_source(
    connection: &Connection,
    sealing: &Sealing,
    row: &mut OrderRow,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (order_number, facts) VALUES (?1, ?2) \
                 ON CONFLICT (order_number) DO UPDATE SET facts = excluded.facts";
    let text = json_text::write(SOURCE, order)?;
    save(connection, facts, row.number, &text)?;
    if !is_personal(order) {
        let gone = "DELETE FROM order_personal WHERE order_number = ?1";
        destroy_key(connection, sealing, row.number, PersonalKind::Source)?;
        return remove_personal(connection, gone, row);
    }
    let personal = "INSERT INTO order_personal (order_number, details) VALUES (?1, ?2) \
                    ON CONFLICT (order_number) DO UPDATE SET details = excluded.details";
    let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
    let place = place(&row.record, PersonalKind::Source);
    save_personal(connection, sealing, place, row.number, personal, text)?;
    mark_personal(connection, row)
}

/// Keeps the prepared payload.
pub(crate) fn save_intent(
    connection: &Connection,
    sealing: &Sealing,
    row: &mut OrderRow,
    intent: &FulfilmentOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_intents (order_number, facts) VALUES (?1, ?2) \
                 ON CONFLICT (order_number) DO UPDATE SET facts = excluded.facts";
    let text = json_text::write(INTENT, intent)?;
    save(connection, facts, row.number, &text)?;
    if intent.recipient == Recipient::erased() {
        let gone = "DELETE FROM intent_personal WHERE order_number = ?1";
        destroy_key(connection, sealing, row.number, PersonalKind::Recipient)?;
        return remove_personal(connection, gone, row);
    }
    let personal = "INSERT INTO intent_personal (order_number, recipient) VALUES (?1, ?2) \
                    ON CONFLICT (order_number) DO UPDATE SET recipient = excluded.recipient";
    let text = json_text::write(INTENT_PERSONAL, &intent.recipient)?;
    let place = place(&row.record, PersonalKind::Recipient);
    save_personal(connection, sealing, place, row.number, personal, text)?;
    mark_personal(connection, row)
}

/// A text column that may be missing; not copied.
fn optional<'a>(row: &'a Row<'_>, column: usize, what: &str) -> Result<Option<&'a str>, Failure> {
    row.get_ref(column)?
        .as_str_or_null()
        .map_err(|_| Failure::Unreadable(format!("{what} is no text")))
}

/// Where the facts of a payload lie, and where its people.
struct Tables {
    facts: &'static str,
    personal: &'static str,
    column: &'static str,
    kind: PersonalKind,
}

const SOURCES: Tables = Tables {
    facts: "order_sources",
    personal: "order_personal",
    column: "details",
    kind: PersonalKind::Source,
};
const INTENTS: Tables = Tables {
    facts: "order_intents",
    personal: "intent_personal",
    column: "recipient",
    kind: PersonalKind::Recipient,
};

impl Tables {
    /// The statement that reads id, facts and personal data of several orders; and the wrapped keys, where there are any.
    fn select(&self, sealing: &Sealing) -> String {
        let Self {
            facts,
            personal,
            column,
            kind,
        } = self;
        let (key, keys) = if sealing.is_on() {
            let kind = kind.as_str();
            let keys = format!(
                "LEFT JOIN personal_keys k ON k.order_number = o.number AND k.kind = '{kind}' "
            );
            ("k.wrapped", keys)
        } else {
            ("NULL", String::new())
        };
        format!(
            "SELECT o.id, f.facts, p.{column}, {key} FROM orders o JOIN {facts} f ON f.order_number = o.number \
             LEFT JOIN {personal} p ON p.order_number = o.number {keys}\
             WHERE o.merchant = ?1 AND o.id IN (SELECT value FROM json_each(?2))"
        )
    }
}

/// The payloads of several orders; `with` puts facts and personal data together.
fn several<T: DeserializeOwned, P: DeserializeOwned>(
    connection: &Connection,
    sealing: &Sealing,
    tables: &Tables,
    (what, what_personal): (&str, &str),
    (merchant, ids): (&MerchantId, &str),
    with: impl Fn(&mut T, P),
) -> Result<HashMap<SourceOrderId, Kept<T>>, Failure> {
    let mut statement = connection.prepare_cached(&tables.select(sealing))?;
    let mut rows = statement.query((merchant.as_str(), ids))?;
    let mut kept = HashMap::new();
    while let Some(row) = rows.next()? {
        let id = SourceOrderId::new(row.get::<_, String>(0)?);
        let mut value: T = json_text::read_column(what, row, 1)?;
        let mut unopened = None;
        if let Some(text) = optional(row, 2, what_personal)? {
            let key = optional(row, 3, what_personal)?;
            let place = PersonalPlace::new(merchant, &id, tables.kind);
            match sealing.open(place, text, key) {
                Ok(text) => with(&mut value, json_text::read(what_personal, &text)?),
                Err(error) => unopened = Some(told(what_personal, &error)),
            }
        }
        kept.insert(id, Kept { value, unopened });
    }
    Ok(kept)
}

/// Says that sealed data does not open; its order reads on as if it were erased.
fn told(what: &str, error: &SealError) -> String {
    let why = format!("{what} does not open: {error}");
    tracing::error!("{why}");
    why
}

/// The shop's copies of several orders ([`json_text::list_of`]); without personal data where that was erased.
pub(crate) fn sources_of(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Kept<SalesOrder>>, Failure> {
    let whats = (SOURCE, SOURCE_PERSONAL);
    let with = |order: &mut SalesOrder, personal| order.personal = personal;
    several(connection, sealing, &SOURCES, whats, (merchant, ids), with)
}

/// The prepared payloads of several orders ([`json_text::list_of`]); with an erased recipient where that was erased.
pub(crate) fn intents_of(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Kept<FulfilmentOrder>>, Failure> {
    let whats = (INTENT, INTENT_PERSONAL);
    let with = |order: &mut FulfilmentOrder, recipient| order.recipient = recipient;
    several(connection, sealing, &INTENTS, whats, (merchant, ids), with)
}

/// Brings the personal data of a page of orders under the key of today.
pub(crate) fn reseal(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Resealed, Failure> {
    if !sealing.is_on() {
        return Ok(Resealed::default());
    }
    overwriting(connection, || {
        reseal_page(connection, sealing, merchant, after, limit)
    })
}

fn reseal_page(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Resealed, Failure> {
    let sql = "SELECT number, id FROM orders WHERE merchant = ?1 AND id >= ?2 AND id IS NOT ?3 AND personal = 1 \
               ORDER BY id LIMIT ?4";
    let params = (
        merchant.as_str(),
        after.map_or("", SourceOrderId::as_str),
        after.map(SourceOrderId::as_str),
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut orders: Vec<(i64, SourceOrderId)> = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push((row.get(0)?, SourceOrderId::new(row.get::<_, String>(1)?)));
    }
    let (mut renewed, mut unopened) = (0, 0);
    for (number, id) in &orders {
        for tables in [SOURCES, INTENTS] {
            let place = PersonalPlace::new(merchant, id, tables.kind);
            match renew(connection, sealing, &tables, place, *number)? {
                Ok(done) => renewed += u64::from(done),
                Err(_) => unopened += 1,
            }
        }
    }
    let last = orders.pop().map(|(_, id)| id);
    Ok(Resealed::new(renewed, unopened, last))
}

/// Brings one row under the key of today; `false`: it is, or there is none.
fn renew(
    connection: &Connection,
    sealing: &Sealing,
    tables: &Tables,
    place: PersonalPlace<'_>,
    number: i64,
) -> Result<Result<bool, SealError>, Failure> {
    let Tables {
        personal, column, ..
    } = tables;
    let sql = format!(
        "SELECT p.{column}, k.wrapped FROM {personal} p \
         LEFT JOIN personal_keys k ON k.order_number = p.order_number AND k.kind = ?2 WHERE p.order_number = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let row = statement
        .query_row((number, place.kind.as_str()), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let Some((text, key)) = row else {
        return Ok(Ok(false));
    };
    let renewal = match sealing.renew(place, &text, key.as_deref()) {
        Ok(Some(renewal)) => renewal,
        Ok(None) => return Ok(Ok(false)),
        Err(error) => {
            told("personal data under an older key", &error);
            return Ok(Err(error));
        }
    };
    if let Some(text) = renewal.text {
        let sql = format!("UPDATE {personal} SET {column} = ?2 WHERE order_number = ?1");
        save(connection, &sql, number, &text)?;
    }
    keep_key(connection, number, place.kind, &renewal.key)?;
    Ok(Ok(true))
}

/// Runs something after which what it deletes or replaces is overwritten in the file, and not only let go.
fn overwriting<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    connection.pragma_update(None, "secure_delete", "ON")?;
    let done = work();
    connection.pragma_update(None, "secure_delete", "FAST")?;
    done
}

/// Erases everything personal of an order, as its record says: `row` holds the record as it is from now on.
pub(crate) fn erase_order(
    connection: &Connection,
    sealing: &Sealing,
    row: &mut OrderRow,
) -> Result<(), Failure> {
    overwriting(connection, || {
        destroy(connection, &[row.number])?;
        row.personal = false;
        let (merchant, id) = (&row.record.merchant, &row.record.id);
        let ids = json_text::list_of([id]);
        let kept = sources_of(connection, sealing, merchant, &ids)?.remove(id);
        if let Some(Kept { value, .. }) = kept {
            let facts = "UPDATE order_sources SET facts = ?2 WHERE order_number = ?1";
            let text = json_text::write(SOURCE, &row.record.kept_source(&value))?;
            save(connection, facts, row.number, &text)?;
        }
        exceptions::blank_notes(connection, merchant, id)
    })
}

/// Destroys the rows of personal data of some orders, and their keys.
fn destroy(connection: &Connection, numbers: &[i64]) -> Result<(), Failure> {
    for sql in [
        "DELETE FROM personal_keys WHERE order_number = ?1",
        "DELETE FROM order_personal WHERE order_number = ?1",
        "DELETE FROM intent_personal WHERE order_number = ?1",
        "UPDATE orders SET personal = 0 WHERE number = ?1",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        for number in numbers {
            statement.execute([number])?;
        }
    }
    Ok(())
}

/// Erases the personal data of settled orders, those that settled first first. Returns of how many.
pub(crate) fn erase(
    connection: &Connection,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    overwriting(connection, || {
        erase_due(connection, merchant, settled_before, limit)
    })
}

const SETTLED: &str = "SELECT number FROM orders WHERE merchant = ?1 AND personal = 1 AND settled_at < ?2 \
                       ORDER BY settled_at LIMIT ?3";

fn erase_due(
    connection: &Connection,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut due: Vec<i64> = Vec::new();
    let mut statement = connection.prepare_cached(SETTLED)?;
    let mut rows = statement.query((merchant.as_str(), micros::of(settled_before), limit))?;
    while let Some(row) = rows.next()? {
        due.push(row.get(0)?);
    }
    destroy(connection, &due)?;
    Ok(due.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn what_is_due_for_erasure_is_found_by_its_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection, DateTime::UNIX_EPOCH).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {SETTLED}");
        let plan: String = connection
            .query_row(&sql, ("m", 1, 1), |row| row.get(3))
            .unwrap();
        assert!(plan.contains("COVERING INDEX orders_settled"), "{plan}");
    }
}
