//! Asking the warehouse to change an order that it has.

use chrono::NaiveDate;
use connector_http::{CallOptions, Error, Idempotency, Operation, Personal, VendorError};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::client::{WarehouseOrders, object_of, request};
use super::contract::Contract;
use super::members::{Members, UnknownMembers, Unreadable};
use super::new_order::{NewRecipient, plain, put};
use super::outcome::ChangeOutcome;

/// The version in the request keeps a second amendment from undoing a third, but that a site keeps to it is not known.
const AMEND: Operation = Operation::new(
    "orders.amend",
    Idempotency::NonIdempotent,
    "/v1/orders/{reference}/amend",
);

/// A change to an order (shape assumed): only what is to be different, from a version that was read.
///
/// ```
/// use whistl_client::orders::Amendment;
/// let change = Amendment::new("change-1", 3).with_quantity("line-2", 4).with_purchase_order("PO-7782");
/// assert_eq!(change.lines.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amendment {
    /// The client's own id of this wish.
    pub request_id: String,
    /// The version of the order that was read.
    pub version: u64,
    /// The new service code.
    pub service_code: Option<String>,
    /// The new purchase order number of the buyer, sent as [`Contract::po_field`].
    pub purchase_order: Option<String>,
    /// The new date the buyer asks for.
    pub requested_date: Option<NaiveDate>,
    /// The new text for the driver.
    pub instructions: Option<Personal<String>>,
    /// The new recipient, whole.
    pub recipient: Option<NewRecipient>,
    /// New quantities by line id; 0 drops the line.
    pub lines: Vec<AmendedLine>,
}

/// A new quantity of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AmendedLine {
    /// The client's line id.
    pub line_id: String,
    /// The new quantity; 0 drops the line.
    pub quantity: u32,
}

impl Amendment {
    /// A change of nothing yet.
    pub fn new(request_id: impl Into<String>, version: u64) -> Self {
        Self {
            request_id: request_id.into(),
            version,
            service_code: None,
            purchase_order: None,
            requested_date: None,
            instructions: None,
            recipient: None,
            lines: Vec::new(),
        }
    }

    /// Gives a line another quantity; 0 drops it.
    #[must_use]
    pub fn with_quantity(mut self, line_id: impl Into<String>, quantity: u32) -> Self {
        self.lines.push(AmendedLine {
            line_id: line_id.into(),
            quantity,
        });
        self
    }

    /// Gives the order another service code.
    #[must_use]
    pub fn with_service_code(mut self, code: impl Into<String>) -> Self {
        self.service_code = Some(code.into());
        self
    }

    /// Gives the order another purchase order number.
    #[must_use]
    pub fn with_purchase_order(mut self, number: impl Into<String>) -> Self {
        self.purchase_order = Some(number.into());
        self
    }

    /// Gives the order another recipient.
    #[must_use]
    pub fn with_recipient(mut self, recipient: NewRecipient) -> Self {
        self.recipient = Some(recipient);
        self
    }

    fn body(&self, contract: &Contract) -> Value {
        let (change, order, line) = (&contract.change, &contract.order, &contract.line);
        let mut body = Map::new();
        put(
            &mut body,
            &change.request_id,
            Some(self.request_id.as_str()),
        );
        put(&mut body, &change.version, Some(self.version));
        put(&mut body, &order.service_code, self.service_code.as_deref());
        put(
            &mut body,
            &contract.po_field,
            self.purchase_order.as_deref(),
        );
        put(
            &mut body,
            &order.requested_date,
            self.requested_date.map(|date| date.to_string()),
        );
        put(
            &mut body,
            &order.instructions,
            plain(self.instructions.as_ref()),
        );
        let recipient = self.recipient.as_ref().map(|to| to.body(contract));
        put(&mut body, &order.recipient, recipient);
        let lines = self.lines.iter().map(|amended| {
            let mut row = Map::new();
            put(&mut row, &line.line_id, Some(amended.line_id.as_str()));
            put(&mut row, &line.quantity, Some(amended.quantity));
            Value::Object(row)
        });
        let lines: Vec<Value> = lines.collect();
        put(
            &mut body,
            &order.lines,
            (!lines.is_empty()).then_some(lines),
        );
        Value::Object(body)
    }
}

/// What the warehouse says to an amendment (shape assumed). It is done as a whole or not at all.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendAnswer {
    /// The decision.
    pub outcome: ChangeOutcome,
    /// The request it answers.
    pub request_id: Option<String>,
    /// The order's version now.
    pub version: Option<u64>,
    /// Why not, in the warehouse's words.
    pub reason: Option<Personal<String>>,
    /// Every complaint about the amended order.
    pub refused: Vec<VendorError>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl AmendAnswer {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.change;
        let outcome = members.text(&names.outcome)?.map(ChangeOutcome::from);
        let outcome = outcome.ok_or_else(|| members.missing(&names.outcome, "a decision"))?;
        Ok(Self {
            outcome,
            request_id: members.text(&names.request_id)?,
            version: members.sequence(&names.version)?,
            reason: members.personal(&names.reason)?,
            refused: members.complaints(&names.refused, contract)?,
            unknown: members.rest(),
        })
    }
}

impl WarehouseOrders {
    /// Whether [`amend`](Self::amend) failed because the order has changed since it was read: read it again.
    #[must_use]
    pub fn is_version_conflict(&self, error: &Error) -> bool {
        let wanted = self.inner.contract.version_conflict_code.as_str();
        error.operation() == AMEND.name()
            && error.status() == Some(StatusCode::CONFLICT)
            && error
                .vendor_errors()
                .iter()
                .any(|one| one.code() == Some(wanted))
    }

    /// Asks the warehouse to change an order. **Never repeated** unless it provably was not sent.
    ///
    /// The warehouse does all of it or nothing. Where [`Error::is_ambiguous`] is `true`, [`get`](Self::get) tells by the order's
    /// version whether it was done. The whole call takes at most the create timeout (15 s by default).
    ///
    /// # Errors
    ///
    /// - `Build`: the reference is blank or cannot stand in a path.
    /// - `Conflict` (409): the order has another version; see [`is_version_conflict`](Self::is_version_conflict).
    /// - `NotFound`: the warehouse has no such order, or a path is wrong.
    /// - `InvalidRequest` (422): the request itself is not usable, such as a line id that the order does not have.
    /// - `Decode`: the answer is not what the contract says, or is about another order; ambiguous.
    /// - `Timeout`, `Interrupted`, `Server`: ambiguous once the request may have arrived.
    /// - `Connect`, `RateLimited`, `Auth`, `PermissionDenied`: nothing was asked.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves open whether the order was changed, as an ambiguous error does.
    pub async fn amend(&self, reference: &str, change: &Amendment) -> Result<AmendAnswer, Error> {
        let contract = &self.inner.contract;
        let operation = AMEND.with_template(contract.paths.amend.as_str());
        let url = self.order_url(&operation, &contract.paths.amend, reference)?;
        let request = request(&operation, Method::POST, &url, Some(&change.body(contract)))?;
        let options = CallOptions::new().with_total_timeout(self.inner.create_timeout);
        let reply = self
            .inner
            .http
            .execute(&operation, request, &options)
            .await?;
        let unreadable = |problem: Unreadable| reply.decode_error(problem.to_string());
        let mut members = object_of(&reply)?;
        let about = members
            .text(&contract.change.reference)
            .map_err(unreadable)?;
        if about.is_some_and(|about| !about.eq_ignore_ascii_case(reference)) {
            return Err(reply.decode_error("the answer is about another order"));
        }
        AmendAnswer::read(members, contract).map_err(unreadable)
    }
}
