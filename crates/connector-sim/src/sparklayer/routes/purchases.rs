//! Purchases, their history and their payments.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{Answer, Routes};
use crate::problem::{Problem, json_text, json_value};
use crate::sparklayer::access::{json_body, require_json};
use crate::sparklayer::listing::ListQuery;
use crate::sparklayer::purchase::{LookupBy, Reading};
use crate::sparklayer::purchase_book::{PurchaseBook, PurchaseRecord, check_identifier};
use crate::sparklayer::{Shop, switches};

type Key = Path<(String, String)>;

pub(super) fn routes() -> Routes {
    Router::new()
        .route("/api/v1/purchases", get(list))
        .route(
            "/api/v1/purchases/{lookup_by}/{identifier}",
            get(read).put(write),
        )
        .route(
            "/api/v1/purchases/{lookup_by}/{identifier}/history",
            get(read_history).post(add_history),
        )
        .route(
            "/api/v1/purchases/{lookup_by}/{identifier}/transactions",
            get(read_transactions).put(put_transaction),
        )
}

async fn list(State(shop): State<Arc<Shop>>, RawQuery(query): RawQuery) -> Answer {
    let page = shop.with(|state| {
        let query = ListQuery::read(query.as_deref().unwrap_or_default(), &state.switches)?;
        Ok::<_, Problem>(query.page(&state.purchases))
    })?;
    Ok(json_text(StatusCode::OK, page))
}

async fn read(State(shop): State<Arc<Shop>>, key: Key) -> Answer {
    let text = shop.with(|state| {
        let record = find(&mut state.purchases, &key)?;
        Ok::<_, Problem>(record.purchase.answer().to_text())
    })?;
    Ok(json_text(StatusCode::OK, text))
}

async fn write(
    State(shop): State<Arc<Shop>>,
    Path((lookup_by, identifier)): Key,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    require_json(&headers)?;
    let lookup = lookup(&lookup_by)?;
    let text =
        std::str::from_utf8(&body).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
    let now = shop.clock.now();
    let (status, text) = shop.write(|state| {
        let created = state.switches.put_created_status;
        let reading = Reading {
            require_all: state.switches.put_requires_all,
            ..Reading::default()
        };
        let stored = state
            .purchases
            .put(lookup, &identifier, text, reading, now)?;
        // Assumed: purchase-put-status.
        let status = if stored.is_new {
            switches::status(created, StatusCode::OK)
        } else {
            StatusCode::OK
        };
        let answer = stored.purchase.answer().to_text();
        state.writes.purchase_puts += 1;
        Ok((status, answer))
    })?;
    Ok(json_text(status, text))
}

async fn read_history(State(shop): State<Arc<Shop>>, key: Key) -> Answer {
    let history = shop.with(|state| {
        let record = find(&mut state.purchases, &key)?;
        Ok::<_, Problem>(record.trail.history())
    })?;
    Ok(json_value(StatusCode::OK, &history))
}

async fn add_history(
    State(shop): State<Arc<Shop>>,
    key: Key,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let entry = shop.write(|state| {
        let record = find(&mut state.purchases, &key)?;
        let entry = record.trail.add_history(&body, now)?;
        state.writes.history_entries += 1;
        Ok(entry)
    })?;
    Ok(json_value(StatusCode::CREATED, &entry))
}

async fn read_transactions(State(shop): State<Arc<Shop>>, key: Key) -> Answer {
    let transactions = shop.with(|state| {
        let record = find(&mut state.purchases, &key)?;
        Ok::<_, Problem>(record.trail.transactions())
    })?;
    Ok(json_value(StatusCode::OK, &transactions))
}

async fn put_transaction(
    State(shop): State<Arc<Shop>>,
    key: Key,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let answer = shop.write(|state| {
        let record = find(&mut state.purchases, &key)?;
        let customer_id = record.purchase.customer_identifier("sparklayer");
        let stored = record.trail.put_transaction(&body, now)?;
        // Assumed: transaction-balance.
        if let Some(customer) = customer_id.and_then(|id| state.customers.find_mut(&id).ok()) {
            customer.move_balance(stored.balance_change);
        }
        state.writes.transaction_puts += 1;
        Ok(stored.answer)
    })?;
    Ok(json_value(StatusCode::OK, &answer))
}

fn find<'a>(
    purchases: &'a mut PurchaseBook,
    Path((lookup_by, identifier)): &Key,
) -> Result<&'a mut PurchaseRecord, Problem> {
    let lookup = lookup(lookup_by)?;
    check_identifier(lookup, identifier)?;
    purchases
        .find_mut(lookup, identifier)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no purchase has that identifier"))
}

fn lookup(text: &str) -> Result<LookupBy, Problem> {
    LookupBy::from_path(text).ok_or_else(|| {
        Problem::bad_request("a purchase is looked up by sparklayer, platform, internal or visible")
    })
}
