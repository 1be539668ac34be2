//! Exceptions and the people who deal with them: ranks, service levels, alerts, returns.

use std::sync::atomic::Ordering;
use std::time::Duration;

use order_mapping::{ClientOrderRef, Money, PaymentTerms, ReturnReceipt, ReturnedLine};
use order_sync::{
    AlertKind, Approval, Clock as _, Commit, DeskAction, DeskCommand, DeskError, DeskRefusal,
    ExceptionEvent, Fence, Flow, MerchantId, OrderEvent, OrderState, Store as _,
};

use crate::fakes::{World, despatch, order, start_of_time};

/// Orders without a phone number: one exception each.
fn without_phones(world: &World, count: usize) {
    for number in 0..count {
        let mut held = order(&format!("{number:05}"));
        if let Some(address) = &mut held.personal.shipping {
            address.phone = None;
        }
        held.total = Some(Money::new((number as u64).into(), "GBP"));
        world.shop.put(held);
    }
}

#[tokio::test]
async fn ten_thousand_equal_faults_are_one_alert_and_a_count() {
    let world = World::new();
    without_phones(&world, 10_000);
    world.run(Flow::Orders).await;
    assert_eq!(world.open_codes().await.len(), 10_000);
    assert_eq!(
        world.alerts.seen(),
        [(AlertKind::Opened, "PHONE_MISSING".to_owned(), 10_000)]
    );
    let told = world.alerts.told.lock().unwrap()[0].clone();
    assert_eq!(told.exceptions.len(), 5);
    world.run(Flow::Orders).await;
    assert_eq!(world.alerts.seen().len(), 1);
}

#[tokio::test]
async fn a_sink_that_fails_stops_nothing_and_is_told_later() {
    let world = World::new();
    world.alerts.failing.store(true, Ordering::Relaxed);
    without_phones(&world, 3);
    world.shop.put(order("good"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("good").await, OrderState::Accepted);
    assert_eq!(world.alerts.seen(), []);
    world.alerts.failing.store(false, Ordering::Relaxed);
    world.run(Flow::Orders).await;
    assert_eq!(world.alerts.seen(), [], "left alone for a while");
    world.clock.advance(Duration::from_secs(60));
    world.run(Flow::Orders).await;
    assert_eq!(world.alerts.seen()[0].2, 3);
}

#[tokio::test]
async fn exceptions_come_in_the_order_of_their_consequences() {
    let mut world = World::new();
    world.settings.priority_groups = vec!["key account".to_owned()];
    without_phones(&world, 3);
    let mut important = order("key");
    important.personal.shipping.as_mut().unwrap().phone = None;
    important.customer_group = Some("Key account".to_owned());
    world.shop.put(important);
    world.run(Flow::Orders).await;
    let open = world.engine().exceptions().await.unwrap();
    let examples: Vec<&str> = open
        .iter()
        .map(|exception| exception.finding.examples[0].as_str())
        .collect();
    assert_eq!(examples, ["#key", "#00002", "#00001", "#00000"]);
    assert_eq!(open[0].remedy(), open[1].remedy());
    assert!(open[0].owner().is_some() && open[0].diagnosis().is_some());
}

#[tokio::test]
async fn people_assign_note_snooze_and_close_and_all_of_it_is_on_record() {
    let world = World::new();
    without_phones(&world, 1);
    world.run(Flow::Orders).await;
    let engine = world.engine();
    let number = engine.exceptions().await.unwrap()[0].number;
    let act = |action, reason: &str| DeskCommand::new(number, action, "Alex", reason);
    let assign = act(DeskAction::Assign(Some("Kim".to_owned())), "");
    let assigned = engine.act_on_exception(assign).await.unwrap();
    assert_eq!(assigned.assignee.as_deref(), Some("Kim"));
    let note = act(DeskAction::Note, "rang the buyer");
    engine.act_on_exception(note).await.unwrap();
    let until = start_of_time() + chrono::Duration::hours(3);
    let snooze = act(DeskAction::Snooze(until), "they call back at noon");
    engine.act_on_exception(snooze).await.unwrap();
    let no_reason = engine.act_on_exception(act(DeskAction::Close, "")).await;
    assert!(matches!(
        no_reason,
        Err(DeskError::Refused(DeskRefusal::NoReason))
    ));

    world.clock.advance(Duration::from_secs(3 * 3600));
    world.run(Flow::Orders).await;
    let close = act(DeskAction::Close, "the buyer collects it");
    engine.act_on_exception(close).await.unwrap();
    world.run(Flow::Orders).await;
    assert_eq!(engine.exceptions().await.unwrap(), []);

    let history = engine.exception_history(number).await.unwrap();
    let events: Vec<ExceptionEvent> = history.iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        [
            ExceptionEvent::Opened,
            ExceptionEvent::Assigned,
            ExceptionEvent::Noted,
            ExceptionEvent::Snoozed,
            ExceptionEvent::Woken,
            ExceptionEvent::Dismissed,
        ]
    );
    assert_eq!(history[2].by.as_deref(), Some("Alex"));
    assert_eq!(history[2].note, "rang the buyer");
    let none = engine
        .act_on_exception(DeskCommand::new(99, DeskAction::Note, "Alex", "x"))
        .await;
    assert!(matches!(
        none,
        Err(DeskError::Refused(DeskRefusal::Unknown))
    ));
}

#[tokio::test]
async fn what_nobody_deals_with_is_escalated_once_and_not_over_a_night() {
    // The world begins on a Monday at nine.
    let world = World::new();
    without_phones(&world, 1);
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(3 * 3600));
    world.run(Flow::Orders).await;
    assert_eq!(world.alerts.seen().len(), 1);
    world.clock.advance(Duration::from_secs(2 * 3600));
    world.run(Flow::Orders).await;
    world.run(Flow::Orders).await;
    let seen = world.alerts.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].0, AlertKind::Escalated);

    // One that opens in the evening is due the next morning.
    let world = World::new();
    world.clock.advance(Duration::from_secs(9 * 3600));
    world.counter(|counter| counter.shop_time = Duration::from_secs(9 * 3600));
    without_phones(&world, 1);
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(14 * 3600));
    world.run(Flow::Orders).await;
    assert_eq!(world.alerts.seen().len(), 1);
}

#[tokio::test]
async fn goods_that_come_back_reach_finance_once_with_their_condition() {
    let world = World::new();
    world.shelves(|shelves| shelves.negotiates = true);
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    let mut line = ReturnedLine::new(Some("1".into()), None, 2);
    line.condition = Some("damaged".to_owned());
    let mut receipt = ReturnReceipt::new("R1", Some(reference));
    receipt.lines = vec![line];
    let mut stray = ReturnReceipt::new("R2", Some(ClientOrderRef::from_wire("BSTRANGER")));
    stray.lines = vec![ReturnedLine::new(None, Some("MUG1".to_owned()), 1)];
    world.shelves(|shelves| shelves.returned = vec![receipt.clone(), stray]);
    let report = world.run(Flow::Despatches).await;
    assert_eq!(report.count(order_sync::Tally::ReturnsReceived), 1);
    let mut codes = world.open_codes().await;
    codes.sort();
    assert_eq!(codes, ["GOODS_RETURNED", "RETURN_UNMATCHED"]);
    let open = world.engine().exceptions().await.unwrap();
    assert!(
        open.iter()
            .any(|one| one.finding.detail.contains("2 x line 1 (damaged)"))
    );
    let merchant = MerchantId::new("merchant");
    let on_record = world.store.returns(&merchant, &"A".into()).await.unwrap();
    assert_eq!(on_record, [receipt]);

    // Read again from the beginning: nothing is counted twice, and what was found stays open.
    world.shelves(|shelves| {
        let first = shelves.returned[0].clone();
        shelves.returned.push(first);
    });
    let again = world.run(Flow::Despatches).await;
    assert_eq!(again.changes(), 0, "{again:?}");
    assert_eq!(world.open_codes().await.len(), 2);
}

#[tokio::test]
async fn an_order_of_which_nothing_leaves_is_not_closed_in_silence() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    let mut empty = despatch("D", &reference, &[]);
    empty.parcels.clear();
    empty.shorts = [("1", 6), ("2", 4)]
        .map(|(line, units)| order_mapping::LineQuantity::of_line(line, units))
        .to_vec();
    world.shelves(|shelves| shelves.despatches.push(empty));
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(world.open_codes().await, ["NOTHING_SENT"]);
}

#[tokio::test]
async fn every_profile_in_use_is_on_record_with_who_approved_it() {
    let mut world = World::new();
    world.settings.approval_required = true;
    world.run(Flow::Orders).await;
    assert_eq!(world.open_codes().await, ["PROFILE_UNAPPROVED"]);
    let approved = world
        .builder()
        .with_approval(Approval::new("Kim", start_of_time()))
        .build()
        .unwrap();
    let stop = order_sync::CancellationToken::new();
    approved.run_once(Flow::Orders, &stop).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());

    world.profile.purchase_order.required = true;
    world.run(Flow::Orders).await;
    let merchant = MerchantId::new("merchant");
    let versions = world.store.profiles(&merchant).await.unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(
        versions[0]
            .approval
            .as_ref()
            .map(|approval| approval.by.as_str()),
        Some("Kim")
    );
    assert_eq!(versions[1].approval, None);
    assert_eq!(world.open_codes().await, ["PROFILE_UNAPPROVED"]);
}

#[tokio::test]
async fn personal_data_is_erased_for_age_and_the_facts_stay() {
    let mut world = World::new();
    world.settings.personal_data_kept = Some(Duration::from_secs(30 * 24 * 3600));
    let mut ignored = order("A");
    ignored.payment = PaymentTerms::OnAccount;
    ignored.status = Some("cancelled".to_owned());
    world.shop.put(ignored);
    world.shop.put(order("B"));
    world.run(Flow::Orders).await;
    world.run(Flow::Housekeeping).await;
    let merchant = MerchantId::new("merchant");
    let copy = async |id: &str| {
        let copy = world.store.source_copy(&merchant, &id.into()).await;
        copy.unwrap().unwrap().order
    };
    assert!(copy("A").await.personal.shipping.is_some(), "not yet");
    world.clock.advance(Duration::from_secs(31 * 24 * 3600));
    let report = world.run(Flow::Housekeeping).await;
    assert_eq!(report.count(order_sync::Tally::Erased), 1);
    let erased = copy("A").await;
    assert_eq!(erased.personal, Default::default());
    assert_eq!(erased.lines.len(), 2, "facts stay");
    assert!(
        copy("B").await.personal.shipping.is_some(),
        "it is still open"
    );
    world.events("A").await;
    let again = world.run(Flow::Housekeeping).await;
    assert_eq!(again.changes(), 0);
}

#[tokio::test]
async fn a_return_is_told_even_if_the_run_that_recorded_it_died() {
    let world = World::new();
    world.shelves(|shelves| shelves.negotiates = true);
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let record = world.record("A").await;
    let mut receipt = ReturnReceipt::new("R1", Some(record.reference.clone()));
    receipt.lines = vec![ReturnedLine::new(Some("1".into()), None, 2)];
    world.shelves(|shelves| shelves.returned.push(receipt.clone()));
    let fence = Fence::Unclaimed(record.state, record.token);
    let now = world.clock.now();
    let mut commit = Commit::new(&record, fence, OrderEvent::Returned, now, "return R1");
    commit.returned = Some(Box::new(receipt));
    world.store.commit(commit).await.unwrap().unwrap();

    world.run(Flow::Despatches).await;
    assert_eq!(world.open_codes().await, ["GOODS_RETURNED"]);
}
