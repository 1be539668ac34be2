//! Bank holidays of the United Kingdom, computed by rule for any year.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// The part of the United Kingdom whose bank holidays count.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Nation {
    /// England and Wales.
    #[default]
    EnglandAndWales,
    /// Scotland. What the warehouse and its carriers really do there differs from place to place; days that differ belong into
    /// [`crate::CalendarPolicy::closed_days`] and [`crate::CalendarPolicy::open_days`].
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

/// One bank holiday of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct BankHoliday {
    /// The day off.
    pub date: NaiveDate,
    /// The day it stands for; another one than [`BankHoliday::date`] when that is a weekend.
    pub stands_for: NaiveDate,
    /// Its name in English.
    pub name: &'static str,
}

impl BankHoliday {
    /// Whether the day off is a substitute for a holiday on a weekend.
    #[must_use]
    pub fn is_substitute(&self) -> bool {
        self.date != self.stands_for
    }
}

/// When a holiday is.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Month and day. On a weekend the next weekday that is no holiday already is the substitute.
    Fixed(u32, u32),
    /// Days after Easter Sunday.
    Easter(i64),
    /// First Monday of a month.
    FirstMonday(u32),
    /// Last Monday of a month.
    LastMonday(u32),
}

const NEW_YEAR: (&str, Rule) = ("New Year's Day", Rule::Fixed(1, 1));
const GOOD_FRIDAY: (&str, Rule) = ("Good Friday", Rule::Easter(-2));
const EASTER_MONDAY: (&str, Rule) = ("Easter Monday", Rule::Easter(1));
const EARLY_MAY: (&str, Rule) = ("Early May bank holiday", Rule::FirstMonday(5));
const SPRING: (&str, Rule) = ("Spring bank holiday", Rule::LastMonday(5));
const LATE_SUMMER: (&str, Rule) = ("Summer bank holiday", Rule::LastMonday(8));
const CHRISTMAS: (&str, Rule) = ("Christmas Day", Rule::Fixed(12, 25));
const BOXING_DAY: (&str, Rule) = ("Boxing Day", Rule::Fixed(12, 26));

const ENGLAND_AND_WALES: &[(&str, Rule)] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    EARLY_MAY,
    SPRING,
    LATE_SUMMER,
    CHRISTMAS,
    BOXING_DAY,
];

const SCOTLAND: &[(&str, Rule)] = &[
    NEW_YEAR,
    ("2nd January", Rule::Fixed(1, 2)),
    GOOD_FRIDAY,
    EARLY_MAY,
    SPRING,
    ("Summer bank holiday", Rule::FirstMonday(8)),
    ("St Andrew's Day", Rule::Fixed(11, 30)),
    CHRISTMAS,
    BOXING_DAY,
];

const NORTHERN_IRELAND: &[(&str, Rule)] = &[
    NEW_YEAR,
    ("St Patrick's Day", Rule::Fixed(3, 17)),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    EARLY_MAY,
    SPRING,
    ("Battle of the Boyne", Rule::Fixed(7, 12)),
    LATE_SUMMER,
    CHRISTMAS,
    BOXING_DAY,
];

impl Nation {
    const fn rules(self) -> &'static [(&'static str, Rule)] {
        match self {
            Self::EnglandAndWales => ENGLAND_AND_WALES,
            Self::Scotland => SCOTLAND,
            Self::NorthernIreland => NORTHERN_IRELAND,
        }
    }

    /// The bank holidays of a year by today's rules, in order of their dates. Empty for a year outside the calendar.
    ///
    /// What the rules rest on:
    ///
    /// * The Banking and Financial Dealings Act 1971 names Easter Monday, the last Mondays of May and August and 26 December
    ///   (England, Wales, Northern Ireland), 17 March (Northern Ireland), and for Scotland 1 and 2 January, Good Friday, the
    ///   first Mondays of May and August and 25 December. St Andrew's Day is by the Scottish act of 2007.
    /// * Good Friday and Christmas Day elsewhere are holidays by custom.
    /// * New Year's Day, the first Monday of May, 12 July and Scotland's last Monday of May and 26 December are proclaimed every
    ///   year, and so are the substitutes for a Saturday. They have been the same for decades, but they are a forecast until
    ///   the proclamation.
    /// * One-off days (a jubilee, a coronation, a funeral) and days moved for one year (the early May holiday of 2020, the spring
    ///   holidays of 2002, 2012 and 2022) are **not** here: enter them in [`crate::CalendarPolicy::closed_days`] and
    ///   [`crate::CalendarPolicy::open_days`].
    ///
    /// ```
    /// use order_mapping::Nation;
    /// let days = Nation::EnglandAndWales.bank_holidays(2026);
    /// let last = days.last().expect("every year has some");
    /// assert_eq!((days.len(), last.name, last.is_substitute()), (8, "Boxing Day", true));
    /// assert_eq!(last.date.to_string(), "2026-12-28");
    /// ```
    #[must_use]
    pub fn bank_holidays(self, year: i32) -> Vec<BankHoliday> {
        let mut days: Vec<BankHoliday> = self
            .rules()
            .iter()
            .filter_map(|(name, rule)| {
                let date = rule.date(year)?;
                Some(BankHoliday {
                    date,
                    stands_for: date,
                    name,
                })
            })
            .collect();
        // Substitutes go to the first weekday that no holiday has, not even one that stays where it is: when 25 December is a
        // Sunday, the 26th is Boxing Day and Christmas Day moves to the 27th.
        let mut taken: Vec<NaiveDate> = days.iter().map(|day| day.date).collect();
        for day in days.iter_mut().filter(|day| is_weekend(day.date)) {
            let substitute = std::iter::successors(day.date.succ_opt(), NaiveDate::succ_opt)
                .take(10)
                .find(|date| !is_weekend(*date) && !taken.contains(date));
            if let Some(date) = substitute {
                taken.push(date);
                day.date = date;
            }
        }
        days.sort();
        days
    }

    /// The bank holiday on this date, be it the day off or the weekend day that it stands for.
    ///
    /// The weekend day matters to a warehouse that works on Saturdays: 26 December 2026 is a Saturday, and with 28 December as
    /// its substitute the law would have it an ordinary one.
    #[must_use]
    pub fn bank_holiday_on(self, date: NaiveDate) -> Option<BankHoliday> {
        // No nation has a holiday in the other four months.
        if !matches!(date.month(), 1 | 3 | 4 | 5 | 7 | 8 | 11 | 12) {
            return None;
        }
        self.bank_holidays(date.year())
            .into_iter()
            .find(|day| day.date == date || day.stands_for == date)
    }
}

impl Rule {
    fn date(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Easter(days) => {
                easter_sunday(year)?.checked_add_signed(chrono::TimeDelta::try_days(days)?)
            }
            Self::FirstMonday(month) => {
                NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 1)
            }
            Self::LastMonday(month) => {
                NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 5)
                    .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 4))
            }
        }
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Easter Sunday of the western churches: the Sunday after the first ecclesiastical full moon on or after 21 March.
///
/// The moon follows the 19-year cycle with the Gregorian corrections: `solar` for the leap days that centuries leave out,
/// `lunar` for the drift of the cycle against the moon (eight days in 2,500 years).
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    let solar = century - century.div_euclid(4);
    let lunar = (8 * century + 13).div_euclid(25);
    // Days from 21 March to the full moon, 0 to 29; the tables never use 29, and 28 only in the first eleven years of a cycle.
    let moon = (19 * golden + solar - lunar + 15).rem_euclid(30);
    let moon = if moon == 29 || (moon == 28 && golden > 10) {
        moon - 1
    } else {
        moon
    };
    let full_moon = NaiveDate::from_ymd_opt(year, 3, 21)?
        .checked_add_signed(chrono::TimeDelta::try_days(i64::from(moon))?)?;
    let to_sunday = 7 - i64::from(full_moon.weekday().num_days_from_sunday());
    full_moon.checked_add_signed(chrono::TimeDelta::try_days(to_sunday)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn days(nation: Nation, year: i32) -> Vec<String> {
        nation
            .bank_holidays(year)
            .iter()
            .map(|day| {
                let mark = if day.is_substitute() { "*" } else { "" };
                format!("{}{mark}", day.date.format("%m-%d"))
            })
            .collect()
    }

    #[test]
    fn easter_sundays() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2028, 4, 16),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ] {
            assert_eq!(
                easter_sunday(year),
                NaiveDate::from_ymd_opt(year, month, day),
                "{year}"
            );
        }
    }

    #[test]
    fn england_and_wales() {
        let nation = Nation::EnglandAndWales;
        assert_eq!(
            days(nation, 2025),
            [
                "01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"
            ]
        );
        assert_eq!(
            days(nation, 2026),
            [
                "01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28*"
            ]
        );
        assert_eq!(
            days(nation, 2027),
            [
                "01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27*", "12-28*"
            ]
        );
        assert_eq!(
            days(nation, 2028),
            [
                "01-03*", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"
            ]
        );
    }

    #[test]
    fn scotland() {
        let nation = Nation::Scotland;
        assert_eq!(
            days(nation, 2026),
            [
                "01-01", "01-02", "04-03", "05-04", "05-25", "08-03", "11-30", "12-25", "12-28*"
            ]
        );
        assert_eq!(
            days(nation, 2027),
            [
                "01-01", "01-04*", "03-26", "05-03", "05-31", "08-02", "11-30", "12-27*", "12-28*"
            ]
        );
        assert_eq!(
            days(nation, 2028),
            [
                "01-03*", "01-04*", "04-14", "05-01", "05-29", "08-07", "11-30", "12-25", "12-26"
            ]
        );
        // 30 November 2024 and 2025 fell on a weekend.
        assert!(days(nation, 2024).contains(&"12-02*".to_owned()));
        assert!(days(nation, 2025).contains(&"12-01*".to_owned()));
    }

    #[test]
    fn northern_ireland() {
        let nation = Nation::NorthernIreland;
        assert_eq!(
            days(nation, 2024),
            [
                "01-01", "03-18*", "03-29", "04-01", "05-06", "05-27", "07-12", "08-26", "12-25",
                "12-26"
            ]
        );
        assert_eq!(
            days(nation, 2026),
            [
                "01-01", "03-17", "04-03", "04-06", "05-04", "05-25", "07-13*", "08-31", "12-25",
                "12-28*"
            ]
        );
        assert_eq!(
            days(nation, 2027),
            [
                "01-01", "03-17", "03-26", "03-29", "05-03", "05-31", "07-12", "08-30", "12-27*",
                "12-28*"
            ]
        );
    }

    #[test]
    fn two_holidays_on_one_weekend() {
        // 25 December 2022 was a Sunday: Boxing Day stayed on the Monday and Christmas Day moved past it.
        let days = Nation::EnglandAndWales.bank_holidays(2022);
        let of = |name| days.iter().find(|day| day.name == name).unwrap();
        assert_eq!(of("Boxing Day").date.to_string(), "2022-12-26");
        assert_eq!(of("Christmas Day").date.to_string(), "2022-12-27");
        // 1 January 2023 was a Sunday; in Scotland the 2nd is a holiday too.
        let dates: Vec<String> = Nation::Scotland
            .bank_holidays(2023)
            .iter()
            .take(2)
            .map(|day| day.date.to_string())
            .collect();
        assert_eq!(dates, ["2023-01-02", "2023-01-03"]);
    }

    #[test]
    fn a_weekend_day_and_its_substitute_are_both_found() {
        let nation = Nation::EnglandAndWales;
        for day in [26, 28] {
            let date = NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
            assert_eq!(nation.bank_holiday_on(date).unwrap().name, "Boxing Day");
        }
        let between = NaiveDate::from_ymd_opt(2026, 12, 27).unwrap();
        assert_eq!(nation.bank_holiday_on(between), None);
    }

    proptest! {
        #[test]
        fn every_year_of_the_calendar_is_sound(year in -262_000i32..262_000) {
            for (nation, count) in [
                (Nation::EnglandAndWales, 8), (Nation::Scotland, 9), (Nation::NorthernIreland, 10),
            ] {
                let days = nation.bank_holidays(year);
                prop_assert_eq!(days.len(), count);
                for pair in days.windows(2) {
                    prop_assert!(pair[0].date < pair[1].date, "two on one day");
                }
                for day in &days {
                    prop_assert!(!is_weekend(day.date));
                    prop_assert_eq!(day.date.year(), year);
                    prop_assert_eq!(nation.bank_holiday_on(day.date).map(|found| found.date), Some(day.date));
                }
            }
            let easter = easter_sunday(year).unwrap();
            prop_assert_eq!(easter.weekday(), Weekday::Sun);
            prop_assert!((3, 22) <= (easter.month(), easter.day()) && (easter.month(), easter.day()) <= (4, 25));
        }
    }

    #[test]
    fn years_outside_the_calendar_have_none() {
        assert!(Nation::Scotland.bank_holidays(i32::MAX).is_empty());
        assert!(Nation::Scotland.bank_holidays(i32::MIN).is_empty());
    }
}
