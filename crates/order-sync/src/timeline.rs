//! What happened to an order, append-only and hash-chained.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{OrderEvent, OrderState};

/// One entry of an order's timeline.
///
/// The chain runs over digests of the entries, and an entry holds no personal data: erasing a person later does not break it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimelineEntry {
    /// Position, from 1, without gaps.
    pub sequence: u64,
    /// When it was recorded, by the store's clock.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: OrderEvent,
    /// State before.
    pub from: OrderState,
    /// State after.
    pub to: OrderState,
    /// One line for people: rule, reason codes, vendor's answer. No personal data.
    pub note: String,
    /// Digest of the entry before; empty for the first.
    pub previous: String,
    /// Digest of this entry.
    pub digest: String,
}

impl TimelineEntry {
    /// The entry that follows `previous` (the digest of the last entry, or an empty text).
    #[must_use]
    pub fn chained(
        sequence: u64,
        at: DateTime<Utc>,
        event: OrderEvent,
        from: OrderState,
        to: OrderState,
        note: &str,
        previous: &str,
    ) -> Self {
        let mut entry = Self {
            sequence,
            at,
            event,
            from,
            to,
            note: note.to_owned(),
            previous: previous.to_owned(),
            digest: String::new(),
        };
        #[cfg(canary)]
        if crate::canary::planted("chain_skipped") {
            entry.previous.clear();
        }
        entry.digest = entry.expected_digest();
        entry
    }

    fn expected_digest(&self) -> String {
        let mut hasher = Sha256::new();
        for part in [
            self.sequence.to_string().as_str(),
            &self.at.timestamp_micros().to_string(),
            self.event.as_str(),
            self.from.as_str(),
            self.to.as_str(),
            &self.note,
            &self.previous,
        ] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hasher.finalize())
    }
}

/// The position of the first entry that was changed, removed or put in afterwards; `None` when the chain is whole.
#[must_use]
pub fn first_broken_link(entries: &[TimelineEntry]) -> Option<u64> {
    let mut previous = "";
    for (expected, entry) in (1_u64..).zip(entries) {
        if entry.sequence != expected
            || entry.previous != previous
            || entry.digest != entry.expected_digest()
        {
            return Some(expected);
        }
        previous = &entry.digest;
    }
    None
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn chain() -> Vec<TimelineEntry> {
        let at = DateTime::UNIX_EPOCH;
        let mut entries: Vec<TimelineEntry> = Vec::new();
        for sequence in 1..=4 {
            let previous = entries
                .last()
                .map_or("", |entry| entry.digest.as_str())
                .to_owned();
            entries.push(TimelineEntry::chained(
                sequence,
                at,
                OrderEvent::Held,
                OrderState::Captured,
                OrderState::Held,
                "PHONE_MISSING",
                &previous,
            ));
        }
        entries
    }

    #[test]
    fn a_whole_chain_verifies() {
        assert_eq!(first_broken_link(&chain()), None);
    }

    #[test]
    fn a_changed_removed_or_inserted_entry_shows() {
        let mut changed = chain();
        changed[2].note = "PHONE_LETTERS".to_owned();
        assert_eq!(first_broken_link(&changed), Some(3));

        let mut removed = chain();
        removed.remove(1);
        assert_eq!(first_broken_link(&removed), Some(2));

        let mut inserted = chain();
        let copy = inserted[0].clone();
        inserted.insert(1, copy);
        assert_eq!(first_broken_link(&inserted), Some(2));
    }
}
