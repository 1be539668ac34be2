//! The embedder's own routes. What they answer is the engine's; how it is guarded and named is the embedder's.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use order_mapping::SourceOrderId;
use order_sync::{
    DeskAction, DeskCommand, DeskError, DeskRefusal, Engine, HealthLimits, Hint, Light, StoreError,
};
use serde::Deserialize;
use serde_json::json;

/// What every route works with; cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    /// Wakes the orders flow.
    pub(crate) news: Hint,
}

/// Who closes an exception, and why.
#[derive(Debug, Deserialize)]
struct Closing {
    by: String,
    reason: String,
}

/// All routes. There is no authentication here: put them behind what the service has already.
pub(crate) fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/orders/{id}", get(order))
        .route("/hooks/shop", post(shop_hook))
        .route("/exceptions", get(exceptions))
        .route("/exceptions/{number}/close", post(close))
        .with_state(desk)
}

fn refused(status: StatusCode, why: &dyn std::fmt::Display) -> Response {
    (status, Json(json!({ "error": why.to_string() }))).into_response()
}

fn store_failed(error: &StoreError) -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, error)
}

/// For a load balancer: amber is for people and still 200, red is 503.
async fn health(State(desk): State<Desk>) -> Response {
    match desk.engine.health(&HealthLimits::default()).await {
        Ok(report) => {
            let status = match report.light {
                Light::Green | Light::Amber => StatusCode::OK,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, Json(report)).into_response()
        }
        Err(error) => store_failed(&error),
    }
}

/// "Why has this not shipped?"
async fn order(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    match desk.engine.explain(&SourceOrderId::new(id)).await {
        Ok(Some(story)) => Json(story).into_response(),
        Ok(None) => refused(StatusCode::NOT_FOUND, &"no order of that id is on record"),
        Err(error) => store_failed(&error),
    }
}

/// What it says is not read: it may be forged, late or missing. The flow looks for itself.
async fn shop_hook(State(desk): State<Desk>) -> StatusCode {
    desk.news.wake();
    StatusCode::ACCEPTED
}

/// The worst first.
async fn exceptions(State(desk): State<Desk>) -> Response {
    match desk.engine.exceptions().await {
        Ok(open) => Json(open).into_response(),
        Err(error) => store_failed(&error),
    }
}

async fn close(
    State(desk): State<Desk>,
    Path(number): Path<u64>,
    Json(closing): Json<Closing>,
) -> Response {
    let command = DeskCommand::new(number, DeskAction::Close, closing.by, closing.reason);
    match desk.engine.act_on_exception(command).await {
        Ok(exception) => Json(exception).into_response(),
        Err(DeskError::Refused(DeskRefusal::Unknown)) => {
            refused(StatusCode::NOT_FOUND, &DeskRefusal::Unknown)
        }
        Err(DeskError::Refused(DeskRefusal::NoReason)) => {
            refused(StatusCode::UNPROCESSABLE_ENTITY, &DeskRefusal::NoReason)
        }
        Err(DeskError::Refused(refusal)) => refused(StatusCode::CONFLICT, &refusal),
        Err(error) => refused(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}
