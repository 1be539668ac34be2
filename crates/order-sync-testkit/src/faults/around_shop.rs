//! A plan before the shop: its orders, its catalogue, and what is written to it.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{CatalogueItem, Parcel, SourceOrderId, SourceSku};
use order_sync::{
    CatalogueSource, ChangeWindow, DespatchSink, OrderSource, PortError, PublishOutcome,
    RelayOutcome, ShopLevel, SourceCopy, SourcePage, StockSink,
};

use super::{Asked, Call, FaultPlan};

pub(super) fn orders(plan: &Arc<FaultPlan>, inner: Arc<dyn OrderSource>) -> Arc<dyn OrderSource> {
    let plan = Arc::clone(plan);
    Arc::new(AroundOrders { plan, inner })
}

pub(super) fn catalogue(
    plan: &Arc<FaultPlan>,
    inner: Arc<dyn CatalogueSource>,
) -> Arc<dyn CatalogueSource> {
    let plan = Arc::clone(plan);
    Arc::new(AroundCatalogue { plan, inner })
}

pub(super) fn despatch_sink(
    plan: &Arc<FaultPlan>,
    inner: Arc<dyn DespatchSink>,
) -> Arc<dyn DespatchSink> {
    let plan = Arc::clone(plan);
    Arc::new(AroundDespatchSink { plan, inner })
}

pub(super) fn stock_sink(plan: &Arc<FaultPlan>, inner: Arc<dyn StockSink>) -> Arc<dyn StockSink> {
    let plan = Arc::clone(plan);
    Arc::new(AroundStockSink { plan, inner })
}

#[derive(Debug)]
struct AroundOrders {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn OrderSource>,
}

#[async_trait]
impl OrderSource for AroundOrders {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        let ask = || self.inner.server_time();
        self.plan.read(Call::ServerTime, ask).await
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let ask = || self.inner.changed(window, page);
        self.plan.read(Call::Changed, ask).await
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let ask = || self.inner.fetch(id);
        self.plan.read(Call::Fetch, ask).await
    }
}

#[derive(Debug)]
struct AroundCatalogue {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn CatalogueSource>,
}

#[async_trait]
impl CatalogueSource for AroundCatalogue {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        let ask = || self.inner.catalogue();
        self.plan.read(Call::Catalogue, ask).await
    }
}

#[derive(Debug)]
struct AroundDespatchSink {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn DespatchSink>,
}

#[async_trait]
impl DespatchSink for AroundDespatchSink {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let late = || {
            let (inner, order) = (Arc::clone(&self.inner), order.clone());
            let parcels = parcels.to_vec();
            Box::pin(async move { drop(inner.relay(&order, &parcels).await) }) as _
        };
        let ask = || self.inner.relay(order, parcels);
        self.plan.write(Call::Relay, ask, late).await
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let ask = || self.inner.visible(order, parcels);
        self.plan.read(Call::Visible, ask).await
    }
}

#[derive(Debug)]
struct AroundStockSink {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn StockSink>,
}

#[async_trait]
impl StockSink for AroundStockSink {
    fn location(&self) -> &str {
        self.inner.location()
    }

    /// A failure of the call is one of each of its rows.
    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let late = || {
            let (inner, levels) = (Arc::clone(&self.inner), levels.to_vec());
            Box::pin(async move { drop(inner.publish(&levels).await) }) as _
        };
        let ask = || Box::pin(async { Ok(self.inner.publish(levels).await) }) as Asked<'_, _>;
        match self.plan.write(Call::Publish, ask, late).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let mut outcome = PublishOutcome::default();
                outcome.failed = levels
                    .iter()
                    .map(|level| {
                        let error = PortError::new(error.class(), error.to_string());
                        (level.sku.clone(), error)
                    })
                    .collect();
                outcome
            }
        }
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let ask = || self.inner.levels(skus);
        self.plan.read(Call::Levels, ask).await
    }
}
