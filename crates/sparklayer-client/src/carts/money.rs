//! Amounts in the shape of the ordering interface.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::members::{Members, Value, wire_object};
use crate::value::{decimal, text};

/// An amount and its currency, as `{ "amount": "15.99", "currency_code": "GBP" }`. Documented; that it counts major units
/// is assumed, as everywhere else.
///
/// Read from a number or a text, also from a bare one without a currency, as an example of the vendor has it; written as
/// a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CartMoney {
    /// Major units.
    pub amount: Decimal,
    /// ISO 4217 as it was read, in either case.
    pub currency_code: Option<String>,
}

impl CartMoney {
    /// An amount.
    #[must_use]
    pub fn new(amount: Decimal, currency_code: impl Into<String>) -> Self {
        Self {
            amount,
            currency_code: Some(currency_code.into()),
        }
    }
}

impl Value for CartMoney {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        let Some(members) = Members::parse(raw) else {
            let bare = decimal(raw)?;
            return Some(bare.map(|amount| Self {
                amount,
                currency_code: None,
            }));
        };
        let Some(amount) = members.get("amount") else {
            return Some(None);
        };
        let Some(amount) = decimal(amount)? else {
            return Some(None);
        };
        let currency_code = members.get("currency_code").and_then(text).flatten();
        Some(Some(Self {
            amount,
            currency_code,
        }))
    }

    fn write_value(&self) -> Result<Box<RawValue>, serde_json::Error> {
        serde_json::value::to_raw_value(&serde_json::json!({
            "amount": self.amount.to_string(),
            "currency_code": self.currency_code,
        }))
    }
}

wire_object! {
    /// An amount without tax, with tax, and the tax. Documented.
    pub struct MoneyGroup {
        /// Without tax.
        net: Option<CartMoney> = "net",
        /// With tax.
        gross: Option<CartMoney> = "gross",
        /// The tax.
        tax: Option<CartMoney> = "tax",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Option<CartMoney>> {
        CartMoney::read_value(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn amounts_come_as_objects_and_bare() {
        let pounds = CartMoney::new("15.99".parse().unwrap(), "GBP");
        assert_eq!(
            read(r#"{"amount":"15.99","currency_code":"GBP"}"#),
            Some(Some(pounds.clone()))
        );
        assert_eq!(
            read(r#"{"amount":15.99,"currency_code":"GBP","x":1}"#),
            Some(Some(pounds.clone()))
        );
        assert_eq!(
            read("\"15.99\"").flatten().map(|bare| bare.currency_code),
            Some(None)
        );
        for absent in ["\"\"", "{}", r#"{"amount":""}"#] {
            assert_eq!(read(absent), Some(None), "{absent}");
        }
        for wrong in ["true", "[]", r#"{"amount":"much"}"#, "\"much\""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(
            pounds.write_value().unwrap().get(),
            r#"{"amount":"15.99","currency_code":"GBP"}"#
        );
    }
}
