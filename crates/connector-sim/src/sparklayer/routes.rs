//! The HTTP surface of the simulated shop.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::listing::ListQuery;
use super::purchase::LookupBy;
use super::purchase_book::check_identifier;
use super::{SPARKLAYER_ASSUMPTIONS, Shop};
use crate::problem::{Problem, json_text, json_value, text_page};
use crate::virtual_clock::wire_time;

pub(crate) fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/api/auth/token", post(token))
        .route("/api/v1/purchases", get(list))
        .route(
            "/api/v1/purchases/{lookup_by}/{identifier}",
            get(read).put(write),
        )
        .route("/api/v1/batch-fetch-stock", post(fetch_stock))
        .route("/api/v1/batch-update-stock", post(update_stock))
        .route("/api/v1/stock-locations", get(stock_locations))
        .route("/__sim/assumptions", get(assumptions))
        .route("/__sim/state", get(state))
        .fallback(unknown_path)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(shop)
}

type Answer = Result<Response, Problem>;

async fn token(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    require_json(&headers)?;
    let site = text(&headers, "site-id")
        .ok_or_else(|| Problem::bad_request("the Site-Id header is required"))?;
    let request: Value =
        serde_json::from_slice(&body).map_err(|_| Problem::bad_request("the body is not JSON"))?;
    if request.get("grant_type").and_then(Value::as_str) != Some("client_credentials") {
        return Err(Problem::bad_request(
            "grant_type must be client_credentials",
        ));
    }
    let is =
        |member: &str, wanted: &str| request.get(member).and_then(Value::as_str) == Some(wanted);
    let options = &shop.options;
    if site != options.site_id
        || !is("client_id", &options.client_id)
        || !is("client_secret", &options.client_secret)
    {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "the credentials were not accepted",
        ));
    }
    let now = shop.clock.now();
    let answer = shop.with(|state| {
        json!({
            "token_type": "Bearer",
            "expires_in": state.tokens.lifetime_secs(),
            "access_token": state.tokens.issue(now),
        })
    });
    Ok(json_value(StatusCode::OK, &answer))
}

async fn list(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&shop, &headers)?;
    let query = ListQuery::read(
        query.as_deref().unwrap_or_default(),
        shop.options.default_limit,
    )?;
    Ok(json_text(
        StatusCode::OK,
        shop.with(|state| query.page(&state.purchases)),
    ))
}

async fn read(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Path((lookup_by, identifier)): Path<(String, String)>,
) -> Answer {
    authorise(&shop, &headers)?;
    let lookup = lookup(&lookup_by)?;
    check_identifier(lookup, &identifier)?;
    let found = shop.with(|state| {
        state
            .purchases
            .find(lookup, &identifier)
            .map(|record| record.purchase.answer())
    });
    match found {
        Some(purchase) => Ok(json_text(StatusCode::OK, purchase.to_text())),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "no purchase has that identifier",
        )),
    }
}

async fn write(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Path((lookup_by, identifier)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    authorise(&shop, &headers)?;
    require_json(&headers)?;
    let lookup = lookup(&lookup_by)?;
    let text =
        std::str::from_utf8(&body).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
    let now = shop.clock.now();
    let stored = shop.with(|state| {
        let answer = state
            .purchases
            .put(lookup, &identifier, text, now)?
            .answer();
        state.writes.purchase_puts += 1;
        Ok::<_, Problem>(answer)
    })?;
    Ok(json_text(StatusCode::OK, stored.to_text()))
}

async fn fetch_stock(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shop, &headers)?;
    let body = json_body(&headers, &body)?;
    let rows = shop.with(|state| state.stock.fetch(&body))?;
    Ok(json_value(StatusCode::OK, &rows))
}

async fn update_stock(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Answer {
    authorise(&shop, &headers)?;
    let body = json_body(&headers, &body)?;
    shop.with(|state| {
        let write = state.stock.update(&body)?;
        state.writes.stock_batches += 1;
        state.writes.stock_rows += write.rows;
        state.writes.stock_rows_changed += write.changed;
        Ok::<_, Problem>(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn stock_locations(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Answer {
    authorise(&shop, &headers)?;
    Ok(json_value(
        StatusCode::OK,
        &shop.with(|state| state.stock.locations()),
    ))
}

async fn assumptions() -> Response {
    text_page(SPARKLAYER_ASSUMPTIONS.join("\n") + "\n")
}

async fn state(State(shop): State<Arc<Shop>>) -> Response {
    let now = wire_time(shop.clock.now());
    let body = shop.with(|state| {
        json!({
            "now": now,
            "purchases": state.purchases.records().len(),
            "purchase_puts": state.writes.purchase_puts,
            "stock_batches": state.writes.stock_batches,
            "stock_rows": state.writes.stock_rows,
            "stock_rows_changed": state.writes.stock_rows_changed,
            "tokens": state.tokens.issued(),
        })
    });
    json_value(StatusCode::OK, &body)
}

async fn unknown_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such resource")
}

fn lookup(text: &str) -> Result<LookupBy, Problem> {
    LookupBy::from_path(text).ok_or_else(|| {
        Problem::bad_request("a purchase is looked up by sparklayer, platform, internal or visible")
    })
}

fn authorise(shop: &Shop, headers: &HeaderMap) -> Result<(), Problem> {
    let now = shop.clock.now();
    let authorization = text(headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
    let live = shop.with(|state| state.tokens.accepts(authorization, now));
    if live && text(headers, "site-id") == Some(shop.options.site_id.as_str()) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "a token of this site is required",
    ))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if media_type
        .to_ascii_lowercase()
        .starts_with("application/json")
    {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the body must be application/json",
    ))
}

fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Problem> {
    require_json(headers)?;
    serde_json::from_slice(body).map_err(|_| Problem::bad_request("the body is not JSON"))
}
