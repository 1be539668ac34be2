//! "Why has this not shipped?": everything about one order in one answer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_mapping::{ReturnReceipt, ShipmentStatus, SourceOrderId};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, Exception, ExceptionSubject, LineProgress, OrderRecord, OrderState, ParcelRecord,
    ParcelTracking, Reason, RelayState, RequestKind, RequestState, StoreError, TimelineEntry,
    codes, first_broken_link,
};

/// All that is on record about an order, and a plain answer. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Where it stands and what it waits for, in one sentence.
    pub answer: String,
    /// Who has to do something, and what; none: nobody, it goes on by itself.
    pub todo: Option<Todo>,
    /// When it goes on by itself; none: not by itself, or it is at its end.
    pub next_at: Option<DateTime<Utc>>,
    /// The record.
    pub record: OrderRecord,
    /// What became of each line.
    pub lines: Vec<LineProgress>,
    /// The parcels, and how far each has come on its way to the buyer's eyes.
    pub parcels: Vec<ParcelRecord>,
    /// Where the carrier says the parcels are, those that are watched or were.
    #[serde(default)]
    pub tracking: Vec<ParcelTracking>,
    /// What came back.
    pub returns: Vec<ReturnReceipt>,
    /// Exceptions that are about this order.
    pub exceptions: Vec<Exception>,
    /// Every step, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Position of the first entry of the timeline that was changed, removed or put in afterwards; none: it is whole.
    pub broken_at: Option<u64>,
}

/// What somebody has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Todo {
    /// The team.
    pub owner: String,
    /// What to do.
    pub remedy: String,
}

impl Engine {
    /// Everything about an order, with a plain answer to "why has this not shipped?"; `None`: no order of that id is on record.
    ///
    /// # Errors
    /// [`StoreError`]
    ///
    /// # Cancel safety
    /// Safe: it changes nothing.
    pub async fn explain(&self, id: &SourceOrderId) -> Result<Option<Explanation>, StoreError> {
        let parts = &*self.parts;
        let (store, merchant) = (&parts.store, &parts.merchant);
        let known = store.known(merchant, std::slice::from_ref(id)).await?;
        let Some(record) = known.into_values().next() else {
            return Ok(None);
        };
        let id = &record.id;
        let lines = store.lines(merchant, id).await?;
        let parcels = store.parcels(merchant, id).await?;
        let tracking = store.tracking(merchant, id).await?;
        let returns = store.returns(merchant, id).await?;
        let timeline = store.timeline(merchant, id).await?;
        let of_parcels = tracking.iter().map(ParcelTracking::subject);
        let subjects: Vec<ExceptionSubject> = record
            .reasons
            .iter()
            .filter_map(|reason| reason.subject.clone())
            .chain(std::iter::once(ExceptionSubject::order(id)))
            .chain(of_parcels)
            .collect();
        let mut exceptions = store.exceptions(merchant, true).await?;
        exceptions.retain(|exception| subjects.contains(&exception.finding.subject));
        Ok(Some(Explanation {
            answer: answer(&record, &lines, &parcels, &tracking),
            todo: todo(&record, &exceptions),
            next_at: [record.due_at, record.request_due_at()]
                .into_iter()
                .flatten()
                .min()
                .filter(|_| !record.state.is_settled()),
            broken_at: first_broken_link(&timeline),
            lines,
            parcels,
            tracking,
            returns,
            exceptions,
            timeline,
            record,
        }))
    }
}

fn answer(
    record: &OrderRecord,
    lines: &[LineProgress],
    parcels: &[ParcelRecord],
    tracking: &[ParcelTracking],
) -> String {
    use OrderState as S;
    let reasons = || {
        let held = record
            .reasons
            .iter()
            .filter(|reason| reason.severity.holds());
        let told: Vec<String> = held
            .map(|reason| format!("{} ({})", reason.message, reason.code))
            .collect();
        if told.is_empty() {
            "no reason is on record".to_owned()
        } else {
            told.join("; ")
        }
    };
    let open: u64 = lines.iter().map(|line| u64::from(line.open())).sum();
    let unseen = parcels
        .iter()
        .filter(|parcel| parcel.relay == RelayState::Pending)
        .count() as u64;
    let reference = &record.reference;
    let mut text = match record.state {
        S::Captured => {
            "it was captured and is judged by the next run of the orders flow".to_owned()
        }
        S::Ignored => format!(
            "it is left out by rule {}",
            record.rule.as_deref().unwrap_or("?")
        ),
        S::Cancelled => "it was cancelled in the shop before anything was sent".to_owned(),
        S::Held => format!("it waits: {}", reasons()),
        S::Ready if record.failures > 0 => format!(
            "it is ready; {} attempts did not reach the warehouse",
            record.failures
        ),
        S::Ready => "it is ready and goes with the next run of the orders flow".to_owned(),
        S::Sending => "it is being sent right now".to_owned(),
        S::OutcomeUnknown => format!(
            "it was sent without a usable answer; the warehouse is asked for {reference} before anything else happens"
        ),
        S::Queued => "its file lies at the warehouse's door and was not picked up yet".to_owned(),
        S::Accepted => format!("the warehouse has it as {reference} and has not sent anything yet"),
        S::PartDespatched => {
            let open = there_are(open, "unit");
            format!("part of it has left; {open} open at the warehouse")
        }
        S::Despatched => {
            let unseen = there_are(unseen, "parcel");
            format!("it has left; {unseen} not visible to the buyer yet")
        }
        S::Relayed => "it has left and the buyer sees it; a later look is to prove it".to_owned(),
        S::Closed => "it has left, and the buyer sees every parcel".to_owned(),
        S::Withdrawn => "the warehouse cancelled it at the shop's request".to_owned(),
        S::Parked => format!("it is parked and waits for a person: {}", reasons()),
    };
    if let Some(whereabouts) = whereabouts(tracking) {
        text.push_str(&format!("; the carrier says: {whereabouts}"));
    }
    if let Some(request) = &record.request {
        let what = match request.kind {
            RequestKind::Cancel => "its cancellation",
            RequestKind::Amend => "a change of it",
        };
        let state = match request.state {
            RequestState::Wanted => "is to be asked for",
            RequestState::Asked => "was asked for",
            RequestState::Accepted => "was accepted",
            RequestState::PartlyAccepted => "was accepted in part",
            RequestState::Refused => "was refused",
            RequestState::TooLate => "came too late",
            RequestState::Impossible => "cannot be asked for",
        };
        text.push_str(&format!("; {what} {state}"));
        if !request.answer.is_empty() {
            text.push_str(&format!(" ({})", request.answer));
        }
    }
    text
}

/// How far the parcels have come, by the furthest milestone of each; none where none is watched or was.
fn whereabouts(tracking: &[ParcelTracking]) -> Option<String> {
    let mut counts: BTreeMap<Option<&ShipmentStatus>, usize> = BTreeMap::new();
    for parcel in tracking {
        *counts.entry(parcel.progress.status()).or_default() += 1;
    }
    let told: Vec<String> = counts
        .into_iter()
        .map(|(status, count)| {
            let status = status.map_or_else(|| "not scanned yet".to_owned(), ToString::to_string);
            format!("{count} of {} {status}", tracking.len())
        })
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// What the worst thing about it asks for.
fn todo(record: &OrderRecord, exceptions: &[Exception]) -> Option<Todo> {
    let open = exceptions
        .iter()
        .filter(|exception| exception.is_open())
        .map(|exception| (exception.finding.severity, exception.finding.code.as_str()));
    let held = record
        .reasons
        .iter()
        .filter(|reason: &&Reason| reason.severity.holds() && is_waiting(record.state))
        .map(|reason| (reason.severity, reason.code.as_str()));
    let (_, code) = open.chain(held).max()?;
    let info = codes::info(code)?;
    Some(Todo {
        owner: info.owner.to_string(),
        remedy: info.remedy.to_owned(),
    })
}

const fn is_waiting(state: OrderState) -> bool {
    matches!(state, OrderState::Held | OrderState::Parked)
}

/// `1 unit is`, `3 units are`.
fn there_are(count: u64, what: &str) -> String {
    if count == 1 {
        return format!("1 {what} is");
    }
    format!("{count} {what}s are")
}
