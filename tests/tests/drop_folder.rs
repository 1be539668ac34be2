//! The file route: orders dropped as files, despatches and stock read from files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use end_to_end::{LOCATION, PurchaseDraft, Setup, World};
use order_sync::adapters::{FilesOptions, WhistlFiles};
use order_sync::{FeedKind, Flow, OrderState, StockSource as _, SystemClock, Tally};
use whistl_client::order_files::{DropFolder, FolderLayout, StockMode};

async fn world() -> World {
    let setup = Setup {
        by_files: true,
        ..Setup::default()
    };
    World::of(setup).await
}

fn file_of(world: &World, order: &PurchaseDraft) -> String {
    format!("{}.csv", world.reference(order).as_str())
}

#[tokio::test]
async fn an_order_goes_out_as_a_file_and_its_parcels_come_back() {
    let world = world().await;
    let order = PurchaseDraft::new(1001).lines(&[("MUG-01", 4), ("TEA POT", 1)]);
    world.put(&order);
    let report = world.complete(Flow::Orders).await;
    assert_eq!(report.count(Tally::Queued), 1);
    assert_eq!(world.state(&order).await, OrderState::Queued);
    let file = file_of(&world, &order);
    assert_eq!(
        world.share.waiting(),
        std::slice::from_ref(&file),
        "one order per file, and no leftovers"
    );
    let text = world.share.text(&file);
    for wanted in [
        "MUG01",
        "TEAPOT",
        "442079460001",
        "PO-1001",
        "RG1 1AA",
        "CUSTREF",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing from {text}");
    }

    world.pass(Duration::from_secs(120));
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.state(&order).await,
        OrderState::Queued,
        "it still lies there"
    );
    world.share.take(&file);
    world.pass(Duration::from_secs(120));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&order).await, OrderState::Accepted);

    let reference = world.reference(&order);
    let reference = reference.as_str();
    world.share.export_despatches(
        "desp1.csv",
        &[
            (reference, "MUG01", 3, "WHL1"),
            (reference, "TEAPOT", 1, "WHL1"),
        ],
    );
    world.complete(Flow::Despatches).await;
    assert_eq!(world.state(&order).await, OrderState::PartDespatched);
    assert_eq!(world.tracking_in_shop(&order), ["WHL1"]);
    world
        .share
        .export_despatches("desp2.csv", &[(reference, "MUG01", 1, "WHL2")]);
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(world.tracking_in_shop(&order), ["WHL1", "WHL2"]);
    assert_eq!(world.open_exceptions("DESPATCH_MISMATCH").await, []);
    assert_eq!(world.warehouse.writes().order_posts, 0);
}

#[tokio::test]
async fn a_file_that_the_importer_refuses_parks_its_order_with_the_reason() {
    let world = world().await;
    let refused = PurchaseDraft::new(1001);
    let taken = PurchaseDraft::new(1002);
    for order in [&refused, &taken] {
        world.put(order);
    }
    world.complete(Flow::Orders).await;
    world
        .share
        .refuse(&file_of(&world, &refused), "Part MUG01 is not on file");
    world.share.take(&file_of(&world, &taken));
    world.pass(Duration::from_secs(120));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&taken).await, OrderState::Accepted);
    let record = world.record(&refused).await;
    assert_eq!(record.state, OrderState::Parked);
    assert!(
        record
            .reasons
            .iter()
            .any(|reason| reason.message.contains("Part MUG01 is not on file")),
        "{:?}",
        record.reasons
    );
    assert_eq!(world.open_exceptions("WAREHOUSE_REJECTED").await.len(), 1);
}

#[tokio::test]
async fn nothing_is_dropped_twice() {
    let mut world = world().await;
    let orders = [1001, 1002].map(PurchaseDraft::new);
    for order in &orders {
        world.put(order);
    }
    world.complete(Flow::Orders).await;
    let dropped = world.share.waiting();
    assert_eq!(dropped.len(), 2);
    world.share.take(&dropped[0]);
    for _ in 0..3 {
        world.pass(Duration::from_secs(120));
        world.reopen();
        world.complete(Flow::Orders).await;
        assert_eq!(
            (world.share.waiting().len(), world.share.archived().len()),
            (1, 1)
        );
    }
    // With an empty database as well: waiting and archived files are found by asking.
    world.forget();
    world.complete(Flow::Orders).await;
    assert_eq!(
        (world.share.waiting().len(), world.share.archived().len()),
        (1, 1)
    );
    let counts = world.counts().await;
    assert_eq!(
        (
            counts.get(&OrderState::Queued),
            counts.get(&OrderState::Accepted)
        ),
        (Some(&1), Some(&1))
    );
}

#[tokio::test]
async fn stock_files_become_levels() {
    let world = world().await;
    world
        .share
        .export_stock("stock1.csv", &[("MUG01", 40), ("CUPRED", 7), ("NOSUCH", 3)]);
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(40));
    assert_eq!(world.shop.stock_level(LOCATION, "CUP/RED"), Some(7));
    let unknown = world.open_exceptions("STOCK_UNKNOWN_SKU").await;
    assert_eq!(unknown.len(), 1);
    assert!(
        unknown[0].finding.subject.as_str().contains("NOSUCH"),
        "{unknown:?}"
    );

    world.share.export_stock("stock2.csv", &[("MUG01", 38)]);
    let report = world.complete(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 1);
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(38));
    assert_eq!(world.complete(Flow::Stock).await.changes(), 0);
}

#[tokio::test]
async fn a_share_that_is_not_there_sends_nothing_and_says_so() {
    let world = world().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world.share.unmount();
    world.run(Flow::Orders).await;
    assert_ne!(world.state(&order).await, OrderState::Queued);
    world.share.mount();
    world.pass(Duration::from_secs(60));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&order).await, OrderState::Queued);
    assert_eq!(world.share.waiting(), [file_of(&world, &order)]);
}

/// A full file is a snapshot as old as its oldest row; with a row that cannot be read it takes nothing for sold out.
#[tokio::test]
async fn a_full_stock_file_is_everything_unless_a_row_is_bad() {
    let share = tempfile::tempdir().unwrap();
    let mut layout = FolderLayout::default();
    layout.stock_mode = StockMode::Full;
    layout.stock_columns.as_of = Some("AsOf".to_owned());
    let stock = share.path().join(&layout.stock);
    std::fs::create_dir_all(&stock).unwrap();
    let folder = DropFolder::new(share.path(), layout).unwrap();
    let clock = Arc::new(SystemClock::new());
    let files = WhistlFiles::new(folder, FilesOptions::default(), clock);
    let good = "Part,Qty,AsOf\nMUG01,40,2026-01-31T12:00:00Z\nTEA7,2,2026-01-31T11:59:00Z\n";
    std::fs::write(stock.join("a.csv"), good).unwrap();
    let batch = files.stock(None).await.unwrap();
    let feed = batch.feed.unwrap();
    assert_eq!((feed.kind, feed.rows.len()), (FeedKind::Snapshot, 2));
    assert_eq!(
        feed.as_of,
        "2026-01-31T11:59:00Z".parse::<DateTime<Utc>>().unwrap()
    );

    let bad = format!("{good}CUPRED,seven,2026-01-31T12:00:00Z\n");
    std::fs::write(stock.join("b.csv"), bad).unwrap();
    let batch = files.stock(batch.cursor.as_deref()).await.unwrap();
    assert_eq!(batch.feed.unwrap().kind, FeedKind::Delta);
    assert_eq!(batch.unreadable.len(), 1);
}
