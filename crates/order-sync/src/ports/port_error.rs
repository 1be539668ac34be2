//! What a port failed with, in the terms the engine acts on.

use std::time::Duration;

use crate::PortName;

/// What a failure means for the record at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// The other side understood and refused this record: it was not applied. The engine parks it.
    Rejected,
    /// The call provably never reached the other side. The engine tries again later.
    NeverSent,
    /// The call was sent and may have been applied. The engine never repeats it blindly.
    Ambiguous,
    /// The other side was too busy and did not apply it. The engine waits as told.
    Throttled,
    /// A read failed, or the other side is down: nothing was applied. The engine tries again later.
    Unavailable,
    /// The credentials were refused: concerns every record. The engine ends the run.
    Unauthorised,
    /// The answer to a read could not be understood. The engine records it and goes on with the others.
    Unreadable,
    /// Others kept changing the record under our hands. The engine tries again later.
    Contended,
    /// The port cannot do this at all, and says so in its capabilities.
    Unsupported,
}

/// Why a call was not made although nothing is wrong with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeldBack {
    /// The circuit of the operation is open: the port failed too often just now, or refused the credentials.
    CircuitOpen,
    /// The attempt before failed, and the port's budget for repeats is used up.
    RetryBudget,
}

/// A port's failure.
///
/// `Display` is one line without personal data or secrets; adapters take care of that when they make one.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PortError {
    class: FailureClass,
    message: String,
    retry_after: Option<Duration>,
    held_back: Option<HeldBack>,
    /// Which operation of which port, as the guard before it knows.
    place: Option<(PortName, &'static str)>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PortError {
    /// A failure of that class, in one line.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            retry_after: None,
            held_back: None,
            place: None,
            source: None,
        }
    }

    /// Adds how long the other side asked to be left alone.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says that the call was not made at all, and why. Only whoever stands before a port knows that; an adapter does not.
    #[must_use]
    pub const fn with_held_back(mut self, why: HeldBack) -> Self {
        self.held_back = Some(why);
        self
    }

    /// Says at which operation of which port it happened.
    pub(crate) const fn at(mut self, place: Option<(PortName, &'static str)>) -> Self {
        self.place = place;
        self
    }

    /// The operation and port it happened at; `None` where no guard stood before it.
    pub(crate) const fn place(&self) -> Option<(PortName, &'static str)> {
        self.place
    }

    /// What it means for the record.
    #[must_use]
    pub const fn class(&self) -> FailureClass {
        self.class
    }

    /// How long the other side asked to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The same failure for another record; its cause stays with the first.
    pub(crate) fn copy(&self) -> Self {
        Self {
            class: self.class,
            message: self.message.clone(),
            retry_after: self.retry_after,
            held_back: self.held_back,
            place: self.place,
            source: None,
        }
    }

    /// Why the call was not made; `None`: it was made. A call that was held back is no fault of its record and brings it no
    /// closer to being parked.
    #[must_use]
    pub const fn held_back(&self) -> Option<HeldBack> {
        self.held_back
    }

    /// The call was not made because the circuit is open; [`PortError::retry_after`] says when the port is tried again.
    #[must_use]
    pub const fn is_circuit_open(&self) -> bool {
        matches!(self.held_back, Some(HeldBack::CircuitOpen))
    }
}
