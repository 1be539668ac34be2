//! Laws of the working calendar, over generated calendars and moments.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc, Weekday};
use order_mapping::{CalendarPolicy, Code, Nation, RunDays, SalesOrder, Severity};
use proptest::prelude::*;

const ZONES: [&str; 5] = [
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
];

fn time() -> impl Strategy<Value = NaiveTime> {
    (0u32..96).prop_filter_map("a time", |quarter| {
        NaiveTime::from_hms_opt(quarter / 4, quarter % 4 * 15, 0)
    })
}

/// A date of 2025 to 2029.
fn date() -> impl Strategy<Value = NaiveDate> {
    (20_089i32..21_600).prop_filter_map("a date", NaiveDate::from_epoch_days)
}

/// Seconds of 2025 to 2028, so that weekends, holidays and the changes of the clocks are met often.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (1_735_689_600i64..1_861_920_000)
        .prop_filter_map("a moment", |at| DateTime::from_timestamp(at, 0))
}

fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    let ends = (
        DateTime::<Utc>::MIN_UTC.timestamp(),
        DateTime::<Utc>::MAX_UTC.timestamp(),
    );
    prop_oneof![
        Just(DateTime::<Utc>::MIN_UTC),
        Just(DateTime::<Utc>::MAX_UTC),
        (ends.0..ends.1).prop_filter_map("a moment", |at| DateTime::from_timestamp(at, 0)),
        moment(),
    ]
}

fn nation() -> impl Strategy<Value = Nation> {
    prop::sample::select(vec![
        Nation::EnglandAndWales,
        Nation::Scotland,
        Nation::NorthernIreland,
    ])
}

/// Any calendar that can be written down, good or bad.
fn calendar() -> impl Strategy<Value = CalendarPolicy> {
    (
        prop::sample::select(ZONES.to_vec()),
        nation(),
        any::<bool>(),
        prop::collection::vec(0u8..7, 0..7),
        (time(), time(), time()),
        0u16..5,
        prop::collection::btree_set(date(), 0..6),
        prop::collection::btree_set(date(), 0..6),
    )
        .prop_map(
            |(zone, nation, works, week, (opens, closes, cut_off), lead, closed, open)| {
                CalendarPolicy {
                    time_zone: zone.into(),
                    nation,
                    works_on_bank_holidays: works,
                    working_days: week
                        .into_iter()
                        .filter_map(|day| Weekday::try_from(day).ok())
                        .collect(),
                    opens,
                    closes,
                    cut_off,
                    lead_working_days: lead,
                    closed_days: closed,
                    open_days: open,
                }
            },
        )
}

/// A calendar with which something can be done: at least a quarter of an hour a week, so that 7,000 minutes fit into the ten years
/// that the calendar looks ahead.
fn sound_calendar() -> impl Strategy<Value = CalendarPolicy> {
    (calendar(), prop::collection::vec(0u8..7, 1..4)).prop_map(|(mut calendar, week)| {
        calendar.working_days.extend(
            week.into_iter()
                .filter_map(|day| Weekday::try_from(day).ok()),
        );
        if calendar.closes != NaiveTime::MIN {
            let (early, late) = (
                calendar.opens.min(calendar.closes),
                calendar.opens.max(calendar.closes),
            );
            calendar.opens = early;
            calendar.closes = late;
            if early == late {
                calendar.opens = NaiveTime::MIN;
            }
        }
        if calendar.opens == calendar.closes {
            calendar.closes = NaiveTime::MIN;
        }
        calendar
    })
}

proptest! {
    #[test]
    fn what_was_added_is_measured(calendar in sound_calendar(), start in moment(), minutes in 0u32..6_000) {
        let due = calendar.add_working_minutes(start, minutes).unwrap();
        prop_assert!(due >= start);
        prop_assert_eq!(calendar.working_minutes_between(start, due), Some(i64::from(minutes)));
        prop_assert_eq!(calendar.working_minutes_between(due, start), Some(-i64::from(minutes)));
    }

    #[test]
    fn a_deadline_is_the_first_moment_of_its_kind(calendar in sound_calendar(), start in moment(), minutes in 1u32..6_000) {
        let due = calendar.add_working_minutes(start, minutes).unwrap();
        let before = calendar.working_minutes_between(start, due - TimeDelta::seconds(1)).unwrap();
        prop_assert!(before < i64::from(minutes));
    }

    #[test]
    fn later_starts_and_longer_targets_are_never_due_earlier(
        calendar in sound_calendar(), start in moment(), later in 0i64..400_000, minutes in 0u32..5_000, more in 0u32..1_000,
    ) {
        let due = calendar.add_working_minutes(start, minutes).unwrap();
        prop_assert!(due <= calendar.add_working_minutes(start + TimeDelta::seconds(later), minutes).unwrap());
        prop_assert!(due <= calendar.add_working_minutes(start, minutes + more).unwrap());
    }

    #[test]
    fn working_time_adds_up(calendar in sound_calendar(), start in moment(), one in 0i64..2_000_000, two in 0i64..2_000_000) {
        let middle = start + TimeDelta::seconds(one);
        let end = middle + TimeDelta::seconds(two);
        let between = |from, to| calendar.working_minutes_between(from, to).unwrap();
        let parts = between(start, middle) + between(middle, end);
        let whole = between(start, end);
        // Each part is cut to whole minutes.
        prop_assert!(parts <= whole && whole <= parts + 1);
        prop_assert!(whole * 60 <= one + two);
    }

    #[test]
    fn no_alarm_while_nobody_works(calendar in sound_calendar(), start in moment(), minutes in 0u32..5_000, later in 0i64..2_000_000) {
        let clock = calendar.sla_clock(start, minutes).unwrap();
        let now = start + TimeDelta::seconds(later);
        if clock.is_over(now) {
            prop_assert!(calendar.working_minutes_between(start, now).unwrap() >= i64::from(minutes));
        } else {
            prop_assert!(clock.minutes_left(&calendar, now).unwrap() >= 0);
        }
    }

    #[test]
    fn working_days_count_forth_and_back(calendar in sound_calendar(), date in date(), count in 0u16..40) {
        let from = calendar.add_working_days(date, 0).unwrap();
        let to = calendar.add_working_days(from, count).unwrap();
        prop_assert!(calendar.is_working_day(from) && calendar.is_working_day(to));
        prop_assert_eq!(calendar.subtract_working_days(to, count), Some(from));
        let between = from.iter_days().take_while(|day| *day < to).filter(|day| calendar.is_working_day(*day)).count();
        prop_assert_eq!(between, usize::from(count));
    }

    #[test]
    fn orders_leave_on_a_working_day_and_in_turn(calendar in sound_calendar(), captured in moment(), later in 0i64..1_000_000) {
        let by = calendar.despatch_by(captured).unwrap();
        prop_assert!(calendar.is_working_day(by.date));
        prop_assert!(by.date >= calendar.local_date(captured).unwrap());
        let next = calendar.despatch_by(captured + TimeDelta::seconds(later)).unwrap();
        prop_assert!(by.date <= next.date && by.at <= next.at);
    }

    #[test]
    fn a_requested_date_is_met_or_somebody_hears_of_it(calendar in sound_calendar(), now in moment(), ahead in -5i64..20) {
        let today = calendar.local_date(now).unwrap();
        let mut order = SalesOrder::new("1");
        let requested = today + TimeDelta::days(ahead);
        order.requested_date = Some(requested);
        let mut found = Vec::new();
        let latest = calendar.judge_requested_date(&order, now, &mut found);
        let has = |code| found.iter().any(|one| one.code == code);
        prop_assert_eq!(has(Code::RequestedDatePast), ahead < 0);
        prop_assert_eq!(has(Code::RequestedDateNotWorkingDay), ahead >= 0 && !calendar.is_working_day(requested));
        prop_assert_eq!(latest.is_none(), has(Code::RequestedDatePast) || has(Code::RequestedDateTooSoon));
        prop_assert!(found.iter().all(|one| one.severity == Severity::Warning));
        if let Some(latest) = latest {
            prop_assert!(latest >= calendar.despatch_by(now).unwrap().date);
            let arrives = calendar.add_working_days(latest, calendar.lead_working_days).unwrap();
            prop_assert!(arrives <= requested);
        }
    }

    #[test]
    fn what_is_said_of_a_requested_date_does_not_depend_on_the_day(
        calendar in sound_calendar(), now in moment(), ahead in -5i64..20, later in 0i64..20 * 86_400
    ) {
        let mut order = SalesOrder::new("1");
        order.requested_date = Some(calendar.local_date(now).unwrap() + TimeDelta::days(ahead));
        let judge = |now| {
            let mut found = Vec::new();
            calendar.judge_requested_date(&order, now, &mut found);
            found
        };
        let (first, second) = (judge(now), judge(now + TimeDelta::seconds(later)));
        for one in &first {
            prop_assert!(second.iter().all(|other| one.code != other.code || one == other), "{:?} {:?}", first, second);
        }
    }

    #[test]
    fn every_date_has_exactly_one_run(
        zone in prop::sample::select(ZONES.to_vec()), at in time(), year in 2025i32..2030,
    ) {
        let calendar = CalendarPolicy { time_zone: zone.into(), ..CalendarPolicy::default() };
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let mut last = day(year).and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(2);
        let mut dates = Vec::new();
        while dates.len() < 370 {
            let run = calendar.next_run(at, RunDays::EveryDay, last).unwrap();
            prop_assert!(run > last);
            dates.push(calendar.local_date(run).unwrap());
            last = run;
        }
        for pair in dates.windows(2) {
            prop_assert_eq!(pair[0].succ_opt(), Some(pair[1]));
        }
    }

    #[test]
    fn the_calendar_is_read_as_it_was_written(calendar in calendar()) {
        let text = toml::to_string(&calendar).unwrap();
        prop_assert_eq!(toml::from_str::<CalendarPolicy>(&text).unwrap(), calendar);
    }
}

proptest! {
    // A hopeless calendar is searched for ten years, several times a case.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_calendars_and_moments_do_no_harm(
        calendar in calendar(), zone in ".{0,20}", one in any_moment(), other in any_moment(),
        minutes in any::<u32>(), count in any::<u16>(), at in time(), near in date(),
    ) {
        let mut nowhere = calendar.clone();
        nowhere.time_zone = zone;
        for calendar in [calendar, nowhere] {
            let _ = calendar.add_working_minutes(one, minutes);
            let _ = calendar.working_minutes_between(one, other);
            let _ = calendar.sla_clock(one, minutes);
            let _ = calendar.despatch_by(one);
            let _ = calendar.next_run(at, RunDays::WorkingDays, one);
            for date in [NaiveDate::MIN, NaiveDate::MAX, other.date_naive(), near] {
                let _ = calendar.add_working_days(date, count);
                let _ = calendar.latest_despatch(date);
                let mut order = SalesOrder::new("1");
                order.requested_date = Some(date);
                let _ = calendar.judge_requested_date(&order, one, &mut Vec::new());
            }
        }
    }
}

/// Whoever reads the promise at any hour of the Easter weekend gets Tuesday, and no clock of Thursday runs out before it.
#[test]
fn every_hour_of_two_easter_weekends() {
    let calendar = CalendarPolicy::default();
    for (friday, tuesday) in [("2026-04-03", "2026-04-07"), ("2027-03-26", "2027-03-30")] {
        let friday: NaiveDate = friday.parse().unwrap();
        let tuesday: NaiveDate = tuesday.parse().unwrap();
        let start = friday.and_hms_opt(1, 0, 0).unwrap().and_utc();
        let thursday_evening = start - TimeDelta::hours(9);
        let clock = calendar.sla_clock(thursday_evening, 120).unwrap();
        for hour in 0..94 {
            let now = start + TimeDelta::hours(hour);
            assert_eq!(calendar.despatch_by(now).unwrap().date, tuesday, "{now}");
            assert!(!clock.is_over(now), "{now}");
        }
        assert_eq!(calendar.local_date(clock.due_at), Some(tuesday));
        assert_eq!(clock.due_at.minute(), 0);
        assert_eq!(tuesday.weekday(), Weekday::Tue);
    }
}
