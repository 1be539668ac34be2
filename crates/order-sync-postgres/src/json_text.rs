//! Values as JSON text in a column.
//!
//! Columns are for keys and searches; the value itself is one text. So a member that is added to a value later cannot be forgotten
//! here. The type is `text`: `jsonb` keeps neither the order of members nor the digits of numbers, and refuses U+0000.

use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

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

/// The value of a column that is not JSON.
pub(crate) fn plain<'a, T: FromSql<'a>>(
    what: &str,
    row: &'a Row,
    column: usize,
) -> Result<T, Failure> {
    row.try_get(column).map_err(|_| {
        Failure::Unreadable(format!(
            "{what} has another type than it was written with; the table was changed by a foreign hand"
        ))
    })
}

/// The value of a JSON column.
pub(crate) fn column<'a, T: Deserialize<'a>>(
    what: &str,
    row: &'a Row,
    column: usize,
) -> Result<T, Failure> {
    read(what, plain(what, row, column)?)
}

/// The values in the first column of some rows.
pub(crate) fn all<T: for<'a> Deserialize<'a>>(what: &str, rows: &[Row]) -> Result<Vec<T>, Failure> {
    rows.iter().map(|row| column(what, row, 0)).collect()
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
