//! The carrier's shipping and tracking interfaces on the wire.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod hostile;
mod on_the_simulator;
mod shipping;
mod tracking;

use std::time::Duration;

use connector_http::RetryPolicy;
use whistl_client::shipping::{
    ItemDeclaration, NewCustomsDeclaration, NewPackage, NewShipment, ServiceIds, Shipping,
    ShippingAddress, ShippingBuilder, TermsOfTrade,
};
use whistl_client::tracking::{Tracking, TrackingBuilder};
use whistl_client::{Error, ErrorKind};
use wiremock::matchers::{body_string_contains, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn retry() -> RetryPolicy {
    RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(2))
}

fn builder(base: impl AsRef<str>) -> ShippingBuilder {
    let base = format!("{}/1.0/", base.as_ref());
    Shipping::builder(base, "L000001", "user-canary", "password-canary", "tests")
        .with_retry_policy(retry())
}

fn tracker(base: impl AsRef<str>) -> TrackingBuilder {
    let base = format!("{}/v1/trackingservice/", base.as_ref());
    Tracking::builder(base, "L000001", "code-canary", "tests").with_retry_policy(retry())
}

fn xml(status: u16, body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.into(), "application/xml; charset=utf-8")
}

/// A carrier that gives tokens.
async fn carrier() -> MockServer {
    let server = MockServer::start().await;
    let token = "<TokenV2><refreshToken>refresh-canary</refreshToken><access_token>token-canary</access_token><expiresIn>14400</expiresIn></TokenV2>";
    Mock::given(method("POST"))
        .and(path("/1.0/TokenV2"))
        .respond_with(xml(200, token))
        .mount(&server)
        .await;
    server
}

fn address() -> ShippingAddress {
    ShippingAddress::new("Goods In", "8 Sample Street", "Exampleton", "ZZ9 9ZZ", "GB")
        .with_company("Example & Co")
        .with_phone("447700900123")
        .with_email("goods-in@example.com")
}

fn shipment() -> NewShipment {
    let item = ItemDeclaration::new(
        "Stoneware mug",
        2,
        "15".parse().unwrap(),
        "0.35".parse().unwrap(),
        "GB",
        "6912002100",
    );
    let package = NewPackage::new([10, 20, 30], "0.9".parse().unwrap())
        .with_value("30".parse().unwrap(), "GBP")
        .with_contents("Goods")
        .with_item(item.with_sku("MUG01").with_product_type("Mug"));
    NewShipment::new("SO10001", "Goods", address(), [package])
        .with_service(ServiceIds::new(13000, 10001, 18))
        .with_reference2("LN000042")
        .with_currency("GBP")
        .with_customs(NewCustomsDeclaration::new(
            TermsOfTrade::DutiesAndTaxesUnpaid,
        ))
}

/// Everything that an error shows of itself.
fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        shown += &format!(" {next} {next:?}");
        cause = next.source();
    }
    shown
}
