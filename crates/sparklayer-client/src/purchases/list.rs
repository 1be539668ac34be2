//! Lists of purchases: one page, all pages, all rows.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_http::{Error, ErrorKind, Idempotency, Operation};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;
use url::Url;

use super::Purchases;
use super::page_token::{PageToken, fingerprint};
use super::recent_ids::RecentIds;
use crate::json::decode;
use crate::purchase::{Purchase, PurchaseType};
use crate::value::moment;

pub(super) static LIST: Operation =
    Operation::new("purchases.list", Idempotency::ReadOnly, "/api/v1/purchases");

/// The most rows of a page. Documented.
const MOST_ROWS: u32 = 500;

/// No list of a shop is longer; a vendor that never ends one is stopped here.
const MOST_PAGES: u32 = 10_000;

/// How often in a row a page may be the one before it. Once is no fault: with a small limit, one new row in front of
/// all others does it.
const MOST_REPEATS: u32 = 3;

/// A window of time, both ends included (assumed).
type Window = (DateTime<Utc>, DateTime<Utc>);

/// A list of purchases, not yet sent. Rows have the head only: [fetch](Purchases::get) each for its lines.
///
/// Paging is by offset over data that may change: give the window an upper end in the past, and take rows as they come,
/// since neither order nor totals are documented.
///
/// ```
/// # use sparklayer_client::{PurchaseType, SparkLayer};
/// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
/// let list = shop.purchases().list().with_type(PurchaseType::Order).with_limit(100);
/// let first = list.clone().send().await?;
/// println!("{} rows, more: {}", first.purchases.len(), first.next.is_some());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until it is sent"]
pub struct ListPurchases {
    purchases: Purchases,
    purchase_type: Option<PurchaseType>,
    customer: Option<String>,
    impersonator: Option<String>,
    sales_rep: Option<String>,
    updated: Option<Window>,
    placed: Option<Window>,
    limit: u32,
    offset: u64,
    resumes: Option<PageToken>,
}

impl ListPurchases {
    pub(super) const fn new(purchases: Purchases) -> Self {
        Self {
            purchases,
            purchase_type: None,
            customer: None,
            impersonator: None,
            sales_rep: None,
            updated: None,
            placed: None,
            limit: MOST_ROWS,
            offset: 0,
            resumes: None,
        }
    }

    /// Only purchases of a type. Older documentation; check the rows.
    pub fn with_type(mut self, purchase_type: PurchaseType) -> Self {
        self.purchase_type = Some(purchase_type);
        self
    }

    /// Only purchases of a customer, by SparkLayer's id. Older documentation; rests on
    /// [`WireNames`](crate::WireNames).
    pub fn with_customer(mut self, id: impl Into<String>) -> Self {
        self.customer = Some(id.into());
        self
    }

    /// Only purchases that an agent placed on behalf of customers. Older documentation; rests on
    /// [`WireNames`](crate::WireNames).
    pub fn with_impersonator(mut self, id: impl Into<String>) -> Self {
        self.impersonator = Some(id.into());
        self
    }

    /// Only purchases of a sales representative's customers. Older documentation; rests on
    /// [`WireNames`](crate::WireNames).
    pub fn with_sales_rep(mut self, id: impl Into<String>) -> Self {
        self.sales_rep = Some(id.into());
        self
    }

    /// Only purchases changed within a window. Older documentation; rests on [`WireNames`](crate::WireNames).
    pub const fn with_updated_window(mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        self.updated = Some((from, to));
        self
    }

    /// Only purchases placed within a window. Older documentation; rests on [`WireNames`](crate::WireNames).
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
    pub fn with_offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self.resumes = None;
        self
    }

    /// Goes on where a [page](PurchasePage::next) of the same list ended. Sending refuses the token of another list.
    pub fn with_page_token(mut self, token: &PageToken) -> Self {
        self.offset = token.offset();
        self.resumes = Some(token.clone());
        self
    }

    fn refused(detail: &'static str) -> Error {
        Error::before_sending(ErrorKind::InvalidRequest, LIST.name(), detail)
    }

    /// The address with the filters, but without a place in the list.
    fn filters(&self) -> Result<Url, Error> {
        let client = &self.purchases.client;
        let names = client.wire_names();
        let mut address = client.address(&LIST, ["api", "v1", "purchases"])?;
        let mut query = address.query_pairs_mut();
        if let Some(purchase_type) = &self.purchase_type {
            query.append_pair("type", purchase_type.as_str());
        }
        let people = [
            (&self.customer, &names.by_customer),
            (&self.impersonator, &names.by_impersonator),
            (&self.sales_rep, &names.by_sales_rep),
        ];
        for (id, name) in people {
            let Some(id) = id else { continue };
            client.need_confirmed_names(&LIST, "a filter by customer")?;
            if id.is_empty() {
                return Err(Self::refused("the id of a filter is empty"));
            }
            query.append_pair(name, id);
        }
        let windows = [
            (self.updated, &names.updated_from, &names.updated_to),
            (self.placed, &names.placed_from, &names.placed_to),
        ];
        for (window, from_name, to_name) in windows {
            let Some((from, to)) = window else { continue };
            client.need_confirmed_names(&LIST, "a filter by date")?;
            if from > to {
                return Err(Self::refused("a window ends before it begins"));
            }
            query
                .append_pair(from_name, &moment(from))
                .append_pair(to_name, &moment(to));
        }
        drop(query);
        Ok(address)
    }

    async fn fetch(&self) -> Result<(PurchasePage, Bytes), Error> {
        if !(1..=MOST_ROWS).contains(&self.limit) {
            return Err(Self::refused("the limit must be 1 to 500"));
        }
        let client = &self.purchases.client;
        let mut address = self.filters()?;
        let list = fingerprint(client.site(), address.as_str());
        if self
            .resumes
            .as_ref()
            .is_some_and(|token| !token.is_of(&list))
        {
            return Err(Self::refused(
                "the page token belongs to another list: other filters, names or shop",
            ));
        }
        address
            .query_pairs_mut()
            .append_pair("limit", &self.limit.to_string())
            .append_pair("offset", &self.offset.to_string());
        let options = &self.purchases.options;
        let reply = client
            .call(&LIST, Method::GET, &address, None, options)
            .await?;
        let purchases: Vec<Purchase> = decode(&reply, "a list of purchases")?;
        let rows = u64::try_from(purchases.len()).unwrap_or(u64::MAX);
        let next_offset = (rows >= u64::from(self.limit)).then(|| self.offset.saturating_add(rows));
        let page = PurchasePage {
            purchases,
            server_time: reply.server_time(),
            next_offset,
            next: next_offset.map(|offset| PageToken::new(offset, list)),
        };
        Ok((page, reply.into_body()))
    }

    /// Fetches one page.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) for filters with unconfirmed names against a live address;
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for a limit or window that cannot be, and for the page token of
    /// another list; else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn send(&self) -> Result<PurchasePage, Error> {
        self.fetch().await.map(|(page, _)| page)
    }

    /// All pages from the place on. The stream ends after the last page and after an error; it may be dropped at any
    /// time.
    ///
    /// A page that comes again and again, and a list beyond all reason, end with
    /// [`Unexpected`](ErrorKind::Unexpected): the vendor then ignores the offset.
    ///
    /// ```
    /// # use futures_util::TryStreamExt;
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let mut pages = std::pin::pin!(shop.purchases().list().pages());
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} rows, then {:?}", page.purchases.len(), page.next);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn pages(self) -> impl Stream<Item = Result<PurchasePage, Error>> + Send + 'static {
        let start = Walk {
            list: self,
            last: Bytes::new(),
            repeats: 0,
            pages: 0,
        };
        stream::try_unfold(Some(start), |walk| async move {
            match walk {
                Some(walk) => walk.step().await.map(Some),
                None => Ok(None),
            }
        })
    }

    /// All purchases from the place on, each once. The stream ends after the last one and after an error; it may be
    /// dropped at any time.
    ///
    /// Rows that move between pages while they are read are given out once as far as the last 5,000 rows tell; a list
    /// of any length is read in constant memory.
    ///
    /// ```
    /// # use futures_util::TryStreamExt;
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let mut rows = std::pin::pin!(shop.purchases().list().items());
    /// while let Some(purchase) = rows.try_next().await? {
    ///     println!("{:?}", purchase.identifiers.visible);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn items(self) -> impl Stream<Item = Result<Purchase, Error>> + Send + 'static {
        let mut recent = RecentIds::default();
        self.pages()
            .map_ok(move |page| {
                let mut rows = page.purchases;
                rows.retain(|row| {
                    let id = row.identifiers.sparklayer.as_deref();
                    id.is_none_or(|id| recent.is_new(id))
                });
                stream::iter(rows.into_iter().map(Ok))
            })
            .try_flatten()
            .boxed()
    }
}

/// A list on its way from page to page, with what stops an endless one.
struct Walk {
    list: ListPurchases,
    last: Bytes,
    repeats: u32,
    pages: u32,
}

impl Walk {
    async fn step(mut self) -> Result<(PurchasePage, Option<Self>), Error> {
        let endless = |detail: &'static str| {
            Error::before_sending(ErrorKind::Unexpected, LIST.name(), detail)
        };
        if self.pages >= MOST_PAGES {
            return Err(endless("the list does not end"));
        }
        let (page, body) = self.list.fetch().await?;
        let repeats = body == self.last && !page.purchases.is_empty();
        self.repeats = if repeats { self.repeats + 1 } else { 0 };
        if self.repeats >= MOST_REPEATS {
            return Err(endless("the vendor sends the same page again and again"));
        }
        let next = page.next_offset.map(|offset| Self {
            list: self.list.with_offset(offset),
            last: body,
            repeats: self.repeats,
            pages: self.pages + 1,
        });
        Ok((page, next))
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
    /// The same place as a token that can be stored, and given to [`ListPurchases::with_page_token`] later.
    pub next: Option<PageToken>,
}
