use super::*;

fn build(catalogue: &[&str], overrides: &SkuOverrides) -> (SkuRegistry, Vec<Diagnostic>) {
    let items: Vec<CatalogueItem> = catalogue
        .iter()
        .map(|sku| CatalogueItem::new(*sku, None))
        .collect();
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
    assert_eq!(
        (registry.len(), sent(&registry, "OTHER")),
        (1, Some("OTHER"))
    );
}

#[test]
fn collisions_are_found_without_case_even_if_case_is_kept() {
    let policy = SkuPolicy {
        case: crate::SkuCase::Keep,
        ..SkuPolicy::default()
    };
    let items =
        ["15056BL", "15056bl"].map(|sku| CatalogueItem::new(sku, Some("Edwardian parasol".into())));
    let (registry, found) = SkuRegistry::build(&items, &SkuOverrides::default(), &policy);
    assert!(registry.is_empty());
    assert!(
        found
            .first()
            .unwrap()
            .message
            .contains("descriptions agree")
    );
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
        manual: vec![
            manual("-10V", "M10V"),
            manual("café", "CAFE"),
            manual("bad", "no-good"),
        ],
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
    let (_, found) = build(
        &["ß", "---", &long, "1E5", "NA", "O1", "01"],
        &SkuOverrides::default(),
    );
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
    let (registry, _) = SkuRegistry::build(
        &[CatalogueItem::new("NA", None)],
        &SkuOverrides::default(),
        &untyped,
    );
    assert!(registry.is_empty());
}

#[test]
fn one_code_with_two_descriptions_is_noted() {
    let items = [
        CatalogueItem::new("A", Some("Mug".into())),
        CatalogueItem::new("A", Some("Plate".into())),
        CatalogueItem::new("A", None),
    ];
    let (registry, found) =
        SkuRegistry::build(&items, &SkuOverrides::default(), &SkuPolicy::default());
    assert_eq!(
        (registry.len(), codes(&found)),
        (1, vec![Code::SkuDuplicate])
    );
}
