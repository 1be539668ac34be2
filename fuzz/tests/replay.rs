//! Every input of the kept corpus, again: none breaks a law, and together they still reach what they are kept for.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use order_mapping_fuzz::{Outcomes, TARGETS};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn names(folder: &str) -> BTreeSet<String> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn no_input_of_the_corpus_breaks_a_law() {
    let mut broken = Vec::new();
    let mut missed = Vec::new();
    for target in TARGETS {
        let inputs = files(&target.corpus());
        assert!(!inputs.is_empty(), "the corpus of {} is empty", target.name);
        let mut reached = Outcomes::new();
        for path in inputs {
            let input = std::fs::read(&path).unwrap();
            match catch_unwind(|| (target.run)(&input)) {
                Ok(outcomes) => reached.extend(outcomes),
                Err(_) => broken.push(path),
            }
        }
        let wanted = target.reached.iter();
        missed.extend(
            wanted
                .filter(|outcome| !reached.contains(**outcome))
                .map(|outcome| format!("{}: {outcome}", target.name)),
        );
    }
    assert!(broken.is_empty(), "laws are broken by {broken:#?}");
    assert!(missed.is_empty(), "no input leads to {missed:#?}");
}

#[test]
fn the_corpus_stays_small() {
    let mut bytes = 0;
    for target in TARGETS {
        let inputs = files(&target.corpus());
        assert!(
            inputs.len() < 60,
            "{} has {} files",
            target.name,
            inputs.len()
        );
        bytes += inputs
            .iter()
            .map(|path| path.metadata().unwrap().len())
            .sum::<u64>();
    }
    assert!(bytes < 300_000, "{bytes} bytes");
}

#[test]
fn every_target_has_a_folder_and_a_program_and_nothing_is_left_over() {
    let targets: BTreeSet<String> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz_targets"), targets);
}
