//! Dates and times of the warehouse's files, as its own clocks have them.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;

use super::csv_rows::{Column, Row};
use super::file_problem::{RowFault, RowProblem};
use super::layout::FolderLayout;

/// How a site spells its dates, and where its clocks are.
#[derive(Debug, Clone)]
pub(super) struct SiteTime {
    formats: Vec<String>,
    zone: Tz,
}

impl SiteTime {
    pub(super) fn of(layout: &FolderLayout) -> Self {
        Self {
            formats: layout.date_formats.clone(),
            // A layout that was checked names a known zone.
            zone: layout.time_zone.parse().unwrap_or(Tz::Europe__London),
        }
    }

    fn date_of(&self, text: &str) -> Option<NaiveDate> {
        let read = |format: &String| NaiveDate::parse_from_str(text, format).ok();
        self.formats
            .iter()
            .filter_map(read)
            .find(|date| is_recent(*date))
    }

    fn moment_of(&self, text: &str) -> Option<DateTime<Utc>> {
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Some(moment.to_utc());
        }
        let read = |format: &String| NaiveDateTime::parse_from_str(text, format).ok();
        let local = self
            .formats
            .iter()
            .filter_map(read)
            .find(|moment| is_recent(moment.date()))
            .or_else(|| Some(self.date_of(text)?.and_time(NaiveTime::MIN)))?;
        let at = |local: &NaiveDateTime| self.zone.from_local_datetime(local).earliest();
        // An hour that the clocks passed over is told by the clock that was not put forward.
        at(&local)
            .or_else(|| at(&local.checked_add_signed(TimeDelta::hours(1))?))
            .map(|moment| moment.to_utc())
    }
}

/// `%Y` takes `25` for the year 25; nothing in a file is that old.
fn is_recent(date: NaiveDate) -> bool {
    date.year() >= 2000
}

/// The date in a column, if there is one.
pub(super) fn date(
    row: &Row<'_>,
    column: Option<&Column>,
    time: &SiteTime,
) -> Result<Option<NaiveDate>, RowFault> {
    let (Some(column), Some(text)) = (column, row.optional(column)) else {
        return Ok(None);
    };
    let date = time.date_of(text);
    date.map(Some)
        .ok_or_else(|| row.fault(column, RowProblem::NotADate))
}

/// The moment in a column, if there is one; a date alone is its midnight.
pub(super) fn moment(
    row: &Row<'_>,
    column: Option<&Column>,
    time: &SiteTime,
) -> Result<Option<DateTime<Utc>>, RowFault> {
    let (Some(column), Some(text)) = (column, row.optional(column)) else {
        return Ok(None);
    };
    let moment = time.moment_of(text);
    moment
        .map(Some)
        .ok_or_else(|| row.fault(column, RowProblem::NotADate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_become_moments() {
        let time = SiteTime::of(&FolderLayout::default());
        for (text, wanted) in [
            ("2026-01-31T12:30:05", "2026-01-31T12:30:05+00:00"),
            ("31/07/2026 12:30:05", "2026-07-31T11:30:05+00:00"),
            ("2026-07-31", "2026-07-30T23:00:00+00:00"),
            ("2026-07-31T12:30:05Z", "2026-07-31T12:30:05+00:00"),
            // The clocks go forward at one in the morning, and back at two.
            ("2026-03-29 01:30:00", "2026-03-29T01:30:00+00:00"),
            ("2026-10-25 01:30:00", "2026-10-25T00:30:00+00:00"),
        ] {
            let moment = time.moment_of(text).map(|moment| moment.to_rfc3339());
            assert_eq!(moment.as_deref(), Some(wanted), "{text}");
        }
        for text in ["31/07/26", "soon", "2026-02-30"] {
            assert_eq!(time.moment_of(text), None, "{text}");
        }
    }
}
