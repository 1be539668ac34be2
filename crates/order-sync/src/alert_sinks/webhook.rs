//! Alerts as JSON to any program that takes them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connector_http::{HttpTransport, Idempotency, Operation};
use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::SinkSettingsError;
use super::post::Post;
use super::signature::{DELIVERY_HEADER, SIGNATURE_HEADER, sign};
use super::webhook_body::WebhookBody;
use crate::{Alert, AlertSink, Clock, FailureClass, PortError, SystemClock};

/// Not repeated by the client: the engine does, from what it keeps.
static OPERATION: Operation =
    Operation::new("alerts.webhook", Idempotency::NonIdempotent, "{webhook}");

/// A shorter key can be guessed.
const SHORTEST_SECRET: usize = 16;

/// Sends alerts as signed JSON to an address; anything but a 2xx answer is a failure, and redirects are not followed.
///
/// The address is `https`, or `http` on this machine. [`signature`](super::signature) says how the receiver checks a request.
///
/// # The body
///
/// `version` goes up when a member changes its meaning or goes away; members may be added at any time. `id` is the same when the same
/// alert is told twice. `kind` is `opened`, `escalated` or `closed`; `count` is the number of exceptions, of which the worst, up to
/// five, are shown. `owner` and `diagnosis` are `null` for a code that this version does not know.
///
/// ```json
#[doc = include_str!("webhook_body.json")]
/// ```
///
/// # An example
///
/// ```no_run
/// # // Needs a receiver.
/// use std::time::Duration;
/// use order_sync::alert_sinks::{SecretString, WebhookSink};
///
/// # fn sink(secret: SecretString) -> Result<WebhookSink, Box<dyn std::error::Error>> {
/// let sink = WebhookSink::new(&SecretString::from("https://ops.example/alerts"), secret)?
///     .with_timeout(Duration::from_secs(3));
/// # Ok(sink)
/// # }
/// ```
#[derive(Clone)]
pub struct WebhookSink {
    name: String,
    post: Post,
    secret: SecretString,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for WebhookSink {
    /// Without address and secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSink")
            .field("name", &self.name)
            .field("post", &self.post)
            .finish_non_exhaustive()
    }
}

impl WebhookSink {
    /// A sink with the name `webhook` that posts to `address` and signs with `secret`.
    ///
    /// # Errors
    /// If the address is not usable, the secret is shorter than 16 bytes, or the TLS library cannot be set up.
    pub fn new(address: &SecretString, secret: SecretString) -> Result<Self, SinkSettingsError> {
        Self::on(Post::new(&OPERATION, address)?, secret)
    }

    /// The same on a transport of one's own, for a proxy or another TLS library.
    ///
    /// # Errors
    /// As [`WebhookSink::new`].
    pub fn over(
        transport: Arc<dyn HttpTransport>,
        address: &SecretString,
        secret: SecretString,
    ) -> Result<Self, SinkSettingsError> {
        Self::on(Post::over(transport, &OPERATION, address)?, secret)
    }

    fn on(post: Post, secret: SecretString) -> Result<Self, SinkSettingsError> {
        if secret.expose_secret().len() < SHORTEST_SECRET {
            return Err(SinkSettingsError::new(
                "webhook secret: shorter than 16 bytes",
            ));
        }
        Ok(Self {
            name: "webhook".to_owned(),
            post,
            secret,
            clock: Arc::new(SystemClock::new()),
        })
    }

    /// Gives it another name. Two webhooks of an engine need two.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How long an attempt may take in all. Default 5 seconds.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.post.set_timeout(timeout);
        self
    }

    /// Where the time in the signature comes from. Default: the system's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl AlertSink for WebhookSink {
    fn name(&self) -> &str {
        &self.name
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        let unsendable =
            |_| PortError::new(FailureClass::NeverSent, "alerts.webhook: cannot be written");
        let now = self.clock.now();
        let content = WebhookBody::new(alert, now);
        let body = serde_json::to_vec(&content).map_err(unsendable)?;
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| {
                PortError::new(FailureClass::NeverSent, "alerts.webhook: cannot be written")
            })
        };
        let headers = vec![
            (
                HeaderName::from_static(SIGNATURE_HEADER),
                value(&sign(&self.secret, now, &body))?,
            ),
            (
                HeaderName::from_static(DELIVERY_HEADER),
                value(&content.id)?,
            ),
        ];
        self.post.send(body, headers).await
    }
}
