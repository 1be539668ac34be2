//! Finding a pair among millions: hashes of codes, and the order of codes.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher as _};

use hashbrown::DefaultHashBuilder;

use crate::SourceSku;

/// The place of a pair as an index keeps it: half the size of a `usize`, so that more of an index stays in the processor's cache.
///
/// Places beyond `u32::MAX` cannot be kept and are not found again: their articles count as unknown, and nothing goes out wrongly.
pub(crate) fn slot(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The place of a slot.
pub(crate) fn place(slot: u32) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
}

/// Hash of a code as it is written.
pub(crate) fn text_hash(hashing: &DefaultHashBuilder, code: &str) -> u64 {
    let mut hasher = hashing.build_hasher();
    hasher.write(code.as_bytes());
    hasher.finish()
}

/// Hash of a code as the warehouse compares it: without case. Nothing is copied to the heap.
pub(crate) fn key_hash(hashing: &DefaultHashBuilder, code: &str) -> u64 {
    folded_hash(hashing, code.as_bytes(), |byte| byte.to_ascii_uppercase())
}

/// Hash of the bytes after each went through `fold`.
pub(crate) fn folded_hash(
    hashing: &DefaultHashBuilder,
    bytes: &[u8],
    fold: impl Fn(u8) -> u8,
) -> u64 {
    const PART: usize = 32;
    let mut hasher = hashing.build_hasher();
    for part in bytes.chunks(PART) {
        let mut folded = [0; PART];
        for (to, from) in folded.iter_mut().zip(part) {
            *to = fold(*from);
        }
        hasher.write(folded.get(..part.len()).unwrap_or_default());
    }
    hasher.finish()
}

/// Whether the warehouse takes two codes for one.
pub(crate) const fn same_key(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Where texts stand, by their hashes: a look-up reads one or two neighbouring words here, and then the entry itself.
///
/// Made at once from all of them, in one pass over memory from front to back; nothing can be added.
#[derive(Clone)]
pub(crate) struct HashIndex {
    /// Half a hash and a slot, ordered, with room between them: each stands at the place its hash names or as near behind it as those
    /// before it allow.
    words: Vec<u64>,
    /// How many places hashes name.
    named: u64,
}

/// No entry: the slot that none has.
const FREE: u64 = u64::MAX;

impl HashIndex {
    /// The index of words as [`by_hash`] makes them, in their order.
    pub(crate) fn of(ordered: impl ExactSizeIterator<Item = u64>) -> Self {
        let entries = ordered.len();
        let named = entries + entries / 3;
        let mut index = Self {
            words: Vec::with_capacity(named + 1),
            named: u64::try_from(named).unwrap_or_default(),
        };
        for word in ordered {
            while index.words.len() < index.place_of(upper(word)) {
                index.words.push(FREE);
            }
            index.words.push(word);
        }
        index
    }

    /// The place that half a hash names.
    fn place_of(&self, half: u32) -> usize {
        let place = (u128::from(half) * u128::from(self.named)) >> 32;
        usize::try_from(place).unwrap_or_default()
    }

    /// The slot with this hash for which `is` holds.
    pub(crate) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let half = upper(hash);
        let near = self.words.get(self.place_of(half)..).unwrap_or_default();
        let least = joined(half, 0);
        for word in near {
            if *word < least {
                continue;
            }
            let (its, slot) = parts(*word);
            if its != half || *word == FREE {
                return None;
            }
            if is(slot) {
                return Some(slot);
            }
        }
        None
    }
}

fn upper(word: u64) -> u32 {
    u32::try_from(word >> 32).unwrap_or_default()
}

fn lower(word: u64) -> u32 {
    u32::try_from(word & u64::from(u32::MAX)).unwrap_or_default()
}

/// A half of a hash, and a slot.
pub(crate) fn joined(half: u32, slot: u32) -> u64 {
    (u64::from(half) << 32) | u64::from(slot)
}

/// Words that sort by a half of a hash, with the slot it belongs to.
pub(crate) fn by_hash(hash: u64, slot: u32) -> u64 {
    joined(upper(hash), slot)
}

/// The two parts of such a word.
pub(crate) fn parts(word: u64) -> (u32, u32) {
    (upper(word), lower(word))
}

/// The beginning of a code as two numbers that compare like its first 16 bytes, and its length. Most codes are no longer, so that
/// sorting them and reading them in order seldom has to look at the text itself, which may lie anywhere in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beginning {
    bytes: (u64, u64),
    length: u32,
    /// The slot of the code.
    pub(crate) slot: u32,
}

impl Beginning {
    const BYTES: usize = 16;

    pub(crate) fn of(code: &str, slot: u32) -> Self {
        let bytes = code.as_bytes();
        let number = |from: usize| {
            let mut eight = [0; 8];
            for (to, byte) in eight.iter_mut().zip(bytes.iter().skip(from)) {
                *to = *byte;
            }
            u64::from_be_bytes(eight)
        };
        Self {
            bytes: (number(0), number(8)),
            length: u32::try_from(code.len()).unwrap_or(u32::MAX),
            slot,
        }
    }

    /// Whether there is more to the code.
    fn goes_on(self) -> bool {
        place(self.length) > Self::BYTES
    }

    /// How two codes compare; their texts are asked for only when their beginnings do not tell.
    pub(crate) fn compare<'a>(
        self,
        other: Self,
        texts: impl FnOnce() -> (&'a str, &'a str),
    ) -> Ordering {
        self.bytes.cmp(&other.bytes).then_with(|| {
            if self.goes_on() && other.goes_on() {
                let (a, b) = texts();
                a.cmp(b)
            } else {
                self.length.cmp(&other.length)
            }
        })
    }

    /// The code, where the beginning is all of it.
    pub(crate) fn whole(self) -> Option<SourceSku> {
        let mut bytes = [0; Self::BYTES];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&self.bytes.0.to_be_bytes());
        second.copy_from_slice(&self.bytes.1.to_be_bytes());
        let text = std::str::from_utf8(bytes.get(..place(self.length))?).ok()?;
        Some(SourceSku::new(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_entry_of_an_index_is_found_and_nothing_else(entries in prop::collection::btree_set(any::<u64>(), 0..40), other in any::<u64>(), few in 0_u32..3) {
            let hash = |entry: u64| match few {
                0 => entry.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                1 => entry << 62,
                _ => u64::MAX - (entry & 0xFF_FFFF_FFFF),
            };
            let entries: Vec<u64> = entries.into_iter().collect();
            let mut words: Vec<u64> = (0..).zip(&entries).map(|(slot, entry)| by_hash(hash(*entry), slot)).collect();
            words.sort_unstable();
            let index = HashIndex::of(words.into_iter());
            for (slot, entry) in (0..).zip(&entries) {
                prop_assert_eq!(index.find(hash(*entry), |at| entries.get(place(at)) == Some(entry)), Some(slot));
                prop_assert_eq!(index.find(hash(*entry), |_| false), None);
            }
            let is_other = |at| entries.get(place(at)) == Some(&other);
            prop_assert_eq!(index.find(hash(other), is_other).is_some(), entries.contains(&other));
        }

        #[test]
        fn beginnings_agree_with_the_order_of_texts(a in "[\0A-Cé]{0,20}", b in "[\0A-Cé]{0,20}") {
            let by_beginning = Beginning::of(&a, 0).compare(Beginning::of(&b, 1), || (&a, &b));
            prop_assert_eq!(by_beginning, a.cmp(&b));
            let whole = Beginning::of(&a, 0).whole();
            prop_assert_eq!(whole.is_some(), a.len() <= 16);
            prop_assert!(whole.is_none_or(|code| code.as_str() == a));
        }

        #[test]
        fn hashes_of_keys_agree_with_their_comparison(a in "[aA1]{0,70}", b in "[aA1]{0,70}") {
            let hashing = DefaultHashBuilder::default();
            prop_assert_eq!(key_hash(&hashing, &a), key_hash(&hashing, &a.to_ascii_lowercase()));
            if !same_key(&a, &b) {
                prop_assert_ne!(key_hash(&hashing, &a), key_hash(&hashing, &b));
            }
        }
    }
}
