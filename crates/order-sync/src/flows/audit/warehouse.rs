//! The warehouse's list against the record: ghosts, doubles, losses, and orders that are not what was sent.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt as _;
use order_mapping::{ClientOrderRef, SourceOrderId};

use super::{FlowError, Marks};
use crate::ports::{FailureClass, Lookup, PortError, StoredContents, WarehouseOrderRow};
use crate::run::{Run, finding_of};
use crate::{
    AuditClass, AuditReport, DifferingRow, Dossier, ExceptionSubject, Finding, OrderQuery,
    OrderRecord, OrderState, Reason, codes,
};

const PAGE: usize = 200;

/// Missing orders that one audit reads from the shop, to learn what they were called before.
const FETCHED_MAX: usize = 200;

/// What the warehouse's list said.
#[derive(Default)]
struct Listed {
    /// How often each live reference was listed.
    live: HashMap<u64, u32>,
    /// What the open ones hold, where the list says so.
    contents: HashMap<u64, StoredContents>,
}

pub(super) async fn compare(
    run: &Run<'_>,
    marks: &Marks,
    missing: &[SourceOrderId],
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    if !parts.warehouse.capabilities().lists_orders {
        return Ok(());
    }
    // The reference an order would have been given is known even where the order itself was deleted from the store.
    let forgotten = references_of(run, missing).await;
    let mut listed = Listed::default();
    let mut page = None;
    let mut pages_seen = HashSet::new();
    while run.goes_on().await? {
        let listing = parts.warehouse.list(page.as_deref()).await?;
        unreadable(listing.unreadable, report, findings);
        let rows: Vec<WarehouseOrderRow> =
            listing.rows.into_iter().filter(|row| row.live).collect();
        judge_rows(run, marks, rows, &forgotten, &mut listed, report, findings).await?;
        run.progress("warehouse", listed.live.len() as u64, None);
        match listing.next {
            None => break,
            Some(token) if !pages_seen.insert(token.clone()) => {
                return Err(PortError::new(
                    FailureClass::Unavailable,
                    "the warehouse's listing repeats a page; nothing can be said of what it lacks",
                )
                .into());
            }
            next => page = next,
        }
    }
    if run.stopped() {
        // Of a list that was not read to its end nothing is said that it lacks.
        return Ok(());
    }
    report.at_warehouse = Some(listed.live.values().map(|count| u64::from(*count)).sum());
    open_orders(run, marks, &listed, report, findings).await
}

/// Rows of which nothing can be said.
fn unreadable(rows: Vec<String>, report: &mut AuditReport, findings: &mut Vec<Finding>) {
    findings.extend(rows.iter().map(|row| {
        let subject = ExceptionSubject::new("listing", row);
        Finding::new(subject, &codes::LISTING_UNREADABLE, row)
    }));
    report.unreadable.extend(rows);
}

/// The references that the warehouse may know missing orders by: of the id the shop gives, and of the one an order began with, where
/// the shop's record tells of a draft. An order that cannot be read now is known by its own id only.
async fn references_of(
    run: &Run<'_>,
    missing: &[SourceOrderId],
) -> HashMap<ClientOrderRef, SourceOrderId> {
    let parts = run.parts;
    let mut references: HashMap<ClientOrderRef, SourceOrderId> = missing
        .iter()
        .map(|id| (parts.reference_of(id, 0), id.clone()))
        .collect();
    let wanted: Vec<SourceOrderId> = missing.iter().take(FETCHED_MAX).cloned().collect();
    let mut fetches = futures_util::stream::iter(wanted)
        .map(|id| async move {
            // What is asked for already may be answered; nothing more is asked for.
            if run.stopped() {
                return (id, Ok(None));
            }
            let fetched = parts.orders.fetch(&id).await;
            (id, fetched)
        })
        .buffer_unordered(parts.settings.in_flight);
    while let Some((id, fetched)) = fetches.next().await {
        match fetched {
            Ok(copy) => {
                if let Some(before) = copy.and_then(|copy| copy.continues) {
                    references.insert(parts.reference_of(&before, 0), id);
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "an order that is not on record could not be read");
            }
        }
    }
    references
}

async fn judge_rows(
    run: &Run<'_>,
    marks: &Marks,
    rows: Vec<WarehouseOrderRow>,
    forgotten: &HashMap<ClientOrderRef, SourceOrderId>,
    listed: &mut Listed,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let references: Vec<ClientOrderRef> = rows.iter().map(|row| row.reference.clone()).collect();
    let records = parts
        .store
        .orders_by_reference(&parts.merchant, &references)
        .await?;
    for row in rows {
        let reference = &row.reference;
        let mark = marks.of(reference.as_str());
        let count = listed.live.entry(mark).or_insert(0);
        *count += 1;
        #[cfg(canary)]
        if *count == 2 && crate::canary::planted("doubles_ignored") {
            continue;
        }
        let Some(record) = records.get(reference) else {
            if *count == 1 {
                ghost(reference, forgotten, report, findings);
            }
            continue;
        };
        if *count == 2 {
            let detail = format!("more than one live order under {reference}");
            findings.push(finding_of(
                &Reason::of(&codes::DOUBLED, detail),
                Some(record),
            ));
            report.doubled.push(record.label());
        }
        if record.reference != *reference {
            // Sent once more under another reference by a person, and the one before is there all the same.
            resent(reference, record, report, findings);
        } else if is_left_out(record.state) && *count == 1 {
            left_out(run, record, report, findings).await?;
        }
        if is_open(record.state)
            && let Some(contents) = row.contents
        {
            listed.contents.insert(mark, contents);
        }
    }
    Ok(())
}

/// At the warehouse and on nobody's record.
fn ghost(
    reference: &ClientOrderRef,
    forgotten: &HashMap<ClientOrderRef, SourceOrderId>,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) {
    #[cfg(canary)]
    if crate::canary::planted("ghosts_ignored") {
        return;
    }
    let mut detail =
        format!("the warehouse has an order under {reference}, which no order on record owns");
    if let Some(id) = forgotten.get(reference) {
        detail = format!("{detail}; it is the shop's order {id}, which was deleted from the store");
    }
    findings.push(Finding::new(
        ExceptionSubject::new("reference", reference.as_str()),
        &codes::GHOST,
        detail,
    ));
    report.count(AuditClass::Ghost, 1);
    report.ghosts.push(reference.to_string());
}

fn resent(
    reference: &ClientOrderRef,
    record: &OrderRecord,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) {
    let detail = format!(
        "{reference} is at the warehouse although the order was sent once more as {}",
        record.reference
    );
    findings.push(finding_of(
        &Reason::of(&codes::DOUBLED, detail),
        Some(record),
    ));
    report.doubled.push(record.label());
}

/// Left out here, and there all the same; what is ready or under way is asked for before it is sent.
async fn left_out(
    run: &Run<'_>,
    record: &OrderRecord,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    // It may have moved on since the page was read.
    let record = parts.store.order(&parts.merchant, &record.id).await?;
    if let Some(record) = record.filter(|record| is_left_out(record.state)) {
        let detail = format!(
            "{} is at the warehouse, and {} here",
            record.reference, record.state
        );
        findings.push(finding_of(
            &Reason::of(&codes::GHOST, detail),
            Some(&record),
        ));
        report.ghosts.push(record.label());
    }
    Ok(())
}

const fn is_left_out(state: OrderState) -> bool {
    matches!(
        state,
        OrderState::Held | OrderState::Ignored | OrderState::Cancelled | OrderState::Withdrawn
    )
}

/// Something of it is still to leave, so it has to be there, as it was sent.
const fn is_open(state: OrderState) -> bool {
    matches!(state, OrderState::Accepted | OrderState::PartDespatched)
}

/// Orders that the warehouse has to have: whether it does, and as they were sent.
async fn open_orders(
    run: &Run<'_>,
    marks: &Marks,
    listed: &Listed,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let states = [OrderState::Accepted, OrderState::PartDespatched];
    let mut query = OrderQuery::new(&states, PAGE);
    query.with_intent = true;
    while run.goes_on().await? {
        let page = parts.store.scan(&parts.merchant, &query).await?;
        let Some(last) = page.last() else { break };
        query.after = Some(last.record.id.clone());
        for dossier in page {
            let mark = marks.of(dossier.record.reference.as_str());
            if !listed.live.contains_key(&mark) {
                lost(run, &dossier, report, findings).await?;
            } else if let Some(contents) = listed.contents.get(&mark) {
                differing(run, &dossier, contents, report, findings).await?;
            }
        }
    }
    Ok(())
}

async fn lost(
    run: &Run<'_>,
    dossier: &Dossier,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let record = &dossier.record;
    let mut detail = format!("{} is not listed any more", record.reference);
    // A list may lag behind, or have been read while it was being added: asked for by name before anything is said.
    if let Some(intent) = &dossier.intent
        && let Lookup::Found { differences, .. } = run
            .parts
            .warehouse
            .lookup(&record.reference, intent)
            .await?
    {
        if differences.is_empty() {
            return Ok(());
        }
        detail = format!("{detail}: {}", differences.join("; "));
    }
    findings.push(finding_of(
        &Reason::of(&codes::LOST_AT_WAREHOUSE, detail),
        Some(record),
    ));
    report.lost.push(record.label());
    Ok(())
}

async fn differing(
    run: &Run<'_>,
    dossier: &Dossier,
    contents: &StoredContents,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let record = &dossier.record;
    let Some(intent) = &dossier.intent else {
        return Ok(());
    };
    if contents.differences(intent).is_empty()
        || record
            .request_state()
            .is_some_and(|state| state.is_pending())
    {
        return Ok(());
    }
    // The list was read before the record: an amendment may have gone through in between.
    let Lookup::Found { differences, .. } = run
        .parts
        .warehouse
        .lookup(&record.reference, intent)
        .await?
    else {
        return Ok(());
    };
    if differences.is_empty() {
        return Ok(());
    }
    findings.push(finding_of(
        &Reason::of(&codes::CONTENT_DIFFERS, differences.join("; ")),
        Some(record),
    ));
    report.differing.push(DifferingRow {
        order: record.label(),
        differences,
    });
    Ok(())
}
