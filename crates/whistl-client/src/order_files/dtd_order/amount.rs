//! Amounts with their VAT, and how they are spelt.

use std::fmt::Write as _;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Most digits that a number of the file keeps: it is read as a floating-point number.
const DIGITS_MAX: u32 = 15;

/// A VAT rate in per cent. Default 20, which the importer takes for every order (seen in use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct VatRate(Decimal);

impl Default for VatRate {
    fn default() -> Self {
        Self(Decimal::from(20))
    }
}

/// A VAT rate below zero or above 100 per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a VAT rate is from 0 to 100 per cent")]
#[non_exhaustive]
pub struct InvalidVatRate;

impl VatRate {
    /// A rate in per cent, such as 20 or 5.
    ///
    /// # Errors
    ///
    /// [`InvalidVatRate`] below 0 or above 100.
    pub fn from_percent(percent: impl Into<Decimal>) -> Result<Self, InvalidVatRate> {
        let percent = percent.into();
        if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
            return Err(InvalidVatRate);
        }
        Ok(Self(percent))
    }

    /// The rate in per cent.
    #[must_use]
    pub const fn percent(self) -> Decimal {
        self.0
    }

    /// The net part of a gross amount, to the penny; a half penny goes up. What is left of the gross amount is tax.
    ///
    /// The importer's own sums are in floating point, so at an exact half penny it may come to a net amount one penny lower.
    #[must_use]
    pub fn net(self, gross: Decimal) -> Decimal {
        let share = (Decimal::ONE_HUNDRED + self.0).normalize();
        gross
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|hundredfold| hundredfold.checked_div(share))
            .map_or(gross, to_the_penny)
    }
}

impl TryFrom<Decimal> for VatRate {
    type Error = InvalidVatRate;

    fn try_from(percent: Decimal) -> Result<Self, InvalidVatRate> {
        Self::from_percent(percent)
    }
}

impl From<VatRate> for Decimal {
    fn from(rate: VatRate) -> Self {
        rate.0
    }
}

/// A gross amount with its net and tax parts, if they are known.
///
/// ```
/// use rust_decimal::Decimal;
/// use whistl_client::order_files::{Amount, VatRate};
///
/// let derived = Amount::of_gross(32).resolve(VatRate::default());
/// assert_eq!((derived.net, derived.tax), (Some(Decimal::new(2667, 2)), Some(Decimal::new(533, 2))));
/// let explicit = Amount::explicit(32, 32, 0);
/// assert_eq!(explicit.resolve(VatRate::default()), explicit);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amount {
    /// With VAT.
    pub gross: Decimal,
    /// Without VAT. `None`: derived from the gross amount when written.
    pub net: Option<Decimal>,
    /// The VAT. `None`: the difference.
    pub tax: Option<Decimal>,
}

impl Amount {
    /// A gross amount whose parts are derived when it is written.
    pub fn of_gross(gross: impl Into<Decimal>) -> Self {
        Self {
            gross: gross.into(),
            net: None,
            tax: None,
        }
    }

    /// A gross amount with its parts. The writer refuses parts that do not add up.
    pub fn explicit(
        gross: impl Into<Decimal>,
        net: impl Into<Decimal>,
        tax: impl Into<Decimal>,
    ) -> Self {
        Self {
            gross: gross.into(),
            net: Some(net.into()),
            tax: Some(tax.into()),
        }
    }

    /// The amount with both parts: those that are known stay, the others are derived.
    #[must_use]
    pub fn resolve(self, rate: VatRate) -> Self {
        let net = match (self.net, self.tax) {
            (Some(net), _) => net,
            (None, Some(tax)) => self.gross.saturating_sub(tax),
            (None, None) => rate.net(self.gross),
        };
        let tax = self.tax.unwrap_or_else(|| self.gross.saturating_sub(net));
        Self {
            gross: self.gross,
            net: Some(net),
            tax: Some(tax),
        }
    }

    /// Whether the parts, as far as both are known, make up the whole.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        match (self.net, self.tax) {
            (Some(net), Some(tax)) => net.checked_add(tax) == Some(self.gross),
            _ => true,
        }
    }
}

impl From<Decimal> for Amount {
    fn from(gross: Decimal) -> Self {
        Self::of_gross(gross)
    }
}

/// To two places; a half penny goes away from zero.
pub(super) fn to_the_penny(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Whether a number, normalised, can be spelt so that floating point gives the very same number back.
pub(super) fn is_exact(number: Decimal) -> bool {
    let digits = number.mantissa().unsigned_abs();
    digits < 10_u128.pow(DIGITS_MAX)
        // Below this the importer's own spelling has an exponent.
        && (number.scale() <= 4 || number.abs() >= Decimal::new(1, 4))
}

/// Spells a number, normalised, as the importer does: the shortest decimal fraction, with at least one place (`2.0`, `26.67`).
pub(super) fn push_number(out: &mut String, number: Decimal) {
    // Writing to a string cannot fail.
    let _ = match (u64::try_from(number.mantissa()), number.scale()) {
        (Ok(whole), 0) => write!(out, "{whole}.0"),
        // What amounts are; the library's own way is the slower one.
        (Ok(pence), 1) => write!(out, "{}.{}", pence / 10, pence % 10),
        (Ok(pence), 2) => write!(out, "{}.{:02}", pence / 100, pence % 100),
        (_, 0) => write!(out, "{number}.0"),
        _ => write!(out, "{number}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(number: Decimal) -> String {
        let mut out = String::new();
        push_number(&mut out, number.normalize());
        out
    }

    fn parts(gross: &str) -> (String, String, String) {
        let amount =
            Amount::of_gross(gross.parse::<Decimal>().unwrap()).resolve(VatRate::default());
        (
            spelt(amount.gross),
            spelt(amount.net.unwrap()),
            spelt(amount.tax.unwrap()),
        )
    }

    #[test]
    fn the_amounts_that_were_seen() {
        for (gross, net, tax) in [
            ("32.0", "26.67", "5.33"),
            ("2.0", "1.67", "0.33"),
            ("30.0", "25.0", "5.0"),
            ("74.01", "61.68", "12.33"),
            ("30.01", "25.01", "5.0"),
            ("17.0", "14.17", "2.83"),
            ("15.0", "12.5", "2.5"),
            ("0.0", "0.0", "0.0"),
        ] {
            assert_eq!(parts(gross), (gross.into(), net.into(), tax.into()));
        }
    }

    #[test]
    fn numbers_are_spelt_as_floating_point_spells_them() {
        for (number, wanted) in [
            ("2", "2.0"),
            ("2.50", "2.5"),
            ("15.005", "15.005"),
            ("100", "100.0"),
            ("-0", "0.0"),
        ] {
            assert_eq!(spelt(number.parse().unwrap()), wanted);
        }
        for exact in ["0", "0.0001", "999999999999999", "9999999999999.99"] {
            let number: Decimal = exact.parse().unwrap();
            assert!(is_exact(number.normalize()), "{exact}");
            assert_eq!(
                format!("{:?}", exact.parse::<f64>().unwrap()),
                spelt(number)
            );
        }
        for inexact in ["0.00001", "1234567890123456", "99999999999999.99"] {
            assert!(!is_exact(inexact.parse().unwrap()), "{inexact}");
        }
    }

    #[test]
    fn a_rate_is_data() {
        let rate: VatRate = serde_json::from_str("\"5\"").unwrap();
        assert_eq!(rate.net(Decimal::from(21)), Decimal::from(20));
        assert_eq!(
            VatRate::from_percent(0).unwrap().net(Decimal::TEN),
            Decimal::TEN
        );
        assert_eq!(VatRate::from_percent(101), Err(InvalidVatRate));
        assert!(serde_json::from_str::<VatRate>("\"-1\"").is_err());
        let huge = Amount::of_gross(Decimal::MAX).resolve(VatRate::default());
        assert!(huge.adds_up());
    }

    #[test]
    fn one_part_gives_the_other() {
        let mut amount = Amount::of_gross(12);
        amount.tax = Some(Decimal::TWO);
        assert_eq!(
            amount.resolve(VatRate::default()),
            Amount::explicit(12, 10, 2)
        );
        amount = Amount::of_gross(12);
        amount.net = Some(Decimal::from(11));
        assert_eq!(
            amount.resolve(VatRate::default()),
            Amount::explicit(12, 11, 1)
        );
        assert!(!Amount::explicit(12, 10, 1).adds_up());
    }
}
