//! UK postcodes, against the grammar written a second time.

use order_mapping::UkPostcode;

use crate::{Outcomes, Target};

pub(crate) const TARGET: Target = Target {
    name: "postcode",
    run: postcode,
    pieces: &[
        " ", "\t", "-", ".", "\u{A0}", "\u{200B}", "O", "0", "I", "1", "l", "GIR 0AA", "BFPO 57",
        "BF1", "BX", "JE2", "GY1", "IM1", "BT1", "1AA", "SW1A", "EC", "KY1-1", "ASCN", "GX11", "ſ",
        "Ｓ", "AI-2640",
    ],
    reached: &[
        "GB",
        "JE",
        "GG",
        "IM",
        "Shape",
        "LookAlike",
        "Area",
        "OtherCountry",
    ],
};

/// A postcode.
pub fn postcode(data: &[u8]) -> Outcomes {
    let text = String::from_utf8_lossy(data);
    let mut outcomes = Outcomes::new();
    let read = UkPostcode::parse(&text);
    match &read {
        Ok(postcode) => {
            outcomes.insert(postcode.country().into());
            laws_of_postcode(postcode);
        }
        Err(fault) => {
            let name = format!("{fault:?}");
            let kind = name.split('(').next().unwrap_or_default().to_owned();
            outcomes.insert(kind.into());
        }
    }
    // Short enough that no limit on the length plays a part.
    if text.is_ascii() && text.len() <= 16 {
        let letters = |text: &str| -> String { text.split_ascii_whitespace().collect() };
        let spaced: String = letters(&text).chars().flat_map(|c| [c, ' ']).collect();
        for form in [
            text.to_ascii_lowercase(),
            text.to_ascii_uppercase(),
            letters(&text),
            spaced,
            format!("\u{FEFF}\u{A0}{text}\u{200B}\n"),
        ] {
            assert_eq!(UkPostcode::parse(&form), read, "{form:?} and {text:?}");
        }
        let plain = letters(&text).to_ascii_uppercase();
        if plain.bytes().all(|b| b.is_ascii_alphanumeric()) && read.is_ok() {
            let postcode = read.as_ref().map(UkPostcode::text).unwrap_or_default();
            assert_eq!(letters(postcode), plain, "something was repaired");
        }
    }
    outcomes
}

fn laws_of_postcode(postcode: &UkPostcode) {
    let text = postcode.text();
    assert_eq!(UkPostcode::parse(text).as_ref(), Ok(postcode), "{text}");
    let (outward, inward) = (postcode.outward(), postcode.inward());
    assert_eq!(text, format!("{outward} {inward}"));
    assert!(is_in_grammar(outward, inward), "{text}");
    assert!(outward.starts_with(postcode.area()), "{text}");
    let debug = format!("{postcode:?}");
    assert!(!debug.contains(inward), "{debug}");
}

/// The six forms, letter by letter: `A` a letter of that place, `9` a digit.
fn is_in_grammar(outward: &str, inward: &str) -> bool {
    if (outward, inward) == ("GIR", "0AA") {
        return true;
    }
    const FIRST: &str = "ABCDEFGHIJKLMNOPRSTUWYZ";
    const SECOND: &str = "ABCDEFGHKLMNOPQRSTUVWXY";
    const THIRD: &str = "ABCDEFGHJKPSTUW";
    const FOURTH: &str = "ABEHMNPRVWXY";
    const DIGIT: &str = "0123456789";
    const INWARD: &str = "ABDEFGHJLNPQRSTUWXYZ";
    let forms: [&[&str]; 6] = [
        &[FIRST, DIGIT],
        &[FIRST, DIGIT, DIGIT],
        &[FIRST, SECOND, DIGIT],
        &[FIRST, SECOND, DIGIT, DIGIT],
        &[FIRST, DIGIT, THIRD],
        &[FIRST, SECOND, DIGIT, FOURTH],
    ];
    let is = |text: &str, form: &[&str]| {
        text.chars().count() == form.len()
            && text
                .chars()
                .zip(form)
                .all(|(c, allowed)| allowed.contains(c))
    };
    forms.iter().any(|form| is(outward, form)) && is(inward, &[DIGIT, INWARD, INWARD])
}
