//! The shop's copy and the prepared payload of an order: facts in one table, personal data in another, put together on load.

use order_mapping::{FulfilmentOrder, SalesOrder, SourceOrderId};
use order_sync::{MerchantId, OrderRecord, SourceCopy};
use rusqlite::{Connection, OptionalExtension as _};

use crate::failure::Failure;
use crate::{json_text, orders};

const SOURCE: &str = "the shop's copy of an order";
const SOURCE_PERSONAL: &str = "the personal data of an order";
const INTENT: &str = "the payload of an order";
const INTENT_PERSONAL: &str = "the recipient of a payload";

fn save(
    connection: &Connection,
    sql: &str,
    record: &OrderRecord,
    text: String,
) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        text,
    ))?;
    Ok(())
}

fn text(
    connection: &Connection,
    sql: &str,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<String>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row((merchant.as_str(), id.as_str()), |row| row.get(0))
        .optional()?)
}

/// Keeps the shop's copy.
pub(crate) fn save_source(
    connection: &Connection,
    record: &OrderRecord,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (merchant, order_id, facts) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (merchant, order_id) DO UPDATE SET facts = excluded.facts";
    save(connection, facts, record, json_text::write(SOURCE, order)?)?;
    let personal = "INSERT INTO order_personal (merchant, order_id, details) VALUES (?1, ?2, ?3) \
                    ON CONFLICT (merchant, order_id) DO UPDATE SET details = excluded.details";
    save(
        connection,
        personal,
        record,
        json_text::write(SOURCE_PERSONAL, &order.personal)?,
    )
}

/// The shop's copy, in the version that is on record; without personal data where that was erased.
pub(crate) fn source_copy(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<SourceCopy>, Failure> {
    let Some(record) = orders::load(connection, merchant, id)? else {
        return Ok(None);
    };
    let facts = "SELECT facts FROM order_sources WHERE merchant = ?1 AND order_id = ?2";
    let Some(facts) = text(connection, facts, merchant, id)? else {
        return Ok(None);
    };
    let mut order: SalesOrder = json_text::read(SOURCE, &facts)?;
    let personal = "SELECT details FROM order_personal WHERE merchant = ?1 AND order_id = ?2";
    if let Some(personal) = text(connection, personal, merchant, id)? {
        order.personal = json_text::read(SOURCE_PERSONAL, &personal)?;
    }
    Ok(Some(SourceCopy::new(order, record.source_version)))
}

/// Keeps the prepared payload.
pub(crate) fn save_intent(
    connection: &Connection,
    record: &OrderRecord,
    intent: &FulfilmentOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_intents (merchant, order_id, facts) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (merchant, order_id) DO UPDATE SET facts = excluded.facts";
    save(connection, facts, record, json_text::write(INTENT, intent)?)?;
    let personal = "INSERT INTO intent_personal (merchant, order_id, recipient) VALUES (?1, ?2, ?3) \
                    ON CONFLICT (merchant, order_id) DO UPDATE SET recipient = excluded.recipient";
    save(
        connection,
        personal,
        record,
        json_text::write(INTENT_PERSONAL, &intent.recipient)?,
    )
}

/// The prepared payload; with an erased recipient where that was erased.
pub(crate) fn intent(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<FulfilmentOrder>, Failure> {
    let facts = "SELECT facts FROM order_intents WHERE merchant = ?1 AND order_id = ?2";
    let Some(facts) = text(connection, facts, merchant, id)? else {
        return Ok(None);
    };
    let mut order: FulfilmentOrder = json_text::read(INTENT, &facts)?;
    let personal = "SELECT recipient FROM intent_personal WHERE merchant = ?1 AND order_id = ?2";
    if let Some(personal) = text(connection, personal, merchant, id)? {
        order.recipient = json_text::read(INTENT_PERSONAL, &personal)?;
    }
    Ok(Some(order))
}
