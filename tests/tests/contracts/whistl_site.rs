//! A simulated Whistl warehouse, as both routes play it.

use std::collections::BTreeMap;

use connector_sim::{OrderStatus, WhistlOptions, WhistlSim};
use order_mapping::ClientOrderRef;
use order_sync_testkit::warehouse_contract::Leaving;

pub(crate) const ARTICLES: [&str; 2] = ["MUG01", "CUPRED"];
pub(crate) const SERVICES: [&str; 2] = ["WHI_STD", "WHI_EXP"];

/// So many that no order is through the picking floor before the case is over.
const FOR_EVER: u32 = 1_000_000;

/// A warehouse with stock, in which goods leave by hand only.
pub(crate) async fn site(options: WhistlOptions) -> WhistlSim {
    let warehouse = WhistlSim::start(options.with_ticks_to_pick(FOR_EVER))
        .await
        .unwrap();
    for article in ARTICLES {
        warehouse.seed_stock(article, 1_000);
    }
    warehouse
}

/// Units by article that have left or are to leave, of every live order of a reference.
pub(crate) fn taken(
    warehouse: &WhistlSim,
    reference: &ClientOrderRef,
) -> Vec<BTreeMap<String, u32>> {
    let orders = warehouse.orders();
    let live = orders.iter().filter(|order| {
        order.reference == reference.as_str() && order.status != OrderStatus::Cancelled
    });
    live.map(|order| {
        let mut units = BTreeMap::new();
        for line in order
            .lines
            .iter()
            .filter(|line| line.ordered > line.cancelled)
        {
            *units.entry(line.sku.clone()).or_default() += line.ordered - line.cancelled;
        }
        units
    })
    .collect()
}

/// People pack it.
pub(crate) fn send(warehouse: &WhistlSim, reference: &ClientOrderRef, leaving: &Leaving) {
    let parcels: Vec<Vec<(&str, u32)>> = leaving
        .parcels
        .iter()
        .map(|parcel| borrowed(parcel))
        .collect();
    let parcels: Vec<&[(&str, u32)]> = parcels.iter().map(Vec::as_slice).collect();
    let shorts = borrowed(&leaving.shorts);
    warehouse
        .send_by_hand(reference.as_str(), &parcels, &shorts)
        .unwrap();
}

fn borrowed(contents: &[(String, u32)]) -> Vec<(&str, u32)> {
    contents
        .iter()
        .map(|(sku, units)| (sku.as_str(), *units))
        .collect()
}
