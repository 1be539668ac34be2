//! Creating shipments and drafts, and not creating them twice.

use connector_http::{Error, ErrorKind, Idempotency, Operation};
use http::Method;

use super::client::Shipping;
use super::label::LabelRequest;
use super::new_shipment::NewShipment;
use super::shipment::Shipment;

/// The carrier knows no idempotency key; a second POST makes a second shipment (assumed).
const CREATE: Operation =
    Operation::new("shipping.create", Idempotency::NonIdempotent, "/Shipment");
const DRAFT: Operation = Operation::new(
    "shipping.create_draft",
    Idempotency::NonIdempotent,
    "/DraftShipment",
);

/// How [`Shipping::create_unless_there`] came to a shipment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Made {
    /// It was created now.
    Created(Shipment),
    /// It was there already. Lists were not seen to repeat labels, so it may have none.
    Found(Shipment),
}

impl Made {
    /// The shipment.
    #[must_use]
    pub const fn shipment(&self) -> &Shipment {
        match self {
            Self::Created(shipment) | Self::Found(shipment) => shipment,
        }
    }

    /// Whether it was created now.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        matches!(self, Self::Created(_))
    }
}

impl Shipping {
    /// Creates a shipment with its labels. **Not idempotent**: it is never repeated unless it provably was not sent.
    ///
    /// Where [`Error::is_ambiguous`] is `true`, the shipment may have been created, and its label paid for: look for its reference
    /// ([`find`](Self::find)) before anything else, or use [`create_unless_there`](Self::create_unless_there). The whole call takes at
    /// most the create timeout (15 s by default).
    ///
    /// # Errors
    ///
    /// - `Build`: a limit is broken ([`NewShipment::check`]) or no service is chosen; nothing was sent.
    /// - `InvalidRequest` (400): the carrier finds it wrong, with its words in [`Error::vendor_errors`].
    /// - `Decode`: created, but the answer cannot be read, or has another reference; ambiguous.
    /// - `Timeout`, `Interrupted`, `Server`: ambiguous once the request may have arrived.
    /// - `Connect`, `RateLimited`, `Auth`, `PermissionDenied`: not created.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the shipment's fate unknown, as an ambiguous error does.
    pub async fn create(
        &self,
        shipment: &NewShipment,
        labels: LabelRequest,
    ) -> Result<Shipment, Error> {
        self.post(&CREATE, "Shipment", shipment, labels).await
    }

    /// Creates a draft: a shipment without label that somebody completes later. As [`create`](Self::create) otherwise.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); a draft needs no service.
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn create_draft(
        &self,
        shipment: &NewShipment,
        labels: LabelRequest,
    ) -> Result<Shipment, Error> {
        self.post(&DRAFT, "DraftShipment", shipment, labels).await
    }

    /// Creates a shipment unless its reference is there already, and looks for it again after a lost answer.
    ///
    /// A deleted shipment does not count as there. An answer that was lost and a shipment that is not there leave an error that
    /// [`is_ambiguous`](Error::is_ambiguous): a slow carrier may still make it. Wait, longer than any of its time limits, and call this
    /// again; it looks first.
    ///
    /// # Errors
    ///
    /// - `Conflict`: several shipments have the reference; a person has to choose.
    /// - Otherwise as [`create`](Self::create) and [`find`](Self::find).
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn create_unless_there(
        &self,
        shipment: &NewShipment,
        labels: LabelRequest,
    ) -> Result<Made, Error> {
        // Judged before anything is asked: a shipment that cannot go is no reason to search.
        self.document(&CREATE, shipment, true)?;
        if let Some(found) = self.only(&shipment.reference1).await? {
            return Ok(Made::Found(found));
        }
        match self.create(shipment, labels).await {
            Ok(created) => Ok(Made::Created(created)),
            Err(error) if error.is_ambiguous() => match self.only(&shipment.reference1).await {
                Ok(Some(found)) => Ok(Made::Found(found)),
                // The first error says more: what was asked, and that it may still happen.
                Ok(None) | Err(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The one live shipment with this reference.
    async fn only(&self, reference: &str) -> Result<Option<Shipment>, Error> {
        let mut live = self
            .find(reference)
            .await?
            .into_iter()
            .filter(|one| !one.deleted);
        let first = live.next();
        if live.next().is_some() {
            let detail = "several shipments have this reference; a person has to choose";
            return Err(Error::before_sending(
                ErrorKind::Conflict,
                CREATE.name(),
                detail,
            ));
        }
        Ok(first)
    }

    async fn post(
        &self,
        operation: &Operation,
        path: &str,
        shipment: &NewShipment,
        labels: LabelRequest,
    ) -> Result<Shipment, Error> {
        let body = self.document(operation, shipment, operation.name() == CREATE.name())?;
        let query = [
            ("RequestedLabelFormat", labels.format.as_str()),
            ("RequestedLabelSize", labels.size.as_str()),
            ("AccountId", self.account()),
        ];
        let url = self.url(operation, &[path], &query)?;
        let reply = self.call(operation, Method::POST, &url, Some(body)).await?;
        let made = Shipment::of_reply(&reply, self.read(&reply)?)?;
        if made
            .reference1
            .as_deref()
            .is_some_and(|reference| reference != shipment.reference1)
        {
            return Err(reply.decode_error("the answer is about another shipment"));
        }
        Ok(made)
    }
}
