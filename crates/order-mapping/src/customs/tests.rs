use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::{
    Address, CatalogueItem, Incoterm, LineCustoms, Mapping, Money, PaymentTerms, ReleaseFacts,
    ServiceRule, SkuOverrides, SkuRegistry, Subject, map_order,
};

const UKIMS: &str = "XIUKIM12345678901234567890123456";

/// A sender that has everything.
pub(super) fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new("Export", "WHI_INT")];
    profile.non_stock.skus = vec!["POST".into()];
    profile.customs.sender_eori = Some("GB123456789000".into());
    profile.customs.sender_ukims = Some(UKIMS.into());
    profile.customs.incoterm = Some(Incoterm::Dap);
    profile.customs.required = true;
    profile
}

fn line(id: &str) -> OrderLine {
    let mut line = OrderLine::new(id, "MUG", 2);
    line.description = Some("Mug, red".into());
    line.unit_price = Some(Money::new(Decimal::new(320, 2), "GBP"));
    line.customs = Some(LineCustoms {
        commodity_code: Some("6912 00 21".into()),
        origin: Some("CN".into()),
    });
    line
}

/// An order that has everything.
pub(super) fn order(country: &str, postcode: &str) -> SalesOrder {
    let mut order = SalesOrder::new("1");
    order.payment = PaymentTerms::Upfront;
    order.shipping_method = Some("Export".into());
    order.lines = vec![line("1"), line("2")];
    order.personal.shipping = Some(Address {
        name: Some("Goods In".into()),
        line1: Some("12 Mill Lane".into()),
        city: Some("Belfast".into()),
        postcode: Some(postcode.into()),
        country: Some(country.into()),
        phone: Some("+44 113 243 0000".into()),
        ..Address::default()
    });
    order.personal.eori = Some("XI123456789000".into());
    order
}

pub(super) fn belfast() -> SalesOrder {
    order("GB", "BT1 5GS")
}

fn map(order: &SalesOrder, profile: &Profile) -> Mapping {
    let (registry, _) = SkuRegistry::build(
        &[CatalogueItem::new("MUG", None)],
        &SkuOverrides::default(),
        &profile.sku,
    );
    map_order(order, &ReleaseFacts::default(), profile, &registry)
}

/// Everything but that the phone number is a British one.
fn found(order: &SalesOrder, profile: &Profile) -> Vec<Diagnostic> {
    let mut found = match map(order, profile) {
        Mapping::Held { diagnostics } => diagnostics,
        Mapping::Ready { notes, .. } => notes,
        Mapping::Ignored { rule } => panic!("{rule}"),
    };
    found.retain(|one| one.code != Code::PhoneOtherCountry);
    found
}

pub(super) fn codes(order: &SalesOrder, profile: &Profile) -> Vec<(Code, String)> {
    let found = found(order, profile);
    found
        .into_iter()
        .map(|one| (one.code, one.path.to_string()))
        .collect()
}

pub(super) fn ready(order: &SalesOrder, profile: &Profile) -> Box<crate::FulfilmentOrder> {
    match map(order, profile) {
        Mapping::Ready { order, .. } => order,
        other => panic!("{other:?}"),
    }
}

/// Destinations that are judged by place alone, with a postcode of theirs.
const ABROAD: [(&str, &str); 5] = [
    ("FR", "75001"),
    ("IE", ""),
    ("JE", "JE2 3AB"),
    ("GG", "GY1 1AA"),
    ("IM", "IM1 1AA"),
];

#[test]
fn northern_ireland_is_held_by_default_and_the_finding_lists_what_is_missing() {
    let mut bare = belfast();
    bare.personal.eori = None;
    bare.lines[0].unit_price = None;
    bare.lines[1].unit_price = None;
    bare.lines[1].description = Some("Samples".into());
    let mut profile = profile();
    profile.customs = CustomsPolicy::default();
    let found = found(&bare, &profile);
    let [fault] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (fault.code, fault.severity, &*fault.path),
        (
            Code::NiDataRequired,
            Severity::Hold,
            "/personal/shipping/postcode"
        )
    );
    assert_eq!(
        fault.message,
        "at risk; missing: EORI of the sender, UKIMS number of the sender, EORI of the receiver, \
         a real description (1 line), value (2 lines)"
    );
    assert_eq!(
        fault.related,
        [
            "/lines/0/unit_price",
            "/lines/1/description",
            "/lines/1/unit_price"
        ]
    );
    assert!(fault.seen.as_ref().is_some_and(crate::Seen::is_shape));
}

#[test]
fn northern_ireland_with_all_its_data_leaves_and_declares_it() {
    let ready = ready(&belfast(), &profile());
    let declared = ready.customs.as_ref().unwrap();
    assert_eq!(declared.movement, CustomsMovement::BusinessToBusiness);
    assert_eq!(declared.incoterm, Some(Incoterm::Dap));
    assert_eq!(
        declared.sender_eori.as_ref().unwrap().as_str(),
        "GB123456789000"
    );
    assert_eq!(declared.sender_ukims.as_ref().unwrap().as_str(), UKIMS);
    assert_eq!(
        ready.recipient.eori.as_ref().unwrap().expose(),
        "XI123456789000"
    );
    assert!(
        ready
            .recipient
            .personal_texts()
            .any(|text| text == "XI123456789000")
    );
    for line in &ready.lines {
        let declared = line.declared.as_ref().unwrap();
        let code = declared.commodity_code.as_ref().unwrap();
        assert_eq!(code.as_str(), "6912 00 21");
        assert_eq!(declared.origin.as_ref().unwrap().as_str(), "CN");
    }
    // The receiver's number is personal: not in the facts.
    let facts = serde_json::to_string(&ready).unwrap();
    assert!(facts.contains("GB123456789000") && !facts.contains("XI123456789000"));
    let read: crate::FulfilmentOrder = serde_json::from_str(&facts).unwrap();
    assert_eq!(read.customs, ready.customs);
}

#[test]
fn each_part_of_northern_ireland_is_needed_by_itself() {
    type Spoil = fn(&mut SalesOrder, &mut Profile);
    let spoilt: [(&str, Spoil); 7] = [
        ("EORI of the sender", |_, profile| {
            profile.customs.sender_eori = None
        }),
        ("EORI of the sender", |_, profile| {
            profile.customs.sender_eori = Some("GB12".into());
        }),
        ("UKIMS number of the sender", |_, profile| {
            profile.customs.sender_ukims = None
        }),
        ("EORI of the receiver", |order, _| {
            order.personal.eori = Some(" ".into())
        }),
        ("a real description (1 line)", |order, _| {
            order.lines[0].description = None
        }),
        ("value (1 line)", |order, _| {
            order.lines[1].unit_price = None
        }),
        ("a real description (1 line)", |order, profile| {
            order.lines[1].description = Some("GOODS".into());
            // Needed even where the profile does not list it.
            profile.customs.northern_ireland.clear();
        }),
    ];
    for (what, spoil) in spoilt {
        let (mut order, mut profile) = (belfast(), profile());
        spoil(&mut order, &mut profile);
        let found = found(&order, &profile);
        let messages: Vec<&str> = found.iter().map(|one| &*one.message).collect();
        assert_eq!(messages, [format!("at risk; missing: {what}")]);
    }
    // Code and origin only where the profile asks for them.
    let (mut order, mut profile) = (belfast(), profile());
    order.lines[0].customs = None;
    assert_eq!(codes(&order, &profile), []);
    profile
        .customs
        .northern_ireland
        .push(CustomsDatum::CommodityCode);
    assert_eq!(
        codes(&order, &profile),
        [(Code::NiDataRequired, "/personal/shipping/postcode".into())]
    );
}

#[test]
fn northern_ireland_that_is_cleared_with_the_warehouse_is_not_judged() {
    let mut bare = belfast();
    bare.personal.eori = None;
    bare.lines = vec![OrderLine::new("1", "MUG", 1)];
    let mut profile = profile();
    profile.customs = CustomsPolicy::default();
    profile.address.northern_ireland_cleared = true;
    assert_eq!(codes(&bare, &profile), []);
    assert_eq!(ready(&bare, &profile).customs, None);
    // What is there and right goes along; what is not is left out with a warning.
    bare.personal.eori = Some("nonsense".into());
    profile.customs.sender_ukims = Some(UKIMS.into());
    let ready = ready(&bare, &profile);
    assert!(ready.customs.is_some_and(|one| one.sender_ukims.is_some()));
    assert_eq!(ready.recipient.eori, None);
    let found = found(&bare, &profile);
    assert_eq!(
        found
            .iter()
            .map(|one| (one.code, one.severity))
            .collect::<Vec<_>>(),
        [(Code::CustomsDataBad, Severity::Warning)]
    );
}

#[test]
fn abroad_everything_missing_is_named_per_line_and_member() {
    for (country, postcode) in ABROAD {
        let mut bare = order(country, postcode);
        let mut profile = profile();
        assert_eq!(codes(&bare, &profile), [], "{country}");
        profile.customs.incoterm = None;
        bare.lines[0] = OrderLine::new("1", "MUG", 1);
        bare.lines[1].customs.as_mut().unwrap().origin = Some(" ".into());
        bare.lines.push(OrderLine::new("3", "POST", 1));
        let held = found(&bare, &profile);
        let missing: Vec<(&str, &str)> = held
            .iter()
            .filter(|one| one.code == Code::CustomsDataMissing)
            .map(|one| (&*one.path, &*one.message))
            .collect();
        assert_eq!(
            missing,
            [
                ("/lines/0", "missing: commodity code"),
                ("/lines/0", "missing: country of origin"),
                ("/lines/0/description", "missing: a real description"),
                ("/lines/0/unit_price", "missing: value"),
                ("/lines/1", "missing: country of origin"),
                ("/personal/shipping/country", "missing: Incoterm"),
            ],
            "{country}"
        );
        assert!(
            held.iter()
                .any(|one| one.subject == Subject::Sku("MUG".into()))
        );
    }
}

#[test]
fn by_default_nothing_is_asked_abroad() {
    for (country, postcode) in ABROAD {
        let mut bare = order(country, postcode);
        bare.lines = vec![OrderLine::new("1", "MUG", 1)];
        bare.personal.eori = None;
        let mut profile = profile();
        profile.customs = CustomsPolicy::default();
        assert_eq!(codes(&bare, &profile), [], "{country}");
        let ready = ready(&bare, &profile);
        assert_eq!(ready.customs, None);
        assert!(!serde_json::to_string(&ready).unwrap().contains("customs"));
    }
}

#[test]
fn great_britain_is_never_judged_and_carries_nothing() {
    let mut order = order("GB", "LS1 4AP");
    order.lines[0].customs = Some(LineCustoms {
        commodity_code: Some("nonsense".into()),
        origin: Some("Atlantis".into()),
    });
    let ready = ready(&order, &profile());
    assert_eq!(codes(&order, &profile()), []);
    assert_eq!(
        (ready.customs.is_none(), ready.recipient.eori.is_none()),
        (true, true)
    );
    assert!(ready.lines.iter().all(|line| line.declared.is_none()));
}

#[test]
fn data_that_cannot_be_declared_is_named_where_it_stands() {
    let mut order = order("FR", "75001");
    order.personal.eori = Some("0113 243 0000".into());
    order.personal.ukims = Some(UKIMS.into());
    order.lines[0].customs = Some(LineCustoms {
        commodity_code: Some("mugs".into()),
        origin: Some("Congo".into()),
    });
    order.lines[0].description = Some("x".repeat(36));
    order.lines[0].unit_price = Some(Money::new(Decimal::ZERO, "GBP"));
    order.lines[1].unit_price = Some(Money::new(Decimal::ONE, "UKP"));
    let mut profile = profile();
    profile.customs.foreign.push(CustomsDatum::ReceiverEori);
    let found = found(&order, &profile);
    assert!(
        found
            .iter()
            .all(|one| (one.code, one.severity) == (Code::CustomsDataBad, Severity::Error))
    );
    let paths: Vec<&str> = found.iter().map(|one| &*one.path).collect();
    assert_eq!(
        paths,
        [
            "/lines/0/customs/commodity_code",
            "/lines/0/customs/origin",
            "/lines/0/description",
            "/lines/0/unit_price",
            "/lines/1/unit_price",
            "/personal/eori",
        ]
    );
    for one in &found {
        assert!(!one.to_string().contains("243"), "{one}");
    }
}

#[test]
fn an_origin_by_name_is_noted_and_other_writings_are_not_repaired() {
    let mut order = belfast();
    order.lines[0].customs.as_mut().unwrap().origin = Some("China".into());
    assert_eq!(
        codes(&order, &profile()),
        [(Code::CountryAlias, "/lines/0/customs/origin".into())]
    );
    assert_eq!(
        ready(&order, &profile()).lines[0]
            .declared
            .as_ref()
            .unwrap()
            .origin
            .as_ref()
            .unwrap()
            .as_str(),
        "CN"
    );
    order.personal.eori = Some("xi 123456789000".into());
    assert!(codes(&order, &profile()).contains(&(Code::CustomsDataBad, "/personal/eori".into())));
    let mut loose = profile();
    loose.customs.check_formats = false;
    order.personal.eori = Some("xi123456789000".into());
    assert_eq!(
        ready(&order, &loose)
            .recipient
            .eori
            .as_ref()
            .unwrap()
            .expose(),
        "xi123456789000"
    );
}

#[test]
fn many_lines_give_one_short_finding_for_northern_ireland() {
    let mut order = belfast();
    order.lines = (0..5_000)
        .map(|id| OrderLine::new(id.to_string(), "MUG", 1))
        .collect();
    let found = found(&order, &profile());
    let [fault] = found.as_slice() else {
        panic!("{} findings", found.len());
    };
    assert!(
        fault.message.contains("value (5000 lines)"),
        "{}",
        fault.message
    );
    assert_eq!(fault.related.len(), RELATED_MAX);
}

#[test]
fn a_digest_does_not_change_where_there_is_no_customs_data() {
    let plain = SalesOrder::new("1");
    let text = serde_json::to_string(&(&plain, &plain.personal)).unwrap();
    assert!(!text.contains("customs") && !text.contains("eori") && !text.contains("ukims"));
    let mut with = plain.clone();
    with.personal.eori = Some("XI123456789000".into());
    assert_ne!(plain.content_digest(), with.content_digest());
}

/// Stands in every personal text of the generator, and so must stand in no output.
const SEED: &str = "q7Zj";

fn any_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        Just("Mug, red".to_owned()),
        Just("samples".to_owned()),
        Just("691200".to_owned()),
        Just("CN".to_owned()),
        any::<String>(),
        Just("x".repeat(100_000)),
    ])
}

fn any_order() -> impl Strategy<Value = SalesOrder> {
    let parts = (
        any_text(),
        any_text(),
        any_text(),
        any::<bool>(),
        prop::option::of(-5i64..500),
    );
    let place = prop::sample::select(vec![
        ("GB", "BT1 5GS"),
        ("GB", "LS1 4AP"),
        ("FR", "75001"),
        ("JE", "JE2 3AB"),
        ("GB", "GY1 1AA"),
        ("Narnia", "1"),
    ]);
    (place, prop::collection::vec(parts, 1..6), any_text()).prop_map(
        |((country, postcode), lines, eori)| {
            let mut order = order(country, postcode);
            let filled = lines.into_iter().enumerate();
            order.lines = filled
                .map(|(id, (description, commodity_code, origin, some, price))| {
                    let mut line = line(&id.to_string());
                    line.description = description;
                    line.customs = some.then_some(LineCustoms {
                        commodity_code,
                        origin,
                    });
                    line.unit_price = price.map(|pence| Money::new(Decimal::new(pence, 2), "GBP"));
                    line
                })
                .collect();
            order.personal.eori = eori.map(|text| format!("{SEED}{text}").into());
            order
        },
    )
}

proptest! {
    #[test]
    fn the_gate_is_total_silent_and_resolves(order in any_order(), required in any::<bool>(), cleared in any::<bool>()) {
        let mut profile = profile();
        profile.customs.required = required;
        profile.address.northern_ireland_cleared = cleared;
        let found = found(&order, &profile);
        let mut document = serde_json::to_value(&order).unwrap();
        document["personal"] = serde_json::to_value(&order.personal).unwrap();
        for one in &found {
            prop_assert!(document.pointer(&one.path).is_some(), "{} does not resolve", one.path);
            prop_assert!(!format!("{one:?}").contains(SEED), "{one}");
            prop_assert!(one.related.iter().all(|path| document.pointer(path).is_some()), "{:?}", one.related);
        }
        // The whole is right exactly when nothing holds, and then every line has what was asked for.
        if let Mapping::Ready { order: ready, .. } = map(&order, &profile) {
            let judged = ready.recipient.country.as_str() != "GB" && required;
            prop_assert!(!judged || ready.lines.iter().all(|line| line.declared.as_ref().is_some_and(|goods| goods.commodity_code.is_some() && goods.origin.is_some())));
            prop_assert_eq!(&map(&order, &profile), &map(&order.clone(), &profile));
        }
    }

    #[test]
    fn more_data_never_holds_an_order_that_left(
        order in any_order(), cleared in any::<bool>(), required in any::<bool>(),
    ) {
        let mut profile = profile();
        profile.customs.required = required;
        profile.address.northern_ireland_cleared = cleared;
        let left = matches!(map(&order, &profile), Mapping::Ready { .. });
        let mut fuller = order.clone();
        for (one, whole) in fuller.lines.iter_mut().zip(std::iter::repeat(line("x"))) {
            one.description = whole.description;
            one.unit_price = whole.unit_price;
            one.customs = whole.customs;
        }
        fuller.personal.eori = Some("XI123456789000".into());
        let leaves = matches!(map(&fuller, &profile), Mapping::Ready { .. });
        prop_assert!(leaves || !left);
    }
}
