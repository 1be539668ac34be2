//! A plain HTTP caller with a token.

use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SparkLayerOptions, SparkLayerSim,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const FIRST: &str = "63428136-658f-48a6-beb7-7f333dfd0001";
pub(crate) const SECOND: &str = "63428136-658f-48a6-beb7-7f333dfd0002";

pub(crate) struct Caller {
    pub(crate) shop: SparkLayerSim,
    pub(crate) http: Client,
    pub(crate) token: String,
}

impl Caller {
    pub(crate) async fn start(options: SparkLayerOptions) -> Self {
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

    pub(crate) async fn new() -> Self {
        Self::start(SparkLayerOptions::default()).await
    }

    pub(crate) async fn renew(&mut self) {
        let answer = self.ask_token(Some(DEMO_SITE_ID), DEMO_CLIENT_SECRET).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["expires_in"], 3600);
        assert_eq!(answer["token_type"], "Bearer");
        self.token = answer["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn ask_token(&self, site: Option<&str>, secret: &str) -> Response {
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

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.shop.base_url()))
            .bearer_auth(&self.token)
            .header("Site-Id", DEMO_SITE_ID)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        read(self.request(method, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn listed(&self, query: &str) -> Vec<String> {
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

pub(crate) async fn read(answer: Response) -> (StatusCode, Value) {
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

pub(crate) fn order(id: &str, visible: &str) -> Value {
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

pub(crate) fn path(id: &str) -> String {
    format!("/api/v1/purchases/sparklayer/{id}")
}
