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

fn after(
    last: &SkuRegistry,
    catalogue: &[&str],
    overrides: &SkuOverrides,
    policy: &SkuPolicy,
) -> (SkuRegistry, Vec<Diagnostic>) {
    let items: Vec<CatalogueItem> = catalogue
        .iter()
        .map(|sku| CatalogueItem::new(*sku, None))
        .collect();
    SkuRegistry::build_after(&last.history(), &items, overrides, policy)
}

fn manual_rows(rows: &[(&str, &str)]) -> SkuOverrides {
    SkuOverrides {
        manual: rows.iter().map(|(a, b)| manual(a, b)).collect(),
        ..SkuOverrides::default()
    }
}

#[test]
fn an_incumbent_keeps_its_code_and_every_newcomer_is_refused() {
    let (none, policy) = (SkuOverrides::default(), SkuPolicy::default());
    let (first, _) = build(&["-10V", "PLATE"], &none);
    let (second, found) = after(&first, &["+10V", "-10V", "10V", "PLATE"], &none, &policy);
    assert_eq!(sent(&second, "-10V"), Some("10V"));
    assert_eq!(second.to_source("10V"), Some(&"-10V".into()));
    assert_eq!(codes(&found), [Code::SkuCollision, Code::SkuChanged]);
    let fault = found.first().unwrap();
    assert_eq!(fault.related, ["+10V", "-10V", "10V"]);
    assert!(
        fault.message.contains("meant \"-10V\" since version 1"),
        "{}",
        fault.message
    );
    for sku in ["+10V", "10V"] {
        assert_eq!(second.refusal(&sku.into()), Some(Code::SkuCollision));
    }
    // Nothing is new on record.
    assert_eq!((second.version(), second.history()), (1, first.history()));
    // A code of its own settles it, and leaves the others as they were.
    let own = manual_rows(&[("+10V", "P10V")]);
    let (third, _) = after(&second, &["+10V", "-10V", "PLATE"], &own, &policy);
    assert_eq!((third.version(), sent(&third, "+10V")), (2, Some("P10V")));
    assert_eq!(third.since(&"+10V".into()), Some(2));
    assert_eq!(third.since(&"-10V".into()), Some(1));
}

#[test]
fn a_changed_rule_changes_no_code_until_a_row_names_one() {
    let (none, upper) = (SkuOverrides::default(), SkuPolicy::default());
    let dash = SkuPolicy {
        extra_characters: "-".into(),
        ..SkuPolicy::default()
    };
    let (first, _) = build(&["MUG-1", "PLATE"], &none);
    let (second, found) = after(&first, &["MUG-1", "PLATE"], &none, &dash);
    assert_eq!(codes(&found), [Code::SkuMappingChanged]);
    assert_eq!(
        (sent(&second, "MUG-1"), sent(&second, "PLATE")),
        (None, Some("PLATE"))
    );
    let fault = found.first().unwrap();
    assert!(
        fault.message.contains("\"MUG1\"") && fault.message.contains("\"MUG-1\""),
        "{}",
        fault.message
    );
    // It is refused, not forgotten: its code stays its own.
    let (_, found) = after(&second, &["MUG-1", "MUG/1"], &none, &dash);
    let mut all = codes(&found);
    all.sort();
    assert_eq!(all, [Code::SkuCollision, Code::SkuMappingChanged]);
    // The old code, by hand.
    let (kept, _) = after(
        &second,
        &["MUG-1"],
        &manual_rows(&[("MUG-1", "MUG1")]),
        &dash,
    );
    assert_eq!(
        (sent(&kept, "MUG-1"), kept.since(&"MUG-1".into())),
        (Some("MUG1"), Some(1))
    );
    // The new one; the old one stays reserved, and comes back to the same article only.
    let moved = manual_rows(&[("MUG-1", "MUG-1")]);
    let (changed, _) = after(&second, &["MUG-1", "MUG/1"], &moved, &dash);
    assert_eq!(sent(&changed, "MUG-1"), Some("MUG-1"));
    assert_eq!(changed.refusal(&"MUG/1".into()), Some(Code::SkuCodeRetired));
    let (again, found) = after(
        &changed,
        &["MUG-1"],
        &manual_rows(&[("MUG-1", "MUG1")]),
        &upper,
    );
    assert_eq!((sent(&again, "MUG-1"), found), (Some("MUG1"), vec![]));
    assert_eq!(again.history().pairs.len(), 3);
}

#[test]
fn a_retired_code_waits_for_its_article() {
    let (none, policy) = (SkuOverrides::default(), SkuPolicy::default());
    let (first, _) = build(&["OLD-1"], &none);
    let (second, found) = after(&first, &["OLD/1"], &none, &policy);
    assert_eq!(codes(&found), [Code::SkuCodeRetired]);
    assert!(second.is_empty() && second.version() == 2);
    assert_eq!(second.history().pairs.first().unwrap().retired, Some(2));
    // Not even by hand.
    let by_hand = manual_rows(&[("NEW", "old1")]);
    let keep = SkuPolicy {
        case: crate::SkuCase::Keep,
        ..SkuPolicy::default()
    };
    let (third, found) = after(&second, &["NEW"], &by_hand, &keep);
    assert_eq!(
        (third.len(), codes(&found)),
        (0, vec![Code::SkuCodeRetired])
    );
    // Back again, and the newcomer is still refused, now in a collision.
    let (fourth, found) = after(&third, &["OLD-1", "OLD/1"], &none, &policy);
    assert_eq!(sent(&fourth, "OLD-1"), Some("OLD1"));
    assert_eq!(fourth.since(&"OLD-1".into()), Some(1));
    assert_eq!(codes(&found), [Code::SkuCollision, Code::SkuChanged]);
    assert_eq!(fourth.history().pairs.first().unwrap().retired, None);
}

#[test]
fn a_renamed_article_can_have_its_code_once_both_are_declared_one() {
    let (first, _) = build(&["OLD"], &SkuOverrides::default());
    let mut overrides = manual_rows(&[("NEW", "OLD")]);
    overrides.aliases.push(alias("OLD", "NEW"));
    let (second, found) = after(&first, &["NEW"], &overrides, &SkuPolicy::default());
    assert_eq!(found, []);
    assert_eq!(second.to_source("OLD"), Some(&"NEW".into()));
    assert_eq!(sent(&second, "OLD"), Some("OLD"));
    let (third, _) = after(&second, &["NEW"], &overrides, &SkuPolicy::default());
    assert_eq!((third.version(), third), (2, second));
}

fn with_variants(
    before: &SkuHistory,
    rows: &[(&str, &str)],
    overrides: &SkuOverrides,
) -> (SkuRegistry, Vec<Diagnostic>) {
    let items: Vec<CatalogueItem> = rows
        .iter()
        .map(|(sku, variant)| CatalogueItem::new(*sku, None).with_variant(*variant))
        .collect();
    SkuRegistry::build_after(before, &items, overrides, &SkuPolicy::default())
}

#[test]
fn a_renamed_article_is_told_by_its_id_and_waits_for_a_person() {
    let none = SkuOverrides::default();
    let (first, _) = with_variants(&SkuHistory::default(), &[("OLD-1", "41")], &none);
    assert_eq!(first.variants(&"OLD-1".into()), ["41"]);
    // Even where both become one code at the warehouse.
    for new in ["NEW", "OLD/1"] {
        let (second, found) = with_variants(&first.history(), &[(new, "41")], &none);
        assert_eq!(codes(&found), [Code::SkuRenamed]);
        let fault = found.first().unwrap();
        assert_eq!(fault.related, ["OLD-1"]);
        assert_eq!(fault.fix.as_ref().unwrap().replacement, "OLD1");
        for told in ["\"41\"", "\"OLD-1\"", "\"OLD1\"", "version 1"] {
            assert!(fault.message.contains(told), "{}", fault.message);
        }
        assert_eq!(second.refusal(&new.into()), Some(Code::SkuRenamed));
        let history = second.history();
        let kept = history.pairs.first().unwrap();
        assert_eq!((kept.retired, history.pairs.len()), (Some(2), 1));
        // It is told again until a person has spoken, and not once the shop has undone it.
        let (_, again) = with_variants(&history, &[(new, "41")], &none);
        assert_eq!(again, found);
        let (undone, found) = with_variants(&history, &[("OLD-1", "41")], &none);
        assert_eq!(sent(&undone, "OLD-1"), Some("OLD1"));
        assert_eq!(codes(&found), [Code::SkuChanged]);
        // The same goods, under their old code.
        let mut same = manual_rows(&[(new, "OLD1")]);
        same.aliases.push(alias("OLD-1", new));
        let (third, found) = with_variants(&history, &[(new, "41")], &same);
        assert_eq!((sent(&third, new), found), (Some("OLD1"), vec![]));
        assert_eq!(third.to_source("OLD1"), Some(&new.into()));
        let (_, found) = with_variants(&third.history(), &[(new, "41")], &same);
        assert_eq!(found, []);
    }
    // Other goods: from then on the id is known under the new code.
    let (second, _) = with_variants(
        &first.history(),
        &[("NEW", "41")],
        &manual_rows(&[("NEW", "NEW")]),
    );
    assert_eq!(sent(&second, "NEW"), Some("NEW"));
    let (_, found) = with_variants(&second.history(), &[("NEW", "41")], &none);
    assert_eq!(found, []);
    let (_, found) = with_variants(&second.history(), &[("OLD-1", "41")], &none);
    assert_eq!(codes(&found), [Code::SkuRenamed]);
}

#[test]
fn two_articles_that_swap_their_codes_are_both_told() {
    let none = SkuOverrides::default();
    let (first, _) = with_variants(&SkuHistory::default(), &[("A", "1"), ("B", "2")], &none);
    let (second, found) = with_variants(&first.history(), &[("A", "2"), ("B", "1")], &none);
    assert_eq!(codes(&found), [Code::SkuRenamed, Code::SkuRenamed]);
    assert!(second.is_empty());
    assert_eq!(second.history().pairs, first.history().pairs);
}

#[test]
fn another_id_under_a_code_is_told_once_and_one_without_id_never() {
    let none = SkuOverrides::default();
    let (first, _) = with_variants(
        &SkuHistory::default(),
        &[("A", "1"), ("A", "2"), ("B", " ")],
        &none,
    );
    assert_eq!(first.variants(&"A".into()), ["1", "2"]);
    assert!(first.history().pairs.last().unwrap().variants.is_empty());
    let (_, found) = with_variants(&first.history(), &[("A", "2"), ("B", "7")], &none);
    assert_eq!(found, []);
    // A catalogue without ids forgets none.
    let (second, found) = after(&first, &["A", "B"], &none, &SkuPolicy::default());
    assert_eq!(
        (second.history().pairs, found),
        (first.history().pairs, vec![])
    );
    let (third, found) = with_variants(&first.history(), &[("A", "3"), ("B", "")], &none);
    assert_eq!(codes(&found), [Code::SkuVariantChanged]);
    assert_eq!(sent(&third, "A"), Some("A"));
    assert_eq!(third.version(), 1);
    let (_, found) = with_variants(&third.history(), &[("A", "3")], &none);
    assert_eq!(found, []);
}

#[test]
fn a_suffix_parts_what_stripping_joins() {
    let policy = SkuPolicy {
        scheme: crate::SkuScheme::StripThenSuffix,
        ..SkuPolicy::default()
    };
    let items = ["+10V", "-10V", "10V", "10V3FD"].map(|sku| CatalogueItem::new(sku, None));
    let (registry, found) = SkuRegistry::build(&items, &SkuOverrides::default(), &policy);
    assert_eq!(sent(&registry, "-10V"), Some("10VKZN"));
    assert_eq!(registry.origin(&"-10V".into()), Some(SkuOrigin::Suffixed));
    assert_eq!(sent(&registry, "10V"), Some("10V"));
    // What meets all the same is found.
    assert_eq!(codes(&found), [Code::SkuCollision, Code::SkuChanged]);
    assert_eq!(found.first().unwrap().related, ["+10V", "10V3FD"]);
}

#[test]
fn a_code_outside_ascii_comes_with_what_a_person_could_declare() {
    let (_, found) = build(&["ＡＢ－１\u{200B}", "CAFÉ"], &SkuOverrides::default());
    let fixes: Vec<Option<&str>> = found
        .iter()
        .map(|one| one.fix.as_ref().map(|fix| fix.replacement.as_str()))
        .collect();
    assert_eq!(fixes, [None, Some("AB1")]);
    let message = &found.last().unwrap().message;
    assert!(
        message.contains("U+200B") && message.contains("U+FF21"),
        "{message}"
    );
}
