//! What is wrong with a service table itself.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bounds;
use super::{ServiceRule, ServiceTable};
use crate::zones::Region;
use crate::{Code, Diagnostic, Subject, ZoneTable};

impl ServiceTable {
    /// Rules that cannot be used, that can never be reached, or that share orders with another rule. Paths are pointers into the
    /// profile.
    pub(crate) fn check(&self, zones: &ZoneTable, found: &mut Vec<Diagnostic>) {
        if self.code_max == 0 {
            let message = "no service code could fit";
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, "/services/code_max", message)
                    .about(Subject::Config),
            );
        }
        // Only rules for one option can come into each other's way, so a long table stays fast.
        let mut by_option: BTreeMap<String, Vec<(usize, Scope)>> = BTreeMap::new();
        for (index, rule) in self.rules.iter().enumerate() {
            self.check_rule(index, rule, zones, found);
            let scope = Scope::new(rule, zones);
            if scope.is_empty() {
                continue; // reported above, by what makes it so
            }
            let earlier = by_option.entry(self.key(&rule.option)).or_default();
            check_against(index, rule, &scope, earlier, found);
            earlier.push((index, scope));
        }
    }

    /// One rule by itself.
    fn check_rule(
        &self,
        index: usize,
        rule: &ServiceRule,
        zones: &ZoneTable,
        found: &mut Vec<Diagnostic>,
    ) {
        let path = format!("/services/rules/{index}");
        let mut report = |member: &str, message: &'static str, seen: &str| {
            found.push(
                Diagnostic::new(Code::ShipCodeBad, format!("{path}/{member}"), message)
                    .about(Subject::Config)
                    .with_seen(seen),
            );
        };
        if !self.is_service_code(&rule.code) {
            let message = "a service code has printable ASCII characters without spaces, at least one and at most code_max";
            report("code", message, &rule.code);
        }
        if self.key(&rule.option).is_empty() {
            report("option", "the rule names no shipping option", "");
        }
        for (at, country) in rule.countries.iter().enumerate() {
            if rust_iso3166::from_alpha2(&country.trim().to_ascii_uppercase()).is_none() {
                let message = "not a two-letter country code; the United Kingdom is GB";
                report(&format!("countries/{at}"), message, country);
            }
        }
        for (at, area) in rule.postcode_areas.iter().enumerate() {
            if !crate::zones::is_item(area) {
                let message = "not a postcode area, district or range of districts";
                report(&format!("postcode_areas/{at}"), message, area);
            }
        }
        for (at, zone) in rule.zones.iter().enumerate() {
            if !zones.zones.contains_key(zone) {
                report(
                    &format!("zones/{at}"),
                    "the profile has no zone of this name",
                    zone,
                );
            }
        }
        for (at, group) in rule.customer_groups.iter().enumerate() {
            if group.trim().is_empty() {
                let message = "an empty name is no customer group";
                report(&format!("customer_groups/{at}"), message, group);
            }
        }
        if rule.weight_kg.bounds().is_empty() {
            report("weight_kg", "no weight is in this range", "");
        }
        if rule.value.bounds().is_empty() {
            report("value", "no total is in this range", "");
        } else if !rule.value.is_open() && !crate::currency::is_known(&rule.value.currency) {
            let message = "a range of totals needs the ISO code of its currency";
            report("value/currency", message, &rule.value.currency);
        }
    }
}

/// One rule against those for the same option in front of it. At most one finding: the strongest.
fn check_against(
    index: usize,
    rule: &ServiceRule,
    scope: &Scope,
    earlier: &[(usize, Scope)],
    found: &mut Vec<Diagnostic>,
) {
    let mut report = |code: Code, other: usize, message: &'static str| {
        let path = format!("/services/rules/{index}");
        found.push(
            Diagnostic::new(code, path, message)
                .about(Subject::Config)
                .with_seen(&rule.option)
                .with_related([format!("/services/rules/{other}")]),
        );
    };
    if let Some((other, wider)) = earlier.iter().find(|(_, wider)| wider.covers(scope)) {
        if scope.covers(wider) {
            let message = "an earlier rule is for the same case";
            report(Code::ShipTableDuplicate, *other, message);
        } else {
            let message = "an earlier rule already covers this one";
            report(Code::ShipRuleUnreachable, *other, message);
        }
        return;
    }
    // A narrow rule in front of a wider one is how exceptions are written; rules that only cross are a question.
    let crossing = earlier
        .iter()
        .find(|(_, other)| other.meets(scope) && !scope.covers(other));
    if let Some((other, _)) = crossing {
        let message = "some orders fit this rule and an earlier one, which decides about them";
        report(Code::ShipRuleOverlap, *other, message);
    }
}

/// The circumstances a rule is for.
struct Scope {
    countries: Option<BTreeSet<String>>,
    places: Option<Region>,
    groups: Option<BTreeSet<String>>,
    weight: Bounds,
    value: Bounds,
    currency: String,
}

impl Scope {
    fn new(rule: &ServiceRule, zones: &ZoneTable) -> Self {
        let set = |texts: &[String]| {
            let one = |text: &String| text.trim().to_ascii_uppercase();
            (!texts.is_empty()).then(|| texts.iter().map(one).collect())
        };
        let places = rule.places(zones).map(|zone| zone.region());
        let mut countries = set(&rule.countries);
        // A UK postcode says the country, so a rule for places is one for their countries only.
        if let Some(places) = &places {
            let theirs = places.countries();
            let both = |mine: BTreeSet<String>| {
                let in_both = |country: &String| theirs.contains(country.as_str());
                mine.into_iter().filter(in_both).collect()
            };
            let all = || theirs.iter().map(|country| (*country).to_owned()).collect();
            countries = Some(countries.map_or_else(all, both));
        }
        Self {
            countries,
            places,
            groups: set(&rule.customer_groups),
            weight: rule.weight_kg.bounds(),
            value: rule.value.bounds(),
            currency: rule.value.currency.trim().to_ascii_uppercase(),
        }
    }

    /// No order can be in it.
    fn is_empty(&self) -> bool {
        self.countries.as_ref().is_some_and(BTreeSet::is_empty)
            || self.places.as_ref().is_some_and(Region::is_empty)
            || self.weight.is_empty()
            || self.value.is_empty()
    }

    /// Every order of the other is one of this.
    fn covers(&self, other: &Self) -> bool {
        let sets = |mine: &Option<BTreeSet<String>>, theirs: &Option<BTreeSet<String>>| match (
            mine, theirs,
        ) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs.is_subset(mine),
        };
        let places = match (&self.places, &other.places) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => mine.covers(theirs),
        };
        let value = self.value.is_open()
            || (self.currency == other.currency && self.value.covers(&other.value));
        sets(&self.countries, &other.countries)
            && places
            && sets(&self.groups, &other.groups)
            && self.weight.covers(&other.weight)
            && value
    }

    /// Some order is one of both.
    fn meets(&self, other: &Self) -> bool {
        let sets = |mine: &Option<BTreeSet<String>>, theirs: &Option<BTreeSet<String>>| match (
            mine, theirs,
        ) {
            (Some(mine), Some(theirs)) => !mine.is_disjoint(theirs),
            _ => true,
        };
        let places = match (&self.places, &other.places) {
            (Some(mine), Some(theirs)) => mine.meets(theirs),
            _ => true,
        };
        let one_currency =
            self.value.is_open() || other.value.is_open() || self.currency == other.currency;
        sets(&self.countries, &other.countries)
            && places
            && sets(&self.groups, &other.groups)
            && self.weight.meets(&other.weight)
            && one_currency
            && self.value.meets(&other.value)
    }
}
