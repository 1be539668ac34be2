-- Version 1 of the tables. Read with the schema first in the search path.
--
-- Every key begins with the merchant. Texts sort by their bytes, as in Rust. Bodies are JSON text; personal data lies in
-- order_personal and intent_personal and nowhere else. There are no foreign keys: rows of an order are written in transactions that
-- hold the lock on its row in order_records, and nothing else writes.

CREATE TABLE meta (
    name text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);

-- Every order there ever was: what is known of it, and where its row in orders lies. Its lock is the lock of the order.
CREATE TABLE order_records (
    merchant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    shelf date NOT NULL,
    revision bigint NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (merchant, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- What orders are searched by, and nothing more. Orders that anybody may still have to do with lie in orders_open; the others in a
-- partition for the month in which they came to rest. `work` says what a worker can do with it; `revision` is that of its record.
CREATE TABLE orders (
    merchant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    shelf date NOT NULL,
    revision bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    work text COLLATE "C",
    due_at timestamptz,
    change_due_at timestamptz,
    lease_until timestamptz,
    has_request boolean NOT NULL,
    accepted_at timestamptz,
    captured_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    personal boolean NOT NULL,
    PRIMARY KEY (merchant, id, shelf)
) PARTITION BY RANGE (shelf);
CREATE INDEX orders_state ON orders (merchant, state, id) INCLUDE (captured_at, changed_at);
CREATE INDEX orders_accepted ON orders (merchant, accepted_at) WHERE accepted_at IS NOT NULL;
CREATE INDEX orders_personal ON orders (merchant, state, changed_at) WHERE personal;

CREATE TABLE orders_open PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('1970-01-01')
    WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
          autovacuum_vacuum_cost_delay = 1);
CREATE INDEX orders_due ON orders_open (merchant, work, due_at, id) WHERE work IS NOT NULL AND due_at IS NOT NULL;
CREATE INDEX orders_change_due ON orders_open (merchant, change_due_at, id) WHERE change_due_at IS NOT NULL;
CREATE INDEX orders_request ON orders_open (merchant, id) WHERE has_request;
-- Months that nobody made a partition for: nothing is ever refused for want of one.
CREATE TABLE orders_closed_other PARTITION OF orders DEFAULT;

CREATE TABLE order_references (
    merchant text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, reference)
);
CREATE TABLE order_names (
    merchant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, name)
);
CREATE TABLE order_sources (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    facts text NOT NULL,
    PRIMARY KEY (merchant, order_id)
);
CREATE TABLE order_personal (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    details text NOT NULL,
    PRIMARY KEY (merchant, order_id)
);
CREATE TABLE order_intents (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    facts text NOT NULL,
    PRIMARY KEY (merchant, order_id)
);
CREATE TABLE intent_personal (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    recipient text NOT NULL,
    PRIMARY KEY (merchant, order_id)
);
CREATE TABLE order_lines (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    sku text COLLATE "C",
    promised bigint NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (merchant, order_id, position)
);
CREATE TABLE timeline (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    event text COLLATE "C" NOT NULL,
    entry text NOT NULL,
    PRIMARY KEY (merchant, order_id, sequence)
);

CREATE TABLE parcels (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    parcel_id text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    parcel text NOT NULL,
    PRIMARY KEY (merchant, order_id, parcel_id)
);
CREATE TABLE consignments (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    consignment text NOT NULL,
    PRIMARY KEY (merchant, order_id, id)
);
CREATE TABLE returns (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    receipt text NOT NULL,
    PRIMARY KEY (merchant, order_id, id)
);
CREATE TABLE parcel_tracking (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    parcel_id text COLLATE "C" NOT NULL,
    due_at timestamptz,
    tracking text NOT NULL,
    PRIMARY KEY (merchant, order_id, parcel_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX parcel_tracking_due ON parcel_tracking (merchant, due_at, order_id, parcel_id) WHERE due_at IS NOT NULL;
CREATE TABLE unmatched_despatches (
    merchant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    read_at timestamptz NOT NULL,
    consignment text NOT NULL,
    PRIMARY KEY (merchant, id, reference)
);

-- The last numbers given to a merchant's exceptions and to entries of its journal. Its lock is the lock of both.
CREATE TABLE exception_books (
    merchant text COLLATE "C" PRIMARY KEY,
    last_number bigint NOT NULL,
    last_sequence bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE exceptions (
    merchant text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    exception text NOT NULL,
    PRIMARY KEY (merchant, number)
);
CREATE INDEX exceptions_found ON exceptions (merchant, scope, number) WHERE closed_at IS NULL;
CREATE TABLE exception_journal (
    merchant text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    entry text NOT NULL,
    PRIMARY KEY (merchant, sequence)
);
CREATE INDEX exception_journal_number ON exception_journal (merchant, number, sequence);

CREATE TABLE cursors (
    merchant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (merchant, name)
) WITH (fillfactor = 50);
-- `until` is by the clock that judges it; `promised` is the same moment by the holder's own.
CREATE TABLE flow_leases (
    merchant text COLLATE "C" NOT NULL,
    flow text COLLATE "C" NOT NULL,
    token bigint NOT NULL,
    until timestamptz,
    promised timestamptz NOT NULL,
    PRIMARY KEY (merchant, flow)
) WITH (fillfactor = 50);

-- `sequence` has the bits of an unsigned number.
CREATE TABLE stock (
    merchant text COLLATE "C" NOT NULL,
    sku text COLLATE "C" NOT NULL,
    on_hand bigint NOT NULL,
    allocated bigint NOT NULL,
    unsellable bigint NOT NULL,
    sequence bigint NOT NULL,
    as_of timestamptz NOT NULL,
    PRIMARY KEY (merchant, sku)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
-- The newest snapshot of each merchant; its lock is the lock of the merchant's stock.
CREATE TABLE stock_marks (
    merchant text COLLATE "C" PRIMARY KEY,
    mark text
) WITH (fillfactor = 50);
CREATE TABLE published_levels (
    merchant text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    sku text COLLATE "C" NOT NULL,
    level bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (merchant, location, sku)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE profile_versions (
    merchant text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    version text NOT NULL,
    PRIMARY KEY (merchant, hash)
);
CREATE TABLE sku_registries (
    merchant text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    content_hash text NOT NULL
);
CREATE TABLE sku_history (
    merchant text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    pair text NOT NULL,
    PRIMARY KEY (merchant, number)
);

-- The second wall: whatever a statement asks for, a transaction sees and writes the rows of its own merchant only. Forced, so that it
-- stands before the owner of the tables as well; superusers alone are outside.
CREATE FUNCTION wall_off(which regclass) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', which);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', which);
    EXECUTE format('CREATE POLICY own_rows ON %s USING (merchant = nullif(current_setting(''order_sync.merchant'', true), '''')) '
                   'WITH CHECK (merchant = nullif(current_setting(''order_sync.merchant'', true), ''''))', which);
END $$;
REVOKE ALL ON FUNCTION wall_off(regclass) FROM PUBLIC;
DO $$
DECLARE
    one regclass;
BEGIN
    FOR one IN SELECT c.oid::regclass FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant' AND NOT a.attisdropped
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        PERFORM wall_off(one);
    END LOOP;
END $$;

-- Makes partitions for this month and the next ones. Runs with its owner's rights, since workers own nothing. A month of which
-- orders lie in orders_closed_other already keeps lying there.
CREATE FUNCTION prepare_months(ahead integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
DECLARE
    month date;
    name text;
BEGIN
    FOR i IN 0..least(ahead, 12) LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
        name := 'orders_closed_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtextextended('order_sync.prepare_months', 0));
        CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE %I PARTITION OF orders FOR VALUES FROM (%L) TO (%L)',
                           name, month, (month + interval '1 month')::date);
            PERFORM wall_off(name::regclass);
        EXCEPTION WHEN check_violation THEN
            NULL;
        END;
    END LOOP;
END $$;
