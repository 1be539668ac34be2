//! Money: an exact decimal amount and the currency it is in.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, StrExt as _};

/// An amount in major units of an ISO 4217 currency, for example 15.99 GBP.
///
/// Read from decimal text, never through a float. The currency code is kept upper-cased, since SparkLayer writes both `GBP`
/// and `gbp`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    #[serde(with = "rust_decimal::serde::str")]
    amount: Decimal,
    currency: SmolStr,
}

impl Money {
    /// An amount of a currency; the code is upper-cased.
    #[must_use]
    pub fn new(amount: Decimal, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_ascii_uppercase_smolstr(),
        }
    }

    /// The amount in major units.
    #[must_use]
    pub const fn amount(&self) -> Decimal {
        self.amount
    }

    /// The ISO 4217 code, upper case.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
