//! A shipment as the carrier has it.

use std::fmt;

use connector_http::{Error, Reply};

use super::label::Label;
use crate::UnreadableReply;
use crate::xml::{Element, IllegalCharacters, Limits, read};

/// The carrier's number of a shipment: 17 digits, more than a float can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShipmentId(u64);

impl ShipmentId {
    /// A number read back from where it was kept.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ShipmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Elements of an answer that this client has no name for. `Debug` shows their names only: the texts may be personal.
#[derive(Clone, Default, PartialEq)]
pub struct UnknownElements(Vec<Element>);

impl UnknownElements {
    /// The rest of an element.
    pub(crate) fn of(element: Element) -> Self {
        Self(element.children)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|element| element.name.as_str())
    }

    /// The text at a path of names, such as `AllowableDimensions/MaxWeight`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        let mut parts = path.split('/');
        let first = parts.next()?;
        let mut element = self.0.iter().find(|element| element.name == first)?;
        for part in parts {
            element = element.child(part)?;
        }
        element.value()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for UnknownElements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// A shipment of the carrier.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shipment {
    /// The carrier's number.
    pub id: ShipmentId,
    /// Your reference: the order's.
    pub reference1: Option<String>,
    /// Your second reference.
    pub reference2: Option<String>,
    /// The final carrier's tracking number; missing for some services (assumed).
    pub courier_tracking_number: Option<String>,
    /// The carrier's own tracking number.
    pub tracking_number: Option<String>,
    /// Where it can be followed.
    pub tracking_url: Option<String>,
    /// The service's name.
    pub service_name: Option<String>,
    /// When it was made, as the carrier writes it: local time with offset and up to seven digits of a second.
    pub created: Option<String>,
    /// Its packages, in order.
    pub packages: Vec<ShippedPackage>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Whether it is on a manifest, after which it cannot be deleted.
    pub manifested: bool,
    /// Elements without a name here, addresses among them.
    pub unknown: UnknownElements,
}

/// A package of a shipment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ShippedPackage {
    /// The final carrier's tracking number of this package.
    pub courier_tracking_number: Option<String>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Elements without a name here.
    pub unknown: UnknownElements,
}

impl Shipment {
    /// All labels, package by package.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.packages.iter().flat_map(|package| &package.labels)
    }

    /// The number to follow it by: the carrier's own, else the final carrier's.
    #[must_use]
    pub fn follow_by(&self) -> Option<&str> {
        self.tracking_number
            .as_deref()
            .or(self.courier_tracking_number.as_deref())
    }

    /// Reads a shipment's document, such as one that was kept, in any namespace and order.
    ///
    /// # Errors
    ///
    /// An [`UnreadableReply`] if it is no shipment, or has no id.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, UnreadableReply> {
        let root = read(bytes, Limits::default(), IllegalCharacters::Replace)?;
        if root.name != "Shipment" {
            return Err(UnreadableReply("the document is no Shipment".to_owned()));
        }
        Self::read(root).map_err(|problem| UnreadableReply(problem.to_owned()))
    }

    pub(super) fn read(mut element: Element) -> Result<Self, &'static str> {
        let id = element
            .take("ParcelhubShipmentId")
            .and_then(|id| id.value()?.trim().parse().ok())
            .filter(|id| *id > 0)
            .ok_or("a shipment has no usable ParcelhubShipmentId")?;
        let mut text = |name: &str| {
            let taken = element.take(name)?;
            taken.value().map(str::to_owned)
        };
        let (reference1, reference2) = (text("Reference1"), text("Reference2"));
        let is = |text: Option<String>| text.is_some_and(|text| text.trim() == "true");
        let (deleted, manifested) = (is(text("Deleted")), is(text("HasBeenManifested")));
        let mut info = element
            .take("ShippingInfo")
            .unwrap_or_else(|| Element::new(""));
        let mut shipping = |name: &str| {
            let taken = info.take(name)?;
            taken.value().map(str::to_owned)
        };
        let courier_tracking_number = shipping("CourierTrackingNumber");
        let tracking_number = shipping("ParcelhubTrackingNumber");
        let tracking_url = shipping("TrackingURL");
        let service_name = shipping("ServiceName");
        let created = shipping("CreationDate");
        keep_rest(&mut element, info);
        let packages = element.take("Packages").map(|list| list.children);
        Ok(Self {
            id: ShipmentId(id),
            reference1,
            reference2,
            courier_tracking_number,
            tracking_number,
            tracking_url,
            service_name,
            created,
            packages: packages
                .unwrap_or_default()
                .into_iter()
                .filter(|package| package.name == "Package")
                .map(ShippedPackage::read)
                .collect::<Result<_, _>>()?,
            deleted,
            manifested,
            unknown: UnknownElements::of(element),
        })
    }

    pub(super) fn of_reply(reply: &Reply, element: Element) -> Result<Self, Error> {
        Self::read(element).map_err(|problem| reply.decode_error(problem))
    }
}

/// What nobody took out of a group stays with the element that it came from.
fn keep_rest(element: &mut Element, group: Element) {
    if !group.children.is_empty() {
        element.children.push(group);
    }
}

impl ShippedPackage {
    fn read(mut element: Element) -> Result<Self, &'static str> {
        let mut info = element
            .take("PackageShippingInfo")
            .unwrap_or_else(|| Element::new(""));
        let tracking = info.take("CourierTrackingNumber");
        let labels = info.take("Labels").map(|list| list.children);
        let mut read = Vec::new();
        for label in labels.unwrap_or_default() {
            read.extend(Label::read(label)?);
        }
        keep_rest(&mut element, info);
        Ok(Self {
            courier_tracking_number: tracking.and_then(|text| text.value().map(str::to_owned)),
            labels: read,
            unknown: UnknownElements::of(element),
        })
    }
}
