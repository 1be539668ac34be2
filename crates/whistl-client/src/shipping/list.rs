//! Listing shipments and drafts, and finding one by its reference.

use connector_http::{Error, Idempotency, Operation};
use http::Method;

use super::client::Shipping;
use super::shipment::Shipment;
use crate::xml::Element;

const LIST: Operation = Operation::new("shipping.list", Idempotency::ReadOnly, "/Shipment");
const DRAFTS: Operation = Operation::new(
    "shipping.list_drafts",
    Idempotency::ReadOnly,
    "/DraftShipment",
);

/// The wrapper's name was not seen, so any is taken that has shipments in it or nothing at all. A page or a complaint with status
/// 200 is no empty list: a second label may rest on there being none.
fn shipments(mut root: Element) -> Option<Vec<Element>> {
    if let Some(inner) = root.take("Shipments") {
        root = inner;
    }
    let other = root.name == "Shipment"
        || root.name.eq_ignore_ascii_case("html")
        || !root.text.trim().is_empty()
        || root.children.iter().any(|child| child.name != "Shipment");
    (!other).then_some(root.children)
}

impl Shipping {
    /// Lists the account's active shipments, whole: the interface has no pages (seen in use). How far it goes back is not published.
    ///
    /// # Errors
    ///
    /// - `Decode`: the answer is not the carrier's XML, has other things in it than shipments, or one of them has no usable id.
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
        shipments(self.read(&reply)?)
            .ok_or_else(|| reply.decode_error("the answer is no list of shipments"))?
            .into_iter()
            .map(|element| Shipment::of_reply(&reply, element))
            .collect()
    }
}
