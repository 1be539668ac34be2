//! The contract's table of names and the contract file `openapi.json` say the same.

use super::*;

fn file() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).unwrap()
}

/// The names of the members of the schemas at these pointers; a `$ref` on the way is followed, a list stands for its rows.
fn members(file: &Value, schemas: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in schemas {
        let mut schema = file.pointer("/components/schemas").unwrap();
        for part in path.split('.') {
            schema = schema
                .get(part)
                .or_else(|| schema.get("properties")?.get(part))
                .unwrap_or_else(|| panic!("{path}: no {part}"));
            schema = schema.get("items").unwrap_or(schema);
            if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
                schema = file.pointer(target.trim_start_matches('#')).unwrap();
            }
        }
        names.extend(schema["properties"].as_object().unwrap().keys().cloned());
    }
    names
}

/// The names of some tables of the contract.
fn names(contract: &Value, tables: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in tables {
        match &contract[table] {
            Value::String(name) => {
                names.insert(name.clone());
            }
            Value::Object(table) => {
                names.extend(table.values().map(|name| name.as_str().unwrap().to_owned()));
            }
            other => panic!("{table} is {other}"),
        }
    }
    names
}

#[test]
fn every_path_is_described_and_every_described_path_is_used() {
    let (file, contract) = (file(), serde_json::to_value(Contract::default()).unwrap());
    let described: BTreeSet<String> = file["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names(&contract, &["paths"]), described);
}

#[test]
fn every_member_is_described_and_every_described_member_has_a_name() {
    let (file, contract) = (file(), serde_json::to_value(Contract::default()).unwrap());
    let pairs: [(&[&str], &[&str]); 14] = [
        (
            &["order", "accepted", "po_field"],
            &["Order", "Accepted", "StoredOrder"],
        ),
        (&["customs"], &["Order.customs"]),
        (&["recipient"], &["Recipient"]),
        (&["line"], &["Line", "StoredLine"]),
        (&["despatch"], &["Despatch"]),
        (&["parcel"], &["Parcel"]),
        (
            &["parcel_line"],
            &["Parcel.lines", "Despatch.shorts", "CancelAnswer.lines"],
        ),
        (&["inventory"], &["Inventory"]),
        (&["inventory_item"], &["Inventory.items"]),
        (
            &["change"],
            &["CancelRequest", "CancelAnswer", "AmendAnswer"],
        ),
        (&["acknowledgement"], &["Acknowledgement"]),
        (&["returned"], &["Return"]),
        (&["returned_line"], &["Return.lines"]),
        (&["charge"], &["Charge"]),
    ];
    for (tables, schemas) in pairs {
        assert_eq!(
            names(&contract, tables),
            members(&file, schemas),
            "{tables:?}"
        );
    }
    // An amendment is made of names of the order and of the request.
    let mut known = names(&contract, &["order", "po_field", "change"]);
    known.extend(names(&contract, &["accepted"]));
    assert!(members(&file, &["AmendRequest"]).is_subset(&known));
    assert_eq!(
        members(&file, &["AmendRequest.lines"]),
        ["lineId", "quantity"].map(str::to_owned).into()
    );
    // A problem document has a title and a status besides, as RFC 7807 has them.
    let mut problem = names(&contract, &["problem"]);
    problem.extend(["title", "status"].map(str::to_owned));
    assert_eq!(problem, members(&file, &["Problem", "Complaint"]));
}

#[test]
fn lists_parameters_and_tokens_have_their_names() {
    let (file, contract) = (file(), serde_json::to_value(Contract::default()).unwrap());
    let mut asked = BTreeSet::new();
    let mut listed = BTreeSet::new();
    for path in file["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "query" {
                    asked.insert(parameter["name"].as_str().unwrap().to_owned());
                }
            }
            let answer = "/responses/200/content/application~1json/schema/properties";
            if let Some(members) = operation.pointer(answer) {
                listed.extend(members.as_object().unwrap().keys().cloned());
            }
        }
    }
    assert_eq!(names(&contract, &["query"]), asked);
    assert_eq!(names(&contract, &["page"]), listed);
    let form = "/paths/~1oauth~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties";
    let form = file.pointer(form).unwrap().as_object().unwrap().keys();
    let mut token: BTreeSet<String> = form.cloned().collect();
    token.extend(members(&file, &["Token"]));
    let header = &file["components"]["securitySchemes"]["apiKey"]["name"];
    token.insert(header.as_str().unwrap().to_owned());
    assert_eq!(names(&contract, &["auth"]), token);
}

#[test]
fn the_codes_that_decide_something_are_described() {
    let (file, contract) = (file(), serde_json::to_value(Contract::default()).unwrap());
    let said = |path: &str| {
        file.pointer(path).unwrap()["description"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (code, place) in [
        (
            "order_not_found_code",
            "/paths/~1v1~1orders~1{reference}/get/responses/404",
        ),
        (
            "cancel_not_found_code",
            "/paths/~1v1~1orders~1{reference}~1cancel/get/responses/404",
        ),
        (
            "version_conflict_code",
            "/paths/~1v1~1orders~1{reference}~1amend/post/responses/409",
        ),
    ] {
        assert!(
            said(place).contains(contract[code].as_str().unwrap()),
            "{code}"
        );
    }
}

#[test]
fn the_words_of_answers_are_known_to_the_client() {
    let file = file();
    let words = |path: &str| -> Vec<String> {
        let words = file.pointer(&format!("/components/schemas/{path}/enum"));
        let words = words.unwrap().as_array().unwrap().iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    for word in words("StoredOrder/properties/status") {
        assert!(
            !matches!(OrderStatus::from(word.clone()), OrderStatus::Unknown(_)),
            "{word}"
        );
    }
    for word in words("CancelAnswer/properties/outcome") {
        assert!(
            !matches!(ChangeOutcome::from(word.clone()), ChangeOutcome::Unknown(_)),
            "{word}"
        );
    }
    for word in words("Acknowledgement/properties/kind") {
        let kind = AcknowledgementKind::from(word.clone());
        assert!(!matches!(kind, AcknowledgementKind::Unknown(_)), "{word}");
    }
    for word in words("Return/properties/lines/items/properties/condition") {
        assert!(
            !matches!(
                GoodsCondition::from(word.clone()),
                GoodsCondition::Unknown(_)
            ),
            "{word}"
        );
    }
    for word in words("Charge/properties/kind") {
        let known = !matches!(ChargeKind::from(word.clone()), ChargeKind::Unknown(_));
        assert_eq!(known, word != "other", "{word}");
    }
}
