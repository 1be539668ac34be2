//! Values as JSON text in a column.
//!
//! Columns are for keys and searches; the value itself is one text. So a member that is added to a value later cannot be
//! forgotten here.

use rusqlite::{Connection, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The text of a value.
pub(crate) fn write(what: &str, value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|_| Failure::Unreadable(format!("{what} cannot be written as JSON; report this")))
}

/// The value of a text. The parser's own message is left out, since it can quote the content, which may be personal.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Unreadable(format!(
            "{what} does not read back ({:?} error at column {}); the row was changed by a foreign hand or a later version",
            error.classify(),
            error.column()
        ))
    })
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
        let text: String = row.get(0)?;
        values.push(read(what, &text)?);
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
}
