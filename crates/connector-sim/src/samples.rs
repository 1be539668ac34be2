//! Sample orders and stock, so that a program that has just been started against the simulators has something to do.

use serde_json::{Value, json};

use crate::sim_error::SimError;
use crate::sparklayer::SparkLayerSim;
use crate::whistl::WhistlSim;

/// Articles of the sample orders by the warehouse's code, with the units on the shelf.
const STOCK: [(&str, i64); 3] = [("71053", 60), ("84029G", 40), ("85123A", 120)];

/// Puts four orders into the shop and their articles on the warehouse's shelves.
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
    Ok(())
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
        }
    }
}
