//! A JSON value that nobody here looks into.

use std::fmt;

use serde_json::value::{RawValue, to_raw_value};

use crate::members::Value;

/// A JSON value kept with its exact text. `Debug` masks it: it may be personal.
///
/// ```
/// use sparklayer_client::RawJson;
/// let receipt = RawJson::parse(r#"{"gateway":"x","fee":0.10}"#)?;
/// assert_eq!(receipt.get(), r#"{"gateway":"x","fee":0.10}"#);
/// assert_eq!(format!("{receipt:?}"), "***");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Takes a JSON text.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn parse(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Value for RawJson {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        Some(Some(Self(raw.to_owned())))
    }

    fn write_value(&self) -> Result<Box<RawValue>, serde_json::Error> {
        to_raw_value(&self.0)
    }
}
