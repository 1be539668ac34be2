//! Every order of the shop on record: one that is not is found, even if it was once and was deleted from the store.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;

use super::{FlowError, Marks};
use crate::flows::capture;
use crate::ports::{ChangeWindow, FailureClass, PortError};
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{AuditClass, AuditReport, ExceptionSubject, Finding, codes};

/// Orders of the shop that are due and not on record.
pub(super) async fn compare(
    run: &Run<'_>,
    marks: &Marks,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<Vec<SourceOrderId>, FlowError> {
    let parts = run.parts;
    let shop_now = parts.orders.server_time().await?;
    let until = shop_now - to_chrono(parts.settings.source_lag);
    let from = parts.settings.start_from.unwrap_or(DateTime::UNIX_EPOCH);
    // Up to this moment, so that an order that was touched just now is counted too.
    let mut reading = Listing::of(ChangeWindow::new(from, shop_now));
    let mut seen = HashSet::new();
    let mut missing: BTreeSet<SourceOrderId> = BTreeSet::new();
    while let Some(ids) = reading.page(run).await? {
        let known = parts.store.known(&parts.merchant, &ids).await?;
        for id in ids {
            seen.insert(marks.of(id.as_str()));
            if !known.contains_key(&id) {
                missing.insert(id);
            }
        }
        run.progress("shop", seen.len() as u64, None);
    }
    report.in_shop = seen.len() as u64;
    let missing = due(run, missing, until).await?;
    for id in &missing {
        findings.push(Finding::new(
            ExceptionSubject::order(id),
            &codes::NOT_CAPTURED,
            codes::NOT_CAPTURED.title,
        ));
        report.count(AuditClass::Orphaned, 1);
        report.not_captured.push(id.to_string());
    }
    Ok(missing)
}

/// Of orders that are not on record those that should be.
async fn due(
    run: &Run<'_>,
    missing: BTreeSet<SourceOrderId>,
    until: DateTime<Utc>,
) -> Result<Vec<SourceOrderId>, FlowError> {
    let parts = run.parts;
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let unreadable: BTreeSet<String> = parts
        .store
        .exceptions(&parts.merchant, true)
        .await?
        .into_iter()
        .filter(|exception| exception.finding.code == codes::ORDER_UNREADABLE.id)
        .map(|exception| exception.finding.subject.as_str().to_owned())
        .collect();
    // What changed after the orders flow last read is its next task, not a loss; unless that is long ago.
    let grace = until - to_chrono(parts.settings.orphan_after);
    let read_until = capture::read_until(run)
        .await?
        .map_or(until, |seen| seen.max(grace));
    let from = parts.settings.start_from.unwrap_or(DateTime::UNIX_EPOCH);
    let mut reading = Listing::of(ChangeWindow::new(from, read_until.min(until)));
    let mut due = BTreeSet::new();
    while let Some(ids) = reading.page(run).await? {
        due.extend(ids.into_iter().filter(|id| missing.contains(id)));
    }
    // And some may have been captured while we were reading.
    let ids: Vec<SourceOrderId> = due.into_iter().collect();
    let known = parts.store.known(&parts.merchant, &ids).await?;
    Ok(ids
        .into_iter()
        .filter(|id| !known.contains_key(id))
        .filter(|id| !unreadable.contains(ExceptionSubject::order(id).as_str()))
        .collect())
}

/// What the shop lists of a window, page by page.
struct Listing {
    window: ChangeWindow,
    next: Option<String>,
    /// A vendor that hands out the same page token again would keep us here for ever.
    pages_seen: HashSet<String>,
    ended: bool,
}

impl Listing {
    fn of(window: ChangeWindow) -> Self {
        Self {
            window,
            next: None,
            pages_seen: HashSet::new(),
            ended: false,
        }
    }

    /// The ids of the next page; `None` at the end.
    async fn page(&mut self, run: &Run<'_>) -> Result<Option<Vec<SourceOrderId>>, FlowError> {
        if self.ended || !run.goes_on().await? {
            return Ok(None);
        }
        let listing = run
            .parts
            .orders
            .changed(self.window, self.next.as_deref())
            .await?;
        match listing.next {
            None => self.ended = true,
            Some(token) if !self.pages_seen.insert(token.clone()) => {
                return Err(PortError::new(
                    FailureClass::Unavailable,
                    "the shop's listing repeats a page; nothing can be said of what it lacks",
                )
                .into());
            }
            next => self.next = next,
        }
        let mut ids: Vec<SourceOrderId> = listing.rows.into_iter().map(|row| row.id).collect();
        ids.sort();
        ids.dedup();
        Ok(Some(ids))
    }
}
