//! Country and postcode of an address, and the rules between the two.

use smol_str::SmolStr;

use crate::address::{AddressRules, at, missing, raw, too_long};
use crate::country::{self, CountryFault};
use crate::{
    Address, Code, CountryCode, Diagnostic, PostcodeFault, Severity, UkPostcode, postcode, text,
};

/// Country and postcode, as far as they are right.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) country: Option<CountryCode>,
    pub(crate) uk: Option<UkPostcode>,
    pub(crate) postcode: Option<SmolStr>,
}

impl Place {
    /// Country or postcode are faulty.
    pub(crate) const fn unclear(&self) -> bool {
        self.country.is_none() || self.postcode.is_none()
    }
}

impl AddressRules {
    /// Country and postcode with the rules between them. What is wrong goes to `found`.
    pub(crate) fn place(&self, address: &Address, found: &mut Vec<Diagnostic>) -> Place {
        let country = self.country(address.country.as_deref(), found);
        let raw = raw(address.postcode.as_ref());
        let mut place = Place {
            country,
            ..Place::default()
        };
        let blank = text::is_blank(raw);
        if blank && self.needs_no_postcode(place.country.as_ref()) {
            place.postcode = Some(SmolStr::default());
        } else if blank {
            let message = "the postcode is missing";
            found.push(Diagnostic::new(
                Code::PostcodeMissing,
                "/personal/shipping/postcode",
                message,
            ));
        } else {
            match place.country.as_ref().map(CountryCode::as_str) {
                Some("GB" | "JE" | "GG" | "IM") => self.uk_postcode(raw, &mut place, found),
                Some(_) => self.other_postcode(raw, &mut place, found),
                // Without a country there is no grammar to judge by.
                None => {}
            }
        }
        place
    }

    fn needs_no_postcode(&self, country: Option<&CountryCode>) -> bool {
        country.is_some_and(|country| {
            self.policy
                .without_postcode
                .iter()
                .any(|one| one.eq_ignore_ascii_case(country.as_str()))
        })
    }

    fn country(&self, raw: Option<&str>, found: &mut Vec<Diagnostic>) -> Option<CountryCode> {
        let given = raw.map(text::trimmed).filter(|text| !text.is_empty());
        let Some(text) = given.or(self.policy.default_country.as_deref()) else {
            found.push(missing(at::COUNTRY, "the country is missing"));
            return None;
        };
        match country::resolve(text) {
            Ok(country) => {
                if given.is_none() || country.rewritten {
                    let from = if given.is_none() {
                        "the profile's default"
                    } else {
                        "another writing"
                    };
                    let message = format!("{}, from {from}", country.code);
                    found.push(
                        Diagnostic::new(Code::CountryAlias, at::COUNTRY, message).with_seen(text),
                    );
                }
                Some(country.code)
            }
            Err(fault) => {
                let message = match fault {
                    CountryFault::Unknown => {
                        "no ISO 3166 code or name, and no known alias".to_owned()
                    }
                    CountryFault::Ambiguous(choice) => {
                        format!("this can be several countries; say {choice}")
                    }
                };
                found.push(
                    Diagnostic::new(Code::CountryUnknown, at::COUNTRY, message).with_seen(text),
                );
                None
            }
        }
    }

    fn uk_postcode(&self, raw: &str, place: &mut Place, found: &mut Vec<Diagnostic>) {
        let say = |code: Code, message: String| {
            Diagnostic::new(code, at::POSTCODE, message).with_shape_of(raw)
        };
        let forces = |found: &mut Vec<Diagnostic>| {
            let fault = say(Code::BfpoRestricted, "a forces address".to_owned());
            found.push(if self.policy.bfpo_allowed {
                fault.with_severity(Severity::Info)
            } else {
                fault
            });
        };
        let postcode = match UkPostcode::parse(raw) {
            Ok(postcode) => postcode,
            Err(fault) => {
                if let Some(number) = postcode::forces_number(raw) {
                    forces(found);
                    place.postcode = self.postcode_within(number.into(), raw, found);
                    return;
                }
                let code = match fault {
                    PostcodeFault::Shape | PostcodeFault::LookAlike => Code::PostcodeShape,
                    PostcodeFault::Area => Code::PostcodeArea,
                    PostcodeFault::OtherCountry(_) => Code::CountryPostcodeMismatch,
                };
                let message =
                    postcode::pseudo_code(raw).map_or_else(|| fault.to_string(), str::to_owned);
                found.push(say(code, message));
                return;
            }
        };
        note_changes(raw, found);
        let owner = postcode.country();
        let country = place
            .country
            .as_ref()
            .map(CountryCode::as_str)
            .unwrap_or_default();
        if country == "GB" && owner != "GB" {
            let fault = say(
                Code::CountryCrownDependency,
                format!("the postcode is one of {owner}, and customs need that code"),
            );
            if self.policy.correct_crown_dependency {
                found.push(fault.with_severity(Severity::Info));
                place.country = Some(CountryCode::checked(owner));
            } else {
                found.push(fault);
            }
        } else if country != owner {
            found.push(say(
                Code::CountryPostcodeMismatch,
                format!("a postcode of {owner}, not of {country}"),
            ));
        }
        match postcode.letters() {
            b"BF" => forces(found),
            b"BX" | b"GIR" => found.push(say(
                Code::PostcodeNonGeographic,
                "a postcode for mail only".to_owned(),
            )),
            _ if !postcode.district_is_known() => found.push(say(
                Code::PostcodeDistrictUnknown,
                "the table of districts does not have this one".to_owned(),
            )),
            _ => {}
        }
        place.postcode = self.postcode_within(postcode.text().into(), raw, found);
        place.uk = Some(postcode);
    }

    /// Every UK postcode fits into a limit that the check of the profile passes; into another one none is sent.
    fn postcode_within(
        &self,
        text: SmolStr,
        raw: &str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<SmolStr> {
        let limit = self.policy.postcode_max;
        if self.policy.unit.fits(&text, limit) {
            return Some(text);
        }
        let length = self.policy.unit.count(&text);
        found.push(too_long(at::POSTCODE, length, limit, raw));
        None
    }

    fn other_postcode(&self, raw: &str, place: &mut Place, found: &mut Vec<Diagnostic>) {
        let country = place
            .country
            .as_ref()
            .map(CountryCode::as_str)
            .unwrap_or_default();
        let owner = match UkPostcode::parse(raw) {
            Ok(postcode) => Some(postcode.country()),
            Err(PostcodeFault::OtherCountry(owner)) if owner != country => Some(owner),
            Err(_) => None,
        };
        if let Some(owner) = owner {
            let message = format!("a postcode of {owner}, not of {country}");
            found.push(
                Diagnostic::new(Code::CountryPostcodeMismatch, at::POSTCODE, message)
                    .with_shape_of(raw),
            );
            return;
        }
        place.postcode = self.fit_within(&at::POSTCODE, raw, self.policy.postcode_max, found);
    }
}

/// Notes what reading a UK postcode changed beside case and white space.
fn note_changes(raw: &str, found: &mut Vec<Diagnostic>) {
    let (removed, rewritten) = postcode::changes(raw);
    if removed {
        let message = "invisible characters were left out";
        found.push(
            Diagnostic::new(Code::TextInvisibleRemoved, at::POSTCODE, message).with_shape_of(raw),
        );
    }
    if rewritten {
        let message = "written in plain letters and digits";
        found.push(
            Diagnostic::new(Code::TextTransliterated, at::POSTCODE, message).with_shape_of(raw),
        );
    }
}
