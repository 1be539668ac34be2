//! Zones as sets of districts, to tell whether one lies in another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Part, Zone};
use crate::postcode_districts::index_of;

/// Every district number of an area: a bit each.
const WHOLE_AREA: u128 = (1 << 100) - 1;

/// The districts of a zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Region {
    /// The numbers of each area, a bit each; a number stands for its lettered parts too.
    numbers: BTreeMap<u8, u128>,
    /// Lettered parts whose number as a whole is not in it.
    lettered: BTreeSet<(u8, u8, u8)>,
}

impl Zone {
    /// The zone as a set.
    pub(crate) fn region(&self) -> Region {
        let mut region = Region::default();
        for area in 0..128u8 {
            if self.areas >> area & 1 == 1 {
                region.numbers.insert(area, WHOLE_AREA);
            }
        }
        for part in &self.parts {
            match *part {
                Part::Area(area) => *region.numbers.entry(area).or_default() = WHOLE_AREA,
                Part::Districts { area, first, last } => {
                    for number in first..=last.min(99) {
                        *region.numbers.entry(area).or_default() |= 1 << number;
                    }
                }
                Part::Lettered {
                    area,
                    number,
                    letter,
                } => {
                    region.lettered.insert((area, number, letter));
                }
            }
        }
        region
    }
}

impl Region {
    /// No district is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.lettered.is_empty()
    }

    /// The countries that its areas belong to.
    pub(crate) fn countries(&self) -> BTreeSet<&'static str> {
        let lettered = self.lettered.iter().map(|(area, _, _)| *area);
        let areas = self.numbers.keys().copied().chain(lettered);
        areas.map(country_of).collect()
    }

    fn has(&self, area: u8, number: u8) -> bool {
        self.numbers
            .get(&area)
            .is_some_and(|numbers| number < 100 && numbers >> number & 1 == 1)
    }

    /// Every district of the other is in this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let numbers = other.numbers.iter().all(|(area, theirs)| {
            let mine = self.numbers.get(area).copied().unwrap_or_default();
            theirs & !mine == 0
        });
        numbers
            && other
                .lettered
                .iter()
                .all(|part| self.lettered.contains(part) || self.has(part.0, part.1))
    }

    /// Some district is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let numbers = self.numbers.iter().any(|(area, mine)| {
            other
                .numbers
                .get(area)
                .is_some_and(|theirs| mine & theirs != 0)
        });
        let lettered = |one: &Self, two: &Self| {
            one.lettered
                .iter()
                .any(|part| two.lettered.contains(part) || two.has(part.0, part.1))
        };
        numbers || lettered(self, other) || lettered(other, self)
    }
}

/// The country of an area, by its place in the table of areas.
fn country_of(area: u8) -> &'static str {
    let is = |a: u8, b: u8| index_of(a, Some(b)) == Some(area);
    if is(b'J', b'E') {
        "JE"
    } else if is(b'G', b'Y') {
        "GG"
    } else if is(b'I', b'M') {
        "IM"
    } else {
        "GB"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::UkPostcode;

    fn zone(items: &[String]) -> Zone {
        Zone::compile(items)
    }

    fn region(items: &[&str]) -> Region {
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        zone(&items).region()
    }

    #[test]
    fn areas_districts_and_letters() {
        assert!(region(&["KA"]).covers(&region(&["KA27-28"])));
        assert!(!region(&["KA27-28"]).covers(&region(&["KA"])));
        assert!(region(&["SW1"]).covers(&region(&["SW1A"])));
        assert!(!region(&["SW1A"]).covers(&region(&["SW1"])));
        assert!(region(&["SW1A"]).meets(&region(&["SW"])));
        assert!(!region(&["SW1A"]).meets(&region(&["SW1E", "SW10"])));
        assert!(region(&["IV", "ZE"]).meets(&region(&["ZE3"])));
        let countries = region(&["IV", "JE", "GY9", "IM1"]).countries();
        assert_eq!(countries, ["GB", "GG", "IM", "JE"].into());
        assert!(region(&["IV"]).covers(&region(&[])) && !region(&["IV"]).meets(&region(&[])));
    }

    fn items() -> impl Strategy<Value = Vec<String>> {
        let item = prop_oneof![
            Just("SW".to_owned()),
            "SW[1-4]",
            "SW1[ABE]",
            (1u8..6, 0u8..6).prop_map(|(first, more)| format!("SW{first}-{}", first + more)),
            Just("ZE".to_owned()),
        ];
        prop::collection::vec(item, 0..4)
    }

    proptest! {
        #[test]
        fn sets_agree_with_the_zones_they_are_made_of(a in items(), b in items()) {
            let (zone_a, zone_b) = (zone(&a), zone(&b));
            let (region_a, region_b) = (zone_a.region(), zone_b.region());
            let mut meets = false;
            let mut covers = true;
            for outward in ["SW1A", "SW1B", "SW1E", "SW1P", "SW2", "SW3", "SW4", "SW5", "SW9", "ZE1", "ZE3", "N1"] {
                let postcode = UkPostcode::parse(&format!("{outward} 1AA")).unwrap();
                let (in_a, in_b) = (zone_a.contains(&postcode), zone_b.contains(&postcode));
                meets |= in_a && in_b;
                covers &= in_a || !in_b;
            }
            prop_assert!(!meets || region_a.meets(&region_b));
            prop_assert!(!region_a.covers(&region_b) || covers);
            prop_assert!(region_a.covers(&region_a));
            prop_assert_eq!(region_a.meets(&region_b), region_b.meets(&region_a));
        }
    }
}
