//! Kits, tracking and returns.

use order_mapping::{Consignment, LineQuantity, ReturnReceipt, ShipmentStatus};
use order_sync::ParcelTracking;
use serde_json::json;

use super::*;
use crate::simulation::carrier::{Scanned, status_table};
use crate::simulation::check::goods as checks;
use crate::simulation::warehouse::Held;
use crate::store_contract::fixtures::payload;

type OneCheck = fn(&Evidence<'_>) -> Vec<String>;

/// What one check finds.
fn found(check: OneCheck, facts: Vec<Fact>, ending: Ending) -> usize {
    let mut scenario = scenario();
    scenario.kits = true;
    scenario.tracking = true;
    let mut history = History::default();
    for fact in facts {
        history.add(Entry {
            at: Duration::ZERO,
            merchant: 0,
            who: WORKER,
            fact,
        });
    }
    let evidence = Evidence {
        scenario: &scenario,
        history: &history,
        logged: &Logged::default(),
        endings: &[ending],
    };
    check(&evidence).len()
}

/// Three sets left in two parcels, of which the shop shows so many; and one plate and a pack.
fn closed(sets: [u32; 2], loose: u32) -> Ending {
    let mut ending = sound();
    the_order(&mut ending).record.state = OrderState::Closed;
    let line = |id: &str, sku: &str| {
        let line = json!({ "line_id": id, "sku": sku, "source_sku": sku, "quantity": 9, "description": null, "unit_price": null });
        serde_json::from_value(line).unwrap()
    };
    let mut order = payload("a");
    order.lines = vec![
        line("L4/1", "MUG"),
        line("L4/2", "CUP"),
        line("L3", "PLATE"),
    ];
    let left = [("L4/1", 3), ("L4/2", 6), ("L3", 4)];
    ending.depot.push(Held {
        reference: reference(),
        order,
        warehouse_id: "W1".to_owned(),
        accepted_at: Duration::ZERO,
        visible_from: Duration::ZERO,
        live: true,
        by_vendor: false,
        left: left.map(|(line, units)| (line.to_owned(), units)).into(),
        short: std::collections::BTreeMap::new(),
    });
    for (number, sets) in sets.into_iter().enumerate() {
        let mut parcel = Parcel::new(format!("P{number}"));
        parcel.contents = vec![LineQuantity::of_line("L4", sets)];
        if number == 0 {
            parcel.contents.push(LineQuantity::of_line("L3", 1));
            let mut plate = LineQuantity::of_line("L3", loose);
            plate.sku = Some("PLATE".to_owned());
            parcel.partial = vec![plate];
        }
        ending.shop[0].record.parcels.push(parcel);
    }
    ending
}

#[test]
fn i8_a_kit_that_shows_too_rarely_or_too_often_and_a_loose_unit_that_is_gone() {
    let check = checks::the_shop_shows_what_left;
    assert_eq!(found(check, Vec::new(), closed([1, 2], 1)), 0);
    assert_eq!(found(check, Vec::new(), closed([1, 1], 1)), 1);
    assert_eq!(found(check, Vec::new(), closed([2, 2], 1)), 1);
    assert_eq!(found(check, Vec::new(), closed([1, 2], 0)), 1);
}

/// A return of the order, told and on record so often.
fn returned(told: usize, kept: usize) -> Ending {
    let mut ending = sound();
    let receipt = ReturnReceipt::new("R1", Some(reference()));
    ending.receipts.push(receipt.clone());
    ending.returned.insert("a".to_owned(), vec![receipt; kept]);
    let finding = Finding::new(
        ExceptionSubject::new("return", "R1"),
        &codes::GOODS_RETURNED,
        "",
    );
    for _ in 0..told {
        let opened = order_sync::compare("returns", &[], std::slice::from_ref(&finding), epoch());
        ending.left_open.extend(opened.opened);
    }
    ending
}

#[test]
fn i8_a_return_that_is_lost_or_on_record_twice_or_not_told() {
    let check = checks::each_return_is_recorded_once;
    let recorded = || Fact::ReturnRecorded(id(), "R1".to_owned());
    assert_eq!(found(check, vec![recorded()], returned(1, 1)), 0);
    assert_eq!(
        found(check, vec![recorded(), recorded()], returned(1, 1)),
        1
    );
    assert_eq!(found(check, Vec::new(), returned(1, 0)), 1);
    assert_eq!(found(check, vec![recorded()], returned(0, 1)), 1);
    assert_eq!(broken(vec![(0, recorded())], returned(1, 1)), [""; 0]);
    // A return that nobody knows of.
    let mut ending = returned(1, 1);
    ending.receipts.clear();
    ending.returned.clear();
    assert_eq!(broken(Vec::new(), ending), ["I11"]);
}

/// A parcel that was scanned so, and of which that is on record.
fn on_its_way(said: &[&'static str], known: &[&'static str]) -> Ending {
    let mut ending = sound();
    let mut parcel = Parcel::new("P1");
    parcel.tracking = Some("T1".into());
    let mut consignment = Consignment::new("D1", reference());
    consignment.parcels.push(parcel);
    ending.parcels.push(consignment.clone());
    let applied = order_sync::apply_despatch(&[], &[], &consignment, true, epoch());
    let record = &applied.new_parcels[0];
    let mut tracking = ParcelTracking::begin(&id(), record).unwrap();
    for text in known {
        tracking
            .progress
            .apply(&status_table().event(epoch(), *text));
    }
    if known.contains(&"1") {
        tracking.due_at = None;
    }
    ending.tracked.insert("a".to_owned(), vec![tracking]);
    let scans = said.iter().map(|text| Scanned {
        at: Duration::ZERO,
        told_from: Duration::ZERO,
        text,
    });
    ending.ways.insert("T1".to_owned(), scans.collect());
    ending
}

#[test]
fn i9_tracking_that_goes_back_or_says_what_nobody_said() {
    let check = checks::tracking_is_a_union_and_never_goes_back;
    let recorded = |status| Fact::TrackingRecorded {
        order: id(),
        parcel: "P1".to_owned(),
        milestones: vec![status],
    };
    let collected = || vec![recorded(ShipmentStatus::InTransit)];
    let way = ["7", "2", "1"];
    assert_eq!(found(check, collected(), on_its_way(&way, &["2", "1"])), 0);
    assert_eq!(found(check, collected(), on_its_way(&way, &["7", "1"])), 1);
    // Still watched, and not all of it on record.
    assert_eq!(found(check, Vec::new(), on_its_way(&way, &["2"])), 1);
    assert_eq!(
        found(check, Vec::new(), on_its_way(&["2"], &["2", "lost"])),
        1 + 1
    );
    let mut unwatched = on_its_way(&way, &["7"]);
    unwatched.tracked.clear();
    assert_eq!(found(check, Vec::new(), unwatched), 1);
}

#[test]
fn i11_a_lost_parcel_that_nobody_is_told_of() {
    let check = checks::what_became_of_parcels_is_told;
    assert_eq!(found(check, Vec::new(), on_its_way(&["2"], &["2"])), 0);
    let mut lost = on_its_way(&["2", "lost"], &["2", "lost"]);
    assert_eq!(found(check, Vec::new(), lost), 1);
    lost = on_its_way(&["2", "lost"], &["2", "lost"]);
    let finding = Finding::new(
        ExceptionSubject::parcel(&id(), "P1"),
        &codes::PARCEL_LOST,
        "",
    );
    let told = order_sync::compare("tracking", &[], &[finding], epoch());
    lost.left_open.extend(told.opened);
    assert_eq!(found(check, Vec::new(), lost), 0);
}
