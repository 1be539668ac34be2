//! How the SKU registry is built from a catalogue and what people declared.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::sku_policy::{UntypedReading, untyped_reading};
use crate::sku_registry::warehouse_key;
use crate::{
    CatalogueItem, Code, Diagnostic, Severity, SkuOrigin, SkuOverrides, SkuPolicy, SkuRegistry,
    SourceSku, WarehouseSku,
};

/// Builds a registry; see [`SkuRegistry::build`].
pub(crate) fn build(
    catalogue: &[CatalogueItem],
    overrides: &SkuOverrides,
    policy: &SkuPolicy,
) -> (SkuRegistry, Vec<Diagnostic>) {
    let mut build = Build::new(catalogue, overrides, policy);
    build.propose();
    build.collide();
    build.join_aliases();
    build.note_confusable();
    build.finish()
}

/// A registry in the making.
struct Build<'a> {
    policy: &'a SkuPolicy,
    /// Every code that is no alias, with its smallest description.
    sources: BTreeMap<SourceSku, Option<String>>,
    manual: BTreeMap<SourceSku, String>,
    aliases: BTreeMap<SourceSku, SourceSku>,
    /// What every source would become: by warehouse key.
    groups: BTreeMap<String, Vec<(SourceSku, String, SkuOrigin)>>,
    outward: BTreeMap<SourceSku, (WarehouseSku, SkuOrigin)>,
    back: BTreeMap<String, SourceSku>,
    refused: BTreeMap<SourceSku, Code>,
    found: Vec<Diagnostic>,
}

impl<'a> Build<'a> {
    fn new(catalogue: &[CatalogueItem], overrides: &SkuOverrides, policy: &'a SkuPolicy) -> Self {
        let mut build = Self {
            policy,
            sources: BTreeMap::new(),
            manual: BTreeMap::new(),
            aliases: BTreeMap::new(),
            groups: BTreeMap::new(),
            outward: BTreeMap::new(),
            back: BTreeMap::new(),
            refused: BTreeMap::new(),
            found: Vec::new(),
        };
        build.read_catalogue(catalogue);
        build.read_overrides(overrides);
        build
    }

    fn read_catalogue(&mut self, catalogue: &[CatalogueItem]) {
        let mut descriptions: BTreeMap<&SourceSku, BTreeSet<&str>> = BTreeMap::new();
        for item in catalogue {
            let known = descriptions.entry(&item.sku).or_default();
            known.extend(
                item.description
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty()),
            );
        }
        for (sku, known) in descriptions {
            if known.len() > 1 {
                let message = "the catalogue lists this code with different descriptions";
                self.found
                    .push(catalogue_note(Code::SkuDuplicate, sku, message).with_seen(sku.as_str()));
            }
            self.sources
                .insert(sku.clone(), known.first().map(|text| (*text).to_owned()));
        }
    }

    /// Declarations that contradict each other are reported and none of them is used.
    fn read_overrides(&mut self, overrides: &SkuOverrides) {
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
        for (source, codes) in &manual {
            let doubled = codes.len() > 1 || aliases.contains_key(source);
            if doubled {
                self.refuse(
                    source,
                    Code::SkuOverrideConflict,
                    "several declarations for this code",
                );
            } else if let Some(code) = codes.first() {
                if self.policy.accepts(code) {
                    self.manual.insert((*source).clone(), (*code).to_owned());
                    self.sources.entry((*source).clone()).or_default();
                } else {
                    let message = "the warehouse code of its manual row is outside the policy's characters or length";
                    self.refuse(source, Code::SkuManualBad, message);
                }
            }
        }
        for (alias, canonical) in &aliases {
            if manual.contains_key(alias) {
                continue; // reported above
            }
            match canonical.first() {
                Some(canonical_sku) if canonical.len() == 1 => {
                    if *canonical_sku == *alias || aliases.contains_key(*canonical_sku) {
                        let message = "the canonical code of this alias is itself an alias";
                        self.refuse(alias, Code::SkuAliasNoCanonical, message);
                    } else {
                        self.aliases
                            .insert((*alias).clone(), (*canonical_sku).clone());
                        self.sources.remove(*alias);
                    }
                }
                _ => self.refuse(
                    alias,
                    Code::SkuOverrideConflict,
                    "several declarations for this code",
                ),
            }
        }
    }

    fn refuse(&mut self, sku: &SourceSku, code: Code, message: &str) {
        self.refused.insert(sku.clone(), code);
        self.found.push(
            catalogue_note(code, sku, format!("{message}; not sent until declared"))
                .with_seen(sku.as_str()),
        );
    }

    fn propose(&mut self) {
        let sources = std::mem::take(&mut self.sources);
        for sku in sources.keys() {
            if self.refused.contains_key(sku) {
                continue;
            }
            if let Some(code) = self.manual.get(sku).cloned() {
                self.join_group(sku, code, SkuOrigin::Manual);
                continue;
            }
            match self.policy.propose(sku.as_str()) {
                Ok(code) => {
                    let origin = if code == sku.as_str() {
                        SkuOrigin::Identity
                    } else {
                        SkuOrigin::Stripped
                    };
                    self.join_group(sku, code, origin);
                }
                Err(code) => {
                    let message = match code {
                        Code::SkuNonAscii => non_ascii(sku.as_str()),
                        Code::SkuTooLong => {
                            format!("longer than {} characters", self.policy.max_length)
                        }
                        Code::SkuTooShort => {
                            format!("shorter than {} characters", self.policy.min_length)
                        }
                        _ => "no character that the warehouse takes".to_owned(),
                    };
                    self.refuse(sku, code, &message);
                }
            }
        }
        self.sources = sources;
    }

    fn join_group(&mut self, sku: &SourceSku, code: String, origin: SkuOrigin) {
        let members = self.groups.entry(warehouse_key(&code)).or_default();
        members.push((sku.clone(), code, origin));
    }

    fn collide(&mut self) {
        for (key, members) in std::mem::take(&mut self.groups) {
            if let [(sku, code, origin)] = members.as_slice() {
                self.map(sku, code, *origin);
                self.back.insert(key, sku.clone());
                continue;
            }
            let names: Vec<&str> = members.iter().map(|(sku, _, _)| sku.as_str()).collect();
            let descriptions: BTreeSet<&str> = members
                .iter()
                .filter_map(|(sku, _, _)| self.sources.get(sku)?.as_deref())
                .collect();
            let hint = if descriptions.len() == 1 {
                "; the descriptions agree, so this may be one article in several spellings"
            } else {
                ""
            };
            let listed: Vec<String> = names.iter().take(10).map(|name| quoted(name)).collect();
            let more = if names.len() > 10 {
                format!(" and {} more", names.len() - 10)
            } else {
                String::new()
            };
            let message = format!(
                "{}{more} would all be {key:?} at the warehouse{hint}; not sent until declared: rename at source, \
                 add a manual row, or mark as alias",
                listed.join(", ")
            );
            let first = names.first().copied().unwrap_or_default();
            self.found.push(
                Diagnostic::new(Code::SkuCollision, "", message)
                    .about_sku(&SourceSku::new(first))
                    .with_seen(&key)
                    .with_related(names),
            );
            for (sku, _, _) in &members {
                self.refused.insert(sku.clone(), Code::SkuCollision);
            }
        }
    }

    fn map(&mut self, sku: &SourceSku, code: &str, origin: SkuOrigin) {
        if let Some(reading) = untyped_reading(code) {
            let severity = if self.policy.untyped_target {
                Severity::Error
            } else {
                Severity::Warning
            };
            let (fault, message) = match reading {
                UntypedReading::Number => (
                    Code::SkuNumberLike,
                    "an importer without types reads this code as a number",
                ),
                UntypedReading::Null => (
                    Code::SkuNullLike,
                    "an importer without types reads this code as no value",
                ),
            };
            let note = catalogue_note(fault, sku, message)
                .with_seen(code)
                .with_severity(severity);
            self.found.push(note);
            if severity.holds() {
                self.refused.insert(sku.clone(), fault);
                return;
            }
        }
        if origin == SkuOrigin::Stripped {
            let message = format!("goes to the warehouse as {code:?}");
            self.found
                .push(catalogue_note(Code::SkuChanged, sku, message).with_seen(sku.as_str()));
        }
        self.outward
            .insert(sku.clone(), (WarehouseSku::checked(code), origin));
    }

    fn join_aliases(&mut self) {
        for (alias, canonical) in std::mem::take(&mut self.aliases) {
            if let Some((code, _)) = self.outward.get(&canonical).cloned() {
                self.outward.insert(alias, (code, SkuOrigin::Alias));
            } else if let Some(code) = self.refused.get(&canonical).copied() {
                // The canonical article's own fault is on record; the alias shares it.
                self.refused.insert(alias, code);
            } else {
                let message = format!(
                    "its canonical code {} is not in the catalogue",
                    quoted(canonical.as_str())
                );
                self.refuse(&alias, Code::SkuAliasNoCanonical, &message);
            }
        }
    }

    fn note_confusable(&mut self) {
        let mut groups: BTreeMap<String, Vec<&SourceSku>> = BTreeMap::new();
        for (key, sku) in &self.back {
            if self.outward.contains_key(sku) {
                groups.entry(confusable_key(key)).or_default().push(sku);
            }
        }
        for members in groups.into_values().filter(|members| members.len() > 1) {
            let names: Vec<&str> = members.iter().map(|sku| sku.as_str()).collect();
            let first = names.first().copied().unwrap_or_default().to_owned();
            let message = "codes that differ only by O and 0, by I, L and 1, or by leading zeros";
            self.found.push(
                Diagnostic::new(Code::SkuNearCollision, "", message)
                    .about_sku(&SourceSku::new(first.as_str()))
                    .with_seen(&first)
                    .with_related(names),
            );
        }
    }

    fn finish(mut self) -> (SkuRegistry, Vec<Diagnostic>) {
        let outward = &self.outward;
        self.back.retain(|_, sku| outward.contains_key(sku));
        let hash = crate::digest::of_json(&self.outward.iter().collect::<Vec<_>>());
        let mut found = self.found;
        found.sort_by(|a, b| {
            (&a.subject, a.code, &a.message).cmp(&(&b.subject, b.code, &b.message))
        });
        let registry = SkuRegistry {
            outward: self.outward,
            back: self.back,
            refused: self.refused,
            hash,
        };
        (registry, found)
    }
}

fn catalogue_note(
    code: Code,
    sku: &SourceSku,
    message: impl Into<Cow<'static, str>>,
) -> Diagnostic {
    Diagnostic::new(code, "", message).about_sku(sku)
}

fn quoted(code: &str) -> String {
    format!("\"{}\"", crate::diagnostic::escaped(code))
}

/// Names the characters outside printable ASCII by code point, since many of them are invisible or look like ASCII.
fn non_ascii(code: &str) -> String {
    let points: BTreeSet<String> = code
        .chars()
        .filter(|c| !c.is_ascii() || c.is_ascii_control())
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .take(8)
        .collect();
    let points: Vec<String> = points.into_iter().collect();
    format!(
        "has characters outside printable ASCII ({})",
        points.join(", ")
    )
}

/// The code with look-alikes made equal, and without leading zeros when it is a number.
fn confusable_key(key: &str) -> String {
    let folded: String = key
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            _ => c,
        })
        .collect();
    if folded.bytes().all(|b| b.is_ascii_digit()) {
        folded.trim_start_matches('0').to_owned()
    } else {
        folded
    }
}
