//! Article codes cross by look-up, in both directions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, SkuPolicy, SourceSku, WarehouseSku, sku_registry_build};

/// An article of the shop's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CatalogueItem {
    /// The shop's code.
    pub sku: SourceSku,
    /// What the buyer reads. Tells a harmless collision (one product, two spellings) from a dangerous one.
    pub description: Option<String>,
}

impl CatalogueItem {
    /// An article.
    pub fn new(sku: impl Into<SourceSku>, description: Option<String>) -> Self {
        Self {
            sku: sku.into(),
            description,
        }
    }
}

/// Two codes of the shop for one article: both go out as the canonical one's code, and stock comes back to the canonical one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkuAlias {
    /// The other spelling.
    pub alias: SourceSku,
    /// The code that stands for the article.
    pub canonical: SourceSku,
}

/// A pair that a person declared; wins over the rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualPair {
    /// The shop's code.
    pub source: SourceSku,
    /// The warehouse's code.
    pub warehouse: String,
}

/// What people declared about codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SkuOverrides {
    /// Codes that mean the same article.
    pub aliases: Vec<SkuAlias>,
    /// Pairs by hand.
    pub manual: Vec<ManualPair>,
}

/// How a pair of codes came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkuOrigin {
    /// Both codes are the same.
    Identity,
    /// Characters or case were changed by the policy.
    Stripped,
    /// A manual row.
    Manual,
    /// A declared alias.
    Alias,
}

/// The register of article codes: outward any number of codes to one, back exactly one.
///
/// Built from the whole catalogue at once; the result does not depend on the catalogue's order. An article that cannot be mapped
/// safely is left out, and the rest keeps working.
///
/// ```
/// use order_mapping::{CatalogueItem, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku};
/// let catalogue = [CatalogueItem::new("mug-red", None), CatalogueItem::new("PLATE", None)];
/// let (registry, found) = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
/// let sent = registry.to_warehouse(&SourceSku::new("mug-red")).map(|sku| sku.as_str());
/// assert_eq!(sent, Some("MUGRED"));
/// assert_eq!(registry.to_source("mugred"), Some(&SourceSku::new("mug-red")));
/// assert_eq!(found.len(), 1); // SKU_CHANGED, a note
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuRegistry {
    pub(crate) outward: BTreeMap<SourceSku, (WarehouseSku, SkuOrigin)>,
    pub(crate) back: BTreeMap<String, SourceSku>,
    pub(crate) refused: BTreeMap<SourceSku, Code>,
    pub(crate) hash: String,
}

impl SkuRegistry {
    /// Builds the registry, and says everything that is wrong or worth a note in the catalogue and the declarations.
    ///
    /// Codes that meet at the warehouse (compared without case) are a collision: no member is mapped, not even one with a manual
    /// row, since which of them the warehouse means cannot be known. Declared aliases are no collision. The catalogue itself is
    /// never cut short: there is one diagnostic per finding, however many.
    #[must_use]
    pub fn build(
        catalogue: &[CatalogueItem],
        overrides: &SkuOverrides,
        policy: &SkuPolicy,
    ) -> (Self, Vec<Diagnostic>) {
        sku_registry_build::build(catalogue, overrides, policy)
    }

    /// The warehouse's code of an article; none when it is not mapped.
    #[must_use]
    pub fn to_warehouse(&self, sku: &SourceSku) -> Option<&WarehouseSku> {
        self.outward.get(sku).map(|(warehouse, _)| warehouse)
    }

    /// The article behind a code that the warehouse sent, compared without case; for aliases the canonical one.
    #[must_use]
    pub fn to_source(&self, warehouse: &str) -> Option<&SourceSku> {
        self.back.get(&warehouse_key(warehouse.trim()))
    }

    /// Why an article of the catalogue is not mapped; none when it is, or when the catalogue does not have it.
    #[must_use]
    pub fn refusal(&self, sku: &SourceSku) -> Option<Code> {
        self.refused.get(sku).copied()
    }

    /// How the pair of an article came to be.
    #[must_use]
    pub fn origin(&self, sku: &SourceSku) -> Option<SkuOrigin> {
        self.outward.get(sku).map(|(_, origin)| *origin)
    }

    /// How many codes of the shop are mapped, aliases included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outward.len()
    }

    /// Whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outward.is_empty()
    }

    /// Every pair, ordered by the shop's code; aliases included.
    pub fn pairs(&self) -> impl Iterator<Item = (&SourceSku, &WarehouseSku)> {
        self.outward
            .iter()
            .map(|(source, (warehouse, _))| (source, warehouse))
    }

    /// Hex SHA-256 over all pairs: two registries with the same hash map alike. Goes into every mapped order.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.hash
    }
}

/// The code as the warehouse compares it.
pub(crate) fn warehouse_key(code: &str) -> String {
    code.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(catalogue: &[&str], overrides: &SkuOverrides) -> (SkuRegistry, Vec<Diagnostic>) {
        let items: Vec<CatalogueItem> = catalogue
            .iter()
            .map(|sku| CatalogueItem::new(*sku, None))
            .collect();
        SkuRegistry::build(&items, overrides, &SkuPolicy::default())
    }

    fn alias(alias: &str, canonical: &str) -> SkuAlias {
        SkuAlias {
            alias: alias.into(),
            canonical: canonical.into(),
        }
    }

    fn manual(source: &str, warehouse: &str) -> ManualPair {
        ManualPair {
            source: source.into(),
            warehouse: warehouse.into(),
        }
    }

    fn codes(found: &[Diagnostic]) -> Vec<Code> {
        found.iter().map(|one| one.code).collect()
    }

    fn sent<'a>(registry: &'a SkuRegistry, sku: &str) -> Option<&'a str> {
        registry.to_warehouse(&sku.into()).map(WarehouseSku::as_str)
    }

    #[test]
    fn no_member_of_a_collision_is_mapped() {
        let (registry, found) = build(&["+10V", "-10V", "10V", "OTHER"], &SkuOverrides::default());
        assert_eq!(codes(&found), [Code::SkuCollision]);
        let fault = found.first().unwrap();
        assert_eq!(fault.related, ["+10V", "-10V", "10V"]);
        for remedy in ["rename", "manual row", "alias"] {
            assert!(fault.message.contains(remedy), "{}", fault.message);
        }
        for sku in ["+10V", "-10V", "10V"] {
            assert_eq!(sent(&registry, sku), None);
            assert_eq!(registry.refusal(&sku.into()), Some(Code::SkuCollision));
        }
        assert_eq!(registry.to_source("10V"), None);
        assert_eq!(
            (registry.len(), sent(&registry, "OTHER")),
            (1, Some("OTHER"))
        );
    }

    #[test]
    fn collisions_are_found_without_case_even_if_case_is_kept() {
        let policy = SkuPolicy {
            case: crate::SkuCase::Keep,
            ..SkuPolicy::default()
        };
        let items = ["15056BL", "15056bl"]
            .map(|sku| CatalogueItem::new(sku, Some("Edwardian parasol".into())));
        let (registry, found) = SkuRegistry::build(&items, &SkuOverrides::default(), &policy);
        assert!(registry.is_empty());
        assert!(
            found
                .first()
                .unwrap()
                .message
                .contains("descriptions agree")
        );
    }

    #[test]
    fn a_declared_alias_is_no_collision_and_stock_comes_back_to_the_canonical_code() {
        let overrides = SkuOverrides {
            aliases: vec![alias("15056bl", "15056BL"), alias("retired", "15056BL")],
            ..SkuOverrides::default()
        };
        let (registry, found) = build(&["15056BL", "15056bl"], &overrides);
        assert_eq!(found, []);
        for sku in ["15056BL", "15056bl", "retired"] {
            assert_eq!(sent(&registry, sku), Some("15056BL"));
        }
        assert_eq!(registry.to_source(" 15056bL "), Some(&"15056BL".into()));
        assert_eq!(registry.origin(&"15056bl".into()), Some(SkuOrigin::Alias));
        assert_eq!(registry.pairs().count(), 3);
    }

    #[test]
    fn a_manual_row_wins_over_the_rule() {
        let overrides = SkuOverrides {
            manual: vec![
                manual("-10V", "M10V"),
                manual("café", "CAFE"),
                manual("bad", "no-good"),
            ],
            ..SkuOverrides::default()
        };
        let (registry, found) = build(&["+10V", "-10V", "café", "bad"], &overrides);
        assert_eq!(sent(&registry, "-10V"), Some("M10V"));
        assert_eq!(sent(&registry, "+10V"), Some("10V"));
        assert_eq!(sent(&registry, "café"), Some("CAFE"));
        assert_eq!(sent(&registry, "bad"), None);
        assert_eq!(codes(&found), [Code::SkuChanged, Code::SkuManualBad]);
    }

    #[test]
    fn declarations_that_contradict_are_not_used() {
        let overrides = SkuOverrides {
            aliases: vec![
                alias("A", "B"),
                alias("C", "NOWHERE"),
                alias("D", "D"),
                alias("E", "F"),
                alias("E", "G"),
                alias("H", "A"),
            ],
            manual: vec![manual("A", "AX"), manual("I", "I1"), manual("I", "I2")],
        };
        let (registry, found) = build(&["A", "B", "C", "D", "E", "F", "G", "H", "I"], &overrides);
        for sku in ["A", "C", "D", "E", "H", "I"] {
            assert_eq!(sent(&registry, sku), None, "{sku}");
            assert!(registry.refusal(&sku.into()).is_some(), "{sku}");
        }
        for sku in ["B", "F", "G"] {
            assert_eq!(sent(&registry, sku), Some(sku));
        }
        assert_eq!(found.iter().filter(|one| one.severity.holds()).count(), 6);
    }

    #[test]
    fn every_fault_of_a_code_has_its_own_name() {
        let long = "A".repeat(25);
        let (_, found) = build(
            &["ß", "---", &long, "1E5", "NA", "O1", "01"],
            &SkuOverrides::default(),
        );
        let mut all = codes(&found);
        all.sort();
        assert_eq!(
            all,
            [
                Code::SkuNearCollision,
                Code::SkuNonAscii,
                Code::SkuEmptyAfterStrip,
                Code::SkuTooLong,
                Code::SkuNumberLike,
                Code::SkuNumberLike,
                Code::SkuNullLike,
            ]
        );
        assert!(found.iter().any(|one| one.message.contains("U+00DF")));
        let untyped = SkuPolicy {
            untyped_target: true,
            ..SkuPolicy::default()
        };
        let (registry, _) = SkuRegistry::build(
            &[CatalogueItem::new("NA", None)],
            &SkuOverrides::default(),
            &untyped,
        );
        assert!(registry.is_empty());
    }

    #[test]
    fn one_code_with_two_descriptions_is_noted() {
        let items = [
            CatalogueItem::new("A", Some("Mug".into())),
            CatalogueItem::new("A", Some("Plate".into())),
            CatalogueItem::new("A", None),
        ];
        let (registry, found) =
            SkuRegistry::build(&items, &SkuOverrides::default(), &SkuPolicy::default());
        assert_eq!(
            (registry.len(), codes(&found)),
            (1, vec![Code::SkuDuplicate])
        );
    }
}
