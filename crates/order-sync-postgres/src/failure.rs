//! What can go wrong below the port, and how it looks above it.

use deadpool_postgres::PoolError;
use order_sync::{Refusal, SealError, StoreError, StoreErrorKind};
use tokio_postgres::error::SqlState;

/// A failure of an operation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The database said no.
    #[error("the database failed")]
    Database(#[source] tokio_postgres::Error),
    /// The connection ended before the commit was sent: nothing was written.
    #[error("the connection to the database was lost")]
    Lost(#[source] tokio_postgres::Error),
    /// The connection ended after the commit was sent: it was written or not.
    #[error("the connection to the database was lost during the commit")]
    Unknown(#[source] tokio_postgres::Error),
    /// There was no connection to be had.
    #[error("there is no connection to the database")]
    NoConnection(#[source] PoolError),
    /// A stored text is not what it should be. Holds no content: it may be personal.
    #[error("{0}")]
    Unreadable(String),
    /// Personal data cannot be sealed, or the store is not to be opened with these keys.
    #[error("{0}")]
    Sealing(#[from] SealError),
    /// The state machine refuses a step that the state on record asks for.
    #[error("an order on record refuses the step its state asks for; report this")]
    Inconsistent(#[source] Refusal),
}

impl Failure {
    /// A failure of a statement; `committing`: the commit was on its way already.
    pub(crate) fn of_statement(error: tokio_postgres::Error, committing: bool) -> Self {
        let lost = error.is_closed()
            || error.as_db_error().is_none()
                && std::error::Error::source(&error)
                    .is_some_and(|source| source.is::<std::io::Error>())
            || error.code().is_some_and(ends_the_connection);
        match (lost, committing) {
            (true, true) => Self::Unknown(error),
            (true, false) => Self::Lost(error),
            (false, _) => Self::Database(error),
        }
    }

    /// The failure of a transaction whose commit changes nothing.
    pub(crate) fn before_any_commit(self) -> Self {
        match self {
            Self::Unknown(error) => Self::Lost(error),
            other => other,
        }
    }

    /// Whether it is the connection that failed, and nothing was written: another one may do.
    pub(crate) const fn lost_its_connection(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// Whether the same transaction is to be tried again at once: it met another one, and nothing of it was written.
    pub(crate) fn met_another(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        // A key that another transaction took meanwhile is found taken the next time.
        error.code().is_some_and(|code| {
            [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::UNIQUE_VIOLATION,
            ]
            .contains(code)
        })
    }

    /// Whether nothing was written, and a change that was written together with others may do by itself.
    pub(crate) const fn may_be_one_changes_own(&self) -> bool {
        match self {
            Self::Database(_)
            | Self::Lost(_)
            | Self::Unreadable(_)
            | Self::Sealing(_)
            | Self::Inconsistent(_) => true,
            Self::Unknown(_) | Self::NoConnection(_) => false,
        }
    }

    /// The error of one of several callers that are all told the same.
    pub(crate) fn told(&self) -> StoreError {
        let error = StoreError::new(self.kind(), self.line());
        match self {
            Self::Database(source) | Self::Lost(source) | Self::Unknown(source) => {
                error.with_source(without_rows(source))
            }
            Self::NoConnection(source) => error.with_source(source.to_string()),
            Self::Inconsistent(source) => error.with_source(source.to_string()),
            Self::Unreadable(_) | Self::Sealing(_) => error,
        }
    }

    /// The kind it has at the port.
    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Database(error) => error.code().map_or(StoreErrorKind::Other, kind_of),
            Self::NoConnection(PoolError::Backend(error)) => match error.code().map(kind_of) {
                Some(StoreErrorKind::Other) => StoreErrorKind::Other,
                _ => StoreErrorKind::Busy,
            },
            Self::Lost(_) | Self::Unknown(_) | Self::NoConnection(_) => StoreErrorKind::Busy,
            Self::Unreadable(_) | Self::Inconsistent(_) => StoreErrorKind::Unreadable,
            Self::Sealing(_) => StoreErrorKind::Other,
        }
    }

    /// One line for people, with the remedy. A database's own message is left out where it can quote a row.
    pub(crate) fn line(&self) -> String {
        let remedy = match self {
            Self::Lost(_) => {
                "the connection to the database was lost and nothing was written; try again"
            }
            Self::Unknown(_) => {
                "the connection to the database was lost during the commit; try again, the next call sees whether it was written"
            }
            Self::NoConnection(PoolError::Timeout(_)) => {
                "no connection to the database came free in time; try again, or allow more connections"
            }
            Self::NoConnection(PoolError::Backend(error)) => {
                return match error.code() {
                    Some(code) => format!(
                        "the database refused the connection (SQLSTATE {}); check its address, user and password",
                        code.code()
                    ),
                    None => "the database cannot be reached; check its address and that it runs, then try again".to_owned(),
                };
            }
            Self::NoConnection(_) => "the pool of connections is closed; open the store again",
            Self::Unreadable(_) | Self::Inconsistent(_) | Self::Sealing(_) => {
                return self.to_string();
            }
            Self::Database(_) => match self.kind() {
                StoreErrorKind::Busy => {
                    "the database is busy or locked by another program; try again"
                }
                StoreErrorKind::NoSpace => {
                    "the database has no room or is read-only; make room, then try again"
                }
                StoreErrorKind::Damaged => {
                    "the database is damaged or is no store of ours; stop and look at it"
                }
                _ => "the database failed",
            },
        };
        match self {
            Self::Database(error) => match error.code() {
                Some(code) => format!("{remedy} (SQLSTATE {})", code.code()),
                None => remedy.to_owned(),
            },
            _ => remedy.to_owned(),
        }
    }
}

/// What may be said of a database's error: the detail of a message can quote a row.
fn without_rows(error: &tokio_postgres::Error) -> String {
    error.code().map_or_else(
        || error.to_string(),
        |code| format!("SQLSTATE {}", code.code()),
    )
}

/// The server ends the connection with these, before it closes it.
fn ends_the_connection(code: &SqlState) -> bool {
    code.code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code)
}

/// PostgreSQL documentation, appendix A: a code begins with the two characters of its class.
fn kind_of(code: &SqlState) -> StoreErrorKind {
    if [SqlState::DISK_FULL, SqlState::READ_ONLY_SQL_TRANSACTION].contains(code) {
        return StoreErrorKind::NoSpace;
    }
    if [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
        SqlState::UNIQUE_VIOLATION,
    ]
    .contains(code)
    {
        return StoreErrorKind::Busy;
    }
    match code.code().get(..2) {
        // Serialisation and deadlock; resources such as connections or memory; shutting down.
        Some("40" | "53" | "57" | "08") => StoreErrorKind::Busy,
        // Data or index corrupted; a table or column that is not there.
        Some("XX") => StoreErrorKind::Damaged,
        _ if [
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::INVALID_SCHEMA_NAME,
        ]
        .contains(code) =>
        {
            StoreErrorKind::Damaged
        }
        _ => StoreErrorKind::Other,
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let error = Self::new(failure.kind(), failure.line());
        match failure {
            Failure::Database(source) | Failure::Lost(source) | Failure::Unknown(source) => {
                // Only the code and the severity: the detail of a message can quote a row.
                match source.code() {
                    Some(code) => error.with_source(format!("SQLSTATE {}", code.code())),
                    None => error.with_source(source),
                }
            }
            Failure::NoConnection(source) => error.with_source(source),
            Failure::Inconsistent(source) => error.with_source(source),
            Failure::Unreadable(_) | Failure::Sealing(_) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_kind_a_caller_can_act_on() {
        for (code, kind) in [
            ("53300", StoreErrorKind::Busy),
            ("40P01", StoreErrorKind::Busy),
            ("55P03", StoreErrorKind::Busy),
            ("57014", StoreErrorKind::Busy),
            ("57P01", StoreErrorKind::Busy),
            ("53100", StoreErrorKind::NoSpace),
            ("25006", StoreErrorKind::NoSpace),
            ("XX001", StoreErrorKind::Damaged),
            ("42P01", StoreErrorKind::Damaged),
            ("42501", StoreErrorKind::Other),
        ] {
            assert_eq!(kind_of(&SqlState::from_code(code)), kind, "code {code}");
        }
    }
}
