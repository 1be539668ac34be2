//! A warehouse in memory that does as it is told.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use order_mapping::{
    AmendField, ClientOrderRef, Consignment, FieldChange, FulfilmentOrder, ReturnReceipt,
};
use order_sync::*;

/// What the warehouse does with the next create call.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Fails with that class, without having applied it.
    Fails(FailureClass),
    /// Applies it and loses the answer.
    AppliesAndLoses,
    /// Takes it as a file that lies there until it is picked up.
    Queues,
}

#[derive(Debug, Default)]
pub(crate) struct Shelves {
    /// Everything ever created, in order.
    pub(crate) orders: Vec<(ClientOrderRef, FulfilmentOrder)>,
    pub(crate) submits: usize,
    pub(crate) lookups: usize,
    pub(crate) answers: VecDeque<Answer>,
    /// Files that lie there.
    pub(crate) lying: Vec<ClientOrderRef>,
    /// Look-ups fail.
    pub(crate) silent: bool,
    /// Despatches that cannot be read, told once.
    pub(crate) garbled: Vec<String>,
    /// Stock rows that cannot be read, told once.
    pub(crate) garbled_stock: Vec<String>,
    /// A difference that look-ups report.
    pub(crate) difference: Option<String>,
    pub(crate) despatches: Vec<Consignment>,
    pub(crate) stock: Option<StockFeed>,
    /// It can be asked to cancel and amend, and tells what came back.
    pub(crate) negotiates: bool,
    /// Answers to requests; without one it accepts.
    pub(crate) change_answers: VecDeque<Result<ChangeAnswer, FailureClass>>,
    /// Requests arrive, and are never answered.
    pub(crate) hangs: bool,
    /// Requests by id, with what was to be different (nothing: a cancellation).
    pub(crate) requests: Vec<(String, Vec<FieldChange>)>,
    pub(crate) returned: Vec<ReturnReceipt>,
    /// What its list says of an order, where that is not what it was sent.
    pub(crate) listed_as: Option<StoredContents>,
    /// Rows of its list that cannot be read.
    pub(crate) garbled_list: Vec<String>,
    /// References that its list leaves out.
    pub(crate) unlisted: Vec<ClientOrderRef>,
}

impl Shelves {
    fn answer(&mut self, id: &str, changes: &[FieldChange]) -> Result<ChangeAnswer, PortError> {
        self.requests.push((id.to_owned(), changes.to_vec()));
        match self.change_answers.pop_front() {
            None => Ok(ChangeAnswer::Accepted),
            Some(Ok(answer)) => Ok(answer),
            Some(Err(class)) => Err(PortError::new(class, "as told")),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Warehouse0(pub(crate) Mutex<Shelves>);

#[async_trait]
impl Warehouse for Warehouse0 {
    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::new(true);
        if self.0.lock().unwrap().negotiates {
            return capabilities
                .with_cancel()
                .with_amend(&[AmendField::Quantity, AmendField::PurchaseOrder])
                .with_returns();
        }
        capabilities
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let mut shelves = self.0.lock().unwrap();
        shelves.submits += 1;
        match shelves.answers.pop_front() {
            Some(Answer::Fails(class)) => return Err(PortError::new(class, "as told")),
            Some(Answer::AppliesAndLoses) => {
                shelves.orders.push((reference.clone(), order.clone()));
                return Err(PortError::new(
                    FailureClass::Ambiguous,
                    "the reply was lost",
                ));
            }
            Some(Answer::Queues) => {
                shelves.lying.push(reference.clone());
                return Ok(Submission::Queued);
            }
            None => {}
        }
        shelves.orders.push((reference.clone(), order.clone()));
        Ok(Submission::Accepted {
            warehouse_id: Some(format!("W{}", shelves.orders.len())),
            accepted_at: None,
        })
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let mut shelves = self.0.lock().unwrap();
        shelves.lookups += 1;
        if shelves.silent {
            return Err(PortError::new(FailureClass::Unavailable, "no answer"));
        }
        if shelves.lying.contains(reference) {
            return Ok(Lookup::Waiting);
        }
        let found = shelves.orders.iter().any(|(known, _)| known == reference);
        let differences = shelves.difference.iter().cloned().collect();
        Ok(if found {
            Lookup::Found {
                warehouse_id: None,
                accepted_at: None,
                differences,
            }
        } else {
            Lookup::Absent
        })
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let mut shelves = self.0.lock().unwrap();
        let from: usize = cursor.map_or(0, |text| text.parse().unwrap());
        let mut page = DespatchPage::default();
        page.consignments = shelves.despatches.iter().skip(from).cloned().collect();
        page.cursor = Some(shelves.despatches.len().to_string());
        page.unreadable = std::mem::take(&mut shelves.garbled);
        Ok(page)
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let shelves = self.0.lock().unwrap();
        let mut listing = WarehouseListing::default();
        listing.unreadable.clone_from(&shelves.garbled_list);
        listing.rows = shelves
            .orders
            .iter()
            .filter(|(reference, _)| !shelves.unlisted.contains(reference))
            .map(|(reference, _)| {
                let mut row = WarehouseOrderRow::new(reference.clone(), None, true);
                row.contents.clone_from(&shelves.listed_as);
                row
            })
            .collect();
        Ok(listing)
    }

    async fn cancel(
        &self,
        _reference: &ClientOrderRef,
        request_id: &str,
        _why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        self.0.lock().unwrap().answer(request_id, &[])
    }

    async fn amend(
        &self,
        _reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let (answer, hangs) = {
            let mut shelves = self.0.lock().unwrap();
            (shelves.answer(request.id, request.changes), shelves.hangs)
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        answer
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let shelves = self.0.lock().unwrap();
        let from: usize = cursor.map_or(0, |text| text.parse().unwrap());
        let mut page = ReturnsPage::default();
        page.receipts = shelves.returned.iter().skip(from).cloned().collect();
        page.cursor = Some(shelves.returned.len().to_string());
        Ok(page)
    }
}

#[async_trait]
impl StockSource for Warehouse0 {
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let mut shelves = self.0.lock().unwrap();
        let mut batch = StockBatch::default();
        batch.feed = shelves.stock.clone();
        batch.unreadable = std::mem::take(&mut shelves.garbled_stock);
        batch.cursor = batch.feed.as_ref().map(|feed| feed.sequence.to_string());
        Ok(batch)
    }
}
