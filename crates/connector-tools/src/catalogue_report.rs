//! What is found in a catalogue.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::path::Path;

use order_mapping::{
    CatalogueItem, Code, DeclaredRows, Diagnostic, Profile, Severity, SkuHistory, SkuOrigin,
    SkuOverrides, SkuRegistry,
};
use serde::Serialize;

use crate::finding::{Finding, Place};
use crate::proposals::Codes;
use crate::{Article, CatalogueFile, ProfileFile, Proposals, Report, catalogue_print};

/// What helps against a collision.
const REMEDIES: [&str; 3] = [
    "rename: give all articles but one another code in the shop",
    "manual code: declare a warehouse code of its own, as a row [[sku.manual]] with source and warehouse",
    "alias: if they are one article, declare it, as a row [[sku.aliases]] with alias and canonical",
];

/// One code of a collision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The shop's code.
    pub sku: String,
    /// Its first line in the catalogue; none when only the profile names it.
    pub line: Option<u64>,
    /// Its descriptions, at most four.
    pub descriptions: Vec<String>,
}

/// Codes that become one code at the warehouse. None of them is sent, but for one that has had the code on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Collision {
    /// The code they become.
    pub warehouse_code: String,
    /// All of them.
    pub members: Vec<Member>,
    /// The one that has had the code on record, and keeps it.
    pub kept_by: Option<String>,
    /// Whether all of them share a description, so that they may be one article in several spellings.
    pub descriptions_agree: bool,
    /// The three ways out.
    pub remedies: [&'static str; 3],
}

impl Collision {
    pub(crate) fn common_description(&self) -> &str {
        let all = || self.members.iter();
        let everywhere = |text: &&String| all().all(|member| member.descriptions.contains(text));
        let first = all().next().map(|member| member.descriptions.as_slice());
        first
            .unwrap_or_default()
            .iter()
            .find(everywhere)
            .map_or("", String::as_str)
    }
}

/// A code that goes out in another form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The shop's code.
    pub sku: String,
    /// The warehouse's.
    pub warehouse: String,
}

/// Rows that have no code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowsWithoutCode {
    /// How many.
    pub rows: u64,
    /// The first lines.
    pub lines: Vec<u64>,
}

/// The report on a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CatalogueReport {
    /// Nothing keeps an article from being sent.
    pub sound: bool,
    /// The catalogue.
    pub file: String,
    /// The profile; none for the defaults.
    pub profile: Option<String>,
    /// What was on record, by its version; none without a history.
    pub history: Option<u32>,
    /// The version of the registry: 1 without a history.
    pub registry_version: u32,
    /// Rows below the header.
    pub rows: u64,
    /// Different codes.
    pub articles: usize,
    /// Codes of the catalogue that can be sent.
    pub mapped: usize,
    /// Codes of the catalogue that cannot.
    pub refused: usize,
    /// Whether the file has descriptions to tell harmless collisions by.
    pub described: bool,
    /// Collisions.
    pub collisions: Vec<Collision>,
    /// Everything else that keeps articles from being sent, or is a fault by the profile's levels.
    pub faults: Vec<Finding>,
    /// Rows without code; faults as well.
    pub without_code: RowsWithoutCode,
    /// What is worth a look and keeps nothing back.
    pub warnings: Vec<Finding>,
    /// Codes that go out in another form, as the policy says.
    pub changed: Vec<Change>,
    /// Rows to declare, once a person has agreed to them.
    pub proposals: Proposals,
    /// Hash of the registry; two catalogues with the same hash map alike.
    pub registry_hash: String,
}

impl CatalogueReport {
    /// Judges a catalogue by the rules of a profile, or by the default ones.
    #[must_use]
    pub fn new(catalogue: &CatalogueFile, profile: Option<&ProfileFile>) -> Self {
        Self::judged(&SkuHistory::default(), catalogue, profile).0
    }

    /// Judges a catalogue after what has been on record, and says what is to be kept for the next time.
    #[must_use]
    pub fn after(
        history: &SkuHistory,
        catalogue: &CatalogueFile,
        profile: Option<&ProfileFile>,
    ) -> (Self, SkuHistory) {
        let (report, registry) = Self::judged(history, catalogue, profile);
        (report, registry.history())
    }

    fn judged(
        history: &SkuHistory,
        catalogue: &CatalogueFile,
        profile: Option<&ProfileFile>,
    ) -> (Self, SkuRegistry) {
        let defaults = (Profile::default(), SkuOverrides::default());
        let (rules, overrides) = match profile {
            Some(file) => (file.profile(), file.overrides()),
            None => (&defaults.0, &defaults.1),
        };
        let (registry, found) = rules.registry(history, &items(catalogue), overrides);
        let mut sorter = Sorter::new(catalogue, profile, overrides, &registry);
        for one in found {
            sorter.add(one);
        }
        let mut changed = Vec::new();
        let mut mapped = 0;
        for (sku, warehouse) in registry.pairs() {
            // Pairs of the profile that the catalogue does not have are no business of this report.
            let Some(article) = sorter.articles.get(sku.as_str()) else {
                continue;
            };
            mapped += 1;
            if sku.as_str() != warehouse.as_str()
                && matches!(
                    registry.origin(sku),
                    Some(SkuOrigin::Stripped | SkuOrigin::Suffixed)
                )
            {
                let change = Change {
                    sku: sku.as_str().to_owned(),
                    warehouse: warehouse.as_str().to_owned(),
                };
                changed.push((article.line, change));
            }
        }
        changed.sort_unstable_by_key(|(line, _)| *line);
        let changed = changed.into_iter().map(|(_, change)| change).collect();
        let Sorter {
            collisions,
            mut faults,
            mut warnings,
            ..
        } = sorter;
        let line = |one: &Finding| one.place.as_ref().and_then(|place| place.line);
        // Where codes differ, the place in the file is what a person looks for.
        faults.sort_by_key(line);
        warnings.sort_by(|a, b| (a.code, line(a)).cmp(&(b.code, line(b))));
        let reserved = history.pairs.iter().map(|pair| pair.warehouse.as_str());
        let codes = Codes {
            registry: &registry,
            policy: &rules.sku,
            reserved: reserved.map(str::to_ascii_uppercase).collect(),
        };
        let proposals = Proposals::of(&collisions, &faults, &codes, overrides);
        let report = Self {
            sound: collisions.is_empty() && faults.is_empty() && catalogue.without_code == 0,
            file: catalogue.path.display().to_string(),
            profile: profile.map(|file| file.path().display().to_string()),
            rows: catalogue.rows,
            articles: catalogue.articles.len(),
            mapped,
            refused: catalogue.articles.len() - mapped,
            described: catalogue.described,
            collisions,
            faults,
            without_code: RowsWithoutCode {
                rows: catalogue.without_code,
                lines: catalogue.without_code_lines.clone(),
            },
            warnings,
            changed,
            proposals,
            history: (*history != SkuHistory::default()).then_some(history.version),
            registry_version: registry.version(),
            registry_hash: registry.content_hash().to_owned(),
        };
        (report, registry)
    }

    /// What helps against rows without code.
    pub(crate) fn without_code_remedy() -> &'static str {
        Code::SkuMissing.info().remedy
    }
}

impl Report for CatalogueReport {
    fn is_sound(&self) -> bool {
        self.sound
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        catalogue_print::write(self, out)
    }
}

/// One row for each description and each id of an article, at least one.
fn items(catalogue: &CatalogueFile) -> Vec<CatalogueItem> {
    let mut items = Vec::with_capacity(catalogue.articles.len());
    for article in &catalogue.articles {
        let rows = article.descriptions.len().max(article.variants.len());
        for row in 0..rows.max(1) {
            let description = article.descriptions.get(row).cloned();
            let item = CatalogueItem::new(article.sku.as_str(), description);
            items.push(match article.variants.get(row) {
                Some(variant) => item.with_variant(variant.as_str()),
                None => item,
            });
        }
    }
    items
}

/// What a diagnostic keeps of a code that is too long for it.
fn beginning_kept(sku: &str) -> Option<String> {
    // Most codes are far too short for their characters to be counted.
    let subject = (sku.len() > 200).then(|| cut(sku))?;
    (subject.len() < sku.len()).then_some(subject)
}

/// Gives every diagnostic its place.
struct Sorter<'a> {
    registry: &'a SkuRegistry,
    catalogue: &'a Path,
    profile: Option<&'a ProfileFile>,
    articles: HashMap<&'a str, &'a Article>,
    /// Codes of which a diagnostic keeps the beginning only.
    long: HashMap<String, VecDeque<&'a Article>>,
    rows: DeclaredRows,
    collisions: Vec<Collision>,
    faults: Vec<Finding>,
    warnings: Vec<Finding>,
}

impl<'a> Sorter<'a> {
    fn new(
        catalogue: &'a CatalogueFile,
        profile: Option<&'a ProfileFile>,
        overrides: &SkuOverrides,
        registry: &'a SkuRegistry,
    ) -> Self {
        let mut long: HashMap<String, VecDeque<&Article>> = HashMap::new();
        let mut articles = HashMap::with_capacity(catalogue.articles.len());
        for article in &catalogue.articles {
            articles.insert(article.sku.as_str(), article);
            if let Some(subject) = beginning_kept(&article.sku) {
                long.entry(subject).or_default().push_back(article);
            }
        }
        Self {
            registry,
            catalogue: &catalogue.path,
            profile,
            articles,
            long,
            rows: DeclaredRows::of(overrides),
            collisions: Vec::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn add(&mut self, found: Diagnostic) {
        if found.code == Code::SkuCollision {
            let collision = self.collision(found);
            self.collisions.push(collision);
        } else if found.severity > Severity::Info {
            let finding = self.placed(found);
            if finding.is_fault() {
                self.faults.push(finding);
            } else {
                self.warnings.push(finding);
            }
        }
        // Notes say what went out in another form; the registry itself has the pairs.
    }

    fn collision(&self, found: Diagnostic) -> Collision {
        let member = |sku: String| {
            let article = self.articles.get(sku.as_str());
            Member {
                line: article.map(|article| article.line),
                descriptions: article
                    .map(|article| article.descriptions.clone())
                    .unwrap_or_default(),
                sku,
            }
        };
        let warehouse_code = found.seen.map(|seen| seen.to_string()).unwrap_or_default();
        let kept_by = self.registry.to_source(&warehouse_code);
        let mut collision = Collision {
            kept_by: kept_by.map(|sku| sku.as_str().to_owned()),
            warehouse_code,
            members: found.related.into_iter().map(member).collect(),
            descriptions_agree: false,
            remedies: REMEDIES,
        };
        collision.descriptions_agree = !collision.common_description().is_empty();
        collision
    }

    fn placed(&mut self, found: Diagnostic) -> Finding {
        let about_declaration = matches!(
            found.code,
            Code::SkuAliasNoCanonical | Code::SkuManualBad | Code::SkuOverrideConflict
        );
        let row = self.rows.pointer_of(&found);
        let mut finding = Finding::from(found);
        let sku = finding.sku.clone().unwrap_or_default();
        let article = match self.articles.get(sku.as_str()) {
            Some(article) => Some(*article),
            None => self.long.get_mut(&sku).and_then(VecDeque::pop_front),
        };
        match (article, self.profile) {
            (Some(article), _) if !about_declaration => {
                finding.sku = Some(article.sku.clone());
                finding.place = Some(Place::new(self.catalogue, Some(article.line)));
            }
            (_, Some(profile)) => {
                finding.path = row.map(|row| format!("/sku{row}")).unwrap_or_default();
                finding.place = Some(profile.place(&finding.path));
            }
            _ => {}
        }
        finding
    }
}

/// The subject of a finding: diagnostics keep that much of a code.
fn cut(sku: &str) -> String {
    sku.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Columns;

    fn report(catalogue: &str, profile: Option<&str>) -> CatalogueReport {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        std::fs::write(&path, catalogue).unwrap();
        let file = CatalogueFile::read(&path, &Columns::default()).unwrap();
        let profile = profile.map(|text| {
            let path = folder.path().join("p.toml");
            std::fs::write(&path, text).unwrap();
            ProfileFile::read(&path).unwrap().sound().unwrap()
        });
        CatalogueReport::new(&file, profile.as_ref())
    }

    #[test]
    fn a_renamed_article_is_offered_with_the_code_that_its_goods_have() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let catalogue = |text: &str| {
            let path = read("c.csv", text);
            CatalogueFile::read(&path, &Columns::default()).unwrap()
        };
        let old = catalogue("sku,variant_id\nOLD-1,41\n");
        let (_, history) = CatalogueReport::after(&SkuHistory::default(), &old, None);
        let new = catalogue("sku,variant_id\nNEW-1,41\n");
        let (report, _) = CatalogueReport::after(&history, &new, None);
        assert!(!report.sound);
        let fault = report.faults.first().unwrap();
        assert_eq!(
            (fault.code, fault.place.as_ref().unwrap().line),
            ("SKU_RENAMED", Some(2))
        );
        let rows = format!("{}\n[mapping]\n", proposals(&report));
        let profile = read("p.toml", &rows);
        let profile = ProfileFile::read(&profile).unwrap().sound().unwrap();
        let (report, history) = CatalogueReport::after(&history, &new, Some(&profile));
        assert!(report.sound, "{report:?}");
        let kept = history.pairs.first().unwrap();
        assert_eq!(
            (kept.source.as_str(), kept.warehouse.as_str()),
            ("NEW-1", "OLD1")
        );
    }

    fn proposals(report: &CatalogueReport) -> String {
        let mut out = Vec::new();
        report.proposals.write_toml(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_is_dropped() {
        let long = "L".repeat(300);
        let text = format!(
            "sku,description\na-1,x\nA1,x\nok,x\n{long}1,x\n{long}2,x\nß,x\n---,x\nNA,x\n,lost\n00123,x\n0AB,x\nOAB,x\n"
        );
        let report = report(&text, None);
        assert_eq!((report.articles, report.mapped, report.refused), (11, 5, 6));
        assert!(!report.sound);
        let members = report.collisions.iter().flat_map(|one| &one.members);
        let faults = report.faults.iter().filter_map(|one| one.sku.as_deref());
        let named: BTreeSet<&str> = members.map(|one| one.sku.as_str()).chain(faults).collect();
        assert_eq!(named.len(), report.refused);
        let lines: Vec<Option<u64>> = report
            .faults
            .iter()
            .map(|one| one.place.as_ref().unwrap().line)
            .collect();
        assert_eq!(lines, [Some(5), Some(6), Some(7), Some(8)]);
        assert_eq!(report.without_code.lines, [10]);
        let warnings: Vec<&str> = report.warnings.iter().map(|one| one.code).collect();
        assert_eq!(
            warnings,
            ["SKU_NEAR_COLLISION", "SKU_NULL_LIKE", "SKU_NUMBER_LIKE"]
        );
        assert_eq!(report.changed.len(), 1);
    }

    #[test]
    fn proposed_aliases_settle_a_harmless_collision() {
        let catalogue = "sku,description\n15056bl,Parasol\n15056BL,Parasol\n15056-BL,Parasol\n";
        let before = report(catalogue, None);
        assert_eq!(before.collisions.len(), 1);
        assert!(before.collisions[0].descriptions_agree);
        let rows = proposals(&before);
        assert_eq!(rows.matches("canonical = \"15056BL\"").count(), 2, "{rows}");
        let after = report(catalogue, Some(&rows));
        assert!(after.sound && after.mapped == 3, "{after:#?}");
    }

    #[test]
    fn a_code_that_is_declared_already_keeps_its_row() {
        let catalogue = "sku,description\nA-1,x\nA1,x\nB,x\nC,x\n";
        let declared = "[[sku.aliases]]\nalias = \"old\"\ncanonical = \"A-1\"\n\
                        [[sku.manual]]\nsource = \"C\"\nwarehouse = \"B\"\n";
        let rows = proposals(&report(catalogue, Some(declared)));
        let after = report(catalogue, Some(&format!("{declared}{rows}")));
        assert!(after.sound, "{rows}\n{after:#?}");
    }

    #[test]
    fn different_articles_are_never_proposed_as_aliases_and_no_code_is_invented() {
        let found = report("sku,description\n+10V,Plus\n-10V,Minus\nX,\nx,\n", None);
        assert!(found.proposals.aliases.is_empty());
        let sources: Vec<&str> = found
            .proposals
            .manual
            .iter()
            .map(|row| &*row.source)
            .collect();
        assert_eq!(sources, ["-10V", "x"]);
        assert!(proposals(&found).contains("# [[sku.manual]]"));
    }

    #[test]
    fn what_is_left_of_a_code_is_proposed_where_it_is_free() {
        let found = report("sku\nMUG/É\nCUP/É\nCUP\n\u{200b}CAN\nCAN\u{200b}\n", None);
        let codes: Vec<Option<&str>> = found
            .proposals
            .manual
            .iter()
            .map(|row| row.warehouse.as_deref())
            .collect();
        assert_eq!(codes, [Some("MUG"), None, Some("CAN"), None]);
        let rows = proposals(&found);
        assert!(
            rows.contains("\\U0000200B") && !rows.contains('\u{200b}'),
            "{rows}"
        );
        let after = report("sku\nMUG/É\n\u{200b}CAN\n", Some(&rows));
        assert!(after.sound, "{after:#?}");
    }

    #[test]
    fn a_declaration_at_fault_is_placed_in_the_profile() {
        let profile = "[mapping]\n[[sku.aliases]]\nalias = \"a\"\ncanonical = \"gone\"\n";
        let found = report("sku\na\n", Some(profile));
        let fault = found.faults.first().unwrap();
        assert_eq!(fault.path, "/sku/aliases/0");
        let place = fault.place.as_ref().unwrap();
        assert!(
            place.file.ends_with("p.toml") && place.line == Some(2),
            "{place}"
        );
    }
}
