//! Countries: ISO 3166-1 codes and names, and a closed table of what people write instead.

use smol_str::SmolStr;

use crate::CountryCode;

/// What is wrong with a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountryFault {
    Unknown,
    /// Several countries; the text says which to choose from.
    Ambiguous(&'static str),
}

/// A country, and whether it was written in another way than the two capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Country {
    pub(crate) code: CountryCode,
    pub(crate) rewritten: bool,
}

/// What buyers and shops write that is neither a code nor an ISO name. Compared without ASCII case, full stops or doubled spaces.
const ALIASES: &[(&str, &str)] = &[
    ("UK", "GB"),
    ("UNITED KINGDOM", "GB"),
    ("THE UNITED KINGDOM", "GB"),
    ("GREAT BRITAIN", "GB"),
    ("BRITAIN", "GB"),
    ("ENGLAND", "GB"),
    ("SCOTLAND", "GB"),
    ("WALES", "GB"),
    ("NORTHERN IRELAND", "GB"),
    ("EIRE", "IE"),
    ("REPUBLIC OF IRELAND", "IE"),
    ("SOUTHERN IRELAND", "IE"),
    ("USA", "US"),
    ("UNITED STATES", "US"),
    ("UNITED STATES OF AMERICA", "US"),
    ("HOLLAND", "NL"),
    ("THE NETHERLANDS", "NL"),
    ("CZECH REPUBLIC", "CZ"),
    ("TURKEY", "TR"),
    ("UAE", "AE"),
    ("SOUTH KOREA", "KR"),
    ("VIETNAM", "VN"),
    ("TAIWAN", "TW"),
];

/// Names that several countries share.
const AMBIGUOUS: &[(&str, &str)] = &[
    ("CHANNEL ISLANDS", "JE or GG"),
    ("CONGO", "CG or CD"),
    ("KOREA", "KR or KP"),
    ("VIRGIN ISLANDS", "VG or VI"),
];

/// Longest country text that is looked at.
const TEXT_MAX: usize = 100;

/// The country that a text names.
pub(crate) fn resolve(text: &str) -> Result<Country, CountryFault> {
    if let Some(code) = plain_code(text) {
        return Ok(Country {
            code,
            rewritten: false,
        });
    }
    if text.len() > TEXT_MAX {
        return Err(CountryFault::Unknown);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let key = words.join(" ").replace('.', "").to_ascii_uppercase();
    if let Some((_, choice)) = AMBIGUOUS.iter().find(|(name, _)| *name == key) {
        return Err(CountryFault::Ambiguous(choice));
    }
    let found = rust_iso3166::from_alpha2(&key)
        .or_else(|| rust_iso3166::from_alpha3(&key))
        .or_else(|| rust_iso3166::from_numeric_str(&key))
        .map(|country| country.alpha2)
        .or_else(|| {
            ALIASES
                .iter()
                .find(|(alias, _)| *alias == key)
                .map(|(_, code)| *code)
        })
        .or_else(|| {
            let name = |country: &&rust_iso3166::CountryCode| {
                let full = country.name.replace('.', "");
                full.eq_ignore_ascii_case(&key)
                    || full
                        .split_once(" (")
                        .is_some_and(|(short, _)| short.eq_ignore_ascii_case(&key))
            };
            let mut named = rust_iso3166::ALL.iter().filter(name);
            named
                .next()
                .filter(|_| named.next().is_none())
                .map(|country| country.alpha2)
        });
    let code = found.ok_or(CountryFault::Unknown)?;
    Ok(Country {
        code: CountryCode::checked(code),
        rewritten: code != text,
    })
}

/// The usual case, which costs no allocation: the two capital letters themselves.
fn plain_code(text: &str) -> Option<CountryCode> {
    let capitals = matches!(text.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z']);
    // Nearly every order goes there, and so need not be looked up.
    if text == "GB" {
        return Some(CountryCode::checked(SmolStr::new_static("GB")));
    }
    rust_iso3166::from_alpha2(text)
        .filter(|_| capitals)
        .map(|country| CountryCode::checked(SmolStr::new_static(country.alpha2)))
}

/// Countries whose addresses commonly have no postcode. From memory of postal practice, and so a default of the profile only.
pub(crate) const WITHOUT_POSTCODE: &[&str] = &["AE", "BS", "HK", "IE", "JM", "MO", "QA", "TT"];

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<String, CountryFault> {
        resolve(text).map(|country| country.code.as_str().to_owned())
    }

    #[test]
    fn codes_names_and_aliases() {
        for text in [
            "GB",
            "gb",
            "GBR",
            "826",
            "UK",
            "u.k.",
            "United  Kingdom",
            "England",
            "Northern Ireland",
        ] {
            assert_eq!(code(text), Ok("GB".into()), "{text}");
        }
        for text in ["IE", "Eire", "Ireland", "Republic of Ireland"] {
            assert_eq!(code(text), Ok("IE".into()), "{text}");
        }
        assert_eq!(code("France"), Ok("FR".into()));
        assert_eq!(code("Netherlands"), Ok("NL".into()));
        assert!(!resolve("GB").unwrap().rewritten && resolve("gb").unwrap().rewritten);
    }

    #[test]
    fn nothing_is_guessed() {
        assert_eq!(
            code("Channel Islands"),
            Err(CountryFault::Ambiguous("JE or GG"))
        );
        assert_eq!(code("Korea"), Err(CountryFault::Ambiguous("KR or KP")));
        for text in ["XX", "", "Atlantis", "G B"] {
            assert_eq!(code(text), Err(CountryFault::Unknown), "{text}");
        }
        assert_eq!(code(&"x".repeat(1_000_000)), Err(CountryFault::Unknown));
    }

    #[test]
    fn every_alias_leads_to_a_code_and_every_code_to_itself() {
        for (alias, target) in ALIASES {
            assert_eq!(code(alias), Ok((*target).to_owned()));
            assert_eq!(code(target), Ok((*target).to_owned()));
        }
        assert_eq!(rust_iso3166::ALL.len(), 249);
        for country in rust_iso3166::ALL {
            assert_eq!(code(country.alpha2), Ok(country.alpha2.to_owned()));
            if country.alpha2 != "CG" {
                assert_eq!(
                    code(country.name),
                    Ok(country.alpha2.to_owned()),
                    "{}",
                    country.name
                );
            }
        }
    }
}
