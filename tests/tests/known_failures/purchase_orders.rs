//! Purchase order numbers: verbatim or not at all.

use end_to_end::{PurchaseDraft, World};

#[tokio::test]
async fn a_po_number_arrives_verbatim_or_the_order_is_held() {
    let world = World::start().await;
    let odd = "po/2010-12 #7 \u{2013} Ren\u{e9}'s  shop";
    let verbatim = PurchaseDraft::new(1001).set("/customer_reference", odd);
    let longest = PurchaseDraft::new(1002).set("/customer_reference", "X".repeat(45));
    let twice = PurchaseDraft::new(1003).set("/po_number", "PO-1003");
    let missing = PurchaseDraft::new(1004).set("/customer_reference", "");
    let too_long = PurchaseDraft::new(1005).set("/customer_reference", "X".repeat(46));
    let conflict = PurchaseDraft::new(1006).set("/po_number", "PO-9999");
    for order in [&verbatim, &longest, &twice, &missing, &too_long, &conflict] {
        world.put(order);
    }
    world.settle().await;

    for (order, number) in [
        (&verbatim, odd),
        (&longest, &*"X".repeat(45)),
        (&twice, "PO-1003"),
    ] {
        let document = world.assert_accepted(order).await.document();
        assert_eq!(document["otherrefnum"], number);
    }
    world.assert_held(&missing, &["PO_MISSING"]).await;
    world.assert_held(&too_long, &["PO_TOO_LONG"]).await;
    world.assert_held(&conflict, &["PO_CONFLICT"]).await;
    let sent = world.warehouse.orders();
    assert!(
        sent.iter()
            .all(|order| order.document()["otherrefnum"] != "X".repeat(45)
                || order.reference == world.reference(&longest).as_str())
    );
}
