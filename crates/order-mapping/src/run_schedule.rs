//! Runs at a local time of the day, across the change of the clocks.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::CalendarPolicy;
use crate::calendar::HORIZON_DAYS;

/// On which days a run is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunDays {
    /// Every day.
    #[default]
    EveryDay,
    /// Working days only.
    WorkingDays,
}

impl CalendarPolicy {
    /// The first run after a moment, for something that runs once a day at a local time, such as a report at 06:00.
    ///
    /// Every date has exactly one run: a time that the clocks leave out runs when they go on, one that they show twice runs the
    /// first time. Asking with the time of the last run gives the next one, never the same again.
    ///
    /// Flows that run every so many minutes need none of this: they count real time.
    ///
    /// ```
    /// # fn main() -> Result<(), chrono::ParseError> {
    /// use order_mapping::{CalendarPolicy, RunDays};
    /// let calendar = CalendarPolicy::default();
    /// let half_past_one = "01:30".parse()?;
    /// // On 29 March 2026 the clocks of London go from 01:00 to 02:00.
    /// let run = calendar.next_run(half_past_one, RunDays::EveryDay, "2026-03-28T12:00:00Z".parse()?);
    /// assert_eq!(run, Some("2026-03-29T01:00:00Z".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn next_run(
        &self,
        at: NaiveTime,
        days: RunDays,
        after: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let zone = self.zone()?;
        let today = zone.local(after)?.date();
        std::iter::successors(Some(today), NaiveDate::succ_opt)
            .take(HORIZON_DAYS)
            .filter(|date| days == RunDays::EveryDay || self.is_working_day(*date))
            .filter_map(|date| zone.instant(date.and_time(at)))
            .find(|run| *run > after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(at: &str, days: RunDays, after: &str, count: usize) -> Vec<String> {
        let calendar = CalendarPolicy::default();
        let mut last: DateTime<Utc> = after.parse().unwrap();
        (0..count)
            .map(|_| {
                last = calendar.next_run(at.parse().unwrap(), days, last).unwrap();
                last.format("%m-%dT%H:%M").to_string()
            })
            .collect()
    }

    #[test]
    fn one_run_a_day_when_the_clocks_change() {
        let every = RunDays::EveryDay;
        assert_eq!(
            runs("01:30", every, "2026-03-28T00:00:00Z", 3),
            ["03-28T01:30", "03-29T01:00", "03-30T00:30"]
        );
        assert_eq!(
            runs("01:30", every, "2026-10-24T00:00:00Z", 3),
            ["10-24T00:30", "10-25T00:30", "10-26T01:30"]
        );
        assert_eq!(
            runs("06:00", every, "2026-03-28T00:00:00Z", 2),
            ["03-28T06:00", "03-29T05:00"]
        );
        // Between the two showings of 01:30, and at its second one, the day has had its run.
        for after in ["2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"] {
            assert_eq!(runs("01:30", every, after, 1), ["10-26T01:30"]);
        }
    }

    #[test]
    fn working_days_only() {
        assert_eq!(
            runs("06:00", RunDays::WorkingDays, "2026-04-01T12:00:00Z", 3),
            ["04-02T05:00", "04-07T05:00", "04-08T05:00"]
        );
    }

    #[test]
    fn no_run_without_an_answer() {
        let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap();
        let never = CalendarPolicy {
            working_days: Vec::new(),
            ..CalendarPolicy::default()
        };
        let now = "2026-04-01T12:00:00Z".parse().unwrap();
        assert_eq!(never.next_run(six, RunDays::WorkingDays, now), None);
        assert!(never.next_run(six, RunDays::EveryDay, now).is_some());
        let calendar = CalendarPolicy::default();
        let end = DateTime::<Utc>::MAX_UTC;
        assert_eq!(calendar.next_run(six, RunDays::EveryDay, end), None);
    }
}
