//! Where the articles come from.

use async_trait::async_trait;
use order_mapping::CatalogueItem;

use super::PortError;

/// The catalogue of the shop: every article code that may stand on an order line.
#[async_trait]
pub trait CatalogueSource: Send + Sync + std::fmt::Debug {
    /// All articles.
    ///
    /// # Errors
    /// [`PortError`]
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError>;
}

/// A catalogue that was read beforehand, for example from a file.
#[derive(Debug, Clone, Default)]
pub struct FixedCatalogue {
    items: Vec<CatalogueItem>,
}

impl FixedCatalogue {
    /// A catalogue of these articles.
    #[must_use]
    pub const fn new(items: Vec<CatalogueItem>) -> Self {
        Self { items }
    }
}

#[async_trait]
impl CatalogueSource for FixedCatalogue {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        Ok(self.items.clone())
    }
}
