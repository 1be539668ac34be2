//! Which phone number of an order goes to the warehouse.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::phone::PHONE_TABLES;
use crate::text::is_white_space;
use crate::{
    Arg, Code, Diagnostic, JsonPointer, LabelPhone, OtherPhone, Personal, PersonalDetails,
    PhoneFinding, PhoneNumber, Severity, SeverityLevels, Subject,
};

/// How a number is written for the warehouse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneForm {
    /// Digits with country code, without plus: the only form that survives both known routes into the warehouse (seen in use).
    #[default]
    Digits,
    /// With a plus in front.
    E164,
}

/// Where a number may come from when the shipping address has no usable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhonePlace {
    /// The billing address.
    Billing,
    /// Other numbers on the record, in its order.
    Other,
}

/// What is asked of a phone number, and where else to look for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PhonePolicy {
    /// How the number is written.
    pub form: PhoneForm,
    /// Most characters of that form. 12 is what the warehouse keeps before it cuts (seen in use).
    pub max_length: usize,
    /// Country of numbers without calling code when the address's country is unclear.
    pub default_country: String,
    /// Further places, in this order.
    pub fallback: Vec<PhonePlace>,
    /// Accept numbers of ranges kept for films and examples. For test profiles.
    pub allow_fictitious: bool,
}

impl Default for PhonePolicy {
    fn default() -> Self {
        Self {
            form: PhoneForm::Digits,
            max_length: 12,
            default_country: "GB".to_owned(),
            fallback: vec![PhonePlace::Billing, PhonePlace::Other],
            allow_fictitious: false,
        }
    }
}

/// The number that goes out.
#[derive(Debug)]
pub(crate) struct ChosenPhone {
    pub(crate) number: LabelPhone,
    pub(crate) extension: Option<Personal<String>>,
}

/// A number on the record, and where it stands.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    at: At<'a>,
    text: &'a str,
}

#[derive(Clone, Copy)]
enum At<'a> {
    Shipping,
    Billing,
    Other(usize, &'a OtherPhone),
}

const SHIPPING: JsonPointer = JsonPointer::fixed("/personal/shipping/phone");

impl Candidate<'_> {
    fn path(&self) -> JsonPointer {
        match self.at {
            At::Shipping => SHIPPING,
            At::Billing => JsonPointer::fixed("/personal/billing/phone"),
            At::Other(index, _) => format!("/personal/other_phones/{index}/number").into(),
        }
    }

    fn place(&self) -> String {
        match self.at {
            At::Shipping => "the shipping address".to_owned(),
            At::Billing => "the billing address".to_owned(),
            At::Other(_, other) => format!(
                "{} of the shop's record",
                crate::diagnostic::escaped(&other.place)
            ),
        }
    }

    /// A finding about this number. What the tables for numbers say changes over the year, so their version goes with it.
    fn say(&self, code: Code, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        Diagnostic::new(code, self.path(), message)
            .with_shape_of(self.text)
            .with_arg(Arg::Tables(Cow::Borrowed(PHONE_TABLES)))
    }
}

impl PhonePolicy {
    /// The first usable number of the chain; without one, what is wrong with the first number there is.
    pub(crate) fn choose(
        &self,
        personal: &PersonalDetails,
        country: Option<&str>,
        levels: &SeverityLevels,
        found: &mut Vec<Diagnostic>,
    ) -> Option<ChosenPhone> {
        let mut faults: Vec<Diagnostic> = Vec::new();
        for candidate in self.candidates(personal) {
            let before = found.len();
            let number = match self.judge(&candidate, country, levels, found) {
                Ok(number) => number,
                Err(fault) => {
                    found.truncate(before);
                    faults.push(*fault);
                    continue;
                }
            };
            if !matches!(candidate.at, At::Shipping) {
                let why = match faults.first() {
                    Some(fault) => format!(
                        "the first number on the record cannot be used ({})",
                        fault.code
                    ),
                    None => "the shipping address has none".to_owned(),
                };
                let message = format!("taken from {}, since {why}", candidate.place());
                let note = Diagnostic::new(Code::PhoneFromFallback, candidate.path(), message);
                found.push(note.with_related(faults.into_iter().map(|fault| fault.path)));
            }
            return Some(number);
        }
        let mut faults = faults.into_iter();
        match faults.next() {
            Some(fault) => found.push(fault.with_related(faults.map(|other| other.path))),
            None => {
                let path = if personal.shipping.is_some() {
                    SHIPPING
                } else {
                    JsonPointer::fixed("/personal/shipping")
                };
                let message = "no phone number in any of the places that the profile names";
                found.push(Diagnostic::new(Code::PhoneMissing, path, message));
            }
        }
        None
    }

    fn candidates<'a>(
        &'a self,
        personal: &'a PersonalDetails,
    ) -> impl Iterator<Item = Candidate<'a>> {
        let of = |at: At<'a>, address: &'a Option<crate::Address>| {
            let text = address.as_ref()?.phone.as_ref()?.expose();
            Some(Candidate { at, text })
        };
        let shipping = of(At::Shipping, &personal.shipping);
        let further = self.fallback.iter().flat_map(move |place| {
            let billing = matches!(place, PhonePlace::Billing)
                .then(|| of(At::Billing, &personal.billing))
                .flatten();
            let others: &[OtherPhone] = if matches!(place, PhonePlace::Other) {
                &personal.other_phones
            } else {
                &[]
            };
            let others = others.iter().enumerate().map(|(index, other)| Candidate {
                at: At::Other(index, other),
                text: other.number.expose(),
            });
            billing.into_iter().chain(others)
        });
        shipping
            .into_iter()
            .chain(further)
            .filter(|candidate| !is_white_space(candidate.text))
    }

    /// A number that can go out, its notes in `found`; or the one thing that is wrong with it.
    fn judge(
        &self,
        candidate: &Candidate<'_>,
        country: Option<&str>,
        levels: &SeverityLevels,
        found: &mut Vec<Diagnostic>,
    ) -> Result<ChosenPhone, Box<Diagnostic>> {
        let belongs_to = country.unwrap_or(&self.default_country);
        let number = PhoneNumber::parse(candidate.text, belongs_to)
            .map_err(|fault| Box::new(candidate.say(fault.code(), fault.to_string())))?;
        for finding in number.findings() {
            let message = match finding {
                PhoneFinding::Placeholder => "one digit repeated, or digits in order",
                PhoneFinding::Fictitious => "a range kept for films and examples",
                PhoneFinding::UnlistedRange => {
                    "the length is right, but the range is not listed as in use"
                }
                PhoneFinding::CostlyType => "a premium, personal, pager or voicemail number",
                PhoneFinding::Extension => "the extension goes with the delivery instructions",
                PhoneFinding::AssumedCountry => "read as a number of the address's country",
            };
            let mut note = candidate.say(finding.code(), message);
            note = if *finding == PhoneFinding::Fictitious && self.allow_fictitious {
                note.with_severity(Severity::Info)
            } else {
                note.with_severity(levels.level(finding.code()))
            };
            if note.severity.holds() {
                return Err(Box::new(note));
            }
            found.push(note);
        }
        if let Some(country) = country.filter(|country| number.is_of(country) == Some(false)) {
            let code = Code::PhoneOtherCountry;
            let message = format!("the calling code is not that of {country}");
            let note = candidate
                .say(code, message)
                .with_severity(levels.level(code));
            if note.severity.holds() {
                return Err(Box::new(note));
            }
            found.push(note);
        }
        let text = match self.form {
            PhoneForm::Digits => number.digits(),
            PhoneForm::E164 => number.e164(),
        };
        if text.len() > self.max_length {
            let message = format!(
                "{} characters, and the warehouse keeps {}",
                text.len(),
                self.max_length
            );
            let fault = candidate.say(Code::PhoneTooLongForTarget, message);
            return Err(Box::new(
                fault.with_got(text.len() as u64, self.max_length as u64),
            ));
        }
        Ok(ChosenPhone {
            number: LabelPhone::checked(text),
            extension: number.extension().map(Personal::from),
        })
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut report = |path: &str, message: &'static str| {
            found.push(Diagnostic::new(Code::ConfigLimitBad, path, message).about(Subject::Config));
        };
        if self.max_length < 6 {
            report("/phone/max_length", "no phone number could fit");
        }
        if rust_iso3166::from_alpha2(&self.default_country).is_none() {
            report(
                "/phone/default_country",
                "not a two-letter country code in capitals",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn details(shipping: Option<&str>, billing: Option<&str>, others: &[&str]) -> PersonalDetails {
        let address = |phone: Option<&str>| {
            Some(Address {
                phone: phone.map(Personal::from),
                ..Address::default()
            })
        };
        PersonalDetails {
            shipping: address(shipping),
            billing: address(billing),
            other_phones: others
                .iter()
                .map(|number| OtherPhone {
                    place: "/customer/phone".into(),
                    number: (*number).into(),
                })
                .collect(),
            ..PersonalDetails::default()
        }
    }

    fn choose(
        policy: &PhonePolicy,
        details: &PersonalDetails,
    ) -> (Option<String>, Vec<(Code, String)>) {
        let mut found = Vec::new();
        let chosen = policy.choose(details, Some("GB"), &SeverityLevels::default(), &mut found);
        (
            chosen.map(|chosen| chosen.number.expose().to_owned()),
            found
                .into_iter()
                .map(|one| (one.code, one.path.into()))
                .collect(),
        )
    }

    #[test]
    fn the_chain() {
        let policy = PhonePolicy::default();
        let (phone, notes) = choose(
            &policy,
            &details(Some("07911 123456"), Some("020 7183 8750"), &[]),
        );
        assert_eq!((phone.as_deref(), notes.len()), (Some("447911123456"), 0));
        let (phone, notes) = choose(&policy, &details(Some("n/a"), None, &["020 7183 8750"]));
        assert_eq!(phone.as_deref(), Some("442071838750"));
        assert_eq!(
            notes,
            [(
                Code::PhoneFromFallback,
                "/personal/other_phones/0/number".to_owned()
            )]
        );
        let (phone, faults) = choose(&policy, &details(Some("n/a"), Some("000000"), &[]));
        assert_eq!(phone, None);
        assert_eq!(
            faults,
            [(Code::PhoneLetters, "/personal/shipping/phone".to_owned())]
        );
        let (_, faults) = choose(&policy, &details(Some(" "), None, &[]));
        assert_eq!(
            faults,
            [(Code::PhoneMissing, "/personal/shipping/phone".to_owned())]
        );
        let strict = PhonePolicy {
            fallback: Vec::new(),
            ..PhonePolicy::default()
        };
        assert_eq!(
            choose(&strict, &details(None, Some("020 7183 8750"), &[])).0,
            None
        );
    }

    #[test]
    fn the_place_of_a_fallback_is_named() {
        let mut found = Vec::new();
        let details = details(None, None, &["020 7183 8750"]);
        assert!(
            PhonePolicy::default()
                .choose(&details, None, &SeverityLevels::default(), &mut found)
                .is_some()
        );
        assert!(
            found
                .iter()
                .any(|one| one.message.contains("/customer/phone"))
        );
    }

    #[test]
    fn test_profiles_may_allow_numbers_of_films() {
        let details = details(Some("07700 900123"), None, &[]);
        let (phone, faults) = choose(&PhonePolicy::default(), &details);
        assert_eq!(
            (phone, faults.first().map(|one| one.0)),
            (None, Some(Code::PhoneFictitious))
        );
        let policy = PhonePolicy {
            allow_fictitious: true,
            ..PhonePolicy::default()
        };
        let (phone, notes) = choose(&policy, &details);
        assert_eq!(phone.as_deref(), Some("447700900123"));
        assert_eq!(notes.first().map(|one| one.0), Some(Code::PhoneFictitious));
    }

    #[test]
    fn a_number_is_never_cut() {
        let mut found = Vec::new();
        let details = details(Some("0151 12345678"), None, &[]);
        assert!(
            PhonePolicy::default()
                .choose(&details, Some("DE"), &SeverityLevels::default(), &mut found)
                .is_none()
        );
        assert_eq!(
            found.first().map(|one| one.code),
            Some(Code::PhoneTooLongForTarget)
        );
        let policy = PhonePolicy {
            max_length: 15,
            form: PhoneForm::E164,
            ..PhonePolicy::default()
        };
        let chosen = policy
            .choose(
                &details,
                Some("DE"),
                &SeverityLevels::default(),
                &mut Vec::new(),
            )
            .unwrap();
        assert_eq!(chosen.number.expose(), "+4915112345678");
    }

    #[test]
    fn a_number_of_another_country_is_noted() {
        let details = |number: &str| PersonalDetails {
            shipping: Some(Address {
                phone: Some(number.into()),
                ..Address::default()
            }),
            ..PersonalDetails::default()
        };
        let told = |number: &str, country: Option<&str>, levels: &SeverityLevels| {
            let mut found = Vec::new();
            let policy = PhonePolicy::default();
            let phone = policy.choose(&details(number), country, levels, &mut found);
            let codes: Vec<(Code, Severity)> =
                found.iter().map(|one| (one.code, one.severity)).collect();
            (phone.is_some(), codes)
        };
        let none = SeverityLevels::default();
        let noted = vec![(Code::PhoneOtherCountry, Severity::Info)];
        for (number, country, expected) in [
            ("+33 1 42 68 53 00", Some("DE"), &noted),
            ("+33 1 42 68 53 00", Some("FR"), &vec![]),
            ("+33 1 42 68 53 00", None, &vec![]),
            ("+44 113 243 0000", Some("JE"), &vec![]),
            ("+44 1534 440000", Some("GB"), &vec![]),
            ("+44 113 243 0000", Some("IE"), &noted),
            ("+1 212 736 3100", Some("CA"), &vec![]),
        ] {
            let got = told(number, country, &none);
            assert_eq!(got, (true, expected.clone()), "{number} in {country:?}");
        }
        let mut strict = SeverityLevels::default();
        strict.set("PHONE_OTHER_COUNTRY", Severity::Hold);
        let got = told("+33 1 42 68 53 00", Some("DE"), &strict);
        assert_eq!(
            got,
            (false, vec![(Code::PhoneOtherCountry, Severity::Hold)])
        );
    }
}
