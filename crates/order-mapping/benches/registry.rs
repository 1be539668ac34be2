//! What a registry costs, beside a floor measured in the same run.
//!
//! Building: the floor reads the same codes and puts them into one hash map, which is less than any registry can do. Look-up: the floor
//! is one look-up in such a map. Codes come in no order.

#![allow(missing_docs, reason = "criterion's macros make functions without")]

#[path = "cases/registry.rs"]
mod cases;

use std::hint::black_box;

use cases::{Kind, build, map};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use order_mapping::{SkuOverrides, SkuPolicy, SkuRegistry};

fn building(criterion: &mut Criterion) {
    for codes in [100_000, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("registry_build_{codes}"));
        group
            .throughput(Throughput::Elements(codes))
            .sample_size(10);
        for kind in Kind::ALL {
            let catalogue = kind.catalogue(codes);
            group.bench_with_input(
                BenchmarkId::new("floor", kind.name()),
                &catalogue,
                |bencher, catalogue| bencher.iter(|| map(black_box(catalogue))),
            );
            group.bench_with_input(
                BenchmarkId::new("build", kind.name()),
                &catalogue,
                |bencher, catalogue| {
                    bencher.iter(|| {
                        SkuRegistry::build(
                            black_box(catalogue),
                            &SkuOverrides::default(),
                            &SkuPolicy::default(),
                        )
                    });
                },
            );
        }
        let catalogue = Kind::Clean.catalogue(codes);
        let history = build(&catalogue).history();
        group.bench_function("build_after/clean", |bencher| {
            bencher.iter(|| {
                SkuRegistry::build_after(
                    black_box(&history),
                    &catalogue,
                    &SkuOverrides::default(),
                    &SkuPolicy::default(),
                )
            });
        });
        group.finish();
    }
}

fn looking_up(criterion: &mut Criterion) {
    for codes in [10_000, 100_000, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("registry_look_up_{codes}"));
        let catalogue = Kind::Clean.catalogue(codes);
        let (registry, floor) = (build(&catalogue), map(&catalogue));
        // Every code in turn, which is in no order to any of the tables.
        let mut wanted = catalogue.iter().cycle();
        group.bench_function("floor", |bencher| {
            bencher.iter(|| wanted.next().and_then(|item| floor.get(&item.sku)));
        });
        let mut wanted = catalogue.iter().cycle();
        group.bench_function("to_warehouse", |bencher| {
            bencher.iter(|| {
                wanted
                    .next()
                    .and_then(|item| registry.to_warehouse(&item.sku))
            });
        });
        let mut wanted = catalogue.iter().cycle();
        group.bench_function("to_source", |bencher| {
            bencher.iter(|| {
                wanted
                    .next()
                    .and_then(|item| registry.to_source(item.sku.as_str()))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, building, looking_up);
criterion_main!(benches);
