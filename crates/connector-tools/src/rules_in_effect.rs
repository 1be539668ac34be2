//! Every rule of a profile in words.

mod customs;

use order_mapping::{
    AddressPolicy, Buffer, Code, EmailChoice, Evidence, FeedBasis, IgnoreRules, KitTable,
    LinePolicy, NonStockPolicy, PackTable, PartialPolicy, PartialRules, PaymentRule, PhoneForm,
    PhonePlace, PhonePolicy, Profile, PurchaseOrderPolicy, ReleasePolicy, ServiceRule,
    ServiceTable, SeverityLevels, SkuCase, SkuOverrides, SkuPolicy, SkuScheme, StockPolicy,
    TextUnit, Trigger, ValueRange, WeightRange,
};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::ProfileFile;
use crate::printed::count;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// Its key in the file.
    pub key: String,
    /// Whether the file has it; if not, it is the default.
    pub in_file: bool,
    /// What it means.
    pub means: String,
    /// How well the value in effect is known. None where the file has another value than the default: then its author knows.
    pub evidence: Option<Evidence>,
    /// Where that comes from, in one line.
    pub source: Option<&'static str>,
}

/// The rules of a file, defaults included.
pub(crate) fn rules(file: &ProfileFile) -> Vec<Rule> {
    let profile = file.profile();
    // The domain types hold nothing that JSON cannot express.
    let json = |profile: &Profile| serde_json::to_value(profile).unwrap_or_default();
    let mut list = List {
        file,
        in_effect: json(profile),
        default: json(&Profile::default()),
        rules: Vec::new(),
    };
    list.sku(&profile.sku);
    list.services(&profile.services);
    list.phone(&profile.phone);
    list.purchase_order(&profile.purchase_order);
    list.address(&profile.address);
    list.release(&profile.release);
    list.ignore(&profile.ignore);
    list.non_stock(&profile.non_stock);
    list.lines(&profile.lines);
    list.kits(&profile.kits);
    list.packs(&profile.packs);
    list.partial(&profile.partial);
    list.stock(&profile.stock);
    list.zones(&profile.zones);
    list.customs(&profile.customs);
    list.severity(&profile.severity);
    list.calendar(&profile.calendar);
    list.shipment(&profile.shipment);
    list.overrides(file.overrides());
    list.rules
}

pub(crate) struct List<'a> {
    file: &'a ProfileFile,
    in_effect: Value,
    default: Value,
    rules: Vec<Rule>,
}

impl List<'_> {
    pub(crate) fn add(&mut self, key: &str, means: impl Into<String>) {
        let path = format!("/{}", key.replace('.', "/"));
        let note = path
            .strip_prefix("/mapping")
            .filter(|member| self.in_effect.pointer(member) == self.default.pointer(member))
            .and_then(Profile::evidence_at);
        self.rules.push(Rule {
            key: key.to_owned(),
            in_file: self.file.has(&path),
            means: means.into(),
            evidence: note.map(|note| note.evidence),
            source: note.map(|note| note.source),
        });
    }

    pub(crate) fn switch(&mut self, key: &str, on: bool, yes: &str, no: &str) {
        self.add(key, if on { yes } else { no });
    }

    fn sku(&mut self, policy: &SkuPolicy) {
        let kept = match policy.extra_characters.as_str() {
            "" => "only letters and digits are kept in a code".to_owned(),
            extra => format!("letters, digits and {extra} are kept in a code"),
        };
        self.add("mapping.sku.extra_characters", kept);
        let case = match policy.case {
            SkuCase::Upper => "small letters become capitals".to_owned(),
            SkuCase::Keep => {
                "letters stay as they are; collisions are found without case".to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.sku.case", case);
        let suffixed = policy.scheme == SkuScheme::StripThenSuffix;
        let scheme = match policy.scheme {
            SkuScheme::Strip => "a code that cannot go as it is goes as what is left of it".to_owned(),
            SkuScheme::StripThenSuffix => {
                "a code that cannot go as it is goes as what is left of it, with check characters of the whole code behind"
                    .to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.sku.scheme", scheme);
        self.add(
            "mapping.sku.suffix_length",
            if suffixed {
                format!(
                    "{} of the code stand behind it",
                    count(policy.suffix_length, "check character", "check characters")
                )
            } else {
                "not used by this scheme".to_owned()
            },
        );
        self.add(
            "mapping.sku.min_length",
            format!("a code has at least {}", characters(policy.min_length)),
        );
        self.add(
            "mapping.sku.max_length",
            format!(
                "a code has at most {}; a longer one is refused, never cut",
                characters(policy.max_length)
            ),
        );
        self.switch(
            "mapping.sku.untyped_target",
            policy.untyped_target,
            "codes travel in a CSV file: one that looks like a number or a missing value is refused",
            "a code that looks like a number or a missing value is a warning",
        );
    }

    fn services(&mut self, table: &ServiceTable) {
        self.switch(
            "mapping.services.ignore_case",
            table.ignore_case,
            "shipping options are compared without case",
            "shipping options are compared with case",
        );
        self.add(
            "mapping.services.code_max",
            format!("a service code has at most {}", characters(table.code_max)),
        );
        if table.rules.is_empty() {
            let means = "no shipping option is mapped, so every order is held";
            self.add("mapping.services.rules", means);
        }
        for (index, rule) in table.rules.iter().enumerate() {
            self.add(&format!("mapping.services.rules.{index}"), service(rule));
        }
    }

    fn phone(&mut self, policy: &PhonePolicy) {
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

    fn purchase_order(&mut self, policy: &PurchaseOrderPolicy) {
        self.switch(
            "mapping.purchase_order.required",
            policy.required,
            "every order needs a PO number",
            "not every order needs a PO number",
        );
        let kinds: Vec<String> = policy.required_for.iter().map(said).collect();
        let means = match (policy.required, kinds.is_empty()) {
            (true, _) => "every order needs one anyway".to_owned(),
            (false, true) => "no way of payment needs one".to_owned(),
            (false, false) => format!("these ways of payment need one: {}", kinds.join(", ")),
        };
        self.add("mapping.purchase_order.required_for", means);
        self.add(
            "mapping.purchase_order.max_length",
            format!(
                "a PO number has at most {}; a longer one holds its order, never cut",
                characters(policy.max_length)
            ),
        );
        self.add(
            "mapping.purchase_order.unit",
            format!("the length of a PO number counts {}", counted(policy.unit)),
        );
        self.add(
            "mapping.purchase_order.forbidden",
            forbidden("a PO number", &policy.forbidden),
        );
        self.switch(
            "mapping.purchase_order.trim",
            policy.trim,
            "white space around a PO number is left out, with a note",
            "a PO number goes out exactly as the buyer wrote it",
        );
    }

    fn address(&mut self, policy: &AddressPolicy) {
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

    fn release(&mut self, policy: &ReleasePolicy) {
        for (member, what, rule) in [
            ("upfront", "orders paid beforehand", &policy.upfront),
            ("invoice", "orders by invoice", &policy.invoice),
            ("hokodo", "orders financed by Hokodo", &policy.hokodo),
        ] {
            let means = match rule {
                PaymentRule::Release => format!("{what} leave at once"),
                PaymentRule::Hold => format!("{what} are held"),
                PaymentRule::When(trigger) => leave(what, trigger),
                other => format!("{what}: {}", said(other)),
            };
            self.add(&format!("mapping.release.{member}"), means);
        }
        let means = leave("orders on account", &policy.on_account);
        self.add("mapping.release.on_account", means);
        let means = match &policy.unconfirmed {
            Some(trigger) => leave("orders that the shop has not confirmed", trigger),
            None => "orders that the shop has not confirmed are held until it does".to_owned(),
        };
        self.add("mapping.release.unconfirmed", means);
        let means = match policy.grace_minutes {
            0 => "orders need not wait before they leave".to_owned(),
            minutes => format!("every order is held for {minutes} minutes after it was placed"),
        };
        self.add("mapping.release.grace_minutes", means);
    }

    fn ignore(&mut self, rules: &IgnoreRules) {
        let credit_note = match &rules.credit_note {
            Some(prefix) => format!(
                "a record with a number of {prefix} and digits is a credit note: no work for the warehouse"
            ),
            None => "credit notes are not told by their number".to_owned(),
        };
        self.add("mapping.ignore.credit_note", credit_note);
        for (member, on, what) in [
            (
                "stock_adjustment",
                rules.stock_adjustment,
                "records with no quantity above zero",
            ),
            (
                "only_non_stock_lines",
                rules.only_non_stock_lines,
                "orders of which the warehouse picks no line",
            ),
            ("not_an_order", rules.not_an_order, "carts and quotes"),
        ] {
            let effect = if on {
                "are ignored, and counted"
            } else {
                "are held"
            };
            self.add(
                &format!("mapping.ignore.{member}"),
                format!("{what} {effect}"),
            );
        }
    }

    fn non_stock(&mut self, policy: &NonStockPolicy) {
        for (member, what, entries) in [
            ("skus", "lines with these codes", &policy.skus),
            (
                "prefixes",
                "lines with codes that begin like this",
                &policy.prefixes,
            ),
        ] {
            let means = match entries.as_slice() {
                [] => "none".to_owned(),
                entries => {
                    let entries: Vec<String> = entries
                        .iter()
                        .map(|entry| format!("{} ({})", entry.code, entry.class))
                        .collect();
                    format!("{what} are not picked: {}", entries.join(", "))
                }
            };
            self.add(&format!("mapping.non_stock.{member}"), means);
        }
    }

    fn lines(&mut self, policy: &LinePolicy) {
        self.add(
            "mapping.lines.max_quantity",
            format!("a line has at most {} units", policy.max_quantity),
        );
        self.add(
            "mapping.lines.component_separator",
            format!(
                "the second component of line 7 is line 7{}2",
                policy.component_separator
            ),
        );
    }

    fn kits(&mut self, table: &KitTable) {
        if table.kits.is_empty() {
            self.add("mapping.kits", "no article is a kit");
        }
        for (index, kit) in table.kits.iter().enumerate() {
            let components: Vec<String> = kit
                .components
                .iter()
                .map(|one| format!("{} x {}", one.quantity, one.sku))
                .collect();
            let goods = kit.components.iter().filter(|one| one.customs.is_some());
            let customs = match goods.count() {
                0 => String::new(),
                some => format!("; abroad {some} of them are declared by data of their own"),
            };
            let means = format!(
                "{} is picked as {}{customs}",
                kit.sku,
                components.join(", ")
            );
            self.add(&format!("mapping.kits.{index}"), means);
        }
    }

    fn packs(&mut self, table: &PackTable) {
        if table.rules.is_empty() {
            self.add(
                "mapping.packs",
                "every article is ordered in the warehouse's unit",
            );
        }
        for (index, rule) in table.rules.iter().enumerate() {
            let unit = rule.unit.as_deref().unwrap_or("ordered unit");
            let means = format!(
                "{} of {}: {} is {} of the warehouse's",
                unit, rule.sku, rule.shop_units, rule.warehouse_units
            );
            self.add(&format!("mapping.packs.{index}"), means);
        }
    }

    fn partial(&mut self, rules: &PartialRules) {
        let words = |policy: PartialPolicy| match policy {
            PartialPolicy::FillOrKill => "goes at once and whole, or is cancelled",
            PartialPolicy::ShipAvailable => "goes as far as there is stock, the rest later",
            PartialPolicy::ShipComplete => "waits until everything is there",
            _ => "follows a rule of a later version",
        };
        self.add(
            "mapping.partial.default",
            format!("an order {}", words(rules.default)),
        );
        for (member, of, policies) in [
            (
                "by_customer_group",
                "customer group",
                &rules.by_customer_group,
            ),
            ("by_tag", "tag", &rules.by_tag),
        ] {
            if policies.is_empty() {
                let means = format!("no {of} changes that");
                self.add(&format!("mapping.partial.{member}"), means);
            }
            for (name, policy) in policies {
                let means = format!("an order with {of} {name} {}", words(*policy));
                self.add(&format!("mapping.partial.{member}.{name}"), means);
            }
        }
        let metadata = rules.metadata.as_ref().map_or_else(
            || "no metadata value changes that".to_owned(),
            |name| format!("an order's metadata value {name} names its policy"),
        );
        self.add("mapping.partial.metadata", metadata);
    }

    fn stock(&mut self, policy: &StockPolicy) {
        let basis = match policy.feed_basis {
            FeedBasis::PeriodicSnapshot => {
                "figures are a picture of one moment; orders accepted later are taken off"
                    .to_owned()
            }
            FeedBasis::FeedExcludesAccepted => {
                "figures leave out every accepted order at any moment".to_owned()
            }
            other => said(&other),
        };
        self.add("mapping.stock.feed_basis", basis);
        self.add(
            "mapping.stock.clock_skew_seconds",
            format!("the clocks may be {} s apart", policy.clock_skew_seconds),
        );
        self.add(
            "mapping.stock.sync_interval_minutes",
            format!(
                "stock is published every {} minutes, for buffers by sales rate",
                policy.sync_interval_minutes
            ),
        );
        self.add(
            "mapping.stock.rate_factor_percent",
            format!(
                "buffers by sales rate count {} % of the rate",
                policy.rate_factor_percent
            ),
        );
        self.buffer("mapping.stock.buffer", &policy.buffer);
        let own = match policy.sku_buffers.len() {
            0 => "no article has a buffer of its own".to_owned(),
            number => format!("articles with a buffer of their own: {number}"),
        };
        self.add("mapping.stock.sku_buffers", own);
        for (index, one) in policy.sku_buffers.iter().enumerate() {
            let buffer = &one.buffer;
            let means = format!(
                "{} keeps back the largest of {} units, {} %, {} units a day; packs of {}; shows {}",
                one.sku,
                buffer.fixed,
                buffer.percent,
                buffer.units_per_day,
                buffer.pack_size,
                most_shown(buffer)
            );
            self.add(&format!("mapping.stock.sku_buffers.{index}"), means);
        }
    }

    fn buffer(&mut self, key: &str, buffer: &Buffer) {
        let or = "; of several buffers the largest counts";
        for (member, means) in [
            ("fixed", format!("{} units are kept back{or}", buffer.fixed)),
            (
                "percent",
                format!("{} % of what is free is kept back{or}", buffer.percent),
            ),
            (
                "units_per_day",
                format!(
                    "what sells between two syncs at {} units a day is kept back{or}",
                    buffer.units_per_day
                ),
            ),
            (
                "pack_size",
                format!("stock is offered in multiples of {}", buffer.pack_size),
            ),
            (
                "max_shown",
                format!("the shop shows {}", most_shown(buffer)),
            ),
        ] {
            self.add(&format!("{key}.{member}"), means);
        }
    }

    fn severity(&mut self, levels: &SeverityLevels) {
        if levels.is_empty() {
            let means = "every finding has the severity of the failure catalogue";
            self.add("mapping.severity", means);
        }
        for (id, level) in levels.iter() {
            let key = format!("mapping.severity.{id}");
            let means = match Code::from_id(id) {
                Some(code) => {
                    let info = code.info();
                    let level = levels.level(code);
                    format!("{} is {level} instead of {}", info.title, info.default)
                }
                None => format!("{level} for an unknown code, so it changes nothing"),
            };
            self.add(&key, means);
        }
    }

    fn overrides(&mut self, overrides: &SkuOverrides) {
        let aliases = format!("declared aliases: {}", overrides.aliases.len());
        self.add("sku.aliases", aliases);
        let manual = format!("codes by hand: {}", overrides.manual.len());
        self.add("sku.manual", manual);
    }
}

fn most_shown(buffer: &Buffer) -> String {
    buffer
        .max_shown
        .map_or_else(|| "every unit".to_owned(), |most| format!("at most {most}"))
}

fn service(rule: &ServiceRule) -> String {
    let mut means = format!("\"{}\"", rule.option);
    if !rule.countries.is_empty() {
        means.push_str(&format!(" to {}", rule.countries.join(", ")));
    }
    if !rule.postcode_areas.is_empty() {
        means.push_str(&format!(" in postcodes {}", rule.postcode_areas.join(", ")));
    }
    if !rule.zones.is_empty() {
        means.push_str(&format!(" in zones {}", rule.zones.join(", ")));
    }
    if !rule.customer_groups.is_empty() {
        let groups = rule.customer_groups.join(", ");
        means.push_str(&format!(" for customer groups {groups}"));
    }
    if !rule.weight_kg.is_open() {
        let WeightRange { from, below, .. } = rule.weight_kg;
        means.push_str(&range(" weighing", from, below, "kg"));
    }
    if !rule.value.is_open() {
        let ValueRange { from, below, .. } = rule.value;
        means.push_str(&range(" worth", from, below, &rule.value.currency));
    }
    means.push_str(&format!(" is {}", rule.code));
    if let Some(name) = &rule.name {
        means.push_str(&format!(", named \"{name}\""));
    }
    means
}

fn leave(what: &str, trigger: &Trigger) -> String {
    format!("{what} leave once there is {trigger}; until then they are held")
}

fn range(what: &str, from: Option<Decimal>, below: Option<Decimal>, unit: &str) -> String {
    let from = from.map(|from| format!(" {from} {unit} or more"));
    let below = below.map(|below| format!(" less than {below} {unit}"));
    let parts: Vec<String> = from.into_iter().chain(below).collect();
    format!("{what}{}", parts.join(" and"))
}

fn counted(unit: TextUnit) -> String {
    match unit {
        TextUnit::Chars => "characters".to_owned(),
        TextUnit::Bytes => "bytes".to_owned(),
        TextUnit::Utf16 => "UTF-16 code units".to_owned(),
        other => said(&other),
    }
}

fn forbidden(what: &str, signs: &str) -> String {
    if signs.is_empty() {
        format!("{what} may have any sign")
    } else {
        format!("{what} with one of these signs holds its order: {signs}")
    }
}

fn characters(number: usize) -> String {
    count(number, "character", "characters")
}

/// A value as the file would have it.
pub(crate) fn said(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn of(text: &str) -> Vec<Rule> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(&path, text).unwrap();
        rules(&ProfileFile::read(Path::new(&path)).unwrap())
    }

    fn keys(value: &Value, prefix: &str, found: &mut Vec<String>) {
        match value {
            // A table that has no entry yet is a member itself.
            Value::Object(members) if !members.is_empty() => {
                for (name, inner) in members {
                    keys(inner, &format!("{prefix}.{name}"), found);
                }
            }
            _ => found.push(prefix.to_owned()),
        }
    }

    #[test]
    fn every_member_of_the_profile_is_explained_and_nothing_else() {
        let mut known = Vec::new();
        let json = |value: serde_json::Result<Value>| value.unwrap();
        keys(
            &json(serde_json::to_value(Profile::default())),
            "mapping",
            &mut known,
        );
        keys(
            &json(serde_json::to_value(SkuOverrides::default())),
            "sku",
            &mut known,
        );
        let explained = of("[mapping]\n");
        for key in &known {
            let mut rules = explained.iter();
            assert!(
                rules.any(|rule| rule.key == *key || key.starts_with(&format!("{}.", rule.key))),
                "{key} is not explained"
            );
        }
        for rule in &explained {
            assert!(
                known.iter().any(|key| key.starts_with(&rule.key)),
                "{} is no key",
                rule.key
            );
            assert!(!rule.means.is_empty() && !rule.in_file);
            // Every default of the profile says what it rests on; declarations are the shop's own.
            assert_eq!(rule.evidence.is_some(), rule.key.starts_with("mapping."));
            assert_eq!(rule.source.is_some(), rule.evidence.is_some());
        }
    }

    #[test]
    fn what_the_file_changes_rests_on_nothing_but_the_file() {
        let rules = of("[mapping.address]\nline_max = 40\ncity_max = 35\n\
             [mapping.severity]\nPHONE_UNLISTED_RANGE = \"warning\"\n");
        let rule = |key: &str| rules.iter().find(|rule| rule.key == key).unwrap();
        assert_eq!(rule("mapping.address.line_max").evidence, None);
        let city = rule("mapping.address.city_max");
        assert_eq!(
            (city.in_file, city.evidence),
            (true, Some(Evidence::SeenInUse))
        );
        let level = rule("mapping.severity.PHONE_UNLISTED_RANGE");
        assert!(level.means.ends_with("is warning instead of hold"));
        assert_eq!((level.in_file, level.evidence), (true, None));
    }

    #[test]
    fn a_service_rule_says_all_its_limits() {
        let rules = of(
            "[[mapping.services.rules]]\noption = \"Pallet\"\ncode = \"PAL\"\nzones = [\"isle_of_man\"]\n\
             customer_groups = [\"Trade\"]\nweight_kg = { from = \"30\" }\n\
             value = { from = \"5\", below = \"500\", currency = \"GBP\" }\n",
        );
        let rule = |key: &str| rules.iter().find(|rule| rule.key == key).unwrap();
        assert_eq!(
            rule("mapping.services.rules.0").means,
            "\"Pallet\" in zones isle_of_man for customer groups Trade weighing 30 kg or more \
             worth 5 GBP or more and less than 500 GBP is PAL"
        );
    }

    #[test]
    fn rules_say_what_the_file_says() {
        let rules = of("[mapping.sku]\nmax_length = 20\n\
             [[mapping.services.rules]]\noption = \"Express\"\ncode = \"WHI\"\ncountries = [\"GB\"]\n\
             [mapping.release]\nhokodo = { when = { all = [{ tag = \"ok\" }, { credit = \"approved\" }] } }\n");
        let means = |key: &str| {
            let rule = rules.iter().find(|rule| rule.key == key).unwrap();
            (rule.in_file, rule.means.as_str())
        };
        assert!(means("mapping.sku.max_length").1.contains("20 characters"));
        assert!(means("mapping.sku.max_length").0 && !means("mapping.sku.min_length").0);
        assert_eq!(
            means("mapping.services.rules.0"),
            (true, "\"Express\" to GB is WHI")
        );
        assert!(
            means("mapping.release.hokodo")
                .1
                .contains("tag ok and credit approved")
        );
        assert!(
            means("mapping.release.on_account")
                .1
                .contains("credit-approved or")
        );
    }
}
