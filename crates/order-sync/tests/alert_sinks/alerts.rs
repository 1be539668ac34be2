//! Alerts to tell.

use chrono::DateTime;
use order_mapping::Severity;
use order_sync::{Alert, AlertKind, Exception, ExceptionSubject, Finding, MerchantId, codes};

/// An alert of one doubled order.
pub(crate) fn doubled(kind: AlertKind, severity: Severity) -> Alert {
    let subject = ExceptionSubject::new("order", "1001");
    let mut finding = Finding::new(subject, &codes::DOUBLED, "2 live orders");
    finding.severity = severity;
    let at = DateTime::from_timestamp(1_772_444_400, 0).unwrap();
    let mut exception = Exception::opened("audit", finding, at);
    exception.number = 12;
    let merchant = MerchantId::new("acme");
    Alert::new(merchant, kind, codes::DOUBLED.id, 1, vec![exception], at)
}

/// The usual one.
pub(crate) fn alert() -> Alert {
    doubled(AlertKind::Opened, Severity::Error)
}
