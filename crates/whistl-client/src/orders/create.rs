//! Creating an order.

use connector_http::{CallOptions, Error, Idempotency, Operation};
use http::Method;

use super::client::{WarehouseOrders, object_of, request};
use super::new_order::NewOrder;
use super::stored_order::Accepted;

/// A second create with the reference is answered 409 by this contract, but that a site keeps to it is not known.
const CREATE: Operation = Operation::new("orders.create", Idempotency::NonIdempotent, "/v1/orders");

impl WarehouseOrders {
    /// Creates an order. **Not idempotent**: it is never repeated unless it provably was not sent.
    ///
    /// Where [`Error::is_ambiguous`] is `true`, the order may have been created: ask [`get`](Self::get) with its reference, and
    /// send again only after a definite `None`. The whole call takes at most the create timeout (15 s by default).
    ///
    /// # Errors
    ///
    /// - `Conflict` (409): the reference is known; [`get`](Self::get) tells whether it is this very order.
    /// - `InvalidRequest` (422): refused, with every complaint in [`Error::vendor_errors`].
    /// - `Decode`: accepted, but the answer is not what the contract says, or is about another order; ambiguous.
    /// - `Timeout`, `Interrupted`, `Server`: ambiguous once the request may have arrived.
    /// - `Connect`, `RateLimited`, `Auth`, `PermissionDenied`: not created.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the order's fate unknown, as an ambiguous error does.
    pub async fn create(&self, order: &NewOrder) -> Result<Accepted, Error> {
        let contract = &self.inner.contract;
        let operation = CREATE.with_template(contract.paths.orders.as_str());
        let url = self.url(&operation, &contract.paths.orders)?;
        let request = request(&operation, Method::POST, &url, Some(&order.body(contract)))?;
        let options = CallOptions::new().with_total_timeout(self.inner.create_timeout);
        let reply = self
            .inner
            .http
            .execute(&operation, request, &options)
            .await?;
        let accepted = Accepted::read(object_of(&reply)?, contract)
            .map_err(|problem| reply.decode_error(problem.to_string()))?;
        let other = |known: &String| !known.eq_ignore_ascii_case(&order.reference);
        if accepted.reference.as_ref().is_some_and(other) {
            return Err(reply.decode_error("the answer is about another order"));
        }
        Ok(accepted)
    }
}
