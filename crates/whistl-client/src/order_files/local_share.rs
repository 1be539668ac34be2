//! A share that is a folder of this machine, or mounted as one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::drop_folder::DropStep;
use super::share::{FileFacts, FileShare, PlaceError, Placed, ShareEntry};

/// Folders below a folder of this machine, by `std::fs`.
///
/// A file is placed by a hard link from its temporary name, which fails where the name is taken, and both the file and the
/// folder go to disk. The file system must know hard links (NTFS, SMB to NTFS, and Unix file systems do; FAT does not, and
/// fails with [`DropStep::Name`]).
#[derive(Debug, Clone)]
pub struct LocalShare {
    root: PathBuf,
}

impl LocalShare {
    /// Names the root. Nothing is created and nothing is looked at yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl FileShare for LocalShare {
    fn root(&self) -> &Path {
        &self.root
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<ShareEntry>> {
        fs::read_dir(self.root.join(folder))?
            .map(|entry| Ok(ShareEntry::new(entry?.file_name().to_string_lossy())))
            .collect()
    }

    fn facts(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        match fs::metadata(self.root.join(path)) {
            Ok(metadata) if metadata.is_file() => {
                let changed = metadata.modified().ok().and_then(instant_of);
                Ok(Some(FileFacts::of_file(metadata.len(), changed)))
            }
            Ok(_) => Ok(Some(FileFacts::of_other())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.root.join(path))?))
    }

    fn place(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<Placed, PlaceError> {
        let folder = self.root.join(folder);
        let (temporary, mut handle) = create_temporary(&folder, name)
            .map_err(|error| PlaceError::new(DropStep::Create, error))?;
        let outcome = handle
            .write_all(bytes)
            .and_then(|()| handle.sync_all())
            .map_err(|error| PlaceError::new(DropStep::Write, error))
            .and_then(|()| {
                fs::hard_link(&temporary, folder.join(name))
                    .map_err(|error| PlaceError::new(DropStep::Name, error))
            })
            .and_then(|()| {
                sync_folder(&folder).map_err(|error| PlaceError::new(DropStep::Sync, error))
            });
        drop(handle);
        let left_over = fs::remove_file(&temporary).err().map(|_| temporary);
        outcome.map(|()| Placed::leaving(left_over))
    }
}

/// A temporary name beside the final one. The number only keeps attempts apart.
pub(super) fn temporary_name(name: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{name}.{}-{number}.tmp", std::process::id())
}

/// Creates a new file beside the final name; a name left by a dead process is passed over.
fn create_temporary(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    const TRIES: usize = 1000;
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
        let path = folder.join(temporary_name(name));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the file system keeps the entry with the file.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A file's time as a date; `None` for one beyond the calendar, which chrono's own conversion answers with a panic.
fn instant_of(time: SystemTime) -> Option<DateTime<Utc>> {
    let since = |duration: Duration| {
        let seconds = i64::try_from(duration.as_secs()).ok()?;
        chrono::TimeDelta::new(seconds, duration.subsec_nanos())
    };
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => DateTime::UNIX_EPOCH.checked_add_signed(since(after)?),
        Err(before) => DateTime::UNIX_EPOCH.checked_sub_signed(since(before.duration())?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_file_times_do_no_harm() {
        let second = Duration::from_secs(1);
        let shown = |time| instant_of(time).map(|instant| instant.to_rfc3339());
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(shown(epoch + second).unwrap(), "1970-01-01T00:00:01+00:00");
        assert_eq!(shown(epoch - second).unwrap(), "1969-12-31T23:59:59+00:00");
        let far = epoch.checked_add(Duration::from_secs(1 << 55)).unwrap();
        assert_eq!(shown(far), None);
    }
}
