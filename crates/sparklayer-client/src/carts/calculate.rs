//! What a cart costs.

use connector_http::{Error, Idempotency, Operation, Reply};
use http::Method;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Carts, MoneyGroup};
use crate::json::{body, found, members, refused};
use crate::members::{Members, wire_object};
use crate::purchase::PaymentMethod;
use crate::value::text;
use crate::wire_names::CartNames;

/// It may store the chosen rate, but a second time changes nothing more.
static CALCULATE: Operation = Operation::new(
    "carts.calculate",
    Idempotency::Idempotent,
    "/api/v1/carts/{id}/calculate",
);

#[derive(Serialize)]
struct CalculateRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_rate_handle: Option<&'a str>,
}

wire_object! {
    /// A total at the stages of a discount. Documented, as far as its example was readable: later stages are reached
    /// through [`member`](Self::member).
    pub struct DiscountedTotal {
        /// Before discounts.
        pre_discount: Option<MoneyGroup> = "pre_discount",
    }
}

wire_object! {
    /// The totals of a cart. Documented, as far as its example was readable.
    pub struct CartTotals {
        /// All of it.
        total: Option<DiscountedTotal> = "total",
    }
}

/// A way to ship that a cart may choose.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CartShippingMethod {
    /// What to hand to [`Carts::calculate`] and [`CompleteCart`](super::CompleteCart). Documented to exist; its name on
    /// the wire is [`CartNames::shipping_handle`].
    pub handle: Option<String>,
    /// What the buyer reads; its name on the wire is [`CartNames::shipping_name`].
    pub name: Option<String>,
    members: Members,
}

impl CartShippingMethod {
    /// The exact text of a member, known or not.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&RawValue> {
        self.members.get(name)
    }
}

/// What a cart costs, and how it may be shipped and paid.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CartCalculation {
    /// The totals. Documented.
    pub totals: CartTotals,
    /// The ways to ship. `None` if no such member is there under the [configured name](CartNames::shipping_methods), or
    /// it is not readable.
    pub shipping_methods: Option<Vec<CartShippingMethod>>,
    /// The ways to pay. `None` as above, see [`CartNames::payment_methods`].
    pub payment_methods: Option<Vec<PaymentMethod>>,
    members: Members,
    unreadable: Vec<String>,
}

impl CartCalculation {
    fn read(reply: &Reply, names: &CartNames) -> Result<Self, Error> {
        let members = members(reply, "an object with totals")?;
        let mut unreadable = Vec::new();
        let shipping = members.get(&names.shipping_methods);
        let shipping = shipping.map(|raw| shipping_methods(raw, names));
        if shipping == Some(None) {
            unreadable.push(format!("/{}", names.shipping_methods));
        }
        let payment = members.get(&names.payment_methods);
        let payment = payment.map(|raw| payment_methods(raw, names));
        if payment == Some(None) {
            unreadable.push(format!("/{}", names.payment_methods));
        }
        Ok(Self {
            totals: found(&members, "totals", &mut unreadable).unwrap_or_default(),
            shipping_methods: shipping.flatten(),
            payment_methods: payment.flatten(),
            members,
            unreadable,
        })
    }

    /// The JSON pointers of members that were there but not readable. They count as absent.
    #[must_use]
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// The exact text of a member of the answer, known or not.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&RawValue> {
        self.members.get(name)
    }
}

fn shipping_methods(raw: &RawValue, names: &CartNames) -> Option<Vec<CartShippingMethod>> {
    let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).ok()?;
    let method = |item: &RawValue| {
        let members = Members::parse(item)?;
        let member = |name: &str| members.get(name).and_then(text).flatten();
        Some(CartShippingMethod {
            handle: member(&names.shipping_handle),
            name: member(&names.shipping_name),
            members,
        })
    };
    items.iter().map(|item| method(item)).collect()
}

/// Words, or objects with a word: which of them is not documented.
fn payment_methods(raw: &RawValue, names: &CartNames) -> Option<Vec<PaymentMethod>> {
    let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).ok()?;
    let word = |item: &RawValue| match Members::parse(item) {
        Some(members) => members.get(&names.payment_method).and_then(text).flatten(),
        None => text(item).flatten(),
    };
    let words: Option<Vec<String>> = items.iter().map(|item| word(item)).collect();
    words.map(|words| {
        words
            .iter()
            .map(|word| PaymentMethod::from(word.as_str()))
            .collect()
    })
}

impl Carts {
    /// Calculates totals and tax, and what may be chosen for shipping and payment. Documented.
    ///
    /// A shipping rate is chosen by the handle of a SparkLayer rate; without one the vendor tells what there is.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// let cost = shop.carts().calculate(id, None).await?;
    /// let rate = cost.shipping_methods.iter().flatten().find_map(|method| method.handle.as_deref());
    /// let cost = shop.carts().calculate(id, rate).await?;
    /// let net = cost.totals.total.and_then(|total| total.pre_discount).and_then(|group| group.net);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if the handle is empty, before anything is sent, and with
    /// [`CartEmpty`](crate::SparkLayerErrorCode::CartEmpty) or
    /// [`CartShippingRateHandleUnavailable`](crate::SparkLayerErrorCode::CartShippingRateHandleUnavailable);
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such cart.
    ///
    /// # Cancel safety
    ///
    /// Calling it again does no harm.
    pub async fn calculate(
        &self,
        cart_id: &str,
        shipping_rate_handle: Option<&str>,
    ) -> Result<CartCalculation, Error> {
        if shipping_rate_handle.is_some_and(|handle| handle.trim().is_empty()) {
            return Err(refused(&CALCULATE, "the shipping rate's handle is empty"));
        }
        let address = self
            .client
            .address(&CALCULATE, ["api", "v1", "carts", cart_id, "calculate"])?;
        let request = CalculateRequest {
            shipping_rate_handle,
        };
        let body = body(&CALCULATE, &request)?;
        let reply = self
            .client
            .call(
                &CALCULATE,
                Method::POST,
                &address,
                Some(body),
                &self.options,
            )
            .await?;
        CartCalculation::read(&reply, &self.client.wire_names().carts)
    }
}
