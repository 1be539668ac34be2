//! Personal data, typed so that it cannot reach a log by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that identifies or locates a person: a name, an address line, a phone number, an e-mail address.
///
/// `Debug` prints `***` and there is no `Display`. Serialising writes the plain value, because it has to reach the
/// vendor.
///
/// ```
/// use connector_http::Personal;
/// let name = Personal::new("Goods In".to_owned());
/// assert_eq!(format!("{name:?}"), "***");
/// assert_eq!(name.expose(), "Goods In");
/// ```
///
/// What would print it by accident does not compile:
///
/// ```compile_fail,E0277
/// use connector_http::Personal;
/// println!("shipped to {}", Personal::new("Goods In"));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call it only where the value has to leave the process or be judged.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl From<String> for Personal<String> {
    fn from(value: String) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialises_plainly_and_prints_masked() {
        let value: Personal<String> = serde_json::from_str("\"Goods\"").unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), "\"Goods\"");
        assert_eq!(format!("{:?}", Some(value)), "Some(***)");
    }
}
