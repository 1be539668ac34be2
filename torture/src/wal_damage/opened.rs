//! What became of a damaged store when it was opened.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{
    MerchantId, OrderEvent, OrderRecord, OrderState, Store as _, StoreError, StoreErrorKind,
    TimelineEntry, first_broken_link,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use rusqlite::{Connection, OpenFlags};

use crate::site::MERCHANT;

/// What a store holds after it was opened.
#[derive(Debug)]
pub(super) struct Contents {
    /// It was found to be older than it once was.
    pub(super) went_back: bool,
    /// Commits, that of the opening among them.
    commits: i64,
    orders: BTreeMap<String, (OrderRecord, Vec<TimelineEntry>)>,
    /// Every row of every table, but for the store's own figures.
    rows: Vec<String>,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// Refused, with what is to be done.
    Refused,
    /// All is there.
    Whole,
    /// An earlier state, whole, and known to be earlier.
    Earlier,
    /// It was opened, and what does not read back was told when it was read.
    Unreadable,
    /// A bit of the database file has changed within a value, and nobody can tell.
    Unnoticed,
    /// What must not be.
    Wrong(String),
}

impl Opened {
    /// Whether the engine can go on over it. One that cannot is replaced by a backup, as its message says; so is one of which only
    /// whoever damaged it knows.
    pub(super) const fn is_usable(&self) -> bool {
        matches!(self, Self::Whole | Self::Earlier | Self::Wrong(_))
    }
}

/// How often each way was met.
#[derive(Debug, Default)]
pub(super) struct Findings(Mutex<[u64; 6]>);

impl Findings {
    pub(super) fn count(&self, opened: &Opened) {
        let place = match opened {
            Opened::Refused => 0,
            Opened::Whole => 1,
            Opened::Earlier => 2,
            Opened::Unreadable => 3,
            Opened::Unnoticed => 4,
            Opened::Wrong(_) => 5,
        };
        let mut counts = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }

    /// One line.
    pub(super) fn told(&self) -> String {
        let counts = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let [refused, whole, earlier, unreadable, unnoticed, wrong] = *counts;
        format!(
            "wal-damage: {refused} refused with a remedy, {whole} opened with all there, {earlier} opened as an earlier state and known to \
             be, {unreadable} told when read, {unnoticed} with a value in the database file changed that nothing can tell, {wrong} wrong"
        )
    }
}

/// Opens the store and reads all of it.
pub(super) async fn contents(database: &Path, now: DateTime<Utc>) -> Result<Contents, StoreError> {
    let merchant = MerchantId::new(MERCHANT);
    let store = SqliteStore::open_inline(database, OpenOptions::new(now))?;
    let records = store
        .orders(&merchant, &OrderState::ALL, None, 100_000)
        .await?;
    let mut orders = BTreeMap::new();
    for record in records {
        let id = SourceOrderId::new(record.id.as_str());
        store.source_copy(&merchant, &id).await?;
        store.intent(&merchant, &id).await?;
        store.lines(&merchant, &id).await?;
        store.parcels(&merchant, &id).await?;
        let timeline = store.timeline(&merchant, &id).await?;
        orders.insert(id.as_str().to_owned(), (record, timeline));
    }
    store.exceptions(&merchant, false).await?;
    store.stock(&merchant).await?;
    let went_back = store.went_back_in_time();
    drop(store);
    let (commits, rows) = tables(database).map_err(|error| {
        StoreError::new(
            StoreErrorKind::Other,
            format!("reading the tables: {error}"),
        )
    })?;
    Ok(Contents {
        went_back,
        commits,
        orders,
        rows,
    })
}

/// The count of commits, and every row of every other table.
fn tables(database: &Path) -> rusqlite::Result<(i64, Vec<String>)> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta' ORDER BY name";
    let mut statement = connection.prepare(names)?;
    let names: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for name in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values: Result<Vec<String>, _> = (0..columns)
                .map(|column| row.get_ref(column).map(|value| format!("{value:?}")))
                .collect();
            all.push(format!("{name} {}", values?.join("|")));
        }
    }
    all.sort_unstable();
    let commits = "SELECT value FROM meta WHERE name = 'commits'";
    Ok((connection.query_row(commits, [], |row| row.get(0))?, all))
}

/// Opens a damaged store, whose undamaged contents are these, and judges what there is. A panic is caught and is wrong.
pub(super) async fn look(
    database: &Path,
    whole: &Contents,
    database_struck: bool,
    now: DateTime<Utc>,
) -> Opened {
    let told = told_commits(database);
    let path = database.to_owned();
    // On a task of its own, where a panic ends nothing but the task.
    let opened = tokio::spawn(async move { contents(&path, now).await }).await;
    match opened {
        Err(panic) => Opened::Wrong(format!("opening it panicked: {panic}")),
        Ok(Err(error)) => failed(&error, database, database_struck),
        Ok(Ok(found)) => judge(&found, whole, told, database_struck, now),
    }
}

fn failed(error: &StoreError, database: &Path, database_struck: bool) -> Opened {
    let text = error.to_string();
    match error.kind() {
        // Told at the opening: with the file, and with what is to be done.
        StoreErrorKind::Damaged
            if text.contains("engine.db")
                && (text.contains("restore") || text.contains("move")) =>
        {
            Opened::Refused
        }
        StoreErrorKind::Damaged | StoreErrorKind::Unreadable
            if database_struck && !text.contains(&database.display().to_string()) =>
        {
            Opened::Unreadable
        }
        kind => Opened::Wrong(format!("{kind:?} without a remedy: {text}")),
    }
}

/// Commits that somebody was told of, as it stands beside the store.
fn told_commits(database: &Path) -> Option<i64> {
    let side = std::fs::read_to_string(format!("{}.epoch", database.display())).ok()?;
    side.split_whitespace().nth(1)?.parse().ok()
}

fn judge(
    found: &Contents,
    whole: &Contents,
    told: Option<i64>,
    database_struck: bool,
    now: DateTime<Utc>,
) -> Opened {
    for (id, (record, timeline)) in &found.orders {
        if let Some(entry) = first_broken_link(timeline) {
            let what = format!("the timeline of {id} breaks at entry {entry}");
            return wrong_or_unnoticed(database_struck, what);
        }
        if timeline.last().map(|entry| entry.to) != Some(record.state) {
            let what = format!(
                "{id} is torn: {} by its record, not by its timeline",
                record.state
            );
            // What is open is looked at when the store is opened.
            return wrong_or_unnoticed(database_struck && record.state.is_settled(), what);
        }
        let Some((_, longer)) = whole.orders.get(id) else {
            return wrong_or_unnoticed(database_struck, format!("{id} was never on record"));
        };
        if !lived(longer, now).starts_with(lived(timeline, now)) {
            let what = format!("the timeline of {id} is no earlier one");
            return wrong_or_unnoticed(database_struck, what);
        }
    }
    // The last commit may not have been told to anybody when the copy was made: then nothing was done that rests on it.
    let untold = told.is_some_and(|told| told < found.commits && found.commits < whole.commits);
    if found.rows == whole.rows || (untold && told != Some(0)) {
        Opened::Whole
    } else if found.went_back {
        Opened::Earlier
    } else {
        let what = "something is missing, and nothing says so".to_owned();
        wrong_or_unnoticed(database_struck, what)
    }
}

/// What a timeline held before the store was opened: the opening ends what was under way.
fn lived(timeline: &[TimelineEntry], now: DateTime<Utc>) -> &[TimelineEntry] {
    match timeline {
        [before @ .., last] if last.event == OrderEvent::LeaseExpired && last.at == now => before,
        all => all,
    }
}

/// A changed value in the database file is what SQLite has no sums against. Anything else is wrong.
fn wrong_or_unnoticed(database_struck: bool, what: String) -> Opened {
    if database_struck {
        Opened::Unnoticed
    } else {
        Opened::Wrong(what)
    }
}
