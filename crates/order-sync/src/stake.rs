//! What is at stake: the value, the promise and the customer behind an exception, so that the worst comes first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use order_mapping::{Money, SalesOrder};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What hangs on an exception. No personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Stake {
    /// Value of the orders concerned, by currency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub value: BTreeMap<String, Decimal>,
    /// The earliest date that a buyer wishes delivery on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised: Option<NaiveDate>,
    /// The customers' groups or price lists, as the shop names them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
}

impl Stake {
    /// What hangs on one order.
    #[must_use]
    pub fn of(order: &SalesOrder) -> Self {
        let mut stake = Self {
            promised: order.requested_date,
            groups: order.customer_group.iter().cloned().collect(),
            ..Self::default()
        };
        stake.worth(order.total.as_ref());
        stake
    }

    fn worth(&mut self, money: Option<&Money>) {
        if let Some(money) = money {
            let sum = self.value.entry(money.currency().to_owned()).or_default();
            *sum = sum.saturating_add(money.amount());
        }
    }

    /// Adds what hangs on another order.
    pub fn add(&mut self, other: &Self) {
        for (currency, amount) in &other.value {
            let sum = self.value.entry(currency.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
        self.promised = match (self.promised, other.promised) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.groups.extend(other.groups.iter().cloned());
    }

    /// The value as a plain number: amounts of several currencies are added as they stand, which is good enough to rank by and
    /// for nothing else.
    #[must_use]
    pub fn weight(&self) -> Decimal {
        self.value
            .values()
            .fold(Decimal::ZERO, |sum, amount| sum.saturating_add(*amount))
    }

    /// The place of the most important of its groups in a list of groups that begins with the most important one; the length of
    /// the list where none of them is on it.
    #[must_use]
    pub fn group_rank(&self, priority_groups: &[String]) -> usize {
        priority_groups
            .iter()
            .position(|group| {
                self.groups
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(group))
            })
            .unwrap_or(priority_groups.len())
    }
}

impl std::fmt::Display for Stake {
    /// `1200.00 GBP, wished for 2026-03-02, trade`; nothing where nothing is known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut comma = "";
        for (currency, amount) in &self.value {
            write!(f, "{comma}{amount} {currency}")?;
            comma = ", ";
        }
        if let Some(date) = self.promised {
            write!(f, "{comma}wished for {date}")?;
            comma = ", ";
        }
        for group in &self.groups {
            write!(f, "{comma}{group}")?;
            comma = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(total: i64, currency: &str, wished: Option<NaiveDate>, group: &str) -> SalesOrder {
        let mut order = SalesOrder::new("1");
        order.total = Some(Money::new(Decimal::new(total, 2), currency));
        order.requested_date = wished;
        order.customer_group = Some(group.to_owned());
        order
    }

    #[test]
    fn orders_add_up_by_currency_and_the_earliest_promise_counts() {
        let soon = NaiveDate::from_ymd_opt(2026, 3, 2);
        let later = NaiveDate::from_ymd_opt(2026, 3, 9);
        let mut stake = Stake::of(&order(12_000, "gbp", later, "trade"));
        stake.add(&Stake::of(&order(500, "GBP", soon, "key account")));
        stake.add(&Stake::of(&order(100, "EUR", None, "trade")));
        assert_eq!(
            stake.to_string(),
            "1.00 EUR, 125.00 GBP, wished for 2026-03-02, key account, trade"
        );
        assert_eq!(stake.weight(), Decimal::new(12_600, 2));
        let ranked = ["Key Account".to_owned(), "trade".to_owned()];
        assert_eq!(stake.group_rank(&ranked), 0);
        assert_eq!(Stake::default().group_rank(&ranked), 2);
        assert_eq!(Stake::default().to_string(), "");
    }
}
