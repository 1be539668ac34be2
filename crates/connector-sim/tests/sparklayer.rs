//! The simulated shop, asked over real HTTP without any client of this project.

use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SPARKLAYER_ASSUMPTIONS, SimError,
    SparkLayerOptions, SparkLayerSim,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

const FIRST: &str = "63428136-658f-48a6-beb7-7f333dfd0001";
const SECOND: &str = "63428136-658f-48a6-beb7-7f333dfd0002";

struct Caller {
    shop: SparkLayerSim,
    http: Client,
    token: String,
}

impl Caller {
    async fn start(options: SparkLayerOptions) -> Self {
        let shop = SparkLayerSim::start(options).await.unwrap();
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        let mut caller = Self {
            shop,
            http,
            token: String::new(),
        };
        caller.renew().await;
        caller
    }

    async fn new() -> Self {
        Self::start(SparkLayerOptions::default()).await
    }

    async fn renew(&mut self) {
        let answer = self.ask_token(Some(DEMO_SITE_ID), DEMO_CLIENT_SECRET).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["expires_in"], 3600);
        assert_eq!(answer["token_type"], "Bearer");
        self.token = answer["access_token"].as_str().unwrap().to_owned();
    }

    async fn ask_token(&self, site: Option<&str>, secret: &str) -> Response {
        let body = json!({ "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": secret });
        let mut request = self
            .http
            .post(format!("{}/api/auth/token", self.shop.base_url()))
            .json(&body);
        if let Some(site) = site {
            request = request.header("Site-Id", site);
        }
        request.send().await.unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.shop.base_url()))
            .bearer_auth(&self.token)
            .header("Site-Id", DEMO_SITE_ID)
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.request(method, path).json(body).send().await.unwrap()).await
    }

    async fn listed(&self, query: &str) -> Vec<String> {
        let (status, rows) = self.get(&format!("/api/v1/purchases?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{rows}");
        let rows = rows.as_array().unwrap();
        rows.iter()
            .map(|row| {
                row["purchase_identifiers"]["visible"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }
}

async fn read(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (
        status,
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        },
    )
}

fn order(id: &str, visible: &str) -> Value {
    json!({
        "type": "order",
        "purchase_identifiers": { "sparklayer": id, "platform": format!("p{visible}"), "internal": "", "visible": visible },
        "customer_identifiers": { "sparklayer": "cu_123" },
        "dates": { "placed_at": "2010-12-01T08:26:00Z", "updated_at": "2010-12-01T08:30:00Z" },
        "currency_code": "GBP",
        "customer_reference": "PO-77",
        "packages": [{
            "type": "incoming",
            "shipping_address": { "name": "Goods In", "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" },
            "line_items": [{ "quantity": 6, "line_total": { "total_net": { "number": "15.30", "currency": "GBP" } } }],
            "shipments": [],
        }],
        "accounting_files": [],
        "custom_fields": [],
    })
}

fn path(id: &str) -> String {
    format!("/api/v1/purchases/sparklayer/{id}")
}

#[tokio::test]
async fn tokens_need_json_a_site_and_the_right_secret() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.ask_token(None, DEMO_CLIENT_SECRET).await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        caller
            .ask_token(Some("other"), DEMO_CLIENT_SECRET)
            .await
            .status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        caller.ask_token(Some(DEMO_SITE_ID), "wrong").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEMO_CLIENT_ID),
        ("client_secret", DEMO_CLIENT_SECRET),
    ];
    let url = format!("{}/api/auth/token", caller.shop.base_url());
    let answer = caller
        .http
        .post(url)
        .header("Site-Id", DEMO_SITE_ID)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn calls_need_a_live_token_of_the_site() {
    let mut caller = Caller::new().await;
    let url = format!("{}/api/v1/purchases", caller.shop.base_url());
    let bare = caller
        .http
        .get(&url)
        .header("Site-Id", DEMO_SITE_ID)
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(bare.headers()["content-type"], "application/problem+json");
    assert_eq!(read(bare).await.1["status"], 401);
    for site in [None, Some("other")] {
        let mut request = caller.http.get(&url).bearer_auth(&caller.token);
        if let Some(site) = site {
            request = request.header("Site-Id", site);
        }
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED,
            "{site:?}"
        );
    }
    caller.shop.advance_clock(Duration::from_secs(3599));
    assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);
    caller.shop.advance_clock(Duration::from_secs(1));
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED
    );
    caller.renew().await;
    assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_date_header_shows_the_virtual_clock() {
    let caller = Caller::new().await;
    caller.shop.advance_clock(Duration::from_secs(61));
    let answer = caller
        .request(Method::GET, "/api/v1/purchases")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 03 Dec 2010 18:01:01 GMT");
    assert_eq!(answer.headers().get_all("date").iter().count(), 1);
}

#[tokio::test]
async fn lists_hold_summaries_only() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1001")).unwrap();
    let (_, rows) = caller.get("/api/v1/purchases").await;
    let row = rows[0].as_object().unwrap();
    for absent in [
        "packages",
        "billing_address",
        "custom_fields",
        "accounting_files",
    ] {
        assert!(!row.contains_key(absent), "{absent}");
    }
    assert_eq!(
        row["calculated_total"],
        json!({ "number": "15.30", "currency": "GBP" })
    );
    assert_eq!(row["calculated_fulfilment_status"], "incoming");
    assert_eq!(
        row["calculated_shipping_address"],
        "Goods In, 7 High Street, Bedford"
    );
    assert_eq!(
        row["dates"]["calculated_submitted_at"],
        "2010-12-01T08:26:00Z"
    );
}

#[tokio::test]
async fn lists_filter_and_page() {
    let caller = Caller::new().await;
    for number in 1..=5 {
        let id = format!("63428136-658f-48a6-beb7-7f333dfd000{number}");
        let mut purchase = order(&id, &format!("#{number}"));
        purchase["dates"] = json!({
            "placed_at": format!("2010-12-01T0{number}:00:00Z"),
            "updated_at": format!("2010-12-02T0{number}:00:00+01:00"),
        });
        if number == 5 {
            purchase["type"] = json!("order_unconfirmed");
            purchase["customer_identifiers"] = json!({ "sparklayer": "cu_5" });
        }
        caller.shop.put_purchase(purchase).unwrap();
    }
    assert_eq!(caller.listed("type=order_unconfirmed").await, ["#5"]);
    assert_eq!(
        caller.listed("customer_identifiers[sparklayer]=cu_5").await,
        ["#5"]
    );
    // Both ends count, and offsets are understood: 03:00+01:00 is 02:00Z.
    for name in [
        "dates[last_updated]",
        "dates[updated_at]",
        "dates[last_updated",
    ] {
        let bounds = format!("{name}[gte]=2010-12-02T02:00:00Z&{name}[lte]=2010-12-02T03:00:00Z");
        assert_eq!(caller.listed(&bounds).await, ["#3", "#4"], "{name}");
    }
    for name in ["dates[placed]", "dates[placed_at]"] {
        let bounds = format!("{name}[gte]=2010-12-01T02:00:00Z&{name}[lte]=2010-12-01T03:00:00Z");
        assert_eq!(caller.listed(&bounds).await, ["#2", "#3"], "{name}");
    }
    assert_eq!(caller.listed("limit=2").await, ["#1", "#2"]);
    assert_eq!(caller.listed("limit=2&offset=4").await, ["#5"]);
    assert!(caller.listed("limit=2&offset=6").await.is_empty());
    for bad in [
        "limit=501",
        "limit=0",
        "offset=x",
        "dates[placed][gte]=yesterday",
    ] {
        assert_eq!(
            caller.get(&format!("/api/v1/purchases?{bad}")).await.0,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn purchases_are_found_by_four_identifiers() {
    let caller = Caller::new().await;
    let mut purchase = order(FIRST, "#1001");
    purchase["purchase_identifiers"]["internal"] = json!("ERP/1 ü");
    caller.shop.put_purchase(purchase).unwrap();
    for path in [
        path(FIRST),
        "/api/v1/purchases/platform/p%231001".into(),
        "/api/v1/purchases/visible/%231001".into(),
        "/api/v1/purchases/internal/ERP%2F1%20%C3%BC".into(),
    ] {
        let (status, purchase) = caller.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(purchase["purchase_identifiers"]["sparklayer"], FIRST);
    }
    assert_eq!(caller.get(&path(SECOND)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(caller.get(&path("123")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        caller.get("/api/v1/purchases/email/x").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        caller.get("/api/v1/purchases/visible/").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn put_replaces_and_computes() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1001")).unwrap();
    caller.shop.advance_clock(Duration::from_secs(60));
    let mut edited = order(FIRST, "#1002");
    edited.as_object_mut().unwrap().remove("customer_reference");
    edited["packages"][0]["type"] = json!("shipped");
    edited["packages"][0]["shipments"] =
        json!([{ "carrier": "Whistl", "tracking_number": "WHL0P000000000001" }]);
    edited["calculated_fulfilment_status"] = json!("nonsense");
    let (status, stored) = caller.send(Method::PUT, &path(FIRST), &edited).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(stored["calculated_fulfilment_status"], "shipped");
    assert_eq!(stored["dates"]["updated_at"], "2010-12-03T18:01:00Z");
    assert_eq!(stored["packages"], edited["packages"]);
    assert_eq!(
        stored.get("customer_reference"),
        None,
        "a PUT replaces everything"
    );
    assert_eq!(caller.shop.purchase(FIRST), Some(stored));
    assert_eq!(
        caller.get("/api/v1/purchases/visible/%231001").await.0,
        StatusCode::NOT_FOUND,
        "the old number is free"
    );
    assert_eq!(caller.shop.writes().purchase_puts, 1);
}

#[tokio::test]
async fn put_creates_under_the_identifier_of_its_address() {
    let caller = Caller::new().await;
    let mut fresh = order("", "#1");
    fresh["purchase_identifiers"]["internal"] = json!("ERP-1");
    let (status, _) = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-1", &fresh)
        .await;
    assert_eq!(status, StatusCode::OK);
    let again = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-1", &fresh)
        .await;
    assert_eq!(again.0, StatusCode::OK);
    assert_eq!(
        caller.shop.purchases().len(),
        1,
        "the second PUT met the first"
    );
    let other = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-2", &fresh)
        .await;
    assert_eq!(other.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn put_names_every_missing_member() {
    let caller = Caller::new().await;
    let (status, problem) = caller
        .send(Method::PUT, &path(FIRST), &json!({ "dates": null }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let mut named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["property"].as_str().unwrap())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "/customer_identifiers",
            "/dates",
            "/packages",
            "/purchase_identifiers",
            "/type"
        ]
    );
    for (pointer, value) in [
        ("/type", json!("parcel")),
        ("/dates/placed_at", json!("1.12.2010")),
        ("/packages", json!("x")),
        ("/purchase_identifiers/platform", json!(5)),
    ] {
        let mut purchase = order(FIRST, "#1");
        *purchase.pointer_mut(pointer).unwrap() = value;
        let (status, problem) = caller.send(Method::PUT, &path(FIRST), &purchase).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["property"], pointer);
    }
    assert_eq!(caller.shop.writes().purchase_puts, 0);
}

#[tokio::test]
async fn put_keeps_identities_apart() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    caller.shop.put_purchase(order(SECOND, "#2")).unwrap();
    for changed in [SECOND, ""] {
        let mut purchase = order(changed, "#1");
        purchase["purchase_identifiers"]["platform"] = json!("p#1");
        assert_eq!(
            caller.send(Method::PUT, &path(FIRST), &purchase).await.0,
            StatusCode::FORBIDDEN,
            "{changed:?}"
        );
    }
    let stolen = caller
        .send(Method::PUT, &path(FIRST), &order(FIRST, "#2"))
        .await;
    assert_eq!(stolen.0, StatusCode::CONFLICT);
    let seeded = caller.shop.put_purchase(order(FIRST, "#2"));
    assert!(
        matches!(seeded, Err(SimError::Refused { status: 409, .. })),
        "{seeded:?}"
    );
    assert_eq!(
        caller.shop.purchase(FIRST).unwrap()["purchase_identifiers"]["visible"],
        "#1"
    );
}

#[tokio::test]
async fn unknown_members_keep_their_exact_text() {
    let caller = Caller::new().await;
    let text = format!(
        r#"{{"type":"order","purchase_identifiers":{{"sparklayer":"{FIRST}","other":1.10}},"customer_identifiers":{{"x":1e2}},
        "dates":{{"placed_at":"2010-12-01T08:26:00Z","promised":2.0}},"weight":1.10,"serial":1234567890123456789012345,
        "packages":[{{"type":"incoming","volume":0.500,"line_items":[{{"deep":[3.1400,12345678901234567890123]}}]}}]}}"#
    );
    let answer = caller
        .request(Method::PUT, &path(FIRST))
        .header("Content-Type", "application/json; charset=utf-8")
        .body(text)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let read_back = caller
        .request(Method::GET, &path(FIRST))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for exact in [
        r#""other":1.10"#,
        r#""x":1e2"#,
        r#""promised":2.0"#,
        r#""weight":1.10"#,
        r#""serial":1234567890123456789012345"#,
        r#""volume":0.500"#,
        r#""deep":[3.1400,12345678901234567890123]"#,
    ] {
        assert!(read_back.contains(exact), "{exact} in {read_back}");
    }
    assert_eq!(caller.shop.purchase_text(FIRST), Some(read_back));
}

#[tokio::test]
async fn stock_is_set_in_batches() {
    let caller = Caller::new().await;
    let (_, locations) = caller.get("/api/v1/stock-locations").await;
    let ids: Vec<&str> = locations
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted());
    let (default, whistl) = (ids[0], ids[1]);
    let rows = json!([
        { "stock_location_id": default, "sku": "85123A", "stock_level": 9, "restock_date": "2011-01-01", "min_stock_level": -9 },
        { "stock_location_external_id": "whistl", "sku": "85123A", "stock_level": 4 },
    ]);
    let update = "/api/v1/batch-update-stock";
    assert_eq!(
        caller.send(Method::POST, update, &rows).await,
        (StatusCode::NO_CONTENT, Value::Null)
    );
    assert_eq!(
        caller.send(Method::POST, update, &rows).await.0,
        StatusCode::NO_CONTENT
    );
    let writes = caller.shop.writes();
    assert_eq!(
        (
            writes.stock_batches,
            writes.stock_rows,
            writes.stock_rows_changed
        ),
        (2, 4, 2)
    );
    assert_eq!(caller.shop.stock_level("whistl", "85123A"), Some(4));

    let fetch = "/api/v1/batch-fetch-stock";
    let (_, only_default) = caller
        .send(Method::POST, fetch, &json!({ "skus": ["85123A", "none"] }))
        .await;
    let level = json!({ "stock_location_id": default, "stock_level": 9, "restock_date": "2011-01-01", "min_stock_level": -9 });
    assert_eq!(
        only_default,
        json!([{ "sku": "85123A", "stock_levels": [level] }])
    );
    let body = json!({ "skus": ["85123A"], "filter": { "stock_location_ids": [whistl] } });
    assert_eq!(
        caller.send(Method::POST, fetch, &body).await.1[0]["stock_levels"][0]["stock_level"],
        4
    );
    let body = json!({ "skus": ["85123A"], "filter": { "all_stock_locations": true } });
    assert_eq!(
        caller.send(Method::POST, fetch, &body).await.1[0]["stock_levels"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        caller.send(Method::POST, fetch, &json!({})).await.0,
        StatusCode::BAD_REQUEST
    );

    let bad_rows = [
        json!([]),
        json!({}),
        json!([{ "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_id": default, "stock_location_external_id": "default", "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "moon", "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1.5 }]),
        json!([{ "stock_location_external_id": "default", "sku": "", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1, "restock_date": "soon" }]),
        // The same pair by two names, beside a sound row.
        json!([
            { "stock_location_external_id": "default", "sku": "A", "stock_level": 1 },
            { "stock_location_id": default, "sku": "A", "stock_level": 2 },
            { "stock_location_id": default, "sku": "B", "stock_level": 2 },
        ]),
    ];
    for rows in bad_rows {
        assert_eq!(
            caller.send(Method::POST, update, &rows).await.0,
            StatusCode::BAD_REQUEST,
            "{rows}"
        );
    }
    assert_eq!(
        caller.shop.stock_level("default", "B"),
        None,
        "a refused batch changes nothing"
    );
    assert_eq!(
        caller.shop.set_stock("moon", "A", 1),
        Err(SimError::UnknownLocation("moon".to_owned()))
    );
}

#[tokio::test]
async fn the_platform_connector_promotes_and_overwrites() {
    let caller = Caller::new().await;
    let mut draft = order(FIRST, "#1");
    draft["type"] = json!("order_unconfirmed");
    caller.shop.put_purchase(draft).unwrap();
    let seeded = order(SECOND, "#2");
    caller.shop.put_purchase(seeded.clone()).unwrap();
    assert!(
        caller.shop.run_platform_connector().promoted.is_empty(),
        "the draft is not completed"
    );

    let mut shipped = seeded.clone();
    shipped["packages"][0]["shipments"] = json!([{ "carrier": "Whistl" }]);
    caller.send(Method::PUT, &path(SECOND), &shipped).await;
    caller.shop.complete_draft(FIRST).unwrap();
    caller.shop.overwrite_packages(SECOND, 1).unwrap();
    caller.shop.advance_clock(Duration::from_secs(30));
    let report = caller.shop.run_platform_connector();
    assert_eq!(report.promoted, [FIRST]);
    assert_eq!(report.overwritten, [SECOND]);
    assert_eq!(caller.get(&path(FIRST)).await.1["type"], "order");
    let overwritten = caller.get(&path(SECOND)).await.1;
    assert_eq!(
        overwritten["packages"], seeded["packages"],
        "the shipment is gone"
    );
    assert_eq!(overwritten["dates"]["updated_at"], "2010-12-03T18:00:30Z");

    caller.send(Method::PUT, &path(SECOND), &shipped).await;
    assert_eq!(
        caller.shop.run_platform_connector(),
        connector_sim::ConnectorReport::default()
    );
    assert_eq!(
        caller.get(&path(SECOND)).await.1["packages"],
        shipped["packages"]
    );
}

#[tokio::test]
async fn the_connector_knows_only_what_was_seeded() {
    let caller = Caller::new().await;
    caller
        .send(Method::PUT, &path(FIRST), &order(FIRST, "#1"))
        .await;
    assert_eq!(
        caller.shop.overwrite_packages(FIRST, 1),
        Err(SimError::NotOnPlatform(FIRST.to_owned()))
    );
    assert_eq!(
        caller.shop.complete_draft(SECOND),
        Err(SimError::UnknownPurchase(SECOND.to_owned()))
    );
}

#[tokio::test]
async fn seeding_says_what_is_wrong() {
    let caller = Caller::new().await;
    let without_id = caller.shop.put_purchase(order("", "#1"));
    assert!(matches!(
        without_id,
        Err(SimError::Refused { status: 400, .. })
    ));
    let error = caller
        .shop
        .put_purchase(json!({ "type": "order" }))
        .unwrap_err();
    assert!(error.to_string().contains("/packages"), "{error}");
}

#[tokio::test]
async fn assumptions_and_state_are_open_to_all() {
    let caller = Caller::new().await;
    let url = format!("{}/__sim", caller.shop.base_url());
    let page = caller
        .http
        .get(format!("{url}/assumptions"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(page.lines().collect::<Vec<_>>(), SPARKLAYER_ASSUMPTIONS);
    let state: Value = caller
        .http
        .get(format!("{url}/state"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(state["tokens"], 1);
    assert_eq!(state["now"], "2010-12-03T18:00:00Z");
}

#[tokio::test]
async fn a_closed_shop_answers_no_more_but_keeps_its_books() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    caller.shop.shutdown().await;
    caller.shop.shutdown().await;
    assert!(
        caller
            .request(Method::GET, "/api/v1/purchases")
            .send()
            .await
            .is_err()
    );
    assert_eq!(caller.shop.purchases().len(), 1);
}

#[tokio::test]
async fn only_loopback_is_served() {
    let options = SparkLayerOptions::default().with_addr("0.0.0.0:0".parse().unwrap());
    let refused = SparkLayerSim::start(options).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn the_secret_is_not_printed() {
    let printed = format!("{:?}", SparkLayerOptions::default());
    assert!(!printed.contains(DEMO_CLIENT_SECRET), "{printed}");
}
