//! The list of purchases: filters and pages.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::purchase::Purchase;
use super::purchase_book::PurchaseBook;
use super::switches::{AboveMaxLimit, ListOrder, SparkLayerSwitches};
use crate::problem::Problem;

/// Rows of a page at most (documented).
const MAX_LIMIT: usize = 500;

// Assumed: list-date-filters.
/// A time window, both ends inclusive (assumed).
#[derive(Debug, Default)]
struct Window {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Window {
    fn holds(&self, at: Option<DateTime<Utc>>) -> bool {
        match at {
            Some(at) => {
                self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
            }
            None => self.from.is_none() && self.to.is_none(),
        }
    }
}

/// A read query string.
#[derive(Debug)]
pub(crate) struct ListQuery {
    kind: Option<String>,
    customer: Vec<(String, String)>,
    updated: Window,
    placed: Window,
    limit: usize,
    offset: usize,
    order: ListOrder,
    packages: bool,
    unconfirmed: bool,
}

impl ListQuery {
    /// Reads the parameters. Unknown names are ignored, as web servers do; a known name with an unreadable value is refused.
    pub(crate) fn read(query: &str, switches: &SparkLayerSwitches) -> Result<Self, Problem> {
        let mut list = Self {
            order: switches.list_order,
            packages: switches.list_packages,
            unconfirmed: switches.list_unconfirmed,
            kind: None,
            customer: Vec::new(),
            updated: Window::default(),
            placed: Window::default(),
            limit: switches.default_limit.clamp(1, MAX_LIMIT),
            offset: 0,
        };
        // Assumed: list-default-limit, list-unknown-parameters.
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "type" => list.kind = Some(value.into_owned()),
                // The second spelling is printed in the older reference; the third follows the newer member names (assumed).
                "dates[last_updated][gte]"
                | "dates[last_updated[gte]"
                | "dates[updated_at][gte]" => {
                    list.updated.from = Some(time(&name, &value)?);
                }
                "dates[last_updated][lte]"
                | "dates[last_updated[lte]"
                | "dates[updated_at][lte]" => {
                    list.updated.to = Some(time(&name, &value)?);
                }
                "dates[placed][gte]" | "dates[placed_at][gte]" => {
                    list.placed.from = Some(time(&name, &value)?)
                }
                "dates[placed][lte]" | "dates[placed_at][lte]" => {
                    list.placed.to = Some(time(&name, &value)?)
                }
                "limit" => {
                    list.limit = limit(&value, switches.above_max_limit)
                        .ok_or_else(|| Problem::bad_request("limit must be between 1 and 500"))?;
                }
                "offset" => {
                    list.offset = value
                        .parse()
                        .map_err(|_| Problem::bad_request("offset must be a whole number"))?;
                }
                other => {
                    let customer = other
                        .strip_prefix("customer_identifiers[")
                        .and_then(|rest| rest.strip_suffix(']'));
                    if let Some(member) = customer {
                        list.customer.push((member.to_owned(), value.into_owned()));
                    }
                }
            }
        }
        Ok(list)
    }

    /// The page as JSON text: a bare array of summaries.
    pub(crate) fn page(&self, book: &PurchaseBook) -> String {
        let mut rows: Vec<&Purchase> = book
            .records()
            .iter()
            .map(|record| &record.purchase)
            .filter(|purchase| self.takes(purchase))
            .collect();
        // Assumed: list-order.
        match self.order {
            ListOrder::OldestUpdateFirst => rows.sort_by_key(|purchase| purchase.updated_at),
            ListOrder::NewestUpdateFirst => {
                rows.sort_by_key(|purchase| Reverse(purchase.updated_at));
            }
            ListOrder::AsStored => {}
        }
        let page: Vec<String> = rows
            .into_iter()
            .skip(self.offset)
            .take(self.limit)
            .map(|purchase| purchase.summary(self.packages))
            .collect();
        format!("[{}]", page.join(","))
    }

    fn takes(&self, purchase: &Purchase) -> bool {
        // Assumed: list-unconfirmed.
        (self.unconfirmed || purchase.kind != "order_unconfirmed")
            && self.kind.as_ref().is_none_or(|kind| *kind == purchase.kind)
            && self.updated.holds(Some(purchase.updated_at))
            && self.placed.holds(purchase.placed_at)
            && self.customer.iter().all(|(member, wanted)| {
                purchase.customer_identifier(member).as_ref() == Some(wanted)
            })
    }
}

/// `None` where the text is no limit, or above the highest and that is refused.
fn limit(text: &str, above: AboveMaxLimit) -> Option<usize> {
    let limit: usize = text.parse().ok().filter(|limit| *limit > 0)?;
    // Assumed: list-above-max-limit.
    match above {
        AboveMaxLimit::Refuse => (limit <= MAX_LIMIT).then_some(limit),
        AboveMaxLimit::Clamp => Some(limit.min(MAX_LIMIT)),
    }
}

fn time(name: &str, value: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(value)
        .map(|time| time.to_utc())
        .map_err(|_| Problem::bad_request(format!("{name} is not an RFC 3339 time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unescaped_plus_in_a_time_is_refused() {
        assert!(
            ListQuery::read(
                "dates[placed][gte]=2010-12-01T08:00:00+01:00",
                &SparkLayerSwitches::default()
            )
            .is_err()
        );
        assert!(
            ListQuery::read(
                "dates[placed][gte]=2010-12-01T08:00:00%2B01:00",
                &SparkLayerSwitches::default()
            )
            .is_ok()
        );
    }

    #[test]
    fn limits_outside_the_range_are_refused() {
        let clamping = SparkLayerSwitches {
            above_max_limit: AboveMaxLimit::Clamp,
            ..SparkLayerSwitches::default()
        };
        assert!(ListQuery::read("limit=501", &clamping).is_ok());
        assert!(ListQuery::read("limit=0", &clamping).is_err());
        for query in ["limit=0", "limit=501", "limit=x", "offset=-1"] {
            assert!(
                ListQuery::read(query, &SparkLayerSwitches::default()).is_err(),
                "{query}"
            );
        }
    }
}
