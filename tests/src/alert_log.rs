//! An alert sink that remembers.

use std::sync::Mutex;

use async_trait::async_trait;
use order_sync::{Alert, AlertKind, AlertSink, Exception, PortError};

/// Every alert that was raised, in order.
#[derive(Debug, Default)]
pub struct AlertLog(Mutex<Vec<Alert>>);

impl AlertLog {
    /// The exceptions of a code that were announced as opened.
    pub fn opened(&self, code: &str) -> Vec<Exception> {
        self.pick(code, AlertKind::Opened)
    }

    /// The exceptions of a code that were announced as closed.
    pub fn closed(&self, code: &str) -> Vec<Exception> {
        self.pick(code, AlertKind::Closed)
    }

    fn pick(&self, code: &str, kind: AlertKind) -> Vec<Exception> {
        let alerts = self.0.lock().unwrap();
        alerts
            .iter()
            .filter(|alert| alert.kind == kind && alert.code == code)
            .flat_map(|alert| alert.exceptions.clone())
            .collect()
    }
}

#[async_trait]
impl AlertSink for AlertLog {
    fn name(&self) -> &str {
        "log"
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        self.0.lock().unwrap().push(alert.clone());
        Ok(())
    }
}
