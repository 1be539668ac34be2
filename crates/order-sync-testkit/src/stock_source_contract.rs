//! What every source of stock figures keeps to, clause by clause; see [`crate::stock_source_contract!`].

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
use order_sync::StockSource;

/// A warehouse of its own for one case: the adapter under test, and what is counted behind it.
#[async_trait]
pub trait StockSourceWorld: Send + Sync {
    /// The adapter under test.
    fn source(&self) -> &dyn StockSource;

    /// Two articles of the warehouse.
    fn articles(&self) -> [String; 2];

    /// The warehouse counts an article: so many units are free. Its feed tells it by the time the future is done.
    async fn count(&self, sku: &str, free: u32);

    /// Whether the feed can tell everything that is there. `false`: it has changes only, such as a folder of delta files, and what it
    /// tells without a cursor is every change that it still has.
    fn tells_everything(&self) -> bool {
        true
    }
}

/// Proves a source of stock figures: one test for each clause of the contract of [`order_sync::StockSource`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes a
/// [`StockSourceWorld`](crate::stock_source_contract::StockSourceWorld). Every test has a world of its own and a runtime of one thread.
#[macro_export]
macro_rules! stock_source_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, stock_source_contract,
            cases::without_a_cursor_every_article_is_told,
            cases::without_a_cursor_it_is_a_snapshot,
            cases::a_snapshot_has_every_article,
            cases::with_a_cursor_what_changed_is_told,
            cases::with_nothing_new_no_figure_changes,
            cases::figures_are_absolute,
            cases::none_is_a_figure,
            cases::sequences_grow_with_changes,
            cases::moments_do_not_go_back,
            cases::the_same_cursor_tells_the_same_again,
            cases::a_foreign_cursor_is_an_error_or_tells_everything,
            cases::reading_changes_nothing_and_may_be_broken_off,
        }
    };
}
