//! Lists that are read on from a cursor: orders, despatches, acknowledgements, returns and charges.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use chrono::NaiveDate;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::charges::falls_into;
use super::routes::{Answer, authorise, problem};
use super::{AcceptedOrder, Warehouse, WarehouseState};
use crate::problem::{Problem, json_text, json_value};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 500;

pub(super) async fn orders(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'o')?;
    let body = warehouse.with(|state| {
        let rows = state.orders.iter().skip(page.start).take(page.limit);
        let rows: Vec<String> = rows.map(AcceptedOrder::stored_text).collect();
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

pub(super) async fn despatches(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'd')?;
    Ok(page.answer(&warehouse, "despatches", |state| &state.despatches))
}

pub(super) async fn acknowledgements(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'a')?;
    Ok(page.answer(&warehouse, "acknowledgements", |state| {
        &state.acknowledgements
    }))
}

pub(super) async fn returns(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let page = Page::read(query.as_deref(), 'r')?;
    Ok(page.answer(&warehouse, "returns", |state| &state.returns))
}

/// All charges, or those of a period. The period chooses rows of a page; cursors count all rows, so they stay good.
pub(super) async fn charges(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let query = query.as_deref();
    let page = Page::read(query, 'c')?;
    let (from, to) = (date(query, "from")?, date(query, "to")?);
    let mut answer = page.rows(&warehouse, "charges", |state| &state.charges);
    if let Some(rows) = answer.get_mut("charges").and_then(Value::as_array_mut) {
        rows.retain(|charge| falls_into(charge, from, to));
    }
    Ok(json_value(StatusCode::OK, &answer))
}

pub(super) async fn charges_of_order(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    Path(reference): Path<String>,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let charges = warehouse.with(|state| {
        state.place(&reference)?;
        let of_order = |charge: &&Value| charge["reference"] == reference.as_str();
        Ok::<Vec<Value>, Problem>(state.charges.iter().filter(of_order).cloned().collect())
    })?;
    let answer = json!({ "charges": charges, "next": null, "more": false });
    Ok(json_value(StatusCode::OK, &answer))
}

fn date(query: Option<&str>, name: &str) -> Result<Option<NaiveDate>, Problem> {
    parameter(query, name)
        .map(|text| {
            text.parse().map_err(|_| {
                let field = format!("/{name}");
                let message = "must be a date, year first";
                problem(StatusCode::BAD_REQUEST, "DATE_INVALID", &field, message)
            })
        })
        .transpose()
}

pub(super) fn parameter(query: Option<&str>, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// Where a page starts and how long it is. A cursor is a letter for the feed and a position, opaque to clients.
pub(super) struct Page {
    feed: char,
    pub(super) since: Option<String>,
    pub(super) start: usize,
    pub(super) limit: usize,
}

impl Page {
    pub(super) fn read(query: Option<&str>, feed: char) -> Result<Self, Problem> {
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

    pub(super) fn cursor_after(&self, rows: usize) -> String {
        format!("{}{}", self.feed, self.start.saturating_add(rows))
    }

    /// The rows of this page with their cursor.
    fn rows(
        &self,
        warehouse: &Warehouse,
        member: &str,
        feed: impl Fn(&WarehouseState) -> &Vec<Value>,
    ) -> Value {
        warehouse.with(|state| {
            let all = feed(state);
            let rows: Vec<&Value> = all.iter().skip(self.start).take(self.limit).collect();
            json!({
                member: rows,
                "next": self.cursor_after(rows.len()),
                "more": self.start.saturating_add(rows.len()) < all.len(),
            })
        })
    }

    fn answer(
        &self,
        warehouse: &Warehouse,
        member: &str,
        feed: impl Fn(&WarehouseState) -> &Vec<Value>,
    ) -> axum::response::Response {
        json_value(StatusCode::OK, &self.rows(warehouse, member, feed))
    }
}
