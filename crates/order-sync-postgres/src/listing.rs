//! Orders by state, in pages, and how many there are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{Dossier, MerchantId, OrderQuery, OrderRecord, OrderState, StateCount};

use crate::dossiers::{self, RECORD, With};
use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::{Transaction, along_indexes};
use crate::{json_text, orders};

/// The table that holds the orders in these states: where none of them is at its end, the months need not be looked through.
fn table(states: &[OrderState]) -> &'static str {
    if !states.is_empty() && states.iter().all(|state| !state.is_settled()) {
        "orders_open"
    } else {
        "orders"
    }
}

fn names(states: &[OrderState]) -> Vec<String> {
    let mut names: Vec<String> = states
        .iter()
        .map(|state| state.as_str().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The statement for a page: the ids from one ordered range of an index per state, and then what is asked for of those.
pub(crate) fn page(states: &[OrderState], columns: &str) -> String {
    let table = table(states);
    // No id comes before the empty text, which a page without a beginning includes.
    let page = |state: &str| {
        format!(
            "SELECT id FROM {table} WHERE merchant = $1 {state} AND id >= $6 AND id IS DISTINCT FROM $7 \
             AND captured_at >= coalesce($8, '-infinity') ORDER BY id LIMIT $9"
        )
    };
    let ids = if states.is_empty() {
        page("AND cardinality($10::text[]) = 0")
    } else {
        let of_one = page("AND state = s.state");
        format!(
            "SELECT p.id FROM unnest($10::text[]) s(state) CROSS JOIN LATERAL ({of_one}) p ORDER BY p.id LIMIT $9"
        )
    };
    format!(
        "SELECT {columns} FROM ({ids}) o \
         CROSS JOIN LATERAL (SELECT id, record FROM order_records WHERE merchant = $1 AND id = o.id OFFSET 0) r ORDER BY o.id"
    )
}

async fn read(
    transaction: Transaction,
    merchant: &MerchantId,
    states: &[OrderState],
    (after, captured_since): (Option<&SourceOrderId>, Option<DateTime<Utc>>),
    limit: usize,
    with: With,
) -> Result<Vec<Dossier>, Failure> {
    let sealing = transaction.sealing().clone();
    let columns = dossiers::columns(&sealing);
    let query = dossiers::query(merchant, with, page(states, &columns))
        .key(after.map_or("", SourceOrderId::as_str))
        .optional_key(after.map(SourceOrderId::as_str))
        .optional_moment(captured_since)
        .limit(limit)
        .texts(names(states));
    let mut answers = transaction.look(vec![along_indexes(), query]).await?;
    let rows = answers.pop().unwrap_or_default();
    rows.iter()
        .map(|row| dossiers::read(&sealing, row))
        .collect()
}

/// Records in some states, by id.
pub(crate) async fn in_states(
    transaction: Transaction,
    merchant: &MerchantId,
    states: &[OrderState],
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let page = (after, None);
    let dossiers = read(transaction, merchant, states, page, limit, With::default()).await?;
    Ok(dossiers.into_iter().map(|dossier| dossier.record).collect())
}

/// Everything on record of the orders that a query names, as far as it asks for it.
pub(crate) async fn scan(
    transaction: Transaction,
    merchant: &MerchantId,
    query: &OrderQuery,
) -> Result<Vec<Dossier>, Failure> {
    let with = With {
        source: query.with_source,
        intent: query.with_intent,
        lines: query.with_lines,
        parcels: query.with_parcels,
    };
    let page = (query.after.as_ref(), query.captured_since);
    read(
        transaction,
        merchant,
        &query.states,
        page,
        query.limit,
        with,
    )
    .await
}

/// How many orders are in each of these states, and since when the longest of them waits.
pub(crate) async fn counts(
    transaction: Transaction,
    merchant: &MerchantId,
    states: &[OrderState],
) -> Result<BTreeMap<OrderState, StateCount>, Failure> {
    let sql = format!(
        "SELECT state, count(*), min(changed_at) FROM {} WHERE merchant = $1 AND state = ANY($2) GROUP BY state",
        table(states)
    );
    let query = Query::of(merchant, sql).texts(names(states));
    let mut counts = BTreeMap::new();
    for row in orders::rows(transaction, query).await? {
        let state: &str = json_text::plain(RECORD, &row, 0)?;
        let orders: i64 = json_text::plain(RECORD, &row, 1)?;
        let oldest = json_text::plain(RECORD, &row, 2)?;
        if let Some(state) = OrderState::from_name(state) {
            counts.insert(state, StateCount::new(orders.unsigned_abs(), oldest));
        }
    }
    Ok(counts)
}

/// Orders whose request is pending or denied, by id: they never leave the open ones.
pub(crate) async fn with_requests(
    transaction: Transaction,
    merchant: &MerchantId,
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    let sql = "SELECT r.record FROM (SELECT id FROM orders_open WHERE merchant = $1 AND has_request AND id >= $2 \
               AND id IS DISTINCT FROM $3 ORDER BY id LIMIT $4) o \
               CROSS JOIN LATERAL (SELECT record FROM order_records WHERE merchant = $1 AND id = o.id OFFSET 0) r ORDER BY o.id";
    let query = Query::of(merchant, sql)
        .key(after.map_or("", SourceOrderId::as_str))
        .optional_key(after.map(SourceOrderId::as_str))
        .limit(limit);
    json_text::all(RECORD, &orders::rows(transaction, query).await?)
}
