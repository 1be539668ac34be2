//! Catalogues in no order, and the least that a registry of them costs.

use hashbrown::HashMap;
use order_mapping::{CatalogueItem, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku};

/// What the codes of a catalogue are like.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// All of them go as they are.
    Clean,
    /// As at a real wholesaler: 5 % differ from another one by case only, 1 % have punctuation.
    Mixed,
    /// All of them go in another form.
    Changed,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Clean, Self::Mixed, Self::Changed];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Mixed => "mixed",
            Self::Changed => "changed",
        }
    }

    fn code(self, index: u64) -> String {
        // A prime above the largest catalogue, so that every number comes once.
        let scattered = |index: u64| index * 2_654_435_761 % 1_000_003;
        let number = scattered(index);
        match (self, index % 100) {
            (Self::Changed, _) => format!("AB-{number:07}"),
            (Self::Mixed, 0 | 20 | 40 | 60 | 80) => {
                format!("SKU{:07}a", scattered(index + 1))
            }
            (Self::Mixed, 50) => format!("SKU-{number:07}A"),
            _ => format!("SKU{number:07}A"),
        }
    }

    pub(crate) fn catalogue(self, codes: u64) -> Vec<CatalogueItem> {
        (0..codes)
            .map(|index| CatalogueItem::new(self.code(index), None))
            .collect()
    }
}

pub(crate) fn build(catalogue: &[CatalogueItem]) -> SkuRegistry {
    SkuRegistry::build(catalogue, &SkuOverrides::default(), &SkuPolicy::default()).0
}

/// The floor: the same codes read, and put into one hash map.
pub(crate) fn map(catalogue: &[CatalogueItem]) -> HashMap<SourceSku, u32> {
    let codes = catalogue.iter().zip(0..);
    codes
        .map(|(item, index)| (item.sku.clone(), index))
        .collect()
}
