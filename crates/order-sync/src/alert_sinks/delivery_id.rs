//! An id by which a receiver tells the same alert told twice from another one.

use sha2::{Digest as _, Sha256};

use crate::Alert;

/// 32 hexadecimal digits over what the alert is about.
///
/// When it was made is left out: an alert that is told again after an attempt of unknown fate is made anew. What was told before is
/// no longer pending, so another alert has other exceptions, or the same ones in another state.
pub(super) fn delivery_id(alert: &Alert) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n{}",
        alert.merchant,
        alert.kind.as_str(),
        alert.code,
        alert.count
    );
    for exception in &alert.exceptions {
        let changed = exception.changed_at.timestamp_micros();
        text.push_str(&format!("\n{} {changed}", exception.number));
    }
    if alert.exceptions.is_empty() {
        // Nothing else tells it from the next one.
        text.push_str(&format!("\n{}", alert.at.timestamp_micros()));
    }
    Sha256::digest(text)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::{AlertKind, Exception, ExceptionSubject, Finding, MerchantId, codes};

    #[test]
    fn the_same_alert_made_again_has_the_same_id() {
        let finding = Finding::new(ExceptionSubject::new("order", "1"), &codes::DOUBLED, "");
        let at = DateTime::UNIX_EPOCH;
        let later = at + Duration::minutes(5);
        let exception = Exception::opened("audit", finding, at);
        let alert = |kind, exceptions: &[Exception], at| {
            let merchant = MerchantId::new("acme");
            let code = codes::DOUBLED.id;
            delivery_id(&Alert::new(
                merchant,
                kind,
                code,
                1,
                exceptions.to_vec(),
                at,
            ))
        };
        let exceptions = [exception.clone()];
        let first = alert(AlertKind::Opened, &exceptions, at);
        assert_eq!(first.len(), 32);
        assert_eq!(first, alert(AlertKind::Opened, &exceptions, later));
        assert_ne!(first, alert(AlertKind::Closed, &exceptions, at));

        let mut reopened = exception;
        reopened.changed_at = later;
        assert_ne!(first, alert(AlertKind::Opened, &[reopened], later));
        assert_ne!(
            alert(AlertKind::Opened, &[], at),
            alert(AlertKind::Opened, &[], later)
        );
    }
}
