//! What can go wrong when a test or a program drives a simulator by code.

/// A refused call on a simulator's handle. Answers over HTTP never use this type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The document breaks a rule of the simulated service; the text names the members.
    #[error("the document was refused ({status}): {reason}")]
    Refused {
        /// Status the same document would have got over HTTP.
        status: u16,
        /// Which rule it breaks, without values.
        reason: String,
    },
    /// No purchase has that SparkLayer id.
    #[error("no purchase has the SparkLayer id {0}")]
    UnknownPurchase(String),
    /// The purchase was written through the API and so is not known to the platform.
    #[error("purchase {0} is not on the platform: it was not seeded")]
    NotOnPlatform(String),
    /// No stock location has that id or external id.
    #[error("no stock location has the id {0}")]
    UnknownLocation(String),
    /// The warehouse holds no such article.
    #[error("the warehouse does not know SKU {0}")]
    UnknownSku(String),
    /// The warehouse has no order with that reference that it could send.
    #[error("the warehouse has no order {0} to send")]
    UnknownOrder(String),
    /// Fewer units of the article are open on the order.
    #[error("so many units of SKU {0} are not open on the order")]
    NotOpen(String),
}
