//! Goods that come back to the service.

use order_sync::{Clock as _, Flow, OrderState};

use crate::world::accepted;

#[tokio::test]
async fn what_came_back_is_on_record_once_before_people_and_on_sale_again() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.relay_and_prove().await;
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 94);

    let now = world.clock.now();
    world
        .service
        .floor(|floor| floor.take_back("R1", &reference, "85123A", 2, now));
    world.run(Flow::Despatches).await;
    let told = world.explain(&id).await;
    assert_eq!(told.record.state, OrderState::Closed, "it stays delivered");
    assert_eq!(told.returns.len(), 1);
    assert_eq!(
        (told.returns[0].id.as_str(), told.returns[0].units()),
        ("R1", 2)
    );
    assert_eq!(world.open_codes().await, ["GOODS_RETURNED"]);
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 96);

    assert_eq!(world.run(Flow::Despatches).await.changes(), 0);
    assert_eq!(world.explain(&id).await.returns.len(), 1);
    assert_eq!(world.shop.sale(&id).tracking(), ["P1-T"]);
}
