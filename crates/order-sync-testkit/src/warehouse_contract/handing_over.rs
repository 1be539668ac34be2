//! Handing over: every order gets there, none gets there twice.

use order_sync::{FailureClass, Lookup, Submission};

use super::fixtures::{
    Draft, assert_error_names_nobody, found, handed_over, reference, submitted, units_of,
};
use super::{Scene, WarehouseWorld};
use crate::broken_off::broken_off;

pub async fn an_order_is_at_the_warehouse_with_its_units(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    // `handed_over` compares with the warehouse's own books; nothing more of it comes later.
    world.take_in().await;
    assert_eq!(world.taken(&reference).await.len(), 1);
}

pub async fn lines_of_one_article_keep_their_units(world: &dyn WarehouseWorld) {
    let mut draft = Draft::of(world);
    let [first, _] = world.articles();
    draft.lines.push(("3", first, 5));
    let (reference, order) = (reference("a"), draft.order());
    submitted(world.warehouse(), &reference, &order).await;
    world.take_in().await;
    assert_eq!(world.taken(&reference).await, [units_of(&order)]);
}

pub async fn every_derived_reference_is_taken_whole(world: &dyn WarehouseWorld) {
    // Twelve characters, letters and digits: some intakes cut, pad or read as numbers.
    for number in 0..8 {
        let text = format!("order {number}");
        let (reference, order) = handed_over(world, &text).await;
        found(world.warehouse(), &reference, &order).await;
    }
}

pub async fn orders_side_by_side_are_each_there_once(world: &dyn WarehouseWorld) {
    let order = Draft::of(world).order();
    let references = ["a", "b", "c", "d"].map(reference);
    let [a, b, c, d] = &references;
    let warehouse = world.warehouse();
    let answers = tokio::join!(
        warehouse.submit(a, &order),
        warehouse.submit(b, &order),
        warehouse.submit(c, &order),
        warehouse.submit(d, &order),
    );
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        answer.expect("a sound order is taken");
    }
    world.take_in().await;
    for reference in &references {
        assert_eq!(world.taken(reference).await, [units_of(&order)]);
    }
}

pub async fn a_repeat_does_not_make_a_second_order(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    let again = world.warehouse().submit(&reference, &order).await;
    world.take_in().await;
    assert_eq!(
        world.taken(&reference).await,
        [units_of(&order)],
        "{again:?}"
    );
}

pub async fn a_repeat_at_once_does_not_make_a_second_order(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    submitted(world.warehouse(), &reference, &order).await;
    let again = world.warehouse().submit(&reference, &order).await;
    world.take_in().await;
    assert_eq!(
        world.taken(&reference).await,
        [units_of(&order)],
        "{again:?}"
    );
}

pub async fn a_repeat_is_not_said_to_be_a_new_order(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    let first = submitted(world.warehouse(), &reference, &order).await;
    let again = world.warehouse().submit(&reference, &order).await;
    if let (
        Submission::Accepted {
            warehouse_id: first,
            ..
        },
        Ok(Submission::Accepted {
            warehouse_id: again,
            ..
        }),
    ) = (&first, &again)
    {
        assert_eq!(first, again, "one order, two ids");
        assert!(
            first.is_some(),
            "without an id nobody can tell that it is the same order"
        );
    }
}

pub async fn another_order_under_a_known_reference_changes_nothing(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    submitted(world.warehouse(), &reference, &order).await;
    let mut other = Draft::of(world);
    other.lines[0].2 = 60;
    let other = other.order();
    let answer = world.warehouse().submit(&reference, &other).await;
    assert!(
        !matches!(answer, Ok(Submission::Accepted { .. })),
        "an order that is not the one that was sent was accepted: {answer:?}"
    );
    world.take_in().await;
    assert_eq!(world.taken(&reference).await, [units_of(&order)]);
    assert_eq!(
        found(world.warehouse(), &reference, &order).await,
        Vec::<String>::new()
    );
}

pub async fn a_call_that_was_never_polled_has_sent_nothing(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    drop(world.warehouse().submit(&reference, &order));
    world.take_in().await;
    assert!(world.taken(&reference).await.is_empty());
    let answer = world.warehouse().lookup(&reference, &order).await;
    assert_eq!(answer.expect("it can be asked for"), Lookup::Absent);
}

pub async fn a_call_that_was_broken_off_is_found_out_by_asking(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    broken_off(world.warehouse().submit(&reference, &order));
    world.take_in().await;
    let answer = world.warehouse().lookup(&reference, &order).await;
    match answer.expect("it can be asked for") {
        Lookup::Absent => {
            assert!(
                world.taken(&reference).await.is_empty(),
                "it is there, and said to be absent"
            );
            submitted(world.warehouse(), &reference, &order).await;
            world.take_in().await;
        }
        Lookup::Found { .. } => {}
        other => panic!("taken in or absent, and not {other:?}"),
    }
    assert_eq!(world.taken(&reference).await, [units_of(&order)]);
}

pub async fn what_the_warehouse_refuses_is_rejected_and_not_there(world: &dyn WarehouseWorld) {
    if !world.can(Scene::Refusals) {
        return;
    }
    let mut draft = Draft::of(world);
    draft.service = "NOSUCH".to_owned();
    let (reference, order) = (reference("a"), draft.order());
    match world.warehouse().submit(&reference, &order).await {
        Err(error) => {
            assert_eq!(error.class(), FailureClass::Rejected, "{error}");
            assert_error_names_nobody(&error);
        }
        Ok(Submission::Queued) => {}
        Ok(other) => panic!("a service that nobody knows was taken: {other:?}"),
    }
    world.take_in().await;
    assert!(world.taken(&reference).await.is_empty());
    let answer = world.warehouse().lookup(&reference, &order).await;
    let answer = answer.expect("it can be asked for");
    assert!(
        matches!(answer, Lookup::Refused { .. } | Lookup::Absent),
        "{answer:?}"
    );
    super::fixtures::assert_names_nobody(&format!("{answer:?}"));
}

pub async fn a_refusal_does_not_keep_the_next_order_back(world: &dyn WarehouseWorld) {
    if !world.can(Scene::Refusals) {
        return;
    }
    let mut draft = Draft::of(world);
    draft.service = "NOSUCH".to_owned();
    let _ = world
        .warehouse()
        .submit(&reference("a"), &draft.order())
        .await;
    handed_over(world, "b").await;
}
