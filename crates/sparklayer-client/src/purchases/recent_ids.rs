//! The rows that a stream has just seen.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The last ids of a stream, so that a row that moved to a later page is not given out twice. Bounded, so that a list
/// of any length is read in the same memory.
#[derive(Debug, Default)]
pub(super) struct RecentIds {
    known: HashSet<Arc<str>>,
    in_order: VecDeque<Arc<str>>,
}

impl RecentIds {
    /// How many ids are remembered: ten of the largest pages.
    pub(super) const MOST: usize = 5_000;

    /// Whether the id is new, as far as is remembered.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        if self.known.contains(id) {
            return false;
        }
        if self.in_order.len() >= Self::MOST
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.known.remove(&oldest);
        }
        let id: Arc<str> = id.into();
        self.known.insert(Arc::clone(&id));
        self.in_order.push_back(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_id_is_forgotten_first() {
        let mut recent = RecentIds::default();
        for number in 0..=RecentIds::MOST {
            assert!(recent.is_new(&number.to_string()));
        }
        assert!(!recent.is_new(&RecentIds::MOST.to_string()));
        assert!(!recent.is_new("1"));
        assert!(recent.is_new("0"), "forgotten");
        assert_eq!(recent.in_order.len(), RecentIds::MOST);
        assert_eq!(recent.known.len(), RecentIds::MOST);
    }
}
