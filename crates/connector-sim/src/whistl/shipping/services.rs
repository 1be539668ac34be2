//! The carrier's catalogue and what makes a service unsuitable. All of it invented: ids belong to an account.

use rust_decimal::Decimal;

use crate::xml_tree::Element;

/// A service of the simulated carrier account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CarrierService {
    /// `ServiceId`.
    pub(crate) id: u32,
    /// `ServiceCustomerUID`.
    pub(crate) customer_uid: u32,
    /// `ServiceProviderId`.
    pub(crate) provider_id: u32,
    /// `ServiceName`.
    pub(crate) name: &'static str,
    /// `ServiceProviderName`.
    pub(crate) provider: &'static str,
    /// Countries it goes to; empty is everywhere but `GB`.
    pub(crate) countries: &'static [&'static str],
    /// `MaxWeight` of a package in kilograms.
    pub(crate) max_weight: u32,
    /// Whether one shipment may have several packages.
    pub(crate) multi_packages: bool,
}

pub(crate) const SERVICES: &[CarrierService] = &[
    CarrierService {
        id: 13000,
        customer_uid: 10001,
        provider_id: 18,
        name: "Tracked 48",
        provider: "Example Courier",
        countries: &["GB"],
        max_weight: 30,
        multi_packages: true,
    },
    CarrierService {
        id: 13001,
        customer_uid: 10002,
        provider_id: 18,
        name: "Packet",
        provider: "Example Courier",
        countries: &["GB"],
        max_weight: 2,
        multi_packages: false,
    },
    CarrierService {
        id: 38001,
        customer_uid: 10003,
        provider_id: 59,
        name: "International",
        provider: "Example Air",
        countries: &[],
        max_weight: 70,
        multi_packages: true,
    },
];

impl CarrierService {
    /// Why a shipment cannot go by it.
    pub(crate) fn unsuitable(&self, shipment: &Element) -> Option<&'static str> {
        // Assumed: reasons.
        let country = shipment.at("DeliveryAddress/Country").unwrap_or("GB");
        let served = if self.countries.is_empty() {
            country != "GB"
        } else {
            self.countries.contains(&country)
        };
        if !served {
            return Some("The delivery country is not served");
        }
        let packages: Vec<&Element> = shipment
            .child("Packages")
            .map(|packages| packages.all("Package").collect())
            .unwrap_or_default();
        if packages.len() > 1 && !self.multi_packages {
            return Some("Only one package is allowed");
        }
        let heavy = |package: &&Element| {
            let weight = package
                .at("Weight")
                .and_then(|text| text.parse::<Decimal>().ok());
            weight.is_some_and(|weight| weight > Decimal::from(self.max_weight))
        };
        if packages.iter().any(heavy) {
            return Some("A package is too heavy");
        }
        None
    }

    pub(crate) fn element(&self) -> Element {
        let countries: &[&str] = if self.countries.is_empty() {
            &["DE", "FR", "US"]
        } else {
            self.countries
        };
        let size = |size: &str, format: &str| {
            Element::new("LabelSpec")
                .field("LabelSize", size)
                .field("LabelFormat", format)
        };
        let specs = ["4", "6", "8"]
            .iter()
            .flat_map(|inches| ["PDF", "PNG", "ZPL", "EPL"].map(|format| size(inches, format)));
        Element::new("Service")
            .with(
                Element::new("ServiceIds")
                    .field("ServiceId", self.id.to_string())
                    .field("ServiceCustomerUID", self.customer_uid.to_string())
                    .field("ServiceProviderId", self.provider_id.to_string()),
            )
            .field("ServiceName", self.name)
            .field("ServiceDesc", self.name)
            .field("ServiceProviderName", self.provider)
            .with(
                Element::new("ServiceCountryCodes").with_all(
                    countries
                        .iter()
                        .map(|code| Element::with_text("ServiceCountryCode", *code)),
                ),
            )
            .with(
                Element::new("AllowableDimensions")
                    .field("MinWeight", "0")
                    .field("MaxWeight", self.max_weight.to_string())
                    .field("MinVolume", "0")
                    .field("MaxVolume", "0")
                    .field("MaxLength", "120")
                    .field("MaxGirth", "300"),
            )
            .field("MultiPackages", self.multi_packages.to_string())
            .field("TimedService", "false")
            .field("WeekendService", "false")
            .field("BusinessAddresses", "true")
            .field("ResidentialAddresses", "true")
            .field("ServiceOutOfArea", "false")
            .with(Element::new("DeliveryExpectation"))
            .with(Element::new("AvailableEnhancements"))
            .with(Element::new("AvailableLabelSpec").with_all(specs))
    }
}
