//! The table of assumptions as a page: JSON, HTML or text.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::assumptions::{Assumption, SPARKLAYER_ASSUMPTIONS};
use crate::problem::{json_value, text_page, with_type};

pub(crate) fn json() -> Response {
    let rows: Vec<Value> = SPARKLAYER_ASSUMPTIONS
        .iter()
        .map(|assumption| {
            json!({
                "id": assumption.id,
                "area": assumption.area,
                "text": assumption.text,
                "support": assumption.support.words(),
                "switch": assumption.switch,
            })
        })
        .collect();
    json_value(StatusCode::OK, &Value::Array(rows))
}

/// One line each.
pub(crate) fn text() -> Response {
    text_page(SPARKLAYER_ASSUMPTIONS.iter().map(line).collect())
}

fn line(assumption: &Assumption) -> String {
    format!(
        "{} ({}): {}\n",
        assumption.id, assumption.area, assumption.text
    )
}

pub(crate) fn html() -> Response {
    let rows: String = SPARKLAYER_ASSUMPTIONS.iter().map(row).collect();
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Assumptions of the simulated shop</title></head><body>\
         <h1>Assumptions of the simulated shop</h1><table><tr><th>Area</th><th>Assumption</th><th>Rests on</th><th>Switch</th><th>Id</th></tr>{rows}</table></body></html>"
    );
    with_type(StatusCode::OK, "text/html; charset=utf-8", page)
}

fn row(assumption: &Assumption) -> String {
    format!(
        "<tr id=\"{id}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{id}</td></tr>",
        escaped(assumption.area),
        escaped(assumption.text),
        assumption.support.words(),
        assumption.switch.unwrap_or_default(),
        id = assumption.id,
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
