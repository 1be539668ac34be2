//! What a world is made of: the engine's settings and the merchant's rules.

use order_mapping::{CatalogueItem, Condition, Profile, ServiceRule, SkuOverrides, Trigger};
use order_sync::Settings;

/// External id of the stock location that the engine writes.
pub const LOCATION: &str = "default";

/// Settings, rules and catalogue of a world; change what a test is about.
#[derive(Debug, Clone)]
#[allow(
    clippy::exhaustive_structs,
    reason = "made and changed by tests of this package only"
)]
pub struct Setup {
    /// The engine's times and limits.
    pub settings: Settings,
    /// The merchant's rules.
    pub profile: Profile,
    /// Declared aliases and pairs of article codes.
    pub overrides: SkuOverrides,
    /// The shop's articles.
    pub catalogue: Vec<CatalogueItem>,
    /// The warehouse's articles with the units on its shelf. With none at all the warehouse takes every code.
    pub shelf: Vec<(String, i64)>,
    /// Orders go by drop folder instead of HTTP.
    pub by_files: bool,
    /// The engine asks the carrier where parcels are.
    pub tracked: bool,
}

impl Default for Setup {
    /// Live times, four articles with codes in every sort of spelling, three shipping options, a PO number on every order, and
    /// Pay on Account released by the metadata entry `credit_status=approved` alone.
    fn default() -> Self {
        let mut settings = Settings::default();
        settings.source_lag = std::time::Duration::ZERO;
        let mut profile = Profile::default();
        profile.services.rules = vec![
            ServiceRule::new("Express B2B Delivery", "WHI_EXP"),
            ServiceRule::new("Standard Delivery", "WHI_STD"),
            ServiceRule::new("European Delivery", "WHI_INT"),
        ];
        profile.purchase_order.required = true;
        profile.phone.allow_fictitious = true;
        profile.release.on_account = Trigger::Any(vec![Condition::Metadata {
            key: "credit_status".to_owned(),
            value: "approved".to_owned(),
        }]);
        Self {
            settings,
            profile,
            overrides: SkuOverrides::default(),
            catalogue: Vec::new(),
            shelf: Vec::new(),
            by_files: false,
            tracked: false,
        }
        .with_articles(&[
            ("MUG-01", "MUG01"),
            ("TEA POT", "TEAPOT"),
            ("CUP/RED", "CUPRED"),
            ("PLATE", "PLATE"),
        ])
    }
}

impl Setup {
    /// Adds articles to the catalogue, and 1,000 units of each to the warehouse's shelf.
    #[must_use]
    pub fn with_articles(mut self, articles: &[(&str, &str)]) -> Self {
        for (shop, warehouse) in articles {
            self.catalogue.push(CatalogueItem::new(*shop, None));
            self.shelf.push(((*warehouse).to_owned(), 1000));
        }
        self
    }
}
