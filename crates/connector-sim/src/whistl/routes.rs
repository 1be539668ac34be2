//! The HTTP surface of the simulated warehouse: the project's assumed contract.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::{AcceptedOrder, Warehouse, Way, controls, feeds, inventory};
use crate::problem::{Problem, json_text, json_value};
use crate::raw_object::RawObject;
use crate::server::SecondApplication;

pub(crate) fn router(warehouse: Arc<Warehouse>) -> Router {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/v1/orders", post(create).get(feeds::orders))
        .route("/v1/orders/{reference}", get(read))
        .route(
            "/v1/orders/{reference}/cancel",
            post(cancel).get(cancel_state),
        )
        .route("/v1/orders/{reference}/amend", post(amend))
        .route(
            "/v1/orders/{reference}/charges",
            get(feeds::charges_of_order),
        )
        .route("/v1/acknowledgements", get(feeds::acknowledgements))
        .route("/v1/despatches", get(feeds::despatches))
        .route("/v1/inventory", get(inventory::inventory))
        .route("/v1/returns", get(feeds::returns))
        .route("/v1/charges", get(feeds::charges))
        .merge(controls::router())
        .fallback(unknown_path)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(warehouse)
}

pub(super) type Answer = Result<Response, Problem>;

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
    let document = object(&body)?;
    let way = if parts.extensions.get::<SecondApplication>().is_some() {
        Way::SecondTime
    } else {
        Way::Http
    };
    let acceptance = warehouse.accept(document, way)?;
    Ok(json_value(StatusCode::CREATED, &acceptance))
}

fn not_json() -> Problem {
    problem(
        StatusCode::BAD_REQUEST,
        "INVALID_JSON",
        "",
        "the body is not a JSON object",
    )
}

async fn read(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    Path(reference): Path<String>,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let order = warehouse.with(|state| {
        let place = state.place(&reference)?;
        Ok::<_, Problem>(state.orders.get(place).map(AcceptedOrder::stored_text))
    })?;
    Ok(json_text(StatusCode::OK, order.unwrap_or_default()))
}

async fn cancel(
    State(warehouse): State<Arc<Warehouse>>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let (body, now) = (object(&body)?, warehouse.clock.now());
    let answer =
        warehouse.with(|state| state.cancel(&reference, &body, &warehouse.options, now))?;
    Ok(json_value(StatusCode::OK, &answer))
}

async fn cancel_state(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    Path(reference): Path<String>,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let answer = warehouse.with(|state| state.cancel_state(&reference))?;
    Ok(json_value(StatusCode::OK, &answer))
}

async fn amend(
    State(warehouse): State<Arc<Warehouse>>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let (body, now) = (object(&body)?, warehouse.clock.now());
    let answer = warehouse.with(|state| state.amend(&reference, &body, &warehouse.options, now))?;
    Ok(json_value(StatusCode::OK, &answer))
}

/// The JSON object that a body consists of.
fn object(body: &[u8]) -> Result<RawObject, Problem> {
    std::str::from_utf8(body)
        .ok()
        .and_then(RawObject::parse)
        .ok_or_else(not_json)
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

pub(super) fn authorise(warehouse: &Warehouse, headers: &HeaderMap) -> Result<(), Problem> {
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
