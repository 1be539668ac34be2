//! How a program ends: what it prints, and its exit code.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::BadInput;

/// A report that can be printed.
pub trait Report: Serialize {
    /// Whether nothing is wrong.
    fn is_sound(&self) -> bool;

    /// Whether the input is what it should be; if not, the report is on what could be read of it.
    fn is_readable(&self) -> bool {
        true
    }

    /// Writes the report for people.
    ///
    /// # Errors
    /// Those of the output.
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// Prints the report to standard output, or what is wrong with the input to standard error.
///
/// Exit code 0: sound; 1: the input can be read and faults were found in it, or the output could not be written; 2: the input cannot
/// be read as what it should be. A reader that closes its end early (`| head`) changes neither the code nor anything else.
pub fn finish<R: Report>(result: Result<R, BadInput>, json: bool) -> ExitCode {
    let report = match result {
        Ok(report) => report,
        Err(bad) => {
            let _ = writeln!(io::stderr().lock(), "{bad}");
            return ExitCode::from(if bad.is_readable() { 1 } else { 2 });
        }
    };
    let verdict = match (report.is_readable(), report.is_sound()) {
        (false, _) => ExitCode::from(2),
        (true, false) => ExitCode::from(1),
        (true, true) => ExitCode::SUCCESS,
    };
    match write(&report, json, BufWriter::new(io::stdout().lock())) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(
                io::stderr().lock(),
                "error: the report cannot be written: {error}"
            );
            ExitCode::FAILURE
        }
        _ => verdict,
    }
}

fn write<R: Report>(report: &R, json: bool, mut out: impl Write) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    } else {
        report.write_text(&mut out)?;
    }
    out.flush()
}
