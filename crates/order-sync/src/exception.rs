//! What needs a person: one exception per subject and code, opened and closed by itself.

use chrono::{DateTime, Utc};
use order_mapping::{CodeInfo, Kind, Owner, Severity};
use serde::{Deserialize, Serialize};

use crate::{Stake, codes};

/// What an exception is about. Its text form is the key in stores and reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExceptionSubject(String);

impl ExceptionSubject {
    /// An order, by the shop's id.
    #[must_use]
    pub fn order(id: &order_mapping::SourceOrderId) -> Self {
        Self(format!("order:{id}"))
    }

    /// A parcel of an order, by the warehouse's id.
    #[must_use]
    pub fn parcel(order: &order_mapping::SourceOrderId, parcel_id: &str) -> Self {
        Self(format!("parcel:{order}/{parcel_id}"))
    }

    /// Anything else: a kind (`sku`, `shipping-option`, `flow`, `despatch` ...) and its key.
    #[must_use]
    pub fn new(kind: &str, key: &str) -> Self {
        Self(format!("{kind}:{key}"))
    }

    /// Whether it is about an order, or about a parcel of it.
    #[must_use]
    pub fn is_about(&self, order: &order_mapping::SourceOrderId) -> bool {
        let parcel = self.0.strip_prefix("parcel:");
        let of_order = parcel.and_then(|rest| rest.strip_prefix(order.as_str()));
        of_order.is_some_and(|rest| rest.starts_with('/')) || *self == Self::order(order)
    }

    /// Takes the text form back from a store.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExceptionSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fault that a flow sees right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub subject: ExceptionSubject,
    /// Code id, for example `SHIP_UNMAPPED`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line. No personal data.
    pub detail: String,
    /// How many orders (or SKUs, parcels) it concerns.
    pub count: u64,
    /// Some of them, for a first look.
    pub examples: Vec<String>,
    /// Since when, as far as the data says.
    pub since: Option<DateTime<Utc>>,
    /// What hangs on it.
    #[serde(default)]
    pub stake: Stake,
}

impl Finding {
    /// A finding of a catalogued code at its default severity.
    #[must_use]
    pub fn new(subject: ExceptionSubject, code: &CodeInfo, detail: impl Into<String>) -> Self {
        Self {
            subject,
            code: code.id.to_owned(),
            severity: code.default,
            detail: detail.into(),
            count: 1,
            examples: Vec::new(),
            since: None,
            stake: Stake::default(),
        }
    }

    /// Another finding of the same subject and code: counted together.
    fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.severity = self.severity.max(other.severity);
        for example in &other.examples {
            if self.examples.len() < 5 && !self.examples.contains(example) {
                self.examples.push(example.clone());
            }
        }
        if other.since.is_some() && (self.since.is_none() || other.since < self.since) {
            self.since = other.since;
        }
        self.stake.add(&other.stake);
    }
}

/// An exception on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exception {
    /// Its number, given by the store when it is opened; grows by one for each exception of a merchant.
    #[serde(default)]
    pub number: u64,
    /// The part of the engine that finds it, and so the part that may close it.
    pub scope: String,
    /// The finding as last seen.
    pub finding: Finding,
    /// When it was first seen.
    pub opened_at: DateTime<Utc>,
    /// When it was last seen to differ, or a person did something about it.
    pub changed_at: DateTime<Utc>,
    /// When it went away; none while it is found.
    pub closed_at: Option<DateTime<Utc>>,
    /// Who looks after it.
    #[serde(default)]
    pub assignee: Option<String>,
    /// Until when nobody wants to hear of it.
    #[serde(default)]
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When it was escalated, since its service level was over.
    #[serde(default)]
    pub escalated_at: Option<DateTime<Utc>>,
    /// When a person closed it, although it is still found. It stays so until the finding changes, or goes away.
    #[serde(default)]
    pub dismissed_at: Option<DateTime<Utc>>,
}

impl Exception {
    /// An exception that opens; the store gives it its number.
    #[must_use]
    pub fn opened(scope: &str, finding: Finding, at: DateTime<Utc>) -> Self {
        Self {
            number: 0,
            scope: scope.to_owned(),
            finding,
            opened_at: at,
            changed_at: at,
            closed_at: None,
            assignee: None,
            snoozed_until: None,
            escalated_at: None,
            dismissed_at: None,
        }
    }

    /// Somebody has to do something about it: it is found, and nobody has closed it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none() && self.dismissed_at.is_none()
    }

    /// Open, and nobody has put it off.
    #[must_use]
    pub fn is_pressing(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.snoozed_until.is_none_or(|until| until <= now)
    }

    /// What is to blame: data format, sync interval, warehouse, or nothing but business. `None` for a code of a later version.
    #[must_use]
    pub fn diagnosis(&self) -> Option<Kind> {
        codes::info(&self.finding.code).map(|info| info.kind)
    }

    /// The team that can put it right. `None` for a code of a later version.
    #[must_use]
    pub fn owner(&self) -> Option<Owner> {
        codes::info(&self.finding.code).map(|info| info.owner)
    }

    /// What to do about it; empty for a code of a later version.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        codes::info(&self.finding.code).map_or("", |info| info.remedy)
    }
}

/// Puts exceptions in the order of their consequences, the worst first: severity, then the customers' groups (`priority_groups`
/// begins with the most important one), the promised date, the value, the number of orders, and age.
pub fn rank(exceptions: &mut [Exception], priority_groups: &[String]) {
    exceptions.sort_by(|one, other| {
        let key = |exception: &Exception| {
            (
                std::cmp::Reverse(exception.finding.severity),
                exception.finding.stake.group_rank(priority_groups),
                // What nobody waits for on a date comes after what somebody does.
                exception.finding.stake.promised.is_none(),
                exception.finding.stake.promised,
                std::cmp::Reverse(exception.finding.stake.weight()),
                std::cmp::Reverse(exception.finding.count),
                exception.opened_at,
                exception.number,
            )
        };
        key(one).cmp(&key(other))
    });
}

/// What the comparison of findings with open exceptions asks a store to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExceptionChanges {
    /// Newly opened.
    pub opened: Vec<Exception>,
    /// Still open, with another count, detail or example.
    pub updated: Vec<Exception>,
    /// Gone, and so closed.
    pub closed: Vec<Exception>,
}

impl ExceptionChanges {
    /// Nothing to write.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.updated.is_empty() && self.closed.is_empty()
    }
}

/// Compares what a scope finds now with what is open in that scope.
///
/// Level-triggered: a flow says all it sees, and the difference opens, updates and closes. Two findings of one subject and code
/// are added up. The same findings again give no change.
#[must_use]
pub fn compare(
    scope: &str,
    open: &[Exception],
    findings: &[Finding],
    at: DateTime<Utc>,
) -> ExceptionChanges {
    use std::collections::BTreeMap;

    let mut wanted: BTreeMap<(&ExceptionSubject, &str), Finding> = BTreeMap::new();
    for finding in findings {
        wanted
            .entry((&finding.subject, &finding.code))
            .and_modify(|sum| sum.add(finding))
            .or_insert_with(|| finding.clone());
    }
    let mut changes = ExceptionChanges::default();
    for exception in open
        .iter()
        .filter(|one| one.scope == scope && one.closed_at.is_none())
    {
        let key = (&exception.finding.subject, exception.finding.code.as_str());
        match wanted.remove(&key) {
            Some(finding) if finding == exception.finding => {}
            Some(finding) => changes.updated.push(Exception {
                // What a person closed has become something else, and so is for a person again.
                dismissed_at: None,
                finding,
                changed_at: at,
                ..exception.clone()
            }),
            None => changes.closed.push(Exception {
                changed_at: at,
                closed_at: Some(at),
                ..exception.clone()
            }),
        }
    }
    changes.opened = wanted
        .into_values()
        .map(|finding| Exception::opened(scope, finding, at))
        .collect();
    changes
}

#[cfg(test)]
mod tests {
    use order_mapping::Money;
    use rust_decimal::Decimal;

    use super::*;

    fn exception(number: u64, severity: Severity, pounds: i64, group: &str) -> Exception {
        let subject = ExceptionSubject::new("order", &number.to_string());
        let mut finding = Finding::new(subject, &codes::ORPHAN, "");
        finding.severity = severity;
        let mut order = order_mapping::SalesOrder::new("1");
        order.total = Some(Money::new(Decimal::from(pounds), "GBP"));
        order.customer_group = Some(group.to_owned());
        finding.stake = Stake::of(&order);
        let mut exception = Exception::opened("audit", finding, DateTime::UNIX_EPOCH);
        exception.number = number;
        exception
    }

    #[test]
    fn the_worst_comes_first() {
        let mut exceptions = [
            exception(1, Severity::Warning, 90_000, "trade"),
            exception(2, Severity::Error, 100, "trade"),
            exception(3, Severity::Error, 50, "key account"),
            exception(4, Severity::Error, 2_000, "trade"),
        ];
        rank(&mut exceptions, &["key account".to_owned()]);
        assert_eq!(exceptions.map(|one| one.number), [3, 4, 2, 1]);
    }

    #[test]
    fn what_a_person_closed_stays_closed_until_it_changes() {
        let at = DateTime::UNIX_EPOCH;
        let mut one = exception(1, Severity::Error, 1, "trade");
        one.dismissed_at = Some(at);
        let same = one.finding.clone();
        assert!(
            compare(
                "audit",
                std::slice::from_ref(&one),
                std::slice::from_ref(&same),
                at
            )
            .is_empty()
        );

        let mut worse = same;
        worse.count = 2;
        let changes = compare("audit", std::slice::from_ref(&one), &[worse], at);
        assert!(changes.updated[0].is_open());
        let changes = compare("audit", &[one], &[], at);
        assert_eq!(changes.closed[0].closed_at, Some(at));
    }
}
