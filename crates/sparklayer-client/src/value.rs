//! Texts, numbers and moments as the vendor writes them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use connector_http::Personal;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::value::{RawValue, to_raw_value};

use crate::members::Value;

type Written = Result<Box<RawValue>, serde_json::Error>;

/// A text, or a number by its text: identifiers come as both. The outer `None` is "neither", the inner "empty".
pub(crate) fn text(raw: &RawValue) -> Option<Option<String>> {
    match raw.get().as_bytes().first()? {
        b'"' => {
            let text: String = serde_json::from_str(raw.get()).ok()?;
            Some(Some(text).filter(|text| !text.is_empty()))
        }
        b'-' | b'0'..=b'9' => Some(Some(raw.get().to_owned())),
        _ => None,
    }
}

/// A decimal number from a JSON number or a text with one.
pub(crate) fn decimal(raw: &RawValue) -> Option<Option<Decimal>> {
    let Some(text) = text(raw)? else {
        return Some(None);
    };
    let text = text.trim();
    let number = Decimal::from_str(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()?;
    Some(Some(number))
}

impl Value for String {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        text(raw)
    }

    fn write_value(&self) -> Written {
        to_raw_value(self)
    }
}

impl Value for Personal<String> {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        text(raw).map(|text| text.map(Self::new))
    }

    fn write_value(&self) -> Written {
        to_raw_value(self)
    }
}

impl Value for Decimal {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        decimal(raw)
    }

    fn write_value(&self) -> Written {
        RawValue::from_string(self.to_string())
    }
}

impl Value for i64 {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        let Some(number) = decimal(raw)? else {
            return Some(None);
        };
        if number.fract().is_zero() {
            number.to_i64().map(Some)
        } else {
            None
        }
    }

    fn write_value(&self) -> Written {
        to_raw_value(self)
    }
}

impl Value for bool {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        match raw.get() {
            "true" => Some(Some(true)),
            "false" => Some(Some(false)),
            "\"\"" => Some(None),
            _ => None,
        }
    }

    fn write_value(&self) -> Written {
        to_raw_value(self)
    }
}

impl Value for DateTime<Utc> {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        let Some(text) = text(raw)? else {
            return Some(None);
        };
        DateTime::parse_from_rfc3339(&text)
            .ok()
            .map(|moment| Some(moment.to_utc()))
    }

    fn write_value(&self) -> Written {
        to_raw_value(&moment(*self))
    }
}

impl Value for NaiveDate {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        let Some(text) = text(raw)? else {
            return Some(None);
        };
        // A full moment is accepted too; its date counts.
        let day = text.get(..10)?;
        NaiveDate::from_str(day).ok().map(Some)
    }

    fn write_value(&self) -> Written {
        to_raw_value(&self.to_string())
    }
}

/// A moment as RFC 3339 in UTC.
pub(crate) fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Defines a vocabulary of the wire with an arm for words that are not known.
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$arm_meta:meta])* $arm:ident = $word:literal $(| $alias:literal)*),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$arm_meta])* $arm,)*
            /// A word that this crate does not know, as it was read.
            Other(String),
        }

        impl $name {
            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$arm => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word $(| $alias)* => Self::$arm,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::members::Value for $name {
            fn read_value(raw: &serde_json::value::RawValue) -> Option<Option<Self>> {
                $crate::value::text(raw).map(|word| word.map(|word| Self::from(word.as_str())))
            }

            fn write_value(&self) -> Result<Box<serde_json::value::RawValue>, serde_json::Error> {
                serde_json::value::to_raw_value(self.as_str())
            }
        }
    };
}

pub(crate) use vocabulary;

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn numbers_and_texts_are_read_alike() {
        for (json, number) in [
            ("4", "4"),
            ("\"4\"", "4"),
            ("4.50", "4.50"),
            ("\" 15.99 \"", "15.99"),
            ("1e2", "100"),
        ] {
            assert_eq!(
                decimal(&raw(json)),
                Some(Some(number.parse().unwrap())),
                "{json}"
            );
        }
        assert_eq!(decimal(&raw("\"\"")), Some(None));
        for json in ["\"four\"", "true", "[1]", "{}", "1e400"] {
            assert_eq!(decimal(&raw(json)), None, "{json}");
        }
        assert_eq!(i64::read_value(&raw("4.0")), Some(Some(4)));
        assert_eq!(i64::read_value(&raw("4.5")), None);
        assert_eq!(
            text(&raw("123456789012345678901234567890"))
                .flatten()
                .unwrap()
                .len(),
            30
        );
    }

    #[test]
    fn moments_come_with_an_offset() {
        let read = DateTime::<Utc>::read_value(&raw("\"2020-01-01T00:00:00+02:00\""))
            .flatten()
            .unwrap();
        assert_eq!(moment(read), "2019-12-31T22:00:00Z");
        assert_eq!(DateTime::<Utc>::read_value(&raw("\"yesterday\"")), None);
        assert_eq!(NaiveDate::read_value(&raw("\"2020-01-\u{e9}1\"")), None);
    }
}
