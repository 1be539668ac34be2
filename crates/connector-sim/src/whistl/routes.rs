//! The HTTP surface of the simulated warehouse: the project's assumed contract.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{Extensions, HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{WHISTL_ASSUMPTIONS, Warehouse};
use crate::problem::{Problem, json_text, json_value, text_page};
use crate::raw_object::RawObject;
use crate::server::SecondApplication;
use crate::virtual_clock::wire_time;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 500;

pub(crate) fn router(warehouse: Arc<Warehouse>) -> Router {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/v1/orders", post(create).get(list))
        .route("/v1/orders/{reference}", get(read))
        .route("/v1/despatches", get(despatches))
        .route("/v1/inventory", get(inventory))
        .route("/__sim/assumptions", get(assumptions))
        .route("/__sim/state", get(state))
        .route("/__sim/tick", post(tick))
        .fallback(unknown_path)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(warehouse)
}

type Answer = Result<Response, Problem>;

/// Client credentials as a form (RFC 6749, section 4.4), and the errors of its section 5.2.
async fn token(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refuse = |status, error: &str| json_value(status, &json!({ "error": error }));
    let media_type = text(&headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if !media_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let is = |member: &str, wanted: &str| form.get(member).is_some_and(|given| given == wanted);
    if !is("grant_type", "client_credentials") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let options = &warehouse.options;
    if !is("client_id", &options.client_id) || !is("client_secret", &options.client_secret) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let now = warehouse.clock.now();
    let answer = warehouse.with(|state| {
        json!({
            "access_token": state.tokens.issue(now),
            "token_type": "Bearer",
            "expires_in": state.tokens.lifetime_secs(),
        })
    });
    json_value(StatusCode::OK, &answer)
}

async fn create(State(warehouse): State<Arc<Warehouse>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    authorise(&warehouse, &parts.headers)?;
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .map_err(|_| not_json())?;
    let document = std::str::from_utf8(&body)
        .ok()
        .and_then(RawObject::parse)
        .ok_or_else(not_json)?;
    let second = is_second_application(&parts.extensions);
    let acceptance = warehouse.accept(document, second)?;
    Ok(json_value(StatusCode::CREATED, &acceptance))
}

fn is_second_application(extensions: &Extensions) -> bool {
    extensions.get::<SecondApplication>().is_some()
}

fn not_json() -> Problem {
    problem(
        StatusCode::BAD_REQUEST,
        "INVALID_JSON",
        "",
        "the body is not a JSON object",
    )
}

async fn list(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'o')?;
    let body = warehouse.with(|state| {
        let rows = state.orders.iter().skip(page.start).take(page.limit);
        let rows: Vec<String> = rows.map(super::AcceptedOrder::stored_text).collect();
        let next = if rows.is_empty() {
            page.since.clone()
        } else {
            Some(page.cursor_after(rows.len()))
        };
        let more = page.start.saturating_add(rows.len()) < state.orders.len();
        format!(
            r#"{{"orders":[{}],"next":{},"more":{more}}}"#,
            rows.join(","),
            json!(next)
        )
    });
    Ok(json_text(StatusCode::OK, body))
}

async fn read(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    Path(reference): Path<String>,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let found = warehouse.with(|state| {
        let place = state.places.get(&reference)?;
        state
            .orders
            .get(*place)
            .map(super::AcceptedOrder::stored_text)
    });
    match found {
        Some(order) => Ok(json_text(StatusCode::OK, order)),
        None => Err(problem(
            StatusCode::NOT_FOUND,
            "ORDER_NOT_FOUND",
            "",
            "no order has that reference",
        )),
    }
}

async fn despatches(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'd')?;
    let body = warehouse.with(|state| {
        let rows: Vec<&Value> = state
            .despatches
            .iter()
            .skip(page.start)
            .take(page.limit)
            .collect();
        json!({
            "despatches": rows,
            "next": page.cursor_after(rows.len()),
            "more": page.start.saturating_add(rows.len()) < state.despatches.len(),
        })
    });
    Ok(json_value(StatusCode::OK, &body))
}

async fn inventory(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let since = parameter(query.as_deref(), "since")
        .map(|text| {
            text.parse::<u64>().map_err(|_| {
                problem(
                    StatusCode::BAD_REQUEST,
                    "SEQUENCE_INVALID",
                    "/since",
                    "must be a sequence number",
                )
            })
        })
        .transpose()?;
    let now = wire_time(warehouse.clock.now());
    let history = warehouse.options.inventory_history;
    let body = warehouse.with(|state| {
        let sequence = state.stock.sequence();
        let oldest = history.map_or(0, |history| sequence.saturating_sub(history));
        if since.is_some_and(|since| since < oldest || since > sequence) {
            let message = "the sequence is not on record; take a snapshot";
            return Err(problem(
                StatusCode::GONE,
                "SEQUENCE_EXPIRED",
                "/since",
                message,
            ));
        }
        Ok(json!({
            "kind": if since.is_some() { "delta" } else { "snapshot" },
            "asOf": now,
            "sequence": sequence,
            "items": state.stock.items(since),
        }))
    })?;
    Ok(json_value(StatusCode::OK, &body))
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
    });
    json_value(StatusCode::OK, &body)
}

async fn unknown_path() -> Problem {
    problem(
        StatusCode::NOT_FOUND,
        "PATH_UNKNOWN",
        "",
        "no such resource",
    )
}

/// A problem with one entry.
pub(crate) fn problem(status: StatusCode, code: &str, field: &str, message: &str) -> Problem {
    Problem::new(status, message).with_errors(vec![
        json!({ "code": code, "field": field, "message": message }),
    ])
}

fn authorise(warehouse: &Warehouse, headers: &HeaderMap) -> Result<(), Problem> {
    let now = warehouse.clock.now();
    let options = &warehouse.options;
    let authorization = text(headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
    let key = options
        .api_key
        .as_deref()
        .is_some_and(|key| text(headers, "x-api-key") == Some(key));
    let basic = options.basic.as_ref().is_some_and(|(user, password)| {
        let wanted = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        authorization
            .split_once(' ')
            .is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case("basic") && given == wanted)
    });
    if key || basic || warehouse.with(|state| state.tokens.accepts(authorization, now)) {
        return Ok(());
    }
    Err(problem(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORISED",
        "",
        "credentials are missing or not accepted",
    ))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
}

fn parameter(query: Option<&str>, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// Where a page starts and how long it is. A cursor is a letter for the feed and a position, opaque to clients.
struct Page {
    feed: char,
    since: Option<String>,
    start: usize,
    limit: usize,
}

impl Page {
    fn read(query: Option<&str>, feed: char) -> Result<Self, Problem> {
        let since = parameter(query, "since");
        let start = match &since {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix(feed)
                .and_then(|place| place.parse().ok())
                .ok_or_else(|| {
                    problem(
                        StatusCode::BAD_REQUEST,
                        "CURSOR_INVALID",
                        "/since",
                        "is no cursor of this feed",
                    )
                })?,
        };
        let limit = match parameter(query, "limit") {
            None => DEFAULT_LIMIT,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| {
                    problem(
                        StatusCode::BAD_REQUEST,
                        "LIMIT_INVALID",
                        "/limit",
                        "must be between 1 and 500",
                    )
                })?,
        };
        Ok(Self {
            feed,
            since,
            start,
            limit,
        })
    }

    fn cursor_after(&self, rows: usize) -> String {
        format!("{}{}", self.feed, self.start.saturating_add(rows))
    }
}
