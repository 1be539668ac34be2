//! The writer of `DTD_ORDER` files.

use std::fmt::{self, Write as _};

use chrono::{Datelike as _, NaiveDate};
use connector_http::Personal;
use rust_decimal::Decimal;

use super::amount::{Amount, VatRate, is_exact, push_number};
use super::model::{DtdLine, DtdOrder, DtdParty, DtdPayment, DtdRecipient};
use super::raw::RawElement;
use crate::order_files::order_file::{PHONE_MAX, REFERENCE_MAX, SKU_MAX, is_file_name};
use crate::order_files::trap::Trap;

/// A [`Trap`] in an order for a `DTD_ORDER` file, and where it is. The value itself is never shown: it may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct DtdTrapped {
    /// Which order of the file, from 1.
    pub order: usize,
    /// Which line of the order, from 1; `None` for a value of the order itself.
    pub line: Option<usize>,
    /// Element, as the file spells it.
    pub element: &'static str,
    /// What is wrong.
    pub trap: Trap,
}

impl DtdTrapped {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        self.trap.remedy()
    }
}

impl fmt::Display for DtdTrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {}, ", self.order)?;
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "{}: {}", self.element, self.trap)
    }
}

/// The orders were refused before a file was written: every fault of them, sorted by place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("DTD_ORDER file refused: {} ({} in all)", first(.faults), faults.len())]
#[non_exhaustive]
pub struct DtdRefused {
    /// The faults; never empty.
    pub faults: Vec<DtdTrapped>,
}

fn first(faults: &[DtdTrapped]) -> String {
    faults
        .first()
        .map_or_else(|| "unknown fault".to_owned(), ToString::to_string)
}

/// Orders in a `DTD_ORDER` file, written and checked: ready for
/// [`DropFolder::drop_dtd_order`](crate::order_files::DropFolder::drop_dtd_order).
///
/// The bytes are those of the importer that writes such files itself: a declaration, a line feed, then everything on one line
/// with the elements in the importer's order and empty ones as `<Name />`. The same orders give the same bytes.
///
/// ```
/// use chrono::NaiveDate;
/// use whistl_client::order_files::{DtdFile, DtdLine, DtdOrder, DtdParty};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let party = DtdParty::new("Ada", "Example", "ZZ9 9ZZ", ["Flat 2", "8 Sample Street"], "Exampleton");
/// let date = NaiveDate::from_ymd_opt(2025, 5, 14).ok_or("no date")?;
/// let order = DtdOrder::new("SO10001", date, party, [DtdLine::new("MUG01", 2, 15)]);
/// let file = DtdFile::from_order(&order)?;
/// assert_eq!(file.name(), "SO10001.xml");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DtdFile {
    name: String,
    bytes: Vec<u8>,
}

impl DtdFile {
    /// Writes one order, with VAT of 20 per cent where the order does not state its own. The file is named by the reference.
    ///
    /// # Errors
    ///
    /// [`DtdRefused`] with every [`Trap`] of the order; nothing is written then.
    pub fn from_order(order: &DtdOrder) -> Result<Self, DtdRefused> {
        Self::from_order_with(order, VatRate::default())
    }

    /// Writes one order with a VAT rate for what the order does not state.
    ///
    /// # Errors
    ///
    /// As [`from_order`](Self::from_order).
    pub fn from_order_with(order: &DtdOrder, rate: VatRate) -> Result<Self, DtdRefused> {
        Self::from_orders(&order.reference, std::slice::from_ref(order), rate)
    }

    /// Writes orders under one root, as another exporter of such files does. The file is called `<stem>.xml`.
    ///
    /// # Errors
    ///
    /// As [`from_order`](Self::from_order); [`Trap::UnsafeFileName`] for a stem that cannot name a file, and [`Trap::Blank`]
    /// for no orders.
    pub fn from_orders(stem: &str, orders: &[DtdOrder], rate: VatRate) -> Result<Self, DtdRefused> {
        let mut writer = Writer::new(rate);
        if orders.is_empty() {
            writer.fault("OrderHead", Trap::Blank);
        }
        if !stem.trim().is_empty() && !is_file_name(stem) {
            writer.order = 1;
            writer.fault("OrderReferences", Trap::UnsafeFileName);
        }
        for (order, place) in orders.iter().zip(1..) {
            writer.order = place;
            writer.head(order);
        }
        Ok(Self {
            name: format!("{stem}.xml"),
            bytes: writer.finish()?.into_bytes(),
        })
    }

    /// The file's final name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's content, personal data included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for DtdFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DtdFile")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Names of a party's elements.
struct PartyNames {
    initials: &'static str,
    surname: &'static str,
    company: &'static str,
    postcode: &'static str,
    address: &'static str,
    city: &'static str,
    county: &'static str,
    country: &'static str,
    phone: &'static str,
    email: &'static str,
}

const INVOICE: PartyNames = PartyNames {
    initials: "InvoiceInitials",
    surname: "InvoiceSurname",
    company: "InvoiceCompany",
    postcode: "InvoicePostcode",
    address: "InvoiceAddress",
    city: "InvoiceCity",
    county: "InvoiceCounty",
    country: "InvoiceCountry",
    phone: "InvoicePhone",
    email: "InvoiceEmail",
};

const RECIPIENT: PartyNames = PartyNames {
    initials: "RecipientInitials",
    surname: "RecipientSurname",
    company: "RecipientCompany",
    postcode: "RecipientPostcode",
    address: "RecipientAddress",
    city: "RecipientCity",
    county: "RecipientCounty",
    country: "RecipientCountry",
    phone: "RecipientPhone",
    email: "RecipientEmail",
};

const DELIVERY_CHARGE: [&str; 3] = ["OrdDelChrgGross", "OrdDelChrgNet", "OrdDelChrgTax"];
const ORDER_TOTAL: [&str; 3] = ["OrdTotalGross", "OrdTotalNet", "OrdTotalTax"];
const RECIPIENT_CHARGE: [&str; 3] = [
    "RecipientDelChrgGross",
    "RecipientDelChrgNet",
    "RecipientDelChrgTax",
];
const LINE_TOTAL: [&str; 3] = ["LineTotalGross", "LineTotalNet", "LineTotalTax"];

/// Turns orders into text and gathers every fault on the way.
struct Writer {
    out: String,
    faults: Vec<DtdTrapped>,
    rate: VatRate,
    order: usize,
    line: Option<usize>,
}

impl Writer {
    fn new(rate: VatRate) -> Self {
        let mut out = String::with_capacity(4096);
        out.push_str("<?xml version='1.0' encoding='utf-8'?>\n<DTD_ORDER>");
        Self {
            out,
            faults: Vec::new(),
            rate,
            order: 0,
            line: None,
        }
    }

    fn finish(mut self) -> Result<String, DtdRefused> {
        if self.faults.is_empty() {
            self.out.push_str("</DTD_ORDER>");
            return Ok(self.out);
        }
        self.faults.sort();
        Err(DtdRefused {
            faults: self.faults,
        })
    }

    fn fault(&mut self, element: &'static str, trap: Trap) {
        self.faults.push(DtdTrapped {
            order: self.order,
            line: self.line,
            element,
            trap,
        });
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn characters(&mut self, name: &'static str, text: &str) {
        if !is_writable(text) {
            self.fault(name, Trap::ControlCharacter);
        }
        push_escaped(&mut self.out, text);
    }

    fn text(&mut self, name: &'static str, text: &str) {
        if text.is_empty() {
            self.out.push('<');
            self.out.push_str(name);
            self.out.push_str(" />");
            return;
        }
        self.open(name);
        self.characters(name, text);
        self.close(name);
    }

    fn required(&mut self, name: &'static str, text: &str) {
        if text.trim().is_empty() {
            self.fault(name, Trap::Blank);
        }
        self.text(name, text);
    }

    /// A reference or a SKU.
    fn identifier(&mut self, name: &'static str, text: &str, max: usize) {
        self.required(name, text);
        if text.trim().len() != text.len() && !text.trim().is_empty() {
            self.fault(name, Trap::OuterSpace);
        }
        if text.len() > max && text.chars().count() > max {
            self.fault(name, Trap::TooLong);
        }
    }

    fn number(&mut self, name: &'static str, number: Decimal) {
        if number < Decimal::ZERO {
            self.fault(name, Trap::NegativeAmount);
        }
        let number = number.normalize();
        if !is_exact(number) {
            self.fault(name, Trap::TooFine);
        }
        self.open(name);
        push_number(&mut self.out, number);
        self.close(name);
    }

    fn date(&mut self, name: &'static str, date: Option<NaiveDate>) {
        let Some(date) = date else {
            self.text(name, "");
            return;
        };
        self.open(name);
        let (day, month, year) = (date.day(), date.month(), date.year());
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{day:02}/{month:02}/{year:04}");
        self.close(name);
    }

    fn amount(&mut self, [gross, net, tax]: [&'static str; 3], amount: Amount) {
        let whole = amount.resolve(self.rate);
        if !whole.adds_up() {
            self.fault(gross, Trap::DoesNotAddUp);
        }
        self.number(gross, whole.gross);
        self.number(net, whole.net.unwrap_or_default());
        self.number(tax, whole.tax.unwrap_or_default());
    }

    fn extra(&mut self, extra: &[RawElement]) {
        for element in extra {
            self.out.push_str(element.xml());
        }
    }

    fn head(&mut self, order: &DtdOrder) {
        self.open("OrderHead");
        self.text("Site", &order.site);
        self.text("Method", &order.method);
        self.identifier("OrderReferences", &order.reference, REFERENCE_MAX);
        self.text("Buyer", &order.buyer);
        self.text("ExternalCustomerCode", &order.external_customer_code);
        self.date("OrderDate", order.order_date);
        self.text("CustType", &order.customer_type);
        self.required("OrderStatus", &order.status);
        if let Some(reason) = &order.hold_reason {
            self.text("OrderHoldReason", reason);
        } else if order.is_on_hold() {
            self.fault("OrderHoldReason", Trap::Blank);
        }
        self.text("CustomerReference", &order.customer_reference);
        self.party(&INVOICE, &order.invoice);
        self.amount(DELIVERY_CHARGE, order.delivery_charge);
        let total = total(order, self.rate);
        self.amount(ORDER_TOTAL, total);
        self.text("OrderSource", &order.source);
        self.text("Currency", &order.currency);
        self.open("OptInData");
        self.text("Email", &order.opt_in.email);
        self.text("Mail", &order.opt_in.mail);
        self.extra(&order.opt_in.extra);
        self.close("OptInData");
        self.recipient(&order.recipient);
        self.payment(&order.payment, total.gross);
        self.extra(&order.extra);
        self.close("OrderHead");
    }

    fn party(&mut self, names: &PartyNames, party: &DtdParty) {
        self.required(names.initials, party.initials.expose());
        self.required(names.surname, party.surname.expose());
        self.text(names.company, party.company.expose());
        self.required(names.postcode, party.postcode.expose());
        self.address(names.address, &party.address);
        self.required(names.city, party.city.expose());
        self.text(names.county, party.county.expose());
        self.text(names.country, &party.country);
        self.phone(names.phone, party.phone.expose());
        self.text(names.email, party.email.expose());
    }

    fn address(&mut self, name: &'static str, lines: &[Personal<String>]) {
        let mut lines = lines
            .iter()
            .map(|line| line.expose().as_str())
            .filter(|line| !line.trim().is_empty());
        let Some(first) = lines.next() else {
            self.fault(name, Trap::Blank);
            return;
        };
        self.open(name);
        self.address_line(name, first);
        for line in lines {
            self.out.push('~');
            self.address_line(name, line);
        }
        self.close(name);
    }

    fn address_line(&mut self, name: &'static str, line: &str) {
        if line.contains('~') {
            self.fault(name, Trap::LineSeparator);
        }
        self.characters(name, line);
    }

    fn phone(&mut self, name: &'static str, phone: &str) {
        if !phone.bytes().all(|byte| byte.is_ascii_digit()) {
            self.fault(name, Trap::PhoneNotDigits);
        } else if phone.starts_with('0') {
            self.fault(name, Trap::PhoneLeadingZero);
        }
        if phone.chars().count() > PHONE_MAX {
            self.fault(name, Trap::TooLong);
        }
        self.text(name, phone);
    }

    fn recipient(&mut self, recipient: &DtdRecipient) {
        self.open("OrderRecipient");
        self.text("RecipientDelivery", &recipient.delivery);
        self.text("RecipientOrderType", &recipient.order_type);
        self.text("RecipientAddressRef", &recipient.address_reference);
        self.party(&RECIPIENT, &recipient.party);
        if let Some(message) = &recipient.message {
            self.text("RecipientMessage", message.expose());
        }
        self.text("RecipientDelMessage", recipient.delivery_message.expose());
        self.amount(RECIPIENT_CHARGE, recipient.delivery_charge);
        self.text("RecipientCarrier", &recipient.carrier);
        self.text("RecipientCarrierService", &recipient.carrier_service);
        self.text("RecipientDespatchDate", &recipient.despatch_date);
        self.text("RecipientCarrierFixed", &recipient.carrier_fixed);
        if recipient.lines.is_empty() {
            self.fault("OrderLine", Trap::NoLines);
        }
        for (line, place) in recipient.lines.iter().zip(1..) {
            self.line(line, place);
        }
        self.extra(&recipient.extra);
        self.close("OrderRecipient");
    }

    fn line(&mut self, line: &DtdLine, place: usize) {
        self.line = Some(place);
        self.open("OrderLine");
        self.open("LineNumber");
        let number = line.number.map_or(place, |number| number as usize);
        let _ = write!(self.out, "{number}");
        self.close("LineNumber");
        self.identifier("Product", &line.sku, SKU_MAX);
        if !line.quantity.is_integer() {
            self.fault("Quantity", Trap::NotAnInteger);
        } else if line.quantity < Decimal::ONE || line.quantity > Decimal::from(99_999) {
            self.fault("Quantity", Trap::QuantityOutOfRange);
        }
        self.open("Quantity");
        push_number(&mut self.out, line.quantity.normalize());
        self.close("Quantity");
        self.number("Price", line.price);
        self.amount(LINE_TOTAL, line.resolved_total());
        self.text("Personalised", line.personalised.expose());
        if let Some(id) = &line.external_guid {
            self.text("external_guid", id);
        }
        self.extra(&line.extra);
        self.close("OrderLine");
        self.line = None;
    }

    fn payment(&mut self, payment: &DtdPayment, total: Decimal) {
        self.open("OrderPayment");
        self.text("CardType", &payment.card_type);
        self.text("AuthMessage", payment.auth_message.expose());
        self.text("CardNumber", payment.card_number.expose());
        self.text("AuthCode", payment.auth_code.expose());
        self.number("Amount", payment.amount.unwrap_or(total));
        self.extra(&payment.extra);
        self.close("OrderPayment");
    }
}

/// The order's total: its own, or the sum of lines and delivery charge. Where one of these states its VAT, the parts are summed
/// too; otherwise they are derived from the gross total, as the importer has it.
fn total(order: &DtdOrder, rate: VatRate) -> Amount {
    order.total.unwrap_or_else(|| {
        let lines = order.recipient.lines.iter().map(DtdLine::resolved_total);
        let all = || std::iter::once(order.delivery_charge).chain(lines.clone());
        let gross = all().fold(Decimal::ZERO, |sum, amount| {
            sum.saturating_add(amount.gross)
        });
        if all().all(|amount| amount.net.is_none() && amount.tax.is_none()) {
            return Amount::of_gross(gross);
        }
        let mut whole = Amount::explicit(gross, Decimal::ZERO, Decimal::ZERO);
        for amount in all() {
            let amount = amount.resolve(rate);
            let add = |sum: Option<Decimal>, part: Option<Decimal>| {
                Some(sum?.saturating_add(part.unwrap_or_default()))
            };
            whole.net = add(whole.net, amount.net);
            whole.tax = add(whole.tax, amount.tax);
        }
        whole
    })
}

/// Appends text with `&`, `<` and `>` escaped, as the importer's own writer does.
fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((plain, special)) = rest
        .find(['&', '<', '>'])
        .and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let mut characters = special.chars();
        out.push_str(match characters.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            _ => "&gt;",
        });
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Whether an order file may have this text: no control character, and none that XML knows no way to write.
fn is_writable(text: &str) -> bool {
    if text.is_ascii() {
        return !text.bytes().any(|byte| byte.is_ascii_control());
    }
    !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}
