//! Death at a fail point.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use order_sync::Clock;
use order_sync_testkit::faults::{Fault, FaultPlan, StoreCall, StoreFault, StoreWatch};
use rustix::process::{Signal, getpid, kill_process};

use crate::fail_point::{FailPoint, Operation, Side};

/// What the last line of a process says that has met its fail point.
pub(crate) const LAST_WORDS: &str = "died at ";

/// Ends this process where it stands: nothing is flushed, nothing is dropped, nobody is told.
pub(crate) fn die(point: FailPoint) -> ! {
    println!("{LAST_WORDS}{point}");
    // A signal to oneself is delivered before the call returns; if it could not be sent, abort ends the process as hard.
    let _sent = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}

/// Stands before a store and kills the process at the call it was told.
#[derive(Debug)]
pub(crate) struct StoreDoom {
    point: Option<FailPoint>,
    /// Calls until then, that one included.
    left: AtomicU32,
}

impl StoreDoom {
    /// Death at that call of that point; none, or a point of a port: nobody dies here.
    pub(crate) const fn new(point: Option<FailPoint>, call: u32) -> Self {
        Self {
            point,
            left: AtomicU32::new(call),
        }
    }

    fn meet(&self, call: StoreCall, side: Side) {
        let here = FailPoint {
            operation: Operation::Store(call),
            side,
        };
        if self.point == Some(here) && self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            die(here);
        }
    }
}

#[async_trait]
impl StoreWatch for StoreDoom {
    async fn before(&self, call: StoreCall) -> StoreFault {
        self.meet(call, Side::Before);
        StoreFault::None
    }

    async fn done(&self, call: StoreCall) {
        self.meet(call, Side::After);
    }
}

/// A plan that holds the call of a port at which the process is to die, before it reaches the port or before its answer reaches the
/// engine, and whoever kills it then. The task ends with the process.
pub(crate) fn port_doom(
    clock: Arc<dyn Clock>,
    point: FailPoint,
    call: u32,
) -> Option<Arc<FaultPlan>> {
    let Operation::Port(operation) = point.operation else {
        return None;
    };
    let plan = FaultPlan::new(clock);
    for _ in 1..call {
        plan.next(operation, Fault::None);
    }
    let held = match point.side {
        Side::Before => Fault::Hold,
        Side::After => Fault::HoldAfterWrite,
    };
    plan.next(operation, held);
    let watched = Arc::clone(&plan);
    tokio::spawn(async move {
        watched.until_held(1).await;
        die(point);
    });
    Some(plan)
}
