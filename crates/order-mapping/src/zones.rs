//! Postal zones: named groups of UK postcodes that carriers serve in another way, at another price or not at all.

mod region;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::postcode_districts::{any_known, index_of};
use crate::{Code, Diagnostic, Subject, UkPostcode};

pub(crate) use region::Region;

/// Named zones of UK postcodes; the section `[mapping.zones]`: a name and its list.
///
/// An item of a list is an area (`IV`), a district (`KA27`) or a range of districts (`PO30-41`). A district covers its lettered
/// parts too: `SW1` covers `SW1A` to `SW1Y`, while `SW1A` is that one only. Case and white space do not matter.
///
/// The default was written from general knowledge of what carriers call offshore, and every carrier draws the lines in its own
/// way: compare it with the price list in use. A table in the configuration replaces the default as a whole.
///
/// ```
/// use order_mapping::{UkPostcode, ZoneTable};
/// let zones = ZoneTable::default();
/// let arran = UkPostcode::parse("KA27 8AA")?;
/// assert_eq!(zones.zones_of(&arran), ["highlands_and_islands"]);
/// assert!(!zones.contains("isle_of_wight", &arran));
/// # Ok::<(), order_mapping::PostcodeFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ZoneTable {
    /// The zones by name.
    pub zones: BTreeMap<String, Vec<String>>,
}

impl Default for ZoneTable {
    fn default() -> Self {
        let zones = [
            ("channel_islands", "JE GY"),
            ("highlands_and_islands", "IV HS KW PA PH ZE KA27-28"),
            ("isle_of_man", "IM"),
            ("isle_of_wight", "PO30-41"),
            ("isles_of_scilly", "TR21-25"),
            ("northern_ireland", "BT"),
        ];
        let list = |text: &str| text.split(' ').map(ToOwned::to_owned).collect();
        Self {
            zones: zones
                .into_iter()
                .map(|(name, text)| (name.to_owned(), list(text)))
                .collect(),
        }
    }
}

impl ZoneTable {
    /// Names of the zones that a postcode lies in, in alphabetical order.
    #[must_use]
    pub fn zones_of(&self, postcode: &UkPostcode) -> Vec<&str> {
        self.zones
            .iter()
            .filter(|(_, items)| Zone::compile(items).contains(postcode))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Whether a postcode lies in the zone with this name. No postcode lies in a zone that the table does not have.
    #[must_use]
    pub fn contains(&self, zone: &str, postcode: &UkPostcode) -> bool {
        self.zones
            .get(zone)
            .is_some_and(|items| Zone::compile(items).contains(postcode))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (name, items) in &self.zones {
            let path = format!("/zones/{}", pointer(name));
            let mut report = |path: String, message: &'static str, seen: &str| {
                found.push(
                    Diagnostic::new(Code::ZoneBad, path, message)
                        .about(Subject::Config)
                        .with_seen(seen),
                );
            };
            if name.trim().is_empty() || name.trim() != name {
                let message = "the name of a zone is empty or has white space around it";
                report(path.clone(), message, name);
            }
            if items.is_empty() {
                report(path.clone(), "the zone covers no postcode", name);
            }
            for (at, item) in items.iter().enumerate() {
                let message = match Part::parse(item) {
                    None => "not a postcode area, district or range of districts",
                    Some(Part::Districts { area, first, last })
                        if !any_known(area, first, last) =>
                    {
                        "no district of this area has such a number"
                    }
                    Some(_) => continue,
                };
                report(format!("{path}/{at}"), message, item);
            }
        }
    }
}

/// A name as one step of a JSON pointer.
fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a text can be an item of a zone: an area, a district or a range of districts.
pub(crate) fn is_item(text: &str) -> bool {
    Part::parse(text).is_some()
}

/// One zone in the form that is asked. Items that cannot be read cover nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Zone {
    /// Whole areas, one bit each.
    areas: u128,
    parts: Vec<Part>,
}

impl Zone {
    /// Reads the items of a zone once, so that asking costs next to nothing.
    pub(crate) fn compile(items: &[String]) -> Self {
        let mut zone = Self::default();
        for part in items.iter().filter_map(|item| Part::parse(item)) {
            match part {
                Part::Area(area) => zone.areas |= 1 << area,
                part => zone.parts.push(part),
            }
        }
        zone
    }

    /// Whether a postcode lies in the zone.
    pub(crate) fn contains(&self, postcode: &UkPostcode) -> bool {
        let Some(area) = postcode.area_index() else {
            return false;
        };
        self.areas >> area & 1 == 1
            || (!self.parts.is_empty() && {
                let (number, letter) = postcode.district();
                self.parts
                    .iter()
                    .any(|part| part.covers(area, number, letter))
            })
    }
}

/// One item of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Place of the area in the table of areas.
    Area(u8),
    Districts {
        area: u8,
        first: u8,
        last: u8,
    },
    Lettered {
        area: u8,
        number: u8,
        letter: u8,
    },
}

impl Part {
    fn parse(item: &str) -> Option<Self> {
        // Longer than any item with generous white space.
        if item.len() > 40 || !item.is_ascii() {
            return None;
        }
        let item: String = item
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let letters = item.bytes().take_while(u8::is_ascii_uppercase).count();
        let (name, rest) = item.split_at_checked(letters)?;
        let area = match *name.as_bytes() {
            [a] => index_of(a, None),
            [a, b] => index_of(a, Some(b)),
            _ => None,
        }?;
        if rest.is_empty() {
            return Some(Self::Area(area));
        }
        if let Some((first, last)) = rest.split_once('-') {
            // Both `KA27-28` and `KA27-KA28` are common.
            let (first, last) = (
                number(first)?,
                number(last.strip_prefix(name).unwrap_or(last))?,
            );
            return (first <= last).then_some(Self::Districts { area, first, last });
        }
        match *rest.as_bytes() {
            [digit, letter] if digit.is_ascii_digit() && letter.is_ascii_uppercase() => {
                Some(Self::Lettered {
                    area,
                    number: digit - b'0',
                    letter,
                })
            }
            _ => number(rest).map(|number| Self::Districts {
                area,
                first: number,
                last: number,
            }),
        }
    }

    fn covers(self, in_area: u8, of_number: u8, with: Option<u8>) -> bool {
        match self {
            Self::Area(area) => area == in_area,
            Self::Districts { area, first, last } => {
                area == in_area && (first..=last).contains(&of_number)
            }
            Self::Lettered {
                area,
                number,
                letter,
            } => area == in_area && number == of_number && with == Some(letter),
        }
    }
}

/// The number of a district, as it is written: one or two digits without a zero in front.
fn number(text: &str) -> Option<u8> {
    let plain = matches!(text.as_bytes(), [a] | [a @ b'1'..=b'9', _] if a.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(items: &[&str]) -> ZoneTable {
        let list = items.iter().map(|item| (*item).to_owned()).collect();
        ZoneTable {
            zones: BTreeMap::from([("one".to_owned(), list)]),
        }
    }

    fn covers(items: &[&str], postcode: &str) -> bool {
        table(items).contains("one", &UkPostcode::parse(postcode).unwrap())
    }

    fn faults(table: &ZoneTable) -> Vec<String> {
        let mut found = Vec::new();
        table.check(&mut found);
        assert!(
            found
                .iter()
                .all(|one| one.code == Code::ZoneBad && one.subject == Subject::Config)
        );
        found.into_iter().map(|one| one.path.to_string()).collect()
    }

    #[test]
    fn areas_districts_and_ranges() {
        assert!(
            covers(&["IV"], "IV27 4AA") && !covers(&["IV"], "I1 1AA".replace("I1", "IP1").as_str())
        );
        assert!(covers(&["KA27-28"], "KA28 0AA") && !covers(&["KA27-28"], "KA29 0AA"));
        assert!(covers(&[" ka27 - ka28 "], "KA27 8AA"));
        assert!(covers(&["PO30"], "PO30 1AA") && !covers(&["PO30"], "PO3 1AA"));
        assert!(covers(&["SW1"], "SW1A 1AA") && covers(&["SW1A"], "SW1A 1AA"));
        assert!(!covers(&["SW1A"], "SW1E 1AA") && !covers(&["SW1"], "SW10 1AA"));
        assert!(covers(&["E1"], "E1W 1AA") && !covers(&["E1"], "EC1A 1AA"));
        assert!(!covers(&["L"], "GIR 0AA") && !covers(&["G"], "GIR 0AA"));
        assert!(!table(&["IV"]).contains("two", &UkPostcode::parse("IV1 1AA").unwrap()));
    }

    #[test]
    fn the_default_zones() {
        let zones = ZoneTable::default();
        assert_eq!(faults(&zones), [""; 0]);
        let of = |text: &str| zones.zones_of(&UkPostcode::parse(text).unwrap()).join(" ");
        for (postcode, wanted) in [
            ("IV1 1AA", "highlands_and_islands"),
            ("ZE3 9AA", "highlands_and_islands"),
            ("KA27 8AA", "highlands_and_islands"),
            ("KA1 1AA", ""),
            ("BT1 5GS", "northern_ireland"),
            ("JE2 3AB", "channel_islands"),
            ("GY9 1AA", "channel_islands"),
            ("IM1 1AA", "isle_of_man"),
            ("TR21 0AA", "isles_of_scilly"),
            ("TR20 8AA", ""),
            ("PO30 1AA", "isle_of_wight"),
            ("PO41 0AA", "isle_of_wight"),
            ("PO22 1AA", ""),
            ("SW1A 1AA", ""),
        ] {
            assert_eq!(of(postcode), wanted, "{postcode}");
        }
    }

    #[test]
    fn the_check_names_the_item() {
        let mut zones = table(&[
            "IV", "QQ", "KA28-27", "KA27-", "KA90-95", "SW1AA", "", "KA027", "é",
        ]);
        let wanted: Vec<String> = (1..9).map(|at| format!("/zones/one/{at}")).collect();
        assert_eq!(faults(&zones), wanted);
        zones.zones = BTreeMap::from([
            (" ".to_owned(), vec!["IV".to_owned()]),
            ("a/b".to_owned(), vec![]),
        ]);
        assert_eq!(faults(&zones), ["/zones/ ", "/zones/a~1b"]);
    }

    #[test]
    fn configuration_is_a_name_and_a_list() {
        let read: ZoneTable = toml::from_str("far = [\"ZE\", \"KA27-28\"]").unwrap();
        assert_eq!(read.zones.len(), 1);
        assert!(toml::from_str::<ZoneTable>("far = 1").is_err());
        assert_eq!(
            toml::from_str::<ZoneTable>(&toml::to_string(&read).unwrap()).unwrap(),
            read
        );
    }

    proptest! {
        #[test]
        fn a_range_covers_exactly_its_districts(first in 0u8..100, last in 0u8..100, number in 0u8..100) {
            let item = format!("PO{first}-{last}");
            let inside = covers(&[&item], &format!("PO{number} 1AA"));
            prop_assert_eq!(inside, (first..=last).contains(&number));
        }

        #[test]
        fn reading_items_is_total(item in any::<String>()) {
            let zones = table(&[&item]);
            let _ = zones.zones_of(&UkPostcode::parse("SW1A 1AA").unwrap());
            prop_assert_eq!(faults(&zones).is_empty(), Part::parse(&item).is_some_and(|part| match part {
                Part::Districts { area, first, last } => any_known(area, first, last),
                _ => true,
            }));
        }
    }
}
