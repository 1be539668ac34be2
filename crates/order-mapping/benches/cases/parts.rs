//! A postcode, an article code, and the least that either costs.

use std::hint::black_box;

use hashbrown::HashMap;
use order_mapping::{PostcodeFault, SkuPolicy, SkuRegistry, SourceSku, UkPostcode, WarehouseSku};

use super::orders;

const POSTCODE: &str = "SW1A 1AA";

/// What is measured.
pub(crate) struct Case {
    registry: SkuRegistry,
    policy: SkuPolicy,
    sku: SourceSku,
    plain: HashMap<SourceSku, u32>,
}

impl Case {
    pub(crate) fn new() -> Self {
        let registry = orders::registry();
        let pairs = registry.pairs();
        Self {
            plain: pairs.map(|(source, _)| (source.clone(), 1)).collect(),
            policy: orders::profile().sku,
            sku: SourceSku::new("MUG00321"),
            registry,
        }
    }

    /// The floor of a postcode: every byte read once, which no parser can do without.
    pub(crate) fn postcode_read(&self) -> usize {
        let text = black_box(POSTCODE);
        text.bytes().filter(u8::is_ascii_alphanumeric).count()
    }

    pub(crate) fn postcode(&self) -> Result<UkPostcode, PostcodeFault> {
        UkPostcode::parse(black_box(POSTCODE))
    }

    /// The floor of an article code: one look-up in a hash map.
    pub(crate) fn hash_look_up(&self) -> Option<&u32> {
        self.plain.get(black_box(&self.sku))
    }

    pub(crate) fn check_and_look_up(&self) -> (bool, Option<&WarehouseSku>) {
        let sku = black_box(&self.sku);
        (
            self.policy.accepts(sku.as_str()),
            self.registry.to_warehouse(sku),
        )
    }
}
