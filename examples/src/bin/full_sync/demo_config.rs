//! What the demonstration is configured with.

use std::collections::BTreeSet;
use std::path::Path;

use connector_examples::deployment::{BadInput, parse};
use order_mapping::{Profile, SkuAlias, SkuOverrides};
use order_sync::Settings;
use order_sync::adapters::ShopOptions;
use serde::Deserialize;

/// What the demonstration uses: `data/demo.toml` and the alias list beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemoConfig {
    pub(crate) engine: Settings,
    pub(crate) shop: ShopOptions,
    pub(crate) mapping: Profile,
    pub(crate) sku: SkuOverrides,
}

const DEMO: &str = include_str!("../../../data/demo.toml");
const ONLINE_RETAIL_ALIASES: &str = include_str!("../../../data/online_retail_aliases.toml");

impl DemoConfig {
    /// Reads both files, and keeps the aliases of articles that the shop has: a declaration about others would be a fault.
    pub(crate) fn load(codes: &BTreeSet<&str>) -> Result<Self, BadInput> {
        let mut demo: Self = parse(DEMO, Path::new("examples/data/demo.toml"))?;
        let retail: SkuOverrides = parse(
            ONLINE_RETAIL_ALIASES,
            Path::new("examples/data/online_retail_aliases.toml"),
        )?;
        demo.sku.aliases.extend(retail.aliases);
        let has = |row: &SkuAlias| {
            codes.contains(row.alias.as_str()) && codes.contains(row.canonical.as_str())
        };
        demo.sku.aliases.retain(has);
        Ok(demo)
    }
}

#[cfg(test)]
mod tests {
    use order_mapping::Severity;

    use super::*;
    use crate::built_in_orders::built_in_orders;

    #[test]
    fn the_demonstration_is_configured_soundly() {
        let dataset = built_in_orders(2010);
        let demo = DemoConfig::load(&dataset.codes()).unwrap();
        assert_eq!(demo.sku.aliases.len(), 2, "the third pair stays undeclared");
        assert!(demo.engine.check().is_empty());
        let faults = demo.mapping.check();
        assert!(
            faults.iter().all(|one| one.severity < Severity::Error),
            "{faults:?}"
        );
    }
}
