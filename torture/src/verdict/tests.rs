//! Each count can fail.

use super::*;

fn order(number: u32, fate: Fate) -> Wanted {
    Wanted {
        id: format!("id-{number}"),
        purchase_order: format!("PO-{number}"),
        fate,
        shown: vec![format!("T-{number}")],
    }
}

fn there(number: u32, live: bool) -> There {
    There {
        purchase_order: format!("PO-{number}"),
        live,
        parcels: 1,
        names: vec![format!("despatch:D-{number}")],
    }
}

fn record(state: OrderState) -> Recorded {
    Recorded {
        state,
        reasons: Vec::new(),
        denied: false,
        broken_link: None,
        interrupted: false,
    }
}

/// Two orders that went, one that is held, one that was cancelled.
fn sound() -> Evidence {
    let mut held = record(OrderState::Held);
    held.reasons.push("SHIP_UNMAPPED".to_owned());
    Evidence {
        wanted: vec![
            order(1, Fate::Sound),
            order(2, Fate::Sound),
            order(3, Fate::Held),
            order(4, Fate::Cancelled),
        ],
        there: vec![there(1, true), there(2, true), there(4, false)],
        refused_doubles: 0,
        records: BTreeMap::from([
            ("id-1".to_owned(), record(OrderState::Closed)),
            ("id-2".to_owned(), record(OrderState::Closed)),
            ("id-3".to_owned(), held),
            ("id-4".to_owned(), record(OrderState::Withdrawn)),
        ]),
        open: vec![(
            "SHIP_UNMAPPED".to_owned(),
            "shipping-option:Saturday Pallet".to_owned(),
        )],
        restored: false,
    }
}

fn changed(change: impl FnOnce(&mut Evidence)) -> Tally {
    let mut evidence = sound();
    change(&mut evidence);
    of(&evidence)
}

fn record_of<'a>(evidence: &'a mut Evidence, id: &str) -> &'a mut Recorded {
    evidence.records.get_mut(id).unwrap()
}

#[test]
fn a_sound_round_is_sound() {
    let tally = of(&sound());
    assert!(tally.is_sound(), "{:?}", tally.reports);
    assert_eq!((tally.placed, tally.arrived), (4, 2));
}

#[test]
fn an_order_that_is_nowhere_is_lost() {
    let gone = changed(|evidence| {
        evidence.there.remove(0);
        evidence.records.remove("id-1");
    });
    assert_eq!((gone.lost, gone.doubled), (1, 0));
    // Our own rows do not count: on record as closed, and not at the warehouse.
    let believed = changed(|evidence| {
        evidence.there.remove(0);
    });
    assert_eq!(believed.lost, 1);
    // Held, and nobody is told.
    let silent = changed(|evidence| evidence.open.clear());
    assert_eq!(silent.lost, 1);
    // Withdrawn, and nobody had cancelled it.
    let withdrawn = changed(|evidence| {
        evidence.there.remove(0);
        record_of(evidence, "id-1").state = OrderState::Withdrawn;
    });
    assert_eq!(withdrawn.lost, 1);
}

#[test]
fn a_second_live_order_and_a_refused_create_are_doubles() {
    let twice = changed(|evidence| evidence.there.push(there(1, true)));
    assert_eq!((twice.lost, twice.doubled, twice.arrived), (0, 1, 3));
    let cancelled = changed(|evidence| evidence.there.push(there(1, false)));
    assert_eq!(cancelled.doubled, 0);
    let refused = changed(|evidence| evidence.refused_doubles = 2);
    assert_eq!(refused.doubled, 2);
    assert!(!refused.is_sound());
}

#[test]
fn a_despatch_that_differs_is_explained_by_a_change_that_was_overtaken_and_by_nothing_else() {
    let differs = |evidence: &mut Evidence| {
        let about = ("DESPATCH_MISMATCH".to_owned(), "order:id-1".to_owned());
        evidence.open.push(about);
    };
    assert_eq!(changed(differs).reports.len(), 1);
    let overtaken = changed(|evidence| {
        differs(evidence);
        evidence.wanted[0].fate = Fate::Changed;
    });
    assert!(overtaken.is_sound(), "{:?}", overtaken.reports);
}

#[test]
fn what_a_restored_store_forgot_may_be_told_of_orders_that_their_buyer_touched_and_of_no_others() {
    let ghost = |subject: &'static str, restored| {
        changed(|evidence| {
            evidence.restored = restored;
            evidence.open.push(("GHOST".to_owned(), subject.to_owned()));
        })
    };
    assert!(ghost("order:id-4", true).is_sound());
    assert!(ghost("despatch:D-4", true).is_sound());
    assert!(!ghost("despatch:D-4", false).is_sound());
    assert!(!ghost("despatch:D-1", true).is_sound(), "nobody touched it");
    let differs = |restored, fate| {
        changed(|evidence| {
            evidence.restored = restored;
            evidence.wanted[0].fate = fate;
            record_of(evidence, "id-1").state = OrderState::PartDespatched;
            let about = ("CONTENT_DIFFERS".to_owned(), "order:id-1".to_owned());
            evidence.open.push(about);
        })
    };
    assert!(differs(true, Fate::Changed).is_sound());
    assert!(!differs(true, Fate::Sound).is_sound());
    assert!(!differs(false, Fate::Changed).is_sound());
}

#[test]
fn a_broken_chain_unrest_a_stale_exception_and_missing_tracking_are_reported() {
    for change in [
        (|evidence: &mut Evidence| record_of(evidence, "id-1").broken_link = Some(3))
            as fn(&mut Evidence),
        |evidence| record_of(evidence, "id-1").state = OrderState::Relayed,
        |evidence| {
            evidence
                .open
                .push(("OUTCOME_UNKNOWN".to_owned(), "order:id-1".to_owned()))
        },
        |evidence| evidence.wanted[0].shown.clear(),
        |evidence| evidence.wanted[0].shown.push("T-1".to_owned()),
    ] {
        let tally = changed(change);
        assert_eq!(tally.reports.len(), 1, "{:?}", tally.reports);
        assert!(!tally.is_sound());
    }
}
