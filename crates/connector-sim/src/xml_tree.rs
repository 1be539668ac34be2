//! XML documents as small trees, read within limits and written plainly.
//!
//! Names are kept without their prefix: the carrier takes its documents in either of two namespaces and in none.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// More than any document of these interfaces; a deeper or larger one is refused.
const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 100_000;

/// An element with its attributes, its text and its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn with_text(name: &str, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::new(name)
        }
    }

    pub(crate) fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// A child with text.
    pub(crate) fn field(self, name: &str, text: impl Into<String>) -> Self {
        self.with(Self::with_text(name, text))
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of a descendant by its path; nothing where it is missing or blank.
    pub(crate) fn at(&self, path: &str) -> Option<&str> {
        let mut found = self;
        for name in path.split('/') {
            found = found.child(name)?;
        }
        Some(found.text.trim()).filter(|text| !text.is_empty())
    }

    /// Replaces the first child of that name or adds it at the end.
    pub(crate) fn put(&mut self, child: Self) {
        match self.children.iter_mut().find(|old| old.name == child.name) {
            Some(old) => *old = child,
            None => self.children.push(child),
        }
    }

    /// On one line, empty elements as `<Name/>`.
    pub(crate) fn write_to(&self, out: &mut String, empty_end: &str) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            // Writing to a String cannot fail.
            let _ = write!(out, " {name}=\"{}\"", escape(value));
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str(empty_end);
            return;
        }
        out.push('>');
        out.push_str(&escape(&self.text).replace("&quot;", "\""));
        for child in &self.children {
            child.write_to(out, empty_end);
        }
        let _ = write!(out, "</{}>", self.name);
    }

    /// A whole document as the carrier writes it: the declaration without a line break after it.
    pub(crate) fn document(&self) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned();
        self.write_to(&mut out, "/>");
        out
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// Reads a document; the error says what is wrong, without values.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the document is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut seen = 0_usize;
    loop {
        let event = reader
            .read_event()
            .map_err(|_| format!("no well-formed XML near byte {}", reader.buffer_position()))?;
        let finished = match event {
            Event::Start(start) => {
                seen += 1;
                if root.is_some() || open.len() >= MAX_DEPTH || seen > MAX_ELEMENTS {
                    return Err("more than one root, or too deep or too large".to_owned());
                }
                open.push(element(&start)?);
                continue;
            }
            Event::Empty(start) => {
                seen += 1;
                if root.is_some() || seen > MAX_ELEMENTS {
                    return Err("more than one root, or too large".to_owned());
                }
                element(&start)?
            }
            Event::End(_) => open.pop().ok_or("an end without a start")?,
            Event::Text(text) => {
                add_text(&mut open, &text)?;
                continue;
            }
            Event::CData(data) => {
                add_text(&mut open, &data)?;
                continue;
            }
            Event::GeneralRef(reference) => {
                let character = reference
                    .resolve_char_ref()
                    .map_err(|_| "an illegal character reference")?;
                match character {
                    Some(character) => add_text(&mut open, character.encode_utf8(&mut [0; 4]))?,
                    None => {
                        let text =
                            resolve_predefined_entity(&reference).ok_or("an unknown entity")?;
                        add_text(&mut open, text)?;
                    }
                }
                continue;
            }
            Event::DocType(_) => return Err("a document type is not accepted".to_owned()),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.children.push(finished),
            None => root = Some(finished),
        }
    }
    if !open.is_empty() {
        return Err("the document breaks off".to_owned());
    }
    root.ok_or_else(|| "the document is empty".to_owned())
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("text outside the root".to_owned()),
    }
    Ok(())
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element::new(start.local_name().as_ref());
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "an unreadable attribute")?;
        let name = attribute.key.as_ref().to_owned();
        // The namespaces are known; nothing else is read from them.
        if name == "xmlns" || name.starts_with("xmlns:") {
            continue;
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| "an unreadable attribute")?;
        element.attributes.push((name, value.into_owned()));
    }
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_attributes_text_and_writes_them_back() {
        let read = parse(b"<?xml version='1.0'?><a:R xmlns:a='u'><V Currency='G&amp;B'>1 &lt; <![CDATA[<2>]]></V><E /></a:R>").unwrap();
        assert_eq!(read.at("V"), Some("1 < <2>"));
        assert_eq!(
            read.document(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><R><V Currency=\"G&amp;B\">1 &lt; &lt;2&gt;</V><E/></R>"
        );
    }

    #[test]
    fn refuses_what_is_no_document_or_too_much() {
        let deep = "<a>".repeat(40);
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            &deep,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(&[0xff, 0xfe]).is_err());
    }
}
