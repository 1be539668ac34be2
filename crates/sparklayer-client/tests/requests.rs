//! What each operation puts on the wire, to the letter.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/canned.rs"]
mod canned;

use std::sync::Arc;

use bytes::Bytes;
use canned::{Canned, ID};
use http::{HeaderName, HeaderValue, Method};
use sparklayer_client::{
    AmountShape, ErrorKind, Idempotency, LookupBy, NewHistoryEntry, Operation, Purchase,
    PurchaseType, RawJson, SparkLayer, Transaction, TransactionTotal, WireNames,
};

/// The headers that every request has.
const ALWAYS: &str =
    "accept: application/json\nauthorization: Bearer CANARY-token\nsite-id: jones-climbing\n";

/// The last request as text: line, headers but for the agent, body.
fn last(shop: &Arc<Canned>) -> String {
    let request = shop.seen().pop().unwrap();
    let agent = format!(
        "sparklayer-client/{} (test-suite)",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(request.headers()["user-agent"], agent.as_str());
    assert_eq!(request.uri().host(), Some("test.app.sparklayer.io"));
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .filter(|(name, _)| *name != "user-agent")
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let (method, at) = (request.method(), request.uri().path_and_query().unwrap());
    format!("{method} {at}\n{}{body}", headers.concat())
}

/// A request without a body.
fn read(line: &str) -> String {
    format!("{line}\n{ALWAYS}")
}

/// A request with a JSON body.
fn write(line: &str, body: &str) -> String {
    let headers = ALWAYS.replace("site-id", "content-type: application/json\nsite-id");
    format!("{line}\n{headers}{body}")
}

#[tokio::test]
async fn lists_with_every_filter() {
    let shop = Canned::always(200, "[]");
    let list = shop.client().purchases().list();
    list.send().await.unwrap();
    assert_eq!(
        last(&shop),
        read("GET /api/v1/purchases?limit=500&offset=0")
    );
    list.with_type(PurchaseType::OrderUnconfirmed)
        .with_customer("cu_1")
        .with_impersonator("cu_2")
        .with_sales_rep("cu_3")
        .with_updated_window(
            "2026-01-05T10:00:00Z".parse().unwrap(),
            "2026-01-05T11:00:00Z".parse().unwrap(),
        )
        .with_placed_window(
            "2026-01-04T10:00:00+01:00".parse().unwrap(),
            "2026-01-05T11:00:00Z".parse().unwrap(),
        )
        .with_limit(50)
        .with_offset(100)
        .send()
        .await
        .unwrap();
    let query = "type=order_unconfirmed\
        &customer_identifiers%5Bsparklayer%5D=cu_1\
        &customer_identifiers%5Bsparklayer_impersonator%5D=cu_2\
        &customer_identifiers%5Bsparklayer_sales_rep%5D=cu_3\
        &dates%5Blast_updated%5D%5Bgte%5D=2026-01-05T10%3A00%3A00Z\
        &dates%5Blast_updated%5D%5Blte%5D=2026-01-05T11%3A00%3A00Z\
        &dates%5Bplaced%5D%5Bgte%5D=2026-01-04T09%3A00%3A00Z\
        &dates%5Bplaced%5D%5Blte%5D=2026-01-05T11%3A00%3A00Z\
        &limit=50&offset=100";
    assert_eq!(last(&shop), read(&format!("GET /api/v1/purchases?{query}")));
}

#[tokio::test]
async fn a_purchase_by_each_of_its_identifiers() {
    let shop = Canned::always(200, "{}");
    let purchases = shop.client().purchases();
    for (lookup_by, identifier, at) in [
        (
            LookupBy::Sparklayer,
            ID,
            "sparklayer/63428136-658f-48a6-beb7-7f333dfd9686",
        ),
        (LookupBy::Platform, "123456789", "platform/123456789"),
        (LookupBy::Internal, "WH 1/2", "internal/WH%201%2F2"),
        (LookupBy::Visible, "#1001?", "visible/%231001%3F"),
    ] {
        purchases.get(lookup_by, identifier).await.unwrap();
        assert_eq!(last(&shop), read(&format!("GET /api/v1/purchases/{at}")));
    }
}

#[tokio::test]
async fn a_purchase_is_put_whole() {
    let shop = Canned::always(200, "");
    let mut purchase: Purchase =
        serde_json::from_str(r#"{"type":"order","odd":1.0,"calculated_total":{}}"#).unwrap();
    purchase.customer_reference = Some("PO 1".into());
    let purchases = shop.client().purchases();
    let stored = purchases
        .put(LookupBy::Internal, "WH-1", &purchase)
        .await
        .unwrap();
    assert_eq!(stored, None, "an empty answer shows nothing");
    assert_eq!(
        last(&shop),
        write(
            "PUT /api/v1/purchases/internal/WH-1",
            r#"{"customer_reference":"PO 1","odd":1.0,"type":"order"}"#
        )
    );
}

#[tokio::test]
async fn the_history_is_read_and_added_to() {
    let shop = Canned::always(200, "[]");
    let purchases = shop.client().purchases();
    assert!(
        purchases
            .history(LookupBy::Visible, "#1")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        last(&shop),
        read("GET /api/v1/purchases/visible/%231/history")
    );
    for (entry, body) in [
        (
            NewHistoryEntry::message("u-1", "Left."),
            r#"{"event_type":"message","created_by":"u-1","body":"Left."}"#,
        ),
        (
            NewHistoryEntry::note("u-1", "Late."),
            r#"{"event_type":"note","created_by":"u-1","body":"Late."}"#,
        ),
        (
            NewHistoryEntry::email("a@example.com", "Hello"),
            r#"{"event_type":"email","sent_by":"a@example.com","body":"Hello"}"#,
        ),
    ] {
        purchases
            .add_history(LookupBy::Visible, "#1", &entry)
            .await
            .unwrap();
        assert_eq!(
            last(&shop),
            write("POST /api/v1/purchases/visible/%231/history", body)
        );
    }
    let mut names = WireNames::default();
    names.history = "events/all".to_owned();
    let client = shop.builder().with_wire_names(names).build().unwrap();
    client
        .purchases()
        .history(LookupBy::Visible, "1")
        .await
        .unwrap();
    assert_eq!(
        last(&shop),
        read("GET /api/v1/purchases/visible/1/events/all")
    );
}

#[tokio::test]
async fn transactions_are_listed_and_put() {
    let shop = Canned::always(200, "[]");
    let purchases = shop.client().purchases();
    assert!(
        purchases
            .transactions(LookupBy::Platform, "7")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        last(&shop),
        read("GET /api/v1/purchases/platform/7/transactions")
    );
    let total = TransactionTotal::new("15.90".parse().unwrap(), "GBP");
    let mut paid = Transaction::new("t-1", total).applied_to_balance();
    paid.full_transaction = Some(RawJson::parse(r#"{"fee":0.10}"#).unwrap());
    let stored = purchases
        .put_transaction(LookupBy::Platform, "7", &paid)
        .await
        .unwrap();
    assert_eq!(stored, None, "an answer that is no object shows nothing");
    let line = "PUT /api/v1/purchases/platform/7/transactions";
    let body = r#"{"apply_to_balance":true,"full_transaction":{"fee":0.10},"platform_id":"t-1","total":{"currency":"GBP","number":"15.90"}}"#;
    assert_eq!(last(&shop), write(line, body));

    let mut names = WireNames::default();
    names.transaction_total = AmountShape::Number;
    let client = shop.builder().with_wire_names(names).build().unwrap();
    client
        .purchases()
        .put_transaction(LookupBy::Platform, "7", &paid)
        .await
        .unwrap();
    let body = r#"{"apply_to_balance":true,"full_transaction":{"fee":0.10},"platform_id":"t-1","total":15.90}"#;
    assert_eq!(last(&shop), write(line, body));
}

#[tokio::test]
async fn transactions_without_a_key_or_a_currency_are_refused() {
    let shop = Canned::always(200, "");
    let purchases = shop.client().purchases();
    let total = TransactionTotal::new(1.into(), "GBP");
    let mut blank = Transaction::new(" ", total.clone());
    let mut without_currency = Transaction::new("t", total);
    without_currency.total.as_mut().unwrap().currency = None;
    for transaction in [&blank, &without_currency] {
        let sent = purchases
            .put_transaction(LookupBy::Platform, "7", transaction)
            .await;
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    blank.platform_id = None;
    let sent = purchases
        .put_transaction(LookupBy::Platform, "7", &blank)
        .await;
    assert_eq!(sent.unwrap_err().attempts(), 0);
    assert!(shop.seen().is_empty());
}

static PRICES: Operation = Operation::new(
    "pricing.upload",
    Idempotency::Idempotent,
    "/api/v1/price-lists/{slug}/pricing",
);

fn raw(client: &SparkLayer, slug: &str) -> sparklayer_client::RawRequest {
    client.request(
        &PRICES,
        Method::PATCH,
        ["api", "v1", "price-lists", slug, "pricing"],
    )
}

#[tokio::test]
async fn a_raw_request_goes_out_as_it_was_made_and_only_below_the_base_address() {
    let shop = Canned::always(200, r#"{"rows":2}"#);
    let client = shop.client();
    let reply = raw(&client, "../base list?")
        .with_query("dry run", "a&b")
        .with_header(
            HeaderName::from_static("accept-language"),
            HeaderValue::from_static("de"),
        )
        .with_body(
            HeaderValue::from_static("text/csv"),
            Bytes::from_static(b"sku,price\nA,1"),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(reply.body(), r#"{"rows":2}"#);
    assert_eq!(
        last(&shop),
        "PATCH /api/v1/price-lists/..%2Fbase%20list%3F/pricing?dry+run=a%26b\n\
         accept-language: de\naccept: application/json\nauthorization: Bearer CANARY-token\n\
         content-type: text/csv\nsite-id: jones-climbing\nsku,price\nA,1"
    );
    let answer: serde_json::Value = raw(&client, "base")
        .with_json(&[1])
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["rows"], 2);
    assert_eq!(
        last(&shop),
        write("PATCH /api/v1/price-lists/base/pricing", "[1]")
    );
    assert_eq!(shop.seen().len(), 2);
    for segment in ["", ".", "..", "a\nb"] {
        let error = raw(&client, segment).send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0)
        );
    }
    for name in [
        "authorization",
        "site-id",
        "host",
        "content-length",
        "transfer-encoding",
    ] {
        let header = HeaderName::from_static(name);
        let request = raw(&client, "base").with_header(header, HeaderValue::from_static("x"));
        let error = request.send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0),
            "{name}"
        );
    }
    assert_eq!(shop.seen().len(), 2);
    assert!(!format!("{:?}", raw(&client, "CANARY").with_query("q", "CANARY")).contains("CANARY"));
}

#[tokio::test]
async fn a_raw_request_is_repeated_as_its_operation_says() {
    static ONCE: Operation = Operation::new("test.once", Idempotency::NonIdempotent, "/x");
    let shop = Canned::always(502, "");
    let client = shop.client();
    let error = raw(&client, "base").send().await.unwrap_err();
    assert_eq!((error.operation(), error.attempts()), ("pricing.upload", 4));
    let error = client
        .request(&ONCE, Method::POST, ["x"])
        .send()
        .await
        .unwrap_err();
    assert!(error.is_ambiguous() && error.attempts() == 1);
}
