//! The cases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{ChangeWindow, PortError, SourceCopy, SourceRow};

use super::OrderSourceWorld;
use crate::broken_off::broken_off;

/// More pages than any case has.
const PAGES: usize = 100;

async fn now(world: &dyn OrderSourceWorld) -> DateTime<Utc> {
    world
        .source()
        .server_time()
        .await
        .expect("the source tells its time")
}

async fn pass(world: &dyn OrderSourceWorld, seconds: u64) {
    world.pass(Duration::from_secs(seconds)).await;
}

/// The pages of a window from one of them on.
async fn pages(
    world: &dyn OrderSourceWorld,
    window: ChangeWindow,
    from: Option<String>,
) -> Result<Vec<SourceRow>, PortError> {
    let mut rows = Vec::new();
    let mut page = from;
    for _ in 0..PAGES {
        let answer = world.source().changed(window, page.as_deref()).await?;
        rows.extend(answer.rows);
        page = answer.next;
        if page.is_none() {
            return Ok(rows);
        }
    }
    panic!("the pages do not come to an end");
}

async fn listed(
    world: &dyn OrderSourceWorld,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<SourceRow> {
    let rows = pages(world, ChangeWindow::new(from, until), None).await;
    rows.expect("a window can be listed")
}

fn ids(rows: &[SourceRow]) -> BTreeSet<SourceOrderId> {
    rows.iter().map(|row| row.id.clone()).collect()
}

fn versions(rows: &[SourceRow]) -> BTreeMap<SourceOrderId, Option<String>> {
    rows.iter()
        .map(|row| (row.id.clone(), row.version.clone()))
        .collect()
}

async fn fetched(world: &dyn OrderSourceWorld, id: &SourceOrderId) -> SourceCopy {
    let copy = world
        .source()
        .fetch(id)
        .await
        .expect("the order can be read");
    copy.expect("the shop has it")
}

/// So many orders, and the window in which they were placed.
async fn placed(
    world: &dyn OrderSourceWorld,
    count: usize,
) -> (BTreeSet<SourceOrderId>, ChangeWindow) {
    let from = now(world).await;
    let mut orders = BTreeSet::new();
    for _ in 0..count {
        orders.insert(world.place().await);
    }
    assert_eq!(orders.len(), count, "every order has an id of its own");
    (orders, ChangeWindow::new(from, now(world).await))
}

pub async fn its_time_goes_on(world: &dyn OrderSourceWorld) {
    let before = now(world).await;
    pass(world, 60).await;
    let after = now(world).await;
    assert!((after - before).num_seconds() >= 60, "{before} .. {after}");
}

pub async fn a_new_order_is_listed(world: &dyn OrderSourceWorld) {
    let before = now(world).await;
    pass(world, 5).await;
    let id = world.place().await;
    pass(world, 5).await;
    assert!(ids(&listed(world, before, now(world).await).await).contains(&id));
}

pub async fn both_ends_of_a_window_count(world: &dyn OrderSourceWorld) {
    pass(world, 60).await;
    let id = world.place().await;
    let moment = now(world).await;
    pass(world, 60).await;
    let later = now(world).await;
    let earlier = moment - chrono::Duration::seconds(60);
    for (from, until) in [(moment, later), (earlier, moment), (moment, moment)] {
        let rows = listed(world, from, until).await;
        assert!(
            ids(&rows).contains(&id),
            "changed at {moment}, not in {from} .. {until}"
        );
    }
}

pub async fn a_changed_order_is_listed_in_the_window_of_its_change(world: &dyn OrderSourceWorld) {
    let id = world.place().await;
    pass(world, 3600).await;
    let before = now(world).await;
    pass(world, 5).await;
    world.change(&id).await;
    pass(world, 5).await;
    assert!(ids(&listed(world, before, now(world).await).await).contains(&id));
}

pub async fn a_window_without_orders_comes_to_an_end(world: &dyn OrderSourceWorld) {
    let now = now(world).await;
    let day = chrono::Duration::days(1);
    listed(world, now - day * 3, now - day * 2).await;
}

pub async fn many_orders_are_listed_to_the_last_page(world: &dyn OrderSourceWorld) {
    let (orders, window) = placed(world, world.orders_of_two_pages() + 1).await;
    let first = world
        .source()
        .changed(window, None)
        .await
        .expect("a window can be listed");
    assert!(first.next.is_some(), "so many orders have a second page");
    assert_eq!(ids(&listed(world, window.from, window.until).await), orders);
}

pub async fn a_page_may_be_asked_for_again(world: &dyn OrderSourceWorld) {
    let (_, window) = placed(world, world.orders_of_two_pages()).await;
    let ask = async |page: Option<&str>| {
        let answer = world.source().changed(window, page).await;
        answer.expect("a page can be asked for at any time")
    };
    let first = ask(None).await;
    let second = ask(first.next.as_deref()).await;
    assert_eq!(
        ids(&ask(first.next.as_deref()).await.rows),
        ids(&second.rows)
    );
    assert_eq!(ids(&ask(None).await.rows), ids(&first.rows));
}

pub async fn an_order_that_changes_between_two_pages_hides_no_other(world: &dyn OrderSourceWorld) {
    let (orders, window) = placed(world, world.orders_of_two_pages() + 1).await;
    pass(world, 60).await;
    let first = world
        .source()
        .changed(window, None)
        .await
        .expect("a window can be listed");
    let moved = first.rows[0].id.clone();
    world.change(&moved).await;
    let mut seen = ids(&first.rows);
    match pages(world, window, first.next).await {
        Ok(rows) => seen.extend(ids(&rows)),
        // It noticed, and the window is read again in the next run.
        Err(_) => seen = ids(&listed(world, window.from, window.until).await),
    }
    seen.insert(moved.clone());
    assert_eq!(seen, orders, "the change of one order hid another");
    let next = listed(world, window.until, now(world).await).await;
    assert!(ids(&next).contains(&moved), "it is in no window any more");
}

pub async fn a_foreign_page_is_not_taken_for_the_last(world: &dyn OrderSourceWorld) {
    let (orders, window) = placed(world, 2).await;
    // An error says so; else it lists from the beginning. An empty last page would pass the window over.
    if let Ok(rows) = pages(world, window, Some("a page of another list".to_owned())).await {
        assert_eq!(ids(&rows), orders);
    }
}

pub async fn a_fetched_order_is_the_one_that_was_asked_for(world: &dyn OrderSourceWorld) {
    for _ in 0..3 {
        let id = world.place().await;
        let copy = fetched(world, &id).await;
        assert_eq!(copy.order.id, id);
        assert!(!copy.order.lines.is_empty());
    }
}

pub async fn what_is_fetched_is_as_it_is_now(world: &dyn OrderSourceWorld) {
    let id = world.place().await;
    let before = fetched(world, &id).await;
    pass(world, 5).await;
    world.change(&id).await;
    let after = fetched(world, &id).await;
    assert_ne!(before.order.content_digest(), after.order.content_digest());
    pass(world, 5).await;
    let again = fetched(world, &id).await;
    assert_eq!(after.order.content_digest(), again.order.content_digest());
}

pub async fn what_it_does_not_have_is_none(world: &dyn OrderSourceWorld) {
    world.place().await;
    let answer = world.source().fetch(&world.unknown_id()).await;
    assert_eq!(answer.expect("that is an answer"), None);
}

pub async fn a_change_brings_another_version(world: &dyn OrderSourceWorld) {
    let start = now(world).await;
    let id = world.place().await;
    pass(world, 5).await;
    let before = versions(&listed(world, start, now(world).await).await)[&id].clone();
    world.change(&id).await;
    pass(world, 5).await;
    let after = versions(&listed(world, start, now(world).await).await)[&id].clone();
    // What has no version is fetched in any case.
    assert!(
        before.is_none() || before != after,
        "the change would never be fetched"
    );
}

pub async fn row_and_order_have_the_same_version(world: &dyn OrderSourceWorld) {
    let start = now(world).await;
    let id = world.place().await;
    pass(world, 5).await;
    let row = versions(&listed(world, start, now(world).await).await)[&id].clone();
    let copy = fetched(world, &id).await;
    if let (Some(row), Some(copy)) = (row, copy.version) {
        assert_eq!(row, copy, "every reading would fetch it again");
    }
}

pub async fn reading_changes_nothing_and_may_be_broken_off(world: &dyn OrderSourceWorld) {
    let (orders, window) = placed(world, 3).await;
    let before = versions(&listed(world, window.from, window.until).await);
    pass(world, 5).await;
    for id in &orders {
        broken_off(world.source().fetch(id));
        fetched(world, id).await;
    }
    broken_off(world.source().server_time());
    broken_off(world.source().changed(window, None));
    assert_eq!(
        versions(&listed(world, window.from, window.until).await),
        before
    );
}
