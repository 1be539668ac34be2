//! What customs data the profile asks for, by destination, and the sender's part of it.

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, Subject};

/// One piece of customs data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CustomsDatum {
    /// The sender's trader number (EORI), [`CustomsPolicy::sender_eori`].
    SenderEori,
    /// The sender's number in the UK Internal Market Scheme, [`CustomsPolicy::sender_ukims`].
    SenderUkims,
    /// The receiver's trader number, [`crate::PersonalDetails::eori`].
    ReceiverEori,
    /// The receiver's number in the UK Internal Market Scheme, [`crate::PersonalDetails::ukims`].
    ReceiverUkims,
    /// Who pays duty and bears the risk, [`CustomsPolicy::incoterm`].
    Incoterm,
    /// A real description on every line, [`crate::OrderLine::description`].
    Description,
    /// A commodity code on every line, [`crate::LineCustoms::commodity_code`].
    CommodityCode,
    /// A country of origin on every line, [`crate::LineCustoms::origin`].
    Origin,
    /// A price above zero, in a known currency, on every line, [`crate::OrderLine::unit_price`].
    Value,
}

impl CustomsDatum {
    /// The name in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SenderEori => "EORI of the sender",
            Self::SenderUkims => "UKIMS number of the sender",
            Self::ReceiverEori => "EORI of the receiver",
            Self::ReceiverUkims => "UKIMS number of the receiver",
            Self::Incoterm => "Incoterm",
            Self::Description => "a real description",
            Self::CommodityCode => "commodity code",
            Self::Origin => "country of origin",
            Self::Value => "value",
        }
    }
}

/// Who pays freight and duty and bears the risk: the three-letter rules of the ICC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Incoterm {
    /// Ex works.
    Exw,
    /// Free carrier.
    Fca,
    /// Carriage paid to.
    Cpt,
    /// Carriage and insurance paid to.
    Cip,
    /// Delivered at place: the receiver pays duty.
    Dap,
    /// Delivered at place unloaded.
    Dpu,
    /// Delivered duty paid: the sender pays duty.
    Ddp,
    /// Free alongside ship.
    Fas,
    /// Free on board.
    Fob,
    /// Cost and freight.
    Cfr,
    /// Cost, insurance and freight.
    Cif,
}

impl Incoterm {
    /// The three letters, such as `DAP`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exw => "EXW",
            Self::Fca => "FCA",
            Self::Cpt => "CPT",
            Self::Cip => "CIP",
            Self::Dap => "DAP",
            Self::Dpu => "DPU",
            Self::Ddp => "DDP",
            Self::Fas => "FAS",
            Self::Fob => "FOB",
            Self::Cfr => "CFR",
            Self::Cif => "CIF",
        }
    }
}

impl std::fmt::Display for Incoterm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Customs data: what the sender has, and what an order needs by its destination; the section `[mapping.customs]`.
///
/// Three kinds of destination need data: Northern Ireland (postcodes `BT`), the Crown dependencies (JE, GG, IM), and every other
/// country than the UK. Other destinations are never judged, and customs data of their orders goes nowhere.
///
/// Northern Ireland is judged unless [`crate::AddressPolicy::northern_ireland_cleared`] says that its data is settled with the
/// warehouse outside the order. The other two are judged when [`CustomsPolicy::required`] is on. Where nothing is judged, data that
/// is there and right goes along, and data that cannot be declared is left out with a warning.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: order_mapping::Profile = toml::from_str(r#"
///     [customs]
///     required = true
///     sender_eori = "GB123456789000"
///     incoterm = "DAP"
///     foreign = ["commodity_code", "origin", "incoterm", "value", "receiver_eori"]
/// "#)?;
/// assert!(profile.check().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CustomsPolicy {
    /// Orders to the Crown dependencies and abroad need the data listed below. Off by default: whether the warehouse keeps customs
    /// data of the articles itself is not known (assumed: it does).
    pub required: bool,
    /// The sender's trader number (EORI), for example `GB123456789000`. None by default.
    pub sender_eori: Option<String>,
    /// The sender's number in the UK Internal Market Scheme. None by default: without it goods for Northern Ireland are at risk.
    pub sender_ukims: Option<String>,
    /// The Incoterm of every order that needs one. None by default: it is agreed with buyers, never guessed.
    pub incoterm: Option<Incoterm>,
    /// What an order to Northern Ireland needs. The EORI and UKIMS number of the sender, a description and a value are needed in any
    /// case; commodity code and origin are what goods at risk need (carriers' pages; seen).
    pub northern_ireland: Vec<CustomsDatum>,
    /// What an order to Jersey, Guernsey or the Isle of Man needs (assumed: as abroad).
    pub crown_dependencies: Vec<CustomsDatum>,
    /// What an order to another country needs (commodity code, origin, description and value: seen in use at the warehouse's
    /// carrier; Incoterm: assumed).
    pub foreign: Vec<CustomsDatum>,
    /// Compare trader numbers and commodity codes with their forms: EORI `GB` or `XI` and 12 digits, or 15; UKIMS `XIUKIM` or
    /// `GBUKIM` and 26 digits; commodity code at least 6 digits, with full stops or spaces. From memory of public guidance, not
    /// compared with its latest edition, hence the switch. Receivers abroad may have another country's EORI: two letters and up to
    /// 15 letters or digits.
    pub check_formats: bool,
    /// Fewest characters of a description (seen in use: the warehouse's line check takes 1 to 35).
    pub description_min: usize,
    /// Most characters of a description (seen in use, as above).
    pub description_max: usize,
    /// Fewest characters of a commodity code (seen in use: 1 to 13).
    pub commodity_code_min: usize,
    /// Most characters of a commodity code (seen in use: 1 to 13).
    pub commodity_code_max: usize,
    /// Descriptions that say nothing of the goods, and so count as missing. Compared as a whole, without regard to case or
    /// punctuation around (carriers' pages name "samples"; the rest is assumed).
    pub vague_descriptions: Vec<String>,
}

impl Default for CustomsPolicy {
    fn default() -> Self {
        use CustomsDatum as Need;
        let goods = [Need::CommodityCode, Need::Origin, Need::Incoterm];
        let abroad: Vec<Need> = goods
            .into_iter()
            .chain([Need::Description, Need::Value])
            .collect();
        Self {
            required: false,
            sender_eori: None,
            sender_ukims: None,
            incoterm: None,
            northern_ireland: vec![
                Need::SenderEori,
                Need::SenderUkims,
                Need::ReceiverEori,
                Need::Description,
                Need::Value,
            ],
            crown_dependencies: abroad.clone(),
            foreign: abroad,
            check_formats: true,
            description_min: 1,
            description_max: 35,
            commodity_code_min: 1,
            commodity_code_max: 13,
            vague_descriptions: [
                "article",
                "articles",
                "gift",
                "gifts",
                "goods",
                "item",
                "items",
                "merchandise",
                "misc",
                "miscellaneous",
                "n/a",
                "none",
                "other",
                "parcel",
                "parts",
                "product",
                "products",
                "sample",
                "samples",
                "spares",
                "stuff",
                "test",
                "various",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}

/// What an order to Northern Ireland needs whatever the profile says.
pub(crate) const NORTHERN_IRELAND_ALWAYS: [CustomsDatum; 4] = [
    CustomsDatum::SenderEori,
    CustomsDatum::SenderUkims,
    CustomsDatum::Description,
    CustomsDatum::Value,
];

/// Longest trader number: an authorisation has up to 35 characters in customs data.
const NUMBER_MAX: usize = 35;

impl CustomsPolicy {
    /// Whether a text is a trader number; `abroad` allows those of other countries too.
    pub(crate) fn is_eori(&self, text: &str, abroad: bool) -> bool {
        let british = text
            .strip_prefix("GB")
            .or_else(|| text.strip_prefix("XI"))
            .is_some_and(|digits| matches!(digits.len(), 12 | 15) && all_digits(digits));
        let foreign = || {
            let (country, rest) = text.split_at_checked(2).unwrap_or_default();
            country.bytes().all(|b| b.is_ascii_uppercase()) && (1..=15).contains(&rest.len())
        };
        let plain = is_plain_number(text);
        plain && (!self.check_formats || british || (abroad && foreign()))
    }

    /// Whether a text is a number of the UK Internal Market Scheme.
    pub(crate) fn is_ukims(&self, text: &str) -> bool {
        let right = text
            .strip_prefix("XIUKIM")
            .or_else(|| text.strip_prefix("GBUKIM"))
            .is_some_and(|digits| digits.len() == 26 && all_digits(digits));
        is_plain_number(text) && (!self.check_formats || right)
    }

    /// Whether a text is a commodity code of the right length.
    pub(crate) fn is_commodity_code(&self, text: &str) -> bool {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let form = digits >= 6
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b'.' || b == b' ');
        (self.commodity_code_min..=self.commodity_code_max).contains(&text.len())
            && text.bytes().all(|b| (b' '..=b'}').contains(&b))
            && (!self.check_formats || form)
    }

    /// Whether a description says something of the goods.
    pub(crate) fn is_vague(&self, description: &str) -> bool {
        let bare = |text: &str| {
            text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation())
                .to_lowercase()
        };
        let words = bare(description);
        words.is_empty()
            || self
                .vague_descriptions
                .iter()
                .any(|vague| bare(vague) == words)
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut report = |member: &str, message: &'static str| {
            let path = format!("/customs/{member}");
            found.push(
                Diagnostic::new(Code::CustomsPolicyBad, path, message).about(Subject::Config),
            );
        };
        if self
            .sender_eori
            .as_deref()
            .is_some_and(|text| !self.is_eori(text, false))
        {
            report("sender_eori", "not an EORI: GB or XI and 12 or 15 digits");
        }
        if self
            .sender_ukims
            .as_deref()
            .is_some_and(|text| !self.is_ukims(text))
        {
            report(
                "sender_ukims",
                "not a UKIMS number: XIUKIM or GBUKIM and 26 digits",
            );
        }
        if self.description_max == 0 || self.description_min > self.description_max {
            report("description_max", "no description could fit");
        }
        if self.commodity_code_max == 0 || self.commodity_code_min > self.commodity_code_max {
            report("commodity_code_max", "no commodity code could fit");
        }
        let always = |datum| self.northern_ireland.contains(datum);
        if !NORTHERN_IRELAND_ALWAYS.iter().all(always) {
            report(
                "northern_ireland",
                "sender_eori, sender_ukims, description and value are needed in any case and are judged",
            );
        }
        let asked = |datum| {
            self.required
                && (self.crown_dependencies.contains(&datum) || self.foreign.contains(&datum))
        };
        for (member, datum, given) in [
            ("incoterm", CustomsDatum::Incoterm, self.incoterm.is_some()),
            (
                "sender_eori",
                CustomsDatum::SenderEori,
                self.sender_eori.is_some(),
            ),
            (
                "sender_ukims",
                CustomsDatum::SenderUkims,
                self.sender_ukims.is_some(),
            ),
        ] {
            if asked(datum) && !given {
                report(member, "orders abroad are to have it, and there is none");
            }
        }
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Letters and digits only, and not more than any such number has.
fn is_plain_number(text: &str) -> bool {
    (1..=NUMBER_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn faults(policy: &CustomsPolicy) -> Vec<String> {
        let mut found = Vec::new();
        policy.check(&mut found);
        assert!(
            found
                .iter()
                .all(|one| one.code == Code::CustomsPolicyBad && one.subject == Subject::Config)
        );
        found.into_iter().map(|one| one.path.to_string()).collect()
    }

    #[test]
    fn forms_of_trader_numbers() {
        let policy = CustomsPolicy::default();
        for text in ["GB123456789000", "XI123456789000", "GB123456789000123"] {
            assert!(policy.is_eori(text, false), "{text}");
        }
        for text in [
            "",
            "GB12345678900",
            "GB1234567890001",
            "gb123456789000",
            "GB 123456789000",
            "FR12345678900012",
            "GB12345678900X",
        ] {
            assert!(!policy.is_eori(text, false), "{text}");
        }
        assert!(policy.is_eori("FR12345678900012", true) && !policy.is_eori("FR", true));
        assert!(!policy.is_eori("é1", true) && !policy.is_eori("FR1234567890123456", true));
        let digits = "1234567890".repeat(3);
        let ukims = format!("XIUKIM{}", digits.get(..26).unwrap());
        assert_eq!(ukims.len(), 32);
        assert!(policy.is_ukims(&ukims) && policy.is_ukims(&ukims.replace("XI", "GB")));
        for text in [
            "",
            "XIUKIM1",
            &ukims.to_lowercase(),
            &ukims.replace("XI", "FR"),
            &format!("{ukims}1"),
        ] {
            assert!(!policy.is_ukims(text), "{text}");
        }
        let off = CustomsPolicy {
            check_formats: false,
            ..CustomsPolicy::default()
        };
        assert!(off.is_eori("gb1", false) && off.is_ukims("X1") && off.is_commodity_code("mugs"));
        assert!(!off.is_eori("a~b", false) && !off.is_ukims("") && !off.is_commodity_code("a~b"));
    }

    #[test]
    fn commodity_codes_and_descriptions() {
        let policy = CustomsPolicy::default();
        for text in ["691200", "6912002100", "6912.00.21 00"] {
            assert!(policy.is_commodity_code(text), "{text}");
        }
        for text in ["", "69120", "69120021001234", "6912-00", "HS6912", "٦٩١٢٠٠"] {
            assert!(!policy.is_commodity_code(text), "{text}");
        }
        for text in ["", "...", "Samples", " goods. ", "N/A", "MISC."] {
            assert!(policy.is_vague(text), "{text}");
        }
        for text in ["Mug, red", "Sample box", "T-shirt", "7"] {
            assert!(!policy.is_vague(text), "{text}");
        }
    }

    #[test]
    fn the_check() {
        assert_eq!(faults(&CustomsPolicy::default()), [""; 0]);
        let bad = CustomsPolicy {
            sender_eori: Some("GB1".into()),
            sender_ukims: Some("X".into()),
            description_max: 0,
            commodity_code_min: 14,
            northern_ireland: vec![CustomsDatum::Value],
            required: true,
            ..CustomsPolicy::default()
        };
        assert_eq!(
            faults(&bad),
            [
                "/customs/sender_eori",
                "/customs/sender_ukims",
                "/customs/description_max",
                "/customs/commodity_code_max",
                "/customs/northern_ireland",
                "/customs/incoterm",
            ]
        );
        assert!(toml::from_str::<CustomsPolicy>("incoterm = \"dap\"").is_err());
        assert!(toml::from_str::<CustomsPolicy>("foreign = [\"shoe_size\"]").is_err());
        assert_eq!(
            toml::from_str::<CustomsPolicy>("incoterm = \"DDP\"")
                .unwrap()
                .incoterm,
            Some(Incoterm::Ddp)
        );
    }

    proptest! {
        #[test]
        fn forms_are_total_and_narrower_than_no_forms(text in "\\PC{0,40}|GB[0-9]{11,16}|(XI|GB)UKIM[0-9]{25,27}") {
            let on = CustomsPolicy::default();
            let off = CustomsPolicy { check_formats: false, ..CustomsPolicy::default() };
            prop_assert!(!on.is_eori(&text, false) || on.is_eori(&text, true));
            prop_assert!(!on.is_eori(&text, true) || off.is_eori(&text, true));
            prop_assert!(!on.is_ukims(&text) || off.is_ukims(&text));
            prop_assert!(!on.is_commodity_code(&text) || off.is_commodity_code(&text));
            let _ = on.is_vague(&text);
        }
    }
}
