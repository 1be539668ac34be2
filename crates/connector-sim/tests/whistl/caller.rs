//! A plain HTTP caller with a token.

use std::time::Duration;

use connector_sim::{
    DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, WhistlOptions, WhistlSim,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) struct Caller {
    pub(crate) warehouse: WhistlSim,
    pub(crate) http: Client,
    pub(crate) token: String,
}

impl Caller {
    pub(crate) async fn start(options: WhistlOptions) -> Self {
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

    pub(crate) async fn new() -> Self {
        Self::start(WhistlOptions::default()).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.warehouse.base_url())
    }

    pub(crate) async fn ask_token(&self, secret: &str) -> Response {
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

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn create(&self, order: &Value) -> (StatusCode, Value) {
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

pub(crate) async fn read(answer: Response) -> (StatusCode, Value) {
    (answer.status(), answer.json().await.unwrap())
}

pub(crate) fn order(reference: &str, lines: &[(&str, u32)]) -> Value {
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

pub(crate) fn codes(problem: &Value) -> Vec<&str> {
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}
