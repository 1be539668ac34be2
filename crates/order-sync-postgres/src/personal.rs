//! Personal data that is sealed, and that goes with a change: whether the store may be opened, which key is the one of today, and
//! what is erased of an order.

use deadpool_postgres::Object;
use order_mapping::{SalesOrder, SourceOrderId};
use order_sync::{
    Exception, ExceptionEntry, ExceptionSubject, MerchantId, OrderRecord, PersonalKind,
    PersonalPlace, Resealed, SealError, Sealing,
};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::{Transaction, for_merchant};
use crate::{dossiers, exceptions, json_text, key_text};

const SOURCE: &str = "the shop's copy of an order";
const PERSONAL: &str = "personal data of an order";

/// Begins the names in `meta` under which keys are noted: their number follows, and the value is name and proof.
const NOTED: &str = "sealing_key/";

/// Workers that start at once may note keys at the same time.
const TRIES: u32 = 10;

/// Compares the keys with those that the store was opened with before, and notes a new one.
pub(crate) async fn admit(client: &Object, schema: &str, sealing: &Sealing) -> Result<(), Failure> {
    let failed = |error| Failure::of_statement(error, false);
    let look =
        format!("SELECT value FROM {schema}.meta WHERE starts_with(name, '{NOTED}') ORDER BY name");
    let note = format!(
        "INSERT INTO {schema}.meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
    );
    for _ in 0..TRIES {
        let rows = client.query_typed(&look, &[]).await.map_err(failed)?;
        let mut known = Vec::with_capacity(rows.len());
        for row in &rows {
            let noted: &str = json_text::plain("a key of personal data", row, 0)?;
            known.extend(
                noted
                    .split_once(' ')
                    .map(|(id, proof)| (id.to_owned(), proof.to_owned())),
            );
        }
        let Some((id, proof)) = sealing.admit(&known)? else {
            return Ok(());
        };
        let (name, value) = (
            format!("{NOTED}{:06}", rows.len() + 1),
            format!("{id} {proof}"),
        );
        let noted = client
            .execute_typed(&note, &[(&name, Type::TEXT), (&value, Type::TEXT)])
            .await
            .map_err(failed)?;
        if noted == 1 {
            return Ok(());
        }
    }
    Err(Failure::Unreadable(
        "other workers kept noting keys of personal data; start again".to_owned(),
    ))
}

/// The writes that erase what is personal of an order. The transaction holds its lock.
pub(crate) async fn erase(
    transaction: &mut Transaction,
    record: &OrderRecord,
) -> Result<Vec<Query>, Failure> {
    let (merchant, order) = (&record.merchant, &record.id);
    let id = order.as_str();
    let facts = "SELECT facts FROM order_sources WHERE merchant = $1 AND order_id = $2";
    // Exceptions have no column for what they are about: it stands in their text, as it was written.
    let about = "SELECT exception FROM exceptions WHERE merchant = $1 AND (strpos(exception, $2) > 0 OR strpos(exception, $3) > 0)";
    let subject = json_text::write("a subject", &ExceptionSubject::order(order))?;
    let parcel = json_text::write("a subject", &ExceptionSubject::parcel(order, ""))?;
    let reads = vec![
        for_merchant(merchant),
        Query::of(merchant, facts).key(id),
        Query::of(merchant, about)
            .text(subject)
            .text(parcel.trim_end_matches('"')),
    ];
    let found = transaction.read(reads).await?;
    let [_, facts, about] = found.as_slice() else {
        return Ok(Vec::new());
    };
    let mut writes: Vec<Query> = [
        "DELETE FROM personal_keys WHERE merchant = $1 AND order_id = $2",
        "DELETE FROM order_personal WHERE merchant = $1 AND order_id = $2",
        "DELETE FROM intent_personal WHERE merchant = $1 AND order_id = $2",
        "UPDATE orders SET personal = false WHERE merchant = $1 AND id = $2",
    ]
    .into_iter()
    .map(|sql| Query::of(merchant, sql).key(id))
    .collect();
    if let Some(row) = facts.first() {
        let text: &str = json_text::plain(SOURCE, row, 0)?;
        let copy: SalesOrder = json_text::read(SOURCE, text)?;
        // A copy that comes with the same change is without its people already, and stays.
        let sql = "UPDATE order_sources SET facts = $3 WHERE merchant = $1 AND order_id = $2 AND facts = $4";
        let query = Query::of(merchant, sql).key(id);
        writes.push(
            query
                .text(json_text::write(SOURCE, &record.kept_source(&copy))?)
                .text(text),
        );
    }
    let about: Vec<Exception> = json_text::all(exceptions::EXCEPTION, about)?;
    let about: Vec<i64> = about
        .iter()
        .filter(|exception| exception.finding.subject.is_about(order))
        .map(|exception| i64::try_from(exception.number).unwrap_or(i64::MAX))
        .collect();
    if !about.is_empty() {
        let entries =
            "SELECT entry FROM exception_journal WHERE merchant = $1 AND number = ANY($2)";
        let reads = vec![Query::of(merchant, entries).numbers(about)];
        let rows = transaction.read(reads).await?.pop().unwrap_or_default();
        for mut entry in json_text::all::<ExceptionEntry>(exceptions::ENTRY, &rows)? {
            if entry.blank_note() {
                let sql =
                    "UPDATE exception_journal SET entry = $3 WHERE merchant = $1 AND sequence = $2";
                let sequence = i64::try_from(entry.sequence).unwrap_or(i64::MAX);
                let query = Query::of(merchant, sql).number(sequence);
                writes.push(query.text(json_text::write(exceptions::ENTRY, &entry)?));
            }
        }
    }
    Ok(writes)
}

/// Brings the personal data of a page of orders under the key of today.
pub(crate) async fn reseal(
    mut transaction: Transaction,
    merchant: &MerchantId,
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Resealed, Failure> {
    let sealing = transaction.sealing().clone();
    let page = "SELECT id FROM order_records WHERE merchant = $1 AND id >= $2 AND id IS DISTINCT FROM $3 \
                ORDER BY id LIMIT $4 FOR UPDATE";
    let page = Query::of(merchant, page)
        .key(after.map_or("", SourceOrderId::as_str))
        .optional_key(after.map(SourceOrderId::as_str))
        .limit(limit);
    let rows = transaction
        .read(vec![page])
        .await?
        .pop()
        .unwrap_or_default();
    let ids: Result<Vec<String>, Failure> = rows
        .iter()
        .map(|row| json_text::plain(dossiers::RECORD, row, 0))
        .collect();
    let ids = ids?;
    if ids.is_empty() || !sealing.is_on() {
        transaction.end().await?;
        return Ok(Resealed::default());
    }
    let reads = TABLES.map(|(table, column, kind)| {
        let sql = format!(
            "SELECT p.order_id, p.{column}, k.wrapped FROM {table} p LEFT JOIN personal_keys k \
             ON k.merchant = p.merchant AND k.order_id = p.order_id AND k.kind = '{}' \
             WHERE p.merchant = $1 AND p.order_id = ANY($2)",
            kind.as_str()
        );
        Query::of(merchant, sql).texts(ids.clone())
    });
    let found = transaction.read(reads.into()).await?;
    let (mut renewed, mut unopened) = (0, 0);
    let mut writes = Vec::new();
    for ((table, column, kind), rows) in TABLES.into_iter().zip(&found) {
        for row in rows {
            let id: &str = json_text::plain(PERSONAL, row, 0)?;
            let order = SourceOrderId::new(key_text::read(id));
            let place = PersonalPlace::new(merchant, &order, kind);
            match renewal(&sealing, place, row)? {
                Ok(None) => {}
                Ok(Some((text, key))) => {
                    renewed += 1;
                    if let Some(text) = text {
                        let sql = format!(
                            "UPDATE {table} SET {column} = $3 WHERE merchant = $1 AND order_id = $2"
                        );
                        writes.push(Query::of(merchant, sql).text(id).text(text));
                    }
                    let sql = "INSERT INTO personal_keys (merchant, order_id, kind, wrapped) VALUES ($1, $2, $3, $4) \
                               ON CONFLICT (merchant, order_id, kind) DO UPDATE SET wrapped = excluded.wrapped";
                    let query = Query::of(merchant, sql).text(id).text(kind.as_str());
                    writes.push(query.text(key));
                }
                Err(error) => {
                    dossiers::told("personal data under an older key", &error);
                    unopened += 1;
                }
            }
        }
    }
    transaction.finish(writes).await?;
    let last = ids.last().map(|id| SourceOrderId::new(key_text::read(id)));
    Ok(Resealed::new(renewed, unopened, last))
}

const TABLES: [(&str, &str, PersonalKind); 2] = [
    ("order_personal", "details", PersonalKind::Source),
    ("intent_personal", "recipient", PersonalKind::Recipient),
];

/// What to write for a row to come under the key of today: text, where it changes, and key.
type Written = Option<(Option<String>, String)>;

fn renewal(
    sealing: &Sealing,
    place: PersonalPlace<'_>,
    row: &Row,
) -> Result<Result<Written, SealError>, Failure> {
    let text: &str = json_text::plain(PERSONAL, row, 1)?;
    let key: Option<&str> = json_text::plain(PERSONAL, row, 2)?;
    let renewal = sealing.renew(place, text, key);
    Ok(renewal.map(|renewal| renewal.map(|renewal| (renewal.text, renewal.key))))
}
