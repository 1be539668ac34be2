//! A plan before the warehouse and its stock feed.

use std::sync::Arc;

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, FulfilmentOrder};
use order_sync::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, Lookup, PortError, ReturnsPage,
    StockBatch, StockSource, Submission, Warehouse, WarehouseListing,
};

use super::{Call, FaultPlan};

pub(super) fn warehouse(plan: &Arc<FaultPlan>, inner: Arc<dyn Warehouse>) -> Arc<dyn Warehouse> {
    let plan = Arc::clone(plan);
    Arc::new(AroundWarehouse { plan, inner })
}

pub(super) fn stock_source(
    plan: &Arc<FaultPlan>,
    inner: Arc<dyn StockSource>,
) -> Arc<dyn StockSource> {
    let plan = Arc::clone(plan);
    Arc::new(AroundStockSource { plan, inner })
}

#[derive(Debug)]
struct AroundWarehouse {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn Warehouse>,
}

#[async_trait]
impl Warehouse for AroundWarehouse {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let late = || {
            let (inner, reference, order) =
                (Arc::clone(&self.inner), reference.clone(), order.clone());
            Box::pin(async move { drop(inner.submit(&reference, &order).await) }) as _
        };
        let ask = || self.inner.submit(reference, order);
        self.plan.write(Call::Submit, ask, late).await
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let ask = || self.inner.lookup(reference, order);
        self.plan.read(Call::Lookup, ask).await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let ask = || self.inner.despatches(cursor);
        self.plan.read(Call::Despatches, ask).await
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let ask = || self.inner.list(page);
        self.plan.read(Call::List, ask).await
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let late = || {
            let (inner, reference) = (Arc::clone(&self.inner), reference.clone());
            let (request_id, why) = (request_id.to_owned(), why.to_owned());
            Box::pin(async move { drop(inner.cancel(&reference, &request_id, &why).await) }) as _
        };
        let ask = || self.inner.cancel(reference, request_id, why);
        self.plan.write(Call::Cancel, ask, late).await
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let late = || {
            let (inner, reference) = (Arc::clone(&self.inner), reference.clone());
            let (id, changes) = (request.id.to_owned(), request.changes.to_vec());
            let wanted = request.wanted.clone();
            Box::pin(async move {
                let request = AmendRequest::new(&id, &changes, &wanted);
                drop(inner.amend(&reference, request).await);
            }) as _
        };
        let ask = || self.inner.amend(reference, request);
        self.plan.write(Call::Amend, ask, late).await
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let ask = || self.inner.returns(cursor);
        self.plan.read(Call::Returns, ask).await
    }
}

#[derive(Debug)]
struct AroundStockSource {
    plan: Arc<FaultPlan>,
    inner: Arc<dyn StockSource>,
}

#[async_trait]
impl StockSource for AroundStockSource {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let ask = || self.inner.stock(cursor);
        self.plan.read(Call::Stock, ask).await
    }
}
