//! From a vendor client's error to what it means for the record at hand.

use connector_http::{Error, ErrorKind};

use crate::{FailureClass, PortError};

/// The failure of a read: nothing was applied.
pub(super) fn of_read(error: Error) -> PortError {
    let class = match error.kind() {
        ErrorKind::Auth | ErrorKind::PermissionDenied => FailureClass::Unauthorised,
        ErrorKind::Decode | ErrorKind::BodyTooLarge => FailureClass::Unreadable,
        ErrorKind::RateLimited => FailureClass::Throttled,
        ErrorKind::Unsupported => FailureClass::Unsupported,
        _ => FailureClass::Unavailable,
    };
    port_error(class, error)
}

/// The failure of a create: honest about whether it may have been applied.
pub(super) fn of_create(error: Error) -> PortError {
    let class = if error.is_ambiguous() {
        FailureClass::Ambiguous
    } else {
        match error.kind() {
            ErrorKind::Auth | ErrorKind::PermissionDenied => FailureClass::Unauthorised,
            ErrorKind::RateLimited => FailureClass::Throttled,
            ErrorKind::InvalidRequest | ErrorKind::Conflict | ErrorKind::NotFound => {
                FailureClass::Rejected
            }
            ErrorKind::Unsupported => FailureClass::Unsupported,
            // Not ambiguous by the client's own word: it never left.
            _ => FailureClass::NeverSent,
        }
    };
    port_error(class, error)
}

/// The failure of an idempotent write: it may be repeated whatever became of it.
pub(super) fn of_idempotent_write(error: Error) -> PortError {
    let class = match error.kind() {
        ErrorKind::Auth | ErrorKind::PermissionDenied => FailureClass::Unauthorised,
        ErrorKind::InvalidRequest | ErrorKind::NotFound => FailureClass::Rejected,
        ErrorKind::Conflict if error.is_concurrent_update() => FailureClass::Contended,
        // A clash with something else that is there: it does not pass by being tried again.
        ErrorKind::Conflict => FailureClass::Rejected,
        ErrorKind::RateLimited => FailureClass::Throttled,
        ErrorKind::Unsupported => FailureClass::Unsupported,
        _ => FailureClass::Unavailable,
    };
    port_error(class, error)
}

/// One line: what the client says (no body, no secret), and the vendor's own codes and fields, which name no person.
pub(super) fn port_error(class: FailureClass, error: Error) -> PortError {
    let mut message = error.to_string();
    for vendor in error.vendor_errors().iter().take(5) {
        let code = vendor.code().unwrap_or("error");
        match vendor.pointer() {
            Some(pointer) => message.push_str(&format!("; {code} at {pointer}")),
            None => message.push_str(&format!("; {code}")),
        }
    }
    let retry_after = error.retry_after();
    PortError::new(class, message)
        .with_retry_after(retry_after)
        .with_source(error)
}
