//! UK postcodes: the grammar and the 126 areas.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::postcode_districts::{index_of, is_known};

/// Codes in the style of the UK's that belong to other countries.
const OVERSEAS: &[(&str, &str)] = &[
    ("ASCN1ZZ", "SH"),
    ("BBND1ZZ", "IO"),
    ("BIQQ1ZZ", "AQ"),
    ("FIQQ1ZZ", "FK"),
    ("GX111AA", "GI"),
    ("PCRN1ZZ", "PN"),
    ("SIQQ1ZZ", "GS"),
    ("STHL1ZZ", "SH"),
    ("TDCU1ZZ", "SH"),
    ("TKCA1ZZ", "TC"),
];

/// Beginnings of the numbered codes of further territories, and how many digits follow.
const OVERSEAS_NUMBERED: &[(&str, usize, &str)] = &[
    ("AI", 4, "AI"),
    ("KY", 5, "KY"),
    ("VG", 4, "VG"),
    ("MSR", 4, "MS"),
];

/// Beginnings of codes of Bermuda, of two letters and two letters or digits. CR, DD, HS and SN are left out: with digits behind
/// them they are rather a UK postcode that was not finished.
const BERMUDA: &[&str] = &["DV", "FL", "GE", "HM", "MA", "PG", "SB", "WK"];

/// Longest text that is looked at, in bytes.
const TEXT_MAX: usize = 256;

/// Longest code with white space left out that anything is known of.
const CODE_MAX: usize = 12;

/// Letters and digits of the longest postcode.
const LETTERS_MAX: usize = 7;

/// A UK postcode in its normal form: capitals, one space. `Debug` shows the area only.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UkPostcode {
    /// The code with its space, and zeros behind.
    text: [u8; LETTERS_MAX + 1],
    length: u8,
    /// Letters of the area.
    area: u8,
    /// Place of the area in the table; none for the Girobank.
    index: Option<u8>,
}

/// Why a text is no UK postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostcodeFault {
    /// The form is not a postcode's.
    #[error("not the form of a UK postcode")]
    Shape,
    /// The form would be right with look-alike letters and digits exchanged, or without punctuation. Not repaired.
    #[error(
        "not the form of a UK postcode; look-alike letters and digits (O and 0, I and 1) or punctuation are in the way"
    )]
    LookAlike,
    /// No area begins with these letters.
    #[error("no UK postcode area has these letters")]
    Area,
    /// The code belongs to the country with this ISO code.
    #[error("a postcode of {0}, not of the UK")]
    OtherCountry(&'static str),
}

impl UkPostcode {
    /// Reads a postcode. White space, case and invisible characters do not matter; nothing else is repaired.
    ///
    /// Form and area have to be right; whether the district is in use is another question, see
    /// [`UkPostcode::district_is_known`]. A good postcode costs no allocation.
    ///
    /// ```
    /// use order_mapping::UkPostcode;
    /// let postcode = UkPostcode::parse("sw1a1aa")?;
    /// assert_eq!(postcode.text(), "SW1A 1AA");
    /// assert_eq!((postcode.area(), postcode.outward(), postcode.inward()), ("SW", "SW1A", "1AA"));
    /// # Ok::<(), order_mapping::PostcodeFault>(())
    /// ```
    ///
    /// # Errors
    /// [`PostcodeFault`] says in which way the text is none.
    pub fn parse(text: &str) -> Result<Self, PostcodeFault> {
        let mut code = [0; CODE_MAX];
        let fault = match squeeze(text, &mut code).map(read) {
            Some(Ok(postcode)) => return Ok(postcode),
            Some(Err(fault)) => fault,
            None => PostcodeFault::Shape,
        };
        Err(explain(text, fault))
    }

    /// The one postcode that exchanging look-alikes (`O` and `0`; `I`, `L` and `1`) or leaving out punctuation gives.
    ///
    /// None when there is no such postcode or several, and for a text that is a postcode already. Meant to be offered to a person;
    /// the mapping never uses it, because a wrong postcode sends the goods to somebody else.
    ///
    /// ```
    /// use order_mapping::UkPostcode;
    /// let offered = UkPostcode::suggest("SWIA-1AA").map(|one| one.text().to_owned());
    /// assert_eq!(offered.as_deref(), Some("SW1A 1AA"));
    /// // S10 1AA or SL0 1AA?
    /// assert_eq!(UkPostcode::suggest("SLO 1AA"), None);
    /// ```
    #[must_use]
    pub fn suggest(text: &str) -> Option<Self> {
        if Self::parse(text).is_ok() {
            return None;
        }
        let mut one = None;
        let several = any_repair(text, |found| match one {
            None => {
                one = Some(found);
                false
            }
            Some(other) => other != found,
        });
        one.filter(|_| !several)
    }

    /// The letters in front, for example `SW`.
    #[must_use]
    pub fn area(&self) -> &str {
        self.part(0, self.area)
    }

    /// The part before the space, for example `SW1A`.
    #[must_use]
    pub fn outward(&self) -> &str {
        self.part(0, self.outward_length())
    }

    /// The part behind the space, for example `1AA`.
    #[must_use]
    pub fn inward(&self) -> &str {
        self.part(self.length.saturating_sub(3), self.length)
    }

    /// The postcode as it is written. It locates a household, so it is personal.
    #[must_use]
    pub fn text(&self) -> &str {
        self.part(0, self.length)
    }

    /// The country that the area belongs to: `GB`, or `JE`, `GG` or `IM`.
    #[must_use]
    pub fn country(&self) -> &'static str {
        match self.letters() {
            b"JE" => "JE",
            b"GY" => "GG",
            b"IM" => "IM",
            _ => "GB",
        }
    }

    /// Whether the outward part is a district that this version knows to be in use.
    ///
    /// The table behind it is for warnings: new districts appear, so an unknown one may be right. `GIR` counts as known.
    ///
    /// ```
    /// use order_mapping::UkPostcode;
    /// assert!(UkPostcode::parse("KA27 8AA")?.district_is_known());
    /// assert!(!UkPostcode::parse("KA77 8AA")?.district_is_known());
    /// # Ok::<(), order_mapping::PostcodeFault>(())
    /// ```
    #[must_use]
    pub fn district_is_known(&self) -> bool {
        let Some(area) = self.index else { return true };
        let (number, letter) = self.district();
        // `M01` has a number that is in use, but nobody writes it so.
        let padded = matches!(self.behind_area(), [b'0', _, ..]);
        !padded && is_known(area, number, letter)
    }

    /// The letters in front, as bytes.
    pub(crate) fn letters(&self) -> &[u8] {
        self.text.get(..usize::from(self.area)).unwrap_or_default()
    }

    /// Place of the area in the table of areas; none for `GIR`.
    pub(crate) const fn area_index(&self) -> Option<u8> {
        self.index
    }

    /// Number of the district and the letter behind it.
    pub(crate) fn district(&self) -> (u8, Option<u8>) {
        match *self.behind_area() {
            [a, b] if b.is_ascii_digit() => (figure(a) * 10 + figure(b), None),
            [a, letter] => (figure(a), Some(letter)),
            [a] => (figure(a), None),
            _ => (0, None),
        }
    }

    /// The outward part without its letters in front.
    fn behind_area(&self) -> &[u8] {
        let range = usize::from(self.area)..usize::from(self.outward_length());
        self.text.get(range).unwrap_or_default()
    }

    const fn outward_length(&self) -> u8 {
        self.length.saturating_sub(4)
    }

    fn part(&self, from: u8, to: u8) -> &str {
        let bytes = self.text.get(usize::from(from)..usize::from(to));
        // Only ASCII was put in.
        bytes
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for UkPostcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UkPostcode({}***)", self.area())
    }
}

/// Writes the text to `code`, without white space and invisible characters and in ASCII capitals. None when it is far too long or
/// has other characters outside ASCII.
fn squeeze<'c>(text: &str, code: &'c mut [u8; CODE_MAX]) -> Option<&'c [u8]> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let mut length = 0;
    for byte in text.bytes() {
        if !byte.is_ascii() {
            return squeeze_unicode(text, code);
        }
        if !is_ascii_space(byte) {
            *code.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
        }
    }
    code.get(..length)
}

fn squeeze_unicode<'c>(text: &str, code: &'c mut [u8; CODE_MAX]) -> Option<&'c [u8]> {
    let mut length = 0;
    for c in text.nfkc() {
        if !c.is_whitespace() && !crate::text::is_invisible(c) {
            let byte = u8::try_from(c).ok().filter(u8::is_ascii)?;
            *code.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
        }
    }
    code.get(..length)
}

/// White space as `char::is_whitespace` has it, within ASCII.
const fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn read(code: &[u8]) -> Result<UkPostcode, PostcodeFault> {
    let Some((outward, inward)) = code.split_last_chunk::<3>() else {
        return Err(PostcodeFault::Shape);
    };
    let [digit, a, b] = *inward;
    if !digit.is_ascii_digit() || !is_inward_letter(a) || !is_inward_letter(b) {
        return Err(PostcodeFault::Shape);
    }
    match area_of(outward) {
        None if code == b"GIR0AA" => put_together(outward, inward, 3, None),
        None => Err(PostcodeFault::Shape),
        Some((first, second)) => match index_of(first, second) {
            None => Err(PostcodeFault::Area),
            index => put_together(outward, inward, 1 + u8::from(second.is_some()), index),
        },
    }
}

fn put_together(
    outward: &[u8],
    inward: &[u8; 3],
    area: u8,
    index: Option<u8>,
) -> Result<UkPostcode, PostcodeFault> {
    let [x, y, z] = *inward;
    let (text, length) = match *outward {
        [a, b] => ([a, b, b' ', x, y, z, 0, 0], 6),
        [a, b, c] => ([a, b, c, b' ', x, y, z, 0], 7),
        [a, b, c, d] => ([a, b, c, d, b' ', x, y, z], 8),
        _ => return Err(PostcodeFault::Shape),
    };
    Ok(UkPostcode {
        text,
        length,
        area,
        index,
    })
}

const fn is_inward_letter(b: u8) -> bool {
    b.is_ascii_uppercase() && !matches!(b, b'C' | b'I' | b'K' | b'M' | b'O' | b'V')
}

/// The letters of an outward part of one of the six forms.
const fn area_of(outward: &[u8]) -> Option<(u8, Option<u8>)> {
    const fn first(b: u8) -> bool {
        b.is_ascii_uppercase() && !matches!(b, b'Q' | b'V' | b'X')
    }
    const fn second(b: u8) -> bool {
        b.is_ascii_uppercase() && !matches!(b, b'I' | b'J' | b'Z')
    }
    const fn third(b: u8) -> bool {
        matches!(b, b'A'..=b'H' | b'J' | b'K' | b'P' | b'S'..=b'U' | b'W')
    }
    const fn fourth(b: u8) -> bool {
        matches!(
            b,
            b'A' | b'B' | b'E' | b'H' | b'M' | b'N' | b'P' | b'R' | b'V'..=b'Y'
        )
    }
    match *outward {
        [a, d] if first(a) && d.is_ascii_digit() => Some((a, None)),
        [a, d, e] if first(a) && d.is_ascii_digit() && (e.is_ascii_digit() || third(e)) => {
            Some((a, None))
        }
        [a, b, d] if first(a) && second(b) && d.is_ascii_digit() => Some((a, Some(b))),
        [a, b, d, e]
            if first(a) && second(b) && d.is_ascii_digit() && (e.is_ascii_digit() || fourth(e)) =>
        {
            Some((a, Some(b)))
        }
        _ => None,
    }
}

/// The number of a forces post office, written `BFPO 123`, in its normal form.
pub(crate) fn forces_number(text: &str) -> Option<String> {
    let mut code = [0; CODE_MAX];
    let digits = squeeze(text, &mut code)?.strip_prefix(b"BFPO")?;
    let right = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(digits).ok()?;
    right.then(|| format!("BFPO {digits}"))
}

/// What a code in the style of a postcode stands for when it is no place at all.
pub(crate) fn pseudo_code(text: &str) -> Option<&'static str> {
    let mut code = [0; CODE_MAX];
    match squeeze(text, &mut code)? {
        b"XX101DD" => Some("the post's own code for returns; no place of delivery"),
        b"XM45HQ" => Some("the post's code for letters to Father Christmas; no place of delivery"),
        [b'Z', b'Z', b'9', b'9', _, _, _] => {
            Some("a code that statistics use for an unknown address; no place of delivery")
        }
        _ => None,
    }
}

/// What reading a postcode changed beside case and white space: invisible characters left out, and other characters turned into
/// plain letters and digits (a long s, full-width forms).
pub(crate) fn changes(text: &str) -> (bool, bool) {
    if text.is_ascii() {
        return (false, false);
    }
    let odd = |c: char| !c.is_ascii() && !c.is_whitespace();
    (
        text.chars().any(crate::text::is_invisible),
        text.chars()
            .any(|c| odd(c) && !crate::text::is_invisible(c)),
    )
}

/// The best that can be said about a text that is no postcode.
#[cold]
fn explain(text: &str, fault: PostcodeFault) -> PostcodeFault {
    let mut code = [0; CODE_MAX];
    if let Some(country) = squeeze(text, &mut code).and_then(overseas) {
        PostcodeFault::OtherCountry(country)
    } else if fault == PostcodeFault::Shape && any_repair(text, |_| true) {
        PostcodeFault::LookAlike
    } else {
        fault
    }
}

fn overseas(code: &[u8]) -> Option<&'static str> {
    let code: String = code
        .iter()
        .filter(|byte| **byte != b'-')
        .map(|byte| char::from(*byte))
        .collect();
    let plain = code.as_str();
    let fixed = OVERSEAS
        .iter()
        .find(|(one, _)| *one == plain)
        .map(|(_, country)| *country);
    let numbered = || {
        OVERSEAS_NUMBERED
            .iter()
            .find_map(|(start, count, country)| {
                let digits = plain.strip_prefix(start)?;
                (digits.len() == *count && digits.bytes().all(|b| b.is_ascii_digit()))
                    .then_some(*country)
            })
    };
    let bermuda = || {
        let rest = BERMUDA.iter().find_map(|start| plain.strip_prefix(start))?;
        let alike = rest.bytes().all(|b| b.is_ascii_digit())
            || rest.bytes().all(|b| b.is_ascii_uppercase());
        (rest.len() == 2 && alike).then_some("BM")
    };
    fixed.or_else(numbered).or_else(bermuda)
}

/// Outward parts: `a` for a letter, `9` for a digit. The last is the Girobank's.
const OUTWARD_FORMS: [&[u8]; 7] = [b"a9", b"a99", b"a9a", b"aa9", b"aa99", b"aa9a", b"aaa"];

/// Whether one of the postcodes that exchanging look-alikes and leaving out punctuation gives is wanted. Nothing is repaired by
/// it.
fn any_repair(text: &str, mut wanted: impl FnMut(UkPostcode) -> bool) -> bool {
    if text.len() > TEXT_MAX {
        return false;
    }
    let (mut plain, mut length) = ([0u8; LETTERS_MAX], 0usize);
    for c in text.nfkc().filter(|c| c.is_alphanumeric()) {
        let ascii = u8::try_from(c).ok().filter(u8::is_ascii);
        match (plain.get_mut(length), ascii) {
            (Some(place), Some(byte)) => *place = byte.to_ascii_uppercase(),
            _ => return false,
        }
        length += 1;
    }
    let forms = OUTWARD_FORMS.iter().filter(|form| form.len() + 3 == length);
    forms.into_iter().any(|form| {
        let mut choices = [[0u8; 2]; LETTERS_MAX];
        let classes = form.iter().chain(b"9aa").zip(plain);
        for (choice, (class, byte)) in choices.iter_mut().zip(classes) {
            match alike(*class, byte) {
                Some(two) => *choice = two,
                None => return false,
            }
        }
        // Bit `n` of the number says which of the two stands at place `n`.
        (0u8..1 << LETTERS_MAX).any(|number| {
            let mut tried = [0u8; LETTERS_MAX];
            let mut double = false;
            for (at, (place, [one, other])) in tried.iter_mut().zip(choices).enumerate() {
                let second = number >> at & 1 == 1;
                double |= second && one == other;
                *place = if second { other } else { one };
            }
            !double && read(tried.get(..length).unwrap_or_default()).is_ok_and(&mut wanted)
        })
    })
}

/// What a letter or digit may stand for where the form has a letter or a digit: one or two of them.
const fn alike(class: u8, byte: u8) -> Option<[u8; 2]> {
    match (class, byte) {
        (b'9', b'0'..=b'9') => Some([byte; 2]),
        (b'9', b'O') => Some([b'0'; 2]),
        (b'9', b'I' | b'L') => Some([b'1'; 2]),
        (b'a', b'O' | b'0') => Some([b'O'; 2]),
        (b'a', b'I' | b'L' | b'1') => Some([b'I', b'L']),
        (b'a', b'A'..=b'Z') => Some([byte; 2]),
        _ => None,
    }
}

const fn figure(byte: u8) -> u8 {
    byte.wrapping_sub(b'0')
}

#[cfg(test)]
mod tests;
