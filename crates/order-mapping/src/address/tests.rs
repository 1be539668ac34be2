use super::*;

fn path(member: &str) -> String {
    format!("/personal/shipping/{member}")
}

fn address() -> Address {
    Address {
        name: Some("Goods In".into()),
        line1: Some("12 Mill Lane".into()),
        city: Some("Leeds".into()),
        postcode: Some("LS1 4AP".into()),
        country: Some("GB".into()),
        ..Address::default()
    }
}

fn texts(policy: &AddressPolicy, address: &Address) -> (Texts, Vec<(Code, String)>) {
    let mut found = Vec::new();
    let texts = policy.compile().texts(address, &mut found);
    (
        texts,
        found
            .into_iter()
            .map(|one| (one.code, one.path.into()))
            .collect(),
    )
}

fn place(policy: &AddressPolicy, country: &str, postcode: &str) -> (Place, Vec<(Code, Severity)>) {
    let mut found = Vec::new();
    let address = Address {
        country: Some(country.to_owned()),
        postcode: Some(postcode.into()),
        ..Address::default()
    };
    let place = policy.compile().place(&address, &mut found);
    (
        place,
        found
            .into_iter()
            .map(|one| (one.code, one.severity))
            .collect(),
    )
}

fn codes(policy: &AddressPolicy, country: &str, postcode: &str) -> Vec<Code> {
    place(policy, country, postcode)
        .1
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

#[test]
fn every_missing_part_is_named() {
    let (_, found) = texts(&AddressPolicy::default(), &Address::default());
    for member in ["name", "line1", "city"] {
        assert!(
            found.contains(&(Code::AddressMissingPart, path(member))),
            "{member}"
        );
    }
    let mut found = Vec::new();
    AddressPolicy::default()
        .compile()
        .place(&Address::default(), &mut found);
    let paths: Vec<String> = found.into_iter().map(|one| one.path.into()).collect();
    assert_eq!(paths, [path("country"), path("postcode")]);
}

#[test]
fn the_company_may_stand_for_the_person() {
    let mut one = address();
    one.name = None;
    one.company = Some("Example Trading".into());
    let (_, found) = texts(&AddressPolicy::default(), &one);
    assert_eq!(found, []);
}

#[test]
fn a_first_line_that_repeats_the_town_is_no_street() {
    let mut one = address();
    one.line1 = Some("LEEDS".into());
    let (_, found) = texts(&AddressPolicy::default(), &one);
    assert_eq!(found, [(Code::AddressMissingPart, path("line1"))]);
}

#[test]
fn long_lines_are_reflowed_or_refused_and_never_cut() {
    let policy = AddressPolicy::default();
    let mut one = address();
    one.line1 = Some("Unit 27, The Old Cotton Mill, North Wing".into());
    one.line2 = Some("Mill Lane".into());
    let (fitted, found) = texts(&policy, &one);
    assert_eq!(
        fitted.lines,
        Some((
            "Unit 27, The Old Cotton Mill, North".into(),
            "Wing Mill Lane".into()
        ))
    );
    assert_eq!(found, [(Code::TextReflowed, path("line1"))]);
    one.line2 = Some("x".repeat(36).into());
    let (fitted, found) = texts(&policy, &one);
    assert_eq!(fitted.lines, None);
    assert_eq!(found, [(Code::AddressLineTooLong, path("line1"))]);
    one.line1 = None;
    one.line2 = Some("Mill Lane".into());
    let (fitted, found) = texts(&policy, &one);
    assert_eq!(fitted.lines, Some(("Mill Lane".into(), "".into())));
    assert_eq!(found, [(Code::TextReflowed, path("line1"))]);
}

#[test]
fn letters_are_folded_only_for_an_ascii_target() {
    let mut one = address();
    one.city = Some("Łódź".into());
    let (fitted, found) = texts(&AddressPolicy::default(), &one);
    assert_eq!(fitted.city.as_deref(), Some("Lodz"));
    assert_eq!(found, [(Code::TextTransliterated, path("city"))]);
    let unicode = AddressPolicy {
        ascii: false,
        ..AddressPolicy::default()
    };
    let (fitted, found) = texts(&unicode, &one);
    assert_eq!((fitted.city.as_deref(), found), (Some("Łódź"), vec![]));
    one.city = Some("北京市".into());
    assert_eq!(
        texts(&AddressPolicy::default(), &one).1,
        [(Code::TextScriptUnsupported, path("city"))]
    );
    one.city = Some("Le\u{200B}eds".into());
    let (fitted, found) = texts(&AddressPolicy::default(), &one);
    assert_eq!(fitted.city.as_deref(), Some("Leeds"));
    assert_eq!(found, [(Code::TextInvisibleRemoved, path("city"))]);
}

#[test]
fn an_email_that_does_not_fit_is_left_out_or_holds() {
    let mut one = address();
    for email in [
        "a-very-long-mailbox-name@example.org",
        "no address",
        "goods-in@@example.org",
        "ádá@example.org",
    ] {
        one.email = Some(email.into());
        let mut found = Vec::new();
        let dropped = AddressPolicy::default().compile().texts(&one, &mut found);
        assert_eq!(dropped.email.as_deref(), Some(""), "{email}");
        assert_eq!(
            found.iter().map(|one| one.severity).collect::<Vec<_>>(),
            [Severity::Warning]
        );
        let strict = AddressPolicy {
            unusable_email: EmailChoice::Hold,
            ..AddressPolicy::default()
        };
        found.clear();
        assert_eq!(strict.compile().texts(&one, &mut found).email, None);
        assert_eq!(
            found.iter().map(|one| one.severity).collect::<Vec<_>>(),
            [Severity::Hold]
        );
    }
    one.email = Some("goods-in@example.org".into());
    assert_eq!(
        texts(&AddressPolicy::default(), &one).0.email.as_deref(),
        Some("goods-in@example.org")
    );
}

#[test]
fn country_and_postcode_have_to_agree() {
    let policy = AddressPolicy::default();
    assert_eq!(codes(&policy, "GB", "ls14ap"), []);
    assert_eq!(codes(&policy, "UK", "LS1 4AP"), [Code::CountryAlias]);
    assert_eq!(codes(&policy, "JE", "JE2 3AB"), []);
    assert_eq!(
        codes(&policy, "JE", "LS1 4AP"),
        [Code::CountryPostcodeMismatch]
    );
    assert_eq!(
        codes(&policy, "FR", "LS1 4AP"),
        [Code::CountryPostcodeMismatch]
    );
    assert_eq!(
        codes(&policy, "GB", "FIQQ 1ZZ"),
        [Code::CountryPostcodeMismatch]
    );
    assert_eq!(codes(&policy, "FK", "FIQQ 1ZZ"), []);
    assert_eq!(codes(&policy, "FR", "75001"), []);
    assert_eq!(codes(&policy, "IE", " "), []);
    assert_eq!(codes(&policy, "FR", ""), [Code::PostcodeMissing]);
    assert_eq!(
        codes(&policy, "Narnia", "nonsense"),
        [Code::CountryUnknown],
        "without a country there is no grammar"
    );
    assert_eq!(codes(&policy, "GB", "LS1 4A"), [Code::PostcodeShape]);
    assert_eq!(codes(&policy, "GB", "AA1 1AA"), [Code::PostcodeArea]);
    assert_eq!(
        codes(&policy, "GB", "BX1 1LT"),
        [Code::PostcodeNonGeographic]
    );
}

#[test]
fn crown_dependencies_and_forces() {
    let policy = AddressPolicy::default();
    assert_eq!(
        codes(&policy, "GB", "GY1 1AA"),
        [Code::CountryCrownDependency]
    );
    assert_eq!(codes(&policy, "GB", "BF1 3AA"), [Code::BfpoRestricted]);
    assert_eq!(codes(&policy, "GB", "BFPO 57"), [Code::BfpoRestricted]);
    let open = AddressPolicy {
        correct_crown_dependency: true,
        bfpo_allowed: true,
        ..AddressPolicy::default()
    };
    let (guernsey, found) = place(&open, "GB", "GY1 1AA");
    assert_eq!(guernsey.country.unwrap().as_str(), "GG");
    assert_eq!(found, [(Code::CountryCrownDependency, Severity::Info)]);
    let (forces, found) = place(&open, "GB", "bfpo57");
    assert_eq!(forces.postcode.as_deref(), Some("BFPO 57"));
    assert_eq!(found, [(Code::BfpoRestricted, Severity::Info)]);
}

#[test]
fn a_default_country_is_used_only_when_configured() {
    let policy = AddressPolicy {
        default_country: Some("GB".into()),
        ..AddressPolicy::default()
    };
    assert_eq!(codes(&policy, "", "LS1 4AP"), [Code::CountryAlias]);
}

#[test]
fn instructions_may_be_shortened_with_a_warning_and_carry_the_extension() {
    let policy = AddressPolicy {
        instructions_max: 24,
        ..AddressPolicy::default()
    };
    let mut personal = PersonalDetails {
        instructions: Some("Leave with reception".into()),
        ..PersonalDetails::default()
    };
    let mut found = Vec::new();
    let text = policy.compile().instructions(&personal, None, &mut found);
    assert_eq!(
        (text.as_deref(), found.len()),
        (Some("Leave with reception"), 0)
    );
    let phone = ChosenPhone {
        number: crate::LabelPhone::checked("441132430000"),
        extension: Some("42".into()),
    };
    let text = policy
        .compile()
        .instructions(&personal, Some(&phone), &mut found);
    assert_eq!(text.as_deref(), Some("Tel ext 42. Leave with"));
    assert_eq!(
        found.first().map(|one| one.code),
        Some(Code::NotesShortened)
    );
    personal.instructions = None;
    let text = policy
        .compile()
        .instructions(&personal, Some(&phone), &mut Vec::new());
    assert_eq!(text.as_deref(), Some("Tel ext 42"));
}

#[test]
fn three_lines_become_two_or_the_order_is_held() {
    let with = |line1: &str, line2: &str, line3: &str, policy: &AddressPolicy| {
        let address = Address {
            line1: Some(line1.into()),
            line2: Some(line2.into()),
            line3: Some(line3.into()),
            ..Address::default()
        };
        let mut found = Vec::new();
        let lines = policy.compile().lines(&address, None, &mut found);
        let lines = lines.map(|(one, two)| (one.to_string(), two.to_string()));
        (
            lines,
            found.into_iter().map(|one| one.code).collect::<Vec<_>>(),
        )
    };
    let strict = AddressPolicy::default();
    let (lines, codes) = with("Unit 3", "Mill Yard", "Mill Lane", &strict);
    assert_eq!(
        lines,
        Some(("Unit 3 Mill Yard Mill Lane".into(), String::new()))
    );
    assert_eq!(codes, [Code::TextReflowed]);
    let long = "Northern Commercial Vehicles Building";
    let (lines, codes) = with(long, "Harbour Road Industrial Estate", "Mill Lane", &strict);
    assert_eq!((lines, codes), (None, vec![Code::AddressTooManyLines]));
    let lenient = AddressPolicy {
        abbreviate: true,
        ..AddressPolicy::default()
    };
    let one = "Unit 4, Harbour Road Industrial Estate,";
    let two = "Northern Commercial Building";
    let (lines, codes) = with(one, two, "", &strict);
    assert_eq!((lines, codes), (None, vec![Code::AddressLineTooLong]));
    let (lines, codes) = with(one, two, "", &lenient);
    assert_eq!(
        lines,
        Some((
            "Unit 4, Harbour Road Industrial".into(),
            "Estate, Northern Commercial Bldg".into()
        ))
    );
    assert_eq!(codes, [Code::TextAbbreviated]);
}

#[test]
fn what_counts_and_what_is_forbidden_is_the_profiles() {
    let fit = |policy: &AddressPolicy, text: &str| {
        let mut found = Vec::new();
        let text = policy.compile().fit_within(&at::CITY, text, 6, &mut found);
        (text.is_some(), found.first().map(|one| one.code))
    };
    let bytes = AddressPolicy {
        ascii: false,
        unit: TextUnit::Bytes,
        ..AddressPolicy::default()
    };
    assert_eq!(
        fit(&bytes, "Zürich"),
        (false, Some(Code::AddressLineTooLong))
    );
    let chars = AddressPolicy {
        ascii: false,
        ..AddressPolicy::default()
    };
    assert_eq!(fit(&chars, "Zürich"), (true, None));
    assert_eq!(fit(&chars, "Le~ds"), (false, Some(Code::TextForbiddenChar)));
    let free = AddressPolicy {
        forbidden: "|".into(),
        ..AddressPolicy::default()
    };
    assert_eq!(fit(&free, "Le~ds"), (true, None));
    assert_eq!(fit(&free, "Le|ds"), (false, Some(Code::TextForbiddenChar)));
}

#[test]
fn what_reading_a_postcode_tells() {
    let policy = AddressPolicy::default();
    assert_eq!(
        codes(&policy, "GB", "KA77 8AA"),
        [Code::PostcodeDistrictUnknown]
    );
    assert_eq!(
        place(&policy, "GB", "KA77 8AA").1,
        [(Code::PostcodeDistrictUnknown, Severity::Warning)]
    );
    assert_eq!(
        codes(&policy, "GB", "GIR 0AA"),
        [Code::PostcodeNonGeographic]
    );
    assert_eq!(codes(&policy, "GB", "ls1\u{a0}4ap"), []);
    let (long_s, found) = place(&policy, "GB", "\u{17F}w1a 1aa");
    assert_eq!(long_s.postcode.as_deref(), Some("SW1A 1AA"));
    assert_eq!(found, [(Code::TextTransliterated, Severity::Info)]);
    assert_eq!(
        codes(&policy, "GB", "LS1\u{200B} 4AP"),
        [Code::TextInvisibleRemoved]
    );
}

#[test]
fn codes_that_are_no_place_of_delivery() {
    let policy = AddressPolicy::default();
    for (text, word) in [
        ("XX10 1DD", "returns"),
        ("XM4 5HQ", "Father Christmas"),
        ("ZZ99 3VZ", "statistics"),
    ] {
        let mut found = Vec::new();
        let address = Address {
            country: Some("GB".into()),
            postcode: Some(text.into()),
            ..Address::default()
        };
        let place = policy.compile().place(&address, &mut found);
        assert_eq!(place.postcode, None);
        let [fault] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(fault.code, Code::PostcodeShape);
        assert!(fault.message.contains(word), "{}", fault.message);
    }
    assert_eq!(
        codes(&policy, "GB", "HM 12"),
        [Code::CountryPostcodeMismatch]
    );
    assert_eq!(codes(&policy, "BM", "HM 12"), []);
    assert_eq!(
        codes(&policy, "FR", "HM 12"),
        [Code::CountryPostcodeMismatch]
    );
}

#[test]
fn no_postcode_is_longer_than_the_limit_even_if_the_limit_is_a_fault() {
    for (postcode, limit) in [
        ("LS1 4AP", 6),
        ("BFPO 57", 6),
        ("EC1A 1BB", 7),
        ("LS1 4AP", 0),
    ] {
        let policy = AddressPolicy {
            postcode_max: limit,
            bfpo_allowed: true,
            ..AddressPolicy::default()
        };
        let mut found = Vec::new();
        policy.check(&mut found);
        assert!(found.iter().any(|one| one.code == Code::ConfigLimitBad));
        found.clear();
        let address = Address {
            country: Some("GB".into()),
            postcode: Some(postcode.into()),
            ..Address::default()
        };
        let place = policy.compile().place(&address, &mut found);
        assert_eq!(place.postcode, None, "{postcode} within {limit}");
        let too_long = found
            .iter()
            .filter(|one| one.code == Code::AddressLineTooLong);
        assert_eq!(too_long.count(), 1, "{found:?}");
    }
}
