//! Changes and cancellations of orders that the warehouse has: asked for, never assumed.

use futures_util::StreamExt as _;
use order_mapping::{FieldChange, FulfilmentOrder, Mapping, SkuRegistry, differences};

use super::{FlowError, probe};
use crate::ports::{AmendRequest, ChangeAnswer, FailureClass, PortError};
use crate::reason::holding_codes_of;
use crate::run::{Run, finding_of};
use crate::settings::to_chrono;
use crate::{
    ChangeRequest, Claim, ClaimKind, Commit, CutOff, ExceptionSubject, Fence, Finding,
    LineProgress, OrderEvent, OrderRecord, OrderState, Reason, RequestKind, RequestState, Tally,
    codes,
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
    let parts = run.parts;
    let settings = &parts.settings;
    loop {
        if !run.goes_on().await? {
            return Ok(());
        }
        let now = parts.clock.now();
        let lease = to_chrono(settings.lease);
        let claims = parts
            .store
            .claim(
                &parts.merchant,
                ClaimKind::Change,
                settings.batch,
                lease,
                now,
            )
            .await?;
        if claims.is_empty() {
            return Ok(());
        }
        let mut work = futures_util::stream::iter(claims)
            .map(|claim| one(run, registry, claim))
            .buffer_unordered(settings.in_flight);
        let mut failure = None;
        while let Some(result) = work.next().await {
            // The others of the batch are finished and recorded all the same.
            failure = result.err().or(failure);
            run.stays().await;
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
) -> Result<(), FlowError> {
    let Some(request) = claim.record.request.clone() else {
        return Ok(());
    };
    match request.kind {
        RequestKind::Cancel => cancel(run, &claim.record, request).await,
        RequestKind::Amend => amend(run, registry, claim, request).await,
    }
}

/// A step of the request, fenced by the claim.
fn step(
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
fn answered(
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
            request.due_at = Some(now + to_chrono(settings.acknowledge_poll));
            let first = request.state == RequestState::Wanted;
            let mut commit = step(
                run,
                record,
                request,
                OrderEvent::ChangeAsked,
                "the warehouse decides later",
            );
            commit.quiet = !first;
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

/// What the shop changed, against what the warehouse has.
enum Wanted {
    /// The order as it is to be, and what is different.
    Order(Box<FulfilmentOrder>, Vec<FieldChange>),
    /// It does not pass the rules as it is now.
    No(String),
    /// It cannot be judged just now.
    Later(PortError),
}

async fn wanted(
    run: &Run<'_>,
    registry: &SkuRegistry,
    record: &OrderRecord,
    has: &FulfilmentOrder,
) -> Result<Wanted, FlowError> {
    let parts = run.parts;
    let Some(copy) = parts.store.source_copy(&parts.merchant, &record.id).await? else {
        return Ok(Wanted::No("the shop's copy is not on record".to_owned()));
    };
    let facts = match parts.facts_about(&copy.order).await {
        Ok(facts) => facts,
        Err(error) => return Ok(Wanted::Later(error)),
    };
    Ok(match parts.mapper.map(&copy.order, &facts, registry) {
        Mapping::Ready { order, .. } => {
            let changes = differences(has, &order);
            Wanted::Order(order, changes)
        }
        Mapping::Ignored { rule } => Wanted::No(format!("rule {rule} would leave it out now")),
        Mapping::Held { diagnostics } => {
            let codes: Vec<&str> = holding_codes_of(&diagnostics).into_iter().collect();
            Wanted::No(format!(
                "as it is now it would be held: {}",
                codes.join(", ")
            ))
        }
        _ => Wanted::No("the rules do not say what to do with it".to_owned()),
    })
}

async fn amend(
    run: &Run<'_>,
    registry: &SkuRegistry,
    claim: Claim,
    mut request: ChangeRequest,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let record = &claim.record;
    let Some(has) = &claim.intent else {
        let why = "what was sent is not in the store any more";
        let commit = step(run, record, request, OrderEvent::ChangeImpossible, why);
        return probe::write(run, commit).await;
    };
    let (order, changes) = match wanted(run, registry, record, has).await? {
        Wanted::Order(order, changes) => (order, changes),
        Wanted::No(why) => {
            run.counters.one(Tally::ChangesDenied);
            let commit = step(run, record, request, OrderEvent::ChangeImpossible, why);
            return probe::write(run, commit).await;
        }
        Wanted::Later(error) => {
            let commit = answered(run, record, request, Err(error))?;
            return probe::write(run, commit).await;
        }
    };
    if changes.is_empty() {
        // What the warehouse is not sent (a status, a price it does not see), or changed back.
        let why = "nothing that the warehouse was sent is different";
        let commit = step(run, record, request, OrderEvent::ChangeDropped, why);
        return probe::write(run, commit).await;
    }
    request.changes.clone_from(&changes);
    let told = listed(&changes);
    if !matches!(
        record.state,
        OrderState::Accepted | OrderState::PartDespatched
    ) {
        run.counters.one(Tally::ChangesDenied);
        let commit = step(run, record, request, OrderEvent::ChangeTooLate, told);
        return probe::write(run, commit).await;
    }
    let (late, open): (Vec<FieldChange>, Vec<FieldChange>) = changes
        .into_iter()
        .partition(|change| parts.settings.cut_off(change.field).is_past(record.state));
    let amends = parts.warehouse.capabilities().amends;
    let (asked, cannot): (Vec<FieldChange>, Vec<FieldChange>) = open
        .into_iter()
        .partition(|change| amends.contains(&change.field));
    if asked.is_empty() {
        run.counters.one(Tally::ChangesDenied);
        let (event, why) = if late.is_empty() {
            let why = format!(
                "the warehouse's interface cannot change {}",
                listed(&cannot)
            );
            (OrderEvent::ChangeImpossible, why)
        } else {
            (OrderEvent::ChangeTooLate, told)
        };
        let commit = step(run, record, request, event, why);
        return probe::write(run, commit).await;
    }
    let target = merged(has, &order, &asked);
    run.counters.one(Tally::ChangesAsked);
    let amendment = AmendRequest::new(&request.id, &asked, &target);
    match parts.warehouse.amend(&record.reference, amendment).await {
        Ok(ChangeAnswer::Accepted) => {
            let left: Vec<FieldChange> = late.into_iter().chain(cannot).collect();
            amended(run, record, request, target, &asked, left).await
        }
        answer => {
            let commit = answered(run, record, request, answer)?;
            probe::write(run, commit).await
        }
    }
}

/// The order that the warehouse has once it has done what it was asked for, and nothing else.
fn merged(
    has: &FulfilmentOrder,
    wanted: &FulfilmentOrder,
    asked: &[FieldChange],
) -> FulfilmentOrder {
    use order_mapping::AmendField as F;
    let mut target = has.clone();
    for change in asked {
        let of_line = |id: &order_mapping::LineId| {
            wanted
                .lines
                .iter()
                .find(|line| line.line_id == *id)
                .cloned()
        };
        match (change.field, &change.line_id) {
            (F::Quantity | F::Article, Some(id)) => {
                let place = target.lines.iter_mut().find(|line| line.line_id == *id);
                if let (Some(place), Some(line)) = (place, of_line(id)) {
                    *place = line;
                }
            }
            (F::LineAdded, Some(id)) => target.lines.extend(of_line(id)),
            (F::LineRemoved, Some(id)) => target.lines.retain(|line| line.line_id != *id),
            (F::Service, _) => {
                target.service = wanted.service.clone();
                target.service_rule = wanted.service_rule.clone();
            }
            (F::PurchaseOrder, _) => target.purchase_order.clone_from(&wanted.purchase_order),
            (F::RequestedDate, _) => target.requested_date = wanted.requested_date,
            (F::Recipient, _) => target.recipient = wanted.recipient.clone(),
            (F::Partial, _) => target.partial = wanted.partial,
            (F::Declaration, None) => {
                target.customs.clone_from(&wanted.customs);
                target.currency = wanted.currency;
            }
            (F::Declaration, Some(id)) => {
                let place = target.lines.iter_mut().find(|line| line.line_id == *id);
                if let (Some(place), Some(line)) = (place, of_line(id)) {
                    place.declared = line.declared;
                    place.unit_price = line.unit_price;
                }
            }
            _ => {}
        }
    }
    target.profile_hash = wanted.profile_hash.clone();
    target.registry_hash = wanted.registry_hash.clone();
    target
}

/// The warehouse accepted an amendment: from now on that is what was sent. What of the wish it was not asked for stays on record as
/// denied.
async fn amended(
    run: &Run<'_>,
    record: &OrderRecord,
    mut request: ChangeRequest,
    target: FulfilmentOrder,
    asked: &[FieldChange],
    left: Vec<FieldChange>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    run.counters.one(Tally::ChangesAccepted);
    let lines = parts.store.lines(&parts.merchant, &record.id).await?;
    let lines = lines_of_amended(lines, &target);
    let (event, answer) = if left.is_empty() {
        (OrderEvent::Amended, format!("accepted: {}", listed(asked)))
    } else {
        run.counters.one(Tally::ChangesDenied);
        let answer = format!("accepted: {}; not: {}", listed(asked), listed(&left));
        (OrderEvent::PartlyAmended, answer)
    };
    request.changes = left;
    let mut commit = step(run, record, request, event, answer);
    if record.state == OrderState::PartDespatched && lines.iter().all(|line| line.open() == 0) {
        // The last open units are gone: the relay finds that all of it has left.
        commit.due_at = Some(parts.clock.now());
    }
    commit.intent = Some(Box::new(target));
    commit.lines = Some(lines);
    probe::write(run, commit).await
}

/// The lines after an amendment: what was ordered follows the order, what has happened stays. A line that is gone counts as
/// cancelled.
fn lines_of_amended(lines: Vec<LineProgress>, target: &FulfilmentOrder) -> Vec<LineProgress> {
    let mut left: Vec<&order_mapping::FulfilmentLine> = target.lines.iter().collect();
    let mut amended: Vec<LineProgress> = lines
        .into_iter()
        .map(|mut line| {
            match left
                .iter()
                .position(|wanted| wanted.line_id == line.line_id)
            {
                Some(at) => line.ordered = left.swap_remove(at).quantity.get(),
                None => line.cancelled = line.cancelled.saturating_add(line.open()),
            }
            line
        })
        .collect();
    amended.extend(left.into_iter().map(|new| {
        LineProgress::new(
            new.line_id.clone(),
            Some(new.source_sku.clone()),
            new.quantity.get(),
        )
    }));
    amended
}

fn listed(changes: &[FieldChange]) -> String {
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

impl CutOff {
    /// Whether an order in that state is past it.
    fn is_past(self, state: OrderState) -> bool {
        match self {
            Self::Never => true,
            Self::Accepted => state != OrderState::Accepted,
            Self::PartDespatched => {
                !matches!(state, OrderState::Accepted | OrderState::PartDespatched)
            }
        }
    }
}
