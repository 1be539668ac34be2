//! Listing shipments and drafts, and finding one by its reference.

use connector_http::{Error, Idempotency, Operation};
use http::Method;

use super::client::Shipping;
use super::shipment::Shipment;

const LIST: Operation = Operation::new("shipping.list", Idempotency::ReadOnly, "/Shipment");
const DRAFTS: Operation = Operation::new(
    "shipping.list_drafts",
    Idempotency::ReadOnly,
    "/DraftShipment",
);

impl Shipping {
    /// Lists the account's active shipments, whole: the interface has no pages (seen in use). How far it goes back is not published.
    ///
    /// # Errors
    ///
    /// - `Decode`: the answer is not the carrier's XML, or a shipment has no usable id.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn list(&self) -> Result<Vec<Shipment>, Error> {
        self.all(&LIST, "Shipment").await
    }

    /// Lists the account's drafts.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn list_drafts(&self) -> Result<Vec<Shipment>, Error> {
        self.all(&DRAFTS, "DraftShipment").await
    }

    /// Finds the shipments with this first reference, deleted ones included where the carrier lists them.
    ///
    /// The carrier has no search by reference here, so the whole list is read. An empty answer is as definite as the list is complete.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn find(&self, reference1: &str) -> Result<Vec<Shipment>, Error> {
        let mut found = self.list().await?;
        found.retain(|one| one.reference1.as_deref() == Some(reference1));
        Ok(found)
    }

    async fn all(&self, operation: &Operation, path: &str) -> Result<Vec<Shipment>, Error> {
        let url = self.url(operation, &[path], &[("AccountId", self.account())])?;
        let reply = self.call(operation, Method::GET, &url, None).await?;
        let root = self.read(&reply)?;
        // The wrapper's name was not seen: whatever it is called, its shipments are.
        root.children
            .into_iter()
            .filter(|element| element.name == "Shipment")
            .map(|element| Shipment::of_reply(&reply, element))
            .collect()
    }
}
