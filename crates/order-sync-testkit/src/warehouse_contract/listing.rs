//! The list of orders, where there is one: every order once, and whether it is live.

use std::collections::BTreeMap;

use order_mapping::ClientOrderRef;
use order_sync::{ChangeAnswer, Submission, WarehouseOrderRow};

use super::WarehouseWorld;
use super::changes::decided_cancellation;
use super::fixtures::{Draft, handed_over, reference, submitted};
use crate::broken_off::broken_off;

/// All pages of the list, by reference; none where there is no list.
async fn listed(world: &dyn WarehouseWorld) -> Option<BTreeMap<ClientOrderRef, WarehouseOrderRow>> {
    if !world.warehouse().capabilities().lists_orders {
        return None;
    }
    let mut rows = BTreeMap::new();
    let mut page: Option<String> = None;
    for _ in 0..100 {
        let listing = world.warehouse().list(page.as_deref()).await;
        let listing = listing.expect("it can be listed");
        for row in listing.rows {
            if let Some(known) = rows.insert(row.reference.clone(), row.clone()) {
                assert_eq!(known, row, "one reference, two orders");
            }
        }
        page = listing.next;
        if page.is_none() {
            return Some(rows);
        }
    }
    panic!("the pages of the list do not come to an end");
}

pub async fn every_order_is_listed_and_live(world: &dyn WarehouseWorld) {
    let mut references = Vec::new();
    for number in 0..12 {
        references.push(handed_over(world, &format!("order {number}")).await.0);
    }
    let Some(rows) = listed(world).await else {
        return;
    };
    assert_eq!(rows.len(), references.len());
    for reference in &references {
        assert!(rows[reference].live, "{reference:?}");
    }
}

pub async fn an_empty_warehouse_lists_nothing(world: &dyn WarehouseWorld) {
    let Some(rows) = listed(world).await else {
        return;
    };
    assert!(rows.is_empty());
}

pub async fn a_row_says_what_the_order_holds(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    let Some(rows) = listed(world).await else {
        return;
    };
    if let Some(contents) = &rows[&reference].contents {
        assert_eq!(contents.differences(&order), Vec::<String>::new());
        let mut other = Draft::of(world);
        other.lines[0].2 = 7;
        if !contents.lines.is_empty() {
            assert!(!contents.differences(&other.order()).is_empty());
        }
    }
}

pub async fn a_row_has_the_id_of_the_handing_over(world: &dyn WarehouseWorld) {
    let (reference, order) = (reference("a"), Draft::of(world).order());
    let answer = submitted(world.warehouse(), &reference, &order).await;
    world.take_in().await;
    let Some(rows) = listed(world).await else {
        return;
    };
    if let (
        Submission::Accepted {
            warehouse_id: Some(id),
            ..
        },
        Some(there),
    ) = (answer, &rows[&reference].warehouse_id)
    {
        assert_eq!(*there, id);
    }
}

pub async fn what_left_is_still_listed(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    super::fixtures::all_of_it_leaves(world, &reference).await;
    let Some(rows) = listed(world).await else {
        return;
    };
    assert!(rows[&reference].live, "it is not cancelled");
}

pub async fn a_cancelled_order_is_not_live(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    if decided_cancellation(world, &reference).await != Some(ChangeAnswer::Accepted) {
        return;
    }
    let Some(rows) = listed(world).await else {
        return;
    };
    assert!(rows.get(&reference).is_none_or(|row| !row.live));
}

pub async fn listing_changes_nothing_and_may_be_broken_off(world: &dyn WarehouseWorld) {
    handed_over(world, "a").await;
    let Some(before) = listed(world).await else {
        return;
    };
    broken_off(world.warehouse().list(None));
    assert_eq!(listed(world).await, Some(before));
}
