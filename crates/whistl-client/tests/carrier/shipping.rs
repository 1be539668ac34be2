//! Requests to the letter, answers of every shape, and no second label.

use super::*;
use whistl_client::shipping::{LabelFormat, LabelRequest, LabelSize, Made, ShipmentId};

const GOLDEN: &str = concat!(
    r#"<?xml version="1.0" encoding="utf-8"?>"#,
    r#"<Shipment xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://api.parcelhub.net/schemas/api/parcelhub-api-v0.4.xsd">"#,
    "<Account>L000001</Account>",
    "<ServiceInfo><ServiceId>13000</ServiceId><ServiceCustomerUID>10001</ServiceCustomerUID><ServiceProviderId>18</ServiceProviderId></ServiceInfo>",
    "<ParcelhubShipmentId>0</ParcelhubShipmentId>",
    "<DeliveryAddress><ContactName>Goods In</ContactName><CompanyName>Example &amp; Co</CompanyName><Email>goods-in@example.com</Email><Phone>447700900123</Phone><Address1>8 Sample Street</Address1><City>Exampleton</City><Postcode>ZZ9 9ZZ</Postcode><Country>GB</Country></DeliveryAddress>",
    "<Reference1>SO10001</Reference1><Reference2>LN000042</Reference2><SpecialInstructions/><ContentsDescription>Goods</ContentsDescription>",
    r#"<Packages><Package><PackageType>Parcel</PackageType><Dimensions><Length>10</Length><Width>20</Width><Height>30</Height></Dimensions><Weight>0.9</Weight><Value Currency="GBP">30</Value><Contents>Goods</Contents>"#,
    "<ItemLevelDeclarations><ItemLevelDeclaration><ProductSKU>MUG01</ProductSKU><ProductDescription>Stoneware mug</ProductDescription><ProductType>Mug</ProductType><ProductValue>15</ProductValue><ProductQuantity>2</ProductQuantity><ProductWeight>0.35</ProductWeight><ProductCountryOfOrigin>GB</ProductCountryOfOrigin><ProductHarmonisedCode>6912002100</ProductHarmonisedCode></ItemLevelDeclaration></ItemLevelDeclarations></Package></Packages>",
    "<Enhancements/><ModifiedTime>0001-01-01T00:00:00</ModifiedTime><CurrencyCode>GBP</CurrencyCode>",
    "<CustomsDeclarationInfo><TermsOfTrade>DutiesAndTaxesUnpaid</TermsOfTrade><CategoryOfItem>Sold</CategoryOfItem></CustomsDeclarationInfo>",
    "<Deleted>false</Deleted><HasBeenManifested>false</HasBeenManifested><ShipmentTags/><Department/></Shipment>",
);

/// A reply with everything that makes reading hard: a prefix, another order, nil, CDATA, seven digits, two packages.
const REPLY: &str = r#"<?xml version="1.0" encoding="utf-8"?><p:Shipment xmlns:p="https://api.test.parcelhub.net/1.0/schemas/api/parcelhub-api-v1.0.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p:Reference1>SO10001</p:Reference1><p:ParcelhubShipmentId>14000000000000017</p:ParcelhubShipmentId><p:Reference2/><p:NominatedDeliveryDate xsi:nil="true"/><p:Packages><p:Package><p:Weight>0.9</p:Weight><p:PackageShippingInfo><p:CourierTrackingNumber>EX000000001GB</p:CourierTrackingNumber><p:Labels><p:Label><p:LabelData>JVBERi0xLjQ=</p:LabelData><p:LabelSize>6</p:LabelSize><p:LabelFormat>PDF</p:LabelFormat></p:Label></p:Labels></p:PackageShippingInfo></p:Package><p:Package><p:PackageShippingInfo><p:CourierTrackingNumber>EX000000002GB</p:CourierTrackingNumber><p:Labels><p:Label><p:LabelData xsi:nil="true"/><p:LabelFormat>PDF</p:LabelFormat></p:Label><p:Label><p:LabelData>bm90IGEgcGRm</p:LabelData><p:LabelFormat>PDF</p:LabelFormat></p:Label></p:Labels></p:PackageShippingInfo></p:Package></p:Packages><p:ShippingInfo><p:CourierTrackingNumber>EX000000001GB</p:CourierTrackingNumber><p:ParcelhubTrackingNumber>WHL0P050000000001</p:ParcelhubTrackingNumber><p:CreationDate>2024-07-09T11:43:41.5580170+01:00</p:CreationDate><p:ServiceName><![CDATA[Tracked & <48>]]></p:ServiceName></p:ShippingInfo><p:DeliveryAddress><p:ContactName>Goods In</p:ContactName></p:DeliveryAddress><p:Deleted>false</p:Deleted></p:Shipment>"#;

async fn sent(server: &MockServer, at: &str) -> Vec<wiremock::Request> {
    let mut requests = server.received_requests().await.unwrap();
    requests.retain(|request| request.url.path() == at);
    requests
}

#[tokio::test]
async fn a_shipment_is_written_in_one_order_and_read_in_any() {
    let server = carrier().await;
    Mock::given(method("POST"))
        .and(path("/1.0/Shipment"))
        .and(query_param("RequestedLabelFormat", "ZPL"))
        .and(query_param("RequestedLabelSize", "4"))
        .and(query_param("AccountId", "L000001"))
        .respond_with(xml(200, REPLY))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let wanted = LabelRequest::new(LabelFormat::Zpl, LabelSize::Four);
    let made = client.create(&shipment(), wanted).await.unwrap();
    let requests = sent(&server, "/1.0/Shipment").await;
    assert_eq!(String::from_utf8_lossy(&requests[0].body), GOLDEN);
    assert_eq!(
        requests[0].headers["content-type"],
        "application/xml; charset=utf-8"
    );
    assert_eq!(requests[0].headers["authorization"], "Bearer token-canary");

    assert_eq!(made.id, ShipmentId::new(14_000_000_000_000_017));
    assert_eq!(made.id.to_string(), "14000000000000017");
    assert_eq!(made.service_name.as_deref(), Some("Tracked & <48>"));
    assert_eq!(
        made.created.as_deref(),
        Some("2024-07-09T11:43:41.5580170+01:00")
    );
    assert_eq!(made.follow_by(), Some("WHL0P050000000001"));
    assert_eq!(made.reference2, None, "an empty element is nothing");
    assert!(!made.deleted && !made.manifested);
    let couriers: Vec<_> = made
        .packages
        .iter()
        .map(|package| package.courier_tracking_number.as_deref().unwrap())
        .collect();
    assert_eq!(couriers, ["EX000000001GB", "EX000000002GB"]);
    let labels: Vec<_> = made.labels().collect();
    assert_eq!(labels.len(), 2, "one has no data");
    assert_eq!(
        (labels[0].bytes(), labels[0].size.as_deref()),
        (&b"%PDF-1.4"[..], Some("6"))
    );
    assert!(labels[0].is_what_it_says() && !labels[1].is_what_it_says());
    let unknown: Vec<&str> = made.unknown.names().collect();
    assert_eq!(unknown, ["NominatedDeliveryDate", "DeliveryAddress"]);
    assert_eq!(
        made.unknown.text("DeliveryAddress/ContactName"),
        Some("Goods In")
    );
    assert_eq!(made.packages[0].unknown.text("Weight"), Some("0.9"));
    assert!(!format!("{made:?}").contains("Goods In"));
}

#[tokio::test]
async fn what_would_be_cut_is_refused_before_anything_is_sent() {
    let server = MockServer::start().await;
    let client = builder(server.uri()).build().unwrap();
    let mut bad = shipment();
    bad.reference1 = "x".repeat(25);
    bad.to = address()
        .with_phone("+447700900123")
        .with_email("e".repeat(36));
    bad.to.country = "FR".to_owned();
    bad.customs = None;
    bad.service = None;
    bad.packages[0].items[0].commodity_code = String::new();
    bad.packages[0].items[0].quantity = 0;
    bad.packages
        .push(NewPackage::new([0, 1, 1], "0".parse().unwrap()));
    let faults: Vec<String> = bad.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "Reference1 has more than 24 characters",
            "DeliveryAddress/Email has more than 35 characters",
            "DeliveryAddress/Phone has more than 12 characters",
            "Packages/0/ItemLevelDeclarations/0/ProductHarmonisedCode is required",
            "Packages/0/ItemLevelDeclarations/0/ProductQuantity is not between 1 and 99999",
            "Packages/1/Dimensions has a side of 0 cm",
            "Packages/1/Weight is not above 0 kg",
            "CustomsDeclarationInfo is required abroad",
            "ItemLevelDeclarations is required in every package that goes abroad",
        ]
    );
    let error = client
        .create(&bad, LabelRequest::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_ambiguous()),
        (ErrorKind::Build, false)
    );
    assert!(
        error.to_string().contains("ServiceInfo is required"),
        "{error}"
    );
    assert!(!shown(&error).contains("447700900123"));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn refusals_of_every_shape_keep_the_carriers_words_apart() {
    for (status, body, kind, words) in [
        (
            400,
            "<Error><Message>Goods In is wrong</Message></Error>",
            ErrorKind::InvalidRequest,
            Some("Goods In is wrong"),
        ),
        (
            400,
            "<Error><Description>old words</Description></Error>",
            ErrorKind::InvalidRequest,
            Some("old words"),
        ),
        (403, "", ErrorKind::PermissionDenied, None),
        (
            404,
            "<html><body>gone</body></html>",
            ErrorKind::Unexpected,
            None,
        ),
    ] {
        let server = carrier().await;
        Mock::given(path("/1.0/Shipment"))
            .respond_with(xml(status, body))
            .expect(1)
            .mount(&server)
            .await;
        let client = builder(server.uri()).build().unwrap();
        let error = client
            .create(&shipment(), LabelRequest::default())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.is_ambiguous()),
            (kind, false),
            "{status}"
        );
        let said = error.vendor_errors().first().and_then(|one| one.message());
        assert_eq!(said, words);
        assert!(!shown(&error).contains("Goods In"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn a_create_is_never_repeated_and_a_read_is() {
    let server = carrier().await;
    Mock::given(path("/1.0/Shipment"))
        .respond_with(ResponseTemplate::new(503))
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let error = client
        .create(&shipment(), LabelRequest::default())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous() && error.attempts() == 1, "{error:?}");
    let error = client
        .create_draft(&shipment(), LabelRequest::default())
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "nothing is mounted there: {error}");
    let error = client.list().await.unwrap_err();
    assert_eq!((error.attempts(), error.is_ambiguous()), (4, false));
}

#[tokio::test]
async fn answers_that_prove_nothing_are_ambiguous() {
    for body in [
        "<Shipment><Reference1>SO10001</Reference1></Shipment>".to_owned(),
        REPLY.replace("SO10001", "SO10002"),
        REPLY.replace("JVBERi0xLjQ=", "not base64!"),
        REPLY.chars().take(REPLY.len() / 2).collect(),
        "<html>welcome</html>".to_owned(),
    ] {
        let server = carrier().await;
        Mock::given(path("/1.0/Shipment"))
            .respond_with(xml(200, body))
            .mount(&server)
            .await;
        let client = builder(server.uri()).build().unwrap();
        let error = client
            .create(&shipment(), LabelRequest::default())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.is_ambiguous()),
            (ErrorKind::Decode, true),
            "{error}"
        );
    }
}

fn listed(id: u64, reference: &str, deleted: bool) -> String {
    format!(
        "<Shipment><ParcelhubShipmentId>{id}</ParcelhubShipmentId><Reference1>{reference}</Reference1><Deleted>{deleted}</Deleted></Shipment>"
    )
}

async fn carrier_with(list: String) -> MockServer {
    carrier_listing(format!("<AnyWrapper>{list}</AnyWrapper>")).await
}

async fn carrier_listing(list: String) -> MockServer {
    let server = carrier().await;
    Mock::given(method("GET"))
        .and(path("/1.0/Shipment"))
        .respond_with(xml(200, list))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn only_a_list_says_that_there_is_none() {
    for (body, certain) in [
        ("<ArrayOfShipment/>", true),
        ("<R><Shipments/></R>", true),
        ("<html><body>fine</body></html>", false),
        ("<html/>", false),
        ("<Error><Message>busy</Message></Error>", false),
        ("<Error>busy</Error>", false),
        ("<ArrayOfShipment><Shipment/></ArrayOfShipment>", false),
        ("<Shipment/>", false),
    ] {
        let server = carrier_listing(body.to_owned()).await;
        let client = builder(server.uri()).build().unwrap();
        let found = client.find("SO10001").await;
        assert_eq!(found.is_ok(), certain, "{body}");
        let made = client
            .create_unless_there(&shipment(), LabelRequest::default())
            .await;
        assert!(certain || made.is_err(), "{body}");
        let creates = sent(&server, "/1.0/Shipment").await;
        let creates = creates.iter().filter(|request| request.method == "POST");
        assert_eq!(creates.count(), usize::from(certain), "{body}");
    }
}

#[tokio::test]
async fn a_shipment_that_is_there_is_not_made_again() {
    let there =
        listed(1, "OTHER", false) + &listed(2, "SO10001", true) + &listed(3, "SO10001", false);
    let server = carrier_with(there).await;
    let client = builder(server.uri()).build().unwrap();
    let made = client
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap();
    assert!(!made.is_new());
    assert_eq!(made.shipment().id, ShipmentId::new(3));
    assert_eq!(
        client.find("SO10001").await.unwrap().len(),
        2,
        "deleted ones are told apart"
    );

    let twice = listed(3, "SO10001", false) + &listed(4, "SO10001", false);
    let server = carrier_with(twice).await;
    let client = builder(server.uri()).build().unwrap();
    let error = client
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap_err();
    assert!(error.is_conflict() && !error.is_ambiguous(), "{error}");
}

#[tokio::test]
async fn a_deleted_shipment_may_be_made_again() {
    let server = carrier_with(listed(2, "SO10001", true)).await;
    Mock::given(method("POST"))
        .and(path("/1.0/Shipment"))
        .respond_with(xml(200, REPLY))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let made = client
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap();
    assert!(matches!(made, Made::Created(_)));
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_never_sent_again() {
    let server = carrier().await;
    // Not there before; there after the answer was lost.
    Mock::given(method("GET"))
        .and(path("/1.0/Shipment"))
        .respond_with(xml(200, "<ArrayOfShipment/>"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/1.0/Shipment"))
        .respond_with(xml(200, format!("<A>{}</A>", listed(7, "SO10001", false))))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/1.0/Shipment"))
        .respond_with(ResponseTemplate::new(504))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let made = client
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap();
    assert_eq!(
        (made.is_new(), made.shipment().id),
        (false, ShipmentId::new(7))
    );

    // Nowhere: the error stays ambiguous, and nothing is sent again.
    let server = carrier_with(String::new()).await;
    Mock::given(method("POST"))
        .and(path("/1.0/Shipment"))
        .respond_with(ResponseTemplate::new(504))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let error = client
        .create_unless_there(&shipment(), LabelRequest::default())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous(), "{error}");
}

#[tokio::test]
async fn deleting_is_harmless_to_repeat() {
    let server = carrier().await;
    Mock::given(method("DELETE"))
        .and(path("/1.0/Shipment/14000000000000017"))
        .respond_with(ResponseTemplate::new(204))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .respond_with(xml(404, "<Error><Message>not found</Message></Error>"))
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let id = ShipmentId::new(14_000_000_000_000_017);
    assert!(client.delete(id).await.unwrap());
    assert!(!client.delete(id).await.unwrap());
}

#[tokio::test]
async fn services_are_listed_offered_and_preferred() {
    let server = carrier().await;
    let service = |id: u32| {
        format!(
            "<Service><ServiceIds><ServiceId>{id}</ServiceId><ServiceCustomerUID>1</ServiceCustomerUID><ServiceProviderId>9</ServiceProviderId></ServiceIds><ServiceName>S{id}</ServiceName><ServiceCountryCodes><ServiceCountryCode>GB</ServiceCountryCode></ServiceCountryCodes><MultiPackages>true</MultiPackages><AllowableDimensions><MaxWeight>30</MaxWeight></AllowableDimensions></Service>"
        )
    };
    Mock::given(method("GET"))
        .and(path("/1.0/Service/"))
        .and(query_param("AccountId", "L000001"))
        .respond_with(xml(
            200,
            format!("<ServiceList>{}{}</ServiceList>", service(1), service(2)),
        ))
        .mount(&server)
        .await;
    let offer = format!(
        "<GetServicesResponse><Services>{}</Services><UnsuitableServiceProviders><UnsuitableServiceProvider><ServiceProviderId>7</ServiceProviderId><UnsuitableServiceProviderMessage>no</UnsuitableServiceProviderMessage><Reason>too heavy</Reason></UnsuitableServiceProvider></UnsuitableServiceProviders></GetServicesResponse>",
        service(2)
    );
    Mock::given(method("POST"))
        .and(path("/1.0/Service"))
        .and(body_string_contains("<Reference1>SO10001</Reference1>"))
        .respond_with(xml(200, offer))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/1.0/Service/ServiceUsingServicePreference"))
        .and(query_param("ServicePreferenceListId", "501"))
        .and(query_param("account", "L000001"))
        .respond_with(xml(200, service(3)))
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    let services = client.services().await.unwrap();
    assert_eq!(
        (services.len(), services[0].ids),
        (2, ServiceIds::new(1, 1, 9))
    );
    assert_eq!(
        services[0].unknown.text("AllowableDimensions/MaxWeight"),
        Some("30")
    );
    assert_eq!(
        (services[1].multi_packages, services[1].countries.as_slice()),
        (Some(true), &["GB".to_owned()][..])
    );
    let mut undecided = shipment();
    undecided.service = None;
    let offer = client.services_for(&undecided).await.unwrap();
    assert_eq!(offer.suitable[0].ids.service, 2);
    assert_eq!(
        (
            offer.unsuitable[0].provider,
            offer.unsuitable[0].reason.as_deref()
        ),
        (Some(7), Some("too heavy"))
    );
    let preferred = client.preferred_service(501, &undecided).await.unwrap();
    assert_eq!(preferred.name.as_deref(), Some("S3"));

    let server = carrier().await;
    Mock::given(method("GET"))
        .respond_with(xml(
            200,
            "<ServiceList><Service><ServiceName>no ids</ServiceName></Service></ServiceList>",
        ))
        .mount(&server)
        .await;
    let error = builder(server.uri())
        .build()
        .unwrap()
        .services()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_token_is_refreshed_and_the_password_opens_again() {
    let server = MockServer::start().await;
    let token = |name: &str, refresh: &str| {
        xml(
            200,
            format!(
                "<TokenV2><refreshToken>{refresh}</refreshToken><access_token>{name}</access_token><expiresIn>14400</expiresIn></TokenV2>"
            ),
        )
    };
    for (grant, user, answer) in [
        ("bearer", "user-canary", token("a1", "r1")),
        ("refreshtoken", "r1", token("a2", "r2")),
        (
            "refreshtoken",
            "r2",
            xml(401, "<Error><Message>run out</Message></Error>"),
        ),
        ("bearer", "user-canary", token("a3", "r3")),
    ] {
        let body = format!("<grant_type>{grant}</grant_type><username>{user}</username>");
        Mock::given(path("/1.0/TokenV2"))
            .and(body_string_contains(body))
            .respond_with(answer)
            .up_to_n_times(1)
            .expect(1)
            .mount(&server)
            .await;
    }
    // Every token but the third is refused once.
    Mock::given(path("/1.0/Shipment"))
        .and(wiremock::matchers::header("authorization", "Bearer a3"))
        .respond_with(xml(200, "<ArrayOfShipment/>"))
        .mount(&server)
        .await;
    Mock::given(path("/1.0/Shipment"))
        .respond_with(ResponseTemplate::new(401))
        .mount(&server)
        .await;
    let client = builder(server.uri()).build().unwrap();
    assert!(
        client.list().await.unwrap_err().is_auth(),
        "renewed once, then told"
    );
    assert!(client.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn wrong_credentials_are_told_without_showing_them() {
    let server = MockServer::start().await;
    Mock::given(path("/1.0/TokenV2"))
        .respond_with(xml(
            400,
            "<Error><Message>user-canary is unknown</Message></Error>",
        ))
        .mount(&server)
        .await;
    let builder = builder(server.uri());
    let mut all = format!("{builder:?}");
    let client = builder.build().unwrap();
    let error = client.list().await.unwrap_err();
    assert!(error.is_auth(), "{error}");
    all += &format!("{client:?} {} {:?}", shown(&error), shipment());
    for canary in [
        "password-canary",
        "Goods In",
        "Sample Street",
        "ZZ9",
        "447700900123",
        "goods-in@",
    ] {
        assert!(!all.contains(canary), "{canary}: {all}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let with = |base: &str, account: &str, user: &str, password: &str| {
        Shipping::builder(base, account, user, password, "tests")
            .build()
            .is_err()
    };
    assert!(
        with("http://carrier.example.invalid/1.0/", "L", "u", "p"),
        "plaintext"
    );
    assert!(with("http://127.0.0.1:1/1.0/", " ", "u", "p"));
    assert!(with("http://127.0.0.1:1/1.0/", "L", "", "p"));
    assert!(with("http://127.0.0.1:1/1.0/", "L", "u", ""));
    assert!(!with(whistl_client::shipping::LIVE_URL, "L", "u", "p"));
    assert!(
        builder("http://127.0.0.1:1")
            .with_create_timeout(Duration::ZERO)
            .build()
            .is_err()
    );
}
