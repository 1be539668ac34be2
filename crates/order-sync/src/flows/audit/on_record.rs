//! Every order on record in its class, and those that wait for too long.

use chrono::{DateTime, Utc};

use super::FlowError;
use crate::reason::holding_codes_on;
use crate::run::{Run, finding_of};
use crate::settings::to_chrono;
use crate::{
    AuditClass, AuditReport, Dossier, Finding, OrderQuery, OrderRecord, OrderState, OverdueRow,
    Reason, RelayState, codes,
};

const PAGE: usize = 500;

/// States in which an order is at its end: counted, not looked at one by one.
const SETTLED: &[OrderState] = &[
    OrderState::Ignored,
    OrderState::Cancelled,
    OrderState::Closed,
    OrderState::Withdrawn,
];

pub(super) async fn judge(
    run: &Run<'_>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    for (state, count) in parts.store.counts(&parts.merchant, SETTLED).await? {
        report.on_record += count.orders;
        report.count(AuditClass::of(state, false), count.orders);
    }
    let open: Vec<OrderState> = OrderState::ALL
        .into_iter()
        .filter(|state| !state.is_settled())
        .collect();
    let mut query = OrderQuery::new(&open, PAGE);
    query.with_parcels = true;
    while run.goes_on().await? {
        let page = parts.store.scan(&parts.merchant, &query).await?;
        let Some(last) = page.last() else { break };
        query.after = Some(last.record.id.clone());
        for dossier in &page {
            report.on_record += 1;
            let class = judge_one(run, dossier, now, report, findings);
            report.count(class, 1);
        }
        run.progress("orders", report.on_record, None);
    }
    let mut after = None;
    loop {
        let page = parts
            .store
            .orders_with_requests(&parts.merchant, after.as_ref(), PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        report.amended.extend(page.iter().map(OrderRecord::label));
    }
    Ok(())
}

fn judge_one(
    run: &Run<'_>,
    dossier: &Dossier,
    now: DateTime<Utc>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> AuditClass {
    use OrderState as S;
    let settings = &run.parts.settings;
    let record = &dossier.record;
    let waiting = matches!(
        record.state,
        S::Captured | S::Held | S::Ready | S::Sending | S::OutcomeUnknown | S::Queued | S::Parked
    );
    // Counted from our capture, so that a backfill of old orders does not raise an alarm for each of them at once.
    let overdue = waiting && now - record.captured_at >= to_chrono(settings.orphan_after);
    if overdue {
        let reason = Reason::of(&codes::ORPHAN, format!("still {}", record.state));
        findings.push(finding_of(&reason, Some(record)));
        report
            .orphans
            .push(overdue_row(record, record.captured_at, now));
    }
    if matches!(record.state, S::PartDespatched | S::Despatched | S::Relayed) {
        let oldest = dossier
            .parcels
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
            && now - since >= to_chrono(settings.tracking_alarm_after)
        {
            let reason = Reason::of(
                &codes::TRACKING_NOT_VISIBLE,
                "parcels left and the shop does not show them",
            );
            findings.push(finding_of(&reason, Some(record)));
            report
                .tracking_not_visible
                .push(overdue_row(record, since, now));
        }
    }
    AuditClass::of(record.state, overdue)
}

fn overdue_row(record: &OrderRecord, since: DateTime<Utc>, now: DateTime<Utc>) -> OverdueRow {
    OverdueRow {
        order: record.label(),
        state: record.state,
        since,
        age_seconds: (now - since).num_seconds(),
        codes: holding_codes_on(&record.reasons)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}
