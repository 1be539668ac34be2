//! Phone numbers: normalised, taken along a chain, never invented.

use end_to_end::{PurchaseDraft, World, phone};
use order_mapping::Owner;
use order_sync::codes;
use serde_json::Value;

#[tokio::test]
async fn a_phone_number_is_normalised_taken_along_the_chain_or_held() {
    let world = World::start().await;
    let plain = PurchaseDraft::new(101);
    let international = PurchaseDraft::new(102).ship_to("phone", "+44 (0)20 7946 0102");
    let on_billing = PurchaseDraft::new(103).ship_to("phone", Value::Null);
    let letters = PurchaseDraft::new(104)
        .ship_to("phone", "020 7946 CALL")
        .bill_to("phone", phone(104));
    let nowhere = PurchaseDraft::new(105)
        .ship_to("phone", "")
        .bill_to("phone", Value::Null);
    for order in [&plain, &international, &on_billing, &letters, &nowhere] {
        world.put(order);
    }
    world.settle().await;

    for (order, digits) in [
        (&plain, "442079460101"),
        (&international, "442079460102"),
        (&on_billing, "442079460103"),
        (&letters, "442079460104"),
    ] {
        let document = world.assert_accepted(order).await.document();
        assert_eq!(document["recipient"]["phone"], digits, "{}", order.number());
    }
    for order in [&on_billing, &letters] {
        let reasons = world.record(order).await.reasons;
        let note = reasons
            .iter()
            .find(|reason| reason.code == "PHONE_FROM_FALLBACK")
            .expect("its provenance is noted");
        assert!(note.message.contains("billing"), "{}", note.message);
        assert!(!note.message.contains("7946"), "a number stands in a note");
    }
    assert!(
        !world
            .codes(&plain)
            .await
            .contains(&"PHONE_FROM_FALLBACK".to_owned())
    );
    world.assert_held(&nowhere, &["PHONE_MISSING"]).await;
    assert_eq!(
        codes::info("PHONE_MISSING")
            .expect("a catalogued code")
            .owner,
        Owner::CustomerService
    );
    assert_eq!(world.open_exceptions("PHONE_MISSING").await.len(), 1);
}
