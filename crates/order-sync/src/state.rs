//! The life of an order: states, events, and the one function that says which follows which.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderState {
    /// Recorded, not yet judged.
    Captured,
    /// Left out by a named rule (credit note, stock adjustment, only non-stock lines).
    Ignored,
    /// Cancelled in the shop before anything was sent.
    Cancelled,
    /// Waits for a reason to go; releases itself.
    Held,
    /// Mapped and checked; the payload is stored.
    Ready,
    /// Claimed: the intent is committed and the call may be under way.
    Sending,
    /// Sent without a usable answer: neither success nor failure.
    OutcomeUnknown,
    /// Handed over (a file dropped), not acknowledged yet.
    Queued,
    /// The warehouse has it.
    Accepted,
    /// Part of it has left.
    PartDespatched,
    /// All of it has left or is short.
    Despatched,
    /// The shop showed every parcel right after they were written.
    Relayed,
    /// A later fresh read of the shop still showed every parcel.
    Closed,
    /// The warehouse had it and accepted its cancellation; nothing has left.
    Withdrawn,
    /// Refused by the warehouse, or poisonous: waits for a person.
    Parked,
}

impl OrderState {
    /// Every state, in the order of an order's life.
    pub const ALL: [Self; 15] = [
        Self::Captured,
        Self::Ignored,
        Self::Cancelled,
        Self::Held,
        Self::Ready,
        Self::Sending,
        Self::OutcomeUnknown,
        Self::Queued,
        Self::Accepted,
        Self::PartDespatched,
        Self::Despatched,
        Self::Relayed,
        Self::Closed,
        Self::Withdrawn,
        Self::Parked,
    ];

    /// The state's name in stores and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Ignored => "ignored",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::PartDespatched => "part_despatched",
            Self::Despatched => "despatched",
            Self::Relayed => "relayed",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
            Self::Parked => "parked",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Nothing of the order has been handed to the warehouse.
    #[must_use]
    pub const fn is_unsent(self) -> bool {
        matches!(
            self,
            Self::Captured | Self::Ignored | Self::Cancelled | Self::Held | Self::Ready
        )
    }

    /// The warehouse is known to have the order.
    #[must_use]
    pub const fn is_at_warehouse(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::PartDespatched | Self::Despatched | Self::Relayed | Self::Closed
        )
    }

    /// The order is at its end: by itself nothing more happens to it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Ignored | Self::Cancelled | Self::Closed | Self::Withdrawn
        )
    }

    /// Units still open on the order are promised to its buyer, whether the warehouse knows of them yet or not.
    #[must_use]
    pub const fn reserves_stock(self) -> bool {
        !matches!(
            self,
            Self::Ignored
                | Self::Cancelled
                | Self::Despatched
                | Self::Relayed
                | Self::Closed
                | Self::Withdrawn
        )
    }
}

impl std::fmt::Display for OrderState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderEvent {
    /// The shop's copy is new or differs from the one on record.
    SourceChanged,
    /// A named rule leaves it out.
    Ignored,
    /// The shop cancelled it.
    Cancelled,
    /// Mapping or release gave reasons to wait (also: other reasons than before).
    Held,
    /// Released, mapped and checked.
    Prepared,
    /// A worker took it to send it; the commit of this event is the intent.
    Claimed,
    /// The call provably never reached the warehouse.
    NotSent,
    /// The call may have been applied.
    OutcomeLost,
    /// The claim ran out before a result was recorded.
    LeaseExpired,
    /// Handed over, to be acknowledged later.
    Queued,
    /// The warehouse says that it has the order: in its answer, when asked, or by a despatch.
    Confirmed,
    /// The warehouse refused it, and so does not have it.
    Refused,
    /// Asked by reference, the warehouse does not have it, for the first time.
    AbsentOnce,
    /// Asked again after a pause, it still does not have it: only now may it be sent again.
    AbsentTwice,
    /// The warehouse could not be asked.
    ProbeFailed,
    /// The warehouse has another order under this reference.
    ReferenceCollision,
    /// Too many failures or too long without an answer.
    GaveUp,
    /// Parcels left, more is to come.
    PartDespatched,
    /// The last open units left or were short.
    FullyDespatched,
    /// A write of parcels to the shop was tried and not every parcel is visible yet, or the shop could not be read for the proof.
    RelayTried,
    /// The shop shows every parcel that has left so far.
    RelaySeen,
    /// A later fresh read still shows every parcel.
    ProofHeld,
    /// A later fresh read lacks a parcel: something overwrote the shop's record.
    ProofLost,
    /// A person sends it through the rules again.
    Replayed,
    /// The shop changed or cancelled it after it was handed over: the warehouse is to be asked.
    ChangeWanted,
    /// The warehouse is asked for a change, or was and decides later.
    ChangeAsked,
    /// The warehouse could not be asked for a change; it is asked again.
    ChangeFailed,
    /// The warehouse refused a change.
    ChangeRefused,
    /// A change came too late.
    ChangeTooLate,
    /// A change cannot be asked for at all.
    ChangeImpossible,
    /// A change is not wanted any more: shop and warehouse agree again.
    ChangeDropped,
    /// The warehouse accepted a change of the order.
    Amended,
    /// The warehouse accepted a part of a change; the rest could not be asked for.
    PartlyAmended,
    /// Units turn up that are still open: the warehouse had accepted an amendment, and its answer came after the goods.
    Reopened,
    /// The warehouse accepted a cancellation: what has not left will not leave.
    Withdrawn,
    /// Goods came back.
    Returned,
    /// The carrier was asked where a parcel is.
    Tracked,
    /// A person has it sent once more under a new reference.
    Resent,
    /// The shop's record goes on under another id (a draft became an order).
    Renamed,
    /// Somebody asked that the personal data goes: at once where the order is at its end, else when it comes there.
    ErasureWanted,
}

impl OrderEvent {
    /// Every event.
    pub const ALL: [Self; 40] = [
        Self::SourceChanged,
        Self::Ignored,
        Self::Cancelled,
        Self::Held,
        Self::Prepared,
        Self::Claimed,
        Self::NotSent,
        Self::OutcomeLost,
        Self::LeaseExpired,
        Self::Queued,
        Self::Confirmed,
        Self::Refused,
        Self::AbsentOnce,
        Self::AbsentTwice,
        Self::ProbeFailed,
        Self::ReferenceCollision,
        Self::GaveUp,
        Self::PartDespatched,
        Self::FullyDespatched,
        Self::RelayTried,
        Self::RelaySeen,
        Self::ProofHeld,
        Self::ProofLost,
        Self::Replayed,
        Self::ChangeWanted,
        Self::ChangeAsked,
        Self::ChangeFailed,
        Self::ChangeRefused,
        Self::ChangeTooLate,
        Self::ChangeImpossible,
        Self::ChangeDropped,
        Self::Amended,
        Self::PartlyAmended,
        Self::Reopened,
        Self::Withdrawn,
        Self::Returned,
        Self::Tracked,
        Self::Resent,
        Self::Renamed,
        Self::ErasureWanted,
    ];

    /// The event's name in the timeline.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceChanged => "source_changed",
            Self::Ignored => "ignored",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Prepared => "prepared",
            Self::Claimed => "claimed",
            Self::NotSent => "not_sent",
            Self::OutcomeLost => "outcome_lost",
            Self::LeaseExpired => "lease_expired",
            Self::Queued => "queued",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::AbsentOnce => "absent_once",
            Self::AbsentTwice => "absent_twice",
            Self::ProbeFailed => "probe_failed",
            Self::ReferenceCollision => "reference_collision",
            Self::GaveUp => "gave_up",
            Self::PartDespatched => "part_despatched",
            Self::FullyDespatched => "fully_despatched",
            Self::RelayTried => "relay_tried",
            Self::RelaySeen => "relay_seen",
            Self::ProofHeld => "proof_held",
            Self::ProofLost => "proof_lost",
            Self::Replayed => "replayed",
            Self::ChangeWanted => "change_wanted",
            Self::ChangeAsked => "change_asked",
            Self::ChangeFailed => "change_failed",
            Self::ChangeRefused => "change_refused",
            Self::ChangeTooLate => "change_too_late",
            Self::ChangeImpossible => "change_impossible",
            Self::ChangeDropped => "change_dropped",
            Self::Amended => "amended",
            Self::PartlyAmended => "partly_amended",
            Self::Reopened => "reopened",
            Self::Withdrawn => "withdrawn",
            Self::Returned => "returned",
            Self::Tracked => "tracked",
            Self::Resent => "resent",
            Self::Renamed => "renamed",
            Self::ErasureWanted => "erasure_wanted",
        }
    }

    /// The event of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

impl std::fmt::Display for OrderEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state that follows, or `None` where the event cannot happen in that state.
///
/// Pure and total: every pair of state and event is decided here and nowhere else. No event moves an order from a state in
/// which the warehouse may have it to one from which it would be sent without being asked for first.
#[must_use]
pub const fn next_state(state: OrderState, event: OrderEvent) -> Option<OrderState> {
    use OrderEvent as E;
    use OrderState as S;
    match (event, state) {
        // The shop's news starts the rules again only where nothing is at the warehouse; a parked order is probed first.
        (
            E::SourceChanged,
            S::Captured | S::Ignored | S::Cancelled | S::Held | S::Ready | S::Parked,
        )
        | (E::Replayed, S::Parked | S::Ignored | S::Held | S::Cancelled) => Some(S::Captured),
        // The goods stay where they are, whatever becomes of a record's name or of a request.
        (E::Renamed, _) => Some(state),
        // Where a parcel is says nothing about what the order waits for.
        (E::Tracked, _) => Some(state),
        (E::ErasureWanted, _) => Some(state),
        // Afterwards it is a request to the warehouse: never silently applied. While it is under way it waits for its outcome.
        (
            E::ChangeWanted,
            S::Sending
            | S::OutcomeUnknown
            | S::Queued
            | S::Accepted
            | S::PartDespatched
            | S::Despatched
            | S::Relayed
            | S::Closed
            | S::Withdrawn,
        ) => Some(state),
        (
            E::ChangeAsked
            | E::ChangeFailed
            | E::ChangeRefused
            | E::ChangeTooLate
            | E::ChangeImpossible
            | E::ChangeDropped,
            S::Accepted | S::PartDespatched | S::Despatched | S::Relayed | S::Closed | S::Withdrawn,
        )
        // Also of goods that have left: the warehouse may have accepted before, and the answer was lost.
        | (
            E::Amended | E::PartlyAmended,
            S::Accepted | S::PartDespatched | S::Despatched | S::Relayed | S::Closed,
        ) => Some(state),
        // It accepted more units than were on record when the last of them seemed to have left.
        (E::Reopened, S::Despatched | S::Relayed | S::Closed) => Some(S::PartDespatched),
        (E::Withdrawn, S::Accepted) => Some(S::Withdrawn),
        // Of what has left already the rest is cancelled, and so all of it has left.
        (E::Withdrawn, S::PartDespatched) => Some(S::Despatched),
        (
            E::Returned,
            S::Accepted | S::PartDespatched | S::Despatched | S::Relayed | S::Closed | S::Withdrawn,
        ) => Some(state),
        // Only a person does that, and under a new reference.
        (E::Resent, S::Parked | S::Accepted | S::Withdrawn) => Some(S::Captured),

        (E::Ignored, S::Captured | S::Held) => Some(S::Ignored),
        (E::Cancelled, S::Captured | S::Held | S::Ready) => Some(S::Cancelled),
        (E::Held, S::Captured | S::Held) => Some(S::Held),
        (E::Prepared, S::Captured | S::Held) => Some(S::Ready),

        (E::Claimed, S::Ready) => Some(S::Sending),
        (E::NotSent, S::Sending) => Some(S::Ready),
        (E::OutcomeLost | E::LeaseExpired, S::Sending) => Some(S::OutcomeUnknown),
        (E::Queued, S::Sending) => Some(S::Queued),
        (E::Refused, S::Sending | S::Queued | S::OutcomeUnknown) => Some(S::Parked),
        (
            E::GaveUp,
            S::Ready | S::Sending | S::OutcomeUnknown | S::Queued | S::Captured | S::Held,
        ) => Some(S::Parked),
        (E::ReferenceCollision, S::Sending | S::OutcomeUnknown | S::Captured) => Some(S::Parked),

        // Word from the warehouse outranks our own bookkeeping, whatever we believed before.
        (E::Confirmed, S::Sending | S::OutcomeUnknown | S::Queued | S::Ready | S::Parked) => {
            Some(S::Accepted)
        }

        (E::AbsentOnce | E::ProbeFailed, S::OutcomeUnknown) => Some(S::OutcomeUnknown),
        // Still lying where it was dropped.
        (E::ProbeFailed, S::Queued) | (E::Queued, S::OutcomeUnknown) => Some(S::Queued),
        (E::AbsentTwice, S::OutcomeUnknown) => Some(S::Ready),
        // A dropped file that is nowhere any more: ask again before anything is sent.
        (E::OutcomeLost, S::Queued) => Some(S::OutcomeUnknown),

        // Goods that leave although the cancellation was accepted are goods that have left.
        (E::PartDespatched, S::Accepted | S::PartDespatched | S::Withdrawn) => {
            Some(S::PartDespatched)
        }
        (
            E::FullyDespatched,
            S::Accepted | S::PartDespatched | S::Despatched | S::Relayed | S::Closed | S::Withdrawn,
        ) => Some(S::Despatched),

        (E::RelayTried | E::RelaySeen, S::PartDespatched) => Some(S::PartDespatched),
        (E::RelayTried, S::Despatched) => Some(S::Despatched),
        // The shop could not be read for the proof: neither held nor lost, asked again later.
        (E::RelayTried, S::Relayed) => Some(S::Relayed),
        (E::RelaySeen, S::Despatched) => Some(S::Relayed),
        (E::ProofHeld, S::Relayed) => Some(S::Closed),
        // The goods are still gone; it is the shop that forgot.
        (E::ProofLost, S::Relayed) => Some(S::Despatched),

        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_round_trip() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_name(state.as_str()), Some(state));
        }
        for event in OrderEvent::ALL {
            assert_eq!(OrderEvent::from_name(event.as_str()), Some(event));
        }
    }

    #[test]
    fn every_state_is_reachable_and_every_event_happens_somewhere() {
        let mut reached = BTreeSet::from([OrderState::Captured]);
        let mut used = BTreeSet::new();
        loop {
            let before = reached.len();
            for state in reached.clone() {
                for event in OrderEvent::ALL {
                    if let Some(next) = next_state(state, event) {
                        reached.insert(next);
                        used.insert(event);
                    }
                }
            }
            if reached.len() == before {
                break;
            }
        }
        assert_eq!(reached.len(), OrderState::ALL.len());
        assert_eq!(used.len(), OrderEvent::ALL.len());
    }

    /// The rule the product stands on: from "the warehouse may have it" the only ways back to a state that sends again lead
    /// through a definite "never arrived" or two negative probes.
    #[test]
    fn nothing_is_sent_again_without_proof_of_absence() {
        let may_be_there = OrderState::ALL
            .into_iter()
            .filter(|state| !state.is_unsent() && *state != OrderState::Parked);
        for state in may_be_there {
            for event in OrderEvent::ALL {
                if let Some(next) = next_state(state, event)
                    && next.is_unsent()
                {
                    assert!(
                        matches!(
                            event,
                            // A person, under another reference, after the warehouse was asked.
                            OrderEvent::NotSent | OrderEvent::AbsentTwice | OrderEvent::Resent
                        ),
                        "{state} --{event}--> {next}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_shipment_never_moves_backwards() {
        for state in [
            OrderState::PartDespatched,
            OrderState::Despatched,
            OrderState::Relayed,
            OrderState::Closed,
        ] {
            for event in OrderEvent::ALL {
                if let Some(next) = next_state(state, event) {
                    assert!(next >= OrderState::PartDespatched && next <= OrderState::Closed);
                    if next < state {
                        assert!(
                            matches!(
                                event,
                                OrderEvent::ProofLost
                                    | OrderEvent::FullyDespatched
                                    | OrderEvent::Reopened
                            ),
                            "{state} --{event}--> {next}"
                        );
                    }
                }
            }
        }
    }
}
