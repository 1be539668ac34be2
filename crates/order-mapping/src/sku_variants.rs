//! The shop's stable ids of articles: they show when an article got another code, or a code another article.

use std::collections::BTreeSet;

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::sku_declarations::Declarations;
use crate::sku_history::Records;
use crate::{CatalogueItem, RecordedSku, SourceSku, VariantId};

/// The variants of a catalogue, and those on record. Costs nothing where neither has any.
#[derive(Default)]
pub(crate) struct Variants<'a> {
    /// By code: the variants that the catalogue has under it.
    now: HashMap<&'a SourceSku, BTreeSet<&'a VariantId>, DefaultHashBuilder>,
    /// By variant: the pairs that it has had.
    recorded: HashMap<&'a VariantId, Vec<&'a RecordedSku>, DefaultHashBuilder>,
}

impl<'a> Variants<'a> {
    pub(crate) fn of(catalogue: &'a [CatalogueItem], records: &Records<'a>) -> Self {
        let mut variants = Self::default();
        for item in catalogue {
            if let Some(variant) = item.variant.as_ref().filter(|id| is_told(id)) {
                variants.now.entry(&item.sku).or_default().insert(variant);
            }
        }
        if !variants.now.is_empty() {
            for record in records.each() {
                for variant in &record.variants {
                    variants.recorded.entry(variant).or_default().push(record);
                }
            }
        }
        variants
    }

    /// The pair that a variant of a code has had under another code. None for a code that the variant has on record, and where a
    /// person declared the old code an alias of this one.
    pub(crate) fn renamed(
        &self,
        sku: &SourceSku,
        declared: &Declarations<'_>,
    ) -> Option<(&'a VariantId, &'a RecordedSku)> {
        self.now.get(sku)?.iter().find_map(|variant| {
            let had = self.recorded.get(*variant)?;
            let in_use = |record: &&RecordedSku| record.retired.is_none();
            if had.iter().any(|one| in_use(one) && one.source == *sku) {
                return None;
            }
            let last = had
                .iter()
                .max_by_key(|one| (in_use(one), one.retired, one.since))?;
            let is_other = declared.standing_for(&last.source) != sku;
            is_other.then_some((*variant, *last))
        })
    }

    /// Whether a code has other variants than it had on record.
    pub(crate) fn are_others(&self, sku: &SourceSku, record: Option<&RecordedSku>) -> bool {
        let (Some(now), Some(record)) = (self.now.get(sku), record) else {
            return false;
        };
        !record.variants.is_empty() && !record.variants.iter().any(|one| now.contains(one))
    }

    /// What is to be on record of a code: the catalogue's variants, else those it has had.
    pub(crate) fn to_record(
        &self,
        sku: &SourceSku,
        record: Option<&RecordedSku>,
    ) -> Vec<VariantId> {
        match self.now.get(sku) {
            Some(now) => now.iter().copied().cloned().collect(),
            None => record
                .map(|record| record.variants.clone())
                .unwrap_or_default(),
        }
    }
}

fn is_told(variant: &VariantId) -> bool {
    !variant.as_str().trim().is_empty()
}
