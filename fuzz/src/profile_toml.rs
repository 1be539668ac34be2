//! Profiles as TOML texts.

use order_mapping::{
    Mapping, PaymentTerms, PhoneForm, Profile, ReleaseFacts, SalesOrder, map_order,
};

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
        "[sku]\n",
        "[phone]\n",
        "[address]\n",
        "[release]\n",
        "[services]\n",
        "[[services.rules]]\n",
        "[purchase_order]\n",
        "[ignore]\n",
        "[non_stock]\n",
        "[stock]\n",
        "[stock.buffer]\n",
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
    ],
    reached: &[
        "no profile",
        "ready",
        "held",
        "CONFIG_LIMIT_BAD",
        "SKU_POLICY_BAD",
        "SHIP_TABLE_DUPLICATE",
        "SHIP_CODE_BAD",
        "RELEASE_TRIGGER_EMPTY",
    ],
};

/// A profile.
pub fn profile_toml(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let profile = std::str::from_utf8(data)
        .ok()
        .and_then(|text| toml::from_str::<Profile>(text).ok());
    let Some(profile) = profile else {
        outcomes.insert("no profile".into());
        return outcomes;
    };
    let found = profile.check();
    assert_eq!(found, profile.check(), "not deterministic");
    let document = serde_json::to_value(&profile).expect("a profile can be written");
    diagnostics::check(&found, Some(&document), &mut outcomes);

    let written = toml::to_string(&profile).expect("a profile can be written");
    let read: Profile =
        toml::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    assert_eq!(read, profile, "round trip of {written}");
    assert_eq!(read.content_hash(), profile.content_hash());

    laws_of_orders(&profile, &mut outcomes);
    outcomes
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
