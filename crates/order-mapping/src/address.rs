//! Addresses: complete, within the label's fields, and never shortened in silence.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::country;
use crate::phone_policy::ChosenPhone;
use crate::place::Place;
use crate::plain_texts::PlainTexts;
use crate::{
    Address, Arg, Code, Diagnostic, JsonPointer, LabelEmail, LabelPostcode, LabelText, Personal,
    PersonalDetails, Recipient, Severity, Subject, TextUnit, text,
};

/// What happens to an e-mail address that does not fit or is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmailChoice {
    /// It is left out, with a warning: the parcel arrives without it.
    #[default]
    Drop,
    /// The order is held.
    Hold,
}

/// Limits and choices for addresses. Limits count in [`AddressPolicy::unit`], after folding to ASCII where that is on.
///
/// The defaults are the limits between the warehouse and its carrier (seen in use), where longer texts would be cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AddressPolicy {
    /// Name of the person.
    pub name_max: usize,
    /// Company.
    pub company_max: usize,
    /// Each of the two address lines. There is no third one.
    pub line_max: usize,
    /// Post town.
    pub city_max: usize,
    /// County.
    pub county_max: usize,
    /// Postcode.
    pub postcode_max: usize,
    /// E-mail address.
    pub email_max: usize,
    /// What happens to an unusable e-mail address.
    pub unusable_email: EmailChoice,
    /// Delivery instructions; longer ones are cut at a word's end with a warning. Assumed: no limit is documented.
    pub instructions_max: usize,
    /// What the limits count: characters, bytes or UTF-16 code units. Assumed: with ASCII only it makes no difference.
    pub unit: TextUnit,
    /// Characters that no text may have, because the target uses them for itself. The default `~` joins address lines in the
    /// warehouse's feed (seen in use).
    pub forbidden: String,
    /// Write a fixed list of words such as `Road` and `Estate` in their short form where address lines do not fit otherwise, with a
    /// warning. Off by default: such a line is held.
    pub abbreviate: bool,
    /// The target takes ASCII only: Latin letters lose their accents with a note, other scripts hold the order.
    pub ascii: bool,
    /// Country of addresses that name none. Off by default.
    pub default_country: Option<String>,
    /// Countries whose addresses need no postcode.
    pub without_postcode: Vec<String>,
    /// Turn country GB into JE, GG or IM where the postcode says so, with a note, instead of holding.
    pub correct_crown_dependency: bool,
    /// Customs data for Northern Ireland is settled with the warehouse outside the order, so [`crate::CustomsPolicy`] does not judge
    /// it and BT postcodes need not be held.
    pub northern_ireland_cleared: bool,
    /// The services used carry to BFPO addresses.
    pub bfpo_allowed: bool,
}

impl Default for AddressPolicy {
    fn default() -> Self {
        Self {
            name_max: 35,
            company_max: 35,
            line_max: 35,
            city_max: 35,
            county_max: 35,
            postcode_max: 10,
            email_max: 35,
            unusable_email: EmailChoice::Drop,
            instructions_max: 250,
            unit: TextUnit::Chars,
            forbidden: "~".to_owned(),
            abbreviate: false,
            ascii: true,
            default_country: None,
            without_postcode: country::WITHOUT_POSTCODE
                .iter()
                .map(|code| (*code).to_owned())
                .collect(),
            correct_crown_dependency: false,
            northern_ireland_cleared: false,
            bfpo_allowed: false,
        }
    }
}

/// Longest text of an address or note that is looked at, in bytes, so that hostile input costs little.
const TEXT_MAX: usize = 16 * 1024;

/// The texts of an address that passed; empty where there is none.
#[derive(Debug)]
pub(crate) struct Texts {
    name: Option<SmolStr>,
    company: Option<SmolStr>,
    lines: Option<(SmolStr, SmolStr)>,
    city: Option<SmolStr>,
    county: Option<SmolStr>,
    email: Option<SmolStr>,
}

/// Where the members of the delivery address stand.
pub(crate) mod at {
    use crate::JsonPointer;

    pub(crate) const NAME: JsonPointer = JsonPointer::fixed("/personal/shipping/name");
    pub(crate) const COMPANY: JsonPointer = JsonPointer::fixed("/personal/shipping/company");
    pub(crate) const LINE1: JsonPointer = JsonPointer::fixed("/personal/shipping/line1");
    pub(crate) const LINE2: JsonPointer = JsonPointer::fixed("/personal/shipping/line2");
    pub(crate) const LINE3: JsonPointer = JsonPointer::fixed("/personal/shipping/line3");
    pub(crate) const CITY: JsonPointer = JsonPointer::fixed("/personal/shipping/city");
    pub(crate) const REGION: JsonPointer = JsonPointer::fixed("/personal/shipping/region");
    pub(crate) const POSTCODE: JsonPointer = JsonPointer::fixed("/personal/shipping/postcode");
    pub(crate) const COUNTRY: JsonPointer = JsonPointer::fixed("/personal/shipping/country");
    pub(crate) const EMAIL: JsonPointer = JsonPointer::fixed("/personal/shipping/email");
    pub(crate) const INSTRUCTIONS: JsonPointer = JsonPointer::fixed("/personal/instructions");
}

pub(crate) fn raw(value: Option<&Personal<String>>) -> &str {
    value
        .map(|value| value.expose().as_str())
        .unwrap_or_default()
}

impl AddressPolicy {
    /// The policy made ready for many orders.
    pub(crate) fn compile(&self) -> AddressRules {
        AddressRules {
            policy: self.clone(),
            plain: PlainTexts::without(&self.forbidden),
        }
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut report = |path: &str, message: &'static str| {
            found.push(Diagnostic::new(Code::ConfigLimitBad, path, message).about(Subject::Config));
        };
        for (member, limit) in [
            ("name_max", self.name_max),
            ("company_max", self.company_max),
            ("line_max", self.line_max),
            ("city_max", self.city_max),
            ("county_max", self.county_max),
            ("postcode_max", self.postcode_max),
        ] {
            if limit == 0 {
                report(&format!("/address/{member}"), "nothing could fit");
            }
        }
        if self.postcode_max < 8 {
            report(
                "/address/postcode_max",
                "a UK postcode has up to 8 characters",
            );
        }
        if self
            .default_country
            .as_deref()
            .is_some_and(|text| country::resolve(text).is_err())
        {
            report("/address/default_country", "not a country");
        }
    }
}

/// An [`AddressPolicy`] in the form in which it is applied.
#[derive(Debug, Clone)]
pub(crate) struct AddressRules {
    pub(crate) policy: AddressPolicy,
    /// Texts that go as they are.
    plain: PlainTexts,
}

impl AddressRules {
    /// A text in the form the target takes: empty when there is none, nothing when it is faulty.
    fn fit(&self, path: &JsonPointer, raw: &str, found: &mut Vec<Diagnostic>) -> Option<SmolStr> {
        if raw.is_empty() {
            return Some(SmolStr::default());
        }
        if raw.len() > TEXT_MAX {
            let message = "far longer than any label; not looked at";
            found.push(
                Diagnostic::new(Code::AddressLineTooLong, path.clone(), message).with_shape_of(raw),
            );
            return None;
        }
        if self.plain.hold(raw) {
            return Some(SmolStr::new(raw));
        }
        let text = self.written_plainly(path, raw, found)?;
        if self.policy.forbidden.chars().any(|c| text.contains(c)) {
            let message = "a character that the warehouse's feed uses for itself";
            found.push(
                Diagnostic::new(Code::TextForbiddenChar, path.clone(), message).with_shape_of(raw),
            );
            return None;
        }
        Some(text)
    }

    /// A text that has more than printable ASCII, as the target takes it.
    fn written_plainly(
        &self,
        path: &JsonPointer,
        raw: &str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<SmolStr> {
        let mut say = |code: Code, message: &'static str| {
            found.push(Diagnostic::new(code, path.clone(), message).with_shape_of(raw));
        };
        let cleaned = text::clean(raw);
        if cleaned.removed {
            let message = "invisible characters or pictures were left out";
            say(Code::TextInvisibleRemoved, message);
        }
        if !self.policy.ascii {
            return Some(cleaned.text.into());
        }
        let folded = text::fold(&cleaned.text);
        if folded.unsupported {
            let message = "letters or signs that are not spelled out in ASCII";
            say(Code::TextScriptUnsupported, message);
            return None;
        }
        if folded.changed {
            say(Code::TextTransliterated, "written in ASCII for the target");
        }
        // Folding may have made white space of an accent that stood alone.
        Some(text::clean(&folded.text).text.into())
    }

    /// A text within a limit.
    pub(crate) fn fit_within(
        &self,
        path: &JsonPointer,
        raw: &str,
        limit: usize,
        found: &mut Vec<Diagnostic>,
    ) -> Option<SmolStr> {
        let text = self.fit(path, raw, found)?;
        if self.policy.unit.fits(&text, limit) {
            return Some(text);
        }
        let length = self.policy.unit.count(&text);
        found.push(too_long(path.clone(), length, limit, raw));
        None
    }

    /// The texts of the address. What is wrong goes to `found`.
    pub(crate) fn texts(&self, address: &Address, found: &mut Vec<Diagnostic>) -> Texts {
        let city = self.fit_within(
            &at::CITY,
            raw(address.city.as_ref()),
            self.policy.city_max,
            found,
        );
        if city.as_deref() == Some("") {
            found.push(missing(at::CITY, "the post town is missing"));
        }
        let company = self.fit_within(
            &at::COMPANY,
            raw(address.company.as_ref()),
            self.policy.company_max,
            found,
        );
        let email = self.email(raw(address.email.as_ref()), found);
        let lines = self.lines(address, city.as_deref(), found);
        let name = self.fit_within(
            &at::NAME,
            raw(address.name.as_ref()),
            self.policy.name_max,
            found,
        );
        if name.as_deref() == Some("") && company.as_deref() == Some("") {
            let message = "neither a person nor a company is named";
            found.push(missing(at::NAME, message));
        }
        let county = self.fit_within(
            &at::REGION,
            raw(address.region.as_ref()),
            self.policy.county_max,
            found,
        );
        Texts {
            name,
            company,
            lines,
            city,
            county,
            email,
        }
    }

    fn lines(
        &self,
        address: &Address,
        city: Option<&str>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(SmolStr, SmolStr)> {
        const PATHS: [JsonPointer; 3] = [at::LINE1, at::LINE2, at::LINE3];
        let raws = [
            raw(address.line1.as_ref()),
            raw(address.line2.as_ref()),
            raw(address.line3.as_ref()),
        ];
        let [line1, line2, line3] = [
            self.fit(&at::LINE1, raws[0], found),
            self.fit(&at::LINE2, raws[1], found),
            self.fit(&at::LINE3, raws[2], found),
        ];
        let texts = [line1?, line2?, line3?];
        let fits = |text: &SmolStr| self.policy.unit.fits(text, self.policy.line_max);
        let repeats_city =
            |line: &SmolStr| city.is_some_and(|city| city.eq_ignore_ascii_case(line));
        if let [first, second, third] = &texts
            && !first.is_empty()
            && third.is_empty()
            && fits(first)
            && fits(second)
            && !(second.is_empty() && repeats_city(first))
        {
            return Some((first.clone(), second.clone()));
        }
        let given: Vec<&SmolStr> = texts.iter().filter(|text| !text.is_empty()).collect();
        let Some(first) = given.first() else {
            found.push(missing(at::LINE1, "house and street are missing"));
            return None;
        };
        if given.len() == 1 && repeats_city(first) {
            found.push(missing(
                at::LINE1,
                "the line only repeats the post town; house and street are missing",
            ));
            return None;
        }
        let lines: Vec<&str> = given.into_iter().map(SmolStr::as_str).collect();
        if let Some((line1, line2)) = text::reflow(&lines, self.policy.line_max, self.policy.unit) {
            let message = "whole words were moved between the address lines";
            found.push(
                Diagnostic::new(Code::TextReflowed, at::LINE1, message).with_related([at::LINE2]),
            );
            return Some((line1.into(), line2.into()));
        }
        if self.policy.abbreviate
            && let Some(((line1, line2), words)) =
                text::abbreviate(&lines, self.policy.line_max, self.policy.unit)
        {
            let message = "words such as Road and Estate are written in their short form";
            found.push(
                Diagnostic::new(Code::TextAbbreviated, at::LINE1, message)
                    .with_arg(Arg::Got(words as u64))
                    .with_related([at::LINE2]),
            );
            return Some((line1.into(), line2.into()));
        }
        if !texts[2].is_empty() {
            let message = "the words of three lines do not fit into the label's two";
            found.push(
                Diagnostic::new(Code::AddressTooManyLines, at::LINE3, message)
                    .with_shape_of(raws[2])
                    .with_got(lines.len() as u64, 2),
            );
            return None;
        }
        let at = usize::from(fits(&texts[0]));
        if let (Some(path), Some(text), Some(raw)) = (PATHS.get(at), texts.get(at), raws.get(at)) {
            found.push(too_long(
                path.clone(),
                self.policy.unit.count(text),
                self.policy.line_max,
                raw,
            ));
        }
        None
    }

    /// An address that can go out; empty when there is none or it was left out.
    fn email(&self, raw: &str, found: &mut Vec<Diagnostic>) -> Option<SmolStr> {
        let email = text::trimmed(raw);
        if email.is_empty() {
            return Some(SmolStr::default());
        }
        let reason = if !self.plain.hold_one_word(email) || !is_mailbox(email) {
            "not an address that the target takes".to_owned()
        } else if email.len() > self.policy.email_max {
            format!(
                "{} characters, and the warehouse keeps {}",
                email.len(),
                self.policy.email_max
            )
        } else {
            return Some(email.into());
        };
        let (severity, effect) = match self.policy.unusable_email {
            EmailChoice::Drop => (Severity::Warning, "left out"),
            EmailChoice::Hold => (Severity::Hold, "held by the profile"),
        };
        let fault = Diagnostic::new(
            Code::EmailUnusable,
            at::EMAIL,
            format!("{reason}; {effect}"),
        );
        found.push(fault.with_severity(severity).with_shape_of(email));
        (self.policy.unusable_email == EmailChoice::Drop).then(SmolStr::default)
    }

    /// The delivery instructions with the extension of the phone number in front; empty when there are none.
    pub(crate) fn instructions(
        &self,
        personal: &PersonalDetails,
        phone: Option<&ChosenPhone>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<SmolStr> {
        let given = raw(personal.instructions.as_ref());
        let mut text = self.fit(&at::INSTRUCTIONS, given, found)?;
        if let Some(extension) = phone.and_then(|phone| phone.extension.as_ref()) {
            let front = format!("Tel ext {}", extension.expose());
            text = if text.is_empty() {
                front.into()
            } else {
                format!("{front}. {text}").into()
            };
        }
        if self.policy.unit.fits(&text, self.policy.instructions_max) {
            return Some(text);
        }
        let length = self.policy.unit.count(&text);
        let shorter = text::shorten(&text, self.policy.instructions_max, self.policy.unit)
            .unwrap_or_default();
        let sent = self.policy.unit.count(&shorter);
        let message = format!("{sent} of {length} characters are sent");
        let note = Diagnostic::new(Code::NotesShortened, at::INSTRUCTIONS, message);
        found.push(note.with_got(length as u64, self.policy.instructions_max as u64));
        Some(shorter.into())
    }
}

/// Whether a text is somebody at a domain that has a name and an end.
fn is_mailbox(email: &str) -> bool {
    let mut parts = email.as_bytes().split(|byte| *byte == b'@');
    match (parts.next(), parts.next(), parts.next()) {
        (Some([_, ..]), Some(domain), None) => {
            domain.contains(&b'.') && !domain.starts_with(b".") && !domain.ends_with(b".")
        }
        _ => false,
    }
}

pub(crate) fn missing(path: JsonPointer, message: &'static str) -> Diagnostic {
    Diagnostic::new(Code::AddressMissingPart, path, message)
}

pub(crate) fn too_long(path: JsonPointer, length: usize, limit: usize, raw: &str) -> Diagnostic {
    let message = format!("{length} characters, and the label has {limit}");
    Diagnostic::new(Code::AddressLineTooLong, path, message)
        .with_shape_of(raw)
        .with_got(length as u64, limit as u64)
}

/// Puts the parts together; none when one of them is faulty.
pub(crate) fn recipient(
    place: Place,
    texts: Texts,
    phone: ChosenPhone,
    instructions: SmolStr,
) -> Option<Recipient> {
    let optional = |text: SmolStr| (!text.is_empty()).then(|| LabelText::checked(text));
    let (line1, line2) = texts.lines?;
    let (name, company) = (texts.name?, texts.company?);
    let name = if name.is_empty() {
        company.clone()
    } else {
        name
    };
    let email = texts.email?;
    Some(Recipient {
        name: LabelText::checked(name),
        company: optional(company),
        line1: LabelText::checked(line1),
        line2: optional(line2),
        city: LabelText::checked(texts.city?),
        county: optional(texts.county?),
        postcode: LabelPostcode::checked(place.postcode?),
        country: place.country?,
        phone: phone.number,
        email: (!email.is_empty()).then(|| LabelEmail::checked(email)),
        instructions: optional(instructions),
        eori: None,
        ukims: None,
    })
}

#[cfg(test)]
mod tests;
