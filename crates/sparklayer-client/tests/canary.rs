//! Every call with marked secrets and personal data, and every place where a text comes out.
//!
//! A new operation takes one line in [`calls`].
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/canned.rs"]
mod canned;
#[path = "support/traced.rs"]
mod traced;

use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use canned::{Answer, Canned, answer};
use connector_http::{TransportError, TransportErrorKind};
use futures_util::TryStreamExt;
use http::Request;
use sparklayer_client::{
    Error, Idempotency, LocationRef, LookupBy, NewHistoryEntry, NewShipment, Operation, Package,
    Purchase, RawJson, SparkLayer, StockFilter, StockLevelUpdate, Transaction, TransactionTotal,
};
use traced::Traced;

/// Stands in everything that must not come out: secrets, persons, free text, and what the caller looks up by.
const MARK: &str = "CANARY";

/// An identifier that the caller looks up by. It is marked, since addresses must not be printed.
const WHO: (LookupBy, &str) = (LookupBy::Visible, "#CANARY/1");

/// A purchase with marks wherever a person may stand, in unknown members, and in members of a wrong type.
const MARKED: &str = r#"{
    "type": "order", "customer_reference": "CANARY PO", "currency_code": "GBP", "surprise": "CANARY",
    "calculated_shipping_address": "CANARY, CANARY street", "calculated_total": {"number": "CANARY"},
    "dates": {"placed_at": "CANARY"}, "metadata": [{"name": "m", "value": "CANARY"}],
    "custom_fields": [{"name": "Delivery", "value": "CANARY", "note": "CANARY"}],
    "billing_address": {"name": "CANARY", "company": "CANARY", "address_line1": "CANARY", "address_line2": "CANARY",
        "city": "CANARY", "region_code": "CANARY", "postal_code": "CANARY", "phone": "CANARY", "email": "CANARY"},
    "packages": [{"type": "incoming", "shipping_address": {"name": "CANARY"},
        "line_items": [{"quantity": "CANARY", "custom_attributes": [{"key": "k", "value": "CANARY"}]}],
        "shipments": [{"carrier": "DPD", "tracking_url": "https://track.example/?postcode=CANARY"}]}],
    "platform_id": "t-1", "total": "1", "full_transaction": {"card": "CANARY"},
    "event_type": "message", "created_by": "CANARY", "sent_by": "CANARY", "body": "CANARY",
    "sku": "A", "stock_levels": [{"stock_level": "CANARY", "surprise": "CANARY"}]
}"#;

type Outcome = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;
type Call = fn(SparkLayer) -> Outcome;

/// Pairs a name with a call whose result is printed as its `Debug`.
macro_rules! calls {
    ($($name:literal => |$shop:ident| $call:expr),* $(,)?) => {
        vec![$((
            $name,
            (|$shop: SparkLayer| -> Outcome {
                Box::pin(async move { $call.await.map(|value| format!("{value:?} {value:#?}")) })
            }) as Call,
        )),*]
    };
}

/// Every operation of the crate.
fn calls() -> Vec<(&'static str, Call)> {
    calls![
        "list" => |shop| shop.purchases().list().with_customer(MARK).send(),
        "items" => |shop| shop.purchases().list().items().try_collect::<Vec<_>>(),
        "get" => |shop| shop.purchases().get(WHO.0, WHO.1),
        "put" => |shop| shop.purchases().put(WHO.0, WHO.1, &marked()),
        "history" => |shop| shop.purchases().history(WHO.0, WHO.1),
        "add_history" => |shop| shop.purchases().add_history(WHO.0, WHO.1, &NewHistoryEntry::email(MARK, MARK)),
        "transactions" => |shop| shop.purchases().transactions(WHO.0, WHO.1),
        "put_transaction" => |shop| shop.purchases().put_transaction(WHO.0, WHO.1, &paid()),
        "add_shipment" => |shop| shop.purchase_editor().add_shipment(WHO.0, WHO.1, parcel()),
        "add_package" => |shop| shop.purchase_editor().add_package(WHO.0, WHO.1, package()),
        "edit" => |shop| shop.purchase_editor().edit(WHO.0, WHO.1, note),
        "visible" => |shop| shop.purchase_editor().visible_tracking_numbers(WHO.0, WHO.1),
        "raw" => |shop| shop.request(&RAW, http::Method::POST, ["x", MARK]).with_query("q", MARK).with_json(&MARK)?.send(),
        "locations" => |shop| shop.stock().locations(),
        "batch_fetch" => |shop| shop.stock().batch_fetch(&["A".to_owned()], &StockFilter::All),
        "batch_update" => |shop| shop.stock().batch_update(vec![level()]),
    ]
}

static RAW: Operation = Operation::new("test.raw", Idempotency::Idempotent, "/x/{who}");

fn marked() -> Purchase {
    serde_json::from_str(MARKED).unwrap()
}

fn paid() -> Transaction {
    let mut paid = Transaction::new("t-1", TransactionTotal::new(1.into(), "GBP"));
    paid.full_transaction = Some(RawJson::parse(r#"{"card":"CANARY"}"#).unwrap());
    paid
}

fn parcel() -> NewShipment {
    NewShipment::new("DPD", "1").with_tracking_url("https://track.example/?postcode=CANARY")
}

fn package() -> Package {
    marked().packages.remove(0)
}

fn note(purchase: &mut Purchase) -> Result<(), Error> {
    purchase.customer_reference = Some("CANARY 2".into());
    Ok(())
}

fn level() -> StockLevelUpdate {
    StockLevelUpdate::new("A", LocationRef::ExternalId("default".to_owned()), 1)
}

fn success(request: &Request<Bytes>) -> Answer {
    const LISTS: [&str; 5] = [
        "/purchases",
        "/history",
        "/transactions",
        "-locations",
        "-stock",
    ];
    let at = request.uri().path();
    if request.method() == http::Method::GET && LISTS.iter().any(|end| at.ends_with(end)) {
        return answer(200, format!("[{MARKED}]"));
    }
    if at.ends_with("fetch-stock") {
        return answer(200, format!("[{MARKED}]"));
    }
    answer(200, MARKED)
}

/// Reads go well, and writes are refused: what editors meet.
fn conflict(request: &Request<Bytes>) -> Answer {
    if request.method() == http::Method::GET {
        return success(request);
    }
    answer(
        409,
        r#"{"title":"CANARY","detail":"CANARY belongs to another"}"#,
    )
}

fn shops() -> Vec<Arc<Canned>> {
    let problem = r#"{"title":"CANARY","detail":"CANARY","errors":[
        {"code":"CANARY is no code","message":"CANARY","property":"/CANARY of/goods in"}]}"#;
    let mut shops = vec![Canned::new(success), Canned::new(conflict)];
    for (status, body) in [
        (200, "CANARY"),
        (200, r#"["CANARY"]"#),
        (200, r#"[{"type":"CANARY"#),
        (200, "<html>CANARY</html>"),
        (204, ""),
        (302, "CANARY"),
        (400, problem),
        (
            400,
            r#"[{"line":"CANARY x","field":"CANARY y","message":"CANARY"}]"#,
        ),
        (401, problem),
        (403, problem),
        (404, "<html>CANARY</html>"),
        (404, problem),
        (422, problem),
        (429, problem),
        (500, "<html>CANARY</html>"),
    ] {
        shops.push(Canned::always(status, body));
    }
    for kind in [
        TransportErrorKind::Connect,
        TransportErrorKind::Timeout,
        TransportErrorKind::Interrupted,
        TransportErrorKind::BodyTooLarge,
    ] {
        shops.push(Canned::new(move |_| Err(TransportError::new(kind))));
    }
    shops
}

/// Everything that an error prints, its causes included.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(&format!(" {one} {one:?}"));
        cause = one.source();
    }
    text
}

#[tokio::test]
async fn nothing_marked_comes_out_of_any_call() {
    let mut succeeded = Vec::new();
    for shop in shops() {
        for (name, call) in calls() {
            let traced = Traced::default();
            let guard = traced.begin();
            let client = shop.client();
            let result = call(client.clone()).await;
            drop(guard);
            let text = match &result {
                Ok(value) => value.clone(),
                Err(error) => printed(error),
            };
            if result.is_ok() {
                succeeded.push(name);
            }
            let all = format!("{text} {client:?} {}", traced.text());
            assert!(!all.contains(MARK), "{name}: {all}");
            assert!(all.contains("connector.request"), "{name} was not traced");
        }
    }
    for (name, _) in calls() {
        assert!(
            succeeded.contains(&name),
            "{name} never succeeded, so its result was not looked at"
        );
    }
}

#[tokio::test]
async fn nothing_marked_comes_out_of_values() {
    let entry = NewHistoryEntry::note(MARK, MARK);
    let list = Canned::always(200, "[]").client().purchases().list();
    let text = format!(
        "{entry:?} {:?} {:?} {:?} {:?}",
        paid(),
        parcel(),
        package(),
        marked()
    );
    assert!(!text.contains(MARK), "{text}");
    let token = list.with_limit(1).send().await.unwrap().next;
    assert!(token.is_none());
}
