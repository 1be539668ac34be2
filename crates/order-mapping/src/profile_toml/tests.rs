//! The profile as text: faults, places, remedies.

use super::*;
use crate::Arg;

fn read(text: &str) -> ProfileDocument {
    ProfileDocument::read(text).unwrap()
}

fn told_of(text: &str) -> Vec<(Option<u64>, String, Code)> {
    read(text)
        .findings()
        .iter()
        .map(|one| {
            let found = &one.diagnostic;
            (one.line, found.path.to_string(), found.code)
        })
        .collect()
}

#[test]
fn every_fault_shows_at_once_with_its_line_and_its_place_in_the_document() {
    let text = "\
[mapping.sku]
max_lenght = 24
min_length = \"one\"

[[mapping.services.rules]]
option = \"A\"

[[mapping.services.rules]]
option = \"B\"
code = \"with space\"
contries = [\"GB\"]

[mapping.release]
upfront = \"relase\"
on_account = { any = [{ metadata = { key = \"x\" } }] }

[sku]
max_length = 3
";
    let found = told_of(text);
    let places: Vec<(Option<u64>, &str, Code)> = found
        .iter()
        .map(|(line, path, code)| (*line, path.as_str(), *code))
        .collect();
    assert_eq!(
        places,
        [
            (Some(2), "/mapping/sku/max_lenght", Code::ProfileKeyUnknown),
            (Some(3), "/mapping/sku/min_length", Code::ProfileValueBad),
            (
                Some(5),
                "/mapping/services/rules/0",
                Code::ProfileKeyMissing
            ),
            (
                Some(10),
                "/mapping/services/rules/1/code",
                Code::ShipCodeBad
            ),
            (
                Some(11),
                "/mapping/services/rules/1/contries",
                Code::ProfileKeyUnknown
            ),
            (Some(14), "/mapping/release/upfront", Code::ProfileValueBad),
            (
                Some(15),
                "/mapping/release/on_account/any/0/metadata",
                Code::ProfileKeyMissing
            ),
            (Some(18), "/sku/max_length", Code::ProfileKeyUnknown),
        ],
    );
    let document = read(text);
    let remedies: Vec<&str> = document
        .findings()
        .iter()
        .map(|one| one.remedy.as_str())
        .collect();
    assert_eq!(remedies[0], "did you mean `max_length`?");
    assert_eq!(remedies[2], "add the key `code`");
    assert_eq!(remedies[4], "did you mean `countries`?");
    assert_eq!(remedies[7], "it belongs under [mapping.sku]");
}

#[test]
fn a_document_is_readable_or_not_and_sound_or_not() {
    let judge = |text: &str| (read(text).is_readable(), read(text).is_sound());
    assert_eq!(judge("[mapping]"), (true, true));
    assert_eq!(
        judge("[mapping.release]\non_account = { any = [] }"),
        (true, true),
        "a warning is no fault"
    );
    assert_eq!(judge("[mapping.sku]\nmax_length = 0"), (true, false));
    assert_eq!(judge("[mapping.sku]\nmax_lenght = 9"), (false, false));
    let unsound = read("[mapping.sku]\nmax_length = 0").sound().unwrap_err();
    assert_eq!(
        unsound.to_string(),
        "line 2: error SKU_POLICY_BAD at /mapping/sku/max_length: no code could be long enough and short enough\n  \
         remedy: correct [mapping.sku]"
    );
    let finding = &unsound.faults()[0];
    assert_eq!(
        ProfileFinding::new(finding.diagnostic.clone(), Some(2)),
        *finding
    );
    let json = serde_json::to_value(finding).unwrap();
    assert_eq!(json["code"], "SKU_POLICY_BAD");
    assert_eq!(json["line"], 2);
}

#[test]
fn sections_out_of_place_are_faults_and_others_are_named() {
    let document = read("[maping]\n[services]\n[engine]\nx = 1\n");
    let remedies: Vec<&str> = document.findings().iter().map(|one| &*one.remedy).collect();
    assert_eq!(
        remedies,
        ["did you mean [mapping]?", "it belongs under [mapping]"]
    );
    assert_eq!(document.elsewhere(), ["engine"]);
    assert_eq!(
        told_of(""),
        [(None, String::new(), Code::ProfileKeyMissing)]
    );
}

#[test]
fn a_section_that_is_no_table_is_a_fault() {
    assert_eq!(told_of("mapping = 5\n").len(), 1);
    assert_eq!(told_of("sku = []\n[mapping]\nservices = 1\n").len(), 2);
}

#[test]
fn text_that_is_no_toml_names_every_line() {
    let bad = ProfileDocument::read("[mapping]\nx = = 1\n[sku]\ny = \n").unwrap_err();
    let lines: Vec<Option<u64>> = bad.faults().iter().map(|fault| fault.line).collect();
    assert!(
        lines.contains(&Some(2)) && lines.contains(&Some(4)),
        "{bad}"
    );
    assert!(bad.to_string().starts_with("line 2: "), "{bad}");
}

#[test]
fn faults_without_end_are_told_up_to_a_limit() {
    let text: String = (0..500).map(|index| format!("k{index} = 1\n")).collect();
    let found = told_of(&format!("[mapping.sku]\n{text}"));
    assert_eq!(found.len(), FAULTS_MAX + 1);
    assert!(found.iter().any(|(_, _, code)| *code == Code::TooMany));
}

#[test]
fn lines_are_known_in_every_section() {
    let text = "[engine]\nin_flight = 0\n\n[[mapping.services.rules]]\noption = \"A\"\ncountries = [\n  \"UK\",\n]\n";
    let document = read(text);
    for (pointer, line) in [
        ("/engine/in_flight", Some(2)),
        ("/engine/other", Some(1)),
        ("/mapping/services/rules/0/countries/0", Some(7)),
        ("/mapping/services/rules/0/code", Some(4)),
        ("/sku/aliases", None),
        ("", None),
    ] {
        assert_eq!(document.line(pointer), line, "{pointer}");
    }
    assert!(document.has("/mapping/services/rules/0/option"));
    assert!(!document.has("/mapping/services/rules/0/code"));
}

#[test]
fn severities_are_read_and_their_codes_checked() {
    let document = read("[mapping.severity]\nPHONE_UNLISTED_RANGE = \"warning\"\n");
    assert!(document.is_sound());
    assert_eq!(
        document.profile().severity.level(Code::PhoneUnlistedRange),
        Severity::Warning
    );
    let found = told_of(
        "[mapping.severity]\nSKU_COLLISION = \"info\"\nPHONE_UNLISTED = \"hold\"\nPO_MISSING = \"eror\"\n",
    );
    assert_eq!(
        found,
        [
            (
                Some(2),
                "/mapping/severity/SKU_COLLISION".to_owned(),
                Code::SeverityBelowFloor
            ),
            (
                Some(3),
                "/mapping/severity/PHONE_UNLISTED".to_owned(),
                Code::ProfileKeyUnknown
            ),
            (
                Some(4),
                "/mapping/severity/PO_MISSING".to_owned(),
                Code::ProfileValueBad
            ),
        ]
    );
}

#[test]
fn messages_show_no_control_characters_and_are_short() {
    let long = "x".repeat(100_000);
    for text in [
        "\"ma\\u001bping\" = 1\n[mapping]\n".to_owned(),
        "[mapping]\n\"\\u202e\" = 1\n".to_owned(),
        "[mapping.sku]\ncase = \"\\u001b[2J\"\n".to_owned(),
        format!("[mapping.sku]\nmin_length = \"{long}\"\n{long} = 1\n"),
    ] {
        for one in read(&text).findings() {
            let told = format!("{} {}", one.diagnostic.message, one.remedy);
            assert!(
                !told.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{told:?}"
            );
            assert!(told.chars().count() < 1_000);
        }
    }
}

#[test]
fn hostile_documents_end() {
    let deep = format!("[mapping]\nx = {}", "[".repeat(100_000));
    let dotted = format!("mapping.{}a = 1", "a.".repeat(300_000));
    let header = format!("[mapping.{}a]", "a.".repeat(300_000));
    for text in [
        deep,
        dotted,
        header,
        "[[mapping.services.rules]]\n".repeat(20_000),
    ] {
        if let Ok(document) = ProfileDocument::read(&text) {
            assert!(document.findings().len() <= FAULTS_MAX + 1);
        }
    }
}

#[test]
fn keys_are_known_down_to_the_last_condition() {
    let text = "[mapping.release]\non_account = { any = [{ metadata = { key = \"a\", value = \"b\", vlaue = \"c\", zz = 1 } }] }\n";
    let place = "/mapping/release/on_account/any/0/metadata";
    assert_eq!(
        told_of(text),
        [
            (Some(2), format!("{place}/vlaue"), Code::ProfileKeyUnknown),
            (Some(2), format!("{place}/zz"), Code::ProfileKeyUnknown),
        ]
    );
    let document = read(text);
    let told = |index: usize| {
        let one = &document.findings()[index];
        (one.diagnostic.message.to_string(), one.remedy.clone())
    };
    assert_eq!(
        told(0),
        (
            "unknown key `vlaue`".to_owned(),
            "did you mean `value`?".to_owned()
        )
    );
    assert_eq!(
        told(1),
        (
            "unknown key `zz`".to_owned(),
            "known here: key, value".to_owned()
        )
    );
}

#[test]
fn a_slip_of_the_fingers_is_told_to_programs_too() {
    let text = "[mapping.sku]\nmax_lenght = 20\n[maping.phone]\n[mapping.phone]\nform = \"e146\"\nxyzzy_quux = 1\n\
                [mapping.severity]\nPHONE_MISING = \"hold\"\n";
    let document = ProfileDocument::read(text).unwrap();
    let told: Vec<(&str, Option<&str>, &[Arg])> = document
        .findings()
        .iter()
        .map(|one| {
            let fix = one.diagnostic.fix.as_ref();
            (
                one.diagnostic.path.as_str(),
                fix.map(|fix| fix.replacement.as_str()),
                one.diagnostic.args.as_slice(),
            )
        })
        .collect();
    let near = |word: &str| [Arg::Near(vec![word.to_owned()])];
    assert_eq!(
        told[0],
        (
            "/mapping/sku/max_lenght",
            Some("max_length"),
            &near("max_length")[..]
        )
    );
    assert_eq!(told[1], ("/maping", Some("mapping"), &near("mapping")[..]));
    assert_eq!(
        told[2],
        ("/mapping/phone/form", Some("e164"), &near("e164")[..])
    );
    let (path, fix, args) = told[3];
    assert_eq!((path, fix), ("/mapping/phone/xyzzy_quux", None));
    let [Arg::Allowed(known)] = args else {
        panic!("{args:?}");
    };
    assert!(known.contains(&"default_country".to_owned()), "{known:?}");
    let id = "PHONE_MISSING";
    assert_eq!(
        told[4],
        ("/mapping/severity/PHONE_MISING", Some(id), &near(id)[..])
    );
    assert_eq!(told.len(), 5);
}

#[test]
fn an_entry_without_stock_in_the_wrong_form_is_told_with_the_forms_there_are() {
    let text = "[mapping.non_stock]\nskus = [\n  \"POST\",\n  5,\n  { code = \"A\", clas = \"fee\" },\n  { code = \"B\", class = \"fees\" },\n  \
                { class = \"fee\" },\n  [\"C\"],\n  { code = \"ENGRAVE\", class = \"service\" },\n]\n";
    let document = ProfileDocument::read(text).unwrap();
    let told: Vec<(u64, &str, String)> = document
        .findings()
        .iter()
        .map(|one| (one.line.unwrap(), one.diagnostic.code.id(), one.to_string()))
        .collect();
    let expected = [
        (
            4,
            "PROFILE_VALUE_BAD",
            "a code in quotes, or a table such as { code = \"ENGRAVE\", class = \"service\" }",
        ),
        (5, "PROFILE_KEY_UNKNOWN", "did you mean `class`?"),
        (6, "PROFILE_VALUE_BAD", "did you mean `fee`?"),
        (7, "PROFILE_KEY_MISSING", "add the key `code`"),
        (8, "PROFILE_VALUE_BAD", "a code in quotes, or a table"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((line, code, text), (its_line, its_code, what)) in told.iter().zip(expected) {
        assert_eq!((*line, *code), (its_line, its_code), "{text}");
        assert!(text.contains(what), "{text}");
        assert!(
            !text.contains("untagged") && text.contains("remedy: "),
            "{text}"
        );
    }
    let skus = &document.profile().non_stock.skus;
    assert_eq!(skus.len(), 4, "{skus:?}");
}
