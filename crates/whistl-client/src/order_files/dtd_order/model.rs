//! The order as a `DTD_ORDER` file carries it.

use chrono::NaiveDate;
use connector_http::Personal;
use rust_decimal::Decimal;

use super::amount::{Amount, to_the_penny};
use super::raw::RawElement;

/// Status of an order that may be worked on (seen in use).
const OPEN: &str = "30";
/// Status of an order on hold (seen in use).
const ON_HOLD: &str = "210";

/// One order of a file: an `OrderHead` (seen in use).
///
/// What is left empty is written as an empty element. The defaults are those of the importer that writes such files itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdOrder {
    /// `Site`. Default empty.
    pub site: String,
    /// `Method`: enquiry method. Default `WEB`.
    pub method: String,
    /// `OrderReferences`: the client reference, at most 12 characters.
    pub reference: String,
    /// `Buyer`: customer number at the warehouse. Default empty.
    pub buyer: String,
    /// `ExternalCustomerCode`: normally the same. Default empty.
    pub external_customer_code: String,
    /// `OrderDate`, written `dd/mm/yyyy`.
    pub order_date: Option<NaiveDate>,
    /// `CustType`. Default empty.
    pub customer_type: String,
    /// `OrderStatus`: `30` is open and the default, `210` on hold; other values are not known.
    pub status: String,
    /// `OrderHoldReason`: a code. The element is written only for an order that has one.
    pub hold_reason: Option<String>,
    /// `CustomerReference`: the buyer's purchase order number.
    pub customer_reference: String,
    /// The invoice party.
    pub invoice: DtdParty,
    /// `OrdDelChrg…`: delivery charge.
    pub delivery_charge: Amount,
    /// `OrdTotal…`. `None`: the sum of lines and delivery charge when written; its VAT is derived from that sum, or summed too
    /// where one of them states its own.
    pub total: Option<Amount>,
    /// `OrderSource`. Default `WEB`.
    pub source: String,
    /// `Currency`. Default `GBP`.
    pub currency: String,
    /// `OptInData`.
    pub opt_in: DtdOptIn,
    /// `OrderRecipient`, with the lines.
    pub recipient: DtdRecipient,
    /// `OrderPayment`, in another dialect `Payment`.
    pub payment: DtdPayment,
    /// Elements that the crate does not know, as they were read. They are written after the known ones.
    pub extra: Vec<RawElement>,
}

impl DtdOrder {
    /// An open order that is delivered to the invoice party.
    pub fn new(
        reference: impl Into<String>,
        order_date: NaiveDate,
        invoice: DtdParty,
        lines: impl IntoIterator<Item = DtdLine>,
    ) -> Self {
        Self {
            site: String::new(),
            method: "WEB".to_owned(),
            reference: reference.into(),
            buyer: String::new(),
            external_customer_code: String::new(),
            order_date: Some(order_date),
            customer_type: String::new(),
            status: OPEN.to_owned(),
            hold_reason: None,
            customer_reference: String::new(),
            recipient: DtdRecipient::new(invoice.clone(), lines),
            invoice,
            delivery_charge: Amount::default(),
            total: None,
            source: "WEB".to_owned(),
            currency: "GBP".to_owned(),
            opt_in: DtdOptIn::default(),
            payment: DtdPayment::default(),
            extra: Vec::new(),
        }
    }

    /// Sets the buyer's purchase order number.
    #[must_use]
    pub fn with_purchase_order(mut self, number: impl Into<String>) -> Self {
        self.customer_reference = number.into();
        self
    }

    /// Sets the delivery charge, of the order and of its recipient.
    #[must_use]
    pub fn with_delivery_charge(mut self, charge: impl Into<Amount>) -> Self {
        self.delivery_charge = charge.into();
        self.recipient.delivery_charge = self.delivery_charge;
        self
    }

    /// Sets the total.
    #[must_use]
    pub fn with_total(mut self, total: impl Into<Amount>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// Sets a recipient who differs from the invoice party. The address reference is then the order's own, as the importer has it.
    #[must_use]
    pub fn with_delivery(mut self, party: DtdParty) -> Self {
        self.recipient.party = party;
        self.recipient.address_reference.clone_from(&self.reference);
        self
    }

    /// Sets the carrier code and the delivery-method code; the warehouse looks the pair up, so they belong together.
    #[must_use]
    pub fn with_service(
        mut self,
        carrier: impl Into<String>,
        delivery_method: impl Into<String>,
    ) -> Self {
        self.recipient.carrier = carrier.into();
        self.recipient.carrier_service = delivery_method.into();
        self
    }

    /// Puts the order on hold.
    #[must_use]
    pub fn with_hold(mut self, reason: impl Into<String>) -> Self {
        ON_HOLD.clone_into(&mut self.status);
        self.hold_reason = Some(reason.into());
        self
    }

    /// Whether the order is on hold.
    #[must_use]
    pub fn is_on_hold(&self) -> bool {
        self.status.trim() == ON_HOLD
    }

    /// An order as it is before an element of it was read.
    pub(super) fn blank() -> Self {
        Self {
            site: String::new(),
            method: String::new(),
            reference: String::new(),
            buyer: String::new(),
            external_customer_code: String::new(),
            order_date: None,
            customer_type: String::new(),
            status: String::new(),
            hold_reason: None,
            customer_reference: String::new(),
            invoice: DtdParty::default(),
            delivery_charge: Amount::default(),
            total: None,
            source: String::new(),
            currency: String::new(),
            opt_in: DtdOptIn::blank(),
            recipient: DtdRecipient::blank(),
            payment: DtdPayment::blank(),
            extra: Vec::new(),
        }
    }
}

/// A name and an address. Every member but the country is personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdParty {
    /// `…Initials`: the first name.
    pub initials: Personal<String>,
    /// `…Surname`.
    pub surname: Personal<String>,
    /// `…Company`.
    pub company: Personal<String>,
    /// `…Postcode`.
    pub postcode: Personal<String>,
    /// `…Address`: the lines, joined with `~` when written.
    pub address: Vec<Personal<String>>,
    /// `…City`.
    pub city: Personal<String>,
    /// `…County`.
    pub county: Personal<String>,
    /// `…Country`, two letters; not personal data.
    pub country: String,
    /// `…Phone`: digits with the country code, no plus, at most 12.
    pub phone: Personal<String>,
    /// `…Email`.
    pub email: Personal<String>,
}

impl DtdParty {
    /// A party in the United Kingdom without company, county, phone and e-mail address.
    pub fn new<L: Into<String>>(
        first_name: impl Into<String>,
        surname: impl Into<String>,
        postcode: impl Into<String>,
        address: impl IntoIterator<Item = L>,
        city: impl Into<String>,
    ) -> Self {
        Self {
            initials: first_name.into().into(),
            surname: surname.into().into(),
            postcode: postcode.into().into(),
            address: address
                .into_iter()
                .map(|line| Personal::new(line.into()))
                .collect(),
            city: city.into().into(),
            country: "GB".to_owned(),
            ..Self::default()
        }
    }

    /// Sets the company.
    #[must_use]
    pub fn with_company(mut self, company: impl Into<String>) -> Self {
        self.company = company.into().into();
        self
    }

    /// Sets the county.
    #[must_use]
    pub fn with_county(mut self, county: impl Into<String>) -> Self {
        self.county = county.into().into();
        self
    }

    /// Sets the country, two letters.
    #[must_use]
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = country.into();
        self
    }

    /// Sets the phone number: digits with the country code and no plus.
    #[must_use]
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = phone.into().into();
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = email.into().into();
        self
    }
}

/// Whether the customer agreed to be written to (`OptInData`). Default `F` for both, as the importer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdOptIn {
    /// `Email`.
    pub email: String,
    /// `Mail`.
    pub mail: String,
    /// Elements that the crate does not know.
    pub extra: Vec<RawElement>,
}

impl Default for DtdOptIn {
    fn default() -> Self {
        Self {
            email: "F".to_owned(),
            mail: "F".to_owned(),
            extra: Vec::new(),
        }
    }
}

impl DtdOptIn {
    const fn blank() -> Self {
        Self {
            email: String::new(),
            mail: String::new(),
            extra: Vec::new(),
        }
    }
}

/// Who gets the order, how, and what (`OrderRecipient`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdRecipient {
    /// `RecipientDelivery`. Default `1`.
    pub delivery: String,
    /// `RecipientOrderType`. Default empty.
    pub order_type: String,
    /// `RecipientAddressRef`. Default `MAIN`; the order's reference where the recipient differs from the invoice party.
    pub address_reference: String,
    /// The delivery party.
    pub party: DtdParty,
    /// `RecipientMessage`. The element is written only for an order that has one.
    pub message: Option<Personal<String>>,
    /// `RecipientDelMessage`: delivery instructions.
    pub delivery_message: Personal<String>,
    /// `RecipientDelChrg…`: normally as the order's.
    pub delivery_charge: Amount,
    /// `RecipientCarrier`: carrier code. Default `RECALC`, which lets the warehouse choose.
    pub carrier: String,
    /// `RecipientCarrierService`: delivery-method code. Default `RECALC`.
    pub carrier_service: String,
    /// `RecipientDespatchDate`. Default empty; its form is not known.
    pub despatch_date: String,
    /// `RecipientCarrierFixed`. Default `FIXED`.
    pub carrier_fixed: String,
    /// `OrderLine`s, in order.
    pub lines: Vec<DtdLine>,
    /// Elements that the crate does not know.
    pub extra: Vec<RawElement>,
}

impl DtdRecipient {
    /// A recipient with the importer's defaults.
    pub fn new(party: DtdParty, lines: impl IntoIterator<Item = DtdLine>) -> Self {
        Self {
            delivery: "1".to_owned(),
            address_reference: "MAIN".to_owned(),
            party,
            carrier: "RECALC".to_owned(),
            carrier_service: "RECALC".to_owned(),
            carrier_fixed: "FIXED".to_owned(),
            lines: lines.into_iter().collect(),
            ..Self::blank()
        }
    }

    fn blank() -> Self {
        Self {
            delivery: String::new(),
            order_type: String::new(),
            address_reference: String::new(),
            party: DtdParty::default(),
            message: None,
            delivery_message: Personal::default(),
            delivery_charge: Amount::default(),
            carrier: String::new(),
            carrier_service: String::new(),
            despatch_date: String::new(),
            carrier_fixed: String::new(),
            lines: Vec::new(),
            extra: Vec::new(),
        }
    }
}

/// One line of an order (`OrderLine`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdLine {
    /// `LineNumber`. `None`: the line's place when written, from 1.
    pub number: Option<u32>,
    /// `Product`: the warehouse's SKU, at most 24 characters.
    pub sku: String,
    /// `Quantity`: a whole number, written as `2.0`.
    pub quantity: Decimal,
    /// `Price`: gross, of one unit. It is written as it is, unrounded.
    pub price: Decimal,
    /// `LineTotal…`. `None`: price times quantity, to the penny, when written.
    pub total: Option<Amount>,
    /// `Personalised`, in another dialect `Personalisation`: text to put on the article; personal data.
    pub personalised: Personal<String>,
    /// `external_guid`: the client's id of the line. The element is written only for a line that has one.
    pub external_guid: Option<String>,
    /// Elements that the crate does not know.
    pub extra: Vec<RawElement>,
}

impl DtdLine {
    /// A line whose total is price times quantity.
    pub fn new(
        sku: impl Into<String>,
        quantity: impl Into<Decimal>,
        price: impl Into<Decimal>,
    ) -> Self {
        Self {
            sku: sku.into(),
            quantity: quantity.into(),
            price: price.into(),
            ..Self::blank()
        }
    }

    /// Sets the total.
    #[must_use]
    pub fn with_total(mut self, total: impl Into<Amount>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// The line's total: its own, or price times quantity to the penny.
    #[must_use]
    pub fn resolved_total(&self) -> Amount {
        self.total.unwrap_or_else(|| {
            Amount::of_gross(to_the_penny(self.price.saturating_mul(self.quantity)))
        })
    }

    pub(super) fn blank() -> Self {
        Self {
            number: None,
            sku: String::new(),
            quantity: Decimal::ZERO,
            price: Decimal::ZERO,
            total: None,
            personalised: Personal::default(),
            external_guid: None,
            extra: Vec::new(),
        }
    }
}

/// How the order is paid (`OrderPayment`). No card data belongs here: a warehouse needs none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdPayment {
    /// `CardType`: payment method. Default `WEB`.
    pub card_type: String,
    /// `AuthMessage`. Default empty.
    pub auth_message: Personal<String>,
    /// `CardNumber`. Default empty.
    pub card_number: Personal<String>,
    /// `AuthCode`. Default empty.
    pub auth_code: Personal<String>,
    /// `Amount`. `None`: the order's gross total when written.
    pub amount: Option<Decimal>,
    /// Elements that the crate does not know.
    pub extra: Vec<RawElement>,
}

impl Default for DtdPayment {
    fn default() -> Self {
        Self {
            card_type: "WEB".to_owned(),
            ..Self::blank()
        }
    }
}

impl DtdPayment {
    fn blank() -> Self {
        Self {
            card_type: String::new(),
            auth_message: Personal::default(),
            card_number: Personal::default(),
            auth_code: Personal::default(),
            amount: None,
            extra: Vec::new(),
        }
    }
}
