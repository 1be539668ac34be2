//! Prices of SKUs in price lists.
//!
//! Amounts are bare numbers here, in major units and in the currency of the list (documented). A call that changes the
//! prices of one SKU is documented to exist, but neither its path nor its body is, so there is none here.

mod upload;

use bytes::Bytes;
use connector_http::{CallOptions, Error, Idempotency, Operation};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request};
use rust_decimal::Decimal;

use crate::client::SparkLayer;
use crate::json::{body, list, nothing, refused};
use crate::members::wire_object;

pub use upload::{PriceUpdate, UploadFault};

static OF_LIST: Operation = Operation::new(
    "prices.of_list",
    Idempotency::ReadOnly,
    "/api/v1/price-lists/{slug}/pricing",
);
static OF_SKU: Operation = Operation::new(
    "prices.of_sku",
    Idempotency::ReadOnly,
    "/api/v1/pricing/{sku}",
);
/// Prices are absolute. A clash with another running update is to be tried again (documented).
static UPDATE_LIST: Operation = Operation::new(
    "prices.update_list",
    Idempotency::Idempotent,
    "/api/v1/price-lists/{slug}/pricing",
);
/// As above.
static UPDATE_LISTS: Operation = Operation::new(
    "prices.update_lists",
    Idempotency::Idempotent,
    "/api/v1/batch-update-pricing",
);

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CSV: HeaderValue = HeaderValue::from_static("text/csv");

wire_object! {
    /// A price from a quantity on. Documented for uploads: quantity and price; the rest was seen in use.
    pub struct PriceTier {
        /// From how many on.
        quantity: Option<Decimal> = "quantity",
        /// The price, in major units of the list's currency.
        price: Option<Decimal> = "price",
        /// The kind of tax; the words are not known.
        tax_type: Option<String> = "tax_type",
        /// The unit of the quantity.
        unit_of_measure: Option<String> = "unit_of_measure",
    }
}

impl PriceTier {
    /// A price from a quantity on.
    #[must_use]
    pub fn new(quantity: Decimal, price: Decimal) -> Self {
        Self {
            quantity: Some(quantity),
            price: Some(price),
            ..Self::default()
        }
    }
}

wire_object! {
    /// A price of a SKU in a price list. Seen in use.
    pub struct ListPrice {
        /// The SKU.
        sku: Option<String> = "sku",
        /// From how many on.
        quantity: Option<Decimal> = "quantity",
        /// The price, in major units of the list's currency.
        price: Option<Decimal> = "price",
        /// The unit of the quantity.
        unit_of_measure: Option<String> = "unit_of_measure",
    }
}

wire_object! {
    /// The prices of a SKU in one of its price lists. Seen in use.
    pub struct SkuPrices {
        /// The price list.
        price_list_slug: Option<String> = "price_list_slug",
        /// The prices, by quantity.
        pricing: Vec<PriceTier> = "pricing",
    }
}

/// Prices of SKUs in price lists.
#[derive(Clone, Debug)]
pub struct Prices {
    client: SparkLayer,
    options: CallOptions,
}

impl SparkLayer {
    /// Prices of SKUs in price lists.
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices {
            client: self.clone(),
            options: CallOptions::new(),
        }
    }
}

impl Prices {
    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// All prices of a price list. Seen in use; an empty answer (204) is a list without prices.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let prices = shop.prices().of_list("wholesale").await?;
    /// let single = prices.iter().filter(|price| price.quantity == Some(1.into()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such list. It may also mean "no prices": others take it for
    /// that, but a wrong slug looks the same.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn of_list(&self, slug: &str) -> Result<Vec<ListPrice>, Error> {
        let segments = ["api", "v1", "price-lists", slug, "pricing"];
        let address = self.client.address(&OF_LIST, segments)?;
        let reply = self
            .client
            .call(&OF_LIST, Method::GET, &address, None, &self.options)
            .await?;
        if reply.body().trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        list(&reply, "price")
    }

    /// The prices of a SKU, by price list. Seen in use.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// for in_list in shop.prices().of_sku("SKU-1").await? {
    ///     println!("{:?}: {} tiers", in_list.price_list_slug, in_list.pricing.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the vendor does not know the SKU; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn of_sku(&self, sku: &str) -> Result<Vec<SkuPrices>, Error> {
        let address = self
            .client
            .address(&OF_SKU, ["api", "v1", "pricing", sku])?;
        let reply = self
            .client
            .call(&OF_SKU, Method::GET, &address, None, &self.options)
            .await?;
        list(&reply, "price list with the SKU's prices")
    }

    /// Writes prices to a price list, in one request. Documented; the largest one is not known. Nothing is sent for no
    /// updates.
    ///
    /// A clash with another running update (409) is tried again, as documented, as often as the retry policy allows.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), Box<dyn std::error::Error>> {
    /// use sparklayer_client::{PriceTier, PriceUpdate};
    /// let prices = PriceUpdate::new("SKU-1", vec![PriceTier::new(1.into(), "10.40".parse()?)]);
    /// shop.prices().update_list("wholesale", &[prices]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if a SKU is empty, occurs twice, has no
    /// prices, or an update names a price list; [`Unsupported`](crate::ErrorKind::Unsupported) for a tax rate to display
    /// against a live address, unless [`PriceNames`](crate::PriceNames) are confirmed. Then
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with [`UploadFault`]s;
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such list; [`Conflict`](crate::ErrorKind::Conflict) if the
    /// clash does not pass.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the prices were written. Calling it again does no harm.
    pub async fn update_list(&self, slug: &str, updates: &[PriceUpdate]) -> Result<(), Error> {
        upload::check(&UPDATE_LIST, updates, true)?;
        let segments = ["api", "v1", "price-lists", slug, "pricing"];
        self.upload_json(&UPDATE_LIST, &segments, updates).await
    }

    /// Writes prices to a price list from CSV, in one request. Documented; the columns are not, so the text goes out as it
    /// is.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, csv: Vec<u8>) -> Result<(), sparklayer_client::Error> {
    /// shop.prices().update_list_csv("wholesale", csv).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_list`](Self::update_list), but of the text only its being empty is looked at here.
    ///
    /// # Cancel safety
    ///
    /// As [`update_list`](Self::update_list).
    pub async fn update_list_csv(&self, slug: &str, csv: impl Into<Bytes>) -> Result<(), Error> {
        let segments = ["api", "v1", "price-lists", slug, "pricing"];
        self.upload_csv(&UPDATE_LIST, &segments, csv.into()).await
    }

    /// Writes prices to several price lists, in one request. Documented. Otherwise as [`update_list`](Self::update_list).
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), Box<dyn std::error::Error>> {
    /// use sparklayer_client::{PriceTier, PriceUpdate};
    /// let tiers = vec![PriceTier::new(1.into(), "10.40".parse()?)];
    /// let updates = [
    ///     PriceUpdate::new("SKU-1", tiers.clone()).in_list("wholesale"),
    ///     PriceUpdate::new("SKU-1", tiers).in_list("trade"),
    /// ];
    /// shop.prices().update_lists(&updates).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_list`](Self::update_list), but here every update must name its price list.
    ///
    /// # Cancel safety
    ///
    /// As [`update_list`](Self::update_list).
    pub async fn update_lists(&self, updates: &[PriceUpdate]) -> Result<(), Error> {
        upload::check(&UPDATE_LISTS, updates, false)?;
        let segments = ["api", "v1", "batch-update-pricing"];
        self.upload_json(&UPDATE_LISTS, &segments, updates).await
    }

    /// Writes prices to several price lists from CSV. Documented for uploads of prices; the columns are not, so the text
    /// goes out as it is.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, csv: String) -> Result<(), sparklayer_client::Error> {
    /// shop.prices().update_lists_csv(csv).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_list_csv`](Self::update_list_csv).
    ///
    /// # Cancel safety
    ///
    /// As [`update_list`](Self::update_list).
    pub async fn update_lists_csv(&self, csv: impl Into<Bytes>) -> Result<(), Error> {
        let segments = ["api", "v1", "batch-update-pricing"];
        self.upload_csv(&UPDATE_LISTS, &segments, csv.into()).await
    }

    async fn upload_json(
        &self,
        operation: &Operation,
        segments: &[&str],
        updates: &[PriceUpdate],
    ) -> Result<(), Error> {
        if updates.is_empty() {
            return Ok(());
        }
        if updates
            .iter()
            .any(|update| update.display_tax_rate.is_some())
        {
            let confirmed = self.client.wire_names().prices.confirmed;
            let what = "a tax rate to display";
            self.client
                .need_confirmed(operation, confirmed, "prices.confirmed", what)?;
        }
        let body = body(operation, &updates)?;
        self.upload(operation, segments, JSON, body.into()).await
    }

    async fn upload_csv(
        &self,
        operation: &Operation,
        segments: &[&str],
        csv: Bytes,
    ) -> Result<(), Error> {
        if csv.trim_ascii().is_empty() {
            return Err(refused(operation, "the CSV is empty"));
        }
        self.upload(operation, segments, CSV, csv).await
    }

    async fn upload(
        &self,
        operation: &Operation,
        segments: &[&str],
        content_type: HeaderValue,
        body: Bytes,
    ) -> Result<(), Error> {
        let address = self.client.address(operation, segments.iter().copied())?;
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(address.as_str())
            .header(CONTENT_TYPE, content_type)
            .body(body)
            .map_err(|_| refused(operation, "the address cannot be written"))?;
        let reply = self
            .client
            .http()
            .execute(operation, request, &self.options)
            .await?;
        nothing(&reply)
    }
}
