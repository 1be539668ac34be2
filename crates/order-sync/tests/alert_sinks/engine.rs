//! Sinks that fail, in an engine at work.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    CatalogueItem, ClientOrderRef, FulfilmentOrder, OrderLine, Parcel, Profile, SalesOrder,
    ShippingMethodLabel, SourceOrderId, SourceSku,
};
use order_sync::alert_sinks::{EmailSink, SecretString, SmtpSecurity, WebhookSink};
use order_sync::*;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::mail_server::{MailServer, Manners};

/// A shop with one order whose shipping option nobody has mapped, and a warehouse that is never asked.
#[derive(Debug)]
struct World;

fn refused() -> PortError {
    PortError::new(FailureClass::Unsupported, "not part of this test")
}

#[async_trait]
impl OrderSource for World {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(start())
    }

    async fn changed(&self, _: ChangeWindow, _: Option<&str>) -> Result<SourcePage, PortError> {
        let row = SourceRow::new(SourceOrderId::new("1001"), Some("1".to_owned()));
        Ok(SourcePage::new(vec![row], None))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let mut order = SalesOrder::new(id.as_str());
        order.placed_at = Some(start());
        order.shipping_method = Some(ShippingMethodLabel::new("Drone"));
        order.lines = vec![OrderLine::new("1", "85123A", 6)];
        Ok(Some(SourceCopy::new(order, Some("1".to_owned()))))
    }
}

#[async_trait]
impl Warehouse for World {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(false)
    }

    async fn submit(
        &self,
        _: &ClientOrderRef,
        _: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        Err(refused())
    }

    async fn lookup(&self, _: &ClientOrderRef, _: &FulfilmentOrder) -> Result<Lookup, PortError> {
        Err(refused())
    }

    async fn despatches(&self, _: Option<&str>) -> Result<DespatchPage, PortError> {
        Err(refused())
    }

    async fn list(&self, _: Option<&str>) -> Result<WarehouseListing, PortError> {
        Err(refused())
    }
}

#[async_trait]
impl DespatchSink for World {
    async fn relay(&self, _: &SourceOrderId, _: &[Parcel]) -> Result<RelayOutcome, PortError> {
        Err(refused())
    }

    async fn visible(&self, _: &SourceOrderId, _: &[Parcel]) -> Result<Vec<String>, PortError> {
        Err(refused())
    }
}

#[async_trait]
impl StockSource for World {
    async fn stock(&self, _: Option<&str>) -> Result<StockBatch, PortError> {
        Err(refused())
    }
}

#[async_trait]
impl StockSink for World {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, _: &[ShopLevel]) -> PublishOutcome {
        PublishOutcome::default()
    }

    async fn levels(&self, _: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        Err(refused())
    }
}

/// Time that moves by hand.
#[derive(Debug, Default)]
struct HandClock(Mutex<Duration>);

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_444_400, 0).unwrap()
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        start() + *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

#[async_trait]
impl AlertSink for Heard {
    fn name(&self) -> &'static str {
        "heard"
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        self.0.lock().unwrap().push(alert.code.clone());
        Ok(())
    }
}

#[tokio::test]
async fn sinks_that_fail_stop_no_flow_and_are_told_later() {
    let down = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(500))
        .mount(&down)
        .await;
    let mute = MailServer::start(Manners {
        hangs_at: Some("EHLO"),
        ..Manners::default()
    })
    .await;
    let webhook = WebhookSink::new(
        &SecretString::from(down.uri()),
        SecretString::from("a-secret-of-some-length"),
    )
    .unwrap();
    let email = EmailSink::builder("localhost", "sync@shop.example", ["ops@shop.example"])
        .with_security(SmtpSecurity::PlaintextToThisMachine)
        .with_port(mute.port)
        .with_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let heard = Arc::new(Heard::default());
    let clock = Arc::new(HandClock::default());
    let world = Arc::new(World);
    let item = CatalogueItem::new(SourceSku::new("85123A"), None);
    let engine = Engine::builder(
        MerchantId::new("acme"),
        ReferenceKey::new(*b"sixteen or more bytes"),
        Profile::default(),
        Arc::new(MemoryStore::new(start() - chrono::Duration::days(30))),
        Ports {
            orders: world.clone(),
            catalogue: Arc::new(FixedCatalogue::new(vec![item])),
            warehouse: world.clone(),
            despatch_sink: world.clone(),
            stock_source: world.clone(),
            stock_sink: world,
        },
    )
    .with_clock(clock.clone())
    .with_alert_sink(Arc::new(webhook))
    .with_alert_sink(Arc::new(email))
    .with_alert_sink(heard.clone())
    .build()
    .unwrap();

    let cancel = CancellationToken::new();
    let report = engine.run_once(Flow::Orders, &cancel).await;
    assert!(report.completed(), "{report:?}");
    let told = heard.0.lock().unwrap().clone();
    assert!(told.contains(&"SHIP_UNMAPPED".to_owned()), "{told:?}");
    assert_eq!(down.received_requests().await.unwrap().len(), 1);
    assert!(mute.heard_any("EHLO"));

    // It is up again, and is told everything once its pause is over; who has heard is not told twice.
    down.reset().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&down)
        .await;
    clock.sleep(Duration::from_secs(120)).await;
    let report = engine.run_once(Flow::Orders, &cancel).await;
    assert!(report.completed(), "{report:?}");
    let requests = down.received_requests().await.unwrap();
    assert_eq!(requests.len(), told.len());
    assert_eq!(*heard.0.lock().unwrap(), told);
}
