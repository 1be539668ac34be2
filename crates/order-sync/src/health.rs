//! Is the synchronisation healthy? One call: how fresh each flow is, what waits and for how long, what is broken, and a light.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::{Kind, Severity};
use serde::{Deserialize, Serialize};

use crate::run::Run;
use crate::settings::to_chrono;
use crate::{
    DriftParts, Engine, Exception, Flow, FlowOutcome, FlowReport, OrderState, StateCount,
    StoreError, codes,
};

/// The light of a health report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Light {
    /// Nothing to do.
    Green,
    /// Worth a look today.
    Amber,
    /// Somebody has to act now.
    Red,
}

/// What a flow did last, as kept for the health report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowHealth {
    /// When it last ran to its end, to the minute; none: never yet.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it last ran at all.
    pub ran_at: DateTime<Utc>,
    /// How long that took, in milliseconds.
    pub elapsed_ms: u64,
    /// Runs in a row that failed.
    pub failures: u32,
    /// What the last failure was, while they last.
    pub failure: Option<String>,
    /// Runs that failed of the last twenty or so, in per cent: a weighted share, the last runs counting most.
    pub failure_percent: u8,
    /// What explains the difference of stock levels; of the audit only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftParts>,
    /// Articles whose level has drifted; of the audit only.
    #[serde(default)]
    pub drifted: u64,
}

/// What counts for the light. `Default` suits flows that run every few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HealthLimits {
    /// Minutes since a flow last completed beyond which it is amber; three times that is red. A flow without an entry is not judged
    /// by its age. Default: 30 for orders, despatches and stock, 180 for the audit.
    pub stale_minutes: BTreeMap<Flow, u32>,
    /// Minutes the oldest ready order may wait; three times that is red. Default 30.
    pub backlog_minutes: u32,
    /// Share of failed runs, in per cent, from which a flow is amber; one that fails four times in a row is red. Default 20.
    pub failure_percent: u8,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self {
            stale_minutes: [
                (Flow::Orders, 30),
                (Flow::Despatches, 30),
                (Flow::Stock, 30),
                (Flow::Audit, 180),
            ]
            .into(),
            backlog_minutes: 30,
            failure_percent: 20,
        }
    }
}

/// Why a report is not green: one sentence, and how bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HealthReason {
    /// How bad.
    pub light: Light,
    /// What, for people.
    pub text: String,
    /// What is to blame, where that is known.
    pub diagnosis: Option<Kind>,
}

/// The health of one merchant's synchronisation at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HealthReport {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The worst light of all reasons; green without reasons.
    pub light: Light,
    /// Why it is not green, the worst first.
    pub reasons: Vec<HealthReason>,
    /// Each flow that ever ran.
    pub flows: BTreeMap<Flow, FlowHealth>,
    /// Orders by state, and since when the oldest waits there; settled ones are left out.
    pub open_orders: BTreeMap<OrderState, StateCount>,
    /// Orders that wait, by the code of the exception that says why.
    pub holds: BTreeMap<String, u64>,
    /// Exceptions that are open and not put off, by what is to blame.
    pub exceptions: BTreeMap<Kind, u64>,
    /// Exceptions that are over their service level.
    pub overdue: u64,
    /// What explains the difference of stock levels, as the last audit found; none before the first.
    pub drift: Option<DriftParts>,
    /// Articles whose level has drifted, as the last audit found.
    pub drifted: u64,
}

impl Engine {
    /// The health of the synchronisation, by these limits. Reads the store only; asks neither shop nor warehouse.
    ///
    /// A store that can be read but not written (a full disk, another program's lock) has no exception and no alert of it: this
    /// engine remembers that its last run could not be recorded, and the report is red.
    ///
    /// # Errors
    /// [`StoreError`]: the store itself is what is not healthy.
    ///
    /// # Cancel safety
    /// Safe: it changes nothing.
    pub async fn health(&self, limits: &HealthLimits) -> Result<HealthReport, StoreError> {
        let parts = &*self.parts;
        let now = parts.clock.now();
        let mut flows = BTreeMap::new();
        for flow in Flow::ALL {
            let stored = parts.store.cursor(&parts.merchant, &name_of(flow)).await?;
            let known: Option<FlowHealth> =
                stored.and_then(|text| serde_json::from_str(&text).ok());
            if let Some(known) = known {
                flows.insert(flow, known);
            }
        }
        let open: Vec<OrderState> = OrderState::ALL
            .into_iter()
            .filter(|state| !state.is_settled())
            .collect();
        let open_orders = parts.store.counts(&parts.merchant, &open).await?;
        let mut exceptions = self.exceptions().await?;
        exceptions.retain(|exception| exception.is_pressing(now));
        let audit = flows.get(&Flow::Audit);
        let mut report = HealthReport {
            at: now,
            light: Light::Green,
            reasons: Vec::new(),
            drift: audit.and_then(|audit| audit.drift),
            drifted: audit.map_or(0, |audit| audit.drifted),
            flows,
            open_orders,
            holds: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            overdue: 0,
        };
        for exception in &exceptions {
            let finding = &exception.finding;
            if finding.severity >= Severity::Hold {
                *report.holds.entry(finding.code.clone()).or_default() += finding.count;
            }
            if let Some(kind) = exception.diagnosis() {
                *report.exceptions.entry(kind).or_default() += 1;
            }
            let calendar = &parts.mapper.profile().calendar;
            let levels = &parts.settings.service_levels;
            let due = levels.due_at(calendar, finding, exception.opened_at);
            report.overdue += u64::from(due.is_some_and(|due| due < now));
        }
        report.judge(limits, &exceptions);
        report.add_unrecorded(parts.unrecorded().as_deref());
        Ok(report)
    }
}

impl HealthReport {
    /// Finds what is not green.
    fn judge(&mut self, limits: &HealthLimits, exceptions: &[Exception]) {
        let mut reasons = Vec::new();
        for (flow, health) in &self.flows {
            reasons.extend(of_flow(*flow, health, limits, self.at));
        }
        reasons.extend(self.of_backlog(limits));
        reasons.extend(of_exceptions(exceptions));
        if self.overdue > 0 {
            reasons.push(HealthReason {
                light: Light::Red,
                text: format!("{} exceptions are over their service level", self.overdue),
                diagnosis: None,
            });
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.light));
        self.light = reasons
            .iter()
            .map(|reason| reason.light)
            .max()
            .unwrap_or(Light::Green);
        self.reasons = reasons;
    }

    /// What a store that cannot be written kept out of every record, and so out of everything else in this report.
    fn add_unrecorded(&mut self, why: Option<&str>) {
        let Some(why) = why else { return };
        self.light = Light::Red;
        let reason = HealthReason {
            light: Light::Red,
            text: format!("the store could not be written by the last run of {why}"),
            diagnosis: None,
        };
        self.reasons.insert(0, reason);
    }

    fn of_backlog(&self, limits: &HealthLimits) -> Option<HealthReason> {
        let waiting = [
            OrderState::Captured,
            OrderState::Ready,
            OrderState::Sending,
            OrderState::OutcomeUnknown,
        ];
        let counts: Vec<&StateCount> = waiting
            .iter()
            .filter_map(|state| self.open_orders.get(state))
            .collect();
        let oldest = counts.iter().map(|count| count.oldest).min()?;
        let orders: u64 = counts.iter().map(|count| count.orders).sum();
        let age = (self.at - oldest).num_minutes();
        let light = graded(age, i64::from(limits.backlog_minutes))?;
        Some(HealthReason {
            light,
            text: format!(
                "{orders} orders are on their way to the warehouse, the oldest for {age} minutes"
            ),
            diagnosis: Some(Kind::SyncInterval),
        })
    }
}

/// Amber beyond a limit, red beyond three times of it.
fn graded(value: i64, limit: i64) -> Option<Light> {
    if value > limit.saturating_mul(3) {
        Some(Light::Red)
    } else if value > limit {
        Some(Light::Amber)
    } else {
        None
    }
}

fn of_flow(
    flow: Flow,
    health: &FlowHealth,
    limits: &HealthLimits,
    now: DateTime<Utc>,
) -> Vec<HealthReason> {
    let mut reasons = Vec::new();
    if let Some(limit) = limits.stale_minutes.get(&flow) {
        let since = health.completed_at.unwrap_or(health.ran_at);
        let age = (now - since).num_minutes();
        if let Some(light) = graded(age, i64::from(*limit)) {
            reasons.push(HealthReason {
                light,
                text: format!("the {flow} flow last ran to its end {age} minutes ago"),
                diagnosis: Some(Kind::SyncInterval),
            });
        }
    }
    let light = if health.failures >= 4 {
        Some(Light::Red)
    } else if health.failures > 0 || health.failure_percent >= limits.failure_percent {
        Some(Light::Amber)
    } else {
        None
    };
    if let Some(light) = light {
        let what = health.failure.as_deref().unwrap_or("it works again");
        reasons.push(HealthReason {
            light,
            text: format!(
                "the {flow} flow failed {} times in a row, {} % of late: {what}",
                health.failures, health.failure_percent
            ),
            diagnosis: Some(Kind::Warehouse),
        });
    }
    reasons
}

/// One reason for each code that is open. Amber: what nobody deals with in time is red by its service level.
fn of_exceptions(exceptions: &[Exception]) -> Vec<HealthReason> {
    let mut by_code: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let findings = exceptions.iter().map(|exception| &exception.finding);
    for finding in findings.filter(|finding| finding.severity >= Severity::Warning) {
        let (exceptions, concerned) = by_code.entry(&finding.code).or_default();
        *exceptions += 1;
        *concerned = concerned.saturating_add(finding.count);
    }
    by_code
        .into_iter()
        .map(|(code, (exceptions, concerned))| {
            let info = codes::info(code);
            let title = info.map_or("", |info| info.title);
            HealthReason {
                light: Light::Amber,
                text: format!("{code}: {title} ({exceptions} open, {concerned} concerned)"),
                diagnosis: info.map(|info| info.kind),
            }
        })
        .collect()
}

fn name_of(flow: Flow) -> String {
    format!("health.{flow}")
}

/// Keeps what a run did for the health report.
pub(crate) async fn note(run: &Run<'_>, report: &FlowReport) -> Result<(), StoreError> {
    if report.outcome == FlowOutcome::Busy {
        return Ok(());
    }
    let parts = run.parts;
    let name = name_of(report.flow);
    let stored = parts.store.cursor(&parts.merchant, &name).await?;
    let before: Option<FlowHealth> = stored
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    if before
        .as_ref()
        .is_some_and(|before| says_enough(before, report))
    {
        return Ok(());
    }
    let next = after(before, report);
    let text = serde_json::to_string(&next).unwrap_or_default();
    // Another worker may have noted its own run; then that one stands.
    parts
        .store
        .move_cursor(&parts.merchant, &name, stored.as_deref(), &text)
        .await?;
    Ok(())
}

/// Whether a run is no news after what was noted less than a minute ago: one more write for every poll would cost more than the
/// poll.
fn says_enough(before: &FlowHealth, report: &FlowReport) -> bool {
    let age = report.started_at - before.ran_at;
    report.outcome == FlowOutcome::Completed
        && report.audit.is_none()
        && before.failures == 0
        && before.failure_percent == 0
        && before.completed_at == Some(before.ran_at)
        && age >= chrono::Duration::zero()
        && age < chrono::Duration::minutes(1)
}

fn after(before: Option<FlowHealth>, report: &FlowReport) -> FlowHealth {
    let ended = report.started_at + to_chrono(Duration::from_millis(report.elapsed_ms));
    let mut next = before.unwrap_or(FlowHealth {
        completed_at: None,
        ran_at: ended,
        elapsed_ms: 0,
        failures: 0,
        failure: None,
        failure_percent: 0,
        drift: None,
        drifted: 0,
    });
    next.ran_at = ended;
    next.elapsed_ms = report.elapsed_ms;
    let failed = match &report.outcome {
        FlowOutcome::Failed { reason } => {
            next.failures = next.failures.saturating_add(1);
            next.failure = Some(reason.clone());
            true
        }
        FlowOutcome::Completed => {
            next.completed_at = Some(ended);
            next.failures = 0;
            next.failure = None;
            false
        }
        // Asked to stop: it says nothing about its health.
        _ => return next,
    };
    // Each run takes a tenth of the weight: some twenty runs until an old failure is forgotten.
    let share = u32::from(next.failure_percent) * 9 + if failed { 100 } else { 0 };
    next.failure_percent = u8::try_from((share / 10).min(100)).unwrap_or(100);
    if let Some(audit) = &report.audit {
        next.drift = Some(audit.drift_explained);
        next.drifted = audit.drift.len() as u64;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: FlowOutcome) -> FlowReport {
        FlowReport {
            flow: Flow::Orders,
            outcome,
            started_at: DateTime::UNIX_EPOCH,
            elapsed_ms: 1_000,
            tallies: BTreeMap::new(),
            audit: None,
            port_use: Default::default(),
        }
    }

    fn failed() -> FlowReport {
        report(FlowOutcome::Failed {
            reason: "no answer".to_owned(),
        })
    }

    #[test]
    fn a_flow_that_fails_turns_amber_then_red_and_recovers() {
        let limits = HealthLimits::default();
        let now = DateTime::UNIX_EPOCH + chrono::Duration::minutes(5);
        let light = |health: &FlowHealth| {
            of_flow(Flow::Orders, health, &limits, now)
                .iter()
                .map(|reason| reason.light)
                .max()
        };
        let mut health = after(None, &report(FlowOutcome::Completed));
        assert_eq!(light(&health), None);
        health = after(Some(health), &failed());
        assert_eq!(light(&health), Some(Light::Amber));
        for _ in 0..3 {
            health = after(Some(health), &failed());
        }
        assert_eq!(light(&health), Some(Light::Red));
        assert_eq!(health.failure.as_deref(), Some("no answer"));
        for _ in 0..20 {
            health = after(Some(health), &report(FlowOutcome::Completed));
        }
        assert_eq!(light(&health), None);
    }

    #[test]
    fn a_flow_that_does_not_run_any_more_goes_stale() {
        let health = after(None, &report(FlowOutcome::Completed));
        let limits = HealthLimits::default();
        for (minutes, light) in [(30, None), (32, Some(Light::Amber)), (92, Some(Light::Red))] {
            let now = DateTime::UNIX_EPOCH + chrono::Duration::minutes(minutes);
            let reasons = of_flow(Flow::Orders, &health, &limits, now);
            assert_eq!(
                reasons.first().map(|reason| reason.light),
                light,
                "{minutes}"
            );
        }
    }
}
