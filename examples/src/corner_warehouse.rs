//! A warehouse round the corner: it speaks of slips, picks and vans, and the ports translate.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, LineId, LineQuantity, Parcel, StockRow,
    TrackingNumber,
};
use order_sync::{
    Capabilities, Clock as _, DespatchPage, FailureClass, FeedKind, Lookup, PortError, StockBatch,
    StockFeed, StockSource, StoredContents, Submission, SystemClock, Warehouse, WarehouseListing,
};

/// One order as the warehouse keeps it: a slip on a spike.
#[derive(Debug, Clone)]
struct Slip {
    number: usize,
    written_at: DateTime<Utc>,
    service: String,
    /// Line, article and units.
    picks: Vec<(LineId, String, u32)>,
}

/// A van that left with one order.
#[derive(Debug, Clone)]
struct Van {
    order: ClientOrderRef,
    left_at: DateTime<Utc>,
    picks: Vec<(LineId, String, u32)>,
}

#[derive(Debug, Default)]
struct Shed {
    slips: BTreeMap<ClientOrderRef, Slip>,
    vans: Vec<Van>,
    shelves: BTreeMap<String, i64>,
    /// Grows with every change of the shelves.
    counted: u64,
}

/// The warehouse. A real one is a client of somebody's interface; the translation stays the same.
#[derive(Debug, Default)]
pub struct CornerWarehouse {
    shed: Mutex<Shed>,
}

impl CornerWarehouse {
    /// A warehouse with these articles and units on its shelves.
    pub fn new(shelves: impl IntoIterator<Item = (&'static str, i64)>) -> Self {
        let warehouse = Self::default();
        let shelves = shelves
            .into_iter()
            .map(|(code, units)| (code.to_owned(), units));
        warehouse.shed().shelves = shelves.collect();
        warehouse
    }

    fn shed(&self) -> MutexGuard<'_, Shed> {
        self.shed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A working day: whatever is on the spike leaves by van. Returns how many vans left.
    pub fn work(&self) -> usize {
        let orders: Vec<ClientOrderRef> = self.shed().slips.keys().cloned().collect();
        orders.iter().filter(|order| self.load_van(order)).count()
    }

    /// An order leaves by van. `false`: there is no such slip, or it has left already.
    pub fn load_van(&self, order: &ClientOrderRef) -> bool {
        let mut shed = self.shed();
        let Some(slip) = shed.slips.get(order).cloned() else {
            return false;
        };
        if shed.vans.iter().any(|van| van.order == *order) {
            return false;
        }
        for (_, code, units) in &slip.picks {
            *shed.shelves.entry(code.clone()).or_default() -= i64::from(*units);
        }
        shed.counted += 1;
        shed.vans.push(Van {
            order: order.clone(),
            left_at: SystemClock::new().now(),
            picks: slip.picks,
        });
        true
    }

    /// What the slip of an order says, article by article; none without a slip.
    #[must_use]
    pub fn slip(&self, order: &ClientOrderRef) -> Option<Vec<(String, u32)>> {
        let shed = self.shed();
        let picks = shed.slips.get(order)?.picks.iter();
        Some(
            picks
                .map(|(_, code, units)| (code.clone(), *units))
                .collect(),
        )
    }

    /// Somebody counts a shelf.
    pub fn count(&self, code: &str, units: i64) {
        let mut shed = self.shed();
        shed.shelves.insert(code.to_owned(), units);
        shed.counted += 1;
    }
}

/// Where a reader of the vans has got to. The cursor is the warehouse's own text; the engine only keeps it.
fn place(cursor: Option<&str>) -> Result<usize, PortError> {
    let Some(text) = cursor else { return Ok(0) };
    text.parse().map_err(|error| {
        PortError::new(
            FailureClass::Unreadable,
            "the cursor is no place in the list of vans",
        )
        .with_source(Box::<dyn std::error::Error + Send + Sync>::from(error))
    })
}

#[async_trait]
impl Warehouse for CornerWarehouse {
    /// Honest: it lists nothing, cancels nothing, changes nothing. The engine does not ask, and tells people instead.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(false)
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let mut shed = self.shed();
        if shed.slips.contains_key(reference) {
            // The engine looks what is there; nothing is written twice.
            return Ok(Submission::AlreadyThere);
        }
        let picks = order.lines.iter().map(|line| {
            let code = line.sku.as_str().to_owned();
            (line.line_id.clone(), code, line.quantity.get())
        });
        let slip = Slip {
            number: shed.slips.len() + 1,
            written_at: SystemClock::new().now(),
            service: order.service.as_str().to_owned(),
            picks: picks.collect(),
        };
        let answer = Submission::Accepted {
            warehouse_id: Some(format!("slip {}", slip.number)),
            accepted_at: Some(slip.written_at),
        };
        shed.slips.insert(reference.clone(), slip);
        Ok(answer)
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let shed = self.shed();
        let Some(slip) = shed.slips.get(reference) else {
            return Ok(Lookup::Absent);
        };
        // Slips have no room for a PO number, and what is not said is not compared.
        let mut there = StoredContents::default();
        there.service = Some(slip.service.clone());
        let lines = slip.picks.iter();
        there.lines = lines
            .map(|(_, code, units)| (code.clone(), i64::from(*units)))
            .collect();
        Ok(Lookup::Found {
            warehouse_id: Some(format!("slip {}", slip.number)),
            accepted_at: Some(slip.written_at),
            differences: there.differences(order),
        })
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let from = place(cursor)?;
        let shed = self.shed();
        let mut page = DespatchPage::default();
        for (number, van) in (1..).zip(&shed.vans).skip(from) {
            let mut parcel = Parcel::new(format!("van-{number}"));
            parcel.carrier = Some("Corner Vans".to_owned());
            parcel.tracking = Some(TrackingNumber::new(format!("CORNER{number:06}")));
            let contents = van.picks.iter();
            parcel.contents = contents
                .map(|(line, _, units)| LineQuantity::of_line(line.clone(), *units))
                .collect();
            let mut consignment = Consignment::new(format!("van-{number}"), van.order.clone());
            consignment.despatched_at = Some(van.left_at);
            consignment.parcels.push(parcel);
            page.consignments.push(consignment);
        }
        page.cursor = Some(shed.vans.len().to_string());
        Ok(page)
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let what = "the corner warehouse cannot list its orders";
        Err(PortError::new(FailureClass::Unsupported, what))
    }
}

#[async_trait]
impl StockSource for CornerWarehouse {
    /// It counts all shelves every time: a snapshot is always right, only longer than a delta.
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let shed = self.shed();
        let rows = shed.shelves.iter();
        let rows = rows.map(|(code, units)| StockRow::new(code.as_str(), *units, 0));
        let now = SystemClock::new().now();
        let mut batch = StockBatch::default();
        batch.feed = Some(StockFeed::new(
            FeedKind::Snapshot,
            now,
            shed.counted,
            rows.collect(),
        ));
        batch.cursor = Some(shed.counted.to_string());
        Ok(batch)
    }
}
