//! Why a cart was refused.

use connector_http::Error;

use crate::value::vocabulary;

vocabulary! {
    /// What the vendor says against a cart, by its code. Documented; where in the error body the code stands is assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::CartRefusal;
    /// match shop.carts().calculate(id, Some("next-day")).await {
    ///     Err(error) if CartRefusal::ShippingRateUnavailable.is_in(&error) => shop.carts().calculate(id, None).await?,
    ///     other => other?,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    pub enum CartRefusal {
        /// The cart has no lines (422 on calculate).
        CartEmpty = "cart-empty",
        /// The chosen SparkLayer rate is not available (422 on calculate).
        ShippingRateUnavailable = "cart-shipping-rate-handle-unavailable",
        /// There are validation errors that were not ignored (422 on complete).
        ValidationErrors = "cart-validation-errors",
        /// There is no such customer (400 on create).
        IdNotFound = "resource-id-not-found",
    }
}

impl CartRefusal {
    /// All codes of an error, unknown ones included, in the vendor's order.
    #[must_use]
    pub fn all_of(error: &Error) -> Vec<Self> {
        error
            .vendor_errors()
            .iter()
            .filter_map(|said| said.code().map(Self::from))
            .collect()
    }

    /// Whether an error has this code.
    #[must_use]
    pub fn is_in(&self, error: &Error) -> bool {
        error
            .vendor_errors()
            .iter()
            .any(|said| said.code() == Some(self.as_str()))
    }
}
