//! Copies of a store's files as they are at a moment.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::opened::{self, Contents};

/// What belongs to a store and outlives its process. The lock does not, and SQLite makes its index of the log anew.
pub(super) const FILES: [&str; 3] = ["engine.db", "engine.db-wal", "engine.db.epoch"];

/// A folder with a copy.
#[derive(Debug, Clone)]
pub(super) struct Image {
    folder: PathBuf,
}

impl Image {
    pub(super) fn named(world: &Path, number: usize) -> Self {
        Self {
            folder: world.join(format!("image-{number}")),
        }
    }

    /// Copies the store in that folder. Its process must not run meanwhile.
    pub(super) fn take(&self, world: &Path) -> Result<(), String> {
        copy(world, &self.folder)
    }

    /// Copies the copy, and says where its database is.
    pub(super) fn copied_to(&self, folder: &Path) -> Result<PathBuf, String> {
        copy(&self.folder, folder)?;
        Ok(folder.join("engine.db"))
    }

    /// The database of the copy.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("engine.db")
    }

    /// What it holds, undamaged, when it is opened at that time.
    pub(super) async fn contents(&self, now: DateTime<Utc>) -> Result<Contents, String> {
        let folder = self.folder.join("whole");
        let database = self.copied_to(&folder)?;
        let contents = opened::contents(&database, now).await;
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
        let contents = contents.map_err(|error| format!("an undamaged copy: {error}"))?;
        // A store that was being made has no count beside it yet, and then counts as restored, which costs a question and no more.
        let counted = self.folder.join("engine.db.epoch").exists();
        if contents.went_back && counted {
            return Err("an undamaged copy is taken for an older one".to_owned());
        }
        Ok(contents)
    }
}

/// Copies the files that are there.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", to.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for name in FILES {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}
