//! Checks the JSON report of `full_sync`: that it says what it must, and that its numbers add up.

use serde_json::Value;

/// Checks the report; returns its main facts in one line.
pub(crate) fn check(json: &[u8]) -> Result<String, String> {
    let report: Value = serde_json::from_slice(json)
        .map_err(|error| format!("the report of full_sync is no JSON: {error}"))?;
    let number = |pointer: &str| {
        report
            .pointer(pointer)
            .and_then(Value::as_u64)
            .ok_or_else(|| format!("the report of full_sync has no number at {pointer}"))
    };
    let in_source = number("/accounting/in_shop")?;
    let by_state: u64 = report
        .pointer("/orders_by_state")
        .and_then(Value::as_object)
        .ok_or("the report of full_sync has no /orders_by_state")?
        .values()
        .filter_map(Value::as_u64)
        .sum();
    let mut faults = Vec::new();
    if in_source == 0 {
        faults.push("the shop had no orders".to_owned());
    }
    if by_state + number("/accounting/unreadable")? != in_source {
        faults.push(format!(
            "{by_state} orders are in a state, {in_source} are in the shop"
        ));
    }
    for (name, pointer) in [
        ("lost", "/accounting/lost"),
        ("doubled", "/accounting/doubled"),
        ("unaccounted", "/accounting/unaccounted"),
        ("changed by the second pass", "/second_pass/changes"),
    ] {
        let count = number(pointer)?;
        if count != 0 {
            faults.push(format!("{count} {name}"));
        }
    }
    for (name, pointer) in [
        ("parcels relayed", "/parcels/relayed"),
        ("stock levels published", "/stock/published"),
        ("drifted levels found", "/stock/drift_found"),
    ] {
        if number(pointer)? == 0 {
            faults.push(format!("no {name}"));
        }
    }
    let codes: Vec<&str> = report
        .pointer("/waiting")
        .and_then(Value::as_array)
        .ok_or("the report of full_sync has no /waiting")?
        .iter()
        .filter_map(|row| row.get("code").and_then(Value::as_str))
        .collect();
    for expected in [
        "SKU_COLLISION",
        "SHIP_UNMAPPED",
        "RELEASE_PENDING",
        "PHONE_MISSING",
        "PO_MISSING",
    ] {
        if !codes.contains(&expected) {
            faults.push(format!(
                "no order waits for {expected}, though the demonstration has such orders"
            ));
        }
    }
    if faults.is_empty() {
        Ok(format!(
            "{in_source} orders, each in one state; {} parcels relayed; {} levels published; the second pass changed nothing",
            number("/parcels/relayed")?,
            number("/stock/published")?
        ))
    } else {
        Err(format!(
            "the report of full_sync does not hold: {}",
            faults.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn report(second_pass_changes: u64) -> String {
        format!(
            r#"{{"accounting":{{"in_shop":3,"unreadable":0,"lost":0,"doubled":0,"unaccounted":0}},
            "orders_by_state":{{"closed":1,"held":2}},"second_pass":{{"changes":{second_pass_changes}}},
            "parcels":{{"relayed":1}},"stock":{{"published":1,"drift_found":1}},
            "waiting":[{{"code":"SKU_COLLISION"}},{{"code":"SHIP_UNMAPPED"}},{{"code":"RELEASE_PENDING"}},
            {{"code":"PHONE_MISSING"}},{{"code":"PO_MISSING"}}]}}"#
        )
    }

    #[test]
    fn a_sound_report_passes_and_an_unsound_one_does_not() {
        assert!(check(report(0).as_bytes()).is_ok());
        assert!(check(report(1).as_bytes()).is_err_and(|fault| fault.contains("second pass")));
        assert!(check(b"no report").is_err());
        let lost = report(0).replace(r#""lost":0"#, r#""lost":2"#);
        assert!(check(lost.as_bytes()).is_err_and(|fault| fault.contains("2 lost")));
    }
}
