//! Checks a mapping profile and explains its rules. See the README of `connector-tools`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use connector_tools::{ConfigReport, ProfileFile, finish};

/// Checks the sections `mapping` and `sku` of a configuration, all faults at once, and explains the rules in effect.
///
/// Changes nothing. Exit code 0: sound; 1: the file can be read, and values in it cannot work; 2: the file cannot be read as a profile:
/// no file or no TOML (with file, line and remedy on standard error), an unknown or missing key, or a value of the wrong kind (in the
/// report, with all other faults).
#[derive(Debug, Parser)]
#[command(name = "check_config", version, max_term_width = 110)]
struct Arguments {
    /// Configuration; sections of other crates are named and not judged
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,

    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = ProfileFile::read(&arguments.file).map(|file| ConfigReport::new(&file));
    finish(report, arguments.json)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
