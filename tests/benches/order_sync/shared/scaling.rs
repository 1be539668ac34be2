//! One to eight workers whose warehouse takes its time, with so few orders under way in each that they wait for it and not for the
//! machine.

use std::time::Duration;

use super::database::Database;
use super::worker::{self, Task};
use crate::engines;
use crate::measured::Measured;

const WORKERS: [u32; 4] = [1, 2, 4, 8];
const MERCHANTS: u32 = 8;

/// A vendor's latency, with as many orders in flight in each worker as there are to be, and orders of each merchant.
const VENDORS: [(u64, usize, u32); 2] = [(20, 2, 100), (200, 8, 40)];

pub(crate) fn measure() -> Measured {
    let runtime = engines::runtime();
    let database = runtime.block_on(Database::create());
    let mut measured = Measured::default();
    for (latency, in_flight, orders) in VENDORS {
        let mut figures = Vec::new();
        for workers in WORKERS {
            let task = Task {
                url: database.worker_url(&[]),
                schema: database.schema.clone(),
                merchants: (0..MERCHANTS)
                    .map(|merchant| format!("merchant-{latency}-{workers}-{merchant}"))
                    .collect(),
                orders,
                settings: engines::settings(in_flight),
                latency: Duration::from_millis(latency),
            };
            let took = worker::together(&worker::deal(&task, workers as usize));
            let each = took.as_secs_f64() / f64::from(MERCHANTS * orders);
            // The time that a worker has for an order: all of them work at once.
            let id = format!("scaling/{latency}_ms/{workers}");
            measured.time(&id, each * f64::from(workers) * 1e9);
            figures.push((workers, 1.0 / each));
        }
        let alone = figures[0].1;
        let curve: Vec<String> = figures
            .iter()
            .map(|(workers, rate)| {
                let efficiency = rate / alone / f64::from(*workers) * 100.0;
                format!("{workers}: {rate:.0} ({efficiency:.0} %)")
            })
            .collect();
        measured.fact(format!(
            "A warehouse that takes {latency} ms, {in_flight} orders in flight in each worker; orders a second by number of workers (share of so many times one): {}.",
            curve.join(", "),
        ));
    }
    runtime.block_on(database.end());
    measured
}
