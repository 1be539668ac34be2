//! The authority for fulfilment: takes orders and says what became of them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{ClientOrderRef, Consignment, FulfilmentOrder};

use super::PortError;

/// What a warehouse's interface can do, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It can list all orders it has; the audit needs that to find ghosts, doubles and losses.
    pub lists_orders: bool,
}

impl Capabilities {
    /// Capabilities.
    #[must_use]
    pub const fn new(lists_orders: bool) -> Self {
        Self { lists_orders }
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
}

impl WarehouseOrderRow {
    /// A row.
    #[must_use]
    pub const fn new(reference: ClientOrderRef, warehouse_id: Option<String>, live: bool) -> Self {
        Self {
            reference,
            warehouse_id,
            live,
        }
    }
}

/// One page of a warehouse listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarehouseListing {
    /// The rows.
    pub rows: Vec<WarehouseOrderRow>,
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
/// * `despatches` repeats nothing before the cursor and loses nothing after it; repeats and disorder are harmless.
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
}
