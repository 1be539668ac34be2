//! The folders shared with the warehouse.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::despatch_file::{self, DespatchRow};
use super::exports::{self, Exports, FileCursor, ReadError};
use super::layout::{FolderLayout, InvalidLayout};
use super::order_file::{OrderFile, is_file_name};
use super::probe::{self, FileProbe};
use super::stock_file::{self, StockRow};

/// The root of the share and the layout of the folders below it.
///
/// Blocking: every method does file input and output on the calling thread.
#[derive(Debug, Clone)]
pub struct DropFolder {
    root: PathBuf,
    layout: FolderLayout,
}

/// An order file that is in the importer's folder, on disk and complete. It is queued, not accepted: see [`FileProbe`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Where the file is.
    pub path: PathBuf,
    /// The temporary file, should it not have been possible to remove it. The importer does not look at it.
    pub left_over: Option<PathBuf>,
}

/// The step of [`DropFolder::drop_order`] that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropStep {
    /// Creating the temporary file.
    Create,
    /// Writing the temporary file and bringing it to disk.
    Write,
    /// Giving the file its final name.
    Name,
    /// Bringing the folder's new entry to disk.
    Sync,
}

impl DropStep {
    const fn says(self) -> &'static str {
        match self {
            Self::Create => "creating the temporary file",
            Self::Write => "writing the temporary file",
            Self::Name => "giving the file its final name",
            Self::Sync => "bringing the folder to disk",
        }
    }
}

/// An order file that was not dropped, or of which that is not certain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DropError {
    /// A file of this name is there already; it was left as it is.
    #[error("an order file named {name} is there already")]
    #[non_exhaustive]
    AlreadyExists {
        /// The final name.
        name: String,
        /// Whether its content is the very same: then an earlier attempt has done the work.
        identical: bool,
    },
    /// The file system refused a step.
    #[error("dropping {name}: {} failed", .step.says())]
    #[non_exhaustive]
    Io {
        /// The final name.
        name: String,
        /// The step that failed.
        step: DropStep,
        /// What the file system said.
        source: io::Error,
    },
}

impl DropError {
    /// Whether the file may be in the importer's folder all the same. Then [`probe`](DropFolder::probe) before trying again.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        match self {
            Self::AlreadyExists { .. } => false,
            Self::Io { step, .. } => matches!(step, DropStep::Name | DropStep::Sync),
        }
    }
}

impl DropFolder {
    /// Names a share. Nothing is created and nothing is looked at yet.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`] as [`FolderLayout::check`].
    pub fn new(root: impl Into<PathBuf>, layout: FolderLayout) -> Result<Self, InvalidLayout> {
        layout.check()?;
        Ok(Self {
            root: root.into(),
            layout,
        })
    }

    /// The root of the share.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The layout of the folders.
    #[must_use]
    pub const fn layout(&self) -> &FolderLayout {
        &self.layout
    }

    /// Puts an order file into the importer's folder, whole or not at all, and never over another one.
    ///
    /// The content goes to a temporary name in the same folder and to disk, then gets its final name by a hard link, which
    /// fails where the name is taken; then the folder goes to disk. A process that dies on the way leaves at most a `.tmp`
    /// file, which the importer ignores. The share must know hard links (NTFS, SMB to NTFS, and Unix file systems do; FAT
    /// does not, and fails with [`DropStep::Name`]).
    ///
    /// A file that the importer has archived no longer holds its name: whoever may have dropped an order before asks
    /// [`probe`](Self::probe) first.
    ///
    /// # Errors
    ///
    /// - [`DropError::AlreadyExists`]: the name is taken; nothing was changed.
    /// - [`DropError::Io`]: a step failed; [`DropError::is_ambiguous`] says whether the file may be there.
    pub fn drop_order(&self, file: &OrderFile) -> Result<Dropped, DropError> {
        let folder = self.root.join(&self.layout.orders);
        let path = folder.join(file.name());
        let failed = |step, source| DropError::Io {
            name: file.name().to_owned(),
            step,
            source,
        };
        let (temporary, mut handle) = create_temporary(&folder, file.name())
            .map_err(|error| failed(DropStep::Create, error))?;
        let outcome = handle
            .write_all(file.bytes())
            .and_then(|()| handle.sync_all())
            .map_err(|error| failed(DropStep::Write, error))
            .and_then(|()| match fs::hard_link(&temporary, &path) {
                Ok(()) => Ok(()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Err(DropError::AlreadyExists {
                        name: file.name().to_owned(),
                        identical: fs::read(&path).is_ok_and(|bytes| bytes == file.bytes()),
                    })
                }
                Err(error) => Err(failed(DropStep::Name, error)),
            })
            .and_then(|()| sync_folder(&folder).map_err(|error| failed(DropStep::Sync, error)));
        drop(handle);
        let left_over = fs::remove_file(&temporary).err().map(|_| temporary);
        outcome.map(|()| Dropped { path, left_over })
    }

    /// Says what became of an order file: looks at its final name, then in the archive, then among the error files.
    ///
    /// [`FileProbe::Absent`] is an answer only as long as the archive goes back: sites clear it after some weeks.
    ///
    /// # Errors
    ///
    /// What the file system said, also when the folder for orders or the archive cannot be listed: a share that is not
    /// mounted must not look like an order that was never dropped. `InvalidInput` for a reference that cannot name an order file.
    pub fn probe(&self, reference: &str) -> io::Result<FileProbe> {
        if !is_file_name(reference) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the reference cannot name an order file",
            ));
        }
        fs::read_dir(self.root.join(&self.layout.orders))?;
        probe::probe(&self.root, &self.layout, reference)
    }

    /// Reads the despatch files that the cursor does not know yet, or knows otherwise.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the folder cannot be listed. A file or row that cannot be used is no error but stands in the answer.
    pub fn read_despatches(&self, cursor: &FileCursor) -> Result<Exports<DespatchRow>, ReadError> {
        let folder = &self.layout.despatches;
        exports::read(
            &self.root,
            folder,
            &self.layout,
            cursor,
            despatch_file::parse,
        )
    }

    /// Reads the stock files that the cursor does not know yet, or knows otherwise.
    ///
    /// # Errors
    ///
    /// As [`read_despatches`](Self::read_despatches).
    pub fn read_stock(&self, cursor: &FileCursor) -> Result<Exports<StockRow>, ReadError> {
        let folder = &self.layout.stock;
        exports::read(&self.root, folder, &self.layout, cursor, stock_file::parse)
    }
}

/// Creates a new file beside the final name. The number only keeps attempts apart; a name left by a dead process is passed over.
fn create_temporary(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    const TRIES: usize = 1000;
    let process = std::process::id();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{name}.{process}-{number}.tmp"));
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
