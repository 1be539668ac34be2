//! Stock levels and locations.
//!
//! Older pages have calls for the stock of one SKU as well; their path is not known, and the batches do the same.

mod locations;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use chrono::NaiveDate;
use connector_http::{CallOptions, Error, Idempotency, Operation};
use http::Method;
use serde::Serialize;

use crate::client::SparkLayer;
use crate::json::{body, list, nothing, refused};
use crate::members::wire_object;

pub use locations::StockLocation;

static FETCH: Operation = Operation::new(
    "stock.batch_fetch",
    Idempotency::ReadOnly,
    "/api/v1/batch-fetch-stock",
);
/// Levels are absolute: the same request twice leaves the same stock.
static UPDATE: Operation = Operation::new(
    "stock.batch_update",
    Idempotency::Idempotent,
    "/api/v1/batch-update-stock",
);

/// Deleted twice is deleted.
static DELETE: Operation = Operation::new(
    "stock.batch_delete",
    Idempotency::Idempotent,
    "/api/v1/batch-delete-stock",
);

wire_object! {
    /// The stock of a SKU at a location. Documented (older pages); the answer's members are taken to be those of an
    /// update.
    pub struct StockLevel {
        /// The location, by SparkLayer's UUID.
        stock_location_id: Option<String> = "stock_location_id",
        /// The location, by the merchant's id.
        stock_location_external_id: Option<String> = "stock_location_external_id",
        /// How many are there.
        stock_level: Option<i64> = "stock_level",
        /// When more come.
        restock_date: Option<NaiveDate> = "restock_date",
        /// How far below zero may be sold, as a negative number.
        min_stock_level: Option<i64> = "min_stock_level",
    }
}

wire_object! {
    /// The stock of a SKU.
    pub struct SkuStock {
        /// The SKU.
        sku: Option<String> = "sku",
        /// By location.
        stock_levels: Vec<StockLevel> = "stock_levels",
    }
}

/// A location, by one of its two names. Exactly one may be sent (documented).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum LocationRef {
    /// SparkLayer's UUID.
    #[serde(rename = "stock_location_id")]
    Id(String),
    /// The merchant's id.
    #[serde(rename = "stock_location_external_id")]
    ExternalId(String),
}

impl LocationRef {
    fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::ExternalId(text) => text,
        }
    }
}

/// Which locations a fetch covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StockFilter {
    /// The location with the external id `default` only: what the vendor does without a filter (documented).
    #[default]
    DefaultLocation,
    /// These locations, by SparkLayer's UUIDs.
    Locations(Vec<String>),
    /// All locations.
    All,
}

/// A new, absolute stock level of a SKU at a location. Overwrites the stored one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockLevelUpdate {
    #[serde(flatten)]
    location: LocationRef,
    sku: String,
    stock_level: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    restock_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_stock_level: Option<i32>,
}

impl StockLevelUpdate {
    /// A level.
    #[must_use]
    pub fn new(sku: impl Into<String>, location: LocationRef, stock_level: i32) -> Self {
        Self {
            location,
            sku: sku.into(),
            stock_level,
            restock_date: None,
            min_stock_level: None,
        }
    }

    /// When more come. Leaving it out may clear a stored date (assumed).
    #[must_use]
    pub const fn with_restock_date(mut self, date: NaiveDate) -> Self {
        self.restock_date = Some(date);
        self
    }

    /// How far below zero may be sold, as a negative number. Leaving it out may clear it (assumed).
    #[must_use]
    pub const fn with_min_stock_level(mut self, level: i32) -> Self {
        self.min_stock_level = Some(level);
        self
    }

    /// The SKU.
    #[must_use]
    pub fn sku(&self) -> &str {
        &self.sku
    }
}

/// What became of the batches of an update, in order.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct StockReport {
    /// One result for each request.
    pub batches: Vec<BatchResult>,
}

impl StockReport {
    /// Whether every batch was applied.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.batches.iter().all(|batch| batch.result.is_ok())
    }
}

/// What became of one batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchResult {
    /// Which of the updates that were handed in.
    pub range: Range<usize>,
    /// Whether they were applied. Levels are absolute, so an ambiguous batch may be sent again.
    pub result: Result<(), Error>,
}

#[derive(Serialize)]
struct FetchRequest<'a> {
    skus: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<FetchFilter<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum FetchFilter<'a> {
    StockLocationIds(&'a [String]),
    AllStockLocations(bool),
}

/// Stock levels and locations.
#[derive(Clone, Debug)]
pub struct Stock {
    client: SparkLayer,
    options: CallOptions,
}

impl Stock {
    pub(crate) fn new(client: SparkLayer) -> Self {
        Self {
            client,
            options: CallOptions::new(),
        }
    }

    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The stock of SKUs. SKUs without matching levels are left out of the answer (documented).
    /// The answer's shape is that of older documentation.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::StockFilter;
    /// let stock = shop.stock().batch_fetch(&["SKU-1".to_owned()], &StockFilter::All).await?;
    /// let total: i64 = stock.iter().flat_map(|sku| &sku.stock_levels).filter_map(|level| level.stock_level).sum();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an empty list of locations; else what went wrong with the first
    /// batch that failed.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn batch_fetch(
        &self,
        skus: &[String],
        filter: &StockFilter,
    ) -> Result<Vec<SkuStock>, Error> {
        if matches!(filter, StockFilter::Locations(ids) if ids.is_empty()) {
            return Err(refused(&FETCH, "the list of locations is empty"));
        }
        let address = self
            .client
            .address(&FETCH, ["api", "v1", "batch-fetch-stock"])?;
        let mut stock = Vec::new();
        for batch in skus.chunks(self.client.stock_batch()) {
            let filter = match filter {
                StockFilter::DefaultLocation => None,
                StockFilter::Locations(ids) => Some(FetchFilter::StockLocationIds(ids)),
                StockFilter::All => Some(FetchFilter::AllStockLocations(true)),
            };
            let request = FetchRequest {
                skus: batch,
                filter,
            };
            let body = body(&FETCH, &request)?;
            let reply = self
                .client
                .call(&FETCH, Method::POST, &address, Some(body), &self.options)
                .await?;
            stock.append(&mut list::<SkuStock>(&reply, "SKU with its stock levels")?);
        }
        Ok(stock)
    }

    /// Overwrites stock levels, batch by batch. Levels that are not named stay as they are (documented).
    ///
    /// All batches are tried, and the report has the result of each: one that fails does not hide the others. A batch
    /// with an external location id that does not exist is refused as a whole (documented); what an unknown SKU or
    /// UUID does is not known.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::{LocationRef, StockLevelUpdate};
    /// let warehouse = LocationRef::ExternalId("whistl".to_owned());
    /// let level = StockLevelUpdate::new("SKU-1", warehouse, 9).with_min_stock_level(-9);
    /// let report = shop.stock().batch_update(vec![level]).await?;
    /// for failed in report.batches.iter().filter(|batch| batch.result.is_err()) {
    ///     println!("levels {:?} were not applied", failed.range);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) before anything is sent, if a SKU or a location is empty, or the
    /// same SKU and location occurs twice: the vendor refuses such a request, and which level is meant is anybody's
    /// guess.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves some batches applied and others not. Calling it again does no harm.
    pub async fn batch_update(&self, updates: Vec<StockLevelUpdate>) -> Result<StockReport, Error> {
        let mut seen = HashSet::new();
        for update in &updates {
            if update.sku.trim().is_empty() || update.location.text().trim().is_empty() {
                return Err(refused(&UPDATE, "a SKU or a location is empty"));
            }
            if !seen.insert((&update.sku, &update.location)) {
                return Err(refused(&UPDATE, "the same SKU and location occurs twice"));
            }
        }
        let address = self
            .client
            .address(&UPDATE, ["api", "v1", "batch-update-stock"])?;
        let mut report = StockReport::default();
        let mut start = 0;
        for batch in updates.chunks(self.client.stock_batch()) {
            let range = start..start + batch.len();
            start = range.end;
            let result = self.send_batch(&UPDATE, &address, batch).await;
            report.batches.push(BatchResult { range, result });
        }
        Ok(report)
    }

    /// Deletes the stock levels of SKUs, batch by batch. Older documentation; that the body is `{ "skus": [...] }`, and
    /// that levels at **all** locations go, is assumed.
    ///
    /// All batches are tried, and the report has the result of each; its ranges are those of the SKUs.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let report = shop.stock().batch_delete(&["OLD-1".to_owned(), "OLD-2".to_owned()]).await?;
    /// assert!(report.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Unsupported`](crate::ErrorKind::Unsupported) against a live address, unless
    /// [`StockNames`](crate::StockNames) are confirmed; [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if a SKU is empty
    /// or occurs twice.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves some batches deleted and others not. Calling it again does no harm.
    pub async fn batch_delete(&self, skus: &[String]) -> Result<StockReport, Error> {
        let names = &self.client.wire_names().stock;
        self.need_confirmed(&DELETE, "deleting stock")?;
        let mut seen = HashSet::new();
        for sku in skus {
            if sku.trim().is_empty() {
                return Err(refused(&DELETE, "a SKU is empty"));
            }
            if !seen.insert(sku) {
                return Err(refused(&DELETE, "the same SKU occurs twice"));
            }
        }
        let address = self
            .client
            .address(&DELETE, ["api", "v1", "batch-delete-stock"])?;
        let mut report = StockReport::default();
        let mut start = 0;
        for batch in skus.chunks(self.client.stock_batch()) {
            let range = start..start + batch.len();
            start = range.end;
            let request = BTreeMap::from([(names.delete_skus.as_str(), batch)]);
            let result = self.send_batch(&DELETE, &address, &request).await;
            report.batches.push(BatchResult { range, result });
        }
        Ok(report)
    }

    async fn send_batch(
        &self,
        operation: &Operation,
        address: &url::Url,
        batch: &(impl Serialize + Sync + ?Sized),
    ) -> Result<(), Error> {
        let body = body(operation, &batch)?;
        let reply = self
            .client
            .call(operation, Method::POST, address, Some(body), &self.options)
            .await?;
        nothing(&reply)
    }
}
