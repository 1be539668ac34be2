//! What a supervisor, a load balancer and people ask a worker. There is no authentication, and nothing personal in the answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use connector_examples::deployment::{Failure, InputFault};
use order_sync::{CancellationToken, Light};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::assembly::Merchant;
use crate::counters::{Counters, exposition};

/// How long the store may take to answer before it counts as not answering.
const PATIENCE: Duration = Duration::from_secs(3);
/// Name of the reading that shows whether the store answers.
const ANY_CURSOR: &str = "orders";

/// What the routes work with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desk {
    /// Empty until the store is open.
    merchants: Arc<OnceLock<Vec<Arc<Merchant>>>>,
    stop: Option<CancellationToken>,
}

impl Desk {
    /// The store is open, and the engines are there.
    pub(crate) fn open(&self, merchants: Vec<Arc<Merchant>>) {
        // There is one opening.
        let _ = self.merchants.set(merchants);
    }

    fn merchants(&self) -> Option<&[Arc<Merchant>]> {
        self.merchants.get().map(Vec::as_slice)
    }

    fn is_stopping(&self) -> bool {
        self.stop
            .as_ref()
            .is_some_and(CancellationToken::is_cancelled)
    }
}

/// Serves until it is asked to stop; the address, and the task to wait for.
pub(crate) async fn serve(
    address: SocketAddr,
    desk: Desk,
    stop: CancellationToken,
) -> Result<(SocketAddr, JoinHandle<()>), Failure> {
    let refused = |error: std::io::Error| {
        let remedy = "name another address with --health; port 0 takes a free one";
        Failure::broken(
            InputFault::new(format!("cannot listen: {error}"), remedy).at(address.to_string()),
        )
    };
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let routes = Router::new()
        .route("/health", get(report))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Desk {
            stop: Some(stop.clone()),
            ..desk
        });
    let served = tokio::spawn(async move {
        // Requests under way are dropped at the end: a slow reader of figures keeps no process alive.
        tokio::select! {
            ended = axum::serve(listener, routes) => if let Err(error) = ended {
                tracing::error!(error = %error, "health is not served any more");
            },
            () = stop.cancelled() => {}
        }
    });
    Ok((bound, served))
}

/// The process answers: no reason to start it anew.
async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

/// Whether it can work: its store answers, and it was not asked to stop.
async fn ready(State(desk): State<Desk>) -> Response {
    match why_not_ready(&desk).await {
        None => Json(json!({ "ready": true })).into_response(),
        Some(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "ready": false, "why": why })),
        )
            .into_response(),
    }
}

async fn why_not_ready(desk: &Desk) -> Option<String> {
    if desk.is_stopping() {
        return Some("it is stopping".to_owned());
    }
    let Some(first) = desk.merchants().and_then(<[_]>::first) else {
        return Some("it is starting".to_owned());
    };
    let engine = &first.engine;
    let asked = engine.store().cursor(engine.merchant(), ANY_CURSOR);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the store does not answer".to_owned()),
    }
}

/// The light of every merchant with its reasons. Amber is for people and still 200; red, or no answer of the store, is 503.
async fn report(State(desk): State<Desk>) -> Response {
    let Some(merchants) = desk.merchants() else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "light": Light::Red, "why": "it is starting" })),
        )
            .into_response();
    };
    let mut worst = Light::Green;
    let mut answers = BTreeMap::new();
    for merchant in merchants {
        let asked = merchant.engine.health(&merchant.limits);
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(report)) => {
                worst = worst.max(report.light);
                json!(report)
            }
            Ok(Err(error)) => {
                worst = Light::Red;
                json!({ "light": Light::Red, "why": error.to_string() })
            }
            Err(_) => {
                worst = Light::Red;
                json!({ "light": Light::Red, "why": "the store does not answer" })
            }
        };
        answers.insert(merchant.name().to_owned(), answer);
    }
    let status = match worst {
        Light::Green | Light::Amber => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (
        status,
        Json(json!({ "light": worst, "merchants": answers })),
    )
        .into_response()
}

/// Counters since the start, in the text format of Prometheus.
async fn metrics(State(desk): State<Desk>) -> Response {
    let merchants = desk.merchants().unwrap_or_default().iter();
    let counters = merchants.map(|merchant| -> &Counters { &merchant.counters });
    let text = exposition(counters);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
