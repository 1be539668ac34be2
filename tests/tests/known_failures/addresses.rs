//! Addresses: checked before they leave, with every defect at once.

use end_to_end::{PurchaseDraft, World};
use order_mapping::Code;
use serde_json::Value;

#[tokio::test]
async fn an_address_is_checked_before_it_leaves() {
    let world = World::start().await;
    let long_word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
    let held = [
        (
            PurchaseDraft::new(1001).ship_to("postal_code", "RG1 1A"),
            Code::PostcodeShape,
        ),
        (
            PurchaseDraft::new(1002).ship_to("postal_code", "ZA1 1AA"),
            Code::PostcodeArea,
        ),
        (
            PurchaseDraft::new(1003).ship_to("country_code", "Atlantis"),
            Code::CountryUnknown,
        ),
        (
            PurchaseDraft::new(1010)
                .option("European Delivery")
                .ship_to("country_code", "FR")
                .ship_to("phone", "+44 20 7946 0110"),
            Code::CountryPostcodeMismatch,
        ),
        (
            PurchaseDraft::new(1004).ship_to("address_line1", long_word),
            Code::AddressLineTooLong,
        ),
        (
            PurchaseDraft::new(1005).ship_to("city", Value::Null),
            Code::AddressMissingPart,
        ),
        (
            PurchaseDraft::new(1006).ship_to("postal_code", "BT1 1AA"),
            Code::NiDataRequired,
        ),
    ];
    let ireland = PurchaseDraft::new(1007)
        .option("European Delivery")
        .ship_to("country_code", "EIRE")
        .ship_to("city", "Dublin")
        .ship_to("postal_code", "D02 X285")
        .ship_to("phone", "+44 20 7946 0107");
    let untidy = PurchaseDraft::new(1008).ship_to("postal_code", "rg11aa");
    let reflowed = PurchaseDraft::new(1009).ship_to(
        "address_line1",
        "Unit 12 Example Trading Estate North Example Street",
    );
    for order in held
        .iter()
        .map(|(order, _)| order)
        .chain([&ireland, &untidy, &reflowed])
    {
        world.put(order);
    }
    world.settle().await;

    for (order, code) in &held {
        world.assert_held(order, &[code.id()]).await;
    }
    let document = world.assert_accepted(&ireland).await.document();
    assert_eq!(document["recipient"]["country"], "IE");
    assert_eq!(document["serviceCode"], "WHI_INT");
    let document = world.assert_accepted(&untidy).await.document();
    assert_eq!(document["recipient"]["postcode"], "RG1 1AA");
    let recipient = world.assert_accepted(&reflowed).await.document()["recipient"].clone();
    let (line1, line2) = (
        recipient["line1"].as_str().unwrap(),
        recipient["line2"].as_str().unwrap(),
    );
    assert_eq!(
        format!("{line1} {line2}"),
        "Unit 12 Example Trading Estate North Example Street"
    );
    assert!(line1.len() <= 35 && line2.len() <= 35);
}

#[tokio::test]
async fn every_defect_of_an_order_is_reported_at_once() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001)
        .option("Saturday Pallet")
        .ship_to("postal_code", "nowhere")
        .ship_to("phone", Value::Null)
        .bill_to("phone", Value::Null)
        .set("/customer_reference", "")
        .lines(&[("NO-SUCH", 1)]);
    world.put(&order);
    world.settle().await;
    let mut codes = world.codes(&order).await;
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "PHONE_MISSING",
            "POSTCODE_SHAPE",
            "PO_MISSING",
            "SHIP_UNMAPPED",
            "SKU_UNMAPPED"
        ]
    );
    let personal = format!("{:?}", world.record(&order).await);
    for text in ["Goods In", "12 Example Street", "nowhere"] {
        assert!(!personal.contains(text), "the record holds {text}");
    }
}
