use proptest::prelude::*;

use super::*;

fn order(payment: PaymentTerms) -> SalesOrder {
    let mut order = SalesOrder::new("1");
    order.payment = payment;
    order
}

fn judge(
    policy: &ReleasePolicy,
    order: &SalesOrder,
    facts: &ReleaseFacts,
) -> Result<String, Vec<Code>> {
    let mut found = Vec::new();
    let rule = policy.judge(order, facts, &mut found);
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!(rule.is_some(), codes.is_empty());
    rule.ok_or(codes)
}

#[test]
fn the_default_policy() {
    let policy = ReleasePolicy::default();
    let none = ReleaseFacts::default();
    let rule = judge(&policy, &order(PaymentTerms::Upfront), &none);
    assert_eq!(rule, Ok("upfront: released at once".into()));
    assert!(judge(&policy, &order(PaymentTerms::Invoice), &none).is_ok());
    for payment in [PaymentTerms::OnAccount, PaymentTerms::Hokodo] {
        assert_eq!(
            judge(&policy, &order(payment), &none),
            Err(vec![Code::ReleasePending])
        );
    }
    for payment in [PaymentTerms::Missing, PaymentTerms::Other("barter".into())] {
        assert_eq!(
            judge(&policy, &order(payment), &none),
            Err(vec![Code::PaymentTypeUnknown])
        );
    }
}

#[test]
fn every_default_trigger_names_itself() {
    let policy = ReleasePolicy::default();
    let mut tagged = order(PaymentTerms::OnAccount);
    tagged.tags = vec![" Credit-Approved".into()];
    let none = ReleaseFacts::default();
    assert_eq!(
        judge(&policy, &tagged, &none),
        Ok("on_account: tag credit-approved".into())
    );
    let plain = order(PaymentTerms::OnAccount);
    let facts = ReleaseFacts {
        metadata: vec![("credit_status".into(), "approved".into())],
        ..ReleaseFacts::default()
    };
    assert_eq!(
        judge(&policy, &plain, &facts),
        Ok("on_account: metadata credit_status=approved".into())
    );
    let decided = |decision| ReleaseFacts {
        credit: Some(decision),
        ..ReleaseFacts::default()
    };
    assert_eq!(
        judge(&policy, &plain, &decided(CreditDecision::Approved)),
        Ok("on_account: credit approved".into())
    );
    assert!(judge(&policy, &plain, &decided(CreditDecision::Declined)).is_err());
}

#[test]
fn all_asks_for_everything_and_empty_triggers_never_fire() {
    let both = Trigger::All(vec![
        Condition::Status(vec!["processing".into()]),
        Condition::Credit(CreditDecision::Approved),
    ]);
    let policy = ReleasePolicy {
        on_account: both,
        ..ReleasePolicy::default()
    };
    let mut one = order(PaymentTerms::OnAccount);
    one.status = Some("Processing".into());
    assert!(judge(&policy, &one, &ReleaseFacts::default()).is_err());
    let facts = ReleaseFacts {
        credit: Some(CreditDecision::Approved),
        ..ReleaseFacts::default()
    };
    let rule = judge(&policy, &one, &facts).unwrap();
    assert_eq!(rule, "on_account: status processing and credit approved");
    for trigger in [
        Trigger::All(Vec::new()),
        Trigger::Any(Vec::new()),
        Trigger::All(vec![Condition::Tag("  ".into())]),
    ] {
        let policy = ReleasePolicy {
            on_account: trigger,
            ..ReleasePolicy::default()
        };
        one.tags = vec![String::new()];
        assert!(judge(&policy, &one, &facts).is_err());
        let mut found = Vec::new();
        policy.check(&mut found);
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn only_a_placed_order_leaves() {
    let policy = ReleasePolicy::default();
    for (kind, code) in [
        (OrderKind::Unconfirmed, Code::OrderUnconfirmed),
        (OrderKind::AwaitingApproval, Code::OrderAwaitingApproval),
        (
            OrderKind::Other("subscription".into()),
            Code::OrderUnconfirmed,
        ),
        (OrderKind::Quote, Code::OrderUnconfirmed),
    ] {
        let mut one = order(PaymentTerms::Upfront);
        one.kind = kind;
        assert_eq!(
            judge(&policy, &one, &ReleaseFacts::default()),
            Err(vec![code])
        );
    }
}

#[test]
fn reads_from_toml() {
    let policy: ReleasePolicy = toml::from_str(
        r#"
        upfront = "release"
        invoice = { when = { any = [{ status = ["processing"] }] } }
        on_account = { all = [{ tag = "ok" }, { credit = "approved" }, { metadata = { key = "a", value = "b" } }] }
        "#,
    )
    .unwrap();
    assert_eq!(policy.on_account.conditions().len(), 3);
    assert!(toml::from_str::<ReleasePolicy>(r#"on_account = "release""#).is_err());
    assert!(toml::from_str::<ReleasePolicy>("upfrnt = \"release\"").is_err());
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "a",
        "b",
        "credit-approved",
        "approved",
        "credit_status",
    ])
    .prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        prop::collection::vec(text(), 0..3).prop_map(Condition::Status),
        text().prop_map(Condition::Tag),
        (text(), text()).prop_map(|(key, value)| Condition::Metadata { key, value }),
        Just(Condition::Credit(CreditDecision::Approved)),
    ]
}

proptest! {
    #[test]
    fn more_facts_never_hold_what_fewer_released(
        conditions in prop::collection::vec(condition(), 0..4), all in any::<bool>(),
        status in prop::option::of(text()), tags in prop::collection::vec(text(), 0..3),
        metadata in prop::collection::vec((text(), text()), 0..3), extra in text(), approved in any::<bool>(),
    ) {
        let trigger = if all { Trigger::All(conditions) } else { Trigger::Any(conditions) };
        let empty = trigger.conditions().is_empty();
        let policy = ReleasePolicy { on_account: trigger, ..ReleasePolicy::default() };
        let facts = ReleaseFacts { status, tags, metadata, credit: None };
        let mut more = facts.clone();
        more.tags.push(extra.clone());
        more.metadata.push((extra.clone(), extra));
        more.credit = approved.then_some(CreditDecision::Approved);
        let one = order(PaymentTerms::OnAccount);
        let before = judge(&policy, &one, &facts).is_ok();
        let after = judge(&policy, &one, &more).is_ok();
        prop_assert!(!before || after);
        prop_assert!(!(empty && after));
        prop_assert!(judge(&policy, &one, &ReleaseFacts::default()).is_err(), "on account without any fact");
    }
}
