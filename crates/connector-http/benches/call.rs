//! What a call costs beside the same call made with reqwest alone, in the same run.

#![allow(missing_docs, reason = "criterion's macros make functions without")]

mod loopback;

use std::future::Future;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use loopback::{Calls, Fault};

const IN_FLIGHT: usize = 16;

/// The time of `count` calls, of which `IN_FLIGHT` are under way at once.
async fn many<F>(count: u64, call: impl Fn() -> F) -> Result<Duration, Fault>
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        if tasks.len() == IN_FLIGHT
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
        tasks.spawn(call());
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(begun.elapsed())
}

#[allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made has failed"
)]
fn calls(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let calls = Calls::new(IN_FLIGHT).unwrap();
    let mut group = criterion.benchmark_group("call_16_in_flight");
    group.sample_size(60);
    group.measurement_time(Duration::from_secs(8));
    group.bench_function("bare_reqwest", |bencher| {
        bencher.iter_custom(|count| {
            let call = || {
                let calls = calls.clone();
                async move { calls.bare().await }
            };
            runtime.block_on(many(count, call)).unwrap()
        });
    });
    group.bench_function("client", |bencher| {
        bencher.iter_custom(|count| {
            let call = || {
                let calls = calls.clone();
                async move { calls.ours().await }
            };
            runtime.block_on(many(count, call)).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
