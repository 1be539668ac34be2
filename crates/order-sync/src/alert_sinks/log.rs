//! Alerts in the program's own log.

use async_trait::async_trait;
use order_mapping::Severity;

use crate::{Alert, AlertKind, AlertSink, PortError};

/// Writes alerts as `tracing` events with the target `order_sync::alert`, and never fails.
///
/// The level is that of the severity: `ERROR` for [`Severity::Error`], `WARN` for [`Severity::Hold`] and [`Severity::Warning`], `INFO`
/// for [`Severity::Info`] and for everything that is settled. The message is [`Alert::headline`]; the fields are `merchant`, `kind`,
/// `code`, `severity`, `owner`, `diagnosis`, `count` and `exceptions` (the numbers of the worst of them).
#[derive(Debug, Clone)]
pub struct LogSink {
    name: String,
}

impl LogSink {
    /// A sink with the name `log`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: "log".to_owned(),
        }
    }

    /// Gives it another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

impl Default for LogSink {
    fn default() -> Self {
        Self::new()
    }
}

/// A level is part of an event's static description, so each needs an event of its own.
macro_rules! write {
    ($level:ident, $alert:expr) => {{
        let alert: &Alert = $alert;
        let numbers: Vec<String> = alert
            .exceptions
            .iter()
            .map(|exception| exception.number.to_string())
            .collect();
        tracing::$level!(
            target: "order_sync::alert",
            merchant = alert.merchant.as_str(),
            kind = alert.kind.as_str(),
            code = alert.code.as_str(),
            severity = %alert.severity,
            owner = alert.owner.map(tracing::field::display),
            diagnosis = alert.diagnosis.map(tracing::field::display),
            count = alert.count,
            exceptions = numbers.join(","),
            "{}",
            alert.headline()
        );
    }};
}

#[async_trait]
impl AlertSink for LogSink {
    fn name(&self) -> &str {
        &self.name
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        match alert.severity {
            _ if alert.kind == AlertKind::Closed => write!(info, alert),
            Severity::Info => write!(info, alert),
            Severity::Warning | Severity::Hold => write!(warn, alert),
            // Whatever a later version puts above is at least as bad.
            _ => write!(error, alert),
        }
        Ok(())
    }
}
