//! The cases.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use order_sync::{Alert, AlertKind, Exception, ExceptionSubject, Finding, MerchantId, codes};

use super::AlertSinkWorld;

/// Longer than any run may wait for a sink.
const SOON: Duration = Duration::from_secs(30);

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_444_400, 0).unwrap_or_default()
}

fn exception(detail: &str) -> Exception {
    let subject = ExceptionSubject::new("order", "1001");
    let mut exception = Exception::opened(
        "audit",
        Finding::new(subject, &codes::DOUBLED, detail),
        at(),
    );
    exception.number = 12;
    exception.assignee = Some("jo.bloggs@example.com".to_owned());
    exception
}

fn alert_of(merchant: &str, kind: AlertKind, detail: &str) -> Alert {
    let merchant = MerchantId::new(merchant);
    Alert::new(
        merchant,
        kind,
        codes::DOUBLED.id,
        1,
        vec![exception(detail)],
        at(),
    )
}

fn alert(merchant: &str) -> Alert {
    alert_of(merchant, AlertKind::Opened, "2 live orders")
}

async fn told(world: &dyn AlertSinkWorld, alert: &Alert) {
    world.sink().alert(alert).await.expect("it is passed on");
}

/// The one alert that has arrived.
async fn only(world: &dyn AlertSinkWorld) -> String {
    let mut arrived = world.arrived().await;
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    arrived.remove(0)
}

pub async fn it_has_a_name_that_stays(world: &dyn AlertSinkWorld) {
    let before = world.sink().name().to_owned();
    assert!(!before.trim().is_empty());
    told(world, &alert("acme")).await;
    assert_eq!(world.sink().name(), before);
}

pub async fn an_alert_arrives_with_its_merchant_and_its_code(world: &dyn AlertSinkWorld) {
    told(world, &alert("acme")).await;
    let text = only(world).await;
    for wanted in ["acme", "DOUBLED"] {
        assert!(text.contains(wanted), "{wanted} is missing from {text}");
    }
}

pub async fn every_kind_arrives(world: &dyn AlertSinkWorld) {
    let kinds = [AlertKind::Opened, AlertKind::Escalated, AlertKind::Closed];
    for kind in kinds {
        told(world, &alert_of("acme", kind, "2 live orders")).await;
    }
    let arrived = world.arrived().await;
    assert_eq!(arrived.len(), kinds.len());
    for (text, kind) in arrived.iter().zip(kinds) {
        let text = text.to_lowercase();
        assert!(
            text.contains(kind.as_str()),
            "{} is missing from {text}",
            kind.as_str()
        );
    }
}

pub async fn every_alert_arrives_by_itself(world: &dyn AlertSinkWorld) {
    let merchants = ["acme", "northwind", "contoso"];
    for merchant in merchants {
        told(world, &alert(merchant)).await;
    }
    let arrived = world.arrived().await;
    assert_eq!(arrived.len(), merchants.len());
    for (text, merchant) in arrived.iter().zip(merchants) {
        assert!(text.contains(merchant), "{merchant} is missing from {text}");
    }
}

pub async fn the_same_alert_arrives_again_when_it_is_told_again(world: &dyn AlertSinkWorld) {
    let alert = alert("acme");
    for _ in 0..2 {
        told(world, &alert).await;
    }
    assert_eq!(
        world.arrived().await.len(),
        2,
        "to tell once only is not the sink's business"
    );
}

pub async fn many_exceptions_are_one_alert_with_a_count(world: &dyn AlertSinkWorld) {
    let shown = (0..5).map(|_| exception("2 live orders")).collect();
    let merchant = MerchantId::new("acme");
    let alert = Alert::new(
        merchant,
        AlertKind::Opened,
        codes::DOUBLED.id,
        10_007,
        shown,
        at(),
    );
    told(world, &alert).await;
    let text = only(world).await;
    assert!(text.contains("10007"), "the count is missing from {text}");
}

pub async fn a_code_of_a_later_version_arrives(world: &dyn AlertSinkWorld) {
    let merchant = MerchantId::new("acme");
    let alert = Alert::new(
        merchant,
        AlertKind::Opened,
        "OF_A_LATER_VERSION",
        1,
        Vec::new(),
        at(),
    );
    told(world, &alert).await;
    assert!(only(world).await.contains("OF_A_LATER_VERSION"));
}

pub async fn long_and_odd_texts_arrive(world: &dyn AlertSinkWorld) {
    let odd = [
        "line one\r\nBcc: somebody@example.com\r\n\r\n.\r\nline two".to_owned(),
        "<!channel> & <script>\"'`*_~|</script> \u{1F69A} \u{0}\u{7} \u{202e}".to_owned(),
        "\u{e4}\u{f6}\u{fc} ".repeat(10_000),
    ];
    for detail in &odd {
        told(world, &alert_of("acme", AlertKind::Opened, detail)).await;
    }
    let arrived = world.arrived().await;
    assert_eq!(arrived.len(), odd.len());
    assert!(arrived.iter().all(|text| text.contains("DOUBLED")));
}

pub async fn whoever_looks_after_it_is_not_named(world: &dyn AlertSinkWorld) {
    let mut alert = alert("acme");
    // Also where whoever made the alert forgot to leave it out.
    for exception in &mut alert.exceptions {
        exception.assignee = Some("jo.bloggs@example.com".to_owned());
    }
    told(world, &alert).await;
    assert!(!only(world).await.contains("jo.bloggs"));
}

pub async fn a_failure_is_an_error_and_comes_soon(world: &dyn AlertSinkWorld) {
    if !world.fail().await {
        return;
    }
    let began = Instant::now();
    let answer = world.sink().alert(&alert("acme")).await;
    assert!(
        began.elapsed() < SOON,
        "a run waited {:?} for it",
        began.elapsed()
    );
    let error = answer.expect_err("it was not passed on");
    assert!(!error.to_string().is_empty());
}

pub async fn what_failed_arrives_once_it_works_again(world: &dyn AlertSinkWorld) {
    if !world.fail().await {
        return;
    }
    let alert = alert("acme");
    world
        .sink()
        .alert(&alert)
        .await
        .expect_err("it was not passed on");
    world.recover().await;
    let before = world.arrived().await.len();
    told(world, &alert).await;
    assert_eq!(world.arrived().await.len(), before + 1);
}

pub async fn alerts_side_by_side_all_arrive(world: &dyn AlertSinkWorld) {
    let [one, two, three] = ["acme", "northwind", "contoso"].map(alert);
    let sink = world.sink();
    let answers = tokio::join!(sink.alert(&one), sink.alert(&two), sink.alert(&three));
    for answer in [answers.0, answers.1, answers.2] {
        answer.expect("it is passed on");
    }
    assert_eq!(world.arrived().await.len(), 3);
}

pub async fn a_call_that_was_never_polled_has_told_nothing(world: &dyn AlertSinkWorld) {
    drop(world.sink().alert(&alert("acme")));
    assert!(world.arrived().await.is_empty());
}
