//! A shop in memory with as many purchases as are asked for, made row by row.

use std::fmt::Write as _;
use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{HttpTransport, TransportError};
use futures_util::TryStreamExt;
use http::{Request, Response};
use sparklayer_client::{Credentials, Environment, SparkLayer};

#[derive(Debug)]
struct LongShop {
    rows: u64,
}

fn parameter(query: &str, name: &str) -> u64 {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        .unwrap_or(0)
}

#[async_trait]
impl HttpTransport for LongShop {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().path() == "/api/auth/token" {
            let token = r#"{"access_token":"t","expires_in":3600}"#;
            return Ok(Response::new(Bytes::from_static(token.as_bytes())));
        }
        let query = request.uri().query().unwrap_or_default();
        let (limit, offset) = (parameter(query, "limit"), parameter(query, "offset"));
        let mut body = String::from("[");
        for number in offset..self.rows.min(offset + limit) {
            if number > offset {
                body.push(',');
            }
            let written = write!(
                body,
                r#"{{"type":"order","purchase_identifiers":{{"sparklayer":"00000000-0000-0000-0000-{number:012}","platform":"{number}","visible":"B2B{number}"}},"customer_identifiers":{{"sparklayer":"cu_123"}},"payment_method":"on_account","dates":{{"created_at":"2020-01-01T00:00:00+02:00","updated_at":"2020-01-01T00:00:00+02:00","placed_at":"2020-01-01T00:00:00+02:00"}},"customer_reference":"PO {number}","currency_code":"GBP","calculated_total":{{"number":"15.99","currency":"GBP"}}}}"#
            );
            if written.is_err() {
                break;
            }
        }
        body.push(']');
        Ok(Response::new(Bytes::from(body)))
    }
}

/// Streams all rows of a shop and counts them; what was taken from the heap meanwhile comes with it.
pub(crate) fn stream(rows: u64) -> (u64, AllocationInfo) {
    let mut seen = 0;
    let info = measure(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let credentials = Credentials {
            site_id: "site".to_owned(),
            client_id: "id".to_owned(),
            client_secret: "secret".into(),
        };
        let client = SparkLayer::builder(credentials, "long-list")
            .with_environment(Environment::Test)
            .with_transport(Arc::new(LongShop { rows }))
            .build();
        let (Ok(runtime), Ok(client)) = (runtime, client) else {
            return;
        };
        seen = runtime.block_on(async {
            let count = |count: u64, _| async move { Ok(count + 1) };
            let items = client.purchases().list().items();
            items.try_fold(0, count).await.unwrap_or(0)
        });
    });
    (seen, info)
}
