//! Orders: reading them, recording new ones, and changes that touch several tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::{CaptureOutcome, Commit, MerchantId, NewOrder, OrderRecord, Refusal};
use tokio_postgres::Row;

use crate::changes::{Changes, Held, Tracked};
use crate::dossiers::{self, RECORD};
use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::{Transaction, for_merchant};
use crate::{json_text, key_text, parcel_tracking, personal};

/// The rows of a transaction's only statement, which writes nothing.
pub(crate) async fn rows(transaction: Transaction, query: Query) -> Result<Vec<Row>, Failure> {
    let mut answers = transaction.look(vec![query]).await?;
    Ok(answers.pop().unwrap_or_default())
}

/// The rows of a transaction's only statement, which writes.
pub(crate) async fn write(transaction: Transaction, query: Query) -> Result<Vec<Row>, Failure> {
    let mut answers = transaction.finish(vec![query]).await?;
    Ok(answers.pop().unwrap_or_default())
}

/// The record that owns a client reference, or owned it once, for each of these references.
pub(crate) async fn by_references(
    transaction: Transaction,
    merchant: &MerchantId,
    references: &[ClientOrderRef],
) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, Failure> {
    let sql = "SELECT r.record, k.reference FROM order_references k \
               JOIN order_records r ON r.merchant = k.merchant AND r.id = k.order_id \
               WHERE k.merchant = $1 AND k.reference = ANY($2)";
    let query = Query::of(merchant, sql).keys(references.iter().map(ClientOrderRef::as_str));
    let asked: HashMap<&str, &ClientOrderRef> = references
        .iter()
        .map(|reference| (reference.as_str(), reference))
        .collect();
    let mut owners = BTreeMap::new();
    for row in rows(transaction, query).await? {
        let reference: &str = json_text::plain(RECORD, &row, 1)?;
        if let Some(reference) = asked.get(&*key_text::read(reference)) {
            owners.insert((*reference).clone(), json_text::column(RECORD, &row, 0)?);
        }
    }
    Ok(owners)
}

/// Those of these ids that are on record, also by a name that an order got later.
pub(crate) async fn known(
    transaction: Transaction,
    merchant: &MerchantId,
    ids: &[SourceOrderId],
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let sql = "SELECT r.record, r.id FROM order_records r WHERE r.merchant = $1 AND r.id = ANY($2) \
               UNION ALL SELECT r.record, n.name FROM order_names n \
               JOIN order_records r ON r.merchant = n.merchant AND r.id = n.order_id \
               WHERE n.merchant = $1 AND n.name = ANY($2)";
    let query = Query::of(merchant, sql).keys(ids.iter().map(SourceOrderId::as_str));
    let mut known = BTreeMap::new();
    for row in rows(transaction, query).await? {
        let id: &str = json_text::plain(RECORD, &row, 1)?;
        // An order that was captured under an id comes before one that was named so later.
        known
            .entry(SourceOrderId::new(key_text::read(id)))
            .or_insert(json_text::column(RECORD, &row, 0)?);
    }
    Ok(known)
}

/// Whoever decides which ids and references a merchant's orders get does so alone, until the end of the transaction.
fn alone(merchant: &MerchantId) -> Query {
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended('order_sync.ids/' || current_schema() || '/' || $1, 0))";
    Query::of(merchant, sql)
}

const TAKEN: &str =
    "SELECT reference FROM order_references WHERE merchant = $1 AND reference = ANY($2)";

fn texts(rows: &[Row]) -> Result<BTreeSet<String>, Failure> {
    let text = |row| Ok(key_text::read(json_text::plain(RECORD, row, 0)?).into_owned());
    rows.iter().map(text).collect()
}

/// Splits a batch by merchant; each order of the batch with its place.
fn by_merchant<'a, T>(
    batch: &'a [T],
    merchant: impl Fn(&'a T) -> &'a MerchantId,
) -> BTreeMap<&'a MerchantId, Vec<(usize, &'a T)>> {
    let mut merchants: BTreeMap<&MerchantId, Vec<(usize, &T)>> = BTreeMap::new();
    for (place, one) in batch.iter().enumerate() {
        merchants
            .entry(merchant(one))
            .or_default()
            .push((place, one));
    }
    merchants
}

/// Answers in the order of the batch.
fn in_order<T>(mut answers: Vec<(usize, T)>) -> Vec<T> {
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Records orders seen for the first time.
pub(crate) async fn capture(
    mut transaction: Transaction,
    batch: &[NewOrder],
) -> Result<Vec<CaptureOutcome>, Failure> {
    let merchants = by_merchant(batch, |new| &new.record.merchant);
    let mut reads = Vec::new();
    for (merchant, orders) in &merchants {
        let ids = orders.iter().map(|(_, new)| new.record.id.as_str());
        let references = orders.iter().map(|(_, new)| new.record.reference.as_str());
        let known = "SELECT id FROM order_records WHERE merchant = $1 AND id = ANY($2) \
                     UNION ALL SELECT name FROM order_names WHERE merchant = $1 AND name = ANY($2)";
        reads.extend([
            for_merchant(merchant),
            alone(merchant),
            Query::of(merchant, known).keys(ids),
            Query::of(merchant, TAKEN).keys(references),
        ]);
    }
    let found = transaction.read(reads).await?;
    let mut writes = Vec::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for ((merchant, orders), found) in merchants.into_iter().zip(found.chunks(4)) {
        let [_, _, known, taken] = found else {
            continue;
        };
        let (mut known, mut taken) = (texts(known)?, texts(taken)?);
        let mut changes = Changes::new(merchant.clone(), []);
        for (place, new) in orders {
            let id = new.record.id.as_str();
            let reference = new.record.reference.as_str();
            let outcome = if known.contains(id) {
                CaptureOutcome::AlreadyKnown
            } else if taken.contains(reference) {
                CaptureOutcome::ReferenceTaken
            } else {
                known.insert(id.to_owned());
                taken.insert(reference.to_owned());
                changes.capture(
                    new.record.clone(),
                    new.source.order.clone(),
                    new.lines.clone(),
                )?;
                CaptureOutcome::Recorded
            };
            outcomes.push((place, outcome));
        }
        writes.push(for_merchant(merchant));
        writes.extend(changes.into_queries(transaction.sealing())?);
    }
    transaction.finish(writes).await?;
    Ok(in_order(outcomes))
}

/// Takes the locks of these orders, in the order of their ids, and reads what is on record when they are held.
pub(crate) fn hold<'a>(
    merchant: &MerchantId,
    ids: impl IntoIterator<Item = &'a SourceOrderId>,
) -> Query {
    lock(merchant, ids, "FOR UPDATE")
}

/// Looks them up one by one, whatever the planner believes of the merchant: a subquery that takes locks is neither flattened nor turned
/// round.
fn lock<'a>(
    merchant: &MerchantId,
    ids: impl IntoIterator<Item = &'a SourceOrderId>,
    how: &str,
) -> Query {
    let sql = format!(
        "SELECT r.record, r.shelf, r.revision FROM unnest($2::text[]) k(id) CROSS JOIN LATERAL \
         (SELECT record, shelf, revision FROM order_records WHERE merchant = $1 AND id = k.id {how}) r"
    );
    // As texts of the database sort, by their bytes.
    let ids: BTreeSet<String> = ids
        .into_iter()
        .map(|id| key_text::write(id.as_str()).into_owned())
        .collect();
    Query::of(merchant, sql).texts(ids.into_iter().collect())
}

/// What is done about an order whose lock somebody else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locked {
    Waited,
    PassedOver,
}

/// The records that were read under their locks.
pub(crate) fn held(rows: &[Row]) -> Result<Vec<Held>, Failure> {
    rows.iter()
        .map(|row| Held::of_row(json_text::column(RECORD, row, 0)?, row))
        .collect()
}

/// Notes the shop's versions of orders on record.
pub(crate) async fn note_versions(
    mut transaction: Transaction,
    merchant: &MerchantId,
    versions: &[(SourceOrderId, Option<String>)],
) -> Result<(), Failure> {
    let reads = vec![hold(merchant, versions.iter().map(|(id, _)| id))];
    let found = transaction.read(reads).await?.pop().unwrap_or_default();
    let mut changes = Changes::new(merchant.clone(), held(&found)?);
    for (id, version) in versions {
        if let Some(record) = changes.record(id)
            && record.source_version != *version
        {
            let mut record = record.clone();
            record.source_version.clone_from(version);
            changes.replace(record);
        }
    }
    let writes = changes.into_queries(transaction.sealing())?;
    transaction.finish(writes).await?;
    Ok(())
}

/// Applies changes, each with everything that is stored with it. An order that is not on record is nobody's: fenced. A refused change
/// leaves nothing behind, so that others can be applied in the same transaction.
pub(crate) async fn commit_all(
    mut transaction: Transaction,
    commits: &[Commit],
) -> Result<Vec<Result<OrderRecord, Refusal>>, Failure> {
    let merchants = by_merchant(commits, |commit| &commit.merchant);
    let (mut reads, mut asked) = (Vec::new(), Vec::new());
    let several = merchants.len() > 1;
    for (merchant, commits) in &merchants {
        if several {
            reads.push(for_merchant(merchant));
        }
        let commits = commits.iter().map(|(_, commit)| *commit);
        let needs = needs(merchant, commits, Locked::Waited);
        asked.push(needs.each_ref().map(Option::is_some));
        reads.extend(needs.into_iter().flatten());
    }
    let mut found = transaction.read(reads).await?.into_iter();
    let mut writes = Vec::new();
    let mut answers = Vec::with_capacity(commits.len());
    for ((merchant, commits), asked) in merchants.into_iter().zip(asked) {
        if several {
            found.next();
            writes.push(for_merchant(merchant));
        }
        let mut judge = Judge::of(merchant, asked, &mut found)?;
        for (place, commit) in commits {
            answers.push((place, judge.commit(commit)));
        }
        writes.extend(queries(&mut transaction, judge.changes).await?);
    }
    transaction.finish(writes).await?;
    Ok(in_order(answers))
}

/// Applies changes of one merchant as far as nobody else has the locks of their orders, and waits for nobody. `None`: passed over, or
/// not on record, or not `wanted` any more by the time that all are read.
pub(crate) async fn commit_free(
    mut transaction: Transaction,
    merchant: &MerchantId,
    commits: &[Commit],
    wanted: impl Fn(usize) -> bool + Send,
) -> Result<Vec<Option<Result<OrderRecord, Refusal>>>, Failure> {
    let needs = needs(merchant, commits.iter(), Locked::PassedOver);
    let asked = needs.each_ref().map(Option::is_some);
    let reads = needs.into_iter().flatten().collect();
    let mut found = transaction.read(reads).await?.into_iter();
    let mut judge = Judge::of(merchant, asked, &mut found)?;
    let answers = commits
        .iter()
        .enumerate()
        .map(|(place, commit)| {
            let is_held = judge.changes.record(&commit.id).is_some();
            (is_held && wanted(place)).then(|| judge.commit(commit))
        })
        .collect();
    let writes = queries(&mut transaction, judge.changes).await?;
    transaction.finish(writes).await?;
    Ok(answers)
}

/// What writes changes down, and takes the personal data away that goes with them.
async fn queries(transaction: &mut Transaction, changes: Changes) -> Result<Vec<Query>, Failure> {
    let erased = changes.erased();
    let mut writes = changes.into_queries(transaction.sealing())?;
    for record in &erased {
        writes.extend(personal::erase(transaction, record).await?);
    }
    Ok(writes)
}

/// Judges changes of one merchant by what was read for them.
struct Judge {
    changes: Changes,
    taken: BTreeSet<String>,
    tracked: Tracked,
}

impl Judge {
    /// Takes the answers to those of [`needs`] that were asked.
    fn of(
        merchant: &MerchantId,
        asked: [bool; 4],
        found: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Result<Self, Failure> {
        let [_alone, records, taken, tracked] = asked.map(|asked| {
            let answer = asked.then(|| found.next()).flatten();
            answer.unwrap_or_default()
        });
        Ok(Self {
            changes: Changes::new(merchant.clone(), held(&records)?),
            taken: texts(&taken)?,
            tracked: parcel_tracking::by_parcel(&tracked)?,
        })
    }

    fn commit(&mut self, commit: &Commit) -> Result<OrderRecord, Refusal> {
        let reference = commit.new_reference.as_ref().map(ClientOrderRef::as_str);
        if reference.is_some_and(|reference| self.taken.contains(reference)) {
            return Err(Refusal::ReferenceTaken);
        }
        let done = self.changes.commit(commit, &self.tracked)?;
        self.taken.extend(reference.map(str::to_owned));
        Ok(done)
    }
}

/// What has to be read before the changes of one merchant can be applied; nothing that none of them needs.
fn needs<'a>(
    merchant: &MerchantId,
    commits: impl Iterator<Item = &'a Commit> + Clone,
    locked: Locked,
) -> [Option<Query>; 4] {
    let decides_ids = commits
        .clone()
        .any(|commit| commit.new_reference.is_some() || commit.renamed.is_some());
    let references: Vec<&str> = commits
        .clone()
        .filter_map(|commit| commit.new_reference.as_ref().map(ClientOrderRef::as_str))
        .collect();
    let tracks = commits.clone().any(|commit| !commit.tracking.is_empty());
    let ids = commits.clone().map(|commit| &commit.id);
    let records = match locked {
        Locked::Waited => hold(merchant, ids),
        Locked::PassedOver => lock(merchant, ids, "FOR UPDATE SKIP LOCKED"),
    };
    [
        decides_ids.then(|| alone(merchant)),
        Some(records),
        (!references.is_empty()).then(|| Query::of(merchant, TAKEN).keys(references)),
        tracks.then(|| {
            let tracking = commits.filter(|commit| !commit.tracking.is_empty());
            parcel_tracking::of_orders(merchant, tracking.map(|commit| &commit.id))
        }),
    ]
}

/// One record, with what is asked for.
pub(crate) async fn one(
    transaction: Transaction,
    merchant: &MerchantId,
    id: &SourceOrderId,
    with: dossiers::With,
) -> Result<Option<order_sync::Dossier>, Failure> {
    let sealing = transaction.sealing().clone();
    let columns = dossiers::columns(&sealing);
    let sql = format!("SELECT {columns} FROM order_records r WHERE r.merchant = $1 AND r.id = $6");
    let query = dossiers::query(merchant, with, sql).key(id.as_str());
    let found = rows(transaction, query).await?;
    found
        .first()
        .map(|row| dossiers::read(&sealing, row))
        .transpose()
}
