//! What an answer of the carrier makes of a parcel on record, and what people have to know of it. Pure.

use chrono::{DateTime, Duration, Utc};
use order_mapping::{CodeInfo, Milestone, ShipmentStatus, StatusTable};

use crate::settings::to_chrono;
use crate::{FailureClass, ParcelTracking, PortError, Reason, Settings, TrackingAnswer, codes};

/// Most characters of a status text that count: none that means something is longer.
const TEXT_MAX: usize = 200;

/// Most lines about unreadable scans that are repeated.
const UNREADABLE_MAX: usize = 3;

/// Questions in a row that fail until people hear of it, where the failure may be the carrier's and not the parcel's.
const FAILURES_MAX: u32 = 3;

/// How far ahead of ours a carrier's clock may be.
const FAST_CLOCK: Duration = Duration::hours(24);

/// A parcel after a question.
pub(super) struct Judged {
    pub(super) tracking: ParcelTracking,
    /// Milestones heard of for the first time.
    pub(super) reached: usize,
    /// What the timeline tells; empty: nothing is new.
    pub(super) note: String,
}

/// Takes in what the carrier said of a parcel, and says when it is asked next.
pub(super) fn judge(
    before: &ParcelTracking,
    answer: &Result<TrackingAnswer, PortError>,
    table: &StatusTable,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Judged {
    let mut tracking = before.clone();
    let every = to_chrono(settings.tracking_every);
    let wait = match answer {
        Ok(answer) => {
            take_in(&mut tracking, answer, table, now);
            every
        }
        Err(error) => {
            let failed = u32::from(error.held_back().is_none());
            tracking.failures = tracking.failures.saturating_add(failed);
            let its_own = matches!(
                error.class(),
                FailureClass::Rejected | FailureClass::Unreadable
            );
            if its_own || tracking.failures >= FAILURES_MAX {
                tracking.fault = Some(error.to_string());
            }
            // Behind every other parcel, so that it keeps none of them back.
            let retry = to_chrono(settings.backoff_cap).min(every);
            error
                .retry_after()
                .map_or(retry, |asked| to_chrono(asked).clamp(retry, every))
        }
    };
    let new: Vec<&Milestone> = tracking
        .progress
        .milestones()
        .iter()
        .filter(|milestone| before.progress.milestone(&milestone.status).is_none())
        .collect();
    let reached = new.len();
    let told: Vec<String> = new
        .iter()
        .map(|milestone| milestone.status.to_string())
        .collect();
    let mut note = if told.is_empty() {
        String::new()
    } else {
        format!("parcel {}: {}", tracking.parcel_id, told.join(", "))
    };
    let too_old = now >= tracking.since + to_chrono(settings.tracking_for);
    tracking.due_at = if has_arrived(tracking.progress.status()) || too_old {
        None
    } else {
        Some(now + wait)
    };
    if too_old && !has_arrived(tracking.progress.status()) {
        let days = settings.tracking_for.as_secs() / (24 * 3600);
        let separator = if note.is_empty() { "" } else { "; " };
        note.push_str(&format!(
            "{separator}parcel {} is watched no more after {days} days; it is {}",
            tracking.parcel_id,
            said(&tracking)
        ));
    }
    Judged {
        tracking,
        reached,
        note,
    }
}

fn take_in(
    tracking: &mut ParcelTracking,
    answer: &TrackingAnswer,
    table: &StatusTable,
    now: DateTime<Utc>,
) {
    #[cfg(canary)]
    if crate::canary::planted("tracking_goes_back") {
        tracking.progress = order_mapping::ShipmentProgress::default();
    }
    let mut unreadable: Vec<String> = answer.unreadable.clone();
    for scan in &answer.scans {
        if scan.at > now + FAST_CLOCK {
            // It would be the last word for ever.
            unreadable.push(format!("a scan of {}, which is not yet", scan.at));
            continue;
        }
        let text: String = scan.status.chars().take(TEXT_MAX).collect();
        tracking.progress.apply(&table.event(scan.at, text));
    }
    tracking.known = answer.known;
    tracking.answered_at = Some(now);
    tracking.failures = 0;
    unreadable.truncate(UNREADABLE_MAX);
    tracking.fault = (!unreadable.is_empty()).then(|| unreadable.join("; "));
}

/// It is where it is going to stay, and somebody has seen it there. What is only said (lost, damaged, cancelled) may still turn
/// out otherwise.
fn has_arrived(status: Option<&ShipmentStatus>) -> bool {
    matches!(
        status,
        Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
    )
}

/// The carrier has, or had, the parcel in its hands.
fn has_moved(status: Option<&ShipmentStatus>) -> bool {
    status >= Some(&ShipmentStatus::Collected)
}

/// The furthest milestone in words.
fn said(tracking: &ParcelTracking) -> String {
    match tracking.progress.status() {
        Some(status) => status.to_string(),
        None if tracking.known => "without a scan".to_owned(),
        None => "not known to the carrier".to_owned(),
    }
}

/// What people have to know of a parcel, from what is on record of it. The same record gives the same reasons word by word.
pub(super) fn reasons(
    tracking: &ParcelTracking,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Vec<Reason> {
    use ShipmentStatus as S;
    let mut found = Vec::new();
    let mut say = |code: &CodeInfo, message: String| {
        let mut reason = Reason::of(code, message);
        reason.subject = Some(tracking.subject());
        found.push(reason);
    };
    let progress = &tracking.progress;
    let status = progress.status();
    let number = &tracking.number;
    match status {
        Some(S::Lost) => say(&codes::PARCEL_LOST, format!("{number} is lost")),
        Some(S::Damaged) => say(&codes::PARCEL_DAMAGED, format!("{number} is damaged")),
        Some(S::Returned) => say(&codes::PARCEL_RETURNED, format!("{number} is back")),
        Some(S::Delivered) => {}
        _ if !tracking.is_watched() => say(
            &codes::PARCEL_NOT_FOLLOWED,
            format!("{number} is {}", said(tracking)),
        ),
        Some(S::ReturningToSender) => say(
            &codes::PARCEL_RETURNING,
            format!("{number} is on its way back"),
        ),
        Some(S::DeliveryAttempted) => {
            say(&codes::DELIVERY_ATTEMPTED, format!("nobody took {number}"));
        }
        _ if !has_moved(status)
            && now >= tracking.since + to_chrono(settings.no_movement_after) =>
        {
            say(
                &codes::NO_CARRIER_MOVEMENT,
                format!("{number} is {}", said(tracking)),
            );
        }
        _ => {}
    }
    let latest = progress.latest().map(|latest| &latest.status);
    match latest.filter(|_| tracking.is_watched()) {
        Some(S::Held) => say(&codes::PARCEL_HELD, format!("{number} is held")),
        Some(S::Incident) => say(&codes::PARCEL_HELD, format!("{number} had an incident")),
        _ => {}
    }
    if let Some(fault) = tracking.fault.as_ref().filter(|_| tracking.is_watched()) {
        say(&codes::TRACKING_UNREADABLE, format!("{number}: {fault}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use order_mapping::{Parcel, SourceOrderId};

    use super::*;
    use crate::{CarrierScan, ParcelRecord, RelayState};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::hours(hour)
    }

    fn begun() -> ParcelTracking {
        let mut parcel = Parcel::new("P-1");
        parcel.tracking = Some("WHL1".into());
        let record = ParcelRecord {
            parcel,
            consignment_id: "D-1".to_owned(),
            despatched_at: None,
            received_at: at(0),
            relay: RelayState::Pending,
        };
        ParcelTracking::begin(&SourceOrderId::new("1"), &record).unwrap()
    }

    fn table() -> StatusTable {
        let mut table = StatusTable::default();
        for (raw, status) in [
            ("attempted", ShipmentStatus::DeliveryAttempted),
            ("returning", ShipmentStatus::ReturningToSender),
            ("returned", ShipmentStatus::Returned),
            ("lost", ShipmentStatus::Lost),
            ("damaged", ShipmentStatus::Damaged),
        ] {
            table.statuses.push(order_mapping::StatusRule {
                raw: raw.to_owned(),
                status,
            });
        }
        table
    }

    fn answered(before: &ParcelTracking, scans: &[(i64, &str)], now: i64) -> Judged {
        let scans = scans
            .iter()
            .map(|(hour, text)| CarrierScan::new(at(*hour), *text));
        let answer = Ok(TrackingAnswer::known(scans));
        judge(before, &answer, &table(), &Settings::default(), at(now))
    }

    fn codes_of(tracking: &ParcelTracking, now: i64) -> Vec<String> {
        reasons(tracking, &Settings::default(), at(now))
            .into_iter()
            .map(|reason| reason.code)
            .collect()
    }

    #[test]
    fn every_end_of_the_way_is_told_and_what_moves_on_closes() {
        type Case = (&'static [(i64, &'static str)], &'static [&'static str]);
        let cases: &[Case] = &[
            (&[(1, "2")], &[]),
            (&[(1, "lost")], &["PARCEL_LOST"]),
            (&[(1, "lost"), (2, "1")], &[]),
            (&[(1, "damaged")], &["PARCEL_DAMAGED"]),
            (&[(1, "returning")], &["PARCEL_RETURNING"]),
            (&[(1, "returning"), (2, "returned")], &["PARCEL_RETURNED"]),
            (&[(1, "attempted")], &["DELIVERY_ATTEMPTED"]),
            (&[(1, "attempted"), (2, "1")], &[]),
            (&[(1, "2"), (2, "5")], &["PARCEL_HELD"]),
            (&[(1, "2"), (2, "4")], &["PARCEL_HELD"]),
            (&[(1, "2"), (2, "4"), (3, "2")], &[]),
            (
                &[(1, "attempted"), (2, "5")],
                &["DELIVERY_ATTEMPTED", "PARCEL_HELD"],
            ),
        ];
        for (scans, codes) in cases {
            let judged = answered(&begun(), scans, 4);
            assert_eq!(codes_of(&judged.tracking, 4), *codes, "{scans:?}");
        }
    }

    #[test]
    fn a_label_that_nobody_scans_is_told_after_its_time() {
        let booked = answered(&begun(), &[(1, "7")], 71).tracking;
        assert!(codes_of(&booked, 71).is_empty());
        assert_eq!(codes_of(&booked, 72), ["NO_CARRIER_MOVEMENT"]);
        let moved = answered(&booked, &[(1, "7"), (73, "2")], 74).tracking;
        assert!(codes_of(&moved, 74).is_empty());
    }

    #[test]
    fn the_watch_ends_with_the_arrival_or_for_age() {
        let lost = answered(&begun(), &[(1, "lost")], 2);
        assert_eq!(lost.tracking.due_at, Some(at(3)), "it may turn up");
        let delivered = answered(&lost.tracking, &[(4, "1")], 5);
        assert_eq!((delivered.tracking.due_at, delivered.reached), (None, 1));
        assert_eq!(delivered.note, "parcel P-1: delivered");

        let month = 30 * 24;
        let old = answered(&begun(), &[(1, "2")], month);
        assert_eq!(old.tracking.due_at, None);
        assert_eq!(
            old.note,
            "parcel P-1: in transit; parcel P-1 is watched no more after 30 days; it is in transit"
        );
        assert_eq!(codes_of(&old.tracking, month), ["PARCEL_NOT_FOLLOWED"]);
    }

    #[test]
    fn the_same_scans_again_are_no_news() {
        let scans = [(1, "7"), (2, "2")];
        let first = answered(&begun(), &scans, 3);
        assert_eq!(first.reached, 2);
        assert_eq!(first.note, "parcel P-1: booked, in transit");
        let late = answered(&first.tracking, &[(2, "2"), (1, "7"), (0, "7")], 5);
        assert_eq!((late.reached, late.note.as_str()), (0, ""));
        assert_eq!(
            late.tracking.progress.status(),
            Some(&ShipmentStatus::InTransit)
        );
    }

    #[test]
    fn a_failure_of_its_own_is_told_at_once_and_others_once_they_repeat() {
        let fail = |before: &ParcelTracking, class| {
            let answer = Err(PortError::new(class, "as told"));
            judge(before, &answer, &table(), &Settings::default(), at(1)).tracking
        };
        let refused = fail(&begun(), FailureClass::Rejected);
        assert_eq!(codes_of(&refused, 1), ["TRACKING_UNREADABLE"]);
        assert_eq!(refused.due_at, Some(at(1) + Duration::minutes(15)));
        let mut down = begun();
        let mut told = Vec::new();
        for _ in 0..3 {
            down = fail(&down, FailureClass::Unavailable);
            told.push(codes_of(&down, 1).len());
        }
        assert_eq!(told, [0, 0, 1]);
        let held_back = PortError::new(FailureClass::Unavailable, "not asked");
        let held_back = Err(held_back.with_held_back(crate::HeldBack::CircuitOpen));
        let waiting = judge(&begun(), &held_back, &table(), &Settings::default(), at(1));
        assert_eq!(waiting.tracking.failures, 0, "it was not asked");
        assert!(waiting.tracking.due_at > Some(at(1)));
        let again = answered(&down, &[(1, "2")], 2).tracking;
        assert!(codes_of(&again, 2).is_empty());
    }

    #[test]
    fn a_scan_from_the_future_is_told_and_never_the_last_word() {
        let judged = answered(&begun(), &[(1, "2"), (9_000, "5")], 2);
        assert_eq!(codes_of(&judged.tracking, 2), ["TRACKING_UNREADABLE"]);
        let codes: BTreeSet<String> = codes_of(&judged.tracking, 2).into_iter().collect();
        assert!(!codes.contains("PARCEL_HELD"));
    }
}
