//! A million stock rows through available-to-promise and the comparison with what the shop shows, beside floors of the same run.
//!
//! Floors: reading every figure and adding them up; one look-up by article in a hash map for each row.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "the macros of the harness make undocumented items; a bench that cannot go on has failed"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use order_mapping::{
    ArticleStock, AtpCalculator, Buffer, Kit, KitComponent, PackRule, Profile, SkuBuffer,
    SkuOverrides, SkuRegistry, SourceSku, StockLevel, StockPosition, diff_levels,
};

const ROWS: i64 = 1_000_000;

fn rows() -> Vec<ArticleStock> {
    (0..ROWS)
        .map(|row| ArticleStock {
            sku: SourceSku::new(format!("ART-{row:07}")),
            position: StockPosition {
                on_hand: row % 500,
                allocated: row % 7,
                unsellable: row % 3,
                in_flight: row % 5,
            },
        })
        .collect()
}

/// A thousand articles with buffers of their own, a hundred with pack sizes, a hundred kits.
fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.stock.buffer.percent = 5;
    profile.stock.sku_buffers = (0..1_000)
        .map(|row| SkuBuffer {
            sku: SourceSku::new(format!("ART-{:07}", row * 997)),
            buffer: Buffer {
                units_per_day: 200,
                ..Buffer::default()
            },
        })
        .collect();
    profile.packs.rules = (0..100)
        .map(|row| PackRule::new(format!("ART-{:07}", row * 991), 12))
        .collect();
    profile.kits.kits = (0..100)
        .map(|row| {
            Kit::new(
                format!("KIT-{row}"),
                [0, 1, 2]
                    .map(|part| KitComponent::new(format!("ART-{:07}", row * 3 + part), part + 1)),
            )
        })
        .collect();
    profile
}

fn stock(criterion: &mut Criterion) {
    let rows = rows();
    let profile = profile();
    let (registry, _) = SkuRegistry::build(&[], &SkuOverrides::default(), &profile.sku);
    let calculator = AtpCalculator::new(&profile, &registry);
    let wanted = calculator.levels(&rows);
    // What the shop shows differs in one article of a hundred.
    let published: Vec<StockLevel> = wanted
        .iter()
        .enumerate()
        .map(|(index, level)| {
            let off = i64::from(index % 100 == 0);
            StockLevel::new(level.sku.clone(), level.level + off)
        })
        .collect();
    let by_sku: HashMap<&SourceSku, i64> = rows
        .iter()
        .map(|row| (&row.sku, row.position.on_hand))
        .collect();

    let mut group = criterion.benchmark_group("stock_1m");
    group
        .throughput(Throughput::Elements(ROWS.unsigned_abs()))
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(6));
    group.bench_function("floor_read_and_sum", |bench| {
        bench.iter(|| {
            black_box(&rows)
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
        bench.iter(|| {
            black_box(&rows)
                .iter()
                .filter_map(|row| by_sku.get(&row.sku))
                .sum::<i64>()
        });
    });
    group.bench_function("available_to_promise", |bench| {
        bench.iter(|| calculator.levels(black_box(&rows)));
    });
    group.bench_function("diff", |bench| {
        bench.iter(|| diff_levels(black_box(&published), black_box(&wanted)));
    });
    // The same levels in an order of their own: every look-up goes somewhere else in memory.
    let mut scattered: Vec<StockLevel> = published.clone();
    scattered.sort_by_key(|level| {
        let digits = level.sku.as_str().bytes().rev();
        digits.collect::<Vec<u8>>()
    });
    group.bench_function("diff_scattered", |bench| {
        bench.iter(|| diff_levels(black_box(&scattered), black_box(&wanted)));
    });
    group.bench_function("available_to_promise_and_diff", |bench| {
        bench.iter(|| diff_levels(black_box(&published), &calculator.levels(black_box(&rows))));
    });
    group.finish();
}

criterion_group!(benches, stock);
criterion_main!(benches);
