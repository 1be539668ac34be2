//! The order as the warehouse has it.

use chrono::{DateTime, NaiveDate, Utc};
use connector_http::Personal;
use rust_decimal::Decimal;

use super::contract::Contract;
use super::members::{Members, UnknownMembers, Unreadable};

/// Where an order stands at the warehouse. A status that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderStatus {
    /// Taken on.
    Accepted,
    /// Being picked.
    Picking,
    /// Some of it has left.
    PartDespatched,
    /// All that will leave has left.
    Despatched,
    /// Cancelled.
    Cancelled,
    /// Stopped at the warehouse.
    Held,
    /// Anything else, as written.
    Unknown(String),
}

impl OrderStatus {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Picking => "picking",
            Self::PartDespatched => "part_despatched",
            Self::Despatched => "despatched",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for OrderStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "accepted" => Self::Accepted,
            "picking" => Self::Picking,
            "part_despatched" => Self::PartDespatched,
            "despatched" => Self::Despatched,
            "cancelled" => Self::Cancelled,
            "held" => Self::Held,
            _ => Self::Unknown(text),
        }
    }
}

/// The answer to a created order (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Accepted {
    /// The warehouse's own id.
    pub order_id: Option<String>,
    /// The client reference, as the warehouse repeats it.
    pub reference: Option<String>,
    /// Where the order stands.
    pub status: Option<OrderStatus>,
    /// When the warehouse took it on, by its own clock.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Accepted {
    pub(super) fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.accepted;
        Ok(Self {
            order_id: members.text(&names.order_id)?,
            reference: members.text(&contract.order.reference)?,
            status: members.text(&names.status)?.map(OrderStatus::from),
            accepted_at: members.instant(&names.accepted_at)?,
            unknown: members.rest(),
        })
    }
}

/// An order as the warehouse has it (shape assumed): what was sent, and what the warehouse added.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct StoredOrder {
    /// The client reference.
    pub reference: Option<String>,
    /// The number the buyer sees.
    pub order_number: Option<String>,
    /// The buyer's purchase order number.
    pub purchase_order: Option<String>,
    /// The service code.
    pub service_code: Option<String>,
    /// The currency.
    pub currency: Option<String>,
    /// The date the buyer asked for.
    pub requested_date: Option<NaiveDate>,
    /// Text for the driver.
    pub instructions: Option<Personal<String>>,
    /// The recipient.
    pub recipient: Option<StoredRecipient>,
    /// The lines.
    pub lines: Vec<StoredLine>,
    /// The warehouse's own id.
    pub order_id: Option<String>,
    /// When the warehouse took it on, by its own clock.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: Option<OrderStatus>,
    /// Counts its changes; an amendment names the one it was made from.
    pub version: Option<u64>,
    /// Why it is held, while it is.
    pub hold_reason: Option<Personal<String>>,
    /// Whether what is there may leave before the rest.
    pub may_part_ship: Option<bool>,
    /// Members without a name in the contract, the customs part among them.
    pub unknown: UnknownMembers,
}

impl StoredOrder {
    pub(super) fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.order;
        let recipient = members.object(&names.recipient)?;
        Ok(Self {
            reference: members.text(&names.reference)?,
            order_number: members.text(&names.order_number)?,
            purchase_order: members.text(&contract.po_field)?,
            service_code: members.text(&names.service_code)?,
            currency: members.text(&names.currency)?,
            requested_date: members.date(&names.requested_date)?,
            instructions: members.personal(&names.instructions)?,
            recipient: recipient
                .map(|members| StoredRecipient::read(members, contract))
                .transpose()?,
            lines: members.each(&names.lines, |members| StoredLine::read(members, contract))?,
            order_id: members.text(&contract.accepted.order_id)?,
            accepted_at: members.instant(&contract.accepted.accepted_at)?,
            status: members
                .text(&contract.accepted.status)?
                .map(OrderStatus::from),
            version: members.sequence(&contract.accepted.version)?,
            hold_reason: members.personal(&contract.accepted.hold_reason)?,
            may_part_ship: members.flag(&names.may_part_ship)?,
            unknown: members.rest(),
        })
    }
}

/// The recipient of a stored order.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct StoredRecipient {
    /// The person's name.
    pub name: Option<Personal<String>>,
    /// The company.
    pub company: Option<Personal<String>>,
    /// First address line.
    pub line1: Option<Personal<String>>,
    /// Second address line.
    pub line2: Option<Personal<String>>,
    /// City.
    pub city: Option<Personal<String>>,
    /// County.
    pub county: Option<Personal<String>>,
    /// Postcode.
    pub postcode: Option<Personal<String>>,
    /// Country.
    pub country: Option<Personal<String>>,
    /// Phone.
    pub phone: Option<Personal<String>>,
    /// E-mail address.
    pub email: Option<Personal<String>>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl StoredRecipient {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.recipient;
        Ok(Self {
            name: members.personal(&names.name)?,
            company: members.personal(&names.company)?,
            line1: members.personal(&names.line1)?,
            line2: members.personal(&names.line2)?,
            city: members.personal(&names.city)?,
            county: members.personal(&names.county)?,
            postcode: members.personal(&names.postcode)?,
            country: members.personal(&names.country)?,
            phone: members.personal(&names.phone)?,
            email: members.personal(&names.email)?,
            unknown: members.rest(),
        })
    }
}

/// A line of a stored order.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct StoredLine {
    /// The client's line id.
    pub line_id: Option<String>,
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// The quantity.
    pub quantity: Option<i64>,
    /// The description.
    pub description: Option<String>,
    /// The unit price.
    pub unit_price: Option<Decimal>,
    /// Units set aside for it.
    pub allocated: Option<u64>,
    /// Units that have left.
    pub despatched: Option<u64>,
    /// Units that will not be sent.
    pub short: Option<u64>,
    /// Units that were cancelled.
    pub cancelled: Option<u64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl StoredLine {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.line;
        Ok(Self {
            line_id: members.text(&names.line_id)?,
            sku: members.text(&names.sku)?,
            quantity: members.integer(&names.quantity)?,
            description: members.text(&names.description)?,
            unit_price: members.decimal(&names.unit_price)?,
            allocated: members.sequence(&names.allocated)?,
            despatched: members.sequence(&names.despatched)?,
            short: members.sequence(&names.short)?,
            cancelled: members.sequence(&names.cancelled)?,
            unknown: members.rest(),
        })
    }
}
