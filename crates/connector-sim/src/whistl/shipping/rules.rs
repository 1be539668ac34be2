//! What a shipment must have, and its elements in the carrier's order.

use crate::xml_tree::Element;

/// The order of the recorded reply.
const ORDER: [&str; 27] = [
    "Account",
    "ServiceInfo",
    "ParcelhubShipmentId",
    "ShippingInfo",
    "CollectionDetails",
    "DeliverToStoreOrLockerID",
    "CollectionAddress",
    "DeliveryAddress",
    "Reference1",
    "Reference2",
    "SpecialInstructions",
    "ContentsDescription",
    "Packages",
    "Enhancements",
    "Blobs",
    "ModifiedTime",
    "CurrencyCode",
    "CustomsDeclarationInfo",
    "Deleted",
    "HasBeenManifested",
    "ShipmentTags",
    "Stream",
    "Department",
    "ProductTypeCode",
    "Attributes",
    "Returnable",
    "NominatedDeliveryDate",
];

/// Sorts the top level; unknown elements stay, behind the known ones.
pub(crate) fn sort(shipment: &mut Element) {
    shipment.children.sort_by_key(|child| {
        ORDER
            .iter()
            .position(|name| *name == child.name)
            .unwrap_or(ORDER.len())
    });
}

/// The first rule a shipment breaks. Assumed: the wording.
pub(crate) fn check(shipment: &Element, service_needed: bool) -> Result<(), String> {
    let needed = |path: &str| match shipment.at(path) {
        Some(_) => Ok(()),
        None => Err(format!("{path} is required")),
    };
    needed("Account")?;
    if service_needed {
        for member in ["ServiceId", "ServiceCustomerUID", "ServiceProviderId"] {
            needed(&format!("ServiceInfo/{member}"))?;
        }
    }
    for member in ["ContactName", "Address1", "City", "Postcode", "Country"] {
        needed(&format!("DeliveryAddress/{member}"))?;
    }
    needed("Reference1")?;
    needed("ContentsDescription")?;
    let packages: Vec<&Element> = shipment
        .child("Packages")
        .map(|packages| packages.all("Package").collect())
        .unwrap_or_default();
    if packages.is_empty() {
        return Err("Packages/Package is required".to_owned());
    }
    for package in packages {
        for member in [
            "PackageType",
            "Dimensions/Length",
            "Dimensions/Width",
            "Dimensions/Height",
            "Weight",
        ] {
            if package.at(member).is_none() {
                return Err(format!("Packages/Package/{member} is required"));
            }
        }
    }
    let country = shipment.at("DeliveryAddress/Country").unwrap_or_default();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err("DeliveryAddress/Country must be two capital letters".to_owned());
    }
    if country != "GB" {
        for member in ["TermsOfTrade", "CategoryOfItem"] {
            needed(&format!("CustomsDeclarationInfo/{member}"))?;
        }
    }
    Ok(())
}
