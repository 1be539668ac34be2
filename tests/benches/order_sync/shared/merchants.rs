//! A thousand merchants of which ten have orders that are due, beside those ten alone.

use std::time::Instant;

use chrono::Duration;
use order_sync::{ClaimKind, Clock as _, MerchantId, OrderEvent, SystemClock};

use super::claims::claim_of;
use super::database::Database;
use super::filled;
use crate::engines;
use crate::measured::{Measured, Rounds};

const ACTIVE: u32 = 10;
const MERCHANTS: u32 = 1_000;
/// Orders of an active merchant, all of them due.
const DUE: u32 = 500;
/// Orders of another one, all of them at the warehouse.
const OTHERS: u32 = 60;
const BATCH: usize = 20;
const CLAIMS: u32 = 200;

pub(crate) fn measure() -> Measured {
    engines::runtime().block_on(merchants())
}

fn merchant(number: u32) -> MerchantId {
    MerchantId::new(format!("merchant-{number:04}"))
}

async fn merchants() -> Measured {
    let few = filled_with(ACTIVE).await;
    let many = filled_with(MERCHANTS).await;
    let (few_store, many_store) = (few.open().await, many.open().await);
    let [mut of_few, mut of_many, mut idle] = std::array::from_fn(|_| Rounds::default());
    for round in 0..CLAIMS + ACTIVE {
        let active = merchant(round % ACTIVE);
        let among_few = claim_of(&few_store, &active, BATCH).await;
        let among_many = claim_of(&many_store, &active, BATCH).await;
        let others = merchant(ACTIVE + round);
        let now = SystemClock::new().now();
        let begun = Instant::now();
        let nothing = many_store
            .claim(&others, ClaimKind::Send, BATCH, Duration::seconds(60), now)
            .await;
        let of_idle = begun.elapsed();
        assert!(nothing.unwrap().is_empty());
        if round >= ACTIVE {
            of_few.add(among_few, 1);
            of_many.add(among_many, 1);
            idle.add(of_idle, 1);
        }
    }
    let mut measured = Measured::default();
    measured.time("merchants/claim_among_10", of_few.median());
    measured.time("merchants/claim_among_1000", of_many.median());
    measured.fact(format!(
        "{MERCHANTS} merchants of which {ACTIVE} have orders that are due: a claim of {BATCH} takes {:.2} ms ({:.2} ms with those {ACTIVE} alone); one of a merchant that has none {:.2} ms.",
        of_many.median() / 1e6, of_few.median() / 1e6, idle.median() / 1e6,
    ));
    drop((few_store, many_store));
    few.end().await;
    many.end().await;
    measured
}

/// Tables of so many merchants.
async fn filled_with(merchants: u32) -> Database {
    let database = Database::create().await;
    let store = database.open().await;
    let due = filled::seed(&*store, "seed-of-due", 0, &[]).await;
    let sent = [OrderEvent::Claimed, OrderEvent::Confirmed];
    let other = filled::seed(&*store, "seed-of-others", 1, &sent).await;
    let admin = database.admin().await;
    admin
        .batch_execute("SET synchronous_commit = off")
        .await
        .unwrap();
    let copies = |from: u32, to: u32, orders: u32| {
        format!(
            "SELECT 'merchant-' || lpad(m::text, 4, '0') AS merchant, 'order-' || n AS id, 'R' || n AS reference \
             FROM generate_series({from}, {to}) m, generate_series(1, {orders}) n"
        )
    };
    let active = copies(0, ACTIVE - 1, DUE);
    filled::copy(&admin, &due, filled::OF_DUE, &active).await;
    if merchants > ACTIVE {
        let others = copies(ACTIVE, merchants - 1, OTHERS);
        filled::copy(&admin, &other, filled::OF_OTHERS, &others).await;
    }
    filled::settle(&admin).await;
    database
}
