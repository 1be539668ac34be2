//! What has been on record about article codes, so that a code keeps its meaning over the years.

use std::cmp::Reverse;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use crate::sku_index::{key_hash, place, same_key, slot};
use crate::{SourceSku, VariantId, WarehouseSku};

/// One pair that is or was in use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedSku {
    /// The shop's code.
    pub source: SourceSku,
    /// The warehouse's code.
    pub warehouse: WarehouseSku,
    /// A declared alias: the warehouse code belongs to another code of the shop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alias: bool,
    /// The shop's ids of the article, ordered; empty where none is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantId>,
    /// The version of the registry with which the pair came into use.
    pub since: u32,
    /// The version with which it went out of use; its warehouse code stays reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<u32>,
}

/// What a registry has to know of the ones before it. Plain data for a file or a store; the default has nothing on record.
///
/// Got from [`crate::SkuRegistry::history`] and given to [`crate::SkuRegistry::build_after`]. Pairs are never deleted from it, because
/// goods under a retired code may still lie at the warehouse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkuHistory {
    /// Version of the last registry; 0 before the first.
    pub version: u32,
    /// Its content hash.
    pub content_hash: String,
    /// Every pair that is or was in use, ordered by the shop's code.
    pub pairs: Vec<RecordedSku>,
}

/// A history made ready for look-ups. Does not depend on the order of its pairs, and survives one that was edited by hand.
pub(crate) struct Records<'a> {
    /// Ordered by source; of the pairs of one source, the one that counts is the last.
    pairs: Vec<&'a RecordedSku>,
    /// By warehouse code without case: to whom it belongs.
    holders: HashTable<u32>,
    hashing: DefaultHashBuilder,
    /// Several pairs in use have one warehouse code, which no registry ever had.
    contested: bool,
}

impl<'a> Records<'a> {
    pub(crate) fn of(history: &'a SkuHistory) -> Self {
        let mut pairs: Vec<&RecordedSku> = history.pairs.iter().collect();
        pairs.sort_by(|a, b| {
            a.source
                .cmp(&b.source)
                .then_with(|| currency(a).cmp(&currency(b)))
        });
        let mut records = Self {
            holders: HashTable::with_capacity(pairs.len()),
            pairs,
            hashing: DefaultHashBuilder::default(),
            contested: false,
        };
        for index in 0..records.pairs.len() {
            records.add(slot(index));
        }
        records
    }

    fn add(&mut self, index: u32) {
        let pairs = &self.pairs;
        let of = |slot: u32| pairs.get(place(slot)).copied();
        let Some(pair) = of(index).filter(|pair| !pair.alias) else {
            return;
        };
        let code = pair.warehouse.as_str();
        let hash = key_hash(&self.hashing, code);
        let code_of = |slot: u32| of(slot).map_or("", |known| known.warehouse.as_str());
        let entry = self.holders.entry(
            hash,
            |other| same_key(code_of(*other), code),
            |other| key_hash(&self.hashing, code_of(*other)),
        );
        let mut entry = entry.or_insert(index);
        let holder = entry.get_mut();
        if let Some(known) = of(*holder).filter(|_| *holder != index) {
            self.contested |= known.retired.is_none() && pair.retired.is_none();
            if claim(pair) > claim(known) {
                *holder = index;
            }
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pair that a code of the shop has, or had last. Codes are asked for in their order, each once; `at` begins at 0.
    pub(crate) fn latest(&self, at: &mut usize, source: &SourceSku) -> Option<&'a RecordedSku> {
        let mut found = None;
        while let Some(pair) = self.pairs.get(*at).filter(|pair| pair.source <= *source) {
            found = Some(*pair);
            *at += 1;
        }
        found.filter(|pair| pair.source == *source)
    }

    /// Whether a pair in use has its warehouse code to itself.
    pub(crate) const fn is_undisputed(&self, pair: &RecordedSku) -> bool {
        !self.contested && !pair.alias && pair.retired.is_none()
    }

    /// The pair to which a code of the warehouse belongs, or belonged last.
    pub(crate) fn holder(&self, code: &str) -> Option<&'a RecordedSku> {
        let of = |slot: u32| self.pairs.get(place(slot)).copied();
        let holder = self.holders.find(key_hash(&self.hashing, code), |other| {
            of(*other).is_some_and(|known| same_key(known.warehouse.as_str(), code))
        });
        of(*holder?)
    }

    /// All pairs, ordered by source.
    pub(crate) fn each(&self) -> impl Iterator<Item = &'a RecordedSku> {
        self.pairs.iter().copied()
    }
}

/// Of the pairs of one source, the one in use, else the one that went out of use last.
fn currency(pair: &RecordedSku) -> impl Ord {
    (
        pair.retired.is_none(),
        pair.retired,
        pair.since,
        &pair.warehouse,
    )
}

/// Of the pairs with one warehouse code, the one in use (should there be two, the older one), else the one that went out of use last.
fn claim(pair: &RecordedSku) -> impl Ord {
    (
        pair.retired.is_none(),
        pair.retired,
        Reverse(pair.since),
        Reverse(&pair.source),
    )
}
