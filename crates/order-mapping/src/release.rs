//! The release gate: whether an order may leave, and which rule said so.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::text::trimmed;
use crate::{
    Arg, Code, Diagnostic, OrderKind, PaymentKind, PaymentTerms, RuleName, SalesOrder, Severity,
    Subject,
};

/// A decision on the buyer's credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The moment of judging. This crate has no clock: without it no time has passed, and what waits for time waits on.
    pub now: Option<DateTime<Utc>>,
}

/// One condition of a trigger. Texts are compared trimmed and without regard to ASCII case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
    /// The way of payment is one of these.
    Payment(Vec<PaymentKind>),
    /// The kind of record is one of these, by the names of SparkLayer: `order`, `order_unconfirmed`.
    OrderType(Vec<String>),
    /// At least so many minutes have passed since the order was placed. Needs [`ReleaseFacts::now`].
    MinutesSincePlaced(u32),
    /// One of these holds.
    Any(Vec<Condition>),
    /// All of these hold.
    All(Vec<Condition>),
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
            Self::Payment(wanted) => {
                PaymentKind::of(&order.payment).is_some_and(|kind| wanted.contains(&kind))
            }
            Self::OrderType(wanted) => wanted.iter().any(|one| same(one, order.kind.as_str())),
            Self::MinutesSincePlaced(minutes) => time_left(order, facts, *minutes) == Waiting::Over,
            Self::Any(inner) => inner.iter().any(|one| one.holds(order, facts)),
            Self::All(inner) => {
                !inner.is_empty() && inner.iter().all(|one| one.holds(order, facts))
            }
        }
    }

    /// Whether it takes somebody's decision about this order to fulfil it, and not merely that the order is there.
    fn is_decisive(&self) -> bool {
        match self {
            Self::Status(_) | Self::Tag(_) | Self::Metadata { .. } | Self::Credit(_) => true,
            Self::Payment(_) | Self::OrderType(_) | Self::MinutesSincePlaced(_) => false,
            Self::Any(inner) => inner.iter().all(Self::is_decisive),
            Self::All(inner) => inner.iter().any(Self::is_decisive),
        }
    }

    /// An empty text would match records that merely lack the fact. Such a condition, and a list that holds one, is not used.
    fn is_blank(&self) -> bool {
        match self {
            Self::Status(wanted) | Self::OrderType(wanted) => {
                wanted.is_empty() || wanted.iter().any(|one| one.trim().is_empty())
            }
            Self::Tag(wanted) => wanted.trim().is_empty(),
            Self::Metadata { key, value } => key.trim().is_empty() || value.trim().is_empty(),
            Self::Payment(wanted) => wanted.is_empty(),
            Self::Any(inner) | Self::All(inner) => {
                inner.is_empty() || inner.iter().any(Self::is_blank)
            }
            Self::Credit(_) | Self::MinutesSincePlaced(_) => false,
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
            Self::Payment(wanted) => write!(f, "payment {}", words(wanted, " or ")),
            Self::OrderType(wanted) => write!(f, "order type {}", wanted.join(" or ")),
            Self::MinutesSincePlaced(minutes) => write!(f, "{minutes} minutes since placed"),
            Self::Any(inner) => write!(f, "({})", words(inner, " or ")),
            Self::All(inner) => write!(f, "({})", words(inner, " and ")),
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    let (a, b) = (trimmed(a), trimmed(b));
    // What holds is nearly always written alike.
    a == b || a.eq_ignore_ascii_case(b)
}

/// How far a wait that began with the order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Over,
    /// It ends by itself at this moment.
    Until(DateTime<Utc>),
    /// When the order was placed is not known, so the wait cannot end.
    NeverBegan,
}

fn time_left(order: &SalesOrder, facts: &ReleaseFacts, minutes: u32) -> Waiting {
    let end = order
        .placed_at
        .and_then(|placed| placed.checked_add_signed(TimeDelta::minutes(i64::from(minutes))));
    match (end, facts.now) {
        (None, _) => Waiting::NeverBegan,
        (Some(end), Some(now)) if now >= end => Waiting::Over,
        (Some(end), _) => Waiting::Until(end),
    }
}

/// Conditions, combined. Without any condition a trigger never fires, under `all` too. Conditions may be nested.
///
/// Conditions only ever release; there is no veto. To let a declined credit keep an order back, ask for
/// `credit = "approved"` under `all`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

fn words(parts: &[impl std::fmt::Display], between: &str) -> String {
    let texts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    texts.join(between)
}

/// What happens to orders of one way of payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReleasePolicy {
    /// Paid before the order was placed.
    pub upfront: PaymentRule,
    /// Pay by invoice.
    pub invoice: PaymentRule,
    /// Financed by Hokodo.
    pub hokodo: PaymentRule,
    /// Pay on account. Always needs a trigger that takes a decision (status, tag, metadata, credit): there is no way to configure
    /// "release at once", and a condition that every order fulfils by itself or after a while is not used here.
    pub on_account: Trigger,
    /// What lets an order go that the shop has not confirmed (a draft on the platform); as for `on_account` it takes a decision.
    /// Without it such an order is held until the shop confirms it. Carts, quotes and orders that wait for the buying company's approval never go.
    pub unconfirmed: Option<Trigger>,
    /// Minutes in which a placed order is held back, so that the buyer can still change it. 0 for none.
    pub grace_minutes: u32,
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
            unconfirmed: None,
            grace_minutes: 0,
        }
    }
}

impl ReleasePolicy {
    /// The policy with every name and message written out, so that judging an order writes nothing.
    pub(crate) fn compile(&self) -> ReleaseGate {
        let gate = |name: &str, rule: &PaymentRule| match rule {
            PaymentRule::Release => Gate::Open(RuleName::new(format!("{name}: released at once"))),
            PaymentRule::Hold => Gate::Shut(format!(
                "orders paid by {name} are kept back by the profile"
            )),
            PaymentRule::When(trigger) => Gate::When(CompiledTrigger::new(
                trigger,
                name,
                format!("orders paid by {name} wait for {trigger}"),
                false,
            )),
        };
        ReleaseGate {
            upfront: gate("upfront", &self.upfront),
            invoice: gate("invoice", &self.invoice),
            hokodo: gate("hokodo", &self.hokodo),
            on_account: Gate::When(CompiledTrigger::new(
                &self.on_account,
                "on_account",
                format!("orders paid by on_account wait for {}", self.on_account),
                true,
            )),
            unconfirmed: self.unconfirmed.as_ref().map(|trigger| {
                CompiledTrigger::new(
                    trigger,
                    "unconfirmed",
                    format!("the draft has not been completed in the shop; it waits for {trigger}"),
                    true,
                )
            }),
            grace_minutes: self.grace_minutes,
        }
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut triggers = vec![("/release/on_account", &self.on_account, true)];
        for (path, rule) in [
            ("/release/upfront", &self.upfront),
            ("/release/invoice", &self.invoice),
            ("/release/hokodo", &self.hokodo),
        ] {
            if let PaymentRule::When(trigger) = rule {
                triggers.push((path, trigger, false));
            }
        }
        if let Some(trigger) = &self.unconfirmed {
            triggers.push(("/release/unconfirmed", trigger, true));
        }
        for (path, trigger, needs_decision) in triggers {
            let conditions = trigger.conditions();
            let mut report = |message: &'static str, severity: Severity| {
                let fault = Diagnostic::new(Code::ReleaseTriggerEmpty, path, message);
                found.push(fault.about(Subject::Config).with_severity(severity));
            };
            if conditions.is_empty() {
                report(
                    "a trigger without conditions never releases",
                    Severity::Warning,
                );
            } else if conditions.iter().any(Condition::is_blank) {
                report("a condition without text never holds", Severity::Error);
            }
            let decisive = match trigger {
                Trigger::Any(_) => conditions.iter().all(Condition::is_decisive),
                Trigger::All(_) => {
                    conditions.is_empty() || conditions.iter().any(Condition::is_decisive)
                }
            };
            if needs_decision && !decisive {
                report(
                    "a condition that takes nobody's decision (payment, order type, time) cannot release here; it is not used",
                    Severity::Error,
                );
            }
        }
    }
}

/// A [`ReleasePolicy`], ready to judge.
#[derive(Debug, Clone)]
pub(crate) struct ReleaseGate {
    upfront: Gate,
    invoice: Gate,
    hokodo: Gate,
    on_account: Gate,
    unconfirmed: Option<CompiledTrigger>,
    grace_minutes: u32,
}

#[derive(Debug, Clone)]
enum Gate {
    Open(RuleName),
    Shut(String),
    When(CompiledTrigger),
}

/// Conditions with the name that each gives to a release.
#[derive(Debug, Clone)]
struct CompiledTrigger {
    conditions: Vec<(Condition, RuleName)>,
    /// The name when every condition has to hold; none when one is enough.
    all: Option<RuleName>,
    waits: String,
}

impl CompiledTrigger {
    /// A trigger that `needs_decision` leaves out alternatives that take none, and any trigger those without text; if none is left it
    /// never fires.
    fn new(trigger: &Trigger, name: &str, waits: String, needs_decision: bool) -> Self {
        let named = |condition: &Condition| {
            (
                condition.clone(),
                RuleName::new(format!("{name}: {condition}")),
            )
        };
        let decisive = |condition: &Condition| !needs_decision || condition.is_decisive();
        let conditions = trigger.conditions();
        let used: Vec<(Condition, RuleName)> = match trigger {
            Trigger::Any(_) => {
                let usable = |one: &&Condition| decisive(one) && !one.is_blank();
                conditions.iter().filter(usable).map(named).collect()
            }
            Trigger::All(_)
                if conditions.iter().any(decisive)
                    && !conditions.iter().any(Condition::is_blank) =>
            {
                conditions.iter().map(named).collect()
            }
            Trigger::All(_) => Vec::new(),
        };
        Self {
            conditions: used,
            all: matches!(trigger, Trigger::All(_))
                .then(|| RuleName::new(format!("{name}: {trigger}"))),
            waits,
        }
    }

    /// The name of what fired; none when nothing did.
    fn fired(&self, order: &SalesOrder, facts: &ReleaseFacts) -> Option<&RuleName> {
        let holds = |(condition, _): &&(Condition, RuleName)| condition.holds(order, facts);
        match &self.all {
            None => self.conditions.iter().find(holds).map(|(_, name)| name),
            Some(name) => (!self.conditions.is_empty()
                && self.conditions.iter().all(|one| holds(&one)))
            .then_some(name),
        }
    }
}

impl ReleaseGate {
    /// The name of the rule that releases the order; what keeps it goes to `found`.
    pub(crate) fn judge(
        &self,
        order: &SalesOrder,
        facts: &ReleaseFacts,
        found: &mut Vec<Diagnostic>,
    ) -> Option<RuleName> {
        let before = found.len();
        self.judge_kind(order, facts, found);
        self.judge_grace(order, facts, found);
        let gate = match &order.payment {
            PaymentTerms::Upfront => &self.upfront,
            PaymentTerms::Invoice => &self.invoice,
            PaymentTerms::Hokodo => &self.hokodo,
            PaymentTerms::OnAccount => &self.on_account,
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
        let pending =
            |message: &str| Diagnostic::new(Code::ReleasePending, "/payment", message.to_owned());
        let released = match gate {
            Gate::Open(name) => Some(name),
            Gate::Shut(message) => {
                found.push(pending(message));
                None
            }
            Gate::When(trigger) => {
                let fired = trigger.fired(order, facts);
                if fired.is_none() {
                    found.push(match facts.credit {
                        Some(CreditDecision::Declined) => {
                            pending(&format!("{}; the credit was declined", trigger.waits))
                        }
                        _ => pending(&trigger.waits),
                    });
                }
                fired
            }
        };
        released.filter(|_| found.len() == before).cloned()
    }

    /// Whether the record is an order at all, and placed.
    fn judge_kind(&self, order: &SalesOrder, facts: &ReleaseFacts, found: &mut Vec<Diagnostic>) {
        let mut say = |code: Code, message: &str| {
            let fault = Diagnostic::new(code, "/kind", message.to_owned());
            found.push(match &order.kind {
                OrderKind::Other(text) => fault.with_seen(text),
                _ => fault,
            });
        };
        match &order.kind {
            OrderKind::Order => {}
            OrderKind::AwaitingApproval => say(
                Code::OrderAwaitingApproval,
                "somebody of the buying company has to approve the order",
            ),
            OrderKind::Other(_) => say(
                Code::OrderUnconfirmed,
                "this kind of record is not known, so it is not taken for an order",
            ),
            OrderKind::Unconfirmed => match &self.unconfirmed {
                None => say(
                    Code::OrderUnconfirmed,
                    "the draft has not been completed in the shop",
                ),
                Some(trigger) if trigger.fired(order, facts).is_none() => {
                    say(Code::OrderUnconfirmed, &trigger.waits);
                }
                Some(_) => {}
            },
            OrderKind::Quote | OrderKind::Cart => {
                say(Code::OrderUnconfirmed, "a quote or cart is no order");
            }
        }
    }

    fn judge_grace(&self, order: &SalesOrder, facts: &ReleaseFacts, found: &mut Vec<Diagnostic>) {
        if self.grace_minutes == 0 {
            return;
        }
        const PATH: &str = "/placed_at";
        match time_left(order, facts, self.grace_minutes) {
            Waiting::Over => {}
            Waiting::Until(end) => {
                let message = format!(
                    "the buyer may still change the order until {}",
                    end.format("%Y-%m-%d %H:%M UTC")
                );
                found.push(
                    Diagnostic::new(Code::ReleaseGrace, PATH, message).with_arg(Arg::Until(end)),
                );
            }
            Waiting::NeverBegan => {
                let message =
                    "when the order was placed is not known, so its grace window never ends";
                found.push(Diagnostic::new(Code::ReleaseGrace, PATH, message));
            }
        }
    }
}

#[cfg(test)]
mod tests;
