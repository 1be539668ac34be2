//! Stock: changed levels only, and drift that is listed and repaired.

use std::time::Duration;

use end_to_end::{LOCATION, PurchaseDraft, Setup, World};
use order_mapping::{SkuBuffer, SourceSku};
use order_sync::{Flow, Tally};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn only_changed_levels_are_written_less_buffer_and_orders_in_flight() {
    let mut setup = Setup::default();
    setup.profile.stock.buffer.fixed = 5;
    setup.profile.stock.sku_buffers.push(SkuBuffer {
        sku: SourceSku::new("PLATE"),
        buffer: order_mapping::Buffer {
            fixed: 100,
            ..order_mapping::Buffer::default()
        },
    });
    let world = World::of(setup).await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(995));
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(900));
    let first = world.shop.writes();
    assert_eq!(first.stock_rows, 4);

    // Captured, but not yet at the warehouse: its units are promised all the same.
    world.put(
        &PurchaseDraft::new(1001)
            .on_account()
            .lines(&[("MUG-01", 40)]),
    );
    world.complete(Flow::Orders).await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(955));
    // The warehouse loses some plates.
    world.pass(HOUR);
    world.warehouse.adjust_stock("PLATE", -10).unwrap();
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(890));

    let writes = world.shop.writes();
    assert_eq!(
        writes.stock_rows,
        first.stock_rows + 2,
        "only the two changed levels were written"
    );
    assert_eq!(writes.stock_rows_changed, writes.stock_rows);
    let idle = world.complete(Flow::Stock).await;
    assert_eq!((idle.changes(), world.shop.writes()), (0, writes));
}

#[tokio::test]
async fn an_accepted_order_is_not_taken_off_twice_once_the_feed_knows_it() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).lines(&[("MUG-01", 40)]);
    world.put(&order);
    world.settle().await;
    world.pass(HOUR);
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(960));
    world.tick();
    world.settle().await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(960));
}

#[tokio::test]
async fn drift_is_listed_with_its_units_and_repaired_by_the_corrective() {
    let world = World::start().await;
    world.complete(Flow::Stock).await;
    world.shop.set_stock(LOCATION, "MUG-01", 1058).unwrap();
    world.shop.set_stock(LOCATION, "PLATE", 993).unwrap();

    let delta = world.complete(Flow::Stock).await;
    assert_eq!(
        delta.count(Tally::LevelsPublished),
        0,
        "the delta writes what changed at the warehouse, nothing else"
    );
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    let drift: Vec<(&str, i64, i64, i64)> = audit
        .drift
        .iter()
        .map(|row| (row.sku.as_str(), row.shop, row.expected, row.unexplained))
        .collect();
    assert_eq!(
        drift,
        [("MUG-01", 1058, 1000, 58), ("PLATE", 993, 1000, -7)]
    );
    assert_eq!(audit.levels_compared, 4);
    assert_eq!(world.open_exceptions("STOCK_DRIFT").await.len(), 2);

    let corrective = world.correct_stock().await;
    assert_eq!(corrective.count(Tally::LevelsCorrected), 2);
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(1000));
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(1000));
    assert_eq!(world.shop.writes().stock_rows, 4 + 2);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(audit.drift, []);
    assert_eq!(world.open_exceptions("STOCK_DRIFT").await, []);
}
