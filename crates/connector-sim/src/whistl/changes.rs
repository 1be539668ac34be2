//! Cancelling and amending an order that was taken: both are requests, and the warehouse decides.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::acknowledgements::Acknowledgement;
use super::options::WhistlOptions;
use super::order::{AcceptedOrder, OrderStatus};
use super::stock::StockLedger;
use super::{WarehouseState, intake, routes};
use crate::problem::Problem;
use crate::raw_object::RawObject;
use crate::virtual_clock::wire_time;

/// Members of an order that an amendment may replace whole; lines are changed one by one.
const AMENDABLE: [&str; 5] = [
    "serviceCode",
    "otherrefnum",
    "requestedDate",
    "instructions",
    "recipient",
];

/// A request that was made of an order, with the answer it got.
#[derive(Debug, Clone)]
pub(crate) struct ChangeRequest {
    pub(crate) reference: String,
    pub(crate) request_id: String,
    pub(crate) kind: ChangeKind,
    pub(crate) answer: Value,
    /// Not decided yet; a tick decides.
    pub(crate) pending: bool,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Cancel,
    Amend,
}

/// What the warehouse says to a request.
struct Verdict {
    outcome: &'static str,
    reason: Option<&'static str>,
    /// Cancelled units, or members that were refused.
    detail: Option<(&'static str, Vec<Value>)>,
}

impl Verdict {
    const fn plain(outcome: &'static str, reason: &'static str) -> Self {
        Self {
            outcome,
            reason: Some(reason),
            detail: None,
        }
    }

    /// Too late, or refused for now; none where the order may still be changed.
    fn against_change(status: OrderStatus) -> Option<Self> {
        match status {
            OrderStatus::Accepted | OrderStatus::Held => None,
            OrderStatus::Picking => Some(Self::plain("refused", "the order is being picked")),
            OrderStatus::PartDespatched | OrderStatus::Despatched => {
                Some(Self::plain("too_late", "goods have left"))
            }
            OrderStatus::Cancelled => Some(Self::plain("too_late", "the order was cancelled")),
        }
    }

    fn into_answer(self, mut answer: Value) -> Value {
        if let Some(members) = answer.as_object_mut() {
            members.insert("outcome".to_owned(), self.outcome.into());
            if let Some(reason) = self.reason {
                members.insert("reason".to_owned(), reason.into());
            }
            if let Some((member, rows)) = self.detail {
                members.insert(member.to_owned(), Value::Array(rows));
            }
        }
        answer
    }
}

impl WarehouseState {
    /// Takes a request to cancel. The same request id gets the same answer, and has no second effect.
    pub(crate) fn cancel(
        &mut self,
        reference: &str,
        body: &RawObject,
        options: &WhistlOptions,
        now: DateTime<Utc>,
    ) -> Result<Value, Problem> {
        let request_id = request_id(body)?;
        let place = self.place(reference)?;
        if let Some(answer) = self.answered(reference, &request_id, ChangeKind::Cancel) {
            return Ok(answer);
        }
        let waits = options.cancels_wait_for_tick
            && self.orders.get(place).is_some_and(|order| !order.is_done());
        let mut request = ChangeRequest {
            reference: reference.to_owned(),
            answer: json!({ "requestId": request_id, "reference": reference, "outcome": "pending" }),
            request_id,
            kind: ChangeKind::Cancel,
            pending: waits,
        };
        if !waits {
            self.decide(place, &mut request, now);
        }
        let answer = request.answer.clone();
        self.changes.push(request);
        Ok(answer)
    }

    /// The latest request to cancel an order.
    pub(crate) fn cancel_state(&self, reference: &str) -> Result<Value, Problem> {
        self.place(reference)?;
        let of_order = |change: &&ChangeRequest| {
            change.kind == ChangeKind::Cancel && change.reference == reference
        };
        match self.changes.iter().rev().find(of_order) {
            Some(change) => Ok(change.answer.clone()),
            None => Err(routes::problem(
                StatusCode::NOT_FOUND,
                "CANCEL_NOT_FOUND",
                "",
                "nobody asked to cancel this order",
            )),
        }
    }

    /// Decides what was left open until a tick.
    pub(crate) fn decide_pending(&mut self, now: DateTime<Utc>) {
        let mut changes = std::mem::take(&mut self.changes);
        for change in changes.iter_mut().filter(|change| change.pending) {
            if let Ok(place) = self.place(&change.reference) {
                self.decide(place, change, now);
            }
        }
        self.changes = changes;
    }

    fn decide(&mut self, place: usize, request: &mut ChangeRequest, now: DateTime<Utc>) {
        let Some(order) = self.orders.get_mut(place) else {
            return;
        };
        let verdict = cancel(order, &mut self.stock);
        let kind = if verdict.outcome == "accepted" {
            "cancelled"
        } else {
            "cancel_refused"
        };
        let told = Acknowledgement::of(order, kind)
            .answering(&request.request_id)
            .because(verdict.reason);
        let answer = json!({
            "requestId": request.request_id, "reference": request.reference, "decidedAt": wire_time(now),
        });
        request.answer = verdict.into_answer(answer);
        request.pending = false;
        self.acknowledge(told, now);
    }

    /// Takes an amendment: all of it or nothing.
    pub(crate) fn amend(
        &mut self,
        reference: &str,
        body: &RawObject,
        options: &WhistlOptions,
        now: DateTime<Utc>,
    ) -> Result<Value, Problem> {
        let request_id = request_id(body)?;
        let place = self.place(reference)?;
        if let Some(answer) = self.answered(reference, &request_id, ChangeKind::Amend) {
            return Ok(answer);
        }
        let Some(order) = self.orders.get(place) else {
            return Err(not_found());
        };
        let version = body.value("version").and_then(|version| version.as_u64());
        if version != Some(u64::from(order.version)) {
            let (status, code) = if version.is_some() {
                (StatusCode::CONFLICT, "VERSION_CONFLICT")
            } else {
                (StatusCode::UNPROCESSABLE_ENTITY, "VERSION_MISSING")
            };
            let message = "the version of the order that was read is needed; read it again";
            return Err(routes::problem(status, code, "/version", message));
        }
        let document = amended(order, body)?;
        let verdict = match Verdict::against_change(order.status) {
            Some(verdict) => verdict,
            None => self.rewrite(place, document, options),
        };
        let Some(order) = self.orders.get(place) else {
            return Err(not_found());
        };
        let kind = if verdict.outcome == "accepted" {
            "amended"
        } else {
            "amend_refused"
        };
        let told = Acknowledgement::of(order, kind)
            .answering(&request_id)
            .because(verdict.reason);
        let answer =
            json!({ "requestId": request_id, "reference": reference, "version": order.version });
        let answer = verdict.into_answer(answer);
        self.acknowledge(told, now);
        self.changes.push(ChangeRequest {
            reference: reference.to_owned(),
            request_id,
            kind: ChangeKind::Amend,
            answer: answer.clone(),
            pending: false,
        });
        Ok(answer)
    }

    /// Puts an amended document in the place of the old one, if it would be taken as a new order.
    fn rewrite(&mut self, place: usize, document: RawObject, options: &WhistlOptions) -> Verdict {
        let request = match self.checked(&document, options, options.cut_long_texts) {
            Ok(request) => request,
            Err(faults) => {
                return Verdict {
                    outcome: "refused",
                    reason: Some("the amended order would not be taken"),
                    detail: Some(("refused", faults)),
                };
            }
        };
        let Some(order) = self.orders.get_mut(place) else {
            return Verdict::plain("refused", "the order is gone");
        };
        for line in &order.lines {
            self.stock.settle(&line.sku, 0, line.allocated);
        }
        order.lines = request.lines;
        for line in &mut order.lines {
            line.allocated = self.stock.allocate(&line.sku, line.ordered);
        }
        order.service_code = request.service_code;
        order.cuts = request.cuts;
        order.hold = request.hold.map(str::to_owned);
        order.status = if order.hold.is_some() {
            OrderStatus::Held
        } else {
            OrderStatus::Accepted
        };
        order.version += 1;
        order.document = document;
        Verdict {
            outcome: "accepted",
            reason: None,
            detail: None,
        }
    }

    fn answered(&self, reference: &str, request_id: &str, kind: ChangeKind) -> Option<Value> {
        self.changes
            .iter()
            .find(|change| {
                change.kind == kind
                    && change.reference == reference
                    && change.request_id == request_id
            })
            .map(|change| change.answer.clone())
    }

    pub(crate) fn place(&self, reference: &str) -> Result<usize, Problem> {
        self.places.get(reference).copied().ok_or_else(not_found)
    }
}

fn not_found() -> Problem {
    routes::problem(
        StatusCode::NOT_FOUND,
        "ORDER_NOT_FOUND",
        "",
        "no order has that reference",
    )
}

fn request_id(body: &RawObject) -> Result<String, Problem> {
    body.text("requestId").ok_or_else(|| {
        routes::problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "REQUEST_ID_MISSING",
            "/requestId",
            "is required",
        )
    })
}

/// What has not left is cancelled; nothing, once the goods are being picked or gone.
fn cancel(order: &mut AcceptedOrder, stock: &mut StockLedger) -> Verdict {
    match order.status {
        OrderStatus::Picking => return Verdict::plain("refused", "the order is being picked"),
        OrderStatus::Despatched => return Verdict::plain("too_late", "everything has left"),
        OrderStatus::Accepted
        | OrderStatus::Held
        | OrderStatus::PartDespatched
        | OrderStatus::Cancelled => {}
    }
    let mut cancelled = Vec::new();
    for line in &mut order.lines {
        stock.settle(&line.sku, 0, line.allocated);
        line.allocated = 0;
        let units = line.cancel_open();
        if units > 0 {
            cancelled.push(json!({ "lineId": line.line_id, "sku": line.sku, "quantity": units }));
        }
    }
    order.hold = None;
    order.status = if order.lines.iter().any(|line| line.despatched > 0) {
        OrderStatus::Despatched
    } else {
        OrderStatus::Cancelled
    };
    Verdict {
        outcome: "accepted",
        reason: None,
        detail: Some(("lines", cancelled)),
    }
}

/// The order's document with the members of an amendment in it.
fn amended(order: &AcceptedOrder, body: &RawObject) -> Result<RawObject, Problem> {
    let known =
        |name: &str| matches!(name, "requestId" | "version" | "lines") || AMENDABLE.contains(&name);
    if let Some(unknown) = body.names().find(|name| !known(name)) {
        return Err(routes::problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "MEMBER_UNKNOWN",
            &format!("/{unknown}"),
            "cannot be amended",
        ));
    }
    let mut document = order.document.clone();
    for member in AMENDABLE {
        if let Some(text) = body.get(member) {
            document.set(member, text.to_owned());
        }
    }
    if let Some(changes) = body.get("lines") {
        document.set("lines", amended_lines(&document, changes)?);
    }
    Ok(document)
}

fn amended_lines(document: &RawObject, changes: &str) -> Result<String, Problem> {
    let refuse = |code: &str, field: String, message: &str| {
        routes::problem(StatusCode::UNPROCESSABLE_ENTITY, code, &field, message)
    };
    let changes: Vec<RawObject> = serde_json::from_str(changes).map_err(|_| {
        let message = "must be a list of lines";
        refuse("LINES_INVALID", "/lines".to_owned(), message)
    })?;
    let mut rows: Vec<RawObject> = document
        .get("lines")
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    for (place, change) in changes.iter().enumerate() {
        let id = change.text("lineId");
        let row = rows
            .iter_mut()
            .find(|row| id.is_some() && row.text("lineId") == id);
        let Some(row) = row else {
            let message = "is no line of this order";
            return Err(refuse(
                "LINE_UNKNOWN",
                format!("/lines/{place}/lineId"),
                message,
            ));
        };
        let quantity = change.get("quantity").unwrap_or("null");
        row.set("quantity", quantity.to_owned());
    }
    rows.retain(|row| row.get("quantity") != Some("0"));
    let rows: Vec<String> = rows.iter().map(RawObject::to_text).collect();
    Ok(format!("[{}]", rows.join(",")))
}

/// What an order must have to be taken, by the options.
impl WarehouseState {
    pub(crate) fn checked(
        &self,
        document: &RawObject,
        options: &WhistlOptions,
        cuts: bool,
    ) -> Result<intake::Request, Vec<Value>> {
        let order: Value = serde_json::from_str(&document.to_text()).unwrap_or(Value::Null);
        let knows = |sku: &str| self.stock.knows(sku);
        let checks_skus = options.refuse_unknown_skus && self.stock.is_kept();
        let rules = intake::Rules {
            service_codes: &self.service_codes,
            knows_sku: if checks_skus { Some(&knows) } else { None },
            cuts,
            holds_unknown_services: options.hold_unknown_services,
            holds_without_customs: options.hold_without_customs,
        };
        intake::check(&order, &rules)
    }
}
