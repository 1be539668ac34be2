//! How many units of an article the warehouse picks for one line.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Units of one line for the warehouse: at least 1, and when it was made within the profile's limit
/// ([`crate::LinePolicy::max_quantity`]). Made only by this crate; read back from a store through serde, which refuses 0.
///
/// ```
/// use order_mapping::PickQuantity;
/// let kept: PickQuantity = serde_json::from_str("12")?;
/// assert_eq!((kept.get(), u64::from(kept)), (12, 12));
/// assert!(serde_json::from_str::<PickQuantity>("0").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PickQuantity(NonZeroU32);

impl PickQuantity {
    /// So many units; none for 0 and for more than the limit.
    pub(crate) fn checked(units: u64, limit: u32) -> Option<Self> {
        let units = u32::try_from(units).ok().filter(|units| *units <= limit)?;
        NonZeroU32::new(units).map(Self)
    }

    /// The number of units.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl std::fmt::Display for PickQuantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<PickQuantity> for u32 {
    fn from(quantity: PickQuantity) -> Self {
        quantity.get()
    }
}

impl From<PickQuantity> for u64 {
    fn from(quantity: PickQuantity) -> Self {
        quantity.get().into()
    }
}

impl From<PickQuantity> for i64 {
    fn from(quantity: PickQuantity) -> Self {
        quantity.get().into()
    }
}

impl PartialEq<u32> for PickQuantity {
    fn eq(&self, other: &u32) -> bool {
        self.get() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_too_many_are_no_quantity() {
        for (units, limit, expected) in [
            (0, 10, None),
            (1, 10, Some(1)),
            (10, 10, Some(10)),
            (11, 10, None),
            (1, 0, None),
            (u64::from(u32::MAX), u32::MAX, Some(u32::MAX)),
            (u64::from(u32::MAX) + 1, u32::MAX, None),
        ] {
            let made = PickQuantity::checked(units, limit);
            assert_eq!(made.map(PickQuantity::get), expected, "{units} of {limit}");
        }
        assert_eq!(PickQuantity::checked(7, 9).unwrap().to_string(), "7");
    }
}
