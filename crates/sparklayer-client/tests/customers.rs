//! Customers and their addresses on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/shop.rs"]
mod shop;

use serde_json::{Value, json};
use shop::{answer, builder, live, of, token, with_token};
use sparklayer_client::{Customer, CustomerAddress, CustomerRole, ErrorKind, SparkLayer};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CUSTOMER: &str = "/api/v1/customers/cu_123";
const ADDRESSES: &str = "/api/v1/customers/cu_123/addresses";
const ADDRESS: &str = "/api/v1/customers/cu_123/addresses/ca_123";

fn buyer() -> Customer {
    let mut customer = Customer::default();
    customer.email = Some("CANARY@shop.example".into());
    customer.role = Some(CustomerRole::LimitedCustomer);
    customer.price_lists = vec!["wholesale".to_owned()];
    customer
}

fn goods_in() -> CustomerAddress {
    let mut address = CustomerAddress::default();
    address.address_line1 = Some("CANARY Way".into());
    address.city = Some("Willerby".into());
    address.country_code = Some("GB".to_owned());
    address
}

#[tokio::test]
async fn requests_of_all_calls() {
    let (server, client) = with_token().await;
    for (verb, at) in [
        ("GET", CUSTOMER),
        ("PATCH", CUSTOMER),
        ("GET", ADDRESS),
        ("PATCH", ADDRESS),
    ] {
        answer(&server, verb, at, of(200, json!({}))).await;
    }
    for at in ["/api/v1/customers", ADDRESSES] {
        answer(&server, "POST", at, of(201, json!({}))).await;
    }
    answer(&server, "GET", ADDRESSES, of(200, json!([]))).await;
    for at in [CUSTOMER, ADDRESS] {
        answer(&server, "DELETE", at, ResponseTemplate::new(204)).await;
    }
    let customers = client.customers();
    let mut change = Customer::default();
    change.company_name = Some("".into());
    let mut nickname = CustomerAddress::default();
    nickname.nickname = Some("goods in".into());
    customers.create(&buyer()).await.unwrap();
    customers.get("cu_123").await.unwrap();
    customers.update("cu_123", &change).await.unwrap();
    customers.delete("cu_123").await.unwrap();
    customers.addresses("cu_123").await.unwrap();
    customers
        .create_address("cu_123", &goods_in())
        .await
        .unwrap();
    customers.address("cu_123", "ca_123").await.unwrap();
    customers
        .update_address("cu_123", "ca_123", &nickname)
        .await
        .unwrap();
    customers.delete_address("cu_123", "ca_123").await.unwrap();
    assert_eq!(
        golden::requests(&server).await,
        [
            "POST /api/v1/customers\ncontent-type: application/json\n\
             {\"email\":\"CANARY@shop.example\",\"price_lists\":[\"wholesale\"],\"role\":\"limited-customer\"}",
            "GET /api/v1/customers/cu_123",
            "PATCH /api/v1/customers/cu_123\ncontent-type: application/json\n{\"company_name\":\"\"}",
            "DELETE /api/v1/customers/cu_123",
            "GET /api/v1/customers/cu_123/addresses",
            "POST /api/v1/customers/cu_123/addresses\ncontent-type: application/json\n\
             {\"address_line1\":\"CANARY Way\",\"city\":\"Willerby\",\"country_code\":\"GB\"}",
            "GET /api/v1/customers/cu_123/addresses/ca_123",
            "PATCH /api/v1/customers/cu_123/addresses/ca_123\ncontent-type: application/json\n{\"nickname\":\"goods in\"}",
            "DELETE /api/v1/customers/cu_123/addresses/ca_123",
        ]
    );
    for personal in [format!("{:?}", buyer()), format!("{:?}", goods_in())] {
        assert!(!personal.contains("CANARY"), "{personal}");
    }
}

#[tokio::test]
async fn paths_can_be_corrected() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let at = "/api/v2/addresses/ca%2F1/of/cu%20%231";
    answer(&server, "GET", at, of(200, json!({"city": "Willerby"}))).await;
    let names = "[customers]\naddress_path = \"/api/v2/addresses/{address_id}/of/{id}\"";
    let client = builder(&server)
        .with_wire_names(toml::from_str(names).unwrap())
        .build()
        .unwrap();
    let address = client.customers().address("cu #1", "ca/1").await.unwrap();
    assert_eq!(address.city.unwrap().expose(), "Willerby");
}

async fn all_calls(client: &SparkLayer) -> Vec<ErrorKind> {
    let customers = client.customers();
    let results = [
        customers.create(&buyer()).await.map(|_| ()),
        customers.get("c").await.map(|_| ()),
        customers.update("c", &buyer()).await.map(|_| ()),
        customers.delete("c").await,
        customers.addresses("c").await.map(|_| ()),
        customers.create_address("c", &goods_in()).await.map(|_| ()),
        customers.address("c", "a").await.map(|_| ()),
        customers
            .update_address("c", "a", &goods_in())
            .await
            .map(|_| ()),
        customers.delete_address("c", "a").await,
    ];
    results
        .into_iter()
        .map(|result| result.unwrap_err().kind())
        .collect()
}

#[tokio::test]
async fn assumed_paths_are_refused_against_a_live_address() {
    let client = live(toml::from_str("confirmed = true").unwrap());
    assert_eq!(all_calls(&client).await, [ErrorKind::Unsupported; 9]);
    let client = live(toml::from_str("[customers]\nconfirmed = true").unwrap());
    let kinds = all_calls(&client).await;
    assert!(!kinds.contains(&ErrorKind::Unsupported), "{kinds:?}");
}

#[tokio::test]
async fn what_lacks_something_needed_is_not_sent() {
    let (server, client) = with_token().await;
    let customers = client.customers();
    let error = customers.create(&Customer::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    for lack in [
        |address: &mut CustomerAddress| address.address_line1 = Some(" ".into()),
        |address: &mut CustomerAddress| address.city = None,
        |address: &mut CustomerAddress| address.country_code = None,
    ] {
        let mut address = goods_in();
        lack(&mut address);
        let error = customers.create_address("c", &address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(golden::requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_creation_or_deletion_is_not_repeated() {
    let (server, client) = with_token().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/customers"))
        .respond_with(ResponseTemplate::new(502))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("DELETE"))
        .and(path(CUSTOMER))
        .respond_with(ResponseTemplate::new(502))
        .expect(1)
        .mount(&server)
        .await;
    let customers = client.customers();
    assert!(customers.create(&buyer()).await.unwrap_err().is_ambiguous());
    assert!(customers.delete("cu_123").await.unwrap_err().is_ambiguous());
    let page = ResponseTemplate::new(200).set_body_string("<html>");
    answer(&server, "DELETE", ADDRESS, page).await;
    let error = customers
        .delete_address("cu_123", "ca_123")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn customers_are_read_leniently_and_misfits_say_where() {
    let (server, client) = with_token().await;
    let get = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(CUSTOMER)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.customers().get("cu_123").await
        }
    };
    let documented = get(json!({
        "id": "cu_123", "created_at": "2021-01-30T08:30:00Z", "updated_at": "2021-01-30T08:30:00Z",
        "addresses": [{"id": "ca_123", "first_name": "CANARY", "phone": "+44 (0) 123456789", "country_code": "USA"}],
        "title": "", "first_name": "CANARY", "last_name": "CANARY", "email": "CANARY@shop.example",
        "company_name": "CANARY Ltd", "external_id": "E1", "accounting_id": "A1", "status": "active", "group": "base",
        "role": "sales-agent", "default_billing_address_id": "ca_123", "default_shipping_address_id": "ca_123",
        "available_shipping_addresses": [], "currency_code": "gbp", "sales_agent_groups": ["north"],
        "price_lists": ["wholesale"]
    }))
    .await
    .unwrap();
    assert_eq!(documented.role, Some(CustomerRole::SalesAgent));
    assert_eq!(documented.title, None);
    assert_eq!(documented.price_lists, ["wholesale"]);
    assert_eq!(documented.addresses[0].id.as_deref(), Some("ca_123"));
    assert!(documented.unreadable().is_empty());
    assert!(!format!("{documented:?}").contains("CANARY"));
    let minimal = get(json!({})).await.unwrap();
    assert_eq!(minimal, Customer::default());
    let novel = json!({"id": 17, "role": "wizard", "payment_on_account": {"credit_limit": 1000}});
    let novel = get(novel).await.unwrap();
    assert_eq!(novel.id.as_deref(), Some("17"));
    assert_eq!(novel.role, Some(CustomerRole::Other("wizard".to_owned())));
    assert_eq!(
        novel.member("payment_on_account").unwrap().get(),
        "{\"credit_limit\":1000}"
    );
    let wrong =
        json!({"created_at": "yesterday", "addresses": [{"city": []}], "price_lists": [{}]});
    let wrong = get(wrong).await.unwrap();
    assert_eq!(
        wrong.unreadable(),
        ["/created_at", "/price_lists", "/addresses/0/city"]
    );
    let error = get(json!(["CANARY"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("the top"), "{error}");
}

#[tokio::test]
async fn addresses_are_read_leniently_and_misfits_say_where() {
    let (server, client) = with_token().await;
    let addresses = |body: Value| {
        let (server, client) = (&server, &client);
        async move {
            let mock = Mock::given(path(ADDRESSES)).respond_with(of(200, body));
            let _mounted = mock.mount_as_scoped(server).await;
            client.customers().addresses("cu_123").await
        }
    };
    let documented = addresses(json!([{
        "id": "ca_123", "title": "Ms", "first_name": "CANARY", "last_name": "CANARY", "company": "CANARY",
        "address_line1": "CANARY", "address_line2": "", "city": "CANARY", "region_code": "", "postal_code": "12345",
        "country_code": "USA", "phone": "+44 (0) 123456789", "mobile": "", "external_id": "E2", "nickname": "CANARY"
    }]))
    .await
    .unwrap();
    assert_eq!(documented[0].external_id.as_deref(), Some("E2"));
    assert!(!format!("{documented:?}").contains("CANARY"));
    assert!(addresses(json!([])).await.unwrap().is_empty());
    let novel = addresses(json!([{"postal_code": 12345, "what3words": "a.b.c"}]))
        .await
        .unwrap();
    assert_eq!(novel[0].postal_code.as_ref().unwrap().expose(), "12345");
    assert_eq!(novel[0].member("what3words").unwrap().get(), "\"a.b.c\"");
    let wrong = addresses(json!([{"phone": {}}])).await.unwrap();
    assert_eq!(wrong[0].unreadable(), ["/phone"]);
    let error = addresses(json!([{}, 7])).await.unwrap_err();
    assert!(error.to_string().contains("/1"), "{error}");
}
