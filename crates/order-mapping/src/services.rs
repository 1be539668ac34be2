//! The service table: which carrier service a shipping option means.

mod bounds;
mod check;
mod compiled;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::ZoneTable;
use crate::zones::Zone;

pub use bounds::{ValueRange, WeightRange};
pub(crate) use compiled::{Circumstances, CompiledServices};

/// One rule: this option, under these circumstances, is this service.
///
/// Every limit that is given has to hold; one that is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceRule {
    /// The shipping option as the shop writes it.
    pub option: String,
    /// Two-letter country codes that the rule is limited to; empty for any.
    #[serde(default)]
    pub countries: Vec<String>,
    /// UK postcode areas (`IV`), districts (`KA27`) or ranges (`PO30-41`) that the rule is limited to, beside those of `zones`; both
    /// empty for any.
    #[serde(default)]
    pub postcode_areas: Vec<String>,
    /// Names of postal zones of the profile (`[mapping.zones]`) that the rule is limited to, beside `postcode_areas`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Customer groups that the rule is limited to, trimmed and without regard to ASCII case; empty for any. An order without a
    /// group is in none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_groups: Vec<String>,
    /// Weight of the goods that the rule is limited to.
    #[serde(default, skip_serializing_if = "WeightRange::is_open")]
    pub weight_kg: WeightRange,
    /// Total of the order that the rule is limited to.
    #[serde(default, skip_serializing_if = "ValueRange::is_open")]
    pub value: ValueRange,
    /// The warehouse's service code.
    pub code: String,
    /// Name of the rule in timelines; the option by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl ServiceRule {
    /// A rule without limits.
    pub fn new(option: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            code: code.into(),
            ..Self::default()
        }
    }

    /// The name that stands in timelines.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.option)
    }

    /// The postcodes that the rule is limited to; none for any. A name that the profile does not have covers no postcode.
    fn places(&self, zones: &ZoneTable) -> Option<Zone> {
        if self.postcode_areas.is_empty() && self.zones.is_empty() {
            return None;
        }
        let named = self.zones.iter().filter_map(|name| zones.zones.get(name));
        let items: Vec<String> = named
            .flatten()
            .chain(&self.postcode_areas)
            .cloned()
            .collect();
        Some(Zone::compile(&items))
    }
}

/// The ordered rules; the first that fits decides. An option without a rule holds the order; there is no default service.
///
/// Options are compared exactly, but for white space around and between words and for Unicode composition. Options that are
/// merely spelled alike are named as a hint and never used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ServiceTable {
    /// Compare options without regard to case.
    pub ignore_case: bool,
    /// Most characters of a service code. 24 is what the warehouse's carrier and delivery-method codes have (seen in use).
    pub code_max: usize,
    /// The rules.
    pub rules: Vec<ServiceRule>,
}

impl Default for ServiceTable {
    fn default() -> Self {
        Self {
            ignore_case: false,
            code_max: 24,
            rules: Vec::new(),
        }
    }
}

impl ServiceTable {
    /// The option in the form that is compared: NFC, trimmed, single spaces, and lower case if the table ignores case.
    fn key(&self, option: &str) -> String {
        key(option, self.ignore_case)
    }

    fn is_service_code(&self, code: &str) -> bool {
        let code = code.trim();
        !code.is_empty()
            && code.len() <= self.code_max
            && code.bytes().all(|b| b.is_ascii_graphic())
    }
}

fn key(option: &str, ignore_case: bool) -> String {
    let composed: String = option.nfc().collect();
    let words: Vec<&str> = composed.split_whitespace().collect();
    let joined = words.join(" ");
    if ignore_case {
        joined.to_lowercase()
    } else {
        joined
    }
}

#[cfg(test)]
mod tests;
