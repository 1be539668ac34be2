//! An alert sink that counts: the demonstration has nobody on duty.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use order_sync::{Alert, AlertKind, AlertSink, PortError};

/// Counts alerts.
#[derive(Debug, Default)]
pub(crate) struct AlertCount {
    opened: AtomicU64,
    closed: AtomicU64,
}

impl AlertCount {
    /// Alerts about something new, or overdue.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Alerts that something went away by itself.
    pub(crate) fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl AlertSink for AlertCount {
    fn name(&self) -> &str {
        "count"
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        match alert.kind {
            AlertKind::Opened | AlertKind::Escalated => {
                self.opened.fetch_add(1, Ordering::Relaxed);
            }
            AlertKind::Closed => {
                self.closed.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        Ok(())
    }
}
