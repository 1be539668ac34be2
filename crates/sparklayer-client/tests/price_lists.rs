//! Price lists on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/shop.rs"]
mod shop;

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use shop::{answer, builder, live, of, token, with_token};
use sparklayer_client::{AdjustmentDirection, Error, ErrorKind, PriceList, PriceListRule};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const LIST: &str = "/api/v2/price-lists";

fn page(number: u32, total: u32, slugs: &[&str]) -> Value {
    let rows: Vec<Value> = slugs.iter().map(|slug| json!({"slug": slug})).collect();
    json!({"pagination": {"current_page": number, "total_pages": total}, "price_lists": rows})
}

async fn slugs_of(server: &MockServer) -> Result<Vec<String>, Error> {
    let client = builder(server).build().unwrap();
    let items: Vec<PriceList> = client
        .price_lists()
        .list()
        .with_page_size(2)
        .items()
        .try_collect()
        .await?;
    Ok(items.into_iter().filter_map(|item| item.slug).collect())
}

/// A server whose answer to a page depends on its number.
async fn paged(pages: impl Fn(u32) -> Value + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    Mock::given(path(LIST))
        .respond_with(move |request: &Request| {
            let mut query = request.url.query_pairs();
            let number = query.find(|(name, _)| name == "page").unwrap().1;
            of(200, pages(number.parse().unwrap()))
        })
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn requests_of_all_calls() {
    let (server, client) = with_token().await;
    answer(&server, "GET", LIST, of(200, page(1, 1, &[]))).await;
    answer(&server, "GET", "/api/v1/price-lists", of(200, json!([]))).await;
    answer(
        &server,
        "POST",
        "/api/v1/price-lists",
        ResponseTemplate::new(201),
    )
    .await;
    let at = "/api/v1/price-lists/base-list";
    answer(&server, "GET", at, of(200, json!({}))).await;
    answer(&server, "PATCH", at, ResponseTemplate::new(204)).await;
    let price_lists = client.price_lists();
    let mut rule = PriceListRule::default();
    rule.source_price_list_slug = Some("retail".to_owned());
    rule.adjustment_percentage = Some("0.103333".parse().unwrap());
    rule.adjustment_direction = Some(AdjustmentDirection::Plus);
    rule.currency_exchange_rate = Some("1.10".parse().unwrap());
    let mut change = PriceList::default();
    change.name = Some("Base".to_owned());
    change.currency_code = Some("GBP".to_owned());
    change.rules = vec![rule];
    change.tax_inclusive_display = Some(true);
    price_lists.list().send().await.unwrap();
    price_lists
        .list()
        .with_page(3)
        .with_page_size(50)
        .with_order_by("name")
        .with_source("api")
        .send()
        .await
        .unwrap();
    price_lists.all().await.unwrap();
    price_lists.get("base-list").await.unwrap();
    price_lists.create(&change).await.unwrap();
    price_lists.update("base-list", &change).await.unwrap();
    let body = "{\"currency_code\":\"GBP\",\"name\":\"Base\",\"rules\":[{\"adjustment_direction\":\"plus\",\
        \"adjustment_percentage\":0.103333,\"currency_exchange_rate\":1.10,\"source_price_list_slug\":\"retail\"}],\
        \"tax_inclusive_display\":true}";
    assert_eq!(
        golden::requests(&server).await,
        [
            "GET /api/v2/price-lists?page=1&page_size=250".to_owned(),
            "GET /api/v2/price-lists?page=3&page_size=50&order_by=name&source=api".to_owned(),
            "GET /api/v1/price-lists".to_owned(),
            "GET /api/v1/price-lists/base-list".to_owned(),
            format!("POST /api/v1/price-lists\ncontent-type: application/json\n{body}"),
            format!("PATCH /api/v1/price-lists/base-list\ncontent-type: application/json\n{body}"),
        ]
    );
}

#[tokio::test]
async fn what_is_not_certain_is_refused_against_a_live_address() {
    let mut named = PriceList::default();
    named.name = Some("n".to_owned());
    for (names, is_refused) in [
        ("confirmed = true", true),
        ("[prices]\nconfirmed = true", false),
    ] {
        let client = live(toml::from_str(names).unwrap());
        let price_lists = client.price_lists();
        let results = [
            price_lists.create(&named).await.map(|_| ()),
            price_lists
                .list()
                .with_source("api")
                .send()
                .await
                .map(|_| ()),
            price_lists
                .list()
                .with_order_by("name")
                .send()
                .await
                .map(|_| ()),
        ];
        for result in results {
            let kind = result.unwrap_err().kind();
            assert_eq!(kind == ErrorKind::Unsupported, is_refused, "{kind:?}");
        }
        let plain = price_lists.list().send().await.unwrap_err();
        assert_ne!(plain.kind(), ErrorKind::Unsupported);
    }
}

#[tokio::test]
async fn what_cannot_be_is_not_sent() {
    let (server, client) = with_token().await;
    let price_lists = client.price_lists();
    let list = price_lists.list();
    for bad in [
        list.clone().with_page_size(0),
        list.clone().with_page_size(251),
        list.with_page(0),
    ] {
        let error = bad.send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    let error = price_lists.create(&PriceList::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(golden::requests(&server).await.is_empty());
}

#[tokio::test]
async fn pages_are_followed_to_the_last_and_no_slug_comes_twice() {
    let server = paged(|number| match number {
        1 => page(1, 3, &["a", "b"]),
        2 => page(2, 3, &["b", "c"]),
        _ => page(3, 3, &["d"]),
    })
    .await;
    assert_eq!(slugs_of(&server).await.unwrap(), ["a", "b", "c", "d"]);
    assert_eq!(golden::requests(&server).await.len(), 3);
    for total in [0, 1] {
        let server = paged(move |_| page(1, total, &["a"])).await;
        assert_eq!(slugs_of(&server).await.unwrap(), ["a"]);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_to_end_is_stopped() {
    // The page is ignored: the answer says that it is the first.
    let server = paged(|_| page(1, 9, &["a", "b"])).await;
    assert_eq!(
        slugs_of(&server).await.unwrap_err().kind(),
        ErrorKind::Unexpected
    );
    assert_eq!(golden::requests(&server).await.len(), 2);
    // The number is echoed, but the rows are always the same.
    let server = paged(|number| page(number, 9, &["a", "b"])).await;
    assert_eq!(
        slugs_of(&server).await.unwrap_err().kind(),
        ErrorKind::Unexpected
    );
    assert_eq!(golden::requests(&server).await.len(), 2);
    // The list became shorter while it was read.
    let server = paged(|number| match number {
        1 => page(1, 2, &["a", "b"]),
        _ => page(1, 1, &["a"]),
    })
    .await;
    assert_eq!(slugs_of(&server).await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn pages_are_read_leniently_and_misfits_say_where() {
    let (server, client) = with_token().await;
    let send = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(LIST)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.price_lists().list().send().await
        }
    };
    let pagination = json!({"current_page": "1", "total_pages": 2.0, "per_page": 250});
    let documented = send(json!({"pagination": pagination, "data": [{
        "slug": "base-list", "name": "Base", "currency_code": "GBP", "tax_inclusive_display": false,
        "rules": [{"source_price_list_slug": "retail", "adjustment_percentage": 0.103333,
                   "adjustment_direction": "plus", "currency_exchange_rate": "1.1"}]
    }]}))
    .await
    .unwrap();
    assert_eq!(
        (
            documented.page,
            documented.total_pages,
            documented.next_page
        ),
        (1, 2, Some(2))
    );
    let rule = &documented.price_lists[0].rules[0];
    assert_eq!(
        rule.adjustment_percentage,
        Some("0.103333".parse().unwrap())
    );
    assert_eq!(rule.adjustment_direction, Some(AdjustmentDirection::Plus));
    let minimal = send(json!({"pagination": {"current_page": 1, "total_pages": 1}, "x": []}))
        .await
        .unwrap();
    assert_eq!((minimal.price_lists, minimal.next_page), (Vec::new(), None));
    let novel = send(
        json!({"pagination": {"current_page": 1, "total_pages": 1}, "x": [
            {"slug": 7, "margin": 1.50, "rules": [{"adjustment_direction": "sideways"}]}
        ]}),
    )
    .await
    .unwrap();
    let row = &novel.price_lists[0];
    assert_eq!(row.member("margin").unwrap().get(), "1.5");
    assert_eq!(
        row.rules[0].adjustment_direction,
        Some(AdjustmentDirection::Other("sideways".to_owned()))
    );
    let wrong = json!({"pagination": {"current_page": 1, "total_pages": 1}, "x": [
        {"tax_inclusive_display": "perhaps", "rules": [{"adjustment_percentage": "much"}]}
    ]});
    assert_eq!(
        send(wrong).await.unwrap().price_lists[0].unreadable(),
        ["/tax_inclusive_display", "/rules/0/adjustment_percentage"]
    );
    let good = json!({"current_page": 1, "total_pages": 1});
    for (wrong, place) in [
        (json!({"x": []}), "/pagination/current_page"),
        (
            json!({"pagination": {"current_page": -1}}),
            "/pagination/current_page",
        ),
        (
            json!({"pagination": {"current_page": 1, "total_pages": "CANARY"}}),
            "/pagination/total_pages",
        ),
        (json!({"pagination": good}), "the top"),
        (json!({"pagination": good, "x": [], "y": []}), "the top"),
        (json!({"pagination": good, "x": [{}, "CANARY"]}), "/x/1"),
        (json!([]), "the top"),
    ] {
        let error = send(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(place), "{error}");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}

#[tokio::test]
async fn the_name_of_the_rows_can_be_configured() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let body = json!({"pagination": {"current_page": 1, "total_pages": 1}, "hints": [], "lists": [{"slug": "a"}]});
    Mock::given(path(LIST))
        .and(query_param("sort", "name"))
        .respond_with(of(200, body))
        .mount(&server)
        .await;
    let names = "[prices]\nitems = \"lists\"\norder_by = \"sort\"";
    let client = builder(&server)
        .with_wire_names(toml::from_str(names).unwrap())
        .build()
        .unwrap();
    let list = client.price_lists().list().with_order_by("name");
    assert_eq!(list.send().await.unwrap().price_lists.len(), 1);
}

#[tokio::test]
async fn the_old_list_is_read_bare_and_wrapped() {
    let (server, client) = with_token().await;
    let all = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path("/api/v1/price-lists")).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.price_lists().all().await
        }
    };
    for body in [
        json!([{"slug": "a"}, {"slug": "b", "new": 1}]),
        json!({"any": [{"slug": "a"}, {"slug": "b"}]}),
    ] {
        assert_eq!(all(body).await.unwrap()[1].slug.as_deref(), Some("b"));
    }
    for (wrong, place) in [(json!([{}, 7]), "/1"), (json!({"any": 7}), "the top")] {
        let error = all(wrong).await.unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[tokio::test]
async fn a_creation_is_not_repeated_and_a_change_is() {
    let (server, client) = with_token().await;
    let at = "/api/v1/price-lists";
    answer(&server, "POST", at, ResponseTemplate::new(502)).await;
    Mock::given(path("/api/v1/price-lists/a"))
        .respond_with(ResponseTemplate::new(502))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    answer(
        &server,
        "PATCH",
        "/api/v1/price-lists/a",
        of(200, json!({})),
    )
    .await;
    let mut named = PriceList::default();
    named.name = Some("n".to_owned());
    let error = client.price_lists().create(&named).await.unwrap_err();
    assert!(error.is_ambiguous());
    client.price_lists().update("a", &named).await.unwrap();
    assert_eq!(golden::requests(&server).await.len(), 3);
}
