//! Changes of single orders that arrive together share a transaction.
//!
//! A transaction costs its beginning, the planning of its statements and a forced write of the log, whatever it changes. So while a
//! group of a merchant's changes is on its way, those that come meanwhile wait, and are the next group. Nobody waits for company: a
//! change that comes alone goes at once.
//!
//! A group is the quick way and no other promise. It waits for nobody's lock and tries nothing twice: a change whose order
//! somebody else has locked, and every change of a group that failed, is handed back to its caller, who makes a transaction of its own
//! for it. So no change fails on account of another one, and none keeps the others waiting.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use order_sync::{Commit, MerchantId, OrderRecord, Refusal, StoreError, StoreErrorKind};
use tokio::sync::oneshot;

use crate::orders;
use crate::transaction::Context;

/// Changes that share a transaction at most: so many that one more would hardly save anything, and few enough that the first does not
/// wait long for the last.
const GROUP: usize = 256;

/// What came of a change that was given to a group.
pub(crate) enum Shared {
    /// It was judged, and is on record if it was not refused.
    Done(Result<OrderRecord, Refusal>),
    /// Nothing of it was written: it wants a transaction of its own.
    Alone(Commit),
}

struct Change {
    commit: Commit,
    reply: oneshot::Sender<Result<Shared, StoreError>>,
}

/// The changes that wait, by merchant. A merchant stands here as long as somebody works on its groups.
#[derive(Default)]
pub(crate) struct Groups(Mutex<HashMap<MerchantId, VecDeque<Change>>>);

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The changes hold payloads.
        f.debug_struct("Groups").finish_non_exhaustive()
    }
}

/// Whether a change may share a transaction. What decides on ids waits for all others of its merchant that do.
pub(crate) const fn may_share(commit: &Commit) -> bool {
    commit.new_reference.is_none() && commit.renamed.is_none()
}

/// Writes a change together with others of its merchant.
///
/// # Cancel safety
/// Dropping the future leaves the change written or not: a group that is on its way goes on for the others.
pub(crate) async fn commit(context: &Arc<Context>, commit: Commit) -> Result<Shared, StoreError> {
    let merchant = commit.merchant.clone();
    let (reply, answer) = oneshot::channel();
    if context.groups.join(&merchant, Change { commit, reply }) {
        let work = Work {
            context: Arc::clone(context),
            merchant,
            is_done: false,
        };
        tokio::spawn(work.run());
    }
    answer.await.unwrap_or_else(|_| {
        Err(StoreError::new(
            StoreErrorKind::Busy,
            "the store was stopped while a change was on its way; try again, the next call sees whether it was written",
        ))
    })
}

impl Groups {
    fn held(&self) -> MutexGuard<'_, HashMap<MerchantId, VecDeque<Change>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a change in the line of its merchant; `true`: nobody works on it yet.
    fn join(&self, merchant: &MerchantId, change: Change) -> bool {
        let mut merchants = self.held();
        if let Some(waiting) = merchants.get_mut(merchant) {
            waiting.push_back(change);
            return false;
        }
        merchants.insert(merchant.clone(), VecDeque::from([change]));
        true
    }

    /// The next group, of changes that somebody still waits for; none: the line is empty and gone.
    fn next(&self, merchant: &MerchantId) -> Option<Vec<Change>> {
        let mut merchants = self.held();
        let waiting = merchants.get_mut(merchant)?;
        let mut group = Vec::new();
        while group.len() < GROUP
            && let Some(change) = waiting.pop_front()
        {
            if !change.reply.is_closed() {
                group.push(change);
            }
        }
        if group.is_empty() {
            merchants.remove(merchant);
            return None;
        }
        Some(group)
    }
}

/// Whoever works on the groups of a merchant, until there are none.
struct Work {
    context: Arc<Context>,
    merchant: MerchantId,
    /// The line is gone; whoever comes now begins another one.
    is_done: bool,
}

impl Work {
    async fn run(mut self) {
        while let Some(group) = self.context.groups.next(&self.merchant) {
            self.write(group).await;
        }
        self.is_done = true;
    }

    async fn write(&self, group: Vec<Change>) {
        let (commits, replies): (Vec<Commit>, Vec<_>) = group
            .into_iter()
            .map(|change| (change.commit, change.reply))
            .unzip();
        let wanted = |place: usize| {
            let reply: Option<&oneshot::Sender<_>> = replies.get(place);
            reply.is_some_and(|reply| !reply.is_closed())
        };
        let written = async {
            let transaction = self.context.begin(&self.merchant).await?;
            orders::commit_free(transaction, &self.merchant, &commits, wanted).await
        };
        let answers: Vec<Result<Shared, StoreError>> = match written.await {
            Ok(judged) => commits
                .into_iter()
                .zip(judged)
                .map(|(commit, judged)| {
                    Ok(judged.map_or_else(|| Shared::Alone(commit), Shared::Done))
                })
                .collect(),
            Err(failure) if failure.may_be_one_changes_own() => commits
                .into_iter()
                .map(|commit| Ok(Shared::Alone(commit)))
                .collect(),
            Err(failure) => commits.iter().map(|_| Err(failure.told())).collect(),
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Whoever asked may have gone; what is on record is on record.
            drop(reply.send(answer));
        }
    }
}

impl Drop for Work {
    /// A runtime that ends, or a panic: those who still wait are told by their closed channels.
    fn drop(&mut self) {
        if !self.is_done {
            self.context.groups.held().remove(&self.merchant);
        }
    }
}
