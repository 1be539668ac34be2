//! The eight known failures of the trade between a B2B shop and its warehouse, one test or more for each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use end_to_end::{LOCATION, PurchaseDraft, Setup, World, phone};
use order_mapping::{Code, Owner, ServiceRule, SkuAlias, SkuBuffer, SourceSku};
use order_sync::{Flow, OrderEvent, OrderState, RelayState, Tally, codes};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);

fn owner_of(code: &str) -> Owner {
    codes::info(code).expect("a catalogued code").owner
}

// ---- 1: article codes ----

#[tokio::test]
async fn codes_in_any_spelling_cross_and_stock_comes_back_to_the_shops_spelling() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).lines(&[
        ("MUG-01", 4),
        ("TEA POT", 1),
        ("CUP/RED", 12),
        ("PLATE", 2),
    ]);
    world.put(&order);
    world.settle().await;

    let accepted = world.assert_accepted(&order).await;
    let lines: Vec<(&str, u32)> = accepted
        .lines
        .iter()
        .map(|line| (line.sku.as_str(), line.ordered))
        .collect();
    assert_eq!(
        lines,
        [("MUG01", 4), ("TEAPOT", 1), ("CUPRED", 12), ("PLATE", 2)]
    );

    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    world.complete(Flow::Stock).await;
    for (sku, level) in [
        ("MUG-01", 996),
        ("TEA POT", 999),
        ("CUP/RED", 988),
        ("PLATE", 998),
    ] {
        assert_eq!(world.shop.stock_level(LOCATION, sku), Some(level), "{sku}");
    }
    let spellings = world.shop.stock_levels().len();
    assert_eq!(
        spellings, 4,
        "a level was written under the warehouse's spelling too"
    );
}

#[tokio::test]
async fn codes_that_meet_are_both_held_until_declared() {
    let mut world =
        World::of(Setup::default().with_articles(&[("Lamp1", "LAMP1"), ("lamp1", "LAMP1")])).await;
    let upper = PurchaseDraft::new(1001).lines(&[("Lamp1", 1)]);
    let lower = PurchaseDraft::new(1002).lines(&[("lamp1", 2)]);
    let sound = PurchaseDraft::new(1003);
    for order in [&upper, &lower, &sound] {
        world.put(order);
    }
    world.settle().await;

    for order in [&upper, &lower] {
        assert_eq!(world.state(order).await, OrderState::Held);
        assert_eq!(world.at_warehouse(order), []);
        let reasons = world.record(order).await.reasons;
        assert!(
            reasons
                .iter()
                .any(|reason| reason.message.contains("not sent until declared")),
            "the order does not say why its article is not mapped: {reasons:?}"
        );
    }
    world.assert_accepted(&sound).await;
    let collisions = world.open_exceptions("SKU_COLLISION").await;
    let named = |exception: &order_sync::Exception| {
        exception.finding.detail.contains("Lamp1") && exception.finding.detail.contains("lamp1")
    };
    assert!(
        collisions.iter().any(named),
        "no exception names both codes: {collisions:?}"
    );
    assert_eq!(owner_of("SKU_COLLISION"), Owner::Merchandising);

    world.reopen_with(|setup| {
        setup.overrides.aliases.push(SkuAlias {
            alias: SourceSku::new("lamp1"),
            canonical: SourceSku::new("Lamp1"),
        });
    });
    world.settle().await;
    for order in [&upper, &lower] {
        assert_eq!(world.assert_accepted(order).await.lines[0].sku, "LAMP1");
    }
    assert_eq!(world.open_exceptions("SKU_COLLISION").await, []);
    assert!(!world.alerts.closed("SKU_COLLISION").is_empty());
}

#[tokio::test]
async fn a_code_outside_ascii_is_held() {
    let mut setup = Setup::default();
    setup
        .catalogue
        .push(order_mapping::CatalogueItem::new("M\u{dc}SLI", None));
    let world = World::of(setup).await;
    let order = PurchaseDraft::new(1001).lines(&[("M\u{dc}SLI", 1), ("PLATE", 1)]);
    world.put(&order);
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Held);
    assert_eq!(
        world.warehouse.orders(),
        [],
        "the order was sent without its line"
    );
    assert_eq!(world.open_exceptions("SKU_NON_ASCII").await.len(), 1);
}

// ---- 2: service codes ----

#[tokio::test]
async fn an_unmapped_option_holds_with_one_alert_and_releases_by_itself() {
    let mut world = World::start().await;
    let orders =
        [1001, 1002, 1003].map(|number| PurchaseDraft::new(number).option("Saturday Pallet"));
    let express = PurchaseDraft::new(1004).option("Express B2B Delivery");
    for order in orders.iter().chain([&express]) {
        world.put(order);
    }
    world.settle().await;
    world.settle().await;

    for order in &orders {
        world.assert_held(order, &["SHIP_UNMAPPED"]).await;
    }
    assert_eq!(
        world.assert_accepted(&express).await.service_code,
        "WHI_EXP"
    );
    let open = world.open_exceptions("SHIP_UNMAPPED").await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(
        open[0].finding.subject.as_str(),
        "shipping-option:Saturday Pallet"
    );
    assert_eq!(open[0].finding.count, 3);
    assert_eq!(
        world.alerts.opened("SHIP_UNMAPPED").len(),
        1,
        "one alert per option, not per order or run"
    );

    world.reopen_with(|setup| {
        setup
            .profile
            .services
            .rules
            .push(ServiceRule::new("Saturday Pallet", "WHI_EXP"))
    });
    world.settle().await;
    for order in &orders {
        assert_eq!(world.assert_accepted(order).await.service_code, "WHI_EXP");
    }
    assert_eq!(world.open_exceptions("SHIP_UNMAPPED").await, []);
    assert_eq!(world.alerts.closed("SHIP_UNMAPPED").len(), 1);
}

// ---- 3: Pay on Account ----

#[tokio::test]
async fn pay_on_account_waits_for_its_trigger_and_paid_orders_do_not() {
    let world = World::start().await;
    let pending = PurchaseDraft::new(1001).on_account();
    let approved = PurchaseDraft::new(1002).on_account().approved();
    let paid = PurchaseDraft::new(1003);
    let unknown = PurchaseDraft::new(1004).set("/payment_method", "barter");
    let unnamed = PurchaseDraft::new(1005).set("/payment_method", Value::Null);
    for order in [&pending, &approved, &paid, &unknown, &unnamed] {
        world.put(order);
    }
    let first = world.complete(Flow::Orders).await;
    assert_eq!(first.count(Tally::Accepted), 2);
    world.assert_accepted(&paid).await;
    world.assert_accepted(&approved).await;

    for _ in 0..3 {
        world.pass(HOUR);
        world.settle().await;
        world.assert_held(&pending, &["RELEASE_PENDING"]).await;
    }
    world.assert_held(&unknown, &["PAYMENT_TYPE_UNKNOWN"]).await;
    world.assert_held(&unnamed, &["PAYMENT_TYPE_UNKNOWN"]).await;
    assert_eq!(world.warehouse.writes().order_posts, 2);
    let waiting = world.open_exceptions("RELEASE_PENDING").await;
    assert_eq!(
        waiting,
        [],
        "waiting for credit is business and no exception"
    );

    world.put(&pending.clone().approved());
    let next = world.complete(Flow::Orders).await;
    assert_eq!(next.count(Tally::Accepted), 1, "it leaves in the next run");
    world.assert_accepted(&pending).await;
    let timeline = world.timeline(&pending).await;
    let prepared = timeline
        .iter()
        .find(|entry| entry.event == OrderEvent::Prepared)
        .expect("it was prepared");
    assert!(
        prepared.note.contains("credit_status=approved"),
        "the deciding rule is not named: {}",
        prepared.note
    );
}

#[tokio::test]
async fn a_draft_waits_until_the_platform_completes_it() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).set("/type", "order_unconfirmed");
    world.put(&order);
    world.settle().await;
    world.pass(HOUR);
    assert_eq!(world.shop.run_platform_connector().promoted.len(), 0);
    world.settle().await;
    world.assert_held(&order, &["ORDER_UNCONFIRMED"]).await;

    world.shop.complete_draft(&order.id()).unwrap();
    world.pass(HOUR);
    assert_eq!(world.shop.run_platform_connector().promoted, [order.id()]);
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
}

// ---- 4: phone ----

#[tokio::test]
async fn a_phone_number_is_normalised_taken_along_the_chain_or_held() {
    let world = World::start().await;
    let plain = PurchaseDraft::new(101);
    let international = PurchaseDraft::new(102).ship_to("phone", "+44 (0)20 7946 0102");
    let on_billing = PurchaseDraft::new(103).ship_to("phone", Value::Null);
    let letters = PurchaseDraft::new(104)
        .ship_to("phone", "020 7946 CALL")
        .bill_to("phone", phone(104));
    let nowhere = PurchaseDraft::new(105)
        .ship_to("phone", "")
        .bill_to("phone", Value::Null);
    for order in [&plain, &international, &on_billing, &letters, &nowhere] {
        world.put(order);
    }
    world.settle().await;

    for (order, digits) in [
        (&plain, "442079460101"),
        (&international, "442079460102"),
        (&on_billing, "442079460103"),
        (&letters, "442079460104"),
    ] {
        let document = world.assert_accepted(order).await.document();
        assert_eq!(document["recipient"]["phone"], digits, "{}", order.number());
    }
    for order in [&on_billing, &letters] {
        let reasons = world.record(order).await.reasons;
        let note = reasons
            .iter()
            .find(|reason| reason.code == "PHONE_FROM_FALLBACK")
            .expect("its provenance is noted");
        assert!(note.message.contains("billing"), "{}", note.message);
        assert!(!note.message.contains("7946"), "a number stands in a note");
    }
    assert!(
        !world
            .codes(&plain)
            .await
            .contains(&"PHONE_FROM_FALLBACK".to_owned())
    );
    world.assert_held(&nowhere, &["PHONE_MISSING"]).await;
    assert_eq!(owner_of("PHONE_MISSING"), Owner::CustomerService);
    assert_eq!(world.open_exceptions("PHONE_MISSING").await.len(), 1);
}

// ---- 5: purchase order numbers ----

#[tokio::test]
async fn a_po_number_arrives_verbatim_or_the_order_is_held() {
    let world = World::start().await;
    let odd = "po/2010-12 #7 \u{2013} Ren\u{e9}'s  shop";
    let verbatim = PurchaseDraft::new(1001).set("/customer_reference", odd);
    let longest = PurchaseDraft::new(1002).set("/customer_reference", "X".repeat(45));
    let twice = PurchaseDraft::new(1003).set("/po_number", "PO-1003");
    let missing = PurchaseDraft::new(1004).set("/customer_reference", "");
    let too_long = PurchaseDraft::new(1005).set("/customer_reference", "X".repeat(46));
    let conflict = PurchaseDraft::new(1006).set("/po_number", "PO-9999");
    for order in [&verbatim, &longest, &twice, &missing, &too_long, &conflict] {
        world.put(order);
    }
    world.settle().await;

    for (order, number) in [
        (&verbatim, odd),
        (&longest, &*"X".repeat(45)),
        (&twice, "PO-1003"),
    ] {
        let document = world.assert_accepted(order).await.document();
        assert_eq!(document["otherrefnum"], number);
    }
    world.assert_held(&missing, &["PO_MISSING"]).await;
    world.assert_held(&too_long, &["PO_TOO_LONG"]).await;
    world.assert_held(&conflict, &["PO_CONFLICT"]).await;
    let sent = world.warehouse.orders();
    assert!(
        sent.iter()
            .all(|order| order.document()["otherrefnum"] != "X".repeat(45)
                || order.reference == world.reference(&longest).as_str())
    );
}

// ---- 6: stock ----

#[tokio::test]
async fn only_changed_levels_are_written_less_buffer_and_orders_in_flight() {
    let mut setup = Setup::default();
    setup.profile.stock.buffer.fixed = 5;
    setup.profile.stock.sku_buffers.push(SkuBuffer {
        sku: SourceSku::new("PLATE"),
        buffer: order_mapping::Buffer {
            fixed: 100,
            ..order_mapping::Buffer::default()
        },
    });
    let world = World::of(setup).await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(995));
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(900));
    let first = world.shop.writes();
    assert_eq!(first.stock_rows, 4);

    // Captured, but not yet at the warehouse: its units are promised all the same.
    world.put(
        &PurchaseDraft::new(1001)
            .on_account()
            .lines(&[("MUG-01", 40)]),
    );
    world.complete(Flow::Orders).await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(955));
    // The warehouse loses some plates.
    world.pass(HOUR);
    world.warehouse.adjust_stock("PLATE", -10).unwrap();
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(890));

    let writes = world.shop.writes();
    assert_eq!(
        writes.stock_rows,
        first.stock_rows + 2,
        "only the two changed levels were written"
    );
    assert_eq!(writes.stock_rows_changed, writes.stock_rows);
    let idle = world.complete(Flow::Stock).await;
    assert_eq!((idle.changes(), world.shop.writes()), (0, writes));
}

#[tokio::test]
async fn an_accepted_order_is_not_taken_off_twice_once_the_feed_knows_it() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).lines(&[("MUG-01", 40)]);
    world.put(&order);
    world.settle().await;
    world.pass(HOUR);
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(960));
    world.tick();
    world.settle().await;
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(960));
}

#[tokio::test]
async fn drift_is_listed_with_its_units_and_repaired_by_the_corrective() {
    let world = World::start().await;
    world.complete(Flow::Stock).await;
    world.shop.set_stock(LOCATION, "MUG-01", 1058).unwrap();
    world.shop.set_stock(LOCATION, "PLATE", 993).unwrap();

    let delta = world.complete(Flow::Stock).await;
    assert_eq!(
        delta.count(Tally::LevelsPublished),
        0,
        "the delta writes what changed at the warehouse, nothing else"
    );
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    let drift: Vec<(&str, i64, i64, i64)> = audit
        .drift
        .iter()
        .map(|row| (row.sku.as_str(), row.shop, row.expected, row.unexplained))
        .collect();
    assert_eq!(
        drift,
        [("MUG-01", 1058, 1000, 58), ("PLATE", 993, 1000, -7)]
    );
    assert_eq!(audit.levels_compared, 4);
    assert_eq!(world.open_exceptions("STOCK_DRIFT").await.len(), 2);

    let corrective = world.correct_stock().await;
    assert_eq!(corrective.count(Tally::LevelsCorrected), 2);
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(1000));
    assert_eq!(world.shop.stock_level(LOCATION, "PLATE"), Some(1000));
    assert_eq!(world.shop.writes().stock_rows, 4 + 2);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(audit.drift, []);
    assert_eq!(world.open_exceptions("STOCK_DRIFT").await, []);
}

// ---- 7: orphans ----

#[tokio::test]
async fn an_order_that_does_not_leave_is_listed_with_its_age() {
    let world = World::start().await;
    let held = PurchaseDraft::new(1001).option("Saturday Pallet");
    let gone = PurchaseDraft::new(1002);
    world.put(&held);
    world.put(&gone);
    world.settle().await;
    let early = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(early.orphans, [], "not late yet");

    world.pass(5 * HOUR);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(audit.orphans.len(), 1);
    let orphan = &audit.orphans[0];
    assert_eq!(
        (orphan.order.as_str(), orphan.state),
        ("#1001", OrderState::Held)
    );
    assert_eq!(orphan.codes, ["SHIP_UNMAPPED"]);
    assert!(
        (5 * 3600..6 * 3600).contains(&orphan.age_seconds),
        "{} s",
        orphan.age_seconds
    );
    assert!(audit.accounts());
    assert_eq!(world.open_exceptions("ORPHAN").await.len(), 1);
}

#[tokio::test]
async fn tracking_that_the_platform_overwrites_again_and_again_is_an_exception() {
    let mut setup = Setup::default();
    setup.settings.tracking_alarm_after = Duration::from_secs(30);
    let world = World::of(setup).await;
    let once = PurchaseDraft::new(1001);
    let always = PurchaseDraft::new(1002);
    for order in [&once, &always] {
        world.put(order);
    }
    world.settle().await;
    world.tick();
    world.complete(Flow::Despatches).await;
    for (order, times) in [(&once, 1), (&always, u32::MAX)] {
        assert_eq!(world.state(order).await, OrderState::Relayed);
        assert_eq!(world.tracking_in_shop(order).len(), 1);
        world.shop.overwrite_packages(&order.id(), times).unwrap();
    }

    for _ in 0..6 {
        world.pass(Duration::from_secs(10));
        world.shop.run_platform_connector();
        assert_eq!(world.tracking_in_shop(&always), [""; 0]);
        // Long enough for every proof and rewrite that is due.
        world.pass(Duration::from_secs(1000));
        world.complete(Flow::Despatches).await;
    }
    assert_eq!(
        world.state(&once).await,
        OrderState::Closed,
        "written again, and this time it stayed"
    );
    assert_eq!(world.tracking_in_shop(&once).len(), 1);
    assert!(world.events(&always).await.contains(&OrderEvent::ProofLost));
    assert_ne!(world.state(&always).await, OrderState::Closed);

    // Written anew it is there for a while, but an audit at that moment must not take it for good.
    let mut met = Vec::new();
    for _ in 0..2 {
        world.shop.run_platform_connector();
        world.pass(Duration::from_secs(1000));
        world.complete(Flow::Despatches).await;
        met.extend(parcels(&world, &always).await);
        let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
        let late: Vec<&str> = audit
            .tracking_not_visible
            .iter()
            .map(|row| row.order.as_str())
            .collect();
        assert_eq!(late, ["#1002"]);
        assert!(
            audit.tracking_not_visible[0].age_seconds >= 6000,
            "{:?}",
            audit.tracking_not_visible
        );
        assert_eq!(world.open_exceptions("TRACKING_NOT_VISIBLE").await.len(), 1);
    }
    met.sort_unstable();
    assert_eq!(
        met,
        [RelayState::Pending, RelayState::Seen],
        "the test has met one phase only"
    );
    assert_eq!(world.alerts.opened("TRACKING_NOT_VISIBLE").len(), 1);
}

async fn parcels(world: &World, order: &PurchaseDraft) -> Vec<RelayState> {
    let id = order_mapping::SourceOrderId::new(order.id());
    let engine = world.engine();
    let parcels = engine
        .store()
        .parcels(engine.merchant(), &id)
        .await
        .unwrap();
    parcels.into_iter().map(|parcel| parcel.relay).collect()
}

#[tokio::test]
async fn what_others_wrote_on_the_record_survives_the_relay() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001)
        .set("/packages/0/shipments", json!([{ "carrier": "Pallet Line", "carrier_id": "", "tracking_number": "PL-77", "colour": "red" }]))
        .set("/packages/0/warehouse_note", json!({ "dock": 4 }))
        .set("/erp", json!({ "posted": true, "weights": [1, 2, 3] }));
    world.put(&order);
    world.settle().await;
    world.tick();
    world.settle().await;

    assert_eq!(world.state(&order).await, OrderState::Closed);
    let purchase = world.shop.purchase(&order.id()).unwrap();
    assert_eq!(
        purchase["erp"],
        json!({ "posted": true, "weights": [1, 2, 3] })
    );
    assert_eq!(
        purchase["packages"][0]["warehouse_note"],
        json!({ "dock": 4 })
    );
    let shipments: Vec<&Value> = purchase["packages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|package| package["shipments"].as_array().unwrap())
        .collect();
    let foreign = json!({ "carrier": "Pallet Line", "carrier_id": "", "tracking_number": "PL-77", "colour": "red" });
    assert!(shipments.contains(&&foreign), "{shipments:?}");
    let despatched = world.warehouse.despatches()[0]["parcels"][0]["trackingNumber"].clone();
    assert_eq!(
        shipments
            .iter()
            .filter(|shipment| shipment["tracking_number"] == despatched)
            .count(),
        1
    );
    assert_eq!(shipments.len(), 2);
}

// ---- 8: addresses ----

#[tokio::test]
async fn an_address_is_checked_before_it_leaves() {
    let world = World::start().await;
    let long_word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
    let held = [
        (
            PurchaseDraft::new(1001).ship_to("postal_code", "RG1 1A"),
            Code::PostcodeShape,
        ),
        (
            PurchaseDraft::new(1002).ship_to("postal_code", "ZA1 1AA"),
            Code::PostcodeArea,
        ),
        (
            PurchaseDraft::new(1003).ship_to("country_code", "Atlantis"),
            Code::CountryUnknown,
        ),
        (
            PurchaseDraft::new(1004).ship_to("address_line1", long_word),
            Code::AddressLineTooLong,
        ),
        (
            PurchaseDraft::new(1005).ship_to("city", Value::Null),
            Code::AddressMissingPart,
        ),
        (
            PurchaseDraft::new(1006).ship_to("postal_code", "BT1 1AA"),
            Code::NiDataRequired,
        ),
    ];
    let ireland = PurchaseDraft::new(1007)
        .option("European Delivery")
        .ship_to("country_code", "EIRE")
        .ship_to("city", "Dublin")
        .ship_to("postal_code", "D02 X285");
    let untidy = PurchaseDraft::new(1008).ship_to("postal_code", "rg11aa");
    let reflowed = PurchaseDraft::new(1009).ship_to(
        "address_line1",
        "Unit 12 Example Trading Estate North Example Street",
    );
    for order in held
        .iter()
        .map(|(order, _)| order)
        .chain([&ireland, &untidy, &reflowed])
    {
        world.put(order);
    }
    world.settle().await;

    for (order, code) in &held {
        world.assert_held(order, &[code.id()]).await;
    }
    let document = world.assert_accepted(&ireland).await.document();
    assert_eq!(document["recipient"]["country"], "IE");
    assert_eq!(document["serviceCode"], "WHI_INT");
    let document = world.assert_accepted(&untidy).await.document();
    assert_eq!(document["recipient"]["postcode"], "RG1 1AA");
    let recipient = world.assert_accepted(&reflowed).await.document()["recipient"].clone();
    let (line1, line2) = (
        recipient["line1"].as_str().unwrap(),
        recipient["line2"].as_str().unwrap(),
    );
    assert_eq!(
        format!("{line1} {line2}"),
        "Unit 12 Example Trading Estate North Example Street"
    );
    assert!(line1.len() <= 35 && line2.len() <= 35);
}

#[tokio::test]
async fn every_defect_of_an_order_is_reported_at_once() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001)
        .option("Saturday Pallet")
        .ship_to("postal_code", "nowhere")
        .ship_to("phone", Value::Null)
        .bill_to("phone", Value::Null)
        .set("/customer_reference", "")
        .lines(&[("NO-SUCH", 1)]);
    world.put(&order);
    world.settle().await;
    let mut codes = world.codes(&order).await;
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "PHONE_MISSING",
            "POSTCODE_SHAPE",
            "PO_MISSING",
            "SHIP_UNMAPPED",
            "SKU_UNMAPPED"
        ]
    );
    let personal = format!("{:?}", world.record(&order).await);
    for text in ["Goods In", "12 Example Street", "nowhere"] {
        assert!(!personal.contains(text), "the record holds {text}");
    }
}
