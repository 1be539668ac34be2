//! The release gate and the mapping: every order that waits is judged anew, so that holds release themselves.

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use order_mapping::{
    Diagnostic, FulfilmentOrder, LineId, Mapping, PartialPolicy, Severity, SkuRegistry, Stage,
};

use super::{FlowError, capture};
use crate::ports::Lookup;
use crate::progress::lines_to_pick;
use crate::reason::holding_codes_on;
use crate::run::{Run, finding_of};
use crate::{
    Capabilities, Commit, Dossier, Fence, Finding, LineProgress, OrderEvent, OrderQuery,
    OrderRecord, OrderState, Reason, Tally, codes,
};

const PAGE: usize = 200;

pub(super) async fn evaluate(run: &Run<'_>, registry: &SkuRegistry) -> Result<(), FlowError> {
    let parts = run.parts;
    let blind_before = run.parts.store.blind_before().await?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut judged = 0;
    let total = run
        .count_of(&[OrderState::Captured, OrderState::Held])
        .await?;
    let mut query = OrderQuery::new(&[OrderState::Captured, OrderState::Held], PAGE);
    query.with_source = true;
    query.with_lines = true;
    if !run.goes_on().await? {
        return Ok(());
    }
    let mut page = parts.store.scan(&parts.merchant, &query).await?;
    while let Some(last) = page.last() {
        query.after = Some(last.record.id.clone());
        let count = page.len() as u64;
        // The store reads the next page while this one is judged: no step of these orders brings one of them there.
        let (next, verdicts) = futures_util::future::join(
            parts.store.scan(&parts.merchant, &query),
            judge_all(run, registry, page, blind_before),
        )
        .await;
        record(run, verdicts?, &mut findings).await?;
        page = next?;
        judged += count;
        run.progress("release and map", judged, Some(judged.max(total)));
        if !run.goes_on().await? {
            return Ok(());
        }
    }
    // Every waiting order was seen, so what no order shows any more is over.
    run.settle("mapping", findings).await?;
    Ok(())
}

/// Facts may come from another system, so several orders are judged side by side.
async fn judge_all(
    run: &Run<'_>,
    registry: &SkuRegistry,
    page: Vec<Dossier>,
    blind_before: DateTime<Utc>,
) -> Result<Vec<Verdict>, FlowError> {
    let mut judging = futures_util::stream::iter(page)
        .map(|dossier| run.staying(judge(run, registry, dossier, blind_before)))
        .buffered(run.parts.settings.in_flight);
    let mut verdicts = Vec::new();
    while let Some(verdict) = judging.next().await {
        verdicts.push(verdict?);
    }
    Ok(verdicts)
}

/// Judges one order by itself; `false`: it waits as before. Its exceptions are the next run's of the flow, which sees them all.
pub(super) async fn evaluate_one(
    run: &Run<'_>,
    registry: &SkuRegistry,
    record_now: &OrderRecord,
) -> Result<bool, FlowError> {
    let parts = run.parts;
    let blind_before = run.parts.store.blind_before().await?;
    let mut dossier = Dossier::new(record_now.clone());
    dossier.source = parts
        .store
        .source_copy(&parts.merchant, &record_now.id)
        .await?;
    dossier.lines = parts.store.lines(&parts.merchant, &record_now.id).await?;
    let verdict = judge(run, registry, dossier, blind_before).await?;
    let moves = verdict.step.is_some();
    record(run, vec![verdict], &mut Vec::new()).await?;
    Ok(moves)
}

/// Business that takes its course (waiting for credit) is no exception; the audit raises it when it takes too long. A fault of
/// the catalogue is one already, whether an order meets it or not.
fn needs_a_person(reason: &Reason) -> bool {
    let info = reason.info();
    if info.is_some_and(|info| info.stage == Stage::Catalogue) {
        return false;
    }
    reason.severity >= Severity::Error
        || (reason.severity == Severity::Hold
            && info.is_none_or(|info| info.kind != order_mapping::Kind::Business))
}

/// What a judgement asks to be written, and why the order still waits.
struct Verdict {
    order: OrderRecord,
    reasons: Vec<Reason>,
    /// The step, and what counts it.
    step: Option<(Commit, Tally)>,
}

impl Verdict {
    /// Nothing is to be written: the order waits for these reasons.
    const fn waits(order: OrderRecord, reasons: Vec<Reason>) -> Self {
        Self {
            order,
            reasons,
            step: None,
        }
    }

    /// As it was: it could not be judged this time.
    fn as_before(order: OrderRecord) -> Self {
        let reasons = order.reasons.clone();
        Self::waits(order, reasons)
    }

    const fn step(order: OrderRecord, reasons: Vec<Reason>, commit: Commit, tally: Tally) -> Self {
        Self {
            order,
            reasons,
            step: Some((commit, tally)),
        }
    }
}

/// Writes the verdicts of a page in one transaction, and notes what needs a person.
async fn record(
    run: &Run<'_>,
    verdicts: Vec<Verdict>,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let (mut commits, mut tallies) = (Vec::new(), Vec::new());
    for verdict in verdicts {
        let needing = verdict
            .reasons
            .iter()
            .filter(|reason| needs_a_person(reason));
        findings.extend(needing.map(|reason| finding_of(reason, Some(&verdict.order))));
        if let Some((commit, tally)) = verdict.step {
            commits.push(commit);
            tallies.push(tally);
        }
    }
    if commits.is_empty() {
        return Ok(());
    }
    let written = run.parts.store.commit_all(commits).await?;
    for (tally, result) in tallies.into_iter().zip(written) {
        // A refused one moved on meanwhile, and is judged in its new state by the next run.
        if result.is_ok() {
            run.counters.one(tally);
        }
    }
    Ok(())
}

/// Judges one order.
async fn judge(
    run: &Run<'_>,
    registry: &SkuRegistry,
    dossier: Dossier,
    blind_before: DateTime<Utc>,
) -> Result<Verdict, FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let Dossier {
        record,
        source,
        lines: on_record,
        unopened,
        ..
    } = dossier;
    let Some(copy) = source else {
        return Ok(Verdict::as_before(record));
    };
    let fence = Fence::Unclaimed(record.state, record.token);
    if capture::is_cancelled(run, &copy) {
        return Ok(match still_there(run, &record).await? {
            Some(false) => {
                let note = "cancelled in the shop";
                let commit = Commit::new(&record, fence, OrderEvent::Cancelled, now, note);
                let commit = commit.because(Vec::new());
                Verdict::step(record, Vec::new(), commit, Tally::Cancelled)
            }
            Some(true) => Verdict::waits(record, Vec::new()),
            None => Verdict::as_before(record),
        });
    }
    let facts = match parts.facts_about(&copy.order).await {
        Ok(facts) => facts,
        Err(error) => {
            // Without the facts nothing is decided either way.
            tracing::warn!(order = %record.reference, error = %error, "facts about release could not be read");
            run.counters.one(Tally::Deferred);
            return Ok(Verdict::as_before(record));
        }
    };
    // Without its people an order may still be left out by a rule, but never be sent.
    let without_people = unopened
        .map(|why| Reason::of(&codes::PERSONAL_DATA_UNREADABLE, why))
        .or_else(|| record.erased_at.map(erased));
    Ok(match parts.mapper.map(&copy.order, &facts, registry) {
        Mapping::Ignored { rule } => match still_there(run, &record).await? {
            Some(false) => {
                let note = format!("by rule {rule}");
                let mut commit = Commit::new(&record, fence, OrderEvent::Ignored, now, note);
                commit.reasons = Some(Vec::new());
                commit.rule = Some(rule);
                Verdict::step(record, Vec::new(), commit, Tally::Ignored)
            }
            Some(true) => Verdict::waits(record, Vec::new()),
            None => Verdict::as_before(record),
        },
        Mapping::Held { diagnostics } => {
            let reasons = match without_people {
                Some(reason) => vec![reason],
                None => diagnostics.into_iter().map(Reason::from).collect(),
            };
            let lines = lines_to_pick(&copy.order, parts.mapper.line_rules());
            held(run, record, reasons, lines, &on_record)
        }
        Mapping::Ready { .. } if without_people.is_some() => {
            let lines = lines_to_pick(&copy.order, parts.mapper.line_rules());
            let reasons = without_people.into_iter().collect();
            held(run, record, reasons, lines, &on_record)
        }
        Mapping::Ready { order, notes } => {
            let lines = lines_to_pick(&copy.order, parts.mapper.line_rules());
            let lines = stock_lines(lines, &order);
            let untold = policy_untold(&order, parts.warehouse.capabilities());
            let mut commit = prepared(&record, order, notes, now, blind_before);
            commit.lines = afterwards(&on_record, lines);
            if let Some(reasons) = &mut commit.reasons {
                reasons.extend(untold);
            }
            Verdict::step(record, Vec::new(), commit, Tally::Prepared)
        }
        // A later version of the rules: what we do not understand waits.
        _ => Verdict::as_before(record),
    })
}

/// The order waits for these reasons, as before or from now on.
fn held(
    run: &Run<'_>,
    record: OrderRecord,
    reasons: Vec<Reason>,
    lines: Vec<LineProgress>,
    on_record: &[LineProgress],
) -> Verdict {
    // What is reserved follows the kits and pack sizes of today, too.
    if record.state == OrderState::Held && record.reasons == reasons && on_record == lines {
        run.counters.one(Tally::StillHeld);
        return Verdict::waits(record, reasons);
    }
    let codes: Vec<&str> = holding_codes_on(&reasons).into_iter().collect();
    let note = codes.join(", ");
    let fence = Fence::Unclaimed(record.state, record.token);
    let now = run.parts.clock.now();
    let mut commit = Commit::new(&record, fence, OrderEvent::Held, now, note);
    commit.reasons = Some(reasons.clone());
    commit.lines = afterwards(on_record, lines);
    Verdict::step(record, reasons, commit, Tally::Held)
}

/// Why an order whose personal data was erased waits.
fn erased(at: DateTime<Utc>) -> Reason {
    let when = at.format("%Y-%m-%d");
    let why = format!("its personal data was erased on {when}, as was asked");
    Reason::of(&codes::PERSONAL_DATA_ERASED, why)
}

/// A note for an order whose policy the warehouse's interface has no room for.
fn policy_untold(order: &FulfilmentOrder, warehouse: Capabilities) -> Option<Reason> {
    let whole = order.partial != PartialPolicy::ShipAvailable;
    (whole && !warehouse.whole_orders).then(|| {
        let what = format!(
            "the order asks for {}, which is not sent",
            order.partial.name()
        );
        Reason::of(&codes::PARTIAL_POLICY_NOT_SENT, what)
    })
}

/// The order is released, mapped and checked.
fn prepared(
    record: &OrderRecord,
    order: Box<FulfilmentOrder>,
    notes: Vec<Diagnostic>,
    now: DateTime<Utc>,
    blind_before: DateTime<Utc>,
) -> Commit {
    let note = format!(
        "released by {}, service {} by {}, registry {}, profile {}",
        order.release_rule,
        order.service,
        order.service_rule,
        short(order.registry_hash.as_str()),
        short(order.profile_hash.as_str())
    );
    let fence = Fence::Unclaimed(record.state, record.token);
    let mut commit = Commit::new(record, fence, OrderEvent::Prepared, now, note).due(now);
    commit.reasons = Some(notes.into_iter().map(Reason::from).collect());
    commit.rule = Some(order.release_rule.to_string());
    commit.intent = Some(order);
    // Older than our memory: somebody may have sent it before us.
    if record.placed_at.is_none_or(|placed| placed < blind_before) {
        commit.probe_first = Some(true);
    }
    commit
}

/// Before an order is left out for good: whether the warehouse has it from an earlier attempt whose end was never known. Then it
/// is parked, since a person has to stop it there. `None`: the warehouse could not say, so it is asked again in the next run.
async fn still_there(run: &Run<'_>, record: &OrderRecord) -> Result<Option<bool>, FlowError> {
    let parts = run.parts;
    if record.attempt == 0 || !record.probe_first {
        return Ok(Some(false));
    }
    let Some(intent) = parts.store.intent(&parts.merchant, &record.id).await? else {
        return Ok(Some(false));
    };
    run.counters.one(Tally::Probed);
    match parts.warehouse.lookup(&record.reference, &intent).await {
        Ok(Lookup::Absent | Lookup::Refused { .. }) => Ok(Some(false)),
        Ok(Lookup::Found { .. } | Lookup::Waiting) => {
            let why = "not to be sent any more, but an earlier attempt reached the warehouse";
            let fence = Fence::Unclaimed(record.state, record.token);
            let now = parts.clock.now();
            let commit = Commit::new(record, fence, OrderEvent::GaveUp, now, why)
                .because(vec![Reason::of(&codes::AMENDED_AFTER_SEND, why)]);
            if parts.store.commit(commit).await?.is_ok() {
                run.counters.one(Tally::GivenUp);
            }
            Ok(Some(true))
        }
        Err(error) => {
            tracing::warn!(order = %record.reference, error = %error, "the warehouse could not be asked");
            run.counters.one(Tally::Deferred);
            Ok(None)
        }
    }
}

/// What a step writes of the lines: nothing where they are on record as they are to be.
fn afterwards(on_record: &[LineProgress], lines: Vec<LineProgress>) -> Option<Vec<LineProgress>> {
    (on_record != lines).then_some(lines)
}

/// Lines that the warehouse does not pick are owed nothing: their units count as none ordered.
fn stock_lines(lines: Vec<LineProgress>, order: &FulfilmentOrder) -> Vec<LineProgress> {
    let picked: std::collections::HashSet<&LineId> =
        order.lines.iter().map(|line| &line.line_id).collect();
    lines
        .into_iter()
        .map(|mut line| {
            if !picked.contains(&line.line_id) {
                line.ordered = 0;
            }
            line
        })
        .collect()
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
