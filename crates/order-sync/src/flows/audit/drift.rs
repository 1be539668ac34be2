//! What the shop shows of stock against what it should, and what explains the difference.

use std::collections::{BTreeMap, HashMap};

use order_mapping::{
    ArticleStock, AtpCalculator, Buffer, Profile, SkuRegistry, SourceSku, StockLevel,
};

use super::FlowError;
use crate::flows::stock::Picture;
use crate::run::Run;
use crate::{AuditReport, DriftParts, DriftRow, ExceptionSubject, Finding, Settings, codes};

pub(super) async fn compare(
    run: &Run<'_>,
    registry: &SkuRegistry,
    report: &mut AuditReport,
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    let parts = run.parts;
    let location = parts.stock_sink.location();
    let told = parts.store.published(&parts.merchant, location).await?;
    if told.is_empty() {
        return Ok(());
    }
    // Unknown codes are the stock flow's finding, not drift.
    let picture = Picture::load(run).await?;
    let articles = picture.articles(registry, run, &mut Vec::new()).collect();
    let layers = Layers::of(parts.mapper.profile(), registry, articles);
    let skus: Vec<SourceSku> = told.iter().map(|level| level.sku.clone()).collect();
    let told: BTreeMap<&SourceSku, i64> =
        told.iter().map(|level| (&level.sku, level.level)).collect();
    let shown = parts.stock_sink.levels(&skus).await?;
    report.levels_compared = shown.len() as u64;
    let mut off: Vec<DriftRow> = Vec::new();
    for level in shown {
        let Some(layer) = layers.0.get(&level.sku) else {
            continue;
        };
        let told = told.get(&level.sku).copied().unwrap_or(layer.level);
        let row = layer.row(level.sku, level.level, told);
        report.drift_explained.add(&row.parts);
        if is_drift(&parts.settings, row.unexplained, row.expected) {
            off.push(row);
        }
    }
    if off.is_empty() {
        return Ok(());
    }
    // The stock flow may have written while we were reading; where it is at it, what it told is forgotten.
    let told_now = parts.store.published(&parts.merchant, location).await?;
    let told_now: HashMap<&SourceSku, i64> = told_now
        .iter()
        .map(|level| (&level.sku, level.level))
        .collect();
    off.retain(|row| told_now.get(&row.sku).is_some_and(|told| *told != row.shop));
    findings.extend(off.iter().map(|row| {
        let detail = format!(
            "the shop shows {}, it should show {}",
            row.shop, row.expected
        );
        let subject = ExceptionSubject::new("sku", row.sku.as_str());
        Finding::new(subject, &codes::STOCK_DRIFT, detail)
    }));
    report.drift = off;
    Ok(())
}

/// Both tolerances are exceeded: a unit more or less of thousands is no drift, and neither is a large share of two.
fn is_drift(settings: &Settings, unexplained: i64, expected: i64) -> bool {
    let units = unexplained.unsigned_abs();
    let share = u64::from(settings.drift_tolerance_percent);
    units >= u64::from(settings.drift_tolerance.max(1))
        && units.saturating_mul(100) >= share.saturating_mul(expected.unsigned_abs())
}

/// What the shop would show of an article by one rule after the other, in the shop's unit.
struct Layer {
    /// The warehouse's free stock.
    free: i64,
    /// Less what orders in flight are promised.
    left: i64,
    /// Less what is kept back: the level to show.
    level: i64,
}

impl Layer {
    fn row(&self, sku: SourceSku, shop: i64, told: i64) -> DriftRow {
        // Orders and stock news since the last publish explain a level anywhere between what the shop was told and what it is
        // going to be told: that is timing, not drift.
        let explained = shop.clamp(told.min(self.level), told.max(self.level));
        let unexplained = shop.saturating_sub(explained);
        DriftRow {
            sku,
            shop,
            free: self.free,
            expected: explained,
            unexplained,
            parts: DriftParts {
                in_flight: self.free.saturating_sub(self.left),
                buffer: self.left.saturating_sub(self.level),
                timing: explained.saturating_sub(self.level),
                unexplained,
            },
        }
    }
}

struct Layers(HashMap<SourceSku, Layer>);

impl Layers {
    fn of(profile: &Profile, registry: &SkuRegistry, mut articles: Vec<ArticleStock>) -> Self {
        let mut bare = profile.clone();
        bare.stock.buffer = Buffer::default();
        bare.stock.sku_buffers.clear();
        let bare = AtpCalculator::new(&bare, registry);
        let levels = AtpCalculator::new(profile, registry).levels(&articles);
        let left = bare.levels(&articles);
        for article in &mut articles {
            article.position.in_flight = 0;
        }
        let mut layers: HashMap<SourceSku, Layer> = levels
            .into_iter()
            .map(|StockLevel { sku, level }| {
                let layer = Layer {
                    free: level,
                    left: level,
                    level,
                };
                (sku, layer)
            })
            .collect();
        for one in left {
            if let Some(layer) = layers.get_mut(&one.sku) {
                layer.left = one.level;
            }
        }
        for one in bare.levels(&articles) {
            if let Some(layer) = layers.get_mut(&one.sku) {
                layer.free = one.level;
            }
        }
        Self(layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_difference() {
        let layer = Layer {
            free: 100,
            left: 90,
            level: 85,
        };
        for (shop, told, expected, unexplained) in [
            (85, 85, 85, 0),
            // Told before the last five were promised: not written yet.
            (90, 90, 90, 0),
            // Somebody took seven more.
            (78, 90, 85, -7),
            (97, 90, 90, 7),
        ] {
            let row = layer.row("MUG".into(), shop, told);
            assert_eq!((row.expected, row.unexplained), (expected, unexplained));
            let parts = row.parts;
            assert_eq!(
                shop,
                100 - parts.in_flight - parts.buffer + parts.timing + parts.unexplained
            );
        }
    }

    #[test]
    fn both_tolerances_have_to_be_exceeded() {
        let settings = Settings {
            drift_tolerance: 2,
            drift_tolerance_percent: 10,
            ..Settings::default()
        };
        assert!(!is_drift(&settings, 1, 4));
        assert!(!is_drift(&settings, -5, 100));
        assert!(is_drift(&settings, -10, 100));
        assert!(is_drift(&settings, 2, 0));
    }
}
