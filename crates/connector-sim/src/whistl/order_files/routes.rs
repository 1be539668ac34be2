//! Control routes of the folders.

use std::io;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::exports::Export;
use super::folder::OrderFiles;
use super::options::FileFault;
use crate::control;
use crate::problem::{Problem, json_value};

type Slot = Arc<OnceLock<OrderFiles>>;

pub(crate) fn router(slot: Slot) -> Router {
    Router::new()
        .route("/__sim/files/tick", post(tick))
        .route("/__sim/files/export", post(export))
        .route("/__sim/files/faults", post(arm))
        .with_state(slot)
}

fn served(slot: &Slot) -> Result<&OrderFiles, Problem> {
    slot.get()
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no folder is served"))
}

fn failed(error: io::Error) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

async fn tick(State(slot): State<Slot>) -> Result<Response, Problem> {
    let report = served(&slot)?.tick().map_err(failed)?;
    let body = json!({
        "accepted": report.accepted, "held": report.held, "rejected": report.rejected, "aborted": report.aborted,
    });
    Ok(json_value(StatusCode::OK, &body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    kind: Export,
}

async fn export(State(slot): State<Slot>, body: Bytes) -> Result<Response, Problem> {
    let wanted: Wanted = control::read(&body)?;
    let path = served(&slot)?.export(wanted.kind).map_err(failed)?;
    Ok(json_value(StatusCode::OK, &json!({ "file": path })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Armed {
    kind: FileFault,
}

async fn arm(State(slot): State<Slot>, body: Bytes) -> Result<Response, Problem> {
    let armed: Armed = control::read(&body)?;
    served(&slot)?.arm(armed.kind);
    Ok(json_value(StatusCode::CREATED, &json!({})))
}
