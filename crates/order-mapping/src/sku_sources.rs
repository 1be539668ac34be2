//! The codes of a catalogue in order, each once.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::sku_index::{Beginning, place, slot};
use crate::{CatalogueItem, SourceSku};

/// Every code to be mapped, ordered by its text.
pub(crate) struct Sources<'a> {
    catalogue: &'a [CatalogueItem],
    /// Codes that only a manual row names.
    declared: Vec<&'a SourceSku>,
    /// Their slots are places in the catalogue, and behind its end in `declared`.
    order: Vec<Beginning>,
}

/// One code with all the rows that have it.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) sku: SourceSku,
    /// Where its rows begin in the order.
    pub(crate) at: usize,
    /// How many there are, one of them perhaps a manual row.
    pub(crate) rows: usize,
}

impl<'a> Sources<'a> {
    pub(crate) fn of(
        catalogue: &'a [CatalogueItem],
        declared: impl Iterator<Item = &'a SourceSku>,
    ) -> Self {
        let mut sources = Self {
            catalogue,
            declared: declared.collect(),
            order: Vec::new(),
        };
        let mut order = Vec::with_capacity(catalogue.len() + sources.declared.len());
        let codes = catalogue.iter().map(|item| &item.sku);
        order.extend(
            codes
                .chain(sources.declared.iter().copied())
                .enumerate()
                .map(|(index, sku)| Beginning::of(sku.as_str(), slot(index))),
        );
        order.sort_unstable_by(|a, b| sources.compare(*a, *b));
        sources.order = order;
        sources
    }

    fn sku(&self, one: Beginning) -> Option<&'a SourceSku> {
        let index = place(one.slot);
        match self.catalogue.get(index) {
            Some(item) => Some(&item.sku),
            None => self.declared.get(index - self.catalogue.len()).copied(),
        }
    }

    fn text(&self, one: Beginning) -> &'a str {
        self.sku(one).map_or("", SourceSku::as_str)
    }

    fn compare(&self, a: Beginning, b: Beginning) -> Ordering {
        a.compare(b, || (self.text(a), self.text(b)))
    }

    /// Upper bound of the number of codes.
    pub(crate) const fn len(&self) -> usize {
        self.order.len()
    }

    /// Every code once, in order.
    pub(crate) fn each(&self) -> impl Iterator<Item = Source> {
        let mut at = 0;
        self.order
            .chunk_by(|a, b| self.compare(*a, *b).is_eq())
            .filter_map(move |rows| {
                let first = *rows.first()?;
                let source = Source {
                    sku: first.whole().or_else(|| self.sku(first).cloned())?,
                    at,
                    rows: rows.len(),
                };
                at += rows.len();
                Some(source)
            })
    }

    /// Where the rows of a code begin in the order.
    fn find(&self, sku: &SourceSku) -> usize {
        let wanted = Beginning::of(sku.as_str(), 0);
        self.order.partition_point(|one| {
            one.compare(wanted, || (self.text(*one), sku.as_str()))
                .is_lt()
        })
    }

    /// Whether a code is among them.
    pub(crate) fn has(&self, sku: &SourceSku) -> bool {
        let found = self.order.get(self.find(sku));
        found.is_some_and(|one| self.text(*one) == sku.as_str())
    }

    /// The rows of a code, from where they begin in the order.
    pub(crate) fn rows(&self, at: usize) -> impl Iterator<Item = &'a CatalogueItem> {
        let code = self.order.get(at).map(|first| self.text(*first));
        self.order
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(move |one| Some(self.text(**one)) == code)
            .filter_map(|one| self.catalogue.get(place(one.slot)))
    }

    /// The different descriptions of a code, trimmed, without empty ones.
    pub(crate) fn descriptions(&self, at: usize) -> BTreeSet<&'a str> {
        self.rows(at)
            .filter_map(|item| item.description.as_deref())
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect()
    }
}
