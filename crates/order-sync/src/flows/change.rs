//! Changes and cancellations of orders that the warehouse has: asked for, never assumed.

use futures_util::StreamExt as _;
use order_mapping::{FieldChange, SkuRegistry};

use super::claims::{self, Deadline};
use super::{FlowError, amend, probe};
use crate::ports::{ChangeAnswer, FailureClass, PortError};
use crate::run::{Run, finding_of};
use crate::settings::to_chrono;
use crate::{
    ChangeRequest, Claim, ClaimKind, Commit, ExceptionSubject, Fence, Finding, LineProgress,
    OrderEvent, OrderRecord, OrderState, Reason, RequestKind, RequestState, Tally, codes,
};

const SCOPE: &str = "change";

/// Why the warehouse is to cancel, in words for its people.
const WHY: &str = "cancelled in the shop";

/// Asks for every change that is due, and says which ones were denied.
pub(super) async fn change(run: &Run<'_>, registry: &SkuRegistry) -> Result<(), FlowError> {
    let result = drain(run, registry).await;
    settle_exceptions(run).await?;
    result
}

async fn drain(run: &Run<'_>, registry: &SkuRegistry) -> Result<(), FlowError> {
    let settings = &run.parts.settings;
    loop {
        if !run.goes_on().await? {
            return Ok(());
        }
        let (deadline, claims) = claims::take(run, ClaimKind::Change).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let mut work = futures_util::stream::iter(claims)
            .map(|claim| run.staying(one(run, registry, claim, deadline)))
            .buffer_unordered(settings.in_flight);
        let mut failure = None;
        while let Some(result) = work.next().await {
            // The others of the batch are finished and recorded all the same.
            failure = result.err().or(failure);
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
}

pub(super) async fn one(
    run: &Run<'_>,
    registry: &SkuRegistry,
    claim: Claim,
    deadline: Deadline,
) -> Result<(), FlowError> {
    let Some(request) = claim.record.request.clone() else {
        return Ok(());
    };
    match request.kind {
        RequestKind::Cancel => cancel(run, &claim.record, request, deadline).await,
        RequestKind::Amend => amend::amend(run, registry, claim, request, deadline).await,
    }
}

/// A step of the request, fenced by the claim.
pub(super) fn step(
    run: &Run<'_>,
    record: &OrderRecord,
    mut request: ChangeRequest,
    event: OrderEvent,
    answer: impl Into<String>,
) -> Commit {
    request.answer = answer.into();
    let note = format!("{}: {}", request.kind, request.answer);
    let now = run.parts.clock.now();
    Commit::new(record, Fence::Token(record.token), event, now, note).requesting(request)
}

async fn cancel(
    run: &Run<'_>,
    record: &OrderRecord,
    request: ChangeRequest,
    deadline: Deadline,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let commit = match record.state {
        OrderState::Withdrawn => {
            // The warehouse has accepted that already; nothing more is to be asked.
            step(
                run,
                record,
                request,
                OrderEvent::ChangeDropped,
                "it is cancelled already",
            )
        }
        OrderState::Accepted | OrderState::PartDespatched => {
            if !parts.warehouse.capabilities().cancels {
                let why = "the warehouse's interface cannot be asked to cancel";
                step(run, record, request, OrderEvent::ChangeImpossible, why)
            } else if deadline.is_over(run) {
                // Somebody else may be asking by now. Nothing was begun: it is still due, and taken again.
                return Ok(());
            } else {
                run.counters.one(Tally::ChangesAsked);
                let asked = parts.warehouse.cancel(&record.reference, &request.id, WHY);
                match asked.await {
                    Ok(ChangeAnswer::Accepted) => return withdrawn(run, record, request).await,
                    answer => answered(run, record, request, answer)?,
                }
            }
        }
        _ => step(
            run,
            record,
            request,
            OrderEvent::ChangeTooLate,
            "the goods have left",
        ),
    };
    probe::write(run, commit).await
}

/// The warehouse accepted a cancellation: what is open is cancelled, what has left has left.
async fn withdrawn(
    run: &Run<'_>,
    record: &OrderRecord,
    request: ChangeRequest,
) -> Result<(), FlowError> {
    let parts = run.parts;
    run.counters.one(Tally::ChangesAccepted);
    let lines = parts.store.lines(&parts.merchant, &record.id).await?;
    let cancelled: Vec<LineProgress> = lines
        .into_iter()
        .map(|mut line| {
            line.cancelled = line.cancelled.saturating_add(line.open());
            line
        })
        .collect();
    let mut commit = step(run, record, request, OrderEvent::Withdrawn, "accepted");
    if record.state == OrderState::PartDespatched {
        // What has left is still to be shown to the buyer, and proven.
        commit.due_at = Some(parts.clock.now());
    }
    commit.lines = Some(cancelled);
    probe::write(run, commit).await
}

/// What an answer other than "accepted" makes of a request; refused credentials end the run.
pub(super) fn answered(
    run: &Run<'_>,
    record: &OrderRecord,
    mut request: ChangeRequest,
    answer: Result<ChangeAnswer, PortError>,
) -> Result<Commit, FlowError> {
    let settings = &run.parts.settings;
    let now = run.parts.clock.now();
    Ok(match answer {
        Ok(ChangeAnswer::Refused { reason }) => {
            run.counters.one(Tally::ChangesDenied);
            step(run, record, request, OrderEvent::ChangeRefused, reason)
        }
        Ok(ChangeAnswer::TooLate { reason }) => {
            run.counters.one(Tally::ChangesDenied);
            step(run, record, request, OrderEvent::ChangeTooLate, reason)
        }
        Ok(_) => {
            const LATER: &str = "the warehouse decides later";
            request.due_at = Some(now + to_chrono(settings.acknowledge_poll));
            let told = request.answer == LATER;
            let mut commit = step(run, record, request, OrderEvent::ChangeAsked, LATER);
            commit.quiet = told;
            commit
        }
        Err(error) => match error.class() {
            FailureClass::Unauthorised => return Err(error.into()),
            FailureClass::Unsupported => step(
                run,
                record,
                request,
                OrderEvent::ChangeImpossible,
                error.to_string(),
            ),
            FailureClass::Rejected => {
                run.counters.one(Tally::ChangesDenied);
                let why = error.to_string();
                step(run, record, request, OrderEvent::ChangeRefused, why)
            }
            // Whatever became of it: the same request may be asked again.
            _ => {
                run.counters.one(Tally::Deferred);
                let wait = settings.wait_after(request.failures, &error);
                let held_back = error.held_back().is_some();
                if !held_back {
                    request.failures = request.failures.saturating_add(1);
                }
                request.due_at = Some(now + wait);
                let why = error.to_string();
                let mut commit = step(run, record, request, OrderEvent::ChangeFailed, why);
                commit.quiet = held_back;
                commit
            }
        },
    })
}

pub(super) fn listed(changes: &[FieldChange]) -> String {
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// Requests that were denied are exceptions until a person has settled them; and so are those that nobody answers.
async fn settle_exceptions(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let mut findings = Vec::new();
    let mut after = None;
    loop {
        let page = parts
            .store
            .orders_with_requests(&parts.merchant, after.as_ref(), 200)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in &page {
            let Some(request) = &record.request else {
                continue;
            };
            let unanswered = request.state.is_pending()
                && now - request.wanted_at >= to_chrono(parts.settings.orphan_after);
            if let Some(reason) = why_denied(request, unanswered) {
                findings.push(Finding {
                    subject: ExceptionSubject::order(&record.id),
                    ..finding_of(&reason, Some(record))
                });
            }
        }
    }
    run.settle(SCOPE, findings).await?;
    Ok(())
}

fn why_denied(request: &ChangeRequest, unanswered: bool) -> Option<Reason> {
    use RequestKind as K;
    use RequestState as S;
    let code = match (request.kind, request.state) {
        (K::Cancel, S::Refused) => &codes::CANCEL_REFUSED,
        (K::Cancel, S::TooLate) => &codes::CANCEL_TOO_LATE,
        (K::Amend, S::Refused) => &codes::AMENDMENT_REFUSED,
        (K::Amend, S::TooLate | S::PartlyAccepted) => &codes::AMENDMENT_TOO_LATE,
        (_, S::Impossible) => &codes::AMENDED_AFTER_SEND,
        (_, S::Wanted | S::Asked) if unanswered => &codes::AMENDED_AFTER_SEND,
        _ => return None,
    };
    let mut message = match request.kind {
        K::Cancel => "cancelled in the shop".to_owned(),
        K::Amend if request.changes.is_empty() => "changed in the shop".to_owned(),
        K::Amend => listed(&request.changes),
    };
    if unanswered {
        message.push_str("; the warehouse has not answered");
    } else if request.state != S::PartlyAccepted
        && !request.answer.is_empty()
        && !message.contains(&request.answer)
    {
        message.push_str(&format!("; {}", request.answer));
    }
    Some(Reason::of(code, message))
}
