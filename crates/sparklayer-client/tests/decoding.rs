//! What is understood of answers, and what is said of those that are not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/canned.rs"]
mod canned;

use canned::{Canned, ID};
use sparklayer_client::{
    ErrorKind, HistoryEntry, HistoryEventType, LookupBy, PaymentMethod, Purchase, PurchaseType,
    SparkLayerErrorCode, Transaction,
};

async fn get(body: &'static str) -> Purchase {
    let client = Canned::always(200, body).client();
    client
        .purchases()
        .get(LookupBy::Sparklayer, ID)
        .await
        .unwrap()
}

async fn history(body: &'static str) -> Result<Vec<HistoryEntry>, sparklayer_client::Error> {
    let client = Canned::always(200, body).client();
    client.purchases().history(LookupBy::Visible, "1").await
}

async fn transactions(body: &'static str) -> Result<Vec<Transaction>, sparklayer_client::Error> {
    let client = Canned::always(200, body).client();
    client
        .purchases()
        .transactions(LookupBy::Visible, "1")
        .await
}

#[tokio::test]
async fn a_purchase_as_documented() {
    let purchase = get(include_str!("fixtures/purchase_documented.json")).await;
    assert_eq!(purchase.purchase_type, Some(PurchaseType::Order));
    assert_eq!(purchase.identifiers.platform.as_deref(), Some("123456789"));
    assert_eq!(
        purchase.identifiers.internal, None,
        "an empty text is absent"
    );
    assert_eq!(purchase.payment_method, None);
    assert_eq!(
        purchase.dates.placed_at,
        Some("2019-12-31T22:00:00Z".parse().unwrap())
    );
    assert_eq!(purchase.calculated_total, None, "an empty object is absent");
    assert_eq!(
        purchase.calculated_fulfilment_status.as_deref(),
        Some("processing")
    );
    let package = &purchase.packages[0];
    assert_eq!(package.line_items[0].quantity, Some(4.into()));
    assert_eq!(
        package.shipments[0].carrier.as_deref(),
        Some("Carrier Company Ltd")
    );
    let price = package.line_items[0].line_total.as_ref().unwrap();
    assert_eq!(
        price.total_net.as_ref().unwrap().amount,
        "15.99".parse().unwrap()
    );
    assert_eq!(purchase.unreadable(), Vec::<String>::new());
}

#[tokio::test]
async fn a_purchase_with_nothing_in_it() {
    assert_eq!(get("{}").await, Purchase::default());
    let blank = get(r#"{"packages":null,"dates":"","metadata":"","billing_address":null}"#).await;
    assert!(blank.packages.is_empty() && blank.unreadable().is_empty());
}

#[tokio::test]
async fn a_purchase_with_unknown_members_and_words() {
    let text = r#"{"type":"barter","payment_method":"hokodoPayment","po_number":"P","packages":{"type":"lost","x":1}}"#;
    let purchase = get(text).await;
    assert_eq!(
        purchase.purchase_type,
        Some(PurchaseType::Other("barter".to_owned()))
    );
    assert_eq!(purchase.payment_method, Some(PaymentMethod::Hokodo));
    assert_eq!(purchase.member("po_number").unwrap().get(), r#""P""#);
    assert_eq!(
        purchase.packages[0].package_type.as_ref().unwrap().as_str(),
        "lost"
    );
    let written = serde_json::to_string(&purchase).unwrap();
    assert_eq!(
        written,
        r#"{"packages":[{"type":"lost","x":1}],"payment_method":"hokodoPayment","po_number":"P","type":"barter"}"#
    );
}

#[tokio::test]
async fn a_purchase_with_wrong_types_names_them() {
    let purchase = get(
        r#"{"type":7.5,"purchase_identifiers":[],"dates":{"updated_at":1},"billing_address":{"city":{}},
            "packages":[{"shipments":{"carrier":true},"line_items":[{"quantity":[]}]}],"metadata":9}"#,
    )
    .await;
    assert_eq!(
        purchase.unreadable(),
        [
            "/purchase_identifiers",
            "/metadata",
            "/dates/updated_at",
            "/billing_address/city",
            "/packages/0/line_items/0/quantity",
            "/packages/0/shipments/0/carrier",
        ]
    );
}

#[tokio::test]
async fn answers_that_are_no_purchases_are_named_by_their_place() {
    for (body, said) in [
        (
            "[]",
            "purchases.get: unreadable answer, expected a purchase, failed (status 200)",
        ),
        (
            "",
            "purchases.get: unreadable answer, expected a purchase, failed (line 1 column 0) (status 200)",
        ),
        (
            "{} {}",
            "purchases.get: unreadable answer, expected a purchase, failed (line 1 column 4) (status 200)",
        ),
    ] {
        let client = Canned::always(200, body).client();
        let error = client
            .purchases()
            .get(LookupBy::Visible, "1")
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Decode, said)
        );
    }
}

#[tokio::test]
async fn lists_and_their_rows() {
    let page = async |body: &'static str| {
        let client = Canned::always(200, body).client();
        client.purchases().list().with_limit(2).send().await
    };
    let documented = page(r#"[{"type":"order","purchase_identifiers":{"visible":"B2B01123"},"calculated_total":{"number":"15.99","currency":"GBP"}}]"#).await.unwrap();
    let total = documented.purchases[0].calculated_total.as_ref().unwrap();
    assert_eq!(
        (total.amount, total.currency.as_str()),
        ("15.99".parse().unwrap(), "GBP")
    );
    assert_eq!((documented.next_offset, documented.next), (None, None));
    assert_eq!(page("[]").await.unwrap().purchases, []);
    let odd = page(r#"[{"new":1,"type":"x"},{}]"#).await.unwrap();
    assert_eq!((odd.purchases.len(), odd.next_offset), (2, Some(2)));
    assert_eq!(
        page(r#"[{"type":{}}]"#).await.unwrap().purchases[0].unreadable(),
        ["/type"]
    );
    for (body, place) in [
        (r#"[{},7]"#, "expected a list of purchases, failed at [1]"),
        (
            r#"{"data":[]}"#,
            "expected a list of purchases, failed (line 1",
        ),
        (r#"[{}"#, "expected a list of purchases, failed"),
    ] {
        let error = page(body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[tokio::test]
async fn histories() {
    let documented = history(
        r#"[{"event_type":"message","created_by":"9151f21f-43ae-43b4-92f3-f4af67cdf544","body":"Left."},
            {"event_type":"email","sent_by":"a@example.com","body":"Hello"}]"#,
    )
    .await
    .unwrap();
    assert_eq!(documented[0].event_type, Some(HistoryEventType::Message));
    assert_eq!(documented[0].body.as_ref().unwrap().expose(), "Left.");
    assert_eq!(
        documented[1].sent_by.as_ref().unwrap().expose(),
        "a@example.com"
    );
    assert_eq!(history("[{}]").await.unwrap(), [HistoryEntry::default()]);
    let odd = history(r#"[{"event_type":"call","at":"2026-01-05"}]"#)
        .await
        .unwrap();
    assert_eq!(odd[0].event_type.as_ref().unwrap().as_str(), "call");
    assert_eq!(odd[0].member("at").unwrap().get(), r#""2026-01-05""#);
    let wrong = history(r#"[{"event_type":[],"body":"x"}]"#).await.unwrap();
    assert!(wrong[0].is_unreadable("event_type") && wrong[0].body.is_some());
    let error = history(r#"[{},"x"]"#).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("expected a list of history entries, failed at [1]"),
        "{error}"
    );
}

#[tokio::test]
async fn transactions_in_all_shapes() {
    let documented = transactions(
        r#"[{"platform_id":"t-1","total":{"number":"-15.99","currency":"GBP"},"apply_to_balance":true,"full_transaction":{"fee":0.10}}]"#,
    )
    .await
    .unwrap();
    let total = documented[0].total.as_ref().unwrap();
    assert_eq!(
        (total.amount, total.currency.as_deref()),
        ("-15.99".parse().unwrap(), Some("GBP"))
    );
    assert_eq!(documented[0].apply_to_balance, Some(true));
    assert_eq!(
        documented[0].full_transaction.as_ref().unwrap().get(),
        r#"{"fee":0.10}"#
    );
    assert_eq!(
        transactions("[{}]").await.unwrap(),
        [Transaction::default()]
    );
    let odd = transactions(r#"[{"platform_id":7,"total":"15.99","status":"ok"},{"total":1e1}]"#)
        .await
        .unwrap();
    assert_eq!(odd[0].platform_id.as_deref(), Some("7"));
    assert_eq!(odd[0].total.as_ref().unwrap().currency, None);
    assert_eq!(odd[1].total.as_ref().unwrap().amount, 10.into());
    assert_eq!(
        serde_json::to_string(&odd[0]).unwrap(),
        r#"{"platform_id":7,"status":"ok","total":"15.99"}"#
    );
    let wrong = transactions(r#"[{"total":[],"apply_to_balance":"maybe"}]"#)
        .await
        .unwrap();
    assert!(wrong[0].is_unreadable("total") && wrong[0].is_unreadable("apply_to_balance"));
    let error = transactions(r#"{}"#).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn the_path_of_a_raw_answer_is_named_unless_it_may_say_too_much() {
    use sparklayer_client::{Idempotency, Operation};
    use std::collections::BTreeMap;
    static READ: Operation = Operation::new("test.read", Idempotency::ReadOnly, "/x");
    let client = Canned::always(200, r#"{"rows":[{"price":"x"}],"Jane Doe":{"price":1}}"#).client();
    type Rows = BTreeMap<String, Vec<BTreeMap<String, u8>>>;
    let request = || client.request(&READ, http::Method::GET, ["x"]);
    let error = request().json::<Rows>().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("failed at rows[0].price (line 1"),
        "{error}"
    );
    let client = Canned::always(200, r#"{"Jane Doe":7}"#).client();
    let error = client
        .request(&READ, http::Method::GET, ["x"])
        .json::<Rows>()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("failed inside (line 1"),
        "{error}"
    );
}

#[tokio::test]
async fn errors_in_all_shapes_and_their_codes() {
    use SparkLayerErrorCode as Code;
    for (body, codes, errors) in [
        (
            r#"{"title":"t","status":422,"detail":"d","errors":[{"code":"cart-empty","message":"m","property":"p"},{"code":"brand-new"},{"code":"Jane Doe is unknown"}]}"#,
            vec![Code::CartEmpty, Code::Other("brand-new".to_owned())],
            3,
        ),
        (r#"{"detail":"d"}"#, vec![], 1),
        (r#"[{"line":2,"field":"sku","message":"m"}]"#, vec![], 1),
        ("", vec![], 0),
        ("<html><body>502</body></html>", vec![], 0),
        ("null", vec![], 0),
        (r#"{"errors":"#, vec![], 0),
    ] {
        let client = Canned::always(422, body).client();
        let error = client
            .purchases()
            .get(LookupBy::Visible, "1")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{body}");
        assert_eq!(
            (Code::of(&error), error.vendor_errors().len()),
            (codes.clone(), errors),
            "{body}"
        );
        assert!(
            codes.iter().all(|code| code.is_in(&error))
                && !Code::CartValidationErrors.is_in(&error)
        );
    }
    for word in [
        "resource-id-not-found",
        "cart-empty",
        "cart-shipping-rate-handle-unavailable",
        "cart-validation-errors",
        "anything-else",
    ] {
        assert_eq!(Code::from(word).as_str(), word);
        assert_eq!(
            matches!(Code::from(word), Code::Other(_)),
            word == "anything-else"
        );
    }
}
