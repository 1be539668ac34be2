//! Article codes cross by look-up, in both directions.

use hashbrown::{DefaultHashBuilder, HashMap};
use serde::{Deserialize, Serialize};

use crate::sku_index::{HashIndex, key_hash, place, same_key, text_hash};
use crate::{
    Code, ContentHash, Diagnostic, RecordedSku, SkuHistory, SkuPolicy, SourceSku, VariantId,
    WarehouseSku, sku_registry_build,
};

/// An article of the shop's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CatalogueItem {
    /// The shop's code.
    pub sku: SourceSku,
    /// What the buyer reads. Tells a harmless collision (one product, two spellings) from a dangerous one.
    pub description: Option<String>,
    /// The shop's id of the article, where it is known. Tells a renamed article from a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantId>,
}

impl CatalogueItem {
    /// An article.
    pub fn new(sku: impl Into<SourceSku>, description: Option<String>) -> Self {
        Self {
            sku: sku.into(),
            description,
            variant: None,
        }
    }

    /// The same with the shop's id of the article.
    #[must_use]
    pub fn with_variant(mut self, variant: impl Into<VariantId>) -> Self {
        self.variant = Some(variant.into());
        self
    }
}

/// Two codes of the shop for one article: both go out as the canonical one's code, and stock comes back to the canonical one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkuAlias {
    /// The other spelling.
    pub alias: SourceSku,
    /// The code that stands for the article.
    pub canonical: SourceSku,
}

/// A pair that a person declared; wins over the rule, and confirms that a code on record changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManualPair {
    /// The shop's code.
    pub source: SourceSku,
    /// The warehouse's code.
    pub warehouse: String,
}

/// What people declared about codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Characters or case were changed by the policy, and check characters added.
    Suffixed,
    /// A manual row.
    Manual,
    /// A declared alias.
    Alias,
}

/// One mapped code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) source: SourceSku,
    pub(crate) warehouse: WarehouseSku,
    pub(crate) since: u32,
    pub(crate) origin: SkuOrigin,
}

/// The register of article codes: outward any number of codes to one, back exactly one.
///
/// Built from the whole catalogue at once; the result does not depend on the catalogue's order. An article that cannot be mapped
/// safely is left out, and the rest keeps working. A look-up costs one hash and allocates nothing.
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
#[derive(Clone)]
pub struct SkuRegistry {
    /// Ordered by the shop's code.
    pub(crate) pairs: Vec<Pair>,
    /// By the shop's code.
    pub(crate) sources: HashIndex,
    /// By the warehouse's code without case: the pairs that are no alias.
    pub(crate) keys: HashIndex,
    pub(crate) hashing: DefaultHashBuilder,
    pub(crate) refused: HashMap<SourceSku, Code, DefaultHashBuilder>,
    /// What is on record and not mapped now.
    pub(crate) dormant: Vec<RecordedSku>,
    /// The shop's ids of the mapped articles, where they are known.
    pub(crate) variants: HashMap<SourceSku, Vec<VariantId>, DefaultHashBuilder>,
    pub(crate) version: u32,
    pub(crate) hash: ContentHash,
}

impl SkuRegistry {
    /// Builds the registry, and says everything that is wrong or worth a note in the catalogue and the declarations.
    ///
    /// Codes that meet at the warehouse (compared without case) are a collision: no member is mapped, not even one with a manual
    /// row, since which of them the warehouse means cannot be known. Declared aliases are no collision. The catalogue itself is
    /// never cut short: there is one diagnostic per finding, however many.
    ///
    /// Knows nothing of earlier registries; see [`SkuRegistry::build_after`].
    #[must_use]
    pub fn build(
        catalogue: &[CatalogueItem],
        overrides: &SkuOverrides,
        policy: &SkuPolicy,
    ) -> (Self, Vec<Diagnostic>) {
        Self::build_after(&SkuHistory::default(), catalogue, overrides, policy)
    }

    /// Builds the registry so that every code keeps the meaning that it has on record.
    ///
    /// As [`SkuRegistry::build`], and further:
    ///
    /// - An article on record keeps its code. If the rules would now give it another one, it is refused
    ///   ([`Code::SkuMappingChanged`]) until a manual row names the old code or the new one.
    /// - If others want the code of an article on record, it keeps the code and they are refused, in one [`Code::SkuCollision`].
    /// - The code of an article that left the catalogue, or that has another code by now, stays reserved for it
    ///   ([`Code::SkuCodeRetired`]), even against a manual row. When the article comes back, so does its code. Only if a person declares
    ///   the old article an alias of the new one, and so the same goods, can the new one have the code.
    /// - An article whose [`VariantId`] has had another code of the shop was renamed, and is refused ([`Code::SkuRenamed`]) until a
    ///   person says which goods the new code means: the old one declared an alias of it, or a manual row for the new one.
    /// - A code that comes with other variants than on record stays mapped, and is told once ([`Code::SkuVariantChanged`]).
    ///
    /// ```
    /// use order_mapping::{CatalogueItem, Code, SkuHistory, SkuOverrides, SkuPolicy, SkuRegistry};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (none, policy) = (SkuOverrides::default(), SkuPolicy::default());
    /// let (first, _) = SkuRegistry::build(&[CatalogueItem::new("MUG-1", None)], &none, &policy);
    /// let kept = serde_json::to_string(&first.history())?;
    ///
    /// // MUG-1 has left, and another article would become MUG1 at the warehouse.
    /// let history: SkuHistory = serde_json::from_str(&kept)?;
    /// let catalogue = [CatalogueItem::new("MUG/1", None)];
    /// let (second, found) = SkuRegistry::build_after(&history, &catalogue, &none, &policy);
    /// assert_eq!((second.version(), second.len()), (2, 0));
    /// assert_eq!(found[0].code, Code::SkuCodeRetired);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn build_after(
        history: &SkuHistory,
        catalogue: &[CatalogueItem],
        overrides: &SkuOverrides,
        policy: &SkuPolicy,
    ) -> (Self, Vec<Diagnostic>) {
        sku_registry_build::build(history, catalogue, overrides, policy)
    }

    /// The warehouse's code of an article; none when it is not mapped.
    #[must_use]
    #[inline]
    pub fn to_warehouse(&self, sku: &SourceSku) -> Option<&WarehouseSku> {
        self.pair(sku.as_str()).map(|pair| &pair.warehouse)
    }

    /// The article behind a code that the warehouse sent, compared without case; for aliases the canonical one.
    #[must_use]
    pub fn to_source(&self, warehouse: &str) -> Option<&SourceSku> {
        let found = self.pairs.get(self.place_of_key(warehouse.trim())?);
        found.map(|pair| &pair.source)
    }

    /// Where the pair with a code of the warehouse stands.
    fn place_of_key(&self, code: &str) -> Option<usize> {
        let is = |slot: u32| {
            let pair = self.pairs.get(place(slot));
            pair.is_some_and(|pair| same_key(pair.warehouse.as_str(), code))
        };
        let slot = self.keys.find(key_hash(&self.hashing, code), is);
        slot.map(place)
    }

    /// For many codes of the warehouse in a row: see [`SourceFinder`].
    #[must_use]
    pub const fn source_finder(&self) -> SourceFinder<'_> {
        SourceFinder {
            registry: self,
            next: 0,
        }
    }

    #[inline]
    fn pair(&self, source: &str) -> Option<&Pair> {
        let hash = text_hash(&self.hashing, source);
        let at = |slot: u32| self.pairs.get(place(slot));
        let is = |slot| at(slot).is_some_and(|pair| pair.source.as_str() == source);
        at(self.sources.find(hash, is)?)
    }

    /// Why an article of the catalogue is not mapped; none when it is, or when the catalogue does not have it.
    #[must_use]
    pub fn refusal(&self, sku: &SourceSku) -> Option<Code> {
        self.refused.get(sku).copied()
    }

    /// How the pair of an article came to be.
    #[must_use]
    pub fn origin(&self, sku: &SourceSku) -> Option<SkuOrigin> {
        self.pair(sku.as_str()).map(|pair| pair.origin)
    }

    /// The version of the registry since which an article has its code.
    #[must_use]
    pub fn since(&self, sku: &SourceSku) -> Option<u32> {
        self.pair(sku.as_str()).map(|pair| pair.since)
    }

    /// The shop's ids of an article that is mapped, ordered; empty where the catalogue never had one.
    #[must_use]
    pub fn variants(&self, sku: &SourceSku) -> &[VariantId] {
        self.variants.get(sku).map_or(&[], Vec::as_slice)
    }

    /// How many codes of the shop are mapped, aliases included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Every pair, ordered by the shop's code; aliases included.
    pub fn pairs(&self) -> impl Iterator<Item = (&SourceSku, &WarehouseSku)> {
        self.pairs
            .iter()
            .map(|pair| (&pair.source, &pair.warehouse))
    }

    /// The number of this registry in the line of those built after each other: 1 without history, the same as before when no pair
    /// has changed.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What has to be kept for [`SkuRegistry::build_after`].
    #[must_use]
    pub fn history(&self) -> SkuHistory {
        let mapped = self.pairs.iter().map(|pair| RecordedSku {
            source: pair.source.clone(),
            warehouse: pair.warehouse.clone(),
            alias: pair.origin == SkuOrigin::Alias,
            variants: self.variants(&pair.source).to_vec(),
            since: pair.since,
            retired: None,
        });
        let mut pairs: Vec<RecordedSku> = mapped.chain(self.dormant.iter().cloned()).collect();
        pairs.sort();
        SkuHistory {
            version: self.version,
            content_hash: self.hash.clone().into_string(),
            pairs,
        }
    }

    /// Hex SHA-256 over all pairs: two registries with the same hash map alike. Goes into every mapped order.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        self.hash.as_str()
    }

    /// The same, to go with an order.
    pub(crate) const fn hash(&self) -> &ContentHash {
        &self.hash
    }
}

/// Finds the articles behind many codes of the warehouse, as [`SkuRegistry::to_source`] does; several times as fast where they come
/// in the order of the shop's codes, as those of a stock feed mostly do, since the pair behind the last one is looked at first.
///
/// ```
/// use order_mapping::{CatalogueItem, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku};
/// let catalogue = ["mug-red", "plate"].map(|sku| CatalogueItem::new(sku, None));
/// let (registry, _) = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
/// let mut finder = registry.source_finder();
/// assert_eq!(finder.find("MUGRED"), Some(&SourceSku::new("mug-red")));
/// assert_eq!(finder.find("PLATE"), Some(&SourceSku::new("plate")));
/// assert_eq!(finder.find("OTHER"), None);
/// ```
#[derive(Debug, Clone)]
pub struct SourceFinder<'a> {
    registry: &'a SkuRegistry,
    next: usize,
}

impl<'a> SourceFinder<'a> {
    /// The article behind a code; for aliases the canonical one.
    pub fn find(&mut self, warehouse: &str) -> Option<&'a SourceSku> {
        let code = warehouse.trim();
        let is_it = |pair: &&Pair| {
            pair.origin != SkuOrigin::Alias && same_key(pair.warehouse.as_str(), code)
        };
        let pairs = &self.registry.pairs;
        let place = match pairs.get(self.next).filter(is_it) {
            Some(_) => self.next,
            None => self.registry.place_of_key(code)?,
        };
        self.next = place + 1;
        pairs.get(place).map(|pair| &pair.source)
    }
}

/// Equal registries map alike, refuse alike and keep the same on record; how their indexes are laid out does not count.
impl PartialEq for SkuRegistry {
    fn eq(&self, other: &Self) -> bool {
        self.pairs == other.pairs
            && self.refused == other.refused
            && self.dormant == other.dormant
            && self.variants == other.variants
            && self.version == other.version
            && self.hash == other.hash
    }
}

impl Eq for SkuRegistry {}

impl std::fmt::Debug for SkuRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SkuRegistry")
            .field("version", &self.version)
            .field("hash", &self.hash)
            .field("pairs", &self.pairs)
            .field("refused", &self.refused)
            .field("dormant", &self.dormant)
            .field("variants", &self.variants)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
