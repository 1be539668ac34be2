//! The importer's archive: which order files it took, and when.

use std::path::Path;

use chrono::NaiveDateTime;

use super::exports::ReadError;
use super::share::FileShare;

/// An order file that the importer took. That is no acknowledgement by the warehouse behind the importer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchivedFile {
    /// Its name in the archive.
    pub name: String,
    /// The name without time stamp and ending: the order's reference, for a file that this crate wrote.
    pub stem: String,
    /// When it was taken, by the site's clocks; `None` for a name without a time stamp.
    pub taken_at: Option<NaiveDateTime>,
}

/// Lists the CSV files of the archive, by name. Sites clear it after some weeks.
pub(super) fn list(share: &dyn FileShare, folder: &Path) -> Result<Vec<ArchivedFile>, ReadError> {
    let entries = share.list(folder).map_err(|source| ReadError {
        folder: folder.display().to_string(),
        source,
    })?;
    let mut files: Vec<ArchivedFile> = entries
        .into_iter()
        .filter_map(|entry| archived(&entry.name))
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Reads `<stem><YYYYmmddTHHMMSS>.csv` (seen in use), also without the `T`, or without a stamp.
pub(super) fn archived(name: &str) -> Option<ArchivedFile> {
    let (whole, ending) = name.rsplit_once('.')?;
    if !ending.eq_ignore_ascii_case("csv") || whole.is_empty() {
        return None;
    }
    let stamped = |length: usize, format: &str| {
        let (stem, stamp) = whole.split_at_checked(whole.len().checked_sub(length)?)?;
        let digits = stamp.bytes().filter(u8::is_ascii_digit).count();
        let at = NaiveDateTime::parse_from_str(stamp, format).ok()?;
        (digits == 14 && !stem.is_empty()).then(|| (stem.to_owned(), at))
    };
    let (stem, taken_at) =
        match stamped(15, "%Y%m%dT%H%M%S").or_else(|| stamped(14, "%Y%m%d%H%M%S")) {
            Some((stem, at)) => (stem, Some(at)),
            None => (whole.to_owned(), None),
        };
    Some(ArchivedFile {
        name: name.to_owned(),
        stem,
        taken_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stamp_is_taken_off_and_other_endings_are_not() {
        for (name, stem, at) in [
            ("SO10001.csv", "SO10001", None),
            (
                "SO1000120250514T101500.csv",
                "SO10001",
                Some("2025-05-14T10:15:00"),
            ),
            (
                "SO1000120250514101500.CSV",
                "SO10001",
                Some("2025-05-14T10:15:00"),
            ),
            ("SO1000120251314T101500.csv", "SO1000120251314T101500", None),
            ("20250514T101500.csv", "20250514T101500", None),
        ] {
            let file = archived(name).unwrap();
            assert_eq!(file.stem, stem, "{name}");
            assert_eq!(file.taken_at, at.map(|at| at.parse().unwrap()), "{name}");
        }
        for other in ["SO10001.txt", "SO10001", ".csv"] {
            assert_eq!(archived(other), None, "{other}");
        }
    }
}
