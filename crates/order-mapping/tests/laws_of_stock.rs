//! Laws of stock: no unit is offered twice, none is promised twice, and a buffer by sales rate helps against a slow sync.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; a test without its file says so"
)]

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use order_mapping::{
    ArticleStock, AtpCalculator, Buffer, CatalogueItem, FeedBasis, Kit, KitComponent, PackRule,
    Profile, SkuAlias, SkuBuffer, SkuOverrides, SkuRegistry, SourceSku, StockLevel, StockPolicy,
    StockPosition, available_to_promise, diff_levels, in_flight_counts,
};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

// ---- the watermark ----

/// An order of the history: units, and when the warehouse took it by its own clock.
#[derive(Debug, Clone, Copy)]
struct Promise {
    units: i64,
    accepted_at: Option<i64>,
}

fn history() -> impl Strategy<Value = Vec<Promise>> {
    let promise = (1i64..20, prop::option::weighted(0.8, -3_600i64..3_600));
    prop::collection::vec(promise, 0..20).prop_map(|all| {
        all.into_iter()
            .map(|(units, accepted_at)| Promise { units, accepted_at })
            .collect()
    })
}

fn in_flight(history: &[Promise], policy: &StockPolicy) -> i64 {
    history
        .iter()
        .filter(|one| in_flight_counts(one.accepted_at.map(at), at(0), policy))
        .map(|one| one.units)
        .sum()
}

proptest! {
    /// The engine's clock and the warehouse's are apart by up to the skew that is configured.
    #[test]
    fn a_snapshot_never_offers_a_unit_promised_after_it(
        history in history(), shelf in 0i64..300, skew in 0i64..120, apart in -1.0f64..1.0, sent_out in any::<bool>(),
    ) {
        let policy = StockPolicy { clock_skew_seconds: u32::try_from(skew).unwrap(), ..StockPolicy::default() };
        #[allow(clippy::cast_possible_truncation, reason = "a share of two minutes")]
        let apart = (apart * skew as f64) as i64;
        // The snapshot knows what the warehouse took until then, by its own clock; whether the goods left since makes no difference.
        let known: i64 = history.iter().filter(|one| one.accepted_at.is_some_and(|t| t <= 0)).map(|one| one.units).sum();
        let position = |in_flight| if sent_out {
            StockPosition { on_hand: shelf - known, in_flight, ..StockPosition::default() }
        } else {
            StockPosition { on_hand: shelf, allocated: known, in_flight, ..StockPosition::default() }
        };
        // The engine noted the acceptances by its clock.
        let noted: Vec<Promise> = history
            .iter()
            .map(|one| Promise { accepted_at: one.accepted_at.map(|t| t + apart), ..*one })
            .collect();
        let offer = available_to_promise(&position(in_flight(&noted, &policy)), &policy, &SourceSku::new("A")).sellable;
        let promised: i64 = history.iter().map(|one| one.units).sum();
        let free = (shelf - promised).max(0);
        prop_assert!(offer <= free, "offers {offer} of {free}");
        // Counted once, except what was accepted so close to the snapshot that nobody can tell.
        let unclear: i64 = noted
            .iter()
            .filter(|one| one.accepted_at.is_some_and(|t| (-skew..=apart).contains(&t)))
            .map(|one| one.units)
            .sum();
        prop_assert!(offer >= (shelf - promised - unclear).max(0), "counts a unit twice");
    }

    #[test]
    fn a_feed_without_accepted_orders_counts_every_unit_once(history in history(), shelf in 0i64..300) {
        let policy = StockPolicy { feed_basis: FeedBasis::FeedExcludesAccepted, ..StockPolicy::default() };
        let accepted: i64 = history.iter().filter(|one| one.accepted_at.is_some()).map(|one| one.units).sum();
        let promised: i64 = history.iter().map(|one| one.units).sum();
        let position = StockPosition {
            on_hand: shelf,
            allocated: accepted,
            in_flight: in_flight(&history, &policy),
            ..StockPosition::default()
        };
        let offer = available_to_promise(&position, &policy, &SourceSku::new("A")).sellable;
        prop_assert_eq!(offer, (shelf - promised).max(0));
    }
}

// ---- kits and packs ----

fn stock(rows: &[(&str, i64)]) -> Vec<ArticleStock> {
    rows.iter()
        .map(|(sku, on_hand)| ArticleStock {
            sku: (*sku).into(),
            position: StockPosition {
                on_hand: *on_hand,
                ..StockPosition::default()
            },
        })
        .collect()
}

fn registry(skus: &[&str], overrides: &SkuOverrides) -> SkuRegistry {
    let catalogue: Vec<CatalogueItem> = skus
        .iter()
        .map(|sku| CatalogueItem::new(*sku, None))
        .collect();
    SkuRegistry::build(&catalogue, overrides, &Profile::default().sku).0
}

fn shown(levels: &[StockLevel]) -> Vec<(&str, i64)> {
    levels
        .iter()
        .map(|one| (one.sku.as_str(), one.level))
        .collect()
}

#[test]
fn kits_and_packs_are_offered_whole() {
    let mut profile = Profile::default();
    profile.kits.kits = vec![
        Kit::new(
            "SET",
            [KitComponent::new("MUG", 1), KitComponent::new("coaster", 4)],
        ),
        Kit::new(
            "TWO-SPELLINGS",
            [
                KitComponent::new("COASTER", 1),
                KitComponent::new("coaster", 1),
            ],
        ),
        Kit::new(
            "LOST",
            [KitComponent::new("MUG", 1), KitComponent::new("GONE", 1)],
        ),
        Kit::new("UNSEEN", [KitComponent::new("GONE", 1)]),
        Kit::new("CASE-OF-SETS", [KitComponent::new("MUG", 1)]),
    ];
    profile.packs.rules = vec![
        PackRule::new("PLATE", 12),
        PackRule::new("CASE-OF-SETS", 4),
        PackRule::new("BAD", 0),
        // A kit takes single mugs, however mugs are sold.
        PackRule::new("MUG", 6),
    ];
    profile.stock.buffer.fixed = 1;
    profile.stock.sku_buffers = vec![SkuBuffer {
        sku: "SET".into(),
        buffer: Buffer {
            fixed: 2,
            ..Buffer::default()
        },
    }];
    let overrides = SkuOverrides {
        aliases: vec![SkuAlias {
            alias: "coaster".into(),
            canonical: "COASTER".into(),
        }],
        manual: Vec::new(),
    };
    let registry = registry(&["MUG", "COASTER", "PLATE", "BAD", "SET"], &overrides);
    let calculator = AtpCalculator::new(&profile, &registry);
    let levels = calculator.levels(stock(&[
        ("MUG", 20),
        ("COASTER", 33),
        ("PLATE", 36),
        ("BAD", 9),
        ("SET", 50),
    ]));
    assert_eq!(
        shown(&levels),
        [
            ("MUG", 3),
            ("COASTER", 32),
            ("PLATE", 2),
            ("BAD", 0),
            ("CASE-OF-SETS", 4),
            ("LOST", 0),
            ("SET", 6),
            ("TWO-SPELLINGS", 16),
        ]
    );
}

proptest! {
    #[test]
    fn a_kit_never_promises_more_than_its_scarcest_component(mugs in 0i64..1_000, coasters in 0i64..1_000, mug in 1u32..9, coaster in 1u32..9) {
        let mut profile = Profile::default();
        profile.kits.kits = vec![Kit::new("SET", [KitComponent::new("MUG", mug), KitComponent::new("COASTER", coaster)])];
        let registry = registry(&["MUG", "COASTER"], &SkuOverrides::default());
        let levels = AtpCalculator::new(&profile, &registry).levels(stock(&[("MUG", mugs), ("COASTER", coasters)]));
        let kits = levels.last().unwrap().level;
        prop_assert!(kits * i64::from(mug) <= mugs && kits * i64::from(coaster) <= coasters);
        prop_assert!((kits + 1) * i64::from(mug) > mugs || (kits + 1) * i64::from(coaster) > coasters);
    }

    #[test]
    fn the_calculator_agrees_with_the_plain_function(
        on_hand in any::<i64>(), allocated in -5i64..500, in_flight in -5i64..500, own in any::<bool>(), fixed in 0u32..50, percent in 0u32..120, units_per_day in 0u32..500,
    ) {
        let mut profile = Profile::default();
        let buffer = Buffer { fixed, percent, units_per_day, ..Buffer::default() };
        if own {
            profile.stock.sku_buffers = vec![SkuBuffer { sku: "A".into(), buffer }];
        } else {
            profile.stock.buffer = buffer;
        }
        let position = StockPosition { on_hand, allocated, in_flight, unsellable: 0 };
        let calculator = AtpCalculator::new(&profile, &registry(&["A"], &SkuOverrides::default()));
        prop_assert_eq!(
            calculator.promise(&"A".into(), &position),
            available_to_promise(&position, &profile.stock, &"A".into())
        );
    }

    #[test]
    fn writing_the_changes_makes_the_lists_equal(
        published in prop::collection::vec(("[A-D]{1,2}", 0i64..4), 0..30), wanted in prop::collection::vec(("[A-D]{1,2}", 0i64..4), 0..30),
    ) {
        let list = |levels: &[(String, i64)]| -> Vec<StockLevel> {
            levels.iter().map(|(sku, level)| StockLevel::new(sku.as_str(), *level)).collect()
        };
        let (published, wanted) = (list(&published), list(&wanted));
        let diff = diff_levels(&published, &wanted);
        let last = |levels: &[StockLevel]| -> BTreeMap<SourceSku, i64> {
            levels.iter().map(|one| (one.sku.clone(), one.level)).collect()
        };
        let (mut shown, wanted_last) = (last(&published), last(&wanted));
        prop_assert!(diff.changes.is_sorted() && diff.unclaimed.is_sorted());
        for change in &diff.changes {
            prop_assert_eq!(shown.insert(change.sku.clone(), change.to), change.from);
            prop_assert_ne!(change.from, Some(change.to));
        }
        for sku in &diff.unclaimed {
            prop_assert!(!wanted_last.contains_key(sku));
            shown.remove(sku);
        }
        prop_assert_eq!(&shown, &wanted_last);
        prop_assert_eq!(diff.changes.len() + diff.unchanged, wanted_last.len());
        let mut other_way = (published, wanted);
        if other_way.0.len() == last(&other_way.0).len() {
            other_way.0.reverse();
        }
        prop_assert_eq!(diff_levels(&other_way.0, &other_way.1), diff);
    }
}

// ---- what a buffer by sales rate does ----

/// One sale: minute, article, units.
type Sale = (i64, SourceSku, i64);

#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    sold: i64,
    /// Units sold that were not there.
    oversold: i64,
    /// Units refused although they were there.
    refused: i64,
}

/// Replays sales against a shop that sells what it shows and is told what may be promised every `lag` minutes only.
fn replay(sales: &[Sale], shelf: &HashMap<SourceSku, i64>, profile: &Profile, lag: i64) -> Outcome {
    let skus: Vec<&str> = shelf.keys().map(SourceSku::as_str).collect();
    let calculator = AtpCalculator::new(profile, &registry(&skus, &SkuOverrides::default()));
    let mut left = shelf.clone();
    let mut levels: HashMap<SourceSku, i64> = HashMap::new();
    let mut next_sync = i64::MIN;
    let mut outcome = Outcome::default();
    for (minute, sku, units) in sales {
        if *minute >= next_sync {
            let figures: Vec<ArticleStock> = left
                .iter()
                .map(|(sku, on_hand)| ArticleStock {
                    sku: sku.clone(),
                    position: StockPosition {
                        on_hand: *on_hand,
                        ..StockPosition::default()
                    },
                })
                .collect();
            levels = calculator
                .levels(&figures)
                .into_iter()
                .map(|level| (level.sku, level.level))
                .collect();
            next_sync = minute - minute.rem_euclid(lag) + lag;
        }
        let there = left.get_mut(sku).unwrap();
        if levels.get(sku).copied().unwrap_or(0) < *units {
            outcome.refused += if *there >= *units { *units } else { 0 };
            continue;
        }
        outcome.sold += units;
        outcome.oversold += (units - (*there).max(0)).clamp(0, *units);
        *there -= units;
    }
    outcome
}

/// Buffers by the rate at which each article sold before.
fn by_rate(rates: &HashMap<SourceSku, i64>, lag: i64) -> Profile {
    let mut profile = Profile::default();
    profile.stock.sync_interval_minutes = u32::try_from(lag).unwrap();
    // A business day has about eight of the twenty-four hours that a rate per day is spread over.
    profile.stock.rate_factor_percent = 300;
    profile.stock.sku_buffers = rates
        .iter()
        .map(|(sku, rate)| SkuBuffer {
            sku: sku.clone(),
            buffer: Buffer {
                units_per_day: u32::try_from(*rate).unwrap(),
                ..Buffer::default()
            },
        })
        .collect();
    profile
}

#[test]
fn a_buffer_by_sales_rate_oversells_less_at_the_same_lag() {
    // Twenty articles that sell 1 to 20 units every ten minutes of eight hours; each has stock for less than the day.
    let mut sales: Vec<Sale> = Vec::new();
    for minute in (0..480).step_by(10) {
        for article in 1..=20i64 {
            sales.push((minute, format!("S{article}").into(), article));
        }
    }
    let shelf: HashMap<SourceSku, i64> = (1..=20i64)
        .map(|article| (format!("S{article}").into(), article * 33))
        .collect();
    let rates: HashMap<SourceSku, i64> = (1..=20i64)
        .map(|article| (format!("S{article}").into(), article * 48))
        .collect();
    for lag in [60, 120] {
        let without = replay(&sales, &shelf, &Profile::default(), lag);
        let with = replay(&sales, &shelf, &by_rate(&rates, lag), lag);
        assert!(without.oversold > 0, "{without:?}");
        assert_eq!(with.oversold, 0, "an even rate is covered whole: {with:?}");
    }
}

/// The sales of a file, in order: of each whole unit sold the minute since the first, and the day.
fn sales_of(path: &std::path::Path) -> Vec<(i64, Sale)> {
    let mut rows: Vec<(NaiveDateTime, SourceSku, i64)> = Vec::new();
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (invoice, code, quantity, date) = (
        column("InvoiceNo"),
        column("StockCode"),
        column("Quantity"),
        column("InvoiceDate"),
    );
    for row in reader.records() {
        let row = row.unwrap();
        let units: i64 = row[quantity].parse().unwrap();
        if units > 0 && !row[invoice].starts_with('C') {
            let moment = NaiveDateTime::parse_from_str(&row[date], "%Y-%m-%d %H:%M:%S").unwrap();
            rows.push((moment, row[code].into(), units));
        }
    }
    rows.sort_by_key(|(moment, _, _)| *moment);
    let first = rows.first().map(|(moment, _, _)| *moment).unwrap();
    let midnight = first.date().and_hms_opt(0, 0, 0).unwrap();
    rows.into_iter()
        .map(|(moment, sku, units)| {
            let since = moment - midnight;
            (since.num_days(), (since.num_minutes(), sku, units))
        })
        .collect()
}

/// Set `ONLINE_RETAIL_CSV` to invoices of the UCI Online Retail data set, several days of them, to run this.
#[test]
fn a_buffer_by_sales_rate_oversells_less_on_a_wholesalers_sales() {
    let Some(path) = std::env::var_os("ONLINE_RETAIL_CSV") else {
        eprintln!("passes without looking: ONLINE_RETAIL_CSV names no file");
        return;
    };
    let all = sales_of(path.as_ref());
    // The rates are those of the first day; the days after it are replayed.
    let mut rates: HashMap<SourceSku, i64> = HashMap::new();
    let mut demand: HashMap<SourceSku, i64> = HashMap::new();
    let mut sales: Vec<Sale> = Vec::new();
    for (day, sale) in all {
        let sums = if day == 0 { &mut rates } else { &mut demand };
        *sums.entry(sale.1.clone()).or_default() += sale.2;
        if day > 0 {
            sales.push(sale);
        }
    }
    assert!(sales.len() > 1_000, "too few sales after the first day");
    // Stock for half of what is asked for.
    let shelf: HashMap<SourceSku, i64> = demand
        .iter()
        .map(|(sku, units)| (sku.clone(), (units + 1) / 2))
        .collect();
    for lag in [15, 60, 240] {
        let without = replay(&sales, &shelf, &Profile::default(), lag);
        let with = replay(&sales, &shelf, &by_rate(&rates, lag), lag);
        eprintln!("sync every {lag} minutes: without buffer {without:?}, by sales rate {with:?}");
        assert!(
            with.oversold < without.oversold,
            "{lag}: {with:?} {without:?}"
        );
    }
}

/// The time that a test may name.
#[test]
fn the_watermark_survives_the_ends_of_the_calendar() {
    let policy = StockPolicy::default();
    assert!(in_flight_counts(
        Some(DateTime::<Utc>::MIN_UTC),
        DateTime::<Utc>::MIN_UTC,
        &policy
    ));
    assert!(!in_flight_counts(
        Some(DateTime::<Utc>::MAX_UTC - TimeDelta::days(1)),
        DateTime::<Utc>::MAX_UTC,
        &policy
    ));
}
