//! What needs a person, and the journal of all that happened to it.

use chrono::{DateTime, Utc};
use order_sync::{
    DeskCommand, DeskRefusal, Exception, ExceptionChanges, ExceptionEntry, Finding, MerchantId,
    act, compare, entries_of,
};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, orders};

pub(crate) const EXCEPTION: &str = "an exception";
pub(crate) const ENTRY: &str = "an entry of the journal of exceptions";

/// The last numbers given. Its lock is the lock of a merchant's exceptions: numbers have no gaps, and nobody compares with findings
/// that somebody else is writing.
#[derive(Debug, Clone, Copy)]
struct Book {
    number: i64,
    sequence: i64,
}

impl Book {
    fn lock(merchant: &MerchantId) -> Query {
        let sql = "INSERT INTO exception_books (merchant, last_number, last_sequence) VALUES ($1, 0, 0) \
                   ON CONFLICT (merchant) DO UPDATE SET last_number = exception_books.last_number \
                   RETURNING last_number, last_sequence";
        Query::of(merchant, sql)
    }

    fn read(rows: &[Row]) -> Result<Self, Failure> {
        let row = rows.first().ok_or_else(|| {
            Failure::Unreadable("the book of exceptions is not there; report this".to_owned())
        })?;
        Ok(Self {
            number: json_text::plain(EXCEPTION, row, 0)?,
            sequence: json_text::plain(EXCEPTION, row, 1)?,
        })
    }

    fn write(self, merchant: &MerchantId) -> Query {
        let sql =
            "UPDATE exception_books SET last_number = $2, last_sequence = $3 WHERE merchant = $1";
        Query::of(merchant, sql)
            .number(self.number)
            .number(self.sequence)
    }
}

/// Makes the open exceptions of a scope equal to these findings.
pub(crate) async fn settle(
    mut transaction: Transaction,
    merchant: &MerchantId,
    scope: &str,
    findings: &[Finding],
    at: DateTime<Utc>,
) -> Result<ExceptionChanges, Failure> {
    let sql = "SELECT exception FROM exceptions WHERE merchant = $1 AND scope = $2 AND closed_at IS NULL ORDER BY number";
    let reads = vec![Book::lock(merchant), Query::of(merchant, sql).key(scope)];
    let answers = transaction.read(reads).await?;
    let [book, found] = answers.as_slice() else {
        return Ok(ExceptionChanges::default());
    };
    let mut book = Book::read(book)?;
    let found: Vec<Exception> = json_text::all(EXCEPTION, found)?;
    let mut changes = compare(scope, &found, findings, at);
    if changes.is_empty() {
        transaction.end().await?;
        return Ok(changes);
    }
    for exception in &mut changes.opened {
        book.number = book.number.saturating_add(1);
        exception.number = book.number.unsigned_abs();
    }
    let entries = entries_of(&changes, &found);
    let mut writes = Vec::new();
    let changed: Vec<&Exception> = changes.updated.iter().chain(&changes.closed).collect();
    if !changed.is_empty() {
        writes.push(update(merchant, &changed)?);
    }
    if !changes.opened.is_empty() {
        writes.push(insert(merchant, &changes.opened)?);
    }
    writes.push(note(merchant, &mut book, entries)?);
    writes.push(book.write(merchant));
    transaction.finish(writes).await?;
    Ok(changes)
}

/// A number as a column value.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn texts<'a>(exceptions: impl IntoIterator<Item = &'a Exception>) -> Result<Vec<String>, Failure> {
    exceptions
        .into_iter()
        .map(|exception| json_text::write(EXCEPTION, exception))
        .collect()
}

/// Keeps exceptions that have their numbers.
fn insert(merchant: &MerchantId, exceptions: &[Exception]) -> Result<Query, Failure> {
    let sql = "INSERT INTO exceptions (merchant, number, scope, opened_at, closed_at, exception) \
               SELECT $1, k.* FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[]) k";
    Ok(Query::of(merchant, sql)
        .numbers(exceptions.iter().map(|one| column(one.number)).collect())
        .keys(exceptions.iter().map(|one| one.scope.as_str()))
        .moments(exceptions.iter().map(|one| one.opened_at).collect())
        .optional_moments(exceptions.iter().map(|one| one.closed_at).collect())
        .texts(texts(exceptions)?))
}

/// Replaces exceptions; their scope and when they opened stay.
fn update(merchant: &MerchantId, exceptions: &[&Exception]) -> Result<Query, Failure> {
    let sql = "UPDATE exceptions e SET closed_at = k.closed_at, exception = k.exception \
               FROM unnest($2::bigint[], $3::timestamptz[], $4::text[]) k(number, closed_at, exception) \
               WHERE e.merchant = $1 AND e.number = k.number";
    Ok(Query::of(merchant, sql)
        .numbers(exceptions.iter().map(|one| column(one.number)).collect())
        .optional_moments(exceptions.iter().map(|one| one.closed_at).collect())
        .texts(texts(exceptions.iter().copied())?))
}

/// Adds entries to the merchant's journal and gives them their positions.
fn note(
    merchant: &MerchantId,
    book: &mut Book,
    mut entries: Vec<ExceptionEntry>,
) -> Result<Query, Failure> {
    let mut texts = Vec::with_capacity(entries.len());
    for entry in &mut entries {
        book.sequence = book.sequence.saturating_add(1);
        entry.sequence = book.sequence.unsigned_abs();
        texts.push(json_text::write(ENTRY, entry)?);
    }
    let sql = "INSERT INTO exception_journal (merchant, sequence, number, at, entry) \
               SELECT $1, k.* FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[]) k";
    Ok(Query::of(merchant, sql)
        .numbers(entries.iter().map(|entry| column(entry.sequence)).collect())
        .numbers(entries.iter().map(|entry| column(entry.number)).collect())
        .moments(entries.iter().map(|entry| entry.at).collect())
        .texts(texts))
}

/// Exceptions, oldest first.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
    found_only: bool,
) -> Result<Vec<Exception>, Failure> {
    // Two statements, so that the first one reads the index of those that are found, however many have closed.
    let sql = if found_only {
        "SELECT exception FROM exceptions WHERE merchant = $1 AND closed_at IS NULL ORDER BY opened_at, number"
    } else {
        "SELECT exception FROM exceptions WHERE merchant = $1 ORDER BY opened_at, number"
    };
    json_text::all(
        EXCEPTION,
        &orders::rows(transaction, Query::of(merchant, sql)).await?,
    )
}

const ONE: &str = "SELECT exception FROM exceptions WHERE merchant = $1 AND number = $2";

/// One exception.
pub(crate) async fn one(
    transaction: Transaction,
    merchant: &MerchantId,
    number: u64,
) -> Result<Option<Exception>, Failure> {
    let query = Query::of(merchant, ONE).number(column(number));
    Ok(json_text::all(EXCEPTION, &orders::rows(transaction, query).await?)?.pop())
}

/// Does something about an exception.
pub(crate) async fn act_on(
    mut transaction: Transaction,
    merchant: &MerchantId,
    command: &DeskCommand,
    at: DateTime<Utc>,
) -> Result<Result<Exception, DeskRefusal>, Failure> {
    let reads = vec![
        Book::lock(merchant),
        Query::of(merchant, ONE).number(column(command.number)),
    ];
    let answers = transaction.read(reads).await?;
    let [book, known] = answers.as_slice() else {
        return Ok(Err(DeskRefusal::Unknown));
    };
    let mut book = Book::read(book)?;
    let Some(known) = json_text::all::<Exception>(EXCEPTION, known)?.pop() else {
        transaction.end().await?;
        return Ok(Err(DeskRefusal::Unknown));
    };
    let (next, entry) = match act(&known, command, at) {
        Ok(done) => done,
        Err(refusal) => {
            transaction.end().await?;
            return Ok(Err(refusal));
        }
    };
    let writes = vec![
        update(merchant, &[&next])?,
        note(merchant, &mut book, vec![entry])?,
        book.write(merchant),
    ];
    transaction.finish(writes).await?;
    Ok(Ok(next))
}

/// Entries of the journal after a position.
pub(crate) async fn journal(
    transaction: Transaction,
    merchant: &MerchantId,
    after: u64,
    limit: usize,
) -> Result<Vec<ExceptionEntry>, Failure> {
    let sql = "SELECT entry FROM exception_journal WHERE merchant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    let query = Query::of(merchant, sql).number(column(after)).limit(limit);
    json_text::all(ENTRY, &orders::rows(transaction, query).await?)
}

/// All that happened to one exception.
pub(crate) async fn history(
    transaction: Transaction,
    merchant: &MerchantId,
    number: u64,
) -> Result<Vec<ExceptionEntry>, Failure> {
    let sql =
        "SELECT entry FROM exception_journal WHERE merchant = $1 AND number = $2 ORDER BY sequence";
    let query = Query::of(merchant, sql).number(column(number));
    json_text::all(ENTRY, &orders::rows(transaction, query).await?)
}
