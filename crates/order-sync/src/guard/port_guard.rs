//! The guard of one port: asks before each call, learns from each answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use super::circuit_breaker::{Admission, Change, CircuitBreaker, Verdict};
use super::retry_budget::RetryBudget;
use super::{GuardSettings, OpenCircuit, PortName, port_use};
use crate::settings::to_chrono;
use crate::{Clock, FailureClass, HeldBack, PortError};

/// Records whose last attempt failed are known up to this number. Forgetting them only means that a repeat passes as a first
/// attempt.
const FAILED_RECORDS_MAX: usize = 10_000;

/// What a call does at the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes nothing there, and so may be the call that tries an open circuit.
    Read,
    /// It changes something, and so is never made to find out whether the other side is back: a read has to show that first.
    Write,
    /// It changes something, but by the port's contract the same call may be made again at any time and is done once: it may try
    /// an open circuit itself.
    Repeatable,
}

/// The guard of one port. A port stands for a credential; each of its operations has a circuit of its own.
#[derive(Debug)]
pub(super) struct PortGuard {
    port: PortName,
    settings: GuardSettings,
    clock: Arc<dyn Clock>,
    state: Mutex<PortState>,
}

#[derive(Debug)]
struct PortState {
    circuits: BTreeMap<&'static str, Circuit>,
    budget: RetryBudget,
    /// Records whose last attempt at an operation failed: their next one is a repeat.
    failed: HashSet<(&'static str, String)>,
    answered_at: Option<Duration>,
    read_answered_at: Option<Duration>,
    /// A circuit opened or closed, or was heard of for the first time, since the exceptions were last compared.
    news: bool,
}

#[derive(Debug)]
struct Circuit {
    breaker: CircuitBreaker,
    /// The operation was answered since the engine was built, so what is on record of it from before is out of date.
    answered: bool,
    open: Option<Opening>,
}

#[derive(Debug, Clone)]
struct Opening {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    last_failure: String,
}

impl PortState {
    fn circuit(&mut self, operation: &'static str, settings: &GuardSettings) -> &mut Circuit {
        self.circuits.entry(operation).or_insert_with(|| Circuit {
            breaker: CircuitBreaker::new(settings.clone()),
            answered: false,
            open: None,
        })
    }
}

impl PortGuard {
    pub(super) fn new(port: PortName, settings: GuardSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            port,
            state: Mutex::new(PortState {
                circuits: BTreeMap::new(),
                budget: RetryBudget::new(settings.retry_budget),
                failed: HashSet::new(),
                answered_at: None,
                read_answered_at: None,
                news: false,
            }),
            settings,
            clock,
        }
    }

    /// The clock that never jumps.
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Asks whether a read may be made now. `record`: what it is about, where a failure may be that record's own.
    pub(super) fn read(
        &self,
        operation: &'static str,
        record: Option<&str>,
    ) -> Result<Permit<'_>, PortError> {
        self.ask(operation, Kind::Read, record)
    }

    /// Asks whether a write may be made now. Where the permit [wants a read first](Permit::wants_read), that has to succeed.
    pub(super) fn write(
        &self,
        operation: &'static str,
        record: Option<&str>,
    ) -> Result<Permit<'_>, PortError> {
        self.ask(operation, Kind::Write, record)
    }

    /// Asks whether a write that may be made again at any time may be made now.
    pub(super) fn repeatable(
        &self,
        operation: &'static str,
        record: Option<&str>,
    ) -> Result<Permit<'_>, PortError> {
        self.ask(operation, Kind::Repeatable, record)
    }

    fn ask(
        &self,
        operation: &'static str,
        kind: Kind,
        record: Option<&str>,
    ) -> Result<Permit<'_>, PortError> {
        let now = self.clock.monotonic();
        let record = record.map(|record| (operation, record.to_owned()));
        let mut state = self.state();
        let repeats = record
            .as_ref()
            .is_some_and(|record| state.failed.contains(record));
        let (answered_at, read_answered_at) = (state.answered_at, state.read_answered_at);
        let circuit = state.circuit(operation, &self.settings);
        let open_since = circuit.breaker.open_since();
        // Where the port answers other calls, the failures may be those of single records: one that failed before is not what
        // tries it as long as another may come, or a few bad records would close the operation to all others for ever.
        let suspect = kind == Kind::Read
            && repeats
            && answered_at > open_since
            && (circuit.breaker.trial_due_for(now))
                .is_some_and(|due_for| due_for < self.settings.pause_cap);
        let admission = if suspect {
            Admission::Refuse(self.settings.pause)
        } else {
            circuit.breaker.admit(now)
        };
        #[cfg(canary)]
        let admission = match admission {
            Admission::Refuse(_) if crate::canary::planted("open_circuit_ignored") => {
                Admission::Pass
            }
            admission => admission,
        };
        let trial = match admission {
            Admission::Pass => false,
            Admission::Trial => true,
            Admission::Refuse(wait) => {
                let opening = circuit.open.clone();
                drop(state);
                port_use::circuit_open();
                return Err(self.circuit_open(operation, kind, opening, wait));
            }
        };
        if repeats && !state.budget.try_repeat(now) {
            let wait = state.budget.next_in();
            if trial {
                state
                    .circuit(operation, &self.settings)
                    .breaker
                    .abandon_trial(now);
            }
            drop(state);
            port_use::budget_empty();
            return Err(self.budget_empty(operation, kind, wait));
        }
        let wants_read = trial && kind == Kind::Write && read_answered_at <= open_since;
        #[cfg(canary)]
        let wants_read = wants_read && !crate::canary::planted("create_tries_circuit");
        Ok(Permit {
            guard: self,
            operation,
            kind,
            record,
            trial,
            wants_read,
            judged: false,
        })
    }

    fn circuit_open(
        &self,
        operation: &'static str,
        kind: Kind,
        opening: Option<Opening>,
        wait: Duration,
    ) -> PortError {
        let (until, last_failure) = opening.map_or_else(
            || (self.clock.now(), "it kept failing".to_owned()),
            |opening| (opening.until, opening.last_failure),
        );
        let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
        let port = self.port;
        not_made(
            kind,
            format!("circuit open for {operation} of {port} until {until}: {last_failure}"),
        )
        .with_retry_after(Some(wait))
        .with_held_back(HeldBack::CircuitOpen)
        .at(Some((port, operation)))
    }

    fn budget_empty(&self, operation: &'static str, kind: Kind, wait: Duration) -> PortError {
        let port = self.port;
        not_made(
            kind,
            format!("not repeated: too many attempts at {operation} of {port} failed just now"),
        )
        .with_retry_after(Some(wait))
        .with_held_back(HeldBack::RetryBudget)
        .at(Some((port, operation)))
    }

    /// Learns how a call ended.
    fn learn(&self, permit: &Permit<'_>, failure: Option<&PortError>) {
        let now = self.clock.monotonic();
        let operation = permit.operation;
        let verdict = failure.map_or(Verdict::Answered, |error| verdict_of(error.class()));
        let throttled = failure.is_some_and(|error| error.class() == FailureClass::Throttled);
        let mut state = self.state();
        if verdict == Verdict::Answered {
            for circuit in state.circuits.values_mut() {
                circuit.breaker.port_answered();
            }
            state.answered_at = Some(now);
            if permit.kind == Kind::Read {
                state.read_answered_at = Some(now);
            }
            if !throttled {
                state.budget.succeeded();
                if let Some(record) = &permit.record {
                    state.failed.remove(record);
                }
            }
        } else if let Some(record) = &permit.record {
            if state.failed.len() >= FAILED_RECORDS_MAX {
                state.failed.clear();
            }
            state.failed.insert(record.clone());
        }
        let circuit = state.circuit(operation, &self.settings);
        let first_answer = verdict == Verdict::Answered && !circuit.answered;
        circuit.answered |= first_answer;
        state.news |= first_answer;
        self.record(&mut state, permit, now, verdict, failure);
    }

    /// Moves the circuit, and keeps what people have to be told of it.
    fn record(
        &self,
        state: &mut PortState,
        permit: &Permit<'_>,
        now: Duration,
        verdict: Verdict,
        failure: Option<&PortError>,
    ) {
        let (port, operation) = (self.port.as_str(), permit.operation);
        let circuit = state.circuit(operation, &self.settings);
        let change = circuit.breaker.record(now, verdict, permit.trial);
        match change {
            Some(Change::Opened) => {
                let at = self.clock.now();
                let rest = circuit.breaker.rest(now);
                circuit.open = Some(Opening {
                    since: circuit.open.as_ref().map_or(at, |open| open.since),
                    until: at + to_chrono(rest),
                    last_failure: failure.map_or_else(String::new, ToString::to_string),
                });
                tracing::warn!(port, operation, rest = ?rest, "circuit opened");
            }
            Some(Change::Closed) => {
                circuit.open = None;
                tracing::info!(port, operation, "circuit closed");
            }
            None => {}
        }
        state.news |= change.is_some();
    }

    fn abandon(&self, permit: &Permit<'_>) {
        if permit.trial {
            let now = self.clock.monotonic();
            let mut state = self.state();
            let circuit = state.circuit(permit.operation, &self.settings);
            circuit.breaker.abandon_trial(now);
        }
    }

    /// The circuits that are open.
    pub(super) fn open_circuits(&self) -> Vec<OpenCircuit> {
        self.state()
            .circuits
            .iter()
            .filter_map(|(operation, circuit)| {
                let open = circuit.open.clone()?;
                Some(OpenCircuit {
                    port: self.port,
                    operation,
                    since: open.since,
                    until: open.until,
                    last_failure: open.last_failure,
                })
            })
            .collect()
    }

    /// The operations of which this guard knows better than what is on record: those that were answered since it exists.
    pub(super) fn answered_operations(&self) -> Vec<&'static str> {
        self.state()
            .circuits
            .iter()
            .filter(|(_, circuit)| circuit.answered)
            .map(|(operation, _)| *operation)
            .collect()
    }

    /// Whether a circuit changed since the last time this was asked.
    pub(super) fn take_news(&self) -> bool {
        std::mem::take(&mut self.state().news)
    }

    /// What was asked for could not be written: it is still news.
    pub(super) fn put_news_back(&self) {
        self.state().news = true;
    }

    fn state(&self) -> MutexGuard<'_, PortState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The failure of a call that was not made.
fn not_made(kind: Kind, message: String) -> PortError {
    let class = match kind {
        Kind::Read => FailureClass::Unavailable,
        Kind::Write | Kind::Repeatable => FailureClass::NeverSent,
    };
    PortError::new(class, message)
}

const fn verdict_of(class: FailureClass) -> Verdict {
    match class {
        FailureClass::Unauthorised => Verdict::Unauthorised,
        FailureClass::Unavailable | FailureClass::Ambiguous | FailureClass::NeverSent => {
            Verdict::Failed
        }
        // Whoever says that he is too busy is there; how often he is called is the pace's business.
        FailureClass::Throttled
        | FailureClass::Rejected
        | FailureClass::Unreadable
        | FailureClass::Contended
        | FailureClass::Unsupported => Verdict::Answered,
    }
}

/// A call may be made. Its end has to be told; dropping the permit means that the call was dropped half-way, which says nothing.
#[derive(Debug)]
#[must_use = "without a verdict the guard learns nothing"]
pub(super) struct Permit<'a> {
    guard: &'a PortGuard,
    operation: &'static str,
    kind: Kind,
    record: Option<(&'static str, String)>,
    trial: bool,
    wants_read: bool,
    judged: bool,
}

impl Permit<'_> {
    /// The circuit of this write is open, its rest is over, and no read of the port was answered since: make one first, by the
    /// port's own guarded read. If it fails, [`Permit::read_failed`] is the answer to this call.
    pub(super) const fn wants_read(&self) -> bool {
        self.wants_read
    }

    /// The call was made and ended so. Hands the result on.
    pub(super) fn judge<T>(self, result: Result<T, PortError>) -> Result<T, PortError> {
        let place = self.place();
        self.judged(result.as_ref().err());
        result.map_err(|error| error.at(Some(place)))
    }

    /// What it is a permit for.
    pub(super) const fn place(&self) -> (PortName, &'static str) {
        (self.guard.port, self.operation)
    }

    /// The call was made and ended with that failure, or with an answer.
    pub(super) fn judged(mut self, failure: Option<&PortError>) {
        self.judged = true;
        port_use::called();
        if let Some(error) = failure
            && error.class() == FailureClass::Throttled
        {
            port_use::throttled(error.retry_after());
        }
        self.guard.learn(&self, failure);
    }

    /// The read that had to come first failed: the write is not made, and rests longer if the read was made at all.
    pub(super) fn read_failed(mut self, error: &PortError) -> PortError {
        let wait = error.retry_after().unwrap_or(self.guard.settings.pause);
        let verdict = verdict_of(error.class());
        // A read that was not made, or that was answered with something else than hoped for, says nothing against the port.
        if error.held_back().is_none() && verdict != Verdict::Answered {
            self.judged = true;
            let now = self.guard.clock.monotonic();
            let mut state = self.guard.state();
            self.guard
                .record(&mut state, &self, now, verdict, Some(error));
        }
        port_use::circuit_open();
        let (operation, port) = (self.operation, self.guard.port);
        not_made(
            self.kind,
            format!(
                "circuit open for {operation} of {port}: the read that tried it failed: {error}"
            ),
        )
        .with_retry_after(Some(wait))
        .with_held_back(HeldBack::CircuitOpen)
        .at(Some((port, operation)))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.judged {
            self.guard.abandon(self);
        }
    }
}

#[cfg(test)]
mod tests;
