//! Reading JSON objects member by member: tolerant of what is unknown, exact about what is wrong.

use std::fmt;
use std::str::FromStr as _;

use chrono::{DateTime, NaiveDate, Utc};
use connector_http::{Personal, VendorError};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::contract::Contract;
use super::problem::complaint_of;

/// Members of an answer that this client has no name for. `Debug` shows their names only: the values may be personal.
#[derive(Clone, Default, PartialEq)]
pub struct UnknownMembers(Map<String, Value>);

impl UnknownMembers {
    /// A member's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for UnknownMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A member that is not what the contract says. It shows the place, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} is not {expected}")]
#[non_exhaustive]
pub struct Unreadable {
    /// JSON pointer of the member, in the answer.
    pub path: String,
    /// What the contract says.
    pub expected: &'static str,
}

/// An object that is being read. Each read takes the member out; the rest is unknown.
pub(super) struct Members {
    map: Map<String, Value>,
    path: String,
}

impl Members {
    pub(super) fn of(value: Value, path: impl Into<String>) -> Result<Self, Unreadable> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            _ => Err(Unreadable {
                path,
                expected: "an object",
            }),
        }
    }

    /// The fault of a member that has to be there and is not.
    pub(super) fn missing(&self, name: &str, expected: &'static str) -> Unreadable {
        Unreadable {
            path: self.pointer(name),
            expected,
        }
    }

    pub(super) fn rest(self) -> UnknownMembers {
        UnknownMembers(self.map)
    }

    fn pointer(&self, name: &str) -> String {
        format!(
            "{}/{}",
            self.path,
            name.replace('~', "~0").replace('/', "~1")
        )
    }

    /// Takes a member; `null` counts as absent.
    fn take<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        match self.map.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| Unreadable {
                path: self.pointer(name),
                expected,
            }),
        }
    }

    /// A text; a number counts as its text, since ids are written either way.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        self.take(name, "a text", text_of)
    }

    pub(super) fn personal(&mut self, name: &str) -> Result<Option<Personal<String>>, Unreadable> {
        Ok(self.text(name)?.map(Personal::new))
    }

    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, Unreadable> {
        self.take(name, "a whole number", |value| {
            let number = decimal_of(value).filter(Decimal::is_integer)?;
            i64::try_from(number).ok()
        })
    }

    pub(super) fn sequence(&mut self, name: &str) -> Result<Option<u64>, Unreadable> {
        self.take(name, "a whole number of zero or more", |value| {
            let number = decimal_of(value).filter(Decimal::is_integer)?;
            u64::try_from(number).ok()
        })
    }

    pub(super) fn decimal(&mut self, name: &str) -> Result<Option<Decimal>, Unreadable> {
        self.take(name, "a decimal number", decimal_of)
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Unreadable> {
        self.take(name, "true or false", |value| value.as_bool())
    }

    pub(super) fn instant(&mut self, name: &str) -> Result<Option<DateTime<Utc>>, Unreadable> {
        self.take(name, "a date and time with offset", |value| {
            let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
            Some(instant.with_timezone(&Utc))
        })
    }

    pub(super) fn date(&mut self, name: &str) -> Result<Option<NaiveDate>, Unreadable> {
        self.take(name, "a date", |value| value.as_str()?.parse().ok())
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Unreadable> {
        let path = self.pointer(name);
        self.take(name, "an object", |value| Self::of(value, path).ok())
    }

    /// The elements of a list, each with its own pointer; an absent list is empty.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<(Value, String)>, Unreadable> {
        let path = self.pointer(name);
        let values = self.take(name, "a list", |value| match value {
            Value::Array(values) => Some(values),
            _ => None,
        })?;
        Ok(values
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, value)| (value, format!("{path}/{index}")))
            .collect())
    }

    /// Complaints of a list; what is no complaint is passed over.
    pub(super) fn complaints(
        &mut self,
        name: &str,
        contract: &Contract,
    ) -> Result<Vec<VendorError>, Unreadable> {
        let complaints = self.list(name)?.into_iter();
        Ok(complaints
            .filter_map(|(value, _)| match value {
                Value::Object(complaint) => Some(complaint_of(contract, complaint)),
                _ => None,
            })
            .filter(|complaint| !complaint.is_empty())
            .collect())
    }

    /// The elements of a list, each read as an object; one that cannot be read fails the whole object.
    pub(super) fn each<T>(
        &mut self,
        name: &str,
        read: impl Fn(Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        self.list(name)?
            .into_iter()
            .map(|(value, path)| read(Self::of(value, path)?))
            .collect()
    }
}

pub(super) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn decimal_of(value: Value) -> Option<Decimal> {
    let text = text_of(value)?;
    let text = text.trim();
    Decimal::from_str(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}
