//! A record with what belongs to it, in one statement.

use std::borrow::Cow;

use order_mapping::{FulfilmentOrder, SalesOrder};
use order_sync::{
    Dossier, LineProgress, MerchantId, OrderRecord, ParcelRecord, PersonalKind, PersonalPlace,
    Sealing, SourceCopy,
};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::json_text;
use crate::query::Query;

pub(crate) const RECORD: &str = "the record of an order";
const SOURCE: &str = "the shop's copy of an order";
const SOURCE_PERSONAL: &str = "the personal data of an order";
const INTENT: &str = "the payload of an order";
const INTENT_PERSONAL: &str = "the recipient of a payload";
const LINE: &str = "a line of an order";
const PARCEL: &str = "a parcel";

/// What is read with a record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct With {
    pub(crate) source: bool,
    pub(crate) intent: bool,
    pub(crate) lines: bool,
    pub(crate) parcels: bool,
}

/// Columns of a row `r` of `order_records`; the first five parameters are those of [`query`].
const COLUMNS: &str = "r.record, \
    CASE WHEN $2 THEN (SELECT s.facts FROM order_sources s WHERE s.merchant = $1 AND s.order_id = r.id) END, \
    CASE WHEN $2 THEN (SELECT p.details FROM order_personal p WHERE p.merchant = $1 AND p.order_id = r.id) END, \
    CASE WHEN $3 THEN (SELECT i.facts FROM order_intents i WHERE i.merchant = $1 AND i.order_id = r.id) END, \
    CASE WHEN $3 THEN (SELECT p.recipient FROM intent_personal p WHERE p.merchant = $1 AND p.order_id = r.id) END, \
    CASE WHEN $4 THEN ARRAY(SELECT l.line FROM order_lines l WHERE l.merchant = $1 AND l.order_id = r.id ORDER BY l.position) END, \
    CASE WHEN $5 THEN ARRAY(SELECT p.parcel FROM parcels p WHERE p.merchant = $1 AND p.order_id = r.id ORDER BY p.number) END";

/// What comes after [`COLUMNS`] where personal data is sealed: the wrapped keys of the two.
const KEYS: &str = "CASE WHEN $2 THEN (SELECT k.wrapped FROM personal_keys k \
    WHERE k.merchant = $1 AND k.order_id = r.id AND k.kind = 'source') END, \
    CASE WHEN $3 THEN (SELECT k.wrapped FROM personal_keys k \
    WHERE k.merchant = $1 AND k.order_id = r.id AND k.kind = 'recipient') END";

/// The columns that [`read`] reads.
pub(crate) fn columns(sealing: &Sealing) -> Cow<'static, str> {
    if sealing.is_on() {
        Cow::Owned(format!("{COLUMNS}, {KEYS}"))
    } else {
        Cow::Borrowed(COLUMNS)
    }
}

/// A statement that reads [`columns`].
pub(crate) fn query(merchant: &MerchantId, with: With, sql: String) -> Query {
    Query::of(merchant, sql)
        .flag(with.source)
        .flag(with.intent)
        .flag(with.lines)
        .flag(with.parcels)
}

/// What a row holds.
pub(crate) fn read(sealing: &Sealing, row: &Row) -> Result<Dossier, Failure> {
    let record: OrderRecord = json_text::column(RECORD, row, 0)?;
    let version = record.source_version.clone();
    let mut dossier = Dossier::new(record);
    if let Some(facts) = json_text::plain::<Option<&str>>(SOURCE, row, 1)? {
        let mut order: SalesOrder = json_text::read(SOURCE, facts)?;
        if let Some(personal) = json_text::plain::<Option<&str>>(SOURCE_PERSONAL, row, 2)? {
            let key = key(sealing, row, 7)?;
            match sealing.open(place(&dossier.record, PersonalKind::Source), personal, key) {
                Ok(personal) => order.personal = json_text::read(SOURCE_PERSONAL, &personal)?,
                Err(error) => dossier.unopened = Some(told(SOURCE_PERSONAL, &error)),
            }
        }
        dossier.source = Some(SourceCopy::new(order, version));
    }
    if let Some(facts) = json_text::plain::<Option<&str>>(INTENT, row, 3)? {
        let mut intent: FulfilmentOrder = json_text::read(INTENT, facts)?;
        if let Some(recipient) = json_text::plain::<Option<&str>>(INTENT_PERSONAL, row, 4)? {
            let key = key(sealing, row, 8)?;
            let place = place(&dossier.record, PersonalKind::Recipient);
            match sealing.open(place, recipient, key) {
                Ok(recipient) => intent.recipient = json_text::read(INTENT_PERSONAL, &recipient)?,
                Err(error) => dossier.unopened = Some(told(INTENT_PERSONAL, &error)),
            }
        }
        dossier.intent = Some(intent);
    }
    if let Some(lines) = json_text::plain::<Option<Vec<&str>>>(LINE, row, 5)? {
        dossier.lines = texts::<LineProgress>(LINE, &lines)?;
    }
    if let Some(parcels) = json_text::plain::<Option<Vec<&str>>>(PARCEL, row, 6)? {
        dossier.parcels = texts::<ParcelRecord>(PARCEL, &parcels)?;
    }
    Ok(dossier)
}

/// The wrapped key in a column of [`KEYS`].
fn key<'a>(sealing: &Sealing, row: &'a Row, column: usize) -> Result<Option<&'a str>, Failure> {
    if sealing.is_on() {
        json_text::plain("a key of personal data", row, column)
    } else {
        Ok(None)
    }
}

fn place(record: &OrderRecord, kind: PersonalKind) -> PersonalPlace<'_> {
    PersonalPlace::new(&record.merchant, &record.id, kind)
}

/// Says that sealed data does not open; its order reads on as if it were erased.
pub(crate) fn told(what: &str, error: &order_sync::SealError) -> String {
    let why = format!("{what} does not open: {error}");
    tracing::error!("{why}");
    why
}

fn texts<T: for<'a> serde::Deserialize<'a>>(what: &str, texts: &[&str]) -> Result<Vec<T>, Failure> {
    texts
        .iter()
        .map(|text| json_text::read(what, text))
        .collect()
}
