//! Text for people: harmless to a terminal, in tables without trailing blanks.

use std::fmt::Display;
use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table};

/// Width of a report.
const WIDTH: u16 = 118;

/// The text with everything escaped that a terminal would obey or a person could not see.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// The beginning of a text that may be long, made visible.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", visible(text.get(..end).unwrap_or_default())),
        None => visible(text),
    }
}

/// A text as a TOML string.
pub(crate) fn toml_string(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\'' => out.push(c),
            _ if c.escape_debug().count() == 1 => out.push(c),
            // Writing to a text cannot fail.
            _ => drop(write!(out, "\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header(header);
    table
}

pub(crate) fn right(mut table: Table, column: usize) -> Table {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(crate) fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

pub(crate) fn heading(out: &mut dyn Write, text: impl Display) -> io::Result<()> {
    writeln!(out, "\n{text}")
}

/// A number of things.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_drives_the_terminal_or_stays_unseen() {
        assert_eq!(
            visible("A\u{1b}[31m\u{200b}\u{202e}'é'\n"),
            "A\\u{1b}[31m\\u{200b}\\u{202e}'é'\\n"
        );
        assert_eq!(beginning("abcdef", 3), "abc…");
    }

    #[test]
    fn a_toml_string_reads_back() {
        for text in ["a\"b\\c'd", "\u{200b}\n\u{7f}\0", "Ä\u{301}é😀", ""] {
            let document: toml::Table = format!("x = {}", toml_string(text)).parse().unwrap();
            assert_eq!(document["x"].as_str(), Some(text));
        }
    }
}
