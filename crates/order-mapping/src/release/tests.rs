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
    let rule = policy.compile().judge(order, facts, &mut found);
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!(rule.is_some(), codes.is_empty());
    rule.map(RuleName::into_string).ok_or(codes)
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
    let plain = prop_oneof![
        prop::collection::vec(text(), 0..3).prop_map(Condition::Status),
        text().prop_map(Condition::Tag),
        (text(), text()).prop_map(|(key, value)| Condition::Metadata { key, value }),
        Just(Condition::Credit(CreditDecision::Approved)),
        Just(Condition::Payment(vec![PaymentKind::OnAccount])),
        Just(Condition::OrderType(vec!["order".into()])),
        (0u32..120).prop_map(Condition::MinutesSincePlaced),
    ];
    plain.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Any),
            prop::collection::vec(inner, 0..3).prop_map(Condition::All),
        ]
    })
}

fn trigger() -> impl Strategy<Value = Trigger> {
    (prop::collection::vec(condition(), 0..4), any::<bool>()).prop_map(|(conditions, all)| {
        if all {
            Trigger::All(conditions)
        } else {
            Trigger::Any(conditions)
        }
    })
}

fn facts() -> impl Strategy<Value = ReleaseFacts> {
    (
        prop::option::of(text()),
        prop::collection::vec(text(), 0..3),
        prop::collection::vec((text(), text()), 0..3),
        any::<bool>(),
        prop::option::of(0i64..10_000),
    )
        .prop_map(|(status, tags, metadata, approved, minutes)| ReleaseFacts {
            status,
            tags,
            metadata,
            credit: approved.then_some(CreditDecision::Approved),
            now: minutes.map(|minutes| placed() + TimeDelta::minutes(minutes)),
        })
}

fn placed() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn placed_order() -> SalesOrder {
    let mut order = order(PaymentTerms::OnAccount);
    order.placed_at = Some(placed());
    order
}

proptest! {
    #[test]
    fn removing_a_fact_never_releases(trigger in trigger(), facts in facts(), which in 0..5, grace in 0u32..90) {
        let policy = ReleasePolicy { on_account: trigger, grace_minutes: grace, ..ReleasePolicy::default() };
        let mut fewer = facts.clone();
        match which {
            0 => fewer.status = None,
            1 => drop(fewer.tags.pop()),
            2 => drop(fewer.metadata.pop()),
            3 => fewer.credit = None,
            _ => fewer.now = None,
        }
        let one = placed_order();
        prop_assert!(judge(&policy, &one, &facts).is_ok() || judge(&policy, &one, &fewer).is_err());
        let mut timeless = one.clone();
        timeless.placed_at = None;
        prop_assert!(judge(&policy, &one, &facts).is_ok() || judge(&policy, &timeless, &facts).is_err());
    }

    #[test]
    fn one_trigger_more_never_holds(conditions in prop::collection::vec(condition(), 0..4), one_more in condition(), facts in facts()) {
        let policy = |conditions: Vec<Condition>| ReleasePolicy { on_account: Trigger::Any(conditions), ..ReleasePolicy::default() };
        let mut more = conditions.clone();
        more.push(one_more);
        let one = placed_order();
        prop_assert!(judge(&policy(conditions), &one, &facts).is_err() || judge(&policy(more), &one, &facts).is_ok());
    }

    #[test]
    fn on_account_never_goes_without_a_decision(trigger in trigger(), minutes in 0i64..10_000) {
        let policy = ReleasePolicy { on_account: trigger.clone(), unconfirmed: Some(trigger), ..ReleasePolicy::default() };
        let undecided = ReleaseFacts { now: Some(placed() + TimeDelta::minutes(minutes)), ..ReleaseFacts::default() };
        let mut one = placed_order();
        prop_assert!(judge(&policy, &one, &undecided).is_err());
        one.payment = PaymentTerms::Upfront;
        one.kind = OrderKind::Unconfirmed;
        prop_assert!(judge(&policy, &one, &undecided).is_err());
    }

    #[test]
    fn unknown_payment_never_goes(trigger in trigger(), facts in facts(), method in text()) {
        let policy = ReleasePolicy { on_account: trigger.clone(), hokodo: PaymentRule::When(trigger), ..ReleasePolicy::default() };
        for payment in [PaymentTerms::Missing, PaymentTerms::Other(method)] {
            let found = judge(&policy, &order(payment), &facts).unwrap_err();
            prop_assert!(found.contains(&Code::PaymentTypeUnknown));
        }
    }
}

#[test]
fn the_grace_window_ends_by_itself() {
    let policy = ReleasePolicy {
        grace_minutes: 30,
        ..ReleasePolicy::default()
    };
    let mut paid = placed_order();
    paid.payment = PaymentTerms::Upfront;
    let at = |minutes| ReleaseFacts {
        now: Some(placed() + TimeDelta::minutes(minutes)),
        ..ReleaseFacts::default()
    };
    assert_eq!(
        judge(&policy, &paid, &at(29)),
        Err(vec![Code::ReleaseGrace])
    );
    assert!(judge(&policy, &paid, &at(30)).is_ok());
    let mut found = Vec::new();
    policy.compile().judge(&paid, &at(0), &mut found);
    assert_eq!(
        found.first().unwrap().args,
        [Arg::Until(placed() + TimeDelta::minutes(30))]
    );
    assert_eq!(
        judge(&policy, &paid, &ReleaseFacts::default()),
        Err(vec![Code::ReleaseGrace]),
        "without a clock no time passes"
    );
    paid.placed_at = None;
    assert_eq!(
        judge(&policy, &paid, &at(9_999)),
        Err(vec![Code::ReleaseGrace])
    );
}

#[test]
fn conditions_nest_and_name_themselves() {
    let policy: ReleasePolicy = toml::from_str(
        r#"
        hokodo = { when = { any = [{ minutes_since_placed = 60 }] } }
        unconfirmed = { any = [{ tag = "confirmed-by-phone" }] }
        on_account = { all = [
            { payment = ["on_account"] },
            { any = [{ status = ["processing"] }, { tag = "credit-approved" }] },
        ] }
        "#,
    )
    .unwrap();
    let mut found = Vec::new();
    policy.check(&mut found);
    assert_eq!(found, []);
    let mut one = placed_order();
    one.tags = vec!["credit-approved".into()];
    assert_eq!(
        judge(&policy, &one, &ReleaseFacts::default()),
        Ok("on_account: payment on_account and (status processing or tag credit-approved)".into())
    );
    one.kind = OrderKind::Unconfirmed;
    assert_eq!(
        judge(&policy, &one, &ReleaseFacts::default()),
        Err(vec![Code::OrderUnconfirmed])
    );
    one.tags.push("confirmed-by-phone".into());
    assert!(judge(&policy, &one, &ReleaseFacts::default()).is_ok());
    one.payment = PaymentTerms::Hokodo;
    let later = ReleaseFacts {
        now: Some(placed() + TimeDelta::minutes(60)),
        ..ReleaseFacts::default()
    };
    assert!(judge(&policy, &one, &ReleaseFacts::default()).is_err());
    assert_eq!(
        judge(&policy, &one, &later),
        Ok("hokodo: 60 minutes since placed".into())
    );
    let text = toml::to_string(&policy).unwrap();
    assert_eq!(toml::from_str::<ReleasePolicy>(&text).unwrap(), policy);
}

#[test]
fn a_trigger_that_takes_no_decision_is_a_fault_of_the_profile() {
    let policy = ReleasePolicy {
        on_account: Trigger::Any(vec![
            Condition::MinutesSincePlaced(0),
            Condition::Tag("ok".into()),
        ]),
        unconfirmed: Some(Trigger::All(vec![Condition::OrderType(vec![
            "order".into(),
        ])])),
        ..ReleasePolicy::default()
    };
    let mut found = Vec::new();
    policy.check(&mut found);
    let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/release/on_account", "/release/unconfirmed"]);
    assert!(found.iter().all(|one| one.severity == Severity::Error));
}

#[test]
fn every_vocabulary_of_payment_is_known() {
    for (text, terms) in [
        ("upfrontPayment", PaymentTerms::Upfront),
        ("platform_upfront", PaymentTerms::Upfront),
        ("paymentByInvoice", PaymentTerms::Invoice),
        ("invoice", PaymentTerms::Invoice),
        (" paymentOnAccount ", PaymentTerms::OnAccount),
        ("on_account", PaymentTerms::OnAccount),
        ("hokodoPayment", PaymentTerms::Hokodo),
        ("", PaymentTerms::Missing),
        ("quote", PaymentTerms::Other("quote".into())),
        ("On_Account", PaymentTerms::Other("On_Account".into())),
    ] {
        assert_eq!(PaymentTerms::read(text), terms, "{text}");
    }
    for text in [
        "order",
        "order_unconfirmed",
        "awaiting_approval",
        "quote",
        "cart",
        "new",
    ] {
        assert_eq!(OrderKind::read(text).as_str(), text);
    }
}
