//! The warehouse's stock ledger, with a sequence number for every change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The stock of one SKU as the warehouse sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarehouseStock {
    /// SKU.
    pub sku: String,
    /// Units on the shelf.
    pub on_hand: i64,
    /// Units of it set aside for orders.
    pub allocated: i64,
    /// Units of it that nobody may sell: damaged, in quarantine.
    pub unsellable: i64,
    /// Sequence number of its last change.
    pub sequence: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    on_hand: i64,
    allocated: i64,
    unsellable: i64,
    sequence: u64,
}

impl Row {
    /// Units that may be sent.
    fn sellable(&self) -> i64 {
        self.on_hand.saturating_sub(self.unsellable).max(0)
    }
}

/// The ledger. Until something is seeded the warehouse keeps no stock and sends whatever is ordered.
#[derive(Debug, Default)]
pub(crate) struct StockLedger {
    rows: BTreeMap<String, Row>,
    sequence: u64,
}

impl StockLedger {
    pub(crate) fn is_kept(&self) -> bool {
        !self.rows.is_empty()
    }

    pub(crate) fn knows(&self, sku: &str) -> bool {
        self.rows.contains_key(sku)
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn seed(&mut self, sku: &str, on_hand: i64) {
        self.rows.entry(sku.to_owned()).or_default();
        self.change(sku, |row| row.on_hand = on_hand);
    }

    /// `false` where the SKU is unknown.
    pub(crate) fn adjust(&mut self, sku: &str, delta: i64) -> bool {
        self.change(sku, |row| row.on_hand = row.on_hand.saturating_add(delta))
    }

    /// Puts units of the shelf out of bounds, or gives them back. `false` where the SKU is unknown.
    pub(crate) fn set_unsellable(&mut self, sku: &str, units: i64) -> bool {
        self.change(sku, |row| {
            row.unsellable = units.clamp(0, row.on_hand.max(0))
        })
    }

    /// Takes goods in: sellable ones, and others that stay out of bounds.
    pub(crate) fn take_in(&mut self, sku: &str, sellable: u32, unsellable: u32) {
        self.change(sku, |row| {
            row.on_hand += i64::from(sellable) + i64::from(unsellable);
            row.unsellable += i64::from(unsellable);
        });
    }

    /// Sets up to `wanted` units aside and says how many there were.
    pub(crate) fn allocate(&mut self, sku: &str, wanted: u32) -> u32 {
        let free = self
            .rows
            .get(sku)
            .map_or(0, |row| row.sellable().saturating_sub(row.allocated));
        let taken = wanted.min(u32::try_from(free.max(0)).unwrap_or(u32::MAX));
        if taken > 0 {
            self.change(sku, |row| {
                row.allocated = row.allocated.saturating_add(i64::from(taken))
            });
        }
        taken
    }

    /// How many of `wanted` units really lie on the shelf; all of them where no stock is kept.
    pub(crate) fn pickable(&self, sku: &str, wanted: u32) -> u32 {
        if !self.is_kept() {
            return wanted;
        }
        let there = self.rows.get(sku).map_or(0, Row::sellable);
        wanted.min(u32::try_from(there).unwrap_or(u32::MAX))
    }

    /// Units that an order could have: free ones and those set aside for it.
    pub(crate) fn within_reach(&self, sku: &str, own: u32) -> i64 {
        self.rows.get(sku).map_or(0, |row| {
            let others = row.allocated.saturating_sub(i64::from(own));
            row.sellable().saturating_sub(others)
        })
    }

    /// Takes picked units off the shelf and gives an allocation back.
    pub(crate) fn settle(&mut self, sku: &str, picked: u32, released: u32) {
        if picked == 0 && released == 0 {
            return;
        }
        self.change(sku, |row| {
            row.on_hand = row.on_hand.saturating_sub(i64::from(picked));
            row.allocated = row.allocated.saturating_sub(i64::from(released)).max(0);
        });
    }

    pub(crate) fn rows(&self) -> Vec<WarehouseStock> {
        self.rows
            .iter()
            .map(|(sku, row)| WarehouseStock {
                sku: sku.clone(),
                on_hand: row.on_hand,
                allocated: row.allocated,
                unsellable: row.unsellable,
                sequence: row.sequence,
            })
            .collect()
    }

    /// Items of the contract's inventory, all or those changed after a sequence number.
    pub(crate) fn items(&self, since: Option<u64>) -> Vec<Value> {
        self.rows
            .iter()
            .filter(|(_, row)| since.is_none_or(|since| row.sequence > since))
            .map(|(sku, row)| {
                json!({ "sku": sku, "onHand": row.on_hand, "allocated": row.allocated, "unsellable": row.unsellable, "sequence": row.sequence })
            })
            .collect()
    }

    fn change(&mut self, sku: &str, act: impl FnOnce(&mut Row)) -> bool {
        let Some(row) = self.rows.get_mut(sku) else {
            return false;
        };
        self.sequence += 1;
        row.sequence = self.sequence;
        act(row);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocation_never_exceeds_what_is_free() {
        let mut ledger = StockLedger::default();
        assert_eq!(ledger.allocate("A", 9), 0, "there is nothing to set aside");
        assert_eq!(ledger.pickable("A", 9), 9, "no stock is kept yet");
        ledger.seed("A", 10);
        assert_eq!(ledger.allocate("A", 7), 7);
        assert_eq!(ledger.allocate("A", 7), 3);
        assert_eq!(ledger.allocate("B", 1), 0);
        ledger.settle("A", 7, 7);
        let row = ledger.rows().remove(0);
        assert_eq!((row.on_hand, row.allocated), (3, 3));
        assert_eq!(row.sequence, ledger.sequence());
    }

    #[test]
    fn drift_can_leave_less_than_was_allocated() {
        let mut ledger = StockLedger::default();
        ledger.seed("A", 5);
        assert_eq!(ledger.allocate("A", 5), 5);
        assert!(ledger.adjust("A", -4));
        assert!(!ledger.adjust("B", -4));
        assert_eq!(ledger.pickable("A", 5), 1);
        assert_eq!(ledger.allocate("A", 1), 0);
    }
}
