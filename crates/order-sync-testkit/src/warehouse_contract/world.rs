//! The warehouse behind an adapter, as the cases play it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use order_mapping::ClientOrderRef;
use order_sync::Warehouse;

/// Something that not every warehouse can be made to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scene {
    /// It refuses an order with a service code that it does not know (`NOSUCH`).
    Refusals,
    /// Look-ups compare what is there with what was meant.
    Differences,
    /// Part of an order leaves, and the rest later.
    PartShipments,
    /// One despatch in several parcels.
    SeveralParcels,
    /// Units that will never leave are told with a despatch.
    Shorts,
    /// An order is being picked, and too far for a change.
    Picking,
}

/// What goes wrong between the adapter and the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing reaches the warehouse: it is down, or the share is gone.
    Down,
    /// Whatever is asked for is done, and the answer is lost.
    AnswersLost,
    /// Nothing is done, and what comes back is no answer: a page of HTML from something in between.
    Nonsense,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Self; 3] = [Self::Down, Self::AnswersLost, Self::Nonsense];
}

/// What leaves of an order in one despatch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leaving {
    /// Articles and units of each parcel.
    pub parcels: Vec<Vec<(String, u32)>>,
    /// Articles and units that will never leave ([`Scene::Shorts`]).
    pub shorts: Vec<(String, u32)>,
}

impl Leaving {
    /// One parcel.
    #[must_use]
    pub fn parcel(contents: &[(&str, u32)]) -> Self {
        Self::default().and_parcel(contents)
    }

    /// One parcel more.
    #[must_use]
    pub fn and_parcel(mut self, contents: &[(&str, u32)]) -> Self {
        let owned = contents
            .iter()
            .map(|(sku, units)| ((*sku).to_owned(), *units));
        self.parcels.push(owned.collect());
        self
    }

    /// Units that will never leave.
    #[must_use]
    pub fn short(mut self, sku: &str, units: u32) -> Self {
        self.shorts.push((sku.to_owned(), units));
        self
    }
}

/// A warehouse of its own for one case: the adapter under test, and the means to play the warehouse behind it.
///
/// The adapter speaks to what the other methods move. They say what the warehouse's own people and books would, so they must not go
/// through the adapter: else it is judged by its own word.
#[async_trait]
pub trait WarehouseWorld: Send + Sync {
    /// The adapter under test.
    fn warehouse(&self) -> &dyn Warehouse;

    /// Two service codes that the warehouse takes.
    fn services(&self) -> [String; 2];

    /// Two articles of which the warehouse has 1,000 units each.
    fn articles(&self) -> [String; 2];

    /// Whether the warehouse can be made to do something. A case about what it cannot passes without showing anything, so the answer
    /// belongs to the documentation of the adapter.
    fn can(&self, scene: Scene) -> bool {
        let _ = scene;
        true
    }

    /// The orders that the warehouse has under a reference, by its own books and without the cancelled ones: the units by article that
    /// have left or are to leave.
    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>>;

    /// Time passes in which the warehouse takes in what waits for it, such as files. Nothing to do where orders are there at once.
    async fn take_in(&self) {}

    /// Goods of an order leave, and the despatch is told.
    async fn send(&self, reference: &ClientOrderRef, leaving: &Leaving);

    /// An order that was taken is being picked ([`Scene::Picking`]).
    async fn pick(&self, reference: &ClientOrderRef) {
        let _ = reference;
    }

    /// The warehouse's people decide about the requests that they have not answered.
    async fn decide(&self) {}

    /// From now on every call meets this trouble, until [`WarehouseWorld::peace`]. `false`: it cannot be played there.
    async fn trouble(&self, trouble: Trouble) -> bool {
        let _ = trouble;
        false
    }

    /// The trouble is over.
    async fn peace(&self) {}

    /// Goods of an order come back, where the adapter's capabilities say that returns are told.
    async fn take_back(&self, reference: &ClientOrderRef, sku: &str, units: u32) {
        let _ = (reference, sku, units);
    }
}
