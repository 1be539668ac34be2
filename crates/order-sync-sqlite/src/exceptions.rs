//! What needs a person, and the journal of all that happened to it.

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{
    DeskCommand, DeskRefusal, Exception, ExceptionChanges, ExceptionEntry, Finding, MerchantId,
    act, compare, entries_of,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

const EXCEPTION: &str = "an exception";
const ENTRY: &str = "an entry of the journal of exceptions";

/// Makes the open exceptions of a scope equal to these findings.
pub(crate) fn settle(
    connection: &Connection,
    merchant: &MerchantId,
    scope: &str,
    findings: &[Finding],
    at: DateTime<Utc>,
) -> Result<ExceptionChanges, Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = ?1 AND scope = ?2 AND closed_at IS NULL ORDER BY number";
    let found: Vec<Exception> =
        json_text::read_all(connection, EXCEPTION, sql, (merchant.as_str(), scope))?;
    let mut changes = compare(scope, &found, findings, at);
    if changes.is_empty() {
        return Ok(changes);
    }
    // Before the opened ones: what is found again may have been closed just now.
    for exception in changes.updated.iter().chain(&changes.closed) {
        update(connection, merchant, exception)?;
    }
    if !changes.opened.is_empty() {
        let sql = "SELECT max(number) FROM exceptions WHERE merchant = ?1";
        let last = last(connection, sql, merchant)?;
        for (number, exception) in (last.saturating_add(1)..).zip(&mut changes.opened) {
            exception.number = number;
            insert(connection, merchant, exception)?;
        }
    }
    note(connection, merchant, entries_of(&changes, &found))?;
    Ok(changes)
}

/// The last number that was given.
fn last(connection: &Connection, sql: &str, merchant: &MerchantId) -> Result<u64, Failure> {
    let last: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([merchant.as_str()], |row| row.get(0))?;
    Ok(last.unwrap_or_default().unsigned_abs())
}

/// A number as a column value.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Keeps an exception that has its number.
pub(crate) fn insert(
    connection: &Connection,
    merchant: &MerchantId,
    exception: &Exception,
) -> Result<(), Failure> {
    let sql = "INSERT INTO exceptions (merchant, number, scope, subject, code, opened_at, closed_at, exception) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        column(exception.number),
        &exception.scope,
        exception.finding.subject.as_str(),
        &exception.finding.code,
        micros::of(exception.opened_at),
        micros::of_optional(exception.closed_at),
        json_text::write(EXCEPTION, exception)?,
    ))?;
    Ok(())
}

/// Replaces an exception; what it is about and when it opened stay.
fn update(
    connection: &Connection,
    merchant: &MerchantId,
    exception: &Exception,
) -> Result<(), Failure> {
    let sql =
        "UPDATE exceptions SET closed_at = ?3, exception = ?4 WHERE merchant = ?1 AND number = ?2";
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        column(exception.number),
        micros::of_optional(exception.closed_at),
        json_text::write(EXCEPTION, exception)?,
    ))?;
    Ok(())
}

/// Adds entries to the merchant's journal and gives them their positions.
pub(crate) fn note(
    connection: &Connection,
    merchant: &MerchantId,
    entries: Vec<ExceptionEntry>,
) -> Result<(), Failure> {
    let sql = "SELECT max(sequence) FROM exception_journal WHERE merchant = ?1";
    let last = last(connection, sql, merchant)?;
    let sql = "INSERT INTO exception_journal (merchant, sequence, number, at, entry) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = connection.prepare_cached(sql)?;
    for (sequence, mut entry) in (last.saturating_add(1)..).zip(entries) {
        entry.sequence = sequence;
        statement.execute((
            merchant.as_str(),
            column(sequence),
            column(entry.number),
            micros::of(entry.at),
            json_text::write(ENTRY, &entry)?,
        ))?;
    }
    Ok(())
}

/// Blanks what people wrote about the exceptions of an order.
pub(crate) fn blank_notes(
    connection: &Connection,
    merchant: &MerchantId,
    order: &SourceOrderId,
) -> Result<(), Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = ?1 AND instr(subject, ?2) > 0";
    let params = (merchant.as_str(), order.as_str());
    let about: Vec<Exception> = json_text::read_all(connection, EXCEPTION, sql, params)?;
    let about = about
        .iter()
        .filter(|exception| exception.finding.subject.is_about(order));
    for exception in about {
        for mut entry in history(connection, merchant, exception.number)? {
            if entry.blank_note() {
                let sql =
                    "UPDATE exception_journal SET entry = ?3 WHERE merchant = ?1 AND sequence = ?2";
                connection.prepare_cached(sql)?.execute((
                    merchant.as_str(),
                    column(entry.sequence),
                    json_text::write(ENTRY, &entry)?,
                ))?;
            }
        }
    }
    Ok(())
}

/// Exceptions, oldest first.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    found_only: bool,
) -> Result<Vec<Exception>, Failure> {
    // Two statements, so that the first one reads the index of those that are found, however many have closed.
    let sql = if found_only {
        "SELECT exception FROM exceptions INDEXED BY exceptions_open WHERE merchant = ?1 AND closed_at IS NULL \
         ORDER BY opened_at, number"
    } else {
        "SELECT exception FROM exceptions WHERE merchant = ?1 ORDER BY opened_at, number"
    };
    json_text::read_all(connection, EXCEPTION, sql, [merchant.as_str()])
}

/// One exception.
pub(crate) fn one(
    connection: &Connection,
    merchant: &MerchantId,
    number: u64,
) -> Result<Option<Exception>, Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = ?1 AND number = ?2";
    let params = (merchant.as_str(), column(number));
    json_text::read_one(connection, EXCEPTION, sql, params)
}

/// Does something about an exception.
pub(crate) fn act_on(
    connection: &Connection,
    merchant: &MerchantId,
    command: &DeskCommand,
    at: DateTime<Utc>,
) -> Result<Result<Exception, DeskRefusal>, Failure> {
    let Some(known) = one(connection, merchant, command.number)? else {
        return Ok(Err(DeskRefusal::Unknown));
    };
    let (next, entry) = match act(&known, command, at) {
        Ok(done) => done,
        Err(refusal) => return Ok(Err(refusal)),
    };
    update(connection, merchant, &next)?;
    note(connection, merchant, vec![entry])?;
    Ok(Ok(next))
}

/// Entries of the journal after a position.
pub(crate) fn journal(
    connection: &Connection,
    merchant: &MerchantId,
    after: u64,
    limit: usize,
) -> Result<Vec<ExceptionEntry>, Failure> {
    let sql = "SELECT entry FROM exception_journal WHERE merchant = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    json_text::read_all(
        connection,
        ENTRY,
        sql,
        (merchant.as_str(), column(after), limit),
    )
}

/// All that happened to one exception.
pub(crate) fn history(
    connection: &Connection,
    merchant: &MerchantId,
    number: u64,
) -> Result<Vec<ExceptionEntry>, Failure> {
    let sql =
        "SELECT entry FROM exception_journal WHERE merchant = ?1 AND number = ?2 ORDER BY sequence";
    json_text::read_all(connection, ENTRY, sql, (merchant.as_str(), column(number)))
}
