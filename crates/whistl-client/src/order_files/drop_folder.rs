//! The folders shared with the warehouse.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acknowledgement_file::{self, AcknowledgementRow};
use super::archive::{self, ArchivedFile};
use super::despatch_file::{self, DespatchRow};
use super::dtd_order::DtdFile;
use super::error_file::{self, RejectedRow};
use super::exports::{self, Exports, FileCursor, ReadError};
use super::layout::{FolderLayout, InvalidLayout};
use super::local_share::LocalShare;
use super::order_file::{OrderFile, is_file_name};
use super::probe::{self, FileProbe};
use super::refund_file::{self, RefundRow};
use super::share::{FileShare, Placed};
use super::stock_file::{self, StockRow};

/// A share and the layout of the folders on it.
///
/// Blocking: every method does file input and output on the calling thread. Clones share what lies beneath.
#[derive(Debug, Clone)]
pub struct DropFolder {
    share: Arc<dyn FileShare>,
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
    pub(super) const fn says(self) -> &'static str {
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
    /// Names a share of this machine. Nothing is created and nothing is looked at yet.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`] as [`FolderLayout::check`].
    pub fn new(root: impl Into<PathBuf>, layout: FolderLayout) -> Result<Self, InvalidLayout> {
        Self::over(LocalShare::new(root), layout)
    }

    /// Takes a share of any kind.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`] as [`FolderLayout::check`].
    pub fn over(
        share: impl FileShare + 'static,
        layout: FolderLayout,
    ) -> Result<Self, InvalidLayout> {
        layout.check()?;
        Ok(Self {
            share: Arc::new(share),
            layout,
        })
    }

    /// The root of the share.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.share.root()
    }

    /// The layout of the folders.
    #[must_use]
    pub const fn layout(&self) -> &FolderLayout {
        &self.layout
    }

    /// Puts an order file into the importer's folder, whole or not at all, and never over another one.
    ///
    /// The content goes to a temporary name in the same folder, and gets its final name in a step that fails where the name is
    /// taken ([`LocalShare`] and `SftpShare` say how). A process that dies on the way leaves at most a `.tmp` file, which the
    /// importer ignores.
    ///
    /// A file that the importer has archived no longer holds its name: whoever may have dropped an order before asks
    /// [`probe`](Self::probe) first.
    ///
    /// # Errors
    ///
    /// - [`DropError::AlreadyExists`]: the name is taken; nothing was changed.
    /// - [`DropError::Io`]: a step failed; [`DropError::is_ambiguous`] says whether the file may be there.
    pub fn drop_order(&self, file: &OrderFile) -> Result<Dropped, DropError> {
        self.drop_file(file.name(), file.bytes())
    }

    /// Puts a `DTD_ORDER` file into the folder for orders, in the same way. Of its fate nothing is published: the warehouse's
    /// answer to a bad one is not known, and [`probe`](Self::probe) looks for CSV files only.
    ///
    /// # Errors
    ///
    /// As [`drop_order`](Self::drop_order).
    pub fn drop_dtd_order(&self, file: &DtdFile) -> Result<Dropped, DropError> {
        self.drop_file(file.name(), file.bytes())
    }

    fn drop_file(&self, name: &str, bytes: &[u8]) -> Result<Dropped, DropError> {
        let folder = &self.layout.orders;
        let path = folder.join(name);
        match self.share.place(folder, name, bytes) {
            Ok(Placed { left_over }) => Ok(Dropped {
                path: self.share.root().join(path),
                left_over,
            }),
            Err(error)
                if error.step == DropStep::Name
                    && error.source.kind() == io::ErrorKind::AlreadyExists =>
            {
                Err(DropError::AlreadyExists {
                    name: name.to_owned(),
                    identical: self.holds(&path, bytes),
                })
            }
            Err(error) => Err(DropError::Io {
                name: name.to_owned(),
                step: error.step,
                source: error.source,
            }),
        }
    }

    /// Whether a file has this very content.
    fn holds(&self, path: &Path, bytes: &[u8]) -> bool {
        let mut found = Vec::new();
        let limit = bytes.len() as u64 + 1;
        self.share
            .open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut found))
            .is_ok_and(|_| found == bytes)
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
        self.share.list(&self.layout.orders)?;
        probe::probe(&*self.share, &self.layout, reference)
    }

    /// Lists the archive: every order file that the importer took, as long as the site keeps them.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the folder cannot be listed.
    pub fn archived(&self) -> Result<Vec<ArchivedFile>, ReadError> {
        archive::list(&*self.share, &self.layout.archive)
    }

    /// Reads the error files that the cursor does not know yet, or knows otherwise: the rows of order files that the importer
    /// rejected, with its messages.
    ///
    /// # Errors
    ///
    /// As [`read_despatches`](Self::read_despatches).
    pub fn read_rejections(&self, cursor: &FileCursor) -> Result<Exports<RejectedRow>, ReadError> {
        let folder = &self.layout.errors;
        let wanted = error_file::is_error_file;
        exports::read(
            &*self.share,
            folder,
            &self.layout,
            cursor,
            wanted,
            error_file::parse,
        )
    }

    /// Reads the acknowledgement files that the cursor does not know yet, or knows otherwise.
    ///
    /// # Errors
    ///
    /// As [`read_despatches`](Self::read_despatches).
    pub fn read_acknowledgements(
        &self,
        cursor: &FileCursor,
    ) -> Result<Exports<AcknowledgementRow>, ReadError> {
        self.read(
            &self.layout.acknowledgements,
            cursor,
            acknowledgement_file::parse,
        )
    }

    /// Reads the despatch files that the cursor does not know yet, or knows otherwise.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the folder cannot be listed. A file or row that cannot be used is no error but stands in the answer.
    pub fn read_despatches(&self, cursor: &FileCursor) -> Result<Exports<DespatchRow>, ReadError> {
        self.read(&self.layout.despatches, cursor, despatch_file::parse)
    }

    /// Reads the refund files that the cursor does not know yet, or knows otherwise.
    ///
    /// # Errors
    ///
    /// As [`read_despatches`](Self::read_despatches).
    pub fn read_refunds(&self, cursor: &FileCursor) -> Result<Exports<RefundRow>, ReadError> {
        self.read(&self.layout.refunds, cursor, refund_file::parse)
    }

    /// Reads the stock files that the cursor does not know yet, or knows otherwise.
    ///
    /// Each file's rows are gathered in memory; [`StockRows`](super::StockRows) reads one of any length row by row.
    ///
    /// # Errors
    ///
    /// As [`read_despatches`](Self::read_despatches).
    pub fn read_stock(&self, cursor: &FileCursor) -> Result<Exports<StockRow>, ReadError> {
        self.read(&self.layout.stock, cursor, stock_file::parse)
    }

    fn read<T>(
        &self,
        folder: &Path,
        cursor: &FileCursor,
        parse: exports::Parse<T>,
    ) -> Result<Exports<T>, ReadError> {
        exports::read(&*self.share, folder, &self.layout, cursor, |_| true, parse)
    }
}
