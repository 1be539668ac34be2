//! The shop's ports behind their guards. A new method of a port is one line here.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{CatalogueItem, Parcel, ReleaseFacts, SalesOrder, SourceOrderId, SourceSku};

use super::port_guard::PortGuard;
use crate::{
    CatalogueSource, ChangeWindow, DespatchSink, FailureClass, OrderSource, PortError,
    PublishOutcome, RelayOutcome, ReleaseFactsSource, ShopLevel, SourceCopy, SourcePage, StockSink,
};

#[derive(Debug)]
pub(super) struct GuardedOrderSource {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn OrderSource>,
}

#[async_trait]
impl OrderSource for GuardedOrderSource {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        let permit = self.guard.read("server_time", None)?;
        permit.judge(self.inner.server_time().await)
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let permit = self.guard.read("changed", None)?;
        permit.judge(self.inner.changed(window, page).await)
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let permit = self.guard.read("fetch", Some(id.as_str()))?;
        permit.judge(self.inner.fetch(id).await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedCatalogue {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn CatalogueSource>,
}

#[async_trait]
impl CatalogueSource for GuardedCatalogue {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        let permit = self.guard.read("catalogue", None)?;
        permit.judge(self.inner.catalogue().await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedFacts {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn ReleaseFactsSource>,
}

#[async_trait]
impl ReleaseFactsSource for GuardedFacts {
    async fn facts(&self, order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        let permit = self.guard.read("facts", Some(order.id.as_str()))?;
        permit.judge(self.inner.facts(order).await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedDespatchSink {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn DespatchSink>,
}

#[async_trait]
impl DespatchSink for GuardedDespatchSink {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let permit = self.guard.write("relay", Some(order.as_str()))?;
        if permit.wants_read()
            && let Err(error) = self.visible(order, parcels).await
        {
            return Err(permit.read_failed(&error));
        }
        permit.judge(self.inner.relay(order, parcels).await)
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let permit = self.guard.read("visible", Some(order.as_str()))?;
        permit.judge(self.inner.visible(order, parcels).await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedStockSink {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn StockSink>,
}

#[async_trait]
impl StockSink for GuardedStockSink {
    fn location(&self) -> &str {
        self.inner.location()
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let permit = match self.guard.write("publish", None) {
            Ok(permit) => permit,
            Err(error) => return none_published(levels, &error),
        };
        if permit.wants_read() {
            let one: Vec<SourceSku> = levels.iter().take(1).map(|one| one.sku.clone()).collect();
            if let Err(error) = self.levels(&one).await {
                return none_published(levels, &permit.read_failed(&error));
            }
        }
        let place = permit.place();
        let mut outcome = self.inner.publish(levels).await;
        permit.judged(failure_of(&outcome));
        let failed = outcome.failed.into_iter();
        outcome.failed = failed
            .map(|(sku, error)| (sku, error.at(Some(place))))
            .collect();
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let permit = self.guard.read("levels", None)?;
        permit.judge(self.inner.levels(skus).await)
    }
}

/// What a write of many levels says of the port: refused credentials and throttling in any batch; else a failure only where no
/// batch got through.
fn failure_of(outcome: &PublishOutcome) -> Option<&PortError> {
    let of_class = |class: FailureClass| {
        let mut errors = outcome.failed.iter().map(|(_, error)| error);
        errors.find(|error| error.class() == class)
    };
    let got_through = !outcome.taken.is_empty() || !outcome.refused.is_empty();
    of_class(FailureClass::Unauthorised)
        .or_else(|| of_class(FailureClass::Throttled))
        .or_else(|| {
            let first = outcome.failed.first().filter(|_| !got_through);
            first.map(|(_, error)| error)
        })
}

/// The outcome of levels that were not written because of one failure.
fn none_published(levels: &[ShopLevel], error: &PortError) -> PublishOutcome {
    PublishOutcome {
        failed: levels
            .iter()
            .map(|level| (level.sku.clone(), error.copy()))
            .collect(),
        ..PublishOutcome::default()
    }
}
