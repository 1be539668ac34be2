//! Records that are no work for the warehouse, each ignored by a rule with a name.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, NonStockRules, OrderKind, SalesOrder, Subject};

/// Which records are ignored. Every rule has a name that stands on the record it ignored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct IgnoreRules {
    /// Rule `credit_note`: the visible number is this prefix and then digits only (`C536379`; a leading `#` does not count).
    /// Off by default.
    pub credit_note: Option<String>,
    /// Rule `stock_adjustment`: the order has lines, and every one has a quantity of zero or less.
    pub stock_adjustment: bool,
    /// Rule `only_non_stock_lines`: the order has lines, and the warehouse picks none of them.
    pub only_non_stock_lines: bool,
    /// Rule `not_an_order`: carts and quotes. If it is off they are held, never sent.
    pub not_an_order: bool,
}

impl Default for IgnoreRules {
    fn default() -> Self {
        Self {
            credit_note: None,
            stock_adjustment: true,
            only_non_stock_lines: true,
            not_an_order: true,
        }
    }
}

impl IgnoreRules {
    /// The name of the rule that ignores the order.
    pub(crate) fn judge(
        &self,
        order: &SalesOrder,
        non_stock: &NonStockRules,
    ) -> Option<&'static str> {
        if self.not_an_order && matches!(order.kind, OrderKind::Quote | OrderKind::Cart) {
            return Some("not_an_order");
        }
        let prefix = self
            .credit_note
            .as_deref()
            .map(str::trim)
            .filter(|prefix| !prefix.is_empty());
        if let (Some(prefix), Some(number)) = (prefix, &order.number) {
            let number = number.as_str().trim().trim_start_matches('#');
            let digits = number.strip_prefix(prefix).unwrap_or_default();
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                return Some("credit_note");
            }
        }
        if order.lines.is_empty() {
            return None;
        }
        if self.stock_adjustment
            && order
                .lines
                .iter()
                .all(|line| line.quantity <= Decimal::ZERO)
        {
            return Some("stock_adjustment");
        }
        let picked = |line: &crate::OrderLine| {
            line.sku
                .as_ref()
                .is_none_or(|sku| non_stock.class_of(sku).is_none())
        };
        (self.only_non_stock_lines && !order.lines.iter().any(picked))
            .then_some("only_non_stock_lines")
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        if self
            .credit_note
            .as_deref()
            .is_some_and(|prefix| prefix.trim().is_empty())
        {
            let message = "an empty prefix would make a credit note of every order; it is not used";
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, "/ignore/credit_note", message)
                    .about(Subject::Config),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrderLine;

    fn order(number: &str, lines: &[(&str, i64)]) -> SalesOrder {
        let mut order = SalesOrder::new("1");
        order.number = Some(number.into());
        order.lines = lines
            .iter()
            .enumerate()
            .map(|(index, (sku, quantity))| OrderLine::new(index.to_string(), *sku, *quantity))
            .collect();
        order
    }

    #[test]
    fn each_rule_and_its_limits() {
        let non_stock = crate::NonStockPolicy {
            skus: vec!["POST".into()],
            ..crate::NonStockPolicy::default()
        }
        .compile();
        let rules = IgnoreRules {
            credit_note: Some("C".into()),
            ..IgnoreRules::default()
        };
        let judge = |order: &SalesOrder| rules.judge(order, &non_stock);
        assert_eq!(judge(&order("#C536379", &[("A", -1)])), Some("credit_note"));
        assert_eq!(
            judge(&order("CUST-1", &[("A", 1)])),
            None,
            "the prefix alone is not enough"
        );
        assert_eq!(
            judge(&order("1", &[("A", -1), ("B", 0)])),
            Some("stock_adjustment")
        );
        assert_eq!(judge(&order("1", &[("A", -1), ("B", 1)])), None);
        assert_eq!(
            judge(&order("1", &[("POST", 1)])),
            Some("only_non_stock_lines")
        );
        assert_eq!(
            judge(&order("1", &[])),
            None,
            "an empty order is a fault, not an adjustment"
        );
        let mut quote = order("1", &[("A", 1)]);
        quote.kind = OrderKind::Quote;
        assert_eq!(judge(&quote), Some("not_an_order"));
        assert_eq!(
            IgnoreRules::default().judge(&order("C536379", &[("A", 1)]), &non_stock),
            None,
            "off by default"
        );
    }
}
