//! Changing a cart.

use std::collections::BTreeMap;

use connector_http::{Error, Idempotency, Operation, Personal, Reply};
use http::Method;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Cart, Carts};
use crate::customers::CustomerAddress;
use crate::json::{body, found, members, refused};
use crate::members::{Members, wire_object};
use crate::wire_names::CartNames;

/// Lines and quantities are absolute: the same update twice leaves the same cart.
static UPDATE: Operation = Operation::new(
    "carts.update",
    Idempotency::Idempotent,
    "/api/v1/carts/{id}",
);

/// A line of a cart, with its absolute quantity. Documented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CartLine {
    sku: String,
    quantity: u32,
}

impl CartLine {
    /// So many of a SKU, in units; pack sizes only force multiples (assumed).
    #[must_use]
    pub fn new(sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            sku: sku.into(),
            quantity,
        }
    }

    /// The SKU.
    #[must_use]
    pub fn sku(&self) -> &str {
        &self.sku
    }

    /// How many.
    #[must_use]
    pub const fn quantity(&self) -> u32 {
        self.quantity
    }
}

/// A change of a cart. What is not set stays as it is, but **the lines are always replaced**: an update with no lines
/// empties the cart. Documented. `Debug` masks what is personal.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CartUpdate {
    line_items: Vec<CartLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_address_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_shipping_address: Option<CustomerAddress>,
    #[serde(skip)]
    custom_fields: Option<Vec<(String, Personal<String>)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_reference: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    po_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_requested_date: Option<String>,
}

impl CartUpdate {
    /// All lines that the cart shall have.
    #[must_use]
    pub fn new(lines: Vec<CartLine>) -> Self {
        Self {
            line_items: lines,
            ..Self::default()
        }
    }

    /// The delivery address, by its id. Documented; the form of the id is not known.
    #[must_use]
    pub fn with_shipping_address(mut self, id: impl Into<String>) -> Self {
        self.shipping_address_id = Some(id.into());
        self
    }

    /// A delivery address for this order only; it wins over the id. Documented, meant for drop shipping; its members but
    /// the first name are assumed to be those of a customer's address.
    #[must_use]
    pub fn with_temporary_shipping_address(mut self, address: CustomerAddress) -> Self {
        self.temporary_shipping_address = Some(address);
        self
    }

    /// All checkout fields that the cart shall have, by name and value. Documented to be replaced as a whole; the name of
    /// the value's member is assumed.
    #[must_use]
    pub fn with_custom_fields(
        mut self,
        fields: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name, Personal::new(value)));
        self.custom_fields = Some(fields.collect());
        self
    }

    /// The buyer's own reference; an empty text clears it. Documented.
    #[must_use]
    pub fn with_customer_reference(mut self, reference: impl Into<String>) -> Self {
        self.customer_reference = Some(Personal::new(reference.into()));
        self
    }

    /// The PO number, which a cart has beside the reference; an empty text clears it. Documented.
    #[must_use]
    pub fn with_po_number(mut self, number: impl Into<String>) -> Self {
        self.po_number = Some(Personal::new(number.into()));
        self
    }

    /// The delivery date that the buyer asks for; an empty text clears it. Documented; the form of the date is not, so
    /// the text goes out as it is.
    #[must_use]
    pub fn with_shipping_requested_date(mut self, date: impl Into<String>) -> Self {
        self.shipping_requested_date = Some(date.into());
        self
    }

    /// What is set and rests on a name that is not certain.
    fn unconfirmed_part(&self) -> Option<&'static str> {
        if self.temporary_shipping_address.is_some() {
            Some("a temporary address of a cart")
        } else if self.custom_fields.is_some() {
            Some("a checkout field of a cart")
        } else {
            None
        }
    }
}

/// What goes out: the certain members by their own names, the others by configured ones.
#[derive(Serialize)]
struct UpdateRequest<'a> {
    #[serde(flatten)]
    certain: &'a CartUpdate,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_fields: Option<Vec<BTreeMap<&'a str, String>>>,
}

wire_object! {
    /// What the vendor says of a line or of the cart. Which members it has is not known: these are assumed, and all others
    /// are reached through [`member`](Self::member).
    pub struct CartFinding {
        /// The SKU.
        sku: Option<String> = "sku",
        /// The code, to be ignored by, in [`CompleteCart`](crate::CompleteCart).
        code: Option<String> = "code",
        /// The words.
        message: Option<Personal<String>> = "message",
    }
}

/// The answer to an update.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CartUpdated {
    /// The cart as it is now. Documented.
    pub cart: Cart,
    /// What became of each line, in the vendor's order. `None` if no such member is there under the
    /// [configured name](CartNames::line_results) or it is not readable: then nothing is known of the lines.
    pub line_results: Option<Vec<CartFinding>>,
    /// What is wrong with the cart. `None` as above, see [`CartNames::validation_errors`].
    pub validation_errors: Option<Vec<CartFinding>>,
    members: Members,
    unreadable: Vec<String>,
}

impl CartUpdated {
    fn read(reply: &Reply, names: &CartNames) -> Result<Self, Error> {
        let members = members(reply, "an object with the cart")?;
        let mut unreadable = Vec::new();
        Ok(Self {
            cart: found(&members, "cart", &mut unreadable).unwrap_or_default(),
            line_results: found(&members, &names.line_results, &mut unreadable),
            validation_errors: found(&members, &names.validation_errors, &mut unreadable),
            members,
            unreadable,
        })
    }

    /// The JSON pointers of members that were there but not readable. They count as absent.
    #[must_use]
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// The exact text of a member of the answer, known or not. May be personal.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&RawValue> {
        self.members.get(name)
    }
}

impl Carts {
    /// Replaces the lines of a cart, and changes what else is set. Documented.
    ///
    /// A line that the vendor refuses does not fail the call: see [`CartUpdated::line_results`].
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// use sparklayer_client::{CartLine, CartUpdate};
    /// let update = CartUpdate::new(vec![CartLine::new("SKU-1", 4)]).with_po_number("PO 4711");
    /// let updated = shop.carts().update(id, &update).await?;
    /// assert_eq!(updated.cart.items.len(), 1, "a line was refused");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if there are more lines than
    /// [allowed](Carts::with_line_limit) or a SKU is empty; [`Unsupported`](crate::ErrorKind::Unsupported) for a
    /// temporary address or checkout fields against a live address, unless [`CartNames`] are confirmed. Then
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such cart.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the cart was changed. Calling it again does no harm.
    pub async fn update(&self, cart_id: &str, update: &CartUpdate) -> Result<CartUpdated, Error> {
        if update.line_items.len() > self.line_limit {
            return Err(refused(&UPDATE, "more lines than a cart may have"));
        }
        if update
            .line_items
            .iter()
            .any(|line| line.sku.trim().is_empty())
        {
            return Err(refused(&UPDATE, "a SKU is empty"));
        }
        let names = &self.client.wire_names().carts;
        if let Some(part) = update.unconfirmed_part() {
            self.client
                .need_confirmed(&UPDATE, names.confirmed, "carts.confirmed", part)?;
        }
        let address = self
            .client
            .address(&UPDATE, ["api", "v1", "carts", cart_id])?;
        let custom_fields = update.custom_fields.as_ref().map(|fields| {
            let field = |(name, value): &'_ (String, Personal<String>)| {
                BTreeMap::from([
                    ("name", name.clone()),
                    (names.custom_field_value.as_str(), value.expose().clone()),
                ])
            };
            fields.iter().map(field).collect()
        });
        let request = UpdateRequest {
            certain: update,
            custom_fields,
        };
        let body = body(&UPDATE, &request)?;
        let reply = self
            .client
            .call(&UPDATE, Method::PATCH, &address, Some(body), &self.options)
            .await?;
        CartUpdated::read(&reply, names)
    }
}
