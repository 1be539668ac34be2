//! The audit: shop, warehouse and store compared. It changes nothing but exceptions.

mod drift;
mod on_record;
mod shop;
mod warehouse;

use std::hash::{BuildHasher as _, RandomState};

use super::FlowError;
use crate::run::Run;
use crate::{AuditReport, ExceptionSubject, Finding, codes};

pub(crate) async fn audit(run: &Run<'_>) -> Result<AuditReport, FlowError> {
    let mut report = AuditReport::default();
    let mut findings = Vec::new();
    // Hashes in place of ids and references: a few bytes an order, however many there are.
    let marks = Marks::default();
    on_record::judge(run, &mut report, &mut findings).await?;
    let missing = shop::compare(run, &marks, &mut report, &mut findings).await?;
    warehouse::compare(run, &marks, &missing, &mut report, &mut findings).await?;
    for (consignment, _) in run.parts.store.unmatched(&run.parts.merchant).await? {
        let ghost = format!("{} (despatch {})", consignment.reference, consignment.id);
        let detail = format!(
            "despatch {} carries reference {}",
            consignment.id, consignment.reference
        );
        findings.push(Finding::new(
            ExceptionSubject::new("despatch", &consignment.id),
            &codes::GHOST,
            detail,
        ));
        report.ghosts.push(ghost);
    }
    let registry = run.registry().await?;
    drift::compare(run, &registry, &mut report, &mut findings).await?;
    run.settle("audit", findings).await?;
    Ok(report)
}

/// Stands for an id or a reference where only sameness counts.
#[derive(Default)]
struct Marks(RandomState);

impl Marks {
    fn of(&self, text: &str) -> u64 {
        self.0.hash_one(text)
    }
}
