//! What a test puts into the shop beside purchases: articles, customers, prices, shipping rates.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::article::{ShippingRate, ShopArticle};
use super::purchase::LookupBy;
use super::{SparkLayerSim, refused};
use crate::sim_error::SimError;

impl SparkLayerSim {
    /// Puts an article on sale, or in place of the one with its SKU. Carts hold nothing else.
    pub fn put_article(&self, article: ShopArticle) {
        self.shop
            .with(|state| state.assortment.put_article(article));
    }

    /// Offers a shipping rate, or another one under its handle.
    pub fn put_shipping_rate(&self, rate: ShippingRate) {
        self.shop.with(|state| state.assortment.put_rate(rate));
    }

    /// Creates a customer as `POST /api/v1/customers` would, and gives its id.
    ///
    /// ```
    /// # use connector_sim::{SparkLayerOptions, SparkLayerSim};
    /// # use serde_json::json;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let shop = SparkLayerSim::start(SparkLayerOptions::default()).await?;
    /// let id = shop.create_customer(&json!({ "email": "buying@shop.example", "price_lists": ["wholesale"] }))?;
    /// let address = json!({ "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" });
    /// let address_id = shop.create_customer_address(&id, &address)?;
    /// # shop.shutdown().await;
    /// # assert_eq!(address_id, "ca_1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SimError::Refused`] where the customer breaks a rule of that operation.
    pub fn create_customer(&self, customer: &Value) -> Result<String, SimError> {
        let now = self.now();
        self.shop
            .with(|state| {
                let ids = state.switches.customer_ids;
                let created = state.customers.create(customer, ids, now)?;
                Ok(created.id().to_owned())
            })
            .map_err(refused)
    }

    /// Adds an address to a customer and gives its id.
    ///
    /// # Errors
    /// [`SimError::Refused`] where the customer is unknown or the address not complete.
    pub fn create_customer_address(
        &self,
        customer_id: &str,
        address: &Value,
    ) -> Result<String, SimError> {
        self.shop
            .with(|state| {
                let address = state.customers.add_address(customer_id, address)?;
                let id = address.get("id").and_then(Value::as_str);
                Ok(id.unwrap_or_default().to_owned())
            })
            .map_err(refused)
    }

    /// Sets members of a customer, for example its default addresses.
    ///
    /// # Errors
    /// [`SimError::Refused`] where the customer is unknown or a member breaks a rule.
    pub fn update_customer(&self, customer_id: &str, changes: &Value) -> Result<(), SimError> {
        let now = self.now();
        self.shop
            .with(|state| state.customers.update(customer_id, changes, now).map(drop))
            .map_err(refused)
    }

    /// The customer with that e-mail address as the API would answer it.
    #[must_use]
    pub fn customer_by_email(&self, email: &str) -> Option<Value> {
        self.shop
            .with(|state| Some(state.customers.look_up("email", email)?.answer()))
    }

    /// A customer by internal or external id, as the API would answer it.
    #[must_use]
    pub fn customer(&self, id: &str) -> Option<Value> {
        self.shop.with(|state| {
            state
                .customers
                .find(id)
                .ok()
                .map(super::customer_book::Customer::answer)
        })
    }

    /// Creates a price list with one net price for each SKU.
    ///
    /// # Errors
    /// [`SimError::Refused`] where the slug is taken.
    pub fn create_price_list<'a>(
        &self,
        slug: &str,
        prices: impl IntoIterator<Item = (&'a str, Decimal)>,
    ) -> Result<(), SimError> {
        use super::price_upload::Upload;
        let uploads = prices
            .into_iter()
            .map(|(sku, price)| Upload::single(slug, sku, price))
            .collect();
        self.shop
            .with(|state| {
                state
                    .prices
                    .create(&json!({ "slug": slug, "name": slug }))?;
                state.prices.upload(uploads)
            })
            .map_err(refused)
    }

    /// The history of a purchase as the API would answer it.
    #[must_use]
    pub fn purchase_history(&self, sparklayer_id: &str) -> Option<Value> {
        self.shop.with(|state| {
            let record = state.purchases.find(LookupBy::SparkLayer, sparklayer_id)?;
            Some(record.trail.history())
        })
    }

    /// The payments of a purchase as the API would answer them.
    #[must_use]
    pub fn purchase_transactions(&self, sparklayer_id: &str) -> Option<Value> {
        self.shop.with(|state| {
            let record = state.purchases.find(LookupBy::SparkLayer, sparklayer_id)?;
            Some(record.trail.transactions())
        })
    }

    /// How many carts are open.
    #[must_use]
    pub fn open_carts(&self) -> usize {
        self.shop.with(|state| state.carts.len())
    }
}
