//! Labels: what is asked for and what came.

use std::fmt;

use data_encoding::BASE64;

use crate::xml::Element;

/// In which form a label is asked for (seen in use).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LabelFormat {
    /// A PDF document.
    #[default]
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpg,
    /// Commands of a Zebra printer.
    Zpl,
    /// Commands of an Eltron printer.
    Epl,
    /// No label.
    None,
    /// A form that is not known here; only in answers.
    Unknown,
}

impl LabelFormat {
    /// The text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpg => "JPG",
            Self::Zpl => "ZPL",
            Self::Epl => "EPL",
            Self::None | Self::Unknown => "NONE",
        }
    }

    /// The usual ending of a file of this form.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpg => "jpg",
            Self::Zpl => "zpl",
            Self::Epl => "epl",
            Self::None | Self::Unknown => "bin",
        }
    }

    fn of(text: &str) -> Self {
        [
            Self::Pdf,
            Self::Png,
            Self::Jpg,
            Self::Zpl,
            Self::Epl,
            Self::None,
        ]
        .into_iter()
        .find(|format| format.as_str().eq_ignore_ascii_case(text))
        .unwrap_or(Self::Unknown)
    }

    /// Whether bytes begin as this form does; `true` for forms without a mark of their own.
    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Self::Pdf => bytes.starts_with(b"%PDF"),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpg => bytes.starts_with(b"\xff\xd8\xff"),
            Self::Zpl => {
                bytes.trim_ascii_start().starts_with(b"^")
                    || bytes.trim_ascii_start().starts_with(b"~")
            }
            Self::Epl | Self::None | Self::Unknown => true,
        }
    }
}

/// How large a label is, in inches (seen in use).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LabelSize {
    /// Two inches.
    Two,
    /// Four inches.
    Four,
    /// Six inches, as nearly everybody uses.
    #[default]
    Six,
    /// Eight inches.
    Eight,
}

impl LabelSize {
    /// The text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::Four => "4",
            Self::Six => "6",
            Self::Eight => "8",
        }
    }
}

/// Which labels are wanted with a shipment. Default: PDF, six inches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelRequest {
    /// The form.
    pub format: LabelFormat,
    /// The size.
    pub size: LabelSize,
}

impl LabelRequest {
    /// Labels of a form and size.
    #[must_use]
    pub const fn new(format: LabelFormat, size: LabelSize) -> Self {
        Self { format, size }
    }
}

/// A label. Its bytes name the receiver: `Debug` shows their number only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// Its form, as the carrier says.
    pub format: LabelFormat,
    /// Its size, as the carrier says.
    pub size: Option<String>,
    bytes: Vec<u8>,
}

impl Label {
    /// The bytes, to be written to a file or sent to a printer as they are.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the bytes begin as their form does. If not, a printer would print nonsense or nothing.
    ///
    /// PDF, PNG, JPEG and ZPL have such a mark; EPL has none and always counts as right.
    #[must_use]
    pub fn is_what_it_says(&self) -> bool {
        self.format.begins(&self.bytes)
    }

    /// A label of the answer; none where it has no data, an error where the data is no base64.
    pub(super) fn read(mut element: Element) -> Result<Option<Self>, &'static str> {
        let Some(data) = element.take("LabelData").filter(|data| !data.nil) else {
            return Ok(None);
        };
        let text: String = data.text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() {
            return Ok(None);
        }
        let bytes = BASE64
            .decode(text.as_bytes())
            .map_err(|_| "a label's data is no base64")?;
        let value = |name: &str| element.child(name).and_then(Element::value);
        Ok(Some(Self {
            format: value("LabelFormat").map_or(LabelFormat::Unknown, LabelFormat::of),
            size: value("LabelSize").map(str::to_owned),
            bytes,
        }))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Label")
            .field("format", &self.format)
            .field("size", &self.size)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
