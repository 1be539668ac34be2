//! One file, replaced whole by every transaction.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use order_sync::{StoreError, StoreErrorKind};

use super::state::State;

/// The file, held by this process alone.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl StateFile {
    /// Opens the file, or begins a new one that knows nothing of what was before `now`.
    ///
    /// # Errors
    /// [`StoreError`], with a kind that says whether it helps to try again.
    pub(super) fn open(path: &Path, now: DateTime<Utc>) -> Result<(Self, State), StoreError> {
        let lock = File::create(beside(path, "lock")).map_err(|error| failed(path, error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::new(
                StoreErrorKind::Busy,
                format!(
                    "{} is open already: end the other process first",
                    path.display()
                ),
            ),
            TryLockError::Error(error) => failed(path, error),
        })?;
        let file = Self {
            path: path.to_path_buf(),
            _lock: lock,
        };
        match std::fs::read(path) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes).map_err(|error| {
                    let what = format!("{} cannot be read: restore a copy", path.display());
                    StoreError::new(StoreErrorKind::Damaged, what).with_source(error)
                })?;
                Ok((file, state))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let state = State {
                    blind_before: now,
                    merchants: Default::default(),
                };
                file.replace(&state)?;
                Ok((file, state))
            }
            Err(error) => Err(failed(path, error)),
        }
    }

    /// Puts a new state in the place of the one before, wholly and durably, or leaves that as it is.
    ///
    /// The new state goes into a file beside it and onto the disk; then it takes the name of the old one, which the file system does
    /// in one step; and then that is on the disk too. A crash at any point leaves the one or the other, never a half.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(super) fn replace(&self, state: &State) -> Result<(), StoreError> {
        let draft = beside(&self.path, "new");
        let replaced = || -> io::Result<()> {
            let mut file = File::create(&draft)?;
            file.write_all(&serde_json::to_vec(state)?)?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.path)?;
            sync_folder_of(&self.path)
        };
        replaced().map_err(|error| failed(&self.path, error))
    }
}

/// A file of the same name with a further ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// A new name is durable only once its folder is.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a folder cannot be opened, and the rename is durable by itself.
#[cfg(not(unix))]
fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::NoSpace,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(
        kind,
        format!("{} cannot be read or written", path.display()),
    )
    .with_source(error)
}
