//! Alerts in a chat.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connector_http::{HttpTransport, Idempotency, Operation};
use secrecy::SecretString;

use super::SinkSettingsError;
use super::post::Post;
use super::slack_message::slack_message;
use crate::{Alert, AlertSink, PortError};

static OPERATION: Operation = Operation::new("alerts.slack", Idempotency::NonIdempotent, "{chat}");

/// Sends alerts to an incoming webhook of Slack, or of a chat that takes the same payload, such as Mattermost.
///
/// The message has `blocks` for Slack, and the whole alert once more as `text` for chats without them. Everything is plain text within
/// Slack's limits; what is longer is cut with an ellipsis, since the exceptions are on record. Whoever has the address can post, so it
/// is handled as a secret. It is `https`, or `http` on this machine.
///
/// ```no_run
/// # // Needs a chat.
/// use order_sync::alert_sinks::{SecretString, SlackSink};
///
/// # fn sink(address: SecretString) -> Result<SlackSink, Box<dyn std::error::Error>> {
/// let sink = SlackSink::new(&address)?.with_name("warehouse-chat");
/// # Ok(sink)
/// # }
/// ```
#[derive(Clone)]
pub struct SlackSink {
    name: String,
    post: Post,
}

impl fmt::Debug for SlackSink {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackSink")
            .field("name", &self.name)
            .field("post", &self.post)
            .finish()
    }
}

impl SlackSink {
    /// A sink with the name `slack` that posts to this address.
    ///
    /// # Errors
    /// If the address is not usable, or the TLS library cannot be set up.
    pub fn new(address: &SecretString) -> Result<Self, SinkSettingsError> {
        Ok(Self::on(Post::new(&OPERATION, address)?))
    }

    /// The same on a transport of one's own, for a proxy or another TLS library.
    ///
    /// # Errors
    /// As [`SlackSink::new`].
    pub fn over(
        transport: Arc<dyn HttpTransport>,
        address: &SecretString,
    ) -> Result<Self, SinkSettingsError> {
        Ok(Self::on(Post::over(transport, &OPERATION, address)?))
    }

    fn on(post: Post) -> Self {
        Self {
            name: "slack".to_owned(),
            post,
        }
    }

    /// Gives it another name. Two chats of an engine need two.
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
}

#[async_trait]
impl AlertSink for SlackSink {
    fn name(&self) -> &str {
        &self.name
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        let message = slack_message(alert).to_string();
        self.post.send(message.into_bytes(), Vec::new()).await
    }
}
