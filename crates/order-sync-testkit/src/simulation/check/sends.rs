//! What reached the warehouse.

use std::collections::BTreeMap;
use std::time::Duration;

use order_mapping::ClientOrderRef;
use order_sync::ClaimKind;

use super::Evidence;
use crate::simulation::history::{Actor, Fact};
use crate::simulation::process;
use crate::simulation::world::LEASE;

/// I2: at most one order under a reference is of our making, counted at the warehouse. A second one that the vendor made by itself is
/// an anomaly to be told (I11), and not counted here.
pub(super) fn one_live_order_for_each_reference(evidence: &Evidence<'_>) -> Vec<String> {
    let entries = evidence.history.entries().iter();
    entries
        .filter_map(|entry| match &entry.fact {
            Fact::PostApplied {
                reference,
                by_us,
                by_vendor: false,
            } if *by_us > 1 => Some(format!(
                "{reference} arrived {by_us} times at the warehouse by our own sends"
            )),
            _ => None,
        })
        .collect()
}

/// The last claim for a send of each reference, by merchant.
#[derive(Default)]
struct Intents(BTreeMap<(usize, ClientOrderRef), (Actor, Duration, Option<String>)>);

impl Intents {
    fn learn(&mut self, merchant: usize, who: Actor, fact: &Fact) {
        if let Fact::Claimed {
            kind: ClaimKind::Send,
            reference,
            payload,
            asked,
            ..
        } = fact
        {
            let intent = (who, *asked, payload.clone());
            self.0.insert((merchant, reference.clone()), intent);
        }
    }
}

/// I3: no send before its intent is on record, with the very payload.
pub(super) fn no_send_without_an_intent(evidence: &Evidence<'_>) -> Vec<String> {
    let mut intents = Intents::default();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        intents.learn(entry.merchant, entry.who, &entry.fact);
        let Fact::PostBegan(reference, payload) = &entry.fact else {
            continue;
        };
        match intents.0.get(&(entry.merchant, reference.clone())) {
            None => found.push(format!("{reference} was sent and no intent was on record")),
            Some((_, _, intended)) if intended.as_ref() != Some(payload) => {
                found.push(format!(
                    "{reference} was sent with another payload than was intended"
                ));
            }
            Some(_) => {}
        }
    }
    found
}

/// I4: no send begins after 0.6 of the lease, counted from before the claim was asked for.
pub(super) fn no_send_after_its_deadline(evidence: &Evidence<'_>) -> Vec<String> {
    let mut claimed: BTreeMap<(usize, ClientOrderRef, Actor), Duration> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        match &entry.fact {
            Fact::Claimed {
                kind: ClaimKind::Send,
                reference,
                asked,
                ..
            } => {
                claimed.insert((entry.merchant, reference.clone(), entry.who), *asked);
            }
            Fact::PostBegan(reference, _) => {
                let key = (entry.merchant, reference.clone(), entry.who);
                let Some(asked) = claimed.get(&key) else {
                    found.push(format!(
                        "{reference} was sent by {}, who had not claimed it",
                        entry.who
                    ));
                    continue;
                };
                let age = entry.at.saturating_sub(*asked);
                if age > LEASE.mul_f64(0.6) {
                    found.push(format!(
                        "{reference} was sent {age:.1?} after its claim was asked for"
                    ));
                }
            }
            _ => {}
        }
    }
    found
}

/// I12: sends that repeat a failed one keep to the budget of the port: its cap, a tenth for each answer, and a tenth for each second.
/// The gate of the rate of calls stands in the clients, below the ports.
pub(super) fn repeats_keep_to_the_budget(evidence: &Evidence<'_>) -> Vec<String> {
    #[derive(Default)]
    struct Life {
        began: Duration,
        sent: BTreeMap<ClientOrderRef, u32>,
        repeats: u64,
        /// An upper bound of what was answered.
        facts: u64,
    }
    let cap = u64::from(process::settings(evidence.scenario).guard.retry_budget);
    let mut lives: BTreeMap<(usize, Actor), Life> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        if matches!(entry.fact, Fact::Killed | Fact::Started) {
            lives.retain(|(_, who), _| *who != entry.who);
            continue;
        }
        let life = lives
            .entry((entry.merchant, entry.who))
            .or_insert_with(|| Life {
                began: entry.at,
                ..Life::default()
            });
        life.facts += 1;
        if let Fact::PostBegan(reference, _) = &entry.fact {
            let sent = life.sent.entry(reference.clone()).or_default();
            *sent += 1;
            life.repeats += u64::from(*sent > 1);
            let seconds = entry.at.saturating_sub(life.began).as_secs();
            let tenths = cap * 10 + life.facts + seconds + 10;
            if life.repeats * 10 > tenths {
                found.push(format!(
                    "{} repeated sends by {}, budget {tenths} tenths",
                    life.repeats, entry.who
                ));
            }
        }
    }
    found
}
