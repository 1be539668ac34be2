//! Customers and their addresses. All paths are assumed; the members are those of the older reference.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Answer, Routes};
use crate::problem::{Problem, json_value};
use crate::sparklayer::Shop;
use crate::sparklayer::access::json_body;
use crate::sparklayer::customer_book::{Customer, unknown_address};

// Assumed: customer-paths, customer-answers.
pub(super) fn routes() -> Routes {
    Router::new()
        .route("/api/v1/customers", post(create))
        .route(
            "/api/v1/customers/{id}",
            get(read).patch(update).delete(delete),
        )
        .route(
            "/api/v1/customers/{id}/addresses",
            get(addresses).post(add_address),
        )
        .route(
            "/api/v1/customers/{id}/addresses/{address_id}",
            get(address).patch(update_address).delete(delete_address),
        )
}

async fn create(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let customer = shop.write(|state| {
        // Assumed: customer-ids.
        let ids = state.switches.customer_ids;
        state
            .customers
            .create(&body, ids, now)
            .map(Customer::answer)
    })?;
    Ok(json_value(StatusCode::CREATED, &customer))
}

async fn read(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Answer {
    let customer = shop.with(|state| state.customers.find(&id).map(Customer::answer))?;
    Ok(json_value(StatusCode::OK, &customer))
}

async fn update(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let now = shop.clock.now();
    let customer = shop.write(|state| {
        state
            .customers
            .update(&id, &body, now)
            .map(Customer::answer)
    })?;
    Ok(json_value(StatusCode::OK, &customer))
}

async fn delete(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Answer {
    shop.write(|state| state.customers.delete(&id))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn addresses(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Answer {
    let addresses = shop.with(|state| state.customers.find(&id).map(Customer::addresses))?;
    Ok(json_value(StatusCode::OK, &addresses))
}

async fn add_address(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let address = shop.write(|state| state.customers.add_address(&id, &body))?;
    Ok(json_value(StatusCode::CREATED, &address))
}

async fn address(
    State(shop): State<Arc<Shop>>,
    Path((id, address_id)): Path<(String, String)>,
) -> Answer {
    let address = shop.with(|state| {
        let customer = state.customers.find(&id)?;
        let address = customer.address(&address_id).cloned();
        Ok::<_, Problem>(Value::Object(address.ok_or_else(unknown_address)?))
    })?;
    Ok(json_value(StatusCode::OK, &address))
}

async fn update_address(
    State(shop): State<Arc<Shop>>,
    Path((id, address_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let address = shop.write(|state| state.customers.update_address(&id, &address_id, &body))?;
    Ok(json_value(StatusCode::OK, &address))
}

async fn delete_address(
    State(shop): State<Arc<Shop>>,
    Path((id, address_id)): Path<(String, String)>,
) -> Answer {
    shop.write(|state| state.customers.delete_address(&id, &address_id))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
