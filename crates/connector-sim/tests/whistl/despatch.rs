//! Picking, packing and sending by ticks.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use connector_sim::{OrderStatus, SimError, WhistlOptions};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::{Caller, order};

#[tokio::test]
async fn unknown_skus_may_be_let_in() {
    let caller = Caller::start(WhistlOptions::default().with_unknown_skus_accepted()).await;
    caller.warehouse.seed_stock("A", 10);
    assert_eq!(
        caller.create(&order("K1", &[("B", 2)])).await.0,
        StatusCode::CREATED
    );
    let report = caller.warehouse.tick();
    assert_eq!((report.parcels, report.short_units), (0, 2));
    let (_, feed) = caller.get("/v1/despatches").await;
    assert_eq!(feed["despatches"][0]["shorts"][0]["reason"], "out_of_stock");
}

#[tokio::test]
async fn nothing_moves_without_a_tick() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 1)])).await;
    caller.warehouse.advance_clock(Duration::from_secs(1800));
    assert_eq!(
        caller.get("/v1/despatches").await.1,
        json!({ "despatches": [], "next": "d0", "more": false })
    );
    assert_eq!(caller.warehouse.tick().despatches, 1);
    assert_eq!(caller.warehouse.tick().despatches, 0);
    let (_, feed) = caller.get("/v1/despatches?since=d0").await;
    assert_eq!(
        feed["despatches"][0]["despatchedAt"],
        "2010-12-03T18:30:00Z"
    );
    assert_eq!(caller.get("/v1/orders/K1").await.1["status"], "despatched");
}

#[tokio::test]
async fn big_orders_leave_in_several_parcels() {
    let caller = Caller::start(WhistlOptions::default().with_parcel_limits(2, 10)).await;
    caller
        .create(&order("K1", &[("A", 25), ("B", 1), ("C", 1)]))
        .await;
    let report = caller.warehouse.tick();
    assert_eq!((report.units, report.despatches), (27, 1));
    let (_, feed) = caller.get("/v1/despatches").await;
    let parcels = feed["despatches"][0]["parcels"].as_array().unwrap();
    assert_eq!(parcels.len(), 4);
    let tracking: HashSet<&str> = parcels
        .iter()
        .map(|parcel| parcel["trackingNumber"].as_str().unwrap())
        .collect();
    assert_eq!(tracking.len(), parcels.len());
    for number in tracking {
        let digits = number.strip_prefix("WHL0P").unwrap();
        assert!(
            digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()),
            "{number}"
        );
    }
    assert_eq!(parcels[0]["service"], "WHI_EXP");
}

#[tokio::test]
async fn a_shortage_becomes_a_short_pick() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 5);
    caller.create(&order("K1", &[("A", 4)])).await;
    caller.create(&order("K2", &[("A", 4)])).await;
    caller.warehouse.tick();
    let orders = caller.warehouse.orders();
    let line = |place: usize| {
        (
            orders[place].lines[0].despatched,
            orders[place].lines[0].short,
        )
    };
    assert_eq!((line(0), line(1)), ((4, 0), (1, 3)));
    let stock = caller.warehouse.stock();
    assert_eq!((stock[0].on_hand, stock[0].allocated), (0, 0));
}

#[tokio::test]
async fn late_goods_still_fill_an_order() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 1);
    caller.create(&order("K1", &[("A", 4)])).await;
    caller.warehouse.adjust_stock("A", 10).unwrap();
    assert_eq!(caller.warehouse.tick().units, 4);
    assert_eq!(
        caller.warehouse.adjust_stock("B", 1),
        Err(SimError::UnknownSku("B".to_owned()))
    );
}

#[tokio::test]
async fn stock_kept_from_later_on_is_not_mixed_up() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 6)])).await;
    caller.warehouse.seed_stock("A", 7);
    caller.create(&order("K2", &[("A", 4)])).await;
    assert_eq!(caller.warehouse.stock()[0].allocated, 4);
    let report = caller.warehouse.tick();
    assert_eq!(
        (report.units, report.short_units),
        (7, 3),
        "K1 gets what is free"
    );
    assert_eq!(caller.warehouse.orders()[1].lines[0].despatched, 4);
    assert_eq!(
        (
            caller.warehouse.stock()[0].on_hand,
            caller.warehouse.stock()[0].allocated
        ),
        (0, 0)
    );
}

/// Every unit ordered is sent, short or open, after every step, whatever the rates.
#[tokio::test]
async fn units_are_conserved() {
    let options = WhistlOptions::default()
        .with_short_picks_per_mille(300)
        .with_part_despatches_per_mille(500)
        .with_parcel_limits(3, 20)
        .with_seed(7);
    let caller = Caller::start(options).await;
    let mut seeded = 0;
    for (sku, units) in [("A", 900_i64), ("B", 40), ("C", 300)] {
        caller.warehouse.seed_stock(sku, units);
        seeded += units;
    }
    for number in 1..=40_u32 {
        let lines = [("A", number), ("B", 3), ("C", 1 + number % 5)];
        let status = caller.create(&order(&format!("K{number}"), &lines)).await.0;
        assert_eq!(status, StatusCode::CREATED);
    }
    let mut ticks = 0;
    loop {
        let report = caller.warehouse.tick();
        let mut sent = 0_i64;
        for accepted in caller.warehouse.orders() {
            for line in &accepted.lines {
                assert_eq!(line.ordered, line.despatched + line.short + line.open());
                sent += i64::from(line.despatched);
            }
            let open: u32 = accepted.lines.iter().map(|line| line.open()).sum();
            assert_eq!(open == 0, accepted.status == OrderStatus::Despatched);
        }
        let on_hand: i64 = caller.warehouse.stock().iter().map(|row| row.on_hand).sum();
        assert_eq!(on_hand + sent, seeded);
        if report.despatches == 0 {
            break;
        }
        ticks += 1;
    }
    assert_eq!(ticks, 2, "some orders left in two despatches");
    assert!(
        caller
            .warehouse
            .stock()
            .iter()
            .all(|row| row.allocated == 0)
    );

    // What the feed says agrees with the books.
    let mut told: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    let mut since = String::from("d0");
    loop {
        let (_, page) = caller
            .get(&format!("/v1/despatches?since={since}&limit=7"))
            .await;
        for despatch in page["despatches"].as_array().unwrap() {
            let reference = despatch["reference"].as_str().unwrap();
            let key = |row: &Value| {
                (
                    reference.to_owned(),
                    row["lineId"].as_str().unwrap().to_owned(),
                )
            };
            for row in despatch["parcels"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|parcel| parcel["lines"].as_array().unwrap())
            {
                told.entry(key(row)).or_default().0 += row["quantity"].as_u64().unwrap();
            }
            for row in despatch["shorts"].as_array().unwrap() {
                told.entry(key(row)).or_default().1 += row["quantity"].as_u64().unwrap();
            }
        }
        since = page["next"].as_str().unwrap().to_owned();
        if page["more"] == json!(false) {
            break;
        }
    }
    let mut short_picks = 0;
    for accepted in caller.warehouse.orders() {
        for line in &accepted.lines {
            let told = told[&(accepted.reference.clone(), line.line_id.clone())];
            assert_eq!(told, (u64::from(line.despatched), u64::from(line.short)));
            short_picks += line.short;
        }
    }
    assert!(short_picks > 0);
}

#[tokio::test]
async fn the_same_seed_repeats_a_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let options = WhistlOptions::default()
            .with_part_despatches_per_mille(500)
            .with_short_picks_per_mille(500);
        let caller = Caller::start(options).await;
        for number in 1..=10 {
            caller
                .create(&order(&format!("K{number}"), &[("A", 3), ("B", 2)]))
                .await;
        }
        caller.warehouse.tick();
        runs.push(caller.warehouse.despatches());
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn people_pack_by_hand_what_is_open_and_give_up_the_rest() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 10);
    caller.warehouse.seed_stock("B", 10);
    caller.create(&order("K1", &[("A", 6), ("B", 2)])).await;
    let warehouse = &caller.warehouse;
    warehouse
        .send_by_hand("K1", &[&[("A", 2)], &[("A", 1), ("B", 1)]], &[])
        .unwrap();
    let (_, feed) = caller.get("/v1/despatches").await;
    assert_eq!(
        feed["despatches"][0]["parcels"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(
        caller.get("/v1/orders/K1").await.1["status"],
        "part_despatched"
    );
    let too_much = warehouse.send_by_hand("K1", &[&[("B", 2)]], &[]);
    assert_eq!(too_much, Err(SimError::NotOpen("B".to_owned())));
    let unheard_of = warehouse.send_by_hand("K2", &[&[("A", 1)]], &[]);
    assert_eq!(unheard_of, Err(SimError::UnknownOrder("K2".to_owned())));
    assert_eq!(warehouse.despatches().len(), 1, "a refused one is none");

    let second = warehouse.send_by_hand("K1", &[&[("A", 3)]], &[("B", 1)]);
    assert_eq!(second.as_deref(), Ok("D0000002"));
    let (_, feed) = caller.get("/v1/despatches").await;
    assert_eq!(feed["despatches"][1]["shorts"][0]["quantity"], 1);
    assert_eq!(caller.get("/v1/orders/K1").await.1["status"], "despatched");
    let left: Vec<(i64, i64)> = warehouse
        .stock()
        .iter()
        .map(|row| (row.on_hand, row.allocated))
        .collect();
    assert_eq!(left, [(4, 0), (9, 0)], "nothing stays set aside");
    assert_eq!(warehouse.tick().despatches, 0);
}
