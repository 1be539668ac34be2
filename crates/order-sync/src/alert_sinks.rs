//! Where alerts can go: the log, a signed webhook, a chat, e-mail; and who gets which.
//!
//! | Sink | Goes to | Feature |
//! |---|---|---|
//! | [`LogSink`] | the program's own log | none |
//! | `WebhookSink` | any program that takes JSON by `POST`; signed, see `signature` | `alert-webhook` |
//! | `SlackSink` | Slack, and chats that take Slack's payload, such as Mattermost | `alert-webhook` |
//! | `EmailSink` | mailboxes, through a mail server | `alert-email` |
//!
//! [`MinimumSeverity`] and [`ForOwner`] stand before any of them and let some alerts through only.
//!
//! # Nothing is lost and nothing waits
//!
//! A sink makes one attempt, within seconds. Trying again is up to the engine: what a sink did not take is kept, added to, and told
//! after a pause; neither the flow nor the other sinks wait for it. After an attempt of unknown fate the same alert may come twice. It
//! then has the same id (`id` in the JSON of the webhook, `Message-ID` in an e-mail), as long as nobody has touched its exceptions.
//!
//! Alerts have no personal data. The name of whoever looks after an exception is left out of what these sinks send. Secrets, and
//! addresses that are as good as secrets, are not in `Debug`, errors or logs.
//!
//! # An example
//!
//! Everything goes into the log; the warehouse's own team hears of its faults once they hold an order.
//!
//! ```
//! use order_mapping::{Owner, Severity};
//! use order_sync::AlertSink;
//! use order_sync::alert_sinks::{ForOwner, LogSink, MinimumSeverity};
//!
//! let everything = LogSink::new();
//! # let chat = LogSink::new().with_name("chat");
//! // `chat` may be a sink of any kind.
//! let warehouse = MinimumSeverity::new(ForOwner::new(chat, Owner::WarehouseOperations), Severity::Hold)
//!     .with_name("warehouse-chat");
//! assert_ne!(everything.name(), warehouse.name());
//! // `Engine::builder(..).with_alert_sink(Arc::new(everything)).with_alert_sink(Arc::new(warehouse))`
//! ```

#[cfg(any(feature = "alert-webhook", feature = "alert-email"))]
mod delivery_id;
#[cfg(feature = "alert-email")]
mod email;
#[cfg(feature = "alert-email")]
mod email_message;
#[cfg(all(test, any(feature = "alert-webhook", feature = "alert-email")))]
mod example;
mod log;
#[cfg(any(feature = "alert-webhook", feature = "alert-email"))]
mod one_line;
#[cfg(feature = "alert-webhook")]
mod post;
mod routing;
#[cfg(feature = "alert-webhook")]
pub mod signature;
#[cfg(feature = "alert-webhook")]
mod slack;
#[cfg(feature = "alert-webhook")]
mod slack_message;
#[cfg(feature = "alert-email")]
mod smtp;
#[cfg(feature = "alert-webhook")]
mod webhook;
#[cfg(feature = "alert-webhook")]
mod webhook_body;

#[cfg(feature = "alert-email")]
pub use email::{EmailSink, EmailSinkBuilder};
pub use log::LogSink;
pub use routing::{ForOwner, MinimumSeverity};
#[cfg(feature = "alert-webhook")]
pub use slack::SlackSink;
#[cfg(feature = "alert-email")]
pub use smtp::SmtpSecurity;
#[cfg(feature = "alert-webhook")]
pub use webhook::WebhookSink;

/// A text that is wiped from memory when dropped, and masked in `Debug`.
#[cfg(any(feature = "alert-webhook", feature = "alert-email"))]
pub use secrecy::SecretString;

/// A sink cannot work with its settings.
///
/// `Display` is one line that says which setting, without its value.
#[cfg(any(feature = "alert-webhook", feature = "alert-email"))]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SinkSettingsError {
    message: String,
}

#[cfg(any(feature = "alert-webhook", feature = "alert-email"))]
impl SinkSettingsError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}
