//! The catalogue: the registry of article codes kept in step with the shop, and what is wrong with a code told before an order
//! meets it.

use std::sync::Arc;

use order_mapping::SkuRegistry;

use super::FlowError;
use crate::Tally;
use crate::reason::Reason;
use crate::run::{Run, finding_of};

/// Reads the catalogue and builds the registry anew; its faults become exceptions of merchandising.
///
/// Codes keep the meaning that they have on record, so the registry is put on record before anything is mapped with it.
pub(crate) async fn refresh(run: &Run<'_>) -> Result<Arc<SkuRegistry>, FlowError> {
    let parts = run.parts;
    let items = parts.catalogue.catalogue().await?;
    let history = parts.store.sku_history(&parts.merchant).await?;
    let profile = parts.mapper.profile();
    let (registry, diagnostics) = profile.registry(&history, &items, &parts.overrides);
    run.counters.add(Tally::ArticlesRead, items.len() as u64);
    run.counters
        .add(Tally::ArticlesMapped, registry.len() as u64);
    let next = registry.history();
    if next != history && !parts.store.save_sku_history(&parts.merchant, next).await? {
        // Its codes may contradict ours: read again what is on record now, in the next run.
        return Err(FlowError::LeaseLost);
    }
    let findings = diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity >= order_mapping::Severity::Warning)
        .map(|diagnostic| finding_of(&Reason::from(diagnostic), None))
        .collect();
    run.settle("catalogue", findings).await?;
    Ok(run.keep_registry(registry))
}
