//! An order that nothing is wrong with, and the profile and registry it is judged by.

use std::sync::LazyLock;

use order_mapping::{
    CatalogueItem, Mapper, PaymentTerms, Profile, SalesOrder, ServiceRule, SkuOverrides, SkuPolicy,
    SkuRegistry,
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

/// Complete and ready under [`PROFILE`]: the order of the laws, paid for, and without a fact that could release it otherwise.
pub(crate) fn order() -> SalesOrder {
    let text = include_str!("../../crates/order-mapping/tests/good_order.json");
    let (mut order, personal): (SalesOrder, _) =
        serde_json::from_str(text).expect("kept with the laws");
    order.personal = personal;
    order.payment = PaymentTerms::Upfront;
    order.tags.clear();
    order
}
