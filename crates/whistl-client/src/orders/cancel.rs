//! Asking the warehouse to cancel an order, and asking what became of it.

use chrono::{DateTime, Utc};
use connector_http::{CallOptions, Error, Idempotency, Operation, Personal, Reply};
use http::Method;
use serde_json::{Map, Value};

use super::client::{WarehouseOrders, object_of, request};
use super::contract::Contract;
use super::members::{Members, UnknownMembers, Unreadable};
use super::new_order::put;
use super::outcome::ChangeOutcome;

/// Cancelling what is cancelled changes nothing, so a lost answer may be asked for again; with the same request id the answer is
/// the same (assumed).
const CANCEL: Operation = Operation::new(
    "orders.cancel",
    Idempotency::Idempotent,
    "/v1/orders/{reference}/cancel",
);
pub(super) const CANCEL_STATE: Operation = Operation::new(
    "orders.cancel_state",
    Idempotency::ReadOnly,
    "/v1/orders/{reference}/cancel",
);

/// What the warehouse says to a request to cancel (shape assumed).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelAnswer {
    /// The decision.
    pub outcome: ChangeOutcome,
    /// The request it answers.
    pub request_id: Option<String>,
    /// Why not, in the warehouse's words.
    pub reason: Option<Personal<String>>,
    /// When it was decided, by the warehouse's clock.
    pub decided_at: Option<DateTime<Utc>>,
    /// The units that were cancelled. Of an order of which part has left, the rest only.
    pub lines: Vec<CancelledLine>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// Units of one line that were cancelled.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CancelledLine {
    /// The client's line id.
    pub line_id: Option<String>,
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// The quantity.
    pub quantity: Option<u64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl CancelAnswer {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.change;
        let outcome = members.text(&names.outcome)?.map(ChangeOutcome::from);
        let outcome = outcome.ok_or_else(|| members.missing(&names.outcome, "a decision"))?;
        let line = &contract.parcel_line;
        Ok(Self {
            outcome,
            request_id: members.text(&names.request_id)?,
            reason: members.personal(&names.reason)?,
            decided_at: members.instant(&names.decided_at)?,
            lines: members.each(&names.lines, |mut members| {
                Ok(CancelledLine {
                    line_id: members.text(&line.line_id)?,
                    sku: members.text(&line.sku)?,
                    quantity: members.sequence(&line.quantity)?,
                    unknown: members.rest(),
                })
            })?,
            unknown: members.rest(),
        })
    }
}

impl WarehouseOrders {
    /// Asks the warehouse to cancel an order. The warehouse decides: accepted, refused, too late, or not yet.
    ///
    /// `request_id` is the client's own, one for each wish to cancel: asked again with it, the warehouse gives the same answer
    /// (assumed). A lost answer is therefore asked for again; after that the order may or may not be cancelled, and
    /// [`cancel_state`](Self::cancel_state) tells.
    ///
    /// # Errors
    ///
    /// - `Build`: the reference is blank or cannot stand in a path.
    /// - `NotFound`: the warehouse has no such order, or a path is wrong.
    /// - `InvalidRequest` (422): the request itself is not usable.
    /// - `Decode`: the answer is not what the contract says, or is about another order; ambiguous.
    /// - `Timeout`, `Interrupted`, `Server`: ambiguous once the request may have arrived.
    /// - `Connect`, `RateLimited`, `Auth`, `PermissionDenied`: nothing was asked.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves open whether the warehouse was asked, as an ambiguous error does.
    pub async fn cancel(
        &self,
        reference: &str,
        request_id: &str,
        reason: Option<&str>,
    ) -> Result<CancelAnswer, Error> {
        let contract = &self.inner.contract;
        let operation = CANCEL.with_template(contract.paths.cancel.as_str());
        let url = self.order_url(&operation, &contract.paths.cancel, reference)?;
        let mut body = Map::new();
        put(&mut body, &contract.change.request_id, Some(request_id));
        put(&mut body, &contract.change.reason, reason);
        let body = Value::Object(body);
        let request = request(&operation, Method::POST, &url, Some(&body))?;
        let options = CallOptions::new();
        let reply = self
            .inner
            .http
            .execute(&operation, request, &options)
            .await?;
        answer(&reply, contract, reference)
    }

    /// What became of the latest request to cancel an order; `None` if nobody asked.
    ///
    /// `None` needs the contract's own code in the 404 answer ([`Contract::cancel_not_found_code`]).
    ///
    /// # Errors
    ///
    /// - `Build`: the reference is blank or cannot stand in a path.
    /// - `NotFound`: the warehouse has no such order.
    /// - `Unexpected` (404): the answer does not say what is not there; check the base URL and the paths.
    /// - `Decode`: the answer is not what the contract says, or is about another order.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn cancel_state(&self, reference: &str) -> Result<Option<CancelAnswer>, Error> {
        let contract = &self.inner.contract;
        let operation = CANCEL_STATE.with_template(contract.paths.cancel.as_str());
        let url = self.order_url(&operation, &contract.paths.cancel, reference)?;
        let nobody_asked = |error: &Error| {
            let codes = error.vendor_errors().iter().filter_map(|one| one.code());
            error.is_not_found()
                && codes
                    .into_iter()
                    .any(|code| code == contract.cancel_not_found_code)
        };
        match self.read(&operation, &url).await {
            Err(error) if nobody_asked(&error) => Ok(None),
            outcome => answer(&outcome?, contract, reference).map(Some),
        }
    }
}

fn answer(reply: &Reply, contract: &Contract, reference: &str) -> Result<CancelAnswer, Error> {
    let unreadable = |problem: Unreadable| reply.decode_error(problem.to_string());
    let mut members = object_of(reply)?;
    let about = members
        .text(&contract.change.reference)
        .map_err(unreadable)?;
    if about.is_some_and(|about| !about.eq_ignore_ascii_case(reference)) {
        return Err(reply.decode_error("the answer is about another order"));
    }
    CancelAnswer::read(members, contract).map_err(unreadable)
}
