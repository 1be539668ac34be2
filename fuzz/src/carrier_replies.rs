//! The carrier's replies: bounded, and read the same whatever the namespace.

use whistl_client::shipping::Shipment;
use whistl_client::tracking::{TrackingHistory, TrackingProfile};

use crate::{Outcomes, Target};

/// Pieces that both wires are made of.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/>",
    "</",
    "&#x10;",
    "&amp;",
    "&#233;",
    "&x;",
    "<![CDATA[",
    "]]>",
    " xsi:nil=\"true\"",
    "<!DOCTYPE a>",
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
    "<!-- -->",
    "true",
    "\u{FEFF}",
    "p:",
    "2026-03-29T01:30:00",
    "2026-10-25T01:30:00.1234567",
    "18446744073709551616",
];

pub(crate) const SHIPMENT: Target = Target {
    name: "shipment_reply",
    run: shipment_reply,
    pieces: PIECES,
    reached: &["read", "refused", "label", "unknown"],
};

pub(crate) const TRACKING: Target = Target {
    name: "tracking_reply",
    run: tracking_reply,
    pieces: PIECES,
    reached: &[
        "read",
        "refused",
        "timed",
        "untimed",
        "Delivered",
        "Unknown",
    ],
};

/// A shipment document.
pub fn shipment_reply(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    match Shipment::from_xml(data) {
        Ok(shipment) => {
            outcomes.insert("read".into());
            assert!(shipment.id.get() > 0);
            for label in shipment.labels() {
                assert!(!label.bytes().is_empty() && label.bytes().len() < data.len());
                outcomes.insert("label".into());
            }
            if !shipment.unknown.is_empty() {
                outcomes.insert("unknown".into());
            }
            let again = Shipment::from_xml(data);
            assert_eq!(again.as_ref(), Ok(&shipment));
        }
        Err(fault) => {
            // A place at most, never content.
            assert!(fault.to_string().len() < 100, "{fault}");
            outcomes.insert("refused".into());
        }
    }
    outcomes
}

/// A tracking history.
pub fn tracking_reply(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let history = match TrackingHistory::from_xml(data, &TrackingProfile::default()) {
        Ok(history) => history,
        Err(fault) => {
            assert!(fault.to_string().len() < 100, "{fault}");
            outcomes.insert("refused".into());
            return outcomes;
        }
    };
    outcomes.insert("read".into());
    let packages = history.packages.iter().map(|package| &package.events);
    for events in packages.chain([&history.shipment_events]) {
        let times: Vec<_> = events.iter().filter_map(|event| event.at).collect();
        assert!(times.is_sorted());
        for event in events {
            outcomes.insert(format!("{:?}", event.stage).into());
            let timed = if event.at.is_some() {
                "timed"
            } else {
                "untimed"
            };
            outcomes.insert(timed.into());
            assert!(event.at.is_none() || event.timestamp.is_some());
        }
    }
    outcomes
}
