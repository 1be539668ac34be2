//! A simulated pager: where the alerts of every engine go.

use async_trait::async_trait;
use order_sync::{Alert, AlertSink, PortError};

use super::history::{Actor, Fact};
use super::world::{Caller, Kind};

/// The sink before it, of a worker. The pager is reached over a wire like everybody else.
#[derive(Debug)]
pub(super) struct PagerPort(pub(super) Caller);

#[async_trait]
impl AlertSink for PagerPort {
    fn name(&self) -> &str {
        "pager"
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        let (merchant, worker) = (self.0.merchant, self.0.worker);
        let headline = alert.headline();
        // Both forms: what people read, and what a program is sent.
        let whole = format!("{}\n{alert:?}", alert.text());
        self.0
            .call("alert", Kind::Write, move |arrival| {
                let fact = Fact::Alerted {
                    headline: headline.clone(),
                    whole: whole.clone(),
                };
                let now = arrival.now;
                let who = Actor::Worker(worker);
                arrival.state.note(now, merchant, who, fact);
            })
            .await
    }
}
