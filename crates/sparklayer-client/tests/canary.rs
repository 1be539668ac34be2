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
    CartCustomer, CartLine, CartUpdate, CompleteCart, Customer, CustomerAddress, Error,
    Idempotency, LocationRef, LookupBy, NewHistoryEntry, NewShipment, Operation, Package,
    PaymentMethod, PriceList, PriceTier, PriceUpdate, Purchase, RawJson, SparkLayer, StockFilter,
    StockLevelUpdate, StockLocation, Transaction, TransactionTotal,
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
    "cart_id": "c", "purchase_id": "p", "line_items": [{"message": "CANARY", "note": "CANARY"}],
    "cart": {"items": [{"quantity": "CANARY", "line_total": {"net": "CANARY"}}], "note": "CANARY"},
    "totals": {"total": {"pre_discount": {"net": {"amount": "CANARY"}}}}, "shipping_methods": [{"note": "CANARY"}],
    "title": "CANARY", "first_name": "CANARY", "last_name": "CANARY", "email": "CANARY", "company": "CANARY",
    "company_name": "CANARY", "address_line1": "CANARY", "city": "CANARY", "phone": "CANARY", "mobile": "CANARY",
    "nickname": "CANARY", "addresses": [{"address_line2": "CANARY"}], "created_at": "CANARY",
    "pricing": [{"price": "CANARY", "note": "CANARY"}], "rules": [{"adjustment_percentage": "CANARY"}],
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
        "batch_delete" => |shop| shop.stock().batch_delete(&[MARK.to_owned()]),
        "create_location" => |shop| shop.stock().create_location(&place()),
        "update_location" => |shop| shop.stock().update_location(MARK, &place()),
        "create_cart" => |shop| shop.carts().create(&CartCustomer::email(MARK), None),
        "cart" => |shop| shop.carts().get(MARK),
        "update_cart" => |shop| shop.carts().update(MARK, &basket()),
        "calculate_cart" => |shop| shop.carts().calculate(MARK, Some(MARK)),
        "complete_cart" => |shop| shop.carts().complete(MARK, &CompleteCart::new(PaymentMethod::Invoice)),
        "completion_of" => |shop| shop.carts().completion_of(canned::ID),
        "create_customer" => |shop| shop.customers().create(&buyer()),
        "customer" => |shop| shop.customers().get(MARK),
        "update_customer" => |shop| shop.customers().update(MARK, &buyer()),
        "delete_customer" => |shop| shop.customers().delete(MARK),
        "addresses" => |shop| shop.customers().addresses(MARK),
        "create_address" => |shop| shop.customers().create_address(MARK, &goods_in()),
        "address" => |shop| shop.customers().address(MARK, MARK),
        "update_address" => |shop| shop.customers().update_address(MARK, MARK, &goods_in()),
        "delete_address" => |shop| shop.customers().delete_address(MARK, MARK),
        "price_lists" => |shop| shop.price_lists().list().with_source(MARK).send(),
        "price_list_items" => |shop| shop.price_lists().list().items().try_collect::<Vec<_>>(),
        "all_price_lists" => |shop| shop.price_lists().all(),
        "price_list" => |shop| shop.price_lists().get(MARK),
        "create_price_list" => |shop| shop.price_lists().create(&trade()),
        "update_price_list" => |shop| shop.price_lists().update(MARK, &trade()),
        "prices_of_list" => |shop| shop.prices().of_list(MARK),
        "prices_of_sku" => |shop| shop.prices().of_sku(MARK),
        "update_prices" => |shop| shop.prices().update_list(MARK, &[prices()]),
        "update_prices_csv" => |shop| shop.prices().update_list_csv(MARK, MARK),
        "update_all_prices" => |shop| shop.prices().update_lists(&[prices().in_list(MARK)]),
        "update_all_prices_csv" => |shop| shop.prices().update_lists_csv(MARK),
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

fn place() -> StockLocation {
    read(r#"{"name":"goods in","note":"CANARY"}"#)
}

fn basket() -> CartUpdate {
    CartUpdate::new(vec![CartLine::new("A", 1)])
        .with_temporary_shipping_address(goods_in())
        .with_custom_fields([("Delivery".to_owned(), MARK.to_owned())])
        .with_customer_reference(MARK)
        .with_po_number(MARK)
}

fn buyer() -> Customer {
    read(
        r#"{"title":"CANARY","first_name":"CANARY","last_name":"CANARY","email":"CANARY","company_name":"CANARY",
            "addresses":[{"phone":"CANARY","mobile":"CANARY"}],"note":"CANARY"}"#,
    )
}

fn goods_in() -> CustomerAddress {
    read(
        r#"{"title":"CANARY","first_name":"CANARY","last_name":"CANARY","company":"CANARY","address_line1":"CANARY",
            "address_line2":"CANARY","city":"CANARY","region_code":"CANARY","postal_code":"CANARY","country_code":"GB",
            "phone":"CANARY","mobile":"CANARY","nickname":"CANARY","note":"CANARY"}"#,
    )
}

fn trade() -> PriceList {
    read(r#"{"name":"Trade","note":"CANARY"}"#)
}

fn prices() -> PriceUpdate {
    PriceUpdate::new("A", vec![PriceTier::new(1.into(), 1.into())])
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn success(request: &Request<Bytes>) -> Answer {
    const LISTS: [&str; 9] = [
        "/purchases",
        "/addresses",
        "v1/price-lists",
        "/pricing",
        "/pricing/CANARY",
        "/history",
        "/transactions",
        "-locations",
        "-stock",
    ];
    let at = request.uri().path();
    if at.ends_with("v2/price-lists") {
        let page = r#"{"current_page":1,"total_pages":1,"note":"CANARY"}"#;
        return answer(200, format!(r#"{{"pagination":{page},"x":[{MARKED}]}}"#));
    }
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

// One test, one after the other: whether anybody listens to a place in the code is remembered for the whole process, and a call that
// nobody listens to must not be the first to ask.
#[tokio::test]
async fn nothing_marked_comes_out() {
    nothing_marked_comes_out_of_any_call().await;
    nothing_marked_comes_out_of_values().await;
}

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

async fn nothing_marked_comes_out_of_values() {
    let entry = NewHistoryEntry::note(MARK, MARK);
    let list = Canned::always(200, "[]").client().purchases().list();
    let text = format!(
        "{entry:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        CartCustomer::email(MARK),
        basket(),
        buyer(),
        goods_in(),
        place(),
        trade(),
        paid(),
        parcel(),
        package(),
        marked()
    );
    assert!(!text.contains(MARK), "{text}");
    let token = list.with_limit(1).send().await.unwrap().next;
    assert!(token.is_none());
}
