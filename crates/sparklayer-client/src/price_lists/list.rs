//! Price lists, page by page.

use std::collections::HashSet;

use connector_http::{Error, ErrorKind, Idempotency, Operation, Reply};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;

use super::{PriceList, PriceLists};
use crate::json::{items, members, misfit, refused};
use crate::members::{Member, Members};

static LIST: Operation = Operation::new(
    "price_lists.list",
    Idempotency::ReadOnly,
    "/api/v2/price-lists",
);

/// The most rows of a page. Documented.
const MOST_ROWS: u32 = 250;

/// No site has more price lists than 15,000 (older documentation); a vendor that never ends one is stopped here.
const MOST_PAGES: u32 = 15_000;

/// A list of price lists, not yet sent.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until it is sent"]
pub struct ListPriceLists {
    price_lists: PriceLists,
    page: u32,
    page_size: u32,
    order_by: Option<String>,
    source: Option<String>,
}

/// One page of price lists.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PriceListPage {
    /// The rows.
    pub price_lists: Vec<PriceList>,
    /// Which page it is, from 1, as the vendor says.
    pub page: u32,
    /// How many pages there are.
    pub total_pages: u32,
    /// The page after this one; `None` after the last (documented: when page and total are equal).
    pub next_page: Option<u32>,
}

impl PriceLists {
    /// A list of price lists, in pages. Documented.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// use futures_util::TryStreamExt;
    /// let mut price_lists = std::pin::pin!(shop.price_lists().list().items());
    /// while let Some(price_list) = price_lists.try_next().await? {
    ///     println!("{:?} in {:?}", price_list.slug, price_list.currency_code);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListPriceLists {
        ListPriceLists {
            price_lists: self.clone(),
            page: 1,
            page_size: MOST_ROWS,
            order_by: None,
            source: None,
        }
    }
}

impl ListPriceLists {
    /// Rows of a page, 1 to 250 (documented); 250 by default.
    pub const fn with_page_size(mut self, rows: u32) -> Self {
        self.page_size = rows;
        self
    }

    /// The page to begin with, from 1.
    pub const fn with_page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// The order of the list. Seen in use, where the words are not known. Rests on [`PriceNames`](crate::PriceNames).
    pub fn with_order_by(mut self, order: impl Into<String>) -> Self {
        self.order_by = Some(order.into());
        self
    }

    /// Only price lists from a source. Seen in use, where the words are not known. Rests on
    /// [`PriceNames`](crate::PriceNames).
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    fn address(&self) -> Result<url::Url, Error> {
        let client = &self.price_lists.client;
        if !(1..=MOST_ROWS).contains(&self.page_size) {
            return Err(refused(&LIST, "the page size must be 1 to 250"));
        }
        if self.page == 0 {
            return Err(refused(&LIST, "pages begin with 1"));
        }
        let mut address = client.address(&LIST, ["api", "v2", "price-lists"])?;
        {
            let names = &client.wire_names().prices;
            let mut query = address.query_pairs_mut();
            query
                .append_pair("page", &self.page.to_string())
                .append_pair("page_size", &self.page_size.to_string());
            for (name, value) in [
                (&names.order_by, &self.order_by),
                (&names.source, &self.source),
            ] {
                let Some(value) = value else { continue };
                let what = "a parameter of a list of price lists";
                client.need_confirmed(&LIST, names.confirmed, "prices.confirmed", what)?;
                query.append_pair(name, value);
            }
        }
        Ok(address)
    }

    /// Fetches one page.
    ///
    /// ```
    /// # async fn example(shop: sparklayer_client::SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let first = shop.price_lists().list().with_page_size(50).send().await?;
    /// println!("{} of {} pages", first.page, first.total_pages);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidRequest`](ErrorKind::InvalidRequest) for a page or size that cannot be;
    /// [`Unsupported`](ErrorKind::Unsupported) for an order or source against a live address, unless
    /// [`PriceNames`](crate::PriceNames) are confirmed. [`Decode`](ErrorKind::Decode) if the answer has no page numbers, or
    /// not exactly one list while the name of the list is not configured.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn send(&self) -> Result<PriceListPage, Error> {
        let client = &self.price_lists.client;
        let address = self.address()?;
        let reply = client
            .call(
                &LIST,
                Method::GET,
                &address,
                None,
                &self.price_lists.options,
            )
            .await?;
        read_page(&reply, &client.wire_names().prices.items)
    }

    /// All pages from the first one asked for. The stream ends after the last page and after an error.
    ///
    /// A page that is not the one asked for, one with the rows of the page before it, and a list beyond all reason end with
    /// [`Unexpected`](ErrorKind::Unexpected): the vendor then ignores the page. A list that became shorter just ends.
    pub fn pages(self) -> impl Stream<Item = Result<PriceListPage, Error>> + Send + 'static {
        let start = Some((self, Vec::new(), 0u32));
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
            let page = list.send().await?;
            if page.page != list.page {
                return if list.page > page.total_pages {
                    Ok(None)
                } else {
                    Err(endless(
                        "the vendor sent another page than the one asked for",
                    ))
                };
            }
            let slugs: Vec<Option<String>> = page
                .price_lists
                .iter()
                .map(|price_list| price_list.slug.clone())
                .collect();
            if !slugs.is_empty() && slugs == last && slugs.iter().any(Option::is_some) {
                return Err(endless("the vendor sent the same rows twice"));
            }
            let next = page.next_page.map(|next| {
                list.page = next;
                (list, slugs, pages + 1)
            });
            Ok(Some((page, next)))
        })
    }

    /// All price lists from the first page asked for, each slug once. The stream ends after the last one and after an
    /// error, as [`pages`](Self::pages).
    pub fn items(self) -> impl Stream<Item = Result<PriceList, Error>> + Send + 'static {
        let mut seen = HashSet::new();
        self.pages()
            .map_ok(move |page| {
                // Rows move between pages while they are read: what was there already is left out.
                let mut fresh = page.price_lists;
                fresh.retain(|price_list| {
                    let slug = price_list.slug.as_ref();
                    slug.is_none_or(|slug| seen.insert(slug.clone()))
                });
                stream::iter(fresh.into_iter().map(Ok))
            })
            .try_flatten()
            .boxed()
    }
}

fn read_page(reply: &Reply, name: &str) -> Result<PriceListPage, Error> {
    let answer = members(reply, "a page of price lists")?;
    let pagination = answer.get("pagination").and_then(Members::parse);
    let number = |name: &str| {
        let raw = pagination
            .as_ref()
            .and_then(|pagination| pagination.get(name));
        raw.and_then(<Option<i64> as Member>::read)
            .flatten()
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| misfit(reply, "a page number", &format!("/pagination/{name}")))
    };
    let (page, total_pages) = (number("current_page")?, number("total_pages")?);
    Ok(PriceListPage {
        price_lists: rows(reply, &answer, name)?,
        page,
        total_pages,
        next_page: page.checked_add(1).filter(|_| page < total_pages),
    })
}

/// The rows of an answer: by the configured name, else the only list there is.
pub(super) fn rows(reply: &Reply, answer: &Members, name: &str) -> Result<Vec<PriceList>, Error> {
    let mut lists = answer.iter().filter(|(member, raw)| {
        if name.is_empty() {
            raw.get().starts_with('[')
        } else {
            *member == name
        }
    });
    match (lists.next(), lists.next()) {
        (Some((name, raw)), None) => items(reply, raw, "price list", &format!("/{name}")),
        _ => Err(misfit(reply, "one list of price lists", "")),
    }
}
