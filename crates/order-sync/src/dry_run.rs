//! Dry runs: the same flows on the same data, with the writing ends taken out.
//!
//! Put these in place of the writing ports, give the engine a copy of the store, and run the flows: what they would send is in
//! the [`Plan`]. Because it is the same code, the plan is what a real run does.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use order_mapping::{
    ClientOrderRef, FieldChange, FulfilmentOrder, Parcel, SourceOrderId, SourceSku,
};
use serde::Serialize;

use crate::ports::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, DespatchSink, Lookup, PortError,
    PublishOutcome, RelayOutcome, ReturnsPage, ShopLevel, StockSink, Submission, Warehouse,
    WarehouseListing,
};

/// What a run would have written.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PlannedWrites {
    /// Orders for the warehouse.
    pub orders: Vec<PlannedOrder>,
    /// Orders whose parcels would be written to the shop, with the number of parcels.
    pub relays: Vec<(SourceOrderId, usize)>,
    /// Orders that the warehouse would be asked to cancel.
    pub cancellations: Vec<ClientOrderRef>,
    /// Orders that the warehouse would be asked to change, with what would be different.
    pub amendments: Vec<(ClientOrderRef, Vec<FieldChange>)>,
    /// Stock levels for the shop.
    pub levels: Vec<(SourceSku, i64)>,
}

/// An order that would be sent. No personal data.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PlannedOrder {
    /// The reference it would carry.
    pub reference: ClientOrderRef,
    /// The order, without its recipient.
    pub order: FulfilmentOrder,
}

/// Collects what would be written; shared by the stand-ins.
#[derive(Debug, Clone, Default)]
pub struct Plan(Arc<Mutex<PlannedWrites>>);

impl Plan {
    /// An empty plan.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was collected so far.
    #[must_use]
    pub fn writes(&self) -> PlannedWrites {
        match self.0.lock() {
            Ok(writes) => writes.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    fn note(&self, write: impl FnOnce(&mut PlannedWrites)) {
        match self.0.lock() {
            Ok(mut writes) => write(&mut writes),
            Err(poisoned) => write(&mut poisoned.into_inner()),
        }
    }

    /// Stands in for a warehouse: reads pass through, an order that would be sent is noted and counts as accepted.
    #[must_use]
    pub fn warehouse(&self, warehouse: Arc<dyn Warehouse>) -> Arc<dyn Warehouse> {
        Arc::new(PlannedWarehouse {
            plan: self.clone(),
            warehouse,
        })
    }

    /// Stands in for a despatch sink: parcels that would be written are noted and count as visible.
    #[must_use]
    pub fn despatch_sink(&self, sink: Arc<dyn DespatchSink>) -> Arc<dyn DespatchSink> {
        Arc::new(PlannedDespatchSink {
            plan: self.clone(),
            sink,
        })
    }

    /// Stands in for a stock sink: levels that would be written are noted and count as taken.
    #[must_use]
    pub fn stock_sink(&self, sink: Arc<dyn StockSink>) -> Arc<dyn StockSink> {
        Arc::new(PlannedStockSink {
            plan: self.clone(),
            sink,
        })
    }
}

#[derive(Debug)]
struct PlannedWarehouse {
    plan: Plan,
    warehouse: Arc<dyn Warehouse>,
}

#[async_trait]
impl Warehouse for PlannedWarehouse {
    fn capabilities(&self) -> Capabilities {
        // What was only planned would be missing from the real list.
        let real = self.warehouse.capabilities();
        Capabilities {
            lists_orders: false,
            ..real
        }
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        self.plan.note(|writes| {
            writes.orders.push(PlannedOrder {
                reference: reference.clone(),
                order: order.clone(),
            });
        });
        Ok(Submission::Accepted {
            warehouse_id: None,
            accepted_at: None,
        })
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        self.warehouse.lookup(reference, order).await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        self.warehouse.despatches(cursor).await
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        self.warehouse.list(page).await
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        _request_id: &str,
        _why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        self.plan
            .note(|writes| writes.cancellations.push(reference.clone()));
        Ok(ChangeAnswer::Pending)
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        self.plan.note(|writes| {
            writes
                .amendments
                .push((reference.clone(), request.changes.to_vec()));
        });
        Ok(ChangeAnswer::Pending)
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        self.warehouse.returns(cursor).await
    }
}

#[derive(Debug)]
struct PlannedDespatchSink {
    plan: Plan,
    sink: Arc<dyn DespatchSink>,
}

#[async_trait]
impl DespatchSink for PlannedDespatchSink {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let visible = self.sink.visible(order, parcels).await?;
        if visible.len() < parcels.len() {
            let missing = parcels.len() - visible.len();
            self.plan
                .note(|writes| writes.relays.push((order.clone(), missing)));
        }
        Ok(RelayOutcome {
            written: visible.len() < parcels.len(),
            visible: parcels.iter().map(|parcel| parcel.id.clone()).collect(),
            ..RelayOutcome::default()
        })
    }

    async fn visible(
        &self,
        _order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        Ok(parcels.iter().map(|parcel| parcel.id.clone()).collect())
    }
}

#[derive(Debug)]
struct PlannedStockSink {
    plan: Plan,
    sink: Arc<dyn StockSink>,
}

#[async_trait]
impl StockSink for PlannedStockSink {
    fn location(&self) -> &str {
        self.sink.location()
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        self.plan.note(|writes| {
            writes
                .levels
                .extend(levels.iter().map(|level| (level.sku.clone(), level.level)));
        });
        PublishOutcome {
            taken: levels.iter().map(|level| level.sku.clone()).collect(),
            ..PublishOutcome::default()
        }
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        self.sink.levels(skus).await
    }
}
