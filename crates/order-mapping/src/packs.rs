//! Pack sizes: how many units of the warehouse one ordered unit stands for, as an exact ratio of whole numbers.

use std::num::NonZeroU32;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, SourceSku, Subject};

/// So many units of the shop are so many units of the warehouse, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRatio {
    shop_units: NonZeroU32,
    warehouse_units: NonZeroU32,
}

impl PackRatio {
    /// One to one.
    pub const ONE: Self = Self {
        shop_units: NonZeroU32::MIN,
        warehouse_units: NonZeroU32::MIN,
    };

    /// The ratio in lowest terms; none when either side is zero.
    ///
    /// ```
    /// use order_mapping::PackRatio;
    /// let case = PackRatio::new(1, 12).ok_or("a case is no case of nothing")?;
    /// assert_eq!(case.to_warehouse(3), Some(36));
    /// assert_eq!(case.to_shop(40), (3, 4)); // three cases, and four loose units
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn new(shop_units: u32, warehouse_units: u32) -> Option<Self> {
        let (mut a, mut b) = (shop_units, warehouse_units);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        if a == 0 {
            return None;
        }
        match (
            NonZeroU32::new(shop_units / a),
            NonZeroU32::new(warehouse_units / a),
        ) {
            (Some(shop_units), Some(warehouse_units)) => Some(Self {
                shop_units,
                warehouse_units,
            }),
            _ => None,
        }
    }

    /// Units of the shop on one side.
    #[must_use]
    pub const fn shop_units(self) -> u32 {
        self.shop_units.get()
    }

    /// Units of the warehouse on the other side.
    #[must_use]
    pub const fn warehouse_units(self) -> u32 {
        self.warehouse_units.get()
    }

    /// How many units of the warehouse these ordered units are; none when that is no whole number.
    #[must_use]
    pub fn to_warehouse(self, ordered: u64) -> Option<u64> {
        let shop = u64::from(self.shop_units.get());
        ordered
            .is_multiple_of(shop)
            .then(|| (ordered / shop).checked_mul(u64::from(self.warehouse_units.get())))
            .flatten()
    }

    /// How many units of the shop these units of the warehouse make up, and how many are left over.
    ///
    /// Exact: the whole units turned back and the rest are what was put in.
    #[must_use]
    pub fn to_shop(self, units: u64) -> (u64, u64) {
        let warehouse = u64::from(self.warehouse_units.get());
        let packs = units / warehouse;
        match packs.checked_mul(u64::from(self.shop_units.get())) {
            Some(whole) => (whole, units % warehouse),
            // Beyond any order: nothing is claimed rather than something wrong.
            None => (0, units),
        }
    }
}

/// The unit in which an article is ordered, and what it is at the warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackRule {
    /// The article in the shop.
    pub sku: SourceSku,
    /// Text of the ordered unit, for example `case`; case and white space around it do not count. Without it the rule is for
    /// every line of the article, unless other rules of the article name units: then it is for lines that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// So many ordered units. Default 1.
    #[serde(default = "one")]
    pub shop_units: u32,
    /// Are so many units of the warehouse.
    pub warehouse_units: u32,
}

const fn one() -> u32 {
    1
}

impl PackRule {
    /// One ordered unit is so many units of the warehouse.
    pub fn new(sku: impl Into<SourceSku>, warehouse_units: u32) -> Self {
        Self {
            sku: sku.into(),
            unit: None,
            shop_units: 1,
            warehouse_units,
        }
    }

    fn unit_key(&self) -> Option<String> {
        unit_key(self.unit.as_deref())
    }
}

fn unit_key(unit: Option<&str>) -> Option<String> {
    unit.map(|unit| unit.trim().to_lowercase())
        .filter(|unit| !unit.is_empty())
}

/// Pack sizes, the list `[[mapping.packs]]`. Empty by default: every article is ordered in the warehouse's own unit.
///
/// An article's stock is offered in the unit of its rule without a unit, else of its first rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackTable {
    /// The rules.
    pub rules: Vec<PackRule>,
}

impl PackTable {
    pub(crate) fn compile(&self) -> PackRules {
        let mut of: HashMap<SourceSku, Vec<UnitRule>> = HashMap::new();
        for rule in &self.rules {
            let known = of.entry(rule.sku.clone()).or_default();
            let unit = rule.unit_key();
            if known.iter().all(|(other, _)| *other != unit) {
                known.push((unit, PackRatio::new(rule.shop_units, rule.warehouse_units)));
            }
        }
        PackRules { of }
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (index, rule) in self.rules.iter().enumerate() {
            let mut fault = |member: &str, message: &'static str| {
                let path = format!("/packs/{index}/{member}");
                found.push(
                    Diagnostic::new(Code::ConfigLimitBad, path, message)
                        .about(Subject::Config)
                        .with_seen(rule.sku.as_str()),
                );
            };
            if rule.sku.as_str().trim().is_empty() {
                fault("sku", "a pack size belongs to an article");
            }
            if rule.shop_units == 0 {
                fault("shop_units", "a ratio has at least one unit on each side");
            }
            if rule.warehouse_units == 0 {
                fault(
                    "warehouse_units",
                    "a ratio has at least one unit on each side",
                );
            }
            let same =
                |other: &PackRule| other.sku == rule.sku && other.unit_key() == rule.unit_key();
            if self.rules.iter().take(index).any(same) {
                fault(
                    "sku",
                    "this article has a pack size for this unit already; only the first is used",
                );
            }
        }
    }
}

/// What the pack sizes say of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackVerdict {
    /// Convert by this ratio.
    Ratio(PackRatio),
    /// The article's rules name units, and the line's is none of them.
    UnknownUnit,
    /// The rule that governs has zero on a side.
    Unusable,
}

/// A unit, if the rule names one, and its ratio, if it can be used.
type UnitRule = (Option<String>, Option<PackRatio>);

/// A [`PackTable`] ready to be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackRules {
    of: HashMap<SourceSku, Vec<UnitRule>>,
}

impl PackRules {
    /// Whether every article is ordered in the warehouse's own unit.
    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(crate) fn of_line(&self, sku: &SourceSku, unit: Option<&str>) -> PackVerdict {
        let Some(rules) = self.of.get(sku) else {
            return PackVerdict::Ratio(PackRatio::ONE);
        };
        let unit = unit_key(unit);
        let named = rules.iter().any(|(unit, _)| unit.is_some());
        let governs = if named {
            rules.iter().find(|(other, _)| *other == unit)
        } else {
            rules.first()
        };
        match governs {
            None => PackVerdict::UnknownUnit,
            Some((_, None)) => PackVerdict::Unusable,
            Some((_, Some(ratio))) => PackVerdict::Ratio(*ratio),
        }
    }

    /// The ratio in which an article's stock is offered; none when the rule cannot be used, so that nothing may be offered.
    pub(crate) fn of_stock(&self, sku: &SourceSku) -> Option<PackRatio> {
        match self.of.get(sku) {
            None => Some(PackRatio::ONE),
            Some(rules) => rules
                .iter()
                .find(|(unit, _)| unit.is_none())
                .or_else(|| rules.first())
                .and_then(|(_, ratio)| *ratio),
        }
    }

    /// The units that the rules of an article name: for a hint.
    pub(crate) fn units_of(&self, sku: &SourceSku) -> Vec<String> {
        self.of
            .get(sku)
            .into_iter()
            .flatten()
            .filter_map(|(unit, _)| unit.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_unit_of_the_line_chooses_the_rule() {
        let mut case = PackRule::new("MUG", 12);
        case.unit = Some("Case".into());
        let table = PackTable {
            rules: vec![
                case.clone(),
                PackRule::new("PLATE", 6),
                PackRule::new("BAD", 0),
            ],
        };
        let rules = table.compile();
        let ratio = |shop, warehouse| PackVerdict::Ratio(PackRatio::new(shop, warehouse).unwrap());
        assert_eq!(rules.of_line(&"MUG".into(), Some(" case ")), ratio(1, 12));
        assert_eq!(
            rules.of_line(&"MUG".into(), Some("each")),
            PackVerdict::UnknownUnit
        );
        assert_eq!(rules.of_line(&"MUG".into(), None), PackVerdict::UnknownUnit);
        assert_eq!(rules.of_line(&"PLATE".into(), Some("box")), ratio(1, 6));
        assert_eq!(rules.of_line(&"CUP".into(), Some("box")), ratio(1, 1));
        assert_eq!(rules.of_line(&"BAD".into(), None), PackVerdict::Unusable);
        assert_eq!(rules.of_stock(&"MUG".into()), PackRatio::new(1, 12));
        assert_eq!(rules.of_stock(&"BAD".into()), None);

        let with_singles = PackTable {
            rules: vec![case, PackRule::new("MUG", 1)],
        }
        .compile();
        assert_eq!(with_singles.of_line(&"MUG".into(), None), ratio(1, 1));
        assert_eq!(with_singles.of_stock(&"MUG".into()), Some(PackRatio::ONE));
    }

    #[test]
    fn zero_and_double_entries_are_faults() {
        let mut zero = PackRule::new("A", 0);
        zero.shop_units = 0;
        let table = PackTable {
            rules: vec![
                zero,
                PackRule::new("B", 2),
                PackRule::new("B", 3),
                PackRule::new(" ", 1),
            ],
        };
        let mut found = Vec::new();
        table.check(&mut found);
        assert_eq!(found.len(), 4);
        let document = serde_json::json!({ "packs": &table });
        assert!(
            found
                .iter()
                .all(|one| document.pointer(&one.path).is_some())
        );
    }

    proptest! {
        #[test]
        fn nothing_is_rounded_and_nothing_is_lost(shop in 1u32..500, warehouse in 1u32..500, ordered in 0u64..1_000_000) {
            let ratio = PackRatio::new(shop, warehouse).unwrap();
            let exact = ordered * u64::from(warehouse);
            match ratio.to_warehouse(ordered) {
                Some(units) => {
                    prop_assert_eq!(units * u64::from(shop), exact);
                    prop_assert_eq!(ratio.to_shop(units), (ordered, 0));
                }
                None => prop_assert!(exact % u64::from(shop) != 0),
            }
            let (whole, left) = ratio.to_shop(ordered);
            prop_assert!(left < u64::from(ratio.warehouse_units()));
            prop_assert_eq!(ratio.to_warehouse(whole).unwrap() + left, ordered);
            prop_assert!(ratio.to_shop(ordered + 1).0 >= whole);
        }
    }
}
