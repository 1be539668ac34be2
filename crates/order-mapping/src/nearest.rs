//! Entries that are spelled like a text: a hint for people, never used by a rule.

use crate::{Applicability, Arg, Diagnostic};

/// Longest text that is compared, in characters.
const COMPARED: usize = 80;

/// Up to three entries that are spelled like the text, the nearest first; entries that are equal but for case come first of all.
pub(crate) fn nearest<'a>(text: &str, entries: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = folded(text);
    let length = wanted.chars().count();
    let limit = length / 3 + 1;
    let mut near: Vec<(usize, &str)> = entries
        // Every letter of difference in length is a step at least.
        .filter(|entry| entry.chars().take(COMPARED).count().abs_diff(length) <= limit)
        .map(|entry| (steps(&wanted, &folded(entry)), entry))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, entry)| entry).collect()
}

/// The entry of `known` that is nearest to `word`, when it is near enough to be a slip of the fingers: at most three letters to
/// change, add, remove or swap, and at most half of the entry's. Compared without case.
///
/// For hints in messages only; nothing is ever taken for its neighbour.
///
/// ```
/// use order_mapping::nearest_word;
/// assert_eq!(nearest_word("max_lenght", ["max_length", "min_length"]), Some("max_length"));
/// assert_eq!(nearest_word("price", ["max_length", "min_length"]), None);
/// ```
#[must_use]
pub fn nearest_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    known
        .into_iter()
        .map(|entry| (steps(&word, &folded(entry)), entry))
        .filter(|(steps, entry)| *steps <= 3 && *steps * 2 <= entry.chars().count().max(2))
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, entry)| entry)
}

/// Letters to change, add, remove or swap. What both texts begin and end with costs nothing, and is most of them.
fn steps(a: &str, b: &str) -> usize {
    let same = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b)
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum::<usize>()
    };
    let front = same(&mut a.chars(), &mut b.chars());
    let (a, b) = (
        a.get(front..).unwrap_or_default(),
        b.get(front..).unwrap_or_default(),
    );
    let back = same(&mut a.chars().rev(), &mut b.chars().rev());
    strsim::osa_distance(
        a.get(..a.len() - back).unwrap_or_default(),
        b.get(..b.len() - back).unwrap_or_default(),
    )
}

/// Says for programs which known word is meant, should it be a slip of the fingers.
pub(crate) fn spelled_like(fault: Diagnostic, near: &str) -> Diagnostic {
    fault
        .with_arg(Arg::Near(vec![near.to_owned()]))
        .with_fix(near, Applicability::NeedsReview)
}

fn folded(text: &str) -> String {
    match text.get(..COMPARED.min(text.len())) {
        Some(compared) if compared.is_ascii() => compared.to_ascii_lowercase(),
        _ => text
            .chars()
            .take(COMPARED)
            .flat_map(char::to_lowercase)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_two_texts_share_at_their_ends_does_not_count(a in "[abé]{0,9}", b in "[abé]{0,9}") {
            prop_assert_eq!(steps(&a, &b), strsim::osa_distance(&a, &b));
        }
    }

    #[test]
    fn the_nearest_come_first_and_what_is_far_is_not_named() {
        let entries = ["Express B2B Delivery", "Express Delivery", "Pallet"];
        assert_eq!(
            nearest("express b2b delivery", entries.into_iter()),
            ["Express B2B Delivery", "Express Delivery"]
        );
        assert!(nearest("Drone", entries.into_iter()).is_empty());
        assert_eq!(nearest("Palelt", entries.into_iter()), ["Pallet"]);
        let long = "x".repeat(1_000_000);
        assert!(nearest(&long, entries.into_iter()).is_empty());
    }

    #[test]
    fn only_a_slip_of_the_fingers_is_suggested() {
        let keys = ["max_length", "min_length", "case"];
        assert_eq!(nearest_word("max_lenght", keys), Some("max_length"));
        assert_eq!(nearest_word("CASE", keys), Some("case"));
        assert_eq!(nearest_word("price", keys), None);
        assert_eq!(nearest_word("", keys), None);
        assert_eq!(nearest_word(&"x".repeat(1_000_000), keys), None);
    }
}
