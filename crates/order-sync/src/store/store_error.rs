//! What goes wrong in a store.

/// What went wrong in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process has it, or it is busy: try again.
    Busy,
    /// The disk is full or read-only.
    NoSpace,
    /// The file or database is damaged, or is no store of ours, or of a later version.
    Damaged,
    /// A row does not read back: a bug or a foreign hand.
    Unreadable,
    /// Anything else.
    Other,
}

/// A store that could not do what it was asked; nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("store: {message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error of that kind, in one line with the remedy.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
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

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}
