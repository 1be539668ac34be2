//! The HTTP contract on the wire.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod changes;
mod contract_file;
mod create;
mod feeds;
mod read;
mod settings;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::time::Duration;

use connector_http::RetryPolicy;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use whistl_client::orders::{
    AcknowledgementKind, Amendment, Auth, ChangeOutcome, ChargeKind, ChargePeriod, Contract,
    Cursor, GoodsCondition, InventoryKind, NewCustoms, NewLine, NewOrder, NewRecipient,
    OrderStatus, WarehouseOrders, WarehouseOrdersBuilder, is_sequence_expired,
};
use whistl_client::{Error, ErrorKind};
use wiremock::matchers::{
    body_json, body_string, header, method, path, query_param, query_param_is_missing,
};
use wiremock::{Mock, MockServer, ResponseTemplate};

const REFERENCE: &str = "B7Q2M4XK3P5A";

fn builder(base_url: impl Into<String>) -> WarehouseOrdersBuilder {
    let retry = RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(2));
    WarehouseOrders::builder(base_url, Auth::api_key("X-Api-Key", "key-canary"), "tests")
        .with_retry_policy(retry)
}

fn client(server: &MockServer) -> WarehouseOrders {
    builder(server.uri()).build().unwrap()
}

fn order() -> NewOrder {
    let recipient = NewRecipient::new(
        "Goods In",
        "8 Sample Street",
        "Exampleton",
        "ZZ9 9ZZ",
        "GB",
        "447700900123",
    );
    let recipient = recipient
        .with_company("Example Ltd")
        .with_line2("Unit 4")
        .with_county("Sampleshire");
    let line = NewLine::new("1", "MUG01", 2)
        .with_description("Mug")
        .with_unit_price("15.90".parse().unwrap());
    NewOrder::new(
        REFERENCE,
        "SAMPLE",
        recipient.with_email("goods-in@example.com"),
        [line],
    )
    .with_order_number("SO-10001")
    .with_purchase_order("PO-7781")
    .with_currency("GBP")
    .with_requested_date("2026-02-03".parse().unwrap())
    .with_instructions("Ring twice")
}

fn body(po_field: &str) -> Value {
    json!({
        "reference": REFERENCE, "orderNumber": "SO-10001", po_field: "PO-7781", "serviceCode": "SAMPLE",
        "currency": "GBP", "requestedDate": "2026-02-03", "instructions": "Ring twice",
        "recipient": {
            "name": "Goods In", "company": "Example Ltd", "line1": "8 Sample Street", "line2": "Unit 4",
            "city": "Exampleton", "county": "Sampleshire", "postcode": "ZZ9 9ZZ", "country": "GB",
            "phone": "447700900123", "email": "goods-in@example.com"
        },
        "lines": [{"lineId": "1", "sku": "MUG01", "quantity": 2, "description": "Mug", "unitPrice": "15.90"}]
    })
}

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(json!({
        "orderId": 17, "reference": REFERENCE, "status": "accepted",
        "acceptedAt": "2026-01-31T12:30:05Z", "lane": "east"
    }))
}

async fn answer(verb: &str, at: &str, response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(response)
        .expect(1)
        .mount(&server)
        .await;
    server
}

fn codes(error: &Error) -> Vec<&str> {
    error
        .vendor_errors()
        .iter()
        .filter_map(|error| error.code())
        .collect()
}

/// Reads one request of each connection, then hangs up; counts the connections that sent something until none comes any more.
async fn hang_up(listener: TcpListener) -> usize {
    let mut requests = 0;
    let mut connection = listener.accept().await.ok();
    while let Some((mut stream, _)) = connection {
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            seen.extend_from_slice(&buffer[..count]);
            if String::from_utf8_lossy(&seen).contains("\"lines\"") {
                break;
            }
        }
        requests += usize::from(!seen.is_empty());
        stream.shutdown().await.ok();
        drop(stream);
        let next = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        connection = next.ok().and_then(Result::ok);
    }
    requests
}
