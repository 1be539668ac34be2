//! XML as the warehouse's wires use it: small documents, read within limits into a tree and written in one form.
//!
//! What no wire needs is refused rather than supported: document types, entities of a document's own, other encodings than
//! UTF-8. So nothing in a document can make the reader fetch, expand or nest beyond [`Limits`].

mod element;
mod fault;
mod read;
mod write;

pub(crate) use element::Element;
pub(crate) use fault::XmlFault;
pub(crate) use read::{IllegalCharacters, Limits, read};
pub(crate) use write::{EmptyForm, write};

#[cfg(test)]
mod tests;

/// Whether XML 1.0 allows a character at all, be it escaped or not.
const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
