//! An order that nothing is wrong with, and the profile and registry it is judged by.

use std::sync::LazyLock;

use order_mapping::{
    Address, CatalogueItem, Mapper, OrderLine, PaymentTerms, Profile, PurchaseOrderCandidate,
    SalesOrder, ServiceRule, SkuOverrides, SkuPolicy, SkuRegistry,
};

/// Two plain articles, two that meet at the warehouse, one that cannot be sent.
pub(crate) fn registry(policy: &SkuPolicy) -> SkuRegistry {
    let items = ["MUG-RED", "PLATE", "A-1", "A1", "ß12"].map(|sku| CatalogueItem::new(sku, None));
    SkuRegistry::build(&items, &SkuOverrides::default(), policy).0
}

/// The default rules with one shipping option, lines that are no goods, credit notes, and PO numbers asked for.
pub(crate) static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new("Express B2B Delivery", "WHI_EXP")];
    profile.purchase_order.required = true;
    profile.non_stock.skus = vec!["POST".into()];
    profile.ignore.credit_note = Some("C".into());
    profile
});

/// [`PROFILE`], worked out.
pub(crate) static MAPPER: LazyLock<Mapper> = LazyLock::new(|| Mapper::new(PROFILE.clone()));

/// The registry under [`PROFILE`].
pub(crate) static REGISTRY: LazyLock<SkuRegistry> = LazyLock::new(|| registry(&PROFILE.sku));

/// A goods-in desk.
pub(crate) fn address() -> Address {
    let mut address = Address::default();
    address.name = Some("Goods In".into());
    address.company = Some("Example Trading".into());
    address.line1 = Some("Unit 3, Mill Lane".into());
    address.city = Some("Leeds".into());
    address.postcode = Some("LS1 4AP".into());
    address.country = Some("GB".into());
    address.phone = Some("0113 243 0000".into());
    address.email = Some("goods-in@example.org".into());
    address
}

/// Paid, complete, ready under [`PROFILE`].
pub(crate) fn order() -> SalesOrder {
    let mut order = SalesOrder::new("63428136-658f-48a6-beb7-7f333dfd9686");
    order.payment = PaymentTerms::Upfront;
    order.shipping_method = Some("Express B2B Delivery".into());
    order.purchase_orders = vec![PurchaseOrderCandidate {
        place: "/customer_reference".into(),
        text: "PO-2291/B".into(),
    }];
    order.lines = vec![
        OrderLine::new("1", "MUG-RED", 12),
        OrderLine::new("2", "PLATE", 6),
    ];
    order.personal.shipping = Some(address());
    order
}
