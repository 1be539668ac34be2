//! A million stock rows, and what the shop shows.

use std::collections::HashMap;
use std::hint::black_box;

use order_mapping::{
    ArticleStock, AtpCalculator, Buffer, Kit, KitComponent, LevelDiff, PackRule, Profile,
    SkuBuffer, SkuOverrides, SkuRegistry, SourceSku, StockLevel, StockPosition, diff_levels,
};

pub(crate) const ROWS: i64 = 1_000_000;

fn rows() -> Vec<ArticleStock> {
    (0..ROWS)
        .map(|row| ArticleStock {
            sku: SourceSku::new(format!("ART-{row:07}")),
            position: StockPosition {
                on_hand: row % 500,
                allocated: row % 7,
                unsellable: row % 3,
                in_flight: row % 5,
            },
        })
        .collect()
}

/// A thousand articles with buffers of their own, a hundred with pack sizes, a hundred kits.
fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.stock.buffer.percent = 5;
    profile.stock.sku_buffers = (0..1_000)
        .map(|row| SkuBuffer {
            sku: SourceSku::new(format!("ART-{:07}", row * 997)),
            buffer: Buffer {
                units_per_day: 200,
                ..Buffer::default()
            },
        })
        .collect();
    profile.packs.rules = (0..100)
        .map(|row| PackRule::new(format!("ART-{:07}", row * 991), 12))
        .collect();
    profile.kits.kits = (0..100)
        .map(|row| {
            Kit::new(
                format!("KIT-{row}"),
                [0, 1, 2]
                    .map(|part| KitComponent::new(format!("ART-{:07}", row * 3 + part), part + 1)),
            )
        })
        .collect();
    profile
}

/// What is measured.
pub(crate) struct Case {
    pub(crate) rows: Vec<ArticleStock>,
    pub(crate) calculator: AtpCalculator,
    pub(crate) wanted: Vec<StockLevel>,
    /// Differs in one article of a hundred.
    pub(crate) published: Vec<StockLevel>,
    on_hand: HashMap<SourceSku, i64>,
}

impl Case {
    pub(crate) fn new() -> Self {
        let rows = rows();
        let profile = profile();
        let (registry, _) = SkuRegistry::build(&[], &SkuOverrides::default(), &profile.sku);
        let calculator = AtpCalculator::new(&profile, &registry);
        let wanted = calculator.levels(&rows);
        let shown = |(index, level): (usize, &StockLevel)| {
            let off = i64::from(index % 100 == 0);
            StockLevel::new(level.sku.clone(), level.level + off)
        };
        let figures = rows
            .iter()
            .map(|row| (row.sku.clone(), row.position.on_hand));
        Self {
            published: wanted.iter().enumerate().map(shown).collect(),
            on_hand: figures.collect(),
            rows,
            calculator,
            wanted,
        }
    }

    /// The floor: one look-up by article in a hash map for each row.
    pub(crate) fn hash_look_up(&self) -> i64 {
        black_box(&self.rows)
            .iter()
            .filter_map(|row| self.on_hand.get(&row.sku))
            .sum()
    }

    pub(crate) fn promise_and_diff(&self) -> LevelDiff {
        let wanted = self.calculator.levels(black_box(&self.rows));
        diff_levels(black_box(&self.published), &wanted)
    }
}
