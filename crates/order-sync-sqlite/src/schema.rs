//! Tables, their version, and what marks a file as ours.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::micros;

/// Marks the file in its header ("ordS" in ASCII).
pub(crate) const APPLICATION_ID: u32 = 0x6f72_6453;

/// Version of the tables below.
pub(crate) const VERSION: u32 = 1;

/// Every key begins with the merchant. Bodies are JSON text in tables with a rowid; personal data lies in `order_personal` and
/// `intent_personal` and nowhere else.
const TABLES: &str = "
CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE orders (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    token INTEGER NOT NULL,
    lease_until INTEGER,
    due_at INTEGER,
    accepted_at INTEGER,
    captured_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (merchant, id),
    UNIQUE (merchant, reference)
) STRICT;
CREATE INDEX orders_due ON orders (merchant, state, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX orders_state ON orders (merchant, state, id);
CREATE INDEX orders_accepted ON orders (merchant, accepted_at) WHERE accepted_at IS NOT NULL;

CREATE TABLE order_sources (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE order_personal (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE order_intents (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE intent_personal (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;

CREATE TABLE order_lines (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    sku TEXT,
    promised INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id, position),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE parcels (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    parcel_id TEXT NOT NULL,
    parcel TEXT NOT NULL,
    UNIQUE (merchant, order_id, parcel_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE consignments (
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    consignment TEXT NOT NULL,
    PRIMARY KEY (merchant, id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE TABLE timeline (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id, sequence),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;

CREATE TABLE unmatched_despatches (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    consignment TEXT NOT NULL,
    UNIQUE (merchant, id)
) STRICT;

CREATE TABLE exceptions (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    exception TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX exceptions_open ON exceptions (merchant, scope, subject, code) WHERE closed_at IS NULL;
CREATE INDEX exceptions_age ON exceptions (merchant, opened_at);

CREATE TABLE cursors (
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (merchant, name)
) STRICT;
CREATE TABLE flow_leases (
    merchant TEXT NOT NULL,
    flow TEXT NOT NULL,
    token INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (merchant, flow)
) STRICT;

CREATE TABLE stock (
    merchant TEXT NOT NULL,
    sku TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (merchant, sku)
) STRICT;
CREATE TABLE published_levels (
    merchant TEXT NOT NULL,
    location TEXT NOT NULL,
    sku TEXT NOT NULL,
    level INTEGER NOT NULL,
    at INTEGER NOT NULL,
    published TEXT NOT NULL,
    PRIMARY KEY (merchant, location, sku)
) STRICT;
";

/// Makes the tables of a new database, in one transaction.
pub(crate) fn create(connection: &mut Connection, now: DateTime<Utc>) -> Result<(), Failure> {
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.execute_batch(TABLES)?;
    for (name, value) in [
        (CREATED_AT, micros::of(now)),
        (EPOCH, 0),
        (COMMITS, 0),
        (BLIND_BEFORE, micros::of(now)),
    ] {
        transaction.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)",
            (name, value),
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// When the database was made.
pub(crate) const CREATED_AT: &str = "created_at";
/// How many times the store was opened.
pub(crate) const EPOCH: &str = "epoch";
/// How many groups were committed.
pub(crate) const COMMITS: &str = "commits";
/// Before this moment the store knows nothing of its own.
pub(crate) const BLIND_BEFORE: &str = "blind_before";

/// One of the store's own figures.
pub(crate) fn figure(connection: &Connection, name: &str) -> Result<i64, Failure> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0))?)
}

/// Replaces one of the store's own figures.
pub(crate) fn set_figure(connection: &Connection, name: &str, value: i64) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?;
    statement.execute((name, value))?;
    Ok(())
}
