//! Carts as the vendor shows them.

use super::money::MoneyGroup;
use crate::members::wire_object;

wire_object! {
    /// A line of a cart. Documented, as far as its example was readable.
    pub struct CartItem {
        /// The SKU.
        sku: Option<String> = "sku",
        /// How many.
        quantity: Option<i64> = "quantity",
        /// The line's total.
        line_total: Option<MoneyGroup> = "line_total",
    }
}

wire_object! {
    /// A cart. Documented, as far as its example was readable; the rest is reached through [`member`](Self::member).
    ///
    /// ```
    /// let cart: sparklayer_client::Cart = serde_json::from_str(r#"{"id":"9151f21f","items":[{"quantity":"x"}]}"#)?;
    /// assert_eq!(cart.id.as_deref(), Some("9151f21f"));
    /// assert_eq!(cart.unreadable(), ["/items/0/quantity"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Cart {
        /// SparkLayer's UUID, which is that of the later purchase.
        id: Option<String> = "id",
        /// What it is to become; `ORDER` in the vendor's browser types.
        intent: Option<String> = "intent",
        /// The customer.
        customer_id: Option<String> = "customer_id",
        /// The delivery address, by its id.
        shipping_address_id: Option<String> = "shipping_address_id",
        /// The billing address, by its id.
        billing_address_id: Option<String> = "billing_address_id",
        /// The lines.
        items: Vec<CartItem> = "items",
    }
}
