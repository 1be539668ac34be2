//! What can go wrong below the port, and how it looks above it.

use order_sync::{Refusal, SealError, StoreError, StoreErrorKind};
use rusqlite::ErrorCode;

/// A failure of an operation on the connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The database said no.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored text is not what it should be. Holds no content: it may be personal.
    #[error("{0}")]
    Unreadable(String),
    /// The pages, indexes or references of the database do not hold together.
    #[error("the database does not hold together: {0}")]
    Broken(String),
    /// Personal data cannot be sealed, or the store is not to be opened with these keys.
    #[error("{0}")]
    Sealing(#[from] SealError),
    /// The state machine refuses a step that the state on record asks for.
    #[error("an order on record refuses the step its state asks for; report this")]
    Inconsistent(#[source] Refusal),
}

impl Failure {
    /// The kind it has at the port.
    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Sqlite(error) => kind_of(error),
            Self::Broken(_) => StoreErrorKind::Damaged,
            Self::Unreadable(_) | Self::Inconsistent(_) => StoreErrorKind::Unreadable,
            Self::Sealing(_) => StoreErrorKind::Other,
        }
    }

    /// One line for people, with the remedy.
    pub(crate) fn line(&self) -> String {
        let remedy = match self.kind() {
            StoreErrorKind::Busy => "the database is locked by another program; try again",
            StoreErrorKind::NoSpace => {
                "the disk is full or read-only, or the store or its user has reached a limit; make room, then try again"
            }
            StoreErrorKind::Damaged => "the database is damaged; stop and restore a backup",
            StoreErrorKind::Unreadable => return self.to_string(),
            _ if matches!(self, Self::Sealing(_)) => return self.to_string(),
            _ => "the database failed",
        };
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(code, _)) => {
                format!("{remedy} (SQLite code {})", code.extended_code)
            }
            Self::Broken(finding) => format!("{remedy} ({finding})"),
            _ => remedy.to_owned(),
        }
    }
}

fn kind_of(error: &rusqlite::Error) -> StoreErrorKind {
    use rusqlite::Error as E;
    match error {
        E::FromSqlConversionFailure(..)
        | E::InvalidColumnType(..)
        | E::IntegralValueOutOfRange(..) => StoreErrorKind::Unreadable,
        other => match other.sqlite_error_code() {
            Some(ErrorCode::SystemIoFailure) if is_short_file(other) => StoreErrorKind::Damaged,
            // A quota or a limit of file sizes that is used up is not told apart from other failures of a write.
            Some(ErrorCode::SystemIoFailure) if is_write_failure(other) => StoreErrorKind::NoSpace,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreErrorKind::Busy,
            Some(ErrorCode::DiskFull | ErrorCode::ReadOnly) => StoreErrorKind::NoSpace,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreErrorKind::Damaged,
            _ => StoreErrorKind::Other,
        },
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(code, _) => Some(code.extended_code),
        _ => None,
    }
}

fn is_write_failure(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(rusqlite::ffi::SQLITE_IOERR_WRITE)
}

fn is_short_file(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(rusqlite::ffi::SQLITE_IOERR_SHORT_READ)
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let error = Self::new(failure.kind(), failure.line());
        match failure {
            Failure::Sqlite(source) => error.with_source(source),
            Failure::Inconsistent(source) => error.with_source(source),
            Failure::Unreadable(_) | Failure::Broken(_) | Failure::Sealing(_) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> Failure {
        Failure::Sqlite(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(code),
            None,
        ))
    }

    #[test]
    fn codes_have_the_kind_a_caller_can_act_on() {
        for (code, kind) in [
            (rusqlite::ffi::SQLITE_BUSY, StoreErrorKind::Busy),
            (rusqlite::ffi::SQLITE_FULL, StoreErrorKind::NoSpace),
            (rusqlite::ffi::SQLITE_READONLY, StoreErrorKind::NoSpace),
            (rusqlite::ffi::SQLITE_CORRUPT, StoreErrorKind::Damaged),
            (rusqlite::ffi::SQLITE_NOTADB, StoreErrorKind::Damaged),
            (
                rusqlite::ffi::SQLITE_IOERR_SHORT_READ,
                StoreErrorKind::Damaged,
            ),
            (rusqlite::ffi::SQLITE_IOERR_WRITE, StoreErrorKind::NoSpace),
            (rusqlite::ffi::SQLITE_IOERR, StoreErrorKind::Other),
        ] {
            assert_eq!(StoreError::from(sqlite(code)).kind(), kind, "code {code}");
        }
    }
}
