//! Postal zones and customs data in words.

use order_mapping::{CustomsDatum, CustomsPolicy, ZoneTable};

use super::{List, characters, said};

impl List<'_> {
    pub(super) fn zones(&mut self, table: &ZoneTable) {
        for (name, items) in &table.zones {
            let means = match items.len() {
                0 => "the zone covers no postcode".to_owned(),
                _ => format!("the zone covers postcodes {}", items.join(" ")),
            };
            self.add(&format!("mapping.zones.{name}"), means);
        }
        if table.zones.is_empty() {
            self.add("mapping.zones", "there are no postal zones");
        }
    }

    pub(super) fn customs(&mut self, policy: &CustomsPolicy) {
        self.switch(
            "mapping.customs.required",
            policy.required,
            "orders to the Crown dependencies and abroad need the customs data listed",
            "orders to the Crown dependencies and abroad are sent without a look at customs data",
        );
        let number = |given: &Option<String>, without: &str| match given {
            Some(number) => format!("the sender's number is {number}"),
            None => format!("the sender has no number; {without}"),
        };
        let held = "orders to Northern Ireland are held unless cleared";
        self.add(
            "mapping.customs.sender_eori",
            number(&policy.sender_eori, held),
        );
        self.add(
            "mapping.customs.sender_ukims",
            number(&policy.sender_ukims, held),
        );
        let incoterm = match &policy.incoterm {
            Some(incoterm) => format!("every declaration says {}", said(incoterm)),
            None => "no Incoterm is declared".to_owned(),
        };
        self.add("mapping.customs.incoterm", incoterm);
        for (member, what, needs) in [
            (
                "northern_ireland",
                "Northern Ireland",
                &policy.northern_ireland,
            ),
            (
                "crown_dependencies",
                "Jersey, Guernsey and the Isle of Man",
                &policy.crown_dependencies,
            ),
            ("foreign", "other countries", &policy.foreign),
        ] {
            let means = format!("{what}: {}", needed(needs));
            self.add(&format!("mapping.customs.{member}"), means);
        }
        self.switch(
            "mapping.customs.check_formats",
            policy.check_formats,
            "trader numbers and commodity codes are compared with their forms",
            "trader numbers and commodity codes may have any form",
        );
        for (member, what, number) in [
            (
                "description_min",
                "a description has at least",
                policy.description_min,
            ),
            (
                "description_max",
                "a description has at most",
                policy.description_max,
            ),
            (
                "commodity_code_min",
                "a commodity code has at least",
                policy.commodity_code_min,
            ),
            (
                "commodity_code_max",
                "a commodity code has at most",
                policy.commodity_code_max,
            ),
        ] {
            let means = format!("{what} {}", characters(number));
            self.add(&format!("mapping.customs.{member}"), means);
        }
        let vague = match policy.vague_descriptions.len() {
            0 => "any description will do".to_owned(),
            _ => format!(
                "these describe nothing: {}",
                policy.vague_descriptions.join(", ")
            ),
        };
        self.add("mapping.customs.vague_descriptions", vague);
    }
}

fn needed(needs: &[CustomsDatum]) -> String {
    if needs.is_empty() {
        return "nothing is asked for".to_owned();
    }
    let names: Vec<String> = needs
        .iter()
        .map(|need| said(need).replace('_', " "))
        .collect();
    names.join(", ")
}
