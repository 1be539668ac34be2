//! What every sink of despatches keeps to, clause by clause; see [`crate::despatch_sink_contract!`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a case fails by panicking, and is named after the clause it proves"
)]

pub mod cases;

use async_trait::async_trait;
use order_mapping::{LineId, SourceOrderId};
use order_sync::DespatchSink;

/// An order in the shop, as the engine knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlacedOrder {
    /// The shop's id.
    pub id: SourceOrderId,
    /// Its lines, by the ids that the order source gives them.
    pub lines: [LineId; 2],
}

impl PlacedOrder {
    /// An order with two lines.
    #[must_use]
    pub const fn new(id: SourceOrderId, lines: [LineId; 2]) -> Self {
        Self { id, lines }
    }
}

/// A shop of its own for one case: the adapter under test, and what the buyer sees.
#[async_trait]
pub trait DespatchSinkWorld: Send + Sync {
    /// The adapter under test.
    fn sink(&self) -> &dyn DespatchSink;

    /// A buyer places an order over two lines of six units each, nothing of which has left.
    async fn place(&self) -> PlacedOrder;

    /// The tracking numbers that the buyer sees at an order, by the shop's own books; one that is shown twice is there twice.
    async fn seen(&self, order: &SourceOrderId) -> Vec<String>;

    /// Somebody else puts a parcel on the record: one unit of the first line, with this tracking number.
    async fn add_by_hand(&self, order: &SourceOrderId, number: &str);

    /// Something overwrites the record, and all parcels are gone from it. `false`: the shop's record cannot be overwritten.
    async fn overwrite(&self, order: &SourceOrderId) -> bool;

    /// The shop takes no parcels for the order any more, as when it was cancelled. `false`: there is no such thing in the shop.
    async fn refuse_parcels(&self, order: &SourceOrderId) -> bool {
        let _ = order;
        false
    }

    /// How often programs have written to the shop.
    async fn writes(&self) -> u64;
}

/// Proves a sink of despatches: one test for each clause of the contract of [`order_sync::DespatchSink`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes a
/// [`DespatchSinkWorld`](crate::despatch_sink_contract::DespatchSinkWorld). Every test has a world of its own and a runtime of one
/// thread.
#[macro_export]
macro_rules! despatch_sink_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, despatch_sink_contract,
            cases::nothing_is_visible_before_it_is_written,
            cases::a_relayed_parcel_is_what_the_buyer_sees,
            cases::relayed_again_it_is_there_once_and_nothing_is_written,
            cases::every_parcel_of_a_call_is_seen,
            cases::a_later_parcel_joins_the_earlier_ones,
            cases::a_later_parcel_alone_leaves_the_earlier_ones,
            cases::what_others_put_there_stays,
            cases::a_number_that_others_put_there_is_not_there_twice,
            cases::what_is_visible_is_read_afresh,
            cases::what_was_overwritten_is_written_again,
            cases::a_parcel_without_a_number_is_visible_once_it_is_relayed,
            cases::orders_are_told_apart,
            cases::an_order_that_it_does_not_have_takes_no_parcel,
            cases::a_refused_parcel_is_not_visible,
            cases::without_parcels_nothing_is_written,
            cases::a_call_that_was_never_polled_has_written_nothing,
            cases::a_call_that_was_broken_off_is_made_again,
        }
    };
}
