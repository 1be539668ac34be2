//! Laws of the shop over arbitrary sequences: identities, pages, batches, money.

use http::StatusCode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::ShopState;
use super::article::{Assortment, ShopArticle};
use super::checkout::Checkout;
use super::counted_id;
use super::listing::ListQuery;
use super::options::SparkLayerOptions;
use super::purchase::{LookupBy, Reading};
use super::purchase_book::PurchaseBook;
use super::stock::{StockBook, StockRules};
use super::switches::{CustomerIds, OmittedMembers, SparkLayerSwitches};
use crate::problem::Problem;
use crate::virtual_clock::default_start;

/// The identifiers of a purchase in the order of [`LookupBy::ALL`].
type Ids = [Option<String>; 4];

fn identifier(lookup: usize, number: u8) -> String {
    if lookup == 0 {
        counted_id::uuid(9, u64::from(number))
    } else {
        format!("{lookup}-{number}")
    }
}

fn ids() -> impl Strategy<Value = Ids> {
    vec(option::weighted(0.7, 0_u8..3), 4).prop_map(|numbers| {
        let mut ids = Ids::default();
        for (lookup, (id, number)) in ids.iter_mut().zip(numbers).enumerate() {
            *id = number.map(|number| identifier(lookup, number));
        }
        ids
    })
}

fn document(ids: &Ids) -> String {
    let [sparklayer, platform, internal, visible] = ids;
    json!({
        "type": "order",
        "purchase_identifiers": { "sparklayer": sparklayer, "platform": platform, "internal": internal, "visible": visible },
        "customer_identifiers": {}, "dates": {}, "packages": [],
    })
    .to_string()
}

/// What `PUT` should do to the purchases of the model.
fn model_put(model: &mut Vec<Ids>, lookup: usize, address: &str, ids: &Ids) -> StatusCode {
    let found = model
        .iter()
        .position(|held| held[lookup].as_deref() == Some(address));
    match found {
        Some(place) if model[place][0].is_some() && model[place][0] != ids[0] => {
            return StatusCode::FORBIDDEN;
        }
        None if ids[lookup].as_deref() != Some(address) => return StatusCode::BAD_REQUEST,
        _ => {}
    }
    let clash = model.iter().enumerate().any(|(place, held)| {
        Some(place) != found && (0..4).any(|one| ids[one].is_some() && held[one] == ids[one])
    });
    if clash {
        return StatusCode::CONFLICT;
    }
    match found {
        Some(place) => model[place] = ids.clone(),
        None => model.push(ids.clone()),
    }
    StatusCode::OK
}

fn status<T>(result: Result<T, Problem>) -> StatusCode {
    result.map_or_else(|problem| problem.status, |_| StatusCode::OK)
}

fn rules(assortment: &Assortment) -> StockRules<'_> {
    StockRules {
        max_rows: None,
        omitted: OmittedMembers::Clear,
        refuse_unknown_skus: false,
        articles: assortment,
    }
}

proptest! {
    #[test]
    fn four_indexes_agree_with_the_purchases(puts in vec((0_usize..4, 0_u8..3, ids()), 1..25)) {
        let mut book = PurchaseBook::default();
        let mut model = Vec::new();
        for (lookup, number, ids) in puts {
            let address = identifier(lookup, number);
            let wanted = model_put(&mut model, lookup, &address, &ids);
            let text = document(&ids);
            let by = LookupBy::ALL[lookup];
            let found = status(book.put(by, &address, &text, Reading::default(), default_start()));
            prop_assert_eq!(found, wanted);
            for lookup in 0..4 {
                for number in 0..3 {
                    let id = identifier(lookup, number);
                    let wanted = model.iter().find(|held| held[lookup].as_deref() == Some(&id));
                    let found = book.find(LookupBy::ALL[lookup], &id).map(|record| {
                        LookupBy::ALL.map(|by| record.purchase.identifier(by).map(str::to_owned))
                    });
                    prop_assert_eq!(found.as_ref(), wanted);
                }
            }
        }
        prop_assert_eq!(book.records().len(), model.len());
    }

    #[test]
    fn pages_put_together_are_the_list(minutes in vec(0_u8..60, 0..40), limit in 1_usize..12) {
        let mut book = PurchaseBook::default();
        for (number, minute) in minutes.iter().enumerate() {
            let mut purchase: Value = serde_json::from_str(&document(&Ids::default())).unwrap();
            purchase["purchase_identifiers"]["sparklayer"] = json!(counted_id::uuid(9, number as u64));
            purchase["dates"]["updated_at"] = json!(format!("2010-12-01T08:{minute:02}:00Z"));
            book.seed(&purchase.to_string(), default_start()).unwrap();
        }
        let page = |query: &str| -> Vec<Value> {
            let query = ListQuery::read(query, &SparkLayerSwitches::default()).unwrap();
            serde_json::from_str(&query.page(&book)).unwrap()
        };
        let mut together = Vec::new();
        loop {
            let rows = page(&format!("limit={limit}&offset={}", together.len()));
            let last = rows.len() < limit;
            together.extend(rows);
            if last {
                break;
            }
        }
        prop_assert_eq!(together.len(), minutes.len());
        prop_assert!(together.is_sorted_by_key(|row| row["dates"]["updated_at"].as_str().unwrap().to_owned()));
        prop_assert_eq!(together, page("limit=500"));
    }

    #[test]
    fn a_stock_batch_is_applied_whole_or_not_at_all(
        rows in vec((0_u8..3, prop_oneof![Just("default"), Just("whistl"), Just("moon")], -5_i64..5), 1..8)
    ) {
        let mut book = StockBook::new(SparkLayerOptions::default().locations);
        book.set("default", "0", 77);
        let before = book.levels();
        let body: Value = rows
            .iter()
            .map(|(sku, place, level)| json!({ "sku": sku.to_string(), "stock_location_external_id": place, "stock_level": level }))
            .collect();
        let unknown = rows.iter().any(|(_, place, _)| *place == "moon");
        let twice = (1..rows.len()).any(|place| rows[..place].iter().any(|row| (row.0, row.1) == (rows[place].0, rows[place].1)));
        let assortment = Assortment::default();
        let result = book.update(&body, &rules(&assortment));
        prop_assert_eq!(result.is_ok(), !unknown && !twice);
        if result.is_err() {
            prop_assert_eq!(book.levels(), before);
        } else {
            for (sku, place, level) in rows {
                let found = book.levels().into_iter().find(|row| row.sku == sku.to_string() && row.location == place);
                prop_assert_eq!(found.unwrap().level, level);
            }
        }
    }

    #[test]
    fn an_order_costs_what_was_calculated(
        pence in vec(0_i64..100_000, 1..6), quantity in 1_u32..500, tax in 0_u32..30
    ) {
        let mut state = ShopState::new(&SparkLayerOptions::default());
        let customer = state
            .customers
            .create(&json!({ "email": "a@shop.example" }), CustomerIds::Uuid, default_start())
            .unwrap()
            .id()
            .to_owned();
        let mut lines = Vec::new();
        for (sku, pence) in pence.iter().enumerate() {
            let article = ShopArticle::new(sku.to_string(), "Article", Decimal::new(*pence, 2));
            state.assortment.put_article(article.with_tax_rate(Decimal::from(tax)));
            lines.push(json!({ "sku": sku.to_string(), "quantity": quantity }));
        }
        let create = json!({ "customer_id": customer, "customer_lookup_by": "sparklayer" });
        let id = state.carts.create(&create, "en-US", &state.customers, default_start()).unwrap().id.clone();
        let update = json!({
            "line_items": lines,
            "temporary_shipping_address": { "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" },
        });
        state.carts.find_mut(&id).unwrap().update(&update, &state.assortment, &state.customers).unwrap();
        let checkout = Checkout::of(&state, &id).unwrap();
        let calculated = checkout.calculation(&json!({})).unwrap();
        let completed = checkout.complete(&json!({ "payment_method": "paymentByInvoice" }), 1, default_start()).unwrap();
        let mut book = PurchaseBook::default();
        let stored = book.put(LookupBy::SparkLayer, &id, &completed.purchase, Reading::default(), default_start()).unwrap();
        let total = stored.purchase.answer().value("calculated_total").unwrap();
        let gross = &calculated["totals"]["total"]["pre_discount"]["gross"]["amount"];
        prop_assert_eq!(&total["number"], gross);
        let net: Decimal = pence.iter().map(|pence| Decimal::new(*pence, 2) * Decimal::from(quantity)).sum();
        prop_assert_eq!(&calculated["totals"]["total"]["pre_discount"]["net"]["amount"], &json!(format!("{net:.2}")));
    }
}
