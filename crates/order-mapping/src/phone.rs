//! Phone numbers: what a carrier can ring, and what only looks like it.

use std::borrow::Cow;
use std::fmt;

use rlibphonenumber::{
    NotANumberError, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, PhoneNumberType, Region,
    ValidationError,
};
use smol_str::SmolStrBuilder;
use unicode_normalization::UnicodeNormalization as _;

use crate::Code;
use crate::text::trimmed;

mod made_up;

use made_up::{is_fictitious, is_placeholder, repeats_one_digit};

/// Which tables of numbers the verdicts rest on. They change over the year, so the dependency is pinned to this version.
pub(crate) const PHONE_TABLES: &str = "rlibphonenumber 2.2.15, metadata 9.0.42";

/// Longest text that is looked at, in bytes.
const TEXT_MAX: usize = 250;

/// A phone number that can be dialled from anywhere. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    e164: String,
    calling_code: i32,
    extension: Option<String>,
    findings: Vec<PhoneFinding>,
}

/// Something about a number that is not a fault of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PhoneFinding {
    /// One digit repeated, or digits in order.
    Placeholder,
    /// In a range kept for films and examples.
    Fictitious,
    /// The right length, in a range that is not listed as in use.
    UnlistedRange,
    /// Premium rate, personal number, pager or voicemail.
    CostlyType,
    /// There was an extension.
    Extension,
    /// The country was assumed, because neither plus nor leading zero was written.
    AssumedCountry,
}

impl PhoneFinding {
    /// The failure code of the finding.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Placeholder => Code::PhonePlaceholder,
            Self::Fictitious => Code::PhoneFictitious,
            Self::UnlistedRange => Code::PhoneUnlistedRange,
            Self::CostlyType => Code::PhoneCostlyType,
            Self::Extension => Code::PhoneExtension,
            Self::AssumedCountry => Code::PhoneAssumedCountry,
        }
    }
}

/// Why a text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneFault {
    /// There is nothing.
    #[error("no number")]
    Missing,
    /// A letter in the number; it would be dialled as a keypad or dropped, and give another number.
    #[error("a letter in the number")]
    Letters,
    /// Signs that no number has, or no digits.
    #[error("not a phone number")]
    Shape,
    /// Too few or too many digits for the country.
    #[error("too few or too many digits for its country")]
    Length,
    /// No country has this calling code.
    #[error("an unknown country calling code")]
    Country,
    /// More than one number.
    #[error("more than one number in the field")]
    Multiple,
    /// Decimal or scientific notation.
    #[error("damaged by a spreadsheet; format the column as text")]
    Spreadsheet,
    /// One digit repeated, of a length that no number has.
    #[error("a made-up number")]
    Placeholder,
}

impl PhoneFault {
    /// The failure code of the fault.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Missing => Code::PhoneMissing,
            Self::Letters => Code::PhoneLetters,
            Self::Shape => Code::PhoneShape,
            Self::Length => Code::PhoneLength,
            Self::Country => Code::PhoneCountry,
            Self::Multiple => Code::PhoneMultiple,
            Self::Spreadsheet => Code::PhoneSpreadsheet,
            Self::Placeholder => Code::PhonePlaceholder,
        }
    }
}

impl PhoneNumber {
    /// Reads a number; `country` (ISO 3166-1, two letters) is where a number without calling code belongs.
    ///
    /// Stricter than the rules for dialling: a letter, two numbers in one field and damage by a spreadsheet are faults. A list
    /// of labels in front (`Tel:`, `Mob`) and an extension behind are understood.
    ///
    /// ```
    /// use order_mapping::PhoneNumber;
    /// let number = PhoneNumber::parse("Tel: 020 7183 8750", "GB")?;
    /// assert_eq!((number.e164(), number.digits()), ("+442071838750", "442071838750"));
    /// assert!(PhoneNumber::parse("08004960l23", "GB").is_err());
    /// # Ok::<(), order_mapping::PhoneFault>(())
    /// ```
    ///
    /// # Errors
    /// [`PhoneFault`] says in which way the text is no number.
    pub fn parse(text: &str, country: &str) -> Result<Self, PhoneFault> {
        let mut place = [0; TEXT_MAX];
        let Some(digits) = grouped_digits(text, &mut place) else {
            return Self::parse_free_text(text, country);
        };
        if digits.is_empty() {
            return Err(match trimmed(text) {
                "" => PhoneFault::Missing,
                _ => PhoneFault::Shape,
            });
        }
        Self::of_digits(digits, digits, country)
    }

    /// The same for a text that has more than digits in groups.
    fn parse_free_text(text: &str, country: &str) -> Result<Self, PhoneFault> {
        if text.trim().is_empty() {
            return Err(PhoneFault::Missing);
        }
        if text.len() > TEXT_MAX {
            return Err(PhoneFault::Length);
        }
        let composed: Cow<'_, str> = if text.is_ascii() {
            Cow::Borrowed(text)
        } else {
            let visible = text.nfkc().filter(|c| !crate::text::is_invisible(*c));
            Cow::Owned(visible.collect())
        };
        let plain = composed.trim();
        if plain.is_empty() {
            return Err(PhoneFault::Missing);
        }
        if is_spreadsheet_number(plain) {
            return Err(PhoneFault::Spreadsheet);
        }
        let (number, extension) = split_extension(without_label(plain));
        if holds_several(number) {
            return Err(PhoneFault::Multiple);
        }
        if number.chars().any(char::is_alphabetic) {
            return Err(PhoneFault::Letters);
        }
        // Only digits and the plus go further, so that no other rule of dialling (keypads, pauses) can play a part.
        let mut dialled = SmolStrBuilder::new();
        if number.contains('+') {
            dialled.push('+');
        }
        for digit in number.chars().filter(char::is_ascii_digit) {
            dialled.push(digit);
        }
        let dialled = dialled.as_str();
        let digits = dialled.trim_start_matches('+');
        let signs =
            |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-().,/~‐‑‒–—".contains(c);
        if digits.is_empty()
            || !number.chars().all(signs)
            || number
                .rfind('+')
                .is_some_and(|at| at > 0 && !number.starts_with("(+"))
        {
            return Err(PhoneFault::Shape);
        }
        let mut read = Self::of_digits(dialled, digits, country)?;
        if extension.is_some() {
            read.findings.push(PhoneFinding::Extension);
            read.findings.sort_unstable();
        }
        read.extension = extension;
        Ok(read)
    }

    /// The number that is dialled by these digits, with or without a plus in front.
    fn of_digits(dialled: &str, digits: &str, country: &str) -> Result<Self, PhoneFault> {
        let made_up = digits.len() >= 5 && repeats_one_digit(digits);
        let mut read = match read(dialled, country) {
            Ok(read) => read,
            Err(_) if made_up => return Err(PhoneFault::Placeholder),
            Err(fault) => return Err(fault),
        };
        let findings = &mut read.findings;
        if made_up && !findings.contains(&PhoneFinding::Placeholder) {
            findings.push(PhoneFinding::Placeholder);
        }
        if !dialled.starts_with(['+', '0']) {
            findings.push(PhoneFinding::AssumedCountry);
        }
        findings.sort_unstable();
        Ok(read)
    }

    /// The numbers of a field that holds several, to let a person choose. None is ever chosen by a rule.
    ///
    /// ```
    /// use order_mapping::PhoneNumber;
    /// let both = PhoneNumber::parse_each("020 7183 8750 / 0113 243 0000", "GB");
    /// let both: Vec<&str> = both.iter().map(PhoneNumber::e164).collect();
    /// assert_eq!(both, ["+442071838750", "+441132430000"]);
    /// ```
    #[must_use]
    pub fn parse_each(text: &str, country: &str) -> Vec<Self> {
        if text.len() > TEXT_MAX {
            return Vec::new();
        }
        let composed: String = text.nfkc().collect();
        parts(&composed)
            .iter()
            .filter_map(|part| Self::parse(part.trim(), country).ok())
            .collect()
    }

    /// The number with a plus in front: `+447911123456`.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The digits with country code and without plus: `447911123456`. The one form that survives an importer which reads the
    /// column as a number.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.e164.strip_prefix('+').unwrap_or(&self.e164)
    }

    /// Whether the number has the calling code of a country (ISO 3166-1, two letters); none where the tables do not know the
    /// country.
    ///
    /// Countries that share a code are alike: Great Britain and the Crown dependencies, or the United States and Canada.
    ///
    /// ```
    /// use order_mapping::PhoneNumber;
    /// let number = PhoneNumber::parse("020 7183 8750", "GB")?;
    /// assert_eq!(["GB", "JE", "FR", "XX"].map(|country| number.is_of(country)), [Some(true), Some(true), Some(false), None]);
    /// # Ok::<(), order_mapping::PhoneFault>(())
    /// ```
    #[must_use]
    pub fn is_of(&self, country: &str) -> Option<bool> {
        let region = region(country)?;
        let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        Some(self.calling_code == code)
    }

    /// The extension behind the number. Carriers have no field for it.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// What is remarkable about the number, most serious first.
    #[must_use]
    pub fn findings(&self) -> &[PhoneFinding] {
        &self.findings
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneNumber")
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

/// The digits of a text that has nothing else but groups them, as most numbers do: no label, no extension, no second number to look
/// for. They are written to `place`.
fn grouped_digits<'p>(text: &str, place: &'p mut [u8; TEXT_MAX]) -> Option<&'p str> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let mut length = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                *place.get_mut(length)? = byte;
                length += 1;
            }
            b' ' | b'-' | b'(' | b')' => {}
            _ => return None,
        }
    }
    // Only ASCII was put in.
    std::str::from_utf8(place.get(..length)?).ok()
}

fn region(country: &str) -> Option<Region> {
    let known = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
    known.then(|| Region::from_code(country).ok()).flatten()
}

/// Asks the tables for numbers.
fn read(dialled: &str, country: &str) -> Result<PhoneNumber, PhoneFault> {
    let number =
        PHONE_NUMBER_UTIL
            .parse(dialled, region(country))
            .map_err(|error| match error {
                ParseError::InvalidCountryCode => PhoneFault::Country,
                ParseError::TooShortAfterIdd | ParseError::TooShortNsn | ParseError::TooLongNsn => {
                    PhoneFault::Length
                }
                ParseError::NotANumber(NotANumberError::FailedToParseNumberAsInt(_)) => {
                    PhoneFault::Length
                }
                ParseError::NotANumber(_) => PhoneFault::Shape,
            })?;
    match number.is_possible_with_reason() {
        Ok(rlibphonenumber::NumberLengthType::IsPossible) => {}
        Err(ValidationError::InvalidCountryCode) => return Err(PhoneFault::Country),
        Ok(_) | Err(_) => return Err(PhoneFault::Length),
    }
    let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
    let digits = e164.strip_prefix('+').ok_or(PhoneFault::Shape)?;
    let right = (6..=17).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    if !right {
        return Err(PhoneFault::Length);
    }
    // The tables keep the trunk zero of a number that is too short to lose it; no UK number has one behind the calling code.
    if digits.starts_with("440") {
        return Err(PhoneFault::Length);
    }
    // A number is valid exactly when it has a type, so the tables are asked once.
    let kind = number.get_type();
    let mut findings = Vec::new();
    let code = number.country_code;
    let code_digits = usize::from(code >= 100) + usize::from(code >= 10) + 1;
    let national = digits.get(code_digits..).unwrap_or_default();
    // Other countries' short numbers may keep it too, and lose it when they are read again: then it is no number to be sent.
    if national.starts_with('0') {
        let again = PHONE_NUMBER_UTIL.parse(&*e164, None).ok();
        if again.is_none_or(|again| again.format_as(PhoneNumberFormat::E164) != *e164) {
            return Err(PhoneFault::Length);
        }
    }
    if is_placeholder(national) {
        findings.push(PhoneFinding::Placeholder);
    }
    if is_fictitious(digits) {
        findings.push(PhoneFinding::Fictitious);
    } else if kind == PhoneNumberType::Unknown && findings.is_empty() {
        findings.push(PhoneFinding::UnlistedRange);
    }
    let costly = matches!(
        kind,
        PhoneNumberType::PremiumRate
            | PhoneNumberType::PersonalNumber
            | PhoneNumberType::Pager
            | PhoneNumberType::VoiceMail
    );
    if costly {
        findings.push(PhoneFinding::CostlyType);
    }
    Ok(PhoneNumber {
        e164,
        calling_code: code,
        extension: None,
        findings,
    })
}

/// `7.91112E+09` or `7911123456.0`.
fn is_spreadsheet_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let decimal = |text: &str| match text.split_once(['.', ',']) {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(text),
    };
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        return decimal(mantissa) && digits(exponent.trim_start_matches(['+', '-']));
    }
    text.split_once('.').is_some_and(|(whole, rest)| {
        whole.len() >= 7 && digits(whole) && !rest.is_empty() && rest.bytes().all(|b| b == b'0')
    })
}

/// The text without one of a closed list of labels in front.
fn without_label(text: &str) -> &str {
    const WORDS: [&str; 9] = [
        "telephone",
        "mobile",
        "phone",
        "tel no",
        "tel",
        "mob",
        "cell",
        "ph",
        "call",
    ];
    const LETTERS: [&str; 3] = ["t", "m", "p"];
    let after = |label: &str, needs_sign: bool| {
        let (start, rest) = text.split_at_checked(label.len())?;
        let sign = rest.trim_start().starts_with([':', '.']);
        let ends = sign || (!needs_sign && !rest.starts_with(char::is_alphabetic));
        (start.eq_ignore_ascii_case(label) && ends)
            .then(|| rest.trim_start_matches([':', '.', ' ']))
    };
    let words = WORDS.iter().find_map(|label| after(label, false));
    words
        .or_else(|| LETTERS.iter().find_map(|label| after(label, true)))
        .unwrap_or(text)
}

/// The number and the digits of an extension behind it: `ext 4`, `x4`, `#4`, `;ext=4`.
fn split_extension(text: &str) -> (&str, Option<String>) {
    const MARKS: [&str; 6] = ["extension", "extn", "ext", "x", "#", "durchwahl"];
    let number_and_mark = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_prefix(number_and_mark).unwrap_or_default();
    if digits.is_empty() || digits.len() > 7 {
        return (text, None);
    }
    let rest = number_and_mark.trim_end_matches([' ', '.', ':', '=']);
    for mark in MARKS {
        let Some((number, end)) = rest
            .len()
            .checked_sub(mark.len())
            .and_then(|at| rest.split_at_checked(at))
        else {
            continue;
        };
        // A bare x between digits is a typing error rather than an extension.
        if mark == "x" && number.ends_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let number = number.trim_end_matches([' ', ';', ',', '(', '-']);
        let enough = number.chars().filter(char::is_ascii_digit).count() >= 6;
        if end.eq_ignore_ascii_case(mark) && enough && !number.ends_with(char::is_alphabetic) {
            return (number, Some(digits.to_owned()));
        }
    }
    (text, None)
}

/// Whether two or more parts are numbers of their own. A stroke inside one number (`030/123456`) is no separator.
fn holds_several(text: &str) -> bool {
    let signs = |c: char| SEPARATORS.contains(&c) || c.is_alphabetic();
    if !text.contains(signs) && text.matches('+').count() < 2 {
        return false;
    }
    parts(text).len() > 1
}

const SEPARATORS: [char; 6] = ['/', ',', ';', '|', '&', '\n'];

/// The parts of a field that are long enough to be numbers of their own.
fn parts(text: &str) -> Vec<String> {
    let long = |part: &&str| part.chars().filter(char::is_ascii_digit).count() >= 7;
    let lower = text
        .to_lowercase()
        .replace(" or ", "|")
        .replace(" and ", "|");
    let by_sign: Vec<&str> = lower.split(SEPARATORS).filter(long).collect();
    if by_sign.len() > 1 || lower.matches('+').count() < 2 {
        return by_sign.into_iter().map(str::to_owned).collect();
    }
    let by_plus = lower.split('+').filter(long);
    by_plus.map(|part| format!("+{}", part.trim())).collect()
}

#[cfg(test)]
mod tests;
