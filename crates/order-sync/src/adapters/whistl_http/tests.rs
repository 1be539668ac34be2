//! What goes to the warehouse and what is made of its answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use order_mapping::{
    Address, CatalogueItem, Incoterm, LineCustoms, Mapping, Money, OrderLine, PaymentTerms,
    Profile, ReleaseFacts, SalesOrder, ServiceRule, SkuOverrides, SkuRegistry, map_order,
};
use whistl_client::orders::{Parcel as WireParcel, ParcelLine, ShortLine};

use super::*;

/// An order to a country, mapped.
fn mapped(country: &str, partial: PartialPolicy) -> FulfilmentOrder {
    let mut profile = Profile::default();
    let mut rule = ServiceRule::new("Export", "WHI_INT");
    rule.countries = vec![country.into()];
    profile.services.rules = vec![rule];
    profile.partial.default = partial;
    profile.customs.sender_eori = Some("GB123456789000".into());
    profile.customs.incoterm = Some(Incoterm::Dap);
    profile.customs.required = true;
    let mut line = OrderLine::new("1", "MUG", 2);
    line.description = Some("Stoneware mug".into());
    line.unit_price = Some(Money::new("3.20".parse().unwrap(), "GBP"));
    let mut goods = LineCustoms::default();
    goods.commodity_code = Some("69120021".into());
    goods.origin = Some("CN".into());
    line.customs = Some(goods);
    let mut order = SalesOrder::new("1");
    order.payment = PaymentTerms::Upfront;
    order.shipping_method = Some("Export".into());
    order.lines = vec![line];
    order.personal.eori = Some("FR12345678900012".into());
    let mut to = Address::default();
    to.name = Some("Goods In".into());
    to.line1 = Some("12 Mill Lane".into());
    to.city = Some("Anytown".into());
    to.postcode = Some(if country == "GB" { "LS1 4AP" } else { "75008" }.into());
    to.country = Some(country.into());
    to.phone = Some("+44 113 243 0000".into());
    order.personal.shipping = Some(to);
    let (registry, _) = SkuRegistry::build(
        &[CatalogueItem::new("MUG", None)],
        &SkuOverrides::default(),
        &profile.sku,
    );
    match map_order(&order, &ReleaseFacts::default(), &profile, &registry) {
        Mapping::Ready { order, .. } => *order,
        other => panic!("{other:?}"),
    }
}

fn sent(order: &FulfilmentOrder) -> NewOrder {
    new_order(&ClientOrderRef::from_wire("B7Q2M4XK3P5A"), order)
}

#[test]
fn customs_data_goes_with_an_order_for_abroad_and_with_no_other() {
    let abroad = sent(&mapped("FR", PartialPolicy::ShipAvailable));
    let customs = abroad.customs.unwrap();
    assert_eq!(customs.incoterm.as_deref(), Some("DAP"));
    assert_eq!(customs.sender_eori.as_deref(), Some("GB123456789000"));
    let line = &abroad.lines[0];
    assert_eq!(line.commodity_code.as_deref(), Some("69120021"));
    assert_eq!(line.origin.as_deref(), Some("CN"));
    assert_eq!(
        line.customs_value,
        "3.20".parse().ok(),
        "the price, where nothing else is given"
    );
    let home = sent(&mapped("GB", PartialPolicy::ShipAvailable));
    assert_eq!((home.customs, home.lines[0].customs_value), (None, None));
}

#[test]
fn only_one_rule_lets_an_order_leave_in_parts() {
    for (partial, may) in [
        (PartialPolicy::ShipAvailable, true),
        (PartialPolicy::ShipComplete, false),
        (PartialPolicy::FillOrKill, false),
    ] {
        assert_eq!(
            sent(&mapped("GB", partial)).may_part_ship,
            Some(may),
            "{partial:?}"
        );
    }
}

#[test]
fn units_that_follow_stay_open_and_others_are_short() {
    let short = |line: &str, follows: bool| {
        let mut short = ShortLine::default();
        short.line_id = Some(line.to_owned());
        short.quantity = Some(1);
        short.back_ordered = follows;
        short
    };
    let mut content = ParcelLine::default();
    content.line_id = Some("1".to_owned());
    content.quantity = Some(2);
    let mut parcel = WireParcel::default();
    parcel.lines = vec![content];
    let mut despatch = Despatch::default();
    despatch.despatch_id = Some("D1".to_owned());
    despatch.reference = Some("B7Q2M4XK3P5A".to_owned());
    despatch.parcels = vec![parcel];
    despatch.shorts = vec![short("1", true), short("2", false)];
    let consignment = consignment(despatch).unwrap();
    assert_eq!(consignment.shorts, [LineQuantity::of_line("2", 1)]);
}

#[test]
fn an_order_without_a_reference_is_told_and_hides_no_neighbour() {
    let stored = |members: serde_json::Value| {
        let mut order = StoredOrder::default();
        order.reference = members["reference"].as_str().map(str::to_owned);
        order.order_id = members["id"].as_str().map(str::to_owned);
        order
    };
    let mut page = Page::default();
    page.items = vec![
        stored(serde_json::json!({ "id": "77" })),
        stored(serde_json::json!({ "reference": "B7Q2M4XK3P5A", "id": "78" })),
        stored(serde_json::json!({})),
    ];
    let listing = listing_of(page);
    assert_eq!(listing.rows.len(), 1);
    assert_eq!(
        listing.unreadable,
        [
            "an order (77) without a reference",
            "an order (without an id) without a reference"
        ]
    );
}

#[test]
fn a_stock_row_has_an_article_a_quantity_and_what_cannot_be_sold() {
    let mut item = InventoryItem::default();
    assert_eq!(
        stock_row(item.clone()).unwrap_err(),
        "a stock row has no article"
    );
    item.sku = Some("MUG01".to_owned());
    assert_eq!(
        stock_row(item.clone()).unwrap_err(),
        "a stock row has no quantity"
    );
    item.on_hand = Some(9);
    item.unsellable = Some(4);
    let row = stock_row(item).unwrap();
    assert_eq!((row.on_hand, row.allocated, row.unsellable), (9, 0, 4));
}
