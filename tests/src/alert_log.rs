//! An alert sink that remembers.

use std::sync::Mutex;

use async_trait::async_trait;
use order_sync::{AlertEvent, AlertSink, Exception, PortError};

/// Every alert that was raised, in order.
#[derive(Debug, Default)]
pub struct AlertLog(Mutex<Vec<AlertEvent>>);

impl AlertLog {
    /// The exceptions of a code that were announced as opened.
    pub fn opened(&self, code: &str) -> Vec<Exception> {
        self.pick(code, |event| match event {
            AlertEvent::Opened(exception) => Some(exception.clone()),
            _ => None,
        })
    }

    /// The exceptions of a code that were announced as closed.
    pub fn closed(&self, code: &str) -> Vec<Exception> {
        self.pick(code, |event| match event {
            AlertEvent::Closed(exception) => Some(exception.clone()),
            _ => None,
        })
    }

    fn pick(&self, code: &str, of: impl Fn(&AlertEvent) -> Option<Exception>) -> Vec<Exception> {
        let events = self.0.lock().unwrap();
        events
            .iter()
            .filter_map(of)
            .filter(|exception| exception.finding.code == code)
            .collect()
    }
}

#[async_trait]
impl AlertSink for AlertLog {
    async fn alert(&self, event: &AlertEvent) -> Result<(), PortError> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}
