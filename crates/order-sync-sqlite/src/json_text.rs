//! Values as JSON text in a column.
//!
//! Columns are for keys and searches; the value itself is one text. So a member that is added to a value later cannot be
//! forgotten here.

use std::collections::HashMap;

use order_mapping::SourceOrderId;
use order_sync::MerchantId;
use rusqlite::{Connection, OptionalExtension as _, Params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The text of a value.
pub(crate) fn write(what: &str, value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|_| Failure::Unreadable(format!("{what} cannot be written as JSON; report this")))
}

/// The value of a text. The parser's own message is left out, since it can quote the content, which may be personal.
pub(crate) fn read<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Unreadable(format!(
            "{what} does not read back ({:?} error at column {}); the row was changed by a foreign hand or a later version",
            error.classify(),
            error.column()
        ))
    })
}

/// The value of a column.
pub(crate) fn read_column<'a, T: Deserialize<'a>>(
    what: &str,
    row: &'a rusqlite::Row<'_>,
    column: usize,
) -> Result<T, Failure> {
    let text = row.get_ref(column)?.as_str().map_err(|_| {
        Failure::Unreadable(format!(
            "{what} is no text; the row was changed by a foreign hand"
        ))
    })?;
    read(what, text)
}

/// The values in the first column of a query.
pub(crate) fn read_all<T: DeserializeOwned>(
    connection: &Connection,
    what: &str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read_column(what, row, 0)?);
    }
    Ok(values)
}

/// The value in the first column of a query that finds one row or none.
pub(crate) fn read_one<T: DeserializeOwned>(
    connection: &Connection,
    what: &str,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    statement
        .query_row(params, |row| Ok(read_column(what, row, 0)))
        .optional()?
        .transpose()
}

/// Texts as a JSON array, for `IN (SELECT value FROM json_each(?))`: one statement for any number of them.
pub(crate) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<&str> = texts.into_iter().collect();
    serde_json::Value::from(texts).to_string()
}

/// Ids of orders as a [`list`].
pub(crate) fn list_of<'a>(ids: impl IntoIterator<Item = &'a SourceOrderId>) -> String {
    list(ids.into_iter().map(SourceOrderId::as_str))
}

/// The values of several orders by one statement, whose columns are the order's id and the value, and whose parameters are the
/// merchant and the [`list`] of ids; in the order of the rows.
pub(crate) fn read_by_order<T: DeserializeOwned>(
    connection: &Connection,
    what: &str,
    sql: &str,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Vec<T>>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((merchant.as_str(), ids))?;
    let mut values: HashMap<SourceOrderId, Vec<T>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let value = read_column(what, row, 1)?;
        values
            .entry(SourceOrderId::new(id))
            .or_default()
            .push(value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_text_is_not_quoted() {
        let failure = read::<u32>("a figure", "\"Goods In\"").unwrap_err();
        let text = format!("{failure} {failure:?}");
        assert!(text.contains("a figure does not read back"), "{text}");
        assert!(!text.contains("Goods"), "{text}");
    }

    #[test]
    fn ids_of_any_letters_become_a_list() {
        let ids = [SourceOrderId::new("a\"b"), SourceOrderId::new("ü,[")];
        assert_eq!(list_of(&ids), r#"["a\"b","ü,["]"#);
        assert_eq!(list_of(&[]), "[]");
    }
}
