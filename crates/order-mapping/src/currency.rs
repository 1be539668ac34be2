//! Currencies: the codes of ISO 4217 and how many decimal places their amounts have.

use std::fmt;

use iso_currency::Currency;
use serde::{Deserialize, Serialize};

use crate::text::trimmed;
use crate::{Code, Diagnostic, Money, SalesOrder};

/// Whether a text is a currency code of ISO 4217, in capitals.
pub(crate) fn is_known(code: &str) -> bool {
    Currency::from_code(code).is_some()
}

/// Decimal places of a currency's minor unit: 2 for `GBP`, 0 for `JPY`, 3 for `KWD`. None for an unknown code, and for those that
/// have no minor unit, such as gold (`XAU`).
pub(crate) fn exponent(code: &str) -> Option<u32> {
    Currency::from_code(code)?.exponent().map(u32::from)
}

/// The currency of an order, which all its prices have to be in. What is wrong goes to `found`; the inner none is an order that
/// names no currency.
pub(crate) fn judge(
    order: &SalesOrder,
    found: &mut Vec<Diagnostic>,
) -> Option<Option<CurrencyCode>> {
    let given = order.currency.as_deref().map(trimmed);
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        return Some(None);
    };
    let Some(currency) = CurrencyCode::parse(text) else {
        let message = "no currency of ISO 4217";
        found.push(Diagnostic::new(Code::CurrencyUnknown, "/currency", message).with_seen(text));
        return None;
    };
    let before = found.len();
    if let Some(total) = &order.total
        && !currency.is(total.currency())
    {
        found.push(mismatch("/total/currency".to_owned(), total));
    }
    for (index, line) in order.lines.iter().enumerate() {
        if let Some(price) = &line.unit_price
            && !currency.is(price.currency())
        {
            let path = format!("/lines/{index}/unit_price/currency");
            found.push(mismatch(path, price));
        }
    }
    (found.len() == before).then_some(Some(currency))
}

fn mismatch(path: String, money: &Money) -> Diagnostic {
    let message = "another currency than the order's";
    Diagnostic::new(Code::CurrencyMismatch, path, message)
        .with_seen(money.currency())
        .with_related(["/currency"])
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CurrencyCode([u8; 3]);

impl From<CurrencyCode> for String {
    fn from(code: CurrencyCode) -> Self {
        code.as_str().to_owned()
    }
}

impl TryFrom<String> for CurrencyCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a currency code of ISO 4217")
    }
}

impl CurrencyCode {
    /// The currency with this code, whichever its case; none when ISO 4217 has no such code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        let code = Self(letters.map(|letter| letter.to_ascii_uppercase()));
        // Nearly every order is in one of these, and so need not be looked up.
        let usual = matches!(&code.0, b"GBP" | b"EUR" | b"USD");
        (usual || is_known(code.as_str())).then_some(code)
    }

    /// Whether a text is this code, in capitals.
    fn is(self, text: &str) -> bool {
        // Three bytes against three, as every line of every order is compared.
        <[u8; 3]>::try_from(text.as_bytes()).is_ok_and(|letters| letters == self.0)
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
    use crate::OrderLine;

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
    fn an_order_has_one_currency() {
        let mut order = SalesOrder::new("1");
        let of = |order: &SalesOrder| {
            let mut found = Vec::new();
            let currency = judge(order, &mut found);
            let found: Vec<(Code, String)> = found
                .into_iter()
                .map(|one| (one.code, one.path.into()))
                .collect();
            (
                currency.map(|code| code.map(|code| code.to_string())),
                found,
            )
        };
        assert_eq!(of(&order), (Some(None), vec![]));
        order.currency = Some(" gbp".into());
        order.total = Some(Money::new(1.into(), "gbp"));
        let mut line = OrderLine::new("1", "A", 1);
        line.unit_price = Some(Money::new(1.into(), "EUR"));
        order.lines = vec![OrderLine::new("0", "A", 1), line];
        let path = "/lines/1/unit_price/currency".to_owned();
        assert_eq!(of(&order), (None, vec![(Code::CurrencyMismatch, path)]));
        order.lines.pop();
        assert_eq!(of(&order), (Some(Some("GBP".into())), vec![]));
        order.currency = Some("UKP".into());
        let unknown = (Code::CurrencyUnknown, "/currency".to_owned());
        assert_eq!(of(&order), (None, vec![unknown]));
        let code = CurrencyCode::parse("GBP").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"GBP\"");
        assert!(serde_json::from_str::<CurrencyCode>("\"UKP\"").is_err());
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
