//! The least that a client can do at both simulators: one request, the body as text, no retries, no checks.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET,
};
use end_to_end::World;
use serde::Deserialize;
use serde_json::json;

/// A place of a page in the list.
pub(crate) const PAGE: u32 = 500;

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

/// A row of the shop's list, as far as a program must look at it.
#[derive(Debug, Deserialize)]
pub(crate) struct ListedOrder {
    pub(crate) purchase_identifiers: Identifiers,
    pub(crate) dates: Dates,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Identifiers {
    pub(crate) sparklayer: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dates {
    pub(crate) updated_at: String,
}

/// Both simulators of a world, spoken to with reqwest alone.
#[derive(Debug, Clone)]
pub(crate) struct BareHttp {
    client: reqwest::Client,
    shop: String,
    shop_token: String,
    warehouse: String,
    warehouse_token: String,
}

impl BareHttp {
    /// Signs in at both.
    pub(crate) async fn sign_in(world: &World) -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let shop = world.shop.base_url();
        let asked = client.post(format!("{shop}/api/auth/token")).header("Site-Id", DEMO_SITE_ID).json(&json!({
            "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET,
        }));
        let shop_token: Token = asked.send().await.unwrap().json().await.unwrap();
        let warehouse = world.warehouse.base_url();
        let form = format!(
            "grant_type=client_credentials&client_id={DEMO_WAREHOUSE_CLIENT_ID}&client_secret={DEMO_WAREHOUSE_CLIENT_SECRET}"
        );
        let asked = client
            .post(format!("{warehouse}/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let warehouse_token: Token = asked.send().await.unwrap().json().await.unwrap();
        Self {
            client,
            shop,
            shop_token: shop_token.access_token,
            warehouse,
            warehouse_token: warehouse_token.access_token,
        }
    }

    /// A page of the orders that changed since a moment, parsed.
    pub(crate) async fn page(&self, since: DateTime<Utc>, offset: u32) -> Vec<ListedOrder> {
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let url = format!(
            "{}/api/v1/purchases?limit={PAGE}&offset={offset}&dates[updated_at][gte]={since}",
            self.shop
        );
        let answer = self
            .client
            .get(url)
            .header("Site-Id", DEMO_SITE_ID)
            .bearer_auth(&self.shop_token)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// One order of the shop, its text.
    pub(crate) async fn order(&self, id: &str) -> usize {
        let url = format!("{}/api/v1/purchases/sparklayer/{id}", self.shop);
        let answer = self
            .client
            .get(url)
            .header("Site-Id", DEMO_SITE_ID)
            .bearer_auth(&self.shop_token)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        answer.bytes().await.unwrap().len()
    }

    /// Creates an order at the warehouse.
    pub(crate) async fn create(&self, body: String) {
        let answer = self
            .client
            .post(format!("{}/v1/orders", self.warehouse))
            .header("content-type", "application/json")
            .bearer_auth(&self.warehouse_token)
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.unwrap();
    }
}

/// What the engine sends for the order of that number, under a reference that no order of the engine has.
pub(crate) fn body(number: u32) -> String {
    let line = |position: u32, sku: &str, units: u32| json!({ "lineId": format!("0-{position}"), "sku": sku, "quantity": units, "description": "Article", "unitPrice": "1.125" });
    json!({
        "reference": format!("R{number:010}"),
        "orderNumber": format!("#{number}"),
        "otherrefnum": format!("PO-{number}"),
        "serviceCode": "WHI_STD",
        "currency": "GBP",
        "recipient": {
            "name": "Goods In", "company": format!("Customer {number}"), "line1": "12 Example Street", "city": "Reading",
            "postcode": "RG1 1AA", "country": "GB", "phone": "442079460123",
        },
        "mayPartShip": true,
        "lines": [line(0, "MUG01", 4), line(1, "TEAPOT", 2), line(2, "CUPRED", 12), line(3, "PLATE", 6)],
    })
    .to_string()
}
