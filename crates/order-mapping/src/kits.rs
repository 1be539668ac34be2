//! Kits: articles of the shop that the warehouse picks as several others.

use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

use crate::{Code, ComponentCustoms, Diagnostic, LineId, SourceSku, Subject};

/// One article in a kit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct KitComponent {
    /// The article, by the shop's code.
    pub sku: SourceSku,
    /// Units of the warehouse in one kit.
    pub quantity: u32,
    /// What customs ask of it, where that is not what the shop says of the kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs: Option<ComponentCustoms>,
}

impl KitComponent {
    /// So many units of an article.
    pub fn new(sku: impl Into<SourceSku>, quantity: u32) -> Self {
        Self {
            sku: sku.into(),
            quantity,
            customs: None,
        }
    }

    /// The same with customs data of its own.
    #[must_use]
    pub fn with_customs(mut self, customs: ComponentCustoms) -> Self {
        self.customs = Some(customs);
        self
    }
}

/// An article that the warehouse picks as several others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kit {
    /// The kit, by the shop's code. It needs no entry in the SKU registry; its components do.
    pub sku: SourceSku,
    /// What it consists of.
    pub components: Vec<KitComponent>,
}

impl Kit {
    /// A kit of components.
    pub fn new(
        sku: impl Into<SourceSku>,
        components: impl IntoIterator<Item = KitComponent>,
    ) -> Self {
        Self {
            sku: sku.into(),
            components: components.into_iter().collect(),
        }
    }
}

/// The kits, the list `[[mapping.kits]]`. Empty by default.
///
/// An order line of a kit becomes one line for each component, and what was despatched of them is folded back into kits
/// ([`crate::Folding`]). A kit is offered in so many units as its scarcest component allows ([`crate::AtpCalculator`]).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: order_mapping::Profile = toml::from_str(r#"
///     [[kits]]
///     sku = "GIFTSET"
///     components = [{ sku = "MUG", quantity = 1 }, { sku = "COASTER", quantity = 4 }]
/// "#)?;
/// assert!(profile.check().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KitTable {
    /// The kits.
    pub kits: Vec<Kit>,
}

impl KitTable {
    /// Kits by code. A kit that cannot be used stays, with its fault: its lines are held, not sent as something else.
    pub(crate) fn compile(&self) -> KitRules {
        let faults = self.faults();
        let mut of: HashMap<SourceSku, KitRule> = HashMap::new();
        for (index, kit) in self.kits.iter().enumerate() {
            of.entry(kit.sku.clone()).or_insert_with(|| KitRule {
                components: kit.components.clone(),
                fault: faults
                    .iter()
                    .find(|fault| fault.kit == index && fault.blocks)
                    .map(|fault| fault.code),
            });
        }
        KitRules { of }
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        found.extend(self.faults().into_iter().map(|fault| {
            let path = format!("/kits/{}{}", fault.kit, fault.member);
            Diagnostic::new(fault.code, path, fault.message)
                .about(Subject::Config)
                .with_seen(fault.seen.as_str())
        }));
    }

    fn faults(&self) -> Vec<KitFault<'_>> {
        let kits: HashSet<&SourceSku> = self.kits.iter().map(|kit| &kit.sku).collect();
        let mut seen_kits = HashSet::new();
        let mut faults = Vec::new();
        for (index, kit) in self.kits.iter().enumerate() {
            let mut fault = |code, member: String, message, seen, blocks| {
                faults.push(KitFault {
                    kit: index,
                    code,
                    member,
                    message,
                    seen,
                    blocks,
                });
            };
            let bad = Code::ConfigLimitBad;
            if kit.sku.as_str().trim().is_empty() {
                fault(
                    bad,
                    "/sku".to_owned(),
                    "a kit has an article code",
                    &kit.sku,
                    true,
                );
            }
            if !seen_kits.insert(&kit.sku) {
                let message = "this kit is listed already; only the first is used";
                fault(bad, "/sku".to_owned(), message, &kit.sku, false);
            }
            if kit.components.is_empty() {
                let message = "a kit without components cannot be picked";
                fault(
                    Code::KitEmpty,
                    "/components".to_owned(),
                    message,
                    &kit.sku,
                    true,
                );
            }
            let mut seen = HashSet::new();
            for (position, component) in kit.components.iter().enumerate() {
                let at = |member| format!("/components/{position}/{member}");
                if kits.contains(&component.sku) {
                    let message = "this component is a kit itself; list its components instead";
                    fault(Code::KitNested, at("sku"), message, &component.sku, true);
                }
                if !seen.insert(&component.sku) {
                    let message = "this component is listed already; add the quantities up";
                    fault(bad, at("sku"), message, &component.sku, true);
                }
                if component.quantity == 0 {
                    let message = "a component has at least one unit in a kit";
                    fault(bad, at("quantity"), message, &component.sku, true);
                }
            }
        }
        faults
    }
}

struct KitFault<'a> {
    kit: usize,
    code: Code,
    member: String,
    message: &'static str,
    seen: &'a SourceSku,
    /// The kit's lines cannot go.
    blocks: bool,
}

/// A [`KitTable`] ready to be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct KitRules {
    of: HashMap<SourceSku, KitRule>,
}

/// One kit, ready to be used or not.
#[derive(Debug, Clone)]
pub(crate) struct KitRule {
    pub(crate) components: Vec<KitComponent>,
    /// Why it cannot be used.
    pub(crate) fault: Option<Code>,
}

impl KitRule {
    /// The components of a kit that can be used and of which some have customs data.
    pub(crate) fn goods(&self) -> Option<&[KitComponent]> {
        let usable =
            self.fault.is_none() && self.components.iter().any(|one| one.customs.is_some());
        usable.then_some(self.components.as_slice())
    }
}

impl KitRules {
    #[inline]
    pub(crate) fn get(&self, sku: &SourceSku) -> Option<&KitRule> {
        self.of.get(sku)
    }

    /// Every kit that can be used, by code.
    pub(crate) fn usable(&self) -> Vec<(&SourceSku, &[KitComponent])> {
        let mut kits: Vec<_> = self
            .of
            .iter()
            .filter(|(_, rule)| rule.fault.is_none())
            .map(|(sku, rule)| (sku, rule.components.as_slice()))
            .collect();
        kits.sort_unstable_by_key(|(sku, _)| *sku);
        kits
    }
}

/// Which kit a line for the warehouse is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KitPart {
    /// The kit's line of the sales order.
    pub line_id: LineId,
    /// The kit, by the shop's code.
    pub sku: SourceSku,
    /// Units of this component in one kit; at least 1.
    pub per_kit: u32,
}

/// How many kits are complete with these units, and what is left of each component.
///
/// `parts` are pairs of units in one kit and units there are. The kits are the minimum over the components; no components make no
/// kit, and a component of which a kit has no unit counts for nothing. Monotone: more units never make fewer kits. Conserving:
/// `kits * per_kit + left` is what there was.
///
/// ```
/// let (kits, left) = order_mapping::complete_kits(&[(1, 3), (4, 9)]);
/// assert_eq!((kits, left), (2, vec![1, 1]));
/// ```
#[must_use]
pub fn complete_kits(parts: &[(u32, u64)]) -> (u64, Vec<u64>) {
    let kits = parts
        .iter()
        .filter_map(|(per_kit, units)| units.checked_div(u64::from(*per_kit)))
        .min()
        .unwrap_or(0);
    let left = parts
        .iter()
        // No product is beyond the units it was divided from.
        .map(|(per_kit, units)| units.saturating_sub(kits.saturating_mul(u64::from(*per_kit))))
        .collect();
    (kits, left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_kit_that_cannot_be_used_says_why() {
        let table = KitTable {
            kits: vec![
                Kit::new(
                    "SET",
                    [KitComponent::new("MUG", 1), KitComponent::new("COASTER", 4)],
                ),
                Kit::new("EMPTY", []),
                Kit::new("NESTED", [KitComponent::new("SET", 1)]),
                Kit::new("SELF", [KitComponent::new("SELF", 1)]),
                Kit::new(
                    "TWICE",
                    [KitComponent::new("A", 1), KitComponent::new("A", 2)],
                ),
                Kit::new("NONE", [KitComponent::new("A", 0)]),
                Kit::new("SET", [KitComponent::new("OTHER", 1)]),
            ],
        };
        let mut found = Vec::new();
        table.check(&mut found);
        let told: Vec<(Code, &str)> = found.iter().map(|one| (one.code, &*one.path)).collect();
        assert_eq!(
            told,
            [
                (Code::KitEmpty, "/kits/1/components"),
                (Code::KitNested, "/kits/2/components/0/sku"),
                (Code::KitNested, "/kits/3/components/0/sku"),
                (Code::ConfigLimitBad, "/kits/4/components/1/sku"),
                (Code::ConfigLimitBad, "/kits/5/components/0/quantity"),
                (Code::ConfigLimitBad, "/kits/6/sku"),
            ]
        );
        let document = serde_json::json!({ "kits": &table });
        assert!(
            found
                .iter()
                .all(|one| document.pointer(&one.path).is_some())
        );
        let rules = table.compile();
        let usable: Vec<&str> = rules.usable().iter().map(|(sku, _)| sku.as_str()).collect();
        assert_eq!(usable, ["SET"]);
        let set = rules.get(&"SET".into()).unwrap();
        assert_eq!(set.components.len(), 2, "the first of two counts");
        assert_eq!(
            rules.get(&"EMPTY".into()).unwrap().fault,
            Some(Code::KitEmpty)
        );
    }

    proptest! {
        #[test]
        fn folding_is_monotone_and_conserves(parts in prop::collection::vec((1u32..50, 0u64..10_000), 0..6), more in 0usize..6) {
            let (kits, left) = complete_kits(&parts);
            for ((per_kit, units), left) in parts.iter().zip(&left) {
                prop_assert_eq!(kits * u64::from(*per_kit) + left, *units);
            }
            prop_assert!(parts.is_empty() || parts.iter().zip(&left).any(|((per_kit, _), left)| *left < u64::from(*per_kit)), "one more kit was there");
            let mut grown = parts.clone();
            if let Some((_, units)) = grown.get_mut(more) {
                *units += 1;
            }
            prop_assert!(complete_kits(&grown).0 >= kits);
        }
    }
}
