//! What is wrong with a document.

/// Why a document was not read, or cannot be written. It names the place, never the content: that may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum XmlFault {
    /// More bytes than allowed.
    #[error("the document is larger than allowed")]
    TooLarge,
    /// Nested deeper than allowed.
    #[error("the document is nested too deeply")]
    TooDeep,
    /// More elements, attributes and pieces of text than allowed.
    #[error("the document has too many parts")]
    TooManyParts,
    /// Not UTF-8, or declared as something else.
    #[error("the document is not UTF-8")]
    Encoding,
    /// Has a document type, which no wire needs and attacks are made of.
    #[error("the document has a document type")]
    DocumentType,
    /// Refers to an entity other than the five that XML predefines.
    #[error("unknown entity at byte {0}")]
    Entity(u64),
    /// Has a character that XML does not allow.
    #[error("a character that XML does not allow at byte {0}")]
    Character(u64),
    /// Tags do not match, or the text is no XML at all.
    #[error("not well-formed at byte {0}")]
    Malformed(u64),
    /// Ends in the middle, or is empty.
    #[error("the document ends too early")]
    Truncated,
}
