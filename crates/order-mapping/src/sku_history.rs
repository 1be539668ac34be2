//! What has been on record about article codes, so that a code keeps its meaning over the years.

use std::cmp::Reverse;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use serde::{Deserialize, Serialize};

use crate::sku_index::{key_hash, same_key, slot};
use crate::{SourceSku, WarehouseSku};

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
    pairs: &'a [RecordedSku],
    latest: HashMap<&'a str, u32, DefaultHashBuilder>,
    holders: HashTable<u32>,
    hashing: DefaultHashBuilder,
}

impl<'a> Records<'a> {
    pub(crate) fn of(history: &'a SkuHistory) -> Self {
        let mut records = Self {
            pairs: &history.pairs,
            latest: HashMap::with_capacity_and_hasher(
                history.pairs.len(),
                DefaultHashBuilder::default(),
            ),
            holders: HashTable::with_capacity(history.pairs.len()),
            hashing: DefaultHashBuilder::default(),
        };
        for (index, pair) in history.pairs.iter().enumerate() {
            records.add(slot(index), pair);
        }
        records
    }

    fn add(&mut self, index: u32, pair: &'a RecordedSku) {
        let pairs = self.pairs;
        let latest = self
            .latest
            .entry(pair.source.as_str())
            .or_insert_with(|| index);
        if record(pairs, *latest).is_some_and(|known| currency(pair) > currency(known)) {
            *latest = index;
        }
        if pair.alias {
            return;
        }
        let hashing = &self.hashing;
        let code = pair.warehouse.as_str();
        let entry = self.holders.entry(
            key_hash(hashing, code),
            |other| {
                record(pairs, *other).is_some_and(|known| same_key(known.warehouse.as_str(), code))
            },
            |other| {
                record(pairs, *other).map_or(0, |known| key_hash(hashing, known.warehouse.as_str()))
            },
        );
        let mut holder = entry.or_insert(index);
        let holder = holder.get_mut();
        if record(pairs, *holder).is_some_and(|known| claim(pair) > claim(known)) {
            *holder = index;
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pair that a code of the shop has, or had last.
    pub(crate) fn latest(&self, source: &SourceSku) -> Option<&'a RecordedSku> {
        record(self.pairs, *self.latest.get(source.as_str())?)
    }

    /// The pair to which a code of the warehouse belongs, or belonged last.
    pub(crate) fn holder(&self, code: &str) -> Option<&'a RecordedSku> {
        let holder = self.holders.find(key_hash(&self.hashing, code), |other| {
            record(self.pairs, *other).is_some_and(|known| same_key(known.warehouse.as_str(), code))
        });
        record(self.pairs, *holder?)
    }
}

fn record(pairs: &[RecordedSku], index: u32) -> Option<&RecordedSku> {
    pairs.get(usize::try_from(index).ok()?)
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
