//! Cancelling and amending.

use super::*;

fn at(verb: &str) -> String {
    format!("/v1/orders/{REFERENCE}/{verb}")
}

#[tokio::test]
async fn a_request_to_cancel_gets_a_decision() {
    let server = MockServer::start().await;
    let answer = json!({
        "requestId": "c1", "reference": REFERENCE, "outcome": "accepted", "decidedAt": "2026-02-01T09:00:00Z",
        "lines": [{"lineId": "1", "sku": "MUG01", "quantity": 2}], "desk": "east",
    });
    Mock::given(method("POST"))
        .and(path(at("cancel")))
        .and(body_json(
            json!({"requestId": "c1", "reason": "bought twice"}),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let decided = client
        .cancel(REFERENCE, "c1", Some("bought twice"))
        .await
        .unwrap();
    assert_eq!(decided.outcome, ChangeOutcome::Accepted);
    assert_eq!(decided.decided_at, "2026-02-01T09:00:00Z".parse().ok());
    assert_eq!(
        (decided.lines[0].quantity, decided.lines.len()),
        (Some(2), 1)
    );
    assert_eq!(decided.unknown.get("desk"), Some(&json!("east")));
    for (word, outcome) in [
        ("refused", ChangeOutcome::Refused),
        ("too_late", ChangeOutcome::TooLate),
        ("pending", ChangeOutcome::Pending),
        ("perhaps", ChangeOutcome::Unknown("perhaps".to_owned())),
    ] {
        assert_eq!(ChangeOutcome::from(word.to_owned()), outcome);
        assert_eq!(outcome.as_str(), word);
        assert_eq!(outcome.is_decided(), matches!(word, "refused" | "too_late"));
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_cancellation_is_asked_for_again() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let answer = json!({"outcome": "too_late", "reference": REFERENCE});
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let decided = client(&server).cancel(REFERENCE, "c1", None).await.unwrap();
    assert_eq!(decided.outcome, ChangeOutcome::TooLate);
    let sent = server.received_requests().await.unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body, "with the same request id");
}

#[tokio::test]
async fn what_is_no_decision_is_told_as_such() {
    for answer in [
        json!({"reference": REFERENCE}),
        json!({"reference": "OTHER", "outcome": "accepted"}),
        json!({"outcome": "accepted", "lines": [{"quantity": -1}]}),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
        let error = client(&server)
            .cancel(REFERENCE, "c1", None)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.is_ambiguous()),
            (ErrorKind::Decode, true)
        );
    }
}

#[tokio::test]
async fn nobody_asked_is_a_definite_answer_only_by_its_code() {
    let not_found =
        |code: &str| ResponseTemplate::new(404).set_body_json(json!({"errors": [{"code": code}]}));
    let server = answer("GET", &at("cancel"), not_found("CANCEL_NOT_FOUND")).await;
    assert_eq!(client(&server).cancel_state(REFERENCE).await.unwrap(), None);
    let server = answer("GET", &at("cancel"), not_found("ORDER_NOT_FOUND")).await;
    assert!(
        client(&server)
            .cancel_state(REFERENCE)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let server = answer("GET", &at("cancel"), ResponseTemplate::new(404)).await;
    let error = client(&server).cancel_state(REFERENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    let pending = json!({"outcome": "pending", "requestId": "c1"});
    let server = answer(
        "GET",
        &at("cancel"),
        ResponseTemplate::new(200).set_body_json(pending),
    )
    .await;
    let state = client(&server)
        .cancel_state(REFERENCE)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (state.outcome, state.request_id.as_deref()),
        (ChangeOutcome::Pending, Some("c1"))
    );
}

#[tokio::test]
async fn an_amendment_says_only_what_is_to_be_different() {
    let server = MockServer::start().await;
    let accepted =
        json!({"requestId": "a1", "reference": REFERENCE, "outcome": "accepted", "version": 4});
    let recipient = body("otherrefnum")["recipient"].clone();
    Mock::given(method("POST"))
        .and(path(at("amend")))
        .and(body_json(json!({
            "requestId": "a1", "version": 3, "serviceCode": "WHI_EXP", "otherrefnum": "PO-7782",
            "recipient": recipient, "lines": [{"lineId": "1", "quantity": 5}, {"lineId": "2", "quantity": 0}],
        })))
        .respond_with(ResponseTemplate::new(200).set_body_json(accepted))
        .expect(1)
        .mount(&server)
        .await;
    let change = Amendment::new("a1", 3)
        .with_service_code("WHI_EXP")
        .with_purchase_order("PO-7782")
        .with_recipient(order().recipient)
        .with_quantity("1", 5)
        .with_quantity("2", 0);
    let answer = client(&server).amend(REFERENCE, &change).await.unwrap();
    assert_eq!(
        (answer.outcome, answer.version),
        (ChangeOutcome::Accepted, Some(4))
    );
    assert!(!format!("{change:?}").contains("Goods In"));
}

#[tokio::test]
async fn a_refused_amendment_carries_every_complaint_and_is_not_repeated() {
    let refused = json!({"outcome": "refused", "version": 3, "reason": "would not be taken", "refused": [
        {"code": "SERVICE_UNKNOWN", "field": "/serviceCode", "message": "no service"}, {"code": "PHONE_MISSING"}, 7,
    ]});
    let server = answer(
        "POST",
        &at("amend"),
        ResponseTemplate::new(200).set_body_json(refused),
    )
    .await;
    let change = Amendment::new("a1", 3).with_service_code("NO");
    let answer_ = client(&server).amend(REFERENCE, &change).await.unwrap();
    let codes_: Vec<_> = answer_
        .refused
        .iter()
        .filter_map(|one| one.code())
        .collect();
    assert_eq!(codes_, ["SERVICE_UNKNOWN", "PHONE_MISSING"]);

    let conflict = json!({"errors": [{"code": "VERSION_CONFLICT", "field": "/version"}]});
    let server = answer(
        "POST",
        &at("amend"),
        ResponseTemplate::new(409).set_body_json(conflict),
    )
    .await;
    let stale = client(&server);
    let error = stale.amend(REFERENCE, &change).await.unwrap_err();
    assert!(
        stale.is_version_conflict(&error) && !error.is_ambiguous(),
        "{error}"
    );

    let server = answer("POST", &at("amend"), ResponseTemplate::new(502)).await;
    let client = client(&server);
    let error = client.amend(REFERENCE, &change).await.unwrap_err();
    assert!(error.is_ambiguous() && error.attempts() == 1, "{error:?}");
    assert!(!client.is_version_conflict(&error));
}
