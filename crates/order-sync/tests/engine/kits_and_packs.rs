//! Kits and pack sizes from the order to the warehouse and back.

use order_mapping::{
    Kit, KitComponent, LineQuantity, OrderLine, PackRule, PaymentTerms, SalesOrder, SourceOrderId,
    StockRow,
};
use order_sync::{
    FeedKind, Flow, LineProgress, MerchantId, OrderState, StockFeed, Store as _, Tally,
};

use crate::fakes::{World, despatch, order, start_of_time};

/// A set of one 85123A and two 71053; and 84406-B by the case of twelve.
fn world() -> World {
    let mut world = World::new();
    world.profile.kits.kits = vec![Kit::new(
        "SET",
        [
            KitComponent::new("85123A", 1),
            KitComponent::new("71053", 2),
        ],
    )];
    world.profile.packs.rules = vec![PackRule::new("84406-B", 12)];
    world
}

/// Three sets, one single article and two cases.
fn mixed(id: &str) -> SalesOrder {
    let mut order = order(id);
    order.lines = vec![
        OrderLine::new("1", "SET", 3),
        OrderLine::new("2", "85123A", 1),
        OrderLine::new("3", "84406-B", 2),
    ];
    order
}

fn snapshot(world: &World, hours: i64, rows: &[(&str, i64)]) {
    let rows = rows
        .iter()
        .map(|(sku, on_hand)| StockRow::new(*sku, *on_hand, 0))
        .collect();
    let as_of = start_of_time() + chrono::Duration::hours(hours);
    let sequence = u64::try_from(hours + 100).unwrap();
    world.shelves(|shelves| {
        shelves.stock = Some(StockFeed::new(FeedKind::Snapshot, as_of, sequence, rows));
    });
}

fn levels(world: &World) -> Vec<(String, i64)> {
    world.counter(|counter| {
        counter
            .levels
            .iter()
            .map(|(sku, level)| (sku.clone(), *level))
            .collect()
    })
}

async fn lines(world: &World, id: &str) -> Vec<LineProgress> {
    world
        .store
        .lines(&MerchantId::new("merchant"), &SourceOrderId::new(id))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_kit_goes_out_in_components_and_comes_back_as_kits() {
    let world = world();
    world.shop.put(mixed("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    let reference = world.record("A").await.reference;
    let sent: Vec<(String, String, u32)> = world.shelves(|shelves| {
        shelves.orders[0]
            .1
            .lines
            .iter()
            .map(|line| {
                (
                    line.line_id.to_string(),
                    line.sku.to_string(),
                    line.quantity.get(),
                )
            })
            .collect()
    });
    let line = |id: &str, sku: &str, quantity| (id.to_owned(), sku.to_owned(), quantity);
    assert_eq!(
        sent,
        [
            line("1/1", "85123A", 3),
            line("1/2", "71053", 6),
            line("2", "85123A", 1),
            line("3", "84406B", 24),
        ]
    );

    // Two sets' worth of one component, one set's worth of the other, a case and a half.
    world.shelves(|shelves| {
        shelves.despatches.push(despatch(
            "D1",
            &reference,
            &[("1/1", 2), ("1/2", 3), ("3", 18)],
        ));
    });
    world.run(Flow::Despatches).await;
    let told = world.counter(|counter| counter.told["A"].clone());
    assert_eq!(
        told[0].contents,
        [LineQuantity::of_line("1", 1), LineQuantity::of_line("3", 1)]
    );
    let partial: Vec<(Option<&str>, Option<&str>, u32)> = told[0]
        .partial
        .iter()
        .map(|left| {
            let line = left.line_id.as_ref().map(|id| id.as_str());
            (line, left.sku.as_deref(), left.quantity)
        })
        .collect();
    assert_eq!(
        partial,
        [
            (Some("1"), Some("85123A"), 1),
            (Some("1"), Some("71053"), 1),
            (Some("3"), Some("84406B"), 6),
        ]
    );

    // By article only, as despatch files name them: the kit's line comes first and takes what it still lacks.
    let mut second = despatch("D2", &reference, &[]);
    second.parcels[0].contents = vec![
        LineQuantity::of_sku("85123A", 2),
        LineQuantity::of_sku("71053", 3),
        LineQuantity::of_sku("84406B", 6),
    ];
    world.shelves(|shelves| shelves.despatches.push(second));
    world.run(Flow::Despatches).await;
    let told = world.counter(|counter| counter.told["A"].clone());
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1].contents,
        [
            LineQuantity::of_line("1", 2),
            LineQuantity::of_line("2", 1),
            LineQuantity::of_line("3", 1),
        ]
    );
    assert_eq!(told[1].partial, []);
    assert_eq!(
        world.state("A").await,
        OrderState::Relayed,
        "nothing is open"
    );
    for line in lines(&world, "A").await {
        let units = line.units().unwrap();
        assert_eq!((units.open(), units.despatched()), (0, line.ordered));
    }
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn kits_and_cases_are_offered_by_what_is_there_and_what_is_owed() {
    let mut world = world();
    let mut held = mixed("H");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("H").await, OrderState::Held);
    snapshot(&world, 0, &[("85123A", 20), ("71053", 21), ("84406B", 60)]);
    let report = world.run(Flow::Stock).await;
    // The held order takes four and six of the components, and two cases of twelve.
    let level = |sku: &str, level| (sku.to_owned(), level);
    assert_eq!(
        levels(&world),
        [
            level("71053", 15),
            level("84406-B", 3),
            level("85123A", 16),
            level("SET", 7),
        ]
    );
    assert_eq!(report.count(Tally::LevelsPublished), 4);
    assert_eq!(world.run(Flow::Stock).await.changes(), 0);

    // Released and taken: the same until the count knows.
    let mut released = mixed("H");
    released.payment = PaymentTerms::Upfront;
    world.shop.put(released);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("H").await, OrderState::Accepted);
    assert_eq!(world.run(Flow::Stock).await.changes(), 0);
    snapshot(&world, 1, &[("85123A", 16), ("71053", 15), ("84406B", 36)]);
    world.run(Flow::Stock).await;
    assert_eq!(levels(&world)[3], level("SET", 7));
    snapshot(&world, 2, &[("85123A", 16), ("71053", 3), ("84406B", -1)]);
    world.run(Flow::Stock).await;
    assert_eq!(
        levels(&world),
        [
            level("71053", 3),
            level("84406-B", 0),
            level("85123A", 16),
            level("SET", 1),
        ]
    );
    assert_eq!(world.open_codes().await, ["STOCK_FIGURE_ODD"]);
    let level = order_mapping::Severity::Info;
    world.profile.severity.set("STOCK_FIGURE_ODD", level);
    world.run(Flow::Stock).await;
    assert!(
        world.open_codes().await.is_empty(),
        "a note is no exception"
    );
}

#[tokio::test]
async fn a_new_pack_size_changes_what_a_held_order_reserves() {
    let mut world = world();
    world.profile.packs.rules.clear();
    let mut held = mixed("H");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    world.run(Flow::Orders).await;
    let owed = |lines: Vec<LineProgress>| lines.iter().map(|line| line.open()).collect::<Vec<_>>();
    assert_eq!(owed(lines(&world, "H").await), [3, 6, 1, 2]);
    let events = world.events("H").await.len();
    world.run(Flow::Orders).await;
    assert_eq!(world.events("H").await.len(), events, "nothing is news");
    world.profile.packs.rules = vec![PackRule::new("84406-B", 12)];
    world.run(Flow::Orders).await;
    assert_eq!(owed(lines(&world, "H").await), [3, 6, 1, 24]);
}

#[tokio::test]
async fn an_order_of_a_kit_without_a_component_waits_for_the_catalogue() {
    let mut world = world();
    world.profile.kits.kits = vec![Kit::new(
        "SET",
        [KitComponent::new("85123A", 1), KitComponent::new("GONE", 1)],
    )];
    world.shop.put(mixed("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Held);
    let record = world.record("A").await;
    let reason = record.reasons.iter().find(|one| one.code == "SKU_UNMAPPED");
    assert!(
        reason.is_some_and(|one| one.message.contains("GONE")),
        "{record:?}"
    );
    snapshot(&world, 0, &[("85123A", 20)]);
    world.run(Flow::Stock).await;
    assert!(levels(&world).contains(&("SET".to_owned(), 0)));
}
