//! Cancellations and amendments: requests with one answer, however often they are asked.

use order_mapping::{AmendField, ClientOrderRef, FieldChange, FulfilmentOrder, differences};
use order_sync::{AmendRequest, ChangeAnswer, PortError};

use super::fixtures::{
    Draft, all_of_it_leaves, assert_error_names_nobody, assert_names_nobody, found, handed_over,
    reference, told, units_of,
};
use super::{Leaving, Scene, WarehouseWorld};
use crate::broken_off::broken_off;

/// Why somebody wants it; for people at the warehouse.
const WHY: &str = "by the buyer";

/// Asks until there is a decision, as the engine does: with the same request.
pub(super) async fn decided_cancellation(
    world: &dyn WarehouseWorld,
    reference: &ClientOrderRef,
) -> Option<ChangeAnswer> {
    if !world.warehouse().capabilities().cancels {
        return None;
    }
    for _ in 0..3 {
        let answer = world.warehouse().cancel(reference, "cancel-1", WHY).await;
        match answer.expect("it can be asked for") {
            ChangeAnswer::Pending => world.decide().await,
            answer => return Some(answer),
        }
    }
    panic!("the warehouse never decides");
}

/// As [`decided_cancellation`], for an amendment.
async fn decided_amendment(
    world: &dyn WarehouseWorld,
    reference: &ClientOrderRef,
    changes: &[FieldChange],
    wanted: &FulfilmentOrder,
) -> ChangeAnswer {
    for _ in 0..3 {
        let request = AmendRequest::new("amend-1", changes, wanted);
        let answer = world.warehouse().amend(reference, request).await;
        match answer.expect("it can be asked for") {
            ChangeAnswer::Pending => world.decide().await,
            answer => return answer,
        }
    }
    panic!("the warehouse never decides");
}

/// Six units of the first line become two.
fn fewer_units(world: &dyn WarehouseWorld) -> (Vec<FieldChange>, FulfilmentOrder) {
    let mut wanted = Draft::of(world);
    wanted.lines[0].2 = 2;
    asked_for(world, &wanted)
}

/// What is to be different, as the engine works it out.
fn asked_for(world: &dyn WarehouseWorld, wanted: &Draft) -> (Vec<FieldChange>, FulfilmentOrder) {
    let wanted = wanted.order();
    (differences(&Draft::of(world).order(), &wanted), wanted)
}

fn amends_quantities(world: &dyn WarehouseWorld) -> bool {
    let amends = world.warehouse().capabilities().amends;
    amends.contains(&AmendField::Quantity)
}

/// Whatever it says, it names nobody.
fn assert_answer_names_nobody(answer: &Result<ChangeAnswer, PortError>) {
    match answer {
        Ok(answer) => assert_names_nobody(&format!("{answer:?}")),
        Err(error) => assert_error_names_nobody(error),
    }
}

pub async fn what_is_cancelled_does_not_leave(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    match decided_cancellation(world, &reference).await {
        None => {}
        Some(ChangeAnswer::Accepted) => assert!(world.taken(&reference).await.is_empty()),
        Some(_) => assert_eq!(world.taken(&reference).await, [units_of(&order)]),
    }
}

pub async fn a_cancellation_asked_again_has_the_same_answer(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    let Some(answer) = decided_cancellation(world, &reference).await else {
        return;
    };
    for _ in 0..2 {
        let again = world.warehouse().cancel(&reference, "cancel-1", WHY).await;
        assert_eq!(again.expect("it can be asked for"), answer);
    }
}

pub async fn a_cancellation_concerns_its_order_alone(world: &dyn WarehouseWorld) {
    let (a, _) = handed_over(world, "a").await;
    let (b, order) = handed_over(world, "b").await;
    decided_cancellation(world, &a).await;
    assert_eq!(world.taken(&b).await, [units_of(&order)]);
}

pub async fn what_has_left_is_not_cancelled(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let Some(answer) = decided_cancellation(world, &reference).await else {
        return;
    };
    assert_ne!(answer, ChangeAnswer::Accepted);
    assert_eq!(
        told(world, None).await.units(&reference, &order),
        units_of(&order)
    );
}

pub async fn of_an_order_that_left_in_part_the_rest_is_cancelled_or_nothing(
    world: &dyn WarehouseWorld,
) {
    if !world.can(Scene::PartShipments) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let [first, second] = world.articles();
    world
        .send(&reference, &Leaving::parcel(&[(&first, 2)]))
        .await;
    let Some(answer) = decided_cancellation(world, &reference).await else {
        return;
    };
    let left: std::collections::BTreeMap<_, _> = [(first, 2)].into();
    let is_left = |(sku, units): (String, u32)| (units > 0).then_some((sku, units));
    let mut taken = world.taken(&reference).await;
    let taken = taken.pop().unwrap_or_default();
    let taken: std::collections::BTreeMap<_, _> = taken.into_iter().filter_map(is_left).collect();
    match answer {
        ChangeAnswer::Accepted => assert_eq!(taken, left, "{second} does not leave any more"),
        _ => assert_eq!(taken, units_of(&order)),
    }
}

pub async fn what_is_being_picked_is_not_changed(world: &dyn WarehouseWorld) {
    if !world.can(Scene::Picking) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    world.pick(&reference).await;
    if amends_quantities(world) {
        let (changes, wanted) = fewer_units(world);
        let answer = decided_amendment(world, &reference, &changes, &wanted).await;
        assert_ne!(answer, ChangeAnswer::Accepted);
    }
    if let Some(answer) = decided_cancellation(world, &reference).await {
        assert_ne!(answer, ChangeAnswer::Accepted);
    }
    assert_eq!(world.taken(&reference).await, [units_of(&order)]);
}

pub async fn an_order_that_it_does_not_have_is_not_said_to_be_changed(world: &dyn WarehouseWorld) {
    handed_over(world, "another").await;
    let never = reference("never sent");
    let (changes, wanted) = fewer_units(world);
    // It may think about it first.
    for _ in 0..2 {
        if world.warehouse().capabilities().cancels {
            let answer = world.warehouse().cancel(&never, "cancel-1", WHY).await;
            assert!(!matches!(answer, Ok(ChangeAnswer::Accepted)), "{answer:?}");
            assert_answer_names_nobody(&answer);
        }
        if amends_quantities(world) {
            let request = AmendRequest::new("amend-1", &changes, &wanted);
            let answer = world.warehouse().amend(&never, request).await;
            assert!(!matches!(answer, Ok(ChangeAnswer::Accepted)), "{answer:?}");
            assert_answer_names_nobody(&answer);
        }
        world.decide().await;
    }
}

pub async fn an_accepted_amendment_is_at_the_warehouse(world: &dyn WarehouseWorld) {
    if !amends_quantities(world) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let (changes, wanted) = fewer_units(world);
    let answer = decided_amendment(world, &reference, &changes, &wanted).await;
    let is = if answer == ChangeAnswer::Accepted {
        &wanted
    } else {
        &order
    };
    assert_eq!(world.taken(&reference).await, [units_of(is)], "{answer:?}");
    assert_eq!(
        found(world.warehouse(), &reference, is).await,
        Vec::<String>::new()
    );
}

pub async fn an_amendment_asked_again_has_the_same_answer_and_no_second_effect(
    world: &dyn WarehouseWorld,
) {
    if !amends_quantities(world) {
        return;
    }
    let (reference, _) = handed_over(world, "a").await;
    let (changes, wanted) = fewer_units(world);
    let answer = decided_amendment(world, &reference, &changes, &wanted).await;
    let after = world.taken(&reference).await;
    for _ in 0..2 {
        let again = decided_amendment(world, &reference, &changes, &wanted).await;
        assert_eq!(again, answer);
    }
    assert_eq!(world.taken(&reference).await, after);
}

pub async fn what_has_left_is_not_amended(world: &dyn WarehouseWorld) {
    if !amends_quantities(world) {
        return;
    }
    let (reference, _) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let (changes, wanted) = fewer_units(world);
    let answer = decided_amendment(world, &reference, &changes, &wanted).await;
    assert_ne!(answer, ChangeAnswer::Accepted);
    assert_names_nobody(&format!("{answer:?}"));
}

pub async fn every_part_that_it_amends_can_be_asked_for(world: &dyn WarehouseWorld) {
    for (number, part) in world.warehouse().capabilities().amends.iter().enumerate() {
        let (reference, _) = handed_over(world, &format!("order {number}")).await;
        let mut wanted = Draft::of(world);
        let [_, other_service] = world.services();
        match part {
            AmendField::Quantity => wanted.lines[0].2 = 2,
            AmendField::LineRemoved => drop(wanted.lines.pop()),
            AmendField::Service => wanted.service = other_service,
            AmendField::PurchaseOrder => wanted.purchase_order = "PO-8",
            AmendField::RequestedDate => wanted.requested_date = "2026-03-09",
            AmendField::Recipient => wanted.city = "Otherton",
            // Parts for which the kit has no change of its own.
            _ => continue,
        }
        let (changes, wanted) = asked_for(world, &wanted);
        assert!(
            changes.iter().all(|change| change.field == *part),
            "{changes:?}"
        );
        let answer = decided_amendment(world, &reference, &changes, &wanted).await;
        assert_names_nobody(&format!("{answer:?}"));
        if answer == ChangeAnswer::Accepted {
            let differences = found(world.warehouse(), &reference, &wanted).await;
            assert_eq!(
                differences,
                Vec::<String>::new(),
                "{part} was said to be changed"
            );
        }
    }
}

pub async fn a_request_that_was_broken_off_is_asked_again(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    drop(world.warehouse().cancel(&a, "cancel-0", WHY));
    assert_eq!(
        world.taken(&a).await,
        [units_of(&order)],
        "it was never polled"
    );
    broken_off(world.warehouse().cancel(&a, "cancel-1", WHY));
    if let Some(ChangeAnswer::Accepted) = decided_cancellation(world, &a).await {
        assert!(world.taken(&a).await.is_empty());
    }
    if amends_quantities(world) {
        let (b, _) = handed_over(world, "b").await;
        let (changes, wanted) = fewer_units(world);
        let request = AmendRequest::new("amend-1", &changes, &wanted);
        broken_off(world.warehouse().amend(&b, request));
        let answer = decided_amendment(world, &b, &changes, &wanted).await;
        if answer == ChangeAnswer::Accepted {
            assert_eq!(world.taken(&b).await, [units_of(&wanted)]);
        }
    }
}
