//! What the warehouse does at the word of a test, in any language: routes under `/__sim/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use chrono::NaiveDate;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::feed_faults::FeedFault;
use super::returns::ReturnedLine;
use super::routes::problem;
use super::{WHISTL_ASSUMPTIONS, Warehouse};
use crate::control::read;
use crate::problem::{Problem, json_value, text_page};
use crate::virtual_clock::wire_time;

pub(super) fn router() -> Router<Arc<Warehouse>> {
    Router::new()
        .route("/__sim/assumptions", get(assumptions))
        .route("/__sim/state", get(state))
        .route("/__sim/tick", post(tick))
        .route("/__sim/orders", get(accepted))
        .route("/__sim/stock", get(stock).post(seed))
        .route("/__sim/release", post(release))
        .route("/__sim/returns", post(take_back))
        .route("/__sim/storage", post(storage))
        .route("/__sim/feed-faults", get(feed_faults).post(arm_feed_fault))
}

async fn assumptions() -> Response {
    text_page(WHISTL_ASSUMPTIONS.join("\n") + "\n")
}

async fn state(State(warehouse): State<Arc<Warehouse>>) -> Response {
    let now = wire_time(warehouse.clock.now());
    let body = warehouse.with(|state| {
        let mut accepted: BTreeMap<&str, u64> = BTreeMap::new();
        for order in &state.orders {
            *accepted.entry(&order.reference).or_default() += 1;
        }
        json!({
            "now": now,
            "accepted": accepted,
            "order_posts": state.writes.order_posts,
            "rejected": state.writes.rejected,
            "duplicates_refused": state.writes.duplicates_refused,
            "despatches": state.despatches.len(),
            "sequence": state.stock.sequence(),
            "tokens": state.tokens.issued(),
        })
    });
    json_value(StatusCode::OK, &body)
}

async fn tick(State(warehouse): State<Arc<Warehouse>>) -> Response {
    let report = warehouse.tick();
    let body = json!({
        "despatches": report.despatches,
        "parcels": report.parcels,
        "units": report.units,
        "short_units": report.short_units,
        "back_ordered_units": report.back_ordered_units,
    });
    json_value(StatusCode::OK, &body)
}

/// Everything that was ever accepted, doubles included, without the recipients.
async fn accepted(State(warehouse): State<Arc<Warehouse>>) -> Response {
    let orders: Vec<Value> = warehouse.with(|state| {
        let row = |order: &super::AcceptedOrder| {
            let cuts = order.cuts.iter().map(
                |cut| json!({ "field": cut.field, "length": cut.length, "kept": cut.kept }),
            );
            json!({
                "orderId": order.order_id, "reference": order.reference, "status": order.status.as_str(),
                "acceptedAt": wire_time(order.accepted_at), "version": order.version,
                "holdReason": order.hold, "cuts": cuts.collect::<Vec<_>>(),
            })
        };
        state.orders.iter().map(row).collect()
    });
    json_value(StatusCode::OK, &Value::Array(orders))
}

async fn stock(State(warehouse): State<Arc<Warehouse>>) -> Response {
    let rows = warehouse.with(|state| state.stock.items(None));
    json_value(StatusCode::OK, &Value::Array(rows))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    sku: String,
    on_hand: Option<i64>,
    adjust: Option<i64>,
    unsellable: Option<i64>,
}

/// Puts an article on the shelf, or changes what is there.
async fn seed(State(warehouse): State<Arc<Warehouse>>, body: Bytes) -> Result<Response, Problem> {
    let seed: Seed = read(&body)?;
    let known = warehouse.with(|state| {
        if let Some(units) = seed.on_hand {
            state.stock.seed(&seed.sku, units);
        }
        state
            .stock
            .adjust(&seed.sku, seed.adjust.unwrap_or_default())
            && seed
                .unsellable
                .is_none_or(|units| state.stock.set_unsellable(&seed.sku, units))
    });
    if known {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(absent(
        "SKU_UNKNOWN",
        "/sku",
        "has no stock record; give on_hand",
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    reference: String,
}

async fn release(
    State(warehouse): State<Arc<Warehouse>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let release: Release = read(&body)?;
    let now = warehouse.clock.now();
    if warehouse.with(|state| state.release(&release.reference, now)) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(absent(
        "ORDER_NOT_HELD",
        "/reference",
        "no held order has it",
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TakeBack {
    reference: Option<String>,
    lines: Vec<ReturnedLine>,
}

async fn take_back(
    State(warehouse): State<Arc<Warehouse>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let back: TakeBack = read(&body)?;
    let now = warehouse.clock.now();
    let id = warehouse.with(|state| state.take_back(back.reference.as_deref(), &back.lines, now));
    Ok(json_value(StatusCode::CREATED, &json!({ "returnId": id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    from: NaiveDate,
    to: NaiveDate,
}

async fn storage(
    State(warehouse): State<Arc<Warehouse>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let period: Storage = read(&body)?;
    let (now, rates) = (warehouse.clock.now(), warehouse.options.charges);
    warehouse.with(|state| state.charge_storage(period.from, period.to, &rates, now));
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn feed_faults(State(warehouse): State<Arc<Warehouse>>) -> Response {
    let pending = warehouse.with(|state| json!({ "pending": state.feed_faults.pending() }));
    json_value(StatusCode::OK, &pending)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArmFeedFault {
    kind: FeedFault,
}

async fn arm_feed_fault(
    State(warehouse): State<Arc<Warehouse>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let fault: ArmFeedFault = read(&body)?;
    warehouse.with(|state| state.feed_faults.arm(fault.kind));
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn absent(code: &str, field: &str, message: &str) -> Problem {
    problem(StatusCode::NOT_FOUND, code, field, message)
}
