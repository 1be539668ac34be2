//! The port of tracking behind its guard.

use std::sync::Arc;

use async_trait::async_trait;

use super::port_guard::PortGuard;
use crate::{PortError, TrackedNumber, TrackingAnswer, TrackingSource};

#[derive(Debug)]
pub(super) struct GuardedTracking {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn TrackingSource>,
}

#[async_trait]
impl TrackingSource for GuardedTracking {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        let permit = self.guard.read("scans", Some(&parcel.number))?;
        permit.judge(self.inner.scans(parcel).await)
    }
}
