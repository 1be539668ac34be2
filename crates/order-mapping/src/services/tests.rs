use super::*;
use crate::{Code, CountryCode, Diagnostic, Money, ServiceCode, Subject, UkPostcode};

type Chosen = Result<Option<(ServiceCode, crate::RuleName)>, Box<Diagnostic>>;

fn chosen(table: &ServiceTable, label: Option<&str>, now: &Circumstances<'_>) -> Chosen {
    let label = label.map(Into::into);
    CompiledServices::new(table).choose(label.as_ref(), now)
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
        table.check(&mut found);
        found.is_empty()
    });
    table.rules.push(ServiceRule::new(" Pallet", "PAL2"));
    let mut dead = ServiceRule::new("Pallet", "with space");
    dead.countries = vec!["UK".into()];
    dead.postcode_areas = vec!["QQ".into()];
    table.rules.push(dead);
    let mut found = Vec::new();
    table.check(&mut found);
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
