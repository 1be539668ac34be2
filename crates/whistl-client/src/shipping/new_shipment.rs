//! The shipment as it is sent.

use chrono::{NaiveDate, NaiveTime};

use super::address::ShippingAddress;
use super::customs::NewCustomsDeclaration;
use super::limits::{Check, ShipmentFault};
use super::package::NewPackage;
use super::service::ServiceIds;
use crate::xml::Element;

/// Namespace that every client was seen to send.
const NAMESPACE: &str = "http://api.parcelhub.net/schemas/api/parcelhub-api-v0.4.xsd";

/// When the carrier may fetch the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The day.
    pub date: NaiveDate,
    /// From when on they are ready.
    pub ready: NaiveTime,
    /// When the place closes.
    pub closes: NaiveTime,
}

impl Collection {
    /// A day with its hours.
    #[must_use]
    pub const fn new(date: NaiveDate, ready: NaiveTime, closes: NaiveTime) -> Self {
        Self {
            date,
            ready,
            closes,
        }
    }
}

/// A shipment to create.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewShipment {
    /// Your reference: the order's, at most 24 characters. A lost answer is looked for by it, so it should be unique.
    pub reference1: String,
    /// Your second reference, at most 24 characters.
    pub reference2: Option<String>,
    /// What is in it, in a word, at most 35 characters.
    pub contents: String,
    /// Where it goes.
    pub to: ShippingAddress,
    /// Where it comes from.
    pub from: Option<ShippingAddress>,
    /// When it can be fetched.
    pub collection: Option<Collection>,
    /// The packages.
    pub packages: Vec<NewPackage>,
    /// The service; needed to create.
    pub service: Option<ServiceIds>,
    /// Text for the driver, at most 35 characters.
    pub instructions: Option<connector_http::Personal<String>>,
    /// The currency's code.
    pub currency: Option<String>,
    /// What is declared to customs.
    pub customs: Option<NewCustomsDeclaration>,
    /// The department, at most 12 characters.
    pub department: Option<String>,
}

impl NewShipment {
    /// A shipment with what the carrier requires, but for the service.
    pub fn new(
        reference1: impl Into<String>,
        contents: impl Into<String>,
        to: ShippingAddress,
        packages: impl IntoIterator<Item = NewPackage>,
    ) -> Self {
        Self {
            reference1: reference1.into(),
            reference2: None,
            contents: contents.into(),
            to,
            from: None,
            collection: None,
            packages: packages.into_iter().collect(),
            service: None,
            instructions: None,
            currency: None,
            customs: None,
            department: None,
        }
    }

    /// Sets the service.
    #[must_use]
    pub const fn with_service(mut self, service: ServiceIds) -> Self {
        self.service = Some(service);
        self
    }

    /// Sets the second reference.
    #[must_use]
    pub fn with_reference2(mut self, reference: impl Into<String>) -> Self {
        self.reference2 = Some(reference.into());
        self
    }

    /// Sets where it comes from.
    #[must_use]
    pub fn with_sender(mut self, from: ShippingAddress) -> Self {
        self.from = Some(from);
        self
    }

    /// Sets when it can be fetched.
    #[must_use]
    pub const fn with_collection(mut self, collection: Collection) -> Self {
        self.collection = Some(collection);
        self
    }

    /// Sets the currency.
    #[must_use]
    pub fn with_currency(mut self, code: impl Into<String>) -> Self {
        self.currency = Some(code.into());
        self
    }

    /// Sets what is declared to customs.
    #[must_use]
    pub fn with_customs(mut self, customs: NewCustomsDeclaration) -> Self {
        self.customs = Some(customs);
        self
    }

    /// Everything that the warehouse or the carrier would cut or refuse, as far as it is known. Empty: fit to send.
    ///
    /// ```
    /// use whistl_client::shipping::{NewPackage, NewShipment, ShippingAddress};
    /// let to = ShippingAddress::new("Goods In", "8 Sample Street", "Exampleton", "ZZ9 9ZZ", "GB").with_phone("+447700900123");
    /// let shipment = NewShipment::new("SO10001", "Goods", to, [NewPackage::new([10, 10, 10], "0.9".parse()?)]);
    /// let faults: Vec<String> = shipment.check().iter().map(ToString::to_string).collect();
    /// assert_eq!(faults, ["DeliveryAddress/Phone has more than 12 characters"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn check(&self) -> Vec<ShipmentFault> {
        let mut check = Check::default();
        check.required("Reference1", &self.reference1, 24);
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        check.at_most("Reference2", &or_none(&self.reference2), 24);
        check.required("ContentsDescription", &self.contents, 35);
        check.at_most("Department", &or_none(&self.department), 12);
        let instructions = self.instructions.as_ref();
        let instructions = instructions.map_or("", |text| text.expose().as_str());
        check.at_most("SpecialInstructions", instructions, 35);
        self.to.check(&mut check, "DeliveryAddress");
        if let Some(from) = &self.from {
            from.check(&mut check, "CollectionAddress");
        }
        if self.packages.is_empty() {
            check.fault("Packages", "has no package");
        }
        for (number, package) in self.packages.iter().enumerate() {
            package.check(&mut check, &format!("Packages/{number}"));
        }
        if self.to.country != "GB" {
            if self.customs.is_none() {
                check.fault("CustomsDeclarationInfo", "is required abroad");
            }
            if self.packages.iter().any(|package| package.items.is_empty()) {
                let rule = "is required in every package that goes abroad";
                check.fault("ItemLevelDeclarations", rule);
            }
        }
        check.found
    }

    /// The document, in the order of the recorded reply.
    pub(super) fn element(&self, account: &str) -> Element {
        let mut shipment = Element::new("Shipment")
            .with_attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
            .with_attribute("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
            .with_attribute("xmlns", NAMESPACE)
            .with_child(Element::of_text("Account", account));
        if let Some(service) = self.service {
            shipment = shipment.with_child(service.element());
        }
        shipment = shipment.with_child(Element::of_text("ParcelhubShipmentId", "0"));
        if let Some(collection) = &self.collection {
            let time = |time: NaiveTime| time.format("%H:%M:%S").to_string();
            shipment = shipment.with_child(
                Element::new("CollectionDetails")
                    .with_child(Element::of_text(
                        "CollectionDate",
                        collection.date.to_string(),
                    ))
                    .with_child(Element::of_text(
                        "CollectionReadyTime",
                        time(collection.ready),
                    ))
                    .with_child(Element::of_text(
                        "LocationCloseTime",
                        time(collection.closes),
                    )),
            );
        }
        if let Some(from) = &self.from {
            shipment = shipment.with_child(from.element("CollectionAddress"));
        }
        let text =
            |name: &str, text: Option<&str>| Element::of_text(name, text.unwrap_or_default());
        let instructions = self.instructions.as_ref();
        let mut packages = Element::new("Packages");
        packages.children = self.packages.iter().map(NewPackage::element).collect();
        shipment = shipment
            .with_child(self.to.element("DeliveryAddress"))
            .with_child(text("Reference1", Some(&self.reference1)))
            .with_child(text("Reference2", self.reference2.as_deref()))
            .with_child(text(
                "SpecialInstructions",
                instructions.map(|text| text.expose().as_str()),
            ))
            .with_child(text("ContentsDescription", Some(&self.contents)))
            .with_child(packages)
            .with_child(Element::new("Enhancements"))
            .with_child(text("ModifiedTime", Some("0001-01-01T00:00:00")));
        if let Some(currency) = &self.currency {
            shipment = shipment.with_child(text("CurrencyCode", Some(currency)));
        }
        if let Some(customs) = &self.customs {
            shipment = shipment.with_child(customs.element());
        }
        shipment
            .with_child(text("Deleted", Some("false")))
            .with_child(text("HasBeenManifested", Some("false")))
            .with_child(Element::new("ShipmentTags"))
            .with_child(text("Department", self.department.as_deref()))
    }
}
