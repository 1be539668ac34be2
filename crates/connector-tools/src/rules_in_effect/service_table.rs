//! The service table in words.

use order_mapping::{ServiceRule, ServiceTable, ValueRange, WeightRange};
use rust_decimal::Decimal;

use super::{List, characters};

impl List<'_> {
    pub(super) fn services(&mut self, table: &ServiceTable) {
        self.switch(
            "mapping.services.ignore_case",
            table.ignore_case,
            "shipping options are compared without case",
            "shipping options are compared with case",
        );
        self.add(
            "mapping.services.code_max",
            format!("a service code has at most {}", characters(table.code_max)),
        );
        if table.rules.is_empty() {
            let means = "no shipping option is mapped, so every order is held";
            self.add("mapping.services.rules", means);
        }
        for (index, rule) in table.rules.iter().enumerate() {
            self.add(&format!("mapping.services.rules.{index}"), service(rule));
        }
    }
}

fn service(rule: &ServiceRule) -> String {
    let mut means = format!("\"{}\"", rule.option);
    if !rule.countries.is_empty() {
        means.push_str(&format!(" to {}", rule.countries.join(", ")));
    }
    if !rule.postcode_areas.is_empty() {
        means.push_str(&format!(" in postcodes {}", rule.postcode_areas.join(", ")));
    }
    if !rule.zones.is_empty() {
        means.push_str(&format!(" in zones {}", rule.zones.join(", ")));
    }
    if !rule.customer_groups.is_empty() {
        let groups = rule.customer_groups.join(", ");
        means.push_str(&format!(" for customer groups {groups}"));
    }
    if !rule.weight_kg.is_open() {
        let WeightRange { from, below, .. } = rule.weight_kg;
        means.push_str(&range(" weighing", from, below, "kg"));
    }
    if !rule.value.is_open() {
        let ValueRange { from, below, .. } = rule.value;
        means.push_str(&range(" worth", from, below, &rule.value.currency));
    }
    means.push_str(&format!(" is {}", rule.code));
    if let Some(name) = &rule.name {
        means.push_str(&format!(", named \"{name}\""));
    }
    means
}

fn range(what: &str, from: Option<Decimal>, below: Option<Decimal>, unit: &str) -> String {
    let from = from.map(|from| format!(" {from} {unit} or more"));
    let below = below.map(|below| format!(" less than {below} {unit}"));
    let parts: Vec<String> = from.into_iter().chain(below).collect();
    format!("{what}{}", parts.join(" and"))
}
