//! The page of what the simulated shop assumes, for people.

use std::fmt::Write as _;

use connector_sim::{
    SPARKLAYER_ASSUMPTIONS, SparkLayerOperation, SparkLayerSwitches, WHISTL_ASSUMPTIONS,
};
use serde_json::Value;

const INTRODUCTION: &str = "\
# What the simulators assume

`connector-sim` simulates a SparkLayer shop and a Whistl warehouse. Where no documentation says what the vendor does, the simulator had to
choose. A program that passes there is not proven in these points; ask the vendor, or try them against a test account.

This page is written by `cargo xtask generate` from the tables in `connector-sim`; edit those. A running simulator has them at
`GET /__sim/assumptions`.

";

/// The whole page.
pub(super) fn page() -> Result<String, String> {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("## SparkLayer shop\n");
    let mut area = "";
    for assumption in SPARKLAYER_ASSUMPTIONS {
        if assumption.area != area {
            area = assumption.area;
            row(&mut page, format_args!("\n### {area}\n"));
            row(
                &mut page,
                format_args!("| Id | Chosen | Rests on | Switch |"),
            );
            row(&mut page, format_args!("|---|---|---|---|"));
        }
        let switch = assumption
            .switch
            .map_or_else(String::new, |switch| format!("`{switch}`"));
        row(
            &mut page,
            format_args!(
                "| `{}` | {} | {} | {switch} |",
                assumption.id,
                assumption.text,
                assumption.support.words()
            ),
        );
    }
    switches(&mut page)?;
    operations(&mut page);
    page.push_str("\n## Whistl warehouse\n\n");
    for assumption in WHISTL_ASSUMPTIONS {
        row(&mut page, format_args!("- {assumption}"));
    }
    Ok(page)
}

fn switches(page: &mut String) -> Result<(), String> {
    page.push_str(
        "\n### Switches\n\nSet by `SparkLayerSwitches`, or while the simulator runs by `PATCH /__sim/switches`.\n\n| Switch | Default |\n|---|---|\n",
    );
    let defaults =
        serde_json::to_value(SparkLayerSwitches::default()).map_err(|error| error.to_string())?;
    let Value::Object(defaults) = defaults else {
        return Err("the switches are no object".to_owned());
    };
    for (switch, default) in defaults {
        row(page, format_args!("| `{switch}` | `{default}` |"));
    }
    Ok(())
}

fn operations(page: &mut String) {
    page.push_str(
        "\n### Operations\n\nOperation ids that the vendor does not document are by analogy, as paths marked assumed are.\n\n| Operation | Method | Path | Path is |\n|---|---|---|---|\n",
    );
    for operation in SparkLayerOperation::ALL {
        row(
            page,
            format_args!(
                "| `{}` | {} | `{}` | {} |",
                operation.id(),
                operation.method(),
                operation.path(),
                operation.path_evidence().word()
            ),
        );
    }
}

fn row(page: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{line}");
}
