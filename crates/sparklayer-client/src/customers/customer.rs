//! Customers as the vendor shows them.

use chrono::{DateTime, Utc};
use connector_http::Personal;

use super::CustomerAddress;
use crate::members::wire_object;
use crate::value::vocabulary;

vocabulary! {
    /// What a customer may do. Documented (older pages).
    pub enum CustomerRole {
        /// The main account of a company.
        Main = "main",
        /// A sub-account with fewer rights.
        LimitedCustomer = "limited-customer",
        /// A sales agent.
        SalesAgent = "sales-agent",
        /// A sales administrator.
        SalesAdmin = "sales-admin",
    }
}

wire_object! {
    /// A customer. Documented (older pages, 2023), where the list of members was cut off: the rest is reached through
    /// [`member`](Self::member). A telephone is on addresses only.
    ///
    /// For a change begin with an empty one and set what shall change: what was not read and is not set is not sent. An
    /// empty text is sent as such; to empty a list, change a customer that was read, all of which is then sent.
    ///
    /// ```
    /// use sparklayer_client::Customer;
    /// let mut change = Customer::default();
    /// change.group = Some("base".to_owned());
    /// assert_eq!(serde_json::to_string(&change)?, r#"{"group":"base"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Customer {
        /// SparkLayer's id: `cu_123` in older pages, a UUID in newer ones.
        id: Option<String> = "id",
        /// Created.
        created_at: Option<DateTime<Utc>> = "created_at",
        /// Last changed.
        updated_at: Option<DateTime<Utc>> = "updated_at",
        /// Addresses.
        addresses: Vec<CustomerAddress> = "addresses",
        /// Title.
        title: Option<Personal<String>> = "title",
        /// First name.
        first_name: Option<Personal<String>> = "first_name",
        /// Last name.
        last_name: Option<Personal<String>> = "last_name",
        /// E-mail address, unique.
        email: Option<Personal<String>> = "email",
        /// Company.
        company_name: Option<Personal<String>> = "company_name",
        /// The merchant's own id: unique, and not beginning with `cu_`.
        external_id: Option<String> = "external_id",
        /// The id in the accounts.
        accounting_id: Option<String> = "accounting_id",
        /// The state; only `active` can log in.
        status: Option<String> = "status",
        /// The customer group, such as `base`.
        group: Option<String> = "group",
        /// What the customer may do.
        role: Option<CustomerRole> = "role",
        /// The usual billing address, by its id.
        default_billing_address_id: Option<String> = "default_billing_address_id",
        /// The usual delivery address, by its id.
        default_shipping_address_id: Option<String> = "default_shipping_address_id",
        /// ISO 4217, in either case.
        currency_code: Option<String> = "currency_code",
        /// Groups of sales agents.
        sales_agent_groups: Vec<String> = "sales_agent_groups",
        /// Price lists, by slug.
        price_lists: Vec<String> = "price_lists",
    }
}
