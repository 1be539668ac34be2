//! The machine codes in the vendor's errors.

use connector_http::Error;

use crate::value::vocabulary;

vocabulary! {
    /// A machine code of an error. The vendor has no list of them: these are the documented ones.
    ///
    /// ```
    /// # use sparklayer_client::{Error, SparkLayerErrorCode};
    /// fn has_nothing_to_buy(error: &Error) -> bool {
    ///     SparkLayerErrorCode::CartEmpty.is_in(error)
    /// }
    /// ```
    pub enum SparkLayerErrorCode {
        /// An id in the request names nothing, such as a customer.
        ResourceIdNotFound = "resource-id-not-found",
        /// The cart has no items.
        CartEmpty = "cart-empty",
        /// The chosen shipping rate is not offered for this cart.
        CartShippingRateHandleUnavailable = "cart-shipping-rate-handle-unavailable",
        /// The cart breaks a rule that was not ignored.
        CartValidationErrors = "cart-validation-errors",
    }
}

impl SparkLayerErrorCode {
    /// All codes of an error, in the vendor's order. A text that does not look like a code is left out; it is still in
    /// [`Error::vendor_errors`].
    #[must_use]
    pub fn of(error: &Error) -> Vec<Self> {
        error
            .vendor_errors()
            .iter()
            .filter_map(|one| one.code())
            .filter(|code| is_code(code))
            .map(Self::from)
            .collect()
    }

    /// Whether an error has this code.
    #[must_use]
    pub fn is_in(&self, error: &Error) -> bool {
        error
            .vendor_errors()
            .iter()
            .any(|one| one.code() == Some(self.as_str()))
    }
}

/// A code is printed freely, so it must not be a sentence that quotes somebody.
fn is_code(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.len() <= 64 && text.chars().all(is_plain)
}
