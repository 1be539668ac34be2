//! Reading and writing purchases.

use std::collections::HashSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_http::{CallOptions, Error, ErrorKind, Idempotency, Operation};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;

use crate::client::{SparkLayer, decode};
use crate::purchase::{Purchase, PurchaseType};
use crate::value::moment;

static LIST: Operation =
    Operation::new("purchases.list", Idempotency::ReadOnly, "/api/v1/purchases");
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

/// The most rows of a page. Documented.
const MOST_ROWS: u32 = 500;

/// No list of a shop is longer; a vendor that never ends one is stopped here.
const MOST_PAGES: u32 = 10_000;

/// Which of its identifiers names a purchase. Documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LookupBy {
    /// SparkLayer's UUID, the cart's id.
    Sparklayer,
    /// The platform's internal order id.
    Platform,
    /// The merchant's own id.
    Internal,
    /// The number that the buyer sees.
    Visible,
}

impl LookupBy {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sparklayer => "sparklayer",
            Self::Platform => "platform",
            Self::Internal => "internal",
            Self::Visible => "visible",
        }
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}

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

    /// A list of purchases. Rows have the head only: fetch each for its lines.
    pub fn list(&self) -> ListPurchases {
        ListPurchases {
            purchases: self.clone(),
            purchase_type: None,
            updated: None,
            placed: None,
            limit: MOST_ROWS,
            offset: 0,
        }
    }

    fn address(
        &self,
        operation: &Operation,
        lookup_by: LookupBy,
        identifier: &str,
    ) -> Result<url::Url, Error> {
        if lookup_by == LookupBy::Sparklayer && !is_uuid(identifier) {
            let detail = "the sparklayer identifier is not a UUID";
            return Err(Error::before_sending(
                ErrorKind::InvalidRequest,
                operation.name(),
                detail,
            ));
        }
        self.client.address(
            operation,
            ["api", "v1", "purchases", lookup_by.as_str(), identifier],
        )
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
    pub async fn get(&self, lookup_by: LookupBy, identifier: &str) -> Result<Purchase, Error> {
        let address = self.address(&GET, lookup_by, identifier)?;
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
    pub async fn put(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        purchase: &Purchase,
    ) -> Result<Option<Purchase>, Error> {
        let address = self.address(&PUT, lookup_by, identifier)?;
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

/// A window of time, both ends included (assumed).
type Window = (DateTime<Utc>, DateTime<Utc>);

/// A list of purchases, not yet sent.
///
/// Paging is by offset over data that may change: give the window an upper end in the past, and take rows as they come,
/// since neither order nor totals are documented.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until it is sent"]
pub struct ListPurchases {
    purchases: Purchases,
    purchase_type: Option<PurchaseType>,
    updated: Option<Window>,
    placed: Option<Window>,
    limit: u32,
    offset: u64,
}

impl ListPurchases {
    /// Only purchases of a type. Older documentation; check the rows.
    pub fn with_type(mut self, purchase_type: PurchaseType) -> Self {
        self.purchase_type = Some(purchase_type);
        self
    }

    /// Only purchases changed within a window. Rests on [`WireNames`](crate::WireNames).
    pub const fn with_updated_window(mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        self.updated = Some((from, to));
        self
    }

    /// Only purchases placed within a window. Rests on [`WireNames`](crate::WireNames).
    pub const fn with_placed_window(mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        self.placed = Some((from, to));
        self
    }

    /// Rows of a page, 1 to 500 (documented); 500 by default.
    pub const fn with_limit(mut self, rows: u32) -> Self {
        self.limit = rows;
        self
    }

    /// How many rows to leave out.
    pub const fn with_offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }

    fn address(&self) -> Result<url::Url, Error> {
        let client = &self.purchases.client;
        let refused = |detail: &'static str| {
            Error::before_sending(ErrorKind::InvalidRequest, LIST.name(), detail)
        };
        if !(1..=MOST_ROWS).contains(&self.limit) {
            return Err(refused("the limit must be 1 to 500"));
        }
        let mut address = client.address(&LIST, ["api", "v1", "purchases"])?;
        {
            let names = client.wire_names();
            let mut query = address.query_pairs_mut();
            if let Some(purchase_type) = &self.purchase_type {
                query.append_pair("type", purchase_type.as_str());
            }
            let windows = [
                (self.updated, &names.updated_from, &names.updated_to),
                (self.placed, &names.placed_from, &names.placed_to),
            ];
            for (window, from_name, to_name) in windows {
                let Some((from, to)) = window else { continue };
                client.need_confirmed_names(&LIST, "a list with date filters")?;
                if from > to {
                    return Err(refused("a window ends before it begins"));
                }
                query
                    .append_pair(from_name, &moment(from))
                    .append_pair(to_name, &moment(to));
            }
            query
                .append_pair("limit", &self.limit.to_string())
                .append_pair("offset", &self.offset.to_string());
        }
        Ok(address)
    }

    async fn fetch(&self) -> Result<(PurchasePage, Bytes), Error> {
        let address = self.address()?;
        let reply = self
            .purchases
            .client
            .call(&LIST, Method::GET, &address, None, &self.purchases.options)
            .await?;
        let purchases: Vec<Purchase> = decode(&reply, "a list of purchases")?;
        let rows = u64::try_from(purchases.len()).unwrap_or(u64::MAX);
        let next_offset = (rows >= u64::from(self.limit)).then(|| self.offset.saturating_add(rows));
        let page = PurchasePage {
            purchases,
            server_time: reply.server_time(),
            next_offset,
        };
        Ok((page, reply.into_body()))
    }

    /// Fetches one page.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) for date filters with unconfirmed names against a live address;
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for a limit or window that cannot be; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn send(&self) -> Result<PurchasePage, Error> {
        self.fetch().await.map(|(page, _)| page)
    }

    /// All pages from the offset on. The stream ends after the last page and after an error.
    ///
    /// A page that repeats the one before it, and a list beyond all reason, end with
    /// [`Unexpected`](ErrorKind::Unexpected): the vendor then ignores the offset.
    pub fn pages(self) -> impl Stream<Item = Result<PurchasePage, Error>> + Send + 'static {
        let start = Some((self, Bytes::new(), 0u32));
        stream::try_unfold(start, |state| async move {
            let Some((mut list, last, pages)) = state else {
                return Ok(None);
            };
            let endless = |detail: &'static str| {
                Error::before_sending(ErrorKind::Unexpected, LIST.name(), detail)
            };
            if pages >= MOST_PAGES {
                return Err(endless("the list does not end"));
            }
            let (page, body) = list.fetch().await?;
            if body == last && !page.purchases.is_empty() {
                return Err(endless("the vendor sent the same page twice"));
            }
            let next = page.next_offset.map(|offset| {
                list.offset = offset;
                (list, body, pages + 1)
            });
            Ok(Some((page, next)))
        })
    }

    /// All purchases from the offset on, each once. The stream ends after the last one and after an error.
    pub fn items(self) -> impl Stream<Item = Result<Purchase, Error>> + Send + 'static {
        let mut seen = HashSet::new();
        self.pages()
            .map_ok(move |page| {
                // Rows move between pages while they are read: what was there already is left out.
                let fresh: Vec<_> = page
                    .purchases
                    .into_iter()
                    .filter(|purchase| {
                        purchase
                            .identifiers
                            .sparklayer
                            .as_ref()
                            .is_none_or(|id| seen.insert(id.clone()))
                    })
                    .map(Ok)
                    .collect();
                stream::iter(fresh)
            })
            .try_flatten()
            .boxed()
    }
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PurchasePage {
    /// The rows: heads of purchases.
    pub purchases: Vec<Purchase>,
    /// The vendor's clock when it answered, from the `Date` header.
    pub server_time: Option<DateTime<Utc>>,
    /// Where the next page begins; `None` after a page with fewer rows than the limit, which is the last (documented).
    pub next_offset: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_five_groups_of_hex() {
        assert!(is_uuid("63428136-658f-48a6-beb7-7f333dfd9686"));
        for bad in [
            "",
            "63428136658f48a6beb77f333dfd9686",
            "63428136-658f-48a6-beb7-7f333dfd968g",
            "../x",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
