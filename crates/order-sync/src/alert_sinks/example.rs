//! The alert that the tests of the sinks tell.

use chrono::{DateTime, Duration, NaiveDate};
use order_mapping::{Money, SalesOrder};
use rust_decimal::Decimal;

use crate::{Alert, AlertKind, Exception, ExceptionSubject, Finding, MerchantId, Stake, codes};

/// Two orders that the warehouse has twice; one of them is shown.
pub(super) fn example() -> Alert {
    let at = DateTime::from_timestamp(1_772_444_400, 0).unwrap_or_default();
    let subject = ExceptionSubject::new("order", "1001");
    let mut finding = Finding::new(subject, &codes::DOUBLED, "2 live orders <A&B>");
    finding.count = 3;
    finding.examples = vec!["W1".to_owned(), "W2".to_owned()];
    let mut order = SalesOrder::new("1001");
    order.total = Some(Money::new(Decimal::new(120_000, 2), "GBP"));
    order.requested_date = NaiveDate::from_ymd_opt(2026, 3, 4);
    order.customer_group = Some("trade".to_owned());
    finding.stake = Stake::of(&order);
    let mut exception = Exception::opened("audit", finding, at - Duration::hours(5));
    exception.number = 12;
    exception.escalated_at = Some(at);
    exception.assignee = Some("jo@example.com".to_owned());
    let merchant = MerchantId::new("acme");
    Alert::new(
        merchant,
        AlertKind::Escalated,
        codes::DOUBLED.id,
        2,
        vec![exception],
        at,
    )
}
