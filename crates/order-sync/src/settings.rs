//! What the engine is told about itself: times, limits, sizes.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::AmendField;
use serde::{Deserialize, Serialize};

use crate::{GuardSettings, PortError, ServiceLevels};

/// The last state of an order in which a part of it can be changed at the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CutOff {
    /// Once the warehouse has the order it is not changed any more.
    Never,
    /// As long as nothing has left.
    Accepted,
    /// As long as something is still to leave.
    PartDespatched,
}

/// Times, limits and sizes of the engine. `Default` is meant for live use; test profiles shorten the times.
///
/// Durations are whole milliseconds in configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Read no order that changed before this moment.
    pub start_from: Option<DateTime<Utc>>,
    /// How far each reading of the shop reaches back behind the last one. Default 10 minutes.
    #[serde(with = "millis")]
    pub overlap: Duration,
    /// How often the shop's last days are read again whatever the watermark says, for what never showed in its listing of changes.
    /// Default 24 hours.
    #[serde(with = "millis")]
    pub sweep_every: Duration,
    /// How far such a sweep reaches back; every seventh one reaches back thirteen times as far. Default 7 days (so 91 days).
    #[serde(with = "millis")]
    pub sweep_back: Duration,
    /// Orders captured in one go before they are judged and sent. Keeps memory flat when very many come at once. Default 2,000.
    pub capture_chunk: usize,
    /// Orders on record that are not at the warehouse yet, beyond which no further ones are read from the shop, which keeps them.
    /// Default 50,000.
    pub backlog_limit: u64,
    /// How old the articles that the other flows work with may become before they read the catalogue themselves. Default 15 minutes.
    #[serde(with = "millis")]
    pub catalogue_max_age: Duration,
    /// How long the personal data of an order is kept after its end. Default: for ever.
    #[serde(with = "optional_millis")]
    pub personal_data_kept: Option<Duration>,
    /// Raise an exception when the profile in use has no approval on record. Default off.
    pub approval_required: bool,
    /// How long the shop may take until a change shows in its listing; readings end that long before its present. Default 5 s.
    #[serde(with = "millis")]
    pub source_lag: Duration,
    /// How long a claim holds. Default 60 s. A call begins only within the first 0.6 of it.
    #[serde(with = "millis")]
    pub lease: Duration,
    /// How long an order with an unknown outcome rests before the warehouse is asked. Default 10 minutes: longer than any
    /// gateway time-out and look-up lag of a vendor that publishes neither.
    #[serde(with = "millis")]
    pub settle: Duration,
    /// How often a dropped file is looked after. Default 1 minute.
    #[serde(with = "millis")]
    pub acknowledge_poll: Duration,
    /// First wait after a failure; doubles each time, up to [`Settings::backoff_cap`]. Default 5 s.
    #[serde(with = "millis")]
    pub backoff: Duration,
    /// Longest wait after a failure. Default 15 minutes.
    #[serde(with = "millis")]
    pub backoff_cap: Duration,
    /// Failures in a row after which an order is parked. Default 8.
    pub park_after_failures: u32,
    /// Time without a definite answer after which an order is parked. Default 24 hours.
    #[serde(with = "millis")]
    pub park_after: Duration,
    /// How long after a relay the shop is read again to prove it. Default 5 minutes.
    #[serde(with = "millis")]
    pub proof_delay: Duration,
    /// How long to wait before parcels that vanished from the shop again are written again. Default 15 minutes: whatever
    /// overwrites the record does so on a schedule of its own. The first time they are written again at once.
    #[serde(with = "millis")]
    pub rewrite_pause: Duration,
    /// How long a parcel may be invisible in the shop before it is an exception. Default 1 hour.
    #[serde(with = "millis")]
    pub tracking_alarm_after: Duration,
    /// How often the carrier is asked after a parcel on its way, where there is a [`crate::TrackingSource`]. Default 1 hour
    /// (assumed: no carrier of the warehouse publishes how often it may be asked).
    #[serde(with = "millis")]
    pub tracking_every: Duration,
    /// Parcels asked after in one run of the despatches flow; the rest is due in the next, those that are due longest first.
    /// Default 200.
    pub tracking_per_run: usize,
    /// How long after its despatch a parcel is watched at most. Default 30 days.
    #[serde(with = "millis")]
    pub tracking_for: Duration,
    /// How long after its despatch a parcel may be without any scan of the carrier: its label was printed, and nobody took it.
    /// Default 72 hours (assumed: what leaves on a Friday is scanned on Monday at the latest).
    #[serde(with = "millis")]
    pub no_movement_after: Duration,
    /// How long an order may be captured and not transmitted before it is an orphan. Default 4 hours.
    #[serde(with = "millis")]
    pub orphan_after: Duration,
    /// Orders, look-ups and writes under way at once. Default 8.
    pub in_flight: usize,
    /// Orders claimed at once. Default 64.
    pub batch: usize,
    /// Difference of a stock level that counts as drift. Default 1 unit.
    pub drift_tolerance: u32,
    /// Share of the level, in per cent, that the difference has to reach as well. Default 0.
    pub drift_tolerance_percent: u32,
    /// Status texts of the shop that mean "cancelled". Default `cancelled`.
    pub cancelled_statuses: Vec<String>,
    /// Working minutes until an exception is escalated, by code. Default: by kind and severity, see [`ServiceLevels::minutes`].
    pub service_levels: ServiceLevels,
    /// Customer groups whose exceptions come first, the most important one first. Default: none.
    pub priority_groups: Vec<String>,
    /// Until when each part of an order can be changed at the warehouse. Default `accepted` for every part but the PO number, which
    /// is `part_despatched` (assumed: how long a site lets an order be changed is agreed with the site).
    pub cut_offs: BTreeMap<AmendField, CutOff>,
    /// How long a sink is left alone with more of the same after an alert. Default 15 minutes.
    #[serde(with = "millis")]
    pub alert_quiet: Duration,
    /// When calls to a failing port are not made any more.
    pub guard: GuardSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start_from: None,
            overlap: Duration::from_secs(600),
            sweep_every: Duration::from_secs(24 * 3600),
            sweep_back: Duration::from_secs(7 * 24 * 3600),
            capture_chunk: 2_000,
            backlog_limit: 50_000,
            catalogue_max_age: Duration::from_secs(900),
            personal_data_kept: None,
            approval_required: false,
            source_lag: Duration::from_secs(5),
            lease: Duration::from_secs(60),
            settle: Duration::from_secs(600),
            acknowledge_poll: Duration::from_secs(60),
            backoff: Duration::from_secs(5),
            backoff_cap: Duration::from_secs(900),
            park_after_failures: 8,
            park_after: Duration::from_secs(24 * 3600),
            proof_delay: Duration::from_secs(300),
            rewrite_pause: Duration::from_secs(900),
            tracking_alarm_after: Duration::from_secs(3600),
            tracking_every: Duration::from_secs(3600),
            tracking_per_run: 200,
            tracking_for: Duration::from_secs(30 * 24 * 3600),
            no_movement_after: Duration::from_secs(72 * 3600),
            orphan_after: Duration::from_secs(4 * 3600),
            in_flight: 8,
            batch: 64,
            drift_tolerance: 1,
            drift_tolerance_percent: 0,
            cancelled_statuses: vec!["cancelled".to_owned()],
            service_levels: ServiceLevels::default(),
            priority_groups: Vec::new(),
            cut_offs: BTreeMap::new(),
            alert_quiet: Duration::from_secs(900),
            guard: GuardSettings::default(),
        }
    }
}

impl Settings {
    /// What is contradictory or out of range, one line each with the remedy; empty when all is well.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        let mut faults = self.guard.check();
        if self.in_flight == 0 {
            faults.push("`in_flight` is 0: nothing would ever be sent; set at least 1".to_owned());
        }
        if self.batch == 0 {
            faults.push("`batch` is 0: nothing would ever be claimed; set at least 1".to_owned());
        }
        if self.capture_chunk == 0 {
            faults.push(
                "`capture_chunk` is 0: nothing would ever be captured; set at least 1".to_owned(),
            );
        }
        if self.backlog_limit == 0 {
            faults.push(
                "`backlog_limit` is 0: nothing would ever be captured; set at least 1".to_owned(),
            );
        }
        if self.lease < Duration::from_secs(1) {
            faults.push(
                "`lease` is under 1 s: no call fits into it; set at least 1000 (ms)".to_owned(),
            );
        }
        if self.settle.is_zero() {
            faults.push(
                "`settle` is 0: an order would be asked for while its call may still be under way; set minutes (in ms) for a real warehouse"
                    .to_owned(),
            );
        }
        if self.tracking_per_run == 0 {
            faults.push(
                "`tracking_per_run` is 0: no parcel would ever be asked after; set at least 1, or give no tracking source"
                    .to_owned(),
            );
        }
        if self.tracking_every < Duration::from_secs(1) {
            faults.push(
                "`tracking_every` is under 1 s: the carrier would be asked without end; set minutes (in ms)"
                    .to_owned(),
            );
        }
        if self.park_after_failures == 0 {
            faults.push(
                "`park_after_failures` is 0: every order would be parked; set at least 1"
                    .to_owned(),
            );
        }
        const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
        for (name, duration) in [
            ("overlap", self.overlap),
            ("source_lag", self.source_lag),
            ("sweep_every", self.sweep_every),
            ("sweep_back", self.sweep_back),
            ("catalogue_max_age", self.catalogue_max_age),
            ("lease", self.lease),
            ("settle", self.settle),
            ("acknowledge_poll", self.acknowledge_poll),
            ("backoff", self.backoff),
            ("backoff_cap", self.backoff_cap),
            ("park_after", self.park_after),
            ("proof_delay", self.proof_delay),
            ("rewrite_pause", self.rewrite_pause),
            ("tracking_alarm_after", self.tracking_alarm_after),
            ("tracking_every", self.tracking_every),
            ("tracking_for", self.tracking_for),
            ("no_movement_after", self.no_movement_after),
            ("orphan_after", self.orphan_after),
            ("alert_quiet", self.alert_quiet),
        ] {
            if duration > LONGEST {
                faults.push(format!(
                    "`{name}` is longer than a year; it counts milliseconds"
                ));
            }
        }
        if self.backoff > self.backoff_cap {
            faults.push(
                "`backoff` is longer than `backoff_cap`; lower the one or raise the other"
                    .to_owned(),
            );
        }
        faults.extend(self.service_levels.check());
        faults
    }

    /// Until when a part of an order can be changed at the warehouse.
    #[must_use]
    pub fn cut_off(&self, field: AmendField) -> CutOff {
        let otherwise = match field {
            AmendField::PurchaseOrder => CutOff::PartDespatched,
            _ => CutOff::Accepted,
        };
        self.cut_offs.get(&field).copied().unwrap_or(otherwise)
    }

    /// The longest time a create call may take: it has to end well within its lease.
    #[must_use]
    pub fn longest_create(&self) -> Duration {
        self.lease.mul_f64(0.4)
    }

    /// The wait after a call that failed after `failures` failures in a row: the back-off, or as long as the other side asked for if
    /// that is longer. A wait beyond [`Settings::park_after`] would be no wait but a way to lose the order.
    pub(crate) fn wait_after(&self, failures: u32, error: &PortError) -> chrono::Duration {
        let asked = error.retry_after().map(|wait| wait.min(self.park_after));
        #[cfg(canary)]
        let asked = asked.filter(|_| !crate::canary::planted("wait_forgotten"));
        let backoff = self.backoff_after(failures);
        asked.map_or(backoff, |wait| to_chrono(wait).max(backoff))
    }

    /// The wait after `failures` failures in a row.
    #[must_use]
    pub fn backoff_after(&self, failures: u32) -> chrono::Duration {
        let doubled = self
            .backoff
            .saturating_mul(1_u32.checked_shl(failures.min(20)).unwrap_or(u32::MAX));
        to_chrono(doubled.min(self.backoff_cap))
    }
}

/// A duration in chrono's type; what does not fit (hundreds of millions of years) is the longest it knows.
pub(crate) fn to_chrono(duration: Duration) -> chrono::Duration {
    chrono::Duration::from_std(duration).unwrap_or(chrono::Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_no_calendar_holds_is_refused_instead_of_overflowing_later() {
        let mut settings = Settings::default();
        assert_eq!(settings.check(), Vec::<String>::new());
        settings.settle = Duration::from_millis(u64::MAX);
        assert_eq!(settings.check().len(), 1);
    }
}

/// Durations as whole milliseconds.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// A duration as whole milliseconds, or none.
mod optional_millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .map(|value| u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}
