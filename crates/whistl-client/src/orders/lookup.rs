//! Looking orders up, one or all.

use connector_http::{Error, ErrorKind, Idempotency, Operation};

use super::client::{WarehouseOrders, check_limit, object_of};
use super::page::{Cursor, Page, read_page};
use super::stored_order::StoredOrder;

pub(super) const GET: Operation = Operation::new(
    "orders.get",
    Idempotency::ReadOnly,
    "/v1/orders/{reference}",
);
const LIST: Operation = Operation::new("orders.list", Idempotency::ReadOnly, "/v1/orders");

impl WarehouseOrders {
    /// The address of a path about one order.
    pub(super) fn order_url(
        &self,
        operation: &Operation,
        path: &str,
        reference: &str,
    ) -> Result<url::Url, Error> {
        let segments = path.trim_matches('/').split('/');
        let segments = segments.map(|segment| {
            if segment == "{reference}" {
                reference
            } else {
                segment
            }
        });
        self.inner.base.join(segments).map_err(|error| {
            let detail = "the reference cannot stand in a path";
            Error::before_sending(ErrorKind::Build, operation.name(), detail).with_source(error)
        })
    }

    /// Looks an order up by the client's reference. `None` is a definite "not there".
    ///
    /// Because a second send rests on it, `None` needs the contract's own code in the 404 answer
    /// ([`Contract::order_not_found_code`](super::Contract::order_not_found_code)); any other 404 is an `Unexpected` error.
    ///
    /// # Errors
    ///
    /// - `Build`: the reference is blank or cannot stand in a path.
    /// - `Unexpected` (404): the answer does not say that the order is absent; check the base URL and the paths.
    /// - `Decode`: the answer is not what the contract says, or is about another order.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn get(&self, reference: &str) -> Result<Option<StoredOrder>, Error> {
        let contract = &self.inner.contract;
        let operation = GET.with_template(contract.paths.order.as_str());
        let url = self.order_url(&operation, &contract.paths.order, reference)?;
        let reply = match self.read(&operation, &url).await {
            Err(error) if error.is_not_found() => return Ok(None),
            outcome => outcome?,
        };
        let order = StoredOrder::read(object_of(&reply)?, contract)
            .map_err(|problem| reply.decode_error(problem.to_string()))?;
        let same = |known: &String| known.eq_ignore_ascii_case(reference);
        if order.reference.as_ref().is_some_and(same) {
            Ok(Some(order))
        } else {
            Err(reply.decode_error("the answer is about another order, or names none"))
        }
    }

    /// Lists orders in the order in which they were accepted, for audits. Without a cursor from the beginning.
    ///
    /// An order that cannot be read does not hide its neighbours: it stands in [`Page::malformed`].
    ///
    /// # Errors
    ///
    /// - `Build`: the page size is not 1 to 500.
    /// - `Decode`: the answer is not what the contract says, or promises more without moving the cursor.
    /// - Otherwise as any read.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn list(
        &self,
        since: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<StoredOrder>, Error> {
        let contract = &self.inner.contract;
        let operation = LIST.with_template(contract.paths.orders.as_str());
        check_limit(&operation, limit)?;
        let mut url = self.url(&operation, &contract.paths.orders)?;
        add_place(&mut url, contract, since, limit);
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.orders.as_str(),
            contract.order.reference.as_str(),
        );
        read_page(&reply, contract, names, (since, limit), |members| {
            StoredOrder::read(members, contract)
        })
    }
}

/// Adds cursor and page size to an address.
pub(super) fn add_place(
    url: &mut url::Url,
    contract: &super::Contract,
    since: Option<&Cursor>,
    limit: u16,
) {
    let mut query = url.query_pairs_mut();
    if let Some(since) = since {
        query.append_pair(&contract.query.since, since.as_str());
    }
    query.append_pair(&contract.query.limit, &limit.to_string());
}
