//! Warehouse orders over HTTP, by the project's own contract.
//!
//! **Assumed throughout.** No HTTP order interface of the warehouse is published. This module speaks a contract of the
//! project's own, described in the crate's `openapi.json`; every path and member name is data in [`Contract`], so that a
//! private interface of the same shape is met by configuration. Until [`Contract::confirmed`] is set, the client talks to
//! this machine only.
//!
//! Answers are read tolerantly: every member is optional, members and enum values without a name are kept, and a record of a
//! list that cannot be read is set apart instead of failing its page.
//!
//! # Nothing is sent twice
//!
//! [`WarehouseOrders::create`] is not repeated unless it provably never left. Where
//! [`is_ambiguous`](connector_http::Error::is_ambiguous) is set, [`WarehouseOrders::get`] tells by reference whether the order
//! is there, and its `None` is a definite one.

mod acknowledgements;
mod amend;
mod auth;
mod cancel;
mod charges;
mod client;
mod contract;
mod create;
mod despatches;
mod inventory;
mod lookup;
mod members;
mod new_order;
mod outcome;
mod page;
mod problem;
mod returns;
mod stored_order;

pub use acknowledgements::{Acknowledgement, AcknowledgementKind};
pub use amend::{AmendAnswer, AmendedLine, Amendment};
pub use auth::{Auth, AuthScheme};
pub use cancel::{CancelAnswer, CancelledLine};
pub use charges::{Charge, ChargeKind, ChargePeriod};
pub use client::{WarehouseOrders, WarehouseOrdersBuilder};
pub use contract::{
    AcceptedNames, AcknowledgementNames, AuthNames, ChangeNames, ChargeNames, Contract,
    CustomsNames, DespatchNames, InventoryItemNames, InventoryNames, LineNames, OrderNames,
    PageNames, ParcelLineNames, ParcelNames, Paths, ProblemNames, QueryNames, RecipientNames,
    ReturnLineNames, ReturnNames,
};
pub use despatches::{Despatch, Parcel, ParcelLine, ShortLine};
pub use inventory::{Inventory, InventoryItem, InventoryKind, is_sequence_expired};
pub use members::{UnknownMembers, Unreadable};
pub use new_order::{NewCustoms, NewLine, NewOrder, NewRecipient};
pub use outcome::ChangeOutcome;
pub use page::{Cursor, Malformed, Page};
pub use returns::{GoodsCondition, Return, ReturnLine};
pub use stored_order::{Accepted, OrderStatus, StoredLine, StoredOrder, StoredRecipient};
