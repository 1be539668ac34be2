//! What people declared about article codes, with what contradicts itself taken out.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::{Code, SkuOverrides, SkuPolicy, SourceSku};

/// A declaration that is not used, and why.
pub(crate) struct BadDeclaration<'a> {
    pub(crate) sku: &'a SourceSku,
    pub(crate) code: Code,
    pub(crate) message: &'static str,
}

/// The declarations that can be used.
#[derive(Default)]
pub(crate) struct Declarations<'a> {
    manual: HashMap<&'a SourceSku, &'a str, DefaultHashBuilder>,
    aliases: BTreeMap<&'a SourceSku, &'a SourceSku>,
    pub(crate) bad: Vec<BadDeclaration<'a>>,
}

impl<'a> Declarations<'a> {
    /// Declarations that contradict each other are reported and none of them is used.
    pub(crate) fn read(overrides: &'a SkuOverrides, policy: &SkuPolicy) -> Self {
        let mut manual: BTreeMap<&SourceSku, BTreeSet<&str>> = BTreeMap::new();
        for row in &overrides.manual {
            manual
                .entry(&row.source)
                .or_default()
                .insert(&row.warehouse);
        }
        let mut aliases: BTreeMap<&SourceSku, BTreeSet<&SourceSku>> = BTreeMap::new();
        for row in &overrides.aliases {
            aliases
                .entry(&row.alias)
                .or_default()
                .insert(&row.canonical);
        }
        let mut declared = Self::default();
        for (source, codes) in &manual {
            let doubled = codes.len() > 1 || aliases.contains_key(source);
            if doubled {
                declared.conflict(source);
            } else if let Some(code) = codes.first() {
                if policy.accepts(code) {
                    declared.manual.insert(source, code);
                } else {
                    declared.bad.push(BadDeclaration {
                        sku: source,
                        code: Code::SkuManualBad,
                        message: "the warehouse code of its manual row is outside the policy's characters or length; \
                                  not sent until declared",
                    });
                }
            }
        }
        for (alias, canonical) in &aliases {
            if manual.contains_key(alias) {
                continue; // reported above
            }
            match canonical.first() {
                Some(canonical_sku) if canonical.len() == 1 => {
                    if canonical_sku == alias || aliases.contains_key(canonical_sku) {
                        declared.bad.push(BadDeclaration {
                            sku: alias,
                            code: Code::SkuAliasNoCanonical,
                            message: "the canonical code of this alias is itself an alias; not sent until declared",
                        });
                    } else {
                        declared.aliases.insert(alias, canonical_sku);
                    }
                }
                _ => declared.conflict(alias),
            }
        }
        declared
    }

    fn conflict(&mut self, sku: &'a SourceSku) {
        self.bad.push(BadDeclaration {
            sku,
            code: Code::SkuOverrideConflict,
            message: "several declarations for this code; not sent until declared",
        });
    }

    /// The warehouse code of a manual row.
    pub(crate) fn manual(&self, sku: &SourceSku) -> Option<&'a str> {
        if self.manual.is_empty() {
            return None;
        }
        self.manual.get(sku).copied()
    }

    /// The codes with a manual row; they are mapped even if the catalogue does not have them.
    pub(crate) fn manual_sources(&self) -> impl Iterator<Item = &'a SourceSku> {
        self.manual.keys().copied()
    }

    pub(crate) fn is_alias(&self, sku: &SourceSku) -> bool {
        !self.aliases.is_empty() && self.aliases.contains_key(sku)
    }

    /// The code that stands for an article: the canonical one of an alias, else the code itself.
    pub(crate) fn standing_for<'b>(&'b self, sku: &'b SourceSku) -> &'b SourceSku {
        self.aliases.get(sku).copied().unwrap_or(sku)
    }

    /// Aliases with their canonical codes, ordered.
    pub(crate) fn aliases(&self) -> impl ExactSizeIterator<Item = (&'a SourceSku, &'a SourceSku)> {
        self.aliases
            .iter()
            .map(|(alias, canonical)| (*alias, *canonical))
    }
}
