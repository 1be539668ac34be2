//! Finding a pair among millions: hashes of codes, and the order of codes.

use std::hash::{BuildHasher, Hasher as _};

use hashbrown::DefaultHashBuilder;

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

/// Entries laid out in the order of their hashes: a look-up reads one word here, and then the entry itself. Takes no more room than
/// the entries and four bytes for each; nothing can be added.
#[derive(Clone)]
pub(crate) struct Layout {
    /// Where every bucket begins, and at the end where the last one ends. As many buckets as entries.
    starts: Vec<u32>,
}

impl Layout {
    /// Puts the entries in the order of their hashes. Says where each of them went.
    pub(crate) fn arrange<T>(entries: &mut [T], hash: impl Fn(&T) -> u64) -> (Self, Vec<u32>) {
        let mut layout = Self {
            starts: vec![0; entries.len() + 1],
        };
        let mut places: Vec<u32> = entries
            .iter()
            .map(|entry| slot(layout.bucket(hash(entry))))
            .collect();
        for bucket in &places {
            if let Some(number) = layout.starts.get_mut(place(*bucket) + 1) {
                *number = number.saturating_add(1);
            }
        }
        let mut before = 0_u32;
        for number in &mut layout.starts {
            before = before.saturating_add(*number);
            *number = before;
        }
        let mut next = layout.starts.clone();
        for at in &mut places {
            if let Some(next) = next.get_mut(place(*at)) {
                *at = *next;
                *next = next.saturating_add(1);
            }
        }
        drop(next);
        let mut to = places.clone();
        for at in 0..entries.len() {
            while let Some(target) = to.get(at).map(|to| place(*to))
                && target != at
                && target < entries.len()
            {
                entries.swap(at, target);
                to.swap(at, target);
            }
        }
        (layout, places)
    }

    fn bucket(&self, hash: u64) -> usize {
        let buckets = u64::try_from(self.starts.len() - 1).unwrap_or_default();
        let bucket = (u64::from(upper(hash)) * buckets.min(u64::from(u32::MAX))) >> 32;
        usize::try_from(bucket).unwrap_or_default()
    }

    /// The entry with this hash for which `is` holds.
    pub(crate) fn find<'a, T>(
        &self,
        entries: &'a [T],
        hash: u64,
        mut is: impl FnMut(&T) -> bool,
    ) -> Option<&'a T> {
        let bucket = self.bucket(hash);
        let from = place(*self.starts.get(bucket)?);
        let to = place(*self.starts.get(bucket + 1)?);
        entries.get(from..to)?.iter().find(|entry| is(entry))
    }
}

fn upper(word: u64) -> u32 {
    u32::try_from(word >> 32).unwrap_or_default()
}

fn lower(word: u64) -> u32 {
    u32::try_from(word & u64::from(u32::MAX)).unwrap_or_default()
}

/// A half of a hash, and a slot.
fn joined(half: u32, slot: u32) -> u64 {
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
        fn every_entry_of_a_layout_is_found_where_it_is_said_to_be(entries in prop::collection::btree_set(any::<u64>(), 0..40), few in any::<bool>()) {
            let hash = |entry: &u64| if few { entry << 62 } else { entry.wrapping_mul(0x9E37_79B9_7F4A_7C15) };
            let before: Vec<u64> = entries.into_iter().collect();
            let mut after = before.clone();
            let (layout, places) = Layout::arrange(&mut after, hash);
            for (entry, at) in before.iter().zip(&places) {
                prop_assert_eq!(after.get(place(*at)), Some(entry));
                prop_assert_eq!(layout.find(&after, hash(entry), |other| other == entry), Some(entry));
                prop_assert_eq!(layout.find(&after, hash(entry), |_| false), None);
            }
            prop_assert_eq!(places.len(), after.len());
        }

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
