//! A shop in memory that gives canned answers and keeps what it was asked.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{HttpTransport, TransportError};
use http::{Request, Response};
use sparklayer_client::{Credentials, Environment, RetryPolicy, SparkLayer, SparkLayerBuilder};

pub(crate) const ID: &str = "63428136-658f-48a6-beb7-7f333dfd9686";

pub(crate) type Answer = Result<Response<Bytes>, TransportError>;

type Answers = dyn Fn(&Request<Bytes>) -> Answer + Send + Sync;

/// Answers by a function; tokens it gives out by itself.
pub(crate) struct Canned {
    answers: Box<Answers>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl Canned {
    pub(crate) fn new(
        answers: impl Fn(&Request<Bytes>) -> Answer + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            seen: Mutex::default(),
        })
    }

    /// Always the same answer.
    pub(crate) fn always(status: u16, body: impl Into<Bytes>) -> Arc<Self> {
        let body = body.into();
        Self::new(move |_| answer(status, body.clone()))
    }

    /// The requests so far, without those for tokens.
    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn builder(self: &Arc<Self>) -> SparkLayerBuilder {
        let credentials = Credentials {
            site_id: "jones-climbing".to_owned(),
            client_id: "CANARY-client-id".to_owned(),
            client_secret: "CANARY-secret".into(),
        };
        SparkLayer::builder(credentials, "test-suite")
            .with_environment(Environment::Test)
            .with_transport(Arc::<Self>::clone(self))
            .with_retry_policy(
                RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
            )
    }

    pub(crate) fn client(self: &Arc<Self>) -> SparkLayer {
        self.builder().build().unwrap()
    }
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Ok(Response::builder()
        .status(status)
        .body(body.into())
        .unwrap())
}

#[async_trait]
impl HttpTransport for Canned {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        if request.uri().path() == "/api/auth/token" {
            let token = r#"{"access_token":"CANARY-token","expires_in":3600}"#;
            return answer(200, token);
        }
        let answer = (self.answers)(&request);
        self.seen.lock().unwrap().push(request);
        answer
    }
}
