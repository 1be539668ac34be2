//! A transaction, in as few round trips as it has decisions.
//!
//! Statements that do not wait for each other's answers are sent together (a flight). The first flight of a transaction also begins
//! it and says for whom it is; the last one commits it. So reading costs one round trip, and a change two: one that reads under lock,
//! one that writes and commits.
//!
//! Nothing outlives the transaction on the connection: no prepared statement, no setting, no lock, no listening. So a pooler may give
//! each transaction another connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool_postgres::{Object, Pool};
use futures_util::FutureExt as _;
use order_sync::{MerchantId, Sealing};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::failure::Failure;
use crate::groups::Groups;
use crate::lanes::{Lanes, Pass};
use crate::options::LeaseClock;
use crate::query::Query;

/// What transactions need: connections, and settings that hold for each of them.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) pool: Pool,
    pub(crate) schema: String,
    pub(crate) lease_clock: LeaseClock,
    pub(crate) lock_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) lanes: Lanes,
    pub(crate) sealing: Sealing,
    pub(crate) groups: Groups,
}

impl Context {
    /// Takes a connection for a merchant's transaction. Nothing is sent yet.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        merchant: &MerchantId,
    ) -> Result<Transaction, Failure> {
        let pass = self.lanes.enter(merchant).await;
        let client = self.connection().await?;
        Ok(Transaction {
            context: Arc::clone(self),
            client,
            _pass: pass,
            merchant: merchant.clone(),
            stage: Stage::Ahead,
            moment: DateTime::UNIX_EPOCH,
        })
    }

    pub(crate) async fn connection(&self) -> Result<Object, Failure> {
        self.pool.get().await.map_err(Failure::NoConnection)
    }

    /// The moment at which a lease is judged where it is the caller's; none where the database says it.
    pub(crate) fn callers(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        matches!(self.lease_clock, LeaseClock::Caller(_)).then_some(now)
    }
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    Ahead,
    /// It has begun.
    Begun,
    /// The commit was sent.
    Ended,
}

/// A transaction of one merchant, or of several one after another ([`for_merchant`]).
pub(crate) struct Transaction {
    context: Arc<Context>,
    client: Object,
    _pass: Pass,
    merchant: MerchantId,
    stage: Stage,
    /// The database's time when it began.
    moment: DateTime<Utc>,
}

/// Settings of one transaction: where the tables are, whose rows it may see, and how long it may keep others waiting. A commit
/// that the server would not force to the disk is forced; a stronger setting of the server's stays. Compiling a statement takes a
/// thousand times as long as running one that reads a few rows.
const PROLOGUE: &str = "SELECT clock_timestamp(), set_config('search_path', $1, true), set_config('order_sync.merchant', $2, true), \
     set_config('lock_timeout', $3, true), set_config('statement_timeout', $4, true), \
     set_config('idle_in_transaction_session_timeout', $4, true), set_config('jit', 'off', true), \
     CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END";

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";

/// From here on the planner walks along indexes and neither sorts nor reads tables from end to end, until the end of the transaction.
///
/// For statements that take a few rows from the beginning of a long index. A plan that is made for no particular values, or without
/// figures about the table, is taken in by the number of rows that match: it reads and sorts them all to return twenty.
pub(crate) fn along_indexes() -> Query {
    Query::new(
        "SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true), \
         set_config('enable_bitmapscan', 'off', true)",
    )
}

/// From here on the transaction is about another merchant.
pub(crate) fn for_merchant(merchant: &MerchantId) -> Query {
    Query::of(
        merchant,
        "SELECT set_config('order_sync.merchant', $1, true)",
    )
}

impl Transaction {
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// How personal data is kept.
    pub(crate) fn sealing(&self) -> &Sealing {
        &self.context.sealing
    }

    /// The moment at which leases are judged: the database's when the transaction began, or the caller's.
    pub(crate) fn lease_moment(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.context.callers(now).unwrap_or(self.moment)
    }

    /// Sends statements together and waits for the rows of each.
    pub(crate) async fn read(&mut self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Failure> {
        self.flight(queries, false).await
    }

    /// Sends the last statements, and the commit with them. It has happened when this returns `Ok`.
    pub(crate) async fn finish(mut self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Failure> {
        if self.stage == Stage::Ahead && queries.is_empty() {
            return Ok(Vec::new());
        }
        self.flight(queries, true).await
    }

    /// Reads the rows of statements that write nothing, and ends. Whatever goes wrong, nothing can have been written.
    pub(crate) async fn look(mut self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Failure> {
        self.flight(queries, true)
            .await
            .map_err(Failure::before_any_commit)
    }

    /// Ends a transaction that has nothing to write, and with it the locks it took.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.finish(Vec::new()).await.map(|_| ())
    }

    async fn flight(
        &mut self,
        queries: Vec<Query>,
        committing: bool,
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let begins = self.stage == Stage::Ahead;
        let prologue = begins.then(|| {
            let millis = |time: Duration| time.as_millis().to_string();
            Query::new(PROLOGUE)
                .text(format!("{}, pg_temp", self.context.schema))
                .key(self.merchant.as_str())
                .text(millis(self.context.lock_timeout))
                .text(millis(self.context.statement_timeout))
        });
        self.stage = if committing {
            Stage::Ended
        } else {
            Stage::Begun
        };
        let sent = send(&self.client, prologue, queries, committing).await;
        let (moment, rows) = sent.map_err(|error| {
            // The commit may not have been sent; taking back what is over already changes nothing.
            self.stage = Stage::Begun;
            Failure::of_statement(error, committing)
        })?;
        if let Some(moment) = moment {
            self.moment = moment;
        }
        Ok(rows)
    }
}

impl Drop for Transaction {
    /// What was begun and not committed is taken back. The request is sent without waiting for its answer: whoever uses the connection
    /// next has to wait for that anyway.
    fn drop(&mut self) {
        if self.stage == Stage::Begun && !self.client.is_closed() {
            let _sent = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Row>, tokio_postgres::Error>> + Send + 'a>>;

/// Sends everything at once and waits for all answers. The first error is the cause of those after it.
async fn send(
    client: &tokio_postgres::Client,
    prologue: Option<Query>,
    queries: Vec<Query>,
    committing: bool,
) -> Result<(Option<DateTime<Utc>>, Vec<Vec<Row>>), tokio_postgres::Error> {
    let begins = prologue.is_some();
    let queries: Vec<Query> = prologue.into_iter().chain(queries).collect();
    let params: Vec<Vec<(&(dyn ToSql + Sync), Type)>> = queries
        .iter()
        .map(|query| {
            query
                .params
                .iter()
                .map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone()))
                .collect()
        })
        .collect();
    let command = |sql: &'static str| -> Answer<'_> {
        Box::pin(async move { client.batch_execute(sql).await.map(|()| Vec::new()) })
    };
    let mut answers: Vec<Answer<'_>> = Vec::with_capacity(queries.len() + 2);
    if begins {
        answers.push(command(BEGIN));
    }
    for (query, params) in queries.iter().zip(&params) {
        answers.push(Box::pin(client.query_typed(&query.sql, params)));
    }
    if committing {
        answers.push(command("COMMIT"));
    }
    let mut rows = all(answers).await?;
    if committing {
        rows.pop();
    }
    let moment = if begins {
        let settings = rows.drain(..2).nth(1).unwrap_or_default();
        settings.first().map(|row| row.try_get(0)).transpose()?
    } else {
        None
    };
    Ok((moment, rows))
}

/// The first poll of each sends it, so they are polled in their order once, and then waited for one after another: the server answers
/// in that order. One that cannot even be sent keeps those after it from being sent, the commit above all.
async fn all(answers: Vec<Answer<'_>>) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
    enum Waiting<'a> {
        For(Answer<'a>),
        Done(Vec<Row>),
    }
    let mut waiting: Vec<Waiting<'_>> = answers.into_iter().map(Waiting::For).collect();
    poll_fn(|context| {
        for one in &mut waiting {
            if let Waiting::For(answer) = one
                && let Poll::Ready(done) = answer.as_mut().poll(context)
            {
                match done {
                    Ok(rows) => *one = Waiting::Done(rows),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        }
        Poll::Ready(Ok(()))
    })
    .await?;
    let mut rows = Vec::with_capacity(waiting.len());
    let mut cause = None;
    for one in waiting {
        match one {
            Waiting::Done(found) => rows.push(found),
            Waiting::For(answer) => match answer.await {
                Ok(found) => rows.push(found),
                Err(error) => {
                    cause.get_or_insert(error);
                }
            },
        }
    }
    match cause {
        Some(error) => Err(error),
        None => Ok(rows),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn answer(sent: &AtomicUsize, place: usize, fails: bool) -> Answer<'_> {
        Box::pin(async move {
            assert_eq!(
                sent.fetch_add(1, Ordering::Relaxed),
                place,
                "in their order"
            );
            if fails {
                return "no address"
                    .parse::<tokio_postgres::Config>()
                    .map(|_| Vec::new());
            }
            // The answer comes later.
            tokio::task::yield_now().await;
            Ok(Vec::new())
        })
    }

    #[tokio::test]
    async fn what_cannot_be_sent_keeps_the_commit_from_being_sent() {
        let sent = AtomicUsize::new(0);
        let answers = (0..50).map(|place| answer(&sent, place, false)).collect();
        assert_eq!(all(answers).await.unwrap().len(), 50);

        let sent = AtomicUsize::new(0);
        let answers = (0..5)
            .map(|place| answer(&sent, place, place == 2))
            .collect();
        assert!(all(answers).await.is_err());
        assert_eq!(sent.load(Ordering::Relaxed), 3);
    }
}
