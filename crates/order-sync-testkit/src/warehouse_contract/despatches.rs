//! Despatches: nothing that leaves is lost, however the feed is read.

use std::collections::BTreeMap;

use super::fixtures::{all_of_it_leaves, handed_over, told, units_of};
use super::{Leaving, Scene, WarehouseWorld};
use crate::broken_off::broken_off;

fn units(of: &[(&str, u32)]) -> BTreeMap<String, u32> {
    of.iter()
        .map(|(sku, units)| ((*sku).to_owned(), *units))
        .collect()
}

pub async fn nothing_has_left_at_first(world: &dyn WarehouseWorld) {
    assert!(told(world, None).await.consignments.is_empty());
    handed_over(world, "a").await;
    assert!(told(world, None).await.consignments.is_empty());
}

pub async fn what_left_is_told_with_its_reference_and_its_units(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let told = told(world, None).await;
    let of_it = told.of(&reference);
    assert_eq!(of_it.len(), 1, "one despatch");
    assert!(!of_it[0].id.is_empty() && !of_it[0].parcels[0].id.is_empty());
    assert_eq!(told.units(&reference, &order), units_of(&order));
    assert_eq!(told.shorts(&reference, &order), BTreeMap::new());
}

pub async fn orders_are_told_apart(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    let (b, _) = handed_over(world, "b").await;
    let (c, _) = handed_over(world, "c").await;
    all_of_it_leaves(world, &b).await;
    all_of_it_leaves(world, &a).await;
    let told = told(world, None).await;
    assert_eq!(told.units(&a, &order), units_of(&order));
    assert_eq!(told.units(&b, &order), units_of(&order));
    assert!(told.of(&c).is_empty());
    let ids: Vec<_> = told
        .consignments
        .iter()
        .flat_map(|one| &one.parcels)
        .map(|parcel| &parcel.id)
        .collect();
    assert!(
        ids.len() == 2 && ids[0] != ids[1],
        "two parcels with one id: {ids:?}"
    );
}

pub async fn a_part_and_the_rest_are_two_despatches(world: &dyn WarehouseWorld) {
    if !world.can(Scene::PartShipments) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let [first, second] = world.articles();
    world
        .send(&reference, &Leaving::parcel(&[(&first, 2), (&second, 4)]))
        .await;
    let before = told(world, None).await;
    assert_eq!(
        before.units(&reference, &order),
        units(&[(&first, 2), (&second, 4)])
    );
    world
        .send(&reference, &Leaving::parcel(&[(&first, 4)]))
        .await;
    let after = told(world, None).await;
    let of_it = after.of(&reference);
    assert_eq!(of_it.len(), 2);
    assert_ne!(of_it[0].id, of_it[1].id);
    assert_ne!(of_it[0].parcels[0].id, of_it[1].parcels[0].id);
    assert_eq!(after.units(&reference, &order), units_of(&order));
}

pub async fn every_parcel_of_a_despatch_is_told(world: &dyn WarehouseWorld) {
    if !world.can(Scene::SeveralParcels) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let [first, second] = world.articles();
    let leaving = Leaving::parcel(&[(&first, 5)])
        .and_parcel(&[(&first, 1), (&second, 1)])
        .and_parcel(&[(&second, 3)]);
    world.send(&reference, &leaving).await;
    let told = told(world, None).await;
    let parcels: Vec<_> = told
        .of(&reference)
        .into_iter()
        .flat_map(|one| &one.parcels)
        .collect();
    let ids: std::collections::BTreeSet<_> = parcels.iter().map(|parcel| &parcel.id).collect();
    assert_eq!((parcels.len(), ids.len()), (3, 3));
    let mut sums: Vec<u32> = parcels
        .iter()
        .map(|parcel| parcel.contents.iter().map(|content| content.quantity).sum())
        .collect();
    sums.sort_unstable();
    assert_eq!(sums, [2, 3, 5], "each with its own units");
    assert_eq!(told.units(&reference, &order), units_of(&order));
}

pub async fn units_that_never_leave_are_short_and_not_sent(world: &dyn WarehouseWorld) {
    if !world.can(Scene::Shorts) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let [first, second] = world.articles();
    let leaving = Leaving::parcel(&[(&first, 5), (&second, 4)]).short(&first, 1);
    world.send(&reference, &leaving).await;
    let told = told(world, None).await;
    assert_eq!(
        told.units(&reference, &order),
        units(&[(&first, 5), (&second, 4)])
    );
    assert_eq!(told.shorts(&reference, &order), units(&[(&first, 1)]));
}

pub async fn an_order_of_which_nothing_leaves_is_short_without_a_parcel(
    world: &dyn WarehouseWorld,
) {
    if !world.can(Scene::Shorts) {
        return;
    }
    let (reference, order) = handed_over(world, "a").await;
    let [first, second] = world.articles();
    world
        .send(
            &reference,
            &Leaving::default().short(&first, 6).short(&second, 4),
        )
        .await;
    let told = told(world, None).await;
    assert_eq!(told.units(&reference, &order), BTreeMap::new());
    assert_eq!(told.shorts(&reference, &order), units_of(&order));
}

pub async fn a_cursor_goes_on_where_it_was(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    let (b, _) = handed_over(world, "b").await;
    all_of_it_leaves(world, &a).await;
    let first = told(world, None).await;
    assert!(
        first.cursor.is_some(),
        "what was read has to be passed somehow"
    );
    all_of_it_leaves(world, &b).await;
    let second = told(world, first.cursor.as_deref()).await;
    assert_eq!(second.units(&b, &order), units_of(&order));
}

pub async fn the_same_cursor_tells_the_same_again(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    let (b, _) = handed_over(world, "b").await;
    all_of_it_leaves(world, &a).await;
    let start = told(world, None).await.cursor;
    all_of_it_leaves(world, &b).await;
    // A run that ended before its cursor was stored reads the same pages again, after whatever happened since.
    let first = told(world, start.as_deref()).await;
    let again = told(world, start.as_deref()).await;
    for told in [first, again] {
        assert_eq!(told.units(&b, &order), units_of(&order));
    }
}

pub async fn without_a_cursor_everything_is_told_again(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let first = told(world, None).await;
    let again = told(world, None).await;
    assert_eq!(first.consignments, again.consignments, "with the same ids");
}

pub async fn with_nothing_new_the_cursor_stays(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let end = told(world, None).await.cursor;
    for _ in 0..2 {
        let page = world.warehouse().despatches(end.as_deref()).await;
        let page = page.expect("despatches can be read");
        assert_eq!((page.cursor, page.more), (end.clone(), false));
    }
}

pub async fn many_are_told_to_the_last_page(world: &dyn WarehouseWorld) {
    let mut sent = Vec::new();
    for number in 0..12 {
        let (reference, order) = handed_over(world, &format!("order {number}")).await;
        all_of_it_leaves(world, &reference).await;
        sent.push((reference, order));
    }
    let told = told(world, None).await;
    for (reference, order) in &sent {
        assert_eq!(told.units(reference, order), units_of(order));
    }
}

pub async fn reading_may_be_broken_off_and_loses_nothing(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    let (b, _) = handed_over(world, "b").await;
    all_of_it_leaves(world, &a).await;
    let cursor = told(world, None).await.cursor;
    all_of_it_leaves(world, &b).await;
    drop(world.warehouse().despatches(cursor.as_deref()));
    broken_off(world.warehouse().despatches(cursor.as_deref()));
    let told = told(world, cursor.as_deref()).await;
    assert_eq!(told.units(&b, &order), units_of(&order));
}

pub async fn a_foreign_cursor_is_not_taken_for_the_end(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    // An error says so; else everything is told. Going on from nowhere would lose what left.
    let foreign = "a cursor of another feed";
    if world.warehouse().despatches(Some(foreign)).await.is_ok() {
        assert_eq!(
            told(world, Some(foreign)).await.units(&reference, &order),
            units_of(&order)
        );
    }
}
