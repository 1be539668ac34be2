//! What the engine's guards let through to the vendors.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use order_sync::{FailureClass, GuardSettings, PortName};

use super::Evidence;
use crate::simulation::fault_class::FaultClass;
use crate::simulation::history::{Actor, Fact};
use crate::simulation::process;

/// Writes that may not be what tries an open circuit: a read of their port has to be answered first.
const NO_TRIALS: [&str; 3] = ["submit", "relay", "publish"];

/// Reads: all but those, and the changes that may be asked again at any time.
fn is_read(operation: &str) -> bool {
    !NO_TRIALS.contains(&operation) && !matches!(operation, "cancel" | "amend")
}

/// Whose engine: it keeps its circuits for as long as its process lives.
type Engine = (usize, Actor);

/// A call under way.
struct Call {
    engine: Engine,
    port: PortName,
    operation: &'static str,
    trial: bool,
}

/// Where a circuit has to stand by its own calls.
#[derive(Clone, Copy, Default)]
enum Stands {
    #[default]
    Closed,
    Open {
        since: Duration,
        until: Duration,
        pause: Duration,
    },
    Tried {
        pause: Duration,
    },
}

/// One operation of one port of one engine.
#[derive(Default)]
struct Circuit {
    stands: Stands,
    /// Calls that ended lately: the tenth of a window in which each did, and whether it failed.
    lately: Vec<(u128, bool)>,
    /// Failures in a row with no answer of the port, and when the last one was.
    unanswered: u32,
    failed_at: Duration,
}

impl Circuit {
    /// A call begins: whether it is the trial, or what is wrong with it.
    fn begin(
        &mut self,
        now: Duration,
        may_try: impl Fn(Duration) -> bool,
    ) -> Result<bool, &'static str> {
        match self.stands {
            Stands::Closed => Ok(false),
            Stands::Open { until, .. } if now < until => Err("while its circuit was open"),
            Stands::Open { since, .. } if !may_try(since) => {
                Err("to find out whether the other side is back")
            }
            Stands::Open { pause, .. } => {
                self.stands = Stands::Tried { pause };
                Ok(true)
            }
            Stands::Tried { .. } => Err("while another call tried its circuit"),
        }
    }

    fn end(
        &mut self,
        now: Duration,
        failure: Option<FailureClass>,
        trial: bool,
        guard: &GuardSettings,
    ) {
        use FailureClass as F;
        let refused = failure == Some(F::Unauthorised);
        let failed = matches!(failure, Some(F::Unavailable | F::Ambiguous | F::NeverSent));
        let open = |pause| Stands::Open {
            since: now,
            until: now + pause,
            pause,
        };
        match self.stands {
            Stands::Tried { pause } if trial => {
                if refused || failed {
                    self.stands = open((pause * 2).min(guard.pause_cap));
                } else {
                    *self = Self::default();
                }
            }
            Stands::Closed => {
                // A call counts for the window, and for up to a tenth of it longer.
                let tenth = now.as_nanos() / (guard.window.as_nanos() / 10);
                self.lately.retain(|(then, _)| then + 10 >= tenth);
                self.lately.push((tenth, refused || failed));
                if failed {
                    if now.saturating_sub(self.failed_at) > guard.window * 10 {
                        self.unanswered = 0;
                    }
                    self.unanswered += 1;
                    self.failed_at = now;
                    let calls = self.lately.len() as u64;
                    let failures = self.lately.iter().filter(|(_, failed)| *failed).count() as u64;
                    let share = failures * 100 >= calls * u64::from(guard.failure_percent);
                    let enough = calls >= u64::from(guard.min_calls) && share;
                    if enough || self.unanswered >= guard.min_calls {
                        self.stands = open(guard.pause);
                    }
                } else if refused {
                    self.stands = open(guard.pause);
                }
            }
            // What began before and ends afterwards changes nothing any more.
            Stands::Open { .. } | Stands::Tried { .. } => {}
        }
    }

    /// The trial came to no end: the next call may be it.
    fn give_up(&mut self, now: Duration) {
        if let Stands::Tried { pause } = self.stands {
            self.stands = Stands::Open {
                since: now,
                until: now,
                pause,
            };
        }
    }
}

/// I12: while a circuit is open no call of its operation is made, and then one at a time tries it: a read, or a write that may be asked
/// again at any time, or after a read of its port was answered. What opens a circuit is reckoned here anew.
pub(super) fn an_open_circuit_lets_one_trial_through(evidence: &Evidence<'_>) -> Vec<String> {
    let guard = process::settings(evidence.scenario).guard;
    let mut circuits: BTreeMap<(Engine, PortName, &str), Circuit> = BTreeMap::new();
    let mut answered: BTreeMap<(Engine, PortName), Duration> = BTreeMap::new();
    let mut under_way: BTreeMap<u64, Call> = BTreeMap::new();
    // Between its death and its next life a process may take the rest of one step.
    let mut dead: BTreeSet<Actor> = BTreeSet::new();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        let (who, now) = (entry.who, entry.at);
        match &entry.fact {
            Fact::Killed => {
                dead.insert(who);
                circuits.retain(|(engine, ..), _| engine.1 != who);
                answered.retain(|(engine, _), _| engine.1 != who);
                under_way.retain(|_, call| call.engine.1 != who);
            }
            Fact::Started => {
                dead.remove(&who);
            }
            _ if dead.contains(&who) => {}
            Fact::CallBegan {
                number,
                port,
                operation,
                ..
            } => {
                let engine = (entry.merchant, who);
                let read_at = answered.get(&(engine, *port));
                let may_try =
                    |since| !NO_TRIALS.contains(operation) || read_at.is_some_and(|at| *at > since);
                let circuit = circuits.entry((engine, *port, operation)).or_default();
                let trial = circuit.begin(now, may_try).unwrap_or_else(|why| {
                    found.push(format!(
                        "{who} called {operation} of {port} at {now:.1?}, {why}"
                    ));
                    false
                });
                let call = Call {
                    engine,
                    port: *port,
                    operation,
                    trial,
                };
                under_way.insert(*number, call);
            }
            Fact::CallEnded {
                number, failure, ..
            } => {
                let Some(call) = under_way.remove(number) else {
                    continue;
                };
                let of_port = (call.engine, call.port);
                let silent = [
                    FailureClass::Unauthorised,
                    FailureClass::Unavailable,
                    FailureClass::Ambiguous,
                    FailureClass::NeverSent,
                ];
                if !failure.is_some_and(|class| silent.contains(&class)) {
                    let others = circuits.iter_mut();
                    for (_, circuit) in
                        others.filter(|((engine, port, _), _)| (*engine, *port) == of_port)
                    {
                        circuit.unanswered = 0;
                    }
                    if is_read(call.operation) {
                        answered.insert(of_port, now);
                    }
                }
                let key = (call.engine, call.port, call.operation);
                let circuit = circuits.entry(key).or_default();
                circuit.end(now, *failure, call.trial, &guard);
            }
            Fact::CallDropped(number) => {
                if let Some(call) = under_way.remove(number)
                    && call.trial
                {
                    let key = (call.engine, call.port, call.operation);
                    circuits.entry(key).or_default().give_up(now);
                }
            }
            _ => {}
        }
    }
    found
}

/// I12: a call that was turned away with a time to wait is not made again for that record before the time is over, by no worker.
///
/// That is what the engine promises by itself, once the failure is on record; the gate of a whole credential stands in the clients,
/// below the ports, and the pace of flows in whoever schedules them. So histories in which a worker may die or the store fail in
/// between are left out, and records that changed in the meantime.
pub(super) fn a_time_to_wait_is_kept(evidence: &Evidence<'_>) -> Vec<String> {
    let unrecorded = [
        FaultClass::ProcessKill,
        FaultClass::ProcessPause,
        FaultClass::StoreError,
        FaultClass::PickedUpBeforeSync,
    ];
    if unrecorded
        .into_iter()
        .any(|class| evidence.scenario.has(class))
    {
        return Vec::new();
    }
    let mut under_way: BTreeMap<u64, (usize, &str, &str)> = BTreeMap::new();
    let mut told: BTreeMap<(usize, &str, &str), Duration> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        match &entry.fact {
            Fact::CallBegan {
                number,
                operation: operation @ ("submit" | "relay" | "cancel" | "amend"),
                about: Some(about),
                ..
            } => {
                let key = (entry.merchant, *operation, about.as_str());
                if let Some(until) = told.remove(&key)
                    && entry.at < until
                {
                    found.push(format!(
                        "{operation} of {about} was called at {:.1?}, to be left alone until {until:.1?}",
                        entry.at
                    ));
                }
                under_way.insert(*number, key);
            }
            Fact::CallEnded {
                number,
                failure,
                wait,
            } => {
                if let Some(key) = under_way.remove(number)
                    && *failure == Some(FailureClass::Throttled)
                    && let Some(wait) = wait
                {
                    told.insert(key, entry.at + *wait);
                }
            }
            _ => {}
        }
    }
    found
}
