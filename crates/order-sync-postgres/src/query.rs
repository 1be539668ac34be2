//! A statement with its parameters, owned, so that several can be on their way at once.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use order_sync::MerchantId;
use tokio_postgres::types::{ToSql, Type};

use crate::key_text;

/// A statement with its parameters. Types are named here and not asked for: the statement stays unnamed, which works behind every
/// pooler, and takes one round trip.
pub(crate) struct Query {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Query {
    /// A statement about one merchant, who is its first parameter: there is none without.
    pub(crate) fn of(merchant: &MerchantId, sql: impl Into<Cow<'static, str>>) -> Self {
        Self::new(sql).key(merchant.as_str())
    }

    /// A statement about no merchant.
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            params: Vec::new(),
        }
    }

    fn with(mut self, value: impl ToSql + Sync + Send + 'static, kind: Type) -> Self {
        self.params.push((Box::new(value), kind));
        self
    }

    /// A key from outside.
    pub(crate) fn key(self, key: &str) -> Self {
        let key = key_text::write(key).into_owned();
        self.with(key, Type::TEXT)
    }

    pub(crate) fn optional_key(self, key: Option<&str>) -> Self {
        let key = key.map(|key| key_text::write(key).into_owned());
        self.with(key, Type::TEXT)
    }

    pub(crate) fn keys<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        let keys: Vec<String> = keys
            .into_iter()
            .map(|key| key_text::write(key).into_owned())
            .collect();
        self.with(keys, Type::TEXT_ARRAY)
    }

    pub(crate) fn optional_keys(self, keys: Vec<Option<String>>) -> Self {
        self.with(keys, Type::TEXT_ARRAY)
    }

    /// A text of our own: JSON, or a word.
    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        self.with(text.into(), Type::TEXT)
    }

    pub(crate) fn texts(self, texts: Vec<String>) -> Self {
        self.with(texts, Type::TEXT_ARRAY)
    }

    pub(crate) fn number(self, number: i64) -> Self {
        self.with(number, Type::INT8)
    }

    pub(crate) fn numbers(self, numbers: Vec<i64>) -> Self {
        self.with(numbers, Type::INT8_ARRAY)
    }

    /// As many rows at most.
    pub(crate) fn limit(self, limit: usize) -> Self {
        self.number(i64::try_from(limit).unwrap_or(i64::MAX))
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.with(flag, Type::BOOL)
    }

    pub(crate) fn flags(self, flags: Vec<bool>) -> Self {
        self.with(flags, Type::BOOL_ARRAY)
    }

    pub(crate) fn moment(self, moment: DateTime<Utc>) -> Self {
        self.with(moment, Type::TIMESTAMPTZ)
    }

    pub(crate) fn optional_moment(self, moment: Option<DateTime<Utc>>) -> Self {
        self.with(moment, Type::TIMESTAMPTZ)
    }

    pub(crate) fn moments(self, moments: Vec<DateTime<Utc>>) -> Self {
        self.with(moments, Type::TIMESTAMPTZ_ARRAY)
    }

    pub(crate) fn optional_moments(self, moments: Vec<Option<DateTime<Utc>>>) -> Self {
        self.with(moments, Type::TIMESTAMPTZ_ARRAY)
    }

    pub(crate) fn dates(self, dates: Vec<NaiveDate>) -> Self {
        self.with(dates, Type::DATE_ARRAY)
    }
}
