//! Placing the order.

use connector_http::{Error, ErrorKind, Idempotency, Operation};
use http::Method;
use serde::Serialize;

use super::Carts;
use crate::json::{body, members, needed_text, refused};
use crate::purchase::{PaymentMethod, PurchaseType};
use crate::purchases::LookupBy;

/// It places an order, and deletes the cart.
static COMPLETE: Operation = Operation::new(
    "carts.complete",
    Idempotency::NonIdempotent,
    "/api/v1/carts/{id}/complete",
);

/// Which validation errors do not keep a cart from being completed. Documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IgnoredValidation {
    /// None are ignored.
    #[default]
    Nothing,
    /// Errors with these codes. The list of codes is not known: they are quantities, availability and restrictions of
    /// customers (older documentation).
    Codes(Vec<String>),
    /// All errors.
    Everything,
}

/// How a cart is to be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteCart {
    payment_method: PaymentMethod,
    shipping_rate_handle: Option<String>,
    ignored: IgnoredValidation,
}

impl CompleteCart {
    /// With a payment method, such as [`PaymentMethod::Invoice`]. Documented.
    #[must_use]
    pub const fn new(payment_method: PaymentMethod) -> Self {
        Self {
            payment_method,
            shipping_rate_handle: None,
            ignored: IgnoredValidation::Nothing,
        }
    }

    /// With a shipping rate, by the handle from a [calculation](Carts::calculate). Documented.
    #[must_use]
    pub fn with_shipping_rate(mut self, handle: impl Into<String>) -> Self {
        self.shipping_rate_handle = Some(handle.into());
        self
    }

    /// In spite of some or all validation errors. Documented.
    #[must_use]
    pub fn ignoring(mut self, ignored: IgnoredValidation) -> Self {
        self.ignored = ignored;
        self
    }
}

#[derive(Serialize)]
struct CompleteRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_rate_handle: Option<&'a str>,
    payment_method: &'a str,
    ignore_validation_errors: Vec<&'a str>,
}

/// What became of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CartCompletion {
    /// It is an order.
    Completed {
        /// The purchase's id, which is that of the cart (documented).
        purchase_id: String,
    },
    /// It was still a cart when looked at. A request that is still under way may complete it yet: look again before
    /// completing it anew.
    NotCompleted,
    /// Neither was proven. **Do not complete it anew**: look again later with [`Carts::completion_of`].
    Unknown,
}

/// What became of a call to complete a cart.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompletionReport {
    /// What became of the cart.
    pub completion: CartCompletion,
    /// Why the cart had to be looked for: a lost answer, or a 404. `None` if the vendor's own answer told.
    pub cause: Option<Error>,
    /// Why the look failed, if it did.
    pub look_failure: Option<Error>,
}

/// The outcome of a look.
struct Look {
    completion: CartCompletion,
    failure: Option<Error>,
}

impl Look {
    const fn saw(completion: CartCompletion) -> Self {
        Self {
            completion,
            failure: None,
        }
    }

    fn failed(error: Error) -> Self {
        Self {
            completion: CartCompletion::Unknown,
            failure: Some(error),
        }
    }
}

impl Carts {
    /// Completes a cart: places the order, after which the cart is gone. Documented; whether the order also reaches the
    /// ecommerce platform is not.
    ///
    /// Never repeated blindly. When the answer is lost, and on a 404 (which a cart that was completed before gives as
    /// well), the purchase is looked for by the cart's id, and the report says what was seen.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::{CartCompletion, CompleteCart, IgnoredValidation, PaymentMethod, SparkLayerErrorCode};
    /// let order = CompleteCart::new(PaymentMethod::Invoice);
    /// let report = match shop.carts().complete(id, &order).await {
    ///     Err(error) if SparkLayerErrorCode::CartValidationErrors.is_in(&error) => {
    ///         let order = order.ignoring(IgnoredValidation::Everything);
    ///         shop.carts().complete(id, &order).await?
    ///     }
    ///     other => other?,
    /// };
    /// if let CartCompletion::Completed { purchase_id } = report.completion {
    ///     println!("placed as {purchase_id}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What proves that nothing was placed: [`InvalidRequest`](ErrorKind::InvalidRequest) for values that cannot be,
    /// before anything is sent, and with [`CartValidationErrors`](crate::SparkLayerErrorCode::CartValidationErrors); a
    /// connection that never came about; throttling.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the order was placed: ask [`completion_of`](Self::completion_of).
    pub async fn complete(
        &self,
        cart_id: &str,
        order: &CompleteCart,
    ) -> Result<CompletionReport, Error> {
        let handle = order.shipping_rate_handle.as_deref();
        if handle.is_some_and(|handle| handle.trim().is_empty()) {
            return Err(refused(&COMPLETE, "the shipping rate's handle is empty"));
        }
        let ignored = match &order.ignored {
            IgnoredValidation::Nothing => Vec::new(),
            IgnoredValidation::Codes(codes) => codes.iter().map(String::as_str).collect(),
            IgnoredValidation::Everything => vec!["*"],
        };
        let request = CompleteRequest {
            shipping_rate_handle: handle,
            payment_method: order.payment_method.as_str(),
            ignore_validation_errors: ignored,
        };
        let body = body(&COMPLETE, &request)?;
        let cause = match self.send_completion(cart_id, body).await {
            Ok(purchase_id) => {
                return Ok(CompletionReport {
                    completion: CartCompletion::Completed { purchase_id },
                    cause: None,
                    look_failure: None,
                });
            }
            Err(error) if error.is_ambiguous() || error.is_not_found() => error,
            Err(error) => return Err(error),
        };
        let look = self.look_for_order(cart_id).await;
        Ok(CompletionReport {
            completion: look.completion,
            cause: Some(cause),
            look_failure: look.failure,
        })
    }

    async fn send_completion(&self, cart_id: &str, body: Vec<u8>) -> Result<String, Error> {
        let address = self
            .client
            .address(&COMPLETE, ["api", "v1", "carts", cart_id, "complete"])?;
        let reply = self
            .client
            .call(&COMPLETE, Method::POST, &address, Some(body), &self.options)
            .await?;
        let answer = members(&reply, "an object with the purchase's id")?;
        needed_text(&reply, &answer, "purchase_id", "a purchase's id")
    }

    /// What became of a cart, as far as can be seen: is there an order under its id, or is it still a cart? Sends nothing
    /// that changes anything.
    ///
    /// A purchase under the cart's id that is an order, unconfirmed or awaiting approval proves completion; one that is a
    /// cart proves the contrary, and so does the cart itself, where it may be read (see [`get`](Self::get)). If neither is
    /// there, the answer is [`Unknown`](CartCompletion::Unknown): an order may show up late.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::CartCompletion;
    /// if shop.carts().completion_of(id).await? == CartCompletion::Unknown {
    ///     println!("look again later");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) if the id is not a UUID; else why the look failed.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn completion_of(&self, cart_id: &str) -> Result<CartCompletion, Error> {
        let look = self.look_for_order(cart_id).await;
        look.failure.map_or(Ok(look.completion), Err)
    }

    async fn look_for_order(&self, cart_id: &str) -> Look {
        let purchases = self.client.purchases().with_options(self.options.clone());
        match purchases.get(LookupBy::Sparklayer, cart_id).await {
            Ok(purchase) => {
                let known = purchase.identifiers.sparklayer.as_deref();
                if known.is_some_and(|known| !known.eq_ignore_ascii_case(cart_id)) {
                    return Look::saw(CartCompletion::Unknown);
                }
                match purchase.purchase_type {
                    Some(
                        PurchaseType::Order
                        | PurchaseType::OrderUnconfirmed
                        | PurchaseType::AwaitingApproval,
                    ) => Look::saw(CartCompletion::Completed {
                        purchase_id: known.unwrap_or(cart_id).to_owned(),
                    }),
                    Some(PurchaseType::Cart) => Look::saw(CartCompletion::NotCompleted),
                    // A quote may be what it was made from or what it became.
                    _ => Look::saw(CartCompletion::Unknown),
                }
            }
            Err(error) if error.is_not_found() => self.look_for_cart(cart_id).await,
            Err(error) => Look::failed(error),
        }
    }

    async fn look_for_cart(&self, cart_id: &str) -> Look {
        match self.get(cart_id).await {
            Ok(cart) => {
                let same = cart
                    .id
                    .is_some_and(|known| known.eq_ignore_ascii_case(cart_id));
                Look::saw(if same {
                    CartCompletion::NotCompleted
                } else {
                    CartCompletion::Unknown
                })
            }
            // Neither is there, or a cart may not be read by an assumed path: nothing is proven, and nothing failed.
            Err(error) if error.is_not_found() || error.kind() == ErrorKind::Unsupported => {
                Look::saw(CartCompletion::Unknown)
            }
            Err(error) => Look::failed(error),
        }
    }
}
