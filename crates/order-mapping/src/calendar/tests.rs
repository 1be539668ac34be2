use super::*;
use crate::Severity;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn leaves(calendar: &CalendarPolicy, captured_at: &str) -> (String, DespatchReason) {
    let by = calendar.despatch_by(at(captured_at)).unwrap();
    (by.date.to_string(), by.reason)
}

#[test]
fn easter_weekends_are_closed_for_four_days() {
    let calendar = CalendarPolicy::default();
    for (thursday, tuesday) in [("2026-04-02", "2026-04-07"), ("2027-03-25", "2027-03-30")] {
        assert!(calendar.is_working_day(day(thursday)) && calendar.is_working_day(day(tuesday)));
        assert_eq!(
            calendar.add_working_days(day(thursday), 1),
            Some(day(tuesday))
        );
        assert_eq!(
            calendar.subtract_working_days(day(tuesday), 1),
            Some(day(thursday))
        );
    }
    // Easter Monday is no bank holiday in Scotland.
    let scotland = CalendarPolicy {
        nation: Nation::Scotland,
        ..CalendarPolicy::default()
    };
    assert!(scotland.is_working_day(day("2026-04-06")));
    assert!(!scotland.is_working_day(day("2026-04-03")));
}

#[test]
fn single_days_decide_before_the_rules() {
    let calendar = CalendarPolicy {
        closed_days: [day("2026-09-01"), day("2026-12-24")].into(),
        open_days: [day("2026-08-31"), day("2026-12-19"), day("2026-12-24")].into(),
        ..CalendarPolicy::default()
    };
    assert!(!calendar.is_working_day(day("2026-09-01")));
    assert!(calendar.is_working_day(day("2026-08-31")), "a bank holiday");
    assert!(calendar.is_working_day(day("2026-12-19")), "a Saturday");
    assert!(!calendar.is_working_day(day("2026-12-24")), "closed wins");
    let open = CalendarPolicy {
        works_on_bank_holidays: true,
        ..CalendarPolicy::default()
    };
    assert!(open.is_working_day(day("2026-12-25")));
}

#[test]
fn a_saturday_warehouse_is_closed_on_boxing_day_itself() {
    let mut calendar = CalendarPolicy::default();
    calendar.working_days.push(Weekday::Sat);
    assert!(calendar.is_working_day(day("2026-12-19")));
    assert!(!calendar.is_working_day(day("2026-12-26")));
    assert!(!calendar.is_working_day(day("2026-12-28")));
}

#[test]
fn the_cut_off_is_local_and_belongs_to_the_next_day() {
    let calendar = CalendarPolicy::default();
    let before = DespatchReason::BeforeCutOff;
    let after = DespatchReason::AfterCutOff;
    // Winter: 14:00 is 14:00Z. Summer: 13:00Z.
    assert_eq!(
        leaves(&calendar, "2026-01-14T13:59:59Z"),
        ("2026-01-14".into(), before)
    );
    assert_eq!(
        leaves(&calendar, "2026-01-14T14:00:00Z"),
        ("2026-01-15".into(), after)
    );
    assert_eq!(
        leaves(&calendar, "2026-07-15T12:59:59Z"),
        ("2026-07-15".into(), before)
    );
    assert_eq!(
        leaves(&calendar, "2026-07-15T13:00:00Z"),
        ("2026-07-16".into(), after)
    );
    // Half past midnight in summer is still yesterday in UTC.
    assert_eq!(
        leaves(&calendar, "2026-07-15T23:30:00Z"),
        ("2026-07-16".into(), before)
    );
    assert_eq!(
        leaves(&calendar, "2026-04-04T10:00:00Z"),
        ("2026-04-07".into(), DespatchReason::ClosedDay)
    );
    // The promise is kept until work ends: 17:00 in summer is 16:00Z.
    let by = calendar.despatch_by(at("2026-07-15T10:00:00Z")).unwrap();
    assert_eq!(by.at, at("2026-07-15T16:00:00Z"));
}

fn judge(requested: &str, now: &str) -> (Option<String>, Vec<&'static str>) {
    let mut order = SalesOrder::new("1");
    order.requested_date = Some(day(requested));
    let mut found = Vec::new();
    let latest = CalendarPolicy::default().judge_requested_date(&order, at(now), &mut found);
    for one in &found {
        assert_eq!(one.severity, Severity::Warning);
        assert!(one.to_string().contains(requested), "{one}");
    }
    (
        latest.map(|date| date.to_string()),
        found.iter().map(|one| one.code.id()).collect(),
    )
}

#[test]
fn requested_dates() {
    let wednesday = "2026-04-01T09:00:00Z";
    assert_eq!(
        judge("2026-04-02", wednesday),
        (Some("2026-04-01".into()), vec![])
    );
    assert_eq!(
        judge("2026-04-08", wednesday),
        (Some("2026-04-07".into()), vec![])
    );
    assert_eq!(
        judge("2026-03-31", wednesday),
        (None, vec!["REQUESTED_DATE_PAST"])
    );
    assert_eq!(
        judge("2026-04-01", wednesday),
        (None, vec!["REQUESTED_DATE_TOO_SOON"])
    );
    // After the cut-off the goods leave on Thursday and are there after Easter.
    assert_eq!(
        judge("2026-04-02", "2026-04-01T13:00:00Z"),
        (None, vec!["REQUESTED_DATE_TOO_SOON"])
    );
    // Good Friday: goods have to be there on Thursday.
    assert_eq!(
        judge("2026-04-03", wednesday),
        (
            Some("2026-04-01".into()),
            vec!["REQUESTED_DATE_NOT_WORKING_DAY"]
        )
    );
    assert_eq!(
        judge("2026-04-05", "2026-04-02T09:00:00Z"),
        (
            None,
            vec!["REQUESTED_DATE_NOT_WORKING_DAY", "REQUESTED_DATE_TOO_SOON"]
        )
    );
    let mut found = Vec::new();
    let order = SalesOrder::new("1");
    let calendar = CalendarPolicy::default();
    assert_eq!(
        calendar.judge_requested_date(&order, at(wednesday), &mut found),
        None
    );
    assert!(found.is_empty());
}

#[test]
fn findings_name_the_holiday_and_the_last_day_of_despatch() {
    let mut order = SalesOrder::new("1");
    order.requested_date = Some(day("2026-04-03"));
    let mut found = Vec::new();
    let calendar = CalendarPolicy::default();
    calendar.judge_requested_date(&order, at("2026-04-02T15:00:00Z"), &mut found);
    assert!(found[0].to_string().contains("Good Friday"), "{}", found[0]);
    // Thursday counts for Good Friday, and a day before it the goods have to leave.
    let too_soon = found[1].to_string();
    for told in [
        "2026-04-03",
        "by 2026-04-01 (1 working days",
        "before 14:00",
    ] {
        assert!(too_soon.contains(told), "{too_soon}");
    }
}

#[test]
fn the_check_finds_what_cannot_work() {
    let calendar = CalendarPolicy {
        time_zone: "Europe/Bath".into(),
        working_days: Vec::new(),
        opens: NaiveTime::from_hms_opt(18, 0, 0).unwrap(),
        cut_off: NaiveTime::from_hms_opt(19, 0, 0).unwrap(),
        lead_working_days: 61,
        closed_days: [day("2026-12-24")].into(),
        open_days: [day("2026-12-19"), day("2026-12-24")].into(),
        ..CalendarPolicy::default()
    };
    let mut found = Vec::new();
    calendar.check(&mut found);
    let text: String = found.iter().map(|one| format!("{one}\n")).collect();
    for path in [
        "time_zone",
        "working_days",
        "closes",
        "cut_off",
        "lead_working_days",
        "open_days/1",
    ] {
        assert!(
            text.contains(&format!("/calendar/{path}")),
            "{path}: {text}"
        );
    }
    assert_eq!(found.len(), 6);
    let mut sound = Vec::new();
    let all_day = CalendarPolicy {
        opens: NaiveTime::MIN,
        closes: NaiveTime::MIN,
        ..CalendarPolicy::default()
    };
    all_day.check(&mut sound);
    assert!(sound.is_empty());
}

#[test]
fn hopeless_calendars_give_no_answer() {
    let never = CalendarPolicy {
        working_days: Vec::new(),
        ..CalendarPolicy::default()
    };
    let nowhere = CalendarPolicy {
        time_zone: String::new(),
        ..CalendarPolicy::default()
    };
    let now = at("2026-04-01T09:00:00Z");
    assert_eq!(never.add_working_days(day("2026-04-01"), 1), None);
    assert_eq!(never.latest_despatch(day("2026-04-01")), None);
    assert_eq!(never.despatch_by(now), None);
    assert_eq!(nowhere.despatch_by(now), None);
    assert_eq!(nowhere.local_date(now), None);
    let calendar = CalendarPolicy::default();
    assert_eq!(calendar.add_working_days(day("2026-04-01"), u16::MAX), None);
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        let _ = calendar.is_working_day(date);
        let _ = calendar.add_working_days(date, 3);
        let _ = calendar.latest_despatch(date);
    }
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let _ = calendar.despatch_by(now);
        let mut order = SalesOrder::new("1");
        order.requested_date = Some(NaiveDate::MAX);
        let _ = calendar.judge_requested_date(&order, now, &mut Vec::new());
    }
}
