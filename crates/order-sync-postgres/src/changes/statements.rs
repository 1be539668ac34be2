//! The statements that write what was collected: one per table, whatever the number of orders.

use chrono::NaiveDate;
use order_mapping::{PersonalDetails, Recipient, SourceOrderId, SourceSku};
use order_sync::{LineProgress, OrderRecord, PersonalKind, PersonalPlace, Sealing};
use serde::Serialize;

use super::{Changes, Held};
use crate::failure::Failure;
use crate::query::Query;
use crate::shelf::{self, OPEN};
use crate::{dossiers, json_text, key_text};

/// The columns of `orders`, from the arrays of [`rows`].
const ROWS: &str = "unnest($2::text[], $3::date[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], \
    $8::timestamptz[], $9::timestamptz[], $10::boolean[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], \
    $14::boolean[]) k(id, shelf, revision, state, work, due_at, change_due_at, lease_until, has_request, accepted_at, \
    captured_at, changed_at, judged)";
const COLUMNS: &str = "(merchant, id, shelf, revision, state, work, due_at, change_due_at, lease_until, has_request, \
    accepted_at, captured_at, changed_at, personal)";
const VALUES: &str = "$1, k.id, k.shelf, k.revision, k.state, k.work, k.due_at, k.change_due_at, k.lease_until, \
    k.has_request, k.accepted_at, k.captured_at, k.changed_at";
const SET: &str = "revision = excluded.revision, state = excluded.state, work = excluded.work, due_at = excluded.due_at, \
    change_due_at = excluded.change_due_at, lease_until = excluded.lease_until, has_request = excluded.has_request, \
    accepted_at = excluded.accepted_at, captured_at = excluded.captured_at, changed_at = excluded.changed_at";
/// Judged after the payloads were written.
const HAS_PERSONAL: &str = "EXISTS (SELECT FROM order_personal p WHERE p.merchant = $1 AND p.order_id = k.id) \
    OR EXISTS (SELECT FROM intent_personal p WHERE p.merchant = $1 AND p.order_id = k.id)";

/// A changed record, and what its row says.
struct Row<'a> {
    held: &'a Held,
    columns: shelf::Columns,
}

fn rows(changes: &Changes) -> impl Iterator<Item = Row<'_>> {
    changes
        .held
        .values()
        .filter(|held| held.changed)
        .map(|held| Row {
            held,
            columns: shelf::columns(&held.record),
        })
}

impl Changes {
    /// The statements, in the order in which they are to run.
    pub(crate) fn into_queries(self, sealing: &Sealing) -> Result<Vec<Query>, Failure> {
        let mut queries = Vec::new();
        self.payloads(sealing, &mut queries)?;
        self.records(&mut queries)?;
        self.contents(&mut queries)?;
        self.parcels(&mut queries)?;
        Ok(queries)
    }

    fn of(&self, sql: impl Into<std::borrow::Cow<'static, str>>) -> Query {
        Query::of(&self.merchant, sql)
    }

    fn payloads(&self, sealing: &Sealing, queries: &mut Vec<Query>) -> Result<(), Failure> {
        let mut keys = Keys::default();
        let place = |id, kind| PersonalPlace::new(&self.merchant, id, kind);
        let mut sources = Texts::default();
        let (mut details, mut no_details) = (Texts::default(), Vec::new());
        for (id, order) in self.sources.values() {
            sources.add("the shop's copy of an order", id, order)?;
            if order.personal == PersonalDetails::default() {
                no_details.push(id.as_str());
            } else {
                let text = json_text::write("the personal data of an order", &order.personal)?;
                let place = place(id, PersonalKind::Source);
                details.put(id, keys.seal(sealing, place, text)?);
            }
        }
        let mut intents = Texts::default();
        let (mut recipients, mut no_recipients) = (Texts::default(), Vec::new());
        for (id, intent) in self.intents.values() {
            intents.add("the payload of an order", id, intent)?;
            if intent.recipient == Recipient::erased() {
                no_recipients.push(id.as_str());
            } else {
                let text = json_text::write("the recipient of a payload", &intent.recipient)?;
                let place = place(id, PersonalKind::Recipient);
                recipients.put(id, keys.seal(sealing, place, text)?);
            }
        }
        let tables = [
            (sources, "order_sources", "facts"),
            (details, "order_personal", "details"),
            (intents, "order_intents", "facts"),
            (recipients, "intent_personal", "recipient"),
        ];
        for (texts, table, column) in tables {
            if !texts.ids.is_empty() {
                let sql = format!(
                    "INSERT INTO {table} (merchant, order_id, {column}) \
                     SELECT $1, k.id, k.text FROM unnest($2::text[], $3::text[]) k(id, text) \
                     ON CONFLICT (merchant, order_id) DO UPDATE SET {column} = excluded.{column}"
                );
                queries.push(self.of(sql).texts(texts.ids).texts(texts.texts));
            }
        }
        if !keys.ids.is_empty() {
            let sql = "INSERT INTO personal_keys (merchant, order_id, kind, wrapped) \
                       SELECT $1, k.* FROM unnest($2::text[], $3::text[], $4::text[]) k \
                       ON CONFLICT (merchant, order_id, kind) DO UPDATE SET wrapped = excluded.wrapped";
            let query = self.of(sql).texts(keys.ids).texts(keys.kinds);
            queries.push(query.texts(keys.wrapped));
        }
        for (ids, table, kind) in [
            (no_details, "order_personal", PersonalKind::Source),
            (no_recipients, "intent_personal", PersonalKind::Recipient),
        ] {
            if !ids.is_empty() {
                if sealing.is_on() {
                    let sql = "DELETE FROM personal_keys WHERE merchant = $1 AND order_id = ANY($2) AND kind = $3";
                    let query = self.of(sql).keys(ids.iter().copied());
                    queries.push(query.text(kind.as_str()));
                }
                let sql = format!("DELETE FROM {table} WHERE merchant = $1 AND order_id = ANY($2)");
                queries.push(self.of(sql).keys(ids));
            }
        }
        Ok(())
    }

    /// Records, and the rows by which they are searched.
    fn records(&self, queries: &mut Vec<Query>) -> Result<(), Failure> {
        let (mut new, mut known) = (Records::default(), Records::default());
        let (mut inserted, mut stay, mut stay_closed, mut move_on) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for row in rows(self) {
            match row.held.shelf {
                None => {
                    new.add(&row)?;
                    inserted.push(row);
                }
                Some(before) => {
                    known.add(&row)?;
                    match (before == row.columns.shelf, before == OPEN) {
                        (true, true) => stay.push(row),
                        (true, false) => stay_closed.push(row),
                        (false, _) => move_on.push(row),
                    }
                }
            }
        }
        // Rows that are there are found by their key: an update with a join is planned, and where the planner does not know how many
        // orders a merchant has, it reads all of them.
        let insert = "INSERT INTO order_records (merchant, id, shelf, revision, record) \
                      SELECT $1, k.id, k.shelf, k.revision, k.record \
                      FROM unnest($2::text[], $3::date[], $4::bigint[], $5::text[]) k(id, shelf, revision, record)";
        if !new.ids.is_empty() {
            queries.push(new.with(self.of(insert)));
        }
        if !known.ids.is_empty() {
            let sql = format!(
                "{insert} ON CONFLICT (merchant, id) DO UPDATE \
                 SET shelf = excluded.shelf, revision = excluded.revision, record = excluded.record"
            );
            queries.push(known.with(self.of(sql)));
        }
        if !inserted.is_empty() {
            let sql =
                format!("INSERT INTO orders {COLUMNS} SELECT {VALUES}, {HAS_PERSONAL} FROM {ROWS}");
            queries.push(self.with_rows(sql, &inserted));
        }
        // Straight into the partition: planning for all of them would cost more than the update.
        let (judged, plain): (Vec<_>, Vec<_>) =
            stay.into_iter().partition(|row| row.held.personal_changed);
        for (rows, personal, set) in [
            (judged, HAS_PERSONAL, ", personal = excluded.personal"),
            (plain, "false", ""),
        ] {
            if !rows.is_empty() {
                let sql = format!(
                    "INSERT INTO orders_open {COLUMNS} SELECT {VALUES}, {personal} FROM {ROWS} \
                     ON CONFLICT (merchant, id, shelf) DO UPDATE SET {SET}{set}"
                );
                queries.push(self.with_rows(sql, &rows));
            }
        }
        if !stay_closed.is_empty() {
            let sql = format!(
                "UPDATE orders o SET {} FROM {ROWS} WHERE o.merchant = $1 AND o.id = k.id AND o.shelf = k.shelf",
                SET.replace("excluded.", "k.") + ", personal = " + &personal_of(&stay_closed, "o"),
            );
            queries.push(self.with_rows(sql, &stay_closed));
        }
        // From the open ones to a month, or back: what was in its old place is put into the new one.
        let (close, open): (Vec<_>, Vec<_>) = move_on
            .into_iter()
            .partition(|row| row.held.shelf == Some(OPEN));
        let from_open =
            "orders_open o WHERE o.merchant = $1 AND o.id = ANY($2) AND o.shelf = ANY($15)";
        let from_month = "orders o USING unnest($2::text[], $15::date[]) b(id, shelf) \
                          WHERE o.merchant = $1 AND o.id = b.id AND o.shelf = b.shelf";
        for (rows, from) in [(close, from_open), (open, from_month)] {
            if !rows.is_empty() {
                let personal = personal_of(&rows, "moved");
                let sql = format!(
                    "WITH moved AS (DELETE FROM {from} RETURNING o.id, o.personal) \
                     INSERT INTO orders {COLUMNS} SELECT {VALUES}, {personal} FROM {ROWS} JOIN moved ON moved.id = k.id"
                );
                let before = rows
                    .iter()
                    .map(|row| row.held.shelf.unwrap_or(OPEN))
                    .collect();
                queries.push(self.with_rows(sql, &rows).dates(before));
            }
        }
        Ok(())
    }

    fn with_rows(&self, sql: String, rows: &[Row<'_>]) -> Query {
        fn each<T>(rows: &[Row<'_>], of: impl Fn(&OrderRecord, &shelf::Columns) -> T) -> Vec<T> {
            rows.iter()
                .map(|row| of(&row.held.record, &row.columns))
                .collect()
        }
        self.of(sql)
            .keys(rows.iter().map(|row| row.held.record.id.as_str()))
            .dates(each(rows, |_, columns| columns.shelf))
            .numbers(rows.iter().map(|row| row.held.revision + 1).collect())
            .texts(each(rows, |record, _| record.state.as_str().to_owned()))
            .optional_keys(each(rows, |_, columns| columns.work.map(str::to_owned)))
            .optional_moments(each(rows, |record, _| record.due_at))
            .optional_moments(each(rows, |_, columns| columns.change_due_at))
            .optional_moments(each(rows, |record, _| record.lease_until))
            .flags(each(rows, |_, columns| columns.has_request))
            .optional_moments(each(rows, |record, _| record.accepted_at))
            .moments(each(rows, |record, _| record.captured_at))
            .moments(each(rows, |record, _| record.changed_at))
            .flags(rows.iter().map(|row| row.held.personal_changed).collect())
    }

    /// Lines, timeline, references and names.
    fn contents(&self, queries: &mut Vec<Query>) -> Result<(), Failure> {
        if !self.lines.is_empty() {
            let lines = self.lines.values();
            // Rows of orders that are new cannot be there.
            let known = lines
                .iter()
                .map(|(id, _)| id)
                .filter(|id| self.held.get(*id).is_some_and(|held| held.shelf.is_some()))
                .map(SourceOrderId::as_str);
            let known: Vec<&str> = known.collect();
            if !known.is_empty() {
                let gone = "DELETE FROM order_lines WHERE merchant = $1 AND order_id = ANY($2)";
                queries.push(self.of(gone).keys(known));
            }
            queries.push(self.with_lines(lines)?);
        }
        if !self.timeline.is_empty() {
            let entries = &self.timeline;
            let texts: Result<Vec<String>, Failure> = entries
                .iter()
                .map(|(_, entry)| json_text::write("a timeline entry", entry))
                .collect();
            let sql = "INSERT INTO timeline (merchant, order_id, sequence, at, event, entry) \
                       SELECT $1, k.* FROM unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[]) k";
            let query = self
                .of(sql)
                .keys(entries.iter().map(|(id, _)| id.as_str()))
                .numbers(
                    entries
                        .iter()
                        .map(|(_, entry)| number(entry.sequence))
                        .collect(),
                )
                .moments(entries.iter().map(|(_, entry)| entry.at).collect())
                .texts(
                    entries
                        .iter()
                        .map(|(_, entry)| entry.event.as_str().to_owned())
                        .collect(),
                )
                .texts(texts?);
            queries.push(query);
        }
        if !self.references.is_empty() {
            let sql = "INSERT INTO order_references (merchant, reference, order_id) \
                       SELECT $1, k.* FROM unnest($2::text[], $3::text[]) k";
            let query = self
                .of(sql)
                .keys(
                    self.references
                        .iter()
                        .map(|(reference, _)| reference.as_str()),
                )
                .keys(self.references.iter().map(|(_, id)| id.as_str()));
            queries.push(query);
        }
        if !self.names.is_empty() {
            let sql = "INSERT INTO order_names (merchant, name, order_id) \
                       SELECT $1, k.* FROM unnest($2::text[], $3::text[]) k \
                       ON CONFLICT (merchant, name) DO UPDATE SET order_id = excluded.order_id";
            let query = self
                .of(sql)
                .keys(self.names.values().iter().map(|(name, _)| name.as_str()))
                .keys(self.names.values().iter().map(|(_, id)| id.as_str()));
            queries.push(query);
        }
        Ok(())
    }

    /// Lines are kept by position: the shop may give two lines one id.
    fn with_lines(&self, lines: &[(SourceOrderId, Vec<LineProgress>)]) -> Result<Query, Failure> {
        let mut ids = Vec::new();
        let (mut positions, mut skus, mut promised, mut texts) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (id, lines) in lines {
            for (position, line) in (0_i64..).zip(lines) {
                ids.push(id.as_str());
                positions.push(position);
                let sku = line.sku.as_ref().map(SourceSku::as_str);
                skus.push(sku.map(|sku| key_text::write(sku).into_owned()));
                promised.push(i64::from(line.promised()));
                texts.push(json_text::write("a line of an order", line)?);
            }
        }
        let sql = "INSERT INTO order_lines (merchant, order_id, position, sku, promised, line) \
                   SELECT $1, k.* FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[]) k";
        Ok(self
            .of(sql)
            .keys(ids)
            .numbers(positions)
            .optional_keys(skus)
            .numbers(promised)
            .texts(texts))
    }

    /// What left, what came back, and what is on its way. New rows get their numbers in the order of the list.
    fn parcels(&self, queries: &mut Vec<Query>) -> Result<(), Failure> {
        let mut parcels = Parts::default();
        for (id, parcel) in self.parcels.values() {
            parcels.add("a parcel", id, &parcel.parcel.id, parcel)?;
        }
        let mut consignments = Parts::default();
        for (id, consignment) in self.consignments.values() {
            consignments.add("a despatch", id, &consignment.id, consignment)?;
        }
        let mut returns = Parts::default();
        for (id, receipt) in self.returns.values() {
            returns.add("a return", id, &receipt.id, receipt)?;
        }
        let tables = [
            (
                parcels,
                "parcels",
                "parcel_id",
                "parcel",
                "UPDATE SET parcel = excluded.parcel",
            ),
            (
                consignments,
                "consignments",
                "id",
                "consignment",
                "UPDATE SET consignment = excluded.consignment",
            ),
            // A return that is on record stays as it was first read.
            (returns, "returns", "id", "receipt", "NOTHING"),
        ];
        for (parts, table, key, column, otherwise) in tables {
            if !parts.orders.is_empty() {
                let sql = format!(
                    "INSERT INTO {table} (merchant, order_id, {key}, {column}) \
                     SELECT $1, k.order_id, k.id, k.text \
                     FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY k(order_id, id, text, place) \
                     ORDER BY k.place ON CONFLICT (merchant, order_id, {key}) DO {otherwise}"
                );
                let query = self
                    .of(sql)
                    .texts(parts.orders)
                    .texts(parts.ids)
                    .texts(parts.texts);
                queries.push(query);
            }
        }
        if !self.tracking.is_empty() {
            let mut parts = Parts::default();
            for (id, tracking) in self.tracking.values() {
                parts.add("a parcel on its way", id, &tracking.parcel_id, tracking)?;
            }
            let due = self.tracking.values().iter().map(|(_, one)| one.due_at);
            let sql = "INSERT INTO parcel_tracking (merchant, order_id, parcel_id, tracking, due_at) \
                       SELECT $1, k.* FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) k \
                       ON CONFLICT (merchant, order_id, parcel_id) DO UPDATE SET due_at = excluded.due_at, tracking = excluded.tracking";
            let query = self
                .of(sql)
                .texts(parts.orders)
                .texts(parts.ids)
                .texts(parts.texts);
            queries.push(query.optional_moments(due.collect()));
        }
        Ok(())
    }
}

/// Whether there is personal data, for rows that were on record: looked up only where it came or went, since a statement is planned
/// each time and most changes are not about it.
fn personal_of(rows: &[Row<'_>], on_record: &str) -> String {
    if rows.iter().any(|row| row.held.personal_changed) {
        format!("CASE WHEN k.judged THEN {HAS_PERSONAL} ELSE {on_record}.personal END")
    } else {
        format!("{on_record}.personal")
    }
}

fn number(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

/// A text for each of some orders.
#[derive(Default)]
struct Texts {
    ids: Vec<String>,
    texts: Vec<String>,
}

impl Texts {
    fn add(
        &mut self,
        what: &str,
        id: &SourceOrderId,
        value: &impl Serialize,
    ) -> Result<(), Failure> {
        self.put(id, json_text::write(what, value)?);
        Ok(())
    }

    fn put(&mut self, id: &SourceOrderId, text: String) {
        self.ids.push(key_text::write(id.as_str()).into_owned());
        self.texts.push(text);
    }
}

/// The keys of sealed texts.
#[derive(Default)]
struct Keys {
    ids: Vec<String>,
    kinds: Vec<String>,
    wrapped: Vec<String>,
}

impl Keys {
    /// The text for its row, sealed where there is a key; its own key is collected.
    fn seal(
        &mut self,
        sealing: &Sealing,
        place: PersonalPlace<'_>,
        text: String,
    ) -> Result<String, Failure> {
        let sealed = sealing.seal(place, text)?;
        if let Some(key) = sealed.key {
            let id = key_text::write(place.order.as_str());
            self.ids.push(id.into_owned());
            self.kinds.push(place.kind.as_str().to_owned());
            self.wrapped.push(key);
        }
        Ok(sealed.text)
    }
}

/// A text for each of some parts of orders.
#[derive(Default)]
struct Parts {
    orders: Vec<String>,
    ids: Vec<String>,
    texts: Vec<String>,
}

impl Parts {
    fn add(
        &mut self,
        what: &str,
        order: &SourceOrderId,
        id: &str,
        value: &impl Serialize,
    ) -> Result<(), Failure> {
        self.orders
            .push(key_text::write(order.as_str()).into_owned());
        self.ids.push(key_text::write(id).into_owned());
        self.texts.push(json_text::write(what, value)?);
        Ok(())
    }
}

/// Rows of `order_records`.
#[derive(Default)]
struct Records {
    ids: Vec<String>,
    shelves: Vec<NaiveDate>,
    revisions: Vec<i64>,
    texts: Vec<String>,
}

impl Records {
    fn add(&mut self, row: &Row<'_>) -> Result<(), Failure> {
        let record = &row.held.record;
        self.ids
            .push(key_text::write(record.id.as_str()).into_owned());
        self.shelves.push(row.columns.shelf);
        self.revisions.push(row.held.revision + 1);
        self.texts.push(json_text::write(dossiers::RECORD, record)?);
        Ok(())
    }

    fn with(self, query: Query) -> Query {
        query
            .texts(self.ids)
            .dates(self.shelves)
            .numbers(self.revisions)
            .texts(self.texts)
    }
}
