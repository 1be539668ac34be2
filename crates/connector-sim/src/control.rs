//! What both simulators offer under `/__sim/` without credentials: their faults and their clock.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault_wire;
use crate::faults::FaultSwitches;
use crate::problem::{Problem, json_value};
use crate::virtual_clock::{VirtualClock, wire_time};

/// What the control routes act on.
#[derive(Debug, Clone)]
pub(crate) struct Controls {
    pub(crate) faults: FaultSwitches,
    pub(crate) clock: VirtualClock,
}

pub(crate) fn router(controls: Controls) -> Router {
    Router::new()
        .route(
            "/__sim/faults",
            get(show_faults).post(arm).delete(disarm_all),
        )
        .route("/__sim/fault-kinds", get(fault_kinds))
        .route("/__sim/clock", get(show_clock).post(advance))
        .with_state(controls)
}

async fn show_faults(State(controls): State<Controls>) -> Response {
    json_value(StatusCode::OK, &faults(&controls.faults))
}

async fn arm(State(controls): State<Controls>, body: Bytes) -> Result<Response, Problem> {
    let fault = fault_wire::read(&body).map_err(Problem::bad_request)?;
    controls.faults.arm(fault);
    Ok(json_value(StatusCode::CREATED, &faults(&controls.faults)))
}

async fn disarm_all(State(controls): State<Controls>) -> Response {
    controls.faults.clear();
    StatusCode::NO_CONTENT.into_response()
}

fn faults(switches: &FaultSwitches) -> Value {
    let pending: Vec<Value> = switches.pending().iter().map(fault_wire::write).collect();
    json!({ "pending": pending, "fired": switches.fired() })
}

async fn fault_kinds() -> Response {
    let kinds = fault_wire::FAULT_NAMES
        .iter()
        .map(|kind| json!({ "kind": kind.name, "needs": kind.needs, "does": kind.does }));
    json_value(StatusCode::OK, &kinds.collect())
}

async fn show_clock(State(controls): State<Controls>) -> Response {
    clock(&controls)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_secs: u64,
}

async fn advance(State(controls): State<Controls>, body: Bytes) -> Result<Response, Problem> {
    let advance: Advance = read(&body)?;
    controls
        .clock
        .advance(Duration::from_secs(advance.advance_secs));
    Ok(clock(&controls))
}

fn clock(controls: &Controls) -> Response {
    json_value(
        StatusCode::OK,
        &json!({ "now": wire_time(controls.clock.now()) }),
    )
}

/// Reads the body of a control request; the refusal says what is wrong with it.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::bad_request(error.to_string()))
}
