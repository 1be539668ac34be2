//! What is on record about article codes, as a JSON file.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use order_mapping::SkuHistory;

use crate::{BadInput, InputFault};

/// Reads the history of a registry.
///
/// # Errors
/// The file cannot be read, or is no history.
pub fn read_history(path: &Path) -> Result<SkuHistory, BadInput> {
    let text = fs::read(path).map_err(|error| {
        let remedy = "give the file that --write-history wrote; leave --history out the first time";
        InputFault::new(format!("cannot be read: {error}"), remedy).in_file(path)
    })?;
    serde_json::from_slice(&text).map_err(|error| {
        let remedy = "give the file as --write-history wrote it";
        let fault = InputFault::new(format!("is no history of codes: {error}"), remedy);
        match u64::try_from(error.line()) {
            Ok(line) if line > 0 => fault.at_line(path, line).into(),
            _ => fault.in_file(path).into(),
        }
    })
}

/// Writes the history of a registry. A file of that name is replaced as a whole: after a failure the old one is still there.
///
/// # Errors
/// The file cannot be written.
pub fn write_history(path: &Path, history: &SkuHistory) -> Result<(), BadInput> {
    let cannot = |error: std::io::Error| {
        let remedy = "give the path of a file that can be written";
        BadInput::from(InputFault::new(format!("cannot be written: {error}"), remedy).in_file(path))
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    let mut out = BufWriter::new(fs::File::create(beside).map_err(cannot)?);
    serde_json::to_writer_pretty(&mut out, history)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .and_then(|()| out.get_ref().sync_all())
        .and_then(|()| fs::rename(beside, path))
        .map_err(|error| {
            let _ = fs::remove_file(beside);
            cannot(error)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_the_rest_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.json");
        let history = SkuHistory {
            version: 7,
            ..SkuHistory::default()
        };
        for _ in 0..2 {
            write_history(&path, &history).unwrap();
            assert_eq!(read_history(&path).unwrap(), history);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        for (text, expected) in [
            ("{}", "missing field `version`"),
            ("{\"version\": 1,\n\"versoin\": 2}", "history.json:2: "),
            ("", "is no history of codes"),
        ] {
            fs::write(&path, text).unwrap();
            let bad = read_history(&path).unwrap_err().to_string();
            assert!(bad.contains(expected) && bad.contains("remedy: "), "{bad}");
        }
        let nowhere = folder.path().join("no/such.json");
        let bad = write_history(&nowhere, &history).unwrap_err().to_string();
        assert!(bad.contains("cannot be written"), "{bad}");
    }
}
