//! The release gate: whether an order may leave, and which rule said so.

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, OrderKind, PaymentTerms, SalesOrder, Severity, Subject};

/// A decision on the buyer's credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CreditDecision {
    /// Goods may leave before money.
    Approved,
    /// They may not.
    Declined,
    /// Not decided yet.
    Pending,
}

/// What is known beside the order itself, for example from the platform or a credit system. It adds to what stands on the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseFacts {
    /// A status of the order elsewhere.
    pub status: Option<String>,
    /// Further tags.
    pub tags: Vec<String>,
    /// Further named values.
    pub metadata: Vec<(String, String)>,
    /// The decision on the buyer's credit.
    pub credit: Option<CreditDecision>,
}

/// One condition of a trigger. Texts are compared trimmed and without regard to ASCII case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Condition {
    /// The status is one of these.
    Status(Vec<String>),
    /// The tag is present.
    Tag(String),
    /// The named value is this.
    Metadata {
        /// Name.
        key: String,
        /// Value.
        value: String,
    },
    /// The credit decision is this.
    Credit(CreditDecision),
}

impl Condition {
    fn holds(&self, order: &SalesOrder, facts: &ReleaseFacts) -> bool {
        match self {
            Self::Status(wanted) => [&order.status, &facts.status]
                .into_iter()
                .flatten()
                .any(|status| wanted.iter().any(|one| same(one, status))),
            Self::Tag(wanted) => order.tags.iter().chain(&facts.tags).any(|tag| same(wanted, tag)),
            Self::Metadata { key, value } => order
                .metadata
                .iter()
                .chain(&facts.metadata)
                .any(|(name, content)| same(key, name) && same(value, content)),
            Self::Credit(wanted) => facts.credit == Some(*wanted),
        }
    }

    /// An empty text would match records that merely lack the fact.
    fn is_blank(&self) -> bool {
        match self {
            Self::Status(wanted) => wanted.is_empty() || wanted.iter().any(|one| one.trim().is_empty()),
            Self::Tag(wanted) => wanted.trim().is_empty(),
            Self::Metadata { key, value } => key.trim().is_empty() || value.trim().is_empty(),
            Self::Credit(_) => false,
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(wanted) => write!(f, "status {}", wanted.join(" or ")),
            Self::Tag(wanted) => write!(f, "tag {wanted}"),
            Self::Metadata { key, value } => write!(f, "metadata {key}={value}"),
            Self::Credit(CreditDecision::Approved) => f.write_str("credit approved"),
            Self::Credit(CreditDecision::Declined) => f.write_str("credit declined"),
            Self::Credit(CreditDecision::Pending) => f.write_str("credit pending"),
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// Conditions, combined. Without any condition a trigger never fires, under `all` too.
///
/// Conditions only ever release; there is no veto. To let a declined credit keep an order back, ask for
/// `credit = "approved"` under `all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trigger {
    /// One condition is enough.
    Any(Vec<Condition>),
    /// Every condition has to hold.
    All(Vec<Condition>),
}

impl Trigger {
    fn conditions(&self) -> &[Condition] {
        match self {
            Self::Any(conditions) | Self::All(conditions) => conditions,
        }
    }

    /// What fired, in words; none when it did not.
    fn fired(&self, order: &SalesOrder, facts: &ReleaseFacts) -> Option<String> {
        let holds = |condition: &&Condition| !condition.is_blank() && condition.holds(order, facts);
        match self {
            Self::Any(conditions) => conditions.iter().find(holds).map(ToString::to_string),
            Self::All(conditions) => (!conditions.is_empty() && conditions.iter().all(|one| holds(&one)))
                .then(|| words(conditions, " and ")),
        }
    }
}

impl std::fmt::Display for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any(conditions) | Self::All(conditions) if conditions.is_empty() => f.write_str("no condition"),
            Self::Any(conditions) => f.write_str(&words(conditions, " or ")),
            Self::All(conditions) => f.write_str(&words(conditions, " and ")),
        }
    }
}

fn words(conditions: &[Condition], between: &str) -> String {
    let texts: Vec<String> = conditions.iter().map(ToString::to_string).collect();
    texts.join(between)
}

/// What happens to orders of one way of payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentRule {
    /// They leave.
    Release,
    /// They stay.
    Hold,
    /// They leave once the trigger fires.
    When(Trigger),
}

/// When orders may leave, by way of payment. An unknown or missing way of payment always holds.
///
/// Default: paid orders and invoices leave; financed ones stay until configured; orders on account leave once any of
/// tag `credit-approved`, metadata `credit_status=approved` or credit decision `approved` is there. The names are this project's
/// choice; SparkLayer does not document a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReleasePolicy {
    /// Paid before the order was placed.
    pub upfront: PaymentRule,
    /// Pay by invoice.
    pub invoice: PaymentRule,
    /// Financed by Hokodo.
    pub hokodo: PaymentRule,
    /// Pay on account. Always needs a trigger: there is no way to configure "release at once".
    pub on_account: Trigger,
}

impl Default for ReleasePolicy {
    fn default() -> Self {
        Self {
            upfront: PaymentRule::Release,
            invoice: PaymentRule::Release,
            hokodo: PaymentRule::Hold,
            on_account: Trigger::Any(vec![
                Condition::Tag("credit-approved".to_owned()),
                Condition::Metadata {
                    key: "credit_status".to_owned(),
                    value: "approved".to_owned(),
                },
                Condition::Credit(CreditDecision::Approved),
            ]),
        }
    }
}

impl ReleasePolicy {
    /// The name of the rule that releases the order; what keeps it goes to `found`.
    pub(crate) fn judge(&self, order: &SalesOrder, facts: &ReleaseFacts, found: &mut Vec<Diagnostic>) -> Option<String> {
        let placed = match &order.kind {
            OrderKind::Order => true,
            OrderKind::AwaitingApproval => {
                let message = "somebody of the buying company has to approve the order";
                found.push(Diagnostic::new(Code::OrderAwaitingApproval, "/kind", message));
                false
            }
            OrderKind::Other(text) => {
                let message = "this kind of record is not known, so it is not taken for an order";
                found.push(Diagnostic::new(Code::OrderUnconfirmed, "/kind", message).with_seen(text));
                false
            }
            OrderKind::Unconfirmed => {
                let message = "the draft has not been completed in the shop";
                found.push(Diagnostic::new(Code::OrderUnconfirmed, "/kind", message));
                false
            }
            OrderKind::Quote | OrderKind::Cart => {
                let message = "a quote or cart is no order";
                found.push(Diagnostic::new(Code::OrderUnconfirmed, "/kind", message));
                false
            }
        };
        let on_account;
        let (name, rule) = match &order.payment {
            PaymentTerms::Upfront => ("upfront", &self.upfront),
            PaymentTerms::Invoice => ("invoice", &self.invoice),
            PaymentTerms::Hokodo => ("hokodo", &self.hokodo),
            PaymentTerms::OnAccount => {
                on_account = PaymentRule::When(self.on_account.clone());
                ("on_account", &on_account)
            }
            PaymentTerms::Missing => {
                let message = "the record names no way of payment";
                found.push(Diagnostic::new(Code::PaymentTypeUnknown, "/payment", message));
                return None;
            }
            PaymentTerms::Other(text) => {
                let message = "this way of payment is not known";
                found.push(Diagnostic::new(Code::PaymentTypeUnknown, "/payment", message).with_seen(text));
                return None;
            }
        };
        let released = match rule {
            PaymentRule::Release => Some(format!("{name}: released at once")),
            PaymentRule::Hold => {
                let message = format!("orders paid by {name} are kept back by the profile");
                found.push(Diagnostic::new(Code::ReleasePending, "/payment", message));
                None
            }
            PaymentRule::When(trigger) => {
                let fired = trigger.fired(order, facts);
                if fired.is_none() {
                    let message = format!("orders paid by {name} wait for {trigger}");
                    found.push(Diagnostic::new(Code::ReleasePending, "/payment", message));
                }
                fired.map(|what| format!("{name}: {what}"))
            }
        };
        released.filter(|_| placed)
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut triggers = vec![("/release/on_account", &self.on_account)];
        for (path, rule) in [
            ("/release/upfront", &self.upfront),
            ("/release/invoice", &self.invoice),
            ("/release/hokodo", &self.hokodo),
        ] {
            if let PaymentRule::When(trigger) = rule {
                triggers.push((path, trigger));
            }
        }
        for (path, trigger) in triggers {
            if trigger.conditions().is_empty() {
                let message = "a trigger without conditions never releases";
                found.push(Diagnostic::new(Code::ReleaseTriggerEmpty, path, message).about(Subject::Config));
            } else if trigger.conditions().iter().any(Condition::is_blank) {
                let message = "a condition without text never holds";
                found.push(
                    Diagnostic::new(Code::ReleaseTriggerEmpty, path, message)
                        .about(Subject::Config)
                        .with_severity(Severity::Error),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(payment: PaymentTerms) -> SalesOrder {
        let mut order = SalesOrder::new("1");
        order.payment = payment;
        order
    }

    fn judge(policy: &ReleasePolicy, order: &SalesOrder, facts: &ReleaseFacts) -> Result<String, Vec<Code>> {
        let mut found = Vec::new();
        let rule = policy.judge(order, facts, &mut found);
        let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
        assert_eq!(rule.is_some(), codes.is_empty());
        rule.ok_or(codes)
    }

    #[test]
    fn the_default_policy() {
        let policy = ReleasePolicy::default();
        let none = ReleaseFacts::default();
        let rule = judge(&policy, &order(PaymentTerms::Upfront), &none);
        assert_eq!(rule, Ok("upfront: released at once".into()));
        assert!(judge(&policy, &order(PaymentTerms::Invoice), &none).is_ok());
        for payment in [PaymentTerms::OnAccount, PaymentTerms::Hokodo] {
            assert_eq!(judge(&policy, &order(payment), &none), Err(vec![Code::ReleasePending]));
        }
        for payment in [PaymentTerms::Missing, PaymentTerms::Other("barter".into())] {
            assert_eq!(judge(&policy, &order(payment), &none), Err(vec![Code::PaymentTypeUnknown]));
        }
    }

    #[test]
    fn every_default_trigger_names_itself() {
        let policy = ReleasePolicy::default();
        let mut tagged = order(PaymentTerms::OnAccount);
        tagged.tags = vec![" Credit-Approved".into()];
        let none = ReleaseFacts::default();
        assert_eq!(judge(&policy, &tagged, &none), Ok("on_account: tag credit-approved".into()));
        let plain = order(PaymentTerms::OnAccount);
        let facts = ReleaseFacts {
            metadata: vec![("credit_status".into(), "approved".into())],
            ..ReleaseFacts::default()
        };
        assert_eq!(judge(&policy, &plain, &facts), Ok("on_account: metadata credit_status=approved".into()));
        let decided = |decision| ReleaseFacts { credit: Some(decision), ..ReleaseFacts::default() };
        assert_eq!(
            judge(&policy, &plain, &decided(CreditDecision::Approved)),
            Ok("on_account: credit approved".into())
        );
        assert!(judge(&policy, &plain, &decided(CreditDecision::Declined)).is_err());
    }

    #[test]
    fn all_asks_for_everything_and_empty_triggers_never_fire() {
        let both = Trigger::All(vec![
            Condition::Status(vec!["processing".into()]),
            Condition::Credit(CreditDecision::Approved),
        ]);
        let policy = ReleasePolicy { on_account: both, ..ReleasePolicy::default() };
        let mut one = order(PaymentTerms::OnAccount);
        one.status = Some("Processing".into());
        assert!(judge(&policy, &one, &ReleaseFacts::default()).is_err());
        let facts = ReleaseFacts { credit: Some(CreditDecision::Approved), ..ReleaseFacts::default() };
        let rule = judge(&policy, &one, &facts).unwrap();
        assert_eq!(rule, "on_account: status processing and credit approved");
        for trigger in [
            Trigger::All(Vec::new()),
            Trigger::Any(Vec::new()),
            Trigger::All(vec![Condition::Tag("  ".into())]),
        ] {
            let policy = ReleasePolicy { on_account: trigger, ..ReleasePolicy::default() };
            one.tags = vec![String::new()];
            assert!(judge(&policy, &one, &facts).is_err());
            let mut found = Vec::new();
            policy.check(&mut found);
            assert_eq!(found.len(), 1);
        }
    }

    #[test]
    fn only_a_placed_order_leaves() {
        let policy = ReleasePolicy::default();
        for (kind, code) in [
            (OrderKind::Unconfirmed, Code::OrderUnconfirmed),
            (OrderKind::AwaitingApproval, Code::OrderAwaitingApproval),
            (OrderKind::Other("subscription".into()), Code::OrderUnconfirmed),
            (OrderKind::Quote, Code::OrderUnconfirmed),
        ] {
            let mut one = order(PaymentTerms::Upfront);
            one.kind = kind;
            assert_eq!(judge(&policy, &one, &ReleaseFacts::default()), Err(vec![code]));
        }
    }

    #[test]
    fn reads_from_toml() {
        let policy: ReleasePolicy = toml::from_str(
            r#"
            upfront = "release"
            invoice = { when = { any = [{ status = ["processing"] }] } }
            on_account = { all = [{ tag = "ok" }, { credit = "approved" }, { metadata = { key = "a", value = "b" } }] }
            "#,
        )
        .unwrap();
        assert_eq!(policy.on_account.conditions().len(), 3);
        assert!(toml::from_str::<ReleasePolicy>(r#"on_account = "release""#).is_err());
        assert!(toml::from_str::<ReleasePolicy>("upfrnt = \"release\"").is_err());
    }

    fn text() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["", "a", "b", "credit-approved", "approved", "credit_status"]).prop_map(str::to_owned)
    }

    fn condition() -> impl Strategy<Value = Condition> {
        prop_oneof![
            prop::collection::vec(text(), 0..3).prop_map(Condition::Status),
            text().prop_map(Condition::Tag),
            (text(), text()).prop_map(|(key, value)| Condition::Metadata { key, value }),
            Just(Condition::Credit(CreditDecision::Approved)),
        ]
    }

    proptest! {
        #[test]
        fn more_facts_never_hold_what_fewer_released(
            conditions in prop::collection::vec(condition(), 0..4), all in any::<bool>(),
            status in prop::option::of(text()), tags in prop::collection::vec(text(), 0..3),
            metadata in prop::collection::vec((text(), text()), 0..3), extra in text(), approved in any::<bool>(),
        ) {
            let trigger = if all { Trigger::All(conditions) } else { Trigger::Any(conditions) };
            let empty = trigger.conditions().is_empty();
            let policy = ReleasePolicy { on_account: trigger, ..ReleasePolicy::default() };
            let facts = ReleaseFacts { status, tags, metadata, credit: None };
            let mut more = facts.clone();
            more.tags.push(extra.clone());
            more.metadata.push((extra.clone(), extra));
            more.credit = approved.then_some(CreditDecision::Approved);
            let one = order(PaymentTerms::OnAccount);
            let before = judge(&policy, &one, &facts).is_ok();
            let after = judge(&policy, &one, &more).is_ok();
            prop_assert!(!before || after);
            prop_assert!(!(empty && after));
            prop_assert!(judge(&policy, &one, &ReleaseFacts::default()).is_err(), "on account without any fact");
        }
    }
}
