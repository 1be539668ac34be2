//! What the message of a refused store asks for.

use std::path::{Path, PathBuf};

use order_sync_sqlite::SqliteStore;

use super::images::Image;

/// Moves the database and its log away, and puts an older copy in their place; with none, the store begins anew. The count of commits
/// beside it stays where it is: it belongs to the place, not to the copy.
pub(super) fn restore(database: &Path, backup: Option<&Image>) -> Result<(), String> {
    for suffix in ["", "-wal", "-shm"] {
        let name = |end: &str| PathBuf::from(format!("{}{suffix}{end}", database.display()));
        if name("").exists() {
            let moved = std::fs::rename(name(""), name(".damaged"));
            moved.map_err(|error| error.to_string())?;
        }
    }
    let Some(backup) = backup else { return Ok(()) };
    let draft = PathBuf::from(format!("{}.backup", database.display()));
    let copied = SqliteStore::copy_to(backup.database(), &draft);
    copied.map_err(|error| format!("a backup could not be made: {error}"))?;
    std::fs::rename(&draft, database).map_err(|error| error.to_string())
}
