//! Article codes: the rule that proposes, and the registry over a small catalogue.

use order_mapping::{
    CatalogueItem, Code, ManualPair, SkuAlias, SkuCase, SkuOrigin, SkuOverrides, SkuPolicy,
    SkuRegistry, Subject,
};

use crate::{Outcomes, Target, diagnostics};

pub(crate) const TARGET: Target = Target {
    name: "sku",
    run: sku,
    pieces: &[
        "\n",
        "\talias\t",
        "\tmanual\t",
        "\titem\t",
        "policy",
        " keep",
        " untyped",
        " min=3",
        " max=6",
        " extra=-/",
        "-",
        "O",
        "0",
        "I",
        "1",
        "l",
        "ß",
        "é",
        "\u{200B}",
        "1E5",
        "NULL",
        "00",
        "Ⅷ",
        "a",
        "A",
    ],
    reached: &[
        "identity",
        "stripped",
        "manual",
        "alias",
        "SKU_CHANGED",
        "SKU_COLLISION",
        "SKU_NEAR_COLLISION",
        "SKU_NON_ASCII",
        "SKU_EMPTY_AFTER_STRIP",
        "SKU_TOO_LONG",
        "SKU_TOO_SHORT",
        "SKU_NUMBER_LIKE",
        "SKU_NULL_LIKE",
        "SKU_ALIAS_NO_CANONICAL",
        "SKU_OVERRIDE_CONFLICT",
        "SKU_MANUAL_BAD",
    ],
};

/// Most lines of one input, so that every input costs about the same.
const LINES_MAX: usize = 200;

/// A catalogue, one line each: a code; `CODE<tab>item<tab>DESCRIPTION`; `CODE<tab>alias<tab>CANONICAL`;
/// `CODE<tab>manual<tab>WAREHOUSE CODE`. A first line that begins with `policy` may say `keep`, `untyped`, `min=3`, `max=8`,
/// `extra=-/`.
pub fn sku(data: &[u8]) -> Outcomes {
    let text = String::from_utf8_lossy(data);
    let mut outcomes = Outcomes::new();
    let mut policy = SkuPolicy::default();
    let mut lines = text.split('\n').take(LINES_MAX).peekable();
    if let Some(words) = lines.peek().and_then(|line| line.strip_prefix("policy")) {
        policy = read_policy(words);
        lines.next();
    }
    let mut items = Vec::new();
    let mut overrides = SkuOverrides::default();
    for line in lines {
        let mut columns = line.splitn(3, '\t');
        let code = columns.next().unwrap_or_default();
        laws_of_rule(&policy, code);
        match (columns.next(), columns.next()) {
            (Some("alias"), Some(canonical)) => overrides.aliases.push(SkuAlias {
                alias: code.into(),
                canonical: canonical.into(),
            }),
            (Some("manual"), Some(warehouse)) => overrides.manual.push(ManualPair {
                source: code.into(),
                warehouse: warehouse.into(),
            }),
            (Some("item"), Some(description)) => {
                items.push(CatalogueItem::new(code, Some(description.to_owned())));
            }
            _ => items.push(CatalogueItem::new(line, None)),
        }
    }
    laws_of_registry(&items, &overrides, &policy, &mut outcomes);
    outcomes
}

fn read_policy(words: &str) -> SkuPolicy {
    let mut policy = SkuPolicy::default();
    for word in words.split(' ') {
        match word.split_once('=').unwrap_or((word, "")) {
            ("keep", _) => policy.case = SkuCase::Keep,
            ("untyped", _) => policy.untyped_target = true,
            ("min", number) => policy.min_length = number.parse().unwrap_or(1),
            ("max", number) => policy.max_length = number.parse().unwrap_or(24),
            ("extra", characters) => policy.extra_characters = characters.to_owned(),
            _ => {}
        }
    }
    policy
}

fn laws_of_rule(policy: &SkuPolicy, code: &str) {
    let sanitised = policy.sanitise(code);
    let keeps = |c: char| {
        c.is_ascii_alphanumeric() || (c.is_ascii_graphic() && policy.extra_characters.contains(c))
    };
    assert!(sanitised.chars().all(keeps), "{sanitised:?} of {code:?}");
    assert_eq!(policy.sanitise(&sanitised), sanitised, "not idempotent");
    let read_as_code = |text: &str| match policy.case {
        SkuCase::Upper => text.to_ascii_uppercase(),
        _ => text.to_owned(),
    };
    if code.chars().all(keeps) {
        assert_eq!(sanitised, read_as_code(code), "a character was lost");
    }
    match policy.propose(code) {
        Ok(proposal) => {
            assert_eq!(proposal, sanitised);
            assert!(policy.accepts(&proposal), "{proposal:?} of {code:?}");
            assert_eq!(policy.propose(&proposal), Ok(proposal));
        }
        Err(fault) => {
            assert!(!policy.accepts(code), "{code:?} is refused: {fault}");
            assert!(fault.id().starts_with("SKU_"));
        }
    }
}

fn laws_of_registry(
    items: &[CatalogueItem],
    overrides: &SkuOverrides,
    policy: &SkuPolicy,
    outcomes: &mut Outcomes,
) {
    let (registry, found) = SkuRegistry::build(items, overrides, policy);
    diagnostics::check(&found, None, outcomes);
    for (source, warehouse) in registry.pairs() {
        assert!(policy.accepts(warehouse.as_str()), "{warehouse}");
        assert_eq!(registry.to_warehouse(source), Some(warehouse));
        let back = registry
            .to_source(warehouse.as_str())
            .unwrap_or_else(|| panic!("{warehouse} does not come back"));
        assert_eq!(registry.to_warehouse(back), Some(warehouse), "W(R(w)) = w");
        let origin = registry.origin(source).expect("a pair has an origin");
        outcomes.insert(format!("{origin:?}").to_ascii_lowercase().into());
        if origin == SkuOrigin::Alias {
            let declared = overrides
                .aliases
                .iter()
                .any(|one| one.alias == *source && one.canonical == *back);
            assert!(declared, "{source} shares a code and is no declared alias");
        } else {
            assert_eq!(back, source, "R(W(a)) = a");
        }
        let changed = origin == SkuOrigin::Stripped && source.as_str().chars().count() <= 200;
        let noted = || {
            let subject = Subject::Sku(source.clone());
            found
                .iter()
                .any(|one| one.code == Code::SkuChanged && one.subject == subject)
        };
        assert!(!changed || noted(), "{source} was changed in silence");
    }
    for item in items {
        let mapped = registry.to_warehouse(&item.sku).is_some();
        let refusal = registry.refusal(&item.sku);
        assert!(mapped != refusal.is_some(), "{:?} is lost", item.sku);
        if let Some(code) = refusal {
            let said = found
                .iter()
                .any(|one| one.code == code && one.severity.holds());
            assert!(said, "{:?} is refused in silence", item.sku);
        }
    }
    let mut turned = items.to_vec();
    turned.reverse();
    assert_eq!(
        SkuRegistry::build(&turned, overrides, policy),
        (registry.clone(), found),
        "the catalogue's order matters"
    );
    if let Some((_, fewer)) = items.split_last() {
        let (before, _) = SkuRegistry::build(fewer, overrides, policy);
        for (source, warehouse) in before.pairs() {
            match registry.to_warehouse(source) {
                Some(now) => assert_eq!(now, warehouse, "a new article changed an old pair"),
                None => assert!(registry.refusal(source).is_some(), "{source} vanished"),
            }
        }
    }
}
