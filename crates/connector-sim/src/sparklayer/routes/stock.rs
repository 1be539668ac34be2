//! Stock and its locations.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, patch, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{Answer, Routes};
use crate::problem::json_value;
use crate::sparklayer::Shop;
use crate::sparklayer::access::json_body;
use crate::sparklayer::stock::StockRules;

pub(super) fn routes() -> Routes {
    Router::new()
        .route("/api/v1/batch-fetch-stock", post(fetch))
        .route("/api/v1/batch-update-stock", post(update))
        .route("/api/v1/batch-delete-stock", post(delete))
        .route(
            "/api/v1/stock-locations",
            get(locations).post(create_location),
        )
        .route("/api/v1/stock-locations/{id}", patch(update_location))
}

async fn fetch(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    let rows = shop.with(|state| state.stock.fetch(&body))?;
    Ok(json_value(StatusCode::OK, &rows))
}

async fn update(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    shop.write(|state| {
        let rules = StockRules {
            max_rows: state.switches.stock_max_rows,
            omitted: state.switches.stock_omitted_members,
            refuse_unknown_skus: state.switches.stock_refuse_unknown_skus,
            articles: &state.assortment,
        };
        let write = state.stock.update(&body, &rules)?;
        state.writes.stock_batches += 1;
        state.writes.stock_rows += write.rows;
        state.writes.stock_rows_changed += write.changed;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn delete(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    shop.write(|state| state.stock.delete(&body))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn locations(State(shop): State<Arc<Shop>>) -> Answer {
    let locations = shop.with(|state| state.stock.locations());
    Ok(json_value(StatusCode::OK, &locations))
}

async fn create_location(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    let body = json_body(&headers, &body)?;
    let location = shop.write(|state| state.stock.create_location(&body))?;
    Ok(json_value(StatusCode::OK, &location))
}

async fn update_location(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = json_body(&headers, &body)?;
    let location = shop.write(|state| state.stock.update_location(&id, &body))?;
    Ok(json_value(StatusCode::OK, &location))
}
