//! Housekeeping: what is due for its age, and the key of personal data.

use super::FlowError;
use crate::Tally;
use crate::run::Run;
use crate::settings::to_chrono;

/// Orders whose personal data is erased, or brought under another key, in one transaction.
const BATCH: usize = 500;

/// The cursor that says under which key all personal data of the merchant is.
const KEY_CURSOR: &str = "personal_data_key";

/// Erases personal data that is older than it may be kept, and brings the rest under the key of today. Facts, totals and the timeline
/// stay.
pub(crate) async fn housekeeping(run: &Run<'_>) -> Result<(), FlowError> {
    erase(run).await?;
    reseal(run).await
}

async fn erase(run: &Run<'_>) -> Result<(), FlowError> {
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

/// Once for each key: what was in clear is sealed, and what another key sealed comes under this one.
async fn reseal(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let Some(key) = parts.store.personal_data_key() else {
        return Ok(());
    };
    let done = parts.store.cursor(&parts.merchant, KEY_CURSOR).await?;
    if done.as_ref() == Some(&key) {
        return Ok(());
    }
    let mut after = None;
    let (mut rows, mut unopened) = (0, 0);
    while run.goes_on().await? {
        let page = parts
            .store
            .reseal_personal(&parts.merchant, after.as_ref(), BATCH)
            .await?;
        run.counters.add(Tally::Resealed, page.rows);
        rows += page.rows;
        unopened += page.unopened;
        run.progress("seal", rows, None);
        after = page.last;
        if after.is_none() {
            if unopened > 0 {
                // Tried again by the next run: the key that is missing may be given by then.
                tracing::error!(
                    merchant = %parts.merchant, unopened, key,
                    "personal data does not open and stays under its old key; do not let that key go"
                );
                return Ok(());
            }
            let moved = parts
                .store
                .move_cursor(&parts.merchant, KEY_CURSOR, done.as_deref(), &key)
                .await?;
            tracing::info!(merchant = %parts.merchant, rows, key, moved, "all personal data is under this key");
            break;
        }
    }
    Ok(())
}
