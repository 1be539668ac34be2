//! Variants: articles with an id that stays when their code changes.

use async_trait::async_trait;
use order_mapping::CatalogueItem;
use order_sync::{CatalogueSource, PortError};

use super::Shop;

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) id: String,
    pub(crate) sku: String,
}

impl Variant {
    pub(crate) fn new(id: &str, sku: &str) -> Self {
        Self {
            id: id.to_owned(),
            sku: sku.to_owned(),
        }
    }
}

#[async_trait]
impl CatalogueSource for Shop {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        Ok(self.books(|books| {
            let item = |variant: &Variant| {
                CatalogueItem::new(variant.sku.as_str(), None).with_variant(variant.id.as_str())
            };
            books.variants.iter().map(item).collect()
        }))
    }
}
