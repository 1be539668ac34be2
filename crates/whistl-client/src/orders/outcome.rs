//! What a warehouse decides about a request to change an order.

/// The decision (words assumed). One that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeOutcome {
    /// Done.
    Accepted,
    /// Not done, for a reason; a later request may be accepted.
    Refused,
    /// Not done, and never will be: the goods have left.
    TooLate,
    /// Not decided yet.
    Pending,
    /// Anything else, as written.
    Unknown(String),
}

impl ChangeOutcome {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::TooLate => "too_late",
            Self::Pending => "pending",
            Self::Unknown(text) => text,
        }
    }

    /// Whether the warehouse has decided, as far as is known.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::TooLate)
    }
}

impl From<String> for ChangeOutcome {
    fn from(text: String) -> Self {
        match text.as_str() {
            "accepted" => Self::Accepted,
            "refused" => Self::Refused,
            "too_late" => Self::TooLate,
            "pending" => Self::Pending,
            _ => Self::Unknown(text),
        }
    }
}
