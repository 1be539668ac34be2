//! Whether what is in the file holds together. SQLite keeps sums of the frames of its log, not of the pages of the database: there a
//! changed bit shows only where it breaks something.

use std::path::Path;

use order_sync::{OrderState, TimelineEntry, first_broken_link};
use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;
use crate::{json_text, order_row, schema};

const ENTRY: &str = "a timeline entry";

/// Whether the pages hold together. Asked at every opening: it reads the file once.
pub(crate) fn pages(connection: &Connection) -> Result<(), Failure> {
    asked(connection, "PRAGMA quick_check(1)")
}

/// Whether pages, indexes and references hold together.
pub(crate) fn structure(connection: &Connection) -> Result<(), Failure> {
    asked(connection, "PRAGMA integrity_check(1)")?;
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Failure::Broken(
            "a row belongs to an order that is not there".to_owned(),
        ));
    }
    Ok(())
}

/// Whether the structure holds together, and what is said twice of an order that needs something still is the same both times. For a
/// store that was not closed, or has lost something: its pages may be of different moments.
pub(crate) fn contents(connection: &Connection) -> Result<(), Failure> {
    structure(connection)?;
    let read = || -> Result<Option<String>, Failure> {
        if order_row::first_at_odds(connection)?.is_some() {
            return Ok(Some(
                "the record of an order differs from its row".to_owned(),
            ));
        }
        broken_timeline(connection)
    };
    match read() {
        Ok(None) => Ok(()),
        Ok(Some(finding)) | Err(Failure::Unreadable(finding)) => Err(Failure::Broken(finding)),
        Err(failure) => Err(failure),
    }
}

/// Whether the log that is left reaches as far as the database file by itself. A log is moved into the database from its first frame
/// to its last; has it lost its end afterwards, its older pages lie over newer ones, and the store is of no moment at all.
pub(crate) fn log_reaches(path: &Path, connection: &Connection) -> Result<(), Failure> {
    let with_log = schema::figure(connection, schema::COMMITS)?;
    let Some(alone) = commits_without_log(path) else {
        // The file by itself is no database yet: nothing was moved into it.
        return Ok(());
    };
    if alone > with_log {
        return Err(Failure::Broken(
            "the end of its log is lost, of which a part had been moved into the database"
                .to_owned(),
        ));
    }
    Ok(())
}

/// What the file counts without its log; `None` where it cannot be read without.
fn commits_without_log(path: &Path) -> Option<i64> {
    // As a URI, in which these three would mean something else.
    let name = path.to_str()?;
    let name = name
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let uri = format!("file:{name}?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let alone = Connection::open_with_flags(uri, flags).ok()?;
    schema::figure(&alone, schema::COMMITS).ok()
}

fn asked(connection: &Connection, question: &str) -> Result<(), Failure> {
    let finding: String = connection.query_row(question, [], |row| row.get(0))?;
    if finding == "ok" {
        Ok(())
    } else {
        Err(Failure::Broken(finding))
    }
}

/// The first finding about the timeline of an order that needs something still.
fn broken_timeline(connection: &Connection) -> Result<Option<String>, Failure> {
    let sql = "SELECT number, state FROM orders WHERE settled_at IS NULL";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let state: String = row.get(1)?;
        let sql = "SELECT entry FROM timeline WHERE order_number = ?1 ORDER BY sequence";
        let entries: Vec<TimelineEntry> = json_text::read_all(connection, ENTRY, sql, [number])?;
        if first_broken_link(&entries).is_some() {
            return Ok(Some("the timeline of an order is broken".to_owned()));
        }
        let last = entries.last().map(|entry| entry.to).map(OrderState::as_str);
        if last != Some(state.as_str()) {
            return Ok(Some(
                "the timeline of an order ends elsewhere than its row".to_owned(),
            ));
        }
    }
    Ok(None)
}
