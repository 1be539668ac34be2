//! Codes that people confuse when they pick.

use std::collections::BTreeMap;

use hashbrown::DefaultHashBuilder;

use crate::sku_index::{by_hash, folded_hash, parts};

/// Groups of places whose codes differ only by look-alikes or by leading zeros. No place is given twice.
pub(crate) fn confusable<'a>(
    places: impl Iterator<Item = u32>,
    code: impl Fn(u32) -> &'a str,
    hashing: &DefaultHashBuilder,
) -> Vec<Vec<u32>> {
    // Few codes of a catalogue are confusable: they are found by hashes alone, and only those few are looked at.
    let mut hashes: Vec<u64> = places
        .map(|place| by_hash(folded_hash(hashing, significant(code(place)), fold), place))
        .collect();
    hashes.sort_unstable();
    let mut groups = Vec::new();
    for same in hashes.chunk_by(|a, b| parts(*a).0 == parts(*b).0) {
        if same.len() < 2 {
            continue;
        }
        let mut by_key: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        for (_, place) in same.iter().map(|word| parts(*word)) {
            let bytes = significant(code(place));
            let key = bytes.iter().map(|byte| fold(*byte)).collect();
            by_key.entry(key).or_default().push(place);
        }
        groups.extend(by_key.into_values().filter(|members| members.len() > 1));
    }
    groups
}

/// What people read: without case, and with look-alikes made equal.
const fn fold(byte: u8) -> u8 {
    match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    }
}

/// The code without leading zeros, when it reads as a number.
fn significant(code: &str) -> &[u8] {
    let bytes = code.as_bytes();
    let zeros = bytes.iter().take_while(|byte| fold(**byte) == b'0').count();
    if zeros > 0 && bytes.iter().all(|byte| fold(*byte).is_ascii_digit()) {
        bytes.get(zeros..).unwrap_or_default()
    } else {
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_and_leading_zeros() {
        let codes = [
            "O1", "01", "oL", "1", "AB0", "ABO", "0AB", "AB", "000", "O", "7",
        ];
        let mut found = confusable(
            0..11,
            |place| codes[usize::try_from(place).unwrap()],
            &DefaultHashBuilder::default(),
        );
        found.sort();
        assert_eq!(found, [vec![0, 1, 2, 3], vec![4, 5], vec![8, 9]]);
    }
}
