//! Article codes: any spelling crosses and comes back, and codes that meet are refused.

use end_to_end::{LOCATION, PurchaseDraft, Setup, World};
use order_mapping::{Owner, SkuAlias, SourceSku};
use order_sync::{Flow, OrderState, codes};

#[tokio::test]
async fn codes_in_any_spelling_cross_and_stock_comes_back_to_the_shops_spelling() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).lines(&[
        ("MUG-01", 4),
        ("TEA POT", 1),
        ("CUP/RED", 12),
        ("PLATE", 2),
    ]);
    world.put(&order);
    world.settle().await;

    let accepted = world.assert_accepted(&order).await;
    let lines: Vec<(&str, u32)> = accepted
        .lines
        .iter()
        .map(|line| (line.sku.as_str(), line.ordered))
        .collect();
    assert_eq!(
        lines,
        [("MUG01", 4), ("TEAPOT", 1), ("CUPRED", 12), ("PLATE", 2)]
    );

    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    world.complete(Flow::Stock).await;
    for (sku, level) in [
        ("MUG-01", 996),
        ("TEA POT", 999),
        ("CUP/RED", 988),
        ("PLATE", 998),
    ] {
        assert_eq!(world.shop.stock_level(LOCATION, sku), Some(level), "{sku}");
    }
    let spellings = world.shop.stock_levels().len();
    assert_eq!(
        spellings, 4,
        "a level was written under the warehouse's spelling too"
    );
}

#[tokio::test]
async fn codes_that_meet_are_both_held_until_declared() {
    let mut world =
        World::of(Setup::default().with_articles(&[("Lamp1", "LAMP1"), ("lamp1", "LAMP1")])).await;
    let upper = PurchaseDraft::new(1001).lines(&[("Lamp1", 1)]);
    let lower = PurchaseDraft::new(1002).lines(&[("lamp1", 2)]);
    let sound = PurchaseDraft::new(1003);
    for order in [&upper, &lower, &sound] {
        world.put(order);
    }
    world.settle().await;

    for order in [&upper, &lower] {
        assert_eq!(world.state(order).await, OrderState::Held);
        assert_eq!(world.at_warehouse(order), []);
        let reasons = world.record(order).await.reasons;
        assert!(
            reasons
                .iter()
                .any(|reason| reason.message.contains("not sent until declared")),
            "the order does not say why its article is not mapped: {reasons:?}"
        );
    }
    world.assert_accepted(&sound).await;
    let collisions = world.open_exceptions("SKU_COLLISION").await;
    let named = |exception: &order_sync::Exception| {
        exception.finding.detail.contains("Lamp1") && exception.finding.detail.contains("lamp1")
    };
    assert!(
        collisions.iter().any(named),
        "no exception names both codes: {collisions:?}"
    );
    assert_eq!(
        codes::info("SKU_COLLISION")
            .expect("a catalogued code")
            .owner,
        Owner::Merchandising
    );

    world.reopen_with(|setup| {
        setup.overrides.aliases.push(SkuAlias {
            alias: SourceSku::new("lamp1"),
            canonical: SourceSku::new("Lamp1"),
        });
    });
    world.settle().await;
    for order in [&upper, &lower] {
        assert_eq!(world.assert_accepted(order).await.lines[0].sku, "LAMP1");
    }
    assert_eq!(world.open_exceptions("SKU_COLLISION").await, []);
    assert!(!world.alerts.closed("SKU_COLLISION").is_empty());
}

#[tokio::test]
async fn a_code_outside_ascii_is_held() {
    let mut setup = Setup::default();
    setup
        .catalogue
        .push(order_mapping::CatalogueItem::new("M\u{dc}SLI", None));
    let world = World::of(setup).await;
    let order = PurchaseDraft::new(1001).lines(&[("M\u{dc}SLI", 1), ("PLATE", 1)]);
    world.put(&order);
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Held);
    assert_eq!(
        world.warehouse.orders(),
        [],
        "the order was sent without its line"
    );
    assert_eq!(world.open_exceptions("SKU_NON_ASCII").await.len(), 1);
}
