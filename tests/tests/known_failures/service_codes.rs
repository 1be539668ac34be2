//! Service codes: a strict table, one alert per option.

use end_to_end::{PurchaseDraft, World};
use order_mapping::ServiceRule;

#[tokio::test]
async fn an_unmapped_option_holds_with_one_alert_and_releases_by_itself() {
    let mut world = World::start().await;
    let orders =
        [1001, 1002, 1003].map(|number| PurchaseDraft::new(number).option("Saturday Pallet"));
    let express = PurchaseDraft::new(1004).option("Express B2B Delivery");
    for order in orders.iter().chain([&express]) {
        world.put(order);
    }
    world.settle().await;
    world.settle().await;

    for order in &orders {
        world.assert_held(order, &["SHIP_UNMAPPED"]).await;
    }
    assert_eq!(
        world.assert_accepted(&express).await.service_code,
        "WHI_EXP"
    );
    let open = world.open_exceptions("SHIP_UNMAPPED").await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(
        open[0].finding.subject.as_str(),
        "shipping-option:Saturday Pallet"
    );
    assert_eq!(open[0].finding.count, 3);
    assert_eq!(
        world.alerts.opened("SHIP_UNMAPPED").len(),
        1,
        "one alert per option, not per order or run"
    );

    world.reopen_with(|setup| {
        setup
            .profile
            .services
            .rules
            .push(ServiceRule::new("Saturday Pallet", "WHI_EXP"))
    });
    world.settle().await;
    for order in &orders {
        assert_eq!(world.assert_accepted(order).await.service_code, "WHI_EXP");
    }
    assert_eq!(world.open_exceptions("SHIP_UNMAPPED").await, []);
    assert_eq!(world.alerts.closed("SHIP_UNMAPPED").len(), 1);
}
