//! The platform's own fulfilment service: takes requests, ships, answers cancellations, counts its stock and takes goods back.

mod floor;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use order_mapping::{AmendField, ClientOrderRef, FulfilmentOrder, StockRow};
use order_sync::{
    AmendRequest, Capabilities, ChangeAnswer, Clock as _, DespatchPage, FailureClass, FeedKind,
    Lookup, PortError, ReturnsPage, StockBatch, StockFeed, StockSource, StoredContents, Submission,
    Warehouse, WarehouseListing, WarehouseOrderRow,
};

pub(crate) use self::floor::{Floor, Stage};
use self::floor::{Request, units_of};
use crate::clock::HandClock;

#[derive(Debug)]
pub(crate) struct FulfilmentService {
    clock: Arc<HandClock>,
    floor: Mutex<Floor>,
}

impl FulfilmentService {
    pub(crate) fn new(clock: Arc<HandClock>) -> Self {
        Self {
            clock,
            floor: Mutex::default(),
        }
    }

    pub(crate) fn floor<T>(&self, look: impl FnOnce(&mut Floor) -> T) -> T {
        look(&mut self.floor.lock().unwrap())
    }
}

/// The place in one of the service's feeds.
fn place_of(cursor: Option<&str>) -> Result<usize, PortError> {
    cursor
        .map_or(Ok(0), str::parse)
        .map_err(|_| PortError::new(FailureClass::Unavailable, "a cursor cannot be read"))
}

fn contents_of(request: &Request) -> StoredContents {
    let mut contents = StoredContents::default();
    contents.service = Some(request.order.service.to_string());
    contents.purchase_order = request
        .order
        .purchase_order
        .as_ref()
        .map(|number| number.as_str().to_owned());
    contents.lines = units_of(&request.order);
    contents
}

#[async_trait]
impl Warehouse for FulfilmentService {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true)
            .with_cancel()
            .with_amend(&[AmendField::Quantity])
            .with_returns()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let now = self.clock.now();
        self.floor(|floor| {
            floor.submits += 1;
            if floor.request(reference).is_some() {
                return Ok(Submission::AlreadyThere);
            }
            let id = floor.accept(reference, order, now);
            if std::mem::take(&mut floor.loses_next_answer) {
                return Err(PortError::new(FailureClass::Ambiguous, "no answer"));
            }
            Ok(Submission::Accepted {
                warehouse_id: Some(id),
                accepted_at: Some(now),
            })
        })
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        Ok(self.floor(|floor| match floor.request(reference) {
            None => Lookup::Absent,
            Some(request) => Lookup::Found {
                warehouse_id: Some(request.id.clone()),
                accepted_at: Some(request.accepted_at),
                differences: contents_of(request).differences(order),
            },
        }))
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let from = place_of(cursor)?;
        Ok(self.floor(|floor| {
            let mut page = DespatchPage::default();
            // One to a page, so that every test turns pages.
            page.consignments = floor.shipments.iter().skip(from).take(1).cloned().collect();
            let next = from + page.consignments.len();
            page.more = next < floor.shipments.len();
            page.cursor = Some(next.to_string());
            page
        }))
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        Ok(self.floor(|floor| {
            let mut listing = WarehouseListing::default();
            listing.rows = floor
                .requests
                .iter()
                .map(|(reference, request)| {
                    let live = request.stage != Stage::Cancelled;
                    let id = Some(request.id.clone());
                    let mut row = WarehouseOrderRow::new(reference.clone(), id, live);
                    row.contents = Some(contents_of(request));
                    row
                })
                .collect();
            listing
        }))
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        _why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        Ok(self.floor(|floor| floor.answer(reference, request_id, None)))
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        Ok(self.floor(|floor| floor.answer(reference, request.id, Some(request.wanted))))
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let from = place_of(cursor)?;
        Ok(self.floor(|floor| {
            let mut page = ReturnsPage::default();
            page.receipts = floor.returned.iter().skip(from).cloned().collect();
            page.cursor = Some(floor.returned.len().to_string());
            page
        }))
    }
}

#[async_trait]
impl StockSource for FulfilmentService {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let since = cursor.map(|cursor| place_of(Some(cursor))).transpose()?;
        let now = self.clock.now();
        Ok(self.floor(|floor| {
            let news = |sequence: u64| since.is_none_or(|since| sequence > since as u64);
            let rows: Vec<StockRow> = floor
                .bins
                .iter()
                .filter(|(_, bin)| news(bin.sequence))
                .map(|(sku, bin)| StockRow::new(sku.as_str(), bin.on_hand, bin.allocated))
                .collect();
            let kind = match since {
                None => FeedKind::Snapshot,
                Some(_) => FeedKind::Delta,
            };
            let mut batch = StockBatch::default();
            if since.is_none() || !rows.is_empty() {
                batch.feed = Some(StockFeed::new(kind, now, floor.sequence, rows));
            }
            batch.cursor = Some(floor.sequence.to_string());
            batch
        }))
    }
}
