//! Where a process dies on purpose: before or after a call of the store or of a port that writes.

use std::fmt;

use order_sync_testkit::faults::{Call, StoreCall};

/// Every operation of a store that writes.
pub(crate) const STORE_WRITES: [StoreCall; 21] = [
    StoreCall::Capture,
    StoreCall::Commit,
    StoreCall::CommitAll,
    StoreCall::Claim,
    StoreCall::ClaimOrder,
    StoreCall::ExpireLeases,
    StoreCall::NoteVersions,
    StoreCall::KeepUnmatched,
    StoreCall::ForgetUnmatched,
    StoreCall::SettleExceptions,
    StoreCall::ActOnException,
    StoreCall::MoveCursor,
    StoreCall::TakeFlow,
    StoreCall::RenewFlow,
    StoreCall::ReleaseFlow,
    StoreCall::SaveStock,
    StoreCall::SavePublished,
    StoreCall::ForgetPublished,
    StoreCall::SaveSkuHistory,
    StoreCall::RecordProfile,
    StoreCall::ErasePersonal,
];

/// Every call of a port that writes at a vendor.
pub(crate) const PORT_WRITES: [Call; 5] = [
    Call::Submit,
    Call::Cancel,
    Call::Amend,
    Call::Relay,
    Call::Publish,
];

/// On which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// Nothing of it has happened.
    Before,
    /// It has taken effect, and nobody has seen its answer.
    After,
}

/// The call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// Of the store.
    Store(StoreCall),
    /// Of a port.
    Port(Call),
}

/// A place to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FailPoint {
    pub(crate) operation: Operation,
    pub(crate) side: Side,
}

impl FailPoint {
    /// One of them, whichever.
    pub(crate) const FIRST: Self = Self {
        operation: Operation::Store(StoreCall::Capture),
        side: Side::Before,
    };

    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let store = STORE_WRITES.into_iter().map(Operation::Store);
        let ports = PORT_WRITES.into_iter().map(Operation::Port);
        store
            .chain(ports)
            .flat_map(|operation| [Side::Before, Side::After].map(|side| Self { operation, side }))
            .collect()
    }

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all()
            .into_iter()
            .find(|point| point.to_string() == name)
    }
}

impl fmt::Display for FailPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Before => "before",
            Side::After => "after",
        };
        match self.operation {
            Operation::Store(call) => write!(f, "store.{call:?}.{side}"),
            Operation::Port(call) => write!(f, "port.{call:?}.{side}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        let all = FailPoint::all();
        assert_eq!(all.len(), 52);
        for point in all {
            assert_eq!(FailPoint::named(&point.to_string()), Some(point));
        }
        assert_eq!(
            FailPoint::named("store.Order.before"),
            None,
            "it only reads"
        );
    }
}
