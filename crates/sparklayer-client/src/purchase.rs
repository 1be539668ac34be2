//! Purchases: orders, quotes and carts as SparkLayer stores them.

use chrono::{DateTime, Utc};
use connector_http::Personal;

use crate::address::Address;
use crate::members::wire_object;
use crate::money::Money;
use crate::package::Package;
use crate::value::vocabulary;

vocabulary! {
    /// What a purchase is. Documented (older pages).
    pub enum PurchaseType {
        /// A cart.
        Cart = "cart",
        /// A quote.
        Quote = "quote",
        /// Waits for another member of the buying company.
        AwaitingApproval = "awaiting_approval",
        /// Completed in SparkLayer, but not yet confirmed by the platform.
        OrderUnconfirmed = "order_unconfirmed",
        /// A placed order.
        Order = "order",
    }
}

vocabulary! {
    /// How the buyer pays. Two vocabularies are documented; both are read, and an unchanged word is written as read.
    pub enum PaymentMethod {
        /// Pay online by card.
        Upfront = "upfrontPayment" | "platform_upfront",
        /// Pay by invoice.
        Invoice = "paymentByInvoice" | "invoice",
        /// Pay on account, with net terms.
        OnAccount = "paymentOnAccount" | "on_account",
        /// Hokodo credit.
        Hokodo = "hokodoPayment",
        /// Placed as a quote.
        Quote = "quote",
    }
}

wire_object! {
    /// The names under which a purchase is known. Documented.
    pub struct PurchaseIdentifiers {
        /// SparkLayer's UUID, which is the cart's id. Immutable.
        sparklayer: Option<String> = "sparklayer",
        /// The ecommerce platform's internal order id.
        platform: Option<String> = "platform",
        /// The merchant's own id.
        internal: Option<String> = "internal",
        /// The number that the buyer sees.
        visible: Option<String> = "visible",
    }
}

wire_object! {
    /// The customer of a purchase. Documented (older pages).
    pub struct CustomerIdentifiers {
        /// The customer.
        sparklayer: Option<String> = "sparklayer",
        /// The sales agent who ordered on behalf (meaning assumed).
        sparklayer_impersonator: Option<String> = "sparklayer_impersonator",
        /// The sub-account that ordered (meaning assumed).
        sparklayer_child: Option<String> = "sparklayer_child",
    }
}

wire_object! {
    /// The moments of a purchase. Documented.
    pub struct PurchaseDates {
        /// Created.
        created_at: Option<DateTime<Utc>> = "created_at",
        /// Last changed.
        updated_at: Option<DateTime<Utc>> = "updated_at",
        /// Placed by the buyer.
        placed_at: Option<DateTime<Utc>> = "placed_at",
    }
}

wire_object! {
    /// A name and its value: metadata, checkout fields. The value's member name is assumed for checkout fields.
    pub struct NamedValue {
        /// The name.
        name: Option<String> = "name",
        /// The value; free text of a buyer.
        value: Option<Personal<String>> = "value",
    }
}

wire_object! {
    /// An order, quote or cart as SparkLayer stores it.
    ///
    /// Lists return the head only: no packages, no addresses. An empty text counts as absent when read and survives a
    /// write. Serialising gives what is written to SparkLayer: calculated members are left out.
    ///
    /// ```
    /// use sparklayer_client::{PaymentMethod, Purchase};
    /// let purchase: Purchase = serde_json::from_str(r#"{"payment_method":"on_account","odd":1.0e400}"#)?;
    /// assert_eq!(purchase.payment_method, Some(PaymentMethod::OnAccount));
    /// assert_eq!(serde_json::to_string(&purchase)?, r#"{"odd":1.0e400,"payment_method":"on_account"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Purchase {
        /// What it is.
        purchase_type: Option<PurchaseType> = "type",
        /// The names under which it is known.
        identifiers: PurchaseIdentifiers = "purchase_identifiers",
        /// Who bought.
        customer: CustomerIdentifiers = "customer_identifiers",
        /// How it is paid.
        payment_method: Option<PaymentMethod> = "payment_method",
        /// Its moments.
        dates: PurchaseDates = "dates",
        /// The buyer's own reference, in most shops the PO number. Free text.
        customer_reference: Option<Personal<String>> = "customer_reference",
        /// ISO 4217, in either case.
        currency_code: Option<String> = "currency_code",
        /// Who pays.
        billing_address: Option<Address> = "billing_address",
        /// The goods, by package.
        packages: Vec<Package> = "packages",
        /// The buyer's answers at checkout.
        custom_fields: Vec<NamedValue> = "custom_fields",
        /// Metadata.
        metadata: Vec<NamedValue> = "metadata",
        /// Read only: the delivery address on one line.
        calculated_shipping_address: Option<Personal<String>> = "calculated_shipping_address",
        /// Read only: the total.
        calculated_total: Option<Money> = "calculated_total",
        /// Read only: the state of fulfilment. The vocabulary is not known.
        calculated_fulfilment_status: Option<String> = "calculated_fulfilment_status",
    }
}
