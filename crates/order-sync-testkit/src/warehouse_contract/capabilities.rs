//! Capabilities: what the interface can do it does, and what it cannot it refuses as such.

use order_mapping::{AmendField, differences};
use order_sync::{AmendRequest, FailureClass, PortError};

use super::WarehouseWorld;
use super::fixtures::{Draft, handed_over};

/// Whether a call was refused because the interface cannot do it at all.
fn is_unsupported<T>(answer: &Result<T, PortError>) -> bool {
    let refused = answer.as_ref().err().map(PortError::class);
    refused == Some(FailureClass::Unsupported)
}

pub async fn they_stay_the_same(world: &dyn WarehouseWorld) {
    let before = world.warehouse().capabilities();
    handed_over(world, "a").await;
    assert_eq!(world.warehouse().capabilities(), before);
}

pub async fn a_list_is_there_or_unsupported(world: &dyn WarehouseWorld) {
    handed_over(world, "a").await;
    let can = world.warehouse().capabilities().lists_orders;
    let answer = world.warehouse().list(None).await;
    assert_eq!(is_unsupported(&answer), !can, "{answer:?}");
}

pub async fn a_cancellation_is_answered_or_unsupported(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    let can = world.warehouse().capabilities().cancels;
    let answer = world
        .warehouse()
        .cancel(&reference, "request-1", "by the buyer")
        .await;
    assert_eq!(is_unsupported(&answer), !can, "{answer:?}");
    if !can {
        assert_eq!(world.taken(&reference).await.len(), 1, "nothing came of it");
    }
}

pub async fn an_amendment_is_answered_or_unsupported(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    let mut wanted = Draft::of(world);
    wanted.purchase_order = "PO-8";
    let wanted = wanted.order();
    let changes = differences(&order, &wanted);
    let request = AmendRequest::new("request-1", &changes, &wanted);
    let amends = world.warehouse().capabilities().amends;
    // What it has no word for is never asked, unless it has no word for any change.
    if amends.is_empty() || amends.contains(&AmendField::PurchaseOrder) {
        let answer = world.warehouse().amend(&reference, request).await;
        assert_eq!(is_unsupported(&answer), amends.is_empty(), "{answer:?}");
    }
}

pub async fn returns_are_told_or_unsupported(world: &dyn WarehouseWorld) {
    let can = world.warehouse().capabilities().returns;
    let answer = world.warehouse().returns(None).await;
    assert_eq!(is_unsupported(&answer), !can, "{answer:?}");
}
