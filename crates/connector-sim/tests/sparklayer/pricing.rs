//! Price lists, prices, shipping methods.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, read};

const LISTS: &str = "/api/v1/price-lists";
const BASE: &str = "/api/v1/price-lists/base/pricing";

async fn shop_with_lists(slugs: &[&str]) -> Caller {
    let caller = Caller::new().await;
    for slug in slugs {
        caller.shop.create_price_list(slug, []).unwrap();
    }
    caller
}

#[tokio::test]
async fn price_lists_are_created_read_and_changed() {
    let caller = Caller::new().await;
    let body = json!({ "slug": "base", "name": "Base", "currency_code": "GBP" });
    let (status, created) = caller.send(Method::POST, LISTS, &body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(created["rules"], json!([]));
    assert_eq!(
        caller.send(Method::POST, LISTS, &body).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        caller.send(Method::POST, LISTS, &json!({})).await.0,
        StatusCode::BAD_REQUEST
    );
    let path = format!("{LISTS}/base");
    let rules = json!([{ "source_price_list_slug": "x", "adjustment_percentage": 0.103333, "adjustment_direction": "plus" }]);
    let change = json!({ "name": "Trade", "rules": rules, "slug": "other" });
    let (status, changed) = caller.send(Method::PATCH, &path, &change).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&changed["name"], &changed["slug"], &changed["rules"]),
        (&json!("Trade"), &json!("base"), &rules)
    );
    assert_eq!(caller.get(&path).await.1, changed);
    assert_eq!(caller.get(LISTS).await.1, json!([changed]));
    assert_eq!(
        caller
            .send(Method::PATCH, &path, &json!({ "rules": {} }))
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    for method in [Method::GET, Method::PATCH] {
        let (status, _) = caller
            .send(method, &format!("{LISTS}/none"), &json!({}))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn version_2_pages_until_the_last() {
    let caller = shop_with_lists(&["a", "b", "c", "d", "e"]).await;
    let mut slugs = Vec::new();
    let mut page = 1;
    loop {
        let path = format!("/api/v2/price-lists?page={page}&page_size=2&order_by=slug");
        let (status, body) = caller.get(&path).await;
        assert_eq!(status, StatusCode::OK);
        for row in body["price_lists"].as_array().unwrap() {
            slugs.push(row["slug"].as_str().unwrap().to_owned());
        }
        assert_eq!(body["pagination"]["current_page"], page);
        if body["pagination"]["current_page"] == body["pagination"]["total_pages"] {
            break;
        }
        page += 1;
    }
    assert_eq!(slugs, ["a", "b", "c", "d", "e"]);
    let (_, empty) = shop_with_lists(&[]).await.get("/api/v2/price-lists").await;
    assert_eq!(
        empty["pagination"],
        json!({ "current_page": 1, "total_pages": 1 })
    );
    for bad in ["page=0", "page_size=251", "page=x"] {
        let (status, _) = caller.get(&format!("/api/v2/price-lists?{bad}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn uploads_replace_the_prices_of_their_skus() {
    let caller = shop_with_lists(&["base", "trade"]).await;
    let rows = json!([
        { "sku": "A", "display_tax_rate": 20, "pricing": [{ "quantity": 10, "price": 9 }, { "quantity": 1, "price": 10.4 }] },
        { "sku": "B", "pricing": [{ "quantity": 1, "price": "99.99" }] },
    ]);
    assert_eq!(
        caller.send(Method::PATCH, BASE, &rows).await,
        (StatusCode::NO_CONTENT, Value::Null)
    );
    let (_, pricing) = caller.get(BASE).await;
    assert_eq!(
        pricing[0],
        json!({ "sku": "A", "quantity": 1, "price": 10.4, "unit_of_measure": null, "display_tax_rate": 20 })
    );
    assert_eq!(pricing[1]["price"].to_string(), "9");
    assert_eq!(pricing[2]["price"], 99.99);
    let csv = caller
        .request(Method::PATCH, BASE)
        .header("Content-Type", "text/csv; charset=utf-8")
        .body("sku,quantity,price\nA,1,8.5\n");
    assert_eq!(csv.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    let (_, pricing) = caller.get(BASE).await;
    assert_eq!(
        pricing.as_array().unwrap().len(),
        2,
        "A has one price now, B is as it was"
    );
    let many = json!([
        { "price_list_slug": "trade", "sku": "A", "pricing": [{ "quantity": 1, "price": 7 }] },
        { "price_list_slug": "base", "sku": "B", "pricing": [] },
    ]);
    assert_eq!(
        caller
            .send(Method::PATCH, "/api/v1/batch-update-pricing", &many)
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    let one = json!([{ "price_list_slug": "trade", "pricing": [{ "quantity": 1, "price": 6.5 }] }]);
    assert_eq!(
        caller
            .send(Method::PATCH, "/api/v1/pricing/A", &one)
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    let (_, sku) = caller.get("/api/v1/pricing/A").await;
    let row = |slug: &str, price: f64| json!({ "price_list_slug": slug, "pricing": [{ "quantity": 1, "price": price, "tax_type": null, "unit_of_measure": null }] });
    assert_eq!(sku, json!([row("base", 8.5), row("trade", 6.5)]));
    assert_eq!(caller.get("/api/v1/pricing/none").await.1, json!([]));
    assert_eq!(caller.shop.writes().price_uploads, 4);
}

#[tokio::test]
async fn a_bad_upload_is_answered_line_by_line() {
    let caller = shop_with_lists(&["base"]).await;
    let rows = json!([
        { "sku": "A", "pricing": [{ "quantity": 1, "price": 1 }] },
        { "sku": "B", "pricing": [{ "quantity": 1, "price": "x" }, { "quantity": 0, "price": 1 }] },
        { "pricing": [] },
    ]);
    let (status, errors) = caller.send(Method::PATCH, BASE, &rows).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let found: Vec<(u64, &str)> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["line"].as_u64().unwrap(),
                error["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [(2, "price"), (2, "quantity"), (3, "sku")]);
    assert_eq!(caller.get(BASE).await.1, json!([]), "nothing was applied");
    let good = json!([{ "sku": "A", "price_list_slug": "none", "pricing": [] }]);
    for path in [
        "/api/v1/batch-update-pricing",
        "/api/v1/price-lists/none/pricing",
    ] {
        assert_eq!(
            caller.send(Method::PATCH, path, &good).await.0,
            StatusCode::NOT_FOUND
        );
    }
    let other = caller
        .request(Method::PATCH, BASE)
        .header("Content-Type", "text/plain")
        .body("x");
    assert_eq!(
        read(other.send().await.unwrap()).await.0,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
}

#[tokio::test]
async fn a_switch_says_how_an_upload_is_answered() {
    let caller = shop_with_lists(&["base"]).await;
    for status in [200, 201, 204] {
        let mut switches = caller.shop.switches();
        switches.pricing_status = status;
        caller.shop.set_switches(switches);
        assert_eq!(
            caller
                .send(Method::PATCH, BASE, &json!([]))
                .await
                .0
                .as_u16(),
            status
        );
    }
}

#[tokio::test]
async fn shipping_methods_are_what_carts_may_choose() {
    let caller = Caller::new().await;
    let path = "/api/v1/shipping-methods";
    let body = json!({ "handle": "standard", "name": "Standard", "price": "5.00", "country_codes": ["GB"] });
    let (status, created) = caller.send(Method::POST, path, &body).await;
    assert_eq!((status, created), (StatusCode::CREATED, body.clone()));
    assert_eq!(
        caller.send(Method::POST, path, &body).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        caller
            .send(Method::POST, path, &json!({ "handle": "x" }))
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    let (_, all) = caller.get(path).await;
    assert_eq!(
        (all[0]["handle"].clone(), all[0]["price"].clone()),
        (json!("standard"), json!("5.00"))
    );
}
