//! Amendments: what the shop changed of an order that the warehouse has, asked for as the smallest difference.

use order_mapping::{
    FieldChange, FulfilmentLine, FulfilmentOrder, LineId, Mapping, SkuRegistry, differences,
};

use super::change::{answered, listed, step};
use super::claims::Deadline;
use super::{FlowError, probe};
use crate::ports::{AmendRequest, ChangeAnswer, PortError};
use crate::reason::holding_codes_of;
use crate::run::Run;
use crate::{
    ChangeRequest, Claim, Commit, CutOff, Fence, LineProgress, OrderEvent, OrderRecord, OrderState,
    RequestState, Tally,
};

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

pub(super) async fn amend(
    run: &Run<'_>,
    registry: &SkuRegistry,
    claim: Claim,
    mut request: ChangeRequest,
    deadline: Deadline,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let record = &claim.record;
    if let Some(why) = &claim.unopened {
        run.counters.one(Tally::ChangesDenied);
        let commit = step(run, record, request, OrderEvent::ChangeImpossible, why);
        return probe::write(run, commit).await;
    }
    let Some(has) = &claim.intent else {
        let why = "what was sent is not in the store any more";
        let commit = step(run, record, request, OrderEvent::ChangeImpossible, why);
        return probe::write(run, commit).await;
    };
    let (order, mut changes) = match wanted(run, registry, record, has).await? {
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
    // What an earlier asking may have changed is asked for too, also where it is to be as it was.
    let in_doubt = request.asked.iter().filter(|asked| {
        let same = |change: &FieldChange| {
            let gone = change.field.is_of_presence() && change.line_id == asked.line_id;
            gone || change.is_at_place_of(asked)
        };
        !changes.iter().any(same)
    });
    changes.extend(in_doubt.cloned().collect::<Vec<_>>());
    if changes.is_empty() {
        // What the warehouse is not sent (a status, a price it does not see), or changed back.
        let why = "nothing that the warehouse was sent is different";
        let commit = step(run, record, request, OrderEvent::ChangeDropped, why);
        return probe::write(run, commit).await;
    }
    request.changes.clone_from(&changes);
    let parted = Parted::of(run, record, &request, changes);
    if parted.asked.is_empty() {
        run.counters.one(Tally::ChangesDenied);
        let (event, why) = if parted.late.is_empty() {
            let why = format!(
                "the warehouse's interface cannot change {}",
                listed(&parted.cannot)
            );
            (OrderEvent::ChangeImpossible, why)
        } else {
            (OrderEvent::ChangeTooLate, listed(&request.changes))
        };
        let commit = step(run, record, request, event, why);
        return probe::write(run, commit).await;
    }
    if deadline.is_over(run) {
        // Somebody else may be asking by now. Nothing was begun: it is still due, and taken again.
        return Ok(());
    }
    if request.state == RequestState::Wanted {
        // On record before the warehouse hears of it: from here on only the warehouse can say whether it was in time.
        request.asked.clone_from(&parted.asked);
        request.due_at = record.lease_until;
        let asking = format!("asked for {}", listed(&parted.asked));
        let commit = step(
            run,
            record,
            request.clone(),
            OrderEvent::ChangeAsked,
            asking,
        );
        if let Err(refusal) = parts.store.commit(commit).await? {
            tracing::warn!(%refusal, "an amendment is not asked for: the order moved on");
            return Ok(());
        }
        request.state = RequestState::Asked;
    }
    let target = merged(has, &order, &parted.asked);
    run.counters.one(Tally::ChangesAsked);
    let amendment = AmendRequest::new(&request.id, &parted.asked, &target);
    match parts.warehouse.amend(&record.reference, amendment).await {
        Ok(ChangeAnswer::Accepted) => amended(run, record, request, target, parted).await,
        answer => {
            let commit = answered(run, record, request, answer)?;
            probe::write(run, commit).await
        }
    }
}

/// The parts of a wish.
struct Parted {
    /// What the warehouse is asked for.
    asked: Vec<FieldChange>,
    /// The moment for it is over.
    late: Vec<FieldChange>,
    /// The warehouse's interface has no way to say it.
    cannot: Vec<FieldChange>,
}

impl Parted {
    fn of(
        run: &Run<'_>,
        record: &OrderRecord,
        request: &ChangeRequest,
        changes: Vec<FieldChange>,
    ) -> Self {
        let mut parted = Self {
            asked: Vec::new(),
            late: Vec::new(),
            cannot: Vec::new(),
        };
        let amends = run.parts.warehouse.capabilities().amends;
        let asked_before = request.state == RequestState::Asked;
        for change in changes {
            // Asked again, it is the same request: the warehouse may have accepted it in time, though the goods have left since.
            let late = if asked_before {
                !request
                    .asked
                    .iter()
                    .any(|asked| asked.is_at_place_of(&change))
            } else {
                run.parts
                    .settings
                    .cut_off(change.field)
                    .is_past(record.state)
            };
            let place = if late {
                &mut parted.late
            } else if amends.contains(&change.field) {
                &mut parted.asked
            } else {
                &mut parted.cannot
            };
            place.push(change);
        }
        parted
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
        let of_line = |id: &LineId| {
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
            (F::LineAdded, Some(id)) if target.lines.iter().all(|line| line.line_id != *id) => {
                target.lines.extend(of_line(id));
            }
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
    parted: Parted,
) -> Result<(), FlowError> {
    let parts = run.parts;
    run.counters.one(Tally::ChangesAccepted);
    let lines = parts.store.lines(&parts.merchant, &record.id).await?;
    let lines = lines_of_amended(lines, &target);
    let is_open = lines.iter().any(|line| line.open() > 0);
    let now = parts.clock.now();
    let seemed_gone = matches!(
        record.state,
        OrderState::Despatched | OrderState::Relayed | OrderState::Closed
    );
    if is_open && seemed_gone {
        // The warehouse took on more than was on record when the last of it seemed to have left. Should the process die here, the
        // request is still asked, and the answer comes again.
        let why = "the warehouse had accepted an amendment before the goods left";
        let fence = Fence::Token(record.token);
        let commit = Commit::new(record, fence, OrderEvent::Reopened, now, why).due(now);
        if let Err(refusal) = parts.store.commit(commit).await? {
            tracing::warn!(%refusal, "an answer came too late and was dropped; it is asked for again");
            return Ok(());
        }
    }
    let asked = listed(&parted.asked);
    let left: Vec<FieldChange> = parted.late.into_iter().chain(parted.cannot).collect();
    let (event, answer) = if left.is_empty() {
        (OrderEvent::Amended, format!("accepted: {asked}"))
    } else {
        run.counters.one(Tally::ChangesDenied);
        let answer = format!("accepted: {asked}; not: {}", listed(&left));
        (OrderEvent::PartlyAmended, answer)
    };
    request.changes = left;
    let mut commit = step(run, record, request, event, answer);
    if record.state == OrderState::PartDespatched && !is_open {
        // The last open units are gone: the relay finds that all of it has left.
        commit.due_at = Some(now);
    }
    commit.intent = Some(Box::new(target));
    commit.lines = Some(lines);
    probe::write(run, commit).await
}

/// The lines after an amendment: what was ordered follows the order, what has happened stays. A line that is gone counts as
/// cancelled.
fn lines_of_amended(lines: Vec<LineProgress>, target: &FulfilmentOrder) -> Vec<LineProgress> {
    let mut left: Vec<&FulfilmentLine> = target.lines.iter().collect();
    let mut amended: Vec<LineProgress> = lines
        .into_iter()
        .map(|mut line| {
            match left
                .iter()
                .position(|wanted| wanted.line_id == line.line_id)
            {
                Some(at) => {
                    line.ordered = left.swap_remove(at).quantity.get();
                    // Of fewer units fewer are short: the warehouse counted from the order it had.
                    let owed = line.ordered.saturating_sub(line.cancelled);
                    line.short = line.short.min(owed.saturating_sub(line.despatched));
                }
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
