//! The order as an order file carries it.

use connector_http::Personal;
use rust_decimal::Decimal;

/// An order for the CSV route: one order becomes one file, one row for each line.
///
/// The members are those of the importer's template (seen in use). What is left `None` is written blank, and the importer's own
/// default applies; it is named at each member.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileOrder {
    /// `Ref_No`: the client reference, at most 12 characters, with at least one letter.
    pub reference: String,
    /// The buyer's purchase order number, in the appended column ([`OrderFileLayout`](super::OrderFileLayout)).
    pub purchase_order: Option<String>,
    /// `Method`: enquiry method. Blank: the importer's default for web orders.
    pub method: Option<String>,
    /// `Customer`: customer number at the warehouse. Blank: none.
    pub customer: Option<String>,
    /// `Carrier`: carrier code. Blank: `RECALC`, which lets the warehouse choose.
    pub carrier: Option<String>,
    /// `DelMethod`: delivery-method code. Blank: `RECALC`, which lets the warehouse choose.
    pub delivery_method: Option<String>,
    /// The invoice party.
    pub invoice: FileParty,
    /// The delivery party. `None`: the importer takes the invoice party. A delivery party needs its own country, and its own
    /// company and county where the invoice party has them ([`Trap::FallsBack`](super::Trap::FallsBack)); a blank phone
    /// number or e-mail address is taken from the invoice party.
    pub delivery: Option<FileParty>,
    /// `DelChg`: gross delivery charge. Blank: 0.
    pub delivery_charge: Option<Decimal>,
    /// `OrdTotal`: gross total. Blank: the importer adds up the lines and the delivery charge.
    pub total: Option<Decimal>,
    /// The lines, in the order in which they are written.
    pub lines: Vec<FileLine>,
}

impl FileOrder {
    /// An order with what the importer requires.
    pub fn new(
        reference: impl Into<String>,
        invoice: FileParty,
        lines: impl IntoIterator<Item = FileLine>,
    ) -> Self {
        Self {
            reference: reference.into(),
            purchase_order: None,
            method: None,
            customer: None,
            carrier: None,
            delivery_method: None,
            invoice,
            delivery: None,
            delivery_charge: None,
            total: None,
            lines: lines.into_iter().collect(),
        }
    }

    /// Sets the buyer's purchase order number.
    #[must_use]
    pub fn with_purchase_order(mut self, number: impl Into<String>) -> Self {
        self.purchase_order = Some(number.into());
        self
    }

    /// Sets the enquiry method.
    #[must_use]
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Sets the customer number at the warehouse.
    #[must_use]
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets the carrier code and the delivery-method code; the warehouse looks the pair up, so they belong together.
    #[must_use]
    pub fn with_service(
        mut self,
        carrier: impl Into<String>,
        delivery_method: impl Into<String>,
    ) -> Self {
        self.carrier = Some(carrier.into());
        self.delivery_method = Some(delivery_method.into());
        self
    }

    /// Sets a delivery party that differs from the invoice party.
    #[must_use]
    pub fn with_delivery(mut self, delivery: FileParty) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// Sets the gross delivery charge.
    #[must_use]
    pub fn with_delivery_charge(mut self, gross: Decimal) -> Self {
        self.delivery_charge = Some(gross);
        self
    }

    /// Sets the gross total.
    #[must_use]
    pub fn with_total(mut self, gross: Decimal) -> Self {
        self.total = Some(gross);
        self
    }
}

/// A name and an address in an order file. Every member but the country is personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileParty {
    /// First name. Required by the importer.
    pub first_name: Personal<String>,
    /// Surname. Required by the importer.
    pub surname: Personal<String>,
    /// Company.
    pub company: Option<Personal<String>>,
    /// Postcode. Required by the importer.
    pub postcode: Personal<String>,
    /// Address lines, joined with `~` when written. Required by the importer.
    pub address: Vec<Personal<String>>,
    /// City. Required by the importer.
    pub city: Personal<String>,
    /// County.
    pub county: Option<Personal<String>>,
    /// Country, two letters; not personal data. Blank: `GB`.
    pub country: Option<String>,
    /// Phone: digits with the country code, no plus, at most 12.
    pub phone: Option<Personal<String>>,
    /// E-mail address.
    pub email: Option<Personal<String>>,
}

impl FileParty {
    /// A party with what the importer requires of the invoice party.
    pub fn new<L: Into<String>>(
        first_name: impl Into<String>,
        surname: impl Into<String>,
        postcode: impl Into<String>,
        address: impl IntoIterator<Item = L>,
        city: impl Into<String>,
    ) -> Self {
        Self {
            first_name: Personal::new(first_name.into()),
            surname: Personal::new(surname.into()),
            company: None,
            postcode: Personal::new(postcode.into()),
            address: address
                .into_iter()
                .map(|line| Personal::new(line.into()))
                .collect(),
            city: Personal::new(city.into()),
            county: None,
            country: None,
            phone: None,
            email: None,
        }
    }

    /// Sets the company.
    #[must_use]
    pub fn with_company(mut self, company: impl Into<String>) -> Self {
        self.company = Some(Personal::new(company.into()));
        self
    }

    /// Sets the county.
    #[must_use]
    pub fn with_county(mut self, county: impl Into<String>) -> Self {
        self.county = Some(Personal::new(county.into()));
        self
    }

    /// Sets the country, two letters.
    #[must_use]
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Sets the phone number: digits with the country code and no plus.
    #[must_use]
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(Personal::new(phone.into()));
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(Personal::new(email.into()));
        self
    }
}

/// One line of an order: one row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileLine {
    /// `Part`: the warehouse's SKU, at most 24 characters, with at least one letter.
    pub sku: String,
    /// `Qty`: a whole number from 1 to 99,999. A decimal, so that a fraction can be refused instead of rounded on the way.
    pub quantity: Decimal,
    /// `UnitPrice`: gross. Blank: 0.
    pub unit_price: Option<Decimal>,
    /// `Personalisation`: text to put on the article; personal data.
    pub personalisation: Option<Personal<String>>,
}

impl FileLine {
    /// A line.
    pub fn new(sku: impl Into<String>, quantity: impl Into<Decimal>) -> Self {
        Self {
            sku: sku.into(),
            quantity: quantity.into(),
            unit_price: None,
            personalisation: None,
        }
    }

    /// Sets the gross unit price.
    #[must_use]
    pub fn with_unit_price(mut self, gross: Decimal) -> Self {
        self.unit_price = Some(gross);
        self
    }

    /// Sets the text to put on the article.
    #[must_use]
    pub fn with_personalisation(mut self, text: impl Into<String>) -> Self {
        self.personalisation = Some(Personal::new(text.into()));
        self
    }
}
