//! An order that nothing is wrong with, the same with every field wrong, and what the telephone library alone does for it.

use std::hint::black_box;

use order_mapping::{
    CatalogueItem, Mapper, Mapping, Money, OrderLine, PaymentTerms, Profile,
    PurchaseOrderCandidate, ReleaseFacts, SalesOrder, ServiceRule, SkuOverrides, SkuRegistry,
};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use rust_decimal::Decimal;

const LINES: usize = 10;

pub(crate) fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = ["Standard", "Express B2B Delivery", "Pallet"]
        .into_iter()
        .zip(["WHI_STD", "WHI_EXP", "WHI_PAL"])
        .map(|(option, code)| {
            let mut rule = ServiceRule::new(option, code);
            rule.countries = vec!["GB".into()];
            rule
        })
        .collect();
    profile.purchase_order.required = true;
    profile.non_stock.skus = vec!["POST".into(), "BANK CHARGES".into()];
    profile
}

pub(crate) fn registry() -> SkuRegistry {
    let items: Vec<CatalogueItem> = (0..1_000)
        .map(|n| CatalogueItem::new(format!("MUG{n:05}"), Some(format!("Mug number {n}"))))
        .collect();
    SkuRegistry::build(&items, &SkuOverrides::default(), &profile().sku).0
}

/// An order that nothing is wrong with, with as many lines as a wholesale order has.
fn clean() -> SalesOrder {
    let (mut order, personal): (SalesOrder, _) =
        serde_json::from_str(include_str!("../../tests/good_order.json"))
            .expect("kept with the tests");
    order.personal = personal;
    order.total = Some(Money::new(Decimal::new(38_400, 2), "GBP"));
    order.lines = (0..LINES)
        .map(|n| {
            let mut line = OrderLine::new(format!("line-{n}"), format!("MUG{:05}", n * 7), 12);
            line.unit_price = Some(Money::new(Decimal::new(320, 2), "GBP"));
            line
        })
        .collect();
    order
}

/// The same order with every field wrong.
fn bad() -> SalesOrder {
    let mut order = clean();
    order.payment = PaymentTerms::Other("barter".into());
    order.tags.clear();
    order.shipping_method = Some("Expres B2B Delivery".into());
    order.purchase_orders = vec![PurchaseOrderCandidate {
        place: "/customer_reference".into(),
        text: "9".repeat(60),
    }];
    for line in &mut order.lines {
        line.sku = Some("mug-unknown".into());
        line.quantity = Decimal::new(15, 1);
    }
    let address = order.personal.shipping.as_mut().expect("made above");
    address.name = None;
    address.company = Some("x".repeat(50).into());
    address.line1 = Some("北京市".into());
    address.city = None;
    address.postcode = Some("LS1 4A".into());
    address.phone = Some("0113 243 OOOO".into());
    address.email = Some("not an address".into());
    order
}

/// What is measured: everything that mapping needs, and both orders.
pub(crate) struct Case {
    mapper: Mapper,
    registry: SkuRegistry,
    facts: ReleaseFacts,
    clean: SalesOrder,
    bad: SalesOrder,
    phone: String,
}

impl Case {
    pub(crate) fn new() -> Self {
        let clean = clean();
        let shipping = clean.personal.shipping.as_ref().expect("in the file");
        let phone = shipping.phone.as_ref().expect("in the file").expose();
        let case = Self {
            mapper: Mapper::new(profile()),
            registry: registry(),
            facts: ReleaseFacts::default(),
            phone: phone.clone(),
            bad: bad(),
            clean,
        };
        let mapping = case.clean();
        assert!(matches!(mapping, Mapping::Ready { .. }), "{mapping:?}");
        match case.bad() {
            Mapping::Held { diagnostics } => {
                assert!(diagnostics.len() > 25, "{}", diagnostics.len());
            }
            other => panic!("a bad order must be held: {other:?}"),
        }
        case
    }

    pub(crate) fn clean(&self) -> Mapping {
        self.mapper
            .map(black_box(&self.clean), &self.facts, &self.registry)
    }

    pub(crate) fn bad(&self) -> Mapping {
        self.mapper
            .map(black_box(&self.bad), &self.facts, &self.registry)
    }

    /// The floor: what the telephone library itself costs for the order's one number, asked for no more than a mapped order needs: read,
    /// possible, of which type (none is no valid number), written in full.
    pub(crate) fn phone_library(&self) -> impl Sized + use<> {
        let number = PHONE_NUMBER_UTIL
            .parse(black_box(&self.phone), Some(Region::GB))
            .expect("the order is clean");
        let judged = (number.is_possible_with_reason().is_ok(), number.get_type());
        let text = number.format_as(PhoneNumberFormat::E164).into_owned();
        (judged, text)
    }
}
