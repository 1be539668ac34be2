use super::*;
use crate::{Code, CountryCode, Diagnostic, Money, ServiceCode, Subject, UkPostcode};

type Chosen = Result<Option<(ServiceCode, crate::RuleName)>, Box<Diagnostic>>;

fn chosen(table: &ServiceTable, label: Option<&str>, now: &Circumstances<'_>) -> Chosen {
    let label = label.map(Into::into);
    CompiledServices::new(table, &ZoneTable::default()).choose(label.as_ref(), now)
}

const ANYWHERE: Circumstances<'_> = Circumstances {
    country: None,
    postcode: None,
    unclear: false,
    grams: None,
    total: None,
    customer_group: None,
};

fn table() -> ServiceTable {
    let mut islands = ServiceRule::new("Express B2B Delivery", "WHI_ISL");
    islands.postcode_areas = vec!["ZE".into(), "KA27".into()];
    let mut ireland = ServiceRule::new("Express B2B Delivery", "WHI_IE");
    ireland.countries = vec!["ie".into()];
    ireland.name = Some("express to Ireland".into());
    let mut domestic = ServiceRule::new("Express B2B Delivery", "WHI_EXP");
    domestic.countries = vec!["GB".into()];
    ServiceTable {
        rules: vec![
            islands,
            ireland,
            domestic,
            ServiceRule::new("Pallet", "PAL"),
        ],
        ..ServiceTable::default()
    }
}

fn choose(
    table: &ServiceTable,
    label: &str,
    country: &str,
    postcode: &str,
) -> Result<(String, String), Code> {
    let country = CountryCode::checked(country);
    let postcode = UkPostcode::parse(postcode).ok();
    let destination = Circumstances {
        country: Some(&country),
        postcode: postcode.as_ref(),
        ..ANYWHERE
    };
    chosen(table, Some(label), &destination)
        .map(|found| {
            found
                .map(|(code, rule)| (code.as_str().to_owned(), rule.into_string()))
                .unwrap()
        })
        .map_err(|fault| fault.code)
}

#[test]
fn the_first_rule_that_fits_decides() {
    let code = |country, postcode| {
        choose(&table(), " Express  B2B Delivery ", country, postcode).map(|(code, _)| code)
    };
    assert_eq!(code("GB", "SW1A 1AA"), Ok("WHI_EXP".into()));
    assert_eq!(code("GB", "ZE1 0AA"), Ok("WHI_ISL".into()));
    assert_eq!(code("GB", "KA27 8AA"), Ok("WHI_ISL".into()));
    assert_eq!(code("GB", "KA1 1AA"), Ok("WHI_EXP".into()));
    assert_eq!(code("FR", ""), Err(Code::ShipUnmapped));
    let (_, rule) = choose(&table(), "Express B2B Delivery", "IE", "").unwrap();
    assert_eq!(rule, "express to Ireland");
}

#[test]
fn an_unknown_option_is_never_guessed() {
    let fault = chosen(&table(), Some("express b2b delivery"), &ANYWHERE).unwrap_err();
    assert_eq!(fault.code, Code::ShipUnmapped);
    assert_eq!(
        fault.subject,
        Subject::ShippingOption("express b2b delivery".into())
    );
    assert!(
        fault.message.contains("\"Express B2B Delivery\""),
        "{}",
        fault.message
    );
    let folding = ServiceTable {
        ignore_case: true,
        ..table()
    };
    assert_eq!(
        choose(&folding, "express b2b delivery", "GB", "SW1A 1AA")
            .unwrap()
            .0,
        "WHI_EXP"
    );
}

#[test]
fn a_missing_option_and_an_unclear_destination() {
    assert_eq!(
        chosen(&table(), None, &ANYWHERE).unwrap_err().code,
        Code::ShipMissing
    );
    assert_eq!(
        chosen(&table(), Some("  "), &ANYWHERE).unwrap_err().code,
        Code::ShipMissing
    );
    let unclear = Circumstances {
        unclear: true,
        ..ANYWHERE
    };
    assert_eq!(
        chosen(&table(), Some("Express B2B Delivery"), &unclear).unwrap(),
        None
    );
    assert!(
        chosen(&table(), Some("Pallet"), &unclear)
            .unwrap()
            .is_some()
    );
}

#[test]
fn the_check_finds_duplicates_and_dead_rules() {
    let mut table = table();
    assert!({
        let mut found = Vec::new();
        table.check(&ZoneTable::default(), &mut found);
        found.is_empty()
    });
    table.rules.push(ServiceRule::new(" Pallet", "PAL2"));
    let mut dead = ServiceRule::new("Pallet", "with space");
    dead.countries = vec!["UK".into()];
    dead.postcode_areas = vec!["QQ".into()];
    table.rules.push(dead);
    let mut hidden = ServiceRule::new("Pallet", "PAL3");
    hidden.countries = vec!["GB".into()];
    table.rules.push(hidden);
    let mut found = Vec::new();
    table.check(&ZoneTable::default(), &mut found);
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!(
        codes,
        [
            Code::ShipTableDuplicate,
            Code::ShipCodeBad,
            Code::ShipCodeBad,
            Code::ShipCodeBad,
            Code::ShipRuleUnreachable
        ]
    );
}

fn with(edit: impl FnOnce(&mut ServiceRule)) -> ServiceRule {
    let mut rule = ServiceRule::new("Pallet", "PAL");
    edit(&mut rule);
    rule
}

fn of(rules: Vec<ServiceRule>) -> ServiceTable {
    ServiceTable {
        rules,
        ..ServiceTable::default()
    }
}

fn weight(from: Option<i64>, below: Option<i64>) -> WeightRange {
    WeightRange {
        from: from.map(Into::into),
        below: below.map(Into::into),
    }
}

fn value(from: i64, currency: &str) -> ValueRange {
    ValueRange {
        from: Some(from.into()),
        below: None,
        currency: currency.into(),
    }
}

#[test]
fn weight_value_and_group_decide_and_are_never_guessed() {
    let mut rules = vec![
        with(|rule| {
            rule.customer_groups = vec![" Gold ".into()];
            rule.code = "GOLD".into();
        }),
        with(|rule| {
            rule.value = value(500, "GBP");
            rule.code = "DEAR".into();
        }),
        with(|rule| {
            rule.weight_kg = weight(None, Some(30));
            rule.code = "LIGHT".into();
        }),
    ];
    rules.push(with(|rule| {
        rule.weight_kg = weight(Some(30), None);
        rule.code = "HEAVY".into();
    }));
    let table = of(rules);
    let total = |amount: i64, currency: &str| Money::new(amount.into(), currency);
    let code = |now: &Circumstances<'_>| {
        chosen(&table, Some("Pallet"), now)
            .map(|chosen| chosen.unwrap().0.as_str().to_owned())
            .map_err(|fault| fault.code)
    };
    let small = total(499, "GBP");
    let light = Circumstances {
        grams: Some(29_999),
        total: Some(&small),
        ..ANYWHERE
    };
    assert_eq!(code(&light), Ok("LIGHT".into()));
    let at_limit = Circumstances {
        grams: Some(30_000),
        ..light
    };
    assert_eq!(code(&at_limit), Ok("HEAVY".into()));
    let dear = total(500, "GBP");
    let foreign = total(500, "EUR");
    let with_total = |total| Circumstances { total, ..light };
    assert_eq!(code(&with_total(Some(&dear))), Ok("DEAR".into()));
    assert_eq!(code(&with_total(Some(&foreign))), Ok("LIGHT".into()));
    assert_eq!(code(&with_total(None)), Err(Code::ShipValueUnknown));
    let no_weight = Circumstances {
        grams: None,
        ..light
    };
    assert_eq!(code(&no_weight), Err(Code::ShipWeightUnknown));
    let gold = Circumstances {
        customer_group: Some("gold"),
        ..ANYWHERE
    };
    assert_eq!(
        code(&gold),
        Ok("GOLD".into()),
        "what is not asked need not be known"
    );
}

#[test]
fn zones_are_those_of_the_profile() {
    let mut rules = vec![
        with(|rule| {
            rule.zones = vec!["highlands_and_islands".into()];
            rule.code = "ISL".into();
        }),
        with(|rule| {
            rule.zones = vec!["nowhere".into()];
            rule.code = "NO".into();
        }),
    ];
    rules.push(with(|rule| {
        rule.postcode_areas = vec!["PO30-41".into(), "LS".into()]
    }));
    let table = of(rules);
    assert_eq!(choose(&table, "Pallet", "GB", "KA27 8AA").unwrap().0, "ISL");
    assert_eq!(choose(&table, "Pallet", "GB", "PO33 1AA").unwrap().0, "PAL");
    assert_eq!(
        choose(&table, "Pallet", "GB", "KA1 1AA"),
        Err(Code::ShipUnmapped)
    );
    let mut found = Vec::new();
    table.check(&ZoneTable::default(), &mut found);
    let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/services/rules/1/zones/0"]);
}

fn checked(rules: Vec<ServiceRule>) -> Vec<(Code, String)> {
    let mut found = Vec::new();
    of(rules).check(&ZoneTable::default(), &mut found);
    found
        .into_iter()
        .map(|one| (one.code, one.path.into()))
        .collect()
}

#[test]
fn exceptions_in_front_of_the_rule_are_fine_and_crossing_rules_are_a_question() {
    let light = || with(|rule| rule.weight_kg = weight(None, Some(30)));
    let far = || with(|rule| rule.zones = vec!["highlands_and_islands".into()]);
    let second = |code| vec![(code, "/services/rules/1".to_owned())];
    assert_eq!(checked(vec![far(), with(|_| {})]), []);
    assert_eq!(
        checked(vec![with(|_| {}), far()]),
        second(Code::ShipRuleUnreachable)
    );
    assert_eq!(checked(vec![light(), far()]), second(Code::ShipRuleOverlap));
    let heavy = || with(|rule| rule.weight_kg = weight(Some(30), None));
    assert_eq!(
        checked(vec![light(), heavy()]),
        [],
        "neighbours meet nowhere"
    );
    let pounds = || with(|rule| rule.value = value(500, "GBP"));
    let euros = || with(|rule| rule.value = value(500, "EUR"));
    assert_eq!(checked(vec![pounds(), euros()]), []);
    assert_eq!(
        checked(vec![pounds(), light()]),
        second(Code::ShipRuleOverlap)
    );
    let mull = || with(|rule| rule.postcode_areas = vec!["PA60-75".into()]);
    assert_eq!(
        checked(vec![far(), mull()]),
        second(Code::ShipRuleUnreachable)
    );
    let gold = || with(|rule| rule.customer_groups = vec!["gold".into()]);
    let silver = || with(|rule| rule.customer_groups = vec!["Silver".into()]);
    assert_eq!(checked(vec![gold(), silver()]), []);
}

#[test]
fn ranges_that_hold_nothing_are_faults() {
    let empty = with(|rule| rule.weight_kg = weight(Some(30), Some(30)));
    let nameless = with(|rule| rule.value = value(500, "UKP"));
    let paths: Vec<String> = checked(vec![empty, nameless])
        .into_iter()
        .filter(|(code, _)| *code == Code::ShipCodeBad)
        .map(|(_, path)| path)
        .collect();
    assert_eq!(
        paths,
        [
            "/services/rules/0/weight_kg",
            "/services/rules/1/value/currency"
        ]
    );
}

#[test]
fn ranges_are_written_as_decimal_texts() {
    let rule: ServiceRule = toml::from_str(
        "option = \"Pallet\"\ncode = \"PAL\"\nweight_kg = { from = \"30.5\" }\nvalue = { below = \"1000\", currency = \"GBP\" }",
    )
    .unwrap();
    assert_eq!(
        toml::from_str::<ServiceRule>(&toml::to_string(&rule).unwrap()).unwrap(),
        rule
    );
    assert!(rule.weight_kg.bounds().holds("30.5".parse().unwrap()));
    assert!(
        toml::from_str::<ServiceRule>("option = \"a\"\ncode = \"b\"\nweight_kg = { from = 30.5 }")
            .is_err()
    );
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    fn rule() -> impl Strategy<Value = ServiceRule> {
        let codes = ["PAL", "EXP", "STD"];
        (
            prop::sample::select(vec!["Pallet", "pallet", "Express  Delivery", "Drone"]),
            prop::sample::select(codes.to_vec()),
            prop::collection::vec(prop::sample::select(vec!["GB", "IE", "FR"]), 0..3),
            prop::collection::vec(
                prop::sample::select(vec!["IV", "KA27", "SW1A", "PO30-41"]),
                0..3,
            ),
            prop::option::of(0i64..40),
            prop::option::of(0i64..40),
        )
            .prop_map(|(option, code, countries, areas, from, below)| {
                let mut rule = ServiceRule::new(option, code);
                rule.countries = countries.into_iter().map(str::to_owned).collect();
                rule.postcode_areas = areas.into_iter().map(str::to_owned).collect();
                rule.weight_kg = weight(from, below);
                rule
            })
    }

    proptest! {
        #[test]
        fn the_code_is_one_of_the_table_and_the_rule_is_the_first_that_fits(
            rules in prop::collection::vec(rule(), 0..8), label in prop_oneof![Just("Pallet".to_owned()), Just("Express Delivery".to_owned()), any::<String>()],
            country in prop::sample::select(vec!["GB", "IE", "DE"]), postcode in prop::sample::select(vec!["IV1 1AA", "SW1A 1AA", "PO33 1AA", "LS1 4AP", ""]), grams in prop::option::of(0u64..60_000),
        ) {
            let table = of(rules);
            let country = CountryCode::checked(country);
            let postcode = UkPostcode::parse(postcode).ok();
            let now = Circumstances { country: Some(&country), postcode: postcode.as_ref(), grams, ..ANYWHERE };
            match chosen(&table, Some(&label), &now) {
                Ok(chosen) => {
                    let (code, _) = chosen.unwrap();
                    let alone = table.rules.iter().find(|rule| chosen_alone(rule, &label, &now).is_ok()).unwrap();
                    prop_assert_eq!(code.as_str(), alone.code.as_str());
                }
                Err(fault) => prop_assert!(fault.severity.holds()),
            }
        }

        #[test]
        fn a_rule_that_the_check_calls_unreachable_never_decides(rules in prop::collection::vec(rule(), 1..6), country in prop::sample::select(vec!["GB", "IE"]), grams in 0u64..60_000) {
            let mut found = Vec::new();
            let table = of(rules);
            table.check(&ZoneTable::default(), &mut found);
            // A UK postcode goes with its own country; anything else is held before a service is looked up.
            let postcode = (country == "GB").then(|| UkPostcode::parse("KA27 8AA").unwrap());
            let country = CountryCode::checked(country);
            let now = Circumstances { country: Some(&country), postcode: postcode.as_ref(), grams: Some(grams), ..ANYWHERE };
            for dead in found.iter().filter(|one| matches!(one.code, Code::ShipRuleUnreachable | Code::ShipTableDuplicate)) {
                let index: usize = dead.path.as_str().rsplit('/').next().unwrap().parse().unwrap();
                let mut without = table.clone();
                let rule = without.rules.remove(index);
                let decide = |table: &ServiceTable| chosen(table, Some(&rule.option), &now).ok().flatten();
                prop_assert_eq!(decide(&table), decide(&without));
            }
        }
    }

    fn chosen_alone(rule: &ServiceRule, label: &str, now: &Circumstances<'_>) -> Chosen {
        chosen(&of(vec![rule.clone()]), Some(label), now)
    }
}
