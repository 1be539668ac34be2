//! Every call of an engine to a port, as it is written down: between the guards of the engine and the simulated wires. A new method of
//! a port is one line here.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    CatalogueItem, ClientOrderRef, FulfilmentOrder, Parcel, SourceOrderId, SourceSku,
};
use order_sync::{
    AmendRequest, Capabilities, CatalogueSource, ChangeAnswer, ChangeWindow, DespatchPage,
    DespatchSink, FailureClass, Lookup, OrderSource, PortError, PortName, PublishOutcome,
    RelayOutcome, ReturnsPage, ShopLevel, SourceCopy, SourcePage, StockBatch, StockSink,
    StockSource, Submission, TrackedNumber, TrackingAnswer, TrackingSource, Warehouse,
    WarehouseListing,
};

use super::carrier::CarrierPort;
use super::history::Fact;
use super::shop::ShopPort;
use super::warehouse_port::DepotPort;
use super::world::Caller;

/// A call under way. One that is dropped half-way is written down as such.
struct UnderWay<'a> {
    caller: &'a Caller,
    number: u64,
    ended: bool,
}

impl<'a> UnderWay<'a> {
    fn begin(
        caller: &'a Caller,
        port: PortName,
        operation: &'static str,
        about: Option<&str>,
    ) -> Self {
        let number = {
            let mut state = caller.world.state();
            state.calls += 1;
            state.calls
        };
        caller.note(Fact::CallBegan {
            number,
            port,
            operation,
            about: about.map(str::to_owned),
        });
        Self {
            caller,
            number,
            ended: false,
        }
    }

    fn end(mut self, failure: Option<&PortError>) {
        self.ended = true;
        self.caller.note(Fact::CallEnded {
            number: self.number,
            failure: failure.map(PortError::class),
            wait: failure.and_then(PortError::retry_after),
        });
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.caller.note(Fact::CallDropped(self.number));
        }
    }
}

impl Caller {
    /// Makes a call of an operation, perhaps about one record, and writes down that it began and how it ended.
    async fn noted<T>(
        &self,
        (port, operation, about): (PortName, &'static str, Option<&str>),
        call: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let under_way = UnderWay::begin(self, port, operation, about);
        let result = call.await;
        under_way.end(result.as_ref().err());
        result
    }
}

/// The shop's ports.
#[derive(Debug)]
pub(super) struct NotedShop(pub(super) ShopPort);

#[async_trait]
impl OrderSource for NotedShop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        let what = (PortName::Orders, "server_time", None);
        self.0.0.noted(what, self.0.server_time()).await
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let what = (PortName::Orders, "changed", None);
        self.0.0.noted(what, self.0.changed(window, page)).await
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let what = (PortName::Orders, "fetch", Some(id.as_str()));
        self.0.0.noted(what, self.0.fetch(id)).await
    }
}

#[async_trait]
impl CatalogueSource for NotedShop {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        let what = (PortName::Catalogue, "catalogue", None);
        self.0.0.noted(what, self.0.catalogue()).await
    }
}

#[async_trait]
impl DespatchSink for NotedShop {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let what = (PortName::DespatchSink, "relay", Some(order.as_str()));
        self.0.0.noted(what, self.0.relay(order, parcels)).await
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let what = (PortName::DespatchSink, "visible", Some(order.as_str()));
        self.0.0.noted(what, self.0.visible(order, parcels)).await
    }
}

#[async_trait]
impl StockSink for NotedShop {
    fn location(&self) -> &str {
        self.0.location()
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let under_way = UnderWay::begin(&self.0.0, PortName::StockSink, "publish", None);
        let outcome = self.0.publish(levels).await;
        under_way.end(what_it_says_of_the_port(&outcome));
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let what = (PortName::StockSink, "levels", None);
        self.0.0.noted(what, self.0.levels(skus)).await
    }
}

/// Of a write in several batches: refused credentials and throttling in any of them, else a failure only where none got through.
fn what_it_says_of_the_port(outcome: &PublishOutcome) -> Option<&PortError> {
    let errors = || outcome.failed.iter().map(|(_, error)| error);
    let of = |class| errors().find(|error| error.class() == class);
    of(FailureClass::Unauthorised)
        .or_else(|| of(FailureClass::Throttled))
        .or_else(|| errors().next().filter(|_| outcome.taken.is_empty()))
}

/// The warehouse's ports.
#[derive(Debug)]
pub(super) struct NotedDepot(pub(super) DepotPort);

#[async_trait]
impl Warehouse for NotedDepot {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let what = (PortName::Warehouse, "submit", Some(reference.as_str()));
        self.0.0.noted(what, self.0.submit(reference, order)).await
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let what = (PortName::Warehouse, "lookup", Some(reference.as_str()));
        self.0.0.noted(what, self.0.lookup(reference, order)).await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let what = (PortName::Warehouse, "despatches", None);
        self.0.0.noted(what, self.0.despatches(cursor)).await
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let what = (PortName::Warehouse, "list", None);
        self.0.0.noted(what, self.0.list(page)).await
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let what = (PortName::Warehouse, "cancel", Some(request_id));
        let call = self.0.cancel(reference, request_id, why);
        self.0.0.noted(what, call).await
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let what = (PortName::Warehouse, "amend", Some(request.id));
        self.0.0.noted(what, self.0.amend(reference, request)).await
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let what = (PortName::Warehouse, "returns", None);
        self.0.0.noted(what, self.0.returns(cursor)).await
    }
}

#[async_trait]
impl StockSource for NotedDepot {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let what = (PortName::StockSource, "stock", None);
        self.0.0.noted(what, self.0.stock(cursor)).await
    }
}

/// The carrier's port.
#[derive(Debug)]
pub(super) struct NotedCarrier(pub(super) CarrierPort);

#[async_trait]
impl TrackingSource for NotedCarrier {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        let what = (PortName::Tracking, "scans", Some(parcel.number.as_str()));
        self.0.0.noted(what, self.0.scans(parcel)).await
    }
}
