//! Laws of a shipment's progress, over events in any order and number.

use chrono::DateTime;
use order_mapping::{Code, ShipmentProgress, ShipmentStatus, StatusTable, TrackingEvent};
use proptest::prelude::*;

const KNOWN: [ShipmentStatus; 15] = [
    ShipmentStatus::Held,
    ShipmentStatus::Incident,
    ShipmentStatus::Booked,
    ShipmentStatus::Cancelled,
    ShipmentStatus::Collected,
    ShipmentStatus::InTransit,
    ShipmentStatus::AtDepot,
    ShipmentStatus::OutForDelivery,
    ShipmentStatus::DeliveryAttempted,
    ShipmentStatus::AwaitingCollection,
    ShipmentStatus::ReturningToSender,
    ShipmentStatus::Lost,
    ShipmentStatus::Damaged,
    ShipmentStatus::Delivered,
    ShipmentStatus::Returned,
];

fn event() -> impl Strategy<Value = TrackingEvent> {
    let status = prop_oneof![
        4 => prop::sample::select(KNOWN.to_vec()),
        // Enough different texts to go over the bound.
        1 => "[a-zé]{1,2}".prop_map(ShipmentStatus::Other),
    ];
    let at = (0i64..40).prop_filter_map("a moment", |minute| {
        DateTime::from_timestamp(1_768_000_000 + 60 * minute, 0)
    });
    (at, "[a-c]", status).prop_map(|(at, raw, status)| TrackingEvent::new(at, raw, status))
}

fn events() -> impl Strategy<Value = Vec<TrackingEvent>> {
    prop::collection::vec(event(), 0..80)
}

fn progress(events: &[TrackingEvent]) -> ShipmentProgress {
    let mut progress = ShipmentProgress::default();
    for event in events {
        progress.apply(event);
    }
    progress
}

fn merged(one: &ShipmentProgress, other: &ShipmentProgress) -> ShipmentProgress {
    let mut all = one.clone();
    all.merge(other);
    all
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        (events, shuffled) in events().prop_flat_map(|events| {
            let mut twice = events.clone();
            twice.extend(events.iter().step_by(2).cloned());
            (Just(events), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(progress(&events), progress(&shuffled));
    }

    #[test]
    fn no_event_moves_a_shipment_back(events in events()) {
        let mut progress = ShipmentProgress::default();
        for event in &events {
            let before = progress.clone();
            let news = progress.apply(event);
            prop_assert!(progress.status() >= before.status());
            prop_assert!(progress.latest() >= before.latest());
            prop_assert_eq!(news, progress != before);
            prop_assert!(!progress.apply(event), "twice is once");
            for milestone in before.milestones() {
                let now = progress.milestone(&milestone.status).unwrap();
                prop_assert!(now.first_at <= milestone.first_at && milestone.last_at <= now.last_at);
            }
        }
    }

    #[test]
    fn the_furthest_milestone_and_the_latest_event_count(events in events()) {
        let progress = progress(&events);
        let furthest = events.iter().map(|event| &event.status).filter(|status| status.is_milestone()).max();
        prop_assert_eq!(progress.status(), furthest);
        prop_assert_eq!(progress.latest().map(|event| event.at), events.iter().map(|event| event.at).max());
        for milestone in progress.milestones() {
            prop_assert!(milestone.status.is_milestone());
            let times = || events.iter().filter(|event| event.status == milestone.status).map(|event| event.at);
            prop_assert_eq!(Some(milestone.first_at), times().min());
            prop_assert_eq!(Some(milestone.last_at), times().max());
        }
    }

    #[test]
    fn joining_is_a_join(one in events(), two in events(), three in events()) {
        let all: Vec<TrackingEvent> = one.iter().chain(&two).cloned().collect();
        let (one, two, three) = (progress(&one), progress(&two), progress(&three));
        prop_assert_eq!(merged(&one, &two), progress(&all));
        prop_assert_eq!(merged(&one, &two), merged(&two, &one));
        prop_assert_eq!(merged(&merged(&one, &two), &three), merged(&one, &merged(&two, &three)));
        prop_assert_eq!(merged(&one, &one), one.clone());
        prop_assert_eq!(merged(&one, &ShipmentProgress::default()), one.clone());
        let mut all = merged(&one, &two);
        prop_assert!(!all.merge(&one), "nothing new");
    }

    #[test]
    fn unknown_texts_are_surfaced_and_move_nothing(events in events()) {
        let all = progress(&events);
        let known: Vec<TrackingEvent> =
            events.iter().filter(|event| !matches!(event.status, ShipmentStatus::Other(_))).cloned().collect();
        let of_known = progress(&known);
        prop_assert_eq!(all.status(), of_known.status());
        let texts: std::collections::BTreeSet<&str> = events.iter()
            .filter_map(|event| match &event.status { ShipmentStatus::Other(text) => Some(text.as_str()), _ => None })
            .collect();
        let kept: Vec<&str> = all.unknown().collect();
        prop_assert_eq!(&kept, &texts.iter().take(16).copied().collect::<Vec<_>>());
        let found = all.findings();
        prop_assert_eq!(found.len(), kept.len() + usize::from(texts.len() > 16));
        prop_assert!(found.iter().all(|one| one.code == Code::StatusUnknown && !one.severity.holds()));
    }

    #[test]
    fn any_text_has_a_status(raw in any::<String>(), seconds in any::<i32>()) {
        let table = StatusTable::default();
        let event = table.event(DateTime::from_timestamp(i64::from(seconds), 0).unwrap(), raw.clone());
        prop_assert_eq!(&event.raw, &raw);
        let mut progress = ShipmentProgress::default();
        progress.apply(&event);
        let known = event.status != ShipmentStatus::Other(raw.trim().to_owned());
        prop_assert_eq!(progress.findings().is_empty(), known);
    }

    #[test]
    fn progress_survives_a_store(events in events()) {
        let progress = progress(&events);
        let text = serde_json::to_string(&progress).unwrap();
        prop_assert_eq!(serde_json::from_str::<ShipmentProgress>(&text).unwrap(), progress);
    }
}
