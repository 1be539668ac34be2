//! Where parcels are: the carrier is asked, its word is merged with what is on record, and what needs a person is told.
//!
//! Nothing here moves an order: whatever a carrier says or fails to say, its goods have left, and what the order waits for is another
//! matter. A parcel is watched for as long as it is on its way, also when its order is closed.

mod judgement;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::StreamExt as _;
use order_mapping::{Code, SourceOrderId, StatusTable};

use self::judgement::{Judged, judge, reasons};
use super::FlowError;
use crate::run::{Run, finding_of};
use crate::settings::to_chrono;
use crate::{
    Commit, ExceptionSubject, FailureClass, Fence, Finding, OrderEvent, OrderRecord,
    ParcelTracking, PortError, Reason, Tally, TrackingAnswer, TrackingSource,
};

const SCOPE: &str = "tracking";
const TEXT: &str = "tracking-status";

type Answered = (ParcelTracking, Result<TrackingAnswer, PortError>);

/// Asks after the parcels that are due, those that are due longest first, and no more than the settings allow for one run.
pub(super) async fn tracking(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let Some(source) = &parts.tracking else {
        return Ok(());
    };
    let mut left = parts.settings.tracking_per_run;
    let mut asked = 0;
    while left > 0 && run.goes_on().await? {
        let now = parts.clock.now();
        let limit = left.min(parts.settings.batch);
        let due = parts
            .store
            .parcels_to_track(&parts.merchant, now, limit)
            .await?;
        if due.is_empty() {
            break;
        }
        left = left.saturating_sub(due.len());
        let (answered, ended) = ask(run, source, due).await;
        asked += answered.len() as u64;
        let all_held_back = answered.iter().all(|(_, answer)| is_held_back(answer));
        record(run, answered).await?;
        run.progress("tracking", asked, None);
        ended?;
        if all_held_back {
            // The circuit is open; its own exception tells.
            break;
        }
    }
    Ok(())
}

/// Asks after parcels side by side, up to a failure that concerns all of them.
async fn ask(
    run: &Run<'_>,
    source: &Arc<dyn TrackingSource>,
    due: Vec<ParcelTracking>,
) -> (Vec<Answered>, Result<(), PortError>) {
    let mut answered = Vec::new();
    let mut questions = futures_util::stream::iter(due)
        .map(|tracking| {
            run.staying(async move {
                let answer = source.scans(&tracking.tracked_number()).await;
                (tracking, answer)
            })
        })
        .buffer_unordered(run.parts.settings.in_flight);
    while let Some((tracking, answer)) = questions.next().await {
        match answer {
            Err(error) if concerns_all(&error) => return (answered, Err(error)),
            answer => {
                let calls = u64::from(!is_held_back(&answer));
                run.counters.add(Tally::ParcelsAsked, calls);
                answered.push((tracking, answer));
            }
        }
    }
    (answered, Ok(()))
}

const fn concerns_all(error: &PortError) -> bool {
    matches!(
        error.class(),
        FailureClass::Throttled | FailureClass::Unauthorised | FailureClass::Unsupported
    )
}

/// The question was not asked at all. It goes behind the others: with a circuit that is open, a parcel that failed before waits for
/// another one to try it, and must not keep that one back.
fn is_held_back(answer: &Result<TrackingAnswer, PortError>) -> bool {
    answer
        .as_ref()
        .is_err_and(|error| error.held_back().is_some())
}

/// Puts answers on record. What people have to know comes first: a run that dies in between asks again and finds the same.
async fn record(run: &Run<'_>, answered: Vec<Answered>) -> Result<(), FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let table = &parts.mapper.profile().shipment;
    let judged: Vec<Judged> = answered
        .iter()
        .map(|(before, answer)| judge(before, answer, table, &parts.settings, now))
        .collect();
    let ids: BTreeSet<SourceOrderId> = judged
        .iter()
        .map(|one| one.tracking.order.clone())
        .collect();
    let ids: Vec<SourceOrderId> = ids.into_iter().collect();
    let orders = parts.store.known(&parts.merchant, &ids).await?;
    tell(run, &judged, &orders).await?;
    let mut news: BTreeMap<SourceOrderId, Vec<Judged>> = BTreeMap::new();
    for one in judged {
        news.entry(one.tracking.order.clone())
            .or_default()
            .push(one);
    }
    // The record may move under our hands while others work on the order; then it is read again.
    for _ in 0..5 {
        if news.is_empty() {
            return Ok(());
        }
        let ids: Vec<SourceOrderId> = news.keys().cloned().collect();
        let orders = parts.store.known(&parts.merchant, &ids).await?;
        news.retain(|id, _| orders.contains_key(id));
        let commits: Vec<Commit> = news
            .iter()
            .filter_map(|(id, parcels)| Some(commit(orders.get(id)?, parcels, now)))
            .collect();
        let written = parts.store.commit_all(commits).await?;
        let ids: Vec<SourceOrderId> = news.keys().cloned().collect();
        for (id, written) in ids.into_iter().zip(written) {
            if written.is_ok()
                && let Some(parcels) = news.remove(&id)
            {
                let reached: usize = parcels.iter().map(|one| one.reached).sum();
                run.counters.add(Tally::MilestonesReached, reached as u64);
            }
        }
    }
    // Still due: asked after once more, later.
    Ok(())
}

/// The change of one order that puts its parcels on record; one line of its timeline where there is news.
fn commit(record: &OrderRecord, parcels: &[Judged], now: chrono::DateTime<chrono::Utc>) -> Commit {
    let notes: Vec<&str> = parcels
        .iter()
        .map(|one| one.note.as_str())
        .filter(|note| !note.is_empty())
        .collect();
    let fence = Fence::Unclaimed(record.state, record.token);
    let mut commit = Commit::new(record, fence, OrderEvent::Tracked, now, notes.join("; "));
    commit.quiet = notes.is_empty();
    commit.tracking = parcels.iter().map(|one| one.tracking.clone()).collect();
    commit
}

/// Makes what is open about these parcels equal to what is on record of them now, and leaves what is open about others.
async fn tell(
    run: &Run<'_>,
    judged: &[Judged],
    orders: &BTreeMap<SourceOrderId, OrderRecord>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let table = &parts.mapper.profile().shipment;
    let asked: BTreeSet<ExceptionSubject> =
        judged.iter().map(|one| one.tracking.subject()).collect();
    let mut findings = Vec::new();
    for exception in parts.store.exceptions(&parts.merchant, true).await? {
        if exception.scope != SCOPE || asked.contains(&exception.finding.subject) {
            continue;
        }
        if is_known_by_now(&exception.finding, table) {
            continue;
        }
        // What a person closed stays closed as long as the parcel may be asked after, so that it does not open again.
        let watched_until = exception.changed_at + to_chrono(parts.settings.tracking_for);
        if exception.is_open() || now < watched_until {
            findings.push(exception.finding);
        }
    }
    for one in judged {
        let order = orders.get(&one.tracking.order);
        let found = reasons(&one.tracking, &parts.settings, now);
        findings.extend(found.iter().map(|reason| {
            let mut finding = finding_of(reason, order);
            finding.since = Some(one.tracking.since);
            finding
        }));
        for finding in unknown_texts(&one.tracking, table, order) {
            // One text of many parcels is one exception.
            if findings
                .iter()
                .all(|known| known.subject != finding.subject)
            {
                findings.push(finding);
            }
        }
    }
    run.settle(SCOPE, findings).await?;
    Ok(())
}

/// The texts of a parcel that the profile's status table does not know as it is today.
fn unknown_texts<'a>(
    tracking: &'a ParcelTracking,
    table: &'a StatusTable,
    order: Option<&'a OrderRecord>,
) -> impl Iterator<Item = Finding> + 'a {
    tracking
        .progress
        .findings()
        .into_iter()
        .filter_map(move |diagnostic| {
            let order_mapping::Subject::TrackingStatus(text) = &diagnostic.subject else {
                return None;
            };
            let subject = ExceptionSubject::new(TEXT, text);
            let mut reason = Reason::from(diagnostic);
            reason.message = format!("{} (`{}`)", reason.message, subject.as_str());
            reason.subject = Some(subject);
            let finding = finding_of(&reason, order);
            (!is_known_by_now(&finding, table)).then_some(finding)
        })
}

/// A row of the status table gives a meaning to a text that had none.
fn is_known_by_now(finding: &Finding, table: &StatusTable) -> bool {
    let key = finding.subject.as_str().strip_prefix(TEXT);
    let text = key.and_then(|rest| rest.strip_prefix(':'));
    finding.code == Code::StatusUnknown.id()
        && text.is_some_and(|text| {
            !matches!(table.status(text), order_mapping::ShipmentStatus::Other(_))
        })
}
