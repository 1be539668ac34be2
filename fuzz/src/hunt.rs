//! A fuzzing loop that needs no support of the compiler.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::{Mutator, Outcomes, Target};

/// What a run without a finding did.
#[derive(Debug, Default)]
pub struct Hunt {
    /// How many inputs were run.
    pub runs: u64,
    /// Inputs that reached an outcome which no input before them had reached.
    pub fresh: Vec<Vec<u8>>,
}

/// An input that broke a law, made as short as simple cuts can make it.
#[derive(Debug)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
    /// What the panic said.
    pub message: String,
}

/// Mutates the inputs until the time is over or a law is broken.
///
/// An input whose outcomes nobody had together before joins the inputs that are mutated further; that is what guides the loop.
///
/// # Errors
/// The first input that broke a law.
pub fn hunt(
    target: &Target,
    corpus: &[Vec<u8>],
    seed: u64,
    time: Duration,
) -> Result<Hunt, Finding> {
    let begun = Instant::now();
    let mut report = Hunt::default();
    let mut reached = Outcomes::new();
    let mut together: BTreeSet<Outcomes> = BTreeSet::new();
    for input in corpus {
        let outcomes = judge(target, input).map_err(|message| shrink(target, input, message))?;
        reached.extend(outcomes.iter().cloned());
        together.insert(outcomes);
        report.runs += 1;
    }
    let mut mutator = Mutator::new(seed, corpus.to_vec(), target.pieces);
    while begun.elapsed() < time {
        let input = mutator.input();
        let outcomes = judge(target, &input).map_err(|message| shrink(target, &input, message))?;
        report.runs += 1;
        if !outcomes.is_subset(&reached) {
            reached.extend(outcomes.iter().cloned());
            report.fresh.push(without(&input, |shorter| {
                judge(target, shorter).is_ok_and(|again| again.is_superset(&outcomes))
            }));
        }
        if together.insert(outcomes) {
            mutator.keep(input);
        }
    }
    Ok(report)
}

fn judge(target: &Target, input: &[u8]) -> Result<Outcomes, String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("a panic without a text").to_owned()
    })
}

fn shrink(target: &Target, input: &[u8], message: String) -> Finding {
    let input = without(input, |shorter| judge(target, shorter).is_err());
    let message = judge(target, &input).err().unwrap_or(message);
    Finding { input, message }
}

/// The input without every piece that is not needed for `still`.
fn without(input: &[u8], still: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut kept = input.to_vec();
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < kept.len() {
            let end = (at + size).min(kept.len());
            let shorter = [&kept[..at], &kept[end..]].concat();
            if still(&shorter) {
                kept = shorter;
            } else {
                at = end;
            }
        }
        size /= 2;
    }
    kept
}
