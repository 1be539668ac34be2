//! Where the folders are: the few things that a drop folder needs of a place with files.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::drop_folder::DropStep;

/// A place with folders: a local or mounted one ([`LocalShare`](super::LocalShare)), an SFTP server (`SftpShare`, feature
/// `sftp`), or one of your own.
///
/// Every method blocks, and every path is relative to the root, with `/` or the system's separator.
pub trait FileShare: fmt::Debug + Send + Sync {
    /// The root, for messages.
    fn root(&self) -> &Path;

    /// What a folder has in it, in any order.
    ///
    /// # Errors
    ///
    /// What the place said; a missing folder is `NotFound` and not an empty one.
    fn list(&self, folder: &Path) -> io::Result<Vec<ShareEntry>>;

    /// Size, time and kind of a file; `None` when there is none of this name.
    ///
    /// # Errors
    ///
    /// What the place said.
    fn facts(&self, path: &Path) -> io::Result<Option<FileFacts>>;

    /// Opens a file to be read from its beginning.
    ///
    /// # Errors
    ///
    /// What the place said; a missing file is `NotFound`.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;

    /// Puts a file into a folder, whole or not at all, and never over another one: under a temporary name that ends in `.tmp`,
    /// then under its own. Leaves no temporary file where that can be helped.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] with the step; `AlreadyExists` at [`DropStep::Name`] when the name is taken.
    fn place(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<Placed, PlaceError>;
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareEntry {
    /// Its name.
    pub name: String,
    /// Its facts, where the listing came with them; otherwise [`FileShare::facts`] is asked for what matters.
    pub facts: Option<FileFacts>,
}

impl ShareEntry {
    /// An entry by name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            facts: None,
        }
    }

    /// Adds what the listing said of it.
    #[must_use]
    pub fn with_facts(mut self, facts: FileFacts) -> Self {
        self.facts = Some(facts);
        self
    }
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFacts {
    /// Whether it is a file, and not a folder or something else.
    pub is_file: bool,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed, if the place says.
    pub changed: Option<DateTime<Utc>>,
}

impl FileFacts {
    /// Facts of a file.
    #[must_use]
    pub const fn of_file(bytes: u64, changed: Option<DateTime<Utc>>) -> Self {
        Self {
            is_file: true,
            bytes,
            changed,
        }
    }

    /// Facts of something that is no file.
    #[must_use]
    pub const fn of_other() -> Self {
        Self {
            is_file: false,
            bytes: 0,
            changed: None,
        }
    }
}

/// A file that was put in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placed {
    /// The temporary file, should it not have been possible to remove it.
    pub left_over: Option<PathBuf>,
}

impl Placed {
    /// Names a temporary file that stayed.
    #[must_use]
    pub fn leaving(left_over: Option<PathBuf>) -> Self {
        Self { left_over }
    }
}

/// A file that was not put in place, or of which that is not certain.
#[derive(Debug, thiserror::Error)]
#[error("{} failed", .step.says())]
#[non_exhaustive]
pub struct PlaceError {
    /// The step that failed.
    pub step: DropStep,
    /// What the place said.
    pub source: io::Error,
}

impl PlaceError {
    /// A step and what went wrong with it.
    #[must_use]
    pub const fn new(step: DropStep, source: io::Error) -> Self {
        Self { step, source }
    }
}
