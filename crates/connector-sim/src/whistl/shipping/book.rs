//! Every consignment the carrier ever took, and its tokens.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::London;

use super::label;
use super::rules;
use super::services::SERVICES;
use crate::token_desk::TokenDesk;
use crate::xml_tree::Element;

/// Life of an access token on the virtual clock (seen in use).
pub(crate) const ACCESS_SECS: u32 = 14_400;
const REFRESH_SECS: u32 = 30 * 24 * 3600;

/// A consignment, kept for ever.
#[derive(Debug, Clone)]
pub(crate) struct Consignment {
    pub(crate) id: u64,
    pub(crate) draft: bool,
    pub(crate) deleted: bool,
    pub(crate) manifested: bool,
    pub(crate) reference: String,
    pub(crate) tracking: String,
    pub(crate) account: String,
    pub(crate) created: DateTime<Utc>,
    /// The reply.
    pub(crate) document: Element,
}

/// What the caller asked for besides the document.
#[derive(Debug)]
pub(crate) struct Wishes<'a> {
    pub(crate) format: &'a str,
    pub(crate) size: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) draft: bool,
}

#[derive(Debug)]
pub(crate) struct ShippingBook {
    pub(crate) access: TokenDesk,
    pub(crate) refresh: TokenDesk,
    pub(crate) consignments: Vec<Consignment>,
    parcels: u64,
}

impl Default for ShippingBook {
    fn default() -> Self {
        Self {
            access: TokenDesk::new("ph", ACCESS_SECS),
            refresh: TokenDesk::new("phr", REFRESH_SECS),
            consignments: Vec::new(),
            parcels: 0,
        }
    }
}

impl ShippingBook {
    /// Keeps a checked shipment and gives the reply.
    pub(crate) fn create(
        &mut self,
        mut shipment: Element,
        wishes: &Wishes<'_>,
        now: DateTime<Utc>,
    ) -> Element {
        let count = u64::try_from(self.consignments.len()).unwrap_or(u64::MAX);
        // Seventeen digits: more than a float holds.
        let id = 14_074_848_347_197_107_u64.saturating_add(count);
        let created = local(now, count);
        let service = shipment
            .at("ServiceInfo/ServiceId")
            .and_then(|id| SERVICES.iter().find(|service| service.id.to_string() == id));
        let mut first = None;
        let mut labels = Vec::new();
        if let Some(packages) = shipment
            .children
            .iter_mut()
            .find(|child| child.name == "Packages")
        {
            for package in packages
                .children
                .iter_mut()
                .filter(|child| child.name == "Package")
            {
                self.parcels += 1;
                let own = format!("WHL0P{:012}", 50_000_000_000_u64 + self.parcels);
                let courier = format!("EX{:09}GB", self.parcels);
                let list = labels_of(&own, wishes);
                labels.extend(list.clone());
                package.put(
                    Element::new("PackageShippingInfo")
                        .field("CourierTrackingNumber", courier.clone())
                        .with(Element::new("Labels").with_all(list)),
                );
                for item in package
                    .children
                    .iter_mut()
                    .filter(|child| child.name == "ItemLevelDeclarations")
                {
                    for item in &mut item.children {
                        item.put(Element::with_text("DutiesValue", "0"));
                        item.put(Element::with_text("VatExceptionReason", "None"));
                    }
                }
                first.get_or_insert((own, courier));
            }
        }
        let (own, courier) = first.unwrap_or_default();
        shipment.put(Element::with_text("ParcelhubShipmentId", id.to_string()));
        if !wishes.draft {
            let mut info = Element::new("ShippingInfo")
                .field("CourierTrackingNumber", courier)
                .field("ParcelhubTrackingNumber", own.clone())
                .field("CreationDate", created.clone())
                .field("CreatingClientSoftware", wishes.user_agent);
            if let Some(service) = service {
                info = info
                    .field("ServiceName", service.name)
                    .field("ServiceDesc", service.name)
                    .field("ServiceProviderName", service.provider);
            }
            shipment.put(info.with(Element::new("ShipmentLabels")));
        }
        shipment.put(Element::with_text("ModifiedTime", created));
        shipment.put(Element::with_text("Deleted", "false"));
        shipment.put(Element::with_text("HasBeenManifested", "false"));
        for name in [
            "Reference2",
            "SpecialInstructions",
            "Enhancements",
            "ShipmentTags",
            "Department",
            "Attributes",
        ] {
            if shipment.child(name).is_none() {
                shipment.put(Element::new(name));
            }
        }
        shipment.put(Element::with_text("Returnable", "false"));
        shipment.put(Element::new("NominatedDeliveryDate").attribute("xsi:nil", "true"));
        if let Some(customs) = shipment
            .children
            .iter_mut()
            .find(|child| child.name == "CustomsDeclarationInfo")
        {
            customs.put(Element::with_text("DutyBillingTerm", "None"));
        }
        rules::sort(&mut shipment);
        let text = |path: &str| shipment.at(path).unwrap_or_default().to_owned();
        let consignment = Consignment {
            id,
            draft: wishes.draft,
            deleted: false,
            manifested: false,
            reference: text("Reference1"),
            tracking: own,
            account: text("Account"),
            created: now,
            document: shipment,
        };
        let reply = consignment.document.clone();
        self.consignments.push(consignment);
        reply
    }

    /// A parcel the warehouse has sent, so that it is found by the order's reference.
    pub(crate) fn adopt(
        &mut self,
        reference: &str,
        tracking: &str,
        account: &str,
        now: DateTime<Utc>,
    ) {
        let count = u64::try_from(self.consignments.len()).unwrap_or(u64::MAX);
        let id = 14_074_848_347_197_107_u64.saturating_add(count);
        let document = Element::new("Shipment")
            .field("Account", account)
            .field("ParcelhubShipmentId", id.to_string())
            .with(
                Element::new("ShippingInfo")
                    .field("CourierTrackingNumber", tracking)
                    .field("ParcelhubTrackingNumber", tracking)
                    .field("CreationDate", local(now, count))
                    .field("CreatingClientSoftware", "warehouse"),
            )
            .field("Reference1", reference)
            .field("Deleted", "false")
            .field("HasBeenManifested", "true");
        self.consignments.push(Consignment {
            id,
            draft: false,
            deleted: false,
            manifested: true,
            reference: reference.to_owned(),
            tracking: tracking.to_owned(),
            account: account.to_owned(),
            created: now,
            document,
        });
    }

    /// Everything that is not yet on a manifest goes on one.
    pub(crate) fn manifest(&mut self) -> usize {
        let open = self
            .consignments
            .iter_mut()
            .filter(|one| !one.draft && !one.deleted && !one.manifested);
        open.map(|one| {
            one.manifested = true;
            one.document
                .put(Element::with_text("HasBeenManifested", "true"));
        })
        .count()
    }
}

fn labels_of(tracking: &str, wishes: &Wishes<'_>) -> Option<Element> {
    if wishes.draft {
        return None;
    }
    let bytes = label::bytes(wishes.format, tracking)?;
    Some(
        Element::new("Label")
            .field("LabelData", data_encoding::BASE64.encode(&bytes))
            .field("LabelSize", wishes.size)
            .field("LabelFormat", wishes.format)
            .with(Element::new("RawLabelData"))
            .field("Printed", "false"),
    )
}

/// Local time with offset and up to seven digits of a fraction, trailing zeros dropped (documented by a recorded reply).
fn local(now: DateTime<Utc>, count: u64) -> String {
    let local = now.with_timezone(&London);
    let digits = format!(
        "{:07}",
        count.wrapping_mul(1_234_567).wrapping_add(5_580_170) % 10_000_000
    );
    let fraction = digits.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!(
        "{}{point}{fraction}{}",
        local.format("%Y-%m-%dT%H:%M:%S"),
        local.format("%:z")
    )
}
