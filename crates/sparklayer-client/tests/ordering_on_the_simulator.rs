//! Carts, customers, prices and stock against the simulated shop.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, Fault, FaultKind, SparkLayerOperation,
    SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim, seed_samples,
};
use futures_util::TryStreamExt;
use sparklayer_client::{
    CartCompletion, CartCustomer, CartLine, CartUpdate, CompleteCart, CompletionReport,
    Credentials, Customer, CustomerAddress, Environment, IgnoredValidation, LocationRef, LookupBy,
    PaymentMethod, PriceList, PriceTier, PriceUpdate, RetryPolicy, SparkLayer, SparkLayerErrorCode,
    StockFilter, StockLevelUpdate, StockLocation, UploadFault,
};

async fn shop() -> (SparkLayerSim, SparkLayer) {
    let sim = SparkLayerSim::start(SparkLayerOptions::default())
        .await
        .unwrap();
    let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
    seed_samples(&sim, &warehouse).unwrap();
    let credentials = Credentials {
        site_id: DEMO_SITE_ID.to_owned(),
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: DEMO_CLIENT_SECRET.into(),
    };
    let client = SparkLayer::builder(credentials, "test-suite")
        .with_environment(Environment::Custom(sim.base_url().parse().unwrap()))
        .with_retry_policy(
            RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
        .build()
        .unwrap();
    (sim, client)
}

async fn filled_cart(client: &SparkLayer) -> String {
    let carts = client.carts();
    let buyer = CartCustomer::email("buying@sample-shop.example");
    let id = carts.create(&buyer, Some("en-GB")).await.unwrap();
    let lines = vec![CartLine::new("71053", 4), CartLine::new("NOT-THERE", 1)];
    let update = CartUpdate::new(lines).with_po_number("PO 4711");
    let updated = carts.update(&id, &update).await.unwrap();
    assert_eq!(updated.cart.items.len(), 1);
    let results = updated.line_results.unwrap();
    assert_eq!(results[1].sku.as_deref(), Some("NOT-THERE"));
    assert_eq!(results[1].member("success").unwrap().get(), "false");
    assert_eq!(updated.validation_errors, Some(Vec::new()));
    id
}

async fn complete(client: &SparkLayer, id: &str) -> CompletionReport {
    let order = CompleteCart::new(PaymentMethod::Invoice).with_shipping_rate("express");
    client.carts().complete(id, &order).await.unwrap()
}

#[tokio::test]
async fn an_order_is_placed() {
    let (sim, client) = shop().await;
    let carts = client.carts();
    let id = filled_cart(&client).await;
    let cart = carts.get(&id).await.unwrap();
    assert_eq!(cart.items[0].quantity, Some(4));
    assert!(cart.unreadable().is_empty());
    let cost = carts.calculate(&id, Some("express")).await.unwrap();
    let net = cost
        .totals
        .total
        .unwrap()
        .pre_discount
        .unwrap()
        .net
        .unwrap();
    assert_eq!(net.amount, "23.51".parse().unwrap());
    let methods = cost.shipping_methods.unwrap();
    assert!(
        methods
            .iter()
            .any(|method| method.handle.as_deref() == Some("express"))
    );
    assert!(
        cost.payment_methods
            .unwrap()
            .contains(&PaymentMethod::Invoice)
    );
    let error = carts.calculate(&id, Some("teleport")).await.unwrap_err();
    assert!(SparkLayerErrorCode::CartShippingRateHandleUnavailable.is_in(&error));
    let report = complete(&client, &id).await;
    assert_eq!(
        report.completion,
        CartCompletion::Completed {
            purchase_id: id.clone()
        }
    );
    let purchase = client
        .purchases()
        .get(LookupBy::Sparklayer, &id)
        .await
        .unwrap();
    assert_eq!(purchase.payment_method, Some(PaymentMethod::Invoice));
    let again = complete(&client, &id).await;
    assert!(again.cause.unwrap().is_not_found());
    assert!(matches!(again.completion, CartCompletion::Completed { .. }));
    assert_eq!(sim.writes().carts_completed, 1);
}

#[tokio::test]
async fn a_lost_answer_places_one_order_and_is_told_apart() {
    let (sim, client) = shop().await;
    for (kind, is_placed) in [
        (FaultKind::LoseReplyAfterApplying, true),
        (FaultKind::TruncatedBody, true),
        (FaultKind::LoseReplyBeforeApplying, false),
    ] {
        let before = sim.writes().carts_completed;
        let id = filled_cart(&client).await;
        sim.faults()
            .arm(Fault::on_operation(SparkLayerOperation::CompleteCart, kind));
        let report = complete(&client, &id).await;
        assert!(report.cause.unwrap().is_ambiguous(), "{kind:?}");
        let expected = if is_placed {
            CartCompletion::Completed {
                purchase_id: id.clone(),
            }
        } else {
            CartCompletion::NotCompleted
        };
        assert_eq!(report.completion, expected, "{kind:?}");
        assert_eq!(client.carts().completion_of(&id).await.unwrap(), expected);
        if !is_placed {
            complete(&client, &id).await;
        }
        assert_eq!(sim.writes().carts_completed, before + 1, "{kind:?}");
    }
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let (_sim, client) = shop().await;
    let carts = client.carts();
    let nobody = CartCustomer::email("nobody@sample-shop.example");
    let error = carts.create(&nobody, None).await.unwrap_err();
    assert!(SparkLayerErrorCode::ResourceIdNotFound.is_in(&error));
    let id = filled_cart(&client).await;
    carts
        .update(&id, &CartUpdate::new(Vec::new()))
        .await
        .unwrap();
    let error = carts.calculate(&id, None).await.unwrap_err();
    assert!(SparkLayerErrorCode::CartEmpty.is_in(&error));
    // Packs of six: five are against the rules, and can be ordered in spite of them.
    let five = CartUpdate::new(vec![CartLine::new("85123A", 5)]);
    let updated = carts.update(&id, &five).await.unwrap();
    let code = updated.validation_errors.unwrap()[0].code.clone().unwrap();
    let order = CompleteCart::new(PaymentMethod::Invoice).with_shipping_rate("standard");
    let error = carts.complete(&id, &order).await.unwrap_err();
    assert!(SparkLayerErrorCode::CartValidationErrors.is_in(&error));
    let order = order.ignoring(IgnoredValidation::Codes(vec![code]));
    let report = carts.complete(&id, &order).await.unwrap();
    assert!(matches!(
        report.completion,
        CartCompletion::Completed { .. }
    ));
}

#[tokio::test]
async fn customers_live_from_creation_to_deletion() {
    let (_sim, client) = shop().await;
    let customers = client.customers();
    let mut customer = Customer::default();
    customer.email = Some("new@sample-shop.example".into());
    customer.external_id = Some("ERP-1".to_owned());
    let stored = customers.create(&customer).await.unwrap();
    let id = stored.id.unwrap();
    let mut change = Customer::default();
    change.company_name = Some("Sample Shop 2".into());
    customers.update(&id, &change).await.unwrap();
    let read = customers.get("ERP-1").await.unwrap();
    assert_eq!(
        read.company_name.as_ref().unwrap().expose(),
        "Sample Shop 2"
    );
    assert!(read.unreadable().is_empty());
    let mut address = CustomerAddress::default();
    address.address_line1 = Some("1 Example Street".into());
    address.city = Some("Leeds".into());
    address.country_code = Some("GB".to_owned());
    let stored = customers.create_address(&id, &address).await.unwrap();
    let address_id = stored.id.unwrap();
    let mut change = CustomerAddress::default();
    change.nickname = Some("goods in".into());
    customers
        .update_address(&id, &address_id, &change)
        .await
        .unwrap();
    let read = customers.address(&id, &address_id).await.unwrap();
    assert_eq!(read.nickname.unwrap().expose(), "goods in");
    assert_eq!(read.city.unwrap().expose(), "Leeds");
    assert_eq!(customers.addresses(&id).await.unwrap().len(), 1);
    customers.delete_address(&id, &address_id).await.unwrap();
    assert!(customers.addresses(&id).await.unwrap().is_empty());
    customers.delete(&id).await.unwrap();
    assert!(customers.get(&id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn price_lists_and_prices_are_written_and_read() {
    let (sim, client) = shop().await;
    let price_lists = client.price_lists();
    for number in 0..5 {
        let mut price_list = PriceList::default();
        price_list.slug = Some(format!("list-{number}"));
        price_list.name = Some(format!("List {number}"));
        price_list.currency_code = Some("GBP".to_owned());
        price_lists.create(&price_list).await.unwrap();
    }
    let paged: Vec<PriceList> = price_lists
        .list()
        .with_page_size(2)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(paged.len(), price_lists.all().await.unwrap().len());
    let mut change = PriceList::default();
    change.name = Some("Renamed".to_owned());
    price_lists.update("list-1", &change).await.unwrap();
    let read = price_lists.get("list-1").await.unwrap();
    assert_eq!(read.name.as_deref(), Some("Renamed"));
    let prices = client.prices();
    let tiers = vec![
        PriceTier::new(1.into(), "10.40".parse().unwrap()),
        PriceTier::new(12.into(), 9.into()),
    ];
    let update = PriceUpdate::new("71053", tiers.clone());
    sim.faults().arm(Fault::on_operation(
        SparkLayerOperation::UpdatePriceListPricing,
        FaultKind::ConcurrentUpdate,
    ));
    prices.update_list("list-1", &[update]).await.unwrap();
    assert_eq!(prices.of_list("list-1").await.unwrap().len(), 2);
    let several = [PriceUpdate::new("71053", tiers).in_list("list-2")];
    prices.update_lists(&several).await.unwrap();
    let of_sku = prices.of_sku("71053").await.unwrap();
    let of_two = of_sku
        .iter()
        .find(|prices| prices.price_list_slug.as_deref() == Some("list-2"))
        .unwrap();
    assert_eq!(of_two.pricing[0].price, Some("10.4".parse().unwrap()));
    let error = prices
        .update_list_csv("list-1", "sku,quantity,price\n71053,1,much\n")
        .await
        .unwrap_err();
    let faults = UploadFault::all_of(&error);
    assert!(faults.iter().any(|fault| fault.line.is_some()), "{error:?}");
    let csv = "sku,quantity,price\n71053,1,5.50\n";
    prices.update_list_csv("list-1", csv).await.unwrap();
}

#[tokio::test]
async fn stock_is_set_fetched_and_deleted() {
    let (_sim, client) = shop().await;
    let stock = client.stock();
    let mut location = StockLocation::default();
    location.name = Some("Warehouse".to_owned());
    location.external_id = Some("annexe".to_owned());
    let id = stock.create_location(&location).await.unwrap().id.unwrap();
    let mut change = StockLocation::default();
    change.name = Some("Warehouse 2".to_owned());
    stock.update_location(&id, &change).await.unwrap();
    let locations = stock.locations().await.unwrap();
    let renamed = |place: &StockLocation| place.name.as_deref() == Some("Warehouse 2");
    assert!(locations.iter().any(renamed));
    let level = StockLevelUpdate::new("71053", LocationRef::Id(id.clone()), 9)
        .with_min_stock_level(-9)
        .with_restock_date("2030-01-01".parse().unwrap());
    let report = stock.batch_update(vec![level]).await.unwrap();
    assert!(report.is_complete(), "{report:?}");
    let skus = ["71053".to_owned()];
    let filter = StockFilter::Locations(vec![id]);
    let fetched = stock.batch_fetch(&skus, &filter).await.unwrap();
    let level = &fetched[0].stock_levels[0];
    assert_eq!(
        (level.stock_level, level.min_stock_level, level.restock_date),
        (Some(9), Some(-9), Some("2030-01-01".parse().unwrap()))
    );
    assert!(stock.batch_delete(&skus).await.unwrap().is_complete());
    let fetched = stock.batch_fetch(&skus, &StockFilter::All).await.unwrap();
    assert!(fetched.iter().all(|sku| sku.stock_levels.is_empty()));
}
