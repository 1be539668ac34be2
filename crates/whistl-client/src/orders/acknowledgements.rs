//! Acknowledgements: what the warehouse says of each order on its own.

use chrono::{DateTime, Utc};
use connector_http::{Error, Idempotency, Operation, Personal, VendorError};

use super::client::{WarehouseOrders, check_limit};
use super::contract::Contract;
use super::lookup::add_place;
use super::members::{Members, UnknownMembers, Unreadable};
use super::page::{Cursor, Page, read_page};

const ACKNOWLEDGEMENTS: Operation = Operation::new(
    "orders.acknowledgements",
    Idempotency::ReadOnly,
    "/v1/acknowledgements",
);

/// What happened to an order (words assumed). One that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AcknowledgementKind {
    /// Taken on.
    Accepted,
    /// Not taken.
    Rejected,
    /// Taken on, and stopped.
    Held,
    /// Goes on after a hold.
    Released,
    /// Cancelled.
    Cancelled,
    /// A request to cancel was refused or came too late.
    CancelRefused,
    /// Amended.
    Amended,
    /// An amendment was refused or came too late.
    AmendRefused,
    /// Anything else, as written.
    Unknown(String),
}

impl AcknowledgementKind {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Held => "held",
            Self::Released => "released",
            Self::Cancelled => "cancelled",
            Self::CancelRefused => "cancel_refused",
            Self::Amended => "amended",
            Self::AmendRefused => "amend_refused",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for AcknowledgementKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "accepted" => Self::Accepted,
            "rejected" => Self::Rejected,
            "held" => Self::Held,
            "released" => Self::Released,
            "cancelled" => Self::Cancelled,
            "cancel_refused" => Self::CancelRefused,
            "amended" => Self::Amended,
            "amend_refused" => Self::AmendRefused,
            _ => Self::Unknown(text),
        }
    }
}

/// A message of the warehouse about one order (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// Its id.
    pub acknowledgement_id: Option<String>,
    /// The client reference.
    pub reference: Option<String>,
    /// The warehouse's id of the order; a rejected one has none.
    pub order_id: Option<String>,
    /// What happened.
    pub kind: Option<AcknowledgementKind>,
    /// When, by the warehouse's clock.
    pub at: Option<DateTime<Utc>>,
    /// The request to cancel or amend that it answers.
    pub request_id: Option<String>,
    /// Why, in the warehouse's words.
    pub reason: Option<Personal<String>>,
    /// The complaints about a rejected order. Their messages may repeat personal data.
    pub errors: Vec<VendorError>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Acknowledgement {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.acknowledgement;
        Ok(Self {
            acknowledgement_id: members.text(&names.acknowledgement_id)?,
            reference: members.text(&names.reference)?,
            order_id: members.text(&names.order_id)?,
            kind: members.text(&names.kind)?.map(AcknowledgementKind::from),
            at: members.instant(&names.at)?,
            request_id: members.text(&names.request_id)?,
            reason: members.personal(&names.reason)?,
            errors: members.complaints(&names.errors, contract)?,
            unknown: members.rest(),
        })
    }
}

impl WarehouseOrders {
    /// Reads acknowledgements after a cursor, oldest first. Without a cursor from the beginning.
    ///
    /// One that cannot be read does not hide its neighbours: it stands in [`Page::malformed`]. The same may come more than once.
    ///
    /// # Errors
    ///
    /// - `Build`: the page size is not 1 to 500.
    /// - `Decode`: the answer is not what the contract says, or promises more without moving the cursor.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn acknowledgements(
        &self,
        since: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<Acknowledgement>, Error> {
        let contract = &self.inner.contract;
        let operation = ACKNOWLEDGEMENTS.with_template(contract.paths.acknowledgements.as_str());
        check_limit(&operation, limit)?;
        let mut url = self.url(&operation, &contract.paths.acknowledgements)?;
        add_place(&mut url, contract, since, limit);
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.acknowledgements.as_str(),
            contract.acknowledgement.reference.as_str(),
        );
        read_page(&reply, contract, names, (since, limit), |members| {
            Acknowledgement::read(members, contract)
        })
    }
}
