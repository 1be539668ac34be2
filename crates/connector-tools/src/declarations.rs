//! The rows of `[sku]` judged by themselves, without a catalogue.

use std::collections::{HashMap, HashSet};

use order_mapping::{CatalogueItem, Profile, Severity, SkuOverrides, SkuRegistry, SourceSku};

use crate::finding::Finding;

/// What is wrong with the declarations, as if the catalogue had exactly the articles that they name. Paths are pointers into the
/// configuration.
pub(crate) fn check(profile: &Profile, overrides: &SkuOverrides) -> impl Iterator<Item = Finding> {
    let rows = Rows::of(overrides);
    let aliases: HashSet<&SourceSku> = overrides.aliases.iter().map(|row| &row.alias).collect();
    let named: Vec<CatalogueItem> = overrides
        .aliases
        .iter()
        .map(|row| &row.canonical)
        .filter(|sku| !aliases.contains(sku))
        .map(|sku| CatalogueItem::new(sku.clone(), None))
        .collect();
    let (_, found) = SkuRegistry::build(&named, overrides, &profile.sku);
    found
        .into_iter()
        .filter(|one| one.severity > Severity::Info)
        .map(Finding::from)
        .map(move |mut one| {
            one.path = rows.about(&one).unwrap_or_else(|| "/sku".to_owned());
            one
        })
}

/// Where the declarations about an article stand: of several that contradict each other, the one that came later.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    manual: HashMap<String, usize>,
    aliases: HashMap<String, usize>,
    canonical: HashMap<String, usize>,
}

impl Rows {
    pub(crate) fn of(overrides: &SkuOverrides) -> Self {
        let mut rows = Self::default();
        for (index, row) in overrides.manual.iter().enumerate() {
            rows.manual.insert(cut(row.source.as_str()), index);
        }
        for (index, row) in overrides.aliases.iter().enumerate() {
            rows.aliases.insert(cut(row.alias.as_str()), index);
            rows.canonical.insert(cut(row.canonical.as_str()), index);
        }
        rows
    }

    /// The pointer of the row that a finding is about.
    pub(crate) fn about(&self, finding: &Finding) -> Option<String> {
        let names = finding.sku.iter().chain(&finding.related);
        names.map(|name| cut(name)).find_map(|name| {
            let manual = self.manual.get(&name).map(|row| ("manual", row));
            let alias = self
                .aliases
                .get(&name)
                .or_else(|| self.canonical.get(&name));
            let (list, row) = manual.or_else(|| alias.map(|row| ("aliases", row)))?;
            Some(format!("/sku/{list}/{row}"))
        })
    }
}

/// The subject of a finding: diagnostics keep that much of a code.
pub(crate) fn cut(sku: &str) -> String {
    sku.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_contradict_each_other_are_found_without_a_catalogue() {
        let overrides: SkuOverrides = toml::from_str(
            "[[aliases]]\nalias = \"a\"\ncanonical = \"A\"\n\
             [[aliases]]\nalias = \"A\"\ncanonical = \"B\"\n\
             [[aliases]]\nalias = \"ok\"\ncanonical = \"OK\"\n\
             [[manual]]\nsource = \"x\"\nwarehouse = \"no-good\"\n\
             [[manual]]\nsource = \"y\"\nwarehouse = \"Y1\"\n\
             [[manual]]\nsource = \"y\"\nwarehouse = \"Y2\"\n",
        )
        .unwrap();
        let mut found: Vec<(&str, String)> = check(&Profile::default(), &overrides)
            .map(|one| (one.code.unwrap(), one.path))
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                ("SKU_ALIAS_NO_CANONICAL", "/sku/aliases/0".to_owned()),
                ("SKU_MANUAL_BAD", "/sku/manual/0".to_owned()),
                ("SKU_OVERRIDE_CONFLICT", "/sku/manual/2".to_owned()),
            ]
        );
    }
}
