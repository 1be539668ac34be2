//! The log.

use order_mapping::Severity;
use order_sync::alert_sinks::LogSink;
use order_sync::{AlertKind, AlertSink as _};

use crate::alerts::doubled;
use crate::traced::{listen, traced};

#[tokio::test]
async fn the_level_is_that_of_the_severity() {
    for (kind, severity, level) in [
        (AlertKind::Opened, Severity::Info, " INFO "),
        (AlertKind::Opened, Severity::Warning, " WARN "),
        (AlertKind::Opened, Severity::Hold, " WARN "),
        (AlertKind::Opened, Severity::Error, "ERROR "),
        (AlertKind::Escalated, Severity::Error, "ERROR "),
        (AlertKind::Closed, Severity::Error, " INFO "),
    ] {
        listen();
        LogSink::new()
            .alert(&doubled(kind, severity))
            .await
            .unwrap();
        let line = traced();
        assert!(line.contains(level), "{kind:?} {severity:?}: {line}");
        assert!(line.contains("order_sync::alert: [acme] "), "{line}");
    }
}

#[tokio::test]
async fn the_fields_say_what_and_who() {
    listen();
    let alert = doubled(AlertKind::Escalated, Severity::Error);
    LogSink::new().alert(&alert).await.unwrap();
    let line = traced();
    for field in [
        "[acme] ESCALATED DOUBLED: the warehouse has the order more than once",
        "merchant=\"acme\"",
        "kind=\"escalated\"",
        "code=\"DOUBLED\"",
        "severity=error",
        "owner=warehouse operations",
        "diagnosis=warehouse",
        "count=1",
        "exceptions=\"12\"",
    ] {
        assert!(line.contains(field), "{field} in {line}");
    }
}
