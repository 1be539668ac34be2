//! What a store has to remember, in maps: it knows the rules of the engine and nothing of any store.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, FulfilmentOrder, PersonalDetails, Recipient, SalesOrder, SourceOrderId,
};
use order_sync::{
    CaptureOutcome, ClaimKind, Commit, FlowLease, MerchantId, NewOrder, OrderRecord, Refusal,
    StateCount, StockChanges, StockFeed, StockMark, StockRecord, TimelineEntry, apply,
    compare_stock,
};

/// Everything of one order.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) record: OrderRecord,
    pub(super) timeline: Vec<TimelineEntry>,
    pub(super) source: SalesOrder,
    pub(super) intent: Option<FulfilmentOrder>,
}

/// An exception that is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) detail: String,
}

/// Everything of one merchant.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) orders: BTreeMap<SourceOrderId, Kept>,
    pub(super) references: BTreeMap<ClientOrderRef, SourceOrderId>,
    /// What is found, by scope and subject.
    pub(super) open: BTreeMap<(String, String), Open>,
    pub(super) exceptions: u64,
    /// The order that each of them is about.
    about: BTreeMap<u64, String>,
    /// What people wrote about exceptions, in order: the number of the exception, and the text until it was blanked.
    pub(super) remarks: Vec<(u64, Option<String>)>,
    pub(super) cursors: BTreeMap<String, String>,
    flows: BTreeMap<String, (u64, Option<DateTime<Utc>>)>,
    pub(super) stock: Vec<StockRecord>,
    mark: Option<StockMark>,
    /// By location and article: level and moment.
    pub(super) published: BTreeMap<(String, String), (i64, DateTime<Utc>)>,
}

impl Books {
    pub(super) fn capture(&mut self, new: &NewOrder) -> Result<CaptureOutcome, Refusal> {
        if self.orders.contains_key(&new.record.id) {
            return Ok(CaptureOutcome::AlreadyKnown);
        }
        if self.references.contains_key(&new.record.reference) {
            return Ok(CaptureOutcome::ReferenceTaken);
        }
        let mut kept = Kept {
            record: new.record.clone(),
            timeline: Vec::new(),
            source: new.source.order.clone(),
            intent: None,
        };
        kept.step(&Commit::captured(&new.record))?;
        let id = kept.record.id.clone();
        self.references
            .insert(kept.record.reference.clone(), id.clone());
        self.orders.insert(id, kept);
        Ok(CaptureOutcome::Recorded)
    }

    pub(super) fn commit(&mut self, commit: &Commit) -> Result<OrderRecord, Refusal> {
        let kept = self.orders.get_mut(&commit.id).ok_or(Refusal::Fenced)?;
        let before = kept.record.clone();
        kept.step(commit)?;
        if let Some(copy) = &commit.source {
            kept.source = copy.order.clone();
        }
        if let Some(intent) = &commit.intent {
            kept.intent = Some((**intent).clone());
        }
        let record = kept.record.clone();
        if record.erased_at.is_some() {
            kept.forget_the_person();
        }
        if record.is_erased_since(&before) {
            self.blank_remarks(&record.id);
        }
        Ok(record)
    }

    /// Nobody can tell what people wrote about an order whose personal data goes.
    fn blank_remarks(&mut self, order: &SourceOrderId) {
        for (number, text) in &mut self.remarks {
            if self.about.get(number).map(String::as_str) == Some(order.as_str()) {
                *text = None;
            }
        }
    }

    /// Whether there ever was an exception of that number, which a remark may be made about.
    pub(super) fn remark(&mut self, number: u64, text: &str) -> bool {
        let known = (1..=self.exceptions).contains(&number);
        if known {
            self.remarks.push((number, Some(text.to_owned())));
        }
        known
    }

    /// What is due and free, the longest due first.
    pub(super) fn due(&self, kind: ClaimKind, now: DateTime<Utc>) -> Vec<SourceOrderId> {
        let mut due: Vec<(DateTime<Utc>, SourceOrderId)> = Vec::new();
        for (id, kept) in &self.orders {
            let record = &kept.record;
            let free = record.lease_until.is_none_or(|until| until <= now);
            let at = kind.due_at(record).filter(|at| *at <= now);
            if let (true, Some(at)) = (free && kind.states().contains(&record.state), at) {
                due.push((at, id.clone()));
            }
        }
        due.sort();
        due.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn claim(
        &mut self,
        id: &SourceOrderId,
        kind: ClaimKind,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<(OrderRecord, Option<FulfilmentOrder>), Refusal> {
        let kept = self.orders.get_mut(id).ok_or(Refusal::Fenced)?;
        kept.record.lease(now, lease);
        if kind == ClaimKind::Send {
            kept.step(&Commit::claimed(&kept.record.clone(), now))?;
        }
        Ok((kept.record.clone(), kept.intent.clone()))
    }

    pub(super) fn expire(
        &mut self,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, Refusal> {
        let mut expired = 0;
        for kept in self.orders.values_mut() {
            let is_over = kept.record.lease_until.is_some_and(|until| until <= now);
            if kept.record.state == order_sync::OrderState::Sending && is_over {
                kept.step(&Commit::lease_expired(&kept.record.clone(), settle, now))?;
                expired += 1;
            }
        }
        Ok(expired)
    }

    /// Makes what is found of a scope equal to this; how many are opened, changed and closed.
    pub(super) fn settle(
        &mut self,
        scope: &str,
        found: &BTreeMap<String, String>,
    ) -> (usize, usize, usize) {
        let before = self.open.len();
        self.open
            .retain(|(known, subject), _| known != scope || found.contains_key(subject));
        let closed = before - self.open.len();
        let (mut opened, mut changed) = (0, 0);
        for (subject, detail) in found {
            let key = (scope.to_owned(), subject.clone());
            match self.open.get_mut(&key) {
                Some(open) if open.detail == *detail => {}
                Some(open) => {
                    open.detail.clone_from(detail);
                    changed += 1;
                }
                None => {
                    self.exceptions += 1;
                    self.about.insert(self.exceptions, subject.clone());
                    opened += 1;
                    let open = Open {
                        number: self.exceptions,
                        detail: detail.clone(),
                    };
                    self.open.insert(key, open);
                }
            }
        }
        (opened, changed, closed)
    }

    pub(super) fn move_cursor(&mut self, name: &str, from: Option<&str>, to: &str) -> bool {
        if self.cursors.get(name).map(String::as_str) != from {
            return false;
        }
        self.cursors.insert(name.to_owned(), to.to_owned());
        true
    }

    pub(super) fn take_flow(
        &mut self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Option<FlowLease> {
        let (token, until) = self.flows.entry(flow.to_owned()).or_default();
        if until.is_some_and(|until| until > now) {
            return None;
        }
        *token += 1;
        *until = Some(now + lease);
        Some(FlowLease::new(merchant.clone(), flow, *token, now + lease))
    }

    pub(super) fn renew_flow(
        &mut self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Option<FlowLease> {
        let (token, held) = self.flows.get_mut(&lease.flow)?;
        if *token != lease.token || held.is_none() {
            return None;
        }
        *held = Some(until);
        let mut renewed = lease.clone();
        renewed.until = until;
        Some(renewed)
    }

    pub(super) fn release_flow(&mut self, lease: &FlowLease) {
        if let Some((token, held)) = self.flows.get_mut(&lease.flow)
            && *token == lease.token
        {
            *held = None;
        }
    }

    pub(super) fn save_stock(&mut self, feed: &StockFeed) -> StockChanges {
        let changes = compare_stock(&self.stock, self.mark, feed);
        self.stock = changes.applied_to(std::mem::take(&mut self.stock));
        self.mark = changes.mark.or(self.mark);
        changes
    }

    pub(super) fn erase(&mut self, settled_before: DateTime<Utc>) -> usize {
        let mut erased = 0;
        for kept in self.orders.values_mut() {
            let record = &kept.record;
            if !record.state.is_settled() || record.changed_at >= settled_before {
                continue;
            }
            let nobody = Recipient::erased();
            let named = kept
                .intent
                .as_ref()
                .is_some_and(|intent| intent.recipient != nobody);
            if kept.source.personal == PersonalDetails::default() && !named {
                continue;
            }
            kept.source.personal = PersonalDetails::default();
            if let Some(intent) = &mut kept.intent {
                intent.recipient = nobody;
            }
            erased += 1;
        }
        erased
    }

    /// How many orders are in each state, and since when the first of them.
    pub(super) fn counts(&self) -> BTreeMap<order_sync::OrderState, StateCount> {
        let mut counts: BTreeMap<_, StateCount> = BTreeMap::new();
        for kept in self.orders.values() {
            let since = kept.record.changed_at;
            let count = counts
                .entry(kept.record.state)
                .or_insert_with(|| StateCount::new(0, since));
            *count = StateCount::new(count.orders + 1, count.oldest.min(since));
        }
        counts
    }
}

impl Kept {
    /// The facts stay; who the buyer is, and whatever named values hold, goes.
    fn forget_the_person(&mut self) {
        self.source.personal = PersonalDetails::default();
        self.source.customer_id = None;
        self.source.metadata.clear();
        if let Some(intent) = &mut self.intent {
            intent.recipient = Recipient::erased();
        }
    }

    fn step(&mut self, commit: &Commit) -> Result<(), Refusal> {
        let (next, entry) = apply(&self.record, commit)?;
        self.record = next;
        self.timeline.extend(entry);
        Ok(())
    }
}
