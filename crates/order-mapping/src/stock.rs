//! What may be promised: stock at the warehouse minus what is already on its way out and a buffer.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, PackRatio, SourceSku, Subject};

/// What is known of one article at the moment of calculation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StockPosition {
    /// Units on the shelf.
    pub on_hand: i64,
    /// Units the warehouse has allocated to orders it knows.
    pub allocated: i64,
    /// Units on the shelf that nobody may buy: in quarantine, damaged.
    pub unsellable: i64,
    /// Units on orders that the stock figure cannot know of yet: see [`in_flight_counts`].
    pub in_flight: i64,
}

/// What may be sold, with the parts that explain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AvailableToPromise {
    /// Units the shop may offer, in the shop's unit and in whole packs; never below zero.
    pub sellable: i64,
    /// Units of the warehouse that are neither promised nor kept back, before packs and the highest figure shown; never below
    /// zero.
    pub units: i64,
    /// Units kept back.
    pub buffer: i64,
    /// Units already promised.
    pub in_flight: i64,
}

/// What the warehouse's figures leave out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeedBasis {
    /// The figures are a picture of one moment; an order accepted later is not in them.
    #[default]
    PeriodicSnapshot,
    /// The figures leave out every accepted order at any moment.
    FeedExcludesAccepted,
}

/// How many units are kept back: the largest of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Buffer {
    /// Units.
    pub fixed: u32,
    /// Per cent of what is on hand and not allocated, rounded up.
    pub percent: u32,
    /// Units sold per day. With the time between two syncs this covers what sells in between.
    pub units_per_day: u32,
    /// Stock is offered in multiples of this many of the shop's units, rounded down.
    pub pack_size: u32,
    /// The highest figure that the shop shows, so that buyers cannot tell how much there is; rounded down to whole packs. No
    /// limit by default.
    pub max_shown: Option<u32>,
}

impl Default for Buffer {
    fn default() -> Self {
        Self {
            fixed: 0,
            percent: 0,
            units_per_day: 0,
            pack_size: 1,
            max_shown: None,
        }
    }
}

/// The buffer of one article.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkuBuffer {
    /// The article in the shop.
    pub sku: SourceSku,
    /// Its buffer.
    pub buffer: Buffer,
}

/// How stock figures become an offer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StockPolicy {
    /// What the warehouse's figures leave out. Assumed: Whistl does not say which kind its stock file is, and the default is
    /// the one that never offers a unit twice.
    pub feed_basis: FeedBasis,
    /// How far the clocks of warehouse and engine may be apart, in seconds. Orders accepted in that time before the snapshot
    /// still count: one too many undersells for one cycle, one too few oversells.
    pub clock_skew_seconds: u32,
    /// Minutes between two stock syncs, for buffers by sales rate.
    pub sync_interval_minutes: u32,
    /// Safety factor on the sales rate, in per cent.
    pub rate_factor_percent: u32,
    /// Buffer of every article without one of its own.
    pub buffer: Buffer,
    /// Buffers of single articles, for example the fast-moving ones.
    pub sku_buffers: Vec<SkuBuffer>,
}

impl Default for StockPolicy {
    fn default() -> Self {
        Self {
            feed_basis: FeedBasis::default(),
            clock_skew_seconds: 60,
            sync_interval_minutes: 15,
            rate_factor_percent: 100,
            buffer: Buffer::default(),
            sku_buffers: Vec::new(),
        }
    }
}

impl StockPolicy {
    fn buffer_of(&self, sku: &SourceSku) -> &Buffer {
        self.sku_buffers
            .iter()
            .find(|one| one.sku == *sku)
            .map_or(&self.buffer, |one| &one.buffer)
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut buffers = vec![("/stock/buffer".to_owned(), &self.buffer)];
        for (index, one) in self.sku_buffers.iter().enumerate() {
            buffers.push((format!("/stock/sku_buffers/{index}/buffer"), &one.buffer));
            if self
                .sku_buffers
                .iter()
                .take(index)
                .any(|other| other.sku == one.sku)
            {
                found.push(
                    Diagnostic::new(
                        Code::ConfigLimitBad,
                        format!("/stock/sku_buffers/{index}/sku"),
                        "this article has a buffer already; only the first is used",
                    )
                    .about(Subject::Config)
                    .with_seen(one.sku.as_str()),
                );
            }
        }
        for (path, buffer) in buffers {
            if buffer.pack_size == 0 {
                let message = "a pack has at least one unit";
                found.push(
                    Diagnostic::new(Code::ConfigLimitBad, format!("{path}/pack_size"), message)
                        .about(Subject::Config),
                );
            }
            if buffer
                .max_shown
                .is_some_and(|most| most < buffer.pack_size.max(1))
            {
                let message = "less than one pack is shown, so nothing ever would be";
                found.push(
                    Diagnostic::new(Code::ConfigLimitBad, format!("{path}/max_shown"), message)
                        .about(Subject::Config),
                );
            }
            if buffer.percent > 100 {
                let message = "more than 100 per cent would never offer anything";
                found.push(
                    Diagnostic::new(Code::ConfigLimitBad, format!("{path}/percent"), message)
                        .about(Subject::Config),
                );
            }
        }
    }
}

/// Units that may be offered: `on hand - allocated - unsellable - in flight - buffer`, never below zero, in whole packs.
///
/// Total over all inputs: figures that make no sense (negative, or beyond any warehouse) saturate instead of overflowing. For many
/// articles, and for pack sizes and kits, see [`crate::AtpCalculator`].
///
/// ```
/// use order_mapping::{SourceSku, StockPolicy, StockPosition, available_to_promise};
/// let mut policy = StockPolicy::default();
/// policy.buffer.fixed = 5;
/// let position = StockPosition { on_hand: 100, allocated: 20, unsellable: 0, in_flight: 10 };
/// let offer = available_to_promise(&position, &policy, &SourceSku::new("MUG-RED"));
/// assert_eq!((offer.sellable, offer.buffer, offer.in_flight), (65, 5, 10));
/// ```
#[must_use]
pub fn available_to_promise(
    position: &StockPosition,
    policy: &StockPolicy,
    sku: &SourceSku,
) -> AvailableToPromise {
    promise(position, policy, policy.buffer_of(sku), PackRatio::ONE)
}

/// The calculation itself, with the article's buffer and pack size found.
pub(crate) fn promise(
    position: &StockPosition,
    policy: &StockPolicy,
    rule: &Buffer,
    ratio: PackRatio,
) -> AvailableToPromise {
    let in_flight = i128::from(position.in_flight).max(0);
    let free = (i128::from(position.on_hand)
        - i128::from(position.allocated).max(0)
        - i128::from(position.unsellable).max(0))
    .max(0);
    let by_share = rounded_up(free * i128::from(rule.percent.min(100)), 100);
    let sold = i128::from(rule.units_per_day)
        * i128::from(policy.sync_interval_minutes)
        * i128::from(policy.rate_factor_percent);
    let by_rate = rounded_up(sold, 24 * 60 * 100);
    let buffer = i128::from(rule.fixed).max(by_share).max(by_rate);
    #[cfg(canary)]
    let buffer = if crate::canary::planted("buffer_forgotten") {
        0
    } else {
        buffer
    };
    let units = saturated((free - in_flight - buffer).max(0));
    let (whole, _) = ratio.to_shop(units.unsigned_abs());
    let shown = rule
        .max_shown
        .map_or(whole, |most| whole.min(u64::from(most)));
    let sellable = shown - shown % u64::from(rule.pack_size.max(1));
    AvailableToPromise {
        sellable: i64::try_from(sellable).unwrap_or(i64::MAX),
        units,
        buffer: saturated(buffer),
        in_flight: saturated(in_flight),
    }
}

/// A quotient of figures that are not negative.
fn rounded_up(sum: i128, by: i128) -> i128 {
    sum / by + i128::from(sum % by > 0)
}

fn saturated(units: i128) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// Whether an order's open units have to be taken off a stock figure that is true for `as_of`.
///
/// An order that the warehouse has not accepted always counts. An accepted one counts under [`FeedBasis::PeriodicSnapshot`]
/// unless it was accepted before `as_of` minus the clock skew, when the snapshot provably holds it; under
/// [`FeedBasis::FeedExcludesAccepted`] it does not count, since the feed leaves it out by itself.
#[must_use]
pub fn in_flight_counts(
    accepted_at: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
    policy: &StockPolicy,
) -> bool {
    let Some(accepted_at) = accepted_at else {
        return true;
    };
    match policy.feed_basis {
        FeedBasis::FeedExcludesAccepted => false,
        FeedBasis::PeriodicSnapshot => as_of
            .checked_sub_signed(TimeDelta::seconds(i64::from(policy.clock_skew_seconds)))
            .is_none_or(|mark| accepted_at >= mark),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_watermark_decides_under_a_snapshot() {
        let policy = StockPolicy::default();
        assert!(in_flight_counts(None, at(0), &policy));
        assert!(in_flight_counts(Some(at(1)), at(0), &policy));
        assert!(
            in_flight_counts(Some(at(-60)), at(0), &policy),
            "within the skew"
        );
        assert!(!in_flight_counts(Some(at(-61)), at(0), &policy));
    }

    #[test]
    fn a_live_feed_knows_accepted_orders() {
        let policy = StockPolicy {
            feed_basis: FeedBasis::FeedExcludesAccepted,
            ..StockPolicy::default()
        };
        assert!(in_flight_counts(None, at(0), &policy));
        assert!(!in_flight_counts(Some(at(500)), at(0), &policy));
    }

    #[test]
    fn the_largest_buffer_wins_and_packs_are_whole() {
        let sku = SourceSku::new("A");
        let policy = StockPolicy {
            sync_interval_minutes: 60,
            rate_factor_percent: 150,
            sku_buffers: vec![SkuBuffer {
                sku: sku.clone(),
                buffer: Buffer {
                    fixed: 3,
                    percent: 10,
                    units_per_day: 240,
                    pack_size: 6,
                    max_shown: None,
                },
            }],
            ..StockPolicy::default()
        };
        let position = StockPosition {
            on_hand: 100,
            ..StockPosition::default()
        };
        // 240 a day is 10 an hour, times 1.5.
        let offer = available_to_promise(&position, &policy, &sku);
        assert_eq!((offer.buffer, offer.sellable), (15, 84));
        let other = available_to_promise(&position, &policy, &SourceSku::new("B"));
        assert_eq!((other.buffer, other.sellable), (0, 100));
    }

    #[test]
    fn unsellable_units_and_the_highest_figure_shown() {
        let mut policy = StockPolicy::default();
        policy.buffer.pack_size = 6;
        policy.buffer.max_shown = Some(20);
        let position = StockPosition {
            on_hand: 100,
            allocated: 10,
            unsellable: 60,
            in_flight: 5,
        };
        let sku = SourceSku::new("A");
        let offer = available_to_promise(&position, &policy, &sku);
        assert_eq!((offer.units, offer.sellable), (25, 18));
        let mut found = Vec::new();
        policy.check(&mut found);
        assert_eq!(found, []);
        policy.buffer.max_shown = Some(5);
        policy.check(&mut found);
        assert_eq!(
            found.first().map(|one| &*one.path),
            Some("/stock/buffer/max_shown")
        );
    }

    proptest! {
        #[test]
        fn never_negative_and_never_more_than_is_there(
            on_hand in any::<i64>(), allocated in any::<i64>(), unsellable in any::<i64>(), in_flight in any::<i64>(),
            max_shown in any::<Option<u32>>(), fixed in any::<u32>(), percent in any::<u32>(), units_per_day in any::<u32>(), pack_size in any::<u32>(),
        ) {
            let policy = StockPolicy { buffer: Buffer { fixed, percent, units_per_day, pack_size, max_shown }, ..StockPolicy::default() };
            let offer = available_to_promise(&StockPosition { on_hand, allocated, unsellable, in_flight }, &policy, &SourceSku::new("A"));
            prop_assert!(offer.sellable >= 0);
            prop_assert!(offer.sellable <= offer.units && offer.units <= on_hand.max(0));
            prop_assert!(max_shown.is_none_or(|most| offer.sellable <= i64::from(most)));
            prop_assert_eq!(offer.sellable % i64::from(pack_size.max(1)), 0);
        }

        #[test]
        fn a_unit_in_flight_never_adds_to_the_offer(on_hand in 0i64..1_000, allocated in 0i64..100, in_flight in 0i64..1_000) {
            let policy = StockPolicy::default();
            let sku = SourceSku::new("A");
            let fewer = available_to_promise(&StockPosition { on_hand, allocated, in_flight, unsellable: 0 }, &policy, &sku);
            let more = available_to_promise(&StockPosition { on_hand, allocated, in_flight: in_flight + 1, unsellable: 0 }, &policy, &sku);
            prop_assert!(more.sellable <= fewer.sellable);
            prop_assert!(fewer.sellable + in_flight + allocated <= on_hand.max(in_flight + allocated));
        }
    }
}
