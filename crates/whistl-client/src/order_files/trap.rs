//! What a strict Elucid-style CSV importer damages or chokes on, and how to put it right.

use std::fmt;

/// A value that must not reach the importer.
///
/// Each is *seen in use*: running importer code of this kind on invented rows showed the effect named at the variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Trap {
    /// A required cell is blank. The file is rejected; a blank reference even becomes an order called `nan`.
    Blank,
    /// The order has no lines, so the file would have no rows.
    NoLines,
    /// Longer than the importer or the warehouse takes. A long reference rejects the file; a long SKU or phone number is cut.
    TooLong,
    /// A reference or SKU that reads as a number: `00012` would become `12`, `1E5` a hundred thousand.
    NumberLike,
    /// A text that the importer reads as a number and writes back differently, such as a postcode or purchase order number with
    /// a leading zero, or `TRUE`.
    Rewritten,
    /// A text that the importer takes for "no value", such as `NA`, `null` or `None`.
    NullLike,
    /// A phone number with anything but digits. A space inside stops the importer's whole run, later files included.
    PhoneNotDigits,
    /// A phone number with a leading zero, which is lost.
    PhoneLeadingZero,
    /// A `~` inside a text, which would become a break between address lines.
    LineSeparator,
    /// A line break, tab or other control character inside a text.
    ControlCharacter,
    /// White space at the start or end of a reference or SKU.
    OuterSpace,
    /// A quantity with a fraction, which the importer rounds half to even.
    NotAnInteger,
    /// A quantity below 1 or above 99,999.
    QuantityOutOfRange,
    /// An amount below zero: the importer drops the sign.
    NegativeAmount,
    /// An amount with more digits than floating point keeps: more than 15, or more than four places after zeros.
    TooFine,
    /// A net amount and a tax that do not make up the gross amount.
    DoesNotAddUp,
    /// A blank company or county of a delivery address where the invoice address has one: the importer would fill it in from
    /// there, into a wrong address.
    FallsBack,
    /// A reference that cannot name a file everywhere: anything but ASCII letters, digits, `-` and `_`, a first character that
    /// is no letter or digit (the importer strips it), or a device name such as `CON`.
    UnsafeFileName,
    /// The configured name of the purchase order column is blank, spoilt, or a template column's.
    ColumnName,
}

impl Trap {
    /// What to do about it, for the person who has to.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Blank => "fill the value in at the source",
            Self::NoLines => "send an order only with at least one line",
            Self::TooLong => {
                "shorten the value: 12 characters for a reference, 24 for a SKU, 12 digits for a phone number"
            }
            Self::NumberLike => {
                "use a reference or SKU with a letter that cannot be read as a number, for example with a prefix"
            }
            Self::Rewritten => {
                "agree on a spelling with the warehouse that does not read as a number or truth value, for example with a prefix"
            }
            Self::NullLike => "use a spelling that spreadsheets do not read as an empty value",
            Self::PhoneNotDigits => {
                "write the phone number as digits only, with the country code and without a plus"
            }
            Self::PhoneLeadingZero => {
                "write the phone number with its country code instead of the leading zero"
            }
            Self::LineSeparator => "remove the tilde; give address lines one by one",
            Self::ControlCharacter => "remove line breaks, tabs and other control characters",
            Self::OuterSpace => "remove the white space around the value",
            Self::NotAnInteger => "order a whole number of units",
            Self::QuantityOutOfRange => {
                "order from 1 to 99999 units, or split the line across orders"
            }
            Self::NegativeAmount => "send amounts of zero or more",
            Self::TooFine => "round the amount, at most to a hundredth of a penny",
            Self::DoesNotAddUp => {
                "state net and tax that add up to the gross amount, or leave them to be derived"
            }
            Self::FallsBack => {
                "give the delivery address its own value, or send the delivery address as the invoice address"
            }
            Self::UnsafeFileName => {
                "use a reference of ASCII letters, digits, '-' and '_' that begins with a letter or digit"
            }
            Self::ColumnName => {
                "name the purchase order column with plain text that is not a column of the template"
            }
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Blank => "is blank",
            Self::NoLines => "the order has no lines",
            Self::TooLong => "is too long",
            Self::NumberLike => "reads as a number",
            Self::Rewritten => "would be rewritten as a number or truth value",
            Self::NullLike => "reads as an empty value",
            Self::PhoneNotDigits => "is not digits only",
            Self::PhoneLeadingZero => "would lose its leading zero",
            Self::LineSeparator => "contains '~'",
            Self::ControlCharacter => "contains a control character",
            Self::OuterSpace => "begins or ends with white space",
            Self::NotAnInteger => "is not a whole number",
            Self::QuantityOutOfRange => "is not between 1 and 99999",
            Self::NegativeAmount => "is below zero",
            Self::TooFine => "has more digits than are kept",
            Self::DoesNotAddUp => "is not the sum of net and tax",
            Self::FallsBack => "would be filled from the invoice address",
            Self::UnsafeFileName => "cannot name a file",
            Self::ColumnName => "is no usable column name",
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.says())
    }
}

/// A [`Trap`] and where it is. The value itself is never shown: it may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Trapped {
    /// Row as a spreadsheet numbers it: the header is 1, the first line of the order 2. A value of the whole order is
    /// reported once, at row 2.
    pub row: usize,
    /// Column, as the header spells it.
    pub column: String,
    /// What is wrong.
    pub trap: Trap,
}

impl Trapped {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        self.trap.remedy()
    }
}

impl fmt::Display for Trapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, {}: {}", self.row, self.column, self.trap)
    }
}

/// The order was refused before a file was written: every fault of it, sorted by row and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("order file refused: {} ({} in all)", first(.faults), faults.len())]
#[non_exhaustive]
pub struct FileRefused {
    /// The faults; never empty.
    pub faults: Vec<Trapped>,
}

fn first(faults: &[Trapped]) -> String {
    faults
        .first()
        .map_or_else(|| "unknown fault".to_owned(), ToString::to_string)
}

/// Texts that the importer's CSV reader takes for a missing value, exactly as spelt.
const NULLS: [&str; 18] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// Whether the importer would take this very text for a missing value.
pub(super) fn is_null_exactly(text: &str) -> bool {
    may_be_null(text) && NULLS.contains(&text)
}

/// Whether the text is short enough: nearly every text is told from the list by its length.
fn may_be_null(text: &str) -> bool {
    (2..=8).contains(&text.len())
}

/// Whether the text reads as a missing value in any capitalisation; the strict form, for references and SKUs.
pub(super) fn is_null_like(text: &str) -> bool {
    may_be_null(text) && NULLS.iter().any(|null| text.eq_ignore_ascii_case(null))
}

/// Whether the text reads as a number: digits, signs, points, exponents, `inf`.
pub(super) fn is_number_like(text: &str) -> bool {
    let text = text.trim();
    // What begins otherwise needs no reading.
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'i' | 'I'))
        && text.parse::<f64>().is_ok_and(|number| !number.is_nan())
}

/// Whether a column of this text would come out of the importer spelt differently.
///
/// A plain whole number without leading zeros survives (up to what fits 64 bits); every other number does not have to.
pub(super) fn is_rewritten(text: &str) -> bool {
    if matches!(text, "TRUE" | "true" | "FALSE" | "false") {
        return true;
    }
    if !is_number_like(text) {
        return false;
    }
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    !(digits_only && text.len() <= 18 && (text == "0" || !text.starts_with('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_a_number() {
        for text in [
            "0", "00012", "1E5", "12e45", "+5", "-3", "1.", ".5", " 7 ", "inf", "Infinity",
        ] {
            assert!(is_number_like(text), "{text}");
        }
        for text in ["A1", "1-2", "12 34", "1,5", "0x10", "nan", ""] {
            assert!(!is_number_like(text), "{text}");
        }
    }

    #[test]
    fn what_the_importer_rewrites() {
        for text in [
            "01067",
            "007",
            "1.50",
            "1e5",
            "TRUE",
            "false",
            "1234567890123456789",
            " 12",
        ] {
            assert!(is_rewritten(text), "{text}");
        }
        for text in ["10115", "0", "4500012345", "True", "PO-1", "12a"] {
            assert!(!is_rewritten(text), "{text}");
        }
    }

    #[test]
    fn what_reads_as_nothing() {
        assert!(is_null_exactly("NA") && is_null_exactly("null") && is_null_exactly("None"));
        assert!(
            !is_null_exactly("Null") && !is_null_exactly("Nan"),
            "a surname may be Null"
        );
        assert!(NULLS.iter().all(|null| is_null_exactly(null)));
        assert!(is_null_like("Null") && is_null_like("NAN") && is_null_like("none"));
    }

    #[test]
    fn the_error_shows_places_and_no_values() {
        let refused = FileRefused {
            faults: vec![Trapped {
                row: 2,
                column: "Phone".to_owned(),
                trap: Trap::PhoneNotDigits,
            }],
        };
        assert_eq!(
            refused.to_string(),
            "order file refused: row 2, Phone: is not digits only (1 in all)"
        );
    }
}
