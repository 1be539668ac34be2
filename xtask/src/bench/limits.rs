//! What a benchmark may come to at most where no floor of the same run would say more: times of a whole that people wait for, memory,
//! growth.

use std::time::Duration;

use super::report::Measured;

/// One row of the second table: a benchmark and the most it may come to.
#[derive(Debug)]
pub(crate) struct Limit {
    /// What is measured, in words.
    pub(crate) what: &'static str,
    /// Id of the benchmark.
    pub(crate) benchmark: &'static str,
    /// The most that passes.
    pub(crate) most: Most,
}

/// The most of something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Most {
    /// Time, on a machine of two virtual CPUs.
    Time(Duration),
    /// Bytes of memory.
    Memory(f64),
    /// So many times as much.
    Times(f64),
}

impl Most {
    /// In the unit in which it is measured.
    pub(crate) fn figure(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64() * 1e9,
            Self::Memory(bytes) => bytes,
            Self::Times(times) => times,
        }
    }
}

/// The limits of `order-sync`.
pub(crate) const ENGINE_LIMITS: &[Limit] = &[
    Limit {
        what: "CPU of the engine for an order, without store and HTTP",
        benchmark: "engine/cpu_per_order",
        most: Most::Time(Duration::from_micros(100)),
    },
    Limit {
        what: "orders flow with nothing new, many closed orders",
        benchmark: "idle/orders",
        most: Most::Time(Duration::from_millis(20)),
    },
    Limit {
        what: "despatches flow with nothing new, many closed orders",
        benchmark: "idle/despatches",
        most: Most::Time(Duration::from_millis(20)),
    },
    Limit {
        what: "start to first transmission, 10,000 orders waiting",
        benchmark: "restart/first_transmission",
        most: Most::Time(Duration::from_secs(1)),
    },
    Limit {
        what: "stock file of 1,000,000 rows, one in a thousand differs: parse, compare, store, publish",
        benchmark: "stock/feed_1m",
        most: Most::Time(Duration::from_millis(1_500)),
    },
    Limit {
        what: "memory of that run",
        benchmark: "stock/peak",
        most: Most::Memory(250e6),
    },
    Limit {
        what: "growth of memory from a run over 10,000 orders to one over many",
        benchmark: "memory/growth",
        most: Most::Times(1.5),
    },
];

/// The limits of `order-sync-postgres`.
pub(crate) const SHARED_STORE_LIMITS: &[Limit] = &[
    Limit {
        what: "from the end of a killed worker's lease to another one's claim of its orders, at worst",
        benchmark: "failover/beyond_lease",
        most: Most::Time(Duration::from_secs(1)),
    },
    Limit {
        what: "claim of 20 orders beside 1,000,000 closed and 50,000 open ones, p99",
        benchmark: "claims/p99",
        most: Most::Time(Duration::from_millis(5)),
    },
    Limit {
        what: "the same with a plan for no particular values, p99",
        benchmark: "claims/p99_generic",
        most: Most::Time(Duration::from_millis(5)),
    },
];

/// A limit with what was measured.
#[derive(Debug)]
pub(crate) struct LimitRow {
    pub(crate) limit: &'static Limit,
    pub(crate) figure: Option<f64>,
}

impl Limit {
    pub(crate) fn judge(&'static self, measured: &Measured) -> LimitRow {
        LimitRow {
            limit: self,
            figure: measured.get(self.benchmark).copied(),
        }
    }
}

impl LimitRow {
    /// Why the limit is not kept.
    pub(crate) fn fault(&self) -> Option<String> {
        let Limit {
            what,
            benchmark,
            most,
        } = self.limit;
        match self.figure {
            None => Some(format!("{benchmark} was not measured")),
            Some(figure) if figure > most.figure() => Some(format!(
                "{what} ({benchmark}) comes to {:.2} times what is allowed",
                figure / most.figure()
            )),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        what: "a poll",
        benchmark: "idle/poll",
        most: Most::Time(Duration::from_millis(20)),
    };

    fn fault(figure: Option<f64>) -> Option<String> {
        let measured = figure.map(|figure| ("idle/poll".to_owned(), figure));
        LIMIT.judge(&measured.into_iter().collect()).fault()
    }

    #[test]
    fn a_figure_passes_up_to_the_limit() {
        assert_eq!(fault(Some(20e6)), None);
        assert!(fault(Some(30e6)).is_some_and(|fault| fault.contains("1.50 times")));
        assert!(fault(None).is_some_and(|fault| fault.contains("not measured")));
    }

    #[test]
    fn every_limit_is_said_once() {
        for limits in [ENGINE_LIMITS, SHARED_STORE_LIMITS] {
            let ids: std::collections::BTreeSet<_> =
                limits.iter().map(|limit| limit.benchmark).collect();
            assert_eq!(ids.len(), limits.len());
            assert!(limits.iter().all(|limit| limit.most.figure() > 0.0));
        }
    }
}
