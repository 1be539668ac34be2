//! A million stock rows through available-to-promise and the comparison with what the shop shows, beside floors of the same run.
//!
//! Floors: reading every figure and adding them up; one look-up by article in a hash map for each row.

#![allow(
    missing_docs,
    reason = "the macros of the harness make undocumented items"
)]

#[path = "cases/stock.rs"]
mod cases;

use std::hint::black_box;
use std::time::Duration;

use cases::{Case, ROWS};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use order_mapping::{StockLevel, diff_levels};

fn stock(criterion: &mut Criterion) {
    let case = Case::new();
    let Case {
        rows,
        calculator,
        wanted,
        published,
        ..
    } = &case;
    let mut group = criterion.benchmark_group("stock_1m");
    group
        .throughput(Throughput::Elements(ROWS.unsigned_abs()))
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(6));
    group.bench_function("floor_read_and_sum", |bench| {
        bench.iter(|| {
            black_box(rows)
                .iter()
                .map(|row| {
                    let position = &row.position;
                    position.on_hand - position.allocated - position.in_flight
                        + i64::from(row.sku.as_str().len() > 20)
                })
                .sum::<i64>()
        });
    });
    group.bench_function("floor_hash_look_up", |bench| {
        bench.iter(|| case.hash_look_up());
    });
    group.bench_function("available_to_promise", |bench| {
        bench.iter(|| calculator.levels(black_box(rows)));
    });
    group.bench_function("diff", |bench| {
        bench.iter(|| diff_levels(black_box(published), black_box(wanted)));
    });
    // The same levels in an order of their own: every look-up goes somewhere else in memory.
    let mut scattered: Vec<StockLevel> = published.clone();
    scattered.sort_by_key(|level| {
        let digits = level.sku.as_str().bytes().rev();
        digits.collect::<Vec<u8>>()
    });
    group.bench_function("diff_scattered", |bench| {
        bench.iter(|| diff_levels(black_box(&scattered), black_box(wanted)));
    });
    group.bench_function("available_to_promise_and_diff", |bench| {
        bench.iter(|| case.promise_and_diff());
    });
    group.finish();
}

criterion_group!(benches, stock);
criterion_main!(benches);
