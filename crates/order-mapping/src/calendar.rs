//! The working calendar of the warehouse: which days count, until when an order leaves the same day, and which wish can be met.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::local_time::Zone;
use crate::{Code, Diagnostic, Nation, SalesOrder, Subject};

/// How many days the calendar looks ahead or back: ten years. Beyond it the answer is `None`.
///
/// A calendar may be so wrong that no day is a working day, and times come from outside; no question about an order is older.
pub(crate) const HORIZON_DAYS: usize = 3_660;

/// Longest lead time that is believed.
const LEAD_MAX: u16 = 60;

/// When the warehouse works, and what that means for a promised date.
///
/// Every function takes the time as an argument and is total: where there is no answer (an unknown time zone, a week without
/// working days, a date at the end of the calendar or more than ten years away) it returns `None`. What is wrong with the section
/// itself is reported by [`crate::Profile::check`].
///
/// In TOML, dates and times are texts in quotation marks:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: order_mapping::Profile = toml::from_str(r#"
///     [calendar]
///     nation = "scotland"
///     working_days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
///     cut_off = "12:30"
///     closed_days = ["2026-06-15"]
/// "#)?;
/// assert!(profile.check().is_empty());
/// let monday = chrono::NaiveDate::from_ymd_opt(2026, 6, 15).ok_or("a date")?;
/// assert!(!profile.calendar.is_working_day(monday));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarPolicy {
    /// Name in the IANA time zone database. Assumed: `Europe/London`, where every known site of the warehouse is.
    pub time_zone: String,
    /// Whose bank holidays count. Assumed: England and Wales, where the sites are that are known by name.
    pub nation: Nation,
    /// Whether bank holidays are working days. Assumed: they are not.
    pub works_on_bank_holidays: bool,
    /// Working days of a week. Assumed: Monday to Friday.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub working_days: Vec<Weekday>,
    /// When work begins, local time. Assumed: 09:00.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub opens: NaiveTime,
    /// When work ends, local time; `00:00` is the end of the day. Assumed: 17:00.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub closes: NaiveTime,
    /// Orders that come before this local time on a working day leave on that day, the others on the next working day. Assumed:
    /// 14:00; the warehouse's contract has the real one.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cut_off: NaiveTime,
    /// Working days from despatch to delivery. Assumed: 1, a next-day service.
    pub lead_working_days: u16,
    /// Dates on which nobody works although the rules say so: stock-taking, one-off bank holidays.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeSet<String>")
    )]
    pub closed_days: BTreeSet<NaiveDate>,
    /// Dates on which people work although the rules say otherwise: Saturdays before Christmas, a bank holiday that was moved
    /// away.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeSet<String>")
    )]
    pub open_days: BTreeSet<NaiveDate>,
}

impl Default for CalendarPolicy {
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self {
            time_zone: "Europe/London".into(),
            nation: Nation::EnglandAndWales,
            works_on_bank_holidays: false,
            working_days: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ],
            opens: hour(9),
            closes: hour(17),
            cut_off: hour(14),
            lead_working_days: 1,
            closed_days: BTreeSet::new(),
            open_days: BTreeSet::new(),
        }
    }
}

/// The day an order has to leave the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DespatchBy {
    /// Local date.
    pub date: NaiveDate,
    /// The moment at which work ends on that date.
    pub at: DateTime<Utc>,
    /// Why this date.
    pub reason: DespatchReason,
}

/// Why an order leaves on the date it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DespatchReason {
    /// It came on a working day before the cut-off: the same day.
    BeforeCutOff,
    /// It came on a working day at or after the cut-off: the next working day.
    AfterCutOff,
    /// It came on a day without work: the next working day.
    ClosedDay,
}

impl CalendarPolicy {
    /// Whether people work on this date.
    ///
    /// [`CalendarPolicy::closed_days`] decides before [`CalendarPolicy::open_days`], which decides before the week and the bank
    /// holidays. A bank holiday on a weekend closes both its own day and its substitute.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        if self.closed_days.contains(&date) {
            return false;
        }
        self.open_days.contains(&date)
            || (self.working_days.contains(&date.weekday())
                && (self.works_on_bank_holidays || self.nation.bank_holiday_on(date).is_none()))
    }

    /// The `count`-th working day after a date; for 0 the date itself, or the next working day if it is none.
    #[must_use]
    pub fn add_working_days(&self, date: NaiveDate, count: u16) -> Option<NaiveDate> {
        self.count_working_days(date, count, NaiveDate::succ_opt)
    }

    /// The `count`-th working day before a date; for 0 the date itself, or the last working day if it is none.
    #[must_use]
    pub fn subtract_working_days(&self, date: NaiveDate, count: u16) -> Option<NaiveDate> {
        self.count_working_days(date, count, NaiveDate::pred_opt)
    }

    fn count_working_days(
        &self,
        date: NaiveDate,
        count: u16,
        step: fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        std::iter::successors(Some(date), step)
            .take(HORIZON_DAYS)
            .skip(usize::from(count > 0))
            .filter(|date| self.is_working_day(*date))
            .nth(usize::from(count.saturating_sub(1)))
    }

    pub(crate) fn zone(&self) -> Option<Zone> {
        Zone::named(&self.time_zone)
    }

    /// The local date at this moment.
    #[must_use]
    pub fn local_date(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        Some(self.zone()?.local(at)?.date())
    }

    /// From when to when work goes on at this date. The two moments are the same, or the wrong way round, if the hours are wrong
    /// or the clocks leave them out.
    pub(crate) fn hours(
        &self,
        zone: Zone,
        date: NaiveDate,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let closes = if self.closes == NaiveTime::MIN {
            date.succ_opt()?.and_time(self.closes)
        } else {
            date.and_time(self.closes)
        };
        Some((
            zone.instant(date.and_time(self.opens))?,
            zone.instant(closes)?,
        ))
    }

    /// The day on which an order that was captured at this moment has to leave: the cut-off decides.
    ///
    /// ```
    /// # fn main() -> Result<(), chrono::ParseError> {
    /// use order_mapping::{CalendarPolicy, DespatchReason};
    /// let calendar = CalendarPolicy::default();
    /// // Thursday before Easter 2026, 14:30 in London: half an hour after the cut-off.
    /// let leaves = calendar.despatch_by("2026-04-02T13:30:00Z".parse()?);
    /// assert_eq!(leaves.map(|by| by.date.to_string()).as_deref(), Some("2026-04-07"));
    /// assert_eq!(leaves.map(|by| by.reason), Some(DespatchReason::AfterCutOff));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn despatch_by(&self, captured_at: DateTime<Utc>) -> Option<DespatchBy> {
        let zone = self.zone()?;
        let local = zone.local(captured_at)?;
        let today = local.date();
        let (date, reason) = if !self.is_working_day(today) {
            (self.add_working_days(today, 0)?, DespatchReason::ClosedDay)
        } else if local.time() < self.cut_off {
            (today, DespatchReason::BeforeCutOff)
        } else {
            (
                self.add_working_days(today, 1)?,
                DespatchReason::AfterCutOff,
            )
        };
        let (_, at) = self.hours(zone, date)?;
        Some(DespatchBy { date, at, reason })
    }

    /// The last date on which goods can leave and still be there on the requested date: [`CalendarPolicy::lead_working_days`]
    /// earlier, counted from the last working day where the requested date is none.
    #[must_use]
    pub fn latest_despatch(&self, requested: NaiveDate) -> Option<NaiveDate> {
        let arrives = self.subtract_working_days(requested, 0)?;
        self.subtract_working_days(arrives, self.lead_working_days)
    }

    /// Judges the buyer's requested date as of `now`, which is the moment at which the order is mapped, and returns the last
    /// date on which the goods can leave to meet it.
    ///
    /// `None` without a requested date, and when it cannot be met. Findings, all at `/requested_date` and all warnings (the buyer
    /// has to hear of it; the goods are wanted all the same):
    ///
    /// * `REQUESTED_DATE_PAST`: before today. Nothing else is said then.
    /// * `REQUESTED_DATE_NOT_WORKING_DAY`: nobody works on it; the last working day before it is taken.
    /// * `REQUESTED_DATE_TOO_SOON`: an order of `now` leaves later than [`CalendarPolicy::latest_despatch`], which it names.
    ///
    /// A finding names the requested date and the rule, never the day of `now`: an order that waits is judged again every day, and
    /// nothing has happened as long as it is judged alike.
    ///
    /// A calendar that is unusable (see [`crate::Profile::check`]) judges nothing.
    pub fn judge_requested_date(
        &self,
        order: &SalesOrder,
        now: DateTime<Utc>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<NaiveDate> {
        let requested = order.requested_date?;
        let today = self.local_date(now)?;
        let report = |code, message: String| {
            Diagnostic::new(code, "/requested_date", message).with_seen_value(requested)
        };
        if requested < today {
            let message = "the requested date was over when the order was checked".to_owned();
            found.push(report(Code::RequestedDatePast, message));
            return None;
        }
        let leaves = self.despatch_by(now)?;
        let latest = self.latest_despatch(requested)?;
        if !self.is_working_day(requested) {
            let message = match self.nation.bank_holiday_on(requested) {
                Some(day) if !self.works_on_bank_holidays => {
                    format!("nobody works on the requested date ({})", day.name)
                }
                _ => "nobody works on the requested date".to_owned(),
            };
            found.push(report(Code::RequestedDateNotWorkingDay, message));
        }
        if latest < leaves.date {
            let message = format!(
                "to be there in time, the goods have to leave by {latest} ({} working days on the way; orders before {} leave on \
                 the same day); it was too late for that when the order was checked",
                self.lead_working_days,
                self.cut_off.format("%H:%M")
            );
            found.push(report(Code::RequestedDateTooSoon, message));
            return None;
        }
        Some(latest)
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut report = |path: &str, message: &'static str, seen: &str| {
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, format!("/calendar/{path}"), message)
                    .about(Subject::Config)
                    .with_seen(seen),
            );
        };
        if self.zone().is_none() {
            let message = "not a name of the IANA time zone database";
            report("time_zone", message, &self.time_zone);
        }
        if self.working_days.is_empty() {
            let message = "a week without working days; nothing would ever leave";
            report("working_days", message, "");
        }
        let to_midnight = self.closes == NaiveTime::MIN;
        if self.closes <= self.opens && !to_midnight {
            let message = "work ends before it begins; 00:00 stands for the end of the day";
            report("closes", message, &self.closes.to_string());
        }
        if self.cut_off > self.closes && !to_midnight {
            let message = "orders before the cut-off would leave after work has ended";
            report("cut_off", message, &self.cut_off.to_string());
        }
        if self.lead_working_days > LEAD_MAX {
            let message = "more than 60 working days; no requested date could be met";
            report(
                "lead_working_days",
                message,
                &self.lead_working_days.to_string(),
            );
        }
        for (index, date) in self.open_days.iter().enumerate() {
            if self.closed_days.contains(date) {
                let path = format!("open_days/{index}");
                let message = "the date is a closed day too; it counts as closed";
                report(&path, message, &date.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests;
