//! The client reference: our key of an order at the warehouse.

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::SourceOrderId;

/// Longest client reference the warehouse's intake takes, in characters.
pub const CLIENT_REFERENCE_MAX: usize = 12;

/// The reference that an order carries at the warehouse, and the anchor of at-most-once creation.
///
/// One letter and eleven characters of base 32 over a keyed hash of (merchant, order, split, generation): never all digits, at
/// most 12 characters, the same for every attempt. A deliberate resend is a new generation, made by a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientOrderRef(String);

impl ClientOrderRef {
    /// Derives the reference. The key is the deployment's own; with another key every reference is another one, so it must
    /// stay the same for the life of a store.
    ///
    /// ```
    /// use order_mapping::{ClientOrderRef, SourceOrderId};
    /// let id = SourceOrderId::new("63428136-658f-48a6-beb7-7f333dfd9686");
    /// let reference = ClientOrderRef::derive(b"key", "merchant", &id, 0, 0);
    /// assert_eq!(reference.as_str().len(), 12);
    /// assert_eq!(reference, ClientOrderRef::derive(b"key", "merchant", &id, 0, 0));
    /// assert_ne!(reference, ClientOrderRef::derive(b"key", "merchant", &id, 0, 1));
    /// ```
    #[must_use]
    pub fn derive(
        key: &[u8],
        merchant: &str,
        order: &SourceOrderId,
        split: u32,
        generation: u32,
    ) -> Self {
        // HMAC takes a key of any length, so construction cannot fail; an empty tag would only make the collision check at
        // capture refuse the order.
        let tag = Hmac::<Sha256>::new_from_slice(key).map_or_else(
            |_| Vec::new(),
            |mut mac| {
                for part in [merchant.as_bytes(), order.as_str().as_bytes()] {
                    mac.update(&(part.len() as u64).to_be_bytes());
                    mac.update(part);
                }
                mac.update(&split.to_be_bytes());
                mac.update(&generation.to_be_bytes());
                mac.finalize().into_bytes().to_vec()
            },
        );
        let digits = data_encoding::BASE32_NOPAD.encode(&tag);
        let mut text = String::from("B");
        text.extend(digits.chars().take(CLIENT_REFERENCE_MAX - 1));
        Self(text)
    }

    /// Takes a reference read back from the warehouse or a store.
    pub fn from_wire(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ClientOrderRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
