//! Wrongs that are done on purpose, so that the counts at the end are seen to find them.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{ClientOrderRef, FulfilmentOrder, SourceOrderId};
use order_sync::{
    Capabilities, ChangeWindow, DespatchPage, Lookup, OrderSource, PortError, Ports, SourceCopy,
    SourcePage, Submission, Warehouse, WarehouseListing,
};

use crate::task::Canary;

/// Puts the wrong before the ports.
pub(super) fn plant(canary: Canary, ports: &mut Ports) {
    match canary {
        // A wrong of the store, not of a port.
        Canary::ForgetTheMark => {}
        Canary::DropOrders => {
            ports.orders = Arc::new(Forgetful(Arc::clone(&ports.orders)));
        }
        Canary::SendTwice | Canary::SendUnderAnotherReference => {
            ports.warehouse = Arc::new(Eager {
                inner: Arc::clone(&ports.warehouse),
                renames: canary == Canary::SendUnderAnotherReference,
            });
        }
    }
}

/// Ids that the wrongs are done to: those of an even number.
fn is_struck(id: &str) -> bool {
    id.ends_with(['0', '2', '4', '6', '8'])
}

/// A shop that does not show every order.
#[derive(Debug)]
struct Forgetful(Arc<dyn OrderSource>);

#[async_trait]
impl OrderSource for Forgetful {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        self.0.server_time().await
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let mut page = self.0.changed(window, page).await?;
        page.rows.retain(|row| !is_struck(row.id.as_str()));
        Ok(page)
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        self.0.fetch(id).await
    }
}

/// A warehouse to which every order is handed over twice.
#[derive(Debug)]
struct Eager {
    inner: Arc<dyn Warehouse>,
    renames: bool,
}

#[async_trait]
impl Warehouse for Eager {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let first = self.inner.submit(reference, order).await;
        let again = if self.renames {
            ClientOrderRef::derive(b"another key altogether", "demo", &order.source_id, 0, 0)
        } else {
            reference.clone()
        };
        if is_struck(order.source_id.as_str()) {
            // Whatever the warehouse says of it: it was sent.
            let _second = self.inner.submit(&again, order).await;
        }
        first
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
