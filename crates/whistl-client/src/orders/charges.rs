//! Charges: what the warehouse asks for its work.

use chrono::{DateTime, NaiveDate, Utc};
use connector_http::{Error, Idempotency, Operation};
use rust_decimal::Decimal;

use super::client::{WarehouseOrders, check_limit};
use super::contract::Contract;
use super::lookup::add_place;
use super::members::{Members, UnknownMembers, Unreadable};
use super::page::{Cursor, Page, read_page};

const CHARGES: Operation = Operation::new("orders.charges", Idempotency::ReadOnly, "/v1/charges");
const CHARGES_OF_ORDER: Operation = Operation::new(
    "orders.charges_of_order",
    Idempotency::ReadOnly,
    "/v1/orders/{reference}/charges",
);

/// What a charge is for (words assumed). One that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChargeKind {
    /// Picking.
    Pick,
    /// Packing.
    Pack,
    /// The carrier.
    Carriage,
    /// Storage.
    Storage,
    /// Work on a return.
    Return,
    /// Anything else, as written.
    Unknown(String),
}

impl ChargeKind {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pick => "pick",
            Self::Pack => "pack",
            Self::Carriage => "carriage",
            Self::Storage => "storage",
            Self::Return => "return",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for ChargeKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "pick" => Self::Pick,
            "pack" => Self::Pack,
            "carriage" => Self::Carriage,
            "storage" => Self::Storage,
            "return" => Self::Return,
            _ => Self::Unknown(text),
        }
    }
}

/// One charge (shape assumed).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Charge {
    /// Its id.
    pub charge_id: Option<String>,
    /// The client reference of the order it is for; none for storage and the like.
    pub reference: Option<String>,
    /// What it is for.
    pub kind: Option<ChargeKind>,
    /// In the warehouse's words.
    pub description: Option<String>,
    /// How many.
    pub quantity: Option<Decimal>,
    /// The amount in major units. A charge without one is malformed: nothing is taken for free.
    pub amount: Decimal,
    /// The currency's code.
    pub currency: Option<String>,
    /// First day of its period.
    pub period_from: Option<NaiveDate>,
    /// Last day of its period.
    pub period_to: Option<NaiveDate>,
    /// When it was made, by the warehouse's clock.
    pub at: Option<DateTime<Utc>>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Charge {
    /// An amount, for tests and fakes.
    #[must_use]
    pub fn new(kind: ChargeKind, amount: Decimal) -> Self {
        Self {
            charge_id: None,
            reference: None,
            kind: Some(kind),
            description: None,
            quantity: None,
            amount,
            currency: None,
            period_from: None,
            period_to: None,
            at: None,
            unknown: UnknownMembers::default(),
        }
    }

    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.charge;
        let amount = members.decimal(&names.amount)?;
        Ok(Self {
            amount: amount.ok_or_else(|| members.missing(&names.amount, "an amount"))?,
            charge_id: members.text(&names.charge_id)?,
            reference: members.text(&names.reference)?,
            kind: members.text(&names.kind)?.map(ChargeKind::from),
            description: members.text(&names.description)?,
            quantity: members.decimal(&names.quantity)?,
            currency: members.text(&names.currency)?,
            period_from: members.date(&names.period_from)?,
            period_to: members.date(&names.period_to)?,
            at: members.instant(&names.at)?,
            unknown: members.rest(),
        })
    }
}

/// Which charges are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChargePeriod {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

impl ChargePeriod {
    /// All charges.
    pub const ALL: Self = Self {
        from: None,
        to: None,
    };

    /// Those between two days, both included.
    #[must_use]
    pub const fn days(from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from: Some(from),
            to: Some(to),
        }
    }
}

impl WarehouseOrders {
    /// Reads charges of a period after a cursor, oldest first. Without a cursor from the beginning.
    ///
    /// A charge that cannot be read does not hide its neighbours: it stands in [`Page::malformed`].
    ///
    /// # Errors
    ///
    /// As [`despatches`](Self::despatches).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn charges(
        &self,
        period: ChargePeriod,
        since: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<Charge>, Error> {
        let contract = &self.inner.contract;
        let operation = CHARGES.with_template(contract.paths.charges.as_str());
        check_limit(&operation, limit)?;
        let mut url = self.url(&operation, &contract.paths.charges)?;
        for (name, day) in [
            (&contract.query.from, period.from),
            (&contract.query.to, period.to),
        ] {
            if let Some(day) = day {
                url.query_pairs_mut().append_pair(name, &day.to_string());
            }
        }
        add_place(&mut url, contract, since, limit);
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.charges.as_str(),
            contract.charge.charge_id.as_str(),
        );
        read_page(&reply, contract, names, (since, limit), |members| {
            Charge::read(members, contract)
        })
    }

    /// Reads the charges of one order, all at once.
    ///
    /// # Errors
    ///
    /// - `Build`: the reference is blank or cannot stand in a path.
    /// - `NotFound`: the warehouse has no such order, or a path is wrong.
    /// - `Decode`: the answer is not what the contract says, or holds only part of them.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn charges_of_order(&self, reference: &str) -> Result<Page<Charge>, Error> {
        let contract = &self.inner.contract;
        let operation = CHARGES_OF_ORDER.with_template(contract.paths.order_charges.as_str());
        let url = self.order_url(&operation, &contract.paths.order_charges, reference)?;
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.charges.as_str(),
            contract.charge.charge_id.as_str(),
        );
        let page = read_page(&reply, contract, names, (None, u16::MAX), |members| {
            Charge::read(members, contract)
        })?;
        if page.more {
            return Err(reply.decode_error("only part of the order's charges came"));
        }
        Ok(page)
    }
}
