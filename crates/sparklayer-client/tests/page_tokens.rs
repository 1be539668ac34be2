//! Lists that go on where they were left.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/canned.rs"]
mod canned;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use canned::{Canned, ID, answer};
use futures_util::TryStreamExt;
use sparklayer_client::{
    Credentials, Environment, ErrorKind, ListPurchases, LookupBy, NewHistoryEntry, Package,
    PageToken, PurchaseType, SparkLayer, Transaction, TransactionTotal, WireNames,
};

/// Seven rows, told apart by number.
fn shop() -> Arc<Canned> {
    Canned::new(|request| {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let number = |name: &str| -> usize {
            let mut pairs = query.split('&');
            pairs
                .find_map(|pair| pair.strip_prefix(name))
                .unwrap()
                .parse()
                .unwrap()
        };
        let rows: Vec<String> = (0..7)
            .skip(number("offset="))
            .take(number("limit="))
            .map(|row| format!(r#"{{"purchase_identifiers":{{"sparklayer":"id-{row}"}}}}"#))
            .collect();
        answer(200, format!("[{}]", rows.join(",")))
    })
}

async fn ids(list: ListPurchases) -> Vec<String> {
    let rows: Vec<_> = list.items().try_collect().await.unwrap();
    let ids = rows
        .into_iter()
        .map(|row| row.identifiers.sparklayer.unwrap());
    ids.collect()
}

#[tokio::test]
async fn a_stored_token_goes_on_with_the_next_row() {
    let shop = shop();
    let list = || {
        shop.client()
            .purchases()
            .list()
            .with_type(PurchaseType::Order)
            .with_limit(3)
    };
    let page = list().send().await.unwrap();
    let stored = serde_json::to_string(&page.next.unwrap()).unwrap();
    let token: PageToken = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        ids(list().with_page_token(&token)).await,
        ["id-3", "id-4", "id-5", "id-6"]
    );
    // Smaller pages are the same list.
    let pages = list().with_limit(2).with_page_token(&token).pages();
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let nexts: Vec<_> = pages.iter().map(|page| page.next_offset).collect();
    assert_eq!(nexts, [Some(5), Some(7), None]);
    assert!(
        pages
            .iter()
            .all(|page| page.next.is_some() == page.next_offset.is_some())
    );
}

#[tokio::test]
async fn a_token_is_refused_by_any_other_list() {
    let shop = shop();
    let client = shop.client();
    let list = || client.purchases().list().with_limit(3);
    let token = list().send().await.unwrap().next.unwrap();
    let moment = "2026-01-05T10:00:00Z".parse().unwrap();
    let mut names = WireNames::default();
    names.placed_from = "from".to_owned();
    let renamed = shop.builder().with_wire_names(names).build().unwrap();
    let elsewhere = Credentials {
        site_id: "other".to_owned(),
        client_id: "i".to_owned(),
        client_secret: "s".into(),
    };
    let elsewhere = SparkLayer::builder(elsewhere, "test-suite")
        .with_environment(Environment::Test)
        .with_transport(Arc::<Canned>::clone(&shop))
        .build()
        .unwrap();
    let asked = shop.seen().len();
    for other in [
        list().with_type(PurchaseType::Order),
        list().with_customer("cu_1"),
        list().with_placed_window(moment, moment),
        elsewhere.purchases().list(),
    ] {
        let error = other.with_page_token(&token).send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0)
        );
        assert!(error.to_string().contains("another list"), "{error}");
    }
    assert_eq!(shop.seen().len(), asked);
    // Filters may be set after the token, and names that are not used do not matter.
    let late = list()
        .with_page_token(&token)
        .with_type(PurchaseType::Order);
    assert!(late.send().await.is_err());
    assert!(
        renamed
            .purchases()
            .list()
            .with_page_token(&token)
            .send()
            .await
            .is_ok()
    );
    // A plain offset takes the place of a token.
    let plain = list()
        .with_page_token(&token)
        .with_type(PurchaseType::Order)
        .with_offset(0);
    assert!(plain.send().await.is_ok());
}

/// Answers one row a page, in this order and then nothing.
fn in_turn(rows: &'static [&'static str]) -> Arc<Canned> {
    let turn = AtomicUsize::new(0);
    Canned::new(move |_| {
        let body = match rows.get(turn.fetch_add(1, Ordering::Relaxed)) {
            Some(id) => format!(r#"[{{"purchase_identifiers":{{"sparklayer":"{id}"}}}}]"#),
            None => "[]".to_owned(),
        };
        answer(200, body)
    })
}

#[tokio::test]
async fn a_row_that_moves_to_the_next_page_is_no_endless_list() {
    let shop = in_turn(&["a", "a", "b", "b", "b", "c"]);
    assert_eq!(
        ids(shop.client().purchases().list().with_limit(1)).await,
        ["a", "b", "c"]
    );
    let shop = in_turn(&["a", "b", "b", "b", "b", "c"]);
    let rows = shop.client().purchases().list().with_limit(1).items();
    let error = rows.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(
        (error.kind(), shop.seen().len()),
        (ErrorKind::Unexpected, 5)
    );
}

#[tokio::test]
async fn what_is_assumed_is_refused_against_live_until_it_is_confirmed() {
    let shop = Canned::always(200, "[]");
    let live = |names: WireNames| {
        let builder = shop.builder().with_environment(Environment::Live);
        builder.with_wire_names(names).build().unwrap()
    };
    let client = live(WireNames::default());
    let purchases = client.purchases();
    let paid = Transaction::new("t-1", TransactionTotal::new(1.into(), "GBP"));
    let id = (LookupBy::Sparklayer, ID);
    for error in [
        purchases
            .list()
            .with_customer("cu_1")
            .send()
            .await
            .unwrap_err(),
        purchases
            .list()
            .with_impersonator("cu_1")
            .send()
            .await
            .unwrap_err(),
        purchases
            .list()
            .with_sales_rep("cu_1")
            .send()
            .await
            .unwrap_err(),
        purchases.history(id.0, id.1).await.unwrap_err(),
        purchases
            .put_transaction(id.0, id.1, &paid)
            .await
            .unwrap_err(),
        client
            .purchase_editor()
            .add_package(id.0, id.1, Package::default())
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Unsupported, 0),
            "{error}"
        );
        assert!(error.to_string().contains("confirmed = true"), "{error}");
    }
    assert!(shop.seen().is_empty());
    // What is documented is not.
    purchases
        .list()
        .with_type(PurchaseType::Order)
        .send()
        .await
        .unwrap();
    purchases.transactions(id.0, id.1).await.unwrap();
    let entry = NewHistoryEntry::note("u-1", "x");
    purchases.add_history(id.0, id.1, &entry).await.unwrap();
    let mut names = WireNames::default();
    names.confirmed = true;
    let client = live(names);
    client.purchases().history(id.0, id.1).await.unwrap();
    client
        .purchases()
        .put_transaction(id.0, id.1, &paid)
        .await
        .unwrap();
}
