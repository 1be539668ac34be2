//! The table of the benchmarks, for the terminal and for the README.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::gates::Row;
use super::limits::{LimitRow, Most};

const BEGIN: &str = "<!-- benchmarks: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- /benchmarks -->";

/// What kind of machine measured.
#[derive(Debug)]
pub(crate) struct Machine {
    class: String,
    model: Option<String>,
    compiler: Option<String>,
    date: Option<String>,
}

impl Machine {
    pub(crate) fn ask() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            class: class(cores, &cpuinfo),
            model: member(&cpuinfo, "model name").map(str::to_owned),
            compiler: said("rustc", "--version")
                .and_then(|text| Some(text.split(' ').nth(1)?.to_owned())),
            date: said("date", "+%F").map(|text| text.trim().to_owned()),
        }
    }

    /// The class: what a reader of the README needs to know.
    fn short(&self) -> String {
        match &self.compiler {
            Some(compiler) => format!("{}, rustc {compiler}", self.class),
            None => self.class.clone(),
        }
    }

    /// With the model, for the terminal only.
    pub(crate) fn whole(&self) -> String {
        match &self.model {
            Some(model) => format!("{}; {model}", self.short()),
            None => self.short(),
        }
    }
}

/// What a program says, if it is there.
fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

fn member<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    cpuinfo.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

fn class(cores: usize, cpuinfo: &str) -> String {
    let is_virtual = member(cpuinfo, "flags")
        .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    let kind = if is_virtual { "virtual " } else { "" };
    let plural = if cores == 1 { "" } else { "s" };
    format!("{cores} {kind}CPU{plural}")
}

/// The rows as a Markdown table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut table = "| What | Time | Floor of the same run | Ratio | At most | Goal |\n|---|---:|---|---:|---:|---:|\n".to_owned();
    for row in rows {
        let gate = row.gate;
        let time = row.time.map_or_else(unmeasured, nanoseconds);
        let floor = row.floor.map_or_else(unmeasured, nanoseconds);
        let ratio = row
            .ratio()
            .map_or_else(unmeasured, |ratio| format!("{ratio:.2}"));
        let goal = gate
            .goal
            .map_or_else(String::new, |goal| nanoseconds(goal.as_secs_f64() * 1e9));
        let missed = match row.keeps_goal() {
            Some(false) => " (missed)",
            _ => "",
        };
        table.push_str(&format!(
            "| {} | {time} | {} ({floor}) | {ratio} | {} | {goal}{missed} |\n",
            gate.what, gate.floor_is, gate.allowed
        ));
    }
    table
}

/// The limits as a second Markdown table.
pub(crate) fn limit_table(rows: &[LimitRow]) -> String {
    let mut table = "| What | Measured | At most |\n|---|---:|---:|\n".to_owned();
    for row in rows {
        let limit = row.limit;
        let in_words = |figure: f64| match limit.most {
            Most::Time(_) => nanoseconds(figure),
            Most::Memory(_) => format!("{:.0} MB", figure / 1e6),
            Most::Times(_) => format!("{figure:.2} times"),
        };
        let figure = row.figure.map_or_else(unmeasured, in_words);
        let most = in_words(limit.most.figure());
        table.push_str(&format!("| {} | {figure} | {most} |\n", limit.what));
    }
    table
}

fn unmeasured() -> String {
    "not measured".to_owned()
}

fn nanoseconds(time: f64) -> String {
    match time {
        _ if time < 1e3 => format!("{time:.1} ns"),
        _ if time < 1e6 => format!("{:.2} µs", time / 1e3),
        _ if time < 1e9 => format!("{:.1} ms", time / 1e6),
        _ => format!("{:.2} s", time / 1e9),
    }
}

/// Nanoseconds of every benchmark, by its id.
pub(crate) type Measured = BTreeMap<String, f64>;

/// What the program that measures in turns printed.
pub(crate) fn times(printed: &[u8]) -> Result<Measured, String> {
    serde_json::from_slice::<BTreeMap<String, Measured>>(printed)
        .map_err(|error| format!("no times were printed: {error}"))?
        .remove("nanoseconds")
        .ok_or_else(|| "no times were printed".to_owned())
}

/// What the engine's benchmarks printed: every figure by its id, and the sentences beside the tables.
pub(crate) fn engine(printed: &[u8]) -> Result<(Measured, String), String> {
    #[derive(serde::Deserialize)]
    struct Printed {
        nanoseconds: Measured,
        bytes: Measured,
        ratios: Measured,
        facts: Vec<String>,
    }
    let printed: Printed = serde_json::from_slice(printed)
        .map_err(|error| format!("the engine's benchmarks printed no figures: {error}"))?;
    let mut measured = printed.nanoseconds;
    measured.extend(printed.bytes);
    measured.extend(printed.ratios);
    Ok((measured, printed.facts.join("\n\n")))
}

/// What the memory example printed, in words.
pub(crate) fn memory(printed: &[u8]) -> Result<String, String> {
    let facts: Value = serde_json::from_slice(printed)
        .map_err(|error| format!("registry_memory printed no JSON: {error}"))?;
    let number = |name: &str| facts.get(name).and_then(Value::as_f64);
    let (Some(articles), Some(seconds)) = (number("articles"), number("seconds")) else {
        return Err("registry_memory did not say how many articles and how long".to_owned());
    };
    let mib = |kib: f64| format!("{:.0} MB", kib * 1024.0 / 1e6);
    let peak = match (number("peak_kib"), number("catalogue_kib")) {
        (Some(peak), Some(catalogue)) => format!(
            "{} at most, {} of it the catalogue that was given (goal: 400 MB)",
            mib(peak),
            mib(catalogue)
        ),
        _ => "memory not measured on this system".to_owned(),
    };
    Ok(format!(
        "A registry of {articles:.0} articles, built and every code looked up once, in a process of its own: {seconds:.2} s (goal: 1 s); {peak}."
    ))
}

/// What the example that measures calls printed: the times by the ids of the gates, and the allocations in words.
pub(crate) fn call(printed: &[u8]) -> Result<(Measured, String), String> {
    let facts: Value = serde_json::from_slice(printed)
        .map_err(|error| format!("call_cost printed no JSON: {error}"))?;
    let mut measured = Measured::new();
    let mut allocations = |way: &str| {
        let fact = |name: &str| facts.get(way)?.get(name)?.as_f64();
        let (Some(time), Some(count)) = (fact("nanoseconds"), fact("allocations")) else {
            return Err(format!("call_cost did not measure {way}"));
        };
        measured.insert(format!("call_16_in_flight/{way}"), time);
        Ok(count)
    };
    let (client, bare) = (allocations("client")?, allocations("bare_reqwest")?);
    let text = format!(
        "One call on an open connection takes {client:.0} allocations; with reqwest alone it takes {bare:.0}."
    );
    Ok((measured, text))
}

/// Both tables, as far as there are rows, and what stands below them.
pub(crate) fn tables(rows: &[Row], limits: &[LimitRow], fact: &str) -> String {
    let mut text = table(rows);
    if !limits.is_empty() {
        text.push_str(&format!("\n{}", limit_table(limits)));
    }
    format!("{text}\n{fact}\n")
}

/// The part of the README between the markers.
pub(crate) fn section(machine: &Machine, tables: &str) -> String {
    let date = machine
        .date
        .as_ref()
        .map_or_else(String::new, |date| format!(" ({date})"));
    format!("Measured on {}{date}.\n\n{tables}", machine.short())
}

/// The README with a new text between its two markers.
pub(crate) fn between_markers(readme: &str, text: &str) -> Result<String, String> {
    let parts = readme
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        return Err(format!("the markers {BEGIN} and {END} are missing"));
    };
    Ok(format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::SUITES;
    use crate::bench::gates::{CLIENT_GATES, GATES};
    use crate::bench::limits::ENGINE_LIMITS;
    use crate::workspace;

    fn rows() -> Vec<Row> {
        let measured = times(
            br#"{"nanoseconds":{"floor/phone_library":957.0,"order/clean_10_lines":1435.5}}"#,
        )
        .unwrap();
        GATES.iter().map(|gate| gate.judge(&measured)).collect()
    }

    #[test]
    fn the_table_says_what_was_measured_and_what_was_not() {
        let table = table(&rows());
        assert!(table.contains(
            "| 1.44 µs | the phone library's work on its number (957.0 ns) | 1.50 | 2 | 1.50 µs |"
        ));
        assert!(table.contains("| postcode | not measured |"));
        assert_eq!(table.lines().count(), GATES.len() + 2);
    }

    #[test]
    fn what_is_not_printed_is_a_fault() {
        for bad in ["", "{}", "[]", r#"{"nanoseconds":{"a":"b"}}"#] {
            assert!(times(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn units() {
        let shown = [12.34, 1_234.5, 12_345_678.0, 1.2e9].map(nanoseconds);
        assert_eq!(shown, ["12.3 ns", "1.23 µs", "12.3 ms", "1.20 s"]);
    }

    #[test]
    fn the_class_names_no_model() {
        let cpuinfo = "model name\t: Some CPU\nflags\t\t: fpu hypervisor sse\n";
        assert_eq!(class(2, cpuinfo), "2 virtual CPUs");
        assert_eq!(class(1, ""), "1 CPU");
        let machine = Machine {
            class: class(2, cpuinfo),
            model: member(cpuinfo, "model name").map(str::to_owned),
            compiler: Some("1.95.0".to_owned()),
            date: Some("2026-03-01".to_owned()),
        };
        assert_eq!(machine.whole(), "2 virtual CPUs, rustc 1.95.0; Some CPU");
        assert_eq!(
            section(&machine, "a table\n"),
            "Measured on 2 virtual CPUs, rustc 1.95.0 (2026-03-01).\n\na table\n"
        );
    }

    #[test]
    fn memory_in_words() {
        let text = memory(
            br#"{"articles":1000000,"seconds":0.75,"catalogue_kib":50000,"peak_kib":300000}"#,
        )
        .unwrap();
        assert!(text.contains("0.75 s") && text.contains("307 MB at most, 51 MB of it"));
        let text =
            memory(br#"{"articles":10,"seconds":1,"catalogue_kib":null,"peak_kib":null}"#).unwrap();
        assert!(text.contains("not measured"));
        assert!(memory(b"{}").is_err() && memory(b"").is_err());
    }

    #[test]
    fn calls_by_gate_and_in_words() {
        let (measured, text) = call(
            br#"{"bare_reqwest":{"nanoseconds":50000.0,"allocations":53},"client":{"nanoseconds":55000.0,"allocations":58}}"#,
        )
        .unwrap();
        let row = CLIENT_GATES[0].judge(&measured);
        assert!(
            row.ratio()
                .is_some_and(|ratio| (1.09..1.11).contains(&ratio))
        );
        assert_eq!(row.fault(), None);
        assert!(text.contains("takes 58 allocations") && text.contains("takes 53"));
        for bad in ["", "{}", r#"{"client":{"nanoseconds":1,"allocations":1}}"#] {
            assert!(call(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn figures_and_sentences_of_the_engine() {
        let (measured, text) = engine(
            br#"{"nanoseconds":{"idle/orders":30e6},"bytes":{"stock/peak":2e8},"ratios":{"memory/growth":1.25},"facts":["One.","Two."]}"#,
        )
        .unwrap();
        assert_eq!(text, "One.\n\nTwo.");
        let rows: Vec<LimitRow> = ENGINE_LIMITS
            .iter()
            .map(|limit| limit.judge(&measured))
            .collect();
        let tables = tables(&[], &rows, &text);
        for cells in [
            "| 30.0 ms | 20.0 ms |",
            "| 200 MB | 250 MB |",
            "| 1.25 times | 1.50 times |",
            "| not measured | 1.00 s |",
        ] {
            assert!(tables.contains(cells), "{tables}");
        }
        assert!(tables.ends_with("One.\n\nTwo.\n"), "{tables}");
        assert!(engine(b"{}").is_err() && engine(b"").is_err());
    }

    #[test]
    fn only_the_text_between_the_markers_changes() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = between_markers(&readme, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(between_markers(&new, "new\n").unwrap(), new);
        assert!(between_markers("no markers", "new").is_err());
        for suite in &SUITES {
            let name = super::super::readme(suite.package);
            let readme = std::fs::read_to_string(workspace().join(&name)).unwrap();
            assert!(
                between_markers(&readme, "new").is_ok(),
                "{name} has no markers"
            );
        }
    }
}
