//! The authority for fulfilment: takes orders and says what became of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    AmendField, ClientOrderRef, Consignment, FieldChange, FulfilmentOrder, ReturnReceipt,
};

use super::{FailureClass, PortError};

/// What a warehouse's interface can do, as data. What it cannot do it refuses with [`super::FailureClass::Unsupported`], and the
/// engine does not ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It can list all orders it has; the audit needs that to find ghosts, doubles and losses.
    pub lists_orders: bool,
    /// It can be asked to cancel an order.
    pub cancels: bool,
    /// The parts of an order that it can be asked to change; empty: none.
    pub amends: &'static [AmendField],
    /// It says what came back.
    pub returns: bool,
    /// It can be told that an order leaves whole or not at all ([`FulfilmentOrder::partial`]). Where it cannot, an order that asks
    /// for that carries a note, and that it left in part is told once it has.
    pub whole_orders: bool,
}

impl Capabilities {
    /// Takes orders and says what became of them; can list them or not.
    #[must_use]
    pub const fn new(lists_orders: bool) -> Self {
        Self {
            lists_orders,
            cancels: false,
            amends: &[],
            returns: false,
            whole_orders: false,
        }
    }

    /// It can be asked to cancel an order.
    #[must_use]
    pub const fn with_cancel(mut self) -> Self {
        self.cancels = true;
        self
    }

    /// It can be asked to change these parts of an order.
    #[must_use]
    pub const fn with_amend(mut self, fields: &'static [AmendField]) -> Self {
        self.amends = fields;
        self
    }

    /// It says what came back.
    #[must_use]
    pub const fn with_returns(mut self) -> Self {
        self.returns = true;
        self
    }

    /// It can be told that an order leaves whole or not at all.
    #[must_use]
    pub const fn with_whole_orders(mut self) -> Self {
        self.whole_orders = true;
        self
    }
}

/// The answer to handing over an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Submission {
    /// The warehouse has it.
    Accepted {
        /// The warehouse's own id.
        warehouse_id: Option<String>,
        /// When it took it, by its clock.
        accepted_at: Option<DateTime<Utc>>,
    },
    /// It was handed over and waits to be picked up (a dropped file).
    Queued,
    /// The warehouse knows this reference already. The engine looks what is there.
    AlreadyThere,
}

/// The answer to asking for an order by reference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// It is there.
    Found {
        /// The warehouse's own id.
        warehouse_id: Option<String>,
        /// When it took it, by its clock.
        accepted_at: Option<DateTime<Utc>>,
        /// What differs from the order asked for (lines, service, PO); empty: it is the same. No personal data.
        differences: Vec<String>,
    },
    /// Handed over, not picked up yet.
    Waiting,
    /// It was refused, and so is not there.
    Refused {
        /// The warehouse's reason.
        reason: String,
    },
    /// Definitely not there.
    Absent,
}

/// The answer to a request to change or cancel an order. It decides for the whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeAnswer {
    /// Done. Of a cancellation: what has not left will not leave.
    Accepted,
    /// Not done.
    Refused {
        /// The warehouse's reason, without personal data.
        reason: String,
    },
    /// Not done, and never will be: it is too late.
    TooLate {
        /// The warehouse's reason, without personal data; may be empty.
        reason: String,
    },
    /// Not decided yet. The engine asks again later, with the same request.
    Pending,
}

/// A request to change an order: only what is to be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AmendRequest<'a> {
    /// The engine's own id of the request, the same however often it is asked.
    pub id: &'a str,
    /// What is to be different; all of it within [`Capabilities::amends`].
    pub changes: &'a [FieldChange],
    /// The order as it is to be afterwards.
    pub wanted: &'a FulfilmentOrder,
}

impl<'a> AmendRequest<'a> {
    /// A request.
    #[must_use]
    pub const fn new(id: &'a str, changes: &'a [FieldChange], wanted: &'a FulfilmentOrder) -> Self {
        Self {
            id,
            changes,
            wanted,
        }
    }
}

/// One page of returns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReturnsPage {
    /// What came back.
    pub receipts: Vec<ReturnReceipt>,
    /// Where to go on; the same as asked for when there is nothing new.
    pub cursor: Option<String>,
    /// More can be read at once.
    pub more: bool,
    /// Rows that could not be read, one line each; they are reported, not lost.
    pub unreadable: Vec<String>,
}

/// One page of despatches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DespatchPage {
    /// The despatches.
    pub consignments: Vec<Consignment>,
    /// Where to go on; the same as asked for when there is nothing new.
    pub cursor: Option<String>,
    /// More can be read at once.
    pub more: bool,
    /// Rows that could not be read, one line each; they are reported, not lost.
    pub unreadable: Vec<String>,
}

/// What a warehouse says an order holds: compared with what was sent. A member it does not repeat says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredContents {
    /// Service code.
    pub service: Option<String>,
    /// The buyer's PO number.
    pub purchase_order: Option<String>,
    /// Article and units of each line, by the warehouse's codes; empty where the answer has no lines.
    pub lines: Vec<(String, i64)>,
}

impl StoredContents {
    /// What differs from an order that was sent, one line each; empty: nothing, as far as is said. Holds no personal data.
    #[must_use]
    pub fn differences(&self, order: &FulfilmentOrder) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(service) = &self.service
            && service != order.service.as_str()
        {
            found.push(format!("service is {service}, {} was meant", order.service));
        }
        let meant = order
            .purchase_order
            .as_ref()
            .map_or("", order_mapping::PurchaseOrderNumber::as_str);
        if self
            .purchase_order
            .as_ref()
            .is_some_and(|number| number != meant)
        {
            found.push("the PO number differs".to_owned());
        }
        if !self.lines.is_empty() {
            found.extend(self.units_that_differ(order));
        }
        found
    }

    /// Units by article, compared without case; lines of one article are added up.
    fn units_that_differ(&self, order: &FulfilmentOrder) -> Vec<String> {
        let mut units: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for line in &order.lines {
            let article = line.sku.as_str().to_ascii_uppercase();
            units.entry(article).or_default().0 += i64::from(line.quantity);
        }
        for (sku, quantity) in &self.lines {
            let sum = &mut units.entry(sku.to_ascii_uppercase()).or_default().1;
            *sum = sum.saturating_add(*quantity);
        }
        units
            .into_iter()
            .filter(|(_, (meant, there))| meant != there)
            .map(|(sku, (meant, there))| format!("{sku}: {there} there, {meant} meant"))
            .collect()
    }
}

/// One order of a warehouse listing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarehouseOrderRow {
    /// The reference it carries.
    pub reference: ClientOrderRef,
    /// The warehouse's own id.
    pub warehouse_id: Option<String>,
    /// It is not cancelled.
    pub live: bool,
    /// What it holds, where the listing says so.
    pub contents: Option<StoredContents>,
}

impl WarehouseOrderRow {
    /// A row.
    #[must_use]
    pub const fn new(reference: ClientOrderRef, warehouse_id: Option<String>, live: bool) -> Self {
        Self {
            reference,
            warehouse_id,
            live,
            contents: None,
        }
    }
}

/// One page of a warehouse listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarehouseListing {
    /// The rows.
    pub rows: Vec<WarehouseOrderRow>,
    /// Rows that could not be read, in words that stay the same however often they are read. No personal data. They do not hide
    /// their neighbours.
    pub unreadable: Vec<String>,
    /// How to ask for the next page; none at the end.
    pub next: Option<String>,
}

/// A warehouse.
///
/// # Contract
/// * `submit` is called only for an order whose intent is committed, and never twice for one reference without a `lookup` in
///   between that said [`Lookup::Absent`], unless the call before provably never left ([`super::FailureClass::NeverSent`]).
///   An implementation must not repeat it by itself.
/// * Every error of `submit` says honestly whether the order may have been applied. When in doubt:
///   [`super::FailureClass::Ambiguous`].
/// * `lookup` sees an order at the latest one settle window after the call that created it.
/// * `despatches` repeats nothing before the cursor and loses nothing after it; repeats and disorder are harmless. The same despatch and
///   the same parcel have the same id whenever they are told. A cursor that is none of its own is an error, or is answered as if
///   there were none: never with nothing new.
/// * `cancel` and `amend` are requests with an answer. Each may be asked again with the same id at any time, after a lost answer or
///   a [`ChangeAnswer::Pending`]; then the answer is about the first asking, and nothing is done twice. An implementation whose
///   interface cannot promise that looks at the order first. Of an order that the warehouse does not have neither is accepted.
/// * `returns` keeps to what is said of `despatches`.
/// * Dropping the future of `submit` counts as sent: the engine treats it as unknown.
#[async_trait]
pub trait Warehouse: Send + Sync + std::fmt::Debug {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Hands over an order under a reference.
    ///
    /// # Errors
    /// [`PortError`], see the contract.
    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError>;

    /// Asks for an order by reference and compares it with what was meant.
    ///
    /// # Errors
    /// [`PortError`]
    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError>;

    /// Despatches after a cursor.
    ///
    /// # Errors
    /// [`PortError`]
    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError>;

    /// All orders it has, page by page.
    ///
    /// # Errors
    /// [`super::FailureClass::Unsupported`] where the capabilities say so; else [`PortError`].
    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError>;

    /// Asks for the cancellation of what has not left of an order. `why` is for people at the warehouse and holds no personal data.
    ///
    /// # Errors
    /// [`super::FailureClass::Unsupported`] where the capabilities say so; else [`PortError`]: not known whether it was asked.
    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let _ = (reference, request_id, why);
        Err(unsupported("cancel an order"))
    }

    /// Asks for a change of an order.
    ///
    /// # Errors
    /// [`super::FailureClass::Unsupported`] where the capabilities say so; else [`PortError`]: not known whether it was asked.
    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let _ = (reference, request);
        Err(unsupported("amend an order"))
    }

    /// What came back, after a cursor.
    ///
    /// # Errors
    /// [`super::FailureClass::Unsupported`] where the capabilities say so; else [`PortError`].
    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let _ = cursor;
        Err(unsupported("tell what came back"))
    }
}

fn unsupported(what: &str) -> PortError {
    PortError::new(
        FailureClass::Unsupported,
        format!("the warehouse's interface cannot {what}"),
    )
}
