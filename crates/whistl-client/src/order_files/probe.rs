//! What became of an order file.

use std::io::{self, Read as _};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::archive::archived;
use super::csv_rows::NoTable;
use super::error_file;
use super::layout::FolderLayout;
use super::share::FileShare;

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
pub(super) fn probe(
    share: &dyn FileShare,
    layout: &FolderLayout,
    reference: &str,
) -> io::Result<FileProbe> {
    let name = format!("{reference}.csv");
    let waiting = changed(share, &layout.orders.join(&name))?;
    let archived = is_archived(share, &layout.archive, reference)?;
    let error_file = layout.errors.join(format!("{reference}error.csv"));
    let rejected = changed(share, &error_file)?;
    // The importer leaves a rejected file where it is, so an error file outweighs a waiting one, unless it is the older of the
    // two: then it belongs to a former attempt that a person has put right. An archived file was taken, whatever came before.
    match (waiting, archived, rejected) {
        (Some(dropped), _, Some(refused)) if refused < dropped => Ok(FileProbe::Waiting),
        (Some(_), _, Some(_)) | (None, false, Some(_)) => Ok(FileProbe::Rejected {
            reason: reason(share, &error_file, layout.max_file_bytes)?,
        }),
        (Some(_), _, None) => Ok(FileProbe::Waiting),
        (None, true, _) => Ok(FileProbe::PickedUp),
        (None, false, None) => Ok(FileProbe::Absent),
    }
}

/// When a file was last changed; `None` when there is no such file. A place without times counts as oldest.
fn changed(share: &dyn FileShare, path: &Path) -> io::Result<Option<DateTime<Utc>>> {
    let facts = share.facts(path)?;
    Ok(facts.map(|facts| facts.changed.unwrap_or(DateTime::UNIX_EPOCH)))
}

/// Whether the archive has `<reference>.csv` or the same with a time stamp. References end at 12 characters, so a stamp cannot
/// be part of another reference.
fn is_archived(share: &dyn FileShare, archive: &Path, reference: &str) -> io::Result<bool> {
    let entries = share.list(archive)?;
    Ok(entries.iter().any(|entry| {
        entry.name.starts_with(reference)
            && archived(&entry.name).is_some_and(|file| file.stem == reference)
    }))
}

/// The messages of an error file: its `ERROR` column, which holds the importer's words and no order data.
fn reason(share: &dyn FileShare, path: &Path, limit: u64) -> io::Result<String> {
    let messages = match share.open(path) {
        Ok(file) => match error_file::reason(file.take(limit)) {
            Ok(messages) => messages,
            Err(NoTable::Problem(_)) => None,
            Err(NoTable::Io(error)) => return Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let text = messages.unwrap_or_else(|| "the error file names no reason".to_owned());
    Ok(text
        .chars()
        .filter(|c| !c.is_control())
        .take(REASON_MAX)
        .collect())
}
