//! What each member of the profile rests on.

use serde::Serialize;

use crate::Profile;

/// How well the default of a profile's member is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The vendor, or the body in charge, documents it.
    Documented,
    /// Not documented, but seen in programs or data that work with the system.
    SeenInUse,
    /// Believed; to be confirmed with the vendor.
    Assumed,
    /// No fact about a vendor: this project's own choice, or the shop's.
    Chosen,
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Documented => "documented",
            Self::SeenInUse => "seen in use",
            Self::Assumed => "assumed",
            Self::Chosen => "chosen",
        })
    }
}

/// What one member of the profile rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceNote {
    /// JSON pointer into the profile, for example `/address/line_max`. What lies under it rests on the same.
    pub pointer: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it comes from, in one line.
    pub source: &'static str,
}

impl Profile {
    /// What the defaults of the profile rest on: a note for every member, in the order of the profile.
    ///
    /// ```
    /// use order_mapping::{Evidence, Profile};
    /// let assumed = Profile::evidence().iter().filter(|note| note.evidence == Evidence::Assumed);
    /// assert!(assumed.map(|note| note.pointer).any(|pointer| pointer == "/stock/feed_basis"));
    /// ```
    #[must_use]
    pub const fn evidence() -> &'static [EvidenceNote] {
        NOTES
    }

    /// The note on the member at a JSON pointer into the profile, or on the member that holds it.
    #[must_use]
    pub fn evidence_at(pointer: &str) -> Option<&'static EvidenceNote> {
        let mut pointer = pointer;
        loop {
            if let Some(note) = NOTES.iter().find(|note| note.pointer == pointer) {
                return Some(note);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

const fn documented(pointer: &'static str, source: &'static str) -> EvidenceNote {
    note(pointer, Evidence::Documented, source)
}

const fn seen(pointer: &'static str, source: &'static str) -> EvidenceNote {
    note(pointer, Evidence::SeenInUse, source)
}

const fn assumed(pointer: &'static str, source: &'static str) -> EvidenceNote {
    note(pointer, Evidence::Assumed, source)
}

const fn chosen(pointer: &'static str, source: &'static str) -> EvidenceNote {
    note(pointer, Evidence::Chosen, source)
}

const fn note(pointer: &'static str, evidence: Evidence, source: &'static str) -> EvidenceNote {
    EvidenceNote {
        pointer,
        evidence,
        source,
    }
}

/// Limits of the step from the accepted order to the carrier's label.
const LABEL: &str = "the warehouse cuts it to this length for its carrier call";
/// Limits of the goods on a consignment.
const LINE_CHECK: &str = "the warehouse's check of every line before a label call";
/// Units of a limit.
const UNIT: &str =
    "what the warehouse counts is not documented; for ASCII text it makes no difference";
/// The sign that the warehouse's feed uses for itself.
const TILDE: &str = "the tilde joins address lines in the warehouse's order files";
/// What the contract with the warehouse settles.
const CONTRACT: &str = "the warehouse's contract has the real one";
/// Tables of the shop.
const SHOP: &str = "depends on the shop; empty until configured";

/// One row for each member, in the order of the profile. A test insists on it.
const NOTES: &[EvidenceNote] = &[
    chosen(
        "/sku/extra_characters",
        "the shop asks for letters and digits only; the warehouse's CSV importer does not check",
    ),
    assumed(
        "/sku/case",
        "that the warehouse compares codes without case is not confirmed",
    ),
    chosen("/sku/min_length", "a code without characters is none"),
    seen(
        "/sku/max_length",
        "the article field of the warehouse's carrier call has 24 characters",
    ),
    chosen(
        "/sku/scheme",
        "the shop asks for codes that people can read back; the suffix is for catalogues that collide",
    ),
    chosen(
        "/sku/suffix_length",
        "three characters left no collision in any real catalogue that was measured",
    ),
    chosen(
        "/sku/untyped_target",
        "depends on the route; switch it on for CSV files, whose importer reads columns without types",
    ),
    chosen(
        "/services/ignore_case",
        "options are compared exactly unless the shop says otherwise",
    ),
    seen(
        "/services/code_max",
        "the warehouse's carrier and delivery-method codes have 24 characters",
    ),
    assumed(
        "/services/rules",
        "the service codes of an account are agreed with the warehouse; empty until configured",
    ),
    seen(
        "/phone/form",
        "digits with country code are the only form that survives both the CSV importer and the carrier call",
    ),
    seen("/phone/max_length", LABEL),
    chosen(
        "/phone/default_country",
        "the shop sells from the United Kingdom",
    ),
    chosen(
        "/phone/fallback",
        "this project's order of places to look for a number",
    ),
    chosen(
        "/phone/allow_fictitious",
        "numbers kept for drama never ring, so only test profiles allow them",
    ),
    chosen(
        "/purchase_order/required",
        "depends on the shop's agreement with its buyers",
    ),
    chosen(
        "/purchase_order/required_for",
        "depends on the shop's agreement with its buyers",
    ),
    assumed(
        "/purchase_order/max_length",
        "the length of NetSuite's field otherrefnum as integrators report it; neither NetSuite nor Whistl documents one",
    ),
    assumed("/purchase_order/unit", UNIT),
    seen("/purchase_order/forbidden", TILDE),
    chosen(
        "/purchase_order/trim",
        "the number goes out exactly as the buyer wrote it",
    ),
    seen("/address/name_max", LABEL),
    seen("/address/company_max", LABEL),
    seen("/address/line_max", LABEL),
    seen("/address/city_max", LABEL),
    seen("/address/county_max", LABEL),
    seen("/address/postcode_max", LABEL),
    seen("/address/email_max", LABEL),
    chosen(
        "/address/unusable_email",
        "the parcel arrives without it; only delivery messages are lost",
    ),
    assumed(
        "/address/instructions_max",
        "no limit of the delivery message is documented",
    ),
    assumed("/address/unit", UNIT),
    seen("/address/forbidden", TILDE),
    chosen(
        "/address/abbreviate",
        "an address is not changed unless the shop says so",
    ),
    assumed(
        "/address/ascii",
        "which letters the warehouse and its carriers print is not documented",
    ),
    chosen(
        "/address/default_country",
        "a missing country is not guessed",
    ),
    documented(
        "/address/without_postcode",
        "countries without a postal code system, after public lists of the postal union's members",
    ),
    chosen(
        "/address/correct_crown_dependency",
        "an address is not changed unless the shop says so",
    ),
    documented(
        "/address/northern_ireland_cleared",
        "carriers ask for customs data on business parcels from Great Britain since 1 May 2025",
    ),
    assumed(
        "/address/bfpo_allowed",
        "whether a service carries to forces addresses is not documented; most couriers do not",
    ),
    chosen("/release/upfront", "the money is there"),
    chosen(
        "/release/invoice",
        "the shop offers invoices only to buyers it trusts",
    ),
    chosen(
        "/release/on_account",
        "SparkLayer documents no trigger; the names are this project's",
    ),
    chosen(
        "/release/hokodo",
        "what tells that the financing stands is not documented, so orders stay until configured",
    ),
    chosen(
        "/release/unconfirmed",
        "an order that the shop has not confirmed waits for it",
    ),
    chosen(
        "/release/grace_minutes",
        "depends on the shop; none until configured",
    ),
    chosen("/ignore/credit_note", SHOP),
    chosen(
        "/ignore/stock_adjustment",
        "a record without a quantity above zero asks for nothing to be sent",
    ),
    chosen("/ignore/only_non_stock_lines", "there is nothing to pick"),
    documented(
        "/ignore/not_an_order",
        "SparkLayer keeps carts and quotes as records of their own kind",
    ),
    chosen("/non_stock/skus", SHOP),
    chosen("/non_stock/prefixes", SHOP),
    seen("/lines/max_quantity", LINE_CHECK),
    assumed(
        "/lines/component_separator",
        "that line ids come back as they were sent is not documented",
    ),
    chosen("/kits", SHOP),
    chosen("/packs", SHOP),
    assumed(
        "/partial/default",
        "what warehouses do unasked; Whistl does not document it",
    ),
    chosen("/partial/by_customer_group", SHOP),
    chosen("/partial/metadata", SHOP),
    chosen("/partial/by_tag", SHOP),
    assumed(
        "/stock/feed_basis",
        "Whistl does not say which kind its stock file is; the default never offers a unit twice",
    ),
    chosen(
        "/stock/clock_skew_seconds",
        "generous for clocks kept by network time; too much undersells for one cycle",
    ),
    chosen(
        "/stock/sync_interval_minutes",
        "this project's default interval of the stock flow",
    ),
    chosen(
        "/stock/rate_factor_percent",
        "the sales rate as measured, without a surcharge",
    ),
    chosen("/stock/buffer/fixed", SHOP),
    chosen("/stock/buffer/percent", SHOP),
    chosen("/stock/buffer/units_per_day", SHOP),
    chosen("/stock/buffer/pack_size", "single units unless configured"),
    chosen("/stock/buffer/max_shown", SHOP),
    chosen("/stock/sku_buffers", SHOP),
    assumed(
        "/zones",
        "every carrier draws its own lines; the lists are general knowledge and no price list in use",
    ),
    assumed(
        "/customs/required",
        "that the warehouse keeps customs data of the articles itself is not confirmed",
    ),
    chosen("/customs/sender_eori", SHOP),
    chosen("/customs/sender_ukims", SHOP),
    chosen(
        "/customs/incoterm",
        "it is agreed with buyers and never guessed",
    ),
    documented(
        "/customs/northern_ireland",
        "what carriers ask of business parcels from Great Britain since 1 May 2025",
    ),
    assumed(
        "/customs/crown_dependencies",
        "taken to be the same as abroad",
    ),
    seen(
        "/customs/foreign",
        "the warehouse's carrier call checks code, origin, description and value; the Incoterm is assumed",
    ),
    assumed(
        "/customs/check_formats",
        "the forms follow general knowledge of public guidance, not compared with its latest edition",
    ),
    seen("/customs/description_min", LINE_CHECK),
    seen("/customs/description_max", LINE_CHECK),
    seen("/customs/commodity_code_min", LINE_CHECK),
    seen("/customs/commodity_code_max", LINE_CHECK),
    assumed(
        "/customs/vague_descriptions",
        "carriers' pages name samples; the rest of the list is assumed",
    ),
    chosen(
        "/severity",
        "the failure catalogue's severities unless the shop says otherwise",
    ),
    assumed(
        "/calendar/time_zone",
        "every site of the warehouse that is known by name is in it",
    ),
    assumed(
        "/calendar/nation",
        "every site of the warehouse that is known by name is in it",
    ),
    assumed("/calendar/works_on_bank_holidays", CONTRACT),
    assumed("/calendar/working_days", CONTRACT),
    assumed("/calendar/opens", CONTRACT),
    assumed("/calendar/closes", CONTRACT),
    assumed("/calendar/cut_off", CONTRACT),
    assumed("/calendar/lead_working_days", "a next-day service"),
    chosen("/calendar/closed_days", SHOP),
    chosen("/calendar/open_days", SHOP),
    seen(
        "/shipment/statuses",
        "the status categories of the Parcelhub tracking interface, as programs that use it read them",
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Members that are tables with names of the shop's choice: one note is enough for each.
    const TABLES: [&str; 2] = ["/zones", "/severity"];

    /// The pointers of the members that hold no further members. A choice with its data (`{ any = [..] }`) is one member.
    fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, inner) in members {
                    leaves(inner, &format!("{pointer}/{name}"), found);
                }
            }
            _ => found.push(pointer.to_owned()),
        }
    }

    #[test]
    fn every_member_has_a_note_and_no_note_points_nowhere() {
        let default = serde_json::to_value(Profile::default()).unwrap();
        let mut members = Vec::new();
        leaves(&default, "", &mut members);
        let missing: Vec<&String> = members
            .iter()
            .filter(|member| Profile::evidence_at(member).is_none())
            .collect();
        assert!(missing.is_empty(), "no note in evidence.rs: {missing:?}");
        for (index, note) in NOTES.iter().enumerate() {
            let target = default.pointer(note.pointer);
            assert!(target.is_some(), "{} points nowhere", note.pointer);
            // A note on a whole section would hide that a member has none.
            if let Some(Value::Object(section)) = target {
                let one = section.len() <= 1 || TABLES.contains(&note.pointer);
                assert!(one, "{} is a section", note.pointer);
            }
            assert!(!note.source.trim().is_empty() && !note.source.contains('\n'));
            assert!(
                NOTES
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.pointer != note.pointer),
                "{} has two notes",
                note.pointer
            );
        }
    }

    #[test]
    fn the_note_of_a_part_is_that_of_its_member() {
        let at = |pointer: &str| Profile::evidence_at(pointer).map(|note| note.pointer);
        assert_eq!(at("/services/rules/3/code"), Some("/services/rules"));
        assert_eq!(at("/address/line_max"), Some("/address/line_max"));
        assert_eq!(at("/address/misspelt"), None);
        assert_eq!(at(""), None);
        assert_eq!(Evidence::SeenInUse.to_string(), "seen in use");
    }
}
