//! Checks a catalogue before its codes meet at the warehouse. See the README of `connector-tools`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use connector_tools::{
    BadInput, CatalogueFile, CatalogueReport, Columns, ProfileFile, finish, read_history,
    write_history,
};
use order_mapping::SkuHistory;

/// Checks the codes of a catalogue: collisions at the warehouse, malformed codes, codes that people or programs confuse.
///
/// Proposes rows for the section `sku` of the profile. Changes nothing but the file of --write-history. Exit code 0: every code can be
/// sent; 1: the input can be read, and faults were found in the catalogue or in the values of the profile; 2: the input cannot be read
/// as what it should be (no file, no CSV, TOML or history, other columns, a key the profile does not have, a value of the wrong kind),
/// with file, line and remedy on standard error.
#[derive(Debug, Parser)]
#[command(name = "check_catalogue", version, max_term_width = 110)]
struct Arguments {
    /// CSV file in UTF-8 whose first line names the columns; other columns than the three are not looked at
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,

    /// Configuration with the sections `mapping` and `sku`; other sections are not looked at
    #[arg(long, value_name = "FILE.toml")]
    profile: Option<PathBuf>,

    /// Column with the article code
    #[arg(long, value_name = "NAME", default_value = "sku")]
    sku_column: String,

    /// Column with the description, by which one article in two spellings can be told [default: description, if there is one]
    #[arg(long, value_name = "NAME")]
    description_column: Option<String>,

    /// Column with the shop's own id of the article, by which a renamed article can be told [default: variant_id, if there is one]
    #[arg(long, value_name = "NAME")]
    variant_column: Option<String>,

    /// Sign between columns, for example ';' or '\t'
    #[arg(long, value_name = "SIGN", default_value = ",", value_parser = separator)]
    separator: u8,

    /// What is on record about codes: articles keep the codes they have had, and a code never comes to mean another article
    #[arg(long, value_name = "FILE.json")]
    history: Option<PathBuf>,

    /// Writes what is to be on record from now on; may be the file of --history
    #[arg(long, value_name = "FILE.json")]
    write_history: Option<PathBuf>,

    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    finish(check(&arguments), arguments.json)
}

fn check(arguments: &Arguments) -> Result<CatalogueReport, BadInput> {
    let profile = match &arguments.profile {
        Some(path) => Some(ProfileFile::read(path)?.sound()?),
        None => None,
    };
    let mut columns = Columns::default();
    columns.sku.clone_from(&arguments.sku_column);
    columns
        .description
        .clone_from(&arguments.description_column);
    columns.variant.clone_from(&arguments.variant_column);
    columns.separator = arguments.separator;
    let catalogue = CatalogueFile::read(&arguments.file, &columns)?;
    let history = match &arguments.history {
        Some(path) => read_history(path)?,
        None => SkuHistory::default(),
    };
    let (report, next) = CatalogueReport::after(&history, &catalogue, profile.as_ref());
    if let Some(path) = &arguments.write_history {
        write_history(path, &next)?;
    }
    Ok(report)
}

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [sign] if sign.is_ascii() && !sign.is_ascii_alphanumeric() && !b"\"\r\n".contains(sign) => {
            Ok(*sign)
        }
        _ => Err("give one sign, for example ; or \\t".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
        assert_eq!(separator("\\t"), Ok(b'\t'));
        assert!(
            ["", "ab", "é", "\"", "\n", "x"]
                .iter()
                .all(|text| separator(text).is_err())
        );
    }
}
