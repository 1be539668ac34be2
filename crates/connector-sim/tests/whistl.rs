//! The simulated warehouse, asked over real HTTP without any client of this project.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use connector_sim::{
    DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, OrderStatus, SimError,
    WHISTL_ASSUMPTIONS, WhistlOptions, WhistlSim,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

struct Caller {
    warehouse: WhistlSim,
    http: Client,
    token: String,
}

impl Caller {
    async fn start(options: WhistlOptions) -> Self {
        let warehouse = WhistlSim::start(options).await.unwrap();
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        let mut caller = Self {
            warehouse,
            http,
            token: String::new(),
        };
        let answer = caller.ask_token(DEMO_WAREHOUSE_CLIENT_SECRET).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        caller.token = answer["access_token"].as_str().unwrap().to_owned();
        caller
    }

    async fn new() -> Self {
        Self::start(WhistlOptions::default()).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.warehouse.base_url())
    }

    async fn ask_token(&self, secret: &str) -> Response {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", DEMO_WAREHOUSE_CLIENT_ID),
            ("client_secret", secret),
        ];
        self.http
            .post(self.url("/oauth/token"))
            .form(&form)
            .send()
            .await
            .unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn create(&self, order: &Value) -> (StatusCode, Value) {
        read(
            self.request(Method::POST, "/v1/orders")
                .json(order)
                .send()
                .await
                .unwrap(),
        )
        .await
    }
}

async fn read(answer: Response) -> (StatusCode, Value) {
    (answer.status(), answer.json().await.unwrap())
}

fn order(reference: &str, lines: &[(&str, u32)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(place, (sku, quantity))| json!({ "lineId": format!("{}", place + 1), "sku": sku, "quantity": quantity }))
        .collect();
    json!({
        "reference": reference, "orderNumber": "#1001", "otherrefnum": "PO-77", "serviceCode": "WHI_EXP",
        "recipient": { "name": "Goods In", "line1": "7 High Street", "city": "Bedford", "postcode": "MK40 1AA", "country": "GB", "phone": "441234567890" },
        "lines": lines,
    })
}

fn codes(problem: &Value) -> Vec<&str> {
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_configured_way_to_authenticate_works() {
    let options = WhistlOptions::default()
        .with_api_key("key-1")
        .with_basic("user", "pa:ss");
    let caller = Caller::start(options).await;
    assert_eq!(
        caller.ask_token("wrong").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let url = caller.url("/v1/inventory");
    let status = async |request: RequestBuilder| request.send().await.unwrap().status();
    assert_eq!(
        status(caller.http.get(&url)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).bearer_auth("x")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).header("X-Api-Key", "key-2")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).basic_auth("user", Some("ss"))).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).header("X-Api-Key", "key-1")).await,
        StatusCode::OK
    );
    assert_eq!(
        status(caller.http.get(&url).basic_auth("user", Some("pa:ss"))).await,
        StatusCode::OK
    );
    assert_eq!(
        status(caller.http.get(&url).bearer_auth(&caller.token)).await,
        StatusCode::OK
    );
    caller.warehouse.advance_clock(Duration::from_secs(3600));
    assert_eq!(
        status(caller.http.get(&url).bearer_auth(&caller.token)).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn unconfigured_ways_are_closed() {
    let caller = Caller::new().await;
    let url = caller.url("/v1/inventory");
    for request in [
        caller.http.get(&url).header("X-Api-Key", ""),
        caller.http.get(&url).basic_auth("", Some("")),
    ] {
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn an_order_is_taken_and_found_again() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("85123A", 10);
    let mut sent = order("K1234567", &[("85123A", 6)]);
    sent["lines"][0]["unitPrice"] = json!("2.55");
    sent["giftNote"] = json!({ "kept": true });
    let (status, accepted) = caller.create(&sent).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(
        accepted,
        json!({ "orderId": "W0000001", "reference": "K1234567", "status": "accepted", "acceptedAt": "2010-12-03T18:00:00Z" })
    );
    let (status, stored) = caller.get("/v1/orders/K1234567").await;
    assert_eq!(status, StatusCode::OK);
    for (member, value) in sent.as_object().unwrap() {
        assert_eq!(stored[member], *value);
    }
    assert_eq!(
        (&stored["orderId"], &stored["status"]),
        (&json!("W0000001"), &json!("accepted"))
    );
    let (status, missing) = caller.get("/v1/orders/K7654321").await;
    assert_eq!(
        (status, codes(&missing)),
        (StatusCode::NOT_FOUND, vec!["ORDER_NOT_FOUND"])
    );
    let stock = caller.warehouse.stock();
    assert_eq!((stock[0].on_hand, stock[0].allocated), (10, 6));
    let kept = caller.warehouse.orders();
    assert_eq!(kept[0].document(), sent);
    assert!(
        !format!("{kept:?}").contains("Goods In"),
        "personal data is not printed"
    );
}

#[tokio::test]
async fn a_repeated_reference_is_a_conflict() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.create(&order("K1", &[("A", 1)])).await.0,
        StatusCode::CREATED
    );
    let (status, problem) = caller.create(&order("K1", &[("A", 1)])).await;
    assert_eq!(
        (status, codes(&problem)),
        (StatusCode::CONFLICT, vec!["DUPLICATE_REFERENCE"])
    );
    let counts = caller.warehouse.writes();
    assert_eq!(
        (
            counts.order_posts,
            counts.accepted,
            counts.duplicates_refused
        ),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("85123A", 10);
    let mut bad = order(
        "K12345678901X",
        &[("85-123", 1), ("22752", 0), (&"8".repeat(25), 1)],
    );
    bad["serviceCode"] = json!("Express");
    bad["recipient"]["phone"] = json!("+441234567890");
    bad["recipient"]["city"] = json!("x".repeat(36));
    bad["lines"][1]["lineId"] = json!("1");
    let (status, problem) = caller.create(&bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = [
        ("REFERENCE_TOO_LONG", "/reference"),
        ("SERVICE_UNKNOWN", "/serviceCode"),
        ("FIELD_TOO_LONG", "/recipient/city"),
        ("PHONE_INVALID", "/recipient/phone"),
        ("SKU_INVALID", "/lines/0/sku"),
        ("LINE_DUPLICATE", "/lines/1/lineId"),
        ("SKU_UNKNOWN", "/lines/1/sku"),
        ("QUANTITY_INVALID", "/lines/1/quantity"),
        ("SKU_TOO_LONG", "/lines/2/sku"),
    ];
    let found: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["code"].as_str().unwrap(),
                error["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(
        !problem.to_string().contains("441234567890"),
        "no values in a refusal"
    );
    assert!(caller.warehouse.orders().is_empty());
    assert_eq!(caller.warehouse.writes().rejected, 1);

    caller.warehouse.add_service_code("Express");
    let mut mended = order("K1", &[("85123A", 1)]);
    mended["serviceCode"] = json!("Express");
    assert_eq!(caller.create(&mended).await.0, StatusCode::CREATED);
    let no_json = caller
        .request(Method::POST, "/v1/orders")
        .body("<xml/>")
        .send()
        .await
        .unwrap();
    assert_eq!(no_json.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unknown_skus_may_be_let_in() {
    let caller = Caller::start(WhistlOptions::default().with_unknown_skus_accepted()).await;
    caller.warehouse.seed_stock("A", 10);
    assert_eq!(
        caller.create(&order("K1", &[("B", 2)])).await.0,
        StatusCode::CREATED
    );
    let report = caller.warehouse.tick();
    assert_eq!((report.parcels, report.short_units), (0, 2));
    let (_, feed) = caller.get("/v1/despatches").await;
    assert_eq!(feed["despatches"][0]["shorts"][0]["reason"], "out_of_stock");
}

#[tokio::test]
async fn nothing_moves_without_a_tick() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 1)])).await;
    caller.warehouse.advance_clock(Duration::from_secs(86_400));
    assert_eq!(
        caller.get("/v1/despatches").await.1,
        json!({ "despatches": [], "next": "d0", "more": false })
    );
    assert_eq!(caller.warehouse.tick().despatches, 1);
    assert_eq!(caller.warehouse.tick().despatches, 0);
    let (_, feed) = caller.get("/v1/despatches?since=d0").await;
    assert_eq!(
        feed["despatches"][0]["despatchedAt"],
        "2010-12-04T18:00:00Z"
    );
    assert_eq!(caller.get("/v1/orders/K1").await.1["status"], "despatched");
}

#[tokio::test]
async fn big_orders_leave_in_several_parcels() {
    let caller = Caller::start(WhistlOptions::default().with_parcel_limits(2, 10)).await;
    caller
        .create(&order("K1", &[("A", 25), ("B", 1), ("C", 1)]))
        .await;
    let report = caller.warehouse.tick();
    assert_eq!((report.units, report.despatches), (27, 1));
    let (_, feed) = caller.get("/v1/despatches").await;
    let parcels = feed["despatches"][0]["parcels"].as_array().unwrap();
    assert_eq!(parcels.len(), 4);
    let tracking: HashSet<&str> = parcels
        .iter()
        .map(|parcel| parcel["trackingNumber"].as_str().unwrap())
        .collect();
    assert_eq!(tracking.len(), parcels.len());
    for number in tracking {
        let digits = number.strip_prefix("WHL0P").unwrap();
        assert!(
            digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()),
            "{number}"
        );
    }
    assert_eq!(parcels[0]["service"], "WHI_EXP");
}

#[tokio::test]
async fn a_shortage_becomes_a_short_pick() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 5);
    caller.create(&order("K1", &[("A", 4)])).await;
    caller.create(&order("K2", &[("A", 4)])).await;
    caller.warehouse.tick();
    let orders = caller.warehouse.orders();
    let line = |place: usize| {
        (
            orders[place].lines[0].despatched,
            orders[place].lines[0].short,
        )
    };
    assert_eq!((line(0), line(1)), ((4, 0), (1, 3)));
    let stock = caller.warehouse.stock();
    assert_eq!((stock[0].on_hand, stock[0].allocated), (0, 0));
}

#[tokio::test]
async fn late_goods_still_fill_an_order() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 1);
    caller.create(&order("K1", &[("A", 4)])).await;
    caller.warehouse.adjust_stock("A", 10).unwrap();
    assert_eq!(caller.warehouse.tick().units, 4);
    assert_eq!(
        caller.warehouse.adjust_stock("B", 1),
        Err(SimError::UnknownSku("B".to_owned()))
    );
}

/// Every unit ordered is sent, short or open, after every step, whatever the rates.
#[tokio::test]
async fn units_are_conserved() {
    let options = WhistlOptions::default()
        .with_short_picks_per_mille(300)
        .with_part_despatches_per_mille(500)
        .with_parcel_limits(3, 20)
        .with_seed(7);
    let caller = Caller::start(options).await;
    let mut seeded = 0;
    for (sku, units) in [("A", 900_i64), ("B", 40), ("C", 300)] {
        caller.warehouse.seed_stock(sku, units);
        seeded += units;
    }
    for number in 1..=40_u32 {
        let lines = [("A", number), ("B", 3), ("C", 1 + number % 5)];
        let status = caller.create(&order(&format!("K{number}"), &lines)).await.0;
        assert_eq!(status, StatusCode::CREATED);
    }
    let mut ticks = 0;
    loop {
        let report = caller.warehouse.tick();
        let mut sent = 0_i64;
        for accepted in caller.warehouse.orders() {
            for line in &accepted.lines {
                assert_eq!(line.ordered, line.despatched + line.short + line.open());
                sent += i64::from(line.despatched);
            }
            let open: u32 = accepted.lines.iter().map(|line| line.open()).sum();
            assert_eq!(open == 0, accepted.status == OrderStatus::Despatched);
        }
        let on_hand: i64 = caller.warehouse.stock().iter().map(|row| row.on_hand).sum();
        assert_eq!(on_hand + sent, seeded);
        if report.despatches == 0 {
            break;
        }
        ticks += 1;
    }
    assert_eq!(ticks, 2, "some orders left in two despatches");
    assert!(
        caller
            .warehouse
            .stock()
            .iter()
            .all(|row| row.allocated == 0)
    );

    // What the feed says agrees with the books.
    let mut told: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    let mut since = String::from("d0");
    loop {
        let (_, page) = caller
            .get(&format!("/v1/despatches?since={since}&limit=7"))
            .await;
        for despatch in page["despatches"].as_array().unwrap() {
            let reference = despatch["reference"].as_str().unwrap();
            let key = |row: &Value| {
                (
                    reference.to_owned(),
                    row["lineId"].as_str().unwrap().to_owned(),
                )
            };
            for row in despatch["parcels"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|parcel| parcel["lines"].as_array().unwrap())
            {
                told.entry(key(row)).or_default().0 += row["quantity"].as_u64().unwrap();
            }
            for row in despatch["shorts"].as_array().unwrap() {
                told.entry(key(row)).or_default().1 += row["quantity"].as_u64().unwrap();
            }
        }
        since = page["next"].as_str().unwrap().to_owned();
        if page["more"] == json!(false) {
            break;
        }
    }
    let mut short_picks = 0;
    for accepted in caller.warehouse.orders() {
        for line in &accepted.lines {
            let told = told[&(accepted.reference.clone(), line.line_id.clone())];
            assert_eq!(told, (u64::from(line.despatched), u64::from(line.short)));
            short_picks += line.short;
        }
    }
    assert!(short_picks > 0);
}

#[tokio::test]
async fn orders_are_listed_page_by_page() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.get("/v1/orders").await.1,
        json!({ "orders": [], "next": null, "more": false })
    );
    for number in 1..=5 {
        caller
            .create(&order(&format!("K{number}"), &[("A", 1)]))
            .await;
    }
    let (_, first) = caller.get("/v1/orders?limit=3").await;
    assert_eq!(
        (first["orders"].as_array().unwrap().len(), &first["more"]),
        (3, &json!(true))
    );
    let next = first["next"].as_str().unwrap();
    let (_, second) = caller
        .get(&format!("/v1/orders?limit=3&since={next}"))
        .await;
    assert_eq!(
        (second["orders"][1]["reference"].as_str(), &second["more"]),
        (Some("K5"), &json!(false))
    );
    let next = second["next"].as_str().unwrap();
    let (_, third) = caller.get(&format!("/v1/orders?since={next}")).await;
    assert_eq!(third, json!({ "orders": [], "next": next, "more": false }));
    for bad in ["limit=0", "limit=501", "since=d3", "since=o"] {
        assert_eq!(
            caller.get(&format!("/v1/orders?{bad}")).await.0,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn inventory_comes_whole_or_since_a_sequence() {
    let caller = Caller::start(WhistlOptions::default().with_inventory_history(3)).await;
    caller.warehouse.seed_stock("A", 10);
    caller.warehouse.seed_stock("B", 10);
    let (_, snapshot) = caller.get("/v1/inventory").await;
    assert_eq!(
        (&snapshot["kind"], &snapshot["asOf"]),
        (&json!("snapshot"), &json!("2010-12-03T18:00:00Z"))
    );
    assert_eq!(snapshot["items"].as_array().unwrap().len(), 2);
    let sequence = snapshot["sequence"].as_u64().unwrap();
    let (_, quiet) = caller.get(&format!("/v1/inventory?since={sequence}")).await;
    assert_eq!(
        (&quiet["kind"], &quiet["items"]),
        (&json!("delta"), &json!([]))
    );

    caller.create(&order("K1", &[("B", 4)])).await;
    let (_, delta) = caller.get(&format!("/v1/inventory?since={sequence}")).await;
    assert_eq!(
        delta["items"],
        json!([{ "sku": "B", "onHand": 10, "allocated": 4, "sequence": sequence + 1 }])
    );
    caller.warehouse.tick();
    let (_, delta) = caller
        .get(&format!("/v1/inventory?since={}", sequence + 1))
        .await;
    assert_eq!(
        delta["items"],
        json!([{ "sku": "B", "onHand": 6, "allocated": 0, "sequence": sequence + 2 }])
    );

    caller.warehouse.adjust_stock("A", -1).unwrap();
    caller.warehouse.adjust_stock("A", -1).unwrap();
    for gone in [sequence, sequence + 99] {
        let (status, problem) = caller.get(&format!("/v1/inventory?since={gone}")).await;
        assert_eq!(
            (status, codes(&problem)),
            (StatusCode::GONE, vec!["SEQUENCE_EXPIRED"]),
            "{gone}"
        );
    }
    assert_eq!(
        caller.get("/v1/inventory?since=x").await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn other_processes_can_tick_and_count() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 2)])).await;
    let tick: Value = caller
        .http
        .post(caller.url("/__sim/tick"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        tick,
        json!({ "despatches": 1, "parcels": 1, "units": 2, "short_units": 0 })
    );
    let state: Value = caller
        .http
        .get(caller.url("/__sim/state"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&state["accepted"], &state["despatches"]),
        (&json!({ "K1": 1 }), &json!(1))
    );
    let page = caller
        .http
        .get(caller.url("/__sim/assumptions"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(page.lines().collect::<Vec<_>>(), WHISTL_ASSUMPTIONS);
}

#[tokio::test]
async fn the_same_seed_repeats_a_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let options = WhistlOptions::default()
            .with_part_despatches_per_mille(500)
            .with_short_picks_per_mille(500);
        let caller = Caller::start(options).await;
        for number in 1..=10 {
            caller
                .create(&order(&format!("K{number}"), &[("A", 3), ("B", 2)]))
                .await;
        }
        caller.warehouse.tick();
        runs.push(caller.warehouse.despatches());
    }
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn secrets_are_not_printed() {
    let options = WhistlOptions::default()
        .with_api_key("canary-key")
        .with_basic("user", "canary-password");
    let printed = format!("{options:?}");
    for secret in ["canary", DEMO_WAREHOUSE_CLIENT_SECRET] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
