//! The same clients against the simulated carrier, which was written from the same facts by itself.

use super::*;
use connector_sim::{
    DEMO_CARRIER_ACCOUNT, DEMO_CARRIER_PASSWORD, DEMO_CARRIER_USER, DEMO_TRACKING_CODE, Fault,
    FaultKind, TrackingSwitches, WhistlOptions, WhistlSim,
};
use http::Method;
use whistl_client::shipping::{LabelFormat, LabelRequest, LabelSize};
use whistl_client::tracking::{ParcelStage, TrackingResult};

async fn both() -> (WhistlSim, Shipping, Tracking) {
    let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
    let base = format!("{}/1.0/", warehouse.base_url());
    let shipping = Shipping::builder(
        base,
        DEMO_CARRIER_ACCOUNT,
        DEMO_CARRIER_USER,
        DEMO_CARRIER_PASSWORD,
        "tests",
    );
    let base = format!("{}/v1/trackingservice/", warehouse.base_url());
    let tracking = Tracking::builder(base, DEMO_CARRIER_ACCOUNT, DEMO_TRACKING_CODE, "tests");
    (
        warehouse,
        shipping.with_retry_policy(retry()).build().unwrap(),
        tracking.with_retry_policy(retry()).build().unwrap(),
    )
}

#[tokio::test]
async fn a_consignment_from_the_label_to_the_door() {
    let (warehouse, shipping, tracking) = both().await;
    let mut new = shipment();
    new.service = None;
    let offer = shipping.services_for(&new).await.unwrap();
    assert!(!offer.unsuitable.is_empty());
    new.service = Some(offer.suitable[0].ids);
    for format in [
        LabelFormat::Pdf,
        LabelFormat::Png,
        LabelFormat::Zpl,
        LabelFormat::Epl,
    ] {
        new.reference1 = format!("SO-{}", format.as_str());
        let wanted = LabelRequest::new(format, LabelSize::Six);
        let made = shipping.create_unless_there(&new, wanted).await.unwrap();
        assert!(made.is_new());
        let label = made.shipment().labels().next().unwrap();
        assert_eq!(label.format, format);
        assert!(label.is_what_it_says(), "{format:?}");
        let again = shipping.create_unless_there(&new, wanted).await.unwrap();
        assert_eq!(
            (again.is_new(), again.shipment().id),
            (false, made.shipment().id)
        );
    }
    assert_eq!(
        warehouse.shipments().len(),
        4,
        "one each, however often it was asked for"
    );

    let made = shipping.find("SO-PDF").await.unwrap().remove(0);
    let number = made.follow_by().unwrap();
    for _ in 0..3 {
        warehouse.tick_tracking();
    }
    let mut switches = TrackingSwitches::default();
    switches.illegal_reference = true;
    warehouse.set_tracking_switches(switches);
    let history = tracking.history(number).await.unwrap();
    let stages: Vec<_> = history.events().iter().map(|event| event.stage).collect();
    assert_eq!(
        stages,
        [
            ParcelStage::InTransit,
            ParcelStage::InTransit,
            ParcelStage::Delivered
        ]
    );
    let latest = tracking.latest(&[number, "nobody"]).await.unwrap();
    assert!(
        latest
            .iter()
            .any(|(_, result)| matches!(result, TrackingResult::NotFound(_)))
    );
    let found = tracking.search("SO-PDF").await.unwrap();
    assert_eq!(found[0].reference1.as_deref(), Some("SO-PDF"));

    assert!(shipping.delete(made.id).await.unwrap());
    assert!(!shipping.delete(made.id).await.unwrap());
    assert!(
        shipping
            .find("SO-PDF")
            .await
            .unwrap()
            .iter()
            .all(|one| one.deleted)
    );
}

#[tokio::test]
async fn a_lost_answer_makes_one_label() {
    let (warehouse, shipping, _) = both().await;
    let fault = Fault::on(
        Method::POST,
        "/1.0/Shipment",
        FaultKind::LoseReplyAfterApplying,
    );
    warehouse.faults().arm(fault);
    let made = shipping
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap();
    assert!(!made.is_new(), "found after its answer was lost");
    assert_eq!(warehouse.shipments().len(), 1);

    let fault = Fault::on(
        Method::POST,
        "/1.0/Shipment",
        FaultKind::LoseReplyBeforeApplying,
    );
    warehouse.faults().arm(fault);
    let mut second = shipment();
    second.reference1 = "SO10002".to_owned();
    let error = shipping
        .create_unless_there(&second, LabelRequest::default())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous());
    assert!(
        shipping
            .create_unless_there(&second, LabelRequest::default())
            .await
            .unwrap()
            .is_new()
    );
    assert_eq!(warehouse.shipments().len(), 2);
}
