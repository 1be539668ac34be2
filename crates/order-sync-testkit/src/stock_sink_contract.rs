//! What every sink of stock levels keeps to, clause by clause; see [`crate::stock_sink_contract!`].

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
use order_mapping::SourceSku;
use order_sync::StockSink;

/// A shop of its own for one case: the adapter under test, and the shop's own books.
#[async_trait]
pub trait StockSinkWorld: Send + Sync {
    /// The adapter under test.
    fn sink(&self) -> &dyn StockSink;

    /// Articles of the shop, at least three; more than go into one batch of the adapter, where that is possible.
    fn articles(&self) -> Vec<SourceSku>;

    /// The level of an article at the sink's location, by the shop's own books.
    async fn level(&self, sku: &SourceSku) -> Option<i64>;

    /// A person sets the level of an article at that location.
    async fn set_level(&self, sku: &SourceSku, level: i64);
}

/// Proves a sink of stock levels: one test for each clause of the contract of [`order_sync::StockSink`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes a
/// [`StockSinkWorld`](crate::stock_sink_contract::StockSinkWorld). Every test has a world of its own and a runtime of one thread.
#[macro_export]
macro_rules! stock_sink_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, stock_sink_contract,
            cases::its_location_has_a_name_that_stays,
            cases::published_levels_are_the_shops,
            cases::levels_are_absolute_and_may_be_written_again,
            cases::none_is_a_level,
            cases::what_others_set_is_written_over,
            cases::what_is_shown_is_read_afresh,
            cases::an_article_that_the_shop_does_not_know_is_left_out,
            cases::every_level_is_in_exactly_one_list,
            cases::a_bad_level_does_not_keep_its_neighbours_back,
            cases::a_level_is_taken_whole_or_not_at_all,
            cases::without_levels_nothing_happens,
            cases::a_call_that_was_never_polled_has_written_nothing,
            cases::a_call_that_was_broken_off_is_made_again,
        }
    };
}
