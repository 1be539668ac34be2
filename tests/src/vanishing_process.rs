//! A warehouse port whose caller dies between the answer and its record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, FulfilmentOrder};
use order_sync::{
    Capabilities, DespatchPage, Lookup, PortError, Submission, Warehouse, WarehouseListing,
};
use tokio::sync::Notify;

/// Passes everything on to the real port. The n-th create is passed on too, but its answer never comes back: whoever waits for
/// [`VanishingProcess::vanished`] then drops the run, and the process is gone with the order at the warehouse.
#[derive(Debug)]
pub struct VanishingProcess {
    inner: Arc<dyn Warehouse>,
    left: AtomicU32,
    reached: Notify,
}

impl VanishingProcess {
    /// Dies at the create of that number, counted from 1.
    pub fn at(inner: Arc<dyn Warehouse>, create: u32) -> Self {
        Self {
            inner,
            left: AtomicU32::new(create),
            reached: Notify::new(),
        }
    }

    /// Returns once the warehouse has answered the fatal create.
    pub async fn vanished(&self) {
        self.reached.notified().await;
    }
}

#[async_trait]
impl Warehouse for VanishingProcess {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let before = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(1))
            });
        let answer = self.inner.submit(reference, order).await;
        match before {
            Ok(1) => {
                self.reached.notify_one();
                std::future::pending().await
            }
            _ => answer,
        }
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        self.inner.lookup(reference, order).await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        self.inner.despatches(cursor).await
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        self.inner.list(page).await
    }
}
