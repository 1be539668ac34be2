//! The release gate and the mapping: every order that waits is judged anew, so that holds release themselves.

use order_mapping::{LineId, Mapping, Severity, SkuRegistry, Stage};

use super::{FlowError, capture};
use crate::engine::{Run, finding_of};
use crate::ports::Lookup;
use crate::progress::lines_to_pick;
use crate::{
    Commit, Fence, Finding, LineProgress, OrderEvent, OrderRecord, OrderState, Reason, SourceCopy,
    Tally, codes,
};

const PAGE: usize = 200;

pub(super) async fn evaluate(run: &Run<'_>, registry: &SkuRegistry) -> Result<(), FlowError> {
    let parts = run.parts;
    let blind_before = parts.store.blind_before().await?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut judged = 0;
    let total = run
        .count_of(&[OrderState::Captured, OrderState::Held])
        .await?;
    let mut after = None;
    loop {
        let page = parts
            .store
            .orders(
                &parts.merchant,
                &[OrderState::Captured, OrderState::Held],
                after.as_ref(),
                PAGE,
            )
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        for record in &page {
            if run.stopped() {
                return Ok(());
            }
            let Some(copy) = parts.store.source_copy(&parts.merchant, &record.id).await? else {
                continue;
            };
            let reasons = judge(run, registry, record, copy, blind_before).await?;
            findings.extend(
                reasons
                    .iter()
                    .filter(|reason| needs_a_person(reason))
                    .map(|reason| finding_of(reason, Some(record))),
            );
        }
        judged += page.len() as u64;
        run.progress("release and map", judged, Some(judged.max(total)));
    }
    // Every waiting order was seen, so what no order shows any more is over.
    run.settle("mapping", findings).await?;
    Ok(())
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

/// Judges one order; returns why it still waits.
async fn judge(
    run: &Run<'_>,
    registry: &SkuRegistry,
    record: &OrderRecord,
    copy: SourceCopy,
    blind_before: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Reason>, FlowError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let fence = Fence::Unclaimed(record.state, record.token);
    if capture::is_cancelled(run, &copy) {
        match still_there(run, record).await? {
            Some(false) => {}
            Some(true) => return Ok(Vec::new()),
            None => return Ok(record.reasons.clone()),
        }
        let commit = Commit::new(
            record,
            fence,
            OrderEvent::Cancelled,
            now,
            "cancelled in the shop",
        );
        if parts
            .store
            .commit(commit.because(Vec::new()))
            .await?
            .is_ok()
        {
            run.counters.one(Tally::Cancelled);
        }
        return Ok(Vec::new());
    }
    let facts = match parts.facts.facts(&copy.order).await {
        Ok(mut facts) => {
            facts.now.get_or_insert(now);
            facts
        }
        Err(error) => {
            // Without the facts nothing is decided either way.
            tracing::warn!(order = %record.reference, error = %error, "facts about release could not be read");
            run.counters.one(Tally::Deferred);
            return Ok(record.reasons.clone());
        }
    };
    match parts.mapper.map(&copy.order, &facts, registry) {
        Mapping::Ignored { rule } => {
            match still_there(run, record).await? {
                Some(false) => {}
                Some(true) => return Ok(Vec::new()),
                None => return Ok(record.reasons.clone()),
            }
            let mut commit = Commit::new(
                record,
                fence,
                OrderEvent::Ignored,
                now,
                format!("by rule {rule}"),
            )
            .because(Vec::new());
            commit.rule = Some(rule);
            if parts.store.commit(commit).await?.is_ok() {
                run.counters.one(Tally::Ignored);
            }
            Ok(Vec::new())
        }
        Mapping::Held { diagnostics } => {
            let reasons: Vec<Reason> = diagnostics.into_iter().map(Reason::from).collect();
            let lines = lines_to_pick(&copy.order, parts.mapper.line_rules());
            // What is reserved follows the kits and pack sizes of today, too.
            if record.state == OrderState::Held
                && record.reasons == reasons
                && parts.store.lines(&parts.merchant, &record.id).await? == lines
            {
                run.counters.one(Tally::StillHeld);
                return Ok(reasons);
            }
            let mut commit = Commit::new(record, fence, OrderEvent::Held, now, codes_of(&reasons))
                .because(reasons.clone());
            commit.lines = Some(lines);
            if parts.store.commit(commit).await?.is_ok() {
                run.counters.one(Tally::Held);
            }
            Ok(reasons)
        }
        Mapping::Ready { order, notes } => {
            let picked: Vec<&LineId> = order.lines.iter().map(|line| &line.line_id).collect();
            let lines = stock_lines(
                lines_to_pick(&copy.order, parts.mapper.line_rules()),
                &picked,
            );
            let note = format!(
                "released by {}, service {} by {}, registry {}, profile {}",
                order.release_rule,
                order.service,
                order.service_rule,
                short(order.registry_hash.as_str()),
                short(order.profile_hash.as_str())
            );
            let reasons = notes.into_iter().map(Reason::from).collect();
            let mut commit = Commit::new(record, fence, OrderEvent::Prepared, now, note)
                .due(now)
                .because(reasons);
            commit.rule = Some(order.release_rule.to_string());
            commit.lines = Some(lines);
            commit.intent = Some(order);
            // Older than our memory: somebody may have sent it before us.
            if record.placed_at.is_none_or(|placed| placed < blind_before) {
                commit.probe_first = Some(true);
            }
            if parts.store.commit(commit).await?.is_ok() {
                run.counters.one(Tally::Prepared);
            }
            Ok(Vec::new())
        }
        // A later version of the rules: what we do not understand waits.
        _ => Ok(record.reasons.clone()),
    }
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

/// Lines that the warehouse does not pick are owed nothing: their units count as none ordered.
fn stock_lines(lines: Vec<LineProgress>, picked: &[&LineId]) -> Vec<LineProgress> {
    let picked: std::collections::HashSet<&LineId> = picked.iter().copied().collect();
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

fn codes_of(reasons: &[Reason]) -> String {
    let mut codes: Vec<&str> = reasons
        .iter()
        .filter(|reason| reason.severity >= Severity::Hold)
        .map(|reason| reason.code.as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(", ")
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
