//! Addresses, through the mapping of an order that is otherwise right.

use std::sync::LazyLock;

use order_mapping::{
    Code, Diagnostic, EmailChoice, FulfilmentOrder, LabelEmail, LabelText, Mapper, Mapping,
    Personal, PhoneNumber, Profile, Recipient, ReleaseFacts, SalesOrder, UkPostcode,
};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::diagnostics::MARKER;
use crate::good_order::{self, MAPPER, PROFILE, REGISTRY};
use crate::{Outcomes, Target, diagnostics};

pub(crate) const TARGET: Target = Target {
    name: "address",
    run: address,
    pieces: &[
        "\n",
        " ",
        "½",
        "¼",
        "²",
        "①",
        "３",
        "3",
        "12",
        "é",
        "ß",
        "Ł",
        "e\u{301}",
        "\u{338}",
        "\u{200B}",
        "\u{1F48D}",
        "\u{FE0F}\u{20E3}",
        "~",
        "…",
        "–",
        "北",
        "Ж",
        "ﷺ",
        "№",
        "Unit 3, Mill Lane",
        "Leeds",
        "LS1 4AP",
        "GB",
        "JE",
        "FR",
        "IE",
        "Ireland",
        "+44 113 243 0000",
        " ext 4",
        "@",
        "goods-in@example.org",
        "an-unbroken-name-of-more-than-thirty-five",
        "\r",
        "\u{7}",
        "¨",
        "\u{A0}",
        "｀",
    ],
    reached: &[
        "ready",
        "held",
        "ADDRESS_MISSING_PART",
        "ADDRESS_LINE_TOO_LONG",
        "TEXT_INVISIBLE_REMOVED",
        "TEXT_TRANSLITERATED",
        "TEXT_SCRIPT_UNSUPPORTED",
        "TEXT_FORBIDDEN_CHAR",
        "TEXT_REFLOWED",
        "EMAIL_UNUSABLE",
        "NOTES_SHORTENED",
        "COUNTRY_ALIAS",
        "COUNTRY_UNKNOWN",
        "COUNTRY_CROWN_DEPENDENCY",
        "COUNTRY_POSTCODE_MISMATCH",
        "POSTCODE_SHAPE",
        "POSTCODE_AREA",
        "NI_DATA_REQUIRED",
        "BFPO_RESTRICTED",
        "PHONE_EXTENSION",
        "PHONE_LETTERS",
    ],
};

/// The members of an address, one line each: name, company, line 1, line 2, town, county, postcode, country, phone, e-mail, delivery
/// instructions. An empty line is a missing member; lines that are not there keep the good order's text.
pub fn address(data: &[u8]) -> Outcomes {
    let text = String::from_utf8_lossy(data);
    let mut order = good_order::order();
    read(&text, &mut order);
    let mut outcomes = Outcomes::new();
    for (profile, mapper) in [(&*PROFILE, &*MAPPER), (&*NARROW, &*NARROW_MAPPER)] {
        let map = |order: &SalesOrder| mapper.map(order, &ReleaseFacts::default(), &REGISTRY);
        let mapping = map(&order);
        assert_eq!(mapping, map(&order), "not deterministic");
        let found = diagnostics::of_mapping(&mapping, &order, &mut outcomes);
        if let Mapping::Ready { order: ready, .. } = &mapping {
            laws_of_recipient(ready, &order, profile, found);
        }
        diagnostics::assert_silent(&map(&planted(&order)));
    }
    outcomes
}

/// Another label than that of [`PROFILE`]: narrower, without regard to characters, and with every allowance given.
static NARROW: LazyLock<Profile> = LazyLock::new(|| {
    let mut narrow = PROFILE.clone();
    narrow.address.ascii = false;
    narrow.address.line_max = 20;
    narrow.address.instructions_max = 40;
    narrow.address.unusable_email = EmailChoice::Hold;
    narrow.address.correct_crown_dependency = true;
    narrow.address.northern_ireland_cleared = true;
    narrow.address.bfpo_allowed = true;
    narrow
});

static NARROW_MAPPER: LazyLock<Mapper> = LazyLock::new(|| Mapper::new(NARROW.clone()));

fn read(text: &str, order: &mut SalesOrder) {
    let personal = |text: &str| (!text.is_empty()).then(|| Personal::new(text.to_owned()));
    let address = order.personal.shipping.get_or_insert_default();
    for (index, line) in text.split('\n').enumerate() {
        let member = match index {
            0 => &mut address.name,
            1 => &mut address.company,
            2 => &mut address.line1,
            3 => &mut address.line2,
            4 => &mut address.city,
            5 => &mut address.region,
            6 => &mut address.postcode,
            7 => {
                address.country = personal(line).map(Personal::into_inner);
                continue;
            }
            8 => &mut address.phone,
            9 => &mut address.email,
            10 => &mut order.personal.instructions,
            _ => break,
        };
        *member = personal(line);
    }
}

/// The order with a mark in every text about a person.
fn planted(order: &SalesOrder) -> SalesOrder {
    let mut order = order.clone();
    let Some(address) = order.personal.shipping.as_mut() else {
        return order;
    };
    // The country is no personal text, and may be shown.
    address.country = Some("GB".to_owned());
    let members = [
        &mut address.name,
        &mut address.company,
        &mut address.line1,
        &mut address.line2,
        &mut address.city,
        &mut address.region,
        &mut address.postcode,
        &mut address.phone,
        &mut address.email,
        &mut order.personal.instructions,
    ];
    for text in members.into_iter().flatten() {
        *text = Personal::new(format!("{MARKER} {}", text.expose()));
    }
    order
}

/// What was given for a member; empty for nothing.
fn given(member: Option<&Personal<String>>) -> &str {
    member
        .map(|text| text.expose().as_str())
        .unwrap_or_default()
}

fn sent(label: Option<&LabelText>) -> &str {
    label.map(LabelText::expose).unwrap_or_default()
}

fn laws_of_recipient(
    ready: &FulfilmentOrder,
    order: &SalesOrder,
    profile: &Profile,
    found: &[Diagnostic],
) {
    let Some(address) = &order.personal.shipping else {
        panic!("ready without an address");
    };
    let to = &ready.recipient;
    laws_of_limits(to, profile);
    let noted =
        |code: Code, path: &str| found.iter().any(|one| one.code == code && one.path == path);
    let kept = |members: &[&str], given: &str, sent: &str| {
        let any = |code: Code| {
            members
                .iter()
                .any(|member| noted(code, &format!("/personal/{member}")))
        };
        if !any(Code::TextTransliterated) && !any(Code::TextInvisibleRemoved) {
            assert_eq!(words(given), words(sent), "{members:?}: a word is not kept");
        }
        laws_of_digits(given, sent);
        if profile.address.ascii {
            assert!(
                letters(&given.nfc().collect::<String>()) <= letters(sent),
                "{given:?} became {sent:?}: a letter is lost"
            );
        }
    };
    let name = given(address.name.as_ref());
    let company = sent(to.company.as_ref());
    if words(name).is_empty() {
        assert_eq!(to.name.expose(), company, "a name out of nothing");
    } else if !company.is_empty() && to.name.expose() == company {
        // Nothing of the name may be visible at all; then the company stands in for it.
    } else {
        kept(&["shipping/name"], name, to.name.expose());
    }
    kept(
        &["shipping/company"],
        given(address.company.as_ref()),
        company,
    );
    kept(
        &["shipping/line1", "shipping/line2"],
        &format!(
            "{} {}",
            given(address.line1.as_ref()),
            given(address.line2.as_ref())
        ),
        &format!("{} {}", to.line1.expose(), sent(to.line2.as_ref())),
    );
    kept(
        &["shipping/city"],
        given(address.city.as_ref()),
        to.city.expose(),
    );
    kept(
        &["shipping/region"],
        given(address.region.as_ref()),
        sent(to.county.as_ref()),
    );
    let email = given(address.email.as_ref()).trim();
    match &to.email {
        Some(text) => assert_eq!(text.expose(), email, "an e-mail address was changed"),
        None => assert!(
            email.is_empty() || noted(Code::EmailUnusable, "/personal/shipping/email"),
            "an e-mail address was lost"
        ),
    }
    laws_of_instructions(order, sent(to.instructions.as_ref()), found);
    laws_of_place(to, order);
    laws_of_phone(to, order, found);
}

fn laws_of_limits(to: &Recipient, profile: &Profile) {
    let policy = &profile.address;
    for (text, limit) in [
        (to.name.expose(), policy.name_max),
        (sent(to.company.as_ref()), policy.company_max),
        (to.line1.expose(), policy.line_max),
        (sent(to.line2.as_ref()), policy.line_max),
        (to.city.expose(), policy.city_max),
        (sent(to.county.as_ref()), policy.county_max),
        (to.postcode.expose(), policy.postcode_max),
        (
            to.email
                .as_ref()
                .map(LabelEmail::expose)
                .unwrap_or_default(),
            policy.email_max,
        ),
        (to.phone.expose(), profile.phone.max_length),
        (sent(to.instructions.as_ref()), policy.instructions_max),
    ] {
        assert!(text.chars().count() <= limit, "{text:?} is over {limit}");
        assert!(!policy.ascii || text.is_ascii(), "{text:?} is not ASCII");
        assert!(
            !text.contains(|c: char| c == '~' || c.is_control()),
            "{text:?}"
        );
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            text,
            "white space"
        );
    }
    for text in [to.name.expose(), to.line1.expose(), to.city.expose()] {
        assert!(!text.is_empty(), "a required text is empty");
    }
}

/// Words in the composed form: which of two equal spellings of a letter is sent does not matter.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.nfc().collect())
        .collect()
}

/// Letters that are read as such: no marks on other letters, no fillers.
fn letters(text: &str) -> usize {
    let read = |c: char| c.is_alphabetic() && !is_combining_mark(c) && !shows_nothing(c);
    text.chars().filter(|c| read(*c)).count()
}

/// Controls, zero-width and direction marks, fillers, selectors.
fn shows_nothing(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c as u32,
            0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x202A..=0x202E | 0x2060..=0x206F | 0x20E3 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
            | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// A number on a door stays that number: the runs of digits that were given stand in what is sent, in order, none is longer, and no
/// numeric sign is lost.
fn laws_of_digits(given: &str, sent: &str) {
    let (before, after) = (runs_of_digits(given), runs_of_digits(sent));
    let mut rest = after.iter();
    for run in &before {
        assert!(
            rest.any(|one| one == run),
            "{given:?} became {sent:?}: {run} is not kept"
        );
    }
    let roman = |c: char| ('\u{2160}'..='\u{2188}').contains(&c);
    let numeric = |text: &str| {
        text.chars()
            .filter(|c| c.is_numeric() && !roman(*c))
            .count()
    };
    assert!(
        numeric(given) <= numeric(sent),
        "{given:?} became {sent:?}: a number is lost"
    );
    let longest = |runs: &[String]| runs.iter().map(String::len).max().unwrap_or_default();
    assert!(
        before.is_empty() || longest(&after) <= longest(&before).max(2),
        "{given:?} became {sent:?}: a longer number"
    );
}

fn runs_of_digits(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .filter(|c| !shows_nothing(*c))
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(' '),
            _ if c.is_ascii_digit() => c,
            _ => ' ',
        })
        .collect();
    plain.split_whitespace().map(str::to_owned).collect()
}

fn laws_of_instructions(order: &SalesOrder, sent: &str, found: &[Diagnostic]) {
    const PATH: &str = "/personal/instructions";
    let changed = found.iter().any(|one| {
        one.path == PATH
            && [Code::TextTransliterated, Code::TextInvisibleRemoved].contains(&one.code)
    });
    if changed {
        return;
    }
    let cut = found.iter().any(|one| one.code == Code::NotesShortened);
    let given = words(given(order.personal.instructions.as_ref()));
    let mut sent = words(sent);
    if found.iter().any(|one| one.code == Code::PhoneExtension) {
        assert!(
            sent.starts_with(&["Tel".to_owned(), "ext".to_owned()]),
            "{sent:?}"
        );
        sent = sent.split_off(3.min(sent.len()));
    }
    if cut {
        assert!(
            given.starts_with(&sent),
            "{sent:?} is no beginning of {given:?}"
        );
    } else {
        assert_eq!(sent, given, "instructions were changed");
    }
}

fn laws_of_place(to: &Recipient, order: &SalesOrder) {
    let country = to.country.as_str();
    assert!(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()));
    let postcode = to.postcode.expose();
    let given = order
        .personal
        .shipping
        .as_ref()
        .map(|address| given(address.postcode.as_ref()))
        .unwrap_or_default();
    if ["GB", "JE", "GG", "IM"].contains(&country) && !postcode.starts_with("BFPO ") {
        let read = UkPostcode::parse(given).unwrap_or_else(|fault| panic!("{given:?}: {fault}"));
        assert_eq!(read.text(), postcode);
        assert_eq!(read.country(), country, "{postcode}");
    }
}

fn laws_of_phone(to: &Recipient, order: &SalesOrder, found: &[Diagnostic]) {
    let phone = to.phone.expose();
    let read = PhoneNumber::parse(&format!("+{phone}"), "GB")
        .unwrap_or_else(|fault| panic!("{phone} is sent: {fault}"));
    assert_eq!(read.digits(), phone);
    let given = order
        .personal
        .shipping
        .as_ref()
        .map(|address| given(address.phone.as_ref()))
        .unwrap_or_default();
    if !found.iter().any(|one| one.code == Code::PhoneFromFallback) {
        let read = PhoneNumber::parse(given, to.country.as_str())
            .unwrap_or_else(|fault| panic!("{given:?}: {fault}"));
        assert_eq!(read.digits(), phone, "another number is sent");
    }
}
