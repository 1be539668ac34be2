//! What people declared about article codes, judged by itself: without a catalogue.

use std::collections::{HashMap, HashSet};

use crate::{
    CatalogueItem, Diagnostic, Severity, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku, Subject,
};

impl SkuOverrides {
    /// What is wrong with the declarations, as if the catalogue had exactly the articles that they name. Paths are JSON pointers
    /// into the declarations (`/manual/0`).
    ///
    /// ```
    /// use order_mapping::{SkuOverrides, SkuPolicy};
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let declared: SkuOverrides = serde_json::from_str(r#"{"manual": [{"source": "mug", "warehouse": "no-good"}]}"#)?;
    /// let found = declared.check(&SkuPolicy::default());
    /// assert_eq!(found[0].code.id(), "SKU_MANUAL_BAD");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn check(&self, policy: &SkuPolicy) -> Vec<Diagnostic> {
        let aliases: HashSet<&SourceSku> = self.aliases.iter().map(|row| &row.alias).collect();
        let named: Vec<CatalogueItem> = self
            .aliases
            .iter()
            .map(|row| &row.canonical)
            .filter(|sku| !aliases.contains(sku))
            .map(|sku| CatalogueItem::new(sku.clone(), None))
            .collect();
        let (_, found) = SkuRegistry::build(&named, self, policy);
        let rows = DeclaredRows::of(self);
        let mut found: Vec<Diagnostic> = found
            .into_iter()
            .filter(|one| one.severity > Severity::Info)
            .map(|one| {
                let path = rows.pointer_of(&one).unwrap_or_default();
                one.at_path(path)
            })
            .collect();
        crate::diagnostic::sort(&mut found);
        found
    }
}

/// Where the declarations about an article stand in [`SkuOverrides`].
#[derive(Debug, Clone, Default)]
pub struct DeclaredRows {
    manual: HashMap<String, usize>,
    aliases: HashMap<String, usize>,
    canonical: HashMap<String, usize>,
}

impl DeclaredRows {
    /// Notes the place of every row.
    #[must_use]
    pub fn of(overrides: &SkuOverrides) -> Self {
        let mut rows = Self::default();
        let key = |sku: &SourceSku| crate::diagnostic::key(sku.as_str()).into_owned();
        for (index, row) in overrides.manual.iter().enumerate() {
            rows.manual.insert(key(&row.source), index);
        }
        for (index, row) in overrides.aliases.iter().enumerate() {
            rows.aliases.insert(key(&row.alias), index);
            rows.canonical.insert(key(&row.canonical), index);
        }
        rows
    }

    /// The JSON pointer (`/aliases/3`) of the row that a finding of the registry is about: of several rows that contradict each
    /// other, the one that came later. None when no row names the article.
    #[must_use]
    pub fn pointer_of(&self, found: &Diagnostic) -> Option<String> {
        let subject = match &found.subject {
            Subject::Sku(sku) => Some(sku.as_str()),
            _ => None,
        };
        let names = subject
            .into_iter()
            .chain(found.related.iter().map(String::as_str));
        names.map(crate::diagnostic::key).find_map(|name| {
            let name = name.as_ref();
            let manual = self.manual.get(name).map(|row| ("manual", row));
            let alias = self.aliases.get(name).or_else(|| self.canonical.get(name));
            let (list, row) = manual.or_else(|| alias.map(|row| ("aliases", row)))?;
            Some(format!("/{list}/{row}"))
        })
    }
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
        let found: Vec<(&str, String)> = overrides
            .check(&SkuPolicy::default())
            .into_iter()
            .map(|one| (one.code.id(), one.path.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                ("SKU_ALIAS_NO_CANONICAL", "/aliases/0".to_owned()),
                ("SKU_MANUAL_BAD", "/manual/0".to_owned()),
                ("SKU_OVERRIDE_CONFLICT", "/manual/2".to_owned()),
            ]
        );
    }
}
