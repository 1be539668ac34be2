//! The service table: which carrier service a shipping option means.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::{Code, CountryCode, Diagnostic, ServiceCode, ShippingMethodLabel, Subject, UkPostcode};

/// One rule: this option, to these destinations, is this service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceRule {
    /// The shipping option as the shop writes it.
    pub option: String,
    /// Two-letter country codes that the rule is limited to; empty for any.
    #[serde(default)]
    pub countries: Vec<String>,
    /// UK postcode areas (`IV`) or districts (`KA27`) that the rule is limited to; empty for any.
    #[serde(default)]
    pub postcode_areas: Vec<String>,
    /// The warehouse's service code.
    pub code: String,
    /// Name of the rule in timelines; the option by default.
    #[serde(default)]
    pub name: Option<String>,
}

impl ServiceRule {
    /// A rule without limits.
    pub fn new(option: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            code: code.into(),
            ..Self::default()
        }
    }

    /// The name that stands in timelines.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.option)
    }

    const fn is_limited(&self) -> bool {
        !self.countries.is_empty() || !self.postcode_areas.is_empty()
    }

    fn covers(&self, other: &Self) -> bool {
        let wider = |a: &[String], b: &[String]| {
            a.is_empty()
                || (!b.is_empty()
                    && b.iter()
                        .all(|x| a.iter().any(|y| x.eq_ignore_ascii_case(y))))
        };
        wider(&self.countries, &other.countries)
            && wider(&self.postcode_areas, &other.postcode_areas)
    }

    fn applies(&self, destination: &Destination<'_>) -> bool {
        let country = self.countries.is_empty()
            || destination.country.is_some_and(|country| {
                self.countries
                    .iter()
                    .any(|one| one.trim().eq_ignore_ascii_case(country.as_str()))
            });
        let area = self.postcode_areas.is_empty()
            || destination.postcode.is_some_and(|postcode| {
                self.postcode_areas.iter().map(|one| one.trim()).any(|one| {
                    one.eq_ignore_ascii_case(postcode.area())
                        || one.eq_ignore_ascii_case(postcode.outward())
                })
            });
        country && area
    }
}

/// Where an order goes, as far as a service depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) country: Option<&'a CountryCode>,
    pub(crate) postcode: Option<&'a UkPostcode>,
    /// Country or postcode are faulty, so a rule that depends on them cannot be judged.
    pub(crate) unclear: bool,
}

/// The ordered rules; the first that fits decides. An option without a rule holds the order; there is no default service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceTable {
    /// Compare options without regard to case.
    pub ignore_case: bool,
    /// The rules.
    pub rules: Vec<ServiceRule>,
}

impl ServiceTable {
    /// The option in the form that is compared: NFC, trimmed, single spaces, and lower case if the table ignores case.
    fn key(&self, option: &str) -> String {
        let composed: String = option.nfc().collect();
        let words: Vec<&str> = composed.split_whitespace().collect();
        let joined = words.join(" ");
        if self.ignore_case {
            joined.to_lowercase()
        } else {
            joined
        }
    }

    /// The service of an order, or the one thing that is wrong. Nothing at all when the fault is the destination's.
    pub(crate) fn choose(
        &self,
        label: Option<&ShippingMethodLabel>,
        destination: &Destination<'_>,
    ) -> Result<Option<(ServiceCode, String)>, Box<Diagnostic>> {
        const PATH: &str = "/shipping_method";
        let wanted = label
            .map(|label| self.key(label.as_str()))
            .unwrap_or_default();
        let Some(label) = label.filter(|_| !wanted.is_empty()) else {
            let message = "the order names no shipping option";
            return Err(Box::new(Diagnostic::new(Code::ShipMissing, PATH, message)));
        };
        let fault = |code: Code, message: String| {
            Box::new(
                Diagnostic::new(code, PATH, message)
                    .about_option(label)
                    .with_seen(label.as_str()),
            )
        };
        let mut known = false;
        for rule in self
            .rules
            .iter()
            .filter(|rule| self.key(&rule.option) == wanted)
        {
            known = true;
            if destination.unclear && rule.is_limited() {
                return Ok(None);
            }
            if rule.applies(destination) {
                if !is_service_code(&rule.code) {
                    let message = "the service rule of this option has no usable code".to_owned();
                    return Err(fault(Code::ShipCodeBad, message));
                }
                return Ok(Some((
                    ServiceCode::checked(rule.code.trim()),
                    rule.title().to_owned(),
                )));
            }
        }
        let message = if known {
            "the service table has this option, but no rule for the destination".to_owned()
        } else {
            let near = self.nearest(&wanted);
            if near.is_empty() {
                "the service table has no entry for this option".to_owned()
            } else {
                format!(
                    "the service table has no entry for this option; near entries, not used: {}",
                    near.join(", ")
                )
            }
        };
        Err(fault(Code::ShipUnmapped, message))
    }

    /// Up to three options that are spelled alike.
    fn nearest(&self, wanted: &str) -> Vec<String> {
        let folded = wanted.to_lowercase();
        let limit = folded.chars().count() / 3 + 1;
        let mut near: Vec<(usize, &str)> = self
            .rules
            .iter()
            .map(|rule| {
                (
                    distance(&folded, &self.key(&rule.option).to_lowercase()),
                    rule.option.as_str(),
                )
            })
            .filter(|(distance, _)| *distance <= limit)
            .collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter()
            .take(3)
            .map(|(_, option)| format!("\"{}\"", crate::diagnostic::escaped(option)))
            .collect()
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (index, rule) in self.rules.iter().enumerate() {
            let path = format!("/services/rules/{index}");
            let mut report = |code: Code, path: String, message: &'static str, seen: &str| {
                found.push(
                    Diagnostic::new(code, path, message)
                        .about(Subject::Config)
                        .with_seen(seen),
                );
            };
            if !is_service_code(&rule.code) {
                let message =
                    "a service code has 1 to 24 printable ASCII characters without spaces";
                report(
                    Code::ShipCodeBad,
                    format!("{path}/code"),
                    message,
                    &rule.code,
                );
            }
            if self.key(&rule.option).is_empty() {
                report(
                    Code::ShipCodeBad,
                    format!("{path}/option"),
                    "the rule names no shipping option",
                    "",
                );
            }
            for (at, country) in rule.countries.iter().enumerate() {
                if rust_iso3166::from_alpha2(&country.trim().to_ascii_uppercase()).is_none() {
                    let message = "not a two-letter country code";
                    report(
                        Code::ShipCodeBad,
                        format!("{path}/countries/{at}"),
                        message,
                        country,
                    );
                }
            }
            for (at, area) in rule.postcode_areas.iter().enumerate() {
                if !crate::postcode::is_area_or_district(area.trim()) {
                    let message = "not a postcode area or district";
                    report(
                        Code::ShipCodeBad,
                        format!("{path}/postcode_areas/{at}"),
                        message,
                        area,
                    );
                }
            }
            let key = self.key(&rule.option);
            let earlier = self
                .rules
                .iter()
                .take(index)
                .find(|other| self.key(&other.option) == key && other.covers(rule));
            if let Some(other) = earlier {
                if rule.covers(other) {
                    report(
                        Code::ShipTableDuplicate,
                        path,
                        "an earlier rule is for the same case",
                        &rule.option,
                    );
                } else {
                    report(
                        Code::ShipRuleUnreachable,
                        path,
                        "an earlier rule already covers this one",
                        &rule.option,
                    );
                }
            }
        }
    }
}

/// Longest service code: the carrier and delivery-method codes of the warehouse have 24 characters (seen in use).
const SERVICE_CODE_MAX: usize = 24;

fn is_service_code(code: &str) -> bool {
    let code = code.trim();
    !code.is_empty() && code.len() <= SERVICE_CODE_MAX && code.bytes().all(|b| b.is_ascii_graphic())
}

/// Edits between two texts, of which only the first 80 characters are compared.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        let mut left = i + 1;
        for (pair, y) in row.windows(2).zip(&b) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(x != *y))
                    .min(above + 1)
                    .min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYWHERE: Destination<'_> = Destination {
        country: None,
        postcode: None,
        unclear: false,
    };

    fn table() -> ServiceTable {
        let mut islands = ServiceRule::new("Express B2B Delivery", "WHI_ISL");
        islands.postcode_areas = vec!["ZE".into(), "KA27".into()];
        let mut ireland = ServiceRule::new("Express B2B Delivery", "WHI_IE");
        ireland.countries = vec!["ie".into()];
        ireland.name = Some("express to Ireland".into());
        let mut domestic = ServiceRule::new("Express B2B Delivery", "WHI_EXP");
        domestic.countries = vec!["GB".into()];
        ServiceTable {
            ignore_case: false,
            rules: vec![
                islands,
                ireland,
                domestic,
                ServiceRule::new("Pallet", "PAL"),
            ],
        }
    }

    fn choose(
        table: &ServiceTable,
        label: &str,
        country: &str,
        postcode: &str,
    ) -> Result<(String, String), Code> {
        let country = CountryCode::checked(country);
        let postcode = UkPostcode::parse(postcode).ok();
        let destination = Destination {
            country: Some(&country),
            postcode: postcode.as_ref(),
            unclear: false,
        };
        table
            .choose(Some(&label.into()), &destination)
            .map(|found| {
                found
                    .map(|(code, rule)| (code.as_str().to_owned(), rule))
                    .unwrap()
            })
            .map_err(|fault| fault.code)
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let code = |country, postcode| {
            choose(&table(), " Express  B2B Delivery ", country, postcode).map(|(code, _)| code)
        };
        assert_eq!(code("GB", "SW1A 1AA"), Ok("WHI_EXP".into()));
        assert_eq!(code("GB", "ZE1 0AA"), Ok("WHI_ISL".into()));
        assert_eq!(code("GB", "KA27 8AA"), Ok("WHI_ISL".into()));
        assert_eq!(code("GB", "KA1 1AA"), Ok("WHI_EXP".into()));
        assert_eq!(code("FR", ""), Err(Code::ShipUnmapped));
        let (_, rule) = choose(&table(), "Express B2B Delivery", "IE", "").unwrap();
        assert_eq!(rule, "express to Ireland");
    }

    #[test]
    fn an_unknown_option_is_never_guessed() {
        let fault = table()
            .choose(Some(&"express b2b delivery".into()), &ANYWHERE)
            .unwrap_err();
        assert_eq!(fault.code, Code::ShipUnmapped);
        assert_eq!(
            fault.subject,
            Subject::ShippingOption("express b2b delivery".into())
        );
        assert!(
            fault.message.contains("\"Express B2B Delivery\""),
            "{}",
            fault.message
        );
        let folding = ServiceTable {
            ignore_case: true,
            ..table()
        };
        assert_eq!(
            choose(&folding, "express b2b delivery", "GB", "SW1A 1AA")
                .unwrap()
                .0,
            "WHI_EXP"
        );
    }

    #[test]
    fn a_missing_option_and_an_unclear_destination() {
        assert_eq!(
            table().choose(None, &ANYWHERE).unwrap_err().code,
            Code::ShipMissing
        );
        assert_eq!(
            table()
                .choose(Some(&"  ".into()), &ANYWHERE)
                .unwrap_err()
                .code,
            Code::ShipMissing
        );
        let unclear = Destination {
            unclear: true,
            ..ANYWHERE
        };
        assert_eq!(
            table()
                .choose(Some(&"Express B2B Delivery".into()), &unclear)
                .unwrap(),
            None
        );
        assert!(
            table()
                .choose(Some(&"Pallet".into()), &unclear)
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn the_check_finds_duplicates_and_dead_rules() {
        let mut table = table();
        assert!({
            let mut found = Vec::new();
            table.check(&mut found);
            found.is_empty()
        });
        table.rules.push(ServiceRule::new(" Pallet", "PAL2"));
        let mut dead = ServiceRule::new("Pallet", "with space");
        dead.countries = vec!["UK".into()];
        dead.postcode_areas = vec!["QQ".into()];
        table.rules.push(dead);
        let mut found = Vec::new();
        table.check(&mut found);
        let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
        assert_eq!(
            codes,
            [
                Code::ShipTableDuplicate,
                Code::ShipCodeBad,
                Code::ShipCodeBad,
                Code::ShipCodeBad,
                Code::ShipRuleUnreachable
            ]
        );
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
