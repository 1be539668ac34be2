//! The codes of a catalogue in order, each once.

use std::collections::BTreeSet;

use crate::sku_index::Beginning;
use crate::{CatalogueItem, SourceSku};

/// Every code to be mapped, ordered by its text.
pub(crate) struct Sources<'a> {
    catalogue: &'a [CatalogueItem],
    /// Codes that only a manual row names.
    declared: Vec<&'a SourceSku>,
    /// Places in the catalogue, and behind its end in `declared`.
    order: Vec<(Beginning, usize)>,
}

/// One code with all the rows that have it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) sku: &'a SourceSku,
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
                .map(|(index, sku)| (Beginning::of(sku.as_str()), index)),
        );
        order.sort_unstable_by(|(a, x), (b, y)| {
            a.cmp(b)
                .then_with(|| sources.text(*x).cmp(sources.text(*y)))
        });
        sources.order = order;
        sources
    }

    fn sku(&self, index: usize) -> Option<&'a SourceSku> {
        match self.catalogue.get(index) {
            Some(item) => Some(&item.sku),
            None => self.declared.get(index - self.catalogue.len()).copied(),
        }
    }

    fn text(&self, index: usize) -> &'a str {
        self.sku(index).map_or("", SourceSku::as_str)
    }

    /// Upper bound of the number of codes.
    pub(crate) const fn len(&self) -> usize {
        self.order.len()
    }

    /// Every code once, in order.
    pub(crate) fn each(&self) -> impl Iterator<Item = Source<'a>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let &(beginning, index) = self.order.get(at)?;
            let mut source = Source {
                sku: self.sku(index)?,
                at,
                rows: 1,
            };
            at += 1;
            while let Some(&(next, other)) = self.order.get(at)
                && next == beginning
                && self.text(other) == source.sku.as_str()
            {
                at += 1;
                source.rows += 1;
            }
            Some(source)
        })
    }

    /// Whether a code is among them.
    pub(crate) fn has(&self, sku: &SourceSku) -> bool {
        let beginning = Beginning::of(sku.as_str());
        self.order
            .binary_search_by(|(other, index)| {
                other
                    .cmp(&beginning)
                    .then_with(|| self.text(*index).cmp(sku.as_str()))
            })
            .is_ok()
    }

    /// The rows of a code, from where they begin in the order.
    pub(crate) fn rows(&self, at: usize) -> impl Iterator<Item = &'a CatalogueItem> {
        let code = self.order.get(at).map(|(_, index)| self.text(*index));
        self.order
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(_, index)| Some(self.text(*index)) == code)
            .filter_map(|(_, index)| self.catalogue.get(*index))
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
