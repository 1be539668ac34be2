//! The four operations of tracking.

use super::*;
use serde_json::json;
use whistl_client::tracking::{ParcelStage, TrackingProfile, TrackingResult};

const OK: &str = "<ServiceResult><Success>true</Success><ErrorCode>0</ErrorCode><ErrorMessage/><InternalErrorMessage/><HasWarning>false</HasWarning></ServiceResult>";

async fn answer(at: &str, body: String) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(format!("/v1/trackingservice/{at}")))
        .respond_with(xml(200, body))
        .mount(&server)
        .await;
    server
}

fn event(category: &str, at: &str, description: &str) -> String {
    format!(
        "<TrackingEvent><EventCategoryID>{category}</EventCategoryID><EventDescription>{description}</EventDescription><EventSignatory>Goods In</EventSignatory><EventTimestamp>{at}</EventTimestamp><Longitude>-1.5</Longitude><Latitude>53.8</Latitude><CourierTrackingEventCode>X1</CourierTrackingEventCode><Depot>LEEDS</Depot></TrackingEvent>"
    )
}

#[tokio::test]
async fn a_history_is_asked_for_to_the_letter_and_read_in_order() {
    let late = event("1", "2025-07-16T10:00:00", "Delivered&#x10;at the door");
    let early = event("6", "2025-07-15T06:10:00", "Arrived");
    let body = format!(
        "<GetTrackingHistoryResponse><TransactionMessageID>t-1</TransactionMessageID>{OK}<ShipmentKey>1</ShipmentKey><CourierName>Example Courier</CourierName><TrackingNumber>WHL1</TrackingNumber><HasShipmentTracking>false</HasShipmentTracking><ShipmentTrackingEvents/><Packages><Package><TrackingNumber>WHL1</TrackingNumber><PackageTrackingEvents>{late}{early}{late}</PackageTrackingEvents></Package></Packages></GetTrackingHistoryResponse>"
    );
    let server = answer("gettrackinghistory", body).await;
    let history = tracker(server.uri())
        .build()
        .unwrap()
        .history("WHL1")
        .await
        .unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        concat!(
            r#"<?xml version="1.0" encoding="utf-8"?>"#,
            "<GetTrackingHistoryRequest><Authentication><AccountID>L000001</AccountID><AccessCode>code-canary</AccessCode></Authentication>",
            "<TransactionMessageID>t-1</TransactionMessageID><SearchType>ByTrackingNumber</SearchType><SearchTerm>WHL1</SearchTerm></GetTrackingHistoryRequest>"
        )
    );
    assert_eq!(history.courier.as_deref(), Some("Example Courier"));
    let events = &history.packages[0].events;
    let stages: Vec<_> = events
        .iter()
        .map(|event| (event.stage, event.category))
        .collect();
    assert_eq!(
        stages,
        [
            (ParcelStage::Unknown, Some(6)),
            (ParcelStage::Delivered, Some(1))
        ],
        "by time, each once, and what is unknown is kept"
    );
    assert_eq!(events[1].at, "2025-07-16T09:00:00Z".parse().ok());
    assert_eq!(
        events[1]
            .description
            .as_ref()
            .map(|text| text.expose().as_str()),
        Some("Delivered at the door")
    );
    assert_eq!(events[1].unknown.text("Depot"), Some("LEEDS"));
    assert_eq!(events[1].longitude, "-1.5".parse().ok());
    assert_eq!(history.events().len(), 2);
    assert!(
        !format!("{history:?}").contains("Goods In"),
        "who signed is personal"
    );
}

#[tokio::test]
async fn a_failure_inside_a_200_is_an_error() {
    let failed = |code: &str, message: &str| {
        format!(
            "<GetTrackingHistoryResponse><ServiceResult><Success>false</Success><ErrorCode>{code}</ErrorCode><ErrorMessage>{message}</ErrorMessage></ServiceResult></GetTrackingHistoryResponse>"
        )
    };
    let server = answer(
        "gettrackinghistory",
        failed("17", "code-canary is not known"),
    )
    .await;
    let error = tracker(server.uri())
        .build()
        .unwrap()
        .history("WHL1")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::InvalidRequest, 1)
    );
    assert_eq!(error.vendor_errors()[0].code(), Some("17"));
    assert!(!shown(&error).contains("canary"), "{}", shown(&error));

    let mut profile = TrackingProfile::default();
    profile.credential_errors.insert(17);
    let client = tracker(server.uri()).with_profile(profile).build().unwrap();
    assert!(client.history("WHL1").await.unwrap_err().is_auth());
    assert!(!format!("{client:?} {:?}", tracker("http://127.0.0.1:1")).contains("code-canary"));
}

#[tokio::test]
async fn what_is_no_answer_to_the_request_is_told_as_such() {
    for body in [
        "<GetTrackingHistoryResponse><ShipmentKey>1</ShipmentKey></GetTrackingHistoryResponse>"
            .to_owned(),
        format!("<SearchShipmentsResponse>{OK}</SearchShipmentsResponse>"),
        format!(
            "<GetTrackingHistoryResponse><TransactionMessageID>t-99</TransactionMessageID>{OK}</GetTrackingHistoryResponse>"
        ),
        "<html>hello</html>".to_owned(),
        "<GetTrackingHistoryResponse>".to_owned(),
    ] {
        let server = answer("gettrackinghistory", body).await;
        let error = tracker(server.uri())
            .build()
            .unwrap()
            .history("WHL1")
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.is_ambiguous()),
            (ErrorKind::Decode, false),
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_latest_events_of_several_parcels() {
    let known = "<SearchResult><ShipmentKey>1</ShipmentKey><CourierName>C</CourierName><TrackingNumber>A</TrackingNumber><PackageTrackingEvent><EventCategoryID>3</EventCategoryID><EventTimestamp>2025-01-15T06:10:00</EventTimestamp></PackageTrackingEvent><Successful>true</Successful></SearchResult>";
    let quiet = "<SearchResult><TrackingNumber>B</TrackingNumber><PackageTrackingEvent/><Successful>true</Successful></SearchResult>";
    let gone = "<SearchResult><TrackingNumber>C</TrackingNumber><Successful>false</Successful><SearchErrorMessage>no such number</SearchErrorMessage></SearchResult>";
    let body = format!(
        "<GetLatestTrackingEventResponse>{OK}<TrackingResult>{known}{quiet}{gone}</TrackingResult></GetLatestTrackingEventResponse>"
    );
    let server = answer("getlatesttrackingevent", body).await;
    let latest = tracker(server.uri())
        .build()
        .unwrap()
        .latest(&["A", "B", "C"])
        .await
        .unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    assert!(String::from_utf8_lossy(&request.body).contains("<TrackingNumbers><TrackingNumber>A</TrackingNumber><TrackingNumber>B</TrackingNumber><TrackingNumber>C</TrackingNumber></TrackingNumbers>"));
    let TrackingResult::Known(first) = &latest[0].1 else {
        panic!("{latest:?}");
    };
    assert_eq!(first.event.as_ref().unwrap().stage, ParcelStage::InTransit);
    let TrackingResult::Known(second) = &latest[1].1 else {
        panic!("{latest:?}");
    };
    assert_eq!(second.event, None);
    assert_eq!(
        latest[2],
        (
            "C".to_owned(),
            TrackingResult::NotFound(Some("no such number".to_owned()))
        )
    );
}

#[tokio::test]
async fn lists_and_searches_have_one_shape() {
    let shipment = "<Shipment><ShipmentKey>7</ShipmentKey><AccountID>L000001</AccountID><CourierName>C</CourierName><CourierTrackingNumber>EX1</CourierTrackingNumber><EventCategoryID>5</EventCategoryID><EventTimestamp>2025-01-15T06:10:00</EventTimestamp><DeliveryPostcode>ZZ9 9ZZ</DeliveryPostcode><Reference1>SO10001</Reference1><Reference2/><Deleted>false</Deleted></Shipment><Shipment><ShipmentKey>8</ShipmentKey></Shipment>";
    let server = answer("searchshipments", format!("<SearchShipmentsResponse>{OK}<Shipments>{shipment}</Shipments></SearchShipmentsResponse>")).await;
    let found = tracker(server.uri())
        .build()
        .unwrap()
        .search("SO10001")
        .await
        .unwrap();
    assert_eq!(
        (found[0].reference1.as_deref(), found[0].deleted),
        (Some("SO10001"), Some(false))
    );
    assert_eq!(
        found[0].last_event.as_ref().unwrap().stage,
        ParcelStage::Held
    );
    assert_eq!(found[0].unknown.text("DeliveryPostcode"), Some("ZZ9 9ZZ"));
    assert_eq!(found[1].last_event, None);
    assert!(!format!("{found:?}").contains("ZZ9"));

    let server = answer(
        "listshipments",
        format!(
            "<ListShipmentsResponse>{OK}<Shipments>{shipment}</Shipments></ListShipmentsResponse>"
        ),
    )
    .await;
    let profile: TrackingProfile =
        serde_json::from_value(json!({"date_format": "%d/%m/%Y"})).unwrap();
    let client = tracker(server.uri()).with_profile(profile).build().unwrap();
    let day = |text: &str| format!("{text}T00:00:00").parse().unwrap();
    assert_eq!(
        client
            .list(day("2025-01-15"), day("2025-01-16"))
            .await
            .unwrap()
            .len(),
        2
    );
    let request = server.received_requests().await.unwrap().remove(0);
    assert!(
        String::from_utf8_lossy(&request.body)
            .contains("<FromDate>15/01/2025</FromDate><ToDate>16/01/2025</ToDate>")
    );
}

#[tokio::test]
async fn a_throttled_question_is_asked_again() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(429))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(xml(
            200,
            format!("<SearchShipmentsResponse>{OK}</SearchShipmentsResponse>"),
        ))
        .mount(&server)
        .await;
    assert!(
        tracker(server.uri())
            .build()
            .unwrap()
            .search("x")
            .await
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_profile_is_checked() {
    let profile: TrackingProfile =
        serde_json::from_value(json!({"categories": {"6": "pre_advice"}})).unwrap();
    assert_eq!(profile.stage(Some(6)), ParcelStage::PreAdvice);
    assert!(serde_json::from_value::<TrackingProfile>(json!({"category": {}})).is_err());
    let bad: TrackingProfile = serde_json::from_value(json!({"date_format": "%Q"})).unwrap();
    assert!(
        tracker("http://127.0.0.1:1")
            .with_profile(bad)
            .build()
            .is_err()
    );
    let mut blank = TrackingProfile::default();
    blank.date_format = " ".to_owned();
    assert!(blank.check().is_err());
}
