//! Housekeeping: what is due for its age.

use super::FlowError;
use crate::Tally;
use crate::run::Run;
use crate::settings::to_chrono;

/// Orders whose personal data is erased in one transaction.
const BATCH: usize = 500;

/// Erases personal data that is older than it may be kept. Facts, totals and the timeline stay.
pub(crate) async fn housekeeping(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let Some(kept) = parts.settings.personal_data_kept else {
        return Ok(());
    };
    let before = parts.clock.now() - to_chrono(kept);
    let mut erased = 0;
    while run.goes_on().await? {
        let batch = parts
            .store
            .erase_personal(&parts.merchant, before, BATCH)
            .await?;
        run.counters.add(Tally::Erased, batch as u64);
        erased += batch as u64;
        run.progress("erase", erased, None);
        if batch < BATCH {
            break;
        }
    }
    Ok(())
}
