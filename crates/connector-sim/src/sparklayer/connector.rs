//! The platform's native connector as a hazard: it promotes drafts and overwrites what the API wrote.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::purchase::LookupBy;
use super::purchase_book::PurchaseBook;
use super::stock::StockBook;
use super::switches::ConnectorReach;

/// What one run of the platform's connector did. Ids are SparkLayer ids.
///
/// That a connector promotes a completed draft is documented; that it overwrites packages and stock is assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConnectorReport {
    /// Purchases that went from `order_unconfirmed` to `order`.
    pub promoted: Vec<String>,
    /// Purchases whose packages went back to the platform's copy.
    pub overwritten: Vec<String>,
    /// SKUs whose stock in location `default` went back to the platform's level.
    pub stock_overwritten: Vec<String>,
}

/// One run.
pub(crate) fn run(
    book: &mut PurchaseBook,
    stock: &mut StockBook,
    reach: ConnectorReach,
    now: DateTime<Utc>,
) -> ConnectorReport {
    // Assumed: connector-overwrites.
    let everything = reach == ConnectorReach::Everything;
    let mut report = ConnectorReport::default();
    for record in book.records_mut() {
        let Some(id) = record
            .purchase
            .identifier(LookupBy::SparkLayer)
            .map(str::to_owned)
        else {
            continue;
        };
        if (everything || record.draft_completed) && record.purchase.kind == "order_unconfirmed" {
            record.purchase.replace_kind("order", now);
            record.draft_completed = false;
            report.promoted.push(id.clone());
        }
        let Some(packages) = record.platform_packages.clone() else {
            continue;
        };
        let differs = packages != record.purchase.packages_text();
        if record.overwrites_left > 0 || (everything && differs) {
            record.purchase.replace_packages(packages, now);
            record.overwrites_left = record.overwrites_left.saturating_sub(1);
            report.overwritten.push(id);
        }
    }
    if everything {
        report.stock_overwritten = stock.overwrite_from_platform();
    }
    report
}
