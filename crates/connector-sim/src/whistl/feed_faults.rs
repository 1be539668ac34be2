//! Feeds that tell nonsense: what a client must notice although every answer is well formed.

use serde::{Deserialize, Serialize};

/// How a feed misbehaves. Armed by [`WhistlSim::arm_feed_fault`](crate::WhistlSim::arm_feed_fault), or as its name at
/// `POST /__sim/feed-faults`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FeedFault {
    /// The next despatch record stands in the feed twice.
    DuplicateDespatch,
    /// The next stock delta leaves out all changes but the last: its first sequence number is beyond the one asked for.
    MissingStockSequence,
    /// The next stock delta is an earlier one once more.
    OutOfOrderStock,
    /// The next stock snapshot is an earlier one once more, with the moment it was made.
    OldSnapshot,
}

/// The faults that are armed, in order.
#[derive(Debug, Default)]
pub(crate) struct FeedFaults(Vec<FeedFault>);

impl FeedFaults {
    pub(crate) fn arm(&mut self, fault: FeedFault) {
        self.0.push(fault);
    }

    /// Uses the fault up, if it is armed.
    pub(crate) fn take(&mut self, fault: FeedFault) -> bool {
        let place = self.0.iter().position(|armed| *armed == fault);
        place.map(|place| self.0.remove(place)).is_some()
    }

    pub(crate) fn pending(&self) -> &[FeedFault] {
        &self.0
    }
}
