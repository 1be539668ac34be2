//! Currencies: the codes of ISO 4217 and how many decimal places their amounts have.

use std::fmt;

use iso_currency::Currency;

/// Whether a text is a currency code of ISO 4217, in capitals.
pub(crate) fn is_known(code: &str) -> bool {
    Currency::from_code(code).is_some()
}

/// Decimal places of a currency's minor unit: 2 for `GBP`, 0 for `JPY`, 3 for `KWD`. None for an unknown code, and for those that
/// have no minor unit, such as gold (`XAU`).
pub(crate) fn exponent(code: &str) -> Option<u32> {
    Currency::from_code(code)?.exponent().map(u32::from)
}

/// A currency code of ISO 4217, such as `GBP`.
///
/// ```
/// use order_mapping::CurrencyCode;
/// let yen = CurrencyCode::parse("JPY").ok_or("not a currency")?;
/// assert_eq!((yen.as_str(), yen.exponent()), ("JPY", Some(0)));
/// assert_eq!(CurrencyCode::parse("UKP"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CurrencyCode([u8; 3]);

impl CurrencyCode {
    /// The currency with this code, whichever its case; none when ISO 4217 has no such code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        let code = Self(letters.map(|letter| letter.to_ascii_uppercase()));
        is_known(code.as_str()).then_some(code)
    }

    /// The code in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII gets past the table of codes.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimal places of the currency's minor unit; none for those without one, such as gold (`XAU`).
    #[must_use]
    pub fn exponent(&self) -> Option<u32> {
        exponent(self.as_str())
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_decimal_places() {
        for (code, places) in [
            ("GBP", 2),
            ("EUR", 2),
            ("USD", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("CLF", 4),
        ] {
            assert!(is_known(code));
            assert_eq!(exponent(code), Some(places), "{code}");
        }
        assert_eq!((is_known("XAU"), exponent("XAU")), (true, None));
        for text in ["", "UKP", "GB", "GBPS", "£", "gbp", "ÉUR"] {
            assert!(!is_known(text), "{text}");
            assert_eq!(exponent(text), None);
        }
    }

    #[test]
    fn a_code_is_read_without_regard_to_case_only() {
        assert_eq!(
            CurrencyCode::parse("gBp").map(|code| code.to_string()),
            Some("GBP".into())
        );
        for text in [" GBP", "GBP ", "€", "₤", "GB£", "ukp"] {
            assert_eq!(CurrencyCode::parse(text), None, "{text}");
        }
    }
}
