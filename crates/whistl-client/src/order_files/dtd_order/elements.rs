//! Walking through a document, element by element.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::raw::RawElement;

/// Walks through a document. Nothing in it is expanded but character references and the five entities of XML itself, so what it
/// takes is in proportion to the document.
pub(super) struct Elements<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
}

/// An element whose first tag was read.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    /// Where its first tag begins.
    at: usize,
    /// Whether it is over already (`<Name />`).
    is_empty: bool,
}

/// The text of an element.
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether there were elements in it, which are passed over.
    pub(super) has_elements: bool,
}

/// The document is no XML from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotXml {
    /// Where, in bytes.
    pub(super) at: u64,
}

impl<'a> Elements<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().allow_dangling_amp = true;
        Self { source, reader }
    }

    fn broken(&self) -> NotXml {
        NotXml {
            at: self.reader.buffer_position(),
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The next element inside the one that is open; `None` at its end. Text between elements is passed over.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, NotXml> {
        loop {
            let at = self.position();
            let (length, is_empty) = match self.reader.read_event() {
                Ok(Event::Start(tag)) => (tag.name().into_inner().len(), false),
                Ok(Event::Empty(tag)) => (tag.name().into_inner().len(), true),
                Ok(Event::End(_)) => return Ok(None),
                Ok(Event::Eof) | Err(_) => return Err(self.broken()),
                Ok(_) => continue,
            };
            let name = self.source.get(at + 1..at + 1 + length).unwrap_or_default();
            return Ok(Some(Element { name, at, is_empty }));
        }
    }

    /// The root element; `None` for a document without one.
    pub(super) fn root(&mut self) -> Result<Option<Element<'a>>, NotXml> {
        if self.source.trim().is_empty() {
            return Ok(None);
        }
        self.next()
    }

    /// Passes over an element and keeps it as it is.
    pub(super) fn raw(&mut self, element: Element<'a>) -> Result<RawElement, NotXml> {
        if !element.is_empty {
            self.pass(element.name)?;
        }
        let xml = self.source.get(element.at..self.position());
        Ok(RawElement::new(
            element.name.to_owned(),
            xml.unwrap_or_default().to_owned(),
        ))
    }

    fn pass(&mut self, name: &str) -> Result<(), NotXml> {
        let passed = self.reader.read_to_end(quick_xml::name::QName(name));
        passed.map(|_| ()).map_err(|_| self.broken())
    }

    /// The text of an element, up to its end.
    pub(super) fn text(&mut self, element: Element<'a>) -> Result<Text<'a>, NotXml> {
        let mut found = Text {
            text: Cow::Borrowed(""),
            has_elements: false,
        };
        if element.is_empty {
            return Ok(found);
        }
        loop {
            let at = self.position();
            match self.reader.read_event() {
                Ok(Event::Text(text)) => {
                    let piece = self.source.get(at..at + text.len()).unwrap_or_default();
                    if found.text.is_empty() {
                        found.text = Cow::Borrowed(piece);
                    } else {
                        found.text.to_mut().push_str(piece);
                    }
                }
                Ok(Event::CData(text)) => found.text.to_mut().push_str(&text),
                Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => found.text.to_mut().push(c),
                    // An unknown entity stays as it is written.
                    _ => match resolve_xml_entity(&reference) {
                        Some(meant) => found.text.to_mut().push_str(meant),
                        None => {
                            let kept = self.source.get(at..self.position()).unwrap_or_default();
                            found.text.to_mut().push_str(kept);
                        }
                    },
                },
                Ok(Event::Start(tag)) => {
                    found.has_elements = true;
                    let name = tag.name().into_inner().to_owned();
                    self.pass(&name)?;
                }
                Ok(Event::Empty(_)) => found.has_elements = true,
                Ok(Event::End(_)) => break,
                Ok(Event::Eof) | Err(_) => return Err(self.broken()),
                Ok(_) => {}
            }
        }
        // A line break between two tags is layout and no text.
        if found.text.contains('\n') && found.text.trim().is_empty() {
            found.text = Cow::Borrowed("");
        }
        Ok(found)
    }

    /// Whether an element that was begun is over already.
    pub(super) const fn is_over(element: Element<'_>) -> bool {
        element.is_empty
    }
}
