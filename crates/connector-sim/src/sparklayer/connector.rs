//! The platform's native connector as a hazard: it promotes drafts and overwrites what the API wrote.

use chrono::{DateTime, Utc};

use super::purchase::LookupBy;
use super::purchase_book::PurchaseBook;

/// What one run of the platform's connector did. Ids are SparkLayer ids.
///
/// That a connector promotes a completed draft is documented; that it overwrites packages is assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectorReport {
    /// Purchases that went from `order_unconfirmed` to `order`.
    pub promoted: Vec<String>,
    /// Purchases whose packages went back to the platform's copy.
    pub overwritten: Vec<String>,
}

/// One run.
pub(crate) fn run(book: &mut PurchaseBook, now: DateTime<Utc>) -> ConnectorReport {
    let mut report = ConnectorReport::default();
    for record in book.records_mut() {
        let Some(id) = record
            .purchase
            .identifier(LookupBy::SparkLayer)
            .map(str::to_owned)
        else {
            continue;
        };
        if record.draft_completed && record.purchase.kind == "order_unconfirmed" {
            record.purchase.replace_kind("order", now);
            record.draft_completed = false;
            report.promoted.push(id.clone());
        }
        if let (1.., Some(packages)) = (record.overwrites_left, &record.platform_packages) {
            record.purchase.replace_packages(packages.clone(), now);
            record.overwrites_left -= 1;
            report.overwritten.push(id);
        }
    }
    report
}
