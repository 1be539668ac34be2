//! The tree that a document is read into and written from.

use std::fmt;

/// An element. Names are without their prefix: the wires are told apart by element names, never by namespace.
///
/// `Debug` shows the name and the number of parts; texts may be personal.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// In document order, without namespace declarations and `xsi:nil`.
    pub(crate) attributes: Vec<(String, String)>,
    /// The text directly inside, references resolved. Layout between children is left out.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
    /// Whether it says `xsi:nil="true"`: there is no value, which an empty text would be.
    pub(crate) nil: bool,
}

impl Element {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// An element with a text.
    pub(crate) fn of_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::new(name)
        }
    }

    pub(crate) fn with_attribute(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    pub(crate) fn with_child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Takes the first child of a name out, so that what nobody took is what is unknown.
    pub(crate) fn take(&mut self, name: &str) -> Option<Self> {
        let place = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.remove(place))
    }

    /// An attribute's value.
    #[cfg(test)]
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The text without surrounding blanks; `None` if it is blank or nil.
    pub(crate) fn value(&self) -> Option<&str> {
        let text = self.text.trim();
        (!self.nil && !text.is_empty()).then_some(text)
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("name", &self.name)
            .field("attributes", &self.attributes.len())
            .field("children", &self.children.len())
            .field("nil", &self.nil)
            .finish_non_exhaustive()
    }
}
