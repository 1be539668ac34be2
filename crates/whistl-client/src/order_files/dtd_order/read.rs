//! The reader of `DTD_ORDER` files, in every dialect that was seen.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use connector_http::Personal;
use rust_decimal::Decimal;

use super::amount::Amount;
use super::elements::{Element, Elements, NotXml};
use super::model::{DtdLine, DtdOrder, DtdParty, DtdPayment, DtdRecipient};
use super::raw::RawElement;

/// A `DTD_ORDER` file that was read: its good orders, and its faults beside them.
///
/// It takes what the importer writes, what early versions of it wrote, and what another exporter writes: either name of
/// `OrderPayment`, `Personalised` and `…Postcode`, a company under the invoice's name, elements in any order, missing or unknown
/// ones, line breaks between elements, amounts with any number of places. A missing amount is zero, as the importer has it.
///
/// ```
/// use whistl_client::order_files::DtdDocument;
///
/// let file = "<DTD_ORDER><OrderHead><OrderReferences>SO1</OrderReferences><Fancy>yes</Fancy></OrderHead></DTD_ORDER>";
/// let read = DtdDocument::read(file.as_bytes());
/// assert_eq!(read.orders[0].order.reference, "SO1");
/// assert_eq!(read.orders[0].order.extra[0].xml(), "<Fancy>yes</Fancy>");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdDocument {
    /// The orders that could be used, in the file's order.
    pub orders: Vec<DtdEntry>,
    /// What could not be used. An order with a fault is not among the orders.
    pub faults: Vec<DtdFault>,
    /// Elements beside the orders.
    pub extra: Vec<RawElement>,
    /// Why the file, or the rest of it, could not be read, if so. The orders before that place are there.
    pub problem: Option<DtdProblem>,
}

/// An order and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdEntry {
    /// Which `OrderHead` of the file, from 1.
    pub place: usize,
    /// The order.
    pub order: DtdOrder,
}

/// Why a whole file, or the rest of one, could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DtdProblem {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Not UTF-8.
    #[error("the file is not UTF-8 from byte {at} on")]
    #[non_exhaustive]
    NotUtf8 {
        /// Where, in bytes.
        at: u64,
    },
    /// Not XML, or cut off.
    #[error("the file is not XML from byte {at} on, or is cut off there")]
    #[non_exhaustive]
    NotXml {
        /// Where, in bytes.
        at: u64,
    },
    /// The root is another element than `DTD_ORDER`.
    #[error("the root of the file is not DTD_ORDER")]
    OtherRoot,
}

impl From<NotXml> for DtdProblem {
    fn from(NotXml { at }: NotXml) -> Self {
        Self::NotXml { at }
    }
}

/// Why an order could not be used. It shows places, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DtdFault {
    /// Which `OrderHead` of the file, from 1.
    pub order: usize,
    /// Which line of the order, from 1; `None` for a value of the order itself.
    pub line: Option<usize>,
    /// The element, as the file spells it.
    pub element: String,
    /// What is wrong.
    pub problem: DtdFaultProblem,
}

impl fmt::Display for DtdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {}, ", self.order)?;
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "{} {}", self.element, self.problem)
    }
}

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DtdFaultProblem {
    /// Missing or blank, and an order is no order without it.
    Blank,
    /// Not a number.
    NotANumber,
    /// Not a date of the form `dd/mm/yyyy`.
    NotADate,
    /// It should be text and has elements in it.
    HasElements,
}

impl fmt::Display for DtdFaultProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "is blank",
            Self::NotANumber => "is not a number",
            Self::NotADate => "is not a date of the form dd/mm/yyyy",
            Self::HasElements => "has elements in it",
        })
    }
}

impl DtdDocument {
    /// Reads a file. It takes time and memory in proportion to the file; entities of its own are not expanded.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut document = Self::default();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let (text, spoilt) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let at = error.valid_up_to() as u64;
                let text = std::str::from_utf8(sound).unwrap_or_default();
                (text, Some(DtdProblem::NotUtf8 { at }))
            }
        };
        let outcome = document.read_root(&mut Elements::new(text));
        document.problem = spoilt.or(outcome.err());
        document
    }

    fn read_root(&mut self, elements: &mut Elements<'_>) -> Result<(), DtdProblem> {
        let root = elements.root()?.ok_or(DtdProblem::Empty)?;
        if root.name != "DTD_ORDER" {
            return Err(DtdProblem::OtherRoot);
        }
        if Elements::is_over(root) {
            return Ok(());
        }
        let mut place = 0;
        while let Some(element) = elements.next()? {
            if element.name != "OrderHead" {
                self.extra.push(elements.raw(element)?);
                continue;
            }
            place += 1;
            let mut head = Head::new(elements, place);
            let order = head.read(element)?;
            if head.faults.is_empty() {
                self.orders.push(DtdEntry { place, order });
            } else {
                self.faults.append(&mut head.faults);
            }
        }
        Ok(())
    }
}

/// Reads one `OrderHead`, and gathers its faults.
struct Head<'e, 'a> {
    elements: &'e mut Elements<'a>,
    place: usize,
    line: Option<usize>,
    faults: Vec<DtdFault>,
}

impl<'e, 'a> Head<'e, 'a> {
    const fn new(elements: &'e mut Elements<'a>, place: usize) -> Self {
        Self {
            elements,
            place,
            line: None,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, element: &str, problem: DtdFaultProblem) {
        self.faults.push(DtdFault {
            order: self.place,
            line: self.line,
            element: element.to_owned(),
            problem,
        });
    }

    /// The next element of one that is open.
    fn inside(&mut self, parent: Element<'a>) -> Result<Option<Element<'a>>, NotXml> {
        if Elements::is_over(parent) {
            return Ok(None);
        }
        self.elements.next()
    }

    fn text(&mut self, element: Element<'a>) -> Result<Cow<'a, str>, NotXml> {
        let found = self.elements.text(element)?;
        if found.has_elements {
            self.fault(element.name, DtdFaultProblem::HasElements);
        }
        Ok(found.text)
    }

    fn string(&mut self, element: Element<'a>) -> Result<String, NotXml> {
        Ok(self.text(element)?.into_owned())
    }

    fn personal(&mut self, element: Element<'a>) -> Result<Personal<String>, NotXml> {
        Ok(Personal::new(self.string(element)?))
    }

    fn date(&mut self, element: Element<'a>) -> Result<Option<NaiveDate>, NotXml> {
        let text = self.text(element)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let date = NaiveDate::parse_from_str(text, "%d/%m/%Y").ok();
        if date.is_none() {
            self.fault(element.name, DtdFaultProblem::NotADate);
        }
        Ok(date)
    }

    fn number(&mut self, element: Element<'a>) -> Result<Option<Decimal>, NotXml> {
        let text = self.text(element)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(element.name, DtdFaultProblem::NotANumber);
        }
        Ok(number)
    }

    /// Reads an element whose name ends in `Gross`, `Net` or `Tax`; `false` for another one.
    fn amount(
        &mut self,
        part: &str,
        element: Element<'a>,
        amount: &mut Amount,
    ) -> Result<bool, NotXml> {
        match part {
            "Gross" => amount.gross = self.number(element)?.unwrap_or_default(),
            "Net" => amount.net = self.number(element)?,
            "Tax" => amount.tax = self.number(element)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reads an element of a party, named without its prefix; `false` for another one.
    fn party(
        &mut self,
        member: &str,
        element: Element<'a>,
        party: &mut DtdParty,
    ) -> Result<bool, NotXml> {
        match member {
            "Initials" => party.initials = self.personal(element)?,
            "Surname" => party.surname = self.personal(element)?,
            "Company" => party.company = self.personal(element)?,
            "Postcode" | "PostCode" => party.postcode = self.personal(element)?,
            "Address" => {
                let text = self.text(element)?;
                let lines = text.split('~').filter(|line| !line.trim().is_empty());
                party.address = lines.map(Personal::from).collect();
            }
            "City" => party.city = self.personal(element)?,
            "County" => party.county = self.personal(element)?,
            "Country" => party.country = self.string(element)?,
            "Phone" => party.phone = self.personal(element)?,
            "Email" => party.email = self.personal(element)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn read(&mut self, head: Element<'a>) -> Result<DtdOrder, NotXml> {
        let mut order = DtdOrder::blank();
        let (mut recipients, mut payments) = (0, 0);
        while let Some(element) = self.inside(head)? {
            match element.name {
                "Site" => order.site = self.string(element)?,
                "Method" => order.method = self.string(element)?,
                "OrderReferences" => order.reference = self.string(element)?,
                "Buyer" => order.buyer = self.string(element)?,
                "ExternalCustomerCode" => order.external_customer_code = self.string(element)?,
                "OrderDate" => order.order_date = self.date(element)?,
                "CustType" => order.customer_type = self.string(element)?,
                "OrderStatus" => order.status = self.string(element)?,
                "OrderHoldReason" => order.hold_reason = Some(self.string(element)?),
                "CustomerReference" => order.customer_reference = self.string(element)?,
                "OrderSource" => order.source = self.string(element)?,
                "Currency" => order.currency = self.string(element)?,
                "OptInData" => self.opt_in(element, &mut order)?,
                "OrderRecipient" if recipients == 0 => {
                    recipients += 1;
                    self.recipient(element, &mut order.recipient)?;
                }
                "OrderPayment" | "Payment" if payments == 0 => {
                    payments += 1;
                    self.payment(element, &mut order.payment)?;
                }
                name => {
                    let known = if let Some(part) = name.strip_prefix("OrdDelChrg") {
                        self.amount(part, element, &mut order.delivery_charge)?
                    } else if let Some(part @ ("Gross" | "Net" | "Tax")) =
                        name.strip_prefix("OrdTotal")
                    {
                        let total = order.total.get_or_insert_default();
                        self.amount(part, element, total)?
                    } else if let Some(member) = name.strip_prefix("Invoice") {
                        self.party(member, element, &mut order.invoice)?
                    } else {
                        false
                    };
                    if !known {
                        order.extra.push(self.elements.raw(element)?);
                    }
                }
            }
        }
        if order.reference.trim().is_empty() {
            self.fault("OrderReferences", DtdFaultProblem::Blank);
        }
        Ok(order)
    }

    fn opt_in(&mut self, parent: Element<'a>, order: &mut DtdOrder) -> Result<(), NotXml> {
        while let Some(element) = self.inside(parent)? {
            match element.name {
                "Email" => order.opt_in.email = self.string(element)?,
                "Mail" => order.opt_in.mail = self.string(element)?,
                _ => order.opt_in.extra.push(self.elements.raw(element)?),
            }
        }
        Ok(())
    }

    fn recipient(
        &mut self,
        parent: Element<'a>,
        recipient: &mut DtdRecipient,
    ) -> Result<(), NotXml> {
        while let Some(element) = self.inside(parent)? {
            match element.name {
                "RecipientDelivery" => recipient.delivery = self.string(element)?,
                "RecipientOrderType" => recipient.order_type = self.string(element)?,
                "RecipientAddressRef" => recipient.address_reference = self.string(element)?,
                "RecipientMessage" => recipient.message = Some(self.personal(element)?),
                "RecipientDelMessage" => recipient.delivery_message = self.personal(element)?,
                "RecipientCarrier" => recipient.carrier = self.string(element)?,
                "RecipientCarrierService" => recipient.carrier_service = self.string(element)?,
                "RecipientDespatchDate" => recipient.despatch_date = self.string(element)?,
                "RecipientCarrierFixed" => recipient.carrier_fixed = self.string(element)?,
                // Early files have the recipient's company under the invoice's name.
                "InvoiceCompany" => recipient.party.company = self.personal(element)?,
                "OrderLine" => {
                    self.line = Some(recipient.lines.len() + 1);
                    let line = self.line(element)?;
                    recipient.lines.push(line);
                    self.line = None;
                }
                name => {
                    let known = if let Some(part) = name.strip_prefix("RecipientDelChrg") {
                        self.amount(part, element, &mut recipient.delivery_charge)?
                    } else if let Some(member) = name.strip_prefix("Recipient") {
                        self.party(member, element, &mut recipient.party)?
                    } else {
                        false
                    };
                    if !known {
                        recipient.extra.push(self.elements.raw(element)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, parent: Element<'a>) -> Result<DtdLine, NotXml> {
        let mut line = DtdLine::blank();
        let (mut quantity, mut is_told) = (None, false);
        while let Some(element) = self.inside(parent)? {
            match element.name {
                "LineNumber" => {
                    let number = self.number(element)?;
                    line.number = number.and_then(|number| u32::try_from(number).ok());
                }
                "Product" => line.sku = self.string(element)?,
                "Quantity" => {
                    let before = self.faults.len();
                    quantity = self.number(element)?;
                    is_told = self.faults.len() > before;
                }
                "Price" => line.price = self.number(element)?.unwrap_or_default(),
                "Personalised" | "Personalisation" => line.personalised = self.personal(element)?,
                "external_guid" => line.external_guid = Some(self.string(element)?),
                name => {
                    let known = match name.strip_prefix("LineTotal") {
                        Some(part @ ("Gross" | "Net" | "Tax")) => {
                            let total = line.total.get_or_insert_default();
                            self.amount(part, element, total)?
                        }
                        _ => false,
                    };
                    if !known {
                        line.extra.push(self.elements.raw(element)?);
                    }
                }
            }
        }
        if line.sku.trim().is_empty() {
            self.fault("Product", DtdFaultProblem::Blank);
        }
        match quantity {
            Some(quantity) => line.quantity = quantity,
            None if is_told => {}
            None => self.fault("Quantity", DtdFaultProblem::Blank),
        }
        Ok(line)
    }

    fn payment(&mut self, parent: Element<'a>, payment: &mut DtdPayment) -> Result<(), NotXml> {
        while let Some(element) = self.inside(parent)? {
            match element.name {
                "CardType" => payment.card_type = self.string(element)?,
                "AuthMessage" => payment.auth_message = self.personal(element)?,
                "CardNumber" => payment.card_number = self.personal(element)?,
                "AuthCode" => payment.auth_code = self.personal(element)?,
                "Amount" => payment.amount = self.number(element)?,
                _ => payment.extra.push(self.elements.raw(element)?),
            }
        }
        Ok(())
    }
}
