//! What became of the units of one line: always the sum of what was ordered.

use serde::{Deserialize, Serialize};

/// The units of one line. `ordered = despatched + short + cancelled + open` at all times; `open` is derived.
///
/// A change that would break the sum is refused and says what is in its way; nothing saturates.
///
/// ```
/// use order_mapping::LineUnits;
/// # fn main() -> Result<(), order_mapping::UnitsFault> {
/// let line = LineUnits::new(10).despatch(6)?.mark_short(1)?;
/// assert_eq!((line.open(), line.is_settled()), (3, false));
/// assert!(line.cancel(4).is_err());
/// assert!(line.cancel(3)?.is_settled());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Figures")]
pub struct LineUnits {
    ordered: u32,
    despatched: u32,
    short: u32,
    cancelled: u32,
}

/// The stored form, before its sum was checked.
#[derive(Deserialize)]
struct Figures {
    ordered: u32,
    despatched: u32,
    short: u32,
    cancelled: u32,
}

impl TryFrom<Figures> for LineUnits {
    type Error = UnitsFault;

    fn try_from(from: Figures) -> Result<Self, UnitsFault> {
        Self::new(from.ordered)
            .despatch(from.despatched)?
            .mark_short(from.short)?
            .cancel(from.cancelled)
    }
}

/// What was to be done with units of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnitsChange {
    /// They leave the warehouse.
    Despatch,
    /// The warehouse will not send them.
    Short,
    /// They are not wanted any more.
    Cancel,
    /// The ordered quantity becomes another one.
    Amend,
}

impl std::fmt::Display for UnitsChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Despatch => "despatched",
            Self::Short => "short",
            Self::Cancel => "cancelled",
            Self::Amend => "ordered",
        })
    }
}

/// A change that would break the sum of a line. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{units} units cannot be {change}: {open} of {ordered} are open", ordered = self.line.ordered)]
#[non_exhaustive]
pub struct UnitsFault {
    /// What was to be done.
    pub change: UnitsChange,
    /// With how many units.
    pub units: u32,
    /// How many were open.
    pub open: u32,
    /// The line as it is.
    pub line: LineUnits,
}

impl LineUnits {
    /// A line of which nothing has happened yet.
    #[must_use]
    pub const fn new(ordered: u32) -> Self {
        Self {
            ordered,
            despatched: 0,
            short: 0,
            cancelled: 0,
        }
    }

    /// Units ordered.
    #[must_use]
    pub const fn ordered(self) -> u32 {
        self.ordered
    }

    /// Units that left.
    #[must_use]
    pub const fn despatched(self) -> u32 {
        self.despatched
    }

    /// Units that the warehouse will not send.
    #[must_use]
    pub const fn short(self) -> u32 {
        self.short
    }

    /// Units cancelled.
    #[must_use]
    pub const fn cancelled(self) -> u32 {
        self.cancelled
    }

    /// Units still owed to the buyer.
    #[must_use]
    pub const fn open(self) -> u32 {
        // Never below zero: every change keeps the sum.
        self.ordered - self.despatched - self.short - self.cancelled
    }

    /// Whether nothing is owed any more.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        self.open() == 0
    }

    /// After units have left.
    ///
    /// # Errors
    /// [`UnitsFault`] when fewer are open.
    pub fn despatch(self, units: u32) -> Result<Self, UnitsFault> {
        self.within_open(UnitsChange::Despatch, units)?;
        Ok(Self {
            despatched: self.despatched + units,
            ..self
        })
    }

    /// After the warehouse said that it will not send units.
    ///
    /// # Errors
    /// [`UnitsFault`] when fewer are open.
    pub fn mark_short(self, units: u32) -> Result<Self, UnitsFault> {
        self.within_open(UnitsChange::Short, units)?;
        Ok(Self {
            short: self.short + units,
            ..self
        })
    }

    /// After units were cancelled.
    ///
    /// # Errors
    /// [`UnitsFault`] when fewer are open.
    pub fn cancel(self, units: u32) -> Result<Self, UnitsFault> {
        self.within_open(UnitsChange::Cancel, units)?;
        Ok(Self {
            cancelled: self.cancelled + units,
            ..self
        })
    }

    /// After the order was changed to another quantity.
    ///
    /// # Errors
    /// [`UnitsFault`] when more than that is accounted for already.
    pub fn amend(self, ordered: u32) -> Result<Self, UnitsFault> {
        if ordered < self.ordered - self.open() {
            return Err(self.fault(UnitsChange::Amend, ordered));
        }
        Ok(Self { ordered, ..self })
    }

    fn within_open(self, change: UnitsChange, units: u32) -> Result<(), UnitsFault> {
        if units > self.open() {
            return Err(self.fault(change, units));
        }
        Ok(())
    }

    const fn fault(self, change: UnitsChange, units: u32) -> UnitsFault {
        UnitsFault {
            change,
            units,
            open: self.open(),
            line: self,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(line: LineUnits) -> u64 {
        [
            line.despatched(),
            line.short(),
            line.cancelled(),
            line.open(),
        ]
        .into_iter()
        .map(u64::from)
        .sum()
    }

    proptest! {
        #[test]
        fn the_sum_holds_after_any_changes(ordered in any::<u32>(), changes in prop::collection::vec((0u8..4, prop_oneof![0u32..20, any::<u32>()]), 0..20)) {
            let mut line = LineUnits::new(ordered);
            for (kind, units) in changes {
                let before = line;
                let result = match kind {
                    0 => line.despatch(units),
                    1 => line.mark_short(units),
                    2 => line.cancel(units),
                    _ => line.amend(units),
                };
                match result {
                    Ok(next) => {
                        prop_assert!(kind == 3 || next.open() == before.open() - units);
                        line = next;
                    }
                    Err(fault) => {
                        prop_assert_eq!(fault.line, before);
                        prop_assert!(kind == 3 || units > before.open(), "refused without need");
                        prop_assert!(kind != 3 || u64::from(units) < sum(before) - u64::from(before.open()));
                    }
                }
                prop_assert_eq!(sum(line), u64::from(line.ordered()));
            }
            let json = serde_json::to_string(&line).unwrap();
            prop_assert_eq!(serde_json::from_str::<LineUnits>(&json).unwrap(), line);
        }
    }

    #[test]
    fn figures_that_do_not_add_up_are_not_read() {
        let bad = r#"{"ordered":5,"despatched":4,"short":1,"cancelled":1}"#;
        let error = serde_json::from_str::<LineUnits>(bad).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 units cannot be cancelled: 0 of 5 are open"
        );
    }
}
