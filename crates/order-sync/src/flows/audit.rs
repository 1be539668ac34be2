//! The audit: shop, warehouse and store compared. It changes nothing but exceptions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_mapping::{ClientOrderRef, Severity, SkuRegistry, SourceOrderId, SourceSku};
use serde::{Deserialize, Serialize};

use super::stock::Picture;
use super::{FlowError, capture};
use crate::engine::{Run, finding_of};
use crate::ports::{ChangeWindow, Lookup};
use crate::settings::to_chrono;
use crate::{ExceptionSubject, Finding, OrderRecord, OrderState, Reason, RelayState, codes};

/// What the audit found. Every list names what a person can look up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// Orders in the shop.
    pub in_shop: u64,
    /// Orders on record.
    pub on_record: u64,
    /// Live orders at the warehouse; none when the warehouse cannot list them.
    pub at_warehouse: Option<u64>,
    /// In the shop and not on record (and not known as unreadable).
    pub not_captured: Vec<String>,
    /// Captured and not transmitted for longer than the limit.
    pub orphans: Vec<OverdueRow>,
    /// Despatched, and not visible to the buyer for longer than the limit.
    pub tracking_not_visible: Vec<OverdueRow>,
    /// Accepted once, not at the warehouse any more.
    pub lost: Vec<String>,
    /// More than once at the warehouse.
    pub doubled: Vec<String>,
    /// At the warehouse and not on record; despatches of nobody's order.
    pub ghosts: Vec<String>,
    /// Changed or cancelled in the shop after they were sent.
    pub amended: Vec<String>,
    /// Stock levels compared.
    pub levels_compared: u64,
    /// Stock levels in the shop that are not what they should be.
    pub drift: Vec<DriftRow>,
}

impl AuditReport {
    /// Nothing is lost, doubled or unaccounted for.
    #[must_use]
    pub fn accounts(&self) -> bool {
        self.not_captured.is_empty() && self.lost.is_empty() && self.doubled.is_empty()
    }
}

/// An order that is late, and how late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OverdueRow {
    /// The number the buyer sees, or the shop's id.
    pub order: String,
    /// Where it stands.
    pub state: OrderState,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// For how long, in seconds.
    pub age_seconds: i64,
    /// Codes of its reasons.
    pub codes: Vec<String>,
}

/// A stock level that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriftRow {
    /// The article in the shop.
    pub sku: SourceSku,
    /// What the shop shows.
    pub shop: i64,
    /// What it should show: the warehouse's figure less orders in flight and the buffer.
    pub expected: i64,
    /// The difference that nothing explains.
    pub unexplained: i64,
}

pub(crate) async fn audit(run: &Run<'_>) -> Result<AuditReport, FlowError> {
    let mut report = AuditReport::default();
    let mut findings = Vec::new();
    let records = shop_and_store(run, &mut report, &mut findings).await?;
    run.progress("orders", records.len() as u64, None);
    warehouse(run, &records, &mut report, &mut findings).await?;
    for (consignment, _) in run.parts.store.unmatched(&run.parts.merchant).await? {
        let ghost = format!("{} (despatch {})", consignment.reference, consignment.id);
        findings.push(Finding::new(
            ExceptionSubject::new("despatch", &consignment.id),
            &codes::GHOST,
            format!(
                "despatch {} carries reference {}",
                consignment.id, consignment.reference
            ),
        ));
        report.ghosts.push(ghost);
    }
    let registry = run.registry().await?;
    stock_drift(run, &registry, &mut report, &mut findings).await?;
    run.settle("audit", findings).await?;
    Ok(report)
}

/// Every order of the shop on record, every record judged for age; returns the records by reference.
async fn shop_and_store(
    run: &Run<'_>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<BTreeMap<String, OrderRecord>, FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let mut records = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let mut after = None;
    loop {
        let page = parts
            .store
            .orders(&parts.merchant, &OrderState::ALL, after.as_ref(), 500)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in page {
            ids.insert(record.id.clone());
            judge_age(run, &record, now, report, findings).await?;
            records.insert(record.reference.as_str().to_owned(), record);
        }
    }
    report.on_record = ids.len() as u64;

    let shop_now = parts.orders.server_time().await?;
    let until = shop_now - to_chrono(parts.settings.source_lag);
    let from = parts.settings.start_from.unwrap_or(DateTime::UNIX_EPOCH);
    let unreadable: BTreeSet<String> = parts
        .store
        .exceptions(&parts.merchant, true)
        .await?
        .into_iter()
        .filter(|exception| exception.finding.code == codes::ORDER_UNREADABLE.id)
        .map(|exception| exception.finding.subject.as_str().to_owned())
        .collect();
    // Up to this moment, so that an order that was touched just now is counted too.
    let in_shop = listed(run, ChangeWindow::new(from, shop_now)).await?;
    report.in_shop = in_shop.len() as u64;
    let mut missing: Vec<SourceOrderId> = in_shop
        .into_iter()
        .filter(|id| !ids.contains(id))
        .filter(|id| !unreadable.contains(ExceptionSubject::order(id).as_str()))
        .collect();
    if !missing.is_empty() {
        // What changed after the orders flow last read is its next task, not a loss; unless that is long ago.
        let grace = until - to_chrono(parts.settings.orphan_after);
        let due = capture::read_until(run)
            .await?
            .map_or(until, |seen| seen.max(grace));
        let due = listed(run, ChangeWindow::new(from, due.min(until))).await?;
        // And some may have been captured while we were reading.
        let known = parts.store.known(&parts.merchant, &missing).await?;
        missing.retain(|id| due.contains(id) && !known.contains_key(id));
    }
    for id in missing {
        findings.push(Finding::new(
            ExceptionSubject::order(&id),
            &codes::NOT_CAPTURED,
            codes::NOT_CAPTURED.title,
        ));
        report.not_captured.push(id.into_string());
    }
    Ok(records)
}

/// Every order of the shop that a window lists.
async fn listed(run: &Run<'_>, window: ChangeWindow) -> Result<BTreeSet<SourceOrderId>, FlowError> {
    let mut ids = BTreeSet::new();
    let mut page = None;
    loop {
        let listing = run.parts.orders.changed(window, page.as_deref()).await?;
        ids.extend(listing.rows.into_iter().map(|row| row.id));
        if listing.next.is_none() || listing.next == page {
            return Ok(ids);
        }
        page = listing.next;
    }
}

async fn judge_age(
    run: &Run<'_>,
    record: &OrderRecord,
    now: DateTime<Utc>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    use OrderState as S;
    let parts = run.parts;
    let waiting = matches!(
        record.state,
        S::Captured | S::Held | S::Ready | S::Sending | S::OutcomeUnknown | S::Queued | S::Parked
    );
    let row = |since: DateTime<Utc>| OverdueRow {
        order: record.label(),
        state: record.state,
        since,
        age_seconds: (now - since).num_seconds(),
        codes: {
            let mut codes: Vec<String> = record
                .reasons
                .iter()
                .filter(|reason| reason.severity >= Severity::Hold)
                .map(|reason| reason.code.clone())
                .collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        },
    };
    // Counted from our capture, so that a backfill of old orders does not raise an alarm for each of them at once.
    if waiting && now - record.captured_at >= to_chrono(parts.settings.orphan_after) {
        let reason = Reason::of(&codes::ORPHAN, format!("still {}", record.state));
        findings.push(finding_of(&reason, Some(record)));
        report.orphans.push(row(record.captured_at));
    }
    if matches!(record.state, S::PartDespatched | S::Despatched | S::Relayed) {
        let parcels = parts.store.parcels(&parts.merchant, &record.id).await?;
        let oldest = parcels
            .iter()
            // Seen again after a loss is not proven: what overwrote the record once may be about to do it again.
            .filter(|parcel| match parcel.relay {
                RelayState::Pending => true,
                RelayState::Seen => record.failures > 0,
                RelayState::Proven => false,
            })
            .map(|parcel| parcel.received_at)
            .min();
        if let Some(since) = oldest
            && now - since >= to_chrono(parts.settings.tracking_alarm_after)
        {
            let reason = Reason::of(
                &codes::TRACKING_NOT_VISIBLE,
                "parcels left and the shop does not show them",
            );
            findings.push(finding_of(&reason, Some(record)));
            report.tracking_not_visible.push(row(since));
        }
    }
    findings.extend(
        record
            .reasons
            .iter()
            .filter(|reason| reason.code == codes::DESPATCH_MISMATCH.id)
            .map(|reason| finding_of(reason, Some(record))),
    );
    if record
        .request_state()
        .is_some_and(|state| state.is_pending() || state.is_denied())
    {
        report.amended.push(record.label());
    }
    Ok(())
}

/// The warehouse's list against ours, where it can list.
async fn warehouse(
    run: &Run<'_>,
    records: &BTreeMap<String, OrderRecord>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    if !parts.warehouse.capabilities().lists_orders {
        return Ok(());
    }
    let mut live: BTreeMap<String, u64> = BTreeMap::new();
    let mut page = None;
    loop {
        let listing = parts.warehouse.list(page.as_deref()).await?;
        for row in listing.rows.into_iter().filter(|row| row.live) {
            *live.entry(row.reference.as_str().to_owned()).or_default() += 1;
        }
        if listing.next.is_none() || listing.next == page {
            break;
        }
        page = listing.next;
    }
    report.at_warehouse = Some(live.values().sum());
    for (reference, count) in &live {
        match records.get(reference) {
            None => {
                // Captured and sent while we were reading?
                let reference_there = ClientOrderRef::from_wire(reference.as_str());
                if parts
                    .store
                    .order_by_reference(&parts.merchant, &reference_there)
                    .await?
                    .is_some()
                {
                    continue;
                }
                findings.push(Finding::new(
                    ExceptionSubject::new("reference", reference),
                    &codes::GHOST,
                    format!("the warehouse has an order under {reference}, which no order on record owns"),
                ));
                report.ghosts.push(reference.clone());
            }
            Some(record) if *count > 1 => {
                let reason = Reason::of(
                    &codes::DOUBLED,
                    format!("{count} live orders under {reference}"),
                );
                findings.push(finding_of(&reason, Some(record)));
                report.doubled.push(record.label());
            }
            // Left out here, and there all the same; what is ready or under way is asked for before it is sent.
            Some(record)
                if matches!(
                    record.state,
                    OrderState::Held | OrderState::Ignored | OrderState::Cancelled
                ) =>
            {
                let record = parts.store.order(&parts.merchant, &record.id).await?;
                if let Some(record) = record.filter(|record| record.state.is_unsent()) {
                    let reason = Reason::of(
                        &codes::GHOST,
                        format!("{reference} is at the warehouse, and {} here", record.state),
                    );
                    findings.push(finding_of(&reason, Some(&record)));
                    report.ghosts.push(record.label());
                }
            }
            Some(_) => {}
        }
    }
    for (reference, record) in records {
        if record.state.is_at_warehouse() && !live.contains_key(reference) {
            // A list may lag behind, or have been read while it was being added: asked for by name before anything is said.
            if let Some(intent) = parts.store.intent(&parts.merchant, &record.id).await?
                && let Lookup::Found { differences, .. } =
                    parts.warehouse.lookup(&record.reference, &intent).await?
                && differences.is_empty()
            {
                continue;
            }
            let reason = Reason::of(
                &codes::LOST_AT_WAREHOUSE,
                format!("{reference} is not listed any more"),
            );
            findings.push(finding_of(&reason, Some(record)));
            report.lost.push(record.label());
        }
    }
    Ok(())
}

/// What the shop shows against what it should: the warehouse's last figure less in-flight orders and the buffer.
async fn stock_drift(
    run: &Run<'_>,
    registry: &SkuRegistry,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let told = parts
        .store
        .published(&parts.merchant, parts.stock_sink.location())
        .await?;
    if told.is_empty() {
        return Ok(());
    }
    // Unknown codes are the stock flow's finding, not drift.
    let expected: BTreeMap<SourceSku, i64> = Picture::load(run)
        .await?
        .levels(registry, run, &mut Vec::new())
        .into_iter()
        .map(|level| (level.sku, level.level))
        .collect();
    let told: BTreeMap<&SourceSku, i64> =
        told.iter().map(|level| (&level.sku, level.level)).collect();
    let skus: Vec<SourceSku> = told.keys().map(|sku| (*sku).clone()).collect();
    let shown = parts.stock_sink.levels(&skus).await?;
    report.levels_compared = shown.len() as u64;
    let mut off: Vec<DriftRow> = Vec::new();
    for level in shown {
        let Some(expected) = expected.get(&level.sku).copied() else {
            continue;
        };
        // Orders and stock news since the last publish explain a level anywhere between what the shop was told and what it is
        // going to be told: that is timing, not drift.
        let told = told.get(&level.sku).copied().unwrap_or(expected);
        let explained = level.level.clamp(told.min(expected), told.max(expected));
        let unexplained = level.level.saturating_sub(explained);
        if unexplained.unsigned_abs() >= u64::from(parts.settings.drift_tolerance.max(1)) {
            off.push(DriftRow {
                sku: level.sku,
                shop: level.level,
                expected: explained,
                unexplained,
            });
        }
    }
    if off.is_empty() {
        return Ok(());
    }
    // The stock flow may have written while we were reading.
    let told_now = parts
        .store
        .published(&parts.merchant, parts.stock_sink.location())
        .await?;
    let told_now: BTreeMap<&SourceSku, i64> = told_now
        .iter()
        .map(|level| (&level.sku, level.level))
        .collect();
    off.retain(|row| told_now.get(&row.sku) != Some(&row.shop));
    findings.extend(off.iter().map(|row| {
        Finding::new(
            ExceptionSubject::new("sku", row.sku.as_str()),
            &codes::STOCK_DRIFT,
            format!(
                "the shop shows {}, it should show {}",
                row.shop, row.expected
            ),
        )
    }));
    report.drift = off;
    Ok(())
}
