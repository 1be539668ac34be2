//! Edits of purchases against a shop in memory that can fail and meddle.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{HttpTransport, TransportError, TransportErrorKind};
use http::{Method, Request, Response};
use serde_json::Value;
use sparklayer_client::{
    Credentials, EditOutcome, Edited, Environment, Error, ErrorKind, LineItem, LookupBy,
    NewShipment, Package, PackageType, PaymentMethod, Purchase, RetryPolicy, SparkLayer,
};

const ID: &str = "63428136-658f-48a6-beb7-7f333dfd9686";

/// What happens to a PUT.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Stored,
    Clash,
    /// Refused, since another writer came first.
    Outrun,
    LostBefore,
    LostAfter,
    /// Stored with other words, and the answer is lost.
    LostAfterRewritten,
    /// Stored, and then overwritten with what was there before: a platform's connector at work.
    Overwritten,
    /// Stored, and then nothing answers any more.
    StoredThenDown,
    /// Stored without the members that the vendor does not know.
    Stripped,
    /// The same, and the answer is lost.
    LostAfterStripped,
}

#[derive(Debug)]
struct Shop {
    stored: Mutex<String>,
    fates: Mutex<VecDeque<Fate>>,
    puts: Mutex<Vec<String>>,
    down: Mutex<bool>,
    updates: Mutex<u32>,
}

fn answer(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .body(body.into())
        .unwrap()
}

fn stripped(body: &str) -> String {
    let mut json: Value = serde_json::from_str(body).unwrap();
    json.as_object_mut().unwrap().remove("odd");
    json.to_string()
}

#[async_trait]
impl HttpTransport for Shop {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().path() == "/api/auth/token" {
            return Ok(answer(
                200,
                r#"{"access_token":"CANARY-token","expires_in":3600}"#,
            ));
        }
        assert_eq!(
            request.uri().path(),
            format!("/api/v1/purchases/sparklayer/{ID}")
        );
        if *self.down.lock().unwrap() {
            return Err(TransportError::new(TransportErrorKind::Other));
        }
        let mut stored = self.stored.lock().unwrap();
        if request.method() == Method::GET {
            return Ok(answer(200, stored.clone()));
        }
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        self.puts.lock().unwrap().push(body.clone());
        match self
            .fates
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Fate::Stored)
        {
            Fate::Stored => *stored = body.clone(),
            Fate::Clash => return Ok(answer(409, "")),
            Fate::Outrun => {
                let mut updates = self.updates.lock().unwrap();
                *updates += 1;
                let updated = format!(r#"{{"calculated_updates_{updates}":1,"#);
                *stored = stored.replacen('{', &updated, 1);
                return Ok(answer(409, r#"{"status":409}"#));
            }
            Fate::LostAfterRewritten => {
                *stored = body.replace("on_hold", "waiting");
                return Err(TransportError::new(TransportErrorKind::Interrupted));
            }
            Fate::LostBefore => return Err(TransportError::new(TransportErrorKind::Interrupted)),
            Fate::LostAfter => {
                *stored = body;
                return Err(TransportError::new(TransportErrorKind::Timeout));
            }
            Fate::Overwritten => {}
            Fate::StoredThenDown => {
                *stored = body.clone();
                *self.down.lock().unwrap() = true;
            }
            Fate::Stripped => *stored = stripped(&body),
            Fate::LostAfterStripped => {
                *stored = stripped(&body);
                return Err(TransportError::new(TransportErrorKind::Timeout));
            }
        }
        Ok(answer(200, body))
    }
}

/// A purchase with something odd at every level.
const STORED: &str = r#"{
    "type": "order",
    "purchase_identifiers": {"sparklayer": "63428136-658f-48a6-beb7-7f333dfd9686", "internal": "", "x1": 1.0},
    "customer_identifiers": {"sparklayer": "cu_123", "x2": 12345678901234567890123},
    "payment_method": "on_account",
    "dates": {"placed_at": "2020-01-01T00:00:00+02:00", "calculated_submitted_at": "x", "x3": 1e400},
    "customer_reference": "CANARY PO",
    "calculated_total": {"number": "1", "currency": "GBP"},
    "billing_address": {"name": "CANARY Goods In", "phone": null, "x4": "\u00e9"},
    "accounting_files": [],
    "custom_fields": [{"name": "Delivery Date", "value": "CANARY day", "x5": [1.10, 0.0]}],
    "packages": [
        {"type": "cancelled", "line_items": []},
        {"identifiers": {"sparklayer_package_id": "p-1"}, "type": "incoming", "calculated_weight": 3,
         "shipping_method": {"name": "Standard", "line_total": {"total_net": {"number": 15.990, "currency": "GBP"}}},
         "shipping_address": {"address_line1": "CANARY street", "city": "CANARY town", "country_code": "GB", "x6": {}},
         "line_items": [{"identifiers": {"sku": "A-1", "x7": -0.0}, "quantity": 4.0, "calculated_y": 1, "x8": 1E+2}],
         "shipments": [{"carrier": "DPD", "carrier_id": "", "tracking_number": "OLD 1", "x9": 9007199254740993.5}],
         "x10": [ 1 , 2 ]}
    ],
    "odd": {"calculated_inside": 100000000000000000000000000000000000000001}
}"#;

fn shop(stored: &str, fates: impl IntoIterator<Item = Fate>) -> (Arc<Shop>, SparkLayer) {
    let shop = Arc::new(Shop {
        stored: Mutex::new(stored.to_owned()),
        fates: Mutex::new(fates.into_iter().collect()),
        puts: Mutex::default(),
        down: Mutex::default(),
        updates: Mutex::default(),
    });
    let credentials = Credentials {
        site_id: "site".to_owned(),
        client_id: "CANARY-id".to_owned(),
        client_secret: "CANARY-secret".into(),
    };
    let client = SparkLayer::builder(credentials, "test-suite")
        .with_environment(Environment::Test)
        .with_transport(Arc::<Shop>::clone(&shop))
        .with_retry_policy(
            RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
        .build()
        .unwrap();
    (shop, client)
}

fn parcel() -> NewShipment {
    NewShipment::new("Royal Mail", "NEW1")
        .with_carrier_id("royal-mail")
        .with_tracking_url("https://track.example/NEW1?postcode=CANARY")
        .with_shipped_at("2026-01-05T10:00:00Z".parse().unwrap())
}

async fn add(client: &SparkLayer) -> Result<EditOutcome, Error> {
    client
        .purchase_editor()
        .add_shipment(LookupBy::Sparklayer, ID, parcel())
        .await
}

fn puts(shop: &Shop) -> Vec<String> {
    shop.puts.lock().unwrap().clone()
}

#[tokio::test]
async fn several_parcels_go_in_one_write_and_none_of_them_twice() {
    let (shop, client) = shop(STORED, []);
    let parcels =
        ["OLD1", "NEW1", "new 1", "NEW2"].map(|number| NewShipment::new("Royal Mail", number));
    let editor = client.purchase_editor();
    let outcome = editor
        .add_shipments(LookupBy::Sparklayer, ID, &parcels)
        .await
        .unwrap();
    assert!(outcome.written);
    let mut visible = outcome.visible;
    visible.sort();
    assert_eq!(visible, ["NEW1", "NEW2", "OLD 1"]);
    let again = editor
        .add_shipments(LookupBy::Sparklayer, ID, &parcels)
        .await
        .unwrap();
    assert!(!again.written);
    assert_eq!(puts(&shop).len(), 1);
}

#[tokio::test]
async fn everything_foreign_survives_to_the_letter() {
    let (shop, client) = shop(STORED, []);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.written && outcome.shows("new1") && outcome.shows("OLD1"));
    assert_eq!(outcome.lost, Vec::<String>::new());
    let put = puts(&shop).remove(0);
    for text in [
        r#""x1":1.0"#,
        r#""x2":12345678901234567890123"#,
        r#""x3":1e400"#,
        r#""x4":"\u00e9""#,
        r#""x5":[1.10, 0.0]"#,
        r#""x6":{}"#,
        r#""x7":-0.0"#,
        r#""x8":1E+2"#,
        r#""x9":9007199254740993.5"#,
        r#""x10":[ 1 , 2 ]"#,
        r#""internal":"""#,
        r#""phone":null"#,
        r#""carrier_id":"""#,
        r#""quantity":4.0"#,
        r#""total_net":{"number": 15.990, "currency": "GBP"}"#,
        r#""payment_method":"on_account""#,
        r#""placed_at":"2020-01-01T00:00:00+02:00""#,
        r#""odd":{"calculated_inside": 100000000000000000000000000000000000000001}"#,
        r#""accounting_files":[]"#,
        r#""tracking_number":"NEW1""#,
        r#""carrier":"Royal Mail""#,
        r#""carrier_id":"royal-mail""#,
        r#""shipped_at":"2026-01-05T10:00:00Z""#,
    ] {
        assert!(put.contains(text), "{text} is missing in {put}");
    }
    for name in [
        "calculated_total",
        "calculated_weight",
        "calculated_y",
        "calculated_submitted_at",
    ] {
        assert!(!put.contains(name), "{name} was sent back");
    }
    let sent: Value = serde_json::from_str(&put.replace("1e400", "1")).unwrap();
    assert_eq!(
        sent["packages"][0].get("shipments"),
        None,
        "the cancelled package stays as it was"
    );
    assert_eq!(
        sent["packages"][1]["shipments"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_second_time_writes_nothing() {
    let (shop, client) = shop(STORED, []);
    assert!(add(&client).await.unwrap().written);
    let again = add(&client).await.unwrap();
    assert!(!again.written && again.shows("NEW1"));
    assert_eq!(puts(&shop).len(), 1);
    let seen = client
        .purchase_editor()
        .visible_tracking_numbers(LookupBy::Sparklayer, ID)
        .await
        .unwrap();
    assert_eq!(seen, ["OLD 1", "NEW1"]);
}

#[tokio::test]
async fn a_clash_starts_again_from_a_fresh_read() {
    let (shop, client) = shop(STORED, [Fate::Clash, Fate::Clash]);
    assert!(add(&client).await.unwrap().shows("NEW1"));
    assert_eq!(puts(&shop).len(), 3);

    let (shop, client) = self::shop(STORED, [Fate::Outrun; 9]);
    let error = add(&client).await.unwrap_err();
    assert!(error.is_conflict() && error.is_concurrent_update() && !error.is_ambiguous());
    assert_eq!(puts(&shop).len(), 6, "one try and five restarts");
}

#[tokio::test]
async fn a_record_that_nobody_changes_and_that_is_refused_is_no_concurrent_update() {
    let (shop, client) = shop(STORED, [Fate::Clash; 9]);
    let error = add(&client).await.unwrap_err();
    assert!(error.is_conflict() && !error.is_concurrent_update() && !error.is_retryable());
    assert_eq!(
        (error.status().unwrap().as_u16(), puts(&shop).len()),
        (409, 6)
    );
    assert!(
        error
            .to_string()
            .contains("an identifier may belong to another"),
        "{error}"
    );

    // Another writer at the end: the next edit may succeed.
    let fates = [
        Fate::Clash,
        Fate::Clash,
        Fate::Clash,
        Fate::Clash,
        Fate::Outrun,
        Fate::Clash,
    ];
    let (_, client) = self::shop(STORED, fates);
    let error = add(&client).await.unwrap_err();
    assert!(error.is_conflict() && error.is_concurrent_update());
}

#[tokio::test]
async fn a_function_edits_what_it_wants_and_is_told_what_arrived() {
    let (shop, client) = shop(STORED, [Fate::Outrun, Fate::LostBefore]);
    let mut calls = 0;
    let edited = client
        .purchase_editor()
        .edit(LookupBy::Sparklayer, ID, |purchase| {
            calls += 1;
            purchase.identifiers.internal = Some("WH-1".to_owned());
            purchase.customer_reference = None;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!((calls, edited.written, puts(&shop).len()), (3, true, 3));
    assert_eq!(
        edited.purchase.identifiers.internal.as_deref(),
        Some("WH-1")
    );
    assert_eq!(
        (edited.missing, edited.lost),
        (vec![], vec![]),
        "the reference was taken away on purpose"
    );
    assert!(puts(&shop)[2].contains(r#""x2":12345678901234567890123"#));

    let (_, client) = self::shop(STORED, [Fate::Overwritten]);
    let edited = client
        .purchase_editor()
        .edit(LookupBy::Sparklayer, ID, |purchase| {
            purchase.identifiers.internal = Some("WH-1".to_owned());
            purchase.customer_reference = None;
            purchase.packages[1].line_items[0].quantity = Some(3.into());
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(
        edited.missing,
        [
            "/customer_reference",
            "/packages/1/line_items/0/quantity",
            "/purchase_identifiers/internal"
        ]
    );
    assert!(edited.lost.is_empty());
}

#[tokio::test]
async fn an_edit_that_changes_nothing_or_is_refused_writes_nothing() {
    let (shop, client) = shop(STORED, []);
    let editor = client.purchase_editor();
    let edited = editor
        .edit(LookupBy::Sparklayer, ID, |_| Ok(()))
        .await
        .unwrap();
    assert!(!edited.written && edited.purchase.packages.len() == 2);
    let refuses = |_: &mut Purchase| {
        Err(Error::before_sending(
            ErrorKind::Unsupported,
            "test.edit",
            "not this one",
        ))
    };
    let error = editor
        .edit(LookupBy::Sparklayer, ID, refuses)
        .await
        .unwrap_err();
    assert_eq!(
        (error.operation(), error.is_ambiguous()),
        ("test.edit", false)
    );
    assert!(puts(&shop).is_empty());
}

#[tokio::test]
async fn an_edit_does_not_replace_what_it_could_not_read() {
    let stored =
        r#"{"dates":{"placed_at":"soon"},"packages":[{"line_items":[{"quantity":"four"}]}]}"#;
    let (shop, client) = shop(stored, []);
    let editor = client.purchase_editor();
    let error = editor
        .edit(LookupBy::Sparklayer, ID, |purchase| {
            purchase.packages[0].line_items[0].quantity = Some(4.into());
            Ok(())
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error
            .to_string()
            .contains("/packages/0/line_items/0/quantity"),
        "{error}"
    );
    assert!(puts(&shop).is_empty());
    // Beside it, anything may change.
    let edited = editor
        .edit(LookupBy::Sparklayer, ID, |purchase| {
            purchase.customer_reference = Some("PO 1".into());
            Ok(())
        })
        .await
        .unwrap();
    assert!(edited.missing.is_empty() && puts(&shop)[0].contains(r#""quantity":"four""#));
}

fn rest() -> Package {
    let mut line = LineItem::default();
    line.identifiers.sku = Some("A-1".to_owned());
    line.quantity = Some(2.into());
    let mut package = Package::default();
    package.package_type = Some(PackageType::OnHold);
    package.line_items.push(line);
    package
}

async fn add_rest(client: &SparkLayer) -> Result<Edited, Error> {
    client
        .purchase_editor()
        .add_package(LookupBy::Sparklayer, ID, rest())
        .await
}

#[tokio::test]
async fn a_package_is_added_once_and_beside_those_of_others() {
    for fates in [
        vec![],
        vec![Fate::LostAfter],
        vec![Fate::LostBefore],
        vec![Fate::Clash, Fate::Outrun],
    ] {
        let (shop, client) = shop(STORED, fates.clone());
        let edited = add_rest(&client).await.unwrap();
        assert!(
            edited.written && edited.missing.is_empty() && edited.lost.is_empty(),
            "{fates:?}"
        );
        assert_eq!(edited.purchase.packages.len(), 3, "{fates:?}");
        let put = puts(&shop).pop().unwrap();
        assert!(put.contains(r#""x9":9007199254740993.5"#) && put.contains(r#""x10":[ 1 , 2 ]"#));
        assert!(!add_rest(&client).await.unwrap().written, "a second time");
    }
    let (_, client) = shop(STORED, [Fate::Overwritten]);
    let edited = add_rest(&client).await.unwrap();
    assert_eq!(edited.missing, ["/packages/2"]);
}

#[tokio::test]
async fn a_package_with_an_id_is_known_by_it_alone() {
    let (shop, client) = shop(STORED, []);
    let mut known = rest();
    known.identifiers.sparklayer_package_id = Some("p-1".to_owned());
    let editor = client.purchase_editor();
    let edited = editor
        .add_package(LookupBy::Sparklayer, ID, known)
        .await
        .unwrap();
    assert!(!edited.written && puts(&shop).is_empty());
}

#[tokio::test]
async fn a_package_that_cannot_be_recognised_after_a_lost_answer_is_not_added_again() {
    let (shop, client) = shop(STORED, [Fate::LostAfterRewritten]);
    let error = add_rest(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(error.is_ambiguous());
    assert_eq!(puts(&shop).len(), 1);
}

#[tokio::test]
async fn a_package_is_not_added_to_what_cannot_be_kept() {
    for stored in [r#"{"packages":"many"}"#, r#"{"packages":[null]}"#, "[]"] {
        let (shop, client) = shop(stored, []);
        assert_eq!(
            add_rest(&client).await.unwrap_err().kind(),
            ErrorKind::Decode,
            "{stored}"
        );
        assert!(puts(&shop).is_empty());
    }
    let (_, client) = shop(STORED, []);
    let editor = client.purchase_editor();
    let empty = editor
        .add_package(LookupBy::Sparklayer, ID, Package::default())
        .await;
    assert_eq!(empty.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_lost_reply_is_looked_up_and_never_doubled() {
    let (shop, client) = shop(STORED, [Fate::LostAfter]);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.written && outcome.shows("NEW1"));
    assert_eq!(puts(&shop).len(), 1, "the fresh read showed it");

    let small = STORED
        .replace("100000000000000000000000000000000000000001", "1")
        .replace("1e400", "1");
    let (_, client) = self::shop(&small, [Fate::LostAfterStripped]);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.written && outcome.shows("NEW1"));
    assert_eq!(
        outcome.lost,
        ["/odd"],
        "what was lost on the way is told all the same"
    );

    let (shop, client) = self::shop(STORED, [Fate::LostBefore]);
    let outcome = add(&client).await.unwrap();
    assert_eq!(outcome.visible, ["OLD 1", "NEW1"]);
    assert_eq!(puts(&shop).len(), 2);
}

#[tokio::test]
async fn what_others_undo_is_seen() {
    let (_, client) = shop(STORED, [Fate::Overwritten]);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.written && !outcome.shows("NEW1"));

    let small = STORED
        .replace("100000000000000000000000000000000000000001", "1")
        .replace("1e400", "1");
    let (_, client) = shop(&small, [Fate::Stripped]);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.shows("NEW1"));
    assert_eq!(outcome.lost, ["/odd"]);
}

#[tokio::test]
async fn one_bare_package_is_a_list_of_one() {
    let (shop, client) = shop(r#"{"packages":{"type":"","x":1.0}}"#, []);
    assert!(add(&client).await.unwrap().shows("NEW1"));
    let put = puts(&shop).remove(0);
    assert!(
        put.starts_with(r#"{"packages":[{"#) && put.contains(r#""type":"","x":1.0"#),
        "{put}"
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_touched() {
    for (stored, kind) in [
        (r#"{"packages":"many"}"#, ErrorKind::Decode),
        (r#"{"packages":[null]}"#, ErrorKind::Decode),
        (r#"{"packages":[{"shipments":[7]}]}"#, ErrorKind::Decode),
        (r#"{"packages":[]}"#, ErrorKind::InvalidRequest),
        (
            r#"{"packages":[{"type":"cancelled"}]}"#,
            ErrorKind::InvalidRequest,
        ),
        (r#"[]"#, ErrorKind::Decode),
        ("<html>", ErrorKind::Decode),
    ] {
        let (shop, client) = shop(stored, []);
        assert_eq!(add(&client).await.unwrap_err().kind(), kind, "{stored}");
        assert!(puts(&shop).is_empty(), "{stored}");
    }
    let (_, client) = shop(STORED, []);
    let elsewhere = parcel().with_package_id("p-2");
    let error = client
        .purchase_editor()
        .add_shipment(LookupBy::Sparklayer, ID, elsewhere)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[test]
fn unreadable_members_count_as_absent_and_are_named() {
    let text =
        r#"{"dates":{"placed_at":"soon"},"packages":[{"line_items":[{"quantity":"four"}]}]}"#;
    let purchase: Purchase = serde_json::from_str(text).unwrap();
    assert_eq!(
        purchase.unreadable(),
        ["/dates/placed_at", "/packages/0/line_items/0/quantity"]
    );
    assert_eq!(purchase.packages[0].line_items[0].quantity, None);
    assert_eq!(serde_json::to_string(&purchase).unwrap(), text);
}

#[test]
fn a_changed_member_is_written_anew_and_the_rest_stays() {
    let mut purchase: Purchase = serde_json::from_str(STORED).unwrap();
    purchase.payment_method = Some(PaymentMethod::Other("barter".to_owned()));
    purchase.customer_reference = None;
    purchase.packages[1].line_items[0].quantity = Some(3.into());
    let text = serde_json::to_string(&purchase).unwrap();
    assert!(
        text.contains(r#""payment_method":"barter""#) && !text.contains("customer_reference"),
        "{text}"
    );
    assert!(
        text.contains(r#""quantity":3,"#) && text.contains(r#""x8":1E+2"#),
        "{text}"
    );

    let mut made = Purchase::default();
    assert_eq!(serde_json::to_string(&made).unwrap(), "{}");
    made.identifiers.visible = Some("#1".to_owned());
    made.customer_reference = Some("PO 1".into());
    assert_eq!(
        serde_json::to_string(&made).unwrap(),
        r##"{"customer_reference":"PO 1","purchase_identifiers":{"visible":"#1"}}"##
    );
}

#[tokio::test]
async fn secrets_and_persons_are_never_printed() {
    let (_, client) = shop(STORED, [Fate::Clash; 9]);
    let error = add(&client).await.unwrap_err();
    let purchase = client
        .purchases()
        .get(LookupBy::Sparklayer, ID)
        .await
        .unwrap();
    assert_eq!(
        purchase.customer_reference.as_ref().unwrap().expose(),
        "CANARY PO"
    );
    let text = format!("{client:?} {error:?} {error} {purchase:?} {:?}", parcel());
    assert!(!text.contains("CANARY"), "{text}");
}

#[test]
fn calls_can_be_spawned() {
    fn sends<T: Send>(_: T) {}
    fn everywhere<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    everywhere::<SparkLayer>();
    let (_, client) = shop(STORED, []);
    sends(add(&client));
    sends(client.purchases().list().items());
    sends(client.purchases().list().send());
    sends(client.stock().batch_update(Vec::new()));
}

#[tokio::test]
async fn depth_does_no_harm() {
    let deep = format!(
        r#"{{"odd":{}{},"packages":[{{"type":"incoming"}}]}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let (_, client) = shop(&deep, []);
    let outcome = add(&client).await.unwrap();
    assert!(outcome.shows("NEW1") && outcome.lost.is_empty());
}

#[tokio::test]
async fn a_failed_read_back_does_not_hide_the_write() {
    let (shop, client) = shop(STORED, [Fate::StoredThenDown]);
    let error = add(&client).await.unwrap_err();
    assert_eq!(error.operation(), "purchases.get");
    assert!(error.is_ambiguous());
    *shop.down.lock().unwrap() = false;
    assert!(add(&client).await.unwrap().shows("NEW1"));
    assert_eq!(puts(&shop).len(), 1);
}
