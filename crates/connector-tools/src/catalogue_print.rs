//! The report on a catalogue for people.

use std::io::{self, Write};

use crate::finding::Finding;
use crate::printed::{beginning, count, heading, right, table, visible, write_table};
use crate::{CatalogueReport, Collision, Member};

/// Rows of a list that is worth a look before the rest is only counted. Faults are always listed to the last one.
const ROWS: usize = 20;
/// Rows of one table. A longer list goes on in another one, so that no list is laid out in memory as a whole.
const PAGE: usize = 500;
/// Characters of a description.
const DESCRIPTION: usize = 44;
/// Characters of a code.
const CODE: usize = 40;

pub(crate) fn write(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Catalogue {}", visible(&report.file))?;
    let rules = match &report.profile {
        Some(profile) => format!("the rules of {}", visible(profile)),
        None => "the default rules; --profile names others".to_owned(),
    };
    writeln!(
        out,
        "{} in {}; {} can be sent, {} cannot; {rules}",
        count(report.articles, "code", "different codes"),
        count(to_usize(report.rows), "row", "rows"),
        report.mapped,
        report.refused
    )?;
    if report.history.is_some() {
        writeln!(
            out,
            "codes keep the meaning they have on record; this is version {} of the registry",
            report.registry_version
        )?;
    }
    collisions(report, out)?;
    faults(report, out)?;
    without_code(report, out)?;
    warnings(report, out)?;
    changed(report, out)?;
    proposals(report, out)?;
    verdict(report, out)
}

fn collisions(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = report.collisions.first() else {
        return Ok(());
    };
    heading(
        out,
        format_args!(
            "Collisions ({}): codes that become one code at the warehouse, which compares without case; none of them is sent{}",
            report.collisions.len(),
            if report.collisions.iter().any(|one| one.kept_by.is_some()) {
                ", but for one that has had the code on record"
            } else {
                ""
            }
        ),
    )?;
    for page in report.collisions.chunks(PAGE) {
        let mut rows = table(["at the warehouse", "code", "line", "description", "perhaps"]);
        for collision in page {
            for (index, member) in collision.members.iter().enumerate() {
                let first = index == 0;
                rows.add_row([
                    if first {
                        visible(&collision.warehouse_code)
                    } else {
                        String::new()
                    },
                    code(member, collision),
                    member
                        .line
                        .map_or_else(|| "profile".to_owned(), |line| line.to_string()),
                    beginning(&member.descriptions.join(" / "), DESCRIPTION),
                    if first { perhaps(collision) } else { "" }.to_owned(),
                ]);
            }
        }
        write_table(out, &right(rows, 2))?;
    }
    writeln!(out, "\nWhat helps, for each of them one of:")?;
    for remedy in first.remedies {
        writeln!(out, "  {remedy}")?;
    }
    if !report.described {
        writeln!(
            out,
            "  (--description-column names a column by which one article in two spellings can be told)"
        )?;
    }
    Ok(())
}

fn code(member: &Member, collision: &Collision) -> String {
    let code = beginning(&member.sku, CODE);
    if collision.kept_by.as_ref() == Some(&member.sku) {
        format!("{code} (keeps it)")
    } else {
        code
    }
}

const fn perhaps(collision: &Collision) -> &'static str {
    if collision.descriptions_agree {
        "one article"
    } else {
        "different articles"
    }
}

fn faults(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    if report.faults.is_empty() {
        return Ok(());
    }
    heading(
        out,
        format_args!(
            "Faults ({}): these codes are not sent until somebody acts",
            report.faults.len()
        ),
    )?;
    for page in report.faults.chunks(PAGE) {
        findings(page, out)?;
    }
    Ok(())
}

fn without_code(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    let rows = &report.without_code;
    if rows.rows == 0 {
        return Ok(());
    }
    let lines: Vec<String> = rows.lines.iter().map(ToString::to_string).collect();
    let more = if to_usize(rows.rows) > lines.len() {
        ", ..."
    } else {
        ""
    };
    heading(
        out,
        format_args!(
            "Without code ({}): line {}{more}\n  remedy: {}",
            rows.rows,
            lines.join(", "),
            CatalogueReport::without_code_remedy()
        ),
    )
}

fn warnings(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    if report.warnings.is_empty() {
        return Ok(());
    }
    heading(
        out,
        format_args!(
            "Warnings ({}): worth a look; nothing is kept back",
            report.warnings.len()
        ),
    )?;
    findings(report.warnings.get(..ROWS).unwrap_or(&report.warnings), out)?;
    rest(report.warnings.len(), out)
}

fn findings(found: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = table(["code", "line", "what", "owner", "remedy"]);
    for one in found {
        // Of several codes the message is about all of them.
        let name = if one.related.is_empty() {
            beginning(one.sku.as_deref().unwrap_or_default(), CODE)
        } else {
            let names: Vec<String> = one
                .related
                .iter()
                .map(|name| beginning(name, CODE))
                .collect();
            names.join(", ")
        };
        let place = match (&one.place, one.path.as_str()) {
            (Some(place), "") => place.line.map(|line| line.to_string()).unwrap_or_default(),
            (Some(place), _) => visible(&place.to_string()),
            (None, _) => String::new(),
        };
        rows.add_row([
            name,
            place,
            format!("{}\n{}", visible(&one.message), one.code),
            one.owner.to_string(),
            one.remedy.clone(),
        ]);
    }
    write_table(out, &right(rows, 1))
}

fn changed(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    if report.changed.is_empty() {
        return Ok(());
    }
    heading(
        out,
        format_args!(
            "In another form at the warehouse ({}): no fault, the registry knows both forms",
            report.changed.len()
        ),
    )?;
    let mut rows = table(["code", "at the warehouse"]);
    for change in report.changed.iter().take(ROWS) {
        rows.add_row([beginning(&change.sku, CODE), visible(&change.warehouse)]);
    }
    write_table(out, &rows)?;
    rest(report.changed.len(), out)
}

fn rest(all: usize, out: &mut dyn Write) -> io::Result<()> {
    if all > ROWS {
        writeln!(out, "and {} more; --json lists them all", all - ROWS)?;
    }
    Ok(())
}

fn proposals(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    if report.proposals.is_empty() {
        return Ok(());
    }
    let rows = report.proposals.aliases.len() + report.proposals.manual.len();
    heading(
        out,
        format_args!(
            "Proposals ({rows}): rows for [sku] of the profile. Nothing here is used until it stands there; look at each row first.\n\
             A row with # in front has no code that could be offered: choose one, or rename the article in the shop."
        ),
    )?;
    report.proposals.write_toml(out)
}

fn verdict(report: &CatalogueReport, out: &mut dyn Write) -> io::Result<()> {
    if report.sound {
        return writeln!(out, "\nSound: every code can be sent.");
    }
    let mut parts = Vec::new();
    for (number, one, many) in [
        (report.collisions.len(), "collision", "collisions"),
        (report.faults.len(), "other fault", "other faults"),
        (
            to_usize(report.without_code.rows),
            "row without code",
            "rows without code",
        ),
    ] {
        if number > 0 {
            parts.push(count(number, one, many));
        }
    }
    writeln!(out, "\nNot sound: {}.", parts.join(", "))
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
