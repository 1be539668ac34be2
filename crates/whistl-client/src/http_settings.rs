//! What every HTTP client of this crate can be set to, apart from its own wire.

use std::sync::Arc;
use std::time::Duration;

use connector_http::{
    BuildError, Classifier, Clock, HttpClient, HttpClientBuilder, HttpTransport, Jitter,
    RetryPolicy, SystemClock, SystemJitter, user_agent,
};
use http::header;

/// The settings, before they are checked.
#[derive(Debug)]
pub(crate) struct HttpSettings {
    pub(crate) suffix: String,
    pub(crate) transport: Option<Arc<dyn HttpTransport>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Arc<dyn Jitter>,
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
    pub(crate) concurrency: usize,
}

/// What a wire asks of the transport that is made for it.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "reqwest"),
    expect(
        dead_code,
        reason = "only the crate's own transport is made to measure"
    )
)]
pub(crate) struct TransportNeeds {
    pub(crate) http1_only: bool,
    /// The largest answer that is read, in bytes.
    pub(crate) body_limit: usize,
}

impl HttpSettings {
    pub(crate) fn new(user_agent_suffix: impl Into<String>, concurrency: usize) -> Self {
        Self {
            suffix: user_agent_suffix.into(),
            transport: None,
            clock: Arc::new(SystemClock::new()),
            jitter: Arc::new(SystemJitter::new()),
            retry: RetryPolicy::new(),
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            concurrency,
        }
    }

    /// The transport that was given, or one that is made for the wire.
    pub(crate) fn transport(
        &self,
        needs: TransportNeeds,
    ) -> Result<Arc<dyn HttpTransport>, BuildError> {
        match &self.transport {
            Some(transport) => Ok(Arc::clone(transport)),
            None => own_transport(self.attempt_timeout, needs),
        }
    }

    /// A client over a transport, without credentials yet.
    pub(crate) fn client(
        &self,
        transport: &Arc<dyn HttpTransport>,
        classifier: Arc<dyn Classifier>,
    ) -> Result<HttpClientBuilder, BuildError> {
        let agent = user_agent(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            &self.suffix,
        )?;
        Ok(HttpClient::builder(Arc::clone(transport))
            .with_clock(Arc::clone(&self.clock))
            .with_jitter(Arc::clone(&self.jitter))
            .with_classifier(classifier)
            .with_retry_policy(self.retry)
            .with_attempt_timeout(self.attempt_timeout)
            .with_total_timeout(self.total_timeout)
            .with_concurrency(self.concurrency)
            .with_default_header(header::USER_AGENT, agent))
    }
}

#[cfg(feature = "reqwest")]
fn own_transport(
    attempt: Duration,
    needs: TransportNeeds,
) -> Result<Arc<dyn HttpTransport>, BuildError> {
    // A connection must have failed before the attempt does, or it would count as a lost answer.
    let connect = (attempt / 2).clamp(Duration::from_nanos(1), Duration::from_secs(5));
    let mut builder = connector_http::ReqwestTransport::builder()
        .with_connect_timeout(connect)
        .with_body_limit(needs.body_limit);
    if needs.http1_only {
        builder = builder.http1_only();
    }
    Ok(Arc::new(builder.build()?))
}

#[cfg(not(feature = "reqwest"))]
fn own_transport(_: Duration, _: TransportNeeds) -> Result<Arc<dyn HttpTransport>, BuildError> {
    Err(BuildError::new(
        "transport: none was given, and the crate is built without reqwest",
    ))
}

/// The settings that all builders of this crate have. Each keeps them in its member `http`.
macro_rules! http_setting_methods {
    ($builder:ident) => {
        impl $builder {
            /// The transport; by default one on reqwest made for this wire, if the crate is built with it.
            pub fn with_transport(
                mut self,
                transport: std::sync::Arc<dyn connector_http::HttpTransport>,
            ) -> Self {
                self.http.transport = Some(transport);
                self
            }

            /// The clock; the system's by default.
            pub fn with_clock(mut self, clock: std::sync::Arc<dyn connector_http::Clock>) -> Self {
                self.http.clock = clock;
                self
            }

            /// The jitter between retries; the system's by default.
            pub fn with_jitter(
                mut self,
                jitter: std::sync::Arc<dyn connector_http::Jitter>,
            ) -> Self {
                self.http.jitter = jitter;
                self
            }

            /// How often and at what distance calls are tried. A create is sent again only if it provably never left.
            pub fn with_retry_policy(mut self, policy: connector_http::RetryPolicy) -> Self {
                self.http.retry = policy;
                self
            }

            /// How long one attempt may take. Default 30 s.
            pub fn with_attempt_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.http.attempt_timeout = timeout;
                self
            }

            /// How long a call that may be repeated may take, waiting and retries included. Default 120 s.
            pub fn with_total_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.http.total_timeout = timeout;
                self
            }

            /// How many requests may be under way at once. The default stands at the builder.
            pub fn with_concurrency(mut self, requests: usize) -> Self {
                self.http.concurrency = requests;
                self
            }
        }
    };
}

pub(crate) use http_setting_methods;
