//! The order as it is sent.

use chrono::NaiveDate;
use connector_http::Personal;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::contract::Contract;

/// An order to create (shape assumed).
///
/// The client sends it as it is. Limits of the contract, such as 12 characters for the reference, are the warehouse's to
/// judge: it answers 422 with every complaint.
///
/// ```
/// use whistl_client::orders::{NewLine, NewOrder, NewRecipient};
/// let recipient = NewRecipient::new("Goods In", "8 Sample Street", "Exampleton", "ZZ9 9ZZ", "GB", "447700900123");
/// let order = NewOrder::new("B7Q2M4XK3P5A", "SAMPLE", recipient, [NewLine::new("1", "MUG01", 2)])
///     .with_order_number("SO-10001")
///     .with_purchase_order("PO-7781");
/// assert_eq!(order.lines.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewOrder {
    /// The client reference, unique for the account.
    pub reference: String,
    /// The number the buyer sees.
    pub order_number: Option<String>,
    /// The buyer's purchase order number, sent as [`Contract::po_field`].
    pub purchase_order: Option<String>,
    /// The service code: a code of the account's list, never a name.
    pub service_code: String,
    /// The currency.
    pub currency: Option<String>,
    /// The date the buyer asked for.
    pub requested_date: Option<NaiveDate>,
    /// Text for the driver; it may name people and places.
    pub instructions: Option<Personal<String>>,
    /// Whether what is there may leave before the rest; the warehouse's own rule where nothing is said.
    pub may_part_ship: Option<bool>,
    /// What is declared to customs.
    pub customs: Option<NewCustoms>,
    /// The recipient.
    pub recipient: NewRecipient,
    /// The lines.
    pub lines: Vec<NewLine>,
}

/// What is declared to customs of a whole order (shape assumed).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewCustoms {
    /// Who pays duty and bears the risk, such as `DDP`.
    pub incoterm: Option<String>,
    /// The sender's trader number.
    pub sender_eori: Option<String>,
    /// The sender's number in the UK Internal Market Scheme.
    pub sender_ukims: Option<String>,
    /// The receiver's trader number.
    pub recipient_eori: Option<Personal<String>>,
}

impl NewCustoms {
    /// Nothing yet; set the members that are known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn body(&self, contract: &Contract) -> Value {
        let names = &contract.customs;
        let mut body = Map::new();
        put(&mut body, &names.incoterm, self.incoterm.as_deref());
        put(&mut body, &names.sender_eori, self.sender_eori.as_deref());
        put(&mut body, &names.sender_ukims, self.sender_ukims.as_deref());
        put(
            &mut body,
            &names.recipient_eori,
            plain(self.recipient_eori.as_ref()),
        );
        Value::Object(body)
    }
}

impl NewOrder {
    /// An order with what the contract requires.
    pub fn new(
        reference: impl Into<String>,
        service_code: impl Into<String>,
        recipient: NewRecipient,
        lines: impl IntoIterator<Item = NewLine>,
    ) -> Self {
        Self {
            reference: reference.into(),
            order_number: None,
            purchase_order: None,
            service_code: service_code.into(),
            currency: None,
            requested_date: None,
            instructions: None,
            may_part_ship: None,
            customs: None,
            recipient,
            lines: lines.into_iter().collect(),
        }
    }

    /// Sets the number the buyer sees.
    #[must_use]
    pub fn with_order_number(mut self, number: impl Into<String>) -> Self {
        self.order_number = Some(number.into());
        self
    }

    /// Says whether what is there may leave before the rest.
    #[must_use]
    pub const fn with_part_shipment(mut self, allowed: bool) -> Self {
        self.may_part_ship = Some(allowed);
        self
    }

    /// Sets what is declared to customs.
    #[must_use]
    pub fn with_customs(mut self, customs: NewCustoms) -> Self {
        self.customs = Some(customs);
        self
    }

    /// Sets the buyer's purchase order number.
    #[must_use]
    pub fn with_purchase_order(mut self, number: impl Into<String>) -> Self {
        self.purchase_order = Some(number.into());
        self
    }

    /// Sets the currency.
    #[must_use]
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets the date the buyer asked for.
    #[must_use]
    pub const fn with_requested_date(mut self, date: NaiveDate) -> Self {
        self.requested_date = Some(date);
        self
    }

    /// Sets the text for the driver.
    #[must_use]
    pub fn with_instructions(mut self, text: impl Into<Personal<String>>) -> Self {
        self.instructions = Some(text.into());
        self
    }

    /// The body, in the contract's names. What is `None` is left out.
    pub(super) fn body(&self, contract: &Contract) -> Value {
        let names = &contract.order;
        let mut body = Map::new();
        put(&mut body, &names.reference, Some(self.reference.as_str()));
        put(&mut body, &names.order_number, self.order_number.as_deref());
        put(
            &mut body,
            &contract.po_field,
            self.purchase_order.as_deref(),
        );
        put(
            &mut body,
            &names.service_code,
            Some(self.service_code.as_str()),
        );
        put(&mut body, &names.currency, self.currency.as_deref());
        put(
            &mut body,
            &names.requested_date,
            self.requested_date.map(|date| date.to_string()),
        );
        put(
            &mut body,
            &names.instructions,
            plain(self.instructions.as_ref()),
        );
        put(
            &mut body,
            &names.recipient,
            Some(self.recipient.body(contract)),
        );
        put(&mut body, &names.may_part_ship, self.may_part_ship);
        let customs = self.customs.as_ref().map(|customs| customs.body(contract));
        put(&mut body, &names.customs, customs);
        let lines: Vec<Value> = self.lines.iter().map(|line| line.body(contract)).collect();
        put(&mut body, &names.lines, Some(lines));
        Value::Object(body)
    }
}

/// The recipient of an order to create. Every member is personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewRecipient {
    /// The person's name.
    pub name: Personal<String>,
    /// The company.
    pub company: Option<Personal<String>>,
    /// First address line.
    pub line1: Personal<String>,
    /// Second address line.
    pub line2: Option<Personal<String>>,
    /// City.
    pub city: Personal<String>,
    /// County.
    pub county: Option<Personal<String>>,
    /// Postcode.
    pub postcode: Personal<String>,
    /// Country, two letters.
    pub country: Personal<String>,
    /// Phone: digits with the country code and no plus.
    pub phone: Personal<String>,
    /// E-mail address.
    pub email: Option<Personal<String>>,
}

impl NewRecipient {
    /// A recipient with what the contract requires.
    pub fn new(
        name: impl Into<Personal<String>>,
        line1: impl Into<Personal<String>>,
        city: impl Into<Personal<String>>,
        postcode: impl Into<Personal<String>>,
        country: impl Into<Personal<String>>,
        phone: impl Into<Personal<String>>,
    ) -> Self {
        Self {
            name: name.into(),
            company: None,
            line1: line1.into(),
            line2: None,
            city: city.into(),
            county: None,
            postcode: postcode.into(),
            country: country.into(),
            phone: phone.into(),
            email: None,
        }
    }

    /// Sets the company.
    #[must_use]
    pub fn with_company(mut self, company: impl Into<Personal<String>>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// Sets the second address line.
    #[must_use]
    pub fn with_line2(mut self, line: impl Into<Personal<String>>) -> Self {
        self.line2 = Some(line.into());
        self
    }

    /// Sets the county.
    #[must_use]
    pub fn with_county(mut self, county: impl Into<Personal<String>>) -> Self {
        self.county = Some(county.into());
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<Personal<String>>) -> Self {
        self.email = Some(email.into());
        self
    }

    pub(super) fn body(&self, contract: &Contract) -> Value {
        let names = &contract.recipient;
        let mut body = Map::new();
        put(&mut body, &names.name, plain(Some(&self.name)));
        put(&mut body, &names.company, plain(self.company.as_ref()));
        put(&mut body, &names.line1, plain(Some(&self.line1)));
        put(&mut body, &names.line2, plain(self.line2.as_ref()));
        put(&mut body, &names.city, plain(Some(&self.city)));
        put(&mut body, &names.county, plain(self.county.as_ref()));
        put(&mut body, &names.postcode, plain(Some(&self.postcode)));
        put(&mut body, &names.country, plain(Some(&self.country)));
        put(&mut body, &names.phone, plain(Some(&self.phone)));
        put(&mut body, &names.email, plain(self.email.as_ref()));
        Value::Object(body)
    }
}

/// A line of an order to create.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewLine {
    /// The client's line id, unique in the order. Despatches name it.
    pub line_id: String,
    /// The warehouse's SKU.
    pub sku: String,
    /// The quantity.
    pub quantity: u32,
    /// The description.
    pub description: Option<String>,
    /// The unit price, sent as decimal text.
    pub unit_price: Option<Decimal>,
    /// The commodity code of the goods.
    pub commodity_code: Option<String>,
    /// The country of origin of the goods, two letters.
    pub origin: Option<String>,
    /// The value of one unit for customs, sent as decimal text.
    pub customs_value: Option<Decimal>,
    /// The net weight of one unit in grams.
    pub net_weight_grams: Option<u32>,
}

impl NewLine {
    /// A line.
    pub fn new(line_id: impl Into<String>, sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            line_id: line_id.into(),
            sku: sku.into(),
            quantity,
            description: None,
            unit_price: None,
            commodity_code: None,
            origin: None,
            customs_value: None,
            net_weight_grams: None,
        }
    }

    /// Sets what is declared of the goods: commodity code, country of origin, and the value of one unit.
    #[must_use]
    pub fn with_goods(
        mut self,
        commodity_code: impl Into<String>,
        origin: impl Into<String>,
        value: Option<Decimal>,
    ) -> Self {
        self.commodity_code = Some(commodity_code.into());
        self.origin = Some(origin.into());
        self.customs_value = value;
        self
    }

    /// Sets the net weight of one unit in grams.
    #[must_use]
    pub const fn with_net_weight_grams(mut self, grams: u32) -> Self {
        self.net_weight_grams = Some(grams);
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the unit price.
    #[must_use]
    pub const fn with_unit_price(mut self, price: Decimal) -> Self {
        self.unit_price = Some(price);
        self
    }

    fn body(&self, contract: &Contract) -> Value {
        let names = &contract.line;
        let mut body = Map::new();
        put(&mut body, &names.line_id, Some(self.line_id.as_str()));
        put(&mut body, &names.sku, Some(self.sku.as_str()));
        put(&mut body, &names.quantity, Some(self.quantity));
        put(&mut body, &names.description, self.description.as_deref());
        put(
            &mut body,
            &names.unit_price,
            self.unit_price.map(|price| price.to_string()),
        );
        put(
            &mut body,
            &names.commodity_code,
            self.commodity_code.as_deref(),
        );
        put(&mut body, &names.origin, self.origin.as_deref());
        put(
            &mut body,
            &names.customs_value,
            self.customs_value.map(|value| value.to_string()),
        );
        put(&mut body, &names.net_weight, self.net_weight_grams);
        Value::Object(body)
    }
}

pub(super) fn plain(text: Option<&Personal<String>>) -> Option<&str> {
    text.map(|text| text.expose().as_str())
}

pub(super) fn put(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}
