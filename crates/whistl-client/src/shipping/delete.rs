//! Deleting a shipment.

use connector_http::{Error, Idempotency, Operation};
use http::Method;

use super::client::Shipping;
use super::shipment::ShipmentId;

/// Deleting what is deleted changes nothing.
const DELETE: Operation =
    Operation::new("shipping.delete", Idempotency::Idempotent, "/Shipment/{id}");

impl Shipping {
    /// Deletes a shipment that is on no manifest yet. `false`: the carrier has no such shipment, perhaps because it is deleted already.
    ///
    /// # Errors
    ///
    /// - `InvalidRequest` (400): it is on a manifest (assumed).
    /// - `Unexpected` (404): a page of a gateway, not the carrier's own answer.
    /// - `Timeout`, `Interrupted`, `Server`: it may have been deleted; ask again.
    /// - `Connect`, `RateLimited`, `Auth`, `PermissionDenied`: not deleted.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves open whether it was deleted; asking again is harmless.
    pub async fn delete(&self, id: ShipmentId) -> Result<bool, Error> {
        let url = self.url(&DELETE, &["Shipment", &id.to_string()], &[])?;
        match self.call(&DELETE, Method::DELETE, &url, None).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
