//! The warehouse's ports behind their guards. A new method of a port is one line here.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, FulfilmentOrder};

use super::port_guard::PortGuard;
use crate::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, HeldBack, Lookup,
    PortError, ReturnsPage, StockBatch, StockSource, Submission, Warehouse, WarehouseListing,
};

/// The share of a lease that the read before a create may take.
pub(super) const SHARE_FOR_A_READ: f64 = 0.1;

#[derive(Debug)]
pub(super) struct GuardedWarehouse {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn Warehouse>,
    /// How long the read before a create may take. The time of the claim was looked at before it, and goes on meanwhile.
    pub(super) patience: Duration,
}

#[async_trait]
impl Warehouse for GuardedWarehouse {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let permit = self.guard.write("submit", Some(reference.as_str()))?;
        if permit.wants_read() {
            // No order is created to find out whether the warehouse is back; and the read that finds out asks after this very one.
            let asked_at = self.guard.now();
            match self.lookup(reference, order).await {
                Ok(Lookup::Absent) if self.guard.now().saturating_sub(asked_at) > self.patience => {
                    let late = PortError::new(
                        FailureClass::Unavailable,
                        "it was answered too late for the claim of this order",
                    );
                    let late = late.with_held_back(HeldBack::CircuitOpen);
                    return Err(permit.read_failed(&late));
                }
                Ok(Lookup::Absent) => {}
                // The engine looks what is there.
                Ok(_) => return Ok(Submission::AlreadyThere),
                Err(error) => return Err(permit.read_failed(&error)),
            }
        }
        permit.judge(self.inner.submit(reference, order).await)
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let permit = self.guard.read("lookup", Some(reference.as_str()))?;
        permit.judge(self.inner.lookup(reference, order).await)
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let permit = self.guard.read("despatches", None)?;
        permit.judge(self.inner.despatches(cursor).await)
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let permit = self.guard.read("list", None)?;
        permit.judge(self.inner.list(page).await)
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let permit = self.guard.repeatable("cancel", Some(request_id))?;
        permit.judge(self.inner.cancel(reference, request_id, why).await)
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let permit = self.guard.repeatable("amend", Some(request.id))?;
        permit.judge(self.inner.amend(reference, request).await)
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let permit = self.guard.read("returns", None)?;
        permit.judge(self.inner.returns(cursor).await)
    }
}

#[derive(Debug)]
pub(super) struct GuardedStockSource {
    pub(super) guard: Arc<PortGuard>,
    pub(super) inner: Arc<dyn StockSource>,
}

#[async_trait]
impl StockSource for GuardedStockSource {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let permit = self.guard.read("stock", None)?;
        permit.judge(self.inner.stock(cursor).await)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::Clock;
    use crate::guard::{GuardSettings, PortName};

    /// A clock that stands still, but for what a look-up takes.
    #[derive(Debug, Default)]
    struct StillClock(Mutex<Duration>);

    impl StillClock {
        fn pass(&self, time: Duration) {
            *self.0.lock().unwrap() += time;
        }
    }

    #[async_trait]
    impl Clock for StillClock {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH + self.monotonic()
        }

        fn monotonic(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        async fn sleep(&self, _duration: Duration) {}
    }

    /// Its first create is refused, its look-ups take their time.
    #[derive(Debug)]
    struct SlowToLookUp {
        clock: Arc<StillClock>,
        takes: Duration,
        submits: Mutex<u32>,
    }

    #[async_trait]
    impl Warehouse for SlowToLookUp {
        fn capabilities(&self) -> Capabilities {
            Capabilities::new(true)
        }

        async fn submit(
            &self,
            _reference: &ClientOrderRef,
            _order: &FulfilmentOrder,
        ) -> Result<Submission, PortError> {
            let mut submits = self.submits.lock().unwrap();
            *submits += 1;
            if *submits == 1 {
                return Err(PortError::new(FailureClass::Unauthorised, "no"));
            }
            Ok(Submission::Queued)
        }

        async fn lookup(
            &self,
            _reference: &ClientOrderRef,
            _order: &FulfilmentOrder,
        ) -> Result<Lookup, PortError> {
            self.clock.pass(self.takes);
            Ok(Lookup::Absent)
        }

        async fn despatches(&self, _cursor: Option<&str>) -> Result<DespatchPage, PortError> {
            Ok(DespatchPage::default())
        }

        async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
            Ok(WarehouseListing::default())
        }
    }

    /// The second create, the one that tries the open circuit after a look-up that takes so long; and how often it came through.
    async fn second_create(takes: Duration) -> (Result<Submission, PortError>, u32) {
        let clock = Arc::new(StillClock::default());
        let shared: Arc<dyn Clock> = Arc::<StillClock>::clone(&clock);
        let inner = Arc::new(SlowToLookUp {
            clock: Arc::clone(&clock),
            takes,
            submits: Mutex::new(0),
        });
        let guard = PortGuard::new(PortName::Warehouse, GuardSettings::default(), shared);
        let warehouse = GuardedWarehouse {
            guard: Arc::new(guard),
            inner: Arc::<SlowToLookUp>::clone(&inner),
            patience: Duration::from_secs(6),
        };
        let order: FulfilmentOrder = serde_json::from_str(
            r#"{ "source_id": "1", "service": "WHI_STD", "service_rule": "", "release_rule": "", "registry_hash": "",
                 "profile_hash": "", "lines": [], "recipient": { "name": "Goods In", "line1": "1 Sample Street", "city": "Anytown",
                 "postcode": "ZZ99 9ZZ", "country": "GB", "phone": "" } }"#,
        )
        .unwrap();
        let reference = ClientOrderRef::from_wire("B7Q2M4XK3P5A");
        let opened = warehouse.submit(&reference, &order).await;
        assert!(opened.is_err(), "it opens the circuit");
        clock.pass(Duration::from_secs(60));
        let second = warehouse.submit(&reference, &order).await;
        let submits = *inner.submits.lock().unwrap();
        (second, submits)
    }

    #[tokio::test]
    async fn a_look_up_that_used_the_time_of_the_claim_up_is_followed_by_no_create() {
        let (sent, submits) = second_create(Duration::from_secs(5)).await;
        assert!(sent.is_ok());
        assert_eq!(submits, 2);

        let (late, submits) = second_create(Duration::from_secs(7)).await;
        let late = late.unwrap_err();
        assert_eq!(late.class(), FailureClass::NeverSent);
        assert!(late.held_back().is_some(), "no fault of the order");
        assert_eq!(submits, 1, "it was not sent");
    }
}
