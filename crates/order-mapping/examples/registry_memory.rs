//! How long a registry of a million articles takes, and how much memory: prints one line of JSON.
//!
//! A process of its own, because the system only tells the highest memory use of a whole process. One code in ten has a character that
//! the warehouse does not take, so every kind of pair comes up.

#![allow(
    clippy::print_stdout,
    reason = "a program that measures prints what it measured"
)]

use std::time::Instant;

use order_mapping::{CatalogueItem, SkuOverrides, SkuPolicy, SkuRegistry};

const ARTICLES: u32 = 1_000_000;

fn main() {
    let catalogue: Vec<CatalogueItem> = (0..ARTICLES)
        .map(|index| {
            let hyphen = if index % 10 == 0 { "-" } else { "" };
            CatalogueItem::new(format!("ART{hyphen}{index:07}"), None)
        })
        .collect();
    let catalogue_kib = peak_kib();
    let begun = Instant::now();
    let (registry, findings) =
        SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
    let built = begun.elapsed();
    let mapped = catalogue
        .iter()
        .filter(|item| registry.to_warehouse(&item.sku).is_some())
        .count();
    let elapsed = begun.elapsed();
    println!(
        "{}",
        serde_json::json!({
            "articles": ARTICLES,
            "mapped": mapped,
            "findings": findings.len(),
            "build_seconds": built.as_secs_f64(),
            "seconds": elapsed.as_secs_f64(),
            "catalogue_kib": catalogue_kib,
            "peak_kib": peak_kib(),
        })
    );
}

/// The most memory this process had, where the system tells (Linux).
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
