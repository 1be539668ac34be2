//! What checking an order costs, beside the floor of the same run: the telephone library's own work on its one number.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark over data of known form"
)]

mod cases {
    pub(crate) mod orders;
    pub(crate) mod parts;
}

use cases::{orders, parts};
use criterion::{Criterion, criterion_group, criterion_main};

fn whole_orders(criterion: &mut Criterion) {
    let case = orders::Case::new();
    criterion.bench_function("floor/phone_library", |bencher| {
        bencher.iter(|| case.phone_library());
    });
    criterion.bench_function("order/clean_10_lines", |bencher| {
        bencher.iter(|| case.clean());
    });
    criterion.bench_function("order/bad_10_lines", |bencher| bencher.iter(|| case.bad()));
}

fn single_fields(criterion: &mut Criterion) {
    let case = parts::Case::new();
    criterion.bench_function("floor/postcode_read", |bencher| {
        bencher.iter(|| case.postcode_read());
    });
    criterion.bench_function("postcode/parse", |bencher| bencher.iter(|| case.postcode()));
    criterion.bench_function("floor/sku_hash_look_up", |bencher| {
        bencher.iter(|| case.hash_look_up());
    });
    criterion.bench_function("sku/check_and_look_up", |bencher| {
        bencher.iter(|| case.check_and_look_up());
    });
}

criterion_group!(benches, whole_orders, single_fields);
criterion_main!(benches);
