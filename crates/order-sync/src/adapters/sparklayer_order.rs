//! From a SparkLayer purchase to the domain's sales order.

use connector_http::Personal as WirePersonal;
use order_mapping::{
    Address, LineId, Money, OrderKind, OrderLine, OtherPhone, PaymentTerms, Personal,
    PurchaseOrderCandidate, SalesOrder, ShippingMethodLabel, SourceSku, VisibleOrderNumber,
};
use rust_decimal::Decimal;
use sparklayer_client::{PackageType, PaymentMethod, Purchase, PurchaseType};

use super::ShopOptions;
use crate::{FailureClass, PortError, SourceCopy};

/// Turns a purchase into an order.
///
/// # Errors
/// [`FailureClass::Unreadable`] naming the members, when one that decides about the order is there but cannot be read, or when
/// the record does not say what it is.
pub(super) fn source_copy(
    purchase: &Purchase,
    options: &ShopOptions,
) -> Result<SourceCopy, PortError> {
    let unreadable: Vec<String> = purchase
        .unreadable()
        .into_iter()
        // Amounts and dates are for reports; what is sent and where must be readable.
        .filter(|pointer| {
            [
                "/type",
                "/purchase_identifiers",
                "/packages",
                "/payment_method",
                "/customer_reference",
            ]
            .iter()
            .any(|member| pointer.starts_with(member))
                && !pointer.contains("/line_total")
        })
        .collect();
    if !unreadable.is_empty() {
        let pointers = unreadable.join(", ");
        return Err(PortError::new(
            FailureClass::Unreadable,
            format!("members of the purchase cannot be read: {pointers}"),
        ));
    }
    let id = purchase.identifiers.sparklayer.as_deref().ok_or_else(|| {
        PortError::new(
            FailureClass::Unreadable,
            "the purchase has no SparkLayer id",
        )
    })?;
    let mut order = SalesOrder::new(id);
    order.kind = match &purchase.purchase_type {
        Some(PurchaseType::Order) => OrderKind::Order,
        Some(PurchaseType::OrderUnconfirmed) => OrderKind::Unconfirmed,
        Some(PurchaseType::AwaitingApproval) => OrderKind::AwaitingApproval,
        Some(PurchaseType::Quote) => OrderKind::Quote,
        Some(PurchaseType::Cart) => OrderKind::Cart,
        Some(other) => OrderKind::Other(other.as_str().to_owned()),
        None => {
            return Err(PortError::new(
                FailureClass::Unreadable,
                "the purchase has no type",
            ));
        }
    };
    order.number = purchase
        .identifiers
        .visible
        .as_deref()
        .map(VisibleOrderNumber::new);
    order.platform_id.clone_from(&purchase.identifiers.platform);
    order
        .status
        .clone_from(&purchase.calculated_fulfilment_status);
    order.payment = match &purchase.payment_method {
        Some(PaymentMethod::Upfront) => PaymentTerms::Upfront,
        Some(PaymentMethod::Invoice) => PaymentTerms::Invoice,
        Some(PaymentMethod::OnAccount) => PaymentTerms::OnAccount,
        Some(PaymentMethod::Hokodo) => PaymentTerms::Hokodo,
        Some(other) => PaymentTerms::Other(other.as_str().to_owned()),
        None => PaymentTerms::Missing,
    };
    order.placed_at = purchase.dates.placed_at.or(purchase.dates.created_at);
    order.currency.clone_from(&purchase.currency_code);
    order.total = purchase
        .calculated_total
        .as_ref()
        .map(|total| Money::new(total.amount, &total.currency));
    order.customer_id.clone_from(&purchase.customer.sparklayer);
    metadata(&mut order, purchase, options);
    purchase_orders(&mut order, purchase);
    packages(&mut order, purchase, options);
    let version = purchase
        .dates
        .updated_at
        .map(|updated| updated.to_rfc3339());
    Ok(SourceCopy::new(order, version))
}

/// Only the entries that the configuration names: others may hold anything, personal data included.
fn metadata(order: &mut SalesOrder, purchase: &Purchase, options: &ShopOptions) {
    for entry in &purchase.metadata {
        let (Some(name), Some(value)) = (&entry.name, &entry.value) else {
            continue;
        };
        let value = value.expose();
        if *name == options.tags_metadata {
            order.tags.extend(
                value
                    .split(',')
                    .map(str::trim)
                    .filter(|tag| !tag.is_empty())
                    .map(str::to_owned),
            );
        }
        if *name == options.customer_group_metadata {
            order.customer_group = Some(value.clone());
        }
        if options.release_metadata.contains(name) {
            order.metadata.push((name.clone(), value.clone()));
        }
    }
}

fn purchase_orders(order: &mut SalesOrder, purchase: &Purchase) {
    if let Some(text) = &purchase.customer_reference {
        order.purchase_orders.push(PurchaseOrderCandidate {
            place: "/customer_reference".to_owned(),
            text: text.expose().clone(),
        });
    }
    // Documented on carts; whether purchases have it is not known, so it is read where it stands.
    if let Some(text) = text_member(purchase.member("po_number")) {
        order.purchase_orders.push(PurchaseOrderCandidate {
            place: "/po_number".to_owned(),
            text,
        });
    }
}

fn packages(order: &mut SalesOrder, purchase: &Purchase, options: &ShopOptions) {
    for (package_index, package) in purchase.packages.iter().enumerate() {
        if matches!(
            package.package_type,
            Some(PackageType::Cancelled | PackageType::Returned)
        ) {
            continue;
        }
        let at = format!("/packages/{package_index}");
        if order.shipping_method.is_none() {
            order.shipping_method = package
                .shipping_method
                .as_ref()
                .and_then(|method| method.name.as_deref())
                .map(ShippingMethodLabel::new);
        }
        if let Some(from) = &package.shipping_address {
            if let Some(mobile) = text_member(from.member("mobile")) {
                order.personal.other_phones.push(OtherPhone {
                    place: format!("{at}/shipping_address/mobile"),
                    number: Personal::new(mobile),
                });
            }
            if order.personal.shipping.is_none() {
                order.personal.shipping = Some(address(from));
            }
        }
        for (line_index, item) in package.line_items.iter().enumerate() {
            // The name of a line's id is not public; where it is not there, the position in the record is the identity.
            let line_id = text_member(item.identifiers.member(&options.line_id_member))
                .unwrap_or_else(|| format!("{package_index}-{line_index}"));
            let mut line = OrderLine::new(
                LineId::new(line_id),
                SourceSku::new(item.identifiers.sku.clone().unwrap_or_default()),
                item.quantity.unwrap_or_default(),
            );
            if item.identifiers.sku.is_none() {
                line.sku = None;
            }
            line.description = match (&item.name_parent, &item.name_child) {
                (Some(parent), Some(child)) => Some(format!("{parent} {child}")),
                (parent, child) => parent.clone().or_else(|| child.clone()),
            };
            line.unit = options
                .unit_member
                .as_deref()
                .and_then(|member| text_member(item.member(member)));
            line.unit_price = unit_price(item);
            order.lines.push(line);
        }
    }
    if let Some(from) = &purchase.billing_address {
        if let Some(mobile) = text_member(from.member("mobile")) {
            order.personal.other_phones.push(OtherPhone {
                place: "/billing_address/mobile".to_owned(),
                number: Personal::new(mobile),
            });
        }
        order.personal.billing = Some(address(from));
    }
}

/// The line's net total over its units, where that comes out even to four places; else none, since nothing is rounded.
fn unit_price(item: &sparklayer_client::LineItem) -> Option<Money> {
    let total = item.line_total.as_ref()?.total_net.as_ref()?;
    let quantity = item.quantity.filter(|quantity| *quantity > Decimal::ZERO)?;
    let unit = total.amount.checked_div(quantity)?;
    let exact = unit.round_dp(4);
    (exact.checked_mul(quantity) == Some(total.amount))
        .then(|| Money::new(exact.normalize(), &total.currency))
}

fn address(from: &sparklayer_client::Address) -> Address {
    let take = |text: &Option<WirePersonal<String>>| {
        text.as_ref()
            .map(|text| Personal::new(text.expose().clone()))
    };
    let mut address = Address::default();
    address.name = take(&from.name);
    address.company = take(&from.company);
    address.line1 = take(&from.address_line1);
    address.line2 = take(&from.address_line2);
    address.city = take(&from.city);
    address.region = take(&from.region_code);
    address.postcode = take(&from.postal_code);
    address.country.clone_from(&from.country_code);
    address.phone = take(&from.phone);
    // Not documented on addresses of purchases; read where it stands.
    address.email = text_member(from.member("email")).map(Personal::new);
    address
}

/// A text member that the client does not know by name; numbers by their text, empty as absent.
fn text_member(raw: Option<&serde_json::value::RawValue>) -> Option<String> {
    let raw = raw?.get();
    let text = match serde_json::from_str::<serde_json::Value>(raw).ok()? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(_) => raw.to_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
