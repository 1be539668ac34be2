//! Tokens, services, consignments, and what goes wrong with them.

use std::time::Duration;

use connector_sim::{Fault, FaultKind};
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::caller::{Caller, inner, shipment};

#[tokio::test]
async fn a_token_lives_four_hours_and_its_refresh_token_longer() {
    let caller = Caller::new().await;
    let (status, reply) = caller.ask_token("bearer", "demo-carrier", "wrong").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(reply.contains("<Error><Message>"), "{reply}");
    let (_, reply) = caller
        .ask_token("bearer", "demo-carrier", "demo-carrier-password")
        .await;
    let refresh = inner(&reply, "refreshToken").to_owned();
    caller.warehouse.advance_clock(Duration::from_secs(14_399));
    assert_eq!(
        caller.send(Method::GET, "/1.0/Service/", "").await.0,
        StatusCode::OK
    );
    caller.warehouse.advance_clock(Duration::from_secs(1));
    let (status, reply) = caller.send(Method::GET, "/1.0/Service/", "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(inner(&reply, "Message").contains("denied"));
    assert_eq!(
        caller.ask_token("refreshtoken", &refresh, "").await.0,
        StatusCode::OK
    );
    assert_eq!(
        caller.ask_token("refreshtoken", "other", "").await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        caller.ask_token("password", "a", "b").await.0,
        StatusCode::BAD_REQUEST
    );
    caller
        .warehouse
        .advance_clock(Duration::from_secs(30 * 24 * 3600));
    assert_eq!(
        caller.ask_token("refreshtoken", &refresh, "").await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn services_are_told_apart_with_a_reason() {
    let caller = Caller::new().await;
    let (_, list) = caller
        .send(Method::GET, "/1.0/Service/?AccountId=L000001", "")
        .await;
    assert_eq!(list.matches("<Service>").count(), 3, "{list}");
    let heavy = shipment("A1").replace("<Weight>0.9", "<Weight>5");
    let (status, reply) = caller
        .send(Method::POST, "/1.0/Service?AccountId=", &heavy)
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(inner(&reply, "ServiceCustomerUID"), "10001");
    let unsuitable = inner(&reply, "UnsuitableServiceProviders");
    assert!(
        unsuitable.contains("<Reason>A package is too heavy</Reason>"),
        "{reply}"
    );
    assert!(
        unsuitable.contains("<Reason>The delivery country is not served</Reason>"),
        "{reply}"
    );
    let path =
        "/1.0/Service/ServiceUsingServicePreference?account=L000001&ServicePreferenceListId=";
    let (status, reply) = caller
        .send(Method::POST, &format!("{path}501"), &heavy)
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(inner(&reply, "ServiceId"), "13000");
    for unknown in ["502", "x", ""] {
        let (status, _) = caller
            .send(Method::POST, &format!("{path}{unknown}"), &heavy)
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{unknown}");
    }
}

#[tokio::test]
async fn a_shipment_comes_back_with_what_the_carrier_adds() {
    let caller = Caller::new().await;
    let reply = caller.ship("SO10001").await;
    assert!(
        reply.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><Shipment "),
        "{reply}"
    );
    assert_eq!(inner(&reply, "ParcelhubShipmentId").len(), 17);
    let number = inner(&reply, "ParcelhubTrackingNumber");
    assert!(
        number.starts_with("WHL0P") && number.len() == 17,
        "{number}"
    );
    assert_eq!(inner(&reply, "CreatingClientSoftware"), "check/1");
    assert_eq!(
        inner(&reply, "CreationDate"),
        "2010-12-03T18:00:00.558017+00:00"
    );
    for part in [
        "<Address2/>",
        "<Reference2/>",
        "<SpecialInstructions/>",
        "<NominatedDeliveryDate xsi:nil=\"true\"/>",
    ] {
        assert!(reply.contains(part), "{part} is not in {reply}");
    }
    let kept = caller.warehouse.shipments();
    assert_eq!((kept.len(), kept[0].reference.as_str()), (1, "SO10001"));
}

#[tokio::test]
async fn labels_come_in_the_format_and_size_asked_for() {
    let caller = Caller::new().await;
    for (format, start) in [
        ("PDF", &b"%PDF-1.4"[..]),
        ("PNG", b"\x89PNG"),
        ("ZPL", b"^XA"),
        ("EPL", b"\nN\n"),
        ("JPG", b"\xff\xd8"),
    ] {
        let path = format!("/1.0/Shipment?RequestedLabelFormat={format}&RequestedLabelSize=4");
        let (status, reply) = caller.send(Method::POST, &path, &shipment("L1")).await;
        assert_eq!(status, StatusCode::OK);
        let bytes = data_encoding::BASE64
            .decode(inner(&reply, "LabelData").as_bytes())
            .unwrap();
        assert!(bytes.starts_with(start), "{format}");
        assert_eq!(
            (inner(&reply, "LabelSize"), inner(&reply, "LabelFormat")),
            ("4", format)
        );
    }
    let (_, reply) = caller
        .send(
            Method::POST,
            "/1.0/Shipment?RequestedLabelFormat=NONE",
            &shipment("L2"),
        )
        .await;
    assert!(
        !reply.contains("<LabelData>") && reply.contains("<Labels/>"),
        "{reply}"
    );
    for bad in ["RequestedLabelFormat=BMP", "RequestedLabelSize=5"] {
        let (status, _) = caller
            .send(
                Method::POST,
                &format!("/1.0/Shipment?{bad}"),
                &shipment("L3"),
            )
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn any_order_and_either_namespace_are_taken() {
    let caller = Caller::new().await;
    let document = shipment("N1");
    let other = document.replace(
        "http://api.parcelhub.net/schemas/api/parcelhub-api-v0.4.xsd",
        "https://api.test.parcelhub.net/1.0/schemas/api/parcelhub-api-v1.0.xsd",
    );
    let account = "<Account>L000001</Account>";
    let last = document
        .replace(account, "")
        .replace("</Shipment>", &format!("{account}</Shipment>"));
    for body in [other, last] {
        let (status, reply) = caller.send(Method::POST, "/1.0/Shipment", &body).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            reply.find("<Account>") < reply.find("<ServiceInfo>"),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn each_missing_member_is_named() {
    let caller = Caller::new().await;
    for (part, named) in [
        ("<Account>L000001</Account>", "Account"),
        ("<ServiceId>13000</ServiceId>", "ServiceInfo/ServiceId"),
        (
            "<ServiceCustomerUID>10001</ServiceCustomerUID>",
            "ServiceInfo/ServiceCustomerUID",
        ),
        (
            "<ServiceProviderId>18</ServiceProviderId>",
            "ServiceInfo/ServiceProviderId",
        ),
        (
            "<ContactName>Ada Example</ContactName>",
            "DeliveryAddress/ContactName",
        ),
        ("<Address1>Flat 2</Address1>", "DeliveryAddress/Address1"),
        ("<City>Exampleton</City>", "DeliveryAddress/City"),
        ("<Postcode>ZZ9 9ZZ</Postcode>", "DeliveryAddress/Postcode"),
        ("<Country>GB</Country>", "DeliveryAddress/Country"),
        ("<Reference1>M1</Reference1>", "Reference1"),
        (
            "<ContentsDescription>Goods</ContentsDescription>",
            "ContentsDescription",
        ),
        (
            "<PackageType>Parcel</PackageType>",
            "Packages/Package/PackageType",
        ),
        ("<Length>10</Length>", "Packages/Package/Dimensions/Length"),
        ("<Width>10</Width>", "Packages/Package/Dimensions/Width"),
        ("<Height>10</Height>", "Packages/Package/Dimensions/Height"),
        ("<Weight>0.9</Weight>", "Packages/Package/Weight"),
    ] {
        let body = shipment("M1").replace(part, "");
        let (status, reply) = caller.send(Method::POST, "/1.0/Shipment", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{named}");
        assert_eq!(inner(&reply, "Message"), format!("{named} is required"));
    }
    let abroad = shipment("M1").replace("<Country>GB", "<Country>FR");
    let (_, reply) = caller.send(Method::POST, "/1.0/Shipment", &abroad).await;
    assert_eq!(
        inner(&reply, "Message"),
        "CustomsDeclarationInfo/TermsOfTrade is required"
    );
    assert_eq!(
        caller
            .send(Method::POST, "/1.0/Shipment", "<Shipment>")
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    assert!(caller.warehouse.shipments().is_empty());
}

#[tokio::test]
async fn drafts_and_shipments_are_listed_and_deleted_until_the_manifest() {
    let caller = Caller::new().await;
    let first = inner(&caller.ship("D1").await, "ParcelhubShipmentId").to_owned();
    let second = inner(&caller.ship("D2").await, "ParcelhubShipmentId").to_owned();
    let (_, draft) = caller
        .send(Method::POST, "/1.0/DraftShipment", &shipment("D3"))
        .await;
    assert!(!draft.contains("<ShippingInfo>"), "{draft}");
    let (_, drafts) = caller
        .send(Method::GET, "/1.0/DraftShipment?AccountId=L000001", "")
        .await;
    assert_eq!(inner(&drafts, "Reference1"), "D3");
    let delete = |id: &str| format!("/1.0/Shipment/{id}");
    assert_eq!(
        caller.send(Method::DELETE, &delete(&first), "").await.0,
        StatusCode::OK
    );
    assert_eq!(
        caller.send(Method::DELETE, &delete(&first), "").await.0,
        StatusCode::NOT_FOUND
    );
    let (_, list) = caller
        .send(Method::GET, "/1.0/Shipment?account=L000001", "")
        .await;
    assert!(
        list.contains("<ArrayOfShipment ") && !list.contains("D1") && list.contains("D2"),
        "{list}"
    );
    let (_, none) = caller
        .send(Method::GET, "/1.0/Shipment?account=L000009", "")
        .await;
    assert!(!none.contains("D2"), "{none}");
    assert_eq!(caller.warehouse.manifest_shipments(), 1);
    assert_eq!(
        caller.send(Method::DELETE, &delete(&second), "").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(caller.warehouse.shipments().len(), 3, "everything is kept");
}

#[tokio::test]
async fn other_content_and_http2_are_refused() {
    let caller = Caller::new().await;
    let url = format!("{}/1.0/TokenV2", caller.warehouse.base_url());
    let answer = caller
        .http
        .post(url)
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let address = caller.warehouse.base_url().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let mut said = [0; 12];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 505");
}

#[tokio::test]
async fn faults_speak_xml_and_a_lost_answer_leaves_a_shipment() {
    let caller = Caller::new().await;
    let arm = |kind| {
        caller
            .warehouse
            .faults()
            .arm(Fault::on(Method::POST, "/1.0/Shipment", kind))
    };
    arm(FaultKind::Status(500));
    let (status, reply) = caller
        .send(Method::POST, "/1.0/Shipment", &shipment("F1"))
        .await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(inner(&reply, "Message"), "Internal Server Error");
    arm(FaultKind::Html);
    assert!(
        caller
            .send(Method::POST, "/1.0/Shipment", "")
            .await
            .1
            .contains("<html>")
    );
    for kind in [FaultKind::TruncatedBody, FaultKind::LoseReplyAfterApplying] {
        arm(kind);
        let before = caller.warehouse.shipments().len();
        let request = caller
            .http
            .post(format!("{}/1.0/Shipment", caller.warehouse.base_url()))
            .bearer_auth(&caller.token)
            .header("content-type", "application/xml")
            .body(shipment("F2"));
        let lost = match request.send().await {
            Ok(answer) => answer.text().await.is_err(),
            Err(_) => true,
        };
        assert!(lost, "{kind:?}");
        assert_eq!(caller.warehouse.shipments().len(), before + 1, "{kind:?}");
    }
    arm(FaultKind::Throttle {
        retry_after: Some(7),
    });
    let request = caller
        .http
        .post(format!("{}/1.0/Shipment", caller.warehouse.base_url()));
    let answer = request.send().await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "7")
    );
}
