//! Price lists: their names, currencies and rules. The prices in them are in [`Prices`](crate::Prices).

mod list;
mod price_list;

use connector_http::{CallOptions, Error, Idempotency, Operation};
use http::Method;

use crate::client::SparkLayer;
use crate::json::{body, members, nothing, object, refused};
use crate::path_template;

pub use list::{ListPriceLists, PriceListPage};
pub use price_list::{AdjustmentDirection, PriceList, PriceListRule};

static ALL: Operation = Operation::new(
    "price_lists.all",
    Idempotency::ReadOnly,
    "/api/v1/price-lists",
);
static GET: Operation = Operation::new(
    "price_lists.get",
    Idempotency::ReadOnly,
    "/api/v1/price-lists/{slug}",
);
/// A second time is refused by the slug, or makes a second list.
static CREATE: Operation = Operation::new(
    "price_lists.create",
    Idempotency::NonIdempotent,
    "/api/v1/price-lists",
);
/// Values are absolute.
static UPDATE: Operation = Operation::new(
    "price_lists.update",
    Idempotency::Idempotent,
    "/api/v1/price-lists/{slug}",
);

/// Price lists.
#[derive(Clone, Debug)]
pub struct PriceLists {
    client: SparkLayer,
    options: CallOptions,
}

impl SparkLayer {
    /// Price lists.
    #[must_use]
    pub fn price_lists(&self) -> PriceLists {
        PriceLists {
            client: self.clone(),
            options: CallOptions::new(),
        }
    }
}

impl PriceLists {
    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// All price lists in one answer, by the first version of the interface. Seen in use; the shape of the answer is not
    /// known, so a bare list and an object with one list are both read. Prefer [`list`](Self::list), which is documented.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let slugs: Vec<_> = shop.price_lists().all().await?.into_iter().filter_map(|list| list.slug).collect();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) if the answer has not exactly one list; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn all(&self) -> Result<Vec<PriceList>, Error> {
        let address = self.client.address(&ALL, ["api", "v1", "price-lists"])?;
        let reply = self
            .client
            .call(&ALL, Method::GET, &address, None, &self.options)
            .await?;
        if reply.body().trim_ascii_start().starts_with(b"[") {
            return crate::json::list(&reply, "price list");
        }
        let answer = members(&reply, "price lists")?;
        list::rows(&reply, &answer, &self.client.wire_names().prices.items)
    }

    /// A price list, with its rules. Seen in use.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let wholesale = shop.price_lists().get("wholesale").await?;
    /// println!("{} rules", wholesale.rules.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn get(&self, slug: &str) -> Result<PriceList, Error> {
        let address = self
            .client
            .address(&GET, ["api", "v1", "price-lists", slug])?;
        let reply = self
            .client
            .call(&GET, Method::GET, &address, None, &self.options)
            .await?;
        object(&reply, "a price list")
    }

    /// Makes a price list. That there is such a call was seen in use; its path, and that it takes the members of a change,
    /// are assumed. Its answer is not known, so none is read.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::PriceList;
    /// let mut price_list = PriceList::default();
    /// price_list.slug = Some("wholesale".to_owned());
    /// price_list.name = Some("Wholesale".to_owned());
    /// price_list.currency_code = Some("GBP".to_owned());
    /// shop.price_lists().create(&price_list).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Unsupported`](crate::ErrorKind::Unsupported) against a live address, unless
    /// [`PriceNames`](crate::PriceNames) are confirmed; [`InvalidRequest`](crate::ErrorKind::InvalidRequest) without a name.
    /// A lost answer is ambiguous and never repeated: look for the list first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the list was made.
    pub async fn create(&self, price_list: &PriceList) -> Result<(), Error> {
        let names = &self.client.wire_names().prices;
        let operation = CREATE.clone().with_template(names.create_path.as_str());
        let what = "creating a price list";
        self.client
            .need_confirmed(&operation, names.confirmed, "prices.confirmed", what)?;
        let name = price_list.name.as_deref();
        if name.is_none_or(|name| name.trim().is_empty()) {
            return Err(refused(&operation, "a price list without a name"));
        }
        let segments = path_template::fill(&names.create_path, &[]);
        let address = self.client.address(&operation, segments)?;
        let body = body(&operation, price_list)?;
        let reply = self
            .client
            .call(
                &operation,
                Method::POST,
                &address,
                Some(body),
                &self.options,
            )
            .await?;
        nothing(&reply)
    }

    /// Changes what is set in `change`. Documented; its answer is not, so none is read.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), Box<dyn std::error::Error>> {
    /// use sparklayer_client::{AdjustmentDirection, PriceList, PriceListRule};
    /// let mut rule = PriceListRule::default();
    /// rule.source_price_list_slug = Some("base-list".to_owned());
    /// rule.adjustment_percentage = Some("0.103333".parse()?);
    /// rule.adjustment_direction = Some(AdjustmentDirection::Plus);
    /// let mut change = PriceList::default();
    /// change.rules = vec![rule];
    /// shop.price_lists().update("wholesale", &change).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such list; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the list was changed. Calling it again does no harm.
    pub async fn update(&self, slug: &str, change: &PriceList) -> Result<(), Error> {
        let address = self
            .client
            .address(&UPDATE, ["api", "v1", "price-lists", slug])?;
        let body = body(&UPDATE, change)?;
        let reply = self
            .client
            .call(&UPDATE, Method::PATCH, &address, Some(body), &self.options)
            .await?;
        nothing(&reply)
    }
}
