//! What became of an order file.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use super::csv_table::Table;
use super::layout::FolderLayout;

/// What became of an order file, as far as the folders show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileProbe {
    /// The importer has not taken it yet.
    Waiting,
    /// The importer has taken it and archived it. That is no acknowledgement by the warehouse behind the importer.
    PickedUp,
    /// The importer has refused it.
    Rejected {
        /// The importer's messages, each once, joined with `|`.
        reason: String,
    },
    /// No folder knows it: it was never dropped, or the site has cleared its archive since (30 days, seen in use).
    Absent,
}

/// Most characters of an error file's messages that are kept.
const REASON_MAX: usize = 500;

/// Looks for an order file, in the direction in which files move, so that one that moves meanwhile is not missed.
pub(super) fn probe(root: &Path, layout: &FolderLayout, reference: &str) -> io::Result<FileProbe> {
    let name = format!("{reference}.csv");
    let waiting = changed(&root.join(&layout.orders).join(&name))?;
    let archived = is_archived(&root.join(&layout.archive), reference)?;
    let error_file = root
        .join(&layout.errors)
        .join(format!("{reference}error.csv"));
    let rejected = changed(&error_file)?;
    // The importer leaves a rejected file where it is, so an error file outweighs a waiting one, unless it is the older of the
    // two: then it belongs to a former attempt that a person has put right. An archived file was taken, whatever came before.
    match (waiting, archived, rejected) {
        (Some(dropped), _, Some(refused)) if refused < dropped => Ok(FileProbe::Waiting),
        (Some(_), _, Some(_)) | (None, false, Some(_)) => Ok(FileProbe::Rejected {
            reason: reason(&error_file, layout.max_file_bytes)?,
        }),
        (Some(_), _, None) => Ok(FileProbe::Waiting),
        (None, true, _) => Ok(FileProbe::PickedUp),
        (None, false, None) => Ok(FileProbe::Absent),
    }
}

/// When a file was last changed; `None` when there is no such file. A file system without times counts as oldest.
fn changed(path: &Path) -> io::Result<Option<SystemTime>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the archive has `<reference>.csv` or the same with a time stamp: `<reference><YYYYmmddTHHMMSS>.csv` (seen in use), also
/// without the `T`. References end at 12 characters, so a stamp cannot be part of another reference.
fn is_archived(archive: &Path, reference: &str) -> io::Result<bool> {
    for entry in fs::read_dir(archive)? {
        let name = entry?.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(reference)) else {
            continue;
        };
        let Some((stamp, ending)) = rest.rsplit_once('.') else {
            continue;
        };
        if is_stamp(stamp) && ending.eq_ignore_ascii_case("csv") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Nothing, or a moment to the second.
fn is_stamp(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('T') {
        Some((date, time)) => date.len() == 8 && time.len() == 6 && digits(date) && digits(time),
        None => (text.is_empty() || text.len() == 14) && digits(text),
    }
}

/// The messages of an error file: its `ERROR` column, which holds the importer's words and no order data.
fn reason(path: &Path, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    match fs::File::open(path) {
        Ok(file) => {
            file.take(limit).read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let messages = Table::parse(&bytes).ok().and_then(|table| {
        let column = table.column("ERROR").ok().flatten()?;
        let mut messages: Vec<String> = Vec::new();
        for row in &table.rows {
            for message in row
                .optional(Some(&column))
                .iter()
                .flat_map(|cell| cell.split('|'))
            {
                let message = message.trim();
                if !message.is_empty() && !messages.iter().any(|known| known == message) {
                    messages.push(message.to_owned());
                }
            }
        }
        (!messages.is_empty()).then(|| messages.join("|"))
    });
    let text = messages.unwrap_or_else(|| "the error file names no reason".to_owned());
    Ok(text
        .chars()
        .filter(|c| !c.is_control())
        .take(REASON_MAX)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::is_stamp;

    #[test]
    fn the_importers_time_stamp_is_known_and_other_endings_are_not() {
        for stamp in ["", "20250514T101500", "20250514101500"] {
            assert!(is_stamp(stamp), "{stamp}");
        }
        for other in [
            "error",
            "2",
            "20250514",
            "2025051T4101500",
            "20250514T10150",
            "20250514X101500",
        ] {
            assert!(!is_stamp(other), "{other}");
        }
    }
}
