//! From opening the store to the first order that leaves, with 10,000 orders waiting to be sent.

use std::path::Path;
use std::time::Instant;

use end_to_end::{Setup, World};
use order_mapping::{ClientOrderRef, Mapper, Mapping, ReleaseFacts, SalesOrder, SkuRegistry};
use order_sync::{
    CancellationToken, Clock as _, Commit, Fence, Flow, MerchantId, NewOrder, OrderEvent,
    OrderRecord, SourceCopy, Store, SystemClock,
};
use tempfile::TempDir;

use crate::engines::{self, Assembled};
use crate::measured::{Measured, Rounds};
use crate::ports::{self, Intake, Shop};

const ORDERS: u32 = 10_000;
const ROUNDS: u32 = 3;

pub(crate) fn measure(folder: &Path) -> Measured {
    let runtime = engines::runtime();
    let folder = TempDir::new_in(folder).unwrap();
    runtime.block_on(prepare(&*engines::sqlite(folder.path())));
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let stop = CancellationToken::new();
        let begun = Instant::now();
        let store = engines::sqlite(folder.path());
        let assembled = Assembled::new(store, Shop::with(0), Intake::away(stop.clone()));
        runtime.block_on(assembled.engine.run_once(Flow::Orders, &stop));
        let first = assembled.intake.first().expect("an order left");
        rounds.add(first - begun, 1);
    }
    let mut measured = Measured::default();
    measured.time("restart/first_transmission", rounds.best());
    measured
}

/// Puts orders on record that are mapped and wait to be sent.
async fn prepare(store: &dyn Store) {
    let setup = Setup::default();
    let merchant = MerchantId::new(World::MERCHANT);
    let mapper = Mapper::new(setup.profile);
    let (registry, _) =
        SkuRegistry::build(&setup.catalogue, &setup.overrides, &mapper.profile().sku);
    let now = SystemClock::new().now();
    let orders: Vec<SalesOrder> = (0..ORDERS)
        .map(|number| ports::order(number, now))
        .collect();
    for page in orders.chunks(500) {
        let (mut new, mut prepared) = (Vec::new(), Vec::new());
        for order in page {
            let key = World::REFERENCE_KEY.as_bytes();
            let reference = ClientOrderRef::derive(key, merchant.as_str(), &order.id, 0, 0);
            let record = OrderRecord::captured(merchant.clone(), reference, order, None, now);
            let fence = Fence::Unclaimed(record.state, record.token);
            let mut commit =
                Commit::new(&record, fence, OrderEvent::Prepared, now, "mapped").due(now);
            let mapping = mapper.map(order, &ReleaseFacts::default(), &registry);
            let Mapping::Ready { order: intent, .. } = mapping else {
                panic!("nothing is wrong with the order: {mapping:?}");
            };
            commit.intent = Some(intent);
            prepared.push(commit);
            new.push(NewOrder::new(record, SourceCopy::new(order.clone(), None)));
        }
        store.capture(new).await.unwrap();
        let written = store.commit_all(prepared).await.unwrap();
        assert!(written.iter().all(Result::is_ok));
    }
}
