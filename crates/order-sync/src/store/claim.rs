//! Orders and flows in a worker's hands, for a time.

use chrono::{DateTime, Utc};
use order_mapping::FulfilmentOrder;
use serde::{Deserialize, Serialize};

use crate::{MerchantId, OrderRecord, OrderState, ParcelRecord};

/// What a worker means to do with the orders it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKind {
    /// Send `ready` orders.
    Send,
    /// Ask after `outcome_unknown` and `queued` orders.
    Probe,
    /// Write or prove parcels: `part_despatched`, `despatched` and `relayed` orders.
    Relay,
    /// Ask the warehouse for a change or a cancellation: orders that it has and whose request is pending.
    Change,
}

impl ClaimKind {
    /// When an order of one of its states wants this to be done; none: not by itself.
    #[must_use]
    pub fn due_at(self, record: &OrderRecord) -> Option<DateTime<Utc>> {
        match self {
            Self::Change => record.request_due_at(),
            _ => record.due_at,
        }
    }

    /// Whether its claims come with the parcels.
    #[must_use]
    pub const fn wants_parcels(self) -> bool {
        matches!(self, Self::Relay | Self::Change)
    }

    /// The states this kind takes from.
    #[must_use]
    pub const fn states(self) -> &'static [OrderState] {
        match self {
            Self::Send => &[OrderState::Ready],
            Self::Probe => &[OrderState::OutcomeUnknown, OrderState::Queued],
            Self::Relay => &[
                OrderState::PartDespatched,
                OrderState::Despatched,
                OrderState::Relayed,
            ],
            Self::Change => &[
                OrderState::Accepted,
                OrderState::PartDespatched,
                OrderState::Despatched,
                OrderState::Relayed,
                OrderState::Closed,
                OrderState::Withdrawn,
            ],
        }
    }
}

/// An order in a worker's hands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The record after the claim; its token is the fence.
    pub record: OrderRecord,
    /// The prepared payload, where there is one.
    pub intent: Option<FulfilmentOrder>,
    /// The parcels; read for [`ClaimKind::Relay`] and [`ClaimKind::Change`] only.
    pub parcels: Vec<ParcelRecord>,
    /// Why the recipient of the payload, which is sealed, does not open: the payload is then without it, and not to be sent.
    pub unopened: Option<String>,
}

impl Claim {
    /// A claimed record with nothing else.
    #[must_use]
    pub const fn new(record: OrderRecord) -> Self {
        Self {
            record,
            intent: None,
            parcels: Vec::new(),
            unopened: None,
        }
    }
}

/// The right to run a flow for a merchant, until it runs out or is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowLease {
    /// The merchant.
    pub merchant: MerchantId,
    /// The flow.
    pub flow: String,
    /// Fencing token.
    pub token: u64,
    /// Until when it holds.
    pub until: DateTime<Utc>,
}

impl FlowLease {
    /// A lease.
    #[must_use]
    pub fn new(merchant: MerchantId, flow: &str, token: u64, until: DateTime<Utc>) -> Self {
        Self {
            merchant,
            flow: flow.to_owned(),
            token,
            until,
        }
    }
}
