//! The buyer's purchase order number: verbatim or not at all.

use serde::{Deserialize, Serialize};

use crate::diagnostic::escaped;
use crate::plain_texts::PlainTexts;
use crate::text::{is_invisible, is_white_space, trimmed};
use crate::{Code, Diagnostic, PaymentTerms, PurchaseOrderNumber, SalesOrder, Subject, TextUnit};

/// Ways of payment that a PO number can be required for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    pub(crate) const fn of(terms: &PaymentTerms) -> Option<Self> {
        match terms {
            PaymentTerms::Upfront => Some(Self::Upfront),
            PaymentTerms::Invoice => Some(Self::Invoice),
            PaymentTerms::OnAccount => Some(Self::OnAccount),
            PaymentTerms::Hokodo => Some(Self::Hokodo),
            PaymentTerms::Missing | PaymentTerms::Other(_) => None,
        }
    }
}

impl std::fmt::Display for PaymentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Upfront => "upfront",
            Self::Invoice => "invoice",
            Self::OnAccount => "on_account",
            Self::Hokodo => "hokodo",
        })
    }
}

/// What is asked of a PO number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PurchaseOrderPolicy {
    /// Every order needs one.
    pub required: bool,
    /// Orders with these ways of payment need one.
    pub required_for: Vec<PaymentKind>,
    /// Longest number. The default is that of the field `otherrefnum` (assumed); Whistl does not document its own.
    pub max_length: usize,
    /// What `max_length` counts.
    pub unit: TextUnit,
    /// Characters that hold an order when its number has them. `~` joins address lines in the warehouse's feed (seen in use).
    pub forbidden: String,
    /// Leave out white space around the number, with a note. Off by default: the number goes out exactly as the buyer wrote it.
    pub trim: bool,
}

impl Default for PurchaseOrderPolicy {
    fn default() -> Self {
        Self {
            required: false,
            required_for: Vec::new(),
            max_length: 45,
            unit: TextUnit::Chars,
            forbidden: "~".to_owned(),
            trim: false,
        }
    }
}

impl PurchaseOrderPolicy {
    /// The policy made ready for many orders.
    pub(crate) fn compile(&self) -> PurchaseOrderRules {
        PurchaseOrderRules {
            policy: self.clone(),
            plain: PlainTexts::without(&self.forbidden),
        }
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

/// A [`PurchaseOrderPolicy`] in the form in which it is applied.
#[derive(Debug, Clone)]
pub(crate) struct PurchaseOrderRules {
    policy: PurchaseOrderPolicy,
    /// Numbers that go as they are.
    plain: PlainTexts,
}

impl PurchaseOrderRules {
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
            .filter(|(_, candidate)| !is_white_space(&candidate.text));
        let Some((index, first)) = candidates.next() else {
            let wanted = PaymentKind::of(&order.payment)
                .is_some_and(|kind| self.policy.required_for.contains(&kind));
            if self.policy.required || wanted {
                let message = "the profile asks for a PO number and the order has none";
                found.push(Diagnostic::new(Code::PoMissing, PATH, message));
            }
            return None;
        };
        let other: Vec<&str> = candidates
            .filter(|(_, candidate)| trimmed(&candidate.text) != trimmed(&first.text))
            .map(|(_, candidate)| candidate.place.as_str())
            .collect();
        if !other.is_empty() {
            let message = format!(
                "{} and {} hold different PO numbers",
                escaped(&first.place),
                escaped(&other.join(", "))
            );
            let places = std::iter::once(first.place.as_str()).chain(other);
            found.push(Diagnostic::new(Code::PoConflict, PATH, message).with_related(places));
            return None;
        }
        let path = || format!("{PATH}/{index}/text");
        let text = if self.policy.trim {
            trimmed(&first.text)
        } else {
            &first.text
        };
        if !self.policy.unit.fits(text, self.policy.max_length) {
            let length = self.policy.unit.count(text);
            let message = format!(
                "{length} characters, and the warehouse keeps {}",
                self.policy.max_length
            );
            let fault = Diagnostic::new(Code::PoTooLong, path(), message).with_seen(text);
            found.push(fault.with_got(length as u64, self.policy.max_length as u64));
            return None;
        }
        let odd = |c: char| c.is_control() || is_invisible(c) || self.policy.forbidden.contains(c);
        if !self.plain.hold_with_gaps(text) && text.contains(odd) {
            let message =
                "a forbidden, control or invisible character; a PO number is never changed";
            found.push(Diagnostic::new(Code::PoForbiddenChar, path(), message).with_seen(text));
            return None;
        }
        if text.len() != first.text.len() {
            let message = "white space around the PO number was left out";
            found.push(Diagnostic::new(Code::PoTrimmed, path(), message).with_seen(&first.text));
        }
        Some(PurchaseOrderNumber::checked(text))
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
        let number = policy.compile().choose(&order(texts), &mut found);
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
            choose(&policy, &[" PO7", "PO7"]),
            (Some(" PO7".into()), vec![]),
            "verbatim, and no conflict"
        );
        let trimming = PurchaseOrderPolicy {
            trim: true,
            ..PurchaseOrderPolicy::default()
        };
        assert_eq!(
            choose(&trimming, &[" PO7"]),
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
            (None, vec![Code::PoForbiddenChar])
        );
    }

    #[test]
    fn the_places_of_a_conflict_are_safe_to_log() {
        let mut order = order(&["PO-1", "PO-2"]);
        order.purchase_orders[1].place = "/b\n\u{202E}".into();
        let mut found = Vec::new();
        assert_eq!(
            PurchaseOrderPolicy::default()
                .compile()
                .choose(&order, &mut found),
            None
        );
        assert!(
            found[0].message.contains("/b\\n\\u{202e} hold"),
            "{}",
            found[0].message
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
        assert_eq!(policy.compile().choose(&paid, &mut found), None);
        assert!(found.is_empty());
    }

    proptest! {
        #[test]
        fn identical_bytes_or_a_fault(texts in prop::collection::vec(any::<String>(), 1..3)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (number, codes) = choose(&PurchaseOrderPolicy::default(), &texts);
            match number {
                Some(number) => prop_assert!(texts.contains(&number.as_str()) && codes.is_empty()),
                None => prop_assert!(texts.iter().all(|text| text.trim().is_empty()) || !codes.is_empty()),
            }
        }

        #[test]
        fn trimmed_only_with_a_note(text in any::<String>()) {
            let policy = PurchaseOrderPolicy { trim: true, ..PurchaseOrderPolicy::default() };
            let (number, codes) = choose(&policy, &[&text]);
            if let Some(number) = number {
                prop_assert_eq!(number.as_str(), text.trim());
                prop_assert_eq!(number != text, codes == [Code::PoTrimmed]);
            }
        }
    }
}
