//! Laws of the whole mapping: all faults at once, deterministic, total, and silent about persons.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests over an order of known form"
)]

use order_mapping::{
    Address, CatalogueItem, Code, Mapper, Mapping, Money, OrderKind, OrderLine, OtherPhone,
    PaymentTerms, Personal, Profile, PurchaseOrderCandidate, ReleaseFacts, SalesOrder, ServiceRule,
    Severity, SkuOverrides, SkuRegistry, map_order,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new("Express B2B Delivery", "WHI_EXP")];
    profile.purchase_order.required = true;
    profile.non_stock.skus = vec!["POST".into()];
    profile
}

fn registry() -> SkuRegistry {
    let items = ["MUG-RED", "PLATE", "A-1", "A1"].map(|sku| CatalogueItem::new(sku, None));
    SkuRegistry::build(&items, &SkuOverrides::default(), &profile().sku).0
}

/// An order that nothing is wrong with: facts and personal details, as benches and fuzz targets read them too.
fn clean() -> SalesOrder {
    let (mut order, personal): (SalesOrder, _) =
        serde_json::from_str(include_str!("good_order.json")).unwrap();
    order.personal = personal;
    order
}

fn address() -> Address {
    clean().personal.shipping.unwrap()
}

fn map(order: &SalesOrder) -> Mapping {
    map_order(order, &ReleaseFacts::default(), &profile(), &registry())
}

fn faults(order: &SalesOrder) -> Vec<(Code, String)> {
    match map(order) {
        Mapping::Held { diagnostics } => diagnostics
            .into_iter()
            .filter(|one| one.severity.holds())
            .map(|one| (one.code, one.path.into()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The order's document as the paths of diagnostics mean it.
fn document(order: &SalesOrder) -> serde_json::Value {
    let mut document = serde_json::to_value(order).unwrap();
    document["personal"] = serde_json::to_value(&order.personal).unwrap();
    document
}

#[test]
fn a_clean_order_is_ready_and_complete() {
    let mut order = clean();
    order.lines[1].unit_price = Some(Money::new(Decimal::ZERO, "GBP"));
    order.lines.push(OrderLine::new("5", "POST", 1));
    let Mapping::Ready {
        order: ready,
        notes,
    } = map(&order)
    else {
        panic!("{:?}", map(&order));
    };
    assert_eq!(
        notes.iter().map(|one| one.code).collect::<Vec<_>>(),
        [Code::LineNonStock]
    );
    assert_eq!(ready.source_id, order.id);
    assert_eq!(ready.number, order.number);
    assert_eq!(
        ready.purchase_order.as_ref().map(|po| po.as_str()),
        Some("PO-2291/B")
    );
    assert_eq!(
        (ready.service.as_str(), ready.service_rule.as_str()),
        ("WHI_EXP", "Express B2B Delivery")
    );
    assert_eq!(ready.release_rule, "on_account: tag credit-approved");
    assert_eq!(
        ready.currency.map(|code| code.to_string()).as_deref(),
        Some("GBP")
    );
    let lines: Vec<(&str, &str, u32)> = ready
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
    assert_eq!(
        lines,
        [
            ("1", "MUGRED", 12),
            ("2", "PLATE", 6),
            ("3", "MUGRED", 1),
            ("4", "PLATE", 1)
        ]
    );
    assert_eq!(ready.recipient.phone.expose(), "441132430000");
    assert_eq!(ready.recipient.postcode.expose(), "LS1 4AP");
    assert_eq!(ready.recipient.country.as_str(), "GB");
    assert_eq!(ready.registry_hash, registry().content_hash());
    assert_eq!(ready.profile_hash.as_str(), profile().content_hash());
}

#[test]
fn ignored_by_name() {
    let mut order = clean();
    order.kind = OrderKind::Cart;
    assert_eq!(
        map(&order),
        Mapping::Ignored {
            rule: "not_an_order".into()
        }
    );
}

#[test]
fn levels_of_the_profile_hold_and_release_within_their_floors() {
    let with = |level: &[(&str, Severity)], order: &SalesOrder| {
        let mut profile = profile();
        for (id, severity) in level {
            profile.severity.set(*id, *severity);
        }
        Mapper::new(profile).map(order, &ReleaseFacts::default(), &registry())
    };
    let mut unlisted = clean();
    shipping(&mut unlisted).phone = Some("07911 12345".into());
    let level = ("PHONE_UNLISTED_RANGE", Severity::Warning);
    assert!(matches!(with(&[], &unlisted), Mapping::Held { .. }));
    let Mapping::Ready { notes, .. } = with(&[level], &unlisted) else {
        panic!("{:?}", with(&[level], &unlisted));
    };
    assert!(notes.iter().any(|one| one.code == Code::PhoneUnlistedRange));
    // Raised: a note that holds.
    let mut aliased = clean();
    shipping(&mut aliased).country = Some("England".into());
    assert!(matches!(with(&[], &aliased), Mapping::Ready { .. }));
    let strict = ("COUNTRY_ALIAS", Severity::Hold);
    assert!(matches!(with(&[strict], &aliased), Mapping::Held { .. }));
    // Below the floor nothing changes.
    let mut unmapped = clean();
    unmapped.shipping_method = Some("Drone".into());
    let below = ("SHIP_UNMAPPED", Severity::Info);
    assert_eq!(with(&[below], &unmapped), with(&[], &unmapped));
}

#[test]
fn what_a_code_may_be_lowered_to_never_leaves_an_order_without_a_reason() {
    let mut lowest = profile();
    for code in Code::all() {
        lowest.severity.set(code.id(), Severity::Info);
    }
    let mapper = Mapper::new(lowest);
    for (code, path, spoil) in DEFECTS {
        let mut order = clean();
        spoil(&mut order);
        if let Mapping::Held { diagnostics } =
            mapper.map(&order, &ReleaseFacts::default(), &registry())
        {
            assert!(
                diagnostics.iter().any(|one| one.severity.holds()),
                "{code} at {path} holds without a reason"
            );
        }
    }
}

/// Independent defects: each makes one fault and touches no other field.
type Defect = (Code, &'static str, fn(&mut SalesOrder));

fn shipping(order: &mut SalesOrder) -> &mut Address {
    order.personal.shipping.get_or_insert_default()
}

const DEFECTS: &[Defect] = &[
    (Code::ReleasePending, "/payment", |order| order.tags.clear()),
    (Code::OrderUnconfirmed, "/kind", |order| {
        order.kind = OrderKind::Unconfirmed
    }),
    (Code::ShipUnmapped, "/shipping_method", |order| {
        order.shipping_method = Some("Drone".into())
    }),
    (Code::PoMissing, "/purchase_orders", |order| {
        order.purchase_orders.clear()
    }),
    (Code::SkuUnmapped, "/lines/0/sku", |order| {
        order.lines[0].sku = Some("mug-red".into())
    }),
    (Code::SkuCollision, "/lines/1/sku", |order| {
        order.lines[1].sku = Some("A1".into())
    }),
    (Code::SkuMissing, "/lines/2/sku", |order| {
        order.lines[2].sku = None
    }),
    (Code::QtyFractional, "/lines/0/quantity", |order| {
        order.lines[0].quantity = Decimal::new(15, 1)
    }),
    (Code::QtyZero, "/lines/1/quantity", |order| {
        order.lines[1].quantity = Decimal::ZERO
    }),
    (Code::QtyTooLarge, "/lines/2/quantity", |order| {
        order.lines[2].quantity = Decimal::from(100_000)
    }),
    (Code::LineDuplicate, "/lines/3/id", |order| {
        order.lines[3].id = "1".into()
    }),
    (
        Code::CurrencyMismatch,
        "/lines/3/unit_price/currency",
        |order| order.lines[3].unit_price = Some(Money::new(Decimal::ONE, "EUR")),
    ),
    (Code::PhoneLetters, "/personal/shipping/phone", |order| {
        shipping(order).phone = Some("0113 243 OOOO".into())
    }),
    (
        Code::PostcodeShape,
        "/personal/shipping/postcode",
        |order| shipping(order).postcode = Some("LS1 4A".into()),
    ),
    (
        Code::AddressMissingPart,
        "/personal/shipping/city",
        |order| shipping(order).city = None,
    ),
    (
        Code::AddressMissingPart,
        "/personal/shipping/line1",
        |order| shipping(order).line1 = Some(" ".into()),
    ),
    (
        Code::AddressLineTooLong,
        "/personal/shipping/company",
        |order| shipping(order).company = Some("x".repeat(36).into()),
    ),
    (
        Code::TextForbiddenChar,
        "/personal/shipping/name",
        |order| shipping(order).name = Some("Goods~In".into()),
    ),
    (
        Code::TextScriptUnsupported,
        "/personal/shipping/region",
        |order| shipping(order).region = Some("北京市".into()),
    ),
];

proptest! {
    #[test]
    fn k_defects_give_k_faults(chosen in prop::collection::vec(any::<bool>(), DEFECTS.len())) {
        let mut order = clean();
        let mut wanted: Vec<(Code, String)> = Vec::new();
        for (code, path, spoil) in DEFECTS.iter().zip(&chosen).filter(|(_, on)| **on).map(|(defect, _)| defect) {
            spoil(&mut order);
            wanted.push((*code, (*path).to_owned()));
        }
        let mut got = faults(&order);
        got.sort();
        wanted.sort();
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn total_deterministic_and_silent_about_persons(order in any_order()) {
        let mapping = map(&order);
        prop_assert_eq!(&mapping, &map(&order));
        let diagnostics = match &mapping {
            Mapping::Held { diagnostics } => {
                prop_assert!(diagnostics.iter().any(|one| one.severity.holds()), "held without a reason");
                diagnostics.as_slice()
            }
            Mapping::Ready { order: ready, notes } => {
                prop_assert!(notes.iter().all(|one| !one.severity.holds()));
                prop_assert!(ready.recipient.line1.expose().chars().count() <= 35);
                prop_assert!(ready.lines.iter().all(|line| (1..=99_999).contains(&line.quantity.get())));
                notes.as_slice()
            }
            _ => &[],
        };
        prop_assert!(diagnostics.len() <= 101);
        let document = document(&order);
        for one in diagnostics.iter().filter(|one| one.code != Code::TooMany) {
            prop_assert!(document.pointer(&one.path).is_some(), "{} does not resolve", one.path);
            prop_assert!(one.severity >= one.code.info().floor);
            let rendered = format!("{one} {one:?}");
            prop_assert!(!rendered.contains(SEED), "{rendered}");
            let json = serde_json::to_string(one).unwrap();
            prop_assert!(!json.contains(SEED));
            prop_assert_eq!(&serde_json::from_str::<order_mapping::Diagnostic>(&json).unwrap(), one);
        }
        let debug = format!("{mapping:?}");
        prop_assert!(!debug.contains(SEED));
    }

    #[test]
    fn a_fault_more_never_helps(order in any_order(), at in 0..DEFECTS.len()) {
        let mut worse = order.clone();
        let (_, _, spoil) = DEFECTS[at];
        if worse.lines.len() < 4 {
            worse.lines = clean().lines;
        }
        let before = worst(&map(&worse));
        spoil(&mut worse);
        prop_assert!(worst(&map(&worse)) >= before);
    }
}

fn worst(mapping: &Mapping) -> Option<Severity> {
    match mapping {
        Mapping::Held { .. } => Some(Severity::Hold),
        _ => None,
    }
}

/// Stands in every personal text of the generator, and so must stand in no output.
const SEED: &str = "q7Zj";

fn personal() -> impl Strategy<Value = Option<Personal<String>>> {
    let text = prop_oneof![
        2 => Just(String::new()),
        3 => "[A-Za-z0-9 ,.'~½é-]{0,40}",
        1 => any::<String>(),
        1 => "[0-9 +()/x-]{0,16}",
        1 => Just("LS1 4AP".to_owned()),
        1 => Just("x".repeat(5_000)),
    ];
    prop::option::of((text, any::<bool>())).prop_map(|found| {
        found.map(|(text, seeded)| {
            Personal::new(if seeded {
                format!("{SEED} {text}")
            } else {
                text
            })
        })
    })
}

fn any_address() -> impl Strategy<Value = Option<Address>> {
    let texts = prop::collection::vec(personal(), 9);
    let country = prop::option::of(prop::sample::select(vec![
        "GB",
        "uk",
        "IE",
        "France",
        "JE",
        "",
        "Narnia",
        "Channel Islands",
    ]));
    let parts = (texts, country).prop_map(|(texts, country)| {
        let mut address = address();
        let mut texts = texts.into_iter().flatten();
        // Only some members are replaced, so that orders with few faults come up too.
        for member in [
            &mut address.phone,
            &mut address.postcode,
            &mut address.line1,
            &mut address.email,
            &mut address.name,
            &mut address.city,
            &mut address.line2,
            &mut address.company,
            &mut address.region,
        ] {
            if let Some(text) = texts.next() {
                *member = Some(text);
            }
        }
        if let Some(country) = country {
            address.country = Some(country.to_owned());
        }
        address
    });
    prop::option::weighted(0.9, parts)
}

fn any_line() -> impl Strategy<Value = OrderLine> {
    let sku = prop_oneof![3 => Just("MUG-RED".to_owned()), 1 => Just("A1".to_owned()), 1 => Just("POST".to_owned()), 1 => any::<String>()];
    let quantity = prop_oneof![4 => (1i64..50).prop_map(Decimal::from), 1 => any::<(i64, u8)>().prop_map(|(n, s)| Decimal::new(n, u32::from(s % 20)))];
    ("[0-9]{1,3}", prop::option::weighted(0.9, sku), quantity).prop_map(|(id, sku, quantity)| {
        let mut line = OrderLine::new(id, "", quantity);
        line.sku = sku.map(Into::into);
        line
    })
}

fn any_order() -> impl Strategy<Value = SalesOrder> {
    let facts = (
        prop::sample::select(vec![
            OrderKind::Order,
            OrderKind::Order,
            OrderKind::Unconfirmed,
            OrderKind::Quote,
            OrderKind::Other("x".into()),
        ]),
        prop::sample::select(vec![
            PaymentTerms::Upfront,
            PaymentTerms::OnAccount,
            PaymentTerms::Missing,
            PaymentTerms::Other("barter".into()),
        ]),
        prop::option::weighted(
            0.9,
            prop_oneof![3 => Just("Express B2B Delivery".to_owned()), 1 => any::<String>()],
        ),
        prop::collection::vec(
            prop_oneof![2 => Just("PO-1".to_owned()), 1 => any::<String>()],
            0..3,
        ),
        prop::collection::vec(any_line(), 0..40),
        any::<bool>(),
    );
    (facts, any_address(), any_address(), personal(), personal()).prop_map(
        |(
            (kind, payment, method, purchase_orders, lines, few),
            shipping,
            billing,
            other,
            instructions,
        )| {
            let mut order = clean();
            order.kind = kind;
            order.payment = payment;
            order.shipping_method = method.map(Into::into);
            order.purchase_orders = purchase_orders
                .into_iter()
                .map(|text| PurchaseOrderCandidate {
                    place: "/po_number".into(),
                    text,
                })
                .collect();
            order.lines = if few {
                lines.into_iter().take(3).collect()
            } else {
                lines
            };
            order.personal.shipping = shipping;
            order.personal.billing = billing;
            order.personal.other_phones = other
                .into_iter()
                .map(|number| OtherPhone {
                    place: "/customer/phone".into(),
                    number,
                })
                .collect();
            order.personal.instructions = instructions;
            order
        },
    )
}

#[test]
fn faults_beyond_a_hundred_are_counted() {
    let mut order = clean();
    order.lines = (0..500)
        .map(|id| OrderLine::new(id.to_string(), "NEW", 0))
        .collect();
    order.lines.push(OrderLine::new("x", "MUG-RED", 1));
    let Mapping::Held { diagnostics } = map(&order) else {
        panic!("an unknown article must hold");
    };
    assert_eq!(diagnostics.len(), 101);
    let last = diagnostics.last().unwrap();
    assert_eq!((last.code, last.severity), (Code::TooMany, Severity::Error));
    assert!(last.message.starts_with("900 "), "{}", last.message);
}

#[test]
fn many_notes_do_not_hold_an_order() {
    let mut order = clean();
    order
        .lines
        .extend((0..200).map(|id| OrderLine::new(format!("p{id}"), "POST", 1)));
    assert!(matches!(map(&order), Mapping::Ready { .. }));
}
