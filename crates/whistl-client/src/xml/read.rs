//! Reading a document into a tree.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::element::Element;
use super::fault::XmlFault;
use super::is_allowed;

/// Most attributes of one element. They are compared with each other, so this one bounds time.
const ATTRIBUTES_MAX: usize = 64;

/// What takes the place of a character that XML does not allow, where that is asked for.
const STAND_IN: char = ' ';

/// How much of a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of the whole document.
    pub(crate) bytes: usize,
    /// Elements within each other.
    pub(crate) depth: usize,
    /// Elements, attributes and pieces of text.
    pub(crate) parts: usize,
}

impl Default for Limits {
    /// 8 MiB, 32 deep, 200,000 parts: a shipment with a hundred labels is well below.
    fn default() -> Self {
        Self {
            bytes: 8 * 1024 * 1024,
            depth: 32,
            parts: 200_000,
        }
    }
}

/// What to do with characters that XML does not allow, such as `&#x10;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IllegalCharacters {
    /// Refuse the document, as XML says.
    Refuse,
    /// Put a space in their place: tracking replies have been seen with them.
    Replace,
}

/// Reads a document.
///
/// # Errors
///
/// An [`XmlFault`]; in time and memory bounded by the limits, whatever the bytes.
pub(crate) fn read(
    bytes: &[u8],
    limits: Limits,
    illegal: IllegalCharacters,
) -> Result<Element, XmlFault> {
    if bytes.len() > limits.bytes {
        return Err(XmlFault::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlFault::Encoding)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree {
        limits,
        illegal,
        open: Vec::new(),
        root: None,
        parts: 0,
    };
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|error| match error {
            quick_xml::Error::Syntax(_) if reader.error_position() >= last(text) => {
                XmlFault::Truncated
            }
            _ => XmlFault::Malformed(at),
        })? {
            Event::Start(start) => tree.start(&start, at)?,
            Event::End(_) => tree.end(at)?,
            Event::Text(piece) => tree.text(&piece.xml10_content(), at)?,
            Event::CData(piece) => tree.text(&piece.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let c = tree.resolve(&reference.into_inner(), at)?;
                tree.text(c.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::Decl(declaration) => {
                let other = |name: &str| {
                    !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("us-ascii")
                };
                match declaration.encoding() {
                    Some(Ok(name)) if other(&name) => return Err(XmlFault::Encoding),
                    Some(Err(_)) => return Err(XmlFault::Malformed(at)),
                    _ => {}
                }
            }
            Event::DocType(_) => return Err(XmlFault::DocumentType),
            Event::Eof => return tree.finish(),
            Event::Comment(_) | Event::PI(_) => tree.count()?,
            // Expanded to a start and an end by the setting above.
            Event::Empty(_) => return Err(XmlFault::Malformed(at)),
        }
    }
}

/// Where an error can only mean that the end is missing.
fn last(text: &str) -> u64 {
    let start = text.rfind('<').unwrap_or(0);
    u64::try_from(start).unwrap_or(u64::MAX)
}

struct Tree {
    limits: Limits,
    illegal: IllegalCharacters,
    open: Vec<Element>,
    root: Option<Element>,
    parts: usize,
}

impl Tree {
    fn count(&mut self) -> Result<(), XmlFault> {
        self.parts = self.parts.saturating_add(1);
        if self.parts > self.limits.parts {
            return Err(XmlFault::TooManyParts);
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), XmlFault> {
        self.count()?;
        if self.root.is_some() {
            return Err(XmlFault::Malformed(at));
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlFault::TooDeep);
        }
        let mut element = Element::new(start.local_name().as_ref().to_owned());
        if element.name.is_empty() {
            return Err(XmlFault::Malformed(at));
        }
        for (index, attribute) in start.attributes().enumerate() {
            self.count()?;
            if index >= ATTRIBUTES_MAX {
                return Err(XmlFault::TooManyParts);
            }
            let attribute = attribute.map_err(|_| XmlFault::Malformed(at))?;
            let full: &str = attribute.key.as_ref();
            let name = full.rsplit(':').next().unwrap_or(full);
            if full == "xmlns" || full.starts_with("xmlns:") {
                continue;
            }
            let value = self.attribute_value(&attribute.value, at)?;
            if name == "nil" && full != name {
                element.nil = matches!(value.trim(), "true" | "1");
            } else {
                element.attributes.push((name.to_owned(), value));
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn attribute_value(&self, raw: &str, at: u64) -> Result<String, XmlFault> {
        let mut value = String::new();
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('&') {
            self.push(&mut value, before, at)?;
            let (reference, behind) = after.split_once(';').ok_or(XmlFault::Malformed(at))?;
            value.push(self.resolve(reference, at)?);
            rest = behind;
        }
        self.push(&mut value, rest, at)?;
        Ok(value)
    }

    fn push(&self, to: &mut String, text: &str, at: u64) -> Result<(), XmlFault> {
        if text.chars().all(is_allowed) {
            to.push_str(text);
            return Ok(());
        }
        match self.illegal {
            IllegalCharacters::Refuse => Err(XmlFault::Character(at)),
            IllegalCharacters::Replace => {
                to.extend(
                    text.chars()
                        .map(|c| if is_allowed(c) { c } else { STAND_IN }),
                );
                Ok(())
            }
        }
    }

    /// What stands between `&` and `;`.
    fn resolve(&self, reference: &str, at: u64) -> Result<char, XmlFault> {
        let number = match reference {
            "amp" => return Ok('&'),
            "lt" => return Ok('<'),
            "gt" => return Ok('>'),
            "quot" => return Ok('"'),
            "apos" => return Ok('\''),
            _ => reference.strip_prefix('#').ok_or(XmlFault::Entity(at))?,
        };
        let (digits, radix) = match number.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return Err(XmlFault::Entity(at));
        }
        let code = u32::from_str_radix(digits, radix).ok();
        match (
            code.and_then(char::from_u32).filter(|c| is_allowed(*c)),
            self.illegal,
        ) {
            (Some(c), _) => Ok(c),
            (None, IllegalCharacters::Replace) => Ok(STAND_IN),
            (None, IllegalCharacters::Refuse) => Err(XmlFault::Character(at)),
        }
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), XmlFault> {
        self.count()?;
        let Some(mut element) = self.open.pop() else {
            // Before and after the root only layout may stand.
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err(XmlFault::Malformed(at))
            };
        };
        self.push(&mut element.text, text, at)?;
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self, at: u64) -> Result<(), XmlFault> {
        let mut element = self.open.pop().ok_or(XmlFault::Malformed(at))?;
        if !element.children.is_empty() && element.text.trim().is_empty() {
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlFault> {
        if self.open.is_empty() {
            self.root.ok_or(XmlFault::Truncated)
        } else {
            Err(XmlFault::Truncated)
        }
    }
}
