//! Places that hold stock.

use connector_http::{Error, Idempotency, Operation};
use http::Method;

use super::Stock;
use crate::json::{body, list, object, refused};
use crate::members::wire_object;

static LIST: Operation = Operation::new(
    "stock.locations",
    Idempotency::ReadOnly,
    "/api/v1/stock-locations",
);
/// A second time makes a second location, or is refused by the external id.
static CREATE: Operation = Operation::new(
    "stock.create_location",
    Idempotency::NonIdempotent,
    "/api/v1/stock-locations",
);
/// Values are absolute.
static UPDATE: Operation = Operation::new(
    "stock.update_location",
    Idempotency::Idempotent,
    "/api/v1/stock-locations/{id}",
);

wire_object! {
    /// A place that holds stock. Documented.
    ///
    /// For a change begin with an empty one and set what shall change: what was not read and is not set is not sent.
    pub struct StockLocation {
        /// SparkLayer's UUID; `sl_123` in older pages.
        id: Option<String> = "id",
        /// The name.
        name: Option<String> = "name",
        /// The merchant's id; `default` is the place that platforms fill.
        external_id: Option<String> = "external_id",
    }
}

impl Stock {
    /// All locations. Documented: in one answer, by id.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let locations = shop.stock().locations().await?;
    /// let filled_by_the_platform = locations.iter().find(|place| place.external_id.as_deref() == Some("default"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) if the answer is not a list of objects; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn locations(&self) -> Result<Vec<StockLocation>, Error> {
        let address = self
            .client
            .address(&LIST, ["api", "v1", "stock-locations"])?;
        let reply = self
            .client
            .call(&LIST, Method::GET, &address, None, &self.options)
            .await?;
        list(&reply, "stock location")
    }

    /// Makes a location, and returns what was stored. Older documentation; that it takes the members of a location is
    /// assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::StockLocation;
    /// let mut location = StockLocation::default();
    /// location.name = Some("Warehouse".to_owned());
    /// location.external_id = Some("whistl".to_owned());
    /// let stored = shop.stock().create_location(&location).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Unsupported`](crate::ErrorKind::Unsupported) against a live address, unless
    /// [`StockNames`](crate::StockNames) are confirmed; [`InvalidRequest`](crate::ErrorKind::InvalidRequest) without a name.
    /// A lost answer is ambiguous and never repeated: look at [`locations`](Self::locations) first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the location was made.
    pub async fn create_location(&self, location: &StockLocation) -> Result<StockLocation, Error> {
        self.need_confirmed(&CREATE, "making a stock location")?;
        let name = location.name.as_deref();
        if name.is_none_or(|name| name.trim().is_empty()) {
            return Err(refused(&CREATE, "a stock location without a name"));
        }
        let address = self
            .client
            .address(&CREATE, ["api", "v1", "stock-locations"])?;
        let body = body(&CREATE, location)?;
        let reply = self
            .client
            .call(&CREATE, Method::POST, &address, Some(body), &self.options)
            .await?;
        object(&reply, "a stock location")
    }

    /// Changes what is set in `change`, and returns what was stored. Older documentation; that it takes the members of a
    /// location is assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::StockLocation;
    /// let mut change = StockLocation::default();
    /// change.external_id = Some("whistl".to_owned());
    /// shop.stock().update_location("123e4567-e89b-12d3-a456-426614174000", &change).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_location`](Self::create_location), but a name is not needed; [`NotFound`](crate::ErrorKind::NotFound) if
    /// there is no such location.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the location was changed. Calling it again does no harm.
    pub async fn update_location(
        &self,
        id: &str,
        change: &StockLocation,
    ) -> Result<StockLocation, Error> {
        self.need_confirmed(&UPDATE, "changing a stock location")?;
        let address = self
            .client
            .address(&UPDATE, ["api", "v1", "stock-locations", id])?;
        let body = body(&UPDATE, change)?;
        let reply = self
            .client
            .call(&UPDATE, Method::PATCH, &address, Some(body), &self.options)
            .await?;
        object(&reply, "a stock location")
    }

    pub(super) fn need_confirmed(
        &self,
        operation: &Operation,
        what: &'static str,
    ) -> Result<(), Error> {
        let confirmed = self.client.wire_names().stock.confirmed;
        self.client
            .need_confirmed(operation, confirmed, "stock.confirmed", what)
    }
}
