//! Where in a document something stands.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A JSON pointer (RFC 6901), for example `/lines/3/sku`; empty for the whole document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonPointer(SmolStr);

impl JsonPointer {
    /// Takes a pointer as it is written.
    pub fn new(pointer: impl AsRef<str>) -> Self {
        Self(SmolStr::new(pointer))
    }

    /// The pointer as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that puts pointers in document order: indexes are compared as numbers, and stand before names.
    pub(crate) fn document_order(&self) -> impl Iterator<Item = (bool, usize, &str)> {
        self.0
            .split('/')
            .map(|segment| match segment.parse::<usize>() {
                Ok(index) => (false, index, ""),
                Err(_) => (true, 0, segment),
            })
    }
}

impl std::ops::Deref for JsonPointer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for JsonPointer {
    fn from(pointer: &str) -> Self {
        Self(pointer.into())
    }
}

impl From<String> for JsonPointer {
    fn from(pointer: String) -> Self {
        Self(pointer.into())
    }
}

impl From<JsonPointer> for String {
    fn from(pointer: JsonPointer) -> Self {
        pointer.0.into()
    }
}

impl PartialEq<str> for JsonPointer {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for JsonPointer {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}
