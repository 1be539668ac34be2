//! Customs data of the articles in a kit: abroad they are declared one by one, since the kit itself is no goods.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    Code, CommodityCode, CountryCode, CustomsPolicy, Diagnostic, Kit, Money, Subject, country,
    currency, text,
};

/// What customs ask of one article in a kit; the member `customs` of a component in `[[mapping.kits]]`.
///
/// Description, commodity code and origin that are not given here are those of the kit's line. Values are either given for every
/// component or for none: then the kit's price stands for all of them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: order_mapping::Profile = toml::from_str(r#"
///     [[kits]]
///     sku = "GIFTSET"
///
///     [[kits.components]]
///     sku = "MUG"
///     quantity = 1
///     customs = { description = "Stoneware mug", commodity_code = "69120021", origin = "CN", value = "3.20", currency = "GBP" }
/// "#)?;
/// assert!(profile.check().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ComponentCustoms {
    /// What the article is, in words that customs take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Commodity code (HS code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commodity_code: Option<String>,
    /// Country of origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Value of one unit of the warehouse, a decimal text.
    #[serde(
        with = "rust_decimal::serde::str_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub value: Option<Decimal>,
    /// The currency of the value; needed when one is given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub currency: String,
}

/// One piece of customs data of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Own<T> {
    /// None is given: the kit's line speaks for it.
    NotGiven,
    /// It cannot be declared, as the check of the profile says; counts as missing.
    Bad(&'static str),
    /// It can be declared.
    Right(T),
}

impl<T: Clone> Own<T> {
    pub(crate) fn of(own: Option<Self>) -> Self {
        own.unwrap_or(Self::NotGiven)
    }

    pub(crate) const fn is_given(&self) -> bool {
        !matches!(self, Self::NotGiven)
    }

    pub(crate) const fn is_bad(&self) -> bool {
        matches!(self, Self::Bad(_))
    }

    /// What goes with the component: its own, or the kit's where it has none.
    pub(crate) fn or(self, of_kit: Option<&T>) -> Option<T> {
        match self {
            Self::Right(own) => Some(own),
            Self::NotGiven => of_kit.cloned(),
            Self::Bad(_) => None,
        }
    }

    const fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Bad(message) => Some(*message),
            Self::NotGiven | Self::Right(_) => None,
        }
    }
}

impl ComponentCustoms {
    /// The description, cleaned and within the policy's limits.
    pub(crate) fn description(&self, policy: &CustomsPolicy) -> Own<String> {
        let Some(given) = given(self.description.as_deref()) else {
            return Own::NotGiven;
        };
        let clean = text::clean(given).text;
        let length = clean.chars().count();
        if policy.is_vague(given) {
            Own::Bad("this says nothing of the goods")
        } else if (policy.description_min..=policy.description_max).contains(&length) {
            Own::Right(clean)
        } else {
            Own::Bad("the description is longer or shorter than can be declared")
        }
    }

    /// The commodity code.
    pub(crate) fn commodity_code(&self, policy: &CustomsPolicy) -> Own<CommodityCode> {
        match given(self.commodity_code.as_deref()) {
            None => Own::NotGiven,
            Some(code) if policy.is_commodity_code(code) => {
                Own::Right(CommodityCode::checked(code))
            }
            Some(_) => Own::Bad("not a commodity code"),
        }
    }

    /// The country of origin.
    pub(crate) fn origin(&self) -> Own<CountryCode> {
        match given(self.origin.as_deref()).map(country::resolve) {
            None => Own::NotGiven,
            Some(Ok(country)) => Own::Right(country.code),
            Some(Err(_)) => Own::Bad("no ISO 3166 code or name, or it can be several countries"),
        }
    }

    /// The value of one unit.
    pub(crate) fn value(&self) -> Own<Money> {
        let Some(value) = self.value else {
            return Own::NotGiven;
        };
        let money = Money::new(value, self.currency.trim());
        if value <= Decimal::ZERO {
            Own::Bad("customs take no value of zero or less")
        } else if currency::is_known(money.currency()) {
            Own::Right(money)
        } else {
            Own::Bad("the value is in no currency of ISO 4217")
        }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// What is wrong with the customs data of kits. Paths are those of the profile.
pub(crate) fn check(kits: &[Kit], policy: &CustomsPolicy, found: &mut Vec<Diagnostic>) {
    for (index, kit) in kits.iter().enumerate() {
        let valued = |customs: &ComponentCustoms| customs.value.is_some();
        let of_kit = || kit.components.iter().map(|one| one.customs.as_ref());
        let any_valued = of_kit().flatten().any(valued);
        for (position, customs) in of_kit().enumerate() {
            let mut report = |member: &str, message: &'static str| {
                let path = format!("/kits/{index}/components/{position}{member}");
                let fault = Diagnostic::new(Code::CustomsPolicyBad, path, message);
                found.push(fault.about(Subject::Config).with_seen(kit.sku.as_str()));
            };
            if any_valued && !customs.is_some_and(valued) {
                report(
                    "",
                    "other components of the kit have a value, and this one has none",
                );
            }
            let Some(customs) = customs else { continue };
            for (member, fault) in [
                ("description", customs.description(policy).fault()),
                ("commodity_code", customs.commodity_code(policy).fault()),
                ("origin", customs.origin().fault()),
                ("value", customs.value().fault()),
            ] {
                if let Some(message) = fault {
                    report(&format!("/customs/{member}"), message);
                }
            }
        }
    }
}
