//! Answers that mean harm end in an error, in bounded time and memory.

use super::*;
use std::time::Instant;

/// Documents that are small on the wire and large in the head, and others that never end.
fn attacks() -> Vec<(&'static str, String)> {
    let bomb = (0..30).fold(
        String::from("<!DOCTYPE b [<!ENTITY a0 \"x\">"),
        |text, n| text + &format!("<!ENTITY a{} \"&a{n};&a{n};\">", n + 1),
    );
    vec![
        ("bomb", bomb + "]><Shipment>&a30;</Shipment>"),
        (
            "outside",
            "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><Shipment>&f;</Shipment>"
                .to_owned(),
        ),
        ("deep", "<a>".repeat(200_000)),
        (
            "many",
            format!(
                "<ArrayOfShipment>{}</ArrayOfShipment>",
                "<a/>".repeat(2_100_000)
            ),
        ),
        (
            "attributes",
            format!(
                "<a {}/>",
                (0..5_000)
                    .map(|n| format!("a{n}=\"\" "))
                    .collect::<String>()
            ),
        ),
        ("unfinished", "<ArrayOfShipment><Shipment>".to_owned()),
        ("nothing", String::new()),
        ("bytes", "\u{0}\u{1}\u{2}".to_owned()),
    ]
}

fn refused(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Decode | ErrorKind::BodyTooLarge)
}

#[tokio::test]
async fn hostile_answers_are_errors() {
    for (name, body) in attacks() {
        let server = carrier().await;
        Mock::given(path("/1.0/Shipment"))
            .respond_with(xml(200, body.clone()))
            .mount(&server)
            .await;
        Mock::given(path("/v1/trackingservice/searchshipments"))
            .respond_with(xml(200, body))
            .mount(&server)
            .await;
        let begun = Instant::now();
        let error = builder(server.uri())
            .build()
            .unwrap()
            .list()
            .await
            .unwrap_err();
        assert!(refused(&error), "{name}: {error}");
        let error = tracker(server.uri())
            .build()
            .unwrap()
            .search("x")
            .await
            .unwrap_err();
        assert!(refused(&error), "{name}: {error}");
        // No time limit in a strict sense: it tells a loop without an end from work.
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}");
    }
}
