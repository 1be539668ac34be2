//! Error answers: RFC 7807 problem documents.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// An error answer: title, status, detail and a list of entries in the vendor's own shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
    pub(crate) errors: Vec<Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn with_errors(mut self, errors: Vec<Value>) -> Self {
        self.errors = errors;
        self
    }

    pub(crate) fn body(&self) -> String {
        let mut body = json!({
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let (false, Some(members)) = (self.errors.is_empty(), body.as_object_mut()) {
            members.insert("errors".to_owned(), Value::Array(self.errors.clone()));
        }
        body.to_string()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        with_type(self.status, "application/problem+json", self.body())
    }
}

/// A JSON answer from ready text.
pub(crate) fn json_text(status: StatusCode, text: String) -> Response {
    with_type(status, "application/json", text)
}

/// A JSON answer from a value.
pub(crate) fn json_value(status: StatusCode, value: &Value) -> Response {
    json_text(status, value.to_string())
}

/// A plain text page.
pub(crate) fn text_page(text: String) -> Response {
    with_type(StatusCode::OK, "text/plain; charset=utf-8", text)
}

pub(crate) fn with_type(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
