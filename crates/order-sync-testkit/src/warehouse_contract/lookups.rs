//! Look-ups: what is there is found, what is not is absent.

use order_sync::{Lookup, Submission};

use super::fixtures::{Draft, assert_names_nobody, found, handed_over, reference, submitted};
use super::{Scene, WarehouseWorld};
use crate::broken_off::broken_off;

pub async fn what_was_never_sent_is_absent(world: &dyn WarehouseWorld) {
    let (never, order) = (reference("never sent"), Draft::of(world).order());
    let answer = world.warehouse().lookup(&never, &order).await;
    assert_eq!(answer.expect("it can be asked for"), Lookup::Absent);
    handed_over(world, "another").await;
    let answer = world.warehouse().lookup(&never, &order).await;
    assert_eq!(answer.expect("it can be asked for"), Lookup::Absent);
}

pub async fn what_was_taken_is_found_and_is_the_same(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    for _ in 0..2 {
        let differences = found(world.warehouse(), &reference, &order).await;
        assert_eq!(differences, Vec::<String>::new());
    }
}

pub async fn what_waits_to_be_picked_up_is_waiting(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    let answer = submitted(world.warehouse(), &reference, &order).await;
    let there = world.warehouse().lookup(&reference, &order).await;
    let there = there.expect("it can be asked for");
    match answer {
        Submission::Queued => assert_eq!(there, Lookup::Waiting),
        _ => assert!(matches!(there, Lookup::Found { .. }), "{there:?}"),
    }
}

pub async fn ids_and_times_are_those_of_the_handing_over(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    let Submission::Accepted {
        warehouse_id: Some(id),
        accepted_at,
    } = submitted(world.warehouse(), &reference, &order).await
    else {
        return;
    };
    let answer = world.warehouse().lookup(&reference, &order).await;
    let Lookup::Found {
        warehouse_id,
        accepted_at: since,
        ..
    } = answer.expect("it can be asked for")
    else {
        panic!("it was accepted, and is not found");
    };
    assert!(warehouse_id.is_none_or(|there| there == id));
    if let (Some(told), Some(since)) = (accepted_at, since) {
        assert_eq!(told, since);
    }
}

pub async fn what_left_is_still_found(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    super::fixtures::all_of_it_leaves(world, &reference).await;
    found(world.warehouse(), &reference, &order).await;
}

pub async fn other_units_are_a_difference(world: &dyn WarehouseWorld) {
    differs(world, |draft| draft.lines[0].2 = 7).await;
}

pub async fn a_missing_line_is_a_difference(world: &dyn WarehouseWorld) {
    differs(world, |draft| drop(draft.lines.pop())).await;
}

pub async fn another_service_is_a_difference(world: &dyn WarehouseWorld) {
    let [_, other] = world.services();
    differs(world, |draft| draft.service = other).await;
}

/// Asks for an order that is there as if something else had been meant.
async fn differs(world: &dyn WarehouseWorld, change: impl FnOnce(&mut Draft)) {
    let (reference, _) = handed_over(world, "a").await;
    let mut other = Draft::of(world);
    change(&mut other);
    let differences = found(world.warehouse(), &reference, &other.order()).await;
    if world.can(Scene::Differences) {
        assert!(!differences.is_empty(), "what differs is not told");
    }
    assert_names_nobody(&differences.join(" "));
}

pub async fn another_receiver_is_told_without_naming_anybody(world: &dyn WarehouseWorld) {
    let (reference, mut order) = handed_over(world, "a").await;
    let elsewhere = serde_json::json!({
        "name": "Goods In", "company": null, "line1": "2 Sample Street", "line2": null, "city": "Otherton",
        "county": null, "postcode": "ZZ11 1ZZ", "country": "GB", "phone": "447700900456", "email": null,
        "instructions": null,
    });
    order.recipient = serde_json::from_value(elsewhere).expect("a recipient of the kit");
    let differences = found(world.warehouse(), &reference, &order).await.join(" ");
    assert_names_nobody(&differences);
    for text in ["Sample Street", "ZZ11 1ZZ", "447700900456"] {
        assert!(
            !differences.contains(text),
            "{text} stands in {differences:?}"
        );
    }
}

pub async fn asking_changes_nothing_and_may_be_broken_off(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    let before = world.taken(&reference).await;
    broken_off(world.warehouse().lookup(&reference, &order));
    for _ in 0..3 {
        found(world.warehouse(), &reference, &order).await;
    }
    world.take_in().await;
    assert_eq!(world.taken(&reference).await, before);
}
