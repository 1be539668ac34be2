//! The simulated SparkLayer shop.

mod access;
mod amount;
pub(crate) mod article;
pub(crate) mod assumptions;
mod assumptions_page;
mod cart;
mod cart_rules;
mod checkout;
pub(crate) mod connector;
mod counted_id;
mod customer_book;
#[cfg(test)]
mod laws;
mod listing;
pub(crate) mod operations;
pub(crate) mod options;
mod price_book;
mod price_upload;
mod purchase;
mod purchase_book;
mod purchase_trail;
mod routes;
mod seeding;
pub(crate) mod stock;
pub(crate) mod switches;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::faults::FaultSwitches;
use crate::problem::Problem;
use crate::server::{Front, Server};
use crate::sim_error::SimError;
use crate::token_desk::TokenDesk;
use crate::virtual_clock::VirtualClock;
use article::Assortment;
use cart::CartBook;
use connector::ConnectorReport;
use customer_book::CustomerBook;
use options::SparkLayerOptions;
use price_book::PriceBook;
use purchase::LookupBy;
use purchase_book::{PurchaseBook, PurchaseRecord};
use stock::{StockBook, StockLevel};
use switches::SparkLayerSwitches;

/// Counts of what was written through the API. Seeding and the platform's connector do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
    /// Carts completed.
    pub carts_completed: u64,
    /// History entries added.
    pub history_entries: u64,
    /// Payments created or replaced.
    pub transaction_puts: u64,
    /// Price uploads accepted.
    pub price_uploads: u64,
}

#[derive(Debug)]
pub(crate) struct ShopState {
    pub(crate) tokens: TokenDesk,
    pub(crate) purchases: PurchaseBook,
    pub(crate) stock: StockBook,
    pub(crate) carts: CartBook,
    pub(crate) customers: CustomerBook,
    pub(crate) prices: PriceBook,
    pub(crate) assortment: Assortment,
    pub(crate) switches: SparkLayerSwitches,
    pub(crate) packages_issued: u64,
    pub(crate) writes: WriteCounts,
}

impl ShopState {
    fn new(options: &SparkLayerOptions) -> Self {
        let switches = options.switches.clone();
        // Assumed: token-text. The site is in it, so that a token of one simulated shop is none of another site's.
        let prefix = format!("sl{}", site_mark(&options.site_id));
        Self {
            tokens: TokenDesk::new(prefix, switches.token_lifetime_secs),
            purchases: PurchaseBook::default(),
            stock: StockBook::new(options.locations.clone()),
            carts: CartBook::default(),
            customers: CustomerBook::default(),
            prices: PriceBook::default(),
            assortment: Assortment::default(),
            switches,
            packages_issued: 0,
            writes: WriteCounts::default(),
        }
    }

    pub(crate) fn set_switches(&mut self, switches: SparkLayerSwitches) {
        self.tokens.set_lifetime_secs(switches.token_lifetime_secs);
        self.switches = switches;
    }

    pub(crate) fn run_connector(&mut self, now: DateTime<Utc>) -> ConnectorReport {
        let reach = self.switches.connector_reach;
        connector::run(&mut self.purchases, &mut self.stock, reach, now)
    }
}

/// Sixteen hexadecimal digits of a site id (FNV-1a).
fn site_mark(site_id: &str) -> String {
    let hash = site_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
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
        let (addr, reach) = (options.addr, options.reach);
        let clock = VirtualClock::starting_at(options.clock_start);
        let state = ShopState::new(&options);
        let shop = Arc::new(Shop {
            options,
            clock: clock.clone(),
            state: Mutex::new(state),
        });
        let faults = FaultSwitches::default();
        let front = Front::new(routes::router(Arc::clone(&shop)), faults.clone(), clock);
        let server = Arc::new(Server::start(addr, reach, front).await?);
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

    /// How it behaves where the vendor's documentation leaves it open.
    #[must_use]
    pub fn switches(&self) -> SparkLayerSwitches {
        self.shop.with(|state| state.switches.clone())
    }

    /// Changes that, from the next request on.
    pub fn set_switches(&self, switches: SparkLayerSwitches) {
        self.shop.with(|state| state.set_switches(switches));
    }

    /// Ends all tokens at once, as when their API key is deleted in the dashboard.
    pub fn revoke_tokens(&self) {
        self.shop.with(|state| state.tokens.revoke_all());
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
    /// With [`ConnectorReach::Everything`](crate::ConnectorReach::Everything) it does so to all it finds, and to stock.
    pub fn run_platform_connector(&self) -> ConnectorReport {
        let now = self.now();
        self.shop.with(|state| state.run_connector(now))
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
