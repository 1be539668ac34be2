//! Customers and their addresses.
//!
//! Which calls there are is documented; members are those of older pages (2023); **all paths are assumed**, and stand in
//! [`CustomerNames`](crate::CustomerNames). So every call here is refused against a live address until they are
//! confirmed. A list of all customers is not documented, and there is no such call.

mod address;
mod customer;

use connector_http::{CallOptions, Error, Idempotency, Operation, Reply};
use http::Method;

use crate::client::SparkLayer;
use crate::json::{body, list, nothing, object, refused};
use crate::path_template;

pub use address::CustomerAddress;
pub use customer::{Customer, CustomerRole};

/// A second time is refused by the e-mail address, or makes a second customer.
static CREATE: Operation = Operation::new(
    "customers.create",
    Idempotency::NonIdempotent,
    "/api/v1/customers",
);
static GET: Operation = Operation::new(
    "customers.get",
    Idempotency::ReadOnly,
    "/api/v1/customers/{id}",
);
/// Values are absolute.
static UPDATE: Operation = Operation::new(
    "customers.update",
    Idempotency::Idempotent,
    "/api/v1/customers/{id}",
);
/// Deleted twice is deleted, but a repetition after a lost answer would say "not found".
static DELETE: Operation = Operation::new(
    "customers.delete",
    Idempotency::NonIdempotent,
    "/api/v1/customers/{id}",
);
static ADDRESSES: Operation = Operation::new(
    "customers.addresses",
    Idempotency::ReadOnly,
    "/api/v1/customers/{id}/addresses",
);
/// A second time makes a second address.
static CREATE_ADDRESS: Operation = Operation::new(
    "customers.create_address",
    Idempotency::NonIdempotent,
    "/api/v1/customers/{id}/addresses",
);
static GET_ADDRESS: Operation = Operation::new(
    "customers.get_address",
    Idempotency::ReadOnly,
    "/api/v1/customers/{id}/addresses/{address_id}",
);
/// Values are absolute.
static UPDATE_ADDRESS: Operation = Operation::new(
    "customers.update_address",
    Idempotency::Idempotent,
    "/api/v1/customers/{id}/addresses/{address_id}",
);
/// As a customer's deletion.
static DELETE_ADDRESS: Operation = Operation::new(
    "customers.delete_address",
    Idempotency::NonIdempotent,
    "/api/v1/customers/{id}/addresses/{address_id}",
);

/// Customers and their addresses, by assumed paths.
///
/// A customer is named by SparkLayer's id or by the merchant's own (older documentation), and so is an address.
#[derive(Clone, Debug)]
pub struct Customers {
    client: SparkLayer,
    options: CallOptions,
}

impl SparkLayer {
    /// Customers and their addresses.
    #[must_use]
    pub fn customers(&self) -> Customers {
        Customers {
            client: self.clone(),
            options: CallOptions::new(),
        }
    }
}

/// What an object that is handed in lacks.
fn need_filled(operation: &Operation, filled: bool, lack: &'static str) -> Result<(), Error> {
    if filled {
        Ok(())
    } else {
        Err(refused(operation, lack))
    }
}

impl Customers {
    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    async fn call(
        &self,
        operation: &Operation,
        method: Method,
        template: &str,
        values: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Error> {
        let confirmed = self.client.wire_names().customers.confirmed;
        let what = "a call of the customers interface";
        self.client
            .need_confirmed(operation, confirmed, "customers.confirmed", what)?;
        let operation = operation.clone().with_template(template);
        let segments = path_template::fill(template, values);
        let address = self.client.address(&operation, segments)?;
        self.client
            .call(&operation, method, &address, body, &self.options)
            .await
    }

    /// A customer. That there is such a call is documented; its path is assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let customer = shop.customers().get("cu_123").await?;
    /// println!("{:?} in group {:?}", customer.status, customer.group);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) against a live address, unless
    /// [`CustomerNames`](crate::CustomerNames) are confirmed; [`NotFound`](crate::ErrorKind::NotFound) if there is none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn get(&self, id: &str) -> Result<Customer, Error> {
        let path = &self.client.wire_names().customers.customer_path;
        let reply = self
            .call(&GET, Method::GET, path, &[("id", id)], None)
            .await?;
        object(&reply, "a customer")
    }

    /// Makes a customer, and returns what was stored. That there is such a call is documented (older pages); its path and
    /// answer are assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::Customer;
    /// let mut customer = Customer::default();
    /// customer.email = Some("buyer@shop.example".into());
    /// customer.external_id = Some("ERP-4711".to_owned());
    /// let stored = shop.customers().create(&customer).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); [`InvalidRequest`](crate::ErrorKind::InvalidRequest), before anything is sent, without an
    /// e-mail address. A lost answer is ambiguous and never repeated: ask for the customer by your own id first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the customer was made.
    pub async fn create(&self, customer: &Customer) -> Result<Customer, Error> {
        let email = customer.email.as_ref();
        let filled = email.is_some_and(|email| !email.expose().trim().is_empty());
        need_filled(&CREATE, filled, "a customer without an e-mail address")?;
        let path = &self.client.wire_names().customers.customers_path;
        let body = body(&CREATE, customer)?;
        let reply = self
            .call(&CREATE, Method::POST, path, &[], Some(body))
            .await?;
        object(&reply, "a customer")
    }

    /// Changes what is set in `change`, and returns what was stored. That there is such a call is documented (older pages);
    /// its path and answer are assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::Customer;
    /// let mut change = Customer::default();
    /// change.price_lists = vec!["wholesale".to_owned()];
    /// shop.customers().update("cu_123", &change).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the customer was changed. Calling it again does no harm.
    pub async fn update(&self, id: &str, change: &Customer) -> Result<Customer, Error> {
        let path = &self.client.wire_names().customers.customer_path;
        let body = body(&UPDATE, change)?;
        let reply = self
            .call(&UPDATE, Method::PATCH, path, &[("id", id)], Some(body))
            .await?;
        object(&reply, "a customer")
    }

    /// Deletes a customer. That there is such a call is documented; its path is assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// match shop.customers().delete("cu_123").await {
    ///     Err(error) if error.is_not_found() => println!("was not there"),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get). A lost answer is ambiguous and not repeated; calling again does no harm.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the customer was deleted. Calling it again does no harm.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let path = &self.client.wire_names().customers.customer_path;
        let reply = self
            .call(&DELETE, Method::DELETE, path, &[("id", id)], None)
            .await?;
        nothing(&reply)
    }

    /// The addresses of a customer. That there is such a call, and that it returns all, is documented; its path is
    /// assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let addresses = shop.customers().addresses("cu_123").await?;
    /// let at_home = addresses.iter().filter(|address| address.country_code.as_deref() == Some("GB"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn addresses(&self, id: &str) -> Result<Vec<CustomerAddress>, Error> {
        let path = &self.client.wire_names().customers.addresses_path;
        let reply = self
            .call(&ADDRESSES, Method::GET, path, &[("id", id)], None)
            .await?;
        list(&reply, "customer address")
    }

    /// An address of a customer. That there is such a call is documented; its path is assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let address = shop.customers().address("cu_123", "ca_123").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn address(&self, id: &str, address_id: &str) -> Result<CustomerAddress, Error> {
        let path = &self.client.wire_names().customers.address_path;
        let values = [("id", id), ("address_id", address_id)];
        let reply = self
            .call(&GET_ADDRESS, Method::GET, path, &values, None)
            .await?;
        object(&reply, "a customer address")
    }

    /// Adds an address to a customer, and returns what was stored. That there is such a call is documented (older pages);
    /// its path and answer are assumed.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::CustomerAddress;
    /// let mut address = CustomerAddress::default();
    /// address.address_line1 = Some("7 Philosophy Way".into());
    /// address.city = Some("Willerby".into());
    /// address.country_code = Some("GB".to_owned());
    /// let stored = shop.customers().create_address("cu_123", &address).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); [`InvalidRequest`](crate::ErrorKind::InvalidRequest), before anything is sent, without a
    /// first line, city or country (documented as needed). A lost answer is ambiguous and never repeated: look at
    /// [`addresses`](Self::addresses) first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the address was added.
    pub async fn create_address(
        &self,
        id: &str,
        address: &CustomerAddress,
    ) -> Result<CustomerAddress, Error> {
        let is_filled = |text: Option<&String>| text.is_some_and(|text| !text.trim().is_empty());
        let filled = is_filled(address.address_line1.as_ref().map(crate::Personal::expose))
            && is_filled(address.city.as_ref().map(crate::Personal::expose))
            && is_filled(address.country_code.as_ref());
        let lack = "an address without its first line, city or country";
        need_filled(&CREATE_ADDRESS, filled, lack)?;
        let path = &self.client.wire_names().customers.addresses_path;
        let body = body(&CREATE_ADDRESS, address)?;
        let reply = self
            .call(
                &CREATE_ADDRESS,
                Method::POST,
                path,
                &[("id", id)],
                Some(body),
            )
            .await?;
        object(&reply, "a customer address")
    }

    /// Changes what is set in `change`, and returns what was stored. That there is such a call, its path and its answer are
    /// assumed, by those of customers.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::CustomerAddress;
    /// let mut change = CustomerAddress::default();
    /// change.nickname = Some("goods in".into());
    /// shop.customers().update_address("cu_123", "ca_123", &change).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the address was changed. Calling it again does no harm.
    pub async fn update_address(
        &self,
        id: &str,
        address_id: &str,
        change: &CustomerAddress,
    ) -> Result<CustomerAddress, Error> {
        let path = &self.client.wire_names().customers.address_path;
        let values = [("id", id), ("address_id", address_id)];
        let body = body(&UPDATE_ADDRESS, change)?;
        let reply = self
            .call(&UPDATE_ADDRESS, Method::PATCH, path, &values, Some(body))
            .await?;
        object(&reply, "a customer address")
    }

    /// Deletes an address of a customer. That there is such a call and its path are assumed, by those of customers.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// shop.customers().delete_address("cu_123", "ca_123").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the address was deleted. Calling it again does no harm.
    pub async fn delete_address(&self, id: &str, address_id: &str) -> Result<(), Error> {
        let path = &self.client.wire_names().customers.address_path;
        let values = [("id", id), ("address_id", address_id)];
        let reply = self
            .call(&DELETE_ADDRESS, Method::DELETE, path, &values, None)
            .await?;
        nothing(&reply)
    }
}
