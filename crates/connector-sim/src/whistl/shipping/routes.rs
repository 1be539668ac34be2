//! The requests of the shipping interface.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::book::{ACCESS_SECS, Wishes};
use super::services::SERVICES;
use super::{DEMO_CARRIER_PASSWORD, DEMO_CARRIER_USER, DEMO_PREFERENCE_LIST, rules};
use crate::problem::{json_value, with_type};
use crate::whistl::carrier::Carrier;
use crate::xml_tree::{self, Element};

const NAMESPACE: &str = "http://api.parcelhub.net/schemas/api/parcelhub-api-v0.4.xsd";

type Answer = Result<Response, Refusal>;

pub(crate) fn router(carrier: Arc<Carrier>) -> Router {
    let service = get(services).post(services_for);
    Router::new()
        .route("/1.0/TokenV2", post(token))
        .route("/1.0/Service", service.clone())
        .route("/1.0/Service/", service)
        .route(
            "/1.0/Service/ServiceUsingServicePreference",
            post(preferred),
        )
        .route("/1.0/Shipment", get(shipments).post(ship))
        .route("/1.0/Shipment/{id}", delete(remove))
        .route("/1.0/DraftShipment", get(drafts).post(draft))
        .route("/__sim/shipping", get(kept))
        .route("/__sim/shipping/manifest", post(manifest))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(carrier)
}

fn xml(status: StatusCode, element: &Element) -> Response {
    with_type(status, "application/xml; charset=utf-8", element.document())
}

// Assumed: the root of an error is Error.
pub(crate) fn error(status: StatusCode, message: &str) -> Refusal {
    Refusal {
        status,
        document: Element::new("Error").field("Message", message).document(),
    }
}

/// An error answer in XML.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) document: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        with_type(self.status, "application/xml; charset=utf-8", self.document)
    }
}

fn namespaced(mut element: Element) -> Element {
    let schema = "http://www.w3.org/2001/XMLSchema";
    element.attributes.extend([
        ("xmlns:xsd".to_owned(), schema.to_owned()),
        ("xmlns:xsi".to_owned(), format!("{schema}-instance")),
        ("xmlns".to_owned(), NAMESPACE.to_owned()),
    ]);
    element
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Reads an XML body of that root.
fn document(headers: &HeaderMap, body: &[u8], root: &str) -> Result<Element, Refusal> {
    let media = header_text(headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !matches!(media, "application/xml" | "text/xml") {
        return Err(error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The request must be application/xml",
        ));
    }
    let document =
        xml_tree::parse(body).map_err(|reason| error(StatusCode::BAD_REQUEST, &reason))?;
    if document.name == root {
        Ok(document)
    } else {
        Err(error(
            StatusCode::BAD_REQUEST,
            &format!("{root} is expected"),
        ))
    }
}

fn authorise(carrier: &Carrier, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = header_text(headers, &header::AUTHORIZATION);
    let now = carrier.now();
    if carrier.book(|book| book.access.accepts(given, now)) {
        Ok(())
    } else {
        Err(error(
            StatusCode::UNAUTHORIZED,
            "Authorization has been denied for this request.",
        ))
    }
}

fn parameter(query: Option<&str>, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}

async fn token(State(carrier): State<Arc<Carrier>>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = document(&headers, &body, "RequestToken")?;
    let user = request.at("username").unwrap_or_default();
    let now = carrier.now();
    let good = match request.at("grant_type") {
        Some("bearer") => {
            user == DEMO_CARRIER_USER && request.at("password") == Some(DEMO_CARRIER_PASSWORD)
        }
        Some("refreshtoken") => {
            carrier.book(|book| book.refresh.accepts(&format!("bearer {user}"), now))
        }
        _ => {
            return Err(error(
                StatusCode::BAD_REQUEST,
                "grant_type must be bearer or refreshtoken",
            ));
        }
    };
    if !good {
        return Err(error(
            StatusCode::UNAUTHORIZED,
            "The user name or password is incorrect.",
        ));
    }
    let (access, refresh) = carrier.book(|book| (book.access.issue(now), book.refresh.issue(now)));
    let reply = Element::new("TokenV2")
        .attribute("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
        .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .field("refreshToken", refresh)
        .field("access_token", access)
        .field("expiresIn", ACCESS_SECS.to_string());
    Ok(xml(StatusCode::OK, &reply))
}

async fn services(State(carrier): State<Arc<Carrier>>, headers: HeaderMap) -> Answer {
    authorise(&carrier, &headers)?;
    let list =
        Element::new("ServiceList").with_all(SERVICES.iter().map(|service| service.element()));
    Ok(xml(StatusCode::OK, &namespaced(list)))
}

async fn services_for(
    State(carrier): State<Arc<Carrier>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    authorise(&carrier, &headers)?;
    let shipment = document(&headers, &body, "Shipment")?;
    rules::check(&shipment, false).map_err(|reason| error(StatusCode::BAD_REQUEST, &reason))?;
    let mut suitable = Element::new("Services");
    let mut unsuitable = Element::new("UnsuitableServiceProviders");
    for service in SERVICES {
        match service.unsuitable(&shipment) {
            None => suitable = suitable.with(service.element()),
            Some(reason) => {
                unsuitable = unsuitable.with(
                    Element::new("UnsuitableServiceProvider")
                        .field("ServiceProviderId", service.provider_id.to_string())
                        .field(
                            "UnsuitableServiceProviderMessage",
                            format!("{} cannot be used", service.name),
                        )
                        .field("Reason", reason),
                );
            }
        }
    }
    let reply = Element::new("GetServicesResponse")
        .with(suitable)
        .with(unsuitable);
    Ok(xml(StatusCode::OK, &namespaced(reply)))
}

async fn preferred(
    State(carrier): State<Arc<Carrier>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    authorise(&carrier, &headers)?;
    let shipment = document(&headers, &body, "Shipment")?;
    let list = parameter(query.as_deref(), "ServicePreferenceListId");
    // Assumed: an unknown list is a bad request.
    if list.and_then(|id| id.parse().ok()) != Some(DEMO_PREFERENCE_LIST) {
        return Err(error(
            StatusCode::BAD_REQUEST,
            "The service preference list is not known",
        ));
    }
    rules::check(&shipment, false).map_err(|reason| error(StatusCode::BAD_REQUEST, &reason))?;
    SERVICES
        .iter()
        .find(|service| service.unsuitable(&shipment).is_none())
        .map(|service| xml(StatusCode::OK, &namespaced(service.element())))
        .ok_or_else(|| {
            error(
                StatusCode::BAD_REQUEST,
                "No service of the list can be used",
            )
        })
}

async fn ship(
    State(carrier): State<Arc<Carrier>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    create(&carrier, query.as_deref(), &headers, &body, false)
}

async fn draft(
    State(carrier): State<Arc<Carrier>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    create(&carrier, query.as_deref(), &headers, &body, true)
}

fn create(
    carrier: &Carrier,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
    draft: bool,
) -> Answer {
    authorise(carrier, headers)?;
    let shipment = document(headers, body, "Shipment")?;
    let bad = |message: &str| error(StatusCode::BAD_REQUEST, message);
    rules::check(&shipment, !draft).map_err(|reason| bad(&reason))?;
    let format = parameter(query, "RequestedLabelFormat").unwrap_or_else(|| "PDF".to_owned());
    if !["ZPL", "EPL", "PNG", "PDF", "JPG", "NONE"].contains(&format.as_str()) {
        return Err(bad("RequestedLabelFormat is not known"));
    }
    let size = parameter(query, "RequestedLabelSize").unwrap_or_else(|| "6".to_owned());
    if !["2", "4", "6", "8"].contains(&size.as_str()) {
        return Err(bad("RequestedLabelSize is not known"));
    }
    if let Some(wanted) = shipment.at("ServiceInfo/ServiceId") {
        let service = SERVICES
            .iter()
            .find(|service| service.id.to_string() == wanted)
            .ok_or_else(|| bad("ServiceInfo/ServiceId is not known"))?;
        if let Some(reason) = service.unsuitable(&shipment) {
            return Err(bad(reason));
        }
    }
    let wishes = Wishes {
        format: &format,
        size: &size,
        user_agent: header_text(headers, &header::USER_AGENT),
        draft,
    };
    let now = carrier.now();
    let reply = carrier.book(|book| book.create(shipment, &wishes, now));
    Ok(xml(StatusCode::OK, &namespaced(reply)))
}

async fn shipments(
    State(carrier): State<Arc<Carrier>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    list(&carrier, query.as_deref(), &headers, false)
}

async fn drafts(
    State(carrier): State<Arc<Carrier>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    list(&carrier, query.as_deref(), &headers, true)
}

// Assumed: the wrapper's name; labels are not repeated in lists.
fn list(carrier: &Carrier, query: Option<&str>, headers: &HeaderMap, drafts: bool) -> Answer {
    authorise(carrier, headers)?;
    carrier.adopt_despatches();
    let account = parameter(query, "AccountId").or_else(|| parameter(query, "account"));
    let found = carrier.book(|book| {
        let wanted = book.consignments.iter().filter(|one| {
            one.draft == drafts
                && !one.deleted
                && account
                    .as_ref()
                    .is_none_or(|account| *account == one.account)
        });
        wanted.map(|one| one.document.clone()).collect::<Vec<_>>()
    });
    Ok(xml(
        StatusCode::OK,
        &namespaced(Element::new("ArrayOfShipment").with_all(found)),
    ))
}

async fn remove(
    State(carrier): State<Arc<Carrier>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    authorise(&carrier, &headers)?;
    carrier.adopt_despatches();
    carrier.book(|book| {
        let found = book
            .consignments
            .iter_mut()
            .find(|one| one.id.to_string() == id && !one.deleted)
            .ok_or_else(|| error(StatusCode::NOT_FOUND, "The shipment was not found"))?;
        if found.manifested {
            return Err(error(
                StatusCode::BAD_REQUEST,
                "The shipment has been manifested",
            ));
        }
        found.deleted = true;
        found.document.put(Element::with_text("Deleted", "true"));
        Ok(StatusCode::OK.into_response())
    })
}

/// Everything ever created, deleted shipments included.
async fn kept(State(carrier): State<Arc<Carrier>>) -> Response {
    let rows = carrier.shipments();
    let rows: Vec<_> = rows
        .iter()
        .map(|one| {
            json!({
                "id": one.id.to_string(), "reference": one.reference, "tracking": one.tracking, "draft": one.draft,
                "deleted": one.deleted, "manifested": one.manifested, "created": one.created,
            })
        })
        .collect();
    json_value(StatusCode::OK, &json!({ "shipments": rows }))
}

async fn manifest(State(carrier): State<Arc<Carrier>>) -> Response {
    let count = carrier.book(|book| book.manifest());
    json_value(StatusCode::OK, &json!({ "manifested": count }))
}
