//! Transmit: intent, call, result; and after a lost reply never again before the warehouse was asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::claims::{self, Deadline};
use super::{FlowError, probe};
#[cfg(canary)]
use crate::canary::planted;
use crate::ports::{FailureClass, HeldBack, Lookup, PortError, Submission};
use crate::progress::lines_to_pick;
use crate::run::{Run, finding_of};
use crate::settings::to_chrono;
use crate::{
    Claim, ClaimKind, Commit, Fence, OrderEvent, OrderRecord, OrderState, Reason, Tally, codes,
};

pub(super) async fn transmit(run: &Run<'_>) -> Result<(), FlowError> {
    let result = drain(run).await;
    settle_exceptions(run).await?;
    result
}

async fn drain(run: &Run<'_>) -> Result<(), FlowError> {
    let blind_before = run.parts.store.blind_before().await?;
    let waiting = [
        OrderState::OutcomeUnknown,
        OrderState::Queued,
        OrderState::Ready,
    ];
    let total = run.count_of(&waiting).await?;
    let mut handled = 0;
    for kind in [ClaimKind::Probe, ClaimKind::Send] {
        // What comes back while others are under way is taken by the next round.
        while drain_once(run, kind, blind_before, &mut handled, total).await? {}
    }
    Ok(())
}

/// Works on what is due until nothing is; `false` where nothing was.
///
/// The next batch is claimed while the last calls of the one before are under way: the line is never idle for a claim, and no order is
/// claimed long before its turn.
async fn drain_once(
    run: &Run<'_>,
    kind: ClaimKind,
    blind_before: DateTime<Utc>,
    handled: &mut u64,
    total: u64,
) -> Result<bool, FlowError> {
    let before = *handled;
    let halt = Halt::default();
    let begin = |work| do_work(run, kind, work, blind_before, &halt);
    let mut waiting = VecDeque::new();
    let mut under_way = FuturesUnordered::new();
    under_way.push(begin(Work::Claim));
    let (mut is_claiming, mut is_ended) = (true, false);
    let mut failure = None;
    while let Some(done) = under_way.next().await {
        match done {
            Done::Claimed(claimed) => {
                is_claiming = false;
                match claimed {
                    Ok(Some((batch, claims))) => {
                        let batch = Arc::new(batch);
                        let with_batch = |claim| Work::Order(Arc::clone(&batch), Box::new(claim));
                        waiting.extend(claims.into_iter().map(with_batch));
                    }
                    Ok(None) => is_ended = true,
                    Err(error) => failure = Some(error),
                }
            }
            Done::Order(result) => {
                *handled += 1;
                // An order may come round twice: asked for, and then sent.
                run.progress("transmit", *handled, Some((*handled).max(total)));
                if let Err(error) = result {
                    failure = Some(error);
                }
            }
        }
        // What is claimed is finished and recorded also after a failure.
        while under_way.len() < run.parts.settings.in_flight + usize::from(is_claiming)
            && let Some(order) = waiting.pop_front()
        {
            under_way.push(begin(order));
        }
        if waiting.is_empty() && !is_claiming && !is_ended && failure.is_none() {
            is_claiming = true;
            under_way.push(begin(Work::Claim));
        }
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(*handled > before),
    }
}

/// One of the things that are under way at once.
enum Work {
    Claim,
    Order(Arc<Batch>, Box<Claim>),
}

/// What came of it.
enum Done {
    Claimed(Result<Option<(Batch, Vec<Claim>)>, FlowError>),
    Order(Result<(), FlowError>),
}

async fn do_work(
    run: &Run<'_>,
    kind: ClaimKind,
    work: Work,
    blind_before: DateTime<Utc>,
    halt: &Halt,
) -> Done {
    match work {
        Work::Claim => Done::Claimed(claim_batch(run, kind).await),
        Work::Order(batch, claim) => {
            let work = async {
                let done = match kind {
                    ClaimKind::Send => send(run, *claim, &batch, blind_before, halt).await,
                    _ => probe::probe(run, *claim).await,
                };
                batch.done(run, halt).await.and(done)
            };
            Done::Order(run.staying(work).await)
        }
    }
}

/// Takes the next orders that are due; `None` where nothing is, or the run is to stop.
async fn claim_batch(
    run: &Run<'_>,
    kind: ClaimKind,
) -> Result<Option<(Batch, Vec<Claim>)>, FlowError> {
    if !run.goes_on().await? {
        return Ok(None);
    }
    let parts = run.parts;
    let settle = to_chrono(parts.settings.settle);
    let now = parts.clock.now();
    parts
        .store
        .expire_leases(&parts.merchant, settle, now)
        .await?;
    #[cfg(canary)]
    if kind == ClaimKind::Send && planted("intent_after_post") {
        send_without_intent(run).await?;
    }
    let (deadline, claims) = claims::take(run, kind).await?;
    let batch = Batch::new(claims.len(), deadline);
    Ok((!claims.is_empty()).then_some((batch, claims)))
}

/// Nothing more is sent: the line was down for a whole batch.
#[derive(Debug, Default)]
struct Halt(AtomicBool);

/// Orders that were claimed together.
#[derive(Debug)]
struct Batch {
    deadline: Deadline,
    line: Line,
    left: AtomicUsize,
}

impl Batch {
    fn new(orders: usize, deadline: Deadline) -> Self {
        Self {
            deadline,
            line: Line::default(),
            left: AtomicUsize::new(orders),
        }
    }

    /// Notes that one more order is done with. With the last one the line is judged.
    async fn done(&self, run: &Run<'_>, halt: &Halt) -> Result<(), FlowError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) > 1 {
            return Ok(());
        }
        if self.line.is_down() {
            halt.0.store(true, Ordering::Relaxed);
        }
        self.line.settle(run).await
    }
}

/// The planted bug: what is ready is sent, and claimed afterwards.
#[cfg(canary)]
async fn send_without_intent(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let (store, merchant) = (&parts.store, &parts.merchant);
    for record in store
        .orders(merchant, &[OrderState::Ready], None, 1)
        .await?
    {
        if let Some(intent) = store.intent(merchant, &record.id).await? {
            let sent = parts.warehouse.submit(&record.reference, &intent).await;
            tracing::debug!(sent = sent.is_ok(), "sent before it was claimed");
        }
    }
    Ok(())
}

/// Sends one order that was claimed by itself.
pub(super) async fn send_one(
    run: &Run<'_>,
    claim: Claim,
    deadline: Deadline,
) -> Result<(), FlowError> {
    let blind_before = run.parts.store.blind_before().await?;
    let batch = Batch::new(1, deadline);
    let halt = Halt::default();
    let sent = send(run, claim, &batch, blind_before, &halt).await;
    batch.done(run, &halt).await?;
    sent
}

/// Calls in a row that must fail to reach the warehouse, without one that does, before a run stops trying.
const UNREACHED_MAX: usize = 5;

/// How the line to the warehouse fares while a batch is sent.
///
/// An order is blamed for a call that did not get through only if its neighbours' calls did: a warehouse that is away for an hour
/// must not park every order there is.
#[derive(Debug, Default)]
struct Line {
    answered: AtomicBool,
    /// Our credentials were refused: the next call would be refused as well.
    denied: AtomicBool,
    unreached: Mutex<Vec<(OrderRecord, PortError)>>,
}

impl Line {
    fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    fn unreached(&self, record: OrderRecord, error: PortError) {
        self.held().push((record, error));
    }

    fn denied(&self) {
        self.denied.store(true, Ordering::Relaxed);
    }

    fn is_down(&self) -> bool {
        self.denied.load(Ordering::Relaxed) || self.is_silent()
    }

    fn is_silent(&self) -> bool {
        !self.answered.load(Ordering::Relaxed) && self.held().len() >= UNREACHED_MAX
    }

    fn held(&self) -> MutexGuard<'_, Vec<(OrderRecord, PortError)>> {
        match self.unreached.lock() {
            Ok(held) => held,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Records the calls that did not get through, now that it is known whose fault that is; ends the run when the line is down.
    async fn settle(&self, run: &Run<'_>) -> Result<(), FlowError> {
        let down = self.is_silent();
        let faultless = !self.answered.load(Ordering::Relaxed);
        let unreached = std::mem::take(&mut *self.held());
        let mut last = None;
        for (record, error) in unreached {
            last = Some((error.to_string(), error.place()));
            // What was never called is nobody's fault, and its time for parking does not run.
            let faultless = faultless || error.held_back().is_some();
            not_sent(run, &record, &error, faultless).await?;
        }
        match last {
            Some((last, place)) if down => Err(PortError::new(
                FailureClass::Unavailable,
                format!(
                    "the warehouse cannot be reached, the others wait for the next run: {last}"
                ),
            )
            .at(place)
            .into()),
            _ => Ok(()),
        }
    }
}

/// Sends one claimed order. The claim's commit was the intent.
async fn send(
    run: &Run<'_>,
    claim: Claim,
    batch: &Batch,
    blind_before: DateTime<Utc>,
    halt: &Halt,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let line = &batch.line;
    let record = claim.record;
    // The shop's news came while it was under way, and now it is known that the warehouse does not have it.
    if record.request.is_some() {
        return judge_again(run, &record).await;
    }
    if let Some(why) = claim.unopened {
        return probe::park_unopened(run, &record, why).await;
    }
    let Some(intent) = claim.intent else {
        return probe::park(
            run,
            &record,
            "the prepared payload is not in the store any more",
        )
        .await;
    };
    // Prepared before the store went back in time, it may have been sent in the time that the store has forgotten.
    let forgotten = record.placed_at.is_none_or(|placed| placed < blind_before);
    if halt.0.load(Ordering::Relaxed) || line.is_down() {
        let why = "not begun: the warehouse cannot be reached, or refuses our credentials";
        return not_begun(run, &record, why).await;
    }
    if record.probe_first || forgotten {
        run.counters.one(Tally::Probed);
        match parts.warehouse.lookup(&record.reference, &intent).await {
            Ok(Lookup::Absent) => {}
            Ok(Lookup::Found {
                warehouse_id,
                accepted_at,
                differences,
            }) => {
                return probe::confirm(run, &record, warehouse_id, accepted_at, differences).await;
            }
            Ok(Lookup::Waiting) => return queued(run, &record).await,
            Ok(Lookup::Refused { reason }) => return refused(run, &record, reason).await,
            Err(error) => return not_through(run, record, error, line).await,
        }
    }
    if run.stopped() || batch.deadline.is_over(run) {
        let note = "not begun: the time of the claim was up or the run was stopped";
        return not_begun(run, &record, note).await;
    }
    let reference = &record.reference;
    #[cfg(canary)]
    let another = parts.reference_of(&record.id, record.attempt.saturating_sub(1));
    #[cfg(canary)]
    let reference = if planted("reference_per_attempt") {
        &another
    } else {
        reference
    };
    let submitted = parts.warehouse.submit(reference, &intent).await;
    #[cfg(canary)]
    if submitted.is_err() && planted("personal_data_in_log") {
        let name = intent.recipient.name.expose();
        tracing::debug!(recipient = %name, "not sent");
    }
    #[cfg(canary)]
    if submitted
        .as_ref()
        .is_err_and(|error| error.class() == FailureClass::Ambiguous)
    {
        if planted("blind_retry") {
            let note = "the reply was lost";
            return not_begun(run, &record, note).await;
        }
        if planted("lost_reply_is_success") {
            return probe::confirm(run, &record, None, None, Vec::new()).await;
        }
    }
    let held_back = submitted.as_ref().err().and_then(PortError::held_back);
    run.counters
        .add(Tally::Submitted, u64::from(held_back.is_none()));
    if submitted
        .as_ref()
        .map_or_else(|error| error.class() == FailureClass::Rejected, |_| true)
    {
        line.answered();
    }
    match submitted {
        Ok(Submission::Accepted {
            warehouse_id,
            accepted_at,
        }) => probe::confirm(run, &record, warehouse_id, accepted_at, Vec::new()).await,
        Ok(Submission::Queued) => queued(run, &record).await,
        Ok(Submission::AlreadyThere) => already_there(run, &record, &intent).await,
        Err(error) => match error.class() {
            #[cfg(canary)]
            FailureClass::Rejected if planted("personal_data_in_note") => {
                let name = intent.recipient.name.expose();
                refused(run, &record, format!("{error}, for {name}")).await
            }
            FailureClass::Rejected => refused(run, &record, error.to_string()).await,
            FailureClass::NeverSent
            | FailureClass::Throttled
            | FailureClass::Unauthorised
            | FailureClass::Unsupported => not_through(run, record, error, line).await,
            // Everything else may have been applied, whatever it is called.
            _ => outcome_lost(run, &record, &error.to_string()).await,
        },
    }
}

/// Sends a prepared payload that is out of date through the rules again instead of to the warehouse.
async fn judge_again(run: &Run<'_>, record: &OrderRecord) -> Result<(), FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let copy = parts.store.source_copy(&parts.merchant, &record.id).await?;
    run.counters.one(Tally::Deferred);
    // Due again by itself, should the second step not come about: then it ends up here once more.
    let mut back = Commit::new(
        record,
        Fence::Token(record.token),
        OrderEvent::NotSent,
        now,
        "not begun: the shop changed it after it was prepared",
    )
    .due(now + parts.settings.backoff_after(0));
    back.faultless = true;
    let Ok(ready) = parts.store.commit(back).await? else {
        return Ok(());
    };
    let fence = Fence::Unclaimed(ready.state, ready.token);
    let note = "the shop's copy changed; judged again";
    let mut commit = Commit::new(&ready, fence, OrderEvent::SourceChanged, now, note).due(now);
    commit.lines = copy.map(|copy| lines_to_pick(&copy.order, parts.mapper.line_rules()));
    probe::write(run, commit).await
}

/// A reference the warehouse knows already: an earlier send of ours, or somebody else's order.
async fn already_there(
    run: &Run<'_>,
    record: &OrderRecord,
    intent: &order_mapping::FulfilmentOrder,
) -> Result<(), FlowError> {
    run.counters.one(Tally::Probed);
    match run.parts.warehouse.lookup(&record.reference, intent).await {
        Ok(Lookup::Found {
            warehouse_id,
            accepted_at,
            differences,
        }) => probe::confirm(run, record, warehouse_id, accepted_at, differences).await,
        Ok(Lookup::Waiting) => queued(run, record).await,
        Ok(Lookup::Refused { reason }) => refused(run, record, reason).await,
        Ok(Lookup::Absent) => {
            outcome_lost(run, record, "the warehouse says both: known and not there").await
        }
        Err(error) => outcome_lost(run, record, &error.to_string()).await,
    }
}

async fn queued(run: &Run<'_>, record: &OrderRecord) -> Result<(), FlowError> {
    run.counters.one(Tally::Queued);
    let now = run.parts.clock.now();
    let commit = Commit::new(
        record,
        Fence::Token(record.token),
        OrderEvent::Queued,
        now,
        "handed over as a file, to be acknowledged",
    )
    .due(now + to_chrono(run.parts.settings.acknowledge_poll));
    probe::write(run, commit).await
}

async fn refused(run: &Run<'_>, record: &OrderRecord, reason: String) -> Result<(), FlowError> {
    run.counters.one(Tally::Rejected);
    let now = run.parts.clock.now();
    let fence = Fence::Token(record.token);
    let commit = Commit::new(record, fence, OrderEvent::Refused, now, reason.clone())
        .because(vec![Reason::of(&codes::WAREHOUSE_REJECTED, reason)]);
    probe::write(run, commit).await
}

async fn outcome_lost(run: &Run<'_>, record: &OrderRecord, why: &str) -> Result<(), FlowError> {
    run.counters.one(Tally::OutcomeUnknown);
    let now = run.parts.clock.now();
    let fence = Fence::Token(record.token);
    let commit = Commit::new(record, fence, OrderEvent::OutcomeLost, now, why)
        .due(now + to_chrono(run.parts.settings.settle));
    #[cfg(canary)]
    let commit = if planted("settle_zero") {
        commit.due(now)
    } else {
        commit
    };
    probe::write(run, commit).await
}

/// Hands a claim back: nothing was tried, and nothing is the order's fault.
async fn not_begun(run: &Run<'_>, record: &OrderRecord, note: &str) -> Result<(), FlowError> {
    run.counters.one(Tally::Deferred);
    let now = run.parts.clock.now();
    let fence = Fence::Token(record.token);
    let mut commit = Commit::new(record, fence, OrderEvent::NotSent, now, note).due(now);
    commit.faultless = true;
    probe::write(run, commit).await
}

/// A call that provably was not applied. Refused credentials end the run; whose fault the others are shows at the end of the
/// batch.
async fn not_through(
    run: &Run<'_>,
    record: OrderRecord,
    error: PortError,
    line: &Line,
) -> Result<(), FlowError> {
    if error.class() == FailureClass::Unauthorised {
        line.denied();
        // No fault of the order; it does not come closer to being parked by being tried.
        not_sent(run, &record, &error, true).await?;
        return Err(error.into());
    }
    if error.held_back() == Some(HeldBack::RetryBudget) {
        // Only repeats are held back: the line is not down, and first attempts go.
        return not_sent(run, &record, &error, true).await;
    }
    line.unreached(record, error);
    Ok(())
}

/// Provably not applied: back to ready, later; parked after too many of them that were the order's own.
async fn not_sent(
    run: &Run<'_>,
    record: &OrderRecord,
    error: &PortError,
    faultless: bool,
) -> Result<(), FlowError> {
    let settings = &run.parts.settings;
    let failures = record.failures.saturating_add(1);
    if !faultless && failures >= settings.park_after_failures {
        return probe::park(run, record, &error.to_string()).await;
    }
    run.counters.one(Tally::Deferred);
    let now = run.parts.clock.now();
    let wait = settings.wait_after(record.failures, error);
    let fence = Fence::Token(record.token);
    let mut commit =
        Commit::new(record, fence, OrderEvent::NotSent, now, error.to_string()).due(now + wait);
    commit.faultless = faultless;
    probe::write(run, commit).await
}

/// Parked orders and open questions are exceptions until they are resolved.
async fn settle_exceptions(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    let mut findings = Vec::new();
    let mut after = None;
    loop {
        let page = parts
            .store
            .orders(
                &parts.merchant,
                &[OrderState::Parked, OrderState::OutcomeUnknown],
                after.as_ref(),
                200,
            )
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in &page {
            if record.state == OrderState::OutcomeUnknown {
                let reason = Reason::of(&codes::OUTCOME_UNKNOWN, codes::OUTCOME_UNKNOWN.title);
                findings.push(finding_of(&reason, Some(record)));
            } else {
                findings.extend(
                    record
                        .reasons
                        .iter()
                        .map(|reason| finding_of(reason, Some(record))),
                );
            }
        }
    }
    run.settle("transmit", findings).await?;
    Ok(())
}
