//! The statuses of a shipment, and the table of the texts that a tracking feed has for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, Subject, TrackingEvent};

/// Where a shipment is, in one vocabulary for every carrier.
///
/// Ordered: a status that proves more comes later, and the furthest one counts. First the conditions, which say nothing about the
/// way ([`ShipmentStatus::is_milestone`]); then the way itself. What is only said (cancelled, lost) comes before what is seen:
/// goods that were cancelled and then collected are on their way, goods that were lost and then delivered are delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ShipmentStatus {
    /// A text that the table does not know; the text is kept.
    Other(String),
    /// Kept back by the carrier or by customs.
    Held,
    /// Something went wrong on the way; it may still arrive.
    Incident,
    /// The carrier knows of it: a label or a pre-advice.
    Booked,
    /// Called off before it left.
    Cancelled,
    /// The carrier has it.
    Collected,
    /// On its way.
    InTransit,
    /// At a depot.
    AtDepot,
    /// On the van.
    OutForDelivery,
    /// Nobody took it.
    DeliveryAttempted,
    /// Waiting at a shop or depot for the receiver.
    AwaitingCollection,
    /// On its way back.
    ReturningToSender,
    /// The carrier cannot find it.
    Lost,
    /// The carrier gave it up as damaged.
    Damaged,
    /// The receiver has it.
    Delivered,
    /// Back at the sender.
    Returned,
}

impl ShipmentStatus {
    /// Whether it is a step of the way. The others, [`ShipmentStatus::Held`], [`ShipmentStatus::Incident`] and
    /// [`ShipmentStatus::Other`], are conditions on the way: they come and go and never move a shipment.
    #[must_use]
    pub const fn is_milestone(&self) -> bool {
        !matches!(self, Self::Other(_) | Self::Held | Self::Incident)
    }

    /// Whether no more is expected. An unexpected event may still carry a shipment on, for example a return after delivery.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Cancelled | Self::Lost | Self::Damaged | Self::Delivered | Self::Returned
        )
    }
}

/// In words for people. The text of [`ShipmentStatus::Other`] is the feed's own and is not repeated.
impl std::fmt::Display for ShipmentStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Other(_) => "of unknown status",
            Self::Held => "held",
            Self::Incident => "with an incident",
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Collected => "collected",
            Self::InTransit => "in transit",
            Self::AtDepot => "at a depot",
            Self::OutForDelivery => "out for delivery",
            Self::DeliveryAttempted => "delivery attempted",
            Self::AwaitingCollection => "awaiting collection",
            Self::ReturningToSender => "returning to sender",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        })
    }
}

/// One row of the status table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusRule {
    /// The text of the feed. White space around it and ASCII case do not count.
    pub raw: String,
    /// What it means.
    pub status: ShipmentStatus,
}

/// What the status texts of the tracking feed mean.
///
/// The default rows are the event category numbers of Parcelhub's tracking interface, which carries the parcels of a Whistl
/// warehouse. That the numbers 1 to 8 occur is seen in use; their meanings are **assumed**, after the mapping of one integrator:
///
/// | Category | Status | Remark |
/// |---|---|---|
/// | 1 | delivered | |
/// | 2, 3 | in transit | 3 may be out for delivery; the lesser claim cannot do harm |
/// | 4 | incident | |
/// | 5, 8 | held | |
/// | 6 | none | seen, but nobody knows what it means; it is reported as unknown |
/// | 7 | booked | mapped to in transit by one integrator, left out like a pre-advice by another |
///
/// Rows in the configuration replace the default ones altogether.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use order_mapping::{Profile, ShipmentStatus};
/// let profile: Profile = toml::from_str(r#"
///     [[shipment.statuses]]
///     raw = "Out for delivery"
///     status = "out_for_delivery"
/// "#)?;
/// assert_eq!(profile.shipment.status("OUT FOR DELIVERY"), ShipmentStatus::OutForDelivery);
/// assert_eq!(profile.shipment.status("1"), ShipmentStatus::Other("1".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusTable {
    /// The rows.
    pub statuses: Vec<StatusRule>,
}

impl Default for StatusTable {
    fn default() -> Self {
        let row = |raw: &str, status| StatusRule {
            raw: raw.to_owned(),
            status,
        };
        Self {
            statuses: vec![
                row("1", ShipmentStatus::Delivered),
                row("2", ShipmentStatus::InTransit),
                row("3", ShipmentStatus::InTransit),
                row("4", ShipmentStatus::Incident),
                row("5", ShipmentStatus::Held),
                row("7", ShipmentStatus::Booked),
                row("8", ShipmentStatus::Held),
            ],
        }
    }
}

impl StatusTable {
    /// What a text of the feed means; [`ShipmentStatus::Other`] with the text, trimmed, when no row has it. Nothing is guessed.
    #[must_use]
    pub fn status(&self, raw: &str) -> ShipmentStatus {
        let raw = raw.trim();
        self.statuses
            .iter()
            .find(|rule| rule.raw.trim().eq_ignore_ascii_case(raw))
            .map_or_else(
                || ShipmentStatus::Other(raw.to_owned()),
                |rule| rule.status.clone(),
            )
    }

    /// The event that the feed reports with this text.
    pub fn event(&self, at: DateTime<Utc>, raw: impl Into<String>) -> TrackingEvent {
        let raw = raw.into();
        let status = self.status(&raw);
        TrackingEvent::new(at, raw, status)
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (index, rule) in self.statuses.iter().enumerate() {
            let mut report = |member: &str, message: &'static str| {
                let path = format!("/shipment/statuses/{index}/{member}");
                found.push(
                    Diagnostic::new(Code::ConfigLimitBad, path, message)
                        .about(Subject::Config)
                        .with_seen(&rule.raw),
                );
            };
            if rule.raw.trim().is_empty() {
                report("raw", "a row without text would give a meaning to nothing");
            }
            if matches!(rule.status, ShipmentStatus::Other(_)) {
                report("status", "a row has to name a known status");
            }
            let raw = rule.raw.trim();
            let mut earlier = self.statuses.iter().take(index);
            if earlier.any(|other| other.raw.trim().eq_ignore_ascii_case(raw)) {
                report("raw", "this text has a row already; only the first is used");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_table_has_the_evidenced_categories() {
        let table = StatusTable::default();
        for (raw, status) in [
            ("1", ShipmentStatus::Delivered),
            (" 2 ", ShipmentStatus::InTransit),
            ("3", ShipmentStatus::InTransit),
            ("4", ShipmentStatus::Incident),
            ("5", ShipmentStatus::Held),
            ("6", ShipmentStatus::Other("6".into())),
            ("7", ShipmentStatus::Booked),
            ("8", ShipmentStatus::Held),
            ("", ShipmentStatus::Other(String::new())),
            ("11", ShipmentStatus::Other("11".into())),
        ] {
            assert_eq!(table.status(raw), status, "{raw}");
        }
        let mut found = Vec::new();
        table.check(&mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn the_check_finds_rows_that_cannot_be_used() {
        let rule = |raw: &str, status| StatusRule {
            raw: raw.into(),
            status,
        };
        let table = StatusTable {
            statuses: vec![
                rule("delivered", ShipmentStatus::Delivered),
                rule(" ", ShipmentStatus::InTransit),
                rule("odd", ShipmentStatus::Other("odd".into())),
                rule(" DELIVERED", ShipmentStatus::Lost),
            ],
        };
        let mut found = Vec::new();
        table.check(&mut found);
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        for (line, path) in lines.iter().zip(["1/raw", "2/status", "3/raw"]) {
            assert!(
                line.contains(&format!("/shipment/statuses/{path}")),
                "{line}"
            );
        }
        assert_eq!(table.status("Delivered"), ShipmentStatus::Delivered);
    }
}
