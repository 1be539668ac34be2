//! The engine's own failure codes, in the form of the mapping's, and the union of both.

use order_mapping::{Code, CodeInfo, Kind, Owner, Pii, Retry, Severity, Stage};

macro_rules! engine_codes {
    ($($(#[$meta:meta])* $name:ident { $number:literal, $kind:ident, $severity:ident, $owner:ident, $retry:ident, $title:literal, $explain:literal, $remedy:literal })*) => {
        $(
            $(#[$meta])*
            pub const $name: CodeInfo = CodeInfo {
                id: stringify!($name),
                number: $number,
                kind: Kind::$kind,
                default: Severity::$severity,
                floor: Severity::$severity,
                stage: Stage::Order,
                owner: Owner::$owner,
                title: $title,
                explain: $explain,
                remedy: $remedy,
                retry: Retry::$retry,
                pii: Pii::Business,
                since: "0.1.0",
            };
        )*

        /// Every code of the engine.
        pub const ENGINE_CODES: &[&CodeInfo] = &[$(&$name),*];
    };
}

engine_codes! {
    /// The warehouse refused an order.
    WAREHOUSE_REJECTED { 2001, DataFormat, Error, WarehouseOperations, AfterSourceFix,
        "the warehouse refused the order",
        "The order passed every rule on our side and the warehouse still answered with a definite refusal, so it does not have the order.",
        "read the warehouse's message, correct the order in the shop or the rule in the profile, then replay the order" }
    /// The warehouse has another order under our reference.
    REFERENCE_COLLISION { 2002, DataFormat, Error, Integration, Never,
        "the warehouse has another order under this reference",
        "The warehouse knows our client reference, but with other contents. Sending again or adopting it could ship the wrong goods.",
        "compare both orders with the warehouse, cancel the wrong one there, then replay" }
    /// Nothing definite was heard for too long.
    GAVE_UP { 2003, Warehouse, Error, WarehouseOperations, AfterConfigChange,
        "no usable answer after many attempts",
        "The order could not be handed over, or asked after, within the configured number of attempts and time.",
        "ask the warehouse whether it has the reference; when it is reachable again, replay the order (it is probed before it is sent)" }
    /// Sent without a usable answer.
    OUTCOME_UNKNOWN { 2004, Warehouse, Warning, WarehouseOperations, OnEvent,
        "sent, but no usable answer yet",
        "The call may have been applied. The order is asked for by reference after the settle window and sent again only after two definite negatives.",
        "none: it resolves itself; look at the warehouse's availability when many orders show it" }
    /// Captured long ago and still not at the warehouse.
    ORPHAN { 2005, SyncInterval, Error, Operations, OnEvent,
        "captured but not transmitted",
        "The order was placed longer ago than the configured limit and the warehouse does not have it.",
        "see the order's reasons: fix what holds it, or release it" }
    /// In the shop, but not on record.
    NOT_CAPTURED { 2006, SyncInterval, Error, Integration, OnEvent,
        "in the shop but never captured",
        "The audit found an order in the shop that the engine has no record of.",
        "run the orders flow for that range again; if it stays, read the flow's errors" }
    /// On record as accepted, but not at the warehouse.
    LOST_AT_WAREHOUSE { 2007, Warehouse, Error, WarehouseOperations, Never,
        "accepted, but the warehouse does not have it",
        "The warehouse confirmed the order once and does not list it any more.",
        "ask the warehouse; if it is truly gone, a person resends it as a new generation" }
    /// Twice at the warehouse.
    DOUBLED { 2008, Warehouse, Error, WarehouseOperations, Never,
        "the warehouse has the order more than once",
        "More than one live order at the warehouse carries the same client reference.",
        "cancel all but one at the warehouse before they are picked" }
    /// At the warehouse, but not on record.
    GHOST { 2009, Warehouse, Error, WarehouseOperations, Never,
        "at the warehouse but not on record",
        "The warehouse has an order or a despatch whose reference no order on record owns.",
        "find out who sent it; it was not this connector, or its store was replaced" }
    /// The shop does not show parcels that left.
    TRACKING_NOT_VISIBLE { 2010, SyncInterval, Error, Integration, OnEvent,
        "the buyer cannot see the tracking",
        "Parcels left the warehouse and a fresh read of the shop does not show them, although they were written or because they could not be.",
        "look whether the platform's connector overwrites the record; relay to the platform instead" }
    /// A despatch that does not add up.
    DESPATCH_MISMATCH { 2011, Warehouse, Warning, WarehouseOperations, Never,
        "a despatch does not match the order",
        "A parcel holds lines or quantities that the order does not have.",
        "ask the warehouse what was really sent; correct stock and invoice by hand" }
    /// Changed or cancelled in the shop after it was handed over.
    AMENDED_AFTER_SEND { 2012, Business, Error, CustomerService, Never,
        "changed in the shop after it was sent",
        "The shop's copy of the order no longer is what the warehouse was sent.",
        "agree the change with the warehouse, or tell the buyer that it came too late" }
    /// An order that cannot be read.
    ORDER_UNREADABLE { 2013, DataFormat, Error, Integration, AfterSourceFix,
        "the shop's record cannot be read",
        "The shop answered with something that is no order. It is read again in every run.",
        "look at the record in the shop; report the shape if it is right" }
    /// Stock news older than what is on record.
    STOCK_OVERTAKEN { 2015, SyncInterval, Warning, WarehouseOperations, OnEvent,
        "stock news older than what is on record",
        "The warehouse sent rows with a lower sequence than those on record; they were dropped, as late news must be.",
        "none when it passes by itself; when it stays, the warehouse counts anew: a corrective snapshot with a later time takes its new count over" }
    /// The shop refused a level.
    STOCK_REFUSED { 2016, DataFormat, Error, Integration, AfterSourceFix,
        "the shop refused a stock level",
        "The shop answered the level of this article with a refusal; its neighbours were written.",
        "look whether the article and the location exist in the shop" }
    /// What the shop shows is not what it should.
    STOCK_DRIFT { 2017, SyncInterval, Warning, Operations, OnEvent,
        "the shop shows another level than it should",
        "The difference is left after in-flight orders and the buffer are explained.",
        "none: the next corrective snapshot writes it; if it comes back, something else writes stock in the shop" }
    /// A flow failed.
    FLOW_FAILED { 2018, Warehouse, Error, Integration, OnEvent,
        "a flow could not run to its end",
        "A vendor or the store failed in a way that concerns every record; what was done is recorded and the rest is due in the next run.",
        "see the message; credentials, addresses and certificates first" }
}

/// What a code means, whether the mapping or the engine owns it.
#[must_use]
pub fn info(id: &str) -> Option<&'static CodeInfo> {
    ENGINE_CODES
        .iter()
        .copied()
        .find(|code| code.id == id)
        .or_else(|| Code::from_id(id).map(Code::info))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_over_both_catalogues() {
        for (index, code) in ENGINE_CODES.iter().enumerate() {
            assert!(
                Code::from_id(code.id).is_none(),
                "{} is taken by the mapping",
                code.id
            );
            assert!(
                ENGINE_CODES
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.id != code.id && other.number != code.number)
            );
            assert!(code.number > 2000, "numbers up to 2000 are the mapping's");
            assert!(!code.remedy.is_empty() && !code.explain.is_empty());
        }
    }
}
