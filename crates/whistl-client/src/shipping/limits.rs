//! What the warehouse's label step and the carrier are known to cut or to refuse.

use std::fmt;

/// Something about a shipment that would be cut or refused. Names the element and the rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShipmentFault {
    /// The element, such as `DeliveryAddress/Phone`.
    pub element: String,
    /// The rule.
    pub rule: String,
}

impl fmt::Display for ShipmentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.element, self.rule)
    }
}

/// Collects faults.
#[derive(Debug, Default)]
pub(super) struct Check {
    pub(super) found: Vec<ShipmentFault>,
}

impl Check {
    pub(super) fn fault(&mut self, element: impl Into<String>, rule: impl Into<String>) {
        self.found.push(ShipmentFault {
            element: element.into(),
            rule: rule.into(),
        });
    }

    pub(super) fn required(&mut self, element: &str, text: &str, limit: usize) {
        if text.trim().is_empty() {
            self.fault(element, "is required");
        }
        self.at_most(element, text, limit);
    }

    pub(super) fn at_most(&mut self, element: &str, text: &str, limit: usize) {
        if text.chars().count() > limit {
            self.fault(element, format!("has more than {limit} characters"));
        }
    }

    pub(super) fn country(&mut self, element: &str, code: &str) {
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.fault(element, "is no country code of two capital letters");
        }
    }
}
