//! Available to promise for a whole warehouse: buffers, packs and kits in one pass, and what changed against what the shop shows.

use std::borrow::Borrow;
use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

use crate::packs::PackRules;
use crate::stock::promise;
use crate::{
    AvailableToPromise, Buffer, PackRatio, Profile, SkuRegistry, SourceSku, StockPolicy,
    StockPosition,
};

/// What is known of one article of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ArticleStock {
    /// The article, by the shop's code.
    pub sku: SourceSku,
    /// Its figures, in the warehouse's unit.
    pub position: StockPosition,
}

/// Units of one article that the shop shows, or is to show, in the shop's unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StockLevel {
    /// The article in the shop.
    pub sku: SourceSku,
    /// Units.
    pub level: i64,
}

impl StockLevel {
    /// A level of an article.
    pub fn new(sku: impl Into<SourceSku>, level: i64) -> Self {
        Self {
            sku: sku.into(),
            level,
        }
    }
}

/// The rules of stock in the form in which they are applied. Made once from a profile and a registry, used for a million rows.
///
/// ```
/// use order_mapping::{ArticleStock, AtpCalculator, CatalogueItem, Profile, SkuOverrides, SkuRegistry, StockPosition};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: Profile = toml::from_str(r#"
///     stock = { buffer = { fixed = 2 } }
///
///     [[kits]]
///     sku = "GIFTSET"
///     components = [{ sku = "MUG", quantity = 1 }, { sku = "COASTER", quantity = 4 }]
/// "#)?;
/// let catalogue = ["MUG", "COASTER"].map(|sku| CatalogueItem::new(sku, None));
/// let (registry, _) = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &profile.sku);
/// let stock = [("MUG", 10), ("COASTER", 14)].map(|(sku, on_hand)| ArticleStock {
///     sku: sku.into(),
///     position: StockPosition { on_hand, ..StockPosition::default() },
/// });
/// let levels = AtpCalculator::new(&profile, &registry).levels(&stock);
/// let shown: Vec<(&str, i64)> = levels.iter().map(|one| (one.sku.as_str(), one.level)).collect();
/// assert_eq!(shown, [("MUG", 8), ("COASTER", 12), ("GIFTSET", 3)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AtpCalculator {
    policy: StockPolicy,
    buffers: HashMap<SourceSku, Buffer>,
    packs: PackRules,
    kits: Vec<KitStock>,
    /// Kits are never offered by figures of their own.
    kit_skus: HashSet<SourceSku>,
    /// Position in the table of components.
    components: HashMap<SourceSku, usize>,
}

#[derive(Debug, Clone)]
struct KitStock {
    sku: SourceSku,
    /// Position in the table of components, units in one kit.
    parts: Vec<(usize, u32)>,
}

impl AtpCalculator {
    /// The rules of a profile. The registry brings a component that is listed under an alias to the article that has the stock.
    #[must_use]
    pub fn new(profile: &Profile, registry: &SkuRegistry) -> Self {
        let mut buffers = HashMap::new();
        for one in &profile.stock.sku_buffers {
            buffers.entry(one.sku.clone()).or_insert(one.buffer);
        }
        let rules = profile.kits.compile();
        let mut components: HashMap<SourceSku, usize> = HashMap::new();
        let mut kits = Vec::new();
        for (sku, of_kit) in rules.usable() {
            let mut parts: Vec<(usize, u32)> = Vec::new();
            for component in of_kit {
                let canonical = registry
                    .to_warehouse(&component.sku)
                    .and_then(|code| registry.to_source(code.as_str()))
                    .unwrap_or(&component.sku);
                let next = components.len();
                let at = *components.entry(canonical.clone()).or_insert(next);
                // Two spellings of one article draw on the same units.
                match parts.iter_mut().find(|(known, _)| *known == at) {
                    Some((_, per_kit)) => *per_kit = per_kit.saturating_add(component.quantity),
                    None => parts.push((at, component.quantity)),
                }
            }
            kits.push(KitStock {
                sku: sku.clone(),
                parts,
            });
        }
        Self {
            policy: profile.stock.clone(),
            buffers,
            packs: profile.packs.compile(),
            kits,
            kit_skus: profile
                .kits
                .kits
                .iter()
                .map(|kit| kit.sku.clone())
                .collect(),
            components,
        }
    }

    /// What may be sold of one article that is no kit.
    #[must_use]
    pub fn promise(&self, sku: &SourceSku, position: &StockPosition) -> AvailableToPromise {
        let buffer = self.buffers.get(sku).unwrap_or(&self.policy.buffer);
        self.promise_under(sku, buffer, position)
    }

    fn promise_under(
        &self,
        sku: &SourceSku,
        buffer: &Buffer,
        position: &StockPosition,
    ) -> AvailableToPromise {
        match self.packs.of_stock(sku) {
            Some(ratio) => promise(position, &self.policy, buffer, ratio),
            // Of a pack size that cannot be used nothing may be offered.
            None => AvailableToPromise {
                sellable: 0,
                ..promise(position, &self.policy, buffer, PackRatio::ONE)
            },
        }
    }

    /// The level of every article, in the order given, then of every kit, by code.
    ///
    /// A kit has so many units as its scarcest component allows, after the component's own buffer and before its pack size; a
    /// component without figures counts as nothing. The kit's own buffer and pack size come on top, if it has any. A kit of which no
    /// component has figures has no level. A figure for the kit's own code is not used: it is never picked as such. Article and kit
    /// share the units and both offer them, as two articles of the shop that draw on one shelf; an order of either takes them off
    /// both.
    #[must_use]
    pub fn levels(
        &self,
        articles: impl IntoIterator<Item = impl Borrow<ArticleStock>>,
    ) -> Vec<StockLevel> {
        let articles = articles.into_iter();
        let expected = articles.size_hint().0.saturating_add(self.kits.len());
        let mut levels = Vec::with_capacity(expected);
        let mut units: Vec<Option<i64>> = vec![None; self.components.len()];
        for article in articles {
            let article: &ArticleStock = article.borrow();
            let offer = self.promise(&article.sku, &article.position);
            if !self.components.is_empty()
                && let Some(at) = self.components.get(&article.sku)
                && let Some(units) = units.get_mut(*at)
            {
                *units = Some(offer.units);
            }
            if self.kit_skus.is_empty() || !self.kit_skus.contains(&article.sku) {
                levels.push(StockLevel {
                    sku: article.sku.clone(),
                    level: offer.sellable,
                });
            }
        }
        for kit in &self.kits {
            let of_parts = || {
                kit.parts
                    .iter()
                    .map(|(at, per_kit)| (units.get(*at).copied().flatten(), i64::from(*per_kit)))
            };
            if of_parts().all(|(units, _)| units.is_none()) {
                continue;
            }
            let kits = of_parts()
                .map(|(units, per_kit)| units.unwrap_or(0) / per_kit.max(1))
                .min()
                .unwrap_or(0);
            let position = StockPosition {
                on_hand: kits,
                ..StockPosition::default()
            };
            // The general buffer was kept back from the components already.
            let own = self.buffers.get(&kit.sku).copied().unwrap_or_default();
            levels.push(StockLevel {
                sku: kit.sku.clone(),
                level: self.promise_under(&kit.sku, &own, &position).sellable,
            });
        }
        levels
    }
}

/// One level that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LevelChange {
    /// The article in the shop.
    pub sku: SourceSku,
    /// What it shows; none when it was never told.
    pub from: Option<i64>,
    /// What it is to show.
    pub to: i64,
}

/// What differs between the levels that the shop shows and those that it is to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LevelDiff {
    /// Levels to write, by article.
    pub changes: Vec<LevelChange>,
    /// Levels that are right already.
    pub unchanged: usize,
    /// Articles that the shop shows and nobody says anything of, by code: left as they are. Taking them off sale is a decision,
    /// not a difference.
    pub unclaimed: Vec<SourceSku>,
}

/// Compares the levels that the shop shows with those that it is to show.
///
/// Either list may have any order; the result is ordered by article, and the same whatever the order was. Of an article that is
/// listed twice the last level counts.
///
/// ```
/// use order_mapping::{StockLevel, diff_levels};
/// let shown = [StockLevel::new("B", 3), StockLevel::new("A", 1), StockLevel::new("OLD", 9)];
/// let wanted = [StockLevel::new("A", 1), StockLevel::new("C", 7), StockLevel::new("B", 2)];
/// let diff = diff_levels(&shown, &wanted);
/// let changes: Vec<_> = diff.changes.iter().map(|one| (one.sku.as_str(), one.from, one.to)).collect();
/// assert_eq!(changes, [("B", Some(3), 2), ("C", None, 7)]);
/// assert_eq!((diff.unchanged, diff.unclaimed), (1, vec!["OLD".into()]));
/// ```
#[must_use]
pub fn diff_levels(published: &[StockLevel], wanted: &[StockLevel]) -> LevelDiff {
    // Stores hand out both lists in order already, and then there is nothing to do but to walk along them.
    if each_once_in_order(published) && each_once_in_order(wanted) {
        merged(published.iter(), wanted.iter())
    } else {
        merged(in_order(published), in_order(wanted))
    }
}

fn each_once_in_order(levels: &[StockLevel]) -> bool {
    levels.is_sorted_by(|one, next| one.sku < next.sku)
}

/// The levels by article, the last of each.
fn in_order(levels: &[StockLevel]) -> impl Iterator<Item = &StockLevel> {
    let mut levels: Vec<&StockLevel> = levels.iter().collect();
    // Equals keep their order, and runs that are in order already cost one look.
    levels.sort_by(|one, other| one.sku.cmp(&other.sku));
    let mut levels = levels.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut last = levels.next()?;
        while let Some(later) = levels.next_if(|next| next.sku == last.sku) {
            last = later;
        }
        Some(last)
    })
}

/// Compares two lists that have every article once, in order.
fn merged<'a>(
    published: impl Iterator<Item = &'a StockLevel>,
    mut wanted: impl Iterator<Item = &'a StockLevel>,
) -> LevelDiff {
    let mut diff = LevelDiff::default();
    let to_write = |level: &StockLevel, from: Option<i64>| LevelChange {
        sku: level.sku.clone(),
        from,
        to: level.level,
    };
    let mut next = wanted.next();
    for shown in published {
        let mut claimed = false;
        while let Some(level) = next {
            match level.sku.cmp(&shown.sku) {
                Ordering::Less => diff.changes.push(to_write(level, None)),
                Ordering::Equal if level.level == shown.level => {
                    diff.unchanged += 1;
                    claimed = true;
                }
                Ordering::Equal => {
                    diff.changes.push(to_write(level, Some(shown.level)));
                    claimed = true;
                }
                Ordering::Greater => break,
            }
            next = wanted.next();
            if claimed {
                break;
            }
        }
        if !claimed {
            diff.unclaimed.push(shown.sku.clone());
        }
    }
    diff.changes.extend(
        next.into_iter()
            .chain(wanted)
            .map(|level| to_write(level, None)),
    );
    diff
}
