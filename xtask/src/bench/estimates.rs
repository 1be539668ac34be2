//! What the harness of the benchmarks measured, read from its files.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Nanoseconds of every benchmark, by its full id (`group/name`).
pub(crate) type Measured = BTreeMap<String, f64>;

/// Reads every `new/sample.json` below a folder. The id stands in `benchmark.json` beside it; folder names are shortened by the
/// harness and so are no ids.
///
/// The fastest sample stands for a benchmark, over all turns in which it ran: it is what the program costs when nobody else is at
/// the machine. A mean or a median of another moment is what the neighbours cost, too.
pub(crate) fn read(folder: &Path) -> Result<Measured, String> {
    let mut measured = Measured::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
        let is_newest = folder.file_name().is_some_and(|name| name == "new");
        if is_newest && folder.join("sample.json").exists() {
            let benchmark = json(&folder.join("benchmark.json"))?;
            let sample = json(&folder.join("sample.json"))?;
            let id = benchmark.pointer("/full_id").and_then(Value::as_str);
            let (Some(id), Some(time)) = (id, fastest(&sample)) else {
                return Err(format!("{}: no id or no sample", folder.display()));
            };
            let least = measured.entry(id.to_owned()).or_insert(time);
            *least = least.min(time);
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

/// Nanoseconds of one round in the fastest sample.
fn fastest(sample: &Value) -> Option<f64> {
    let numbers = |name: &str| sample.get(name)?.as_array().map(Vec::as_slice);
    let (rounds, times) = (numbers("iters")?, numbers("times")?);
    rounds
        .iter()
        .zip(times)
        .filter_map(|(rounds, time)| Some(time.as_f64()? / rounds.as_f64()?))
        .filter(|nanoseconds| nanoseconds.is_finite() && *nanoseconds > 0.0)
        .min_by(f64::total_cmp)
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
    fn the_fastest_of_the_newest_samples_is_read_by_full_id() {
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
