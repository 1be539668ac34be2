//! What may happen to a store, one step at a time.

use std::collections::{BTreeMap, BTreeSet};

use order_mapping::SourceOrderId;
use order_sync::{ClaimKind, MerchantId, OrderEvent};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// One of few: of two merchants, four orders, three articles. Sequences meet the same things again and again.
pub(super) type Place = u8;

pub(super) fn merchant(place: Place) -> MerchantId {
    MerchantId::new(["northwind", "contoso"][usize::from(place % 2)])
}

pub(super) fn id(place: Place) -> SourceOrderId {
    SourceOrderId::new(["a", "b", "c", "d"][usize::from(place % 4)])
}

pub(super) fn article(place: Place) -> &'static str {
    ["MUGRED", "MUGBLUE", "POT"][usize::from(place % 3)]
}

pub(super) fn location(place: Place) -> &'static str {
    ["default", "shop floor"][usize::from(place % 2)]
}

pub(super) fn scope(place: Place) -> &'static str {
    ["audit", "stock"][usize::from(place % 2)]
}

/// A step, and how many seconds after the one before.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) after: u8,
    pub(super) merchant: Place,
    pub(super) action: Action,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "+{} s, merchant {}: {:?}",
            self.after, self.merchant, self.action
        )
    }
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Captures orders; with `clash` under the reference of another order.
    Capture {
        orders: BTreeSet<Place>,
        clash: bool,
    },
    /// Several changes in one transaction; one alone by `commit`.
    Commit {
        changes: Vec<Change>,
    },
    Claim {
        kind: ClaimKind,
        limit: usize,
        lease: u8,
    },
    ClaimOne {
        kind: ClaimKind,
        order: Place,
        lease: u8,
    },
    Expire {
        settle: u8,
    },
    NoteVersion {
        order: Place,
        version: u8,
    },
    /// Everything that a scope finds now.
    Settle {
        scope: Place,
        found: BTreeMap<Place, u8>,
    },
    MoveCursor {
        name: Place,
        from: Believed,
        to: u8,
    },
    TakeFlow {
        flow: Place,
        lease: u8,
    },
    /// Of the leases that were ever given, this one.
    RenewFlow {
        lease: u8,
        by: u8,
    },
    ReleaseFlow {
        lease: u8,
    },
    Stock {
        everything: bool,
        sequence: u8,
        rows: BTreeMap<Place, u8>,
    },
    Publish {
        location: Place,
        levels: BTreeMap<Place, u8>,
    },
    /// Erases what settled so long ago.
    Erase {
        age: u8,
    },
    /// A person writes something about an exception, perhaps one that there never was.
    Remark {
        exception: u8,
        text: u8,
    },
}

/// A change of one order.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) order: Place,
    pub(super) event: OrderEvent,
    pub(super) fence: Fencing,
    pub(super) due: Option<u8>,
    pub(super) quiet: bool,
}

/// By whose right.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fencing {
    /// The holder of the last claim.
    Holder,
    /// The holder of an earlier one.
    Stale,
    /// Nobody's: state and token as they are.
    Nobody,
    /// Nobody's, of an order that has moved on since.
    NobodyLate,
}

/// Where somebody believes a cursor to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Believed {
    Here,
    Elsewhere,
    Nowhere,
}

fn events() -> impl Strategy<Value = OrderEvent> {
    use OrderEvent as E;
    prop_oneof![
        // The usual way of an order, so that most sequences get somewhere.
        10 => select(vec![E::Prepared, E::Confirmed, E::FullyDespatched, E::RelaySeen, E::ProofHeld]),
        4 => select(vec![
            E::NotSent, E::OutcomeLost, E::Queued, E::AbsentOnce, E::AbsentTwice, E::ProbeFailed, E::PartDespatched,
            E::RelayTried, E::ProofLost,
        ]),
        3 => select(vec![E::Held, E::Cancelled, E::Ignored, E::SourceChanged, E::Replayed, E::Refused, E::GaveUp]),
        // Somebody wants the personal data of an order to go, whatever state it is in.
        4 => Just(E::ErasureWanted),
        3 => select(vec![E::Cancelled, E::Ignored]),
    ]
}

fn kinds() -> impl Strategy<Value = ClaimKind> {
    select(vec![
        ClaimKind::Send,
        ClaimKind::Send,
        ClaimKind::Probe,
        ClaimKind::Relay,
    ])
}

fn change() -> impl Strategy<Value = Change> {
    let fence = prop_oneof![
        6 => Just(Fencing::Holder),
        1 => Just(Fencing::Stale),
        2 => Just(Fencing::Nobody),
        1 => Just(Fencing::NobodyLate),
    ];
    let due = prop::option::weighted(0.8, 0_u8..40);
    (0_u8..4, events(), fence, due, prop::bool::weighted(0.1)).prop_map(
        |(order, event, fence, due, quiet)| Change {
            order,
            event,
            fence,
            due,
            quiet,
        },
    )
}

fn action() -> impl Strategy<Value = Action> {
    let places = || 0_u8..3;
    let lease = || 1_u8..40;
    let from = select(vec![
        Believed::Here,
        Believed::Here,
        Believed::Elsewhere,
        Believed::Nowhere,
    ]);
    prop_oneof![
        6 => (btree_set(0_u8..4, 1..4), prop::bool::weighted(0.2))
            .prop_map(|(orders, clash)| Action::Capture { orders, clash }),
        16 => vec(change(), 1..4).prop_map(|changes| Action::Commit { changes }),
        8 => (kinds(), 0_usize..4, lease())
            .prop_map(|(kind, limit, lease)| Action::Claim { kind, limit, lease }),
        3 => (kinds(), 0_u8..4, lease())
            .prop_map(|(kind, order, lease)| Action::ClaimOne { kind, order, lease }),
        4 => (0_u8..40).prop_map(|settle| Action::Expire { settle }),
        1 => (0_u8..4, 0_u8..3).prop_map(|(order, version)| Action::NoteVersion { order, version }),
        6 => (0_u8..2, btree_map(places(), 0_u8..2, 0..3))
            .prop_map(|(scope, found)| Action::Settle { scope, found }),
        3 => (0_u8..2, from, 0_u8..4).prop_map(|(name, from, to)| Action::MoveCursor { name, from, to }),
        3 => (0_u8..2, lease()).prop_map(|(flow, lease)| Action::TakeFlow { flow, lease }),
        2 => (0_u8..8, lease()).prop_map(|(lease, by)| Action::RenewFlow { lease, by }),
        2 => (0_u8..8).prop_map(|lease| Action::ReleaseFlow { lease }),
        4 => (any::<bool>(), 0_u8..6, btree_map(places(), 0_u8..9, 0..4))
            .prop_map(|(everything, sequence, rows)| Action::Stock { everything, sequence, rows }),
        2 => (0_u8..2, btree_map(places(), 0_u8..9, 0..4))
            .prop_map(|(location, levels)| Action::Publish { location, levels }),
        5 => (0_u8..60).prop_map(|age| Action::Erase { age }),
        5 => (0_u8..4, 0_u8..3).prop_map(|(exception, text)| Action::Remark { exception, text }),
    ]
}

/// Up to so many steps.
pub(super) fn sequences(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0_u8..20, 0_u8..2, action()).prop_map(|(after, merchant, action)| Step {
        after,
        merchant,
        action,
    });
    vec(step, 1..=longest)
}
