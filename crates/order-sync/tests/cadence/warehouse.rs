//! A warehouse in memory that can be told to fail.

use std::sync::Mutex;

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, FulfilmentOrder};
use order_sync::{
    Capabilities, DespatchPage, FailureClass, Lookup, PortError, StockBatch, StockSource,
    Submission, Warehouse, WarehouseListing,
};

#[derive(Debug, Default)]
struct Floor {
    orders: Vec<ClientOrderRef>,
    fails: Option<FailureClass>,
    /// What was called, in order.
    calls: Vec<&'static str>,
}

#[derive(Debug, Default)]
pub(crate) struct Sheds(Mutex<Floor>);

impl Sheds {
    /// Every call fails like that from now on; `None`: it works.
    pub(crate) fn fail(&self, class: Option<FailureClass>) {
        self.0.lock().unwrap().fails = class;
    }

    pub(crate) fn orders(&self) -> Vec<ClientOrderRef> {
        self.0.lock().unwrap().orders.clone()
    }

    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().calls.clone()
    }

    pub(crate) fn count(&self, call: &str) -> usize {
        let calls = self.calls();
        calls.into_iter().filter(|made| *made == call).count()
    }

    fn called(&self, call: &'static str, read: bool) -> Result<(), PortError> {
        let mut floor = self.0.lock().unwrap();
        floor.calls.push(call);
        match floor.fails {
            // A read leaves nothing behind of which one could not know.
            Some(FailureClass::Ambiguous | FailureClass::NeverSent) if read => {
                Err(PortError::new(FailureClass::Unavailable, "no route"))
            }
            Some(class) => Err(PortError::new(class, "no route")),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Warehouse for Sheds {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(false)
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        self.called("submit", false)?;
        self.0.lock().unwrap().orders.push(reference.clone());
        Ok(Submission::Accepted {
            warehouse_id: None,
            accepted_at: None,
        })
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        self.called("lookup", true)?;
        Ok(if self.orders().contains(reference) {
            Lookup::Found {
                warehouse_id: None,
                accepted_at: None,
                differences: Vec::new(),
            }
        } else {
            Lookup::Absent
        })
    }

    async fn despatches(&self, _cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        self.called("despatches", true)?;
        Ok(DespatchPage::default())
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        Err(PortError::new(FailureClass::Unsupported, "no list"))
    }
}

#[async_trait]
impl StockSource for Sheds {
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        self.called("stock", true)?;
        Ok(StockBatch::default())
    }
}
