//! The report on a mapping profile for people.

use std::io::{self, Write};

use order_mapping::Evidence;

use crate::finding::Finding;
use crate::printed::{count, heading, table, visible, write_table};
use crate::{ConfigReport, Rule};

pub(crate) fn write(report: &ConfigReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Mapping profile {}", visible(&report.file))?;
    findings("Faults", &report.faults, out)?;
    findings("Warnings", &report.warnings, out)?;
    if report.sound {
        heading(out, "Rules in effect")?;
    } else {
        heading(
            out,
            "Rules as far as the file could be read (with faults in it, no program starts with it)",
        )?;
    }
    let mut rows = table(["key", "from", "known", "means"]);
    for rule in &report.rules {
        let from = if rule.in_file { "file" } else { "default" };
        let known = rule.evidence.map(|one| one.to_string());
        rows.add_row([
            visible(&rule.key),
            from.to_owned(),
            known.unwrap_or_default(),
            visible(&rule.means),
        ]);
    }
    write_table(out, &rows)?;
    assumptions(report, out)?;
    writeln!(out, "\nhash of the profile: {}", report.profile_hash)?;
    if !report.not_judged.is_empty() {
        let names: Vec<String> = report.not_judged.iter().map(|name| visible(name)).collect();
        writeln!(
            out,
            "not judged here, since they belong to other crates: {}",
            names.join(", ")
        )?;
    }
    if report.sound {
        writeln!(out, "\nSound.")
    } else {
        writeln!(
            out,
            "\nNot sound: {}.",
            count(report.faults.len(), "fault", "faults")
        )
    }
}

/// What the profile takes for granted, so that somebody can ask.
fn assumptions(report: &ConfigReport, out: &mut dyn Write) -> io::Result<()> {
    let assumed = |rule: &&Rule| rule.evidence == Some(Evidence::Assumed);
    let mut rows = table(["key", "what is not confirmed"]);
    for rule in report.rules.iter().filter(assumed) {
        rows.add_row([rule.key.as_str(), rule.source.unwrap_or_default()]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    heading(
        out,
        "Assumed in these rules, to be confirmed with the warehouse",
    )?;
    write_table(out, &rows)
}

fn findings(title: &str, found: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    heading(out, format_args!("{title} ({})", found.len()))?;
    let mut rows = table(["line", "at", "what", "owner", "remedy"]);
    for one in found {
        let line = one.place.as_ref().and_then(|place| place.line);
        let mut what = visible(&one.message);
        let seen = one.seen.as_ref().map(|seen| format!("(seen: {seen})"));
        for detail in seen.iter().map(String::as_str).chain([one.code]) {
            what.push('\n');
            what.push_str(detail);
        }
        rows.add_row([
            line.map(|line| line.to_string()).unwrap_or_default(),
            visible(&one.path),
            what,
            one.owner.to_string(),
            visible(&one.remedy),
        ]);
    }
    write_table(out, &rows)
}
