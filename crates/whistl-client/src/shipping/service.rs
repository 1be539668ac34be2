//! Which services an account has, and which can carry a shipment.

use connector_http::{Error, Idempotency, Operation, Reply};
use http::Method;

use super::client::Shipping;
use super::new_shipment::NewShipment;
use super::shipment::UnknownElements;
use crate::xml::Element;

const SERVICES: Operation = Operation::new("shipping.services", Idempotency::ReadOnly, "/Service/");
// A POST that asks and changes nothing.
const SERVICES_FOR: Operation =
    Operation::new("shipping.services_for", Idempotency::ReadOnly, "/Service");
const PREFERRED: Operation = Operation::new(
    "shipping.preferred_service",
    Idempotency::ReadOnly,
    "/Service/ServiceUsingServicePreference",
);

/// The three numbers that choose a service. They belong to an account: never a default, always from the account's own list or a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServiceIds {
    /// `ServiceId`.
    pub service: u64,
    /// `ServiceCustomerUID`.
    pub customer_uid: u64,
    /// `ServiceProviderId`.
    pub provider: u64,
}

impl ServiceIds {
    /// The numbers, in the carrier's order.
    #[must_use]
    pub const fn new(service: u64, customer_uid: u64, provider: u64) -> Self {
        Self {
            service,
            customer_uid,
            provider,
        }
    }

    fn read(element: &Element) -> Option<Self> {
        let number = |name: &str| element.child(name)?.value()?.trim().parse().ok();
        Some(Self {
            service: number("ServiceId")?,
            customer_uid: number("ServiceCustomerUID")?,
            provider: number("ServiceProviderId")?,
        })
    }

    pub(super) fn element(self) -> Element {
        Element::new("ServiceInfo")
            .with_child(Element::of_text("ServiceId", self.service.to_string()))
            .with_child(Element::of_text(
                "ServiceCustomerUID",
                self.customer_uid.to_string(),
            ))
            .with_child(Element::of_text(
                "ServiceProviderId",
                self.provider.to_string(),
            ))
    }
}

/// A service of the account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Service {
    /// Its numbers.
    pub ids: ServiceIds,
    /// Its name.
    pub name: Option<String>,
    /// Who carries.
    pub provider: Option<String>,
    /// Countries it goes to.
    pub countries: Vec<String>,
    /// Whether a shipment may have several packages.
    pub multi_packages: Option<bool>,
    /// Elements without a name here: dimensions, label forms, expectations.
    pub unknown: UnknownElements,
}

impl Service {
    fn read(mut element: Element) -> Result<Self, &'static str> {
        let ids = element
            .take("ServiceIds")
            .and_then(|ids| ServiceIds::read(&ids))
            .ok_or("a service has no usable ids")?;
        let mut text = |name: &str| {
            let taken = element.take(name)?;
            taken.value().map(str::to_owned)
        };
        let (name, provider) = (text("ServiceName"), text("ServiceProviderName"));
        let multi = text("MultiPackages");
        let countries = element.take("ServiceCountryCodes");
        Ok(Self {
            ids,
            name,
            provider,
            countries: countries
                .into_iter()
                .flat_map(|codes| codes.children)
                .filter_map(|code| code.value().map(str::to_owned))
                .collect(),
            multi_packages: multi.and_then(|text| text.trim().parse().ok()),
            unknown: UnknownElements::of(element),
        })
    }
}

/// A provider that cannot carry a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsuitableProvider {
    /// The provider.
    pub provider: Option<u64>,
    /// The carrier's message.
    pub message: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What the carrier offers for a shipment.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ServiceOffer {
    /// Services that can carry it, in the carrier's order.
    pub suitable: Vec<Service>,
    /// Providers that cannot, with the reason.
    pub unsuitable: Vec<UnsuitableProvider>,
}

impl Shipping {
    /// Lists the services of the account.
    ///
    /// # Errors
    ///
    /// - `Decode`: the answer is not the carrier's XML, or a service has no usable ids.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn services(&self) -> Result<Vec<Service>, Error> {
        let url = self.url(
            &SERVICES,
            &["Service", ""],
            &[("AccountId", self.account())],
        )?;
        let reply = self.call(&SERVICES, Method::GET, &url, None).await?;
        let root = self.read(&reply)?;
        each_service(&reply, root.children)
    }

    /// Asks which services can carry a shipment. The shipment needs no service yet.
    ///
    /// # Errors
    ///
    /// - `Build`: the shipment breaks a limit; see [`NewShipment::check`].
    /// - `InvalidRequest` (400): the carrier finds it wrong, with its words.
    /// - Otherwise as [`services`](Self::services).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn services_for(&self, shipment: &NewShipment) -> Result<ServiceOffer, Error> {
        let body = self.document(&SERVICES_FOR, shipment, false)?;
        let url = self.url(
            &SERVICES_FOR,
            &["Service"],
            &[("AccountId", self.account())],
        )?;
        let reply = self
            .call(&SERVICES_FOR, Method::POST, &url, Some(body))
            .await?;
        let mut root = self.read(&reply)?;
        let suitable = root.take("Services").map(|list| list.children);
        let unsuitable = root.take("UnsuitableServiceProviders");
        let text = |element: &Element, name: &str| {
            element
                .child(name)
                .and_then(Element::value)
                .map(str::to_owned)
        };
        Ok(ServiceOffer {
            suitable: each_service(&reply, suitable.unwrap_or_default())?,
            unsuitable: unsuitable
                .into_iter()
                .flat_map(|list| list.children)
                .map(|one| UnsuitableProvider {
                    provider: text(&one, "ServiceProviderId").and_then(|id| id.trim().parse().ok()),
                    message: text(&one, "UnsuitableServiceProviderMessage"),
                    reason: text(&one, "Reason"),
                })
                .collect(),
        })
    }

    /// Lets the carrier choose by one of the account's preference lists.
    ///
    /// # Errors
    ///
    /// - `Build`: the shipment breaks a limit; see [`NewShipment::check`].
    /// - `InvalidRequest` (400): the list is not known (assumed), or none of its services can carry the shipment.
    /// - Otherwise as [`services`](Self::services).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn preferred_service(
        &self,
        preference_list: u64,
        shipment: &NewShipment,
    ) -> Result<Service, Error> {
        let body = self.document(&PREFERRED, shipment, false)?;
        let list = preference_list.to_string();
        let query = [
            ("ServicePreferenceListId", list.as_str()),
            ("account", self.account()),
        ];
        let path = ["Service", "ServiceUsingServicePreference"];
        let url = self.url(&PREFERRED, &path, &query)?;
        let reply = self
            .call(&PREFERRED, Method::POST, &url, Some(body))
            .await?;
        let root = self.read(&reply)?;
        Service::read(root).map_err(|problem| reply.decode_error(problem))
    }
}

fn each_service(reply: &Reply, elements: Vec<Element>) -> Result<Vec<Service>, Error> {
    elements
        .into_iter()
        .filter(|element| element.name == "Service")
        .map(|element| Service::read(element).map_err(|problem| reply.decode_error(problem)))
        .collect()
}
