//! Addresses and phone numbers in words.

use order_mapping::{AddressPolicy, EmailChoice, PhoneForm, PhonePlace, PhonePolicy};

use super::{List, characters, counted, forbidden, said};

impl List<'_> {
    pub(super) fn phone(&mut self, policy: &PhonePolicy) {
        let form = match policy.form {
            PhoneForm::Digits => "digits with the country's code, without plus".to_owned(),
            PhoneForm::E164 => "with a plus and the country's code".to_owned(),
            other => said(&other),
        };
        self.add("mapping.phone.form", format!("numbers are sent as {form}"));
        self.add(
            "mapping.phone.max_length",
            format!(
                "a number has at most {}; a longer one holds its order",
                characters(policy.max_length)
            ),
        );
        self.add(
            "mapping.phone.default_country",
            format!(
                "where the address leaves it open, a number is one of {}",
                policy.default_country
            ),
        );
        let places: Vec<String> = policy
            .fallback
            .iter()
            .map(|place| match place {
                PhonePlace::Billing => "the billing address".to_owned(),
                PhonePlace::Other => "other numbers on the record".to_owned(),
                other => said(other),
            })
            .collect();
        let fallback = if places.is_empty() {
            "only the number of the shipping address is used".to_owned()
        } else {
            format!(
                "without a usable number in the shipping address: {}",
                places.join(", then ")
            )
        };
        self.add("mapping.phone.fallback", fallback);
        self.switch(
            "mapping.phone.allow_fictitious",
            policy.allow_fictitious,
            "numbers kept for films and examples are accepted: for test profiles only",
            "numbers kept for films and examples hold their orders",
        );
    }

    pub(super) fn address(&mut self, policy: &AddressPolicy) {
        for (member, what, limit) in [
            ("name_max", "the name", policy.name_max),
            ("company_max", "the company", policy.company_max),
            ("line_max", "each of the two address lines", policy.line_max),
            ("city_max", "the town", policy.city_max),
            ("county_max", "the county", policy.county_max),
            ("postcode_max", "the postcode", policy.postcode_max),
            ("email_max", "the e-mail address", policy.email_max),
        ] {
            let means = format!("{what} has at most {}", characters(limit));
            self.add(&format!("mapping.address.{member}"), means);
        }
        let email = match policy.unusable_email {
            EmailChoice::Drop => {
                "an e-mail address that cannot be sent is left out with a warning".to_owned()
            }
            EmailChoice::Hold => "an e-mail address that cannot be sent holds its order".to_owned(),
            other => said(&other),
        };
        self.add("mapping.address.unusable_email", email);
        self.add(
            "mapping.address.instructions_max",
            format!(
                "delivery instructions are cut at the end of a word after {}, with a warning",
                characters(policy.instructions_max)
            ),
        );
        self.add(
            "mapping.address.unit",
            format!("the limits of an address count {}", counted(policy.unit)),
        );
        self.add(
            "mapping.address.forbidden",
            forbidden("a text of an address", &policy.forbidden),
        );
        self.switch(
            "mapping.address.abbreviate",
            policy.abbreviate,
            "words such as Road are shortened where address lines do not fit otherwise, with a warning",
            "no word of an address is shortened",
        );
        self.switch(
            "mapping.address.ascii",
            policy.ascii,
            "Latin letters lose their accents with a note; other scripts hold the order",
            "letters are sent as the shop has them",
        );
        let default = match &policy.default_country {
            Some(country) => format!("an address without country is one of {country}, with a note"),
            None => "an address without country holds its order".to_owned(),
        };
        self.add("mapping.address.default_country", default);
        let without = match policy.without_postcode.len() {
            0 => "every address needs a postcode".to_owned(),
            _ => format!(
                "no postcode is needed in {}",
                policy.without_postcode.join(" ")
            ),
        };
        self.add("mapping.address.without_postcode", without);
        self.switch(
            "mapping.address.correct_crown_dependency",
            policy.correct_crown_dependency,
            "country GB becomes JE, GG or IM where the postcode says so, with a note",
            "country GB with a postcode of JE, GG or IM holds the order",
        );
        self.switch(
            "mapping.address.northern_ireland_cleared",
            policy.northern_ireland_cleared,
            "orders to Northern Ireland are sent; customs data is settled with the warehouse",
            "orders to Northern Ireland are held for customs data",
        );
        self.switch(
            "mapping.address.bfpo_allowed",
            policy.bfpo_allowed,
            "forces addresses are sent",
            "forces addresses hold their orders",
        );
    }
}
