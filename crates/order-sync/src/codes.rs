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
    /// A cancellation that the warehouse refused.
    CANCEL_REFUSED { 2019, Warehouse, Error, CustomerService, Never,
        "the warehouse refused to cancel an order",
        "The shop cancelled an order that the warehouse has, and the warehouse will send it all the same.",
        "tell the buyer, or agree it with the warehouse by hand; then close the exception with a reason" }
    /// A cancellation that came too late.
    CANCEL_TOO_LATE { 2020, Business, Error, CustomerService, Never,
        "cancelled in the shop, but it has left",
        "The shop cancelled an order whose goods had left the warehouse, or were past the point of no return.",
        "tell the buyer and agree a return, or take the cancellation back in the shop; then close the exception with a reason" }
    /// Cancelled at the warehouse, and sent.
    CANCELLED_BUT_SHIPPED { 2021, Warehouse, Error, WarehouseOperations, Never,
        "the warehouse sent an order that it had cancelled",
        "The warehouse accepted the cancellation of the order, and afterwards goods of it left.",
        "agree with the warehouse who has the goods brought back, and tell the buyer; the parcels are relayed as any others" }
    /// An amendment that the warehouse refused.
    AMENDMENT_REFUSED { 2022, Warehouse, Error, CustomerService, Never,
        "the warehouse refused a change of an order",
        "The shop changed an order that the warehouse has, and the warehouse will send it as it was.",
        "agree the change with the warehouse by hand or tell the buyer; then close the exception with a reason" }
    /// A change past its cut-off.
    AMENDMENT_TOO_LATE { 2023, Business, Error, CustomerService, Never,
        "changed in the shop too late",
        "The shop changed a part of an order that the profile or the warehouse does not let change any more. The exception names each part.",
        "agree the change with the warehouse by hand or tell the buyer; then close the exception with a reason" }
    /// Goods that came back.
    GOODS_RETURNED { 2024, Business, Warning, Finance, Never,
        "goods came back",
        "The warehouse received goods of an order back. Their condition is on record with the order.",
        "credit the buyer as agreed; then close the exception with a reason" }
    /// Goods that came back and belong to no order.
    RETURN_UNMATCHED { 2025, Warehouse, Warning, WarehouseOperations, Never,
        "goods came back that belong to no order on record",
        "The warehouse received goods back without a reference, or with one that no order on record owns.",
        "find out with the warehouse whose they are; then close the exception with a reason" }
    /// What the warehouse has is not what it was sent.
    CONTENT_DIFFERS { 2026, DataFormat, Error, WarehouseOperations, Never,
        "the warehouse has another order than it was sent",
        "Articles, units, service or PO number of the order at the warehouse differ from what was sent and accepted.",
        "compare both with the warehouse before it is picked, and have it corrected there" }
    /// An order of which nothing could be sent.
    NOTHING_SENT { 2027, Warehouse, Error, CustomerService, Never,
        "the warehouse sends nothing of an order",
        "Every open unit of the order was reported short: nothing leaves, and nothing is to follow.",
        "tell the buyer and credit the order, or order the goods anew; then close the exception with a reason" }
    /// Nobody approved the profile.
    PROFILE_UNAPPROVED { 2028, Business, Warning, Operations, AfterConfigChange,
        "a profile is in use that nobody approved",
        "The engine runs with a version of the profile for which no approval is on record, although approvals are asked for.",
        "have the version approved (with_approval), or put back the one before" }
    /// Waiting orders pile up.
    BACKLOG_FULL { 2029, SyncInterval, Error, Operations, OnEvent,
        "too many orders wait for the warehouse",
        "More orders are ready than the configured limit, so no further ones are read from the shop; they are safe there and come in once the backlog shrinks.",
        "see why the warehouse does not take orders: its health, its rate limit, the circuit breaker" }
    /// A gap in the stock feed.
    STOCK_GAP { 2030, SyncInterval, Warning, WarehouseOperations, OnEvent,
        "news is missing in the stock feed",
        "The sequence of the feed jumped: changes in between were never seen. A full snapshot was asked for at once.",
        "none when it passes by itself; when it comes back, ask the warehouse why its feed loses changes" }
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
    /// The carrier lost a parcel.
    PARCEL_LOST { 2050, Warehouse, Error, CustomerService, OnEvent,
        "the carrier cannot find a parcel",
        "The carrier reported a parcel of the order as lost.",
        "claim it from the carrier and agree with the buyer whether it is sent anew; closes by itself when the parcel turns up at the buyer's or the sender's" }
    /// The carrier gave a parcel up as damaged.
    PARCEL_DAMAGED { 2051, Warehouse, Error, CustomerService, OnEvent,
        "the carrier gave up a parcel as damaged",
        "The carrier reported a parcel of the order as damaged and does not deliver it.",
        "claim it from the carrier and agree with the buyer whether it is sent anew; closes by itself when the parcel is delivered or back all the same" }
    /// A parcel is on its way back.
    PARCEL_RETURNING { 2052, Warehouse, Error, CustomerService, OnEvent,
        "a parcel is on its way back to the sender",
        "The carrier could not deliver a parcel of the order, or the receiver refused it, and brings it back.",
        "ask the buyer what was wrong (address, opening hours, refusal) before it arrives; closes by itself when it is delivered or back" }
    /// A parcel is back at the sender.
    PARCEL_RETURNED { 2053, Warehouse, Error, CustomerService, Never,
        "a parcel came back to the sender",
        "The carrier brought a parcel of the order back. The buyer does not have these goods.",
        "agree with the buyer whether it is sent anew or credited; then close the exception with a reason" }
    /// Nobody took a parcel.
    DELIVERY_ATTEMPTED { 2054, Warehouse, Warning, CustomerService, OnEvent,
        "the carrier could not deliver a parcel",
        "A delivery was attempted and nobody took the parcel. Most are delivered on the next working day.",
        "tell the buyer, or check the address and the opening hours with them; closes by itself when the parcel moves on" }
    /// A parcel is kept back, or something went wrong.
    PARCEL_HELD { 2055, Warehouse, Warning, CustomerService, OnEvent,
        "a parcel is held, or something went wrong on its way",
        "The last word of the carrier on a parcel is an incident, or that it or customs keeps the parcel back.",
        "ask the carrier what it waits for (customs papers, address, damage); closes by itself with the next scan" }
    /// The carrier never scanned a parcel.
    NO_CARRIER_MOVEMENT { 2056, Warehouse, Error, WarehouseOperations, OnEvent,
        "a parcel was despatched and the carrier does not have it",
        "The warehouse reported the parcel as despatched longer ago than the configured limit, and the carrier has not scanned it: its label was printed and it was never collected, or the tracking number is wrong.",
        "look for the parcel on the loading bay and on the carrier's manifest; closes by itself with the first scan" }
    /// A parcel is too old to be watched.
    PARCEL_NOT_FOLLOWED { 2057, Warehouse, Warning, CustomerService, Never,
        "a parcel was watched for long enough and never arrived",
        "The carrier did not report the parcel as delivered within the configured time (settings: tracking_for) and is not asked any more.",
        "ask the carrier or the buyer whether it arrived; then close the exception with a reason" }
    /// What the carrier says of a parcel cannot be read.
    TRACKING_UNREADABLE { 2058, DataFormat, Warning, Integration, OnEvent,
        "what the carrier says of a parcel cannot be read",
        "The carrier refused the question after a parcel, kept failing at it, or answered with something that is no scan. It is asked again at its next time.",
        "see the message; look at the tracking number and at the answer, and report its shape if it is right" }
    /// The interface has no room for an order's policy.
    PARTIAL_POLICY_NOT_SENT { 2059, Warehouse, Warning, WarehouseOperations, AfterConfigChange,
        "the warehouse cannot be told to send an order whole",
        "The order asks to leave whole or not at all, and the interface of the warehouse has no room for that. If it leaves in part, that is told once it has.",
        "agree with the warehouse how such orders are marked, or change the policy in the profile" }
    /// Others keep changing the stock of an article in the shop.
    STOCK_CONTENDED { 2060, SyncInterval, Warning, Integration, OnEvent,
        "something else keeps writing the stock of an article in the shop",
        "The level of this article changed under our hands as often as it was written; its neighbours were written, and it is tried again in the next run.",
        "none when it passes by itself; when it stays, find what else writes stock in the shop and switch it off: there is one writer of stock" }
    /// A row of the warehouse's list of orders cannot be read.
    LISTING_UNREADABLE { 2063, DataFormat, Warning, Integration, OnEvent,
        "a row of the warehouse's list of orders cannot be read",
        "The audit compares the orders of the warehouse with those on record. Of this row nothing can be said: neither whose order it is nor whether it should be there. Its neighbours were compared.",
        "look at the row at the place the message names; report its shape if it is right" }
    /// Personal data of an order does not open.
    PERSONAL_DATA_UNREADABLE { 2061, DataFormat, Error, Integration, AfterConfigChange,
        "the personal data of an order does not open",
        "The store keeps personal data sealed, and that of this order does not open: its row or its key was changed, moved or lost, or the key it was sealed with was not given. Facts are readable, and other orders go on.",
        "see the message; give the key it names along as an older one, or restore the row from a backup, then replay the order" }
    /// An order whose personal data was erased would have to be sent.
    PERSONAL_DATA_ERASED { 2062, Business, Error, CustomerService, Never,
        "the order's personal data was erased, so it cannot be sent",
        "Somebody asked for the erasure of the personal data of this order, and afterwards it was changed in the shop, replayed or resent. There is no address to send it to, and it is not read from the shop again.",
        "leave it, or cancel it in the shop; where the goods are wanted all the same, have the buyer place a new order" }
    /// An operation of a vendor is not called for now.
    CIRCUIT_OPEN { 2040, Warehouse, Error, Integration, OnEvent,
        "an operation is not called for now because it kept failing",
        "Half or more of the last calls of this operation failed, or the credentials were refused. Until one call that tries it succeeds, no order is sent into the failure, and none comes closer to being parked by waiting.",
        "read the last failure in the message: refused credentials have to be corrected; everything else closes by itself with the first call that is answered" }
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
