//! Entries that are spelled like a text: a hint for people, never used by a rule.

/// Longest text that is compared, in characters.
const COMPARED: usize = 80;

/// Up to three entries that are spelled like the text, the nearest first; entries that are equal but for case come first of all.
pub(crate) fn nearest<'a>(text: &str, entries: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = |text: &str| -> String {
        text.chars()
            .take(COMPARED)
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = folded(text);
    let limit = wanted.chars().count() / 3 + 1;
    let mut near: Vec<(usize, &str)> = entries
        .map(|entry| (strsim::osa_distance(&wanted, &folded(entry)), entry))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
