//! Laws of lines: kits and packs go out exactly and come back exactly.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;

use order_mapping::{
    Address, CatalogueItem, Folding, FulfilmentOrder, LineId, LineQuantity, Mapping, OrderLine,
    Parcel, PartialPolicy, PaymentTerms, Profile, ReleaseFacts, SalesOrder, SkuOverrides,
    SkuRegistry, map_order,
};
use proptest::prelude::*;

fn profile() -> Profile {
    toml::from_str(
        r#"
        partial = { by_tag = { "all-or-nothing" = "fill_or_kill" } }

        [[services.rules]]
        option = "Express"
        code = "WHI_EXP"

        [[kits]]
        sku = "SET"
        components = [{ sku = "MUG", quantity = 1 }, { sku = "COASTER", quantity = 4 }]

        [[kits]]
        sku = "BOXED-SET"
        components = [{ sku = "MUG", quantity = 2 }, { sku = "COASTER", quantity = 3 }]

        [[packs]]
        sku = "BOXED-SET"
        shop_units = 2
        warehouse_units = 3

        [[packs]]
        sku = "PLATE"
        warehouse_units = 12
        "#,
    )
    .unwrap()
}

/// Lines 1 to 4: a kit, a kit in packs, an article in packs, a plain one.
fn ready(quantities: [u32; 4]) -> FulfilmentOrder {
    let profile = profile();
    let catalogue = ["MUG", "COASTER", "PLATE", "CUP"].map(|sku| CatalogueItem::new(sku, None));
    let (registry, _) = SkuRegistry::build(&catalogue, &SkuOverrides::default(), &profile.sku);
    let mut order = SalesOrder::new("A");
    order.payment = PaymentTerms::Upfront;
    order.tags = vec!["all-or-nothing".to_owned()];
    order.shipping_method = Some("Express".into());
    order.lines = ["SET", "BOXED-SET", "PLATE", "CUP"]
        .into_iter()
        .zip(quantities)
        .enumerate()
        .map(|(index, (sku, quantity))| OrderLine::new((index + 1).to_string(), sku, quantity))
        .collect();
    let mut address = Address::default();
    address.name = Some("Goods In".into());
    address.line1 = Some("Unit 3, Mill Lane".into());
    address.city = Some("Leeds".into());
    address.postcode = Some("LS1 4AP".into());
    address.country = Some("GB".into());
    address.phone = Some("0113 243 0000".into());
    order.personal.shipping = Some(address);
    match map_order(&order, &ReleaseFacts::default(), &profile, &registry) {
        Mapping::Ready { order, .. } => *order,
        other => panic!("{other:?}"),
    }
}

fn units(lines: &[(&str, u64)]) -> BTreeMap<LineId, u64> {
    lines
        .iter()
        .map(|(id, units)| (LineId::new(*id), *units))
        .collect()
}

fn parcel(id: &str, lines: &[(&str, u32)]) -> Parcel {
    let mut parcel = Parcel::new(id);
    parcel.contents = lines
        .iter()
        .map(|(line, units)| LineQuantity::of_line(*line, *units))
        .collect();
    parcel
}

#[test]
fn everything_sent_is_everything_ordered() {
    let order = ready([5, 4, 3, 7]);
    assert_eq!(order.partial, PartialPolicy::FillOrKill);
    let all: BTreeMap<LineId, u64> = order
        .lines
        .iter()
        .map(|line| (line.line_id.clone(), u64::from(line.quantity)))
        .collect();
    let folded = Folding::of(&order).lines(&all);
    let told: Vec<(&str, &str, u64, usize)> = folded
        .iter()
        .map(|line| {
            (
                line.line_id.as_str(),
                line.sku.as_str(),
                line.complete,
                line.partial.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("1", "SET", 5, 0),
            ("2", "BOXED-SET", 4, 0),
            ("3", "PLATE", 3, 0),
            ("4", "CUP", 7, 0)
        ]
    );
    // The order survives a store as it is, with kits and packs.
    let text = serde_json::to_string(&order).unwrap();
    let mut read: FulfilmentOrder = serde_json::from_str(&text).unwrap();
    read.recipient = order.recipient.clone();
    assert_eq!(read, order);
}

#[test]
fn what_makes_up_no_whole_unit_is_shown_as_partial() {
    let order = ready([5, 4, 3, 7]);
    let folding = Folding::of(&order);
    // Two mugs and seven coasters are one set; two boxed kits are no pack of three.
    let folded = folding.lines(&units(&[
        ("1/1", 2),
        ("1/2", 7),
        ("2/1", 4),
        ("2/2", 6),
        ("3", 30),
        ("nobody's", 9),
    ]));
    let partial: Vec<(u64, Vec<(&str, u32)>)> = folded
        .iter()
        .map(|line| {
            let partial = line
                .partial
                .iter()
                .map(|left| (left.sku.as_deref().unwrap_or_default(), left.quantity))
                .collect();
            (line.complete, partial)
        })
        .collect();
    assert_eq!(
        partial,
        [
            (1, vec![("MUG", 1), ("COASTER", 3)]),
            (0, vec![("MUG", 4), ("COASTER", 6)]),
            (2, vec![("PLATE", 6)]),
            (0, vec![]),
        ]
    );
}

#[test]
fn a_kit_counts_in_the_parcel_that_completes_it() {
    let order = ready([2, 2, 1, 7]);
    let folding = Folding::of(&order);
    assert!(!folding.is_plain());
    let parcels = [
        parcel("P1", &[("1/1", 2), ("4", 7)]),
        parcel("P2", &[("1/2", 5), ("lost", 1)]),
        parcel("P3", &[("1/2", 2), ("1/2", 1)]),
    ];
    let folded = folding.parcels(&parcels);
    let line = |id: &str, units| LineQuantity::of_line(id, units);
    let mut loose = LineQuantity::of_sku("MUG", 2);
    loose.line_id = Some("1".into());
    assert_eq!(folded[0].contents, [line("4", 7)]);
    assert_eq!(folded[0].partial, [loose]);
    assert_eq!(folded[1].contents, [line("lost", 1), line("1", 1)]);
    let mut coaster = LineQuantity::of_sku("COASTER", 1);
    coaster.line_id = Some("1".into());
    assert_eq!(folded[1].partial, [coaster]);
    assert_eq!(folded[2].contents, [line("1", 1)]);
    assert_eq!(folded[2].partial, []);
}

proptest! {
    #[test]
    fn parcels_add_up_to_the_lines_and_never_take_back(
        quantities in (1u32..20, (1u32..20).prop_map(|n| n * 2), 1u32..20, 1u32..20),
        drops in prop::collection::vec((0usize..6, 0usize..5, 1u32..30), 0..20),
    ) {
        let order = ready([quantities.0, quantities.1, quantities.2, quantities.3]);
        let folding = Folding::of(&order);
        let mut parcels: Vec<Parcel> = (0..5).map(|id| Parcel::new(id.to_string())).collect();
        let mut sent: BTreeMap<LineId, u64> = BTreeMap::new();
        for (line, at, quantity) in drops {
            let line = &order.lines[line];
            parcels[at].contents.push(LineQuantity::of_line(line.line_id.clone(), quantity));
            *sent.entry(line.line_id.clone()).or_default() += u64::from(quantity);
        }
        let lines = folding.lines(&sent);
        let folded = folding.parcels(&parcels);
        for line in &lines {
            let told: u64 = folded
                .iter()
                .flat_map(|parcel| &parcel.contents)
                .filter(|content| content.line_id.as_ref() == Some(&line.line_id))
                .map(|content| u64::from(content.quantity))
                .sum();
            prop_assert_eq!(told, line.complete);
            // Complete units, turned back into the warehouse's, and the rest are what was sent.
            for part in order.lines.iter().filter(|part| {
                part.part_of.as_ref().map_or(&part.line_id, |kit| &kit.line_id) == &line.line_id
            }) {
                let kits = part.pack.map_or(Some(line.complete), |ratio| ratio.to_warehouse(line.complete)).unwrap();
                let used = kits * part.part_of.as_ref().map_or(1, |kit| u64::from(kit.per_kit));
                let left: u64 = line
                    .partial
                    .iter()
                    .filter(|left| left.sku.as_deref() == Some(part.sku.as_str()))
                    .map(|left| u64::from(left.quantity))
                    .sum();
                prop_assert_eq!(used + left, sent.get(&part.line_id).copied().unwrap_or(0));
            }
        }
        for (before, after) in parcels.iter().zip(&folded) {
            for left in &after.partial {
                let brought: u32 = before
                    .contents
                    .iter()
                    .filter(|content| {
                        order.lines.iter().any(|line| {
                            Some(&line.line_id) == content.line_id.as_ref()
                                && Some(line.sku.as_str()) == left.sku.as_deref()
                        })
                    })
                    .map(|content| content.quantity)
                    .sum();
                prop_assert!(left.quantity <= brought, "more is loose than is in it");
            }
        }
        // News only adds: what was told of earlier parcels stays.
        let fewer = folding.parcels(&parcels[..3]);
        prop_assert_eq!(&fewer[..], &folded[..3]);
    }
}
