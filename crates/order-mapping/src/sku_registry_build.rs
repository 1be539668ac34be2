//! How the SKU registry is built from a catalogue, what people declared, and what is on record.

use hashbrown::{DefaultHashBuilder, HashMap};
use sha2::{Digest as _, Sha256};

use crate::sku_confusable::confusable;
use crate::sku_declarations::Declarations;
use crate::sku_findings::{self, Collision};
use crate::sku_history::Records;
use crate::sku_index::{
    HashIndex, by_hash, joined, key_hash, parts, place, same_key, slot, text_hash,
};
use crate::sku_policy::{Proposed, SkuForm};
use crate::sku_registry::Pair;
use crate::sku_sources::Sources;
use crate::sku_untyped::untyped_reading;
use crate::sku_variants::Variants;
use crate::{
    CatalogueItem, Code, Diagnostic, RecordedSku, SkuHistory, SkuOrigin, SkuOverrides, SkuPolicy,
    SkuRegistry, SourceSku, VariantId, WarehouseSku,
};

/// Builds a registry; see [`SkuRegistry::build_after`].
pub(crate) fn build(
    history: &SkuHistory,
    catalogue: &[CatalogueItem],
    overrides: &SkuOverrides,
    policy: &SkuPolicy,
) -> (SkuRegistry, Vec<Diagnostic>) {
    let declared = Declarations::read(overrides, policy);
    let sources = Sources::of(catalogue, declared.manual_sources());
    let records = Records::of(history);
    let mut build = Build {
        policy,
        declared: &declared,
        sources: &sources,
        history,
        variants: Variants::of(catalogue, &records),
        records,
        version: history.version.saturating_add(1),
        hashing: DefaultHashBuilder::default(),
        pairs: Vec::with_capacity(sources.len()),
        rows: Vec::with_capacity(sources.len()),
        kept: Vec::new(),
        keys: Vec::new(),
        settled: Vec::new(),
        refused: HashMap::default(),
        found: Vec::new(),
    };
    build.refuse_bad_declarations();
    build.propose();
    build.meet();
    build.note();
    build.join_aliases();
    build.finish()
}

/// A registry in the making.
struct Build<'a> {
    policy: &'a SkuPolicy,
    declared: &'a Declarations<'a>,
    sources: &'a Sources<'a>,
    history: &'a SkuHistory,
    records: Records<'a>,
    variants: Variants<'a>,
    /// The version that this registry has if anything is new.
    version: u32,
    hashing: DefaultHashBuilder,
    /// What every code that is no alias would become, ordered by code.
    pairs: Vec<Pair>,
    /// Where the rows of each of them begin.
    rows: Vec<u32>,
    /// Whether each of them is mapped.
    kept: Vec<bool>,
    /// By warehouse key, ordered: each of them, and in the end each that is mapped.
    keys: Vec<u64>,
    /// With a history: whether each of them has its code on record for itself.
    settled: Vec<bool>,
    refused: HashMap<SourceSku, Code, DefaultHashBuilder>,
    found: Vec<Diagnostic>,
}

impl<'a> Build<'a> {
    fn refuse_bad_declarations(&mut self) {
        let declared = self.declared;
        for bad in &declared.bad {
            self.refuse(bad.sku, sku_findings::about(bad.code, bad.sku, bad.message));
        }
    }

    fn refuse(&mut self, sku: &SourceSku, why: Diagnostic) {
        self.refused.insert(sku.clone(), why.code);
        self.found.push(why);
    }

    fn propose(&mut self) {
        let form = SkuForm::new(self.policy);
        let mut text = String::new();
        let mut at = 0;
        let (sources, declared) = (self.sources, self.declared);
        for source in sources.each() {
            let sku = &source.sku;
            if source.rows > 1 && sources.descriptions(source.at).len() > 1 {
                self.found.push(sku_findings::duplicate(sku));
            }
            if declared.is_alias(sku)
                || (!declared.bad.is_empty() && self.refused.contains_key(sku))
            {
                continue;
            }
            let (code, origin) = match declared.manual(sku) {
                Some(code) => (code, SkuOrigin::Manual),
                None => match form.apply(sku.as_str(), &mut text) {
                    Ok(Proposed::AsItIs) => (sku.as_str(), SkuOrigin::Identity),
                    Ok(Proposed::Stripped) => (text.as_str(), SkuOrigin::Stripped),
                    Ok(Proposed::Suffixed) => (text.as_str(), SkuOrigin::Suffixed),
                    Err(code) => {
                        self.refuse(sku, sku_findings::refused(code, sku, self.policy));
                        continue;
                    }
                },
            };
            let record = self.records.latest(&mut at, sku);
            if origin != SkuOrigin::Manual {
                if let Some((variant, was)) = self.variants.renamed(sku, declared) {
                    self.refuse(sku, sku_findings::renamed(sku, variant, was));
                    continue;
                }
                if self.variants.are_others(sku, record) {
                    self.found.push(sku_findings::variant_changed(sku));
                }
            }
            let other = record.filter(|record| record.warehouse.as_str() != code);
            // A manual row is the confirmation of a change: a person named both codes.
            if let Some(record) = other.filter(|_| origin != SkuOrigin::Manual) {
                self.refuse(sku, sku_findings::mapping_changed(sku, record, code));
                continue;
            }
            if !self.records.is_empty() {
                let undisputed = record.is_some_and(|one| self.records.is_undisputed(one));
                self.settled.push(undisputed && other.is_none());
            }
            self.pairs.push(Pair {
                source: sku.clone(),
                warehouse: WarehouseSku::checked(code),
                since: self.version,
                origin,
            });
            self.rows.push(slot(source.at));
        }
        self.kept = vec![true; self.pairs.len()];
    }

    /// Finds the codes that become one code at the warehouse.
    fn meet(&mut self) {
        let codes = self.pairs.iter().map(|pair| pair.warehouse.as_str());
        let hashes = codes.enumerate();
        self.keys = hashes
            .map(|(index, code)| by_hash(key_hash(&self.hashing, code), slot(index)))
            .collect();
        self.keys.sort_unstable();
        let mut clashes = self.clashes();
        clashes.sort_unstable();
        let mut settled = std::mem::take(&mut self.settled);
        for group in clashes.chunk_by(|(a, _), (b, _)| a == b) {
            let first = group.iter().take(1).map(|(first, _)| *first);
            let members: Vec<u32> = first.chain(group.iter().map(|(_, other)| *other)).collect();
            for member in &members {
                if let Some(settled) = settled.get_mut(place(*member)) {
                    *settled = true;
                }
            }
            self.part(&members);
        }
        for (index, _) in settled.iter().enumerate().filter(|(_, settled)| !**settled) {
            self.part(&[slot(index)]);
        }
    }

    /// Codes with the same warehouse key, each with the first of them. Only those whose hashes agree are looked at.
    fn clashes(&self) -> Vec<(u32, u32)> {
        let code_of = |member| self.pair(member).map_or("", |pair| pair.warehouse.as_str());
        let mut clashes = Vec::new();
        for same in self
            .keys
            .chunk_by(|a, b| parts(*a).0 == parts(*b).0)
            .filter(|same| same.len() > 1)
        {
            let mut firsts: Vec<u32> = Vec::new();
            for (_, member) in same.iter().map(|word| parts(*word)) {
                let code = code_of(member);
                match firsts.iter().find(|first| same_key(code_of(**first), code)) {
                    Some(first) => clashes.push((*first, member)),
                    None => firsts.push(member),
                }
            }
        }
        clashes
    }

    fn pair(&self, member: u32) -> Option<&Pair> {
        self.pairs.get(place(member))
    }

    fn pair_of(&self, sku: &SourceSku) -> Option<&Pair> {
        let found = self.pairs.binary_search_by(|pair| pair.source.cmp(sku));
        self.pairs.get(found.ok()?)
    }

    /// Decides which of the codes that want one warehouse code get it: the one that has had it, else the only one, else none.
    fn part(&mut self, members: &[u32]) {
        let Some(code) = members
            .first()
            .and_then(|first| self.pair(*first))
            .map(|pair| pair.warehouse.clone())
        else {
            return;
        };
        let Some(record) = self.records.holder(code.as_str()) else {
            if members.len() > 1 {
                self.collide(members, None, None);
                self.drop_all(members, Code::SkuCollision);
            }
            return;
        };
        // A person who declares an alias says that both codes mean one article, so the canonical one may have the alias's code.
        let standing = self.declared.standing_for(&record.source).clone();
        let keeper = members.iter().copied().find(|member| {
            self.pair(*member)
                .is_some_and(|pair| pair.source == standing)
        });
        if let Some(keeper) = keeper {
            if members.len() > 1 {
                self.collide(members, Some((&standing, record.since)), None);
                let others: Vec<u32> = members
                    .iter()
                    .copied()
                    .filter(|member| *member != keeper)
                    .collect();
                self.drop_all(&others, Code::SkuCollision);
            }
        } else if self.sources.has(&standing) && self.pair_of(&standing).is_none() {
            // It is still in the catalogue, and not sent for a reason of its own.
            self.collide(members, None, Some(&standing));
            self.drop_all(members, Code::SkuCollision);
        } else {
            for member in members {
                if let Some(sku) = self.pair(*member).map(|pair| pair.source.clone()) {
                    self.found.push(sku_findings::code_retired(&sku, record));
                }
            }
            self.drop_all(members, Code::SkuCodeRetired);
        }
    }

    fn collide(
        &mut self,
        members: &[u32],
        incumbent: Option<(&SourceSku, u32)>,
        absent: Option<&SourceSku>,
    ) {
        let pairs = || members.iter().filter_map(|member| self.pair(*member));
        let mut names: Vec<&str> = pairs().map(|pair| pair.source.as_str()).collect();
        names.extend(absent.map(SourceSku::as_str));
        names.sort_unstable();
        let mut descriptions: Vec<&str> = members
            .iter()
            .filter_map(|member| {
                let rows = self.rows.get(place(*member))?;
                self.sources.descriptions(place(*rows)).first().copied()
            })
            .collect();
        descriptions.sort_unstable();
        descriptions.dedup();
        let collision = Collision {
            key: pairs()
                .next()
                .map_or("", |pair| pair.warehouse.as_str())
                .to_ascii_uppercase(),
            names,
            descriptions_agree: descriptions.len() == 1,
            incumbent: incumbent.map(|(source, since)| (source.as_str(), since)),
        };
        let found = sku_findings::collision(&collision);
        self.found.push(found);
    }

    fn drop_all(&mut self, members: &[u32], why: Code) {
        for member in members {
            if let (Some(kept), Some(pair)) = (
                self.kept.get_mut(place(*member)),
                self.pairs.get(place(*member)),
            ) {
                *kept = false;
                self.refused.insert(pair.source.clone(), why);
            }
        }
    }

    /// What is worth a note of the codes that are left; the last reason to refuse one.
    fn note(&mut self) {
        for (pair, kept) in self.pairs.iter().zip(&mut self.kept) {
            if !*kept {
                continue;
            }
            let code = pair.warehouse.as_str();
            if let Some(reading) = untyped_reading(code) {
                let found = sku_findings::untyped(reading, &pair.source, code, self.policy);
                let (fault, holds) = (found.code, found.severity.holds());
                self.found.push(found);
                if holds {
                    self.refused.insert(pair.source.clone(), fault);
                    *kept = false;
                    continue;
                }
            }
            if matches!(pair.origin, SkuOrigin::Stripped | SkuOrigin::Suffixed) {
                let found = sku_findings::changed(&pair.source, &pair.warehouse);
                self.found.push(found);
            }
        }
    }

    /// Puts the aliases among the pairs, and leaves out what is not mapped.
    fn join_aliases(&mut self) {
        let declared = self.declared;
        let mut aliases = Vec::with_capacity(declared.aliases().len());
        for (alias, canonical) in declared.aliases() {
            let found = self
                .pairs
                .binary_search_by(|pair| pair.source.cmp(canonical));
            let mapped = found
                .ok()
                .filter(|found| self.kept.get(*found) == Some(&true));
            if let Some(pair) = mapped.and_then(|found| self.pairs.get(found)) {
                aliases.push(Pair {
                    source: alias.clone(),
                    warehouse: pair.warehouse.clone(),
                    since: self.version,
                    origin: SkuOrigin::Alias,
                });
            } else if let Some(code) = self.refused.get(canonical).copied() {
                // The canonical article's own fault is on record; the alias shares it.
                self.refused.insert(alias.clone(), code);
            } else {
                self.refuse(alias, sku_findings::no_canonical(alias, canonical));
            }
        }
        if aliases.is_empty() && self.kept.iter().all(|kept| *kept) {
            return;
        }
        self.rows = Vec::new();
        let candidates = std::mem::take(&mut self.pairs);
        let mut pairs = Vec::with_capacity(candidates.len() + aliases.len());
        let mut moved = Vec::with_capacity(candidates.len());
        let mut aliases = aliases.into_iter().peekable();
        for (pair, kept) in candidates.into_iter().zip(&self.kept) {
            if !kept {
                moved.push(None);
                continue;
            }
            while let Some(alias) = aliases.next_if(|alias| alias.source < pair.source) {
                pairs.push(alias);
            }
            moved.push(Some(slot(pairs.len())));
            pairs.push(pair);
        }
        pairs.extend(aliases);
        self.keys.retain_mut(|word| {
            let (half, member) = parts(*word);
            let now = moved.get(place(member)).copied().flatten();
            *word = joined(half, now.unwrap_or_default());
            now.is_some()
        });
        self.pairs = pairs;
    }

    fn note_confusable(&mut self) {
        let pairs = &self.pairs;
        let of = |member: u32| pairs.get(place(member));
        let own = pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| pair.origin != SkuOrigin::Alias)
            .map(|(index, _)| slot(index));
        let code = |member| of(member).map_or("", |pair| pair.warehouse.as_str());
        for members in confusable(own, code, &self.hashing) {
            let names: Vec<&SourceSku> = members
                .iter()
                .filter_map(|member| of(*member).map(|pair| &pair.source))
                .collect();
            self.found.extend(sku_findings::near_collision(&names));
        }
    }

    /// The shop's ids of what is mapped.
    fn take_variants(&self) -> HashMap<SourceSku, Vec<VariantId>, DefaultHashBuilder> {
        let mut at = 0;
        let mut taken = HashMap::default();
        for pair in &self.pairs {
            let record = self.records.latest(&mut at, &pair.source);
            let variants = self.variants.to_record(&pair.source, record);
            if !variants.is_empty() {
                taken.insert(pair.source.clone(), variants);
            }
        }
        taken
    }

    /// Says since when every pair is in use, and what else stays on record. Whether any of it is new.
    fn compare(&mut self) -> (Vec<RecordedSku>, bool) {
        let mut is_new = false;
        let mut at = 0;
        for pair in &mut self.pairs {
            match self.records.latest(&mut at, &pair.source) {
                Some(record) if record.warehouse == pair.warehouse => pair.since = record.since,
                _ => is_new = true,
            }
        }
        let mut pairs = self.pairs.iter().peekable();
        let mut dormant = Vec::new();
        for record in self.records.each() {
            while pairs.next_if(|pair| pair.source < record.source).is_some() {}
            let now = pairs.peek().filter(|pair| pair.source == record.source);
            if now.is_some_and(|pair| pair.warehouse == record.warehouse) {
                continue;
            }
            let is_present = self.sources.has(&record.source)
                || self.declared.is_alias(&record.source)
                || self.refused.contains_key(&record.source);
            let mut record = record.clone();
            if record.retired.is_none() && (now.is_some() || !is_present) {
                record.retired = Some(self.version);
                is_new = true;
            }
            dormant.push(record);
        }
        dormant.sort_unstable();
        dormant.dedup();
        (dormant, is_new)
    }

    fn finish(mut self) -> (SkuRegistry, Vec<Diagnostic>) {
        self.note_confusable();
        let hash = content_hash(&self.pairs);
        let (dormant, is_new) = self.compare();
        let variants = self.take_variants();
        let is_new = is_new || hash != self.history.content_hash;
        let hashing = self.hashing;
        let sources = self.pairs.iter().map(|pair| pair.source.as_str());
        let mut sources: Vec<u64> = sources
            .enumerate()
            .map(|(index, code)| by_hash(text_hash(&hashing, code), slot(index)))
            .collect();
        sources.sort_unstable();
        let mut found = self.found;
        found.sort_by(|a, b| {
            (&a.subject, a.code, &a.message).cmp(&(&b.subject, b.code, &b.message))
        });
        let registry = SkuRegistry {
            pairs: self.pairs,
            sources: HashIndex::of(sources.into_iter()),
            keys: HashIndex::of(self.keys.into_iter()),
            hashing,
            refused: self.refused,
            dormant,
            variants,
            version: if is_new {
                self.version
            } else {
                self.history.version
            },
            hash: hash.into(),
        };
        (registry, found)
    }
}

/// Hex SHA-256 over the pairs in order: length and text of both codes, and whether the pair is an alias.
fn content_hash(pairs: &[Pair]) -> String {
    const PART: usize = 1 << 14;
    let mut hasher = Sha256::new();
    let mut part = Vec::with_capacity(2 * PART);
    for pair in pairs {
        for text in [pair.source.as_str(), pair.warehouse.as_str()] {
            part.extend_from_slice(&slot(text.len()).to_le_bytes());
            part.extend_from_slice(text.as_bytes());
        }
        part.push(u8::from(pair.origin == SkuOrigin::Alias));
        if part.len() >= PART {
            hasher.update(&part);
            part.clear();
        }
    }
    hasher.update(&part);
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}
