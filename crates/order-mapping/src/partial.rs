//! What to do with an order of which not everything is there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::trimmed;
use crate::{Arg, Code, Diagnostic, LineId, SalesOrder, SourceSku, Subject};

/// What to do with an order of which not everything is there.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PartialPolicy {
    /// All of it now, or none of it ever.
    FillOrKill,
    /// What is there now, the rest once it is.
    #[default]
    ShipAvailable,
    /// Nothing until all of it is there.
    ShipComplete,
}

impl PartialPolicy {
    const ALL: [(&'static str, Self); 3] = [
        ("fill_or_kill", Self::FillOrKill),
        ("ship_available", Self::ShipAvailable),
        ("ship_complete", Self::ShipComplete),
    ];

    /// The policy with this name, as a profile writes it. Case, spaces and hyphens do not count.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::ALL
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, policy)| policy)
    }

    /// The policy's name, as a profile writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FillOrKill => "fill_or_kill",
            Self::ShipAvailable => "ship_available",
            Self::ShipComplete => "ship_complete",
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What to do with each line, in the lines' order.
    ///
    /// `available` are units by article that may go to this order; lines of one article share them, the first line first. An article
    /// that is not named has none. Components of a kit are lines like others here: where a kit must not be torn, pass the kit's line
    /// with the kits that its components make up.
    ///
    /// ```
    /// use order_mapping::{OpenLine, PartialPolicy};
    /// let lines = [OpenLine::new("1", "MUG", 4), OpenLine::new("2", "MUG", 4)];
    /// let decision = PartialPolicy::ShipAvailable.decide(&lines, &[("MUG".into(), 6)].into());
    /// let ship: Vec<u32> = decision.lines.iter().map(|line| line.ship).collect();
    /// assert_eq!(ship, [4, 2]);
    /// assert!(!PartialPolicy::ShipComplete.decide(&lines, &[("MUG".into(), 6)].into()).ships());
    /// ```
    #[must_use]
    pub fn decide(
        self,
        lines: &[OpenLine],
        available: &BTreeMap<SourceSku, u32>,
    ) -> PartialDecision {
        let mut left: BTreeMap<&SourceSku, u32> =
            available.iter().map(|(sku, units)| (sku, *units)).collect();
        let mut decided: Vec<LineDecision> = lines
            .iter()
            .map(|line| {
                let ship = left.get_mut(&line.sku).map_or(0, |left| {
                    let ship = line.open.min(*left);
                    *left -= ship;
                    ship
                });
                LineDecision {
                    line_id: line.line_id.clone(),
                    ship,
                    back_order: line.open - ship,
                    cancel: 0,
                }
            })
            .collect();
        let short = decided.iter().any(|line| line.back_order > 0);
        for line in decided.iter_mut().filter(|_| short) {
            let all = line.ship + line.back_order;
            match self {
                Self::ShipAvailable => {}
                Self::ShipComplete => (line.ship, line.back_order) = (0, all),
                Self::FillOrKill => (line.ship, line.back_order, line.cancel) = (0, 0, all),
            }
        }
        PartialDecision { lines: decided }
    }
}

/// What is still owed on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenLine {
    /// The line.
    pub line_id: LineId,
    /// Its article.
    pub sku: SourceSku,
    /// Units owed: see [`crate::LineUnits::open`].
    pub open: u32,
}

impl OpenLine {
    /// A line with units owed.
    pub fn new(line_id: impl Into<LineId>, sku: impl Into<SourceSku>, open: u32) -> Self {
        Self {
            line_id: line_id.into(),
            sku: sku.into(),
            open,
        }
    }
}

/// What to do with one line: `ship + back_order + cancel` are the units that were open.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineDecision {
    /// The line.
    pub line_id: LineId,
    /// Units that go now.
    pub ship: u32,
    /// Units that go later.
    pub back_order: u32,
    /// Units that never go.
    pub cancel: u32,
}

/// What to do with an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartialDecision {
    /// The lines, in the order in which they were given.
    pub lines: Vec<LineDecision>,
}

impl PartialDecision {
    /// Whether anything goes now.
    #[must_use]
    pub fn ships(&self) -> bool {
        self.lines.iter().any(|line| line.ship > 0)
    }
}

/// Which [`PartialPolicy`] an order has, the section `[mapping.partial]`: its own, else its customer group's, else the default.
///
/// The policy goes with the order ([`crate::FulfilmentOrder::partial`]).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartialRules {
    /// Of every order that nothing else is said of. Default `ship_available`: what warehouses do unasked (assumed of Whistl).
    pub default: PartialPolicy,
    /// By the name of the customer group, as the shop writes it.
    pub by_customer_group: BTreeMap<String, PartialPolicy>,
    /// Name of a metadata value of the order that names a policy, for example `shipping_policy`. Off by default.
    pub metadata: Option<String>,
    /// By tag of the order.
    pub by_tag: BTreeMap<String, PartialPolicy>,
}

impl PartialRules {
    /// The policy of an order. An order that names something that is no policy, or two different ones, is held: either guess could
    /// send what was not to go, or cancel what was.
    pub(crate) fn choose(
        &self,
        order: &SalesOrder,
        found: &mut Vec<Diagnostic>,
    ) -> Option<PartialPolicy> {
        let mut own: Option<(PartialPolicy, String)> = None;
        let mut unclear = false;
        let mut say = |policy: PartialPolicy, path: String, found: &mut Vec<Diagnostic>| {
            match &own {
                Some((other, first)) if *other != policy => {
                    let message = "the order names two different policies for partial shipments";
                    found.push(
                        Diagnostic::new(Code::PartialPolicyUnclear, path, message)
                            .with_related([first.clone()]),
                    );
                    return false;
                }
                Some(_) => {}
                None => own = Some((policy, path)),
            }
            true
        };
        if let Some(name) = &self.metadata {
            for (index, (key, value)) in order.metadata.iter().enumerate() {
                if !key.eq_ignore_ascii_case(name.trim()) || value.trim().is_empty() {
                    continue;
                }
                let path = format!("/metadata/{index}");
                match PartialPolicy::from_name(value) {
                    Some(policy) => unclear |= !say(policy, path, found),
                    None => {
                        unclear = true;
                        let message = "no policy for partial shipments";
                        let allowed = PartialPolicy::ALL.map(|(name, _)| name.to_owned());
                        found.push(
                            Diagnostic::new(Code::PartialPolicyUnclear, path, message)
                                .with_seen(value)
                                .with_arg(Arg::Allowed(allowed.to_vec())),
                        );
                    }
                }
            }
        }
        for (index, tag) in order.tags.iter().enumerate() {
            if let Some(policy) = self.by_tag.get(trimmed(tag)) {
                unclear |= !say(*policy, format!("/tags/{index}"), found);
            }
        }
        if unclear {
            return None;
        }
        let of_group = order
            .customer_group
            .as_deref()
            .and_then(|group| self.by_customer_group.get(trimmed(group)));
        Some(own.map_or_else(
            || of_group.copied().unwrap_or(self.default),
            |(policy, _)| policy,
        ))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut fault = |path: &str| {
            let message = "an empty name is never found on an order";
            found.push(Diagnostic::new(Code::ConfigLimitBad, path, message).about(Subject::Config));
        };
        if self
            .metadata
            .as_deref()
            .is_some_and(|name| name.trim().is_empty())
        {
            fault("/partial/metadata");
        }
        for (member, names) in [
            ("/partial/by_customer_group", &self.by_customer_group),
            ("/partial/by_tag", &self.by_tag),
        ] {
            if names
                .keys()
                .any(|name| name.trim() != name || name.is_empty())
            {
                fault(member);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_case() -> impl Strategy<Value = (Vec<OpenLine>, BTreeMap<SourceSku, u32>)> {
        let sku = || prop::sample::select(vec!["A", "B", "C"]);
        let lines = prop::collection::vec((sku(), 0u32..30), 0..8).prop_map(|lines| {
            lines
                .into_iter()
                .enumerate()
                .map(|(index, (sku, open))| OpenLine::new(index.to_string(), sku, open))
                .collect()
        });
        let available =
            prop::collection::btree_map(sku().prop_map(SourceSku::from), 0u32..60, 0..4);
        (lines, available)
    }

    fn open_of(lines: &[OpenLine], sku: &SourceSku) -> u32 {
        lines
            .iter()
            .filter(|line| line.sku == *sku)
            .map(|line| line.open)
            .sum()
    }

    proptest! {
        #[test]
        fn every_policy_conserves_and_keeps_its_word((lines, available) in any_case()) {
            let enough = lines.iter().all(|line| {
                open_of(&lines, &line.sku) <= available.get(&line.sku).copied().unwrap_or(0) || line.open == 0
            });
            let all_there = lines.iter().all(|line| line.open == 0) || enough;
            for (_, policy) in PartialPolicy::ALL {
                let decision = policy.decide(&lines, &available);
                prop_assert_eq!(decision.lines.len(), lines.len());
                let mut shipped: BTreeMap<&SourceSku, u32> = BTreeMap::new();
                for (line, decided) in lines.iter().zip(&decision.lines) {
                    prop_assert_eq!(&line.line_id, &decided.line_id);
                    prop_assert_eq!(decided.ship + decided.back_order + decided.cancel, line.open);
                    *shipped.entry(&line.sku).or_default() += decided.ship;
                }
                for (sku, units) in &shipped {
                    let there = available.get(*sku).copied().unwrap_or(0);
                    prop_assert!(*units <= there, "{sku} ships {units} of {there}");
                    if policy == PartialPolicy::ShipAvailable {
                        prop_assert_eq!(*units, open_of(&lines, sku).min(there), "not as many as could go");
                    }
                }
                if policy == PartialPolicy::ShipAvailable {
                    prop_assert!(decision.lines.iter().all(|line| line.cancel == 0));
                } else if all_there {
                    prop_assert!(decision.lines.iter().zip(&lines).all(|(decided, line)| decided.ship == line.open));
                } else {
                    prop_assert!(!decision.ships());
                    let killed = policy == PartialPolicy::FillOrKill;
                    for (decided, line) in decision.lines.iter().zip(&lines) {
                        prop_assert_eq!(decided.cancel, if killed { line.open } else { 0 });
                    }
                }
            }
        }
    }

    fn rules() -> PartialRules {
        toml::from_str(
            r#"
            default = "ship_complete"
            by_customer_group = { Trade = "ship_available" }
            metadata = "shipping_policy"
            by_tag = { "no-back-orders" = "fill_or_kill" }
            "#,
        )
        .unwrap()
    }

    fn chosen(order: &SalesOrder) -> Result<PartialPolicy, Vec<String>> {
        let mut found = Vec::new();
        rules()
            .choose(order, &mut found)
            .ok_or_else(|| found.iter().map(|one| one.path.to_string()).collect())
    }

    #[test]
    fn the_order_wins_over_the_group_and_the_group_over_the_default() {
        let mut order = SalesOrder::new("1");
        assert_eq!(chosen(&order), Ok(PartialPolicy::ShipComplete));
        order.customer_group = Some(" Trade".to_owned());
        assert_eq!(chosen(&order), Ok(PartialPolicy::ShipAvailable));
        order.tags = vec!["vip".to_owned(), "no-back-orders".to_owned()];
        assert_eq!(chosen(&order), Ok(PartialPolicy::FillOrKill));
        order.metadata = vec![("Shipping_Policy".to_owned(), "Fill or kill".to_owned())];
        assert_eq!(chosen(&order), Ok(PartialPolicy::FillOrKill));
    }

    #[test]
    fn what_is_not_clear_holds() {
        let mut order = SalesOrder::new("1");
        order.tags = vec!["no-back-orders".to_owned()];
        order.metadata = vec![("shipping_policy".to_owned(), "ship_complete".to_owned())];
        assert_eq!(chosen(&order), Err(vec!["/tags/0".to_owned()]));
        order.tags.clear();
        order.metadata = vec![("shipping_policy".to_owned(), "whatever".to_owned())];
        assert_eq!(chosen(&order), Err(vec!["/metadata/0".to_owned()]));
    }

    #[test]
    fn empty_names_are_faults() {
        let mut rules = rules();
        rules.metadata = Some(" ".to_owned());
        rules
            .by_tag
            .insert(String::new(), PartialPolicy::ShipComplete);
        let mut found = Vec::new();
        rules.check(&mut found);
        assert_eq!(found.len(), 2);
    }
}
