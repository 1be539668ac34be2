//! The simulated Whistl warehouse.

mod acknowledgements;
pub(crate) mod carrier;
mod changes;
pub(crate) mod charges;
mod controls;
pub(crate) mod despatch;
pub(crate) mod feed_faults;
mod feeds;
mod intake;
mod inventory;
mod label_check;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod order_files;
pub(crate) mod returns;
mod routes;
pub(crate) mod shipping;
mod state;
pub(crate) mod stock;
pub(crate) mod tracking;

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::faults::FaultSwitches;
use crate::problem::Problem;
use crate::raw_object::RawObject;
use crate::server::{Front, Server};
use crate::sim_error::SimError;
use crate::virtual_clock::VirtualClock;
use carrier::{Carrier, CarrierShipment};
use despatch::{HandDespatch, TickReport};
use feed_faults::FeedFault;
use options::WhistlOptions;
use order::AcceptedOrder;
use order_files::{OrderFiles, OrderFilesOptions};
use returns::ReturnedLine;
use state::WarehouseState;
use stock::WarehouseStock;
use tracking::TrackingSwitches;

/// What the Whistl simulator had to choose. Also at `GET /__sim/assumptions`.
pub const WHISTL_ASSUMPTIONS: &[&str] = &[
    "Whistl publishes no HTTP order API: paths, members, statuses and codes are the project's own contract, all assumed.",
    "Token: OAuth2 client credentials as a form at /oauth/token, errors as in RFC 6749; expiry runs on the simulator's virtual clock.",
    "Auth: X-Api-Key and HTTP Basic are accepted as well where the options name them.",
    "Errors: application/problem+json with errors[] of code, field (JSON pointer) and message; messages repeat no values.",
    "Intake: everything that is wrong is reported at once (422); limits of 35 characters for names and address parts, 10 for the postcode, 12 digits for the phone and 35 for the e-mail are those the warehouse is known to cut at.",
    "Intake: the real warehouse cuts over-long texts; the simulator refuses them unless an option says otherwise, so that a cut never goes unseen.",
    "Intake: SKUs are letters and digits, at most 24, compared with their letter case; unknown ones are refused once stock was seeded.",
    "Intake: a reference has at most 12 characters; a repeated one is answered 409, after the other checks.",
    "Intake: service codes are agreed per account; WHI_STD, WHI_EXP and WHI_INT belong to the demo.",
    "Intake: by options, an unknown service or missing customs data holds an order instead of refusing it, and texts too long for the carrier are cut as the real warehouse cuts them; each cut is on record.",
    "Intake: allowPartShipment is true where it is missing.",
    "Stock: an accepted order allocates what is free; allocated units stay on hand until they are sent. Unsellable units are on hand, never free and never picked.",
    "Stock: without any seeded stock the warehouse keeps none and sends everything.",
    "Stock: every change of a row takes the next sequence number; a delta since a number that is too old, or not yet given out, is answered 410. A delta names the number it begins after (fromSequence).",
    "Despatch: moves by ticks only. A tick picks and sends every open order; missing goods are short for good, unless the option for back-orders is on: then they follow, and an order that may not leave in parts waits until everything is there.",
    "Despatch: by option an order spends ticks on the picking floor first. What lies wrong (a short pick) is short for good.",
    "Despatch: by option goods and contacts are checked when an order is about to get its labels, with the codes 101 to 104 that are known; the first fault holds it. Where the order names no product type its description counts.",
    "Despatch: a service the carrier's table does not have is the hold SERVICE_UNMAPPED; the real label step writes the letters ER and makes no label.",
    "Despatch: an order of which nothing could be sent has a despatch record with shorts and no parcels, and ends as despatched; with back-orders it stays open, and the record is written once.",
    "Despatch: tracking numbers are WHL0P and twelve digits; the carrier is Whistl, the service is the service code.",
    "Shipping: token texts, catalogue, service ids, reasons, and the messages of the 400 for each missing member; the root of an error is Error.",
    "Shipping: lists are an ArrayOfShipment; an unknown preference list is 400, an unknown shipment 404, a manifested one 400, other content 415.",
    "Shipping: every parcel the warehouse sends is also a manifested consignment with Reference1 = order reference.",
    "Tracking: failures are a 200 with Success false; error codes, event texts and the meaning of categories are the simulator's; dates look like EventTimestamp.",
    "Tracking: a parcel goes through 2, 3, 1, one event a tick, unless it has a script.",
    "Files: the CSV rules and traps are checked behaviour; the rejection of DTD_ORDER files, the hold 210 of unknown services and all export columns are assumed.",
    "Files: an order the warehouse refuses is on hold with the codes of the refusal; over-long texts are cut on the way, as the site does.",
    "Despatch: a parcel weighs its goods and 200 g of packaging, where every line of it has a weight; too heavy a load is split, and a unit that is heavier than a box goes by itself.",
    "Feeds: orders, despatches, acknowledgements, returns and charges are listed in the order they happened; cursors are opaque and stay good.",
    "Acknowledgements: one for each order taken, refused, held or released, and for each decision on a request to cancel or amend.",
    "Cancel: what has not left is cancelled; refused while the order is being picked, too late once everything has left. The same requestId has the same answer and no second effect. By option a tick decides, and the answer until then is pending.",
    "Amend: before picking only, all or nothing, checked like a new order; needs the version that was read, else 409. Lines are changed by lineId, 0 drops one; other members are replaced whole.",
    "Returns: resaleable goods go back on the shelf; damaged ones and those in quarantine are on hand and unsellable. Of an article without stock record nothing is restocked.",
    "Charges: pick by line, pack and carriage by parcel, at each despatch; storage by unit on hand, when it is asked for. Prices are made up. from and to choose charges whose period, or else whose day, touches theirs.",
];

/// Counts of what reached the order intake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarehouseCounts {
    /// Authorised, readable create requests, whatever became of them.
    pub order_posts: u64,
    /// Orders taken.
    pub accepted: u64,
    /// Orders refused by a rule.
    pub rejected: u64,
    /// Orders refused because their reference was known.
    pub duplicates_refused: u64,
}

/// How an order came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Over HTTP.
    Http,
    /// Over HTTP once more, by a fault that passes the duplicate check over.
    SecondTime,
    /// As a file: what is too long for the carrier is always cut, as the site does.
    File,
}

/// What the routes share.
#[derive(Debug)]
pub(crate) struct Warehouse {
    options: WhistlOptions,
    clock: VirtualClock,
    state: Mutex<WarehouseState>,
}

impl Warehouse {
    /// The only way to the state: no lock outlives the closure, so none is held across an await.
    fn with<T>(&self, act: impl FnOnce(&mut WarehouseState) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn accept(&self, document: RawObject, way: Way) -> Result<Value, Problem> {
        let now = self.clock.now();
        self.with(|state| state.accept(document, way, &self.options, now))
    }

    fn tick(&self) -> TickReport {
        let now = self.clock.now();
        self.with(|state| state.tick(&self.options, now))
    }
}

/// A running Whistl warehouse on loopback. Clones are handles to the same warehouse, which stops when the last one is dropped.
///
/// ```
/// use connector_sim::{WhistlOptions, WhistlSim};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let warehouse = WhistlSim::start(WhistlOptions::default()).await?;
/// warehouse.seed_stock("85123A", 120);
/// assert_eq!(warehouse.tick().despatches, 0);
/// warehouse.shutdown().await;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct WhistlSim {
    warehouse: Arc<Warehouse>,
    carrier: Arc<Carrier>,
    files: Arc<OnceLock<OrderFiles>>,
    faults: FaultSwitches,
    server: Arc<Server>,
}

impl WhistlSim {
    /// Starts listening. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is not loopback, else what binding the socket says.
    ///
    /// # Cancel safety
    /// Safe: dropped before it is ready, nothing listens.
    pub async fn start(options: WhistlOptions) -> io::Result<Self> {
        let (addr, reach) = (options.addr, options.reach);
        let clock = VirtualClock::starting_at(options.clock_start);
        let state = WarehouseState::new(&options);
        let warehouse = Arc::new(Warehouse {
            options,
            clock: clock.clone(),
            state: Mutex::new(state),
        });
        let faults = FaultSwitches::default();
        let carrier = Arc::new(Carrier::new(Arc::clone(&warehouse)));
        let files = Arc::new(OnceLock::new());
        let front = Front::new(
            routes::router(Arc::clone(&warehouse))
                .merge(shipping::router(Arc::clone(&carrier)))
                .merge(tracking::router(Arc::clone(&carrier)))
                .merge(order_files::router(Arc::clone(&files))),
            faults.clone(),
            clock,
        );
        let server = Arc::new(Server::start(addr, reach, front).await?);
        Ok(Self {
            warehouse,
            carrier,
            files,
            faults,
            server,
        })
    }

    /// Where it listens, for example `http://127.0.0.1:40321`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Stops listening and breaks open connections. The state stays readable.
    ///
    /// # Cancel safety
    /// Safe: the stop has been asked for at the first poll.
    pub async fn shutdown(&self) {
        self.server.shutdown().await;
    }

    /// The fault switches.
    #[must_use]
    pub fn faults(&self) -> &FaultSwitches {
        &self.faults
    }

    /// The virtual clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.warehouse.clock.now()
    }

    /// Moves the virtual clock forward. Orders do not move with it; see [`WhistlSim::tick`].
    pub fn advance_clock(&self, by: Duration) {
        self.warehouse.clock.advance(by);
    }

    /// Puts an article on the shelf: creates its stock record or replaces the units on hand. Allocations stay.
    pub fn seed_stock(&self, sku: &str, on_hand: i64) {
        self.warehouse.with(|state| state.stock.seed(sku, on_hand));
    }

    /// Changes the units on hand behind everyone's back: a count, a breakage, a find.
    ///
    /// # Errors
    /// [`SimError::UnknownSku`].
    pub fn adjust_stock(&self, sku: &str, delta: i64) -> Result<(), SimError> {
        if self.warehouse.with(|state| state.stock.adjust(sku, delta)) {
            return Ok(());
        }
        Err(SimError::UnknownSku(sku.to_owned()))
    }

    /// Puts units of an article out of bounds: damaged, in quarantine. They stay on hand.
    ///
    /// # Errors
    /// [`SimError::UnknownSku`].
    pub fn set_unsellable(&self, sku: &str, units: i64) -> Result<(), SimError> {
        if self
            .warehouse
            .with(|state| state.stock.set_unsellable(sku, units))
        {
            return Ok(());
        }
        Err(SimError::UnknownSku(sku.to_owned()))
    }

    /// Lets a held order go on; says whether there was one.
    pub fn release(&self, reference: &str) -> bool {
        let now = self.now();
        self.warehouse.with(|state| state.release(reference, now))
    }

    /// Takes goods back, of an order where its reference is known; says the id of the return.
    pub fn take_back(&self, reference: Option<&str>, lines: &[ReturnedLine]) -> String {
        let now = self.now();
        self.warehouse
            .with(|state| state.take_back(reference, lines, now))
    }

    /// Charges the storage of a period (both days included) for what is on hand now.
    pub fn charge_storage(&self, from: NaiveDate, to: NaiveDate) {
        let (now, rates) = (self.now(), self.warehouse.options.charges);
        self.warehouse
            .with(|state| state.charge_storage(from, to, &rates, now));
    }

    /// Lets a feed misbehave once.
    pub fn arm_feed_fault(&self, fault: FeedFault) {
        self.warehouse.with(|state| state.feed_faults.arm(fault));
    }

    /// The faults of feeds that have not acted yet.
    #[must_use]
    pub fn pending_feed_faults(&self) -> Vec<FeedFault> {
        self.warehouse
            .with(|state| state.feed_faults.pending().to_vec())
    }

    /// Makes a service code known.
    pub fn add_service_code(&self, code: impl Into<String>) {
        let code = code.into();
        self.warehouse.with(|state| state.service_codes.push(code));
    }

    /// Everything ever accepted, in order, several of one reference included.
    #[must_use]
    pub fn orders(&self) -> Vec<AcceptedOrder> {
        self.warehouse.with(|state| state.orders.clone())
    }

    /// Every despatch record so far, as the feed has them.
    #[must_use]
    pub fn despatches(&self) -> Vec<Value> {
        self.warehouse.with(|state| state.despatches.clone())
    }

    /// Every acknowledgement so far, as the feed has them.
    #[must_use]
    pub fn acknowledgements(&self) -> Vec<Value> {
        self.warehouse.with(|state| state.acknowledgements.clone())
    }

    /// Every charge so far, as the feed has them.
    #[must_use]
    pub fn charges(&self) -> Vec<Value> {
        self.warehouse.with(|state| state.charges.clone())
    }

    /// The stock ledger, by SKU.
    #[must_use]
    pub fn stock(&self) -> Vec<WarehouseStock> {
        self.warehouse.with(|state| state.stock.rows())
    }

    /// What reached the order intake so far.
    #[must_use]
    pub fn writes(&self) -> WarehouseCounts {
        self.warehouse.with(|state| state.writes)
    }

    /// One step of work: every open order is picked and sent, as far as the stock and the options let it.
    pub fn tick(&self) -> TickReport {
        self.warehouse.tick()
    }

    /// Sends what people pack by hand: articles and units of each parcel, and units that will never leave. Says the id of the despatch.
    ///
    /// # Errors
    /// [`SimError::UnknownOrder`] where no order with that reference may leave, [`SimError::NotOpen`] where it has not so much open;
    /// nothing has left then.
    pub fn send_by_hand(
        &self,
        reference: &str,
        parcels: &[&[(&str, u32)]],
        shorts: &[(&str, u32)],
    ) -> Result<String, SimError> {
        let (now, options) = (self.now(), &self.warehouse.options);
        let wanted = HandDespatch { parcels, shorts };
        self.warehouse
            .with(|state| state.send_by_hand(reference, wanted, options, now))
    }

    /// Every consignment the carrier ever had: those made over its shipping interface and the parcels this warehouse sent.
    #[must_use]
    pub fn shipments(&self) -> Vec<CarrierShipment> {
        self.carrier.shipments()
    }

    /// Puts every open consignment on a manifest, after which it cannot be deleted; says how many there were.
    pub fn manifest_shipments(&self) -> usize {
        self.carrier.adopt_despatches();
        self.carrier.book(|book| book.manifest())
    }

    /// The next event of every parcel's script; says how many parcels had one. Without a script it is 2, 3, 1.
    pub fn tick_tracking(&self) -> usize {
        self.carrier.move_parcels()
    }

    /// Sets what will happen to a parcel, one event category a tick; what has happened stays.
    pub fn script_tracking(&self, tracking_number: &str, categories: &[u32]) {
        self.carrier
            .desk(|desk| desk.script(tracking_number, categories));
    }

    /// Chooses how tracking answers look.
    pub fn set_tracking_switches(&self, switches: TrackingSwitches) {
        self.carrier.desk(|desk| desk.switches = switches);
    }

    /// Offers the file interface in a folder, which gets the folders it lacks.
    ///
    /// # Errors
    /// `AlreadyExists` where a folder is served already, else what the file system says.
    pub fn serve_folder(&self, options: OrderFilesOptions) -> io::Result<()> {
        let files = OrderFiles::open(options, Arc::clone(&self.warehouse))?;
        self.files
            .set(files)
            .map_err(|_| io::Error::new(io::ErrorKind::AlreadyExists, "a folder is served already"))
    }

    /// The file interface, where a folder is served.
    #[must_use]
    pub fn order_files(&self) -> Option<&OrderFiles> {
        self.files.get()
    }
}
