//! Content digests: SHA-256 over the compact JSON form.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Hex SHA-256 over a value's compact JSON form.
///
/// The domain types serialise without maps of random order, so equal values have equal digests.
pub(crate) fn of_json(value: &impl Serialize) -> String {
    let mut hasher = Sha256::new();
    // The domain types hold nothing that JSON cannot express (no non-text map keys, no floats), so this cannot fail; if a later
    // type breaks that, its digest must not silently equal another one, hence the error text goes in.
    match serde_json::to_vec(value) {
        Ok(bytes) => hasher.update(&bytes),
        Err(error) => hasher.update(error.to_string().as_bytes()),
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}
