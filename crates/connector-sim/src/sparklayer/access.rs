//! Who gets in: tokens, the `Site-Id`, and the form of refusals.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::Shop;
use super::switches::{ErrorBody, status};
use crate::problem::{Problem, json_value};

/// `POST /api/auth/token`.
pub(crate) async fn token(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    // Assumed: token-form-body, token-without-site.
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
    let now = shop.clock.now();
    shop.with(|state| {
        if site != options.site_id
            || !is("client_id", &options.client_id)
            || !is("client_secret", &options.client_secret)
        {
            // Assumed: token-refusal.
            return Err(Problem::new(
                status(
                    state.switches.token_refusal_status,
                    StatusCode::UNAUTHORIZED,
                ),
                "the credentials were not accepted",
            ));
        }
        let answer = json!({
            "token_type": "Bearer",
            "expires_in": state.tokens.lifetime_secs(),
            "access_token": state.tokens.issue(now),
        });
        Ok(json_value(StatusCode::OK, &answer))
    })
}

/// Lets only requests with a live token and the site's own `Site-Id` through.
pub(crate) async fn authorise(
    State(shop): State<Arc<Shop>>,
    request: Request,
    next: Next,
) -> Response {
    let now = shop.clock.now();
    let headers = request.headers();
    let authorization = text(headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
    let live = shop.with(|state| state.tokens.accepts(authorization, now));
    // Assumed: call-without-access.
    if live && text(headers, "site-id") == Some(shop.options.site_id.as_str()) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::UNAUTHORIZED, "a token of this site is required").into_response()
}

/// Gives errors the form the switch asks for.
pub(crate) async fn form_errors(
    State(shop): State<Arc<Shop>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    // Assumed: error-body.
    match shop.with(|state| state.switches.error_body) {
        ErrorBody::ProblemJson => response,
        ErrorBody::Json => {
            let media_type = HeaderValue::from_static("application/json");
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, media_type);
            response
        }
        ErrorBody::Empty => {
            let mut empty = Response::new(Body::empty());
            *empty.status_mut() = status;
            empty
        }
    }
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
}

/// Whether the body says it is of that media type, whatever its parameters.
pub(crate) fn is_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let media_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let bare = media_type.split(';').next().unwrap_or_default();
    bare.trim().eq_ignore_ascii_case(wanted)
}

pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    if is_media_type(headers, "application/json") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the body must be application/json",
    ))
}

pub(crate) fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Problem> {
    require_json(headers)?;
    serde_json::from_slice(body).map_err(|_| Problem::bad_request("the body is not JSON"))
}
