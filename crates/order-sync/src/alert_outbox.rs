//! What one alert sink has still to be told: kept with its place in the journal, so that nothing is forgotten and nothing told twice
//! by a sink that works.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::settings::to_chrono;
use crate::{AlertKind, ExceptionEntry, ExceptionEvent};

/// What a sink was told and has to be told, as stored under its cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AlertOutbox {
    /// Up to which entry the journal was read.
    pub(crate) read_to: u64,
    /// By kind and code: the exceptions to tell of, and when the last alert of that kind and code went.
    topics: BTreeMap<String, Topic>,
    /// Failures in a row.
    failures: u32,
    /// When to try again after a failure.
    retry_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Topic {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pending: BTreeSet<u64>,
    told_at: Option<DateTime<Utc>>,
}

/// An alert that is due: its kind and code, and the exceptions it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueAlert {
    pub(crate) kind: AlertKind,
    pub(crate) code: String,
    pub(crate) numbers: BTreeSet<u64>,
}

impl AlertOutbox {
    /// Takes in what the journal says next.
    pub(crate) fn take(&mut self, entries: &[ExceptionEntry]) {
        for entry in entries {
            self.read_to = self.read_to.max(entry.sequence);
            match entry.event {
                ExceptionEvent::Opened | ExceptionEvent::Reopened | ExceptionEvent::Woken => {
                    // Gone and back before it was told that it is gone: nothing has changed for whoever is told.
                    if !self.pending(AlertKind::Closed, entry).remove(&entry.number) {
                        self.pending(AlertKind::Opened, entry).insert(entry.number);
                    }
                }
                ExceptionEvent::Escalated => {
                    self.pending(AlertKind::Escalated, entry)
                        .insert(entry.number);
                }
                ExceptionEvent::Resolved | ExceptionEvent::Dismissed => {
                    self.pending(AlertKind::Escalated, entry)
                        .remove(&entry.number);
                    if !self.pending(AlertKind::Opened, entry).remove(&entry.number) {
                        self.pending(AlertKind::Closed, entry).insert(entry.number);
                    }
                }
                ExceptionEvent::Changed
                | ExceptionEvent::Assigned
                | ExceptionEvent::Noted
                | ExceptionEvent::Snoozed => {}
            }
        }
    }

    fn pending(&mut self, kind: AlertKind, entry: &ExceptionEntry) -> &mut BTreeSet<u64> {
        &mut self
            .topics
            .entry(key(kind, &entry.code))
            .or_default()
            .pending
    }

    /// What is to be told now: all that is pending, except where an alert of that kind and code went less than `quiet` ago.
    pub(crate) fn due(&self, now: DateTime<Utc>, quiet: Duration) -> Vec<DueAlert> {
        if self.retry_at.is_some_and(|retry_at| now < retry_at) {
            return Vec::new();
        }
        self.topics
            .iter()
            .filter(|(_, topic)| !topic.pending.is_empty())
            // A clock that steps back must not keep alerts for as long as it stepped.
            .filter(|(_, topic)| {
                topic
                    .told_at
                    .is_none_or(|told_at| now < told_at || now - told_at >= quiet)
            })
            .filter_map(|(key, topic)| {
                let (kind, code) = kind_and_code(key)?;
                Some(DueAlert {
                    kind,
                    code: code.to_owned(),
                    numbers: topic.pending.clone(),
                })
            })
            .collect()
    }

    /// The sink has taken an alert.
    pub(crate) fn told(&mut self, alert: &DueAlert, now: DateTime<Utc>) {
        self.failures = 0;
        self.retry_at = None;
        let topic = self.topics.entry(key(alert.kind, &alert.code)).or_default();
        topic.pending.retain(|one| !alert.numbers.contains(one));
        topic.told_at = Some(now);
    }

    /// The sink did not take an alert: everything stays pending and is tried again after a pause that doubles up to an hour, or is as
    /// long as the other side asked for.
    pub(crate) fn failed(&mut self, now: DateTime<Utc>, asked: Option<std::time::Duration>) {
        let asked = asked.map_or(Duration::zero(), to_chrono);
        let pause = Duration::minutes(1 << self.failures.min(6))
            .max(asked)
            .min(Duration::hours(1));
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + pause);
    }
}

fn key(kind: AlertKind, code: &str) -> String {
    format!("{}.{code}", kind.as_str())
}

fn kind_and_code(key: &str) -> Option<(AlertKind, &str)> {
    let (kind, code) = key.split_once('.')?;
    [AlertKind::Opened, AlertKind::Escalated, AlertKind::Closed]
        .into_iter()
        .find(|known| known.as_str() == kind)
        .map(|kind| (kind, code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exception, ExceptionSubject, Finding, codes};

    fn entry(sequence: u64, number: u64, event: ExceptionEvent) -> ExceptionEntry {
        let subject = ExceptionSubject::new("order", &number.to_string());
        let finding = Finding::new(subject, &codes::ORPHAN, "");
        let mut exception = Exception::opened("audit", finding, DateTime::UNIX_EPOCH);
        exception.number = number;
        let mut entry =
            ExceptionEntry::new(&exception, DateTime::UNIX_EPOCH, event, None, String::new());
        entry.sequence = sequence;
        entry
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    const QUIET: Duration = Duration::minutes(15);

    #[test]
    fn ten_thousand_equal_faults_are_one_alert_and_the_next_ones_wait_for_the_quiet_time() {
        let mut outbox = AlertOutbox::default();
        let opened: Vec<ExceptionEntry> = (1..=10_000)
            .map(|one| entry(one, one, ExceptionEvent::Opened))
            .collect();
        outbox.take(&opened);
        let due = outbox.due(at(0), QUIET);
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].numbers.len(), 10_000);
        outbox.told(&due[0], at(0));

        outbox.take(&[entry(10_001, 10_001, ExceptionEvent::Opened)]);
        assert!(outbox.due(at(14), QUIET).is_empty());
        outbox.take(&[entry(10_002, 10_002, ExceptionEvent::Opened)]);
        assert_eq!(
            outbox.due(at(15), QUIET)[0].numbers,
            [10_001, 10_002].into()
        );
        assert_eq!(outbox.read_to, 10_002);
    }

    #[test]
    fn what_opens_and_closes_in_between_is_not_told() {
        let mut outbox = AlertOutbox::default();
        outbox.take(&[
            entry(1, 1, ExceptionEvent::Opened),
            entry(2, 1, ExceptionEvent::Escalated),
            entry(3, 1, ExceptionEvent::Resolved),
        ]);
        assert!(outbox.due(at(0), QUIET).is_empty());

        outbox.take(&[entry(4, 2, ExceptionEvent::Opened)]);
        let due = outbox.due(at(0), QUIET);
        outbox.told(&due[0], at(0));
        outbox.take(&[entry(5, 2, ExceptionEvent::Dismissed)]);
        let due = outbox.due(at(0), QUIET);
        assert_eq!((due[0].kind, due.len()), (AlertKind::Closed, 1));
        outbox.take(&[entry(6, 2, ExceptionEvent::Reopened)]);
        assert!(outbox.due(at(0), QUIET).is_empty());
    }

    #[test]
    fn a_sink_that_fails_is_left_alone_for_a_while_and_forgets_nothing() {
        let mut outbox = AlertOutbox::default();
        outbox.take(&[entry(1, 1, ExceptionEvent::Opened)]);
        outbox.failed(at(0), None);
        assert!(outbox.due(at(0), QUIET).is_empty());
        let stored = serde_json::to_string(&outbox).unwrap();
        let mut outbox: AlertOutbox = serde_json::from_str(&stored).unwrap();
        let due = outbox.due(at(1), QUIET);
        assert_eq!(due[0].numbers, [1].into());
        for _ in 0..100 {
            outbox.failed(at(1), None);
        }
        assert!(outbox.due(at(60), QUIET).is_empty());
        assert_eq!(outbox.due(at(61), QUIET).len(), 1);
    }
}
