//! Amounts in the shape of the purchasing interface.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::members::{Members, Value};
use crate::value::{decimal, text};

/// An amount in major units and its currency, as `{ "number": "15.99", "currency": "GBP" }`. Documented.
///
/// Read from a number or a text; written as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Money {
    /// Major units.
    pub amount: Decimal,
    /// ISO 4217 as it was read, in either case.
    pub currency: String,
}

impl Money {
    /// An amount.
    #[must_use]
    pub fn new(amount: Decimal, currency: impl Into<String>) -> Self {
        Self {
            amount,
            currency: currency.into(),
        }
    }
}

impl Value for Money {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        let members = Members::parse(raw)?;
        let Some(number) = members.get("number") else {
            return Some(None);
        };
        let Some(amount) = decimal(number)? else {
            return Some(None);
        };
        let currency = members
            .get("currency")
            .and_then(text)
            .flatten()
            .unwrap_or_default();
        Some(Some(Self { amount, currency }))
    }

    fn write_value(&self) -> Result<Box<RawValue>, serde_json::Error> {
        serde_json::value::to_raw_value(&serde_json::json!({
            "number": self.amount.to_string(),
            "currency": self.currency,
        }))
    }
}
