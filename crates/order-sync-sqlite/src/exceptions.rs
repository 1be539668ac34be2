//! What needs a person.

use chrono::{DateTime, Utc};
use order_sync::{Exception, ExceptionChanges, Finding, MerchantId, compare};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

const EXCEPTION: &str = "an exception";

/// Makes the open exceptions of a scope equal to these findings.
pub(crate) fn settle(
    connection: &Connection,
    merchant: &MerchantId,
    scope: &str,
    findings: &[Finding],
    at: DateTime<Utc>,
) -> Result<ExceptionChanges, Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = ?1 AND scope = ?2 AND closed_at IS NULL ORDER BY number";
    let open: Vec<Exception> =
        json_text::read_all(connection, EXCEPTION, sql, (merchant.as_str(), scope))?;
    let changes = compare(scope, &open, findings, at);

    let sql = "UPDATE exceptions SET opened_at = ?5, closed_at = ?6, exception = ?7 \
               WHERE merchant = ?1 AND scope = ?2 AND subject = ?3 AND code = ?4 AND closed_at IS NULL";
    for exception in changes.updated.iter().chain(&changes.closed) {
        write(connection, sql, merchant, exception)?;
    }
    let sql = "INSERT INTO exceptions (merchant, scope, subject, code, opened_at, closed_at, exception) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    for exception in &changes.opened {
        write(connection, sql, merchant, exception)?;
    }
    Ok(changes)
}

fn write(
    connection: &Connection,
    sql: &str,
    merchant: &MerchantId,
    exception: &Exception,
) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        &exception.scope,
        exception.finding.subject.as_str(),
        &exception.finding.code,
        micros::of(exception.opened_at),
        micros::of_optional(exception.closed_at),
        json_text::write(EXCEPTION, exception)?,
    ))?;
    Ok(())
}

/// Exceptions, oldest first.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    open_only: bool,
) -> Result<Vec<Exception>, Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = ?1 AND (closed_at IS NULL OR NOT ?2) \
               ORDER BY opened_at, number";
    json_text::read_all(connection, EXCEPTION, sql, (merchant.as_str(), open_only))
}
