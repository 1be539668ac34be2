//! Whatever happens, every unit is accounted for.

use connector_sim::{OrderStatus, WhistlOptions};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::json;

use crate::caller::{Caller, order, read};

/// One step of a day in the warehouse.
#[derive(Debug, Clone)]
enum Step {
    Create { units: [u32; 2], whole: bool },
    Cancel { order: usize },
    Amend { order: usize, units: u32 },
    GoodsIn { sku: usize, units: i64 },
    Unsellable { units: i64 },
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        ([1..20_u32, 1..20_u32], any::<bool>())
            .prop_map(|(units, whole)| Step::Create { units, whole }),
        (0..8_usize).prop_map(|order| Step::Cancel { order }),
        (0..8_usize, 0..25_u32).prop_map(|(order, units)| Step::Amend { order, units }),
        (0..2_usize, 0..30_i64).prop_map(|(sku, units)| Step::GoodsIn { sku, units }),
        (0..10_i64).prop_map(|units| Step::Unsellable { units }),
        Just(Step::Tick),
        Just(Step::Tick),
    ]
}

async fn apply(caller: &Caller, step: &Step, number: usize) {
    let post = async |path: String, body: serde_json::Value| {
        read(
            caller
                .request(Method::POST, &path)
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    match step {
        Step::Create {
            units: [a, b],
            whole,
        } => {
            let mut body = order(&format!("K{number}"), &[("A", *a), ("B", *b)]);
            body["allowPartShipment"] = json!(!whole);
            caller.create(&body).await;
        }
        Step::Cancel { order } => {
            let path = format!("/v1/orders/K{order}/cancel");
            post(path, json!({ "requestId": format!("c{number}") })).await;
        }
        Step::Amend { order, units } => {
            let reference = format!("K{order}");
            let version = caller
                .warehouse
                .orders()
                .iter()
                .find(|one| one.reference == reference)
                .map(|one| one.version);
            let body = json!({
                "requestId": format!("a{number}"), "version": version, "lines": [{ "lineId": "1", "quantity": units }],
            });
            post(format!("/v1/orders/{reference}/amend"), body).await;
        }
        Step::GoodsIn { sku, units } => {
            let sku = ["A", "B"][*sku];
            caller.warehouse.adjust_stock(sku, *units).unwrap();
        }
        Step::Unsellable { units } => caller.warehouse.set_unsellable("A", *units).unwrap(),
        Step::Tick => {
            caller.warehouse.tick();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_unit_is_accounted_for(
        steps in prop::collection::vec(step(), 1..25),
        back_orders in any::<bool>(),
        short_picks in prop_oneof![Just(0_u16), Just(300)],
        ticks_to_pick in 0..2_u32,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut options = WhistlOptions::default()
                .with_short_picks_per_mille(short_picks)
                .with_ticks_to_pick(ticks_to_pick);
            if back_orders {
                options = options.with_back_orders();
            }
            let caller = Caller::start(options).await;
            let mut came = [20_i64, 20];
            caller.warehouse.seed_stock("A", 20);
            caller.warehouse.seed_stock("B", 20);
            for (number, step) in steps.iter().enumerate() {
                apply(&caller, step, number).await;
                if let Step::GoodsIn { sku, units } = step {
                    came[*sku] += units;
                }
                let orders = caller.warehouse.orders();
                for (place, sku) in ["A", "B"].into_iter().enumerate() {
                    let lines = orders.iter().flat_map(|order| &order.lines).filter(|line| line.sku == sku);
                    let (mut sent, mut allocated) = (0_i64, 0_i64);
                    for line in lines {
                        assert_eq!(line.ordered, line.despatched + line.short + line.cancelled + line.open());
                        sent += i64::from(line.despatched);
                        allocated += i64::from(line.allocated);
                    }
                    let row = &caller.warehouse.stock()[place];
                    assert_eq!(row.on_hand, came[place] - sent, "{sku} after {step:?}");
                    assert!(row.on_hand >= 0 && row.unsellable >= 0);
                    assert_eq!(row.allocated, allocated, "{sku} after {step:?}");
                    assert!(row.allocated <= row.on_hand);
                }
                for order in &orders {
                    let open: u32 = order.lines.iter().map(|line| line.open()).sum();
                    let ended = matches!(order.status, OrderStatus::Despatched | OrderStatus::Cancelled);
                    assert_eq!(open == 0, ended, "{order:?}");
                }
            }
        });
    }
}
