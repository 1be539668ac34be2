//! Each check can fail: a sound ending is broken in one place, and exactly that is told.

mod calls;
mod goods;

use std::time::Duration;

use order_mapping::{ClientOrderRef, Parcel, SalesOrder, SourceOrderId};
use order_sync::{
    ClaimKind, Commit, ExceptionSubject, Fence, Finding, LineProgress, OrderEvent, OrderRecord,
    OrderState, TimelineEntry, codes,
};

use super::*;
use crate::simulation::history::{Actor, Entry, Fact};
use crate::simulation::log::listening;
use crate::simulation::run::Ended;
use crate::simulation::scenario::Size;
use crate::simulation::shop::{Kept, Record};
use crate::simulation::warehouse::Batch;
use crate::simulation::watch::merchant_id;
use crate::simulation::workload::PERSONAL;
use crate::simulation::world::{LEASE, epoch};

const WORKER: Actor = Actor::Worker(0);

fn id() -> SourceOrderId {
    SourceOrderId::new("a")
}

fn reference() -> ClientOrderRef {
    ClientOrderRef::derive(b"key", "m", &id(), 0, 0)
}

/// A scenario in which the shop hides nothing, with clocks that agree.
fn scenario() -> Scenario {
    let mut scenario = Scenario::of(0, Size::Small);
    scenario.faults.clear();
    scenario.shop_skew = 0;
    scenario
}

/// The broken invariants of a history and its ending.
fn broken(facts: Vec<(u64, Fact)>, ending: Ending) -> Vec<String> {
    let mut history = History::default();
    for (seconds, fact) in facts {
        history.add(Entry {
            at: Duration::from_secs(seconds),
            merchant: 0,
            who: WORKER,
            fact,
        });
    }
    let found = check(&scenario(), &history, &Logged::default(), &[ending]);
    found.iter().map(|one| one.invariant.to_owned()).collect()
}

fn claimed(token: u64, asked: u64) -> Fact {
    Fact::Claimed {
        kind: ClaimKind::Send,
        id: id(),
        reference: reference(),
        token,
        payload: Some("digest".to_owned()),
        asked: Duration::from_secs(asked),
    }
}

fn sent() -> Fact {
    Fact::PostBegan(reference(), "digest".to_owned())
}

/// One order that was cancelled before anything was sent, in the shop and on record.
fn sound() -> Ending {
    let order = SalesOrder::new("a");
    let at = epoch();
    let captured = OrderRecord::captured(
        merchant_id(0, 0),
        reference(),
        &order,
        Some("1".to_owned()),
        at,
    );
    let (record, first) = order_sync::apply(&captured, &Commit::captured(&captured)).unwrap();
    let fence = Fence::Unclaimed(record.state, record.token);
    let cancel = Commit::new(&record, fence, OrderEvent::Cancelled, at, "cancelled");
    let (record, second) = order_sync::apply(&record, &cancel).unwrap();
    let ended = Ended {
        record,
        lines: vec![LineProgress::new("1".into(), Some("MUG".into()), 3)],
        timeline: vec![first.unwrap(), second.unwrap()],
    };
    let mut ending = Ending::default();
    ending.orders.insert("a".to_owned(), ended);
    ending.shop.push(Kept {
        order,
        version: 1,
        changed_at: at,
        listed_from: Duration::ZERO,
        record: Record::default(),
        foreign_truth: std::collections::BTreeMap::new(),
    });
    ending
}

fn the_order(ending: &mut Ending) -> &mut Ended {
    ending.orders.get_mut("a").unwrap()
}

fn exception(code: &order_mapping::CodeInfo, detail: &str) -> order_sync::Exception {
    let finding = Finding::new(ExceptionSubject::order(&id()), code, detail);
    let changes = order_sync::compare("audit", &[], &[finding], epoch());
    changes.opened.into_iter().next().unwrap()
}

#[test]
fn a_sound_history_breaks_nothing() {
    assert_eq!(
        broken(vec![(0, claimed(1, 0)), (1, sent())], Ending::default()),
        [""; 0]
    );
    assert_eq!(broken(Vec::new(), sound()), [""; 0]);
}

#[test]
fn i1_an_order_on_no_record_or_in_an_old_version_is_lost() {
    let mut ending = sound();
    ending.orders.clear();
    assert_eq!(broken(Vec::new(), ending), ["I1"]);
    let mut ending = sound();
    ending.shop[0].version = 2;
    assert_eq!(broken(Vec::new(), ending), ["I1"]);
}

#[test]
fn i1_a_run_that_never_ends() {
    let endless = Fact::Endless("orders", Duration::from_secs(1800));
    assert_eq!(broken(vec![(1800, endless)], sound()), ["I1"]);
}

#[test]
fn i2_a_second_create_of_ours_is_a_double_and_one_of_the_vendor_is_not() {
    let applied = |by_us, by_vendor| Fact::PostApplied {
        reference: reference(),
        by_us,
        by_vendor,
    };
    assert_eq!(
        broken(
            vec![(0, applied(1, false)), (1, applied(1, true))],
            Ending::default()
        ),
        [""; 0]
    );
    assert_eq!(
        broken(
            vec![(0, applied(1, false)), (1, applied(2, false))],
            Ending::default()
        ),
        ["I2"]
    );
}

#[test]
fn i3_a_send_without_an_intent_or_with_another_payload() {
    assert_eq!(broken(vec![(0, sent())], Ending::default()), ["I3", "I4"]);
    let other = Fact::PostBegan(reference(), "another digest".to_owned());
    assert_eq!(
        broken(vec![(0, claimed(1, 0)), (1, other)], Ending::default()),
        ["I3"]
    );
}

#[test]
fn i4_a_send_after_its_deadline() {
    let late = LEASE.mul_f64(0.6).as_secs() + 1;
    assert_eq!(
        broken(vec![(0, claimed(1, 0)), (late, sent())], Ending::default()),
        ["I4"]
    );
}

#[test]
fn i5_a_write_under_an_old_token() {
    let written = |token| Fact::Committed {
        id: id(),
        event: OrderEvent::Confirmed,
        token,
        after: Some((OrderState::Accepted, 2)),
        version: None,
    };
    let taken_over = |last| vec![(0, claimed(1, 0)), (1, claimed(2, 1)), (2, written(last))];
    assert_eq!(broken(taken_over(2), Ending::default()), [""; 0]);
    assert_eq!(broken(taken_over(1), Ending::default()), ["I5"]);
}

#[test]
fn i6_a_watermark_that_passes_what_is_not_on_record() {
    let moved = Fact::CursorMoved("orders".to_owned(), epoch().to_rfc3339());
    let listed = Fact::Listed(epoch(), vec![(id(), None)]);
    let captured = Fact::Captured(vec![(id(), None)]);
    let passed = vec![(0, listed.clone()), (1, moved.clone())];
    assert_eq!(broken(passed, Ending::default()), ["I6"]);
    let recorded = vec![(0, listed), (1, captured), (2, moved.clone())];
    assert_eq!(broken(recorded, Ending::default()), [""; 0]);
    // Never listed at all.
    assert_eq!(
        broken(
            vec![(0, Fact::Placed(id(), 1)), (1, moved)],
            Ending::default()
        ),
        ["I6"]
    );
}

#[test]
fn i7_a_broken_chain_and_a_step_that_no_order_takes() {
    let mut ending = sound();
    the_order(&mut ending).timeline[1].note.push('!');
    assert_eq!(broken(Vec::new(), ending), ["I7"]);
    let mut ending = sound();
    let ended = the_order(&mut ending);
    let previous = ended.timeline[0].digest.clone();
    ended.timeline[1] = TimelineEntry::chained(
        2,
        epoch(),
        OrderEvent::ProofHeld,
        OrderState::Captured,
        OrderState::Closed,
        "",
        &previous,
    );
    ended.record.state = OrderState::Closed;
    assert_eq!(broken(Vec::new(), ending), ["I7", "I8"]);
}

#[test]
fn i8_units_that_left_on_record_only() {
    let mut ending = sound();
    the_order(&mut ending).lines[0].despatched = 1;
    assert_eq!(broken(Vec::new(), ending), ["I8"]);
}

#[test]
fn i9_a_parcel_that_never_left_and_a_foreign_member_that_is_gone() {
    let mut ending = sound();
    ending.shop[0].record.parcels.push(Parcel::new("P"));
    assert_eq!(broken(Vec::new(), ending), ["I9"]);
    let mut ending = sound();
    ending.shop[0]
        .foreign_truth
        .insert("note".to_owned(), "1.0".to_owned());
    assert_eq!(broken(Vec::new(), ending), ["I9"]);
}

#[test]
fn i10_more_offered_than_there_is() {
    let offered = |level| {
        vec![
            (
                0,
                Fact::StockRead {
                    sequence: 1,
                    as_of: Duration::ZERO,
                },
            ),
            (1, Fact::StockSaved(1, 1)),
            (2, Fact::Published("MUG".to_owned(), level)),
        ]
    };
    let ending = || {
        let mut ending = Ending::default();
        ending.batches.push(Batch {
            sequence: 1,
            as_of: Duration::ZERO,
            rows: vec![("MUG".to_owned(), 10, 3)],
        });
        ending
    };
    assert_eq!(broken(offered(5), ending()), [""; 0]);
    assert_eq!(broken(offered(6), ending()), ["I10"]);
    let overtaken = |rows| vec![(0, Fact::StockSaved(2, 1)), (1, Fact::StockSaved(1, rows))];
    assert_eq!(broken(overtaken(0), ending()), [""; 0]);
    assert_eq!(broken(overtaken(1), ending()), ["I10"]);
}

#[test]
fn i11_an_exception_without_a_cause() {
    let mut ending = sound();
    ending.left_open.push(exception(&codes::DOUBLED, "two"));
    assert_eq!(broken(Vec::new(), ending), ["I11"]);
}

#[test]
fn i12_repeats_without_end() {
    let repeats = (0..200).flat_map(|token| [(0, claimed(token + 1, 0)), (0, sent())]);
    let found = broken(repeats.collect(), Ending::default());
    assert!(
        !found.is_empty() && found.iter().all(|one| one == "I12"),
        "{found:?}"
    );
}

#[test]
fn i13_a_name_in_a_note() {
    let mut ending = sound();
    let detail = format!("refused for {}", PERSONAL[0]);
    ending
        .told
        .push(exception(&codes::WAREHOUSE_REJECTED, &detail));
    assert_eq!(broken(Vec::new(), ending), ["I13"]);
}

#[test]
fn i13_a_name_in_an_alert_and_one_in_the_log() {
    let alerted = |whole: &str| Fact::Alerted {
        headline: "refused".to_owned(),
        whole: whole.to_owned(),
    };
    assert_eq!(broken(vec![(0, alerted("refused"))], sound()), [""; 0]);
    assert_eq!(broken(vec![(0, alerted(PERSONAL[1]))], sound()), ["I13"]);
    let ((), logged) = listening(|| tracing::info!("refused for {}", PERSONAL[0]));
    let found = check(&scenario(), &History::default(), &logged, &[sound()]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].invariant, "I13");
}

#[test]
fn i14_a_replay_that_writes() {
    let mut ending = sound();
    ending.replay_wrote.push("a write".to_owned());
    assert_eq!(broken(Vec::new(), ending), ["I14"]);
}
