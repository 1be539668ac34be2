//! What checking an order costs, beside the floor of the same run: the telephone library's own work on its one number.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark over data of known form"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use order_mapping::{
    CatalogueItem, Mapper, Mapping, Money, OrderLine, PaymentTerms, Profile,
    PurchaseOrderCandidate, ReleaseFacts, SalesOrder, ServiceRule, SkuOverrides, SkuRegistry,
    SourceSku, UkPostcode,
};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use rust_decimal::Decimal;

const PHONE: &str = "0113 243 0000";
const LINES: usize = 10;

fn profile() -> Profile {
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

fn registry() -> SkuRegistry {
    let items: Vec<CatalogueItem> = (0..1_000)
        .map(|n| CatalogueItem::new(format!("MUG{n:05}"), Some(format!("Mug number {n}"))))
        .collect();
    SkuRegistry::build(&items, &SkuOverrides::default(), &profile().sku).0
}

/// An order that nothing is wrong with, with as many lines as a wholesale order has.
fn clean() -> SalesOrder {
    let (mut order, personal): (SalesOrder, _) =
        serde_json::from_str(include_str!("../tests/good_order.json"))
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

fn orders(criterion: &mut Criterion) {
    let mapper = Mapper::new(profile());
    let registry = registry();
    let facts = ReleaseFacts::default();
    let (clean, bad) = (clean(), bad());
    assert!(
        matches!(mapper.map(&clean, &facts, &registry), Mapping::Ready { .. }),
        "{:?}",
        mapper.map(&clean, &facts, &registry)
    );
    match mapper.map(&bad, &facts, &registry) {
        Mapping::Held { diagnostics } => assert!(diagnostics.len() > 25, "{}", diagnostics.len()),
        other => panic!("a bad order must be held: {other:?}"),
    }
    // What the telephone library itself costs for the order's one number: parse, judge, write.
    criterion.bench_function("floor/phone_library", |bencher| {
        bencher.iter(|| {
            let number = PHONE_NUMBER_UTIL
                .parse(black_box(PHONE), Some(Region::GB))
                .unwrap();
            let judged = (
                number.is_possible_with_reason().is_ok(),
                number.is_valid(),
                number.get_type(),
            );
            let text = number.format_as(PhoneNumberFormat::E164).into_owned();
            black_box((judged, text))
        });
    });
    criterion.bench_function("order/clean_10_lines", |bencher| {
        bencher.iter(|| black_box(mapper.map(black_box(&clean), &facts, &registry)));
    });
    criterion.bench_function("order/bad_10_lines", |bencher| {
        bencher.iter(|| black_box(mapper.map(black_box(&bad), &facts, &registry)));
    });
}

fn parts(criterion: &mut Criterion) {
    const POSTCODE: &str = "SW1A 1AA";
    // Reading every byte once is what no parser can do without.
    criterion.bench_function("floor/postcode_read", |bencher| {
        bencher.iter(|| {
            let text = black_box(POSTCODE);
            black_box(text.bytes().filter(u8::is_ascii_alphanumeric).count())
        });
    });
    criterion.bench_function("postcode/parse", |bencher| {
        bencher.iter(|| black_box(UkPostcode::parse(black_box(POSTCODE))));
    });
    let registry = registry();
    let sku = SourceSku::new("MUG00321");
    let policy = profile().sku;
    let plain: hashbrown::HashMap<&str, u32> = registry
        .pairs()
        .map(|(source, _)| (source.as_str(), 1))
        .collect();
    criterion.bench_function("floor/sku_hash_look_up", |bencher| {
        bencher.iter(|| black_box(plain.get(black_box(sku.as_str()))));
    });
    criterion.bench_function("sku/check_and_look_up", |bencher| {
        bencher.iter(|| {
            let sku = black_box(&sku);
            black_box((policy.accepts(sku.as_str()), registry.to_warehouse(sku)))
        });
    });
}

criterion_group!(benches, orders, parts);
criterion_main!(benches);
