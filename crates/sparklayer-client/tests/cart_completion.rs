//! What becomes of a cart when the answer to its completion is lost.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/shop.rs"]
mod shop;

use std::time::Duration;

use serde_json::json;
use shop::{ID, answer, builder, of, token, with_token};
use sparklayer_client::{
    CallOptions, CartCompletion, CompleteCart, CompletionReport, Error, ErrorKind, PaymentMethod,
    SparkLayer, SparkLayerErrorCode,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn at(action: &str) -> String {
    format!("/api/v1/carts/{ID}{action}")
}

fn purchase() -> String {
    format!("/api/v1/purchases/sparklayer/{ID}")
}

fn nothing(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// A shop that answers a completion, a look for the purchase and a look for the cart.
async fn shop_that(
    completion: ResponseTemplate,
    of_purchase: ResponseTemplate,
    of_cart: ResponseTemplate,
) -> (MockServer, SparkLayer) {
    let (server, client) = with_token().await;
    Mock::given(method("POST"))
        .and(path(at("/complete")))
        .respond_with(completion)
        .expect(1)
        .mount(&server)
        .await;
    answer(&server, "GET", &purchase(), of_purchase).await;
    answer(&server, "GET", &at(""), of_cart).await;
    (server, client)
}

async fn complete(client: &SparkLayer) -> Result<CompletionReport, Error> {
    client
        .carts()
        .with_options(CallOptions::new().with_total_timeout(Duration::from_secs(5)))
        .complete(ID, &CompleteCart::new(PaymentMethod::Invoice))
        .await
}

fn order(purchase_type: &str) -> ResponseTemplate {
    of(
        200,
        json!({"type": purchase_type, "purchase_identifiers": {"sparklayer": ID}}),
    )
}

#[tokio::test]
async fn an_answer_is_believed_without_a_look() {
    let done = of(201, json!({"purchase_id": ID, "new": []}));
    let (server, client) = shop_that(done, nothing(500), nothing(500)).await;
    let report = complete(&client).await.unwrap();
    assert_eq!(
        report.completion,
        CartCompletion::Completed {
            purchase_id: ID.to_owned()
        }
    );
    assert!(report.cause.is_none() && report.look_failure.is_none());
    assert_eq!(golden::requests(&server).await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_sent_again() {
    let completed = || CartCompletion::Completed {
        purchase_id: ID.to_owned(),
    };
    let cart = || of(200, json!({"id": ID}));
    let lost = || nothing(502);
    let table = [
        (lost(), order("order"), nothing(404), completed()),
        (lost(), order("order_unconfirmed"), cart(), completed()),
        (lost(), order("awaiting_approval"), cart(), completed()),
        (lost(), order("cart"), cart(), CartCompletion::NotCompleted),
        (lost(), order("quote"), cart(), CartCompletion::Unknown),
        (lost(), order("novelty"), cart(), CartCompletion::Unknown),
        (lost(), of(200, json!({})), cart(), CartCompletion::Unknown),
        (lost(), nothing(404), cart(), CartCompletion::NotCompleted),
        (lost(), nothing(404), nothing(404), CartCompletion::Unknown),
        (
            lost(),
            nothing(404),
            of(200, json!({})),
            CartCompletion::Unknown,
        ),
        // Answers that came, but prove nothing.
        (
            of(201, json!({})),
            order("order"),
            nothing(404),
            completed(),
        ),
        (nothing(204), order("order"), nothing(404), completed()),
        (
            of(200, json!({"purchase_id": []})),
            nothing(404),
            nothing(404),
            CartCompletion::Unknown,
        ),
        (
            nothing(201).set_body_string("<html>"),
            order("order"),
            nothing(404),
            completed(),
        ),
    ];
    for (index, (completion, of_purchase, of_cart, expected)) in table.into_iter().enumerate() {
        let (server, client) = shop_that(completion, of_purchase, of_cart).await;
        let report = complete(&client).await.unwrap();
        assert_eq!(report.completion, expected, "row {index}");
        assert!(report.cause.unwrap().is_ambiguous(), "row {index}");
        assert!(report.look_failure.is_none(), "row {index}");
        server.verify().await;
    }
}

#[tokio::test]
async fn a_repetition_after_completion_finds_the_order() {
    let (_server, client) = shop_that(nothing(404), order("order"), nothing(404)).await;
    let report = complete(&client).await.unwrap();
    assert_eq!(
        report.completion,
        CartCompletion::Completed {
            purchase_id: ID.to_owned()
        }
    );
    assert_eq!(report.cause.unwrap().kind(), ErrorKind::NotFound);
    let (_server, client) = shop_that(nothing(404), nothing(404), nothing(404)).await;
    let report = complete(&client).await.unwrap();
    assert_eq!(report.completion, CartCompletion::Unknown);
}

#[tokio::test]
async fn an_order_of_another_id_proves_nothing() {
    let other = json!({"type": "order", "purchase_identifiers": {"sparklayer": "another"}});
    let (_server, client) = shop_that(nothing(500), of(200, other), nothing(404)).await;
    assert_eq!(
        complete(&client).await.unwrap().completion,
        CartCompletion::Unknown
    );
}

#[tokio::test]
async fn a_look_that_fails_is_told_beside_the_cause() {
    let (_server, client) = shop_that(nothing(504), nothing(403), nothing(404)).await;
    let report = complete(&client).await.unwrap();
    assert_eq!(report.completion, CartCompletion::Unknown);
    assert_eq!(report.cause.unwrap().status().unwrap(), 504);
    assert_eq!(
        report.look_failure.unwrap().kind(),
        ErrorKind::PermissionDenied
    );
    let failure = client.carts().completion_of(ID).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_lost() {
    let late = of(201, json!({"purchase_id": ID})).set_delay(Duration::from_millis(700));
    let (server, client) = shop_that(late, order("order"), nothing(404)).await;
    let options = CallOptions::new().with_total_timeout(Duration::from_millis(300));
    let carts = client.carts().with_options(options);
    let report = carts
        .complete(ID, &CompleteCart::new(PaymentMethod::Invoice))
        .await
        .unwrap();
    assert!(matches!(
        report.completion,
        CartCompletion::Completed { .. }
    ));
    assert!(report.cause.unwrap().is_timeout());
    server.verify().await;
}

#[tokio::test]
async fn a_refusal_proves_that_nothing_was_placed() {
    let body = json!({"title": "t", "status": 422, "errors": [{"code": "cart-validation-errors"}]});
    let (server, client) = shop_that(of(422, body), order("order"), nothing(404)).await;
    let error = complete(&client).await.unwrap_err();
    assert!(SparkLayerErrorCode::CartValidationErrors.is_in(&error));
    assert!(!error.is_ambiguous());
    assert_eq!(
        golden::requests(&server).await.len(),
        1,
        "no look is needed"
    );
}

#[tokio::test]
async fn throttling_is_waited_out_because_nothing_was_processed() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    Mock::given(path(at("/complete")))
        .respond_with(nothing(429))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let done = of(201, json!({"purchase_id": ID}));
    answer(&server, "POST", &at("/complete"), done).await;
    let client = builder(&server).build().unwrap();
    let report = complete(&client).await.unwrap();
    assert!(matches!(
        report.completion,
        CartCompletion::Completed { .. }
    ));
}

#[tokio::test]
async fn what_became_of_a_cart_can_be_asked_later() {
    let (server, client) = with_token().await;
    let answers = [
        (
            order("order"),
            CartCompletion::Completed {
                purchase_id: ID.to_owned(),
            },
        ),
        (order("cart"), CartCompletion::NotCompleted),
        (nothing(404), CartCompletion::Unknown),
    ];
    for (template, expected) in answers {
        let mock = Mock::given(path(purchase())).respond_with(template);
        let _mounted = mock.mount_as_scoped(&server).await;
        assert_eq!(client.carts().completion_of(ID).await.unwrap(), expected);
    }
    let error = client.carts().completion_of("c").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let requests = golden::requests(&server).await;
    assert!(
        requests.iter().all(|request| request.starts_with("GET ")),
        "{requests:?}"
    );
}
