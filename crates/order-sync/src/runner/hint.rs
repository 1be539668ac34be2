//! News that a flow should look sooner.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::Flow;

/// Lets a flow of a [`crate::Runner`] run earlier than it would by itself, for example when a webhook says that there is news.
///
/// It is a hint and no more: what it says is not believed but looked up, and polling finds everything without it. It never makes
/// a flow run more often than its cadence and the vendor permit. Many hints before the next run are one.
#[derive(Debug, Clone)]
pub struct Hint {
    bell: Arc<Notify>,
}

impl Hint {
    /// There may be news. Returns at once; a hint to a flow that is disabled does nothing.
    pub fn wake(&self) {
        self.bell.notify_one();
    }
}

/// One bell for each flow.
#[derive(Debug)]
pub(super) struct Bells(Vec<(Flow, Hint)>);

impl Default for Bells {
    fn default() -> Self {
        let hint = || Hint {
            bell: Arc::new(Notify::new()),
        };
        Self(Flow::ALL.map(|flow| (flow, hint())).to_vec())
    }
}

impl Bells {
    pub(super) fn hint(&self, flow: Flow) -> Hint {
        let bell = self.0.iter().find(|(of, _)| *of == flow);
        bell.map_or_else(
            || Hint {
                bell: Arc::new(Notify::new()),
            },
            |(_, hint)| hint.clone(),
        )
    }

    /// Waits for a hint; one that came since the last time is answered at once.
    pub(super) async fn rung(&self, flow: Flow) {
        let hint = self.hint(flow);
        hint.bell.notified().await;
    }
}
