//! UK postcodes: the grammar and the 126 areas.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// Areas: 121 geographic, three of the Crown dependencies, BF (forces) and BX (not geographic).
const AREAS: &[&str] = &[
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX", "CA", "CB",
    "CF", "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT",
    "DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP",
    "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD",
    "LE", "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW",
    "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK",
    "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR",
    "TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

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

/// A UK postcode in its normal form. `Debug` shows the area only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UkPostcode {
    area: String,
    outward: String,
    inward: String,
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
        let code = normal(text).ok_or(PostcodeFault::Shape)?;
        match read(&code) {
            Err(PostcodeFault::Shape) => Err(overseas(&code).unwrap_or_else(|| {
                if would_be_with_repairs(&code) {
                    PostcodeFault::LookAlike
                } else {
                    PostcodeFault::Shape
                }
            })),
            Err(PostcodeFault::Area) => Err(overseas(&code).unwrap_or(PostcodeFault::Area)),
            other => other,
        }
    }

    /// The letters in front, for example `SW`.
    #[must_use]
    pub fn area(&self) -> &str {
        &self.area
    }

    /// The part before the space, for example `SW1A`.
    #[must_use]
    pub fn outward(&self) -> &str {
        &self.outward
    }

    /// The part behind the space, for example `1AA`.
    #[must_use]
    pub fn inward(&self) -> &str {
        &self.inward
    }

    /// The postcode as it is written. It locates a household, so it is personal.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.outward, self.inward)
    }

    /// The country that the area belongs to: `GB`, or `JE`, `GG` or `IM`.
    #[must_use]
    pub fn country(&self) -> &'static str {
        match self.area.as_str() {
            "JE" => "JE",
            "GY" => "GG",
            "IM" => "IM",
            _ => "GB",
        }
    }
}

impl fmt::Debug for UkPostcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UkPostcode({}***)", self.area)
    }
}

/// The text without white space and invisible characters, in ASCII capitals; none when it is empty or far too long.
fn normal(text: &str) -> Option<String> {
    if text.len() > 256 {
        return None;
    }
    let code: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !crate::text::is_invisible(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (!code.is_empty() && code.len() <= 12).then_some(code)
}

fn read(code: &str) -> Result<UkPostcode, PostcodeFault> {
    if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(PostcodeFault::Shape);
    }
    let (outward, inward) = code
        .len()
        .checked_sub(3)
        .and_then(|middle| code.split_at_checked(middle))
        .ok_or(PostcodeFault::Shape)?;
    if code == "GIR0AA" {
        return Ok(postcode("GIR", outward, inward));
    }
    let inward_is_right = matches!(inward.as_bytes(), [digit, a, b]
        if digit.is_ascii_digit() && is_inward_letter(*a) && is_inward_letter(*b));
    if !inward_is_right {
        return Err(PostcodeFault::Shape);
    }
    let area = area_of(outward).ok_or(PostcodeFault::Shape)?;
    if AREAS.contains(&area) {
        Ok(postcode(area, outward, inward))
    } else {
        Err(PostcodeFault::Area)
    }
}

fn postcode(area: &str, outward: &str, inward: &str) -> UkPostcode {
    UkPostcode {
        area: area.to_owned(),
        outward: outward.to_owned(),
        inward: inward.to_owned(),
    }
}

const fn is_inward_letter(b: u8) -> bool {
    b.is_ascii_uppercase() && !matches!(b, b'C' | b'I' | b'K' | b'M' | b'O' | b'V')
}

/// The letters of an outward part of one of the six forms.
fn area_of(outward: &str) -> Option<&str> {
    let first = |b: u8| b.is_ascii_uppercase() && !matches!(b, b'Q' | b'V' | b'X');
    let second = |b: u8| b.is_ascii_uppercase() && !matches!(b, b'I' | b'J' | b'Z');
    let digit = |b: u8| b.is_ascii_digit();
    let third = |b: u8| b"ABCDEFGHJKPSTUW".contains(&b);
    let fourth = |b: u8| b"ABEHMNPRVWXY".contains(&b);
    let letters = match *outward.as_bytes() {
        [a, d] if first(a) && digit(d) => 1,
        [a, d, e] if first(a) && digit(d) && (digit(e) || third(e)) => 1,
        [a, b, d] if first(a) && second(b) && digit(d) => 2,
        [a, b, d, e] if first(a) && second(b) && digit(d) && (digit(e) || fourth(e)) => 2,
        _ => return None,
    };
    outward.get(..letters)
}

/// Whether a text is an area (`IV`) or a district (`KA27`).
pub(crate) fn is_area_or_district(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    AREAS.contains(&upper.as_str()) || area_of(&upper).is_some_and(|area| AREAS.contains(&area))
}

/// The number of a forces post office, written `BFPO 123`, in its normal form.
pub(crate) fn forces_number(text: &str) -> Option<String> {
    let code = normal(text)?;
    let digits = code.strip_prefix("BFPO")?;
    let right = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    right.then(|| format!("BFPO {digits}"))
}

fn overseas(code: &str) -> Option<PostcodeFault> {
    let plain: String = code.chars().filter(|c| *c != '-').collect();
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
    fixed.or_else(numbered).map(PostcodeFault::OtherCountry)
}

/// Whether exchanging look-alikes or leaving out punctuation gives a postcode. Says so to a person; nothing is repaired.
fn would_be_with_repairs(code: &str) -> bool {
    let plain: Vec<char> = code.chars().filter(|c| !c.is_ascii_punctuation()).collect();
    if plain.len() > 8 {
        return false;
    }
    (0u32..1 << plain.len()).any(|choice| {
        let tried: String = plain
            .iter()
            .enumerate()
            .map(|(index, c)| match c {
                _ if choice & (1 << index) == 0 => *c,
                'O' => '0',
                '0' => 'O',
                'I' | 'L' => '1',
                '1' => 'I',
                _ => *c,
            })
            .collect();
        read(&tried).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_six_forms_and_the_special_ones() {
        for text in [
            "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "GIR 0AA",
            "BX1 1LT", "BF1 3AA", "JE2 3AB",
        ] {
            assert_eq!(UkPostcode::parse(text).unwrap().text(), text);
        }
        assert_eq!(
            UkPostcode::parse("\u{17F}w1a\u{a0}1aa ").unwrap().text(),
            "SW1A 1AA"
        );
        assert_eq!(UkPostcode::parse("GY1 1AA").unwrap().country(), "GG");
        assert_eq!(AREAS.len(), 126);
        assert!(AREAS.is_sorted());
    }

    #[test]
    fn what_is_none() {
        for (text, fault) in [
            ("", PostcodeFault::Shape),
            ("12345", PostcodeFault::Shape),
            ("SW1A 1AC", PostcodeFault::Shape),
            ("QA1 1AA", PostcodeFault::Shape),
            ("SWIA 1AA", PostcodeFault::LookAlike),
            ("M1 OAE", PostcodeFault::LookAlike),
            ("SW1A-1AA", PostcodeFault::LookAlike),
            ("XX10 1DD", PostcodeFault::Shape),
            ("ZZ99 3VZ", PostcodeFault::Shape),
            ("AA1 1AA", PostcodeFault::Area),
            ("FIQQ 1ZZ", PostcodeFault::OtherCountry("FK")),
            ("GX11 1AA", PostcodeFault::OtherCountry("GI")),
            ("KY1-1001", PostcodeFault::OtherCountry("KY")),
            ("AI-2640", PostcodeFault::OtherCountry("AI")),
        ] {
            assert_eq!(UkPostcode::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn forces_numbers_and_limits_of_tables() {
        assert_eq!(forces_number("bfpo 57"), Some("BFPO 57".into()));
        assert_eq!(forces_number("BFPO"), None);
        assert!(
            is_area_or_district("ka27") && is_area_or_district("IV") && !is_area_or_district("QQ")
        );
    }

    #[test]
    fn debug_shows_the_area_only() {
        let text = format!("{:?}", UkPostcode::parse("SW1A 1AA").unwrap());
        assert_eq!(text, "UkPostcode(SW***)");
    }

    proptest! {
        #[test]
        fn reading_is_idempotent_and_blind_to_case_and_space(
            area in prop::sample::select(AREAS), district in "[0-9]{1,2}", inward in "[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}", gap in "[ \t\u{a0}]{0,3}",
        ) {
            let text = format!("{area}{district}{gap}{inward}");
            let postcode = UkPostcode::parse(&text).unwrap();
            prop_assert_eq!(postcode.text(), format!("{area}{district} {inward}"));
            prop_assert_eq!(&UkPostcode::parse(&postcode.text()).unwrap(), &postcode);
            prop_assert_eq!(&UkPostcode::parse(&text.to_lowercase()).unwrap(), &postcode);
        }

        #[test]
        fn reading_is_total(text in any::<String>()) {
            if let Ok(postcode) = UkPostcode::parse(&text) {
                prop_assert_eq!(UkPostcode::parse(&postcode.text()), Ok(postcode));
            }
        }
    }
}
