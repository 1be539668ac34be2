//! The platform, its fulfilment service and the credit system, and an engine over them.

use std::sync::Arc;

use order_mapping::{ClientOrderRef, FeedBasis, Profile, ServiceRule, SourceOrderId};
use order_sync::*;

use crate::clock::{HandClock, start_of_time};
use crate::credit::CreditDesk;
use crate::fulfilment_service::FulfilmentService;
use crate::shop::Shop;

pub(crate) struct World {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) credit: Arc<CreditDesk>,
    pub(crate) service: Arc<FulfilmentService>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) profile: Profile,
}

fn merchant() -> MerchantId {
    MerchantId::new("merchant")
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(HandClock::default());
        let shop = Arc::new(Shop::new(clock.clone()));
        let mut profile = Profile::default();
        profile.services.rules = vec![ServiceRule::new("Next day", "ND")];
        profile.phone.allow_fictitious = true;
        // The service's figures are live: what it has accepted is allocated at once.
        profile.stock.feed_basis = FeedBasis::FeedExcludesAccepted;
        let service = Arc::new(FulfilmentService::new(clock.clone()));
        service.floor(|floor| {
            for sku in ["85123A", "71053", "84406B"] {
                floor.count(sku, 100);
            }
        });
        Self {
            credit: Arc::new(CreditDesk::new(shop.clone())),
            service,
            // Older than every order, so that nothing has to be asked for before its first send.
            store: Arc::new(MemoryStore::new(
                start_of_time() - chrono::Duration::days(30),
            )),
            clock,
            shop,
            profile,
        }
    }

    /// The store is gone; platform and service are as they were.
    pub(crate) fn lose_the_store(&mut self) {
        self.store = Arc::new(MemoryStore::new(self.clock.now()));
    }

    pub(crate) fn engine(&self) -> Engine {
        Engine::builder(
            merchant(),
            ReferenceKey::new(*b"a key of the tests"),
            self.profile.clone(),
            self.store.clone(),
            Ports {
                orders: self.shop.clone(),
                catalogue: self.shop.clone(),
                warehouse: self.service.clone(),
                despatch_sink: self.shop.clone(),
                stock_source: self.service.clone(),
                stock_sink: self.shop.clone(),
            },
        )
        .with_release_facts(self.credit.clone())
        .with_clock(self.clock.clone())
        .build()
        .unwrap()
    }

    /// Lets a little time pass, so that what changed shows in the listing, and runs a flow with an engine as after a restart.
    pub(crate) async fn run_to_any_end(&self, flow: Flow) -> FlowReport {
        self.clock.advance(10);
        let stop = CancellationToken::new();
        self.engine().run_once(flow, &stop).await
    }

    pub(crate) async fn run(&self, flow: Flow) -> FlowReport {
        let report = self.run_to_any_end(flow).await;
        assert!(report.completed(), "{report:?}");
        report
    }

    /// Relays, and waits until the later read has proven it.
    pub(crate) async fn relay_and_prove(&self) {
        self.run(Flow::Despatches).await;
        self.clock.advance(600);
        self.run(Flow::Despatches).await;
    }

    /// The record of an order, by any id that the platform has given it.
    pub(crate) async fn record(&self, id: &str) -> OrderRecord {
        self.explain(id).await.record
    }

    pub(crate) async fn explain(&self, id: &str) -> Explanation {
        let id = SourceOrderId::new(id);
        let found = self.engine().explain(&id).await.unwrap();
        let found = found.expect("on record");
        assert_eq!(found.broken_at, None, "the timeline is whole");
        found
    }

    pub(crate) async fn state(&self, id: &str) -> OrderState {
        self.record(id).await.state
    }

    pub(crate) async fn reference(&self, id: &str) -> ClientOrderRef {
        self.record(id).await.reference
    }

    pub(crate) async fn events(&self, id: &str) -> Vec<OrderEvent> {
        let timeline = self.explain(id).await.timeline;
        timeline.into_iter().map(|entry| entry.event).collect()
    }

    /// Ordered, despatched, cancelled and open units of each line.
    pub(crate) async fn units(&self, id: &str) -> Vec<(u32, u32, u32, u32)> {
        let lines = self.explain(id).await.lines;
        lines
            .iter()
            .map(|line| (line.ordered, line.despatched, line.cancelled, line.open()))
            .collect()
    }

    pub(crate) async fn open_codes(&self) -> Vec<String> {
        let open = self.store.exceptions(&merchant(), true).await.unwrap();
        open.into_iter()
            .map(|exception| exception.finding.code)
            .collect()
    }

    /// What the shop offers of an article.
    pub(crate) fn level(&self, sku: &str) -> i64 {
        self.shop.books(|books| books.level(sku).unwrap())
    }

    pub(crate) fn submits(&self) -> usize {
        self.service.floor(|floor| floor.submits)
    }
}

/// An order of six and four that is at the service.
pub(crate) async fn accepted() -> (World, String) {
    let world = World::new();
    let id = world.shop.paid_order(&[("85123A", 6), ("71053", 4)]);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Accepted);
    (world, id)
}
