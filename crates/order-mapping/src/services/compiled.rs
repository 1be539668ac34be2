//! The service table, ready to choose.

use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::bounds::Bounds;
use super::{ServiceRule, ServiceTable, key};
use crate::nearest::nearest;
use crate::zones::Zone;
use crate::{
    Applicability, Arg, Code, CountryCode, Diagnostic, Money, RuleName, ServiceCode,
    ShippingMethodLabel, UkPostcode, ZoneTable, text,
};

/// What a service can depend on beside the option.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) country: Option<&'a CountryCode>,
    pub(crate) postcode: Option<&'a UkPostcode>,
    /// Country or postcode are faulty, so a rule that depends on them cannot be judged.
    pub(crate) unclear: bool,
    /// Weight of the goods in grams; none when a line's is not known.
    pub(crate) grams: Option<u64>,
    pub(crate) total: Option<&'a Money>,
    pub(crate) customer_group: Option<&'a str>,
}

/// The rules by option, with every name and code written out.
#[derive(Debug, Clone)]
pub(crate) struct CompiledServices {
    ignore_case: bool,
    options: hashbrown::HashMap<SmolStr, Vec<CompiledRule>>,
    needs_weight: bool,
}

#[derive(Debug, Clone)]
struct CompiledRule {
    option: String,
    countries: Vec<String>,
    places: Option<Zone>,
    groups: Vec<String>,
    weight: Bounds,
    value: Bounds,
    currency: String,
    /// None when the table has no usable code.
    service: Option<ServiceCode>,
    name: RuleName,
}

/// Whether a rule fits.
enum Fit {
    Yes,
    No,
    /// The destination is faulty; that is reported where it stands.
    Unclear,
    WeightUnknown,
    TotalUnknown,
}

impl CompiledServices {
    pub(crate) fn new(table: &ServiceTable, zones: &ZoneTable) -> Self {
        let mut options: hashbrown::HashMap<SmolStr, Vec<CompiledRule>> = hashbrown::HashMap::new();
        for rule in &table.rules {
            options
                .entry(table.key(&rule.option).into())
                .or_default()
                .push(CompiledRule::new(table, rule, zones));
        }
        let needs_weight = table.rules.iter().any(|rule| !rule.weight_kg.is_open());
        Self {
            ignore_case: table.ignore_case,
            options,
            needs_weight,
        }
    }

    /// Whether any rule asks for the weight of the goods.
    pub(crate) const fn needs_weight(&self) -> bool {
        self.needs_weight
    }

    /// The rules of an option. Nearly every one is written as its key is: where case counts, the key of a key is itself.
    fn rules(&self, label: &str) -> &[CompiledRule] {
        let as_written = (!self.ignore_case)
            .then(|| self.options.get(label))
            .flatten();
        let found = match as_written {
            None if self.ignore_case || !text::is_plain(label) => {
                self.options.get(key(label, self.ignore_case).as_str())
            }
            as_written => as_written,
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// The service of an order, or the one thing that is wrong. Nothing at all when the fault is the destination's.
    pub(crate) fn choose(
        &self,
        label: Option<&ShippingMethodLabel>,
        circumstances: &Circumstances<'_>,
    ) -> Result<Option<(ServiceCode, RuleName)>, Box<Diagnostic>> {
        const PATH: &str = "/shipping_method";
        let Some(label) = label.filter(|label| !text::is_white_space(label.as_str())) else {
            let message = "the order names no shipping option";
            return Err(Box::new(Diagnostic::new(Code::ShipMissing, PATH, message)));
        };
        let fault = |code: Code, message: &'static str| {
            Diagnostic::new(code, PATH, message)
                .about_option(label)
                .with_seen(label.as_str())
        };
        let rules = self.rules(label.as_str());
        for rule in rules {
            match rule.fits(circumstances) {
                Fit::No => {}
                Fit::Unclear => return Ok(None),
                Fit::WeightUnknown => {
                    let message =
                        "the rules of this option ask for the weight, and not every line has one";
                    return Err(Box::new(fault(Code::ShipWeightUnknown, message)));
                }
                Fit::TotalUnknown => {
                    let message =
                        "the rules of this option ask for the order's total, and it has none";
                    return Err(Box::new(fault(Code::ShipValueUnknown, message)));
                }
                Fit::Yes => {
                    let Some(service) = &rule.service else {
                        let message = "the service rule of this option has no usable code";
                        return Err(Box::new(fault(Code::ShipCodeBad, message)));
                    };
                    return Ok(Some((service.clone(), rule.name.clone())));
                }
            }
        }
        if !rules.is_empty() {
            let message = "the service table has this option, but no rule for these circumstances";
            return Err(Box::new(fault(Code::ShipUnmapped, message)));
        }
        Err(Box::new(self.unmapped(label, PATH)))
    }

    fn unmapped(&self, label: &ShippingMethodLabel, path: &'static str) -> Diagnostic {
        let options = self
            .options
            .values()
            .filter_map(|rules| rules.first())
            .map(|rule| rule.option.as_str());
        let near = nearest(label.as_str(), options);
        let unmapped = |message: String| {
            Diagnostic::new(Code::ShipUnmapped, path, message)
                .about_option(label)
                .with_seen(label.as_str())
        };
        let nothing = "the service table has no entry for this option";
        let Some(first) = near.first() else {
            return unmapped(nothing.to_owned());
        };
        let shown: Vec<String> = near
            .iter()
            .map(|option| format!("\"{}\"", crate::diagnostic::escaped(option)))
            .collect();
        let message = format!("{nothing}; near entries, not used: {}", shown.join(", "));
        unmapped(message)
            .with_fix(*first, Applicability::NeedsReview)
            .with_arg(Arg::Near(near.iter().map(ToString::to_string).collect()))
    }
}

impl CompiledRule {
    fn new(table: &ServiceTable, rule: &ServiceRule, zones: &ZoneTable) -> Self {
        let trimmed = |texts: &[String]| texts.iter().map(|one| one.trim().to_owned()).collect();
        Self {
            option: rule.option.clone(),
            countries: trimmed(&rule.countries),
            places: rule.places(zones),
            groups: trimmed(&rule.customer_groups),
            weight: rule.weight_kg.bounds(),
            value: rule.value.bounds(),
            currency: rule.value.currency.trim().to_ascii_uppercase(),
            service: table
                .is_service_code(&rule.code)
                .then(|| ServiceCode::checked(rule.code.trim())),
            name: RuleName::new(rule.title()),
        }
    }

    /// What is certain comes first: a rule that does not fit for one reason needs no answer to the others.
    fn fits(&self, now: &Circumstances<'_>) -> Fit {
        let among = |list: &[String], text: &str| {
            let text = text::trimmed(text);
            list.iter()
                .any(|one| one == text || one.eq_ignore_ascii_case(text))
        };
        if !self.groups.is_empty()
            && !now
                .customer_group
                .is_some_and(|group| among(&self.groups, group))
        {
            return Fit::No;
        }
        let destination_matters = !self.countries.is_empty() || self.places.is_some();
        if destination_matters && !now.unclear {
            let country = self.countries.is_empty()
                || now
                    .country
                    .is_some_and(|country| among(&self.countries, country.as_str()));
            let place = self.places.as_ref().is_none_or(|places| {
                now.postcode
                    .is_some_and(|postcode| places.contains(postcode))
            });
            if !country || !place {
                return Fit::No;
            }
        }
        if let Some(grams) = now.grams
            && !self.weight.is_open()
            && !self.weight.holds(kilograms(grams))
        {
            return Fit::No;
        }
        if let Some(total) = now.total
            && !self.value.is_open()
            && !(total.currency() == self.currency && self.value.holds(total.amount()))
        {
            return Fit::No;
        }
        if destination_matters && now.unclear {
            Fit::Unclear
        } else if now.grams.is_none() && !self.weight.is_open() {
            Fit::WeightUnknown
        } else if now.total.is_none() && !self.value.is_open() {
            Fit::TotalUnknown
        } else {
            Fit::Yes
        }
    }
}

fn kilograms(grams: u64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(grams), 3)
}
