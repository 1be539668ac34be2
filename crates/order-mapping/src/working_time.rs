//! Time that counts: working minutes between two moments, and the clock of a service level.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::CalendarPolicy;
use crate::calendar::HORIZON_DAYS;

impl CalendarPolicy {
    /// The first moment at which `minutes` of working time have passed since `start`; for 0 that is `start` itself.
    ///
    /// Only time between opening and closing on working days passes, so a deadline never falls into a night, a weekend or a bank
    /// holiday. Time that runs out exactly when work ends is over then, not the next morning. Real minutes count: of a day whose
    /// hours lie across a change of the clocks, 23 or 25 of 24 hours.
    ///
    /// `None` if there is no such moment within ten years.
    ///
    /// ```
    /// # fn main() -> Result<(), chrono::ParseError> {
    /// let calendar = order_mapping::CalendarPolicy::default();
    /// // An hour, begun half an hour before the end of work on the Thursday before Easter 2026, ends on Tuesday.
    /// let due = calendar.add_working_minutes("2026-04-02T15:30:00Z".parse()?, 60);
    /// assert_eq!(due, Some("2026-04-07T08:30:00Z".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn add_working_minutes(&self, start: DateTime<Utc>, minutes: u32) -> Option<DateTime<Utc>> {
        if minutes == 0 {
            return Some(start);
        }
        let zone = self.zone()?;
        let mut left = TimeDelta::try_minutes(i64::from(minutes))?;
        for date in days_from(zone.local(start)?.date()).take(HORIZON_DAYS) {
            let Some((opens, closes)) = self.working_hours(zone, date) else {
                continue;
            };
            let begins = opens.max(start);
            if begins < closes {
                let today = closes - begins;
                if left <= today {
                    return begins.checked_add_signed(left);
                }
                left -= today;
            }
        }
        None
    }

    /// Whole working minutes from one moment to another; negative if `to` is the earlier one.
    ///
    /// `None` if they are more than ten years apart.
    #[must_use]
    pub fn working_minutes_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<i64> {
        Some(self.working_time_between(from, to)?.num_minutes())
    }

    fn working_time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<TimeDelta> {
        if to < from {
            return self.working_time_between(to, from).map(|time| -time);
        }
        let zone = self.zone()?;
        let first = zone.local(from)?.date();
        let last = zone.local(to)?.date();
        let apart = usize::try_from((last - first).num_days()).unwrap_or(0);
        // Two days more than the other way round, so that what was added can be measured.
        if apart > HORIZON_DAYS + 2 {
            return None;
        }
        let mut total = TimeDelta::zero();
        // One day more at either end: clocks that go back over midnight show a date again.
        for date in days_from(first).take(apart + 3) {
            if let Some((opens, closes)) = self.working_hours(zone, date) {
                total += (closes.min(to) - opens.max(from)).max(TimeDelta::zero());
            }
        }
        Some(total)
    }

    fn working_hours(
        &self,
        zone: crate::local_time::Zone,
        date: NaiveDate,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.is_working_day(date)
            .then(|| self.hours(zone, date))
            .flatten()
    }

    /// Starts the clock of a service level: `target_minutes` of working time from `started_at`.
    ///
    /// `None` if the calendar has no such moment.
    #[must_use]
    pub fn sla_clock(&self, started_at: DateTime<Utc>, target_minutes: u32) -> Option<SlaClock> {
        Some(SlaClock {
            started_at,
            due_at: self.add_working_minutes(started_at, target_minutes)?,
            target_minutes,
        })
    }
}

/// Dates from the day before this one.
fn days_from(date: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::successors(Some(date.pred_opt().unwrap_or(date)), NaiveDate::succ_opt)
}

/// The clock of a service level: it stands still whenever nobody works, so a four-day Easter weekend raises no alarm.
///
/// It is a value, not a timer: made by [`CalendarPolicy::sla_clock`], stored, and asked with the time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlaClock {
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// Last moment at which the target is met.
    pub due_at: DateTime<Utc>,
    /// Working minutes allowed.
    pub target_minutes: u32,
}

impl SlaClock {
    /// Whether the time is up.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now > self.due_at
    }

    /// Working minutes that are left; negative once the time is up.
    #[must_use]
    pub fn minutes_left(&self, calendar: &CalendarPolicy, now: DateTime<Utc>) -> Option<i64> {
        calendar.working_minutes_between(now, self.due_at)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn all_day() -> CalendarPolicy {
        CalendarPolicy {
            opens: NaiveTime::MIN,
            closes: NaiveTime::MIN,
            working_days: (0..7)
                .filter_map(|day| chrono::Weekday::try_from(day).ok())
                .collect(),
            works_on_bank_holidays: true,
            ..CalendarPolicy::default()
        }
    }

    #[test]
    fn easter_raises_no_alarm() {
        let calendar = CalendarPolicy::default();
        for (thursday, sunday, due) in [
            (
                "2026-04-02T15:30:00Z",
                "2026-04-05T12:00:00Z",
                "2026-04-07T08:30:00Z",
            ),
            // In 2027 the clocks go forward on Easter Sunday itself.
            (
                "2027-03-25T16:30:00Z",
                "2027-03-28T12:00:00Z",
                "2027-03-30T08:30:00Z",
            ),
        ] {
            let clock = calendar.sla_clock(at(thursday), 60).unwrap();
            assert_eq!(clock.due_at, at(due));
            assert!(!clock.is_over(at(sunday)));
            assert_eq!(clock.minutes_left(&calendar, at(sunday)), Some(30));
            assert!(!clock.is_over(at(due)));
            let late = at(due) + TimeDelta::minutes(10);
            assert!(clock.is_over(late));
            assert_eq!(clock.minutes_left(&calendar, late), Some(-10));
        }
    }

    #[test]
    fn a_deadline_at_closing_time_stays_there() {
        let calendar = CalendarPolicy::default();
        let monday = at("2026-01-12T09:00:00Z");
        assert_eq!(
            calendar.add_working_minutes(monday, 480),
            Some(at("2026-01-12T17:00:00Z"))
        );
        assert_eq!(
            calendar.add_working_minutes(monday, 481),
            Some(at("2026-01-13T09:01:00Z"))
        );
        // Begun at night: nothing passes until the morning.
        assert_eq!(
            calendar.add_working_minutes(at("2026-01-12T22:00:00Z"), 1),
            Some(at("2026-01-13T09:01:00Z"))
        );
        assert_eq!(calendar.add_working_minutes(monday, 0), Some(monday));
    }

    #[test]
    fn days_of_23_and_25_hours() {
        let calendar = all_day();
        for (from, to, minutes) in [
            ("2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", 23 * 60),
            ("2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 25 * 60),
        ] {
            assert_eq!(
                calendar.working_minutes_between(at(from), at(to)),
                Some(minutes)
            );
        }
        // Office hours are eight real hours on either day.
        let office = CalendarPolicy {
            opens: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
            closes: NaiveTime::from_hms_opt(17, 0, 0).unwrap(),
            ..all_day()
        };
        assert_eq!(
            office.working_minutes_between(at("2026-03-29T00:00:00Z"), at("2026-03-30T00:00:00Z")),
            Some(480)
        );
        assert_eq!(
            office.working_minutes_between(at("2026-10-25T00:00:00Z"), at("2026-10-26T00:00:00Z")),
            Some(480)
        );
    }

    #[test]
    fn no_answer_beyond_ten_years_or_without_work() {
        let calendar = CalendarPolicy::default();
        let now = at("2026-04-01T09:00:00Z");
        assert_eq!(calendar.add_working_minutes(now, u32::MAX), None);
        assert_eq!(
            calendar.working_minutes_between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
            None
        );
        let never = CalendarPolicy {
            working_days: Vec::new(),
            ..CalendarPolicy::default()
        };
        assert_eq!(never.add_working_minutes(now, 1), None);
        assert_eq!(never.sla_clock(now, 1), None);
        assert_eq!(
            never.working_minutes_between(now, now + TimeDelta::days(3)),
            Some(0)
        );
        let turned = CalendarPolicy {
            opens: NaiveTime::from_hms_opt(20, 0, 0).unwrap(),
            ..CalendarPolicy::default()
        };
        assert_eq!(turned.add_working_minutes(now, 1), None);
        assert_eq!(
            turned.working_minutes_between(now, now + TimeDelta::days(3)),
            Some(0)
        );
    }
}
