//! A plan before the places that know more: the carrier's tracking, and further facts about the release of an order.

use std::sync::Arc;

use async_trait::async_trait;
use order_mapping::{ReleaseFacts, SalesOrder};
use order_sync::{PortError, ReleaseFactsSource, TrackedNumber, TrackingAnswer, TrackingSource};

use super::{Call, FaultPlan};

pub(super) fn tracking(
    plan: &Arc<FaultPlan>,
    inner: Arc<dyn TrackingSource>,
) -> Arc<dyn TrackingSource> {
    let plan = Arc::clone(plan);
    Arc::new(AroundTracking { plan, inner })
}

pub(super) fn release_facts(
    plan: &Arc<FaultPlan>,
    inner: Arc<dyn ReleaseFactsSource>,
) -> Arc<dyn ReleaseFactsSource> {
    let plan = Arc::clone(plan);
    Arc::new(AroundReleaseFacts { plan, inner })
}

#[derive(Debug)]
struct AroundTracking {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn TrackingSource>,
}

#[async_trait]
impl TrackingSource for AroundTracking {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        let ask = || self.inner.scans(parcel);
        self.plan.read(Call::Scans, ask).await
    }
}

#[derive(Debug)]
struct AroundReleaseFacts {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn ReleaseFactsSource>,
}

#[async_trait]
impl ReleaseFactsSource for AroundReleaseFacts {
    async fn facts(&self, order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        let ask = || self.inner.facts(order);
        self.plan.read(Call::Facts, ask).await
    }
}
