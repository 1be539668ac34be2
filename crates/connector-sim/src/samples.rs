//! Sample orders, stock and a customer, so that a program that has just been started against the simulators has something to do.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::sim_error::SimError;
use crate::sparklayer::SparkLayerSim;
use crate::sparklayer::article::{ShippingRate, ShopArticle};
use crate::whistl::WhistlSim;

/// Articles of the sample orders by the warehouse's code, with the units on the shelf.
const STOCK: [(&str, i64); 3] = [("71053", 60), ("84029G", 40), ("85123A", 120)];

/// Articles the shop sells by SKU, with name, net price in pence and units in a pack.
const ARTICLES: [(&str, &str, i64, u32); 3] = [
    ("71053", "White moroccan metal lantern", 339, 1),
    ("84029-G", "Knitted hot water bottle", 339, 2),
    ("85123A", "White hanging heart T-light holder", 255, 6),
];

/// E-mail address of the sample customer, by which a cart can be opened for it.
const CUSTOMER: &str = "buying@sample-shop.example";

/// Puts four orders into the shop and their articles on the warehouse's shelves; also articles, shipping rates, a price list and a customer
/// (`buying@sample-shop.example`), so that carts can be filled.
///
/// Two orders have nothing wrong with them. Order 1003 is on account and its credit decision is still open; order 1004 asks for a
/// shipping option that nobody has mapped. Nothing in them is about a person, and the phone numbers are from the range that is kept
/// for drama.
///
/// # Errors
/// [`SimError::Refused`] where the shop has another purchase under one of their identifiers.
pub fn seed_samples(shop: &SparkLayerSim, warehouse: &WhistlSim) -> Result<(), SimError> {
    for purchase in [
        sample(1, "upfrontPayment", "Express B2B Delivery", &json!([])),
        sample(2, "paymentByInvoice", "Standard Delivery", &json!([])),
        sample(
            3,
            "paymentOnAccount",
            "Standard Delivery",
            &json!([{ "name": "credit_status", "value": "pending" }]),
        ),
        sample(4, "upfrontPayment", "Carrier Pigeon", &json!([])),
    ] {
        shop.put_purchase(purchase)?;
    }
    for (sku, on_hand) in STOCK {
        warehouse.seed_stock(sku, on_hand);
    }
    seed_ordering(shop)
}

/// What carts need. Once there, it stays as it is.
fn seed_ordering(shop: &SparkLayerSim) -> Result<(), SimError> {
    let vat = Decimal::from(20);
    for (sku, name, pence, pack) in ARTICLES {
        let article = ShopArticle::new(sku, name, Decimal::new(pence, 2));
        shop.put_article(article.with_tax_rate(vat).with_pack_size(pack));
    }
    for (handle, name, pence) in [
        ("standard", "Standard Delivery", 495),
        ("express", "Express B2B Delivery", 995),
    ] {
        let rate = ShippingRate::new(handle, name, Decimal::new(pence, 2));
        shop.put_shipping_rate(rate.with_tax_rate(vat));
    }
    if shop.customer_by_email(CUSTOMER).is_some() {
        return Ok(());
    }
    shop.create_price_list("wholesale", [("85123A", Decimal::new(210, 2))])?;
    let customer = shop.create_customer(&json!({
        "email": CUSTOMER, "company_name": "Sample Shop", "group": "trade", "currency_code": "GBP",
        "price_lists": ["wholesale"],
        "payment_on_account": { "credit_limit": 1000, "balance": 250 },
    }))?;
    let address = shop.create_customer_address(
        &customer,
        &json!({
            "first_name": "Goods", "last_name": "In", "company": "Sample Shop", "address_line1": "1 Example Street", "city": "Leeds",
            "postal_code": "LS1 4DY", "country_code": "GB", "phone": "020 7946 0121",
        }),
    )?;
    shop.update_customer(
        &customer,
        &json!({ "default_shipping_address_id": address, "default_billing_address_id": address }),
    )
}

fn sample(place: u8, payment: &str, option: &str, metadata: &Value) -> Value {
    let number = 1000 + u16::from(place);
    let placed_at = format!("2010-12-01T08:{:02}:00Z", 20 + place);
    let address = json!({
        "name": "Goods In", "company": format!("Sample Shop {place}"),
        "address_line1": format!("{place} Example Street"), "city": "Leeds",
        "postal_code": "LS1 4DY", "country_code": "GB", "phone": format!("020 7946 012{place}"),
    });
    json!({
        "type": "order",
        "purchase_identifiers": {
            "sparklayer": format!("63428136-658f-48a6-beb7-7f333dfd{number}"),
            "visible": number.to_string(),
        },
        "customer_identifiers": {},
        "payment_method": payment,
        "dates": { "created_at": placed_at, "updated_at": placed_at, "placed_at": placed_at },
        "customer_reference": format!("PO-{number}"),
        "currency_code": "GBP",
        "metadata": metadata,
        "packages": [{
            "type": "incoming",
            "shipping_method": { "name": option },
            "shipping_address": address,
            "line_items": [
                { "identifiers": { "sku": "85123A", "line_item_id": "L1" }, "quantity": 6 },
                { "identifiers": { "sku": "84029-G", "line_item_id": "L2" }, "quantity": 2 },
            ],
            "shipments": [],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparklayer::options::SparkLayerOptions;
    use crate::whistl::options::WhistlOptions;

    #[tokio::test]
    async fn samples_can_be_seeded_twice() {
        let shop = SparkLayerSim::start(SparkLayerOptions::default())
            .await
            .unwrap();
        let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
        for _ in 0..2 {
            seed_samples(&shop, &warehouse).unwrap();
            assert_eq!(shop.purchases().len(), 4);
            assert_eq!(warehouse.stock().len(), STOCK.len());
            let customer = shop.customer_by_email(CUSTOMER).unwrap();
            assert_eq!(
                customer["addresses"][0]["id"],
                customer["default_shipping_address_id"]
            );
        }
    }
}
