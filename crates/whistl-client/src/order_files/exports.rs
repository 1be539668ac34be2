//! Reading the files that the warehouse exported, each once.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::csv_rows::NoTable;
use super::file_problem::{FileProblem, RowFault};
use super::layout::FolderLayout;
use super::share::FileShare;

/// Which files have been read already. Keep it with the data that the files led to, in one transaction.
///
/// It holds each name with the size and time of change of the file as it was read, so a file that was still growing, or that
/// the warehouse writes anew under the same name, is read again. A name that has left the folder is forgotten, so the cursor
/// stays as small as the folder; a file that comes back is read again. Reading twice must therefore do no harm, and of two
/// readings of a name the later one counts: the former may have met a half-written file with a cut last row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileCursor {
    seen: BTreeMap<String, Seen>,
}

impl FileCursor {
    /// The names that have been read.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.seen.keys().map(String::as_str)
    }
}

/// A file as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    bytes: u64,
    changed: Option<DateTime<Utc>>,
}

/// A row and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileRow<T> {
    /// Line of the file, from 1; the header is normally line 1.
    pub row: usize,
    /// The row.
    pub value: T,
}

/// A file that was read: its good rows, and its faults beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedFile<T> {
    /// The file's name.
    pub name: String,
    /// When the file was last changed, if the file system says.
    pub changed: Option<DateTime<Utc>>,
    /// The rows that could be used, in the file's order.
    pub rows: Vec<FileRow<T>>,
    /// The rows that could not, in the file's order. Keep them where people see them: the cursor will pass the file.
    pub row_faults: Vec<RowFault>,
    /// Why no row of the file could be used, if so.
    pub problem: Option<FileProblem>,
}

/// A file that could not be opened or read this time. The cursor does not pass it: the next call tries again.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreadFile {
    /// The file's name.
    pub name: String,
    /// What the file system said.
    pub source: io::Error,
}

/// What the reading methods of [`DropFolder`](super::DropFolder) found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exports<T> {
    /// New and changed files, the longest unchanged first, then by name.
    pub files: Vec<ExportedFile<T>>,
    /// Files that could not be read this time.
    pub unread: Vec<UnreadFile>,
    /// The cursor for the next call, once the files above are recorded.
    pub cursor: FileCursor,
}

/// An export folder that could not be listed. Nothing was read, and the old cursor stays good.
#[derive(Debug, thiserror::Error)]
#[error("cannot list the folder {folder}")]
#[non_exhaustive]
pub struct ReadError {
    /// The folder, as the layout names it.
    pub folder: String,
    /// What the file system said.
    pub source: io::Error,
}

/// Rows and faults of one file.
#[derive(Debug)]
pub(super) struct ParsedFile<T> {
    rows: Vec<FileRow<T>>,
    faults: Vec<RowFault>,
}

impl<T> ParsedFile<T> {
    pub(super) const fn new() -> Self {
        Self {
            rows: Vec::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: Result<FileRow<T>, RowFault>) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(fault) => self.faults.push(fault),
        }
    }
}

/// Reads the rows of one file.
pub(super) type Parse<T> =
    fn(&FolderLayout, Box<dyn Read + Send>) -> Result<ParsedFile<T>, NoTable>;

/// Reads every CSV file of a folder that is wanted and that the cursor does not know as it is.
pub(super) fn read<T>(
    share: &dyn FileShare,
    folder: &Path,
    layout: &FolderLayout,
    cursor: &FileCursor,
    wanted: fn(&str) -> bool,
    parse: Parse<T>,
) -> Result<Exports<T>, ReadError> {
    let entries = share.list(folder).map_err(|source| ReadError {
        folder: folder.display().to_string(),
        source,
    })?;
    let mut found = Vec::new();
    let mut exports = Exports {
        files: Vec::new(),
        unread: Vec::new(),
        cursor: FileCursor::default(),
    };
    for entry in entries {
        let name = entry.name;
        if name.starts_with('.') || !has_csv_ending(&name) || !wanted(&name) {
            continue;
        }
        let facts = match entry.facts {
            Some(facts) => Ok(Some(facts)),
            None => share.facts(&folder.join(&name)),
        };
        match facts {
            Ok(Some(facts)) if facts.is_file => {
                let seen = Seen {
                    bytes: facts.bytes,
                    changed: facts.changed,
                };
                found.push((seen.changed, name, seen));
            }
            // No file, or moved away between listing and looking: no longer this folder's business.
            Ok(_) => {}
            Err(source) => exports.unread.push(UnreadFile { name, source }),
        }
    }
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    for (changed, name, seen) in found {
        if cursor.seen.get(&name) != Some(&seen) {
            let outcome = if seen.bytes > layout.max_file_bytes {
                Err(NoTable::Problem(FileProblem::TooLarge {
                    limit: layout.max_file_bytes,
                }))
            } else {
                share
                    .open(&folder.join(&name))
                    .map_err(NoTable::Io)
                    // A file that has grown since it was looked at changes again, and is read again.
                    .and_then(|file| parse(layout, Box::new(file.take(layout.max_file_bytes))))
            };
            let outcome = match outcome {
                Ok(parsed) => Ok(parsed),
                Err(NoTable::Problem(problem)) => Err(problem),
                Err(NoTable::Io(error)) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(NoTable::Io(source)) => {
                    exports.unread.push(UnreadFile { name, source });
                    continue;
                }
            };
            exports.files.push(exported(name.clone(), changed, outcome));
        }
        exports.cursor.seen.insert(name, seen);
    }
    Ok(exports)
}

fn exported<T>(
    name: String,
    changed: Option<DateTime<Utc>>,
    outcome: Result<ParsedFile<T>, FileProblem>,
) -> ExportedFile<T> {
    match outcome {
        Ok(parsed) => ExportedFile {
            name,
            changed,
            rows: parsed.rows,
            row_faults: parsed.faults,
            problem: None,
        },
        Err(problem) => ExportedFile {
            name,
            changed,
            rows: Vec::new(),
            row_faults: Vec::new(),
            problem: Some(problem),
        },
    }
}

pub(super) fn has_csv_ending(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}
