//! What the gates are judged by: every benchmark in turns with its floor, in short rounds. Prints the median round of each as JSON.
//!
//! A machine's clock changes by itself, and neighbours come and go. Two programs that are measured one after the other meet different
//! machines; in turns they meet the same. The other benchmarks of this folder say more about one program.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a program that measures prints what it measured, over data of known form"
)]

mod cases {
    pub(crate) mod orders;
    pub(crate) mod parts;
    #[allow(dead_code, reason = "the benchmarks of the registry use the rest")]
    pub(crate) mod registry;
    #[allow(dead_code, reason = "the benchmarks of stock use the rest")]
    pub(crate) mod stock;
}

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use cases::{orders, parts, registry, stock};

/// One program under measurement.
struct Way<'a> {
    id: String,
    /// Calls of one round.
    calls: u32,
    call: Box<dyn FnMut(u32) + 'a>,
    rounds: Vec<f64>,
}

impl<'a> Way<'a> {
    fn new<T>(id: impl Into<String>, calls: u32, mut call: impl FnMut() -> T + 'a) -> Self {
        Self {
            id: id.into(),
            calls,
            call: Box::new(move |calls| {
                for _ in 0..calls {
                    black_box(call());
                }
            }),
            rounds: Vec::new(),
        }
    }

    fn median(mut self) -> (String, f64) {
        self.rounds.sort_by(f64::total_cmp);
        let median = self.rounds.get(self.rounds.len() / 2).copied();
        (self.id, median.unwrap_or(f64::NAN))
    }
}

/// Nanoseconds of a call by id. One round comes before those that count.
fn in_turns<const N: usize>(rounds: u32, mut ways: [Way<'_>; N]) -> BTreeMap<String, f64> {
    for round in 0..=rounds {
        for way in &mut ways {
            let begun = Instant::now();
            (way.call)(way.calls);
            let time = begun.elapsed().as_secs_f64() * 1e9 / f64::from(way.calls);
            if round > 0 {
                way.rounds.push(time);
            }
        }
    }
    ways.into_iter().map(Way::median).collect()
}

fn main() {
    let mut times = BTreeMap::new();
    let case = orders::Case::new();
    // One call at a time: in a service none follows its like, and finds the processor's caches as the work before has left them.
    times.extend(in_turns(
        20_001,
        [
            Way::new("floor/phone_library", 1, || case.phone_library()),
            Way::new("order/clean_10_lines", 1, || case.clean()),
            Way::new("order/bad_10_lines", 1, || case.bad()),
        ],
    ));
    let case = parts::Case::new();
    times.extend(in_turns(
        501,
        [
            Way::new("floor/postcode_read", 10_000, || case.postcode_read()),
            Way::new("postcode/parse", 3_000, || case.postcode()),
            Way::new("floor/sku_hash_look_up", 8_000, || {
                case.hash_look_up().is_some()
            }),
            Way::new("sku/check_and_look_up", 3_000, || {
                let (fits, found) = case.check_and_look_up();
                (fits, found.is_some())
            }),
        ],
    ));
    for (codes, rounds) in [(100_000_u32, 21), (1_000_000, 7)] {
        let catalogue = registry::Kind::Mixed.catalogue(codes.into());
        let id = |way: &str| format!("registry_build_{codes}/{way}/mixed");
        times.extend(in_turns(
            rounds,
            [
                Way::new(id("floor"), 1, || registry::map(black_box(&catalogue))),
                Way::new(id("build"), 1, || registry::build(black_box(&catalogue))),
            ],
        ));
    }
    let case = stock::Case::new();
    times.extend(in_turns(
        7,
        [
            Way::new("stock_1m/floor_hash_look_up", 1, || case.hash_look_up()),
            Way::new("stock_1m/available_to_promise_and_diff", 1, || {
                case.promise_and_diff()
            }),
        ],
    ));
    println!("{}", serde_json::json!({ "nanoseconds": times }));
}
