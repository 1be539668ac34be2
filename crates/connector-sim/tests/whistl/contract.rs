//! What the warehouse answers is what the contract file says, member by member.

use std::collections::BTreeMap;

use connector_sim::{ReturnCondition, ReturnedLine, WhistlOptions};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, order, read};

fn contract() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../whistl-client/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What is said about a value that the schema does not allow.
fn faults(contract: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = contract.pointer(target.trim_start_matches('#')).unwrap();
        return faults(contract, target, value, at, found);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(allowed),
        wanted => allowed(wanted),
    };
    if !fits {
        found.push(format!("{at} is {kind}, not {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{at} is {value}, none of {words:?}"));
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => faults(contract, schema, member, &format!("{at}/{name}"), found),
            None => found.push(format!("{at}/{name} is not described")),
        }
    }
    for (place, row) in value.as_array().into_iter().flatten().enumerate() {
        faults(
            contract,
            &schema["items"],
            row,
            &format!("{at}/{place}"),
            found,
        );
    }
}

/// Asks over HTTP and holds the answer to the contract; counts what was answered.
struct Examiner {
    contract: Value,
    caller: Caller,
    answered: BTreeMap<String, usize>,
}

impl Examiner {
    async fn ask(
        &mut self,
        method: Method,
        template: &str,
        query: &str,
        body: Option<Value>,
    ) -> Value {
        let path = template.replace("{reference}", "K1");
        let mut request = self
            .caller
            .request(method.clone(), &format!("{path}{query}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let (status, answer) = read(request.send().await.unwrap()).await;
        let verb = method.as_str().to_ascii_lowercase();
        let described = &self.contract["paths"][template][&verb]["responses"][status.as_str()];
        let content = described["content"].as_object();
        assert!(content.is_some(), "{verb} {template} answers {status}");
        let content = content.unwrap();
        let schema = &content.values().next().unwrap()["schema"];
        let mut found = Vec::new();
        faults(&self.contract, schema, &answer, "", &mut found);
        assert!(found.is_empty(), "{verb} {template} {status}: {found:?}");
        *self
            .answered
            .entry(format!("{verb} {template} {status}"))
            .or_default() += 1;
        answer
    }
}

#[tokio::test]
async fn every_answer_is_described() {
    let options = WhistlOptions::default()
        .with_back_orders()
        .with_parcel_limits(9, 4)
        .with_unknown_services_held();
    let caller = Caller::start(options).await;
    caller.warehouse.seed_stock("A", 5);
    let mut examiner = Examiner {
        contract: contract(),
        caller,
        answered: BTreeMap::new(),
    };
    let mut first = order("K1", &[("A", 7)]);
    first["lines"][0]["netWeightGrams"] = json!(350);
    let post = || Method::POST;
    let get = || Method::GET;
    let (orders, one) = ("/v1/orders", "/v1/orders/{reference}");
    let (cancel, amend) = (
        "/v1/orders/{reference}/cancel",
        "/v1/orders/{reference}/amend",
    );
    examiner.ask(get(), one, "", None).await;
    examiner.ask(post(), orders, "", Some(first.clone())).await;
    examiner.ask(post(), orders, "", Some(first)).await;
    examiner.ask(post(), orders, "", Some(json!({}))).await;
    let mut held = order("K2", &[("A", 1)]);
    held["serviceCode"] = json!("WHI_NEW");
    examiner.ask(post(), orders, "", Some(held)).await;
    examiner.ask(get(), cancel, "", None).await;
    let change = json!({"requestId": "a1", "version": 1, "instructions": "ring twice"});
    examiner.ask(post(), amend, "", Some(change)).await;
    let stale = json!({"requestId": "a2", "version": 1});
    examiner.ask(post(), amend, "", Some(stale)).await;
    let refused =
        json!({"requestId": "a3", "version": 2, "lines": [{"lineId": "1", "quantity": 0}]});
    examiner.ask(post(), amend, "", Some(refused)).await;
    examiner
        .ask(
            post(),
            amend,
            "",
            Some(json!({"requestId": "a4", "version": 2, "colour": 1})),
        )
        .await;
    examiner.caller.warehouse.tick();
    examiner.ask(post(), cancel, "", Some(json!({}))).await;
    examiner
        .ask(post(), cancel, "", Some(json!({"requestId": "c1"})))
        .await;
    examiner.ask(get(), cancel, "", None).await;
    let mut back = ReturnedLine::new("A", 1, ReturnCondition::Quarantine);
    back.line_id = Some("1".to_owned());
    back.reason = Some("cracked".to_owned());
    examiner.caller.warehouse.take_back(Some("K1"), &[back]);
    let day = |text: &str| text.parse().unwrap();
    examiner
        .caller
        .warehouse
        .charge_storage(day("2010-11-01"), day("2010-11-30"));
    let list = examiner.ask(get(), orders, "", None).await;
    assert_eq!(list["orders"][1]["holdReason"], "SERVICE_UNMAPPED");
    examiner.ask(get(), one, "", None).await;
    let despatches = examiner
        .ask(get(), "/v1/despatches", "?limit=10", None)
        .await;
    assert_eq!(
        despatches["despatches"][0]["shorts"][0]["backOrdered"],
        true
    );
    assert_eq!(
        despatches["despatches"][0]["parcels"][0]["weightGrams"],
        1600
    );
    for feed in ["acknowledgements", "returns", "charges"] {
        let page = examiner.ask(get(), &format!("/v1/{feed}"), "", None).await;
        assert!(!page[feed].as_array().unwrap().is_empty(), "{feed}");
    }
    examiner
        .ask(get(), "/v1/orders/{reference}/charges", "", None)
        .await;
    examiner.ask(get(), "/v1/inventory", "", None).await;
    examiner.ask(get(), "/v1/inventory", "?since=1", None).await;
    examiner
        .ask(get(), "/v1/inventory", "?since=999", None)
        .await;
    examiner.caller.token = "wrong".to_owned();
    examiner.ask(get(), "/v1/returns", "", None).await;
    // Every path was asked, and each answered what it is for.
    for (path, operations) in examiner.contract["paths"].as_object().unwrap() {
        for verb in operations
            .as_object()
            .unwrap()
            .keys()
            .filter(|_| path != "/oauth/token")
        {
            let prefix = format!("{verb} {path} 20");
            let answered = examiner.answered.keys().any(|one| one.starts_with(&prefix));
            assert!(answered, "{prefix}: {:?}", examiner.answered);
        }
    }
}

#[tokio::test]
async fn a_token_is_what_the_contract_says() {
    let caller = Caller::new().await;
    let answer = caller
        .ask_token(connector_sim::DEMO_WAREHOUSE_CLIENT_SECRET)
        .await;
    let (status, token) = read(answer).await;
    assert_eq!(status, StatusCode::OK);
    let contract = contract();
    let mut found = Vec::new();
    let schema = contract.pointer("/components/schemas/Token").unwrap();
    faults(&contract, schema, &token, "", &mut found);
    assert!(found.is_empty(), "{found:?}");
    // The examiner itself finds what is wrong.
    faults(
        &contract,
        schema,
        &json!({"token_type": "Mac", "expires_in": "soon", "more": 1}),
        "",
        &mut found,
    );
    assert_eq!(found.len(), 3, "{found:?}");
}
