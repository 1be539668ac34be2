//! Carts, from the first to the order.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Routes};
use crate::problem::{Problem, json_value};
use crate::sparklayer::access::{json_body, text};
use crate::sparklayer::checkout::Checkout;
use crate::sparklayer::purchase::{LookupBy, Reading};
use crate::sparklayer::{Shop, ShopState};

pub(super) fn routes() -> Routes {
    Router::new()
        .route("/api/v1/carts", post(create))
        .route("/api/v1/carts/{id}", get(read).patch(update))
        .route("/api/v1/carts/{id}/calculate", post(calculate))
        .route("/api/v1/carts/{id}/complete", post(complete))
}

async fn create(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    let locale = text(&headers, header::ACCEPT_LANGUAGE.as_str()).unwrap_or("en-US");
    let now = shop.clock.now();
    let answer = shop.write(|state| {
        let cart = state.carts.create(&body, locale, &state.customers, now)?;
        let id = cart.id.clone();
        show_as_purchase(state, &id, now)?;
        Ok(json!({ "cart_id": id }))
    })?;
    Ok(json_value(StatusCode::CREATED, &answer))
}

async fn read(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Answer {
    // Assumed: cart-get.
    let answer = shop.with(|state| cart(state, &id, None))?;
    Ok(json_value(StatusCode::OK, &answer))
}

async fn update(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let answer = shop.write(|state| {
        let stored = state.carts.find_mut(&id)?;
        let results = stored.update(&body, &state.assortment, &state.customers)?;
        show_as_purchase(state, &id, now)?;
        cart(state, &id, Some(results))
    })?;
    Ok(json_value(StatusCode::OK, &answer))
}

fn cart(state: &ShopState, id: &str, results: Option<Value>) -> Result<Value, Problem> {
    let checkout = Checkout::of(state, id)?;
    let mut answer = json!({
        "cart": checkout.cart(),
        "validation_errors": checkout.validation_errors(),
    });
    if let (Some(results), Some(members)) = (results, answer.as_object_mut()) {
        members.insert("line_item_results".to_owned(), results);
    }
    Ok(answer)
}

async fn calculate(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = optional_body(&headers, &body)?;
    let answer = shop.with(|state| Checkout::of(state, &id)?.calculation(&body))?;
    Ok(json_value(StatusCode::OK, &answer))
}

async fn complete(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let answer = shop.write(|state| {
        let package = state.packages_issued + 1;
        let completed = Checkout::of(state, &id)?.complete(&body, package, now)?;
        // Assumed: completed-purchase, completed-type.
        store(state, &completed.cart_id, &completed.purchase, now)?;
        state.packages_issued = package;
        if let Some(owed) = completed.owed {
            state
                .customers
                .find_mut(&completed.customer_id)?
                .move_balance(owed);
        }
        state.carts.remove(&completed.cart_id);
        state.writes.carts_completed += 1;
        Ok(json!({ "purchase_id": completed.cart_id }))
    })?;
    Ok(json_value(StatusCode::CREATED, &answer))
}

/// Keeps the purchase of an open cart as the cart is, where a switch asks for one.
fn show_as_purchase(state: &mut ShopState, id: &str, now: DateTime<Utc>) -> Result<(), Problem> {
    // Assumed: cart-as-purchase.
    if !state.switches.carts_are_purchases {
        return Ok(());
    }
    let purchase = Checkout::of(state, id)?.as_purchase(now);
    store(state, id, &purchase, now)
}

fn store(
    state: &mut ShopState,
    id: &str,
    purchase: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let reading = Reading::default();
    state
        .purchases
        .put(LookupBy::SparkLayer, id, purchase, reading, now)?;
    Ok(())
}

/// A body that may be left out.
fn optional_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Problem> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    json_body(headers, body)
}
