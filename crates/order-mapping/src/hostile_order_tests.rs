//! The law that no text of an order is too long: mapping answers, soon, and says little.

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    Address, CatalogueItem, Code, Condition, Diagnostic, Incoterm, Kit, KitComponent, LineCustoms,
    Mapper, Mapping, Money, OrderKind, OrderLine, OtherPhone, PackRule, PaymentTerms,
    PersonalDetails, PhonePlace, Profile, PurchaseOrderCandidate, ReleaseFacts, SalesOrder,
    ServiceRule, SkuOverrides, SkuRegistry, Trigger,
};

const MEGABYTE: usize = 1 << 20;

/// Far more than any mapping takes, and far less than one whose time grows faster than its input.
const PATIENCE: Duration = Duration::from_secs(10);

/// Texts that cannot be of any length, because they are no texts: their types refuse the document.
const TYPED: [&str; 5] = [
    "/lines/0/quantity",
    "/lines/0/unit_price/amount",
    "/placed_at",
    "/requested_date",
    "/total/amount",
];

/// An order in which every member has a value. It names every member of every type, so that one that is added later does not compile
/// here until it has a value as well.
fn full_order(country: &str) -> SalesOrder {
    let address = |phone: &str| Address {
        name: Some("Goods In".into()),
        company: Some("Example Trading".into()),
        line1: Some("Unit 3, Mill Lane".into()),
        line2: Some("Old Works".into()),
        line3: Some("Gate 2".into()),
        city: Some("Leeds".into()),
        region: Some("West Yorkshire".into()),
        postcode: Some("LS1 4AP".into()),
        country: Some(country.into()),
        phone: Some(phone.into()),
        email: Some("goods-in@example.org".into()),
    };
    let pounds = || Some(Money::new(Decimal::ONE, "GBP"));
    SalesOrder {
        id: "63428136-658f-48a6-beb7-7f333dfd9686".into(),
        kind: OrderKind::Other("another".into()),
        number: Some("#1001".into()),
        platform_id: Some("gid://1001".into()),
        status: Some("processing".into()),
        payment: PaymentTerms::Other("barter".into()),
        tags: vec!["wholesale".into()],
        metadata: vec![("credit".into(), "approved".into())],
        placed_at: Some("2026-01-12T09:00:00Z".parse().unwrap()),
        currency: Some("GBP".into()),
        total: pounds(),
        customer_id: Some("c-1".into()),
        customer_group: Some("trade".into()),
        shipping_method: Some("Express".into()),
        purchase_orders: vec![PurchaseOrderCandidate {
            place: "/customer_reference".into(),
            text: "PO-2291/B".into(),
        }],
        requested_date: Some("2026-01-14".parse().unwrap()),
        lines: vec![OrderLine {
            id: "1".into(),
            sku: Some("MUG".into()),
            description: Some("Mug, red".into()),
            quantity: Decimal::from(2),
            unit: Some("case".into()),
            unit_price: pounds(),
            unit_weight_grams: Some(300),
            customs: Some(LineCustoms {
                commodity_code: Some("69120021".into()),
                origin: Some("CN".into()),
            }),
        }],
        personal: PersonalDetails {
            shipping: Some(address("0113 243 0000")),
            billing: Some(address("0113 243 0001")),
            other_phones: vec![OtherPhone {
                place: "/customer/phone".into(),
                number: "0113 243 0002".into(),
            }],
            instructions: Some("Ring the bell".into()),
            eori: Some("XI123456789000".into()),
            ukims: Some("XIUKIM12345678901234567890123456".into()),
        },
    }
}

/// A profile under which every member is looked at.
fn mapper() -> Mapper {
    let mut profile = Profile::default();
    let mut rule = ServiceRule::new("Express", "WHI_EXP");
    rule.customer_groups = vec!["trade".into()];
    profile.services.rules = vec![rule];
    profile.phone.fallback = vec![PhonePlace::Billing, PhonePlace::Other];
    profile.purchase_order.required = true;
    profile.address.abbreviate = true;
    profile.release.on_account = Trigger::Any(vec![
        Condition::Tag("approved".into()),
        Condition::Status(vec!["approved".into()]),
        Condition::Metadata {
            key: "credit".into(),
            value: "approved".into(),
        },
    ]);
    profile.ignore.credit_note = Some("C".into());
    profile.non_stock.skus = vec!["POST".into()];
    profile.non_stock.prefixes = vec!["FEE-".into()];
    profile.kits.kits = vec![Kit::new("SET", [KitComponent::new("MUG", 2)])];
    profile.packs.rules = vec![PackRule::new("MUG", 12)];
    profile.partial.metadata = Some("partial".into());
    profile.customs.required = true;
    profile.customs.incoterm = Some(Incoterm::Dap);
    Mapper::new(profile)
}

/// Every text of a document, by its pointer.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            assert!(!items.is_empty(), "{at} has nothing");
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                texts(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Null => panic!("{at} has nothing"),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Facts and personal details, with one text or all of them exchanged; none when the types refuse it.
struct Documents {
    facts: Value,
    personal: Value,
}

impl Documents {
    fn of(order: &SalesOrder) -> Self {
        Self {
            facts: serde_json::to_value(order).unwrap(),
            personal: serde_json::to_value(&order.personal).unwrap(),
        }
    }

    /// The pointers of all texts; those of personal details behind `/personal`.
    fn texts(&self) -> Vec<String> {
        let mut found = Vec::new();
        texts(&self.facts, "", &mut found);
        texts(&self.personal, "/personal", &mut found);
        found
    }

    fn put(&mut self, pointer: &str, text: &str) {
        let place = match pointer.strip_prefix("/personal") {
            Some(rest) => self.personal.pointer_mut(rest),
            None => self.facts.pointer_mut(pointer),
        };
        *place.unwrap() = Value::String(text.to_owned());
    }

    fn order(&self) -> Option<SalesOrder> {
        let mut order: SalesOrder = serde_json::from_value(self.facts.clone()).ok()?;
        order.personal = serde_json::from_value(self.personal.clone()).ok()?;
        Some(order)
    }
}

fn registry(mapper: &Mapper) -> SkuRegistry {
    let items = [CatalogueItem::new("MUG", None)];
    SkuRegistry::build(&items, &SkuOverrides::default(), &mapper.profile().sku).0
}

/// The facts of release, every text of them the same.
fn facts(text: &str) -> ReleaseFacts {
    ReleaseFacts {
        status: Some(text.into()),
        tags: vec![text.into()],
        metadata: vec![(text.into(), text.into())],
        credit: None,
        now: Some("2026-01-12T10:00:00Z".parse().unwrap()),
    }
}

fn answered(
    order: &SalesOrder,
    facts: &ReleaseFacts,
    (mapper, registry): (&Mapper, &SkuRegistry),
    what: &str,
) {
    let begun = Instant::now();
    let mapping = mapper.map(order, facts, registry);
    let taken = begun.elapsed();
    assert!(taken < PATIENCE, "{what}: {taken:?}");
    let found: Vec<Diagnostic> = match mapping {
        Mapping::Held { diagnostics } => diagnostics,
        Mapping::Ready { notes, .. } => notes,
        Mapping::Ignored { .. } => Vec::new(),
    };
    assert!(found.len() <= 101, "{what}: {}", found.len());
    for one in found {
        let length = serde_json::to_string(&one).unwrap().len();
        assert!(length < 2_000, "{what}: {} has {length} bytes", one.code);
    }
}

#[test]
fn a_megabyte_in_any_text_is_answered() {
    let mapper = mapper();
    let registry = registry(&mapper);
    let order = full_order("FR");
    let whole = Documents::of(&order);
    assert_eq!(whole.order().as_ref(), Some(&order));
    let megabyte = "ab 1½/".repeat(MEGABYTE / 7);
    let mut refused = Vec::new();
    for pointer in whole.texts() {
        let mut documents = Documents::of(&order);
        documents.put(&pointer, &megabyte);
        match documents.order() {
            Some(order) => answered(&order, &facts("paid"), (&mapper, &registry), &pointer),
            None => refused.push(pointer),
        }
    }
    refused.sort();
    assert_eq!(refused, TYPED);
}

#[test]
fn a_megabyte_in_every_text_at_once_is_answered() {
    let mapper = mapper();
    let registry = registry(&mapper);
    for piece in [
        "x", "7", " ", "é", "/", "+44 ", "\u{200b}", "a\u{301}", "\u{fdfa}", "O0I1", ", ", "~",
    ] {
        for country in ["GB", "FR"] {
            let mut documents = Documents::of(&full_order(country));
            let megabyte = piece.repeat(MEGABYTE / piece.len());
            for pointer in documents.texts() {
                let is_country = pointer.ends_with("/country");
                if !TYPED.contains(&pointer.as_str()) && !is_country {
                    documents.put(&pointer, &megabyte);
                }
            }
            let order = documents.order().unwrap();
            let what = format!("{piece:?} in {country}");
            answered(&order, &facts(&megabyte), (&mapper, &registry), &what);
        }
    }
}

#[test]
fn the_profile_of_these_laws_looks_at_the_goods() {
    // Otherwise the laws would pass by not looking.
    let mapper = mapper();
    let mut order = full_order("FR");
    order.kind = OrderKind::Order;
    order.lines[0].customs = None;
    let Mapping::Held { diagnostics } =
        mapper.map(&order, &ReleaseFacts::default(), &registry(&mapper))
    else {
        panic!("barter");
    };
    let codes: Vec<Code> = diagnostics.iter().map(|one| one.code).collect();
    for code in [Code::PaymentTypeUnknown, Code::CustomsDataMissing] {
        assert!(codes.contains(&code), "{codes:?}");
    }
}
