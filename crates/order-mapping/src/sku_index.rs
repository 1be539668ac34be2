//! Finding a pair among millions: hashes of codes, and the order of codes.

use std::hash::{BuildHasher, Hasher as _};

use hashbrown::{DefaultHashBuilder, HashTable};

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

/// An index over `entries`: where the one with a certain hash stands. The entries differ from each other.
pub(crate) fn index_of<T>(
    entries: &[T],
    wanted: impl Fn(&T) -> bool,
    hash: impl Fn(&T) -> u64,
) -> HashTable<u32> {
    let mut index = HashTable::with_capacity(entries.len());
    for (place_of, entry) in entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| wanted(entry))
    {
        index.insert_unique(hash(entry), slot(place_of), |other| {
            entries.get(place(*other)).map_or(0, &hash)
        });
    }
    index
}

/// The beginning of a code as two numbers that compare like its first 16 bytes. Most codes are no longer, so that sorting seldom has
/// to look at the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Beginning(u64, u64);

impl Beginning {
    pub(crate) fn of(code: &str) -> Self {
        let bytes = code.as_bytes();
        let number = |from: usize| {
            let mut eight = [0; 8];
            for (to, byte) in eight.iter_mut().zip(bytes.iter().skip(from)) {
                *to = *byte;
            }
            u64::from_be_bytes(eight)
        };
        Self(number(0), number(8))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn beginnings_agree_with_the_order_of_texts(a in "[\0A-Ca-c]{0,20}", b in "[\0A-Ca-c]{0,20}") {
            let by_beginning = Beginning::of(&a).cmp(&Beginning::of(&b));
            prop_assert_eq!(by_beginning.then_with(|| a.cmp(&b)), a.cmp(&b));
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
