//! The buyer's purchase order number: verbatim or not at all.

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, PaymentTerms, PurchaseOrderNumber, SalesOrder, Subject};

/// Ways of payment that a PO number can be required for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentKind {
    /// Paid before the order was placed.
    Upfront,
    /// Pay by invoice.
    Invoice,
    /// Pay on account.
    OnAccount,
    /// Financed by Hokodo.
    Hokodo,
}

impl PaymentKind {
    /// The kind of these terms; none for missing or unknown ones.
    const fn of(terms: &PaymentTerms) -> Option<Self> {
        match terms {
            PaymentTerms::Upfront => Some(Self::Upfront),
            PaymentTerms::Invoice => Some(Self::Invoice),
            PaymentTerms::OnAccount => Some(Self::OnAccount),
            PaymentTerms::Hokodo => Some(Self::Hokodo),
            PaymentTerms::Missing | PaymentTerms::Other(_) => None,
        }
    }
}

/// What is asked of a PO number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PurchaseOrderPolicy {
    /// Every order needs one.
    pub required: bool,
    /// Orders with these ways of payment need one.
    pub required_for: Vec<PaymentKind>,
    /// Most characters. The default is that of the field `otherrefnum` (seen in use); Whistl does not document its own.
    pub max_length: usize,
}

impl Default for PurchaseOrderPolicy {
    fn default() -> Self {
        Self {
            required: false,
            required_for: Vec::new(),
            max_length: 45,
        }
    }
}

impl PurchaseOrderPolicy {
    /// The number that goes out. Faults go to `found`; then there is none.
    pub(crate) fn choose(
        &self,
        order: &SalesOrder,
        found: &mut Vec<Diagnostic>,
    ) -> Option<PurchaseOrderNumber> {
        const PATH: &str = "/purchase_orders";
        let mut candidates = order
            .purchase_orders
            .iter()
            .enumerate()
            .filter(|(_, candidate)| !candidate.text.trim().is_empty());
        let Some((index, first)) = candidates.next() else {
            let wanted = PaymentKind::of(&order.payment)
                .is_some_and(|kind| self.required_for.contains(&kind));
            if self.required || wanted {
                let message = "the profile asks for a PO number and the order has none";
                found.push(Diagnostic::new(Code::PoMissing, PATH, message));
            }
            return None;
        };
        let text = first.text.trim();
        let other: Vec<&str> = candidates
            .filter(|(_, candidate)| candidate.text.trim() != text)
            .map(|(_, candidate)| candidate.place.as_str())
            .collect();
        if !other.is_empty() {
            let message = format!(
                "{} and {} hold different PO numbers",
                first.place,
                other.join(", ")
            );
            let places = std::iter::once(first.place.as_str()).chain(other);
            found.push(Diagnostic::new(Code::PoConflict, PATH, message).with_related(places));
            return None;
        }
        let path = format!("{PATH}/{index}/text");
        let length = text.chars().count();
        if length > self.max_length {
            let message = format!(
                "{length} characters, and the warehouse keeps {}",
                self.max_length
            );
            found.push(Diagnostic::new(Code::PoTooLong, path, message).with_seen(text));
            return None;
        }
        if text.contains(|c: char| c == '~' || c.is_control() || crate::text::is_invisible(c)) {
            let message =
                "a tilde, a control or an invisible character; a PO number is never changed";
            found.push(Diagnostic::new(Code::TextForbiddenChar, path, message).with_seen(text));
            return None;
        }
        if text.len() != first.text.len() {
            let message = "white space around the PO number was left out";
            found.push(Diagnostic::new(Code::PoTrimmed, path, message).with_seen(&first.text));
        }
        Some(PurchaseOrderNumber::checked(text))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        if self.max_length == 0 {
            let message = "no PO number could fit";
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, "/purchase_order/max_length", message)
                    .about(Subject::Config),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::PurchaseOrderCandidate;

    fn order(texts: &[&str]) -> SalesOrder {
        let mut order = SalesOrder::new("1");
        order.payment = PaymentTerms::OnAccount;
        order.purchase_orders = texts
            .iter()
            .enumerate()
            .map(|(index, text)| PurchaseOrderCandidate {
                place: format!("/place/{index}"),
                text: (*text).to_owned(),
            })
            .collect();
        order
    }

    fn choose(policy: &PurchaseOrderPolicy, texts: &[&str]) -> (Option<String>, Vec<Code>) {
        let mut found = Vec::new();
        let number = policy.choose(&order(texts), &mut found);
        (
            number.map(|number| number.as_str().to_owned()),
            found.iter().map(|one| one.code).collect(),
        )
    }

    #[test]
    fn one_number_in_any_place() {
        let policy = PurchaseOrderPolicy::default();
        assert_eq!(
            choose(&policy, &["", "PO 7/1", " "]),
            (Some("PO 7/1".into()), vec![])
        );
        assert_eq!(
            choose(&policy, &["PO7", " PO7 "]),
            (Some("PO7".into()), vec![])
        );
        assert_eq!(
            choose(&policy, &[" PO7"]),
            (Some("PO7".into()), vec![Code::PoTrimmed])
        );
        assert_eq!(
            choose(&policy, &["PO7", "po7"]),
            (None, vec![Code::PoConflict])
        );
        assert_eq!(
            choose(&policy, &[&"9".repeat(46)]),
            (None, vec![Code::PoTooLong])
        );
        assert_eq!(
            choose(&policy, &["PO~7"]),
            (None, vec![Code::TextForbiddenChar])
        );
    }

    #[test]
    fn required_by_the_way_of_payment() {
        let policy = PurchaseOrderPolicy {
            required_for: vec![PaymentKind::OnAccount],
            ..PurchaseOrderPolicy::default()
        };
        assert_eq!(choose(&policy, &[" "]), (None, vec![Code::PoMissing]));
        let mut paid = order(&[]);
        paid.payment = PaymentTerms::Upfront;
        let mut found = Vec::new();
        assert_eq!(policy.choose(&paid, &mut found), None);
        assert!(found.is_empty());
    }

    proptest! {
        #[test]
        fn verbatim_or_a_fault(text in any::<String>()) {
            let (number, codes) = choose(&PurchaseOrderPolicy::default(), &[&text]);
            match number {
                Some(number) => {
                    prop_assert_eq!(number.as_str(), text.trim());
                    prop_assert!(number == text || codes.contains(&Code::PoTrimmed));
                }
                None => prop_assert!(text.trim().is_empty() || !codes.is_empty()),
            }
        }
    }
}
