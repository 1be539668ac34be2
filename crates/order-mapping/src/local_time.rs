//! The local time of a zone, total over hours that do not exist or exist twice and over the ends of the calendar.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// A zone of the IANA time zone database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone(Tz);

impl Zone {
    /// The zone with this name, for example `Europe/London`; none if the database has no such name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// What the clocks show; none where that is outside the calendar.
    pub(crate) fn local(self, at: DateTime<Utc>) -> Option<NaiveDateTime> {
        // chrono's own conversion panics when the local time leaves the calendar.
        let utc = at.naive_utc();
        let offset = self.0.offset_from_utc_datetime(&utc).fix();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(offset.local_minus_utc())))
    }

    /// The first moment at which the clocks show this time or a later one: an hour that exists twice is taken the first time,
    /// one that is left out begins when the clocks go on.
    ///
    /// So a later local time never comes before an earlier one, and every local time is exactly one moment.
    pub(crate) fn instant(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self.0.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Some(at.to_utc()),
            MappedLocalTime::Ambiguous(one, other) => Some(one.min(other).to_utc()),
            MappedLocalTime::None => GapInfo::new(&local, &self.0)?.end.map(|at| at.to_utc()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn london() -> Zone {
        Zone::named("Europe/London").unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn gaps_and_folds_of_2026() {
        // Clocks go from 01:00 to 02:00 on 29 March, and from 02:00 back to 01:00 on 25 October.
        for (shown, utc) in [
            ("2026-03-29T00:59:59", "2026-03-29T00:59:59Z"),
            ("2026-03-29T01:00:00", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:30:00", "2026-03-29T01:00:00Z"),
            ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
            ("2026-10-25T00:59:59", "2026-10-24T23:59:59Z"),
            ("2026-10-25T01:30:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:00:00", "2026-10-25T02:00:00Z"),
        ] {
            let expected: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!(london().instant(local(shown)), Some(expected), "{shown}");
        }
        let second_time = "2026-10-25T01:30:00Z".parse().unwrap();
        assert_eq!(
            london().local(second_time),
            Some(local("2026-10-25T01:30:00"))
        );
    }

    #[test]
    fn summer_time_is_known_for_decades() {
        let july = NaiveDate::from_ymd_opt(2090, 7, 1)
            .unwrap()
            .and_hms_opt(12, 0, 0)
            .unwrap();
        let at = london().instant(july).unwrap();
        assert_eq!(at.naive_utc(), july - TimeDelta::hours(1));
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for name in ["Europe/London", "America/New_York", "Pacific/Kiritimati"] {
            let zone = Zone::named(name).unwrap();
            for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                let _ = zone.local(at);
            }
            for shown in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                let _ = zone.instant(shown);
            }
        }
        assert!(Zone::named("Europe/Bath").is_none() && Zone::named("").is_none());
    }

    proptest! {
        #[test]
        fn every_moment_shows_a_time_and_that_time_is_no_later_moment(
            seconds in 0i64..4_000_000_000,
            name in prop::sample::select(vec!["Europe/London", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
        ) {
            let zone = Zone::named(name).unwrap();
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let back = zone.instant(zone.local(at).unwrap()).unwrap();
            prop_assert!(back <= at);
            prop_assert!(at - back <= TimeDelta::hours(1));
        }

        #[test]
        fn later_on_the_clock_is_never_earlier(seconds in 0i64..4_000_000_000, more in 0i64..200_000) {
            for name in ["Europe/London", "Pacific/Apia"] {
                let zone = Zone::named(name).unwrap();
                let shown = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
                let later = shown + TimeDelta::seconds(more);
                prop_assert!(zone.instant(shown).unwrap() <= zone.instant(later).unwrap());
            }
        }
    }
}
