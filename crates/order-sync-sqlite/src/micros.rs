//! Moments as whole microseconds since 1970, UTC.

use chrono::{DateTime, Utc};

use crate::failure::Failure;

/// The column value of a moment.
pub(crate) const fn of(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_micros()
}

/// The column value of a moment that may be missing.
pub(crate) fn of_optional(moment: Option<DateTime<Utc>>) -> Option<i64> {
    moment.map(of)
}

/// The moment of a column value.
pub(crate) fn to_moment(micros: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Failure::Unreadable(format!("{micros} microseconds is no moment")))
}
