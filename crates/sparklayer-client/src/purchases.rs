//! Reading and writing purchases.

mod history;
mod list;
mod lookup_by;
mod page_token;
mod recent_ids;
mod transactions;

pub use history::{HistoryEntry, HistoryEventType, NewHistoryEntry};
pub use list::{ListPurchases, PurchasePage};
pub use lookup_by::LookupBy;
pub use page_token::PageToken;
pub use transactions::{Transaction, TransactionTotal};

use connector_http::{CallOptions, Error, ErrorKind, Idempotency, Operation};
use http::Method;
use url::Url;

use crate::client::SparkLayer;
use crate::json::decode;
use crate::purchase::Purchase;
use lookup_by::is_uuid;

static GET: Operation = Operation::new(
    "purchases.get",
    Idempotency::ReadOnly,
    "/api/v1/purchases/{lookupBy}/{identifier}",
);
/// An upsert by identifier, but it replaces the whole record: repeated blindly, it undoes what another writer did
/// meanwhile. So the loop below must not repeat it.
pub(crate) static PUT: Operation = Operation::new(
    "purchases.put",
    Idempotency::NonIdempotent,
    "/api/v1/purchases/{lookupBy}/{identifier}",
);

/// Orders, quotes and carts as SparkLayer stores them.
#[derive(Clone, Debug)]
pub struct Purchases {
    client: SparkLayer,
    options: CallOptions,
}

impl Purchases {
    pub(crate) fn new(client: SparkLayer) -> Self {
        Self {
            client,
            options: CallOptions::new(),
        }
    }

    /// Options for the calls made through this handle.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// A list of purchases, not yet sent. Documented; some filters by older pages only.
    pub fn list(&self) -> ListPurchases {
        ListPurchases::new(self.clone())
    }

    /// The address of a purchase, or of something below it.
    fn address(
        &self,
        operation: &Operation,
        lookup_by: LookupBy,
        identifier: &str,
        below: &str,
    ) -> Result<Url, Error> {
        if lookup_by == LookupBy::Sparklayer && !is_uuid(identifier) {
            return Err(Error::before_sending(
                ErrorKind::InvalidRequest,
                operation.name(),
                "the sparklayer identifier is not a UUID",
            ));
        }
        let purchase = ["api", "v1", "purchases", lookup_by.as_str(), identifier];
        let below = below.split('/').filter(|segment| !segment.is_empty());
        self.client
            .address(operation, purchase.into_iter().chain(below))
    }

    /// One purchase with everything in it. Documented.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is none; [`InvalidRequest`](ErrorKind::InvalidRequest) if the
    /// identifier cannot be one; [`Decode`](ErrorKind::Decode) if the answer is not an object.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// match shop.purchases().get(LookupBy::Visible, "#1001").await {
    ///     Ok(purchase) => println!("{} packages", purchase.packages.len()),
    ///     Err(error) if error.is_not_found() => println!("no such purchase"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, lookup_by: LookupBy, identifier: &str) -> Result<Purchase, Error> {
        let address = self.address(&GET, lookup_by, identifier, "")?;
        let reply = self
            .client
            .call(&GET, Method::GET, &address, None, &self.options)
            .await?;
        decode(&reply, "a purchase")
    }

    /// Creates a purchase, or **replaces all of it**. Documented. Returns what was stored, if the answer shows it.
    ///
    /// To change a stored purchase use the [editor](SparkLayer::purchase_editor), which keeps what others wrote.
    ///
    /// # Errors
    ///
    /// [`Conflict`](ErrorKind::Conflict) if it clashes with what is stored; [`PermissionDenied`](ErrorKind::PermissionDenied)
    /// if it would change SparkLayer's identifier. A lost answer is ambiguous and is never repeated: read first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the purchase was written.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, Purchase, PurchaseType, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let mut quote = Purchase::default();
    /// quote.purchase_type = Some(PurchaseType::Quote);
    /// quote.identifiers.internal = Some("Q-17".to_owned());
    /// quote.customer_reference = Some("PO 4711".into());
    /// shop.purchases().put(LookupBy::Internal, "Q-17", &quote).await?;
    /// # Ok(()) }
    /// ```
    pub async fn put(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        purchase: &Purchase,
    ) -> Result<Option<Purchase>, Error> {
        let address = self.address(&PUT, lookup_by, identifier, "")?;
        let body = serde_json::to_vec(purchase).map_err(|_| {
            Error::before_sending(
                ErrorKind::Build,
                PUT.name(),
                "the purchase cannot be written",
            )
        })?;
        let reply = self
            .client
            .call(&PUT, Method::PUT, &address, Some(body), &self.options)
            .await?;
        if reply.body().trim_ascii().is_empty() {
            return Ok(None);
        }
        decode(&reply, "a purchase").map(Some)
    }
}
