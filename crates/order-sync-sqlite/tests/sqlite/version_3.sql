-- A store of schema version 3 with a few orders: that of version_2.sql, after the statements of the upgrade to version 3 (SQLite's .dump).
PRAGMA application_id = 1869767763;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE consignments (
    order_number INTEGER NOT NULL REFERENCES orders,
    id TEXT NOT NULL,
    consignment TEXT NOT NULL,
    PRIMARY KEY (order_number, id)
) STRICT;
INSERT INTO "consignments" VALUES(3,'D-1','{"id":"D-1","reference":"BXM4EO3EUOYF","despatched_at":"2026-03-01T00:00:10.123456Z","parcels":[{"id":"P-1","carrier":null,"service":null,"tracking":"TRACK-1","tracking_url":null,"contents":[{"line_id":"line-1","sku":null,"quantity":2}]}],"shorts":[]}');
CREATE TABLE cursors (
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (merchant, name)
) STRICT;
INSERT INTO "cursors" VALUES('northwind','orders','2026-03-01T00:00:00Z');
CREATE TABLE exception_journal (
    merchant TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (merchant, sequence)
) STRICT;
INSERT INTO "exception_journal" VALUES('northwind',1,1,1772323240123456,'{"sequence":1,"number":1,"code":"ORPHAN","at":"2026-03-01T00:00:40.123456Z","event":"opened","by":null,"note":"waits too long"}');
INSERT INTO "exception_journal" VALUES('northwind',2,2,1772323240123456,'{"sequence":2,"number":2,"code":"ORPHAN","at":"2026-03-01T00:00:40.123456Z","event":"opened","by":null,"note":"waits too long"}');
INSERT INTO "exception_journal" VALUES('northwind',3,1,1772323242123456,'{"sequence":3,"number":1,"code":"ORPHAN","at":"2026-03-01T00:00:42.123456Z","event":"resolved","by":null,"note":"waits too long"}');
INSERT INTO "exception_journal" VALUES('northwind',4,3,1772323242123456,'{"sequence":4,"number":3,"code":"ORPHAN","at":"2026-03-01T00:00:42.123456Z","event":"opened","by":null,"note":"waits too long"}');
INSERT INTO "exception_journal" VALUES('southwind',1,1,1772323241123456,'{"sequence":1,"number":1,"code":"ORPHAN","at":"2026-03-01T00:00:41.123456Z","event":"opened","by":null,"note":"waits too long"}');
INSERT INTO "exception_journal" VALUES('northwind',5,4,1772324205000000,'{"sequence":5,"number":4,"code":"ORPHAN","at":"2026-03-01T00:16:45Z","event":"opened","by":null,"note":""}');
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
INSERT INTO "exceptions" VALUES('northwind',1,'orders','order:closed','ORPHAN',1772323240123456,1772323242123456,'{"number":1,"scope":"orders","finding":{"subject":"order:closed","code":"ORPHAN","severity":"error","detail":"waits too long","count":1,"examples":[],"since":"2026-02-28T23:59:51.123456Z","stake":{}},"opened_at":"2026-03-01T00:00:40.123456Z","changed_at":"2026-03-01T00:00:42.123456Z","closed_at":"2026-03-01T00:00:42.123456Z","assignee":null,"snoozed_until":null,"escalated_at":null,"dismissed_at":null}');
INSERT INTO "exceptions" VALUES('northwind',2,'orders','order:ready','ORPHAN',1772323240123456,NULL,'{"number":2,"scope":"orders","finding":{"subject":"order:ready","code":"ORPHAN","severity":"error","detail":"waits too long","count":1,"examples":[],"since":"2026-02-28T23:59:51.123456Z","stake":{}},"opened_at":"2026-03-01T00:00:40.123456Z","changed_at":"2026-03-01T00:00:40.123456Z","closed_at":null,"assignee":null,"snoozed_until":null,"escalated_at":null,"dismissed_at":null}');
INSERT INTO "exceptions" VALUES('northwind',3,'orders','order:changed-later','ORPHAN',1772323242123456,NULL,'{"number":3,"scope":"orders","finding":{"subject":"order:changed-later","code":"ORPHAN","severity":"error","detail":"waits too long","count":1,"examples":[],"since":"2026-02-28T23:59:51.123456Z","stake":{}},"opened_at":"2026-03-01T00:00:42.123456Z","changed_at":"2026-03-01T00:00:42.123456Z","closed_at":null,"assignee":null,"snoozed_until":null,"escalated_at":null,"dismissed_at":null}');
INSERT INTO "exceptions" VALUES('southwind',1,'orders','order:ready','ORPHAN',1772323241123456,NULL,'{"number":1,"scope":"orders","finding":{"subject":"order:ready","code":"ORPHAN","severity":"error","detail":"waits too long","count":1,"examples":[],"since":"2026-02-28T23:59:51.123456Z","stake":{}},"opened_at":"2026-03-01T00:00:41.123456Z","changed_at":"2026-03-01T00:00:41.123456Z","closed_at":null,"assignee":null,"snoozed_until":null,"escalated_at":null,"dismissed_at":null}');
INSERT INTO "exceptions" VALUES('northwind',4,'audit','order:ready','ORPHAN',1772324205000000,NULL,'{"number":4,"scope":"audit","finding":{"subject":"order:ready","code":"ORPHAN","severity":"error","detail":"","count":1,"examples":[],"since":null,"stake":{}},"opened_at":"2026-03-01T00:16:45Z","changed_at":"2026-03-01T00:16:45Z","closed_at":null,"assignee":null,"snoozed_until":null,"escalated_at":null,"dismissed_at":null}');
CREATE TABLE flow_leases (
    merchant TEXT NOT NULL,
    flow TEXT NOT NULL,
    token INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (merchant, flow)
) STRICT;
INSERT INTO "flow_leases" VALUES('northwind','orders',1,1772323310123456);
CREATE TABLE intent_personal (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    recipient TEXT NOT NULL
) STRICT;
INSERT INTO "intent_personal" VALUES(1,'{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"city":"Sampleton","county":null,"postcode":"ZZ99 9ZZ","country":"GB","phone":"447700900123","email":null,"instructions":"Ring the bell"}');
INSERT INTO "intent_personal" VALUES(2,'{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"city":"Sampleton","county":null,"postcode":"ZZ99 9ZZ","country":"GB","phone":"447700900123","email":null,"instructions":"Ring the bell"}');
INSERT INTO "intent_personal" VALUES(3,'{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"city":"Sampleton","county":null,"postcode":"ZZ99 9ZZ","country":"GB","phone":"447700900123","email":null,"instructions":"Ring the bell"}');
INSERT INTO "intent_personal" VALUES(4,'{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"city":"Sampleton","county":null,"postcode":"ZZ99 9ZZ","country":"GB","phone":"447700900123","email":null,"instructions":"Ring the bell"}');
INSERT INTO "intent_personal" VALUES(5,'{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"city":"Sampleton","county":null,"postcode":"ZZ99 9ZZ","country":"GB","phone":"447700900123","email":null,"instructions":"Ring the bell"}');
CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('created_at',1772323200123456);
INSERT INTO "meta" VALUES('epoch',3);
INSERT INTO "meta" VALUES('commits',40);
INSERT INTO "meta" VALUES('blind_before',1772323200123456);
CREATE TABLE order_intents (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    facts TEXT NOT NULL
) STRICT;
INSERT INTO "order_intents" VALUES(1,'{"source_id":"ready","number":"#1001","purchase_order":"PO-7","service":"WHI_EXP","service_rule":"express","release_rule":"paid","currency":"GBP","requested_date":"2026-03-05","lines":[{"line_id":"line-1","sku":"MUGRED","source_sku":"MUG-RED","quantity":4,"description":"Mug, red","unit_price":{"amount":"3.20","currency":"GBP"}}],"registry_hash":"r","profile_hash":"p"}');
INSERT INTO "order_intents" VALUES(2,'{"source_id":"cancelled-later","number":"#1001","purchase_order":"PO-7","service":"WHI_EXP","service_rule":"express","release_rule":"paid","currency":"GBP","requested_date":"2026-03-05","lines":[{"line_id":"line-1","sku":"MUGRED","source_sku":"MUG-RED","quantity":4,"description":"Mug, red","unit_price":{"amount":"3.20","currency":"GBP"}}],"registry_hash":"r","profile_hash":"p"}');
INSERT INTO "order_intents" VALUES(3,'{"source_id":"changed-later","number":"#1001","purchase_order":"PO-7","service":"WHI_EXP","service_rule":"express","release_rule":"paid","currency":"GBP","requested_date":"2026-03-05","lines":[{"line_id":"line-1","sku":"MUGRED","source_sku":"MUG-RED","quantity":4,"description":"Mug, red","unit_price":{"amount":"3.20","currency":"GBP"}}],"registry_hash":"r","profile_hash":"p"}');
INSERT INTO "order_intents" VALUES(4,'{"source_id":"closed","number":"#1001","purchase_order":"PO-7","service":"WHI_EXP","service_rule":"express","release_rule":"paid","currency":"GBP","requested_date":"2026-03-05","lines":[{"line_id":"line-1","sku":"MUGRED","source_sku":"MUG-RED","quantity":4,"description":"Mug, red","unit_price":{"amount":"3.20","currency":"GBP"}}],"registry_hash":"r","profile_hash":"p"}');
INSERT INTO "order_intents" VALUES(5,'{"source_id":"ready","number":"#1001","purchase_order":"PO-7","service":"WHI_EXP","service_rule":"express","release_rule":"paid","currency":"GBP","requested_date":"2026-03-05","lines":[{"line_id":"line-1","sku":"MUGRED","source_sku":"MUG-RED","quantity":4,"description":"Mug, red","unit_price":{"amount":"3.20","currency":"GBP"}}],"registry_hash":"r","profile_hash":"p"}');
CREATE TABLE order_lines (
    order_number INTEGER NOT NULL REFERENCES orders,
    position INTEGER NOT NULL,
    sku TEXT,
    promised INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (order_number, position)
) STRICT, WITHOUT ROWID;
INSERT INTO "order_lines" VALUES(1,0,'MUG-RED',4,'{"line_id":"line-1","sku":"MUG-RED","ordered":4,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(1,1,'MUG-BLUE',2,'{"line_id":"line-2","sku":"MUG-BLUE","ordered":2,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(2,0,'MUG-RED',4,'{"line_id":"line-1","sku":"MUG-RED","ordered":4,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(2,1,'MUG-BLUE',2,'{"line_id":"line-2","sku":"MUG-BLUE","ordered":2,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(3,0,'MUG-RED',4,'{"line_id":"line-1","sku":"MUG-RED","ordered":4,"despatched":2,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(3,1,'MUG-BLUE',2,'{"line_id":"line-2","sku":"MUG-BLUE","ordered":2,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(4,0,'MUG-RED',4,'{"line_id":"line-1","sku":"MUG-RED","ordered":4,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(4,1,'MUG-BLUE',2,'{"line_id":"line-2","sku":"MUG-BLUE","ordered":2,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(5,0,'MUG-RED',4,'{"line_id":"line-1","sku":"MUG-RED","ordered":4,"despatched":0,"short":0,"cancelled":0}');
INSERT INTO "order_lines" VALUES(5,1,'MUG-BLUE',2,'{"line_id":"line-2","sku":"MUG-BLUE","ordered":2,"despatched":0,"short":0,"cancelled":0}');
CREATE TABLE order_names (
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    order_number INTEGER NOT NULL REFERENCES orders,
    PRIMARY KEY (merchant, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "order_names" VALUES('northwind','order-ready',1);
CREATE TABLE order_personal (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    details TEXT NOT NULL
) STRICT;
INSERT INTO "order_personal" VALUES(1,'{"shipping":{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"line3":null,"city":null,"region":null,"postcode":"ZZ99 9ZZ","country":null,"phone":null,"email":null},"billing":null,"other_phones":[],"instructions":null}');
INSERT INTO "order_personal" VALUES(2,'{"shipping":{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"line3":null,"city":null,"region":null,"postcode":"ZZ99 9ZZ","country":null,"phone":null,"email":null},"billing":null,"other_phones":[],"instructions":null}');
INSERT INTO "order_personal" VALUES(3,'{"shipping":{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"line3":null,"city":null,"region":null,"postcode":"ZZ99 9ZZ","country":null,"phone":null,"email":null},"billing":null,"other_phones":[],"instructions":null}');
INSERT INTO "order_personal" VALUES(4,'{"shipping":{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"line3":null,"city":null,"region":null,"postcode":"ZZ99 9ZZ","country":null,"phone":null,"email":null},"billing":null,"other_phones":[],"instructions":null}');
INSERT INTO "order_personal" VALUES(5,'{"shipping":{"name":"Goods In","company":null,"line1":"1 Sample Street","line2":null,"line3":null,"city":null,"region":null,"postcode":"ZZ99 9ZZ","country":null,"phone":null,"email":null},"billing":null,"other_phones":[],"instructions":null}');
CREATE TABLE order_references (
    merchant TEXT NOT NULL,
    reference TEXT NOT NULL,
    order_number INTEGER NOT NULL REFERENCES orders,
    PRIMARY KEY (merchant, reference)
) STRICT, WITHOUT ROWID;
INSERT INTO "order_references" VALUES('northwind','B2X3PTVOVFC4',2);
INSERT INTO "order_references" VALUES('northwind','B5XAY4A23EV3',4);
INSERT INTO "order_references" VALUES('northwind','BBTMHK2UI7JL',1);
INSERT INTO "order_references" VALUES('northwind','BXM4EO3EUOYF',3);
INSERT INTO "order_references" VALUES('southwind','BRP6AUYS2YR6',5);
CREATE TABLE order_sources (
    order_number INTEGER PRIMARY KEY REFERENCES orders,
    facts TEXT NOT NULL
) STRICT;
INSERT INTO "order_sources" VALUES(1,'{"id":"ready","kind":"order","number":"#ready","platform_id":null,"status":null,"payment":"missing","tags":[],"metadata":[],"placed_at":"2026-02-28T23:59:00.123456Z","currency":"GBP","total":{"amount":"1234.50","currency":"GBP"},"customer_id":null,"customer_group":"trade","shipping_method":null,"purchase_orders":[],"requested_date":null,"lines":[{"id":"line-1","sku":"MUG-RED","description":null,"quantity":"4","unit_price":null},{"id":"line-2","sku":"MUG-BLUE","description":null,"quantity":"2","unit_price":null}]}');
INSERT INTO "order_sources" VALUES(2,'{"id":"cancelled-later","kind":"order","number":"#cancelled-later","platform_id":null,"status":"cancelled","payment":"missing","tags":[],"metadata":[],"placed_at":"2026-02-28T23:59:00.123456Z","currency":"GBP","total":{"amount":"1234.50","currency":"GBP"},"customer_id":null,"customer_group":"trade","shipping_method":null,"purchase_orders":[],"requested_date":null,"lines":[{"id":"line-1","sku":"MUG-RED","description":null,"quantity":"4","unit_price":null},{"id":"line-2","sku":"MUG-BLUE","description":null,"quantity":"2","unit_price":null}]}');
INSERT INTO "order_sources" VALUES(3,'{"id":"changed-later","kind":"order","number":"#changed-later","platform_id":null,"status":null,"payment":"missing","tags":[],"metadata":[],"placed_at":"2026-02-28T23:59:00.123456Z","currency":"GBP","total":{"amount":"1234.50","currency":"GBP"},"customer_id":null,"customer_group":"trade","shipping_method":null,"purchase_orders":[],"requested_date":null,"lines":[{"id":"line-1","sku":"MUG-RED","description":null,"quantity":"4","unit_price":null},{"id":"line-2","sku":"MUG-BLUE","description":null,"quantity":"2","unit_price":null}]}');
INSERT INTO "order_sources" VALUES(4,'{"id":"closed","kind":"order","number":"#closed","platform_id":null,"status":null,"payment":"missing","tags":[],"metadata":[],"placed_at":"2026-02-28T23:59:00.123456Z","currency":"GBP","total":{"amount":"1234.50","currency":"GBP"},"customer_id":null,"customer_group":"trade","shipping_method":null,"purchase_orders":[],"requested_date":null,"lines":[{"id":"line-1","sku":"MUG-RED","description":null,"quantity":"4","unit_price":null},{"id":"line-2","sku":"MUG-BLUE","description":null,"quantity":"2","unit_price":null}]}');
INSERT INTO "order_sources" VALUES(5,'{"id":"ready","kind":"order","number":"#ready","platform_id":null,"status":null,"payment":"missing","tags":[],"metadata":[],"placed_at":"2026-02-28T23:59:00.123456Z","currency":"GBP","total":{"amount":"1234.50","currency":"GBP"},"customer_id":null,"customer_group":"trade","shipping_method":null,"purchase_orders":[],"requested_date":null,"lines":[{"id":"line-1","sku":"MUG-RED","description":null,"quantity":"4","unit_price":null},{"id":"line-2","sku":"MUG-BLUE","description":null,"quantity":"2","unit_price":null}]}');
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
INSERT INTO "orders" VALUES(1,'northwind','ready','BBTMHK2UI7JL','ready',0,NULL,1772323260123456,NULL,NULL,NULL,NULL,1772323200123456,1772323201123456,1,'{"merchant":"northwind","id":"ready","reference":"BBTMHK2UI7JL","generation":0,"number":"#ready","state":"ready","source_version":"v1","source_digest":"8edab3c8915dca1cb9120d57b3b422a035ca37296c3528a7fc455fe10c97c609","payload_digest":"11d6ba2009dd2f36cdaebd22b52ab1ffdaa24f021f08aba9dbd24474b92d1fef","warehouse_id":null,"attempt":0,"failures":0,"absences":0,"token":0,"lease_until":null,"due_at":"2026-03-01T00:01:00.123456Z","placed_at":"2026-02-28T23:59:00.123456Z","captured_at":"2026-03-01T00:00:00.123456Z","changed_at":"2026-03-01T00:00:01.123456Z","accepted_at":null,"unknown_since":null,"value":{"amount":"1234.50","currency":"GBP"},"probe_first":false,"renamed":"order-ready","request":null,"stake":{"value":{"GBP":"1234.50"},"groups":["trade"]},"reasons":[],"rule":null,"timeline_length":3,"timeline_digest":"09f0b8a82cd5d5800b85c9e2a4e01961f411d48468225f6be54d1d2f51186fb7"}');
INSERT INTO "orders" VALUES(2,'northwind','cancelled-later','B2X3PTVOVFC4','accepted',1,1772324266000000,1772323260123456,'wanted',1772324200000000,1772323203123456,NULL,1772323200123456,1772323203123456,1,'{"merchant":"northwind","id":"cancelled-later","reference":"B2X3PTVOVFC4","generation":0,"number":"#cancelled-later","state":"accepted","source_version":"v2","source_digest":"44c034be1f3bda9d77b92e1b813aa907ed458fffd1cbd0387b47b6f740ec698d","payload_digest":"6d23bfead8bfbbc871e3ed30356d78dd623a7febbee05a5a7bd43525e05bd034","warehouse_id":null,"attempt":1,"failures":0,"absences":0,"token":1,"lease_until":"2026-03-01T00:17:46Z","due_at":"2026-03-01T00:01:00.123456Z","placed_at":"2026-02-28T23:59:00.123456Z","captured_at":"2026-03-01T00:00:00.123456Z","changed_at":"2026-03-01T00:00:03.123456Z","accepted_at":"2026-03-01T00:00:03.123456Z","unknown_since":null,"value":{"amount":"1234.50","currency":"GBP"},"probe_first":false,"renamed":null,"request":{"id":"B2X3PTVOVFC4-44c034be1f3b","kind":"cancel","state":"wanted","wanted_at":"2026-03-01T00:00:30.123456Z","due_at":"2026-03-01T00:16:40Z","failures":0,"answer":""},"stake":{"value":{"GBP":"1234.50"},"groups":["trade"]},"reasons":[],"rule":null,"timeline_length":5,"timeline_digest":"ac9044449bf2fa8045f386d8a8f3038d51d40a86be7a644e8de5ba3e7c550315"}');
INSERT INTO "orders" VALUES(3,'northwind','changed-later','BXM4EO3EUOYF','part_despatched',1,NULL,1772323220123456,'wanted',1772324200000000,1772323203123456,NULL,1772323200123456,1772323220123456,1,'{"merchant":"northwind","id":"changed-later","reference":"BXM4EO3EUOYF","generation":0,"number":"#changed-later","state":"part_despatched","source_version":"v1","source_digest":"eeb1e59da5d3b78be8f2c99d17ebe96c8bed8a05917347a5134bd4ed8cfa4092","payload_digest":"e9a0a17c1d452d045f8342d6a09b97ad3929001e4de6a593711a4ad1da0af317","warehouse_id":null,"attempt":1,"failures":0,"absences":0,"token":1,"lease_until":null,"due_at":"2026-03-01T00:00:20.123456Z","placed_at":"2026-02-28T23:59:00.123456Z","captured_at":"2026-03-01T00:00:00.123456Z","changed_at":"2026-03-01T00:00:20.123456Z","accepted_at":"2026-03-01T00:00:03.123456Z","unknown_since":null,"value":{"amount":"1234.50","currency":"GBP"},"probe_first":false,"renamed":null,"request":{"id":"BXM4EO3EUOYF-eeb1e59da5d3","kind":"amend","state":"wanted","wanted_at":"2026-03-01T00:00:31.123456Z","due_at":"2026-03-01T00:16:40Z","failures":0,"answer":""},"stake":{"value":{"GBP":"1234.50"},"groups":["trade"]},"reasons":[],"rule":null,"timeline_length":7,"timeline_digest":"f49e90ef39d750a201c800c2eb2ed4142c2d0360683f8dac43c6a811c185d395"}');
INSERT INTO "orders" VALUES(4,'northwind','closed','B5XAY4A23EV3','closed',1,NULL,1772323260123456,NULL,NULL,1772323203123456,1772323206123456,1772323200123456,1772323206123456,1,'{"merchant":"northwind","id":"closed","reference":"B5XAY4A23EV3","generation":0,"number":"#closed","state":"closed","source_version":"v1","source_digest":"a5e49263ab971d794c52badfb9e6997bc2c02b3cddbc47d4aa01b4c0bfcac9b3","payload_digest":"2500ecbf23956b83eefe69ff4b3154718131ce4efd4375b369721a618415d8f3","warehouse_id":null,"attempt":1,"failures":0,"absences":0,"token":1,"lease_until":null,"due_at":"2026-03-01T00:01:00.123456Z","placed_at":"2026-02-28T23:59:00.123456Z","captured_at":"2026-03-01T00:00:00.123456Z","changed_at":"2026-03-01T00:00:06.123456Z","accepted_at":"2026-03-01T00:00:03.123456Z","unknown_since":null,"value":{"amount":"1234.50","currency":"GBP"},"probe_first":false,"renamed":null,"request":null,"stake":{},"reasons":[],"rule":null,"timeline_length":8,"timeline_digest":"8b77ec71948ce88b4e4694e298e84452792a66716fb1aad83aa6bc965fee1880"}');
INSERT INTO "orders" VALUES(5,'southwind','ready','BRP6AUYS2YR6','ready',0,NULL,1772323260123456,NULL,NULL,NULL,NULL,1772323200123456,1772323201123456,1,'{"merchant":"southwind","id":"ready","reference":"BRP6AUYS2YR6","generation":0,"number":"#ready","state":"ready","source_version":"v1","source_digest":"8edab3c8915dca1cb9120d57b3b422a035ca37296c3528a7fc455fe10c97c609","payload_digest":"11d6ba2009dd2f36cdaebd22b52ab1ffdaa24f021f08aba9dbd24474b92d1fef","warehouse_id":null,"attempt":0,"failures":0,"absences":0,"token":0,"lease_until":null,"due_at":"2026-03-01T00:01:00.123456Z","placed_at":"2026-02-28T23:59:00.123456Z","captured_at":"2026-03-01T00:00:00.123456Z","changed_at":"2026-03-01T00:00:01.123456Z","accepted_at":null,"unknown_since":null,"value":{"amount":"1234.50","currency":"GBP"},"probe_first":false,"renamed":null,"request":null,"stake":{"value":{"GBP":"1234.50"},"groups":["trade"]},"reasons":[],"rule":null,"timeline_length":2,"timeline_digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
CREATE TABLE parcel_tracking (
    merchant TEXT NOT NULL,
    order_id TEXT NOT NULL,
    parcel_id TEXT NOT NULL,
    due_at INTEGER,
    tracking TEXT NOT NULL,
    PRIMARY KEY (merchant, order_id, parcel_id),
    FOREIGN KEY (merchant, order_id) REFERENCES orders (merchant, id)
) STRICT;
INSERT INTO "parcel_tracking" VALUES('northwind','changed-later','P-1',1772324700000000,'{"order":"changed-later","parcel_id":"P-1","number":"TRACK-1","carrier":null,"since":"2026-03-01T00:00:10.123456Z","due_at":"2026-03-01T00:25:00Z","answered_at":null,"known":false,"progress":{"milestones":[],"latest":null,"unknown":[],"more_unknown":false},"failures":0,"fault":null}');
CREATE TABLE parcels (
    number INTEGER PRIMARY KEY,
    order_number INTEGER NOT NULL REFERENCES orders,
    parcel_id TEXT NOT NULL,
    parcel TEXT NOT NULL,
    UNIQUE (order_number, parcel_id)
) STRICT;
INSERT INTO "parcels" VALUES(1,3,'P-1','{"parcel":{"id":"P-1","carrier":null,"service":null,"tracking":"TRACK-1","tracking_url":null,"contents":[{"line_id":"line-1","sku":null,"quantity":2}]},"consignment_id":"D-1","despatched_at":"2026-03-01T00:00:10.123456Z","received_at":"2026-03-01T00:00:20.123456Z","relay":"pending"}');
CREATE TABLE profile_versions (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    hash TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (merchant, hash)
) STRICT;
INSERT INTO "profile_versions" VALUES(1,'northwind','aa','{"hash":"aa","first_used_at":"2026-03-01T00:16:44Z","approval":null}');
CREATE TABLE published_levels (
    list INTEGER NOT NULL REFERENCES stock_lists,
    sku TEXT NOT NULL,
    level INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (list, sku)
) STRICT, WITHOUT ROWID;
INSERT INTO "published_levels" VALUES(2,'MUG-RED',8,1772323206123456);
CREATE TABLE returns (
    number INTEGER PRIMARY KEY,
    order_number INTEGER NOT NULL REFERENCES orders,
    id TEXT NOT NULL,
    receipt TEXT NOT NULL,
    UNIQUE (order_number, id)
) STRICT;
INSERT INTO "returns" VALUES(1,4,'R-1','{"id":"R-1","reference":null,"received_at":"2026-03-01T00:16:30Z","authorisation":null,"lines":[{"line_id":"line-1","sku":"MUGRED","quantity":1,"condition":null,"restocked":null}]}');
CREATE TABLE sku_history (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    source TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    pair TEXT NOT NULL
) STRICT;
INSERT INTO "sku_history" VALUES(1,'northwind','MUG-RED','MUGRED','{"source":"MUG-RED","warehouse":"MUGRED","since":1}');
CREATE TABLE sku_registries (
    merchant TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL
) STRICT;
INSERT INTO "sku_registries" VALUES('northwind',1,'hash-1');
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
INSERT INTO "stock" VALUES(1,'MUGRED',12,4,0,5,1772323205123456);
CREATE TABLE stock_lists (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (merchant, name)
) STRICT;
INSERT INTO "stock_lists" VALUES(1,'northwind','warehouse');
INSERT INTO "stock_lists" VALUES(2,'northwind','shop:main');
CREATE TABLE timeline (
    order_number INTEGER NOT NULL REFERENCES orders,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (order_number, sequence)
) STRICT;
INSERT INTO "timeline" VALUES(1,1,1772323200123456,'source_changed','{"sequence":1,"at":"2026-03-01T00:00:00.123456Z","event":"source_changed","from":"captured","to":"captured","note":"captured from the shop","previous":"","digest":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f"}');
INSERT INTO "timeline" VALUES(1,2,1772323201123456,'prepared','{"sequence":2,"at":"2026-03-01T00:00:01.123456Z","event":"prepared","from":"captured","to":"ready","note":"a note","previous":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f","digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
INSERT INTO "timeline" VALUES(2,1,1772323200123456,'source_changed','{"sequence":1,"at":"2026-03-01T00:00:00.123456Z","event":"source_changed","from":"captured","to":"captured","note":"captured from the shop","previous":"","digest":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f"}');
INSERT INTO "timeline" VALUES(2,2,1772323201123456,'prepared','{"sequence":2,"at":"2026-03-01T00:00:01.123456Z","event":"prepared","from":"captured","to":"ready","note":"a note","previous":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f","digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
INSERT INTO "timeline" VALUES(2,3,1772323202123456,'claimed','{"sequence":3,"at":"2026-03-01T00:00:02.123456Z","event":"claimed","from":"ready","to":"sending","note":"a note","previous":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554","digest":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7"}');
INSERT INTO "timeline" VALUES(2,4,1772323203123456,'confirmed','{"sequence":4,"at":"2026-03-01T00:00:03.123456Z","event":"confirmed","from":"sending","to":"accepted","note":"a note","previous":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7","digest":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a"}');
INSERT INTO "timeline" VALUES(2,5,1772323230123456,'source_changed','{"sequence":5,"at":"2026-03-01T00:00:30.123456Z","event":"source_changed","from":"accepted","to":"accepted","note":"cancelled in the shop after it was handed over","previous":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a","digest":"ac9044449bf2fa8045f386d8a8f3038d51d40a86be7a644e8de5ba3e7c550315"}');
INSERT INTO "timeline" VALUES(3,1,1772323200123456,'source_changed','{"sequence":1,"at":"2026-03-01T00:00:00.123456Z","event":"source_changed","from":"captured","to":"captured","note":"captured from the shop","previous":"","digest":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f"}');
INSERT INTO "timeline" VALUES(3,2,1772323201123456,'prepared','{"sequence":2,"at":"2026-03-01T00:00:01.123456Z","event":"prepared","from":"captured","to":"ready","note":"a note","previous":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f","digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
INSERT INTO "timeline" VALUES(3,3,1772323202123456,'claimed','{"sequence":3,"at":"2026-03-01T00:00:02.123456Z","event":"claimed","from":"ready","to":"sending","note":"a note","previous":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554","digest":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7"}');
INSERT INTO "timeline" VALUES(3,4,1772323203123456,'confirmed','{"sequence":4,"at":"2026-03-01T00:00:03.123456Z","event":"confirmed","from":"sending","to":"accepted","note":"a note","previous":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7","digest":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a"}');
INSERT INTO "timeline" VALUES(3,5,1772323220123456,'part_despatched','{"sequence":5,"at":"2026-03-01T00:00:20.123456Z","event":"part_despatched","from":"accepted","to":"part_despatched","note":"a despatch","previous":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a","digest":"892d5895db5b3ad7bbd043401b344625668fc24240225922e3d9da62673bd82d"}');
INSERT INTO "timeline" VALUES(3,6,1772323231123456,'source_changed','{"sequence":6,"at":"2026-03-01T00:00:31.123456Z","event":"source_changed","from":"part_despatched","to":"part_despatched","note":"changed in the shop after it was handed over","previous":"892d5895db5b3ad7bbd043401b344625668fc24240225922e3d9da62673bd82d","digest":"dea0c238735e84b909486fa8cae122c6d457c7e936923ee8700a3def334706be"}');
INSERT INTO "timeline" VALUES(4,1,1772323200123456,'source_changed','{"sequence":1,"at":"2026-03-01T00:00:00.123456Z","event":"source_changed","from":"captured","to":"captured","note":"captured from the shop","previous":"","digest":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f"}');
INSERT INTO "timeline" VALUES(4,2,1772323201123456,'prepared','{"sequence":2,"at":"2026-03-01T00:00:01.123456Z","event":"prepared","from":"captured","to":"ready","note":"a note","previous":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f","digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
INSERT INTO "timeline" VALUES(4,3,1772323202123456,'claimed','{"sequence":3,"at":"2026-03-01T00:00:02.123456Z","event":"claimed","from":"ready","to":"sending","note":"a note","previous":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554","digest":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7"}');
INSERT INTO "timeline" VALUES(4,4,1772323203123456,'confirmed','{"sequence":4,"at":"2026-03-01T00:00:03.123456Z","event":"confirmed","from":"sending","to":"accepted","note":"a note","previous":"4d875ae4f94baa7b0be6f80d7339020de41ab0f04cbc1043683139e6429944f7","digest":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a"}');
INSERT INTO "timeline" VALUES(4,5,1772323204123456,'fully_despatched','{"sequence":5,"at":"2026-03-01T00:00:04.123456Z","event":"fully_despatched","from":"accepted","to":"despatched","note":"a note","previous":"7491fd3ee7da9af3a4673489c0d40addfc8e41dfef2a87fa883613f53532536a","digest":"0691cb1258e29e778c7dfeca5485c2bc925c0e59e5c9982a787c4436e1f3e4d1"}');
INSERT INTO "timeline" VALUES(4,6,1772323205123456,'relay_seen','{"sequence":6,"at":"2026-03-01T00:00:05.123456Z","event":"relay_seen","from":"despatched","to":"relayed","note":"a note","previous":"0691cb1258e29e778c7dfeca5485c2bc925c0e59e5c9982a787c4436e1f3e4d1","digest":"69c483ea446de997f423c41cf3ecb295ee7ebec3a50572bf57a4c3fe394d53cb"}');
INSERT INTO "timeline" VALUES(4,7,1772323206123456,'proof_held','{"sequence":7,"at":"2026-03-01T00:00:06.123456Z","event":"proof_held","from":"relayed","to":"closed","note":"a note","previous":"69c483ea446de997f423c41cf3ecb295ee7ebec3a50572bf57a4c3fe394d53cb","digest":"9dd8ecca5578a611212c4661319d30f740c875388f3aabb6aac9277e17291970"}');
INSERT INTO "timeline" VALUES(5,1,1772323200123456,'source_changed','{"sequence":1,"at":"2026-03-01T00:00:00.123456Z","event":"source_changed","from":"captured","to":"captured","note":"captured from the shop","previous":"","digest":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f"}');
INSERT INTO "timeline" VALUES(5,2,1772323201123456,'prepared','{"sequence":2,"at":"2026-03-01T00:00:01.123456Z","event":"prepared","from":"captured","to":"ready","note":"a note","previous":"552832bcb4c04e6494b398683cf68bc6eb3727ffc60bfbe37e7efad2bd79897f","digest":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554"}');
INSERT INTO "timeline" VALUES(1,3,1772324201000000,'renamed','{"sequence":3,"at":"2026-03-01T00:16:41Z","event":"renamed","from":"ready","to":"ready","note":"named","previous":"d7c8499b7217fdbd581ce24b767c29d215c8a2f14715f0c7110316bbcba28554","digest":"09f0b8a82cd5d5800b85c9e2a4e01961f411d48468225f6be54d1d2f51186fb7"}');
INSERT INTO "timeline" VALUES(3,7,1772324202000000,'tracked','{"sequence":7,"at":"2026-03-01T00:16:42Z","event":"tracked","from":"part_despatched","to":"part_despatched","note":"watched","previous":"dea0c238735e84b909486fa8cae122c6d457c7e936923ee8700a3def334706be","digest":"f49e90ef39d750a201c800c2eb2ed4142c2d0360683f8dac43c6a811c185d395"}');
INSERT INTO "timeline" VALUES(4,8,1772324203000000,'returned','{"sequence":8,"at":"2026-03-01T00:16:43Z","event":"returned","from":"closed","to":"closed","note":"came back","previous":"9dd8ecca5578a611212c4661319d30f740c875388f3aabb6aac9277e17291970","digest":"8b77ec71948ce88b4e4694e298e84452792a66716fb1aad83aa6bc965fee1880"}');
CREATE TABLE unmatched_despatches (
    number INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    reference TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    consignment TEXT NOT NULL,
    UNIQUE (merchant, id, reference)
) STRICT;
INSERT INTO "unmatched_despatches" VALUES(1,'northwind','D-9','BETRJMVAF37E',1772323250123456,'{"id":"D-9","reference":"BETRJMVAF37E","despatched_at":"2026-03-01T00:00:10.123456Z","parcels":[],"shorts":[]}');
CREATE UNIQUE INDEX exceptions_open ON exceptions (merchant, scope, subject, code) WHERE closed_at IS NULL;
CREATE INDEX exceptions_age ON exceptions (merchant, opened_at, number);
CREATE INDEX parcel_tracking_due ON parcel_tracking (merchant, due_at, order_id, parcel_id) WHERE due_at IS NOT NULL;
CREATE INDEX exception_journal_number ON exception_journal (merchant, number, sequence);
CREATE INDEX sku_history_source ON sku_history (merchant, source, warehouse);
CREATE INDEX orders_due ON orders (merchant, state, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX orders_request_due ON orders (merchant, state, request_due, id) WHERE request_due IS NOT NULL;
CREATE INDEX orders_request ON orders (merchant, id) WHERE request_state <> 'accepted';
CREATE INDEX orders_state ON orders (merchant, state, id, captured_at, changed_at);
CREATE INDEX orders_accepted ON orders (merchant, accepted_at) WHERE accepted_at IS NOT NULL;
CREATE INDEX orders_settled ON orders (merchant, settled_at) WHERE personal = 1 AND settled_at IS NOT NULL;
COMMIT;
PRAGMA foreign_keys=ON;
