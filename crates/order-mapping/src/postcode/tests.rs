use proptest::prelude::*;

use super::*;
use crate::postcode_districts::AREAS;

fn area() -> impl Strategy<Value = &'static str> {
    prop::sample::select(AREAS).prop_map(|(name, _)| name)
}

#[test]
fn the_six_forms_and_the_special_ones() {
    for text in [
        "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "GIR 0AA", "BX1 1LT",
        "BF1 3AA", "JE2 3AB",
    ] {
        assert_eq!(UkPostcode::parse(text).unwrap().text(), text);
    }
    assert_eq!(
        UkPostcode::parse("\u{17F}w1a\u{a0}1aa ").unwrap().text(),
        "SW1A 1AA"
    );
    assert_eq!(UkPostcode::parse("GY1 1AA").unwrap().country(), "GG");
}

#[test]
fn what_is_none() {
    for (text, fault) in [
        ("", PostcodeFault::Shape),
        ("12345", PostcodeFault::Shape),
        ("SW1A 1AC", PostcodeFault::Shape),
        ("QA1 1AA", PostcodeFault::Shape),
        ("SWIA 1AA", PostcodeFault::LookAlike),
        ("M1 OAE", PostcodeFault::LookAlike),
        ("SW1A-1AA", PostcodeFault::LookAlike),
        ("XX10 1DD", PostcodeFault::Shape),
        ("ZZ99 3VZ", PostcodeFault::Shape),
        ("AA1 1AA", PostcodeFault::Area),
        ("FIQQ 1ZZ", PostcodeFault::OtherCountry("FK")),
        ("GX11 1AA", PostcodeFault::OtherCountry("GI")),
        ("KY1-1001", PostcodeFault::OtherCountry("KY")),
        ("AI-2640", PostcodeFault::OtherCountry("AI")),
        ("MSR1110", PostcodeFault::OtherCountry("MS")),
        ("HM 12", PostcodeFault::OtherCountry("BM")),
        ("DV-04", PostcodeFault::OtherCountry("BM")),
        ("HM FX", PostcodeFault::OtherCountry("BM")),
        ("SN 12", PostcodeFault::Shape),
        ("HM 1A", PostcodeFault::Shape),
        ("SW1A\u{2013}1AA", PostcodeFault::LookAlike),
        ("\u{421}R2 6XH", PostcodeFault::Shape),
    ] {
        assert_eq!(UkPostcode::parse(text), Err(fault), "{text}");
    }
}

#[test]
fn forces_numbers_and_limits_of_tables() {
    assert_eq!(forces_number("bfpo 57"), Some("BFPO 57".into()));
    assert_eq!(forces_number("BFPO"), None);
    let is_item = crate::zones::is_item;
    assert!(is_item("ka27") && is_item("IV") && !is_item("QQ"));
}

#[test]
fn debug_shows_the_area_only() {
    let text = format!("{:?}", UkPostcode::parse("SW1A 1AA").unwrap());
    assert_eq!(text, "UkPostcode(SW***)");
}

proptest! {
    #[test]
    fn reading_is_idempotent_and_blind_to_case_and_space(
        area in area(), district in "[0-9]{1,2}", inward in "[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}", gap in "[ \t\u{a0}]{0,3}",
    ) {
        let text = format!("{area}{district}{gap}{inward}");
        let postcode = UkPostcode::parse(&text).unwrap();
        prop_assert_eq!(postcode.text(), format!("{area}{district} {inward}"));
        prop_assert_eq!(&UkPostcode::parse(postcode.text()).unwrap(), &postcode);
        prop_assert_eq!(&UkPostcode::parse(&text.to_lowercase()).unwrap(), &postcode);
    }

    #[test]
    fn reading_is_total(text in any::<String>()) {
        if let Ok(postcode) = UkPostcode::parse(&text) {
            prop_assert_eq!(UkPostcode::parse(postcode.text()), Ok(postcode));
        }
    }

    #[test]
    fn the_parts_join_to_the_text(area in area(), district in "[0-9]{1,2}", inward in "[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}") {
        let postcode = UkPostcode::parse(&format!("{area}{district}{inward}")).unwrap();
        prop_assert_eq!(postcode.text(), format!("{} {}", postcode.outward(), postcode.inward()));
        prop_assert_eq!((postcode.area(), postcode.inward()), (area, inward.as_str()));
        prop_assert_eq!(postcode.district(), (district.parse().unwrap(), None));
    }

    #[test]
    fn reading_agrees_with_the_grammar(text in "[A-Z]{1,2}[0-9A-Z]{1,3} ?[0-9][A-Z]{2}") {
        prop_assert_eq!(UkPostcode::parse(&text).is_ok(), by_the_grammar(&text), "{}", text);
    }

    #[test]
    fn near_misses_agree_with_the_grammar(
        area in area(), district in "[0-9]{0,2}[A-Z]?", inward in "[0-9O][A-Z0]{1,2}", at in 0usize..8, other in "[A-Z0-9 -]?",
    ) {
        let mut letters: Vec<char> = format!("{area}{district} {inward}").chars().collect();
        let at = at.min(letters.len());
        letters.splice(at..letters.len().min(at + 1), other.chars());
        let text: String = letters.into_iter().collect();
        prop_assert_eq!(UkPostcode::parse(&text).is_ok(), by_the_grammar(&text), "{}", text);
    }

    #[test]
    fn one_look_alike_is_found_again(
        (area, list) in prop::sample::select(AREAS), inward in "[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}", pick in any::<prop::sample::Index>(), dash in "[-. ]?",
    ) {
        prop_assume!(!list.is_empty());
        let first = list.split([' ', '-']).next().unwrap();
        let right = UkPostcode::parse(&format!("{area}{first}{inward}")).unwrap();
        let mut letters: Vec<char> = right.text().chars().collect();
        let at = pick.index(letters.len());
        letters[at] = match letters[at] {
            'O' => '0',
            '0' => 'O',
            'L' => '1',
            '1' => 'I',
            other => other,
        };
        letters.extend(dash.chars());
        let text: String = letters.into_iter().collect();
        match UkPostcode::parse(&text) {
            // The exchange gave another postcode, or changed nothing: there is nothing to offer.
            Ok(_) => prop_assert_eq!(UkPostcode::suggest(&text), None),
            Err(fault) => {
                prop_assert!(any_repair(&text, |one| one == right), "{text}");
                if fault != PostcodeFault::Area {
                    prop_assert_eq!(fault, PostcodeFault::LookAlike);
                }
                if let Some(one) = UkPostcode::suggest(&text) {
                    prop_assert_eq!(one, right);
                }
            }
        }
    }

    #[test]
    fn a_suggestion_is_a_postcode_of_the_same_letters(text in "[A-Z01IOL5 .-]{4,9}") {
        if let Some(one) = UkPostcode::suggest(&text) {
            prop_assert!(UkPostcode::parse(&text).is_err());
            prop_assert_eq!(UkPostcode::parse(one.text()), Ok(one));
            let alike = |text: &str| -> String {
                text.chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| match c {
                        'O' => '0',
                        'I' | 'L' => '1',
                        other => other,
                    })
                    .collect()
            };
            prop_assert_eq!(alike(one.text()), alike(&text));
        }
    }
}

/// The grammar once more, slowly: the six forms as patterns of letter classes, in place of byte matching.
fn by_the_grammar(text: &str) -> bool {
    let code: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    if code.iter().collect::<String>() == "GIR0AA" {
        return true;
    }
    let forms = ["A9", "A99", "AB9", "AB99", "A9c", "AB9d"];
    let fits = |form: &str| {
        let classes: Vec<char> = form.chars().chain("9xx".chars()).collect();
        classes.len() == code.len()
            && classes.iter().zip(&code).all(|(class, c)| match class {
                '9' => "0123456789".contains(*c),
                'A' => "ABCDEFGHIJKLMNOPRSTUWYZ".contains(*c),
                'B' => "ABCDEFGHKLMNOPQRSTUVWXY".contains(*c),
                'c' => "ABCDEFGHJKPSTUW".contains(*c),
                'd' => "ABEHMNPRVWXY".contains(*c),
                _ => "ABDEFGHJLNPQRSTUWXYZ".contains(*c),
            })
    };
    let letters: String = code
        .iter()
        .take_while(|c| c.is_ascii_alphabetic())
        .collect();
    forms.into_iter().any(fits) && AREAS.iter().any(|(name, _)| *name == letters)
}

#[test]
fn what_is_offered_to_a_person() {
    let offered = |text: &str| UkPostcode::suggest(text).map(|one| one.text().to_owned());
    for (text, wanted) in [
        ("SWIA 1AA", "SW1A 1AA"),
        ("swla iaa", "SW1A 1AA"),
        ("M1 OAE", "M1 0AE"),
        ("M1 1AI", "M1 1AL"),
        ("SW1A-1AA", "SW1A 1AA"),
        ("S.W.1.A. 1AA", "SW1A 1AA"),
        ("SW1A\u{2013}1AA", "SW1A 1AA"),
    ] {
        assert_eq!(offered(text).as_deref(), Some(wanted), "{text}");
    }
    let long = "-".repeat(1_000_000);
    for text in [
        "M1 1AE",
        "",
        "75001",
        "SLO 1AA",
        "SW1A 1AA 1",
        "\u{421}R2-6XH",
        &long,
    ] {
        assert_eq!(offered(text), None);
    }
}

#[test]
fn known_and_unknown_districts() {
    for text in [
        "SW1A 1AA", "EC1A 1BB", "W1A 1HQ", "E1W 1AA", "N1C 4AG", "N1P 1AA", "NW1W 9AA", "SE1P 1AA",
        "AB99 1AA", "BX1 1LT", "GIR 0AA", "BL0 1AA", "BT1 5GS", "BF1 3AA", "IM99 1AA", "JE2 3AB",
        "GY10 1AA",
    ] {
        assert!(
            UkPostcode::parse(text).unwrap().district_is_known(),
            "{text}"
        );
    }
    for text in [
        "SW1 1AA", "AB1 1AA", "LL1 1AA", "SO1 1AA", "M0 1AA", "M01 1AE", "KA31 1AA", "SW1B 1AA",
        "GY11 1AA",
    ] {
        assert!(
            !UkPostcode::parse(text).unwrap().district_is_known(),
            "{text}"
        );
    }
}

#[test]
fn pseudo_codes_are_told_from_misspelt_ones() {
    assert!(pseudo_code("xx10 1dd").is_some_and(|text| text.contains("returns")));
    assert!(pseudo_code("XM4 5HQ").is_some());
    assert!(pseudo_code("ZZ99 3VZ").is_some());
    assert_eq!(pseudo_code("ZZ9 3VZ"), None);
    assert_eq!(pseudo_code("M1 1AE"), None);
}

#[test]
fn changes_beyond_case_and_space_are_noticed() {
    assert_eq!(changes("sw1a\u{a0}1aa"), (false, false));
    assert_eq!(changes("\u{17F}w1a 1aa"), (false, true));
    assert_eq!(changes("SW1A\u{200B} 1AA"), (true, false));
    assert_eq!(changes("\u{FF33}W1A\u{FEFF} 1AA"), (true, true));
}

#[test]
fn a_postcode_is_small() {
    assert!(size_of::<UkPostcode>() <= 12);
}
