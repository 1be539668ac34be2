//! Carts: placing orders on behalf of customers.
//!
//! The life of a cart is create, update, calculate, complete. Only carts that were created here can be used, not those
//! of shoppers; prices and rules are those of the storefront. Documented (older pages).

mod calculate;
mod cart;
mod complete;
mod money;
mod update;

use connector_http::{CallOptions, Error, Idempotency, Operation, Personal};
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use serde::Serialize;

use crate::client::SparkLayer;
use crate::json::{body, members, misfit, needed_text, object, refused};
use crate::members::Value;
use crate::path_template;

pub use calculate::{CartCalculation, CartShippingMethod, CartTotals, DiscountedTotal};
pub use cart::{Cart, CartItem};
pub use complete::{CartCompletion, CompleteCart, CompletionReport, IgnoredValidation};
pub use money::{CartMoney, MoneyGroup};
pub use update::{CartFinding, CartLine, CartUpdate, CartUpdated};

/// The lines that a cart may have. Documented as a hard limit (older pages).
pub const MOST_CART_LINES: usize = 250;

/// Each call makes a cart of its own.
static CREATE: Operation =
    Operation::new("carts.create", Idempotency::NonIdempotent, "/api/v1/carts");
static GET: Operation = Operation::new("carts.get", Idempotency::ReadOnly, "/api/v1/carts/{id}");

/// How a customer is named when a cart is created for them. Documented. `Debug` masks ids and addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CartCustomer {
    /// SparkLayer's UUID.
    Sparklayer(Personal<String>),
    /// The platform's customer id.
    Platform(Personal<String>),
    /// The e-mail address.
    Email(Personal<String>),
}

impl CartCustomer {
    /// A customer by SparkLayer's UUID.
    #[must_use]
    pub fn sparklayer(id: impl Into<String>) -> Self {
        Self::Sparklayer(Personal::new(id.into()))
    }

    /// A customer by the platform's customer id.
    #[must_use]
    pub fn platform(id: impl Into<String>) -> Self {
        Self::Platform(Personal::new(id.into()))
    }

    /// A customer by e-mail address.
    #[must_use]
    pub fn email(address: impl Into<String>) -> Self {
        Self::Email(Personal::new(address.into()))
    }

    fn parts(&self) -> (&str, &'static str) {
        match self {
            Self::Sparklayer(id) => (id.expose(), "sparklayer"),
            Self::Platform(id) => (id.expose(), "platform"),
            Self::Email(id) => (id.expose(), "email"),
        }
    }
}

#[derive(Serialize)]
struct CreateRequest<'a> {
    customer_id: &'a str,
    customer_lookup_by: &'static str,
}

/// Carts made through the API.
///
/// ```
/// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
/// use sparklayer_client::{CartCompletion, CartCustomer, CartLine, CartUpdate, CompleteCart, PaymentMethod};
/// let carts = shop.carts();
/// let id = carts.create(&CartCustomer::email("buyer@shop.example"), Some("en-GB")).await?;
/// let lines = vec![CartLine::new("SKU-1", 4)];
/// carts.update(&id, &CartUpdate::new(lines).with_po_number("PO 4711")).await?;
/// carts.calculate(&id, None).await?;
/// let report = carts.complete(&id, &CompleteCart::new(PaymentMethod::Invoice)).await?;
/// match report.completion {
///     CartCompletion::Completed { purchase_id } => println!("placed as {purchase_id}"),
///     CartCompletion::NotCompleted => println!("still a cart; {:?}", report.cause),
///     other => println!("look again before sending again: {other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Carts {
    client: SparkLayer,
    options: CallOptions,
    line_limit: usize,
}

impl SparkLayer {
    /// Carts made through the API, to place orders on behalf of customers.
    #[must_use]
    pub fn carts(&self) -> Carts {
        Carts {
            client: self.clone(),
            options: CallOptions::new(),
            line_limit: MOST_CART_LINES,
        }
    }
}

impl Carts {
    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// How many lines an update may have, [`MOST_CART_LINES`] by default: more are refused before they are sent.
    #[must_use]
    pub const fn with_line_limit(mut self, lines: usize) -> Self {
        self.line_limit = lines;
        self
    }

    /// Makes an empty cart for a customer, and returns its id. Documented. The language sets the cart's locale; the
    /// vendor takes `en-US` without one.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::CartCustomer;
    /// let id = shop.carts().create(&CartCustomer::platform("123456789"), Some("de-DE")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if the customer is empty or the language cannot stand in a header,
    /// before anything is sent, and if there is no such customer ([`ResourceIdNotFound`](crate::SparkLayerErrorCode::ResourceIdNotFound));
    /// [`Decode`](crate::ErrorKind::Decode) if the answer has no id. A lost answer is ambiguous and never repeated: it may
    /// leave an empty cart behind, which does no harm and goes after three months (older documentation).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may leave an empty cart behind.
    pub async fn create(
        &self,
        customer: &CartCustomer,
        language: Option<&str>,
    ) -> Result<String, Error> {
        let (customer_id, customer_lookup_by) = customer.parts();
        if customer_id.trim().is_empty() {
            return Err(refused(&CREATE, "the customer is empty"));
        }
        let request = CreateRequest {
            customer_id,
            customer_lookup_by,
        };
        let address = self.client.address(&CREATE, ["api", "v1", "carts"])?;
        let mut builder = Request::builder()
            .method(Method::POST)
            .uri(address.as_str())
            .header(CONTENT_TYPE, "application/json");
        if let Some(language) = language {
            let language = HeaderValue::from_str(language)
                .map_err(|_| refused(&CREATE, "the language cannot stand in a header"))?;
            builder = builder.header(ACCEPT_LANGUAGE, language);
        }
        let request = builder
            .body(body(&CREATE, &request)?.into())
            .map_err(|_| refused(&CREATE, "the address cannot be written"))?;
        let reply = self
            .client
            .http()
            .execute(&CREATE, request, &self.options)
            .await?;
        let created = members(&reply, "an object with the cart's id")?;
        needed_text(&reply, &created, "cart_id", "a cart's id")
    }

    /// A cart. That there is such a call is documented; its path is assumed. The answer is not known: a bare cart is read, and
    /// one in the member `cart`, as the answer to an update has it.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let cart = shop.carts().get("9151f21f-43ae-43b4-92f3-f4af67cdf544").await?;
    /// println!("{} lines", cart.items.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) against a live address, unless [`CartNames`](crate::CartNames) are
    /// confirmed; [`NotFound`](crate::ErrorKind::NotFound) if there is none, which is so after completion as well.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn get(&self, cart_id: &str) -> Result<Cart, Error> {
        let names = &self.client.wire_names().carts;
        let operation = GET.clone().with_template(names.cart_path.as_str());
        self.client.need_confirmed(
            &operation,
            names.confirmed,
            "carts.confirmed",
            "reading a cart",
        )?;
        let segments = path_template::fill(&names.cart_path, &[("id", cart_id)]);
        let address = self.client.address(&operation, segments)?;
        let reply = self
            .client
            .call(&operation, Method::GET, &address, None, &self.options)
            .await?;
        let answer = members(&reply, "a cart")?;
        match answer.get("cart") {
            Some(raw) => Cart::read_value(raw)
                .flatten()
                .ok_or_else(|| misfit(&reply, "a cart", "/cart")),
            None => object(&reply, "a cart"),
        }
    }
}
