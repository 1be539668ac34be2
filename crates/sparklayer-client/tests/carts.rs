//! Carts on a socket: requests, answers, refusals.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/shop.rs"]
mod shop;

use serde_json::{Value, json};
use shop::{ID, answer, builder, live, of, token, with_token};
use sparklayer_client::{
    CartCustomer, CartLine, CartUpdate, CompleteCart, CustomerAddress, ErrorKind,
    IgnoredValidation, PaymentMethod, SparkLayerErrorCode, WireNames,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CART: &str = "/api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686";

fn at(action: &str) -> String {
    format!("{CART}{action}")
}

#[tokio::test]
async fn a_cart_is_created_for_a_customer_by_any_name() {
    let (server, client) = with_token().await;
    answer(
        &server,
        "POST",
        "/api/v1/carts",
        of(201, json!({"cart_id": ID})),
    )
    .await;
    let carts = client.carts();
    let customers = [
        (CartCustomer::sparklayer(ID), Some("en-GB")),
        (CartCustomer::platform("123456789"), None),
        (CartCustomer::email("buyer@shop.example"), None),
    ];
    for (customer, language) in &customers {
        assert_eq!(carts.create(customer, *language).await.unwrap(), ID);
        assert!(!format!("{customer:?}").contains("buyer"));
    }
    assert_eq!(
        golden::requests(&server).await,
        [
            "POST /api/v1/carts\naccept-language: en-GB\ncontent-type: application/json\n\
             {\"customer_id\":\"63428136-658f-48a6-beb7-7f333dfd9686\",\"customer_lookup_by\":\"sparklayer\"}",
            "POST /api/v1/carts\ncontent-type: application/json\n\
             {\"customer_id\":\"123456789\",\"customer_lookup_by\":\"platform\"}",
            "POST /api/v1/carts\ncontent-type: application/json\n\
             {\"customer_id\":\"buyer@shop.example\",\"customer_lookup_by\":\"email\"}",
        ]
    );
}

#[tokio::test]
async fn answers_to_a_creation() {
    let (server, client) = with_token().await;
    let buyer = CartCustomer::email("CANARY@shop.example");
    let create = |template: ResponseTemplate| {
        let (server, client, buyer) = (&server, &client, &buyer);
        async move {
            let mock = Mock::given(path("/api/v1/carts")).respond_with(template);
            let _mounted = mock.mount_as_scoped(server).await;
            client.carts().create(buyer, None).await
        }
    };
    for good in [
        json!({"cart_id": ID}),
        json!({"cart_id": ID, "locale": {"new": 1}}),
    ] {
        assert_eq!(create(of(201, good)).await.unwrap(), ID);
    }
    for (bad, place) in [
        (json!({}), "/cart_id"),
        (json!({"cart_id": ""}), "/cart_id"),
        (json!({"cart_id": {"CANARY": 1}}), "/cart_id"),
        (json!(["CANARY"]), "the top"),
    ] {
        let error = create(of(201, bad)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(place), "{error}");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
    let unknown = json!({"title": "t", "status": 400, "errors": [
        {"code": "resource-id-not-found", "message": "CANARY", "property": "customer_id"},
        {"code": "brand-new"}
    ]});
    let error = create(of(400, unknown)).await.unwrap_err();
    assert!(SparkLayerErrorCode::ResourceIdNotFound.is_in(&error));
    assert_eq!(
        SparkLayerErrorCode::of(&error),
        [
            SparkLayerErrorCode::ResourceIdNotFound,
            SparkLayerErrorCode::Other("brand-new".to_owned())
        ]
    );
    let before = server.received_requests().await.unwrap().len();
    let error = create(ResponseTemplate::new(502)).await.unwrap_err();
    assert!(
        error.is_ambiguous(),
        "a second try might make a second cart"
    );
    assert_eq!(server.received_requests().await.unwrap().len(), before + 1);
    for (customer, language) in [(" ", None), ("1", Some("en\nGB"))] {
        let customer = CartCustomer::platform(customer);
        let error = client
            .carts()
            .create(&customer, language)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), before + 1);
}

#[tokio::test]
async fn an_update_replaces_the_lines_and_leaves_out_what_is_not_set() {
    let (server, client) = with_token().await;
    answer(&server, "PATCH", CART, of(200, json!({"cart": {}}))).await;
    let carts = client.carts();
    carts
        .update(ID, &CartUpdate::new(Vec::new()))
        .await
        .unwrap();
    let lines = vec![CartLine::new("SKU-1", 4), CartLine::new("SKU-2", 1)];
    let mut address = CustomerAddress::default();
    address.first_name = Some("CANARY".into());
    let update = CartUpdate::new(lines)
        .with_shipping_address("ca_123")
        .with_temporary_shipping_address(address)
        .with_custom_fields([("Delivery Date".to_owned(), "CANARY Monday".to_owned())])
        .with_customer_reference("")
        .with_po_number("CANARY PO 4711")
        .with_shipping_requested_date("2026-02-01");
    carts.update(ID, &update).await.unwrap();
    assert!(!format!("{update:?}").contains("CANARY"), "{update:?}");
    assert_eq!(
        golden::requests(&server).await,
        [
            "PATCH /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686\ncontent-type: application/json\n\
             {\"line_items\":[]}",
            "PATCH /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686\ncontent-type: application/json\n\
             {\"line_items\":[{\"sku\":\"SKU-1\",\"quantity\":4},{\"sku\":\"SKU-2\",\"quantity\":1}],\
             \"shipping_address_id\":\"ca_123\",\"temporary_shipping_address\":{\"first_name\":\"CANARY\"},\
             \"customer_reference\":\"\",\"po_number\":\"CANARY PO 4711\",\"shipping_requested_date\":\"2026-02-01\",\
             \"custom_fields\":[{\"name\":\"Delivery Date\",\"value\":\"CANARY Monday\"}]}",
        ]
    );
}

#[tokio::test]
async fn lines_are_limited_before_sending() {
    let (server, client) = with_token().await;
    answer(&server, "PATCH", CART, of(200, json!({"cart": {}}))).await;
    let lines = |count: u32| {
        let line = |number: u32| CartLine::new(format!("SKU-{number}"), 1);
        CartUpdate::new((0..count).map(line).collect())
    };
    let carts = client.carts();
    let empty = CartUpdate::new(vec![CartLine::new(" ", 1)]);
    for refused in [lines(251), empty] {
        let error = carts.update(ID, &refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(golden::requests(&server).await.is_empty());
    carts.update(ID, &lines(250)).await.unwrap();
    let wider = carts.clone().with_line_limit(300);
    wider.update(ID, &lines(251)).await.unwrap();
    assert_eq!(golden::requests(&server).await.len(), 2);
}

#[tokio::test]
async fn answers_to_an_update() {
    let (server, client) = with_token().await;
    let update = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(CART)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            let update = CartUpdate::new(vec![CartLine::new("SKU-1", 4)]);
            client.carts().update(ID, &update).await
        }
    };
    let documented = update(json!({"cart": {
        "id": ID, "intent": "", "customer_id": "", "shipping_address_id": "", "billing_address_id": "",
        "items": [{"sku": "", "quantity": 0, "line_total": {"net": "", "gross": ""}}]
    }}))
    .await
    .unwrap();
    assert_eq!(documented.cart.id.as_deref(), Some(ID));
    assert_eq!(documented.cart.intent, None);
    assert_eq!(documented.cart.items[0].quantity, Some(0));
    assert_eq!(
        (&documented.line_results, documented.unreadable()),
        (&None, &[][..])
    );
    let minimal = update(json!({})).await.unwrap();
    assert_eq!(minimal.cart.items, []);
    let full = update(json!({
        "cart": {"id": ID, "intent": "ORDER", "mood": "good", "items": [{"sku": "SKU-1", "quantity": "4", "line_total": {
            "net": {"amount": "63.96", "currency_code": "GBP"}, "gross": {"amount": 76.75, "currency_code": "gbp"}
        }}]},
        "line_item_results": [{"sku": "SKU-1", "state": "added"}, {"sku": "SKU-9", "code": "gone", "message": "CANARY"}],
        "validation_errors": [{"code": "maximum-order-item-quantity"}],
        "later": true
    }))
    .await
    .unwrap();
    let total = full.cart.items[0].line_total.clone().unwrap();
    assert_eq!(total.net.unwrap().amount, "63.96".parse().unwrap());
    assert_eq!(total.gross.unwrap().currency_code.as_deref(), Some("gbp"));
    let results = full.line_results.clone().unwrap();
    assert_eq!(results[0].member("state").unwrap().get(), "\"added\"");
    assert_eq!(results[1].code.as_deref(), Some("gone"));
    let errors = full.validation_errors.clone().unwrap();
    assert_eq!(
        errors[0].code.as_deref(),
        Some("maximum-order-item-quantity")
    );
    assert_eq!(full.cart.member("mood").unwrap().get(), "\"good\"");
    assert_eq!(full.member("later").unwrap().get(), "true");
    assert!(!format!("{full:?}").contains("CANARY"));
    let odd = update(json!({
        "cart": {"items": [{"quantity": 1}, {"quantity": "many", "line_total": {"net": true}}]}, "line_item_results": 7
    }))
    .await
    .unwrap();
    assert_eq!(
        odd.unreadable(),
        [
            "/cart/items/1/quantity",
            "/cart/items/1/line_total/net",
            "/line_item_results"
        ]
    );
    let error = update(json!([])).await.unwrap_err();
    assert!(error.to_string().contains("the top"), "{error}");
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn names_of_an_update_can_be_corrected() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let body = json!({"cart": {}, "results": [{"sku": "A"}], "shop_says": []});
    answer(&server, "PATCH", CART, of(200, body)).await;
    answer(
        &server,
        "GET",
        "/api/v2/carts/c/details",
        of(200, json!({"id": "c"})),
    )
    .await;
    let names: WireNames = toml::from_str(
        "[carts]\ncart_path = \"/api/v2/carts/{id}/details\"\nline_results = \"results\"\n\
         validation_errors = \"shop_says\"\ncustom_field_value = \"content\"",
    )
    .unwrap();
    let client = builder(&server).with_wire_names(names).build().unwrap();
    let update = CartUpdate::new(Vec::new()).with_custom_fields([("n".to_owned(), "v".to_owned())]);
    let updated = client.carts().update(ID, &update).await.unwrap();
    assert_eq!(updated.line_results.unwrap().len(), 1);
    assert_eq!(updated.validation_errors, Some(Vec::new()));
    assert_eq!(
        client.carts().get("c").await.unwrap().id.as_deref(),
        Some("c")
    );
    let requests = golden::requests(&server).await;
    assert!(
        requests[0].ends_with("\"custom_fields\":[{\"content\":\"v\",\"name\":\"n\"}]}"),
        "{requests:?}"
    );
    assert_eq!(requests[1], "GET /api/v2/carts/c/details");
}

#[tokio::test]
async fn a_cart_is_read_bare_and_wrapped() {
    let (server, client) = with_token().await;
    let get = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(CART)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.carts().get(ID).await
        }
    };
    let cart = json!({"id": ID, "items": [{"sku": "A", "quantity": 2, "new": 1}], "later": [1]});
    for body in [cart.clone(), json!({"cart": cart, "validation_errors": []})] {
        let cart = get(body).await.unwrap();
        assert_eq!(cart.id.as_deref(), Some(ID));
        assert_eq!(cart.items[0].quantity, Some(2));
        assert_eq!(cart.member("later").unwrap().get(), "[1]");
    }
    assert_eq!(get(json!({})).await.unwrap(), Default::default());
    let odd = get(json!({"cart": {"items": [{"quantity": {}}]}})).await;
    assert_eq!(odd.unwrap().unreadable(), ["/items/0/quantity"]);
    for (wrong, place) in [(json!({"cart": 7}), "/cart"), (json!([]), "the top")] {
        let error = get(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[tokio::test]
async fn what_rests_on_assumed_names_is_refused_against_a_live_address() {
    let client = live(toml::from_str("confirmed = true").unwrap());
    let carts = client.carts();
    let address =
        CartUpdate::new(Vec::new()).with_temporary_shipping_address(CustomerAddress::default());
    let fields = CartUpdate::new(Vec::new()).with_custom_fields([]);
    let refused = [
        carts.get(ID).await.map(|_| ()),
        carts.update(ID, &address).await.map(|_| ()),
        carts.update(ID, &fields).await.map(|_| ()),
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains("carts.confirmed"), "{error}");
    }
    let plain = carts.update(ID, &CartUpdate::new(Vec::new())).await;
    assert_ne!(plain.unwrap_err().kind(), ErrorKind::Unsupported);
    let confirmed = live(toml::from_str("[carts]\nconfirmed = true").unwrap());
    for result in [
        confirmed.carts().get(ID).await.map(|_| ()),
        confirmed.carts().update(ID, &address).await.map(|_| ()),
    ] {
        assert_ne!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[tokio::test]
async fn a_cart_is_calculated_with_and_without_a_rate() {
    let (server, client) = with_token().await;
    answer(&server, "POST", &at("/calculate"), of(200, json!({}))).await;
    let carts = client.carts();
    carts.calculate(ID, None).await.unwrap();
    carts.calculate(ID, Some("next-day")).await.unwrap();
    let error = carts.calculate(ID, Some("")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        golden::requests(&server).await,
        [
            "POST /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686/calculate\ncontent-type: application/json\n{}",
            "POST /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686/calculate\ncontent-type: application/json\n\
             {\"shipping_rate_handle\":\"next-day\"}",
        ]
    );
}

#[tokio::test]
async fn answers_to_a_calculation() {
    let (server, client) = with_token().await;
    let calculate = |template: ResponseTemplate| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(at("/calculate"))).respond_with(template);
            let _mounted = mock.mount_as_scoped(server).await;
            client.carts().calculate(ID, None).await
        }
    };
    let documented = json!({"totals": {"total": {"pre_discount": {
        "net": {"amount": "15.99", "currency_code": "GBP"},
        "gross": {"amount": "19.19", "currency_code": "GBP"},
        "tax": {"amount": "3.20", "currency_code": "GBP"}
    }}}});
    let cost = calculate(of(200, documented)).await.unwrap();
    let group = cost.totals.total.clone().unwrap().pre_discount.unwrap();
    assert_eq!(group.tax.unwrap().amount, "3.20".parse().unwrap());
    assert_eq!(
        (&cost.shipping_methods, &cost.payment_methods),
        (&None, &None),
        "nothing is known of them"
    );
    let minimal = calculate(of(200, json!({}))).await.unwrap();
    assert_eq!(minimal.totals.total, None);
    let full = json!({
        "totals": {"weight": 1},
        "shipping_methods": [{"handle": "next-day", "name": "Next day", "price": 4}, {}],
        "payment_methods": ["paymentByInvoice", {"payment_method": "barter"}]
    });
    let full = calculate(of(200, full)).await.unwrap();
    let methods = full.shipping_methods.clone().unwrap();
    assert_eq!(methods[0].handle.as_deref(), Some("next-day"));
    assert_eq!(methods[0].member("price").unwrap().get(), "4");
    assert_eq!(methods[1].name, None);
    assert_eq!(
        full.payment_methods,
        Some(vec![
            PaymentMethod::Invoice,
            PaymentMethod::Other("barter".to_owned())
        ])
    );
    let odd = json!({
        "totals": {"total": {"pre_discount": {"net": {"amount": "much"}}}}, "shipping_methods": [7], "payment_methods": [{}]
    });
    let odd = calculate(of(200, odd)).await.unwrap();
    assert_eq!(
        odd.unreadable(),
        [
            "/shipping_methods",
            "/payment_methods",
            "/totals/total/pre_discount/net"
        ]
    );
    let error = calculate(of(200, json!("CANARY"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("the top"), "{error}");
    for (code, refusal) in [
        ("cart-empty", SparkLayerErrorCode::CartEmpty),
        (
            "cart-shipping-rate-handle-unavailable",
            SparkLayerErrorCode::CartShippingRateHandleUnavailable,
        ),
    ] {
        let body = json!({"title": "t", "status": 422, "errors": [{"code": code}]});
        let error = calculate(of(422, body)).await.unwrap_err();
        assert_eq!(SparkLayerErrorCode::of(&error), [refusal]);
        assert!(!error.is_ambiguous());
    }
}

#[tokio::test]
async fn a_completion_says_what_is_ignored() {
    let (server, client) = with_token().await;
    answer(
        &server,
        "POST",
        &at("/complete"),
        of(201, json!({"purchase_id": ID})),
    )
    .await;
    let carts = client.carts();
    let plain = CompleteCart::new(PaymentMethod::Invoice);
    let codes = IgnoredValidation::Codes(vec!["maximum-order-item-quantity".to_owned()]);
    let chosen = CompleteCart::new(PaymentMethod::from("on_account"))
        .with_shipping_rate("next-day")
        .ignoring(codes);
    let all = CompleteCart::new(PaymentMethod::Other("barter".to_owned()))
        .ignoring(IgnoredValidation::Everything);
    for order in [&plain, &chosen, &all] {
        let report = carts.complete(ID, order).await.unwrap();
        assert!(report.cause.is_none());
    }
    let error = carts
        .complete(ID, &plain.with_shipping_rate(" "))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        golden::requests(&server).await,
        [
            "POST /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686/complete\ncontent-type: application/json\n\
             {\"payment_method\":\"paymentByInvoice\",\"ignore_validation_errors\":[]}",
            "POST /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686/complete\ncontent-type: application/json\n\
             {\"shipping_rate_handle\":\"next-day\",\"payment_method\":\"paymentOnAccount\",\
             \"ignore_validation_errors\":[\"maximum-order-item-quantity\"]}",
            "POST /api/v1/carts/63428136-658f-48a6-beb7-7f333dfd9686/complete\ncontent-type: application/json\n\
             {\"payment_method\":\"barter\",\"ignore_validation_errors\":[\"*\"]}",
        ]
    );
}

#[tokio::test]
async fn a_cart_id_cannot_leave_its_place_in_the_path() {
    let (server, client) = with_token().await;
    answer(
        &server,
        "GET",
        "/api/v1/carts/a%2Fcomplete",
        of(200, json!({})),
    )
    .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(404))
        .mount(&server)
        .await;
    let carts = client.carts();
    let _ = carts.get("a/complete").await;
    for bad in ["", "..", "."] {
        assert_eq!(
            carts.get(bad).await.unwrap_err().kind(),
            ErrorKind::InvalidRequest
        );
    }
    assert_eq!(
        golden::request(&server).await,
        "GET /api/v1/carts/a%2Fcomplete"
    );
}
