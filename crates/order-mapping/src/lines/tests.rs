//! Tests of lines.

use super::*;
use crate::{CatalogueItem, SkuOverrides, SkuPolicy, Subject};

fn codes(lines: Vec<OrderLine>) -> (usize, Vec<(Code, String)>) {
    let catalogue = ["MUG", "a-1", "A1", "ß"].map(|sku| CatalogueItem::new(sku, None));
    let (registry, _) =
        SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
    let mut profile = Profile::default();
    profile.non_stock.skus = vec!["POST".into()];
    let mut order = SalesOrder::new("1");
    order.lines = lines;
    let mut found = Vec::new();
    let mapped = map(&order, &LineRules::of(&profile), &registry, &mut found);
    (
        mapped.lines.len(),
        found
            .into_iter()
            .map(|one| (one.code, one.path.into()))
            .collect(),
    )
}

fn line(id: &str, sku: &str, quantity: &str) -> OrderLine {
    OrderLine::new(id, sku, quantity.parse::<Decimal>().unwrap())
}

#[test]
fn quantities() {
    assert_eq!(codes(vec![line("1", "MUG", "2.000")]), (1, vec![]));
    assert_eq!(codes(vec![line("1", "MUG", "99999")]), (1, vec![]));
    for (quantity, code) in [
        ("1.5", Code::QtyFractional),
        ("-0.5", Code::QtyFractional),
        ("0", Code::QtyZero),
        ("-1", Code::QtyZero),
        ("100000", Code::QtyTooLarge),
        ("79228162514264337593543950335", Code::QtyTooLarge),
    ] {
        let (_, found) = codes(vec![line("1", "MUG", quantity)]);
        assert_eq!(
            found,
            [(code, "/lines/0/quantity".to_owned())],
            "{quantity}"
        );
    }
}

#[test]
fn every_line_is_judged_by_itself() {
    let mut nameless = line("4", "", "1");
    nameless.sku = None;
    let (mapped, found) = codes(vec![
        line("1", "POST", "-1"),
        line("2", "mug", "1"),
        line("3", "A1", "1"),
        nameless,
        line("5", "ß", "0"),
        line("6", "MUG", "1"),
        line("6", "MUG", "1"),
    ]);
    assert_eq!(mapped, 2);
    assert_eq!(
        found,
        [
            (Code::LineNonStock, "/lines/0".to_owned()),
            (Code::SkuUnmapped, "/lines/1/sku".to_owned()),
            (Code::SkuCollision, "/lines/2/sku".to_owned()),
            (Code::SkuMissing, "/lines/3/sku".to_owned()),
            (Code::QtyZero, "/lines/4/quantity".to_owned()),
            (Code::SkuNonAscii, "/lines/4/sku".to_owned()),
            (Code::LineDuplicate, "/lines/6/id".to_owned()),
        ]
    );
    assert_eq!(codes(vec![]).1, [(Code::LinesEmpty, "/lines".to_owned())]);
}

#[test]
fn a_sku_fault_is_about_the_article() {
    let mut order = SalesOrder::new("1");
    order.lines = vec![line("1", "NEW-1", "1")];
    let (registry, _) = SkuRegistry::build(&[], &SkuOverrides::default(), &SkuPolicy::default());
    let mut found = Vec::new();
    map(&order, &LineRules::default(), &registry, &mut found);
    let fault = found.first().unwrap();
    assert_eq!(fault.subject, Subject::Sku("NEW-1".into()));
    assert!(fault.message.contains("\"NEW1\""));
}

/// Everything that can happen to a line, in one profile.
fn rich() -> (Profile, SkuRegistry) {
    let profile: Profile = toml::from_str(
        r#"
        lines = { max_quantity = 1000 }

        [[kits]]
        sku = "SET"
        components = [{ sku = "MUG", quantity = 1 }, { sku = "COASTER", quantity = 4 }]

        [[kits]]
        sku = "LOST-SET"
        components = [{ sku = "MUG", quantity = 1 }, { sku = "GONE", quantity = 1 }]

        [[kits]]
        sku = "NESTED"
        components = [{ sku = "SET", quantity = 1 }]

        [[kits]]
        sku = "NOTHING"
        components = []

        [[packs]]
        sku = "PLATE"
        unit = "Case"
        warehouse_units = 12

        [[packs]]
        sku = "PLATE"
        unit = "pair"
        shop_units = 1
        warehouse_units = 2

        [[packs]]
        sku = "STRAW"
        shop_units = 100
        warehouse_units = 1

        [[packs]]
        sku = "SET"
        warehouse_units = 2
        "#,
    )
    .unwrap();
    let catalogue = ["MUG", "COASTER", "PLATE", "STRAW"].map(|sku| CatalogueItem::new(sku, None));
    let registry = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &profile.sku).0;
    (profile, registry)
}

fn judged(lines: Vec<OrderLine>) -> (MappedLines, Vec<Diagnostic>) {
    let (profile, registry) = rich();
    let mut order = SalesOrder::new("1");
    order.lines = lines;
    let mut found = Vec::new();
    let rules = LineRules::of(&profile);
    let mapped = map(&order, &rules, &registry, &mut found);
    let demand = rules.demand(&order);
    if found.iter().all(|one| !one.severity.holds()) {
        // What is reserved before the order may go is what is sent when it may.
        let sent: Vec<_> = mapped
            .lines
            .iter()
            .map(|line| (&line.line_id, Some(&line.source_sku), line.quantity.get()))
            .collect();
        let kept: Vec<_> = demand
            .iter()
            .map(|one| (&one.line_id, one.sku.as_ref(), one.units))
            .collect();
        assert_eq!(sent, kept);
    }
    (mapped, found)
}

fn told(found: &[Diagnostic]) -> Vec<(Code, &str)> {
    found.iter().map(|one| (one.code, &*one.path)).collect()
}

fn with_unit(mut line: OrderLine, unit: &str) -> OrderLine {
    line.unit = Some(unit.to_owned());
    line
}

#[test]
fn a_kit_becomes_a_line_for_each_component() {
    let (mapped, found) = judged(vec![line("7", "SET", "3"), line("8", "MUG", "1")]);
    let lines: Vec<(&str, &str, u32)> = mapped
        .lines
        .iter()
        .map(|line| {
            (
                line.line_id.as_str(),
                line.sku.as_str(),
                line.quantity.get(),
            )
        })
        .collect();
    // Two kits to the ordered unit.
    assert_eq!(
        lines,
        [("7/1", "MUG", 6), ("7/2", "COASTER", 24), ("8", "MUG", 1)]
    );
    let part = mapped.lines[1].part_of.as_ref().unwrap();
    assert_eq!(
        (part.line_id.as_str(), part.sku.as_str(), part.per_kit),
        ("7", "SET", 4)
    );
    assert_eq!(mapped.lines[1].pack, PackRatio::new(1, 2));
    assert_eq!(mapped.lines[2].part_of, None);
    assert_eq!(
        told(&found),
        [
            (Code::PackConverted, "/lines/0/quantity"),
            (Code::KitExploded, "/lines/0")
        ]
    );
}

#[test]
fn faults_of_kits_stand_at_the_line_of_the_kit() {
    for (sku, quantity, wanted) in [
        ("LOST-SET", "1", vec![(Code::SkuUnmapped, "/lines/0/sku")]),
        ("NESTED", "1", vec![(Code::KitNested, "/lines/0/sku")]),
        ("NOTHING", "1", vec![(Code::KitEmpty, "/lines/0/sku")]),
        (
            "NOTHING",
            "0",
            vec![
                (Code::KitEmpty, "/lines/0/sku"),
                (Code::QtyZero, "/lines/0/quantity"),
            ],
        ),
        (
            "SET",
            "126",
            vec![
                (Code::PackConverted, "/lines/0/quantity"),
                (Code::QtyTooLarge, "/lines/0/quantity"),
            ],
        ),
        (
            "SET",
            "18446744073709551615",
            vec![(Code::QtyTooLarge, "/lines/0/quantity")],
        ),
    ] {
        let (mapped, found) = judged(vec![line("1", sku, quantity)]);
        let faults = told(&found);
        assert!(
            wanted.iter().all(|one| faults.contains(one)),
            "{sku}: {found:?}"
        );
        let kit = Code::KitExploded;
        assert!(
            found.iter().filter(|one| one.code != kit).count() == wanted.len(),
            "{sku}: {found:?}"
        );
        assert!(mapped.lines.iter().all(|line| line.sku.as_str() == "MUG"));
    }
    let (_, found) = judged(vec![line("1", "LOST-SET", "1")]);
    let fault = found
        .iter()
        .find(|one| one.code == Code::SkuUnmapped)
        .unwrap();
    assert_eq!(fault.subject, Subject::Sku("GONE".into()));
    assert!(fault.message.contains("\"GONE\""));
}

#[test]
fn the_id_of_a_component_belongs_to_no_other_line() {
    let (_, found) = judged(vec![line("7/2", "MUG", "1"), line("7", "SET", "1")]);
    let fault = found
        .iter()
        .find(|one| one.code == Code::LineDuplicate)
        .unwrap();
    assert_eq!(
        (&*fault.path, &fault.related[..]),
        ("/lines/0/id", &["/lines/1/id".to_owned()][..])
    );
}

#[test]
fn packs_are_exact_or_refused() {
    for (order, units) in [
        (with_unit(line("1", "PLATE", "3"), "case"), Ok(36)),
        (with_unit(line("1", "PLATE", "3"), " PAIR"), Ok(6)),
        (line("1", "STRAW", "300"), Ok(3)),
        (with_unit(line("1", "MUG", "2"), "box"), Ok(2)),
        (line("1", "STRAW", "250"), Err(Code::QtyNotWholePacks)),
        (line("1", "STRAW", "0.5"), Err(Code::QtyFractional)),
        // Half a case would be six plates; a fraction is refused all the same.
        (
            with_unit(line("1", "PLATE", "0.5"), "case"),
            Err(Code::QtyFractional),
        ),
        (line("1", "PLATE", "1"), Err(Code::UnitUnmapped)),
        (
            with_unit(line("1", "PLATE", "1"), "pallet"),
            Err(Code::UnitUnmapped),
        ),
        (
            with_unit(line("1", "PLATE", "84"), "case"),
            Err(Code::QtyTooLarge),
        ),
    ] {
        let (mapped, found) = judged(vec![order.clone()]);
        let got = match mapped.lines.first() {
            Some(line) => Ok(line.quantity.get()),
            None => Err(found
                .iter()
                .find(|one| one.severity.holds())
                .map_or(Code::TooMany, |one| one.code)),
        };
        assert_eq!(got, units, "{order:?}");
        let held = found.iter().filter(|one| one.severity.holds()).count();
        assert_eq!(held, usize::from(units.is_err()), "one root cause");
    }
}

#[test]
fn the_price_of_a_unit_is_exact_or_absent() {
    let mut priced = with_unit(line("1", "PLATE", "3"), "case");
    for (price, unit) in [("30.00", Some("2.5 GBP")), ("10", None)] {
        priced.unit_price = Some(Money::new(price.parse().unwrap(), "gbp"));
        let (mapped, _) = judged(vec![priced.clone()]);
        let got = mapped.lines[0].unit_price.as_ref().map(ToString::to_string);
        assert_eq!(got.as_deref(), unit);
    }
}

#[test]
fn what_is_left_out_is_accounted_for() {
    let (mut profile, registry) = rich();
    profile.non_stock.skus = vec![
        "POST".into(),
        crate::NonStockEntry::new("ENGRAVE", NonStockClass::Service),
    ];
    let mut order = SalesOrder::new("1");
    order.lines = vec![
        line("1", "POST", "1"),
        line("2", "MUG", "1"),
        line("3", "ENGRAVE", "2"),
    ];
    order.lines[0].unit_price = Some(Money::new("4.95".parse().unwrap(), "GBP"));
    let mut found = Vec::new();
    let mapped = map(&order, &LineRules::of(&profile), &registry, &mut found);
    let out: Vec<(&str, &str, Option<String>)> = mapped
        .left_out
        .iter()
        .map(|line| {
            let value = line.value.as_ref().map(ToString::to_string);
            (line.line_id.as_str(), line.sku.as_str(), value)
        })
        .collect();
    assert_eq!(
        out,
        [
            ("1", "POST", Some("4.95 GBP".to_owned())),
            ("3", "ENGRAVE", None)
        ]
    );
    assert_eq!(
        mapped.left_out.len() + mapped.lines.len(),
        order.lines.len()
    );
    assert!(
        found[1].message.contains("(service)"),
        "{}",
        found[1].message
    );
}

#[test]
fn limits_that_cannot_be_used_are_faults() {
    let policy = LinePolicy {
        max_quantity: 0,
        component_separator: String::new(),
    };
    let mut found = Vec::new();
    policy.check(&mut found);
    assert_eq!(
        told(&found),
        [
            (Code::ConfigLimitBad, "/lines/max_quantity"),
            (Code::ConfigLimitBad, "/lines/component_separator")
        ]
    );
}
