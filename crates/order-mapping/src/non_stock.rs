//! Lines that the warehouse does not pick: postage, fees, samples on paper.

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, SourceSku, Subject};

/// Which article codes stand for something that is not on a shelf. Empty by default: it depends on the shop.
///
/// The line stays in the shop and in finance; it is kept out of the warehouse order with a note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NonStockPolicy {
    /// Exact codes, for example `POST` or `BANK CHARGES`. White space around the line's code does not count; case does.
    pub skus: Vec<String>,
    /// Beginnings of codes, for example `gift_0001_`.
    pub prefixes: Vec<String>,
}

impl NonStockPolicy {
    /// Whether the code is one of them.
    #[must_use]
    pub fn covers(&self, sku: &SourceSku) -> bool {
        let code = sku.as_str().trim();
        let used = |entry: &&String| !entry.trim().is_empty();
        self.skus
            .iter()
            .filter(used)
            .any(|entry| entry.trim() == code)
            || self
                .prefixes
                .iter()
                .filter(used)
                .any(|entry| code.starts_with(entry.trim()))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (list, entries) in [("skus", &self.skus), ("prefixes", &self.prefixes)] {
            for (index, entry) in entries.iter().enumerate() {
                if entry.trim().is_empty() {
                    let path = format!("/non_stock/{list}/{index}");
                    let message =
                        "an empty entry would make every line a non-stock line; it is not used";
                    found.push(
                        Diagnostic::new(Code::NonStockPrefixEmpty, path, message)
                            .about(Subject::Config),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_codes_and_prefixes() {
        let policy = NonStockPolicy {
            skus: vec!["M".into(), "BANK CHARGES".into(), String::new()],
            prefixes: vec!["gift_".into(), " ".into()],
        };
        for code in ["M", " BANK CHARGES ", "gift_0001_20"] {
            assert!(policy.covers(&code.into()), "{code}");
        }
        for code in ["m", "MUG", "BANK", "", "agift_"] {
            assert!(!policy.covers(&code.into()), "{code}");
        }
        let mut found = Vec::new();
        policy.check(&mut found);
        assert_eq!(found.len(), 2);
    }
}
