//! Ranges of weight and value, half open so that neighbours meet without overlapping.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Defines a range with two ends and what else it has.
macro_rules! range {
    ($(#[$meta:meta])* $name:ident { $from:literal, $below:literal $(, $(#[$more:meta])* $member:ident: $type:ty)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            #[doc = $from]
            #[serde(
                with = "rust_decimal::serde::str_option",
                skip_serializing_if = "Option::is_none"
            )]
            #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
            pub from: Option<Decimal>,
            #[doc = $below]
            #[serde(
                with = "rust_decimal::serde::str_option",
                skip_serializing_if = "Option::is_none"
            )]
            #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
            pub below: Option<Decimal>,
            $($(#[$more])* pub $member: $type,)?
        }

        impl $name {
            /// Whether everything is in it.
            #[must_use]
            pub const fn is_open(&self) -> bool {
                self.bounds().is_open()
            }

            pub(super) const fn bounds(&self) -> Bounds {
                Bounds {
                    from: self.from,
                    below: self.below,
                }
            }
        }
    };
}

range! {
    /// A range of weights in kilograms: at least `from`, less than `below`. Decimal texts, since a float would round.
    ///
    /// ```toml
    /// weight_kg = { from = "30", below = "1000" }
    /// ```
    #[derive(Copy)]
    WeightRange {
        "The lightest; none for any.",
        "The weight that is too much; none for any."
    }
}

range! {
    /// A range of order totals: at least `from`, less than `below`, in one currency. An order in another currency is outside.
    ///
    /// ```toml
    /// value = { from = "500", currency = "GBP" }
    /// ```
    ValueRange {
        "The smallest total; none for any.",
        "The total that is too much; none for any.",
        /// The currency of both; needed when one of them is given.
        currency: String
    }
}

/// The two ends of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    from: Option<Decimal>,
    below: Option<Decimal>,
}

impl Bounds {
    pub(super) const fn is_open(&self) -> bool {
        self.from.is_none() && self.below.is_none()
    }

    pub(super) fn holds(&self, value: Decimal) -> bool {
        self.from.is_none_or(|from| value >= from) && self.below.is_none_or(|below| value < below)
    }

    /// Nothing can be in it.
    pub(super) fn is_empty(&self) -> bool {
        match (self.from, self.below) {
            (Some(from), Some(below)) => from >= below,
            (None, Some(below)) => below <= Decimal::ZERO,
            _ => false,
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        let from = self
            .from
            .is_none_or(|mine| other.from.is_some_and(|theirs| mine <= theirs));
        let below = self
            .below
            .is_none_or(|mine| other.below.is_some_and(|theirs| mine >= theirs));
        from && below
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        let before = |a: &Self, b: &Self| match (a.below, b.from) {
            (Some(below), Some(from)) => below <= from,
            _ => false,
        };
        !before(self, other) && !before(other, self)
    }
}
