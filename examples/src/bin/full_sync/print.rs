//! The report for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use order_sync::{FlowReport, OrderState, OverdueRow};

use crate::plan::PlanReport;
use crate::summary::Summary;

/// Lines of a list before the rest is only counted.
const ROWS: usize = 8;

/// The report of a run.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut out = format!("Orders of {}\n\n", summary.source);
    let accounting = &summary.accounting;
    let mut states = table(["state", "orders"]);
    for state in OrderState::ALL {
        if let Some(count) = summary.orders_by_state.get(state.as_str()) {
            states.add_row([state.as_str().replace('_', " "), count.to_string()]);
        }
    }
    section(&mut out, &right(states, &[1]));
    match accounting.in_shop {
        Some(in_shop) => note(
            &mut out,
            format_args!(
                "{in_shop} in the shop, {} on record, {} unreadable, {} unaccounted, {} lost, {} doubled",
                accounting.recorded,
                accounting.unreadable,
                accounting.unaccounted,
                accounting.lost,
                accounting.doubled
            ),
        ),
        None => note(
            &mut out,
            format_args!(
                "{} on record; not compared with shop and warehouse, because no audit ran to its end",
                accounting.recorded
            ),
        ),
    }
    if !summary.ignored.is_empty() {
        let rules: Vec<String> = summary
            .ignored
            .iter()
            .map(|row| format!("{} {}", row.count, row.rule.replace('_', " ")))
            .collect();
        note(
            &mut out,
            format_args!("ignored by rule: {}", rules.join(", ")),
        );
    }
    went(&mut out, summary);
    waiting(&mut out, summary);
    open_exceptions(&mut out, summary);
    figures(&mut out, summary);
    overdue(
        &mut out,
        summary,
        "Captured and not transmitted",
        &summary.orphans,
    );
    overdue(
        &mut out,
        summary,
        "Despatched, and the buyer cannot see the tracking",
        &summary.tracking_not_visible,
    );
    flows(&mut out, summary);
    verdict(&mut out, summary);
    out
}

fn went(out: &mut String, summary: &Summary) {
    let went = &summary.went;
    if went.orders == 0 {
        return;
    }
    heading(out, &format!("Went to the warehouse ({})", went.orders));
    let mut rows = table(["orders", "released by, or noted on the way"]);
    for row in &went.released {
        rows.add_row([row.orders.to_string(), format!("released: {}", row.rule)]);
    }
    for row in &went.notes {
        rows.add_row([
            row.orders.to_string(),
            format!("{} ({})", row.title, row.code),
        ]);
    }
    section(out, &right(rows, &[0]));
}

fn waiting(out: &mut String, summary: &Summary) {
    if summary.waiting.is_empty() {
        return;
    }
    heading(
        out,
        "Waiting, by reason (an order with several faults stands in several rows)",
    );
    let mut rows = table(["reason", "orders", "about", "owner", "to blame", "remedy"]);
    for row in &summary.waiting {
        rows.add_row([
            format!("{}\n{}", row.title, row.code),
            row.orders.to_string(),
            row.subjects.to_string(),
            row.owner.clone(),
            row.kind.clone(),
            row.remedy.clone(),
        ]);
    }
    section(out, &right(rows, &[1, 2]));
}

fn open_exceptions(out: &mut String, summary: &Summary) {
    if summary.open_exceptions.is_empty() {
        return;
    }
    heading(out, "Open besides, by code");
    let mut rows = table(["exception", "open", "owner", "to blame", "remedy", "about"]);
    for row in &summary.open_exceptions {
        let more = if row.open > row.examples.len() as u64 {
            " ..."
        } else {
            ""
        };
        rows.add_row([
            format!("{}\n{}", row.title, row.code),
            row.open.to_string(),
            row.owner.clone(),
            row.kind.clone(),
            row.remedy.clone(),
            format!("{}{more}", row.examples.join(", ")),
        ]);
    }
    section(out, &right(rows, &[1]));
}

fn figures(out: &mut String, summary: &Summary) {
    let parcels = &summary.parcels;
    note(
        out,
        format_args!(
            "parcels: {} received, {} relayed, {} proven by a later read, {} written again, {} not visible",
            parcels.received,
            parcels.relayed,
            parcels.proven,
            parcels.rewritten,
            parcels.not_visible
        ),
    );
    let stock = &summary.stock;
    note(
        out,
        format_args!(
            "stock: {} levels published, {} unchanged; held back of each article: {} units or {} %, whichever is more; drift: {} found, {} corrected, {} left",
            stock.published,
            stock.unchanged,
            stock.buffer.fixed,
            stock.buffer.percent,
            stock.drift_found,
            stock.corrected,
            stock.drift_left
        ),
    );
    for row in summary.drift.iter().take(ROWS) {
        note(
            out,
            format_args!(
                "  {}: the shop shows {}, it should show {}",
                row.sku, row.shop, row.expected
            ),
        );
    }
    note(
        out,
        format_args!(
            "exceptions: {} opened, {} closed by themselves, {} open; {} alerts",
            summary.exceptions.opened,
            summary.exceptions.closed,
            summary.exceptions.open,
            summary.alerts.opened + summary.alerts.closed
        ),
    );
    if let Some(rehearsed) = summary.rehearsed {
        note(
            out,
            format_args!(
                "rehearsed faults: {} requests lost, throttled or failed; {} times the platform's connector overwrote an order",
                rehearsed.requests_harmed, rehearsed.orders_overwritten
            ),
        );
    }
}

fn overdue(out: &mut String, summary: &Summary, title: &str, rows: &[OverdueRow]) {
    if rows.is_empty() {
        return;
    }
    heading(out, &format!("{title} ({})", rows.len()));
    let mut oldest: Vec<&OverdueRow> = rows.iter().collect();
    oldest.sort_by(|a, b| {
        b.age_seconds
            .cmp(&a.age_seconds)
            .then_with(|| a.order.cmp(&b.order))
    });
    let mut list = table(["order", "state", "age", "codes"]);
    for row in oldest.iter().take(ROWS) {
        // Without the notes, which keep no order back.
        let holds = |code: &&str| summary.waiting.iter().any(|one| one.code == **code);
        let holding: Vec<&str> = row.codes.iter().map(String::as_str).filter(holds).collect();
        list.add_row([
            row.order.clone(),
            row.state.to_string().replace('_', " "),
            age(row.age_seconds),
            holding.join(", "),
        ]);
    }
    section(out, &right(list, &[2]));
    if rows.len() > ROWS {
        note(
            out,
            format_args!("and {} more; --json lists them all", rows.len() - ROWS),
        );
    }
}

fn flows(out: &mut String, summary: &Summary) {
    heading(out, "Time per flow");
    let mut list = table(["flow", "runs", "time", "second pass"]);
    let mut sums: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for report in &summary.flows {
        let (runs, time) = sums.entry(report.flow).or_default();
        *runs += 1;
        *time += report.elapsed_ms;
    }
    for (flow, (runs, time)) in sums {
        let again: Vec<&FlowReport> = summary
            .second_pass
            .flows
            .iter()
            .filter(|report| report.flow == flow)
            .collect();
        let second = again.iter().map(|report| report.elapsed_ms).sum::<u64>();
        list.add_row([
            flow.to_string(),
            runs.to_string(),
            milliseconds(time),
            milliseconds(second),
        ]);
    }
    section(out, &right(list, &[1, 2, 3]));
}

fn verdict(out: &mut String, summary: &Summary) {
    out.push('\n');
    for fault in &summary.verdict.faults {
        note(out, format_args!("FAULT: {fault}"));
    }
    let second = match summary.second_pass.changes {
        0 => "the second pass changed nothing".to_owned(),
        changes => format!("the second pass made {changes} changes"),
    };
    let waits = summary
        .orders_by_state
        .get("held")
        .copied()
        .unwrap_or_default()
        + summary
            .orders_by_state
            .get("parked")
            .copied()
            .unwrap_or_default();
    if summary.verdict.sound {
        note(
            out,
            format_args!(
                "Sound: {} orders, each in exactly one state, {waits} waiting for people; {second}. {}",
                summary.accounting.recorded,
                milliseconds(summary.elapsed_ms)
            ),
        );
    } else {
        note(
            out,
            format_args!(
                "Not sound: {}; {second}.",
                match summary.verdict.faults.len() {
                    1 => "1 fault".to_owned(),
                    count => format!("{count} faults"),
                }
            ),
        );
    }
}

/// The plan of a dry run.
pub(crate) fn plan(report: &PlanReport) -> String {
    let mut out = format!("Dry run on {}: nothing was sent\n", report.source);
    heading(
        &mut out,
        &format!("Orders for the warehouse ({})", report.orders.len()),
    );
    let mut list = table([
        "order",
        "reference",
        "service",
        "lines",
        "units",
        "PO number",
    ]);
    for order in &report.orders {
        list.add_row([
            order.number.clone().unwrap_or_default(),
            order.reference.clone(),
            order.service.clone(),
            order.lines.to_string(),
            order.units.to_string(),
            order.purchase_order.clone().unwrap_or_default(),
        ]);
    }
    section(&mut out, &right(list, &[3, 4]));
    note(
        &mut out,
        format_args!(
            "orders whose parcels would be written to the shop: {}",
            report.relays
        ),
    );
    note(
        &mut out,
        format_args!(
            "stock levels that would be written to the shop: {}",
            report.levels
        ),
    );
    let states: Vec<String> = report
        .orders_by_state
        .iter()
        .filter(|(state, _)| matches!(**state, "held" | "parked" | "ignored"))
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    if !states.is_empty() {
        note(
            &mut out,
            format_args!("orders that would not be sent: {}", states.join(", ")),
        );
    }
    for fault in &report.faults {
        note(&mut out, format_args!("FAULT: {fault}"));
    }
    out
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(118);
    table.set_header(header);
    table
}

fn right(mut table: Table, columns: &[usize]) -> Table {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn section(out: &mut String, table: &Table) {
    // What the shop calls its orders and articles is not this program's text: it must not drive a terminal.
    let harmless = |text: &str| text.replace(char::is_control, "\u{fffd}");
    for line in table.lines() {
        out.push_str(harmless(&line).trim_end());
        out.push('\n');
    }
}

fn heading(out: &mut String, text: &str) {
    note(out, format_args!("\n{text}"));
}

fn note(out: &mut String, text: std::fmt::Arguments<'_>) {
    let text = text
        .to_string()
        .replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{text}");
}

fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn milliseconds(time: u64) -> String {
    format!("{}.{:03} s", time / 1000, time % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(milliseconds(1_042), "1.042 s");
        assert_eq!(age(61), "61 s");
        assert_eq!(age(7_200), "2 h");
        assert_eq!(age(600_000), "6 days");
    }

    #[test]
    fn tables_have_no_trailing_blanks() {
        let mut rows = table(["flow", "runs"]);
        rows.add_row(["orders", "2"]);
        let mut out = String::new();
        section(&mut out, &right(rows, &[1]));
        assert!(out.lines().all(|line| line == line.trim_end()));
        assert!(out.contains("orders"));
    }

    #[test]
    fn an_order_number_cannot_drive_the_terminal() {
        let mut rows = table(["order"]);
        rows.add_row(["\u{1b}[31mX1\u{7}"]);
        let mut out = String::new();
        section(&mut out, &rows);
        note(&mut out, format_args!("order \u{1b}[2J of\nthe shop"));
        assert!(out.contains("X1") && out.contains("of\nthe shop"), "{out}");
        assert!(out.chars().all(|c| c == '\n' || !c.is_control()), "{out:?}");
    }
}
