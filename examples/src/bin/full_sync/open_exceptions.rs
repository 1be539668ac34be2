//! Open exceptions by code, with owner and remedy: those that no waiting order shows already.

use std::collections::BTreeMap;

use order_sync::{Exception, codes};
use serde::Serialize;

use crate::waiting::WaitingRow;

/// Subjects that a row names.
const EXAMPLES: usize = 3;

/// Open exceptions of one code.
#[derive(Debug, Serialize)]
pub(crate) struct ExceptionRow {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) owner: String,
    pub(crate) remedy: String,
    /// What is to blame, as in the rows of waiting orders.
    pub(crate) kind: String,
    pub(crate) open: u64,
    /// Some of the things they are about: orders by their number, articles by their code.
    pub(crate) examples: Vec<String>,
}

/// One row for each code that is not among the waiting; most exceptions first.
pub(crate) fn open_exceptions(
    exceptions: &[Exception],
    waiting: &[WaitingRow],
) -> Vec<ExceptionRow> {
    let mut by_code: BTreeMap<&str, Vec<&Exception>> = BTreeMap::new();
    for exception in exceptions {
        let code = exception.finding.code.as_str();
        if !waiting.iter().any(|row| row.code == code) {
            by_code.entry(code).or_default().push(exception);
        }
    }
    let mut rows: Vec<ExceptionRow> = by_code
        .into_iter()
        .map(|(code, found)| {
            let info = codes::info(code);
            let text =
                |of: fn(&order_mapping::CodeInfo) -> String| info.map(of).unwrap_or_default();
            let mut examples: Vec<String> = found.iter().map(|one| name(one)).collect();
            examples.sort();
            examples.truncate(EXAMPLES);
            ExceptionRow {
                code: code.to_owned(),
                title: text(|info| info.title.to_owned()),
                owner: text(|info| info.owner.to_string()),
                remedy: text(|info| info.remedy.to_owned()),
                kind: text(|info| info.kind.to_string()),
                open: found.len() as u64,
                examples,
            }
        })
        .collect();
    rows.sort_by(|a, b| b.open.cmp(&a.open).then_with(|| a.code.cmp(&b.code)));
    rows
}

/// What people call it: the finding's own example, else the key of its subject.
fn name(exception: &Exception) -> String {
    let finding = &exception.finding;
    finding.examples.first().cloned().unwrap_or_else(|| {
        let subject = finding.subject.as_str();
        subject
            .split_once(':')
            .map_or(subject, |(_, key)| key)
            .to_owned()
    })
}
