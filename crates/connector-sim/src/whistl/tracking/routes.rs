//! The four operations. Failures are told inside a 200.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use chrono::NaiveDateTime;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::DEMO_TRACKING_CODE;
use super::desk::{Parcel, TrackingSwitches, local, trackable};
use crate::control;
use crate::problem::{Problem, json_value, with_type};
use crate::whistl::carrier::Carrier;
use crate::whistl::shipping::{DEMO_CARRIER_ACCOUNT, Refusal, error};
use crate::xml_tree::{self, Element};

const COURIER: &str = "Example Courier";

pub(crate) fn router(carrier: Arc<Carrier>) -> Router {
    Router::new()
        .route("/v1/trackingservice/listshipments", post(list_shipments))
        .route("/v1/trackingservice/getlatesttrackingevent", post(latest))
        .route("/v1/trackingservice/gettrackinghistory", post(history))
        .route("/v1/trackingservice/searchshipments", post(search))
        .route("/__sim/tracking/tick", post(tick))
        .route("/__sim/tracking/script", post(script))
        .route(
            "/__sim/tracking/switches",
            get(show_switches).put(set_switches),
        )
        .with_state(carrier)
}

/// A request that was read and authenticated.
struct Call {
    carrier: Arc<Carrier>,
    request: Element,
    parcels: Vec<Parcel>,
    root: &'static str,
}

impl Call {
    fn read(
        carrier: Arc<Carrier>,
        headers: &HeaderMap,
        body: &[u8],
        name: &'static str,
        root: &'static str,
    ) -> Result<Self, Refusal> {
        let media = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media = media
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if !matches!(media.as_str(), "application/xml" | "text/xml") {
            return Err(error(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The request must be application/xml",
            ));
        }
        let request =
            xml_tree::parse(body).map_err(|reason| error(StatusCode::BAD_REQUEST, &reason))?;
        carrier.adopt_despatches();
        let parcels = carrier.book(|book| trackable(book));
        let call = Self {
            carrier,
            request,
            parcels,
            root,
        };
        if call.request.name != name {
            return Err(call.fail(2, &format!("{name} is expected")));
        }
        let account = call.request.at("Authentication/AccountID");
        let code = call.request.at("Authentication/AccessCode");
        if account != Some(DEMO_CARRIER_ACCOUNT) || code != Some(DEMO_TRACKING_CODE) {
            return Err(call.fail(1, "Authentication failed"));
        }
        Ok(call)
    }

    fn begin(&self, code: u32, message: &str) -> Element {
        let id = self.request.at("TransactionMessageID").unwrap_or_default();
        Element::new(self.root)
            .field("TransactionMessageID", id)
            .with(
                Element::new("ServiceResult")
                    .field("Success", (code == 0).to_string())
                    .field("ErrorCode", code.to_string())
                    .field("ErrorMessage", message)
                    .field("InternalErrorMessage", "")
                    .field("HasWarning", "false")
                    .field("WarningMessage", ""),
            )
    }

    // Assumed: failures are a 200 with Success false; the codes are the simulator's.
    fn fail(&self, code: u32, message: &str) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            document: self.begin(code, message).document(),
        }
    }

    fn send(&self, reply: &Element) -> Response {
        let mut text = reply.document();
        if self.carrier.desk(|desk| desk.switches.illegal_reference) {
            text = text.replace("<EventDescription>", "<EventDescription>&#x10;");
        }
        with_type(StatusCode::OK, "application/xml; charset=utf-8", text)
    }

    fn last_event(&self, number: &str) -> Vec<Element> {
        self.carrier.desk(|desk| {
            desk.latest(number)
                .map(|event| event.members())
                .unwrap_or_default()
        })
    }

    fn listed(&self, parcel: &Parcel) -> Element {
        Element::new("Shipment")
            .field("ShipmentKey", parcel.key.to_string())
            .field("AccountID", parcel.account.clone())
            .field("CourierName", COURIER)
            .field("CourierTrackingNumber", parcel.number.clone())
            .with_all(self.last_event(&parcel.number))
    }
}

async fn list_shipments(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let call = Call::read(
        carrier,
        &headers,
        &body,
        "ListShipmentsRequest",
        "ListShipmentsResponse",
    )?;
    // Assumed: the format of FromDate and ToDate is that of EventTimestamp, a bare date is its first second.
    let date = |name: &str| {
        let text = call.request.at(name).unwrap_or_default();
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
            .or_else(|_| {
                NaiveDateTime::parse_from_str(&format!("{text}T00:00:00"), "%Y-%m-%dT%H:%M:%S")
            })
            .map_err(|_| call.fail(3, &format!("{name} is no date")))
    };
    let (from, to) = (date("FromDate")?, date("ToDate")?);
    let wanted = call.parcels.iter().filter(|parcel| {
        let created = NaiveDateTime::parse_from_str(&local(parcel.created), "%Y-%m-%dT%H:%M:%S");
        !parcel.deleted && created.is_ok_and(|at| at >= from && at <= to)
    });
    let shipments = Element::new("Shipments").with_all(wanted.map(|parcel| call.listed(parcel)));
    let reply = call
        .begin(0, "")
        .field("FromDate", call.request.at("FromDate").unwrap_or_default())
        .field("ToDate", call.request.at("ToDate").unwrap_or_default())
        .with(shipments);
    Ok(call.send(&reply))
}

async fn latest(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let call = Call::read(
        carrier,
        &headers,
        &body,
        "GetLatestTrackingEventRequest",
        "GetLatestTrackingEventResponse",
    )?;
    let numbers: Vec<&str> = call
        .request
        .child("TrackingNumbers")
        .map(|numbers| {
            numbers
                .all("TrackingNumber")
                .map(|one| one.text.trim())
                .collect()
        })
        .unwrap_or_default();
    if numbers.is_empty() {
        return Err(call.fail(3, "TrackingNumbers is required"));
    }
    let results = numbers.into_iter().map(|number| {
        let result = Element::new("SearchResult");
        match call.parcels.iter().find(|parcel| parcel.number == number) {
            None => result
                .field("TrackingNumber", number)
                .field("Successful", "false")
                .field("SearchErrorMessage", "The tracking number is not known"),
            Some(parcel) => result
                .field("ShipmentKey", parcel.key.to_string())
                .field("CourierName", COURIER)
                .field("TrackingNumber", number)
                .field("HasShipmentTracking", "false")
                .with(Element::new("ShipmentTracking"))
                .with(Element::new("PackageTrackingEvent").with_all(call.last_event(number)))
                .field("Successful", "true")
                .with(Element::new("SearchErrorMessage")),
        }
    });
    let reply = call
        .begin(0, "")
        .with(Element::new("TrackingResult").with_all(results));
    Ok(call.send(&reply))
}

async fn history(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let call = Call::read(
        carrier,
        &headers,
        &body,
        "GetTrackingHistoryRequest",
        "GetTrackingHistoryResponse",
    )?;
    if call.request.at("SearchType") != Some("ByTrackingNumber") {
        return Err(call.fail(3, "SearchType is not known"));
    }
    let term = call.request.at("SearchTerm").unwrap_or_default();
    let Some(parcel) = call.parcels.iter().find(|parcel| parcel.number == term) else {
        return Err(call.fail(4, "The tracking number is not known"));
    };
    let events = call.carrier.desk(|desk| desk.events(term));
    let events = events
        .iter()
        .map(|event| Element::new("TrackingEvent").with_all(event.members()));
    let package = Element::new("Package")
        .field("TrackingNumber", term)
        .with(Element::new("PackageTrackingEvents").with_all(events));
    let reply = call
        .begin(0, "")
        .field("ShipmentKey", parcel.key.to_string())
        .field("CourierName", COURIER)
        .field("TrackingNumber", term)
        .field("HasShipmentTracking", "false")
        .with(Element::new("ShipmentTrackingEvents"))
        .with(Element::new("Packages").with(package));
    Ok(call.send(&reply))
}

async fn search(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let call = Call::read(
        carrier,
        &headers,
        &body,
        "SearchShipmentsRequest",
        "SearchShipmentsResponse",
    )?;
    let Some(term) = call.request.at("SearchTerm") else {
        return Err(call.fail(3, "SearchTerm is required"));
    };
    let found = call.parcels.iter().filter(|parcel| {
        [&parcel.number, &parcel.reference, &parcel.second_reference]
            .iter()
            .any(|text| *text == term)
    });
    let shipments = found.map(|parcel| {
        call.listed(parcel)
            .field("DeliveryPostcode", parcel.postcode.clone())
            .field("Reference1", parcel.reference.clone())
            .field("Reference2", parcel.second_reference.clone())
            .field("Deleted", parcel.deleted.to_string())
    });
    let reply = call
        .begin(0, "")
        .with(Element::new("Shipments").with_all(shipments));
    Ok(call.send(&reply))
}

async fn tick(State(carrier): State<Arc<Carrier>>) -> Response {
    json_value(StatusCode::OK, &json!({ "events": carrier.move_parcels() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    number: String,
    categories: Vec<u32>,
}

async fn script(State(carrier): State<Arc<Carrier>>, body: Bytes) -> Result<Response, Problem> {
    let script: Script = control::read(&body)?;
    carrier.desk(|desk| desk.script(&script.number, &script.categories));
    Ok(json_value(
        StatusCode::OK,
        &json!({ "number": script.number, "categories": script.categories }),
    ))
}

async fn show_switches(State(carrier): State<Arc<Carrier>>) -> Response {
    let switches = carrier.desk(|desk| desk.switches);
    json_value(StatusCode::OK, &json!(switches))
}

async fn set_switches(
    State(carrier): State<Arc<Carrier>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let switches: TrackingSwitches = control::read(&body)?;
    carrier.desk(|desk| desk.switches = switches);
    Ok(json_value(StatusCode::OK, &json!(switches)))
}
