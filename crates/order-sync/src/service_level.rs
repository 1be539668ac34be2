//! How long an exception may stay open before it is escalated: working time, by code.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_mapping::{CalendarPolicy, Kind, Severity};
use serde::{Deserialize, Serialize};

use crate::{Finding, codes};

/// Service levels of exceptions, in working minutes of the profile's calendar.
///
/// A code that is not named has the level of its kind and severity, see [`ServiceLevels::minutes`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceLevels(BTreeMap<String, u32>);

impl ServiceLevels {
    /// Levels by code id, in working minutes.
    #[must_use]
    pub const fn new(minutes_by_code: BTreeMap<String, u32>) -> Self {
        Self(minutes_by_code)
    }

    /// Codes that no catalogue knows, one line each with the remedy.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        self.0
            .keys()
            .filter(|code| codes::info(code).is_none())
            .map(|code| {
                format!("`service_levels` names {code}, which is no failure code; see docs/failure-codes.md")
            })
            .collect()
    }

    /// Working minutes until an exception of this code and severity is escalated; `None`: never.
    ///
    /// Unless the code is named: what stands still at the warehouse or is wrong in the exchange is due within hours, what waits
    /// for somebody's decision within a working day (8 hours by the default calendar), a warning within two.
    ///
    /// ```
    /// use order_mapping::Severity;
    /// use order_sync::ServiceLevels;
    ///
    /// let levels = ServiceLevels::default();
    /// assert_eq!(levels.minutes("DOUBLED", Severity::Error), Some(60));
    /// let levels = ServiceLevels::new([("DOUBLED".to_owned(), 15)].into());
    /// assert_eq!(levels.minutes("DOUBLED", Severity::Error), Some(15));
    /// ```
    #[must_use]
    pub fn minutes(&self, code: &str, severity: Severity) -> Option<u32> {
        if let Some(minutes) = self.0.get(code) {
            return Some(*minutes);
        }
        let kind = codes::info(code).map(|info| info.kind);
        match (severity, kind) {
            (Severity::Info, _) => None,
            (Severity::Warning, _) => Some(2 * WORKING_DAY),
            (_, Some(Kind::Business)) => Some(WORKING_DAY),
            (_, Some(Kind::Warehouse)) => Some(60),
            _ => Some(240),
        }
    }

    /// When a finding that opens now has to be dealt with.
    #[must_use]
    pub fn due_at(
        &self,
        calendar: &CalendarPolicy,
        finding: &Finding,
        opened_at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let minutes = self.minutes(&finding.code, finding.severity)?;
        Some(calendar.sla_clock(opened_at, minutes)?.due_at)
    }
}

/// Eight hours.
const WORKING_DAY: u32 = 480;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExceptionSubject;

    #[test]
    fn an_easter_weekend_escalates_nothing() {
        let calendar = CalendarPolicy::default();
        let finding = Finding::new(ExceptionSubject::new("order", "1"), &codes::DOUBLED, "two");
        let thursday = "2026-04-02T15:30:00Z".parse().unwrap();
        assert_eq!(
            ServiceLevels::default().due_at(&calendar, &finding, thursday),
            Some("2026-04-07T08:30:00Z".parse().unwrap())
        );
    }

    #[test]
    fn a_code_that_nobody_knows_is_a_fault() {
        let levels = ServiceLevels::new([("DOUBELD".to_owned(), 15)].into());
        assert_eq!(levels.check().len(), 1);
        assert!(
            ServiceLevels::new([("DOUBLED".to_owned(), 15)].into())
                .check()
                .is_empty()
        );
    }
}
