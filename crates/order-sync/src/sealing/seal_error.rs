//! Why personal data is not sealed or does not open.

/// Why personal data could not be sealed or does not open. Each says what to do, and none holds any content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// A key without a name, or with one that is too long.
    #[error("the name of a key has 1 to 64 letters, digits, dots, dashes or underscores")]
    BadName,
    /// The store is sealed, and no key was given.
    #[error(
        "the personal data of this store is sealed and no key was given; open it with the key it was sealed with"
    )]
    NoKeys,
    /// A key of this name is not the one that the store was sealed with.
    #[error(
        "the key {0} is not the one that this store was sealed with under that name; give the right one, or give the new one another name and the old one along as an older key"
    )]
    WrongKey(String),
    /// It was sealed with a key of this name, which was not given.
    #[error("it was sealed with the key {0}, which was not given; give it along as an older key")]
    KeyMissing(String),
    /// The key of this text is not there: it was erased, or the tables do not belong together.
    #[error(
        "its key is not in the store: it was erased, or texts and keys were restored from different backups"
    )]
    KeyDestroyed,
    /// What is there is not what was written there.
    #[error(
        "it is not what was sealed in this place: the row or its key was changed or moved by a foreign hand, or is damaged; restore it from a backup"
    )]
    Tampered,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness; nothing can be sealed without")]
    NoRandomness,
}
