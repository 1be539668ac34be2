//! Prices on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/shop.rs"]
mod shop;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use shop::{answer, live, of, with_token};
use sparklayer_client::{Error, ErrorKind, PriceTier, PriceUpdate, Prices, UploadFault};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const OF_LIST: &str = "/api/v1/price-lists/base-list/pricing";
const OF_LISTS: &str = "/api/v1/batch-update-pricing";
const OF_SKU: &str = "/api/v1/pricing/SKU%201";

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn prices(sku: &str) -> PriceUpdate {
    let tiers = [("1", "10.4"), ("12", "9.99")];
    let tier = |(quantity, price)| PriceTier::new(number(quantity), number(price));
    PriceUpdate::new(sku, tiers.into_iter().map(tier).collect())
}

#[tokio::test]
async fn requests_of_all_calls() {
    let (server, client) = with_token().await;
    answer(&server, "GET", OF_LIST, ResponseTemplate::new(204)).await;
    answer(&server, "GET", OF_SKU, of(200, json!([]))).await;
    for at in [OF_LIST, OF_LISTS] {
        answer(&server, "PATCH", at, ResponseTemplate::new(204)).await;
    }
    let calls = client.prices();
    assert!(calls.of_list("base-list").await.unwrap().is_empty());
    calls.of_sku("SKU 1").await.unwrap();
    let taxed = prices("SKU 1").with_display_tax_rate(number("0.2"));
    calls.update_list("base-list", &[taxed]).await.unwrap();
    let csv = "sku;price\nSKU 1;10.4\n";
    calls.update_list_csv("base-list", csv).await.unwrap();
    let several = [prices("A").in_list("retail"), prices("A").in_list("trade")];
    calls.update_lists(&several).await.unwrap();
    calls
        .update_lists_csv(csv.as_bytes().to_vec())
        .await
        .unwrap();
    let pricing = "[{\"price\":10.4,\"quantity\":1},{\"price\":9.99,\"quantity\":12}]";
    assert_eq!(
        golden::requests(&server).await,
        [
            format!("GET {OF_LIST}"),
            format!("GET {OF_SKU}"),
            format!(
                "PATCH {OF_LIST}\ncontent-type: application/json\n\
                 [{{\"display_tax_rate\":0.2,\"pricing\":{pricing},\"sku\":\"SKU 1\"}}]"
            ),
            format!("PATCH {OF_LIST}\ncontent-type: text/csv\n{csv}"),
            format!(
                "PATCH {OF_LISTS}\ncontent-type: application/json\n\
                 [{{\"price_list_slug\":\"retail\",\"pricing\":{pricing},\"sku\":\"A\"}},\
                 {{\"price_list_slug\":\"trade\",\"pricing\":{pricing},\"sku\":\"A\"}}]"
            ),
            format!("PATCH {OF_LISTS}\ncontent-type: text/csv\n{csv}"),
        ]
    );
}

#[tokio::test]
async fn uploads_without_a_clear_meaning_are_not_sent() {
    let (server, client) = with_token().await;
    let calls = client.prices();
    let half = PriceUpdate::new("A", vec![PriceTier::default()]);
    for bad in [
        vec![prices(" ")],
        vec![prices("A"), prices("A")],
        vec![prices("A").in_list("retail")],
        vec![PriceUpdate::new("A", Vec::new())],
        vec![half],
        vec![PriceUpdate::default()],
    ] {
        let error = calls.update_list("base-list", &bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
    }
    let same = prices("A").in_list("retail");
    for bad in [vec![prices("A")], vec![same.clone(), same]] {
        let error = calls.update_lists(&bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
    }
    let error = calls.update_list_csv("base-list", " \n").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    calls.update_list("base-list", &[]).await.unwrap();
    calls.update_lists(&[]).await.unwrap();
    assert!(golden::requests(&server).await.is_empty());
}

#[tokio::test]
async fn an_uncertain_tax_rate_is_refused_against_a_live_address() {
    let taxed = [prices("A").with_display_tax_rate(number("0.2"))];
    for (names, is_refused) in [
        ("confirmed = true", true),
        ("[prices]\nconfirmed = true", false),
    ] {
        let client = live(toml::from_str(names).unwrap());
        let calls = client.prices();
        let error = calls.update_list("base-list", &taxed).await.unwrap_err();
        assert_eq!(error.kind() == ErrorKind::Unsupported, is_refused);
        let plain = calls
            .update_list("base-list", &[prices("A")])
            .await
            .unwrap_err();
        assert_ne!(plain.kind(), ErrorKind::Unsupported);
    }
}

async fn all_uploads(calls: &Prices) -> Vec<Result<(), Error>> {
    let several = [prices("A").in_list("retail")];
    vec![
        calls.update_list("base-list", &[prices("A")]).await,
        calls.update_list_csv("base-list", "x").await,
        calls.update_lists(&several).await,
        calls.update_lists_csv("x").await,
    ]
}

#[tokio::test]
async fn every_documented_success_is_one_and_a_page_is_none() {
    let (server, client) = with_token().await;
    for (template, is_good) in [
        (of(200, json!({"any": 1})), true),
        (ResponseTemplate::new(201), true),
        (ResponseTemplate::new(204), true),
        (
            ResponseTemplate::new(200).set_body_string("<html>maintenance</html>"),
            false,
        ),
    ] {
        let mocks =
            [OF_LIST, OF_LISTS].map(|at| Mock::given(path(at)).respond_with(template.clone()));
        let [one, several] = mocks;
        let _mounted = (
            one.mount_as_scoped(&server).await,
            several.mount_as_scoped(&server).await,
        );
        for result in all_uploads(&client.prices()).await {
            assert_eq!(result.is_ok(), is_good);
        }
    }
}

#[tokio::test]
async fn a_clash_with_a_running_update_is_tried_again() {
    for clashes in [1, 100] {
        let (server, client) = with_token().await;
        for at in [OF_LIST, OF_LISTS] {
            Mock::given(path(at))
                .respond_with(ResponseTemplate::new(409))
                .up_to_n_times(clashes)
                .mount(&server)
                .await;
            answer(&server, "PATCH", at, ResponseTemplate::new(204)).await;
        }
        let calls = client.prices();
        let several = [prices("A").in_list("retail")];
        for result in [
            calls.update_list("base-list", &[prices("A")]).await,
            calls.update_lists(&several).await,
        ] {
            match result {
                Ok(()) => assert_eq!(clashes, 1),
                Err(error) => {
                    assert_eq!((error.kind(), clashes), (ErrorKind::Conflict, 100));
                    assert!(error.is_concurrent_update() && !error.is_ambiguous());
                    assert!(error.attempts() > 1);
                }
            }
        }
    }
}

#[tokio::test]
async fn faults_of_an_upload_name_line_and_field() {
    let (server, client) = with_token().await;
    let body = json!([
        {"line": 3, "field": "sku", "message": "CANARY is unknown"}, {"line": "4", "message": "m"}, {"field": "price"}, 7
    ]);
    let mock = Mock::given(path(OF_LIST)).respond_with(of(400, body));
    let mounted = mock.mount_as_scoped(&server).await;
    let error = client
        .prices()
        .update_list_csv("base-list", "x")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let faults = UploadFault::all_of(&error);
    let places: Vec<_> = faults
        .iter()
        .map(|fault| (fault.line, fault.field.as_deref()))
        .collect();
    assert_eq!(
        places,
        [
            (Some(3), Some("sku")),
            (Some(4), None),
            (None, Some("price"))
        ]
    );
    assert_eq!(
        faults[0].message.as_ref().unwrap().expose(),
        "CANARY is unknown"
    );
    assert!(!format!("{faults:?} {error} {error:?}").contains("CANARY"));
    drop(mounted);
    answer(&server, "PATCH", OF_LIST, ResponseTemplate::new(404)).await;
    let error = client
        .prices()
        .update_list_csv("base-list", "x")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), UploadFault::all_of(&error)),
        (ErrorKind::NotFound, Vec::new())
    );
}

#[tokio::test]
async fn prices_of_a_list_are_read_leniently_and_misfits_say_where() {
    let (server, client) = with_token().await;
    let of_list = |template: ResponseTemplate| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(OF_LIST)).respond_with(template);
            let _mounted = mock.mount_as_scoped(server).await;
            client.prices().of_list("base-list").await
        }
    };
    let seen = json!([{"sku": "A", "quantity": 1, "price": 99.99, "unit_of_measure": "each"}]);
    let rows = of_list(of(200, seen)).await.unwrap();
    assert_eq!(rows[0].price, Some(number("99.99")));
    let minimal = of_list(of(200, json!([{}]))).await.unwrap();
    assert_eq!(minimal[0].quantity, None);
    let exact = ResponseTemplate::new(200)
        .set_body_string(r#"[{"price":0.1000000000000000055,"quantity":"0.5","tier":1e400}]"#);
    let novel = of_list(exact).await.unwrap();
    assert_eq!(novel[0].price, Some(number("0.1000000000000000055")));
    assert_eq!(novel[0].member("tier").unwrap().get(), "1e400");
    let wrong = of_list(of(200, json!([{"price": "cheap", "sku": []}])))
        .await
        .unwrap();
    assert_eq!(wrong[0].unreadable(), ["/sku", "/price"]);
    let error = of_list(of(200, json!([{}, {}, "CANARY"])))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("/2"), "{error}");
    let error = of_list(ResponseTemplate::new(404)).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::NotFound,
        "a wrong slug is not an empty list"
    );
}

#[tokio::test]
async fn prices_of_a_sku_are_read_leniently_and_misfits_say_where() {
    let (server, client) = with_token().await;
    let of_sku = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(OF_SKU)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.prices().of_sku("SKU 1").await
        }
    };
    let seen = json!([{"price_list_slug": "base-list", "pricing": [
        {"quantity": 1, "price": 10.4, "tax_type": "exclusive", "unit_of_measure": "each"}
    ]}]);
    let lists = of_sku(seen).await.unwrap();
    assert_eq!(lists[0].pricing[0].tax_type.as_deref(), Some("exclusive"));
    assert!(of_sku(json!([])).await.unwrap().is_empty());
    let novel = json!([{"price_list_slug": 7, "pricing": {"quantity": "12", "vat": null}}]);
    let novel = of_sku(novel).await.unwrap();
    assert_eq!(novel[0].pricing[0].quantity, Some(number("12")));
    assert_eq!(novel[0].pricing[0].member("vat").unwrap().get(), "null");
    let wrong = of_sku(json!([{"pricing": [{"price": true}]}]))
        .await
        .unwrap();
    assert_eq!(wrong[0].unreadable(), ["/pricing/0/price"]);
    let error = of_sku(json!({"CANARY": 1})).await.unwrap_err();
    assert!(error.to_string().contains("the top"), "{error}");
}
