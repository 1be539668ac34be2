//! The simulated SparkLayer shop.

pub(crate) mod connector;
mod listing;
pub(crate) mod options;
mod purchase;
mod purchase_book;
mod routes;
pub(crate) mod stock;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::faults::FaultSwitches;
use crate::problem::Problem;
use crate::server::{Front, Server};
use crate::sim_error::SimError;
use crate::token_desk::TokenDesk;
use crate::virtual_clock::VirtualClock;
use connector::ConnectorReport;
use options::SparkLayerOptions;
use purchase::LookupBy;
use purchase_book::{PurchaseBook, PurchaseRecord};
use stock::{StockBook, StockLevel};

/// What the SparkLayer simulator had to choose because the vendor's documentation does not say. Also at `GET /__sim/assumptions`.
pub const SPARKLAYER_ASSUMPTIONS: &[&str] = &[
    "Token: a body that is not application/json is answered 415, a missing Site-Id 400, wrong credentials or another Site-Id 401.",
    "Token: the text is opaque, 64 characters; expiry runs on the simulator's virtual clock.",
    "Every other call: a missing, unknown or expired token and a missing or other Site-Id are all answered 401.",
    "Errors: application/problem+json with title, status, detail and errors[] of code, message, property; property is a JSON pointer.",
    "List: rows are summaries without packages, addresses and custom fields; sorted by last update, then as stored.",
    "List: limit defaults to 100; outside 1 to 500 it is answered 400; unknown parameters are ignored.",
    "List: date filters take RFC 3339, both ends inclusive; last_updated, updated_at and the spelling with a missing bracket are accepted.",
    "Purchase: lookup by sparklayer with something other than a UUID is answered 400.",
    "Purchase: PUT answers 200 with the stored purchase, also when it creates.",
    "Purchase: PUT needs type, purchase_identifiers, customer_identifiers, dates and packages; accounting_files and custom_fields may be missing.",
    "Purchase: an unknown type, an unreadable date and an identifier that is no string are answered 400.",
    "Purchase: leaving out the SparkLayer id of a purchase that has one counts as changing it (403).",
    "Purchase: a new purchase must carry the identifier of the address it is put to (400).",
    "Purchase: an identifier that belongs to another purchase is answered 409.",
    "Purchase: calculated_ members are ignored on input at the top and in dates; elsewhere they are stored like any member.",
    "Purchase: dates.updated_at is set by the server at every PUT; seeding keeps a stated one.",
    "Purchase: a purchase written without a SparkLayer id keeps none.",
    "Purchase: packages may be an array or one object and is answered as it was written.",
    "Purchase: calculated_total sums lines and shipping, gross where stated, else net; calculated_total_usd is left out.",
    "Purchase: calculated_fulfilment_status is one of incoming, processing, on_hold, part_shipped, shipped, returned, cancelled, from the package types.",
    "Purchase: members nobody documented, tracking members of shipments among them, are stored and answered with their exact text.",
    "Stock: an unknown location UUID is answered 400, as an unknown external id is; any SKU is accepted; a batch is applied whole or not at all.",
    "Stock: a row without restock_date or min_stock_level clears it.",
    "Connector: runs only when asked; it overwrites packages with the platform's copy where told to, and never touches stock.",
];

/// Counts of what was written through the API. Seeding and the platform's connector do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteCounts {
    /// Purchases created or replaced.
    pub purchase_puts: u64,
    /// Stock updates accepted.
    pub stock_batches: u64,
    /// Rows in them.
    pub stock_rows: u64,
    /// Rows that changed something.
    pub stock_rows_changed: u64,
}

#[derive(Debug)]
pub(crate) struct ShopState {
    pub(crate) tokens: TokenDesk,
    pub(crate) purchases: PurchaseBook,
    pub(crate) stock: StockBook,
    pub(crate) writes: WriteCounts,
}

/// What the routes share.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) options: SparkLayerOptions,
    pub(crate) clock: VirtualClock,
    state: Mutex<ShopState>,
}

impl Shop {
    /// The only way to the state: no lock outlives the closure, so none is held across an await.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut ShopState) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A running SparkLayer shop on loopback. Clones are handles to the same shop, which stops when the last one is dropped.
///
/// ```
/// use connector_sim::{SparkLayerOptions, SparkLayerSim};
/// use serde_json::json;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let shop = SparkLayerSim::start(SparkLayerOptions::default()).await?;
/// shop.put_purchase(json!({
///     "type": "order",
///     "purchase_identifiers": { "sparklayer": "63428136-658f-48a6-beb7-7f333dfd9686", "visible": "#1001" },
///     "customer_identifiers": {},
///     "dates": { "placed_at": "2010-12-01T08:26:00Z" },
///     "packages": [],
/// }))?;
/// assert_eq!(shop.purchases().len(), 1);
/// shop.shutdown().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SparkLayerSim {
    shop: Arc<Shop>,
    faults: FaultSwitches,
    server: Arc<Server>,
}

impl SparkLayerSim {
    /// Starts listening. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// `InvalidInput` for an address that is not loopback, else what binding the socket says.
    ///
    /// # Cancel safety
    /// Safe: dropped before it is ready, nothing listens.
    pub async fn start(options: SparkLayerOptions) -> io::Result<Self> {
        let addr = options.addr;
        let clock = VirtualClock::starting_at(options.clock_start);
        let state = ShopState {
            tokens: TokenDesk::new("sl", options.token_lifetime_secs),
            purchases: PurchaseBook::default(),
            stock: StockBook::new(options.locations.clone()),
            writes: WriteCounts::default(),
        };
        let shop = Arc::new(Shop {
            options,
            clock: clock.clone(),
            state: Mutex::new(state),
        });
        let faults = FaultSwitches::default();
        let front = Front {
            router: routes::router(Arc::clone(&shop)),
            faults: faults.clone(),
            clock,
        };
        let server = Arc::new(Server::start(addr, front).await?);
        Ok(Self {
            shop,
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
        self.shop.clock.now()
    }

    /// Moves the virtual clock forward.
    pub fn advance_clock(&self, by: Duration) {
        self.shop.clock.advance(by);
    }

    /// Seeds a purchase as the platform's connector would have written it: new, or in place of an older one.
    /// A stated `dates.updated_at` is kept; without one the virtual clock is used.
    ///
    /// Numbers with a fraction pass through a binary float in a [`Value`]; use [`SparkLayerSim::put_purchase_text`] where their exact text matters.
    ///
    /// # Errors
    /// [`SimError::Refused`] where the document breaks a rule of `PUT`, lacks `purchase_identifiers.sparklayer`, or claims another purchase's identifier.
    pub fn put_purchase(&self, purchase: Value) -> Result<(), SimError> {
        self.put_purchase_text(&purchase.to_string())
    }

    /// As [`SparkLayerSim::put_purchase`], keeping the exact text of every member.
    ///
    /// # Errors
    /// As [`SparkLayerSim::put_purchase`].
    pub fn put_purchase_text(&self, purchase: &str) -> Result<(), SimError> {
        let now = self.now();
        self.shop
            .with(|state| state.purchases.seed(purchase, now))
            .map_err(refused)
    }

    /// A purchase as the API would answer it.
    #[must_use]
    pub fn purchase(&self, sparklayer_id: &str) -> Option<Value> {
        serde_json::from_str(&self.purchase_text(sparklayer_id)?).ok()
    }

    /// A purchase as the API would answer it, with the exact text of every member.
    #[must_use]
    pub fn purchase_text(&self, sparklayer_id: &str) -> Option<String> {
        self.shop.with(|state| {
            let record = state.purchases.find(LookupBy::SparkLayer, sparklayer_id)?;
            Some(record.purchase.answer().to_text())
        })
    }

    /// All purchases as the API would answer them, in the order they first came.
    #[must_use]
    pub fn purchases(&self) -> Vec<Value> {
        self.shop.with(|state| {
            let texts = state
                .purchases
                .records()
                .iter()
                .map(|record| record.purchase.answer().to_text());
            texts
                .filter_map(|text| serde_json::from_str(&text).ok())
                .collect()
        })
    }

    /// Sets a stock level from the merchant's side; not counted as a write.
    ///
    /// # Errors
    /// [`SimError::UnknownLocation`].
    pub fn set_stock(
        &self,
        location_external_id: &str,
        sku: &str,
        level: i64,
    ) -> Result<(), SimError> {
        if self
            .shop
            .with(|state| state.stock.set(location_external_id, sku, level))
        {
            return Ok(());
        }
        Err(SimError::UnknownLocation(location_external_id.to_owned()))
    }

    /// All stock levels, by location id and SKU.
    #[must_use]
    pub fn stock_levels(&self) -> Vec<StockLevel> {
        self.shop.with(|state| state.stock.levels())
    }

    /// The units of one SKU at one location.
    #[must_use]
    pub fn stock_level(&self, location_external_id: &str, sku: &str) -> Option<i64> {
        let levels = self.stock_levels();
        let found = levels
            .iter()
            .find(|row| row.location == location_external_id && row.sku == sku);
        found.map(|row| row.level)
    }

    /// What was written through the API so far.
    #[must_use]
    pub fn writes(&self) -> WriteCounts {
        self.shop.with(|state| state.writes)
    }

    /// Marks the platform's draft of an unconfirmed order as completed; the next [`SparkLayerSim::run_platform_connector`] promotes it.
    ///
    /// # Errors
    /// [`SimError::UnknownPurchase`].
    pub fn complete_draft(&self, sparklayer_id: &str) -> Result<(), SimError> {
        self.record(sparklayer_id, |record| {
            record.draft_completed = true;
            Ok(())
        })
    }

    /// Lets the next `times` runs of the connector overwrite the purchase's packages with the platform's copy.
    ///
    /// # Errors
    /// [`SimError::UnknownPurchase`]; [`SimError::NotOnPlatform`] where the purchase was not seeded.
    pub fn overwrite_packages(&self, sparklayer_id: &str, times: u32) -> Result<(), SimError> {
        self.record(sparklayer_id, |record| {
            if record.platform_packages.is_none() {
                return Err(SimError::NotOnPlatform(sparklayer_id.to_owned()));
            }
            record.overwrites_left = times;
            Ok(())
        })
    }

    /// Runs the platform's native connector once: promotes completed drafts, overwrites packages where asked, and moves `updated_at` of both.
    pub fn run_platform_connector(&self) -> ConnectorReport {
        let now = self.now();
        self.shop
            .with(|state| connector::run(&mut state.purchases, now))
    }

    fn record(
        &self,
        sparklayer_id: &str,
        act: impl FnOnce(&mut PurchaseRecord) -> Result<(), SimError>,
    ) -> Result<(), SimError> {
        self.shop.with(|state| {
            match state
                .purchases
                .find_mut(LookupBy::SparkLayer, sparklayer_id)
            {
                Some(record) => act(record),
                None => Err(SimError::UnknownPurchase(sparklayer_id.to_owned())),
            }
        })
    }
}

fn refused(problem: Problem) -> SimError {
    let members: Vec<&str> = problem
        .errors
        .iter()
        .filter_map(|error| error.get("property")?.as_str())
        .collect();
    let reason = if members.is_empty() {
        problem.detail
    } else {
        format!("{}: {}", problem.detail, members.join(", "))
    };
    SimError::Refused {
        status: problem.status.as_u16(),
        reason,
    }
}
