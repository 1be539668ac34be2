//! Writing a tree.

use super::element::Element;
use super::fault::XmlFault;
use super::is_allowed;

/// The declaration that the recorded documents begin with; there is no line break after it.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// How an element without content is written. Readers that are no XML parsers tell these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmptyForm {
    /// `<Name/>`
    Short,
    /// `<Name />`
    Spaced,
    /// `<Name></Name>`
    Pair,
}

/// Writes a document without layout. A nil element needs the prefix `xsi` declared by an attribute of the root.
///
/// # Errors
///
/// [`XmlFault::Character`] with the place in the output, for a character that no XML document can carry.
pub(crate) fn write(root: &Element, empty: EmptyForm) -> Result<String, XmlFault> {
    let mut out = String::from(DECLARATION);
    element(&mut out, root, empty)?;
    Ok(out)
}

/// As deep as the tree, which the reader bounds and the writers of the wires know.
fn element(out: &mut String, element_: &Element, empty: EmptyForm) -> Result<(), XmlFault> {
    out.push('<');
    out.push_str(&element_.name);
    for (name, value) in &element_.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value)?;
        out.push('"');
    }
    if element_.nil {
        out.push_str(" xsi:nil=\"true\"");
    }
    if element_.text.is_empty() && element_.children.is_empty() && empty != EmptyForm::Pair {
        out.push_str(if empty == EmptyForm::Spaced {
            " />"
        } else {
            "/>"
        });
        return Ok(());
    }
    out.push('>');
    escape(out, &element_.text)?;
    for child in &element_.children {
        element(out, child, empty)?;
    }
    out.push_str("</");
    out.push_str(&element_.name);
    out.push('>');
    Ok(())
}

/// Blanks other than the space are written as references: a reader changes line ends, and blanks in attributes.
fn escape(out: &mut String, text: &str) -> Result<(), XmlFault> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            // XML 1.1 readers take these two for line ends.
            '\u{85}' => out.push_str("&#133;"),
            '\u{2028}' => out.push_str("&#8232;"),
            c if is_allowed(c) => out.push(c),
            _ => {
                return Err(XmlFault::Character(
                    u64::try_from(out.len()).unwrap_or(u64::MAX),
                ));
            }
        }
    }
    Ok(())
}
