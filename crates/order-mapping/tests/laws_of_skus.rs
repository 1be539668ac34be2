//! Laws of the SKU registry, over generated catalogues.

use std::collections::{BTreeMap, BTreeSet};

use order_mapping::{
    CatalogueItem, ManualPair, SkuAlias, SkuOrigin, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku,
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

proptest! {
    #[test]
    fn every_pair_is_in_the_alphabet_and_comes_back(codes in catalogue(), overrides in overrides()) {
        let (registry, _) = build(&codes, &overrides);
        let mut canonical: BTreeMap<String, SourceSku> = BTreeMap::new();
        for (source, warehouse) in registry.pairs() {
            prop_assert!(SkuPolicy::default().accepts(warehouse.as_str()));
            let back = registry.to_source(warehouse.as_str()).cloned();
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
