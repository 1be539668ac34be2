//! A stock file of a million rows: the whole flow in a process of its own, and the comparisons alone beside a merge of sorted lists.
//!
//! The file is read with the CSV reader of `whistl-client`, and the shop has an article for each row. Several files follow one
//! another on one store: the first, in which everything is news, and those in which a row in a hundred or in a thousand differs from
//! the one before. The limit is about the last, the steady state: parse, compare, store the differences, work out every level and
//! publish what changed. Of them the quickest counts. The others are printed beside it.
//!
//! A running engine has the registry of article codes in memory. So a process that is asked about later files reads the first one
//! once more before. The registry counts for the memory of the stock run; the building of it does not, which has a limit of its own
//! (benchmarks of `order-mapping`).

use std::fmt::Write as _;
use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use end_to_end::{Setup, World};
use order_mapping::{CatalogueItem, StockLevel, StockRow, diff_levels};
use order_sync::{
    CancellationToken, CatalogueSource, Engine, FeedKind, Flow, MerchantId, PortError, Ports,
    ReferenceKey, StockBatch, StockFeed, StockRecord, StockSource, Tally, compare_stock,
};
use tempfile::TempDir;
use whistl_client::order_files::{FolderLayout, StockRows};

use crate::child;
use crate::engines;
use crate::measured::{Measured, Rounds, cpu_time, forget_peak, peak_memory};
use crate::ports::{Intake, Quiet, Shop};

const ROWS: u32 = 1_000_000;
const ROUNDS: u32 = 5;
/// Files after the first: even, so that the last is the first one again.
const LATER: u32 = 6;
/// One row in so many differs, rarely and often.
const STEADY: u32 = 1_000;
const BUSY: u32 = 100;

fn code(number: u32) -> String {
    format!("ART{number:07}")
}

/// Units of an article in the file in which one row in `share` is moved; in none where that is 0.
fn units(number: u32, share: u32) -> i64 {
    let moved = i64::from(share > 0 && number % share == 7);
    i64::from(number % 500) + moved
}

fn file(folder: &Path, share: u32) -> PathBuf {
    folder.join(format!("stock-{share}.csv"))
}

pub(crate) fn measure(folder: &Path) -> Measured {
    let files = TempDir::new_in(folder).unwrap();
    for share in [0, BUSY, STEADY] {
        let mut text = "Part,Qty\n".to_owned();
        for row in 0..ROWS {
            writeln!(text, "{},{}", code(row), units(row, share)).unwrap();
        }
        std::fs::write(file(files.path(), share), text).unwrap();
    }
    let [first, busy, steady] =
        [0, BUSY, STEADY].map(|share| child::ask("stock", share, files.path()));
    let mut measured = comparisons();
    measured.time("stock/feed_1m", steady.nanoseconds["feed"]);
    measured.memory("stock/peak", steady.bytes["peak"]);
    let in_words = |told: &Measured| {
        format!(
            "{:.2} s ({:.2} s of CPU)",
            told.nanoseconds["feed"] / 1e9,
            told.nanoseconds["feed_cpu"] / 1e9,
        )
    };
    measured.fact(format!(
        "Stock files of 1,000,000 rows: {} for the first, in which everything is news, the store is empty and the catalogue is to be read ({:.0} MB at most); {} where a row in {BUSY} differs; {} where one in {STEADY} does.",
        in_words(&first), first.bytes["peak"] / 1e6, in_words(&busy), in_words(&steady),
    ));
    measured
}

/// A stock file as a port.
#[derive(Debug)]
struct StockFile {
    folder: PathBuf,
    share: AtomicU32,
    /// Grows with every file, also from process to process.
    sequence: AtomicU32,
}

#[async_trait]
impl StockSource for StockFile {
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let share = self.share.load(Ordering::Relaxed);
        let sequence = self.sequence.load(Ordering::Relaxed);
        let input = BufReader::new(File::open(file(&self.folder, share)).unwrap());
        let rows = StockRows::begin(input, &FolderLayout::default())
            .unwrap()
            .map(|row| row.unwrap().unwrap().value)
            .map(|row| StockRow::new(row.sku, row.quantity, 0))
            .collect();
        let mut batch = StockBatch::default();
        batch.feed = Some(StockFeed::new(
            FeedKind::Snapshot,
            as_of(sequence),
            u64::from(sequence),
            rows,
        ));
        Ok(batch)
    }
}

fn as_of(number: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(i64::from(number))
}

/// An article for each row, made when asked for.
#[derive(Debug)]
struct Articles;

#[async_trait]
impl CatalogueSource for Articles {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        Ok((0..ROWS)
            .map(|number| CatalogueItem::new(code(number), None))
            .collect())
    }
}

/// In the process of its own: the stock flow over the first file, and then, unless `share` is 0, over later ones.
pub(crate) fn child(share: u32, folder: &Path) -> Measured {
    let quiet = Arc::new(Quiet);
    let stock_file = Arc::new(StockFile {
        folder: folder.to_owned(),
        share: AtomicU32::new(0),
        sequence: AtomicU32::new(share),
    });
    let ports = Ports {
        orders: Arc::new(Shop::with(0)),
        catalogue: Arc::new(Articles),
        warehouse: Arc::new(Intake::default()),
        despatch_sink: Arc::<Quiet>::clone(&quiet),
        stock_source: Arc::<StockFile>::clone(&stock_file),
        stock_sink: quiet,
    };
    let merchant = MerchantId::new(World::MERCHANT);
    let key = ReferenceKey::new(World::REFERENCE_KEY);
    let store = engines::sqlite(folder);
    let engine = Engine::builder(merchant, key, Setup::default().profile, store, ports)
        .with_settings(engines::settings(engines::IN_FLIGHT))
        .build()
        .unwrap();
    let runtime = engines::runtime();
    let run = |share: u32| {
        stock_file.share.store(share, Ordering::Relaxed);
        stock_file.sequence.fetch_add(1, Ordering::Relaxed);
        let (begun, cpu) = (Instant::now(), cpu_time());
        let report = runtime.block_on(engine.run_once(Flow::Stock, &CancellationToken::new()));
        let took = (begun.elapsed(), cpu_time().saturating_sub(cpu));
        assert!(report.completed(), "{:?}", report.outcome);
        assert_eq!(report.count(Tally::StockRowsRead), u64::from(ROWS));
        (took, report.count(Tally::LevelsPublished))
    };
    let mut measured = Measured::default();
    let (mut took, published) = run(0);
    if share == 0 {
        assert_eq!(published, u64::from(ROWS));
    } else {
        assert_eq!(published, 0, "the file is on record already");
        forget_peak();
        let runs = (1..=LATER).map(|number| {
            let (took, published) = run(if number % 2 == 1 { share } else { 0 });
            assert_eq!(published, u64::from(ROWS / share));
            took
        });
        took = runs.min().unwrap();
    }
    measured.time("feed", took.0.as_secs_f64() * 1e9);
    measured.time("feed_cpu", took.1.as_secs_f64() * 1e9);
    measured.memory("peak", peak_memory());
    measured
}

/// Both comparisons of a steady state, in which a row in a thousand differs, in turns with merges of the same lists.
fn comparisons() -> Measured {
    let moved = |number: u32| units(number, STEADY);
    let row = |number: u32, units: i64| StockRow::new(code(number), units, 0);
    let known: Vec<StockRecord> = (0..ROWS)
        .map(|number| StockRecord::new(row(number, units(number, 0)), 1, as_of(0)))
        .collect();
    let rows = (0..ROWS).map(|number| row(number, moved(number)));
    let feed = StockFeed::new(FeedKind::Snapshot, as_of(1), 1, rows.collect());
    let level = |number: u32, units: i64| StockLevel::new(code(number), units);
    let shown: Vec<StockLevel> = (0..ROWS)
        .map(|number| level(number, units(number, 0)))
        .collect();
    let wanted: Vec<StockLevel> = (0..ROWS)
        .map(|number| level(number, moved(number)))
        .collect();
    let expected = (ROWS / STEADY) as usize;
    let [mut row_merge, mut rows, mut level_merge, mut levels] =
        std::array::from_fn(|_| Rounds::default());
    for round in 0..=ROUNDS {
        let begun = Instant::now();
        let merged = merge_sorted(&known, &feed.rows, |record, row| {
            let order = record.row.sku.cmp(&row.sku);
            (order, record.row.on_hand == row.on_hand)
        });
        let row_merge_took = begun.elapsed();
        assert_eq!(merged.len(), expected);
        let begun = Instant::now();
        let changes = black_box(compare_stock(black_box(&known), None, black_box(&feed)));
        let rows_took = begun.elapsed();
        assert_eq!(changes.write.len(), expected);
        let begun = Instant::now();
        let merged = merge_sorted(&shown, &wanted, |shown, wanted| {
            (shown.sku.cmp(&wanted.sku), shown.level == wanted.level)
        });
        let level_merge_took = begun.elapsed();
        assert_eq!(merged.len(), expected);
        let begun = Instant::now();
        let diff = black_box(diff_levels(black_box(&shown), black_box(&wanted)));
        let levels_took = begun.elapsed();
        assert_eq!(diff.changes.len(), expected);
        if round > 0 {
            row_merge.add(row_merge_took, 1);
            rows.add(rows_took, 1);
            level_merge.add(level_merge_took, 1);
            levels.add(levels_took, 1);
        }
    }
    let mut measured = Measured::default();
    measured.time("stock/merge_rows", row_merge.median());
    measured.time("stock/compare_rows", rows.median());
    measured.time("stock/merge_levels", level_merge.median());
    measured.time("stock/diff_levels", levels.median());
    measured
}

/// The least that finds what differs between two sorted lists.
fn merge_sorted<'a, K, N>(
    known: &[K],
    news: &'a [N],
    compare: impl Fn(&K, &N) -> (std::cmp::Ordering, bool),
) -> Vec<&'a N> {
    let mut known = black_box(known).iter().peekable();
    let mut changed = Vec::new();
    for one in black_box(news) {
        while known
            .next_if(|known| compare(known, one).0.is_lt())
            .is_some()
        {}
        match known.next_if(|known| compare(known, one).0.is_eq()) {
            Some(same) if compare(same, one).1 => {}
            _ => changed.push(one),
        }
    }
    black_box(changed)
}
