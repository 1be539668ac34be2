//! Elements that the crate does not know, kept as they are.

use connector_http::Personal;

use super::elements::Elements;

/// An element that the crate does not know, as it was read: its name, and its text with tags and all inside. It may hold
/// personal data, so `Debug` shows its name only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawElement {
    name: String,
    xml: Personal<String>,
}

/// A text that is not one XML element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one XML element")]
#[non_exhaustive]
pub struct NotAnElement;

impl RawElement {
    /// Takes an element as it will be written.
    ///
    /// # Errors
    ///
    /// [`NotAnElement`] for a text that is not one whole element and nothing else.
    pub fn parse(xml: &str) -> Result<Self, NotAnElement> {
        let mut elements = Elements::new(xml);
        let first = elements.root().ok().flatten().ok_or(NotAnElement)?;
        let element = elements.raw(first).map_err(|_| NotAnElement)?;
        if element.xml() == xml {
            Ok(element)
        } else {
            Err(NotAnElement)
        }
    }

    pub(super) const fn new(name: String, xml: String) -> Self {
        Self {
            name,
            xml: Personal::new(xml),
        }
    }

    /// The element's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole element, from its first tag to its last.
    #[must_use]
    pub fn xml(&self) -> &str {
        self.xml.expose()
    }
}
