//! When the stock flow has to compare everything again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::settings::to_chrono;
use crate::{Engine, FlowReport, StoreError};

/// Where the store keeps when the last corrective run ended.
const CURSOR: &str = "stock.corrective_at";
/// A corrective run that failed is tried again after this part of its interval; the runs that publish what changed go on
/// meanwhile.
const RETRY_PART: u32 = 24;

#[derive(Debug)]
pub(super) struct Corrective {
    every: Duration,
    /// Not before then, as far as this process knows.
    not_before: Option<DateTime<Utc>>,
}

impl Corrective {
    pub(super) const fn new(every: Duration) -> Self {
        Self {
            every,
            not_before: None,
        }
    }

    /// Whether the next run has to be a corrective one. One that nobody remembers is due at once.
    pub(super) async fn is_due(&mut self, engine: &Engine) -> bool {
        let now = engine.parts.clock.now();
        if self.not_before.is_some_and(|moment| now < moment) {
            return false;
        }
        match read(engine).await {
            Ok((_, last)) => {
                let due = last.map(|last| last + to_chrono(self.every));
                self.not_before = due;
                due.is_none_or(|due| due <= now)
            }
            Err(error) => {
                tracing::warn!(error = %error, "when the last corrective stock run was could not be read");
                false
            }
        }
    }

    /// A corrective run ended.
    pub(super) async fn ran(&mut self, engine: &Engine, report: &FlowReport) {
        let now = engine.parts.clock.now();
        if !report.completed() {
            self.not_before = Some(now + to_chrono(self.every / RETRY_PART));
            return;
        }
        self.not_before = Some(now + to_chrono(self.every));
        if let Err(error) = write(engine, now).await {
            tracing::warn!(error = %error, "a corrective stock run could not be noted; after a restart it is made again");
        }
    }
}

async fn read(engine: &Engine) -> Result<(Option<String>, Option<DateTime<Utc>>), StoreError> {
    let text = engine.store().cursor(engine.merchant(), CURSOR).await?;
    let moment = text
        .as_deref()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|moment| moment.to_utc());
    Ok((text, moment))
}

async fn write(engine: &Engine, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (stored, _) = read(engine).await?;
    // Whoever else moved it just now made a corrective run too.
    engine
        .store()
        .move_cursor(
            engine.merchant(),
            CURSOR,
            stored.as_deref(),
            &now.to_rfc3339(),
        )
        .await
        .map(|_moved| ())
}
