//! What the shop offers under `/__sim/` besides faults and clock, so that programs in any language can set the scene.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Routes};
use crate::control;
use crate::problem::{Problem, json_value};
use crate::sparklayer::Shop;
use crate::sparklayer::access::text;
use crate::sparklayer::article::{ShippingRate, ShopArticle};
use crate::sparklayer::assumptions_page;
use crate::sparklayer::operations::SparkLayerOperation;
use crate::sparklayer::purchase::LookupBy;
use crate::virtual_clock::wire_time;

pub(super) fn routes() -> Routes {
    Router::new()
        .route("/__sim/assumptions", get(assumptions))
        .route("/__sim/operations", get(operations))
        .route("/__sim/state", get(state))
        .route("/__sim/switches", get(switches).patch(set_switches))
        .route("/__sim/purchases", put(seed_purchase))
        .route("/__sim/articles", get(articles).put(seed_articles))
        .route("/__sim/shipping-rates", put(seed_rates))
        .route("/__sim/stock", put(seed_stock))
        .route("/__sim/tokens/revoke", post(revoke_tokens))
        .route("/__sim/connector/complete-draft", post(complete_draft))
        .route("/__sim/connector/run", post(run_connector))
}

/// As JSON or HTML where `Accept` asks for it, else one line each.
async fn assumptions(headers: HeaderMap) -> Response {
    let accept = text(&headers, header::ACCEPT.as_str()).unwrap_or_default();
    if accept.contains("text/html") {
        assumptions_page::html()
    } else if accept.contains("application/json") {
        assumptions_page::json()
    } else {
        assumptions_page::text()
    }
}

async fn operations() -> Response {
    let rows = SparkLayerOperation::ALL.iter().map(|operation| {
        json!({
            "operation": operation.id(),
            "method": operation.method().as_str(),
            "path": operation.path(),
            "evidence": operation.path_evidence().word(),
        })
    });
    json_value(StatusCode::OK, &rows.collect())
}

async fn state(State(shop): State<Arc<Shop>>) -> Response {
    let now = wire_time(shop.clock.now());
    let body = shop.with(|state| {
        let mut body = serde_json::to_value(state.writes).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            members.insert("now".to_owned(), json!(now));
            let counts = [
                ("purchases", state.purchases.records().len() as u64),
                ("carts", state.carts.len() as u64),
                ("tokens", state.tokens.issued()),
            ];
            for (name, count) in counts {
                members.insert(name.to_owned(), json!(count));
            }
        }
        body
    });
    json_value(StatusCode::OK, &body)
}

async fn switches(State(shop): State<Arc<Shop>>) -> Response {
    let switches = shop.with(|state| serde_json::to_value(&state.switches));
    json_value(StatusCode::OK, &switches.unwrap_or_default())
}

async fn set_switches(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let changes: Map<String, Value> = control::read(&body)?;
    shop.with(|state| {
        let changed = state
            .switches
            .changed(&changes)
            .map_err(Problem::bad_request)?;
        state.set_switches(changed);
        Ok::<_, Problem>(())
    })?;
    Ok(switches(State(shop)).await)
}

/// A purchase as the platform's connector would have written it.
async fn seed_purchase(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let text =
        std::str::from_utf8(&body).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
    let now = shop.clock.now();
    shop.with(|state| state.purchases.seed(text, now))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn articles(State(shop): State<Arc<Shop>>) -> Response {
    let rows = shop.with(|state| {
        let articles = state.assortment.articles().map(serde_json::to_value);
        articles.filter_map(Result::ok).collect()
    });
    json_value(StatusCode::OK, &Value::Array(rows))
}

async fn seed_articles(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let articles: Vec<ShopArticle> = control::read(&body)?;
    shop.with(|state| {
        for article in articles {
            state.assortment.put_article(article);
        }
    });
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn seed_rates(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let rates: Vec<ShippingRate> = control::read(&body)?;
    shop.with(|state| {
        for rate in rates {
            state.assortment.put_rate(rate);
        }
    });
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeededLevel {
    location: String,
    sku: String,
    level: i64,
}

/// Stock from the merchant's side; for location `default` that is the platform's copy too.
async fn seed_stock(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let levels: Vec<SeededLevel> = control::read(&body)?;
    shop.with(|state| {
        for row in &levels {
            if !state.stock.set(&row.location, &row.sku, row.level) {
                let problem = format!("no stock location has the external id {}", row.location);
                return Err(Problem::bad_request(problem));
            }
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn revoke_tokens(State(shop): State<Arc<Shop>>) -> Response {
    shop.with(|state| state.tokens.revoke_all());
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    sparklayer: String,
}

async fn complete_draft(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    let draft: Draft = control::read(&body)?;
    shop.with(|state| {
        let record = state
            .purchases
            .find_mut(LookupBy::SparkLayer, &draft.sparklayer)
            .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no purchase has that id"))?;
        record.draft_completed = true;
        Ok::<_, Problem>(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn run_connector(State(shop): State<Arc<Shop>>) -> Response {
    let now = shop.clock.now();
    let report = shop.with(|state| state.run_connector(now));
    json_value(
        StatusCode::OK,
        &serde_json::to_value(report).unwrap_or_default(),
    )
}
