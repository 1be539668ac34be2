//! `DTD_ORDER`, written as the importer writes it and read where it is dropped directly.

use chrono::{DateTime, Utc};

use super::importer::{FileLine, FileOrder};
use crate::xml_tree::Element;

/// As the importer's language rounds: the exact value, ties to even.
fn rounded(amount: f64) -> f64 {
    format!("{amount:.2}").parse().unwrap_or(amount)
}

/// Gross, net and tax at 20 %, under a common beginning of the names.
fn amounts(element: Element, name: &str, gross: f64) -> Element {
    let gross = rounded(gross);
    let net = rounded(gross / 6.0 * 5.0);
    let tax = rounded(gross - net);
    element
        .field(&format!("{name}Gross"), format!("{gross:?}"))
        .field(&format!("{name}Net"), format!("{net:?}"))
        .field(&format!("{name}Tax"), format!("{tax:?}"))
}

/// The whole file of one order.
pub(crate) fn write(order: &FileOrder, status: &str, now: DateTime<Utc>) -> String {
    let today = now.format("%d/%m/%Y").to_string();
    let mut head = Element::new("OrderHead")
        .field("Site", order.cell("SITE"))
        .field("Method", order.cell("METHOD"))
        .field("OrderReferences", order.reference.clone())
        .field("Buyer", order.cell("CUSTOMER"))
        .field("ExternalCustomerCode", order.cell("CUSTOMER"))
        .field("OrderDate", order.or("DATEREQUEST", &today))
        .field("CustType", order.cell("CUSTTYPE"))
        .field("OrderStatus", order.or("ORDERSTATUS", status));
    if order.or("ORDERSTATUS", status) == "210" {
        head = head.field("OrderHoldReason", order.or("HOLDREASON", "WEB"));
    }
    head = head.field("CustomerReference", order.cell("CUSTREF"));
    for (name, column) in PARTY {
        head = head.field(&format!("Invoice{name}"), party(order, "", column));
    }
    head = amounts(head, "OrdDelChrg", order.delivery_charge);
    head = amounts(head, "OrdTotal", order.total)
        .field("OrderSource", order.or("SOURCE", "WEB"))
        .field("Currency", order.or("CURRENCY", "GBP"))
        .with(
            Element::new("OptInData")
                .field("Email", "F")
                .field("Mail", "F"),
        )
        .with(recipient(order));
    let payment = Element::new("OrderPayment")
        .field("CardType", order.or("PAYMETHOD", "WEB"))
        .field("AuthMessage", "")
        .field("CardNumber", "")
        .field("AuthCode", "")
        .field("Amount", format!("{:?}", rounded(order.total)));
    let mut out = "<?xml version='1.0' encoding='utf-8'?>\n".to_owned();
    Element::new("DTD_ORDER")
        .with(head.with(payment))
        .write_to(&mut out, " />");
    out
}

const PARTY: [(&str, &str); 10] = [
    ("Initials", "FIRSTNAME"),
    ("Surname", "SURNAME"),
    ("Company", "COMPANY"),
    ("Postcode", "POSTCODE"),
    ("Address", "ADDRESS"),
    ("City", "CITY"),
    ("County", "COUNTY"),
    ("Country", "COUNTRY"),
    ("Phone", "PHONE"),
    ("Email", "EMAIL"),
];

/// A delivery cell falls back to its invoice counterpart.
fn party<'a>(order: &'a FileOrder, prefix: &str, column: &str) -> &'a str {
    let otherwise = if column == "COUNTRY" { "GB" } else { "" };
    order.or(&format!("{prefix}{column}"), order.or(column, otherwise))
}

fn recipient(order: &FileOrder) -> Element {
    let elsewhere =
        !order.cell("DELADDRESS").is_empty() && order.cell("DELADDRESS") != order.cell("ADDRESS");
    let address = if elsewhere {
        order.reference.as_str()
    } else {
        "MAIN"
    };
    let mut recipient = Element::new("OrderRecipient")
        .field("RecipientDelivery", "1")
        .field("RecipientOrderType", "")
        .field("RecipientAddressRef", order.or("ADDRREF", address));
    for (name, column) in PARTY {
        recipient = recipient.field(&format!("Recipient{name}"), party(order, "DEL", column));
    }
    if !order.cell("ORDERREQUEST").is_empty() {
        recipient = recipient.field("RecipientMessage", "");
    }
    recipient = amounts(
        recipient.field("RecipientDelMessage", order.cell("DELMESS")),
        "RecipientDelChrg",
        order.delivery_charge,
    )
    .field("RecipientCarrier", order.or("CARRIER", "RECALC"))
    .field("RecipientCarrierService", order.or("DELMETHOD", "RECALC"))
    .field("RecipientDespatchDate", "")
    .field("RecipientCarrierFixed", "FIXED");
    for (place, line) in order.lines.iter().enumerate() {
        let mut element = Element::new("OrderLine")
            .field("LineNumber", (place + 1).to_string())
            .field("Product", line.part.clone())
            .field("Quantity", format!("{:?}", line.quantity))
            .field("Price", format!("{:?}", line.price));
        element = amounts(element, "LineTotal", line.price * line.quantity)
            .field("Personalised", line.personalisation.clone());
        if !line.request.is_empty() {
            element = element.field("external_guid", line.request.clone());
        }
        recipient = recipient.with(element);
    }
    recipient
}

/// The orders of a file that was dropped as XML. Assumed: what is missing rejects the file.
pub(crate) fn read(root: &Element) -> Result<Vec<FileOrder>, String> {
    if root.name != "DTD_ORDER" || root.child("OrderHead").is_none() {
        return Err("DTD_ORDER with OrderHead is expected".to_owned());
    }
    root.all("OrderHead").map(read_order).collect()
}

fn read_order(head: &Element) -> Result<FileOrder, String> {
    let needed = |name: &str| head.at(name).ok_or_else(|| format!("{name} is missing"));
    let reference = needed("OrderReferences")?.to_owned();
    if reference.chars().count() > 12 {
        return Err("OrderReferences is too long".to_owned());
    }
    let recipient = head
        .child("OrderRecipient")
        .ok_or("OrderRecipient is missing")?;
    let mut order = FileOrder {
        reference,
        ..FileOrder::default()
    };
    let mut put = |column: &str, text: Option<&str>| {
        order
            .cells
            .insert(column.to_owned(), text.unwrap_or_default().to_owned());
    };
    put("CUSTREF", head.at("CustomerReference"));
    put("ORDERSTATUS", head.at("OrderStatus"));
    put("CARRIER", recipient.at("RecipientCarrier"));
    put("DELMETHOD", recipient.at("RecipientCarrierService"));
    for (name, column) in PARTY {
        let capital = format!("Recipient{}", name.replace("Postcode", "PostCode"));
        put(
            column,
            recipient
                .at(&format!("Recipient{name}"))
                .or_else(|| recipient.at(&capital)),
        );
    }
    for line in recipient.all("OrderLine") {
        let amount = |name: &str| line.at(name).and_then(|text| text.parse::<f64>().ok());
        order.lines.push(FileLine {
            part: line.at("Product").ok_or("Product is missing")?.to_owned(),
            quantity: amount("Quantity").ok_or("Quantity is no number")?,
            price: amount("Price").unwrap_or(0.0),
            personalisation: line
                .at("Personalised")
                .or_else(|| line.at("Personalisation"))
                .unwrap_or_default()
                .to_owned(),
            request: line.at("external_guid").unwrap_or_default().to_owned(),
        });
    }
    if order.lines.is_empty() {
        return Err("OrderLine is missing".to_owned());
    }
    Ok(order)
}
