//! The warehouse's ports behind their guards. A new method of a port is one line here.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, FulfilmentOrder};

use super::port_guard::PortGuard;
use crate::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, HeldBack, Lookup,
    PortError, ReturnsPage, StockBatch, StockSource, Submission, Warehouse, WarehouseListing,
};

/// The share of a lease that the read before a create may take.
pub(super) const SHARE_FOR_A_READ: f64 = 0.1;

#[derive(Debug)]
pub(super) struct GuardedWarehouse {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn Warehouse>,
    /// How long the read before a create may take. The time of the claim was looked at before it, and goes on meanwhile.
    pub(super) patience: Duration,
}

#[async_trait]
impl Warehouse for GuardedWarehouse {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let permit = self.guard.write("submit", Some(reference.as_str()))?;
        if permit.wants_read() {
            // No order is created to find out whether the warehouse is back; and the read that finds out asks after this very one.
            let asked_at = self.guard.now();
            match self.lookup(reference, order).await {
                Ok(Lookup::Absent) if self.guard.now().saturating_sub(asked_at) > self.patience => {
                    let late = PortError::new(
                        FailureClass::Unavailable,
                        "it was answered too late for the claim of this order",
                    );
                    let late = late.with_held_back(HeldBack::CircuitOpen);
                    return Err(permit.read_failed(&late));
                }
                Ok(Lookup::Absent) => {}
                // The engine looks what is there.
                Ok(_) => return Ok(Submission::AlreadyThere),
                Err(error) => return Err(permit.read_failed(&error)),
            }
        }
        permit.judge(self.inner.submit(reference, order).await)
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let permit = self.guard.read("lookup", Some(reference.as_str()))?;
        permit.judge(self.inner.lookup(reference, order).await)
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let permit = self.guard.read("despatches", None)?;
        permit.judge(self.inner.despatches(cursor).await)
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let permit = self.guard.read("list", None)?;
        permit.judge(self.inner.list(page).await)
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let permit = self.guard.repeatable("cancel", Some(request_id))?;
        permit.judge(self.inner.cancel(reference, request_id, why).await)
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let permit = self.guard.repeatable("amend", Some(request.id))?;
        permit.judge(self.inner.amend(reference, request).await)
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let permit = self.guard.read("returns", None)?;
        permit.judge(self.inner.returns(cursor).await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedStockSource {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn StockSource>,
}

#[async_trait]
impl StockSource for GuardedStockSource {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let permit = self.guard.read("stock", None)?;
        permit.judge(self.inner.stock(cursor).await)
    }
}
