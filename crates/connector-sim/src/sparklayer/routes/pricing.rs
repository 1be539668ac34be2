//! Price lists, prices and the shop's own shipping methods.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Answer, Routes};
use crate::problem::{Problem, json_value};
use crate::sparklayer::access::{is_media_type, json_body};
use crate::sparklayer::article::ShippingRate;
use crate::sparklayer::price_upload::{self, Scope};
use crate::sparklayer::purchase::fault;
use crate::sparklayer::{Shop, switches};

pub(super) fn routes() -> Routes {
    Router::new()
        .route("/api/v1/price-lists", get(lists).post(create_list))
        .route("/api/v2/price-lists", get(list_pages))
        .route("/api/v1/price-lists/{slug}", get(list).patch(update_list))
        .route(
            "/api/v1/price-lists/{slug}/pricing",
            get(list_pricing).patch(upload_list),
        )
        .route("/api/v1/batch-update-pricing", patch(upload_many))
        .route("/api/v1/pricing/{sku}", get(sku_pricing).patch(upload_sku))
        .route(
            "/api/v1/shipping-methods",
            get(shipping_methods).post(create_shipping_method),
        )
}

async fn lists(State(shop): State<Arc<Shop>>) -> Answer {
    Ok(json_value(
        StatusCode::OK,
        &shop.with(|state| state.prices.all()),
    ))
}

async fn list_pages(State(shop): State<Arc<Shop>>, RawQuery(query): RawQuery) -> Answer {
    let page = shop.with(|state| state.prices.page(query.as_deref().unwrap_or_default()))?;
    Ok(json_value(StatusCode::OK, &page))
}

async fn create_list(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    // Assumed: price-list-create.
    let list = shop.write(|state| state.prices.create(&body))?;
    Ok(json_value(StatusCode::CREATED, &list))
}

async fn list(State(shop): State<Arc<Shop>>, Path(slug): Path<String>) -> Answer {
    let list = shop.with(|state| state.prices.get(&slug))?;
    Ok(json_value(StatusCode::OK, &list))
}

async fn update_list(
    State(shop): State<Arc<Shop>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let list = shop.write(|state| state.prices.update(&slug, &body))?;
    Ok(json_value(StatusCode::OK, &list))
}

async fn list_pricing(State(shop): State<Arc<Shop>>, Path(slug): Path<String>) -> Answer {
    let pricing = shop.with(|state| state.prices.pricing(&slug))?;
    Ok(json_value(StatusCode::OK, &pricing))
}

async fn sku_pricing(State(shop): State<Arc<Shop>>, Path(sku): Path<String>) -> Answer {
    let pricing = shop.with(|state| state.prices.sku_pricing(&sku));
    Ok(json_value(StatusCode::OK, &pricing))
}

async fn upload_list(
    State(shop): State<Arc<Shop>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    upload(&shop, &headers, &body, Scope::PriceList(&slug))
}

async fn upload_many(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    upload(&shop, &headers, &body, Scope::AllLists)
}

async fn upload_sku(
    State(shop): State<Arc<Shop>>,
    Path(sku): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    upload(&shop, &headers, &body, Scope::Sku(&sku))
}

fn upload(shop: &Shop, headers: &HeaderMap, body: &[u8], scope: Scope<'_>) -> Answer {
    let read = if is_media_type(headers, "text/csv") {
        price_upload::read_csv(body, scope)
    } else if is_media_type(headers, "application/json") {
        price_upload::read_json(body, scope)
    } else {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be application/json or text/csv",
        ));
    };
    let uploads = match read {
        Ok(uploads) => uploads,
        Err(errors) => {
            return Ok(json_value(StatusCode::BAD_REQUEST, &errors.into_body()));
        }
    };
    let accepted = shop.write(|state| {
        state.prices.upload(uploads)?;
        state.writes.price_uploads += 1;
        Ok(state.switches.pricing_status)
    })?;
    // Assumed: price-upload-status.
    Ok(accepted_upload(switches::status(
        accepted,
        StatusCode::NO_CONTENT,
    )))
}

fn accepted_upload(status: StatusCode) -> Response {
    if status == StatusCode::NO_CONTENT {
        status.into_response()
    } else {
        json_value(status, &Value::Array(Vec::new()))
    }
}

// Assumed: shipping-methods.
async fn shipping_methods(State(shop): State<Arc<Shop>>) -> Answer {
    let rates = shop.with(|state| {
        let rates = state.assortment.rates().map(serde_json::to_value);
        rates.filter_map(Result::ok).collect()
    });
    Ok(json_value(StatusCode::OK, &Value::Array(rates)))
}

async fn create_shipping_method(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let rate: ShippingRate = serde_json::from_value(body.clone())
        .map_err(|error| Problem::bad_request(error.to_string()))?;
    shop.write(|state| {
        if state.assortment.rate(&rate.handle).is_some() {
            return Err(Problem::new(StatusCode::CONFLICT, "the handle is taken")
                .with_errors(vec![fault("taken", "handle", "is taken")]));
        }
        state.assortment.put_rate(rate);
        Ok(())
    })?;
    Ok(json_value(StatusCode::CREATED, &body))
}
