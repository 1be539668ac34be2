//! What each benchmark may cost, as a ratio to a floor of the same run.

use std::time::Duration;

use super::report::Measured;

/// One row of the table: a benchmark, its floor, and the ratio it is held to.
#[derive(Debug)]
pub(crate) struct Gate {
    /// What is measured, in words.
    pub(crate) what: &'static str,
    /// Id of the benchmark.
    pub(crate) benchmark: &'static str,
    /// Id of its floor.
    pub(crate) floor: &'static str,
    /// The floor, in words.
    pub(crate) floor_is: &'static str,
    /// Highest ratio that passes.
    pub(crate) allowed: f64,
    /// Time that is aimed at on a machine of two virtual CPUs. Printed, not held: another machine has another clock.
    pub(crate) goal: Option<Duration>,
}

/// Every gate. A benchmark without one may be added at any time; a gate without its benchmark fails.
pub(crate) const GATES: &[Gate] = &[
    Gate {
        what: "clean order of 10 lines, everything checked",
        benchmark: "order/clean_10_lines",
        floor: "floor/phone_library",
        floor_is: "the phone library's work on its number",
        allowed: 2.0,
        goal: Some(Duration::from_nanos(1_500)),
    },
    Gate {
        what: "the same order with every field wrong",
        benchmark: "order/bad_10_lines",
        floor: "floor/phone_library",
        floor_is: "the phone library's work on one number",
        allowed: 5.5,
        goal: Some(Duration::from_micros(5)),
    },
    Gate {
        what: "postcode",
        benchmark: "postcode/parse",
        floor: "floor/postcode_read",
        floor_is: "each byte looked at once",
        // An idle machine gave 4.15; the rest is for noise.
        allowed: 4.8,
        goal: Some(Duration::from_nanos(40)),
    },
    Gate {
        what: "article code checked and looked up",
        benchmark: "sku/check_and_look_up",
        floor: "floor/sku_hash_look_up",
        floor_is: "one look-up of the same key in a hash map",
        allowed: 3.0,
        goal: Some(Duration::from_nanos(30)),
    },
    Gate {
        what: "catalogue of 100,000 articles, one in twenty met by another",
        benchmark: "registry_build_100000/build/mixed",
        floor: "registry_build_100000/floor/mixed",
        floor_is: "the same codes put into a hash map",
        // An idle machine gave 6.75; 30 % on top is for noise.
        allowed: 8.8,
        goal: Some(Duration::from_millis(50)),
    },
    Gate {
        what: "catalogue of 1,000,000 articles, one in twenty met by another",
        benchmark: "registry_build_1000000/build/mixed",
        floor: "registry_build_1000000/floor/mixed",
        floor_is: "the same codes put into a hash map",
        // An idle machine gave 3.69; 30 % on top is for noise.
        allowed: 4.8,
        goal: Some(Duration::from_secs(1)),
    },
    Gate {
        what: "ten times the articles",
        benchmark: "registry_build_1000000/build/mixed",
        floor: "registry_build_100000/build/mixed",
        floor_is: "the catalogue of 100,000",
        // Ten by the work alone; the rest is memory that no longer fits the processor's caches. A hash map of the same codes grows by
        // about 27 times.
        allowed: 20.0,
        goal: None,
    },
    Gate {
        what: "1,000,000 stock rows: promise and comparison",
        benchmark: "stock_1m/available_to_promise_and_diff",
        floor: "stock_1m/floor_hash_look_up",
        floor_is: "one look-up in a hash map for each row",
        // An idle machine gave 1.30; 30 % on top is for noise.
        allowed: 1.7,
        goal: Some(Duration::from_secs(1)),
    },
];

/// The gates of `connector-http`.
pub(crate) const CLIENT_GATES: &[Gate] = &[Gate {
    what: "one call of 16 in flight: PUT of 1 KiB with token, answered with 1 KiB",
    benchmark: "call_16_in_flight/client",
    floor: "call_16_in_flight/bare_reqwest",
    floor_is: "the same call with reqwest alone",
    allowed: 1.15,
    goal: None,
}];

/// The gates of `whistl-client`.
pub(crate) const FILE_GATES: &[Gate] = &[
    Gate {
        what: "order written as DTD_ORDER, checked, VAT derived",
        benchmark: "dtd_order/write",
        floor: "floor/quick_xml_write",
        floor_is: "the same elements and texts with quick-xml alone",
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "DTD_ORDER read",
        benchmark: "dtd_order/read",
        floor: "floor/quick_xml_read",
        floor_is: "the same texts with quick-xml alone",
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "order written as CSV, checked",
        benchmark: "order_csv/write",
        floor: "floor/csv_write",
        floor_is: "the same records with csv alone",
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "stock file of 100 rows read",
        benchmark: "stock_csv/read_100",
        floor: "floor/csv_read_100",
        floor_is: "the same rows with csv alone",
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "stock file of 100,000 rows read",
        benchmark: "stock_csv/read_100k",
        floor: "floor/csv_read_100k",
        floor_is: "the same rows with csv alone",
        allowed: 2.0,
        goal: None,
    },
];

/// The gates of `order-sync`.
pub(crate) const ENGINE_GATES: &[Gate] = &[
    Gate {
        what: "an order with 32 in flight: read, mapped, sent, on record",
        benchmark: "orders/32_in_flight",
        floor: "orders/bound",
        floor_is: "list page, capture, two grouped transitions and POST, each alone",
        // At least 25 % of what the bound allows.
        allowed: 4.0,
        goal: None,
    },
    Gate {
        what: "an order with one in flight",
        benchmark: "orders/1_in_flight",
        floor: "orders/serial_bound",
        floor_is: "two commits and a POST, each alone",
        // At least 35 % of what the bound allows.
        allowed: 2.85,
        goal: None,
    },
    Gate {
        what: "1,000,000 stock rows compared with what is on record",
        benchmark: "stock/compare_rows",
        floor: "stock/merge_rows",
        floor_is: "the same rows merged, both sides sorted",
        allowed: 3.0,
        goal: None,
    },
    Gate {
        what: "1,000,000 levels compared with what the shop was told",
        benchmark: "stock/diff_levels",
        floor: "stock/merge_levels",
        floor_is: "the same levels merged, both sides sorted",
        allowed: 3.0,
        goal: None,
    },
];

/// The gates of `order-sync-postgres`. What is allowed of a capture and of a claim, beside the bare client, is provisional: there was no
/// run yet on a machine with nothing else to do.
pub(crate) const SHARED_STORE_GATES: &[Gate] = &[
    Gate {
        what: "an order with 32 in flight over HTTP: read, mapped, sent, on record",
        benchmark: "shared/32_in_flight",
        floor: "file/32_in_flight",
        floor_is: "the same over the store in a file",
        // At least half as many orders a second.
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "the same without HTTP, shop and warehouse in the engine's process",
        benchmark: "shared/in_process",
        floor: "file/in_process",
        floor_is: "the same over the store in a file",
        allowed: 2.0,
        goal: None,
    },
    Gate {
        what: "an order captured, in pages of 500",
        benchmark: "shared/capture",
        floor: "bare/capture",
        floor_is: "one row of its body, in pages of 500, through the bare client",
        allowed: 20.0,
        goal: None,
    },
    Gate {
        what: "a worker's time for an order, two at work",
        benchmark: "workers/each_of_two",
        floor: "workers/one",
        floor_is: "one at work",
        // Two move at least 1.3 times as many orders as one.
        allowed: 1.54,
        goal: None,
    },
    Gate {
        what: "a worker's time for an order, eight at work, warehouse of 200 ms",
        benchmark: "scaling/200_ms/8",
        floor: "scaling/200_ms/1",
        floor_is: "one at work",
        allowed: 1.25,
        goal: None,
    },
    Gate {
        what: "a worker's time for an order, four at work, warehouse of 20 ms",
        benchmark: "scaling/20_ms/4",
        floor: "scaling/20_ms/1",
        floor_is: "one at work",
        allowed: 1.25,
        goal: None,
    },
    Gate {
        what: "claim of 20 orders of one of 1,000 merchants, 10 of them with orders that are due",
        benchmark: "merchants/claim_among_1000",
        floor: "merchants/claim_among_10",
        floor_is: "those 10 alone",
        allowed: 1.5,
        goal: None,
    },
    Gate {
        what: "claim of 20 orders beside 1,000,000 closed and 50,000 open ones, with a plan for no particular values",
        benchmark: "claims/median_generic",
        floor: "claims/bare_median",
        floor_is: "one statement on one table of narrow rows, through the bare client",
        allowed: 12.0,
        goal: None,
    },
];

/// A gate with what was measured in nanoseconds.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) gate: &'static Gate,
    pub(crate) time: Option<f64>,
    pub(crate) floor: Option<f64>,
}

impl Gate {
    pub(crate) fn judge(&'static self, measured: &Measured) -> Row {
        Row {
            gate: self,
            time: measured.get(self.benchmark).copied(),
            floor: measured.get(self.floor).copied(),
        }
    }
}

impl Row {
    pub(crate) fn ratio(&self) -> Option<f64> {
        Some(self.time? / self.floor?)
    }

    /// Why the gate does not pass.
    pub(crate) fn fault(&self) -> Option<String> {
        let gate = self.gate;
        match (self.time, self.floor, self.ratio()) {
            (None, _, _) => Some(format!("{} was not measured", gate.benchmark)),
            (_, None, _) => Some(format!("{} was not measured", gate.floor)),
            (_, _, Some(ratio)) if ratio > gate.allowed => Some(format!(
                "{} ({}) costs {ratio:.2} times {}, and {} is allowed",
                gate.what, gate.benchmark, gate.floor, gate.allowed
            )),
            _ => None,
        }
    }

    /// Whether the goal in time is kept; none without goal or measurement.
    pub(crate) fn keeps_goal(&self) -> Option<bool> {
        Some(Duration::from_secs_f64(self.time? / 1e9) <= self.gate.goal?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GATE: Gate = Gate {
        what: "clean order",
        benchmark: "order/clean",
        floor: "floor/phone",
        floor_is: "the phone",
        allowed: 2.0,
        goal: Some(Duration::from_nanos(1_500)),
    };

    fn measured(rows: &[(&str, f64)]) -> Measured {
        rows.iter()
            .map(|(id, time)| ((*id).to_owned(), *time))
            .collect()
    }

    #[test]
    fn a_ratio_passes_up_to_what_is_allowed() {
        let row = GATE.judge(&measured(&[
            ("order/clean", 2_000.0),
            ("floor/phone", 1_000.0),
        ]));
        assert_eq!((row.fault(), row.keeps_goal()), (None, Some(false)));
        let row = GATE.judge(&measured(&[
            ("order/clean", 2_010.0),
            ("floor/phone", 1_000.0),
        ]));
        assert!(
            row.fault()
                .is_some_and(|fault| fault.contains("2.01 times"))
        );
    }

    #[test]
    fn what_was_not_measured_does_not_pass() {
        for (rows, missing) in [
            (measured(&[("floor/phone", 1.0)]), "order/clean"),
            (measured(&[("order/clean", 1.0)]), "floor/phone"),
        ] {
            let fault = GATE.judge(&rows).fault().unwrap();
            assert!(fault.contains(missing), "{fault}");
        }
    }

    #[test]
    fn every_gate_can_pass_and_is_said_once() {
        let mut pairs = BTreeSet::new();
        let all = [
            GATES,
            CLIENT_GATES,
            FILE_GATES,
            ENGINE_GATES,
            SHARED_STORE_GATES,
        ];
        for gate in all.into_iter().flatten() {
            assert!(
                gate.allowed >= 1.0 && gate.benchmark != gate.floor,
                "{gate:?}"
            );
            assert!(pairs.insert((gate.benchmark, gate.floor)), "{gate:?}");
        }
    }
}
