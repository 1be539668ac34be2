//! What the shop wants of an order that the warehouse has: a request with an answer, apart from where the goods are.

use chrono::{DateTime, Utc};
use order_mapping::FieldChange;
use serde::{Deserialize, Serialize};

use crate::OrderEvent;

/// What is asked of the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestKind {
    /// Do not send what has not left yet.
    Cancel,
    /// Send something else.
    Amend,
}

impl RequestKind {
    /// Its name in the timeline.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Amend => "amend",
        }
    }
}

impl std::fmt::Display for RequestKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestState {
    /// The shop wants it. The warehouse has not been asked for an amendment; for a cancellation it may have been, and the answer lost.
    Wanted,
    /// The warehouse is being asked, decides later, or its answer was lost: it is asked again, under the same id.
    Asked,
    /// Done.
    Accepted,
    /// A part of it is done; the rest came too late or cannot be asked for.
    PartlyAccepted,
    /// Not done, for the warehouse's reason.
    Refused,
    /// Not done: the goods have left, or the moment for such a change is over.
    TooLate,
    /// Nobody can be asked: the interface has no such call, or the changed order does not pass the rules.
    Impossible,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Wanted,
        Self::Asked,
        Self::Accepted,
        Self::PartlyAccepted,
        Self::Refused,
        Self::TooLate,
        Self::Impossible,
    ];

    /// Its name in stores and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::PartlyAccepted => "partly_accepted",
            Self::Refused => "refused",
            Self::TooLate => "too_late",
            Self::Impossible => "impossible",
        }
    }

    /// There is no answer yet.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Wanted | Self::Asked)
    }

    /// The answer is no, at least to a part of it: shop and warehouse differ until a person has settled it.
    #[must_use]
    pub const fn is_denied(self) -> bool {
        matches!(
            self,
            Self::PartlyAccepted | Self::Refused | Self::TooLate | Self::Impossible
        )
    }
}

/// A request on an order's record. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeRequest {
    /// Our own id of this wish, the same however often it is asked.
    pub id: String,
    /// What is asked.
    pub kind: RequestKind,
    /// How far it has come.
    pub state: RequestState,
    /// When the shop's wish was seen.
    pub wanted_at: DateTime<Utc>,
    /// When the warehouse is to be asked (again).
    pub due_at: Option<DateTime<Utc>>,
    /// Calls that failed.
    pub failures: u32,
    /// What is to be different, with an amendment that was compared; once a part of it is accepted, what is left of it. Personal
    /// values are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// What the warehouse was asked for, with an amendment: the same whenever it is asked again. Before that, what takes back an
    /// earlier asking that was never answered. Personal values are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<FieldChange>,
    /// The answer, in one line.
    #[serde(default)]
    pub answer: String,
}

impl ChangeRequest {
    /// A wish of the shop, seen at a moment and due at once.
    #[must_use]
    pub fn wanted(id: impl Into<String>, kind: RequestKind, at: DateTime<Utc>) -> Self {
        Self {
            id: id.into(),
            kind,
            state: RequestState::Wanted,
            wanted_at: at,
            due_at: Some(at),
            failures: 0,
            changes: Vec::new(),
            asked: Vec::new(),
            answer: String::new(),
        }
    }
}

/// What an event means for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestStep {
    /// Nothing: the event is about the goods.
    Stays,
    /// It becomes this.
    Becomes(RequestState),
    /// There is no request any more.
    Goes,
    /// The event cannot happen to a request in that state.
    Impossible,
}

/// What an event does to a request in a state (`None`: there is no request). Pure and total, like [`crate::next_state`].
///
/// A new wish of the shop takes the place of an older one, whatever became of that.
#[must_use]
pub const fn next_request(state: Option<RequestState>, event: OrderEvent) -> RequestStep {
    use OrderEvent as E;
    use RequestState as S;
    use RequestStep as Step;
    match (event, state) {
        (E::ChangeWanted, _) => Step::Becomes(S::Wanted),
        // Sent through the rules again: whatever the shop wants is in what they make of it.
        (E::SourceChanged | E::Replayed | E::Resent, _) => Step::Goes,
        (E::ChangeAsked, Some(S::Wanted | S::Asked)) => Step::Becomes(S::Asked),
        (E::ChangeFailed, Some(S::Wanted)) => Step::Becomes(S::Wanted),
        (E::ChangeFailed, Some(S::Asked)) => Step::Becomes(S::Asked),
        (E::Amended | E::Withdrawn, Some(S::Wanted | S::Asked)) => Step::Becomes(S::Accepted),
        (E::PartlyAmended, Some(S::Wanted | S::Asked)) => Step::Becomes(S::PartlyAccepted),
        (E::ChangeRefused, Some(S::Wanted | S::Asked)) => Step::Becomes(S::Refused),
        (E::ChangeTooLate, Some(S::Wanted | S::Asked)) => Step::Becomes(S::TooLate),
        (E::ChangeImpossible, Some(S::Wanted | S::Asked)) => Step::Becomes(S::Impossible),
        (E::ChangeDropped, Some(_)) => Step::Goes,
        (
            E::ChangeAsked
            | E::ChangeFailed
            | E::Amended
            | E::PartlyAmended
            | E::Withdrawn
            | E::ChangeRefused
            | E::ChangeTooLate
            | E::ChangeImpossible
            | E::ChangeDropped,
            _,
        ) => Step::Impossible,
        _ => Step::Stays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_once_and_to_something_that_was_asked() {
        for event in OrderEvent::ALL {
            for state in RequestState::ALL {
                let step = next_request(Some(state), event);
                if let RequestStep::Becomes(next) = step
                    && !next.is_pending()
                {
                    assert!(state.is_pending(), "{state:?} --{event}--> {next:?}");
                }
            }
            if let RequestStep::Becomes(next) = next_request(None, event) {
                assert_eq!(
                    (event, next),
                    (OrderEvent::ChangeWanted, RequestState::Wanted)
                );
            }
        }
    }

    #[test]
    fn a_request_can_always_end() {
        for state in [RequestState::Wanted, RequestState::Asked] {
            for (event, end) in [
                (OrderEvent::Withdrawn, RequestState::Accepted),
                (OrderEvent::PartlyAmended, RequestState::PartlyAccepted),
                (OrderEvent::ChangeRefused, RequestState::Refused),
                (OrderEvent::ChangeTooLate, RequestState::TooLate),
                (OrderEvent::ChangeImpossible, RequestState::Impossible),
            ] {
                assert_eq!(next_request(Some(state), event), RequestStep::Becomes(end));
            }
        }
    }
}
