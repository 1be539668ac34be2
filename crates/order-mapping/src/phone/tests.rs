use proptest::prelude::*;

use super::*;

fn gb(text: &str) -> Result<(String, Vec<PhoneFinding>), PhoneFault> {
    PhoneNumber::parse(text, "GB")
        .map(|number| (number.e164().to_owned(), number.findings().to_vec()))
}

fn plain(text: &str) -> Result<(String, Vec<PhoneFinding>), PhoneFault> {
    Ok((text.to_owned(), Vec::new()))
}

#[test]
fn many_spellings_of_one_number() {
    for text in [
        "07911 123456",
        "+44 7911 123456",
        "+44 (0)7911 123456",
        "(+44) 7911-123456",
        "0044 7911 123456",
        "Tel: 07911123456",
        "Mob 07911 123456",
        "T: 07911 123456",
        "０７９１１ １２３４５６",
        "\u{202A}07911\u{2009}123456\u{202C}",
        "07911\u{202F}123456",
        "07911.123.456",
    ] {
        assert_eq!(gb(text), plain("+447911123456"), "{text}");
    }
    for text in ["7911123456", "447911123456"] {
        let wanted = (
            "+447911123456".to_owned(),
            vec![PhoneFinding::AssumedCountry],
        );
        assert_eq!(gb(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_a_label_must_not_carry() {
    for (text, fault) in [
        ("  ", PhoneFault::Missing),
        ("\u{200B}", PhoneFault::Missing),
        ("0207946OXXX", PhoneFault::Letters),
        ("08004960l23", PhoneFault::Letters),
        ("0800 FLOWERS", PhoneFault::Letters),
        ("ask reception", PhoneFault::Letters),
        ("7.91112E+09", PhoneFault::Spreadsheet),
        ("7911123456.0", PhoneFault::Spreadsheet),
        ("07911 123456 / 07700 900123", PhoneFault::Multiple),
        ("07911 123456 or 020 7183 8750", PhoneFault::Multiple),
        ("+447911123456 +442071838750", PhoneFault::Multiple),
        ("079111234", PhoneFault::Length),
        ("+44 7911 1234567", PhoneFault::Length),
        ("12345", PhoneFault::Length),
        ("+999 12345678", PhoneFault::Country),
        ("000000", PhoneFault::Placeholder),
        ("?!*", PhoneFault::Shape),
    ] {
        assert_eq!(gb(text), Err(fault), "{text}");
    }
    assert_eq!(gb(&"1".repeat(1_000_000)), Err(PhoneFault::Length));
}

#[test]
fn numbers_to_look_at() {
    let finding = |text: &str| gb(text).map(|(_, findings)| findings);
    for text in [
        "01234567890",
        "07777777777",
        "07999999999",
        "07123456789",
        "02000000000",
    ] {
        assert!(
            finding(text).unwrap().contains(&PhoneFinding::Placeholder),
            "{text}"
        );
    }
    for text in [
        "020 7946 0123",
        "0161 496 0999",
        "03069 990123",
        "0808 157 0123",
        "07700 900123",
        "01632 960123",
        "+1 212 555 0123",
    ] {
        assert_eq!(finding(text), Ok(vec![PhoneFinding::Fictitious]), "{text}");
    }
    assert_eq!(
        finding("07911 12345"),
        Ok(vec![PhoneFinding::UnlistedRange])
    );
    assert_eq!(finding("0906 123 4567"), Ok(vec![PhoneFinding::CostlyType]));
    let extended = PhoneNumber::parse("020 7183 8750 ext. 42", "GB").unwrap();
    assert_eq!(
        (extended.extension(), extended.findings()),
        (Some("42"), [PhoneFinding::Extension].as_slice())
    );
    for text in [
        "020 7183 8750 x42",
        "020 7183 8750#42",
        "+442071838750;ext=42",
    ] {
        assert_eq!(
            PhoneNumber::parse(text, "GB").unwrap().extension(),
            Some("42"),
            "{text}"
        );
    }
}

#[test]
fn other_countries() {
    let number = PhoneNumber::parse("030/12345678", "DE").unwrap();
    assert_eq!(number.e164(), "+493012345678");
    let jersey = PhoneNumber::parse("01534 616161", "GB").unwrap();
    assert_eq!(jersey.e164(), "+441534616161");
    assert!(PhoneNumber::parse("020 7183 8750", "not a country").is_err());
}

#[test]
fn debug_shows_no_digit() {
    let number = PhoneNumber::parse("07911 123456", "GB").unwrap();
    assert!(!format!("{number:?}").contains(|c: char| c.is_ascii_digit()));
}

proptest! {
    #[test]
    fn reading_is_total_and_a_fixed_point(text in any::<String>()) {
        if let Ok(number) = PhoneNumber::parse(&text, "GB") {
            prop_assert!(number.e164().starts_with('+') && number.digits().len() >= 6);
        }
    }

    #[test]
    fn digits_in_groups_are_read_as_free_text_is(text in "[0-9 ()-]{0,24}", country in prop::sample::select(vec!["GB", "DE", "US", "ZZ"])) {
        prop_assert_eq!(PhoneNumber::parse(&text, country), PhoneNumber::parse_free_text(&text, country));
        let long = format!("{text}{}0", " ".repeat(TEXT_MAX));
        prop_assert_eq!(PhoneNumber::parse(&long, country), Err(PhoneFault::Length));
    }

    #[test]
    fn digits_and_signs_never_break_it(text in r"[+0-9 ()./x#;,-]{0,40}", country in prop::sample::select(vec!["GB", "IT", "AR", "DE", "US", "ZZ", ""])) {
        if let Ok(number) = PhoneNumber::parse(&text, country) {
            let digits = number.digits();
            prop_assert!((6..=17).contains(&digits.len()) && !digits.starts_with('0'));
            let again = PhoneNumber::parse(number.e164(), country).unwrap();
            prop_assert_eq!(again.e164(), number.e164());
        }
    }

    #[test]
    fn spaces_never_change_and_letters_always_fail(rest in "[0-9]{6}", at in 1usize..10, letter in "[a-df-zA-DF-Z]") {
        let text = format!("07911{rest}");
        let number = PhoneNumber::parse(&text, "GB").unwrap();
        let (a, b) = text.split_at(at);
        let spaced = PhoneNumber::parse(&format!("{a} - {b}"), "GB").unwrap();
        prop_assert_eq!(number.e164(), spaced.e164());
        prop_assert_eq!(PhoneNumber::parse(&format!("{a}{letter}{b}"), "GB"), Err(PhoneFault::Letters));
    }
}

#[test]
fn a_short_number_that_would_lose_its_zeros_when_read_again_is_none() {
    for (text, country) in [("+43000001", "GB"), ("+43 00 0001", "AT")] {
        let read = PhoneNumber::parse(text, country);
        assert!(
            read.is_err(),
            "{text} in {country}: {:?}",
            read.map(|number| number.e164().to_owned())
        );
    }
    // Italy keeps its zero for good.
    assert_eq!(
        PhoneNumber::parse("06 1234 5678", "IT").unwrap().e164(),
        "+390612345678"
    );
}

proptest! {
    #[test]
    fn a_number_is_valid_exactly_when_it_has_a_type(country in prop::sample::select(vec!["GB", "DE", "IT", "US", "FR", "JE", "IE", "AU"]), digits in "[0-9]{4,13}") {
        let region = Region::from_code(country).unwrap();
        if let Ok(number) = PHONE_NUMBER_UTIL.parse(&digits, Some(region)) {
            prop_assert_eq!(number.is_valid(), number.get_type() != PhoneNumberType::Unknown);
        }
    }
}
