//! The cases.

use order_mapping::{LineQuantity, Parcel, SourceOrderId, TrackingNumber};
use order_sync::RelayOutcome;

use super::{DespatchSinkWorld, PlacedOrder};
use crate::broken_off::broken_off;

/// A parcel with one unit of each line and a number made of its name.
fn parcel(order: &PlacedOrder, name: &str) -> Parcel {
    let mut parcel = Parcel::new(format!("parcel-{name}"));
    parcel.carrier = Some("Whistl".to_owned());
    parcel.tracking = Some(TrackingNumber::new(number(name)));
    parcel.contents = order
        .lines
        .iter()
        .map(|line| LineQuantity::of_line(line.clone(), 1))
        .collect();
    parcel
}

fn number(name: &str) -> String {
    format!("WHLKIT{name}")
}

async fn relayed(
    world: &dyn DespatchSinkWorld,
    order: &PlacedOrder,
    parcels: &[Parcel],
) -> RelayOutcome {
    let outcome = world.sink().relay(&order.id, parcels).await;
    let outcome = outcome.expect("sound parcels are taken");
    assert_eq!(
        outcome.lost,
        Vec::<String>::new(),
        "nothing was lost on the way"
    );
    assert_eq!(
        outcome.refused,
        Vec::<String>::new(),
        "sound parcels are taken"
    );
    assert_eq!(sorted(outcome.visible.clone()), ids(parcels), "{outcome:?}");
    outcome
}

fn ids(parcels: &[Parcel]) -> Vec<String> {
    sorted(parcels.iter().map(|parcel| parcel.id.clone()).collect())
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

/// What the buyer sees is this, each once.
async fn assert_seen(world: &dyn DespatchSinkWorld, order: &SourceOrderId, names: &[&str]) {
    let wanted = names.iter().map(|name| number(name)).collect();
    assert_eq!(sorted(world.seen(order).await), sorted(wanted));
}

async fn visible(
    world: &dyn DespatchSinkWorld,
    order: &PlacedOrder,
    parcels: &[Parcel],
) -> Vec<String> {
    let visible = world.sink().visible(&order.id, parcels).await;
    sorted(visible.expect("the record can be read"))
}

pub async fn nothing_is_visible_before_it_is_written(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1")];
    assert!(visible(world, &order, &parcels).await.is_empty());
}

pub async fn a_relayed_parcel_is_what_the_buyer_sees(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1")];
    let outcome = relayed(world, &order, &parcels).await;
    assert!(outcome.written);
    assert_seen(world, &order.id, &["1"]).await;
    assert_eq!(visible(world, &order, &parcels).await, ids(&parcels));
}

pub async fn relayed_again_it_is_there_once_and_nothing_is_written(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1"), parcel(&order, "2")];
    relayed(world, &order, &parcels).await;
    let writes = world.writes().await;
    for _ in 0..2 {
        assert!(!relayed(world, &order, &parcels).await.written);
    }
    assert_eq!(world.writes().await, writes);
    assert_seen(world, &order.id, &["1", "2"]).await;
}

pub async fn every_parcel_of_a_call_is_seen(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = ["1", "2", "3", "4"].map(|name| parcel(&order, name));
    relayed(world, &order, &parcels).await;
    assert_seen(world, &order.id, &["1", "2", "3", "4"]).await;
}

pub async fn a_later_parcel_joins_the_earlier_ones(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let [first, second] = ["1", "2"].map(|name| parcel(&order, name));
    relayed(world, &order, std::slice::from_ref(&first)).await;
    let outcome = relayed(world, &order, &[first, second]).await;
    assert!(outcome.written);
    assert_seen(world, &order.id, &["1", "2"]).await;
}

pub async fn a_later_parcel_alone_leaves_the_earlier_ones(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let [first, second] = ["1", "2"].map(|name| parcel(&order, name));
    relayed(world, &order, &[first]).await;
    relayed(world, &order, &[second]).await;
    assert_seen(world, &order.id, &["1", "2"]).await;
}

pub async fn what_others_put_there_stays(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    world.add_by_hand(&order.id, &number("9")).await;
    relayed(world, &order, &[parcel(&order, "1")]).await;
    assert_seen(world, &order.id, &["1", "9"]).await;
}

pub async fn a_number_that_others_put_there_is_not_there_twice(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    world.add_by_hand(&order.id, &number("1")).await;
    relayed(world, &order, &[parcel(&order, "1"), parcel(&order, "2")]).await;
    assert_seen(world, &order.id, &["1", "2"]).await;
}

pub async fn what_is_visible_is_read_afresh(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1")];
    relayed(world, &order, &parcels).await;
    if world.overwrite(&order.id).await {
        assert!(
            visible(world, &order, &parcels).await.is_empty(),
            "from memory"
        );
    }
}

pub async fn what_was_overwritten_is_written_again(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1"), parcel(&order, "2")];
    relayed(world, &order, &parcels).await;
    if world.overwrite(&order.id).await {
        assert!(relayed(world, &order, &parcels).await.written);
        assert_seen(world, &order.id, &["1", "2"]).await;
    }
}

pub async fn a_parcel_without_a_number_is_visible_once_it_is_relayed(
    world: &dyn DespatchSinkWorld,
) {
    let order = world.place().await;
    let mut bare = parcel(&order, "1");
    bare.tracking = None;
    let parcels = [bare, parcel(&order, "2")];
    relayed(world, &order, &parcels).await;
    assert_eq!(visible(world, &order, &parcels).await, ids(&parcels));
    let writes = world.writes().await;
    relayed(world, &order, &parcels).await;
    assert_eq!(world.writes().await, writes);
}

pub async fn orders_are_told_apart(world: &dyn DespatchSinkWorld) {
    let (one, other) = (world.place().await, world.place().await);
    relayed(world, &one, &[parcel(&one, "1")]).await;
    assert_seen(world, &other.id, &[]).await;
    assert!(
        visible(world, &other, &[parcel(&other, "1")])
            .await
            .is_empty()
    );
}

pub async fn an_order_that_it_does_not_have_takes_no_parcel(world: &dyn DespatchSinkWorld) {
    let mut order = world.place().await;
    order.id = SourceOrderId::new("00000000-0000-4000-8000-999999999999");
    let parcels = [parcel(&order, "1")];
    let writes = world.writes().await;
    let outcome = world.sink().relay(&order.id, &parcels).await;
    assert!(
        outcome
            .as_ref()
            .is_ok_and(|outcome| outcome.visible.is_empty())
            || outcome.is_err(),
        "{outcome:?}"
    );
    let visible = world.sink().visible(&order.id, &parcels).await;
    assert!(visible.is_err() || visible.is_ok_and(|visible| visible.is_empty()));
    assert_eq!(world.writes().await, writes);
}

pub async fn a_refused_parcel_is_not_visible(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    if !world.refuse_parcels(&order.id).await {
        return;
    }
    let parcels = [parcel(&order, "1")];
    if let Ok(outcome) = world.sink().relay(&order.id, &parcels).await {
        assert_eq!(outcome.refused.len(), 1, "{outcome:?}");
        assert!(outcome.visible.is_empty());
    }
    assert!(visible(world, &order, &parcels).await.is_empty());
    assert_seen(world, &order.id, &[]).await;
}

pub async fn without_parcels_nothing_is_written(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let writes = world.writes().await;
    assert!(!relayed(world, &order, &[]).await.written);
    assert_eq!(world.writes().await, writes);
}

pub async fn a_call_that_was_never_polled_has_written_nothing(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let writes = world.writes().await;
    drop(world.sink().relay(&order.id, &[parcel(&order, "1")]));
    assert_eq!(world.writes().await, writes);
    assert_seen(world, &order.id, &[]).await;
}

pub async fn a_call_that_was_broken_off_is_made_again(world: &dyn DespatchSinkWorld) {
    let order = world.place().await;
    let parcels = [parcel(&order, "1"), parcel(&order, "2")];
    broken_off(world.sink().relay(&order.id, &parcels));
    broken_off(world.sink().visible(&order.id, &parcels));
    relayed(world, &order, &parcels).await;
    assert_seen(world, &order.id, &["1", "2"]).await;
}
