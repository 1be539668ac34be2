//! What is taken from the heap: nothing but what is in the result.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test over data of known form"
)]

use allocation_counter::{AllocationInfo, measure};
use order_mapping::{
    CatalogueItem, Mapper, Mapping, OrderLine, Profile, ReleaseFacts, SalesOrder, ServiceRule,
    SkuOverrides, SkuRegistry, SourceSku, UkPostcode,
};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new("Express B2B Delivery", "WHI_EXP")];
    profile
}

fn registry() -> SkuRegistry {
    let items: Vec<CatalogueItem> = (0..1_000)
        .map(|number| CatalogueItem::new(format!("MUG{number:05}"), None))
        .collect();
    SkuRegistry::build(&items, &SkuOverrides::default(), &profile().sku).0
}

fn good_order(lines: u32) -> SalesOrder {
    let (mut order, personal): (SalesOrder, _) =
        serde_json::from_str(include_str!("good_order.json")).unwrap();
    order.personal = personal;
    order.lines = (0..lines)
        .map(|number| OrderLine::new(format!("line-{number:04}"), format!("MUG{number:05}"), 12))
        .collect();
    order
}

/// What one call takes once everything that is made on first use is there.
fn taken<T>(call: impl Fn() -> T) -> (AllocationInfo, T) {
    drop(call());
    let mut result = None;
    let info = measure(|| result = Some(call()));
    (info, result.unwrap())
}

#[test]
fn a_clean_order_takes_what_is_in_the_result_and_what_the_phone_library_takes() {
    let (mapper, registry, facts) = (Mapper::new(profile()), registry(), ReleaseFacts::default());
    let order = good_order(10);
    let phone = order.personal.shipping.as_ref().unwrap();
    let phone = phone.phone.as_ref().unwrap().expose().as_str();
    let (library, _) = taken(|| {
        let number = PHONE_NUMBER_UTIL.parse(phone, Some(Region::GB)).unwrap();
        let judged = (number.is_valid(), number.get_type());
        let text = number.format_as(PhoneNumberFormat::E164).into_owned();
        (judged, text)
    });
    assert!(library.count_total > 0, "nothing is counted");
    for lines in [1, 10, 500] {
        let order = good_order(lines);
        let (info, mapping) = taken(|| mapper.map(&order, &facts, &registry));
        let Mapping::Ready { order, notes } = mapping else {
            panic!("{mapping:?}");
        };
        assert_eq!((order.lines.len(), notes.len()), (lines as usize, 0));
        // What is still there when the call has ended is the result: the order, and its lines.
        assert_eq!(info.count_current, 2, "{lines} lines: {info:?}");
        let beside = info.count_total - library.count_total;
        assert_eq!(
            beside, 2,
            "{lines} lines: {info:?}, the library {library:?}"
        );
    }
}

#[test]
fn checks_and_look_ups_take_nothing() {
    let (registry, policy) = (registry(), profile().sku);
    let sku = SourceSku::new("MUG00321");
    let (info, found) = taken(|| {
        (
            policy.accepts(sku.as_str()),
            registry.to_warehouse(&sku).is_some(),
            registry.to_source("mug00321").is_some(),
        )
    });
    assert_eq!((info.count_total, found), (0, (true, true, true)));
    let (info, postcode) = taken(|| UkPostcode::parse("sw1a 1aa"));
    assert_eq!((info.count_total, postcode.is_ok()), (0, true));
}
