//! Article codes cross by look-up, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::sku_policy::{UntypedReading, untyped_reading};
use crate::{Code, Diagnostic, Severity, SkuPolicy, SourceSku, Subject, WarehouseSku};

/// An article of the shop's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CatalogueItem {
    /// The shop's code.
    pub sku: SourceSku,
    /// What the buyer reads. Tells a harmless collision (one product, two spellings) from a dangerous one.
    pub description: Option<String>,
}

impl CatalogueItem {
    /// An article.
    pub fn new(sku: impl Into<SourceSku>, description: Option<String>) -> Self {
        Self {
            sku: sku.into(),
            description,
        }
    }
}

/// Two codes of the shop for one article: both go out as the canonical one's code, and stock comes back to the canonical one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkuAlias {
    /// The other spelling.
    pub alias: SourceSku,
    /// The code that stands for the article.
    pub canonical: SourceSku,
}

/// A pair that a person declared; wins over the rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualPair {
    /// The shop's code.
    pub source: SourceSku,
    /// The warehouse's code.
    pub warehouse: String,
}

/// What people declared about codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SkuOverrides {
    /// Codes that mean the same article.
    pub aliases: Vec<SkuAlias>,
    /// Pairs by hand.
    pub manual: Vec<ManualPair>,
}

/// How a pair of codes came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkuOrigin {
    /// Both codes are the same.
    Identity,
    /// Characters or case were changed by the policy.
    Stripped,
    /// A manual row.
    Manual,
    /// A declared alias.
    Alias,
}

/// The register of article codes: outward any number of codes to one, back exactly one.
///
/// Built from the whole catalogue at once; the result does not depend on the catalogue's order. An article that cannot be mapped
/// safely is left out, and the rest keeps working.
///
/// ```
/// use order_mapping::{CatalogueItem, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku};
/// let catalogue = [CatalogueItem::new("mug-red", None), CatalogueItem::new("PLATE", None)];
/// let (registry, found) = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
/// let sent = registry.to_warehouse(&SourceSku::new("mug-red")).map(|sku| sku.as_str());
/// assert_eq!(sent, Some("MUGRED"));
/// assert_eq!(registry.to_source("mugred"), Some(&SourceSku::new("mug-red")));
/// assert_eq!(found.len(), 1); // SKU_CHANGED, a note
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuRegistry {
    outward: BTreeMap<SourceSku, (WarehouseSku, SkuOrigin)>,
    back: BTreeMap<String, SourceSku>,
    refused: BTreeMap<SourceSku, Code>,
    hash: String,
}

impl SkuRegistry {
    /// Builds the registry, and says everything that is wrong or worth a note in the catalogue and the declarations.
    ///
    /// Codes that meet at the warehouse (compared without case) are a collision: no member is mapped, not even one with a manual
    /// row, since which of them the warehouse means cannot be known. Declared aliases are no collision. The catalogue itself is
    /// never cut short: there is one diagnostic per finding, however many.
    #[must_use]
    pub fn build(catalogue: &[CatalogueItem], overrides: &SkuOverrides, policy: &SkuPolicy) -> (Self, Vec<Diagnostic>) {
        let mut build = Build::new(catalogue, overrides, policy);
        build.propose();
        build.collide();
        build.join_aliases();
        build.note_confusable();
        build.finish()
    }

    /// The warehouse's code of an article; none when it is not mapped.
    #[must_use]
    pub fn to_warehouse(&self, sku: &SourceSku) -> Option<&WarehouseSku> {
        self.outward.get(sku).map(|(warehouse, _)| warehouse)
    }

    /// The article behind a code that the warehouse sent, compared without case; for aliases the canonical one.
    #[must_use]
    pub fn to_source(&self, warehouse: &str) -> Option<&SourceSku> {
        self.back.get(&warehouse_key(warehouse.trim()))
    }

    /// Why an article of the catalogue is not mapped; none when it is, or when the catalogue does not have it.
    #[must_use]
    pub fn refusal(&self, sku: &SourceSku) -> Option<Code> {
        self.refused.get(sku).copied()
    }

    /// How the pair of an article came to be.
    #[must_use]
    pub fn origin(&self, sku: &SourceSku) -> Option<SkuOrigin> {
        self.outward.get(sku).map(|(_, origin)| *origin)
    }

    /// How many codes of the shop are mapped, aliases included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outward.len()
    }

    /// Whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outward.is_empty()
    }

    /// Every pair, ordered by the shop's code; aliases included.
    pub fn pairs(&self) -> impl Iterator<Item = (&SourceSku, &WarehouseSku)> {
        self.outward.iter().map(|(source, (warehouse, _))| (source, warehouse))
    }

    /// Hex SHA-256 over all pairs: two registries with the same hash map alike. Goes into every mapped order.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.hash
    }
}

/// The code as the warehouse compares it.
fn warehouse_key(code: &str) -> String {
    code.to_ascii_uppercase()
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
            known.extend(item.description.as_deref().map(str::trim).filter(|text| !text.is_empty()));
        }
        for (sku, known) in descriptions {
            if known.len() > 1 {
                let message = "the catalogue lists this code with different descriptions";
                self.found
                    .push(catalogue_note(Code::SkuDuplicate, sku, message).with_seen(sku.as_str()));
            }
            self.sources.insert(sku.clone(), known.first().map(|text| (*text).to_owned()));
        }
    }

    /// Declarations that contradict each other are reported and none of them is used.
    fn read_overrides(&mut self, overrides: &SkuOverrides) {
        let mut manual: BTreeMap<&SourceSku, BTreeSet<&str>> = BTreeMap::new();
        for row in &overrides.manual {
            manual.entry(&row.source).or_default().insert(&row.warehouse);
        }
        let mut aliases: BTreeMap<&SourceSku, BTreeSet<&SourceSku>> = BTreeMap::new();
        for row in &overrides.aliases {
            aliases.entry(&row.alias).or_default().insert(&row.canonical);
        }
        for (source, codes) in &manual {
            let doubled = codes.len() > 1 || aliases.contains_key(source);
            if doubled {
                self.refuse(source, Code::SkuOverrideConflict, "several declarations for this code");
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
                        self.aliases.insert((*alias).clone(), (*canonical_sku).clone());
                        self.sources.remove(*alias);
                    }
                }
                _ => self.refuse(alias, Code::SkuOverrideConflict, "several declarations for this code"),
            }
        }
    }

    fn refuse(&mut self, sku: &SourceSku, code: Code, message: &str) {
        self.refused.insert(sku.clone(), code);
        self.found
            .push(catalogue_note(code, sku, format!("{message}; not sent until declared")).with_seen(sku.as_str()));
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
                    let origin = if code == sku.as_str() { SkuOrigin::Identity } else { SkuOrigin::Stripped };
                    self.join_group(sku, code, origin);
                }
                Err(code) => {
                    let message = match code {
                        Code::SkuNonAscii => non_ascii(sku.as_str()),
                        Code::SkuTooLong => format!("longer than {} characters", self.policy.max_length),
                        Code::SkuTooShort => format!("shorter than {} characters", self.policy.min_length),
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
            let listed: Vec<String> = names.iter().take(10).map(|name| format!("{name:?}")).collect();
            let more = if names.len() > 10 { format!(" and {} more", names.len() - 10) } else { String::new() };
            let message = format!(
                "{}{more} would all be {key:?} at the warehouse{hint}; not sent until declared: rename at source, \
                 add a manual row, or mark as alias",
                listed.join(", ")
            );
            let first = names.first().copied().unwrap_or_default();
            self.found.push(
                Diagnostic::new(Code::SkuCollision, "", message)
                    .about(Subject::Sku(first.to_owned()))
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
            let severity = if self.policy.untyped_target { Severity::Error } else { Severity::Warning };
            let (fault, message) = match reading {
                UntypedReading::Number => (Code::SkuNumberLike, "an importer without types reads this code as a number"),
                UntypedReading::Null => (Code::SkuNullLike, "an importer without types reads this code as no value"),
            };
            let note = catalogue_note(fault, sku, message).with_seen(code).with_severity(severity);
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
        self.outward.insert(sku.clone(), (WarehouseSku::checked(code), origin));
    }

    fn join_aliases(&mut self) {
        for (alias, canonical) in std::mem::take(&mut self.aliases) {
            if let Some((code, _)) = self.outward.get(&canonical).cloned() {
                self.outward.insert(alias, (code, SkuOrigin::Alias));
            } else if let Some(code) = self.refused.get(&canonical).copied() {
                // The canonical article's own fault is on record; the alias shares it.
                self.refused.insert(alias, code);
            } else {
                let message = format!("its canonical code {:?} is not in the catalogue", canonical.as_str());
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
                    .about(Subject::Sku(first.clone()))
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
        found.sort_by(|a, b| (&a.subject, a.code, &a.message).cmp(&(&b.subject, b.code, &b.message)));
        let registry = SkuRegistry {
            outward: self.outward,
            back: self.back,
            refused: self.refused,
            hash,
        };
        (registry, found)
    }
}

fn catalogue_note(code: Code, sku: &SourceSku, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, "", message).about_sku(sku)
}

/// Names the characters outside ASCII by code point, since many of them are invisible or look like ASCII.
fn non_ascii(code: &str) -> String {
    let points: BTreeSet<String> = code
        .chars()
        .filter(|c| !c.is_ascii())
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .take(8)
        .collect();
    let points: Vec<String> = points.into_iter().collect();
    format!("has characters outside ASCII ({})", points.join(", "))
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
    if key.bytes().all(|b| b.is_ascii_digit()) {
        folded.trim_start_matches('0').to_owned()
    } else {
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(catalogue: &[&str], overrides: &SkuOverrides) -> (SkuRegistry, Vec<Diagnostic>) {
        let items: Vec<CatalogueItem> = catalogue.iter().map(|sku| CatalogueItem::new(*sku, None)).collect();
        SkuRegistry::build(&items, overrides, &SkuPolicy::default())
    }

    fn alias(alias: &str, canonical: &str) -> SkuAlias {
        SkuAlias {
            alias: alias.into(),
            canonical: canonical.into(),
        }
    }

    fn manual(source: &str, warehouse: &str) -> ManualPair {
        ManualPair {
            source: source.into(),
            warehouse: warehouse.into(),
        }
    }

    fn codes(found: &[Diagnostic]) -> Vec<Code> {
        found.iter().map(|one| one.code).collect()
    }

    fn sent<'a>(registry: &'a SkuRegistry, sku: &str) -> Option<&'a str> {
        registry.to_warehouse(&sku.into()).map(WarehouseSku::as_str)
    }

    #[test]
    fn no_member_of_a_collision_is_mapped() {
        let (registry, found) = build(&["+10V", "-10V", "10V", "OTHER"], &SkuOverrides::default());
        assert_eq!(codes(&found), [Code::SkuCollision]);
        let fault = found.first().unwrap();
        assert_eq!(fault.related, ["+10V", "-10V", "10V"]);
        for remedy in ["rename", "manual row", "alias"] {
            assert!(fault.message.contains(remedy), "{}", fault.message);
        }
        for sku in ["+10V", "-10V", "10V"] {
            assert_eq!(sent(&registry, sku), None);
            assert_eq!(registry.refusal(&sku.into()), Some(Code::SkuCollision));
        }
        assert_eq!(registry.to_source("10V"), None);
        assert_eq!((registry.len(), sent(&registry, "OTHER")), (1, Some("OTHER")));
    }

    #[test]
    fn collisions_are_found_without_case_even_if_case_is_kept() {
        let policy = SkuPolicy {
            case: crate::SkuCase::Keep,
            ..SkuPolicy::default()
        };
        let items = ["15056BL", "15056bl"].map(|sku| CatalogueItem::new(sku, Some("Edwardian parasol".into())));
        let (registry, found) = SkuRegistry::build(&items, &SkuOverrides::default(), &policy);
        assert!(registry.is_empty());
        assert!(found.first().unwrap().message.contains("descriptions agree"));
    }

    #[test]
    fn a_declared_alias_is_no_collision_and_stock_comes_back_to_the_canonical_code() {
        let overrides = SkuOverrides {
            aliases: vec![alias("15056bl", "15056BL"), alias("retired", "15056BL")],
            ..SkuOverrides::default()
        };
        let (registry, found) = build(&["15056BL", "15056bl"], &overrides);
        assert_eq!(found, []);
        for sku in ["15056BL", "15056bl", "retired"] {
            assert_eq!(sent(&registry, sku), Some("15056BL"));
        }
        assert_eq!(registry.to_source(" 15056bL "), Some(&"15056BL".into()));
        assert_eq!(registry.origin(&"15056bl".into()), Some(SkuOrigin::Alias));
        assert_eq!(registry.pairs().count(), 3);
    }

    #[test]
    fn a_manual_row_wins_over_the_rule() {
        let overrides = SkuOverrides {
            manual: vec![manual("-10V", "M10V"), manual("café", "CAFE"), manual("bad", "no-good")],
            ..SkuOverrides::default()
        };
        let (registry, found) = build(&["+10V", "-10V", "café", "bad"], &overrides);
        assert_eq!(sent(&registry, "-10V"), Some("M10V"));
        assert_eq!(sent(&registry, "+10V"), Some("10V"));
        assert_eq!(sent(&registry, "café"), Some("CAFE"));
        assert_eq!(sent(&registry, "bad"), None);
        assert_eq!(codes(&found), [Code::SkuChanged, Code::SkuManualBad]);
    }

    #[test]
    fn declarations_that_contradict_are_not_used() {
        let overrides = SkuOverrides {
            aliases: vec![
                alias("A", "B"),
                alias("C", "NOWHERE"),
                alias("D", "D"),
                alias("E", "F"),
                alias("E", "G"),
                alias("H", "A"),
            ],
            manual: vec![manual("A", "AX"), manual("I", "I1"), manual("I", "I2")],
        };
        let (registry, found) = build(&["A", "B", "C", "D", "E", "F", "G", "H", "I"], &overrides);
        for sku in ["A", "C", "D", "E", "H", "I"] {
            assert_eq!(sent(&registry, sku), None, "{sku}");
            assert!(registry.refusal(&sku.into()).is_some(), "{sku}");
        }
        for sku in ["B", "F", "G"] {
            assert_eq!(sent(&registry, sku), Some(sku));
        }
        assert_eq!(found.iter().filter(|one| one.severity.holds()).count(), 6);
    }

    #[test]
    fn every_fault_of_a_code_has_its_own_name() {
        let long = "A".repeat(25);
        let (_, found) = build(&["ß", "---", &long, "1E5", "NA", "O1", "01"], &SkuOverrides::default());
        let mut all = codes(&found);
        all.sort();
        assert_eq!(
            all,
            [
                Code::SkuNearCollision,
                Code::SkuNonAscii,
                Code::SkuEmptyAfterStrip,
                Code::SkuTooLong,
                Code::SkuNumberLike,
                Code::SkuNumberLike,
                Code::SkuNullLike,
            ]
        );
        assert!(found.iter().any(|one| one.message.contains("U+00DF")));
        let untyped = SkuPolicy {
            untyped_target: true,
            ..SkuPolicy::default()
        };
        let (registry, _) = SkuRegistry::build(&[CatalogueItem::new("NA", None)], &SkuOverrides::default(), &untyped);
        assert!(registry.is_empty());
    }

    #[test]
    fn one_code_with_two_descriptions_is_noted() {
        let items = [
            CatalogueItem::new("A", Some("Mug".into())),
            CatalogueItem::new("A", Some("Plate".into())),
            CatalogueItem::new("A", None),
        ];
        let (registry, found) = SkuRegistry::build(&items, &SkuOverrides::default(), &SkuPolicy::default());
        assert_eq!((registry.len(), codes(&found)), (1, vec![Code::SkuDuplicate]));
    }
}
