//! The program against endpoints that outlive it: a second start on the same database changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use std::path::Path;
use std::process::{Command, Output};

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET,
    SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim, seed_samples,
};
use serde_json::{Value, json};

const EXAMPLE_CONFIG: &str = include_str!("../full_sync.example.toml");

fn purchase(number: &str, option: &str) -> Value {
    let address = json!({
        "name": "Goods In", "company": "Customer 17850", "address_line1": "12 Example Street", "city": "Leeds",
        "postal_code": "LS1 4DY", "country_code": "GB", "phone": "020 7946 0123",
    });
    json!({
        "type": "order",
        "purchase_identifiers": { "sparklayer": format!("63428136-658f-48a6-beb7-7f333dfd{number}"), "visible": number },
        "customer_identifiers": {},
        "payment_method": "paymentByInvoice",
        "dates": { "placed_at": "2010-12-01T08:26:00Z" },
        "customer_reference": format!("PO-{number}"),
        "currency_code": "GBP",
        "metadata": [],
        "packages": [{
            "type": "incoming",
            "shipping_method": { "name": option },
            "shipping_address": address,
            "line_items": [
                { "identifiers": { "sku": "85123A" }, "quantity": 6 },
                { "identifiers": { "sku": "84029-G" }, "quantity": 8 },
            ],
            "shipments": [],
        }],
    })
}

async fn started() -> (SparkLayerSim, WhistlSim) {
    let shop = SparkLayerSim::start(SparkLayerOptions::default())
        .await
        .unwrap();
    let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
    (shop, warehouse)
}

async fn full_sync(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_full_sync"));
    command
        .args(["--json", "--config"])
        .arg(folder.join("shop.toml"))
        .arg("--db")
        .arg(folder.join("shop.db"))
        .env("CONNECTOR_REFERENCE_KEY", "0123456789abcdef")
        .env("SPARKLAYER_CLIENT_ID", DEMO_CLIENT_ID)
        .env("SPARKLAYER_CLIENT_SECRET", DEMO_CLIENT_SECRET)
        .env("WHISTL_CLIENT_ID", DEMO_WAREHOUSE_CLIENT_ID)
        .env("WHISTL_CLIENT_SECRET", DEMO_WAREHOUSE_CLIENT_SECRET);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn report(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{stderr}"))
}

/// How often a thing was counted in all flows of the first pass.
fn tally(report: &Value, name: &str) -> u64 {
    let flows = report["flows"].as_array().unwrap();
    flows
        .iter()
        .filter_map(|flow| flow["tallies"][name].as_u64())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_on_the_same_database_changes_nothing() {
    let (shop, warehouse) = started().await;
    shop.put_purchase(purchase("1001", "Express B2B Delivery"))
        .unwrap();
    shop.put_purchase(purchase("1002", "Carrier Pigeon"))
        .unwrap();
    for sku in ["85123A", "71053", "84029G"] {
        warehouse.seed_stock(sku, 100);
    }
    let folder = example_folder(&shop, &warehouse);
    let path = folder.path().join("shop.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config = config.replace("proof_delay = 300000", "proof_delay = 50\nsource_lag = 0");
    std::fs::write(path, config).unwrap();

    let first = report(&full_sync(folder.path()).await);
    assert_eq!(
        first["orders_by_state"],
        json!({ "accepted": 1, "held": 1 })
    );
    assert_eq!(first["waiting"][0]["code"], "SHIP_UNMAPPED");
    assert_eq!(tally(&first, "submitted"), 1);
    assert_eq!(
        first["second_pass"]["changes"], 0,
        "{}",
        first["second_pass"]["changed"]
    );
    assert_eq!(warehouse.orders().len(), 1);
    // What was ordered is promised, whether the warehouse has the order or not. The accepted one counts twice, in the warehouse's
    // allocation and in flight, because it was accepted so shortly before the snapshot that clocks could be apart by more.
    assert_eq!(shop.stock_level("default", "85123A"), Some(100 - 6 - 6 - 6));

    let again = report(&full_sync(folder.path()).await);
    assert_eq!(again["orders_by_state"], first["orders_by_state"]);
    for name in [
        "captured",
        "prepared",
        "submitted",
        "levels_published",
        "relay_writes",
        "held",
    ] {
        assert_eq!(tally(&again, name), 0, "{name}");
    }
    assert_eq!(warehouse.orders().len(), 1);

    // The warehouse has moved on in between: the third start brings the tracking to the shop and proves it.
    warehouse.tick();
    let third = report(&full_sync(folder.path()).await);
    assert_eq!(third["orders_by_state"], json!({ "closed": 1, "held": 1 }));
    assert_eq!(third["parcels"]["proven"], 1);
    assert_eq!(third["accounting"]["lost"], 0);
    shop.shutdown().await;
    warehouse.shutdown().await;
}

/// A folder with the example file as a newcomer has it, but for the addresses.
fn example_folder(shop: &SparkLayerSim, warehouse: &WhistlSim) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalogue.example.csv");
    std::fs::copy(catalogue, folder.path().join("data/catalogue.example.csv")).unwrap();
    let config = EXAMPLE_CONFIG
        .replace("http://127.0.0.1:8081", &shop.base_url())
        .replace("http://127.0.0.1:8082/", &warehouse.base_url());
    std::fs::write(folder.path().join("shop.toml"), config).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_file_sends_the_sample_orders_of_the_simulators() {
    let (shop, warehouse) = started().await;
    seed_samples(&shop, &warehouse).unwrap();
    let folder = example_folder(&shop, &warehouse);
    let first = report(&full_sync(folder.path()).await);
    assert_eq!(
        first["orders_by_state"],
        json!({ "accepted": 2, "held": 2 })
    );
    let codes: Vec<&Value> = first["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["code"])
        .collect();
    assert_eq!(codes, ["RELEASE_PENDING", "SHIP_UNMAPPED"]);
    assert_eq!(first["stock"]["published"], 3);

    let again = report(&full_sync(folder.path()).await);
    assert_eq!(tally(&again, "submitted"), 0);
    assert_eq!(again["stock"]["published"], 0);
    assert_eq!(warehouse.orders().len(), 2);
    shop.shutdown().await;
    warehouse.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_nobody_could_read_is_not_said_to_be_compared() {
    let (shop, warehouse) = started().await;
    seed_samples(&shop, &warehouse).unwrap();
    let folder = example_folder(&shop, &warehouse);
    report(&full_sync(folder.path()).await);
    shop.shutdown().await;
    warehouse.shutdown().await;

    let output = full_sync(folder.path()).await;
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["accounting"]["in_shop"], Value::Null);
    assert_eq!(report["accounting"]["recorded"], 4);
    assert_eq!(report["verdict"]["sound"], false);
    // Every fault has somebody who can do something about it.
    for row in report["open_exceptions"].as_array().unwrap() {
        for member in ["title", "owner", "remedy"] {
            assert_ne!(row[member], "", "{row}");
        }
    }
}
