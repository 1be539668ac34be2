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
            Self::Tag(wanted) => order
                .tags
                .iter()
                .chain(&facts.tags)
                .any(|tag| same(wanted, tag)),
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
            Self::Status(wanted) => {
                wanted.is_empty() || wanted.iter().any(|one| one.trim().is_empty())
            }
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
            Self::All(conditions) => (!conditions.is_empty()
                && conditions.iter().all(|one| holds(&one)))
            .then(|| words(conditions, " and ")),
        }
    }
}

impl std::fmt::Display for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any(conditions) | Self::All(conditions) if conditions.is_empty() => {
                f.write_str("no condition")
            }
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
    pub(crate) fn judge(
        &self,
        order: &SalesOrder,
        facts: &ReleaseFacts,
        found: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let placed = match &order.kind {
            OrderKind::Order => true,
            OrderKind::AwaitingApproval => {
                let message = "somebody of the buying company has to approve the order";
                found.push(Diagnostic::new(
                    Code::OrderAwaitingApproval,
                    "/kind",
                    message,
                ));
                false
            }
            OrderKind::Other(text) => {
                let message = "this kind of record is not known, so it is not taken for an order";
                found.push(
                    Diagnostic::new(Code::OrderUnconfirmed, "/kind", message).with_seen(text),
                );
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
                found.push(Diagnostic::new(
                    Code::PaymentTypeUnknown,
                    "/payment",
                    message,
                ));
                return None;
            }
            PaymentTerms::Other(text) => {
                let message = "this way of payment is not known";
                found.push(
                    Diagnostic::new(Code::PaymentTypeUnknown, "/payment", message).with_seen(text),
                );
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
                found.push(
                    Diagnostic::new(Code::ReleaseTriggerEmpty, path, message)
                        .about(Subject::Config),
                );
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
mod tests;
