//! How a store notices that it went back in time.
//!
//! The database counts how often it was opened (its epoch) and how many groups of changes were committed. The pair is also kept
//! in a small file beside it, written after the commits it speaks of and before their answers are given: whatever somebody acted
//! upon is counted there. A database that is behind that file was replaced by an older copy of itself, or has lost the end of its log.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use order_sync::StoreError;

use crate::store_file::{beside, io_failed, sync_directory_of};

/// How far a store has come; ordered by epoch, then by commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// How often the store was opened.
    pub(crate) epoch: i64,
    /// How many groups of changes were committed.
    pub(crate) commits: i64,
}

impl Mark {
    /// As it stands in the side file: always as long, so that one is written over another in place.
    fn line(self) -> String {
        format!("{:>19} {:>19}\n", self.epoch, self.commits)
    }
}

/// Name of the side file: the store's, with this suffix.
pub(crate) const SUFFIX: &str = ".epoch";

/// The mark beside a store; `None` where there is none or it is garbled.
pub(crate) fn read(store: &Path) -> Result<Option<Mark>, StoreError> {
    let path = beside(store, SUFFIX);
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_failed(&path, "reading the epoch file", error)),
    };
    let mut figures = text
        .split_ascii_whitespace()
        .map(|figure| figure.parse::<i64>().ok());
    let mark = match (figures.next().flatten(), figures.next().flatten()) {
        (Some(epoch), Some(commits)) => Some(Mark { epoch, commits }),
        _ => None,
    };
    Ok(mark)
}

/// Replaces the mark beside a store, durably and in one step.
pub(crate) fn write(store: &Path, mark: Mark) -> Result<(), StoreError> {
    let path = beside(store, SUFFIX);
    let draft = beside(store, ".epoch.new");
    let replace = || -> io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(mark.line().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)
    };
    replace().map_err(|error| io_failed(&path, "writing the epoch file", error))?;
    sync_directory_of(&path);
    Ok(())
}

/// The side file of an open store.
#[derive(Debug)]
pub(crate) struct SideFile(File);

impl SideFile {
    /// Writes a first mark durably, and keeps the file open for those that follow.
    pub(crate) fn begin(store: &Path, mark: Mark) -> Result<Self, StoreError> {
        write(store, mark)?;
        let path = beside(store, SUFFIX);
        let file = File::options().write(true).open(&path);
        file.map(Self)
            .map_err(|error| io_failed(&path, "opening the epoch file", error))
    }

    /// Writes the next mark over the last one. It outlives this process, not yet the machine: a mark that is behind hides nothing but
    /// the loss of what came after it, and one that is half written counts as none.
    pub(crate) fn note(&mut self, mark: Mark) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(mark.line().as_bytes())
    }

    /// Makes the last mark outlive the machine.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_written_over_another_of_any_size() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let marks = [(9, i64::MAX), (10, 0), (i64::MAX, 7)];
        let marks = marks.map(|(epoch, commits)| Mark { epoch, commits });
        let mut side = SideFile::begin(&store, marks[0]).unwrap();
        for mark in marks {
            side.note(mark).unwrap();
            side.sync().unwrap();
            assert_eq!(read(&store).unwrap(), Some(mark));
        }
    }

    #[test]
    fn a_mark_survives_and_a_garbled_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        assert_eq!(read(&store).unwrap(), None);
        let mark = Mark {
            epoch: 3,
            commits: 1042,
        };
        write(&store, mark).unwrap();
        assert_eq!(read(&store).unwrap(), Some(mark));
        std::fs::write(beside(&store, SUFFIX), "3").unwrap();
        assert_eq!(read(&store).unwrap(), None);
        assert!(
            Mark {
                epoch: 2,
                commits: 9
            } < Mark {
                epoch: 3,
                commits: 0
            }
        );
        assert!(
            Mark {
                epoch: 3,
                commits: 0
            } < Mark {
                epoch: 3,
                commits: 1
            }
        );
    }
}
