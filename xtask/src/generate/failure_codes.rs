//! The page of failure codes: the catalogues of the mapping and of the engine, for people.

use std::fmt::Write as _;

use order_mapping::{Code, CodeInfo, Severity};
use order_sync::codes::ENGINE_CODES;

const INTRODUCTION: &str = "\
# Failure codes

What each code means, who owns it, and what to do. An id and its number are never given to something else; texts may change.
`check_config` and `check_catalogue` print the same words.

This page is written by `cargo xtask generate` from the tables in `order-mapping` and `order-sync`; edit those.

**Severity.** `error`: the source or the configuration has to be fixed, and the order goes by itself once it is. `hold`: normal business
that waits for an event or a person. `warning` and `info` stop nothing. Where a lowest severity is given, `[mapping.severity]` can lower
the code to it.

";

/// The whole page.
pub(super) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mapping: Vec<&CodeInfo> = Code::all().iter().map(|code| code.info()).collect();
    section(&mut page, "Codes of the mapping", &mapping);
    section(&mut page, "Codes of the engine", ENGINE_CODES);
    page
}

fn section(page: &mut String, title: &str, rows: &[&CodeInfo]) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "## {title}\n");
    let _ = writeln!(
        page,
        "| Code | Means | Severity | Owner |\n|---|---|---|---|"
    );
    for row in rows {
        let anchor = row.id.to_ascii_lowercase();
        let _ = writeln!(
            page,
            "| [`{}`](#{anchor}) | {} | {} | {} |",
            row.id, row.title, row.default, row.owner
        );
    }
    page.push('\n');
    for row in rows {
        entry(page, row);
    }
}

fn entry(page: &mut String, row: &CodeInfo) {
    let severity = match row.floor {
        floor if floor == row.default || row.default < Severity::Warning => row.default.to_string(),
        floor => format!("{}, at the lowest {floor}", row.default),
    };
    let _ = writeln!(page, "### {}\n", row.id);
    let _ = writeln!(page, "{}.\n", capital(row.title));
    let _ = writeln!(page, "{}\n", row.explain);
    let _ = writeln!(page, "**What to do:** {}.\n", row.remedy);
    let _ = writeln!(
        page,
        "Number {}. Severity: {severity}. Owner: {}. Found: {}. Kind: {}. Tried again: {}. Since {}.\n",
        row.number, row.owner, row.stage, row.kind, row.retry, row.since
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_both_catalogues_has_its_entry() {
        let page = page();
        let mapping = Code::all().iter().map(|code| code.info());
        for row in mapping.chain(ENGINE_CODES.iter().copied()) {
            assert!(page.contains(&format!("### {}\n", row.id)), "{}", row.id);
            assert!(
                page.contains(row.explain) && page.contains(row.remedy),
                "{}",
                row.id
            );
        }
    }
}
