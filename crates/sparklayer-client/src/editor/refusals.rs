//! Telling another writer from a clash of identifiers.

use crate::purchase::Purchase;

/// How often in a row an unchanged record may be refused before that means something.
const MOST_UNCHANGED: u32 = 2;

/// The conflicts of one edit.
///
/// A 409 to a PUT means one of two things, and the vendor does not say how to tell them (documented for both): another
/// writer was there at the same moment, and the write may succeed from a fresh read; or one of the identifiers belongs
/// to another purchase, and no repetition helps. But another writer leaves a trace: what is read after the conflict
/// differs from what was read before it, by its date of update at least. So a record that was refused several times in
/// a row, with a wait between, and is the same to the letter each time (calculated members included) had no other
/// writer: what is written is refused for itself.
///
/// The sign can err on one side: a writer that holds the record for longer than all waits and has not written yet looks
/// like a clash of identifiers. The error says so by being a conflict still; only its repetition is not advised.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    last: Option<Purchase>,
    unchanged: u32,
}

impl Refusals {
    /// Takes note that a write on top of this record was refused.
    pub(super) fn add(&mut self, before: Purchase) {
        if self.last.as_ref() == Some(&before) {
            self.unchanged += 1;
        } else {
            self.unchanged = 0;
            self.last = Some(before);
        }
    }

    /// Whether the record did not change while it was refused again and again.
    pub(super) const fn are_for_the_content(&self) -> bool {
        self.unchanged >= MOST_UNCHANGED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(updated: u32) -> Purchase {
        let text = format!(r#"{{"calculated_total":{{"number":"{updated}"}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_change_between_two_refusals_is_another_writer() {
        let mut refusals = Refusals::default();
        for updated in [1, 1, 2, 2, 3] {
            refusals.add(record(updated));
            assert!(!refusals.are_for_the_content());
        }
        refusals.add(record(3));
        assert!(!refusals.are_for_the_content());
        refusals.add(record(3));
        assert!(refusals.are_for_the_content());
    }
}
