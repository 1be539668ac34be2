//! Profiles as users write them: sections of a TOML document, read with all faults at once.

use order_mapping::{
    Diagnostic, Mapping, PaymentTerms, PhoneForm, Profile, ProfileDocument, ReleaseFacts,
    SalesOrder, SkuOverrides, map_order,
};
use serde::Deserialize;

use crate::good_order::{self, registry};
use crate::{Outcomes, Target, diagnostics};

pub(crate) const TARGET: Target = Target {
    name: "profile_toml",
    run: profile_toml,
    pieces: &[
        "\n",
        "\"",
        "=",
        "[",
        "]",
        "{",
        "}",
        ",",
        " = ",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "24",
        "35",
        "1000000",
        "\"\"",
        "[mapping.sku]\n",
        "[mapping.phone]\n",
        "[mapping.address]\n",
        "[mapping.release]\n",
        "[mapping.services]\n",
        "[[mapping.services.rules]]\n",
        "[mapping.purchase_order]\n",
        "[mapping.ignore]\n",
        "[mapping.non_stock]\n",
        "[mapping.stock]\n",
        "[mapping.stock.buffer]\n",
        "option = \"Express B2B Delivery\"\n",
        "code = \"WHI_EXP\"\n",
        "on_account = { any = [] }\n",
        "on_account = { all = [] }\n",
        "{ tag = \"\" }",
        "{ credit = \"approved\" }",
        "{ status = [\"\"] }",
        "max_length = ",
        "min_length = ",
        "line_max = ",
        "ascii = false\n",
        "form = \"e164\"\n",
        "case = \"keep\"\n",
        "[mapping]\n",
        "[sku]\n",
        "[[sku.manual]]\n",
        "[[sku.aliases]]\n",
        "source = \"A-1\"\n",
        "warehouse = \"A1\"\n",
        "alias = \"A1\"\n",
        "canonical = \"A-1\"\n",
        "[mapping.severity]\n",
        "PHONE_FICTITIOUS = \"info\"\n",
        "[[mapping.kits]]\n",
        "components = [{ sku = \"PLATE\", quantity = 2 }]\n",
        "[mapping.customs]\n",
        "skus = [{ code = \"POST\", class = \"service\" }]\n",
        "[elsewhere]\n",
    ],
    reached: &[
        "no toml",
        "sound",
        "elsewhere",
        "PROFILE_KEY_UNKNOWN",
        "PROFILE_KEY_MISSING",
        "PROFILE_VALUE_BAD",
        "SKU_MANUAL_BAD",
        "ready",
        "held",
        "CONFIG_LIMIT_BAD",
        "SKU_POLICY_BAD",
        "SHIP_TABLE_DUPLICATE",
        "SHIP_CODE_BAD",
        "RELEASE_TRIGGER_EMPTY",
    ],
};

/// What users write: `[mapping]` and `[sku]` of a document, beside sections of others.
#[derive(Deserialize)]
struct Sections {
    #[serde(default)]
    mapping: Profile,
    #[serde(default)]
    sku: SkuOverrides,
}

/// A document with a profile, as users give it.
pub fn profile_toml(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let Ok(text) = std::str::from_utf8(data) else {
        outcomes.insert("no text".into());
        return outcomes;
    };
    let document = match ProfileDocument::read(text) {
        Ok(document) => document,
        Err(refused) => {
            assert!(!refused.faults().is_empty(), "refused without a reason");
            let said = refused.to_string();
            assert!(toml::from_str::<toml::Table>(text).is_err(), "{said}");
            assert!(
                !said.replace('\n', "").contains(|c: char| c.is_control()),
                "{said:?}"
            );
            outcomes.insert("no toml".into());
            return outcomes;
        }
    };
    laws_of_findings(text, &document, &mut outcomes);
    let profile = document.profile();
    laws_of_profiles(profile, &mut outcomes);
    laws_of_orders(profile, &mut outcomes);
    outcomes
}

fn laws_of_findings(text: &str, document: &ProfileDocument, outcomes: &mut Outcomes) {
    let findings = document.findings();
    let again = ProfileDocument::read(text).expect("it was read before");
    assert_eq!(findings, again.findings(), "not deterministic");
    // What a default lacks has no place of its own in the document, so not every path resolves there; every line does.
    let diagnostics: Vec<Diagnostic> = findings.iter().map(|one| one.diagnostic.clone()).collect();
    diagnostics::check(&diagnostics, None, outcomes);
    let lines = text.lines().count().max(1) as u64;
    for one in findings {
        assert!(
            one.line.is_none_or(|line| (1..=lines).contains(&line)),
            "{one}"
        );
        assert!(!one.remedy.is_empty(), "{one}");
    }
    let of_form = findings.iter().filter(|one| one.is_of_form());
    assert!(of_form.count() <= 101 + document.elsewhere().len());
    // All faults at once, and the plain reading, agree on what there is to read.
    let plain = toml::from_str::<Sections>(text);
    if document.is_readable() {
        let plain = plain.unwrap_or_else(|error| panic!("{error} is not found in {text:?}"));
        assert_eq!(
            (&plain.mapping, &plain.sku),
            (document.profile(), document.overrides())
        );
    }
    if !document.elsewhere().is_empty() {
        outcomes.insert("elsewhere".into());
    }
    let sound = document.is_sound();
    match document.clone().sound() {
        Ok((profile, overrides)) => {
            assert!(sound && document.is_readable());
            assert_eq!(
                (&profile, &overrides),
                (document.profile(), document.overrides())
            );
            outcomes.insert("sound".into());
        }
        Err(unsound) => assert!(!sound && !unsound.faults().is_empty()),
    }
}

fn laws_of_profiles(profile: &Profile, outcomes: &mut Outcomes) {
    let found = profile.check();
    assert_eq!(found, profile.check(), "not deterministic");
    let document = serde_json::to_value(profile).expect("a profile can be written");
    diagnostics::check(&found, Some(&document), outcomes);

    let written = toml::to_string(profile).expect("a profile can be written");
    let read: Profile =
        toml::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(&read, profile, "round trip of {written}");
    assert_eq!(read.content_hash(), profile.content_hash());
}

fn laws_of_orders(profile: &Profile, outcomes: &mut Outcomes) {
    let registry = registry(&profile.sku);
    let map = |order: &SalesOrder| map_order(order, &ReleaseFacts::default(), profile, &registry);
    let order = good_order::order();
    let mapping = map(&order);
    assert_eq!(mapping, map(&order), "not deterministic");
    diagnostics::of_mapping(&mapping, &order, outcomes);
    if let Mapping::Ready { order: ready, .. } = &mapping {
        let to = &ready.recipient;
        let policy = &profile.address;
        for (text, limit) in [
            (to.name.expose(), policy.name_max),
            (to.line1.expose(), policy.line_max),
            (to.city.expose(), policy.city_max),
            (to.postcode.expose(), policy.postcode_max),
            (to.phone.expose(), profile.phone.max_length),
        ] {
            assert!(text.chars().count() <= limit, "{text:?} is over {limit}");
        }
        assert_eq!(
            to.phone.expose().starts_with('+'),
            profile.phone.form == PhoneForm::E164
        );
        assert!(
            ready
                .lines
                .iter()
                .all(|line| profile.sku.accepts(line.sku.as_str()))
        );
        let listed =
            |rule: &&order_mapping::ServiceRule| rule.code.trim() == ready.service.as_str();
        assert!(
            profile.services.rules.iter().any(|rule| listed(&rule)),
            "{}",
            ready.service
        );
        assert_eq!(ready.profile_hash.as_str(), profile.content_hash());
    }
    // Without any fact there is no trigger that could have fired, and unknown never leaves, whatever a profile says.
    for payment in [
        PaymentTerms::OnAccount,
        PaymentTerms::Missing,
        PaymentTerms::Other("barter".to_owned()),
    ] {
        let mut order = good_order::order();
        order.payment = payment;
        let mapping = map(&order);
        assert!(
            !matches!(mapping, Mapping::Ready { .. }),
            "{:?} was released",
            order.payment
        );
    }
}
