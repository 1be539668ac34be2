//! The history of a purchase.

use connector_http::{Error, ErrorKind, Idempotency, Operation, Personal};
use http::Method;
use serde::Serialize;

use super::{LookupBy, Purchases};
use crate::json::decode;
use crate::members::wire_object;
use crate::value::vocabulary;

static READ: Operation = Operation::new(
    "purchases.history",
    Idempotency::ReadOnly,
    "/api/v1/purchases/{lookupBy}/{identifier}/{history}",
);
/// No key tells a second entry from the first sent twice.
static ADD: Operation = Operation::new(
    "purchases.add_history",
    Idempotency::NonIdempotent,
    "/api/v1/purchases/{lookupBy}/{identifier}/history",
);

vocabulary! {
    /// What an entry of a history is. Documented.
    pub enum HistoryEventType {
        /// A message.
        Message = "message",
        /// A note.
        Note = "note",
        /// An e-mail that was sent.
        Email = "email",
    }
}

wire_object! {
    /// An entry of a purchase's history. The members are those of a new entry; that it is read with the same ones is
    /// assumed.
    pub struct HistoryEntry {
        /// What it is.
        event_type: Option<HistoryEventType> = "event_type",
        /// Who wrote a message or note; a UUID in the vendor's example.
        created_by: Option<Personal<String>> = "created_by",
        /// Who sent an e-mail.
        sent_by: Option<Personal<String>> = "sent_by",
        /// The text.
        body: Option<Personal<String>> = "body",
    }
}

/// An entry to be added to a purchase's history. Documented. `Debug` masks author and text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewHistoryEntry {
    event_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_by: Option<Personal<String>>,
    body: Personal<String>,
}

impl NewHistoryEntry {
    /// A message, with its author (a UUID in the vendor's example) and text.
    #[must_use]
    pub fn message(created_by: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            event_type: "message",
            created_by: Some(created_by.into().into()),
            sent_by: None,
            body: body.into().into(),
        }
    }

    /// A note, with its author (a UUID in the vendor's example) and text.
    #[must_use]
    pub fn note(created_by: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            event_type: "note",
            ..Self::message(created_by, body)
        }
    }

    /// An e-mail that was sent, with its sender and text. SparkLayer is told of it; that it sends one is not documented.
    #[must_use]
    pub fn email(sent_by: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            event_type: "email",
            created_by: None,
            sent_by: Some(sent_by.into().into()),
            body: body.into().into(),
        }
    }
}

impl Purchases {
    /// The history of a purchase. **Assumed**: that it can be read is documented, but not where; the path is that of
    /// [`add_history`](Self::add_history) and stands in [`WireNames::history`](crate::WireNames::history).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with unconfirmed names against a live address, where a wrong path would
    /// look like a missing purchase; [`NotFound`](ErrorKind::NotFound) if there is no such purchase;
    /// [`Decode`](ErrorKind::Decode) if the answer is not a list of objects.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// for entry in shop.purchases().history(LookupBy::Visible, "#1001").await? {
    ///     println!("{:?}", entry.event_type);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn history(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
    ) -> Result<Vec<HistoryEntry>, Error> {
        self.client
            .need_confirmed_names(&READ, "reading a history")?;
        let path = &self.client.wire_names().history;
        let address = self.address(&READ, lookup_by, identifier, path)?;
        let reply = self
            .client
            .call(&READ, Method::GET, &address, None, &self.options)
            .await?;
        decode(&reply, "a list of history entries")
    }

    /// Adds an entry to a purchase's history. Documented; what it answers is not, and is not looked at.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is no such purchase. Nothing tells a repeated entry from a new one, so
    /// a lost answer is [ambiguous](Error::is_ambiguous) and never repeated: read the history first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the entry was added.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, NewHistoryEntry, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let author = "9151f21f-43ae-43b4-92f3-f4af67cdf544";
    /// let entry = NewHistoryEntry::message(author, "Left the warehouse with Royal Mail.");
    /// shop.purchases().add_history(LookupBy::Visible, "#1001", &entry).await?;
    /// # Ok(()) }
    /// ```
    pub async fn add_history(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        entry: &NewHistoryEntry,
    ) -> Result<(), Error> {
        let address = self.address(&ADD, lookup_by, identifier, "history")?;
        let body = serde_json::to_vec(entry).map_err(|_| {
            Error::before_sending(ErrorKind::Build, ADD.name(), "the entry cannot be written")
        })?;
        self.client
            .call(&ADD, Method::POST, &address, Some(body), &self.options)
            .await?;
        Ok(())
    }
}
