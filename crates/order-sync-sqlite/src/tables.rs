//! The tables of version 4.
//!
//! What is looked up by name begins with the merchant. What belongs to an order lies under the order's number, which is found by
//! merchant and id and by nothing else: a number is short, and new rows lie together at the end. Bodies are JSON text in tables with
//! a rowid, stock figures are columns; personal data lies in `order_personal` and `intent_personal` and nowhere else.

/// Every table of a new store, in the order in which they are made.
pub(crate) const ALL: [&str; 7] = [FIRST, ORDERS, DESPATCHES, EXCEPTIONS, STOCK, ADDED, SEALING];

/// What has been the same since version 1.
const FIRST: &str = "
CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT;
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
";

/// Orders, and what is known of each. `request_due` is the time at which a pending request is due; `settled_at` is there for as
/// long as the order needs nothing more; `personal` says that there are rows of personal data. `reference` is the one of today: every
/// one is in `order_references`, and there they are unique.
pub(crate) const ORDERS: &str = "
CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    token INTEGER NOT NULL,
    lease_until INTEGER,
    due_at INTEGER,
    request_state TEXT,
    request_due INTEGER,
    accepted_at INTEGER,
    settled_at INTEGER,
    captured_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    personal INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (merchant, id)
) STRICT;
CREATE INDEX orders_due ON orders (merchant, state, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX orders_request_due ON orders (merchant, state, request_due, id) WHERE request_due IS NOT NULL;
CREATE INDEX orders_request ON orders (merchant, id) WHERE request_state <> 'accepted';
CREATE INDEX orders_state ON orders (merchant, state, id, captured_at, changed_at);
CREATE INDEX orders_accepted ON orders (merchant, accepted_at) WHERE accepted_at IS NOT NULL;
CREATE INDEX orders_settled ON orders (merchant, settled_at) WHERE personal = 1 AND settled_at IS NOT NULL;

CREATE TABLE order_references (
    merchant TEXT NOT NULL,
    reference TEXT NOT NULL,
    order_number INTEGER NOT NULL REFERENCES orders,
    PRIMARY KEY (merchant, reference)
) STRICT, WITHOUT ROWID;
CREATE TABLE order_names (
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    order_number INTEGER NOT NULL REFERENCES orders,
    PRIMARY KEY (merchant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_sources (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    facts TEXT NOT NULL
) STRICT;
CREATE TABLE order_personal (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    details TEXT NOT NULL
) STRICT;
CREATE TABLE order_intents (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    facts TEXT NOT NULL
) STRICT;
CREATE TABLE intent_personal (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    recipient TEXT NOT NULL
) STRICT;
CREATE TABLE order_lines (
    order_number INTEGER NOT NULL REFERENCES orders,
    position INTEGER NOT NULL,
    sku TEXT,
    promised INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (order_number, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE timeline (
    order_number INTEGER NOT NULL REFERENCES orders,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (order_number, sequence)
) STRICT;
";

/// Despatches and returns of orders. The warehouse numbers them per order, not beyond.
pub(crate) const DESPATCHES: &str = "
CREATE TABLE parcels (
    number INTEGER PRIMARY KEY,
    order_number INTEGER NOT NULL REFERENCES orders,
    parcel_id TEXT NOT NULL,
    parcel TEXT NOT NULL,
    UNIQUE (order_number, parcel_id)
) STRICT;
CREATE TABLE consignments (
    order_number INTEGER NOT NULL REFERENCES orders,
    id TEXT NOT NULL,
    consignment TEXT NOT NULL,
    PRIMARY KEY (order_number, id)
) STRICT;
CREATE TABLE returns (
    number INTEGER PRIMARY KEY,
    order_number INTEGER NOT NULL REFERENCES orders,
    id TEXT NOT NULL,
    receipt TEXT NOT NULL,
    UNIQUE (order_number, id)
) STRICT;
";

/// Exceptions, by the number that people see.
pub(crate) const EXCEPTIONS: &str = "
CREATE TABLE exceptions (
    merchant TEXT NOT NULL,
    number INTEGER NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    exception TEXT NOT NULL,
    PRIMARY KEY (merchant, number)
) STRICT;
CREATE UNIQUE INDEX exceptions_open ON exceptions (merchant, scope, subject, code) WHERE closed_at IS NULL;
CREATE INDEX exceptions_age ON exceptions (merchant, opened_at, number);
";

/// Stock. Read whole and in order by every run, a million rows of it: figures are columns, a row lies where its key is, and whose it
/// is stands once in `stock_lists`, not in every row. `sequence` has the bits of an unsigned number.
pub(crate) const STOCK: &str = "
CREATE TABLE stock_lists (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (merchant, name)
) STRICT;
CREATE TABLE stock (
    list INTEGER NOT NULL REFERENCES stock_lists,
    sku TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    allocated INTEGER NOT NULL,
    unsellable INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (list, sku)
) STRICT, WITHOUT ROWID;
CREATE TABLE published_levels (
    list INTEGER NOT NULL REFERENCES stock_lists,
    sku TEXT NOT NULL,
    level INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (list, sku)
) STRICT, WITHOUT ROWID;
";

/// What version 1 does not have, or has otherwise. Parcels that are asked after are found over all orders of a merchant, so they have
/// its name.
pub(crate) const ADDED: &str = "
CREATE TABLE unmatched_despatches (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    consignment TEXT NOT NULL,
    UNIQUE (merchant, id, reference)
) STRICT;
CREATE TABLE parcel_tracking (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    parcel_id TEXT NOT NULL,
    due_at INTEGER,
    tracking TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id, parcel_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
CREATE INDEX parcel_tracking_due ON parcel_tracking (merchant, due_at, order_id, parcel_id) WHERE due_at IS NOT NULL;

CREATE TABLE exception_journal (
    merchant TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (merchant, sequence)
) STRICT;
CREATE INDEX exception_journal_number ON exception_journal (merchant, number, sequence);

CREATE TABLE profile_versions (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    hash TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (merchant, hash)
) STRICT;

CREATE TABLE sku_registries (
    merchant TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL
) STRICT;
CREATE TABLE sku_history (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    source TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    pair TEXT NOT NULL
) STRICT;
CREATE INDEX sku_history_source ON sku_history (merchant, source, warehouse);
";

/// What version 3 does not have: the keys of sealed personal data, apart from what they open, and the proofs of the embedder's keys that
/// wrap them.
pub(crate) const SEALING: &str = "
CREATE TABLE personal_keys (
    order_number INTEGER NOT NULL REFERENCES orders,
    kind TEXT NOT NULL,
    wrapped TEXT NOT NULL,
    PRIMARY KEY (order_number, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE sealing_keys (
    number INTEGER PRIMARY KEY,
    id TEXT UNIQUE NOT NULL,
    proof TEXT NOT NULL
) STRICT;
";
