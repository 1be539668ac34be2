//! Answers that mean harm end in an error, in bounded time and memory.

use std::time::Instant;

use proptest::prelude::*;
use whistl_client::shipping::Shipment;
use whistl_client::tracking::{TrackingHistory, TrackingProfile};

use super::*;

/// Documents that are small on the wire and large in the head, and others that never end.
fn attacks() -> Vec<(&'static str, String)> {
    let bomb = (0..30).fold(
        String::from("<!DOCTYPE b [<!ENTITY a0 \"x\">"),
        |text, n| text + &format!("<!ENTITY a{} \"&a{n};&a{n};\">", n + 1),
    );
    vec![
        ("bomb", bomb + "]><Shipment>&a30;</Shipment>"),
        (
            "outside",
            "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><Shipment>&f;</Shipment>"
                .to_owned(),
        ),
        ("deep", "<a>".repeat(200_000)),
        (
            "many",
            format!(
                "<ArrayOfShipment>{}</ArrayOfShipment>",
                "<a/>".repeat(2_100_000)
            ),
        ),
        (
            "attributes",
            format!(
                "<a {}/>",
                (0..5_000)
                    .map(|n| format!("a{n}=\"\" "))
                    .collect::<String>()
            ),
        ),
        ("unfinished", "<ArrayOfShipment><Shipment>".to_owned()),
        ("nothing", String::new()),
        ("bytes", "\u{0}\u{1}\u{2}".to_owned()),
    ]
}

fn refused(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Decode | ErrorKind::BodyTooLarge)
}

#[tokio::test]
async fn hostile_answers_are_errors() {
    for (name, body) in attacks() {
        let server = carrier().await;
        Mock::given(path("/1.0/Shipment"))
            .respond_with(xml(200, body.clone()))
            .mount(&server)
            .await;
        Mock::given(path("/v1/trackingservice/searchshipments"))
            .respond_with(xml(200, body))
            .mount(&server)
            .await;
        let begun = Instant::now();
        let error = builder(server.uri())
            .build()
            .unwrap()
            .list()
            .await
            .unwrap_err();
        assert!(refused(&error), "{name}: {error}");
        let error = tracker(server.uri())
            .build()
            .unwrap()
            .search("x")
            .await
            .unwrap_err();
        assert!(refused(&error), "{name}: {error}");
        // No time limit in a strict sense: it tells a loop without an end from work.
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}");
    }
}

#[test]
fn what_nobody_asked_for_survives() {
    let body = "<s:Shipment xmlns:s=\"urn:x\"><s:ShippingInfo><s:ServiceName>Sample</s:ServiceName><s:Depot>North</s:Depot></s:ShippingInfo>\
                <s:ParcelhubShipmentId>14000000000000017</s:ParcelhubShipmentId><s:Packages><s:Package><s:PackageShippingInfo><s:Van>7</s:Van>\
                </s:PackageShippingInfo></s:Package></s:Packages></s:Shipment>";
    let read = Shipment::from_xml(body.as_bytes()).unwrap();
    assert_eq!(read.id.get(), 14_000_000_000_000_017);
    assert_eq!(read.unknown.text("ShippingInfo/Depot"), Some("North"));
    let package = &read.packages[0].unknown;
    assert_eq!(package.text("PackageShippingInfo/Van"), Some("7"));
    assert!(!format!("{read:?}").contains("North"));
    for end in 0..body.len() {
        assert!(
            Shipment::from_xml(&body.as_bytes()[..end]).is_err(),
            "{end}"
        );
    }
}

#[test]
fn ten_thousand_events_of_one_second_are_read_soon() {
    let begun = Instant::now();
    let history = |events: String| {
        let body = format!(
            "<GetTrackingHistoryResponse><ShipmentTrackingEvents>{events}</ShipmentTrackingEvents></GetTrackingHistoryResponse>"
        );
        TrackingHistory::from_xml(body.as_bytes(), &TrackingProfile::default()).unwrap()
    };
    let event = |what: usize| {
        format!(
            "<TrackingEvent><EventDescription>Canary {what}</EventDescription><EventTimestamp>2026-07-15T06:10:00</EventTimestamp></TrackingEvent>"
        )
    };
    let differing = history((0..10_000).map(event).collect());
    assert_eq!(differing.shipment_events.len(), 10_000);
    assert!(!format!("{differing:?}").contains("Canary"));
    let same = history(event(1).repeat(10_000));
    assert_eq!(same.shipment_events.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

proptest! {
    #[test]
    fn any_text_comes_back(text in "\\PC{1,30}") {
        let escaped: String = text.trim().chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
        let body = format!("<Shipment><ParcelhubShipmentId>1</ParcelhubShipmentId><Reference1>{escaped}</Reference1></Shipment>");
        let read = Shipment::from_xml(body.as_bytes()).unwrap();
        prop_assert_eq!(read.reference1.as_deref().unwrap_or_default(), text.trim());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let shipment = Shipment::from_xml(&bytes).is_ok();
        let history = TrackingHistory::from_xml(&bytes, &TrackingProfile::default()).is_ok();
        prop_assert!(!(shipment && history), "no document is both");
    }
}
