//! Laws of the SKU registry, over generated catalogues.

use std::collections::{BTreeMap, BTreeSet};

use order_mapping::{
    CatalogueItem, Code, ManualPair, SkuAlias, SkuHistory, SkuOrigin, SkuOverrides, SkuPolicy,
    SkuRegistry, SkuScheme, SourceSku,
};
use proptest::prelude::*;

/// Codes that collide often: few letters, both cases, punctuation, some outside ASCII.
fn code() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[abABO01+/-]{1,4}", 1 => "[é1A ]{1,3}", 1 => "[A-Z0-9]{20,28}"]
}

fn catalogue() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(code(), 0..24)
}

fn overrides() -> impl Strategy<Value = SkuOverrides> {
    let aliases = prop::collection::vec((code(), code()), 0..4);
    let manual = prop::collection::vec((code(), "[A-Z0-9]{1,5}"), 0..4);
    (aliases, manual).prop_map(|(aliases, manual)| SkuOverrides {
        aliases: aliases
            .into_iter()
            .map(|(alias, canonical)| SkuAlias {
                alias: alias.into(),
                canonical: canonical.into(),
            })
            .collect(),
        manual: manual
            .into_iter()
            .map(|(source, warehouse)| ManualPair {
                source: source.into(),
                warehouse,
            })
            .collect(),
    })
}

fn items(codes: &[String]) -> Vec<CatalogueItem> {
    codes
        .iter()
        .map(|code| CatalogueItem::new(code.as_str(), None))
        .collect()
}

fn build(
    codes: &[String],
    overrides: &SkuOverrides,
) -> (SkuRegistry, Vec<order_mapping::Diagnostic>) {
    SkuRegistry::build(&items(codes), overrides, &SkuPolicy::default())
}

fn build_after(
    history: &SkuHistory,
    codes: &[String],
    overrides: &SkuOverrides,
    policy: &SkuPolicy,
) -> (SkuRegistry, Vec<order_mapping::Diagnostic>) {
    SkuRegistry::build_after(history, &items(codes), overrides, policy)
}

fn policy() -> impl Strategy<Value = SkuPolicy> {
    (any::<bool>(), any::<bool>()).prop_map(|(suffix, dash)| {
        let mut policy = SkuPolicy::default();
        if suffix {
            policy.scheme = SkuScheme::StripThenSuffix;
        }
        if dash {
            policy.extra_characters = "-".into();
        }
        policy
    })
}

/// What a shop does over the years: other articles, other declarations, other rules.
fn years() -> impl Strategy<Value = Vec<(Vec<String>, SkuOverrides, SkuPolicy)>> {
    prop::collection::vec((catalogue(), overrides(), policy()), 1..6)
}

/// To which article of the shop every warehouse code belongs, compared without case.
type Meanings = BTreeMap<String, SourceSku>;

proptest! {
    #[test]
    fn a_new_product_never_changes_or_withdraws_a_pair_on_record(
        codes in catalogue(), overrides in overrides(), policy in policy(), new in code(),
    ) {
        let (before, _) = SkuRegistry::build(&items(&codes), &overrides, &policy);
        let mut more = codes;
        more.push(new);
        let (after, _) = build_after(&before.history(), &more, &overrides, &policy);
        for (source, warehouse) in before.pairs() {
            prop_assert_eq!(after.to_warehouse(source), Some(warehouse));
            prop_assert_eq!(after.since(source), Some(1));
        }
        for (_, warehouse) in before.pairs() {
            prop_assert_eq!(before.to_source(warehouse.as_str()), after.to_source(warehouse.as_str()));
        }
    }

    #[test]
    fn a_build_that_changes_nothing_keeps_version_hash_and_history(years in years()) {
        let mut history = SkuHistory::default();
        for (codes, overrides, policy) in years {
            let (registry, found) = build_after(&history, &codes, &overrides, &policy);
            let kept = serde_json::to_string(&registry.history()).unwrap();
            let mut read: SkuHistory = serde_json::from_str(&kept).unwrap();
            prop_assert_eq!(&read, &registry.history());
            read.pairs.reverse();
            let (again, found_again) = build_after(&read, &codes, &overrides, &policy);
            prop_assert_eq!(&again, &registry);
            prop_assert_eq!(again.history(), registry.history());
            // What waited for a version of its own may be told in other words now, but the same articles are refused.
            let refused = |found: &[order_mapping::Diagnostic]| found.iter().filter(|one| one.severity.holds()).count();
            prop_assert_eq!(refused(&found_again), refused(&found));
            prop_assert!(registry.version() == history.version || registry.version() == history.version + 1);
            history = registry.history();
        }
    }

    #[test]
    fn a_code_never_means_another_article_than_it_has_meant(years in years()) {
        let mut history = SkuHistory::default();
        let mut meanings = Meanings::new();
        for (codes, mut overrides, policy) in years {
            overrides.aliases.clear();
            let (registry, _) = build_after(&history, &codes, &overrides, &policy);
            for (source, warehouse) in registry.pairs() {
                let key = warehouse.as_str().to_ascii_uppercase();
                let meant = meanings.entry(key).or_insert_with(|| source.clone());
                prop_assert_eq!(&*meant, source);
            }
            history = registry.history();
        }
    }

    #[test]
    fn a_pair_on_record_changes_only_by_a_row_that_names_it(years in years()) {
        let mut history = SkuHistory::default();
        let mut last: BTreeMap<SourceSku, String> = BTreeMap::new();
        for (codes, overrides, policy) in years {
            let (registry, _) = build_after(&history, &codes, &overrides, &policy);
            for (source, warehouse) in registry.pairs() {
                let declared = overrides.manual.iter().any(|row| row.source == *source)
                    || overrides.aliases.iter().any(|row| row.alias == *source);
                if let Some(known) = last.insert(source.clone(), warehouse.as_str().to_owned()) {
                    prop_assert!(declared || known == warehouse.as_str(), "{} was {}", source, known);
                }
            }
            history = registry.history();
        }
    }

    #[test]
    fn with_a_history_too_every_code_is_mapped_or_refused_with_a_reason(years in years()) {
        let mut history = SkuHistory::default();
        for (codes, overrides, policy) in years {
            let (registry, found) = build_after(&history, &codes, &overrides, &policy);
            let mut other = codes.clone();
            other.reverse();
            prop_assert_eq!(&build_after(&history, &other, &overrides, &policy), &(registry.clone(), found.clone()));
            for code in codes.iter().map(|code| SourceSku::new(code.as_str())) {
                let refusal = registry.refusal(&code);
                prop_assert_eq!(registry.to_warehouse(&code).is_none(), refusal.is_some());
                if let Some(refusal) = refusal {
                    prop_assert!(found.iter().any(|one| one.code == refusal && one.severity.holds()));
                }
            }
            let mut own: BTreeSet<String> = BTreeSet::new();
            for (source, warehouse) in registry.pairs() {
                let back = registry.to_source(warehouse.as_str()).unwrap();
                prop_assert_eq!(registry.to_warehouse(back), Some(warehouse));
                if registry.origin(source) != Some(SkuOrigin::Alias) {
                    prop_assert_eq!(back, source);
                    prop_assert!(own.insert(warehouse.as_str().to_ascii_uppercase()), "injective");
                }
            }
            history = registry.history();
        }
    }

    #[test]
    fn a_history_edited_by_hand_harms_nobody(
        rows in prop::collection::vec((code(), code(), any::<bool>(), 0..5_u32, prop::option::of(0..5_u32)), 0..12),
        codes in catalogue(), overrides in overrides(), seed in any::<u64>(),
    ) {
        let rows: Vec<serde_json::Value> = rows
            .into_iter()
            .map(|(source, warehouse, alias, since, retired)| {
                serde_json::json!({"source": source, "warehouse": warehouse, "alias": alias, "since": since, "retired": retired})
            })
            .collect();
        let text = serde_json::json!({"version": 5, "content_hash": "", "pairs": rows}).to_string();
        let history: SkuHistory = serde_json::from_str(&text).unwrap();
        let (registry, found) = build_after(&history, &codes, &overrides, &SkuPolicy::default());
        let mut other = history;
        other.pairs.sort_by_key(|pair| pair.source.as_str().len() as u64 ^ seed);
        prop_assert_eq!(build_after(&other, &codes, &overrides, &SkuPolicy::default()), (registry.clone(), found));
        let mut own: BTreeSet<String> = BTreeSet::new();
        for (source, warehouse) in registry.pairs() {
            prop_assert!(SkuPolicy::default().accepts(warehouse.as_str()));
            if registry.origin(source) != Some(SkuOrigin::Alias) {
                prop_assert!(own.insert(warehouse.as_str().to_owned()), "injective");
            }
        }
    }

    #[test]
    fn with_a_suffix_no_code_depends_on_another(codes in catalogue(), new in code()) {
        let policy = SkuPolicy { scheme: SkuScheme::StripThenSuffix, ..SkuPolicy::default() };
        let (before, _) = SkuRegistry::build(&items(&codes), &SkuOverrides::default(), &policy);
        let alone = SkuRegistry::build(&items(std::slice::from_ref(&new)), &SkuOverrides::default(), &policy).0;
        let mut more = codes.clone();
        more.push(new.clone());
        let (after, _) = SkuRegistry::build(&items(&more), &SkuOverrides::default(), &policy);
        for code in codes.iter().chain([&new]).map(|code| SourceSku::new(code.as_str())) {
            if let Some(now) = after.to_warehouse(&code) {
                prop_assert!(before.to_warehouse(&code) == Some(now) || alone.to_warehouse(&code) == Some(now));
                let lossy = now.as_str() != code.as_str();
                prop_assert_eq!(after.origin(&code) == Some(SkuOrigin::Suffixed), lossy);
            }
            prop_assert_ne!(after.refusal(&code), Some(Code::SkuMappingChanged));
        }
    }

    #[test]
    fn every_pair_is_in_the_alphabet_and_comes_back(codes in catalogue(), overrides in overrides()) {
        let (registry, _) = build(&codes, &overrides);
        let mut canonical: BTreeMap<String, SourceSku> = BTreeMap::new();
        let (mut finder, mut backwards) = (registry.source_finder(), registry.source_finder());
        let all: Vec<&str> = registry.pairs().map(|(_, warehouse)| warehouse.as_str()).collect();
        for code in all.iter().rev().chain([&"not a code"]) {
            prop_assert_eq!(backwards.find(code), registry.to_source(code));
        }
        for (source, warehouse) in registry.pairs() {
            prop_assert!(SkuPolicy::default().accepts(warehouse.as_str()));
            let back = registry.to_source(warehouse.as_str()).cloned();
            prop_assert_eq!(finder.find(&format!(" {} ", warehouse.as_str().to_lowercase())), back.as_ref());
            prop_assert_eq!(back.as_ref(), registry.to_source(&warehouse.as_str().to_lowercase()));
            let back = back.unwrap();
            prop_assert_eq!(registry.to_warehouse(&back), Some(warehouse), "W(R(w)) = w");
            if registry.origin(source) == Some(SkuOrigin::Alias) {
                let declared = overrides.aliases.iter().any(|one| one.alias == *source && one.canonical == back);
                prop_assert!(declared, "only a declared alias shares a code");
            } else {
                prop_assert_eq!(&back, source, "R(W(a)) = a");
                prop_assert!(canonical.insert(warehouse.as_str().to_owned(), back).is_none(), "injective");
            }
        }
    }

    #[test]
    fn every_code_is_mapped_or_refused_with_a_reason(codes in catalogue(), overrides in overrides()) {
        let (registry, found) = build(&codes, &overrides);
        for code in codes.iter().map(|code| SourceSku::new(code.as_str())) {
            let refusal = registry.refusal(&code);
            prop_assert_eq!(registry.to_warehouse(&code).is_none(), refusal.is_some());
            if let Some(refusal) = refusal {
                prop_assert!(found.iter().any(|one| one.code == refusal && one.severity.holds()));
            }
        }
    }

    #[test]
    fn the_order_of_the_catalogue_does_not_matter(codes in catalogue(), overrides in overrides(), seed in any::<u64>()) {
        let mut other = codes.clone();
        other.sort_by_key(|code| code.bytes().fold(seed, |sum, b| sum.rotate_left(7) ^ u64::from(b).wrapping_mul(0x9E37_79B9)));
        other.extend(codes.iter().take(2).cloned());
        prop_assert_eq!(build(&codes, &overrides), build(&other, &overrides));
    }

    #[test]
    fn a_new_product_never_changes_the_code_of_an_old_one(codes in catalogue(), new in code()) {
        let none = SkuOverrides::default();
        let (before, _) = build(&codes, &none);
        let mut more = codes;
        more.push(new);
        let (after, _) = build(&more, &none);
        for (source, warehouse) in before.pairs() {
            match after.to_warehouse(source) {
                Some(now) => prop_assert_eq!(now, warehouse),
                None => prop_assert!(after.refusal(source).is_some(), "it can only be withdrawn, with a reason"),
            }
        }
    }

    #[test]
    fn the_hash_tells_registries_apart(a in catalogue(), b in catalogue()) {
        let none = SkuOverrides::default();
        let ((x, _), (y, _)) = (build(&a, &none), build(&b, &none));
        let pairs = |registry: &SkuRegistry| -> BTreeSet<(String, String)> {
            registry.pairs().map(|(s, w)| (s.as_str().to_owned(), w.as_str().to_owned())).collect()
        };
        prop_assert_eq!(x.content_hash() == y.content_hash(), pairs(&x) == pairs(&y));
    }

    #[test]
    fn any_text_at_all(codes in prop::collection::vec(any::<String>(), 0..8)) {
        let _ = build(&codes, &SkuOverrides::default());
    }
}
