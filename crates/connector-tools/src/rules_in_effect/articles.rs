//! Article codes, kits, pack sizes and lines in words.

use order_mapping::{
    KitTable, LinePolicy, NonStockPolicy, PackTable, SkuCase, SkuOverrides, SkuPolicy, SkuScheme,
};

use super::{List, characters, said};
use crate::printed::count;

impl List<'_> {
    pub(super) fn sku(&mut self, policy: &SkuPolicy) {
        let kept = match policy.extra_characters.as_str() {
            "" => "only letters and digits are kept in a code".to_owned(),
            extra => format!("letters, digits and {extra} are kept in a code"),
        };
        self.add("mapping.sku.extra_characters", kept);
        let case = match policy.case {
            SkuCase::Upper => "small letters become capitals".to_owned(),
            SkuCase::Keep => {
                "letters stay as they are; collisions are found without case".to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.sku.case", case);
        let suffixed = policy.scheme == SkuScheme::StripThenSuffix;
        let scheme = match policy.scheme {
            SkuScheme::Strip => "a code that cannot go as it is goes as what is left of it".to_owned(),
            SkuScheme::StripThenSuffix => {
                "a code that cannot go as it is goes as what is left of it, with check characters of the whole code behind"
                    .to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.sku.scheme", scheme);
        self.add(
            "mapping.sku.suffix_length",
            if suffixed {
                format!(
                    "{} of the code stand behind it",
                    count(policy.suffix_length, "check character", "check characters")
                )
            } else {
                "not used by this scheme".to_owned()
            },
        );
        self.add(
            "mapping.sku.min_length",
            format!("a code has at least {}", characters(policy.min_length)),
        );
        self.add(
            "mapping.sku.max_length",
            format!(
                "a code has at most {}; a longer one is refused, never cut",
                characters(policy.max_length)
            ),
        );
        self.switch(
            "mapping.sku.untyped_target",
            policy.untyped_target,
            "codes travel in a CSV file: one that looks like a number or a missing value is refused",
            "a code that looks like a number or a missing value is a warning",
        );
    }

    pub(super) fn non_stock(&mut self, policy: &NonStockPolicy) {
        for (member, what, entries) in [
            ("skus", "lines with these codes", &policy.skus),
            (
                "prefixes",
                "lines with codes that begin like this",
                &policy.prefixes,
            ),
        ] {
            let means = match entries.as_slice() {
                [] => "none".to_owned(),
                entries => {
                    let entries: Vec<String> = entries
                        .iter()
                        .map(|entry| format!("{} ({})", entry.code, entry.class))
                        .collect();
                    format!("{what} are not picked: {}", entries.join(", "))
                }
            };
            self.add(&format!("mapping.non_stock.{member}"), means);
        }
    }

    pub(super) fn lines(&mut self, policy: &LinePolicy) {
        self.add(
            "mapping.lines.max_quantity",
            format!("a line has at most {} units", policy.max_quantity),
        );
        self.add(
            "mapping.lines.component_separator",
            format!(
                "the second component of line 7 is line 7{}2",
                policy.component_separator
            ),
        );
    }

    pub(super) fn kits(&mut self, table: &KitTable) {
        if table.kits.is_empty() {
            self.add("mapping.kits", "no article is a kit");
        }
        for (index, kit) in table.kits.iter().enumerate() {
            let components: Vec<String> = kit
                .components
                .iter()
                .map(|one| format!("{} x {}", one.quantity, one.sku))
                .collect();
            let goods = kit.components.iter().filter(|one| one.customs.is_some());
            let customs = match goods.count() {
                0 => String::new(),
                some => format!("; abroad {some} of them are declared by data of their own"),
            };
            let means = format!(
                "{} is picked as {}{customs}",
                kit.sku,
                components.join(", ")
            );
            self.add(&format!("mapping.kits.{index}"), means);
        }
    }

    pub(super) fn packs(&mut self, table: &PackTable) {
        if table.rules.is_empty() {
            self.add(
                "mapping.packs",
                "every article is ordered in the warehouse's unit",
            );
        }
        for (index, rule) in table.rules.iter().enumerate() {
            let unit = rule.unit.as_deref().unwrap_or("ordered unit");
            let means = format!(
                "{} of {}: {} is {} of the warehouse's",
                unit, rule.sku, rule.shop_units, rule.warehouse_units
            );
            self.add(&format!("mapping.packs.{index}"), means);
        }
    }

    pub(super) fn overrides(&mut self, overrides: &SkuOverrides) {
        let aliases = format!("declared aliases: {}", overrides.aliases.len());
        self.add("sku.aliases", aliases);
        let manual = format!("codes by hand: {}", overrides.manual.len());
        self.add("sku.manual", manual);
    }
}
