//! Returns: what came back to the warehouse.

use chrono::{DateTime, Utc};
use connector_http::{Error, Idempotency, Operation, Personal};

use super::client::{WarehouseOrders, check_limit};
use super::contract::Contract;
use super::lookup::add_place;
use super::members::{Members, UnknownMembers, Unreadable};
use super::page::{Cursor, Page, read_page};

const RETURNS: Operation = Operation::new("orders.returns", Idempotency::ReadOnly, "/v1/returns");

/// The condition of goods that came back (words assumed). One that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GoodsCondition {
    /// Can be sold again.
    Resaleable,
    /// Cannot.
    Damaged,
    /// Nobody has decided yet.
    Quarantine,
    /// Anything else, as written.
    Unknown(String),
}

impl GoodsCondition {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Resaleable => "resaleable",
            Self::Damaged => "damaged",
            Self::Quarantine => "quarantine",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for GoodsCondition {
    fn from(text: String) -> Self {
        match text.as_str() {
            "resaleable" => Self::Resaleable,
            "damaged" => Self::Damaged,
            "quarantine" => Self::Quarantine,
            _ => Self::Unknown(text),
        }
    }
}

/// Goods that came back together (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Return {
    /// The return's id.
    pub return_id: Option<String>,
    /// The client reference of the order, where it is known.
    pub reference: Option<String>,
    /// The warehouse's id of the order.
    pub order_id: Option<String>,
    /// When it came, by the warehouse's clock.
    pub received_at: Option<DateTime<Utc>>,
    /// The number under which it was announced.
    pub authorisation: Option<String>,
    /// Its lines.
    pub lines: Vec<ReturnLine>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// Units of one article that came back.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ReturnLine {
    /// The client's line id, where it is known.
    pub line_id: Option<String>,
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// The quantity.
    pub quantity: Option<u64>,
    /// The condition.
    pub condition: Option<GoodsCondition>,
    /// Why they came back, in the sender's words.
    pub reason: Option<Personal<String>>,
    /// Units that went back on the shelf. The stock feed has them too: never add them to it.
    pub restocked: Option<u64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Return {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.returned;
        let line = &contract.returned_line;
        Ok(Self {
            return_id: members.text(&names.return_id)?,
            reference: members.text(&names.reference)?,
            order_id: members.text(&names.order_id)?,
            received_at: members.instant(&names.received_at)?,
            authorisation: members.text(&names.authorisation)?,
            lines: members.each(&names.lines, |mut members| {
                Ok(ReturnLine {
                    line_id: members.text(&line.line_id)?,
                    sku: members.text(&line.sku)?,
                    quantity: members.sequence(&line.quantity)?,
                    condition: members.text(&line.condition)?.map(GoodsCondition::from),
                    reason: members.personal(&line.reason)?,
                    restocked: members.sequence(&line.restocked)?,
                    unknown: members.rest(),
                })
            })?,
            unknown: members.rest(),
        })
    }
}

impl WarehouseOrders {
    /// Reads returns after a cursor, oldest first. Without a cursor from the beginning.
    ///
    /// One that cannot be read does not hide its neighbours: it stands in [`Page::malformed`]. The same may come more than once.
    ///
    /// # Errors
    ///
    /// As [`despatches`](Self::despatches).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn returns(&self, since: Option<&Cursor>, limit: u16) -> Result<Page<Return>, Error> {
        let contract = &self.inner.contract;
        let operation = RETURNS.with_template(contract.paths.returns.as_str());
        check_limit(&operation, limit)?;
        let mut url = self.url(&operation, &contract.paths.returns)?;
        add_place(&mut url, contract, since, limit);
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.returns.as_str(),
            contract.returned.return_id.as_str(),
        );
        read_page(&reply, contract, names, (since, limit), |members| {
            Return::read(members, contract)
        })
    }
}
