//! Phone numbers: what is read is one number, however it is written.

use order_mapping::{PhoneFinding, PhoneNumber};
use unicode_normalization::UnicodeNormalization as _;

use crate::{Outcomes, Target};

pub(crate) const TARGET: Target = Target {
    name: "phone",
    run: phone,
    pieces: &[
        "+", "+44", "0044", "(0)", "00", "0", " ", "-", "/", ",", ";", ".", "(", ")", "Tel: ",
        "mob ", " ext 4", " x12", "#7", ";ext=4", " or ", "E+09", ".0", "\u{200B}", "\u{2009}",
        "\u{202F}", "０", "１", "٣", "O", "l", "+1 ", "+49 ", "GB\n", "DE\n", "US\n", "JE\n",
        "1234567", "7700 900", "²", "½", "~", "\u{202A}",
    ],
    reached: &[
        "read",
        "Missing",
        "Letters",
        "Shape",
        "Length",
        "Country",
        "Multiple",
        "Spreadsheet",
        "Placeholder",
        "finding Placeholder",
        "finding Fictitious",
        "finding UnlistedRange",
        "finding CostlyType",
        "finding Extension",
        "finding AssumedCountry",
    ],
};

/// A number; the country of numbers without calling code may stand on a line before it.
pub fn phone(data: &[u8]) -> Outcomes {
    let text = String::from_utf8_lossy(data);
    let (country, number) = match text.split_once('\n') {
        Some((country, number)) if country.len() == 2 => (country, number),
        _ => ("GB", &*text),
    };
    let mut outcomes = Outcomes::new();
    let read = match PhoneNumber::parse(number, country) {
        Ok(read) => read,
        Err(fault) => {
            assert!(fault.code().id().starts_with("PHONE_"));
            outcomes.insert(format!("{fault:?}").into());
            return outcomes;
        }
    };
    outcomes.insert("read".into());
    for finding in read.findings() {
        assert!(finding.code().id().starts_with("PHONE_"));
        outcomes.insert(format!("finding {finding:?}").into());
    }
    laws_of_number(&read, number, country);
    outcomes
}

fn laws_of_number(read: &PhoneNumber, text: &str, country: &str) {
    assert_eq!(PhoneNumber::parse(text, country).as_ref(), Ok(read));
    let (e164, digits) = (read.e164(), read.digits());
    assert_eq!(e164.strip_prefix('+'), Some(digits));
    assert!(
        (6..=17).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0'),
        "{e164}"
    );
    // A calling code may be put in front and a trunk zero left out; what a number ends with is what was written.
    let written: String = text.nfkc().filter(char::is_ascii_digit).collect();
    let number = written
        .strip_suffix(read.extension().unwrap_or_default())
        .unwrap_or_default();
    let end = digits.split_at(digits.len() - 4).1;
    assert!(number.ends_with(end), "{e164} out of {text:?}");
    let debug = format!("{read:?}");
    assert!(!debug.contains(digits), "{debug}");
    if let Some(extension) = read.extension() {
        assert!(!extension.is_empty() && extension.bytes().all(|b| b.is_ascii_digit()));
    }
    // However it is written, and wherever it is read, it is the same number.
    let wide: String = digits
        .chars()
        .map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c))
        .collect();
    let spaced: String = digits.chars().flat_map(|c| [c, ' ']).collect();
    let hyphens: String = digits.chars().flat_map(|c| ['-', c]).collect();
    let marked: String = digits.chars().flat_map(|c| ['\u{200B}', c]).collect();
    for form in [
        e164.to_owned(),
        format!("+{digits}"),
        format!("+{wide}"),
        format!("+{spaced}"),
        format!("+{hyphens}"),
        format!("\u{202A}+{marked}\u{202C}"),
        format!("Tel: {e164}"),
    ] {
        for region in [country, "GB", "US", ""] {
            let again = PhoneNumber::parse(&form, region)
                .unwrap_or_else(|fault| panic!("{form:?} in {region:?} of {text:?}: {fault}"));
            assert_eq!(again.e164(), e164, "{form:?} in {region:?}");
            let about_writing = [
                PhoneFinding::AssumedCountry,
                PhoneFinding::Extension,
                PhoneFinding::Placeholder,
            ];
            let told = |number: &PhoneNumber| -> Vec<PhoneFinding> {
                let mut kept = number.findings().to_vec();
                kept.retain(|finding| !about_writing.contains(finding));
                kept
            };
            assert_eq!(told(&again), told(read), "{form:?} in {region:?}");
            let made_up =
                |number: &PhoneNumber| number.findings().contains(&PhoneFinding::Placeholder);
            assert!(!made_up(&again) || made_up(read), "{form:?} in {region:?}");
        }
    }
    // A letter anywhere in the number makes it another one, so it makes it none.
    let middle = digits.len() / 2;
    for letter in ['l', 'O', 'é', 'Ж'] {
        let (front, back) = digits.split_at(middle);
        let spoiled = format!("+{front}{letter}{back}");
        assert!(PhoneNumber::parse(&spoiled, country).is_err(), "{spoiled}");
    }
}
