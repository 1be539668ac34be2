//! What the harness of the benchmarks measured, read from its files.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Nanoseconds of every benchmark, by its full id (`group/name`).
pub(crate) type Measured = BTreeMap<String, f64>;

/// Reads every `new/estimates.json` below a folder. The id stands in `benchmark.json` beside it; folder names are shortened by the
/// harness and so are no ids.
///
/// The median stands for a benchmark: a neighbour on the machine that wakes up for a moment moves a mean.
pub(crate) fn read(folder: &Path) -> Result<Measured, String> {
    let mut measured = Measured::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
        let is_newest = folder.file_name().is_some_and(|name| name == "new");
        if is_newest && folder.join("estimates.json").exists() {
            let benchmark = json(&folder.join("benchmark.json"))?;
            let estimates = json(&folder.join("estimates.json"))?;
            let id = benchmark.pointer("/full_id").and_then(Value::as_str);
            let median = estimates
                .pointer("/median/point_estimate")
                .and_then(Value::as_f64)
                .filter(|nanoseconds| *nanoseconds > 0.0);
            let (Some(id), Some(median)) = (id, median) else {
                return Err(format!("{}: no id or no median", folder.display()));
            };
            measured.insert(id.to_owned(), median);
            continue;
        }
        for entry in std::fs::read_dir(&folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(measured)
}

fn json(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_newest_medians_are_read_by_full_id() {
        let measured = read(&workspace().join("xtask/fixtures/criterion")).unwrap();
        let ids: Vec<&str> = measured.keys().map(String::as_str).collect();
        assert_eq!(ids, ["floor/phone_library", "order/clean_10_lines"]);
        assert!((measured["order/clean_10_lines"] - 1435.5).abs() < 0.01);
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_fault() {
        assert!(read(Path::new("no/such/folder")).is_err());
    }
}
