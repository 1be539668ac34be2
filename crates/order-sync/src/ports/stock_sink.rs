//! Where stock levels go.

use async_trait::async_trait;
use order_mapping::SourceSku;

use super::PortError;

/// The level of one article in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShopLevel {
    /// The article.
    pub sku: SourceSku,
    /// Units offered. Negative where the shop says so; the engine publishes none.
    pub level: i64,
}

impl ShopLevel {
    /// A level.
    #[must_use]
    pub const fn new(sku: SourceSku, level: i64) -> Self {
        Self { sku, level }
    }
}

/// What became of a batch of levels: every one of them is in exactly one of the lists.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct PublishOutcome {
    /// Taken by the shop.
    pub taken: Vec<SourceSku>,
    /// Refused for good, with the shop's reason.
    pub refused: Vec<(SourceSku, String)>,
    /// Not known to be taken; to be written again in the next run.
    pub failed: Vec<(SourceSku, PortError)>,
}

/// Writes stock levels to the shop. Levels are absolute, so a repeat is harmless; there is one writer per merchant.
#[async_trait]
pub trait StockSink: Send + Sync + std::fmt::Debug {
    /// Name of the location the levels belong to.
    fn location(&self) -> &str;

    /// Writes levels, in batches of the implementation's own size. A failing batch does not keep the others from being written.
    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome;

    /// What the shop shows now for these articles; an article that the shop does not know is left out.
    ///
    /// # Errors
    /// [`PortError`]
    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError>;
}
