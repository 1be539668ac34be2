//! A change of one order: what happened, who may write it, and what is stored with it.

use chrono::{DateTime, Duration, Utc};
use order_mapping::{ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SourceOrderId};

use crate::{
    ChangeRequest, LineProgress, MerchantId, OrderEvent, OrderRecord, OrderState, ParcelRecord,
    ParcelTracking, Reason, SourceCopy,
};

/// Who may write: the guard of a [`Commit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fence {
    /// The holder of a claim: the record's token must still be this one.
    Token(u64),
    /// Nobody holds it: the record must still be in this state with this token.
    Unclaimed(OrderState, u64),
}

/// A change of one order: an event, its effects on the record, and what is stored with it in the same transaction.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Commit {
    /// Whose order.
    pub merchant: MerchantId,
    /// Which order.
    pub id: SourceOrderId,
    /// Guard.
    pub fence: Fence,
    /// What happened.
    pub event: OrderEvent,
    /// When, by the store's clock.
    pub at: DateTime<Utc>,
    /// One line for the timeline. No personal data.
    pub note: String,
    /// When the order wants attention next.
    pub due_at: Option<DateTime<Utc>>,
    /// New reasons; `None` keeps those on record.
    pub reasons: Option<Vec<Reason>>,
    /// New rule; `None` keeps the one on record.
    pub rule: Option<String>,
    /// The prepared payload, with [`OrderEvent::Prepared`].
    pub intent: Option<Box<FulfilmentOrder>>,
    /// The shop's new copy, with [`OrderEvent::SourceChanged`].
    pub source: Option<Box<SourceCopy>>,
    /// The warehouse's id, once known.
    pub warehouse_id: Option<String>,
    /// When the warehouse took it, with [`OrderEvent::Confirmed`].
    pub accepted_at: Option<DateTime<Utc>>,
    /// Lines afterwards, with a despatch.
    pub lines: Option<Vec<LineProgress>>,
    /// Parcels to insert or replace (by parcel id).
    pub parcels: Vec<ParcelRecord>,
    /// The despatch that was read, so that its shorts count once.
    pub consignment: Option<Consignment>,
    /// Ask the warehouse before the next send.
    pub probe_first: Option<bool>,
    /// The request afterwards, with an event about one; its state is decided by [`crate::next_request`].
    pub request: Option<ChangeRequest>,
    /// The new reference, with [`OrderEvent::Resent`].
    pub new_reference: Option<ClientOrderRef>,
    /// The shop's new id of the record, with [`OrderEvent::Renamed`].
    pub renamed: Option<SourceOrderId>,
    /// Goods that came back, with [`OrderEvent::Returned`].
    pub returned: Option<Box<ReturnReceipt>>,
    /// Where parcels are: merged with what is on record of each by [`ParcelTracking::onto`]; with a despatch, or with
    /// [`OrderEvent::Tracked`].
    pub tracking: Vec<ParcelTracking>,
    /// Nothing that anybody would want to read: the record's bookkeeping changes, and no entry is added to the timeline (a poll that found things as
    /// they were).
    pub quiet: bool,
    /// A call that was put off, or could not be made for a reason that concerns every order: it does not count as a failure of
    /// this one, so neither the back-off nor the parking comes closer.
    pub faultless: bool,
}

impl Commit {
    /// A change with nothing but an event; every member is public and can be set.
    #[must_use]
    pub fn new(
        record: &OrderRecord,
        fence: Fence,
        event: OrderEvent,
        at: DateTime<Utc>,
        note: impl Into<String>,
    ) -> Self {
        Self {
            merchant: record.merchant.clone(),
            id: record.id.clone(),
            fence,
            event,
            at,
            note: note.into(),
            due_at: None,
            reasons: None,
            rule: None,
            intent: None,
            source: None,
            warehouse_id: None,
            accepted_at: None,
            lines: None,
            parcels: Vec::new(),
            consignment: None,
            probe_first: None,
            request: None,
            new_reference: None,
            renamed: None,
            returned: None,
            tracking: Vec::new(),
            quiet: false,
            faultless: false,
        }
    }

    /// The first entry of an order's life: what a store commits when it records an order that [`OrderRecord::captured`] made.
    #[must_use]
    pub fn captured(record: &OrderRecord) -> Self {
        let fence = Fence::Unclaimed(record.state, record.token);
        let mut commit = Self::new(
            record,
            fence,
            OrderEvent::SourceChanged,
            record.captured_at,
            "captured from the shop",
        );
        commit.due_at = record.due_at;
        commit
    }

    /// The durable intent: what a store commits for a record that [`OrderRecord::lease`] has just taken for a send.
    #[must_use]
    pub fn claimed(leased: &OrderRecord, now: DateTime<Utc>) -> Self {
        let note = format!("attempt {}", leased.attempt.saturating_add(1));
        let mut commit = Self::new(
            leased,
            Fence::Token(leased.token),
            OrderEvent::Claimed,
            now,
            note,
        );
        commit.due_at = leased.lease_until;
        commit
    }

    /// What a store commits for a `sending` record whose lease has run out: due for a probe at `lease end + settle`.
    #[must_use]
    pub fn lease_expired(record: &OrderRecord, settle: Duration, now: DateTime<Utc>) -> Self {
        let fence = Fence::Token(record.token);
        let ended = record.lease_until.unwrap_or(record.changed_at);
        #[cfg(canary)]
        if crate::canary::planted("lease_end_means_unsent") {
            let event = OrderEvent::NotSent;
            return Self::new(record, fence, event, now, "the lease ran out").due(now);
        }
        Self::new(
            record,
            fence,
            OrderEvent::LeaseExpired,
            now,
            "the lease ran out",
        )
        .due(ended + settle)
    }

    /// The lines a store is to keep after this change, `next` being the record that [`crate::apply`] returned; `None` keeps those on
    /// record. A new copy from the shop brings new lines as long as nothing of the order was handed over.
    #[must_use]
    pub fn lines_afterwards(&self, next: &OrderRecord) -> Option<Vec<LineProgress>> {
        self.lines.clone().or_else(|| {
            self.source
                .as_ref()
                .filter(|_| next.state.is_unsent())
                .map(|copy| crate::lines_of(&copy.order))
        })
    }

    /// Sets when the order wants attention next.
    #[must_use]
    pub const fn due(mut self, at: DateTime<Utc>) -> Self {
        self.due_at = Some(at);
        self
    }

    /// Sets the request as it is afterwards; its state follows from the event.
    #[must_use]
    pub fn requesting(mut self, request: ChangeRequest) -> Self {
        self.request = Some(request);
        self
    }

    /// Sets why it waits.
    #[must_use]
    pub fn because(mut self, reasons: Vec<Reason>) -> Self {
        self.reasons = Some(reasons);
        self
    }
}

/// Why a commit changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Somebody else owns the order now: drop the result, never "fix" it.
    #[error("fenced off: another worker took the order or it moved on")]
    Fenced,
    /// The new reference belongs to another order, or did once.
    #[error("the new reference belongs to another order")]
    ReferenceTaken,
    /// The event cannot happen in the state the order is in, or its request.
    #[error("{event} cannot happen to an order that is {state}")]
    Impossible {
        /// The state on record.
        state: OrderState,
        /// The event.
        event: OrderEvent,
    },
}
