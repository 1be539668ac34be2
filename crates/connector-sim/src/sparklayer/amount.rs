//! Money with its tax, in the shapes of the two APIs.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value, json};

/// A net amount and its tax. Sums stop at the largest decimal instead of failing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) net: Decimal,
    pub(crate) tax: Decimal,
}

impl Amount {
    /// So many units of a net price, taxed and rounded by line.
    pub(crate) fn of(price: Decimal, quantity: u64, tax_rate: Decimal) -> Self {
        let net = price.saturating_mul(Decimal::from(quantity));
        let tax = net.saturating_mul(tax_rate) / Decimal::ONE_HUNDRED;
        Self {
            net: pence(net),
            tax: pence(tax),
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            net: self.net.saturating_add(other.net),
            tax: self.tax.saturating_add(other.tax),
        }
    }

    pub(crate) fn gross(self) -> Decimal {
        self.net.saturating_add(self.tax)
    }

    /// As carts have it: `net`, `gross` and `tax` with `amount` and `currency_code`.
    pub(crate) fn ordering(self, currency: &str) -> Value {
        let money = |amount: Decimal| json!({ "amount": text(amount), "currency_code": currency });
        json!({ "net": money(self.net), "gross": money(self.gross()), "tax": money(self.tax) })
    }

    /// As purchases have it: `total_net` and `total_gross` with `number` and `currency`.
    pub(crate) fn purchasing(self, currency: &str) -> Value {
        let money = |amount: Decimal| json!({ "number": text(amount), "currency": currency });
        json!({
            "total_net": money(self.net),
            "total_gross": money(self.gross()),
            "discount_net": money(Decimal::ZERO),
        })
    }
}

fn pence(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn text(amount: Decimal) -> String {
    format!("{amount:.2}")
}

/// Reads a decimal that is written as a number or as text.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(&text).ok())
}

/// A decimal as a bare JSON number.
pub(crate) fn number(amount: Decimal) -> Value {
    amount
        .normalize()
        .to_string()
        .parse::<Number>()
        .map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_rounded_by_line() {
        let amount = Amount::of("0.35".parse().unwrap(), 3, "20".parse().unwrap());
        assert_eq!(amount.net, "1.05".parse().unwrap());
        assert_eq!(amount.tax, "0.21".parse().unwrap());
        assert_eq!(
            amount.ordering("GBP")["gross"],
            json!({ "amount": "1.26", "currency_code": "GBP" })
        );
        assert_eq!(
            amount.purchasing("GBP")["total_net"],
            json!({ "number": "1.05", "currency": "GBP" })
        );
    }

    #[test]
    fn enormous_amounts_are_no_panic() {
        let most = Amount::of(Decimal::MAX, u64::MAX, Decimal::MAX);
        assert_eq!(most.plus(most).net, Decimal::MAX);
    }

    #[test]
    fn decimals_are_read_from_both_forms() {
        assert_eq!(decimal(&json!(10.4)), "10.4".parse().ok());
        assert_eq!(decimal(&json!("10.40")), "10.40".parse().ok());
        assert_eq!(decimal(&json!(1e-7)), "0.0000001".parse().ok());
        assert_eq!(decimal(&json!(true)), None);
        assert_eq!(number("10.40".parse().unwrap()).to_string(), "10.4");
        assert_eq!(number("3".parse().unwrap()).to_string(), "3");
    }
}
