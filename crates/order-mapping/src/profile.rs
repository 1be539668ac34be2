//! The profile: every rule that depends on the shop or the warehouse, in one piece of configuration.

use serde::{Deserialize, Serialize};

use crate::{
    AddressPolicy, CalendarPolicy, CatalogueItem, CustomsPolicy, Diagnostic, IgnoreRules, KitTable,
    LinePolicy, NonStockPolicy, PackTable, PartialRules, PhonePolicy, PurchaseOrderPolicy,
    ReleasePolicy, ServiceTable, SeverityLevels, SkuHistory, SkuOverrides, SkuPolicy, SkuRegistry,
    StatusTable, StockPolicy, ZoneTable,
};

/// Everything that can be configured about mapping; the section `[mapping]` of the configuration.
///
/// Unknown members are refused, missing ones take the documented default. The default maps no shipping option, so a profile needs
/// at least [`Profile::services`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let profile: order_mapping::Profile = toml::from_str(r#"
///     [[services.rules]]
///     option = "Express B2B Delivery"
///     code = "WHI_EXP"
///
///     [release]
///     on_account = { any = [{ tag = "credit-approved" }] }
/// "#)?;
/// assert!(profile.check().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Form of article codes at the warehouse.
    pub sku: SkuPolicy,
    /// Shipping options and their service codes.
    pub services: ServiceTable,
    /// Phone numbers.
    pub phone: PhonePolicy,
    /// The buyer's PO number.
    pub purchase_order: PurchaseOrderPolicy,
    /// Addresses.
    pub address: AddressPolicy,
    /// When orders may leave.
    pub release: ReleasePolicy,
    /// Records that are no work for the warehouse.
    pub ignore: IgnoreRules,
    /// Lines that are no work for the warehouse.
    pub non_stock: NonStockPolicy,
    /// Limits and forms of lines at the warehouse.
    pub lines: LinePolicy,
    /// Articles that the warehouse picks as several others.
    pub kits: KitTable,
    /// Ordered units that are not the warehouse's.
    pub packs: PackTable,
    /// What to do when there is not enough of everything.
    pub partial: PartialRules,
    /// Stock figures and buffers.
    pub stock: StockPolicy,
    /// Named groups of UK postcodes.
    pub zones: ZoneTable,
    /// Customs data by destination.
    pub customs: CustomsPolicy,
    /// Severities that differ from the failure catalogue's.
    pub severity: SeverityLevels,
    /// Working days, hours and the cut-off.
    pub calendar: CalendarPolicy,
    /// What the status texts of the tracking feed mean.
    pub shipment: StatusTable,
}

impl Profile {
    /// Hex SHA-256 over the whole profile. Goes into every mapped order.
    #[must_use]
    pub fn content_hash(&self) -> String {
        crate::digest::of_json(self)
    }

    /// Builds the SKU registry by this profile: [`SkuRegistry::build_after`] with its policy, the findings at its levels
    /// ([`Profile::severity`]).
    ///
    /// A level says how loud a finding is; what is mapped is decided by the rules alone.
    #[must_use]
    pub fn registry(
        &self,
        history: &SkuHistory,
        catalogue: &[CatalogueItem],
        overrides: &SkuOverrides,
    ) -> (SkuRegistry, Vec<Diagnostic>) {
        let (registry, mut found) =
            SkuRegistry::build_after(history, catalogue, overrides, &self.sku);
        self.severity.apply(&mut found);
        (registry, found)
    }

    /// What is wrong with the profile itself, at its own levels. Paths are JSON pointers into the profile.
    ///
    /// An error here does not stop the mapping: a rule that cannot be used is not used, and the orders it concerns are held.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        self.sku.check(&mut found);
        self.services.check(&self.zones, &mut found);
        self.phone.check(&mut found);
        self.purchase_order.check(&mut found);
        self.address.check(&mut found);
        self.release.check(&mut found);
        self.ignore.check(&mut found);
        self.non_stock.check(&mut found);
        self.lines.check(&mut found);
        self.kits.check(&mut found);
        self.packs.check(&mut found);
        self.partial.check(&mut found);
        self.stock.check(&mut found);
        self.zones.check(&mut found);
        self.customs.check(&mut found);
        crate::kit_customs::check(&self.kits.kits, &self.customs, &mut found);
        self.severity.check(&mut found);
        self.calendar.check(&mut found);
        self.shipment.check(&mut found);
        self.severity.apply(&mut found);
        crate::diagnostic::sort(&mut found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Severity, Subject};

    /// The sections that are tables with members of their own.
    const TABLES: [&str; 15] = [
        "sku",
        "services",
        "phone",
        "purchase_order",
        "address",
        "release",
        "ignore",
        "non_stock",
        "lines",
        "partial",
        "stock",
        "zones",
        "customs",
        "calendar",
        "shipment",
    ];

    #[test]
    fn the_default_is_sound_and_round_trips() {
        let profile = Profile::default();
        assert!(profile.check().is_empty());
        let text = toml::to_string(&profile).unwrap();
        let read: Profile = toml::from_str(&text).unwrap();
        assert_eq!(read, profile);
        assert_eq!(read.content_hash(), profile.content_hash());
        assert_eq!(toml::from_str::<Profile>("").unwrap(), profile);
    }

    #[test]
    fn misspelt_members_are_refused_in_every_section() {
        for section in TABLES {
            assert!(
                toml::from_str::<Profile>(&format!("[{section}]\nmisspelt = 1")).is_err(),
                "{section}"
            );
        }
        for row in [
            "[[kits]]\nsku = \"A\"\ncomponents = []\nmisspelt = 1",
            "[[kits]]\nsku = \"A\"\ncomponents = [{ sku = \"B\", quantity = 1, misspelt = 1 }]",
            "[[packs]]\nsku = \"A\"\nwarehouse_units = 2\nmisspelt = 1",
        ] {
            assert!(toml::from_str::<Profile>(row).is_err(), "{row}");
            let right = row
                .replace("\nmisspelt = 1", "")
                .replace(", misspelt = 1", "");
            assert!(toml::from_str::<Profile>(&right).is_ok(), "{right}");
        }
        assert!(toml::from_str::<Profile>("misspelt = 1").is_err());
    }

    #[test]
    fn any_change_changes_the_hash() {
        let mut profile = Profile::default();
        profile.phone.allow_fictitious = true;
        assert_ne!(profile.content_hash(), Profile::default().content_hash());
    }

    #[test]
    fn levels_count_for_findings_about_the_profile_and_the_catalogue_too() {
        let levels = [
            ("RELEASE_TRIGGER_EMPTY", Severity::Error),
            ("SKU_NEAR_COLLISION", Severity::Info),
            ("SKU_CHANGED", Severity::Hold),
            // Below their floors.
            ("CONFIG_LIMIT_BAD", Severity::Info),
            ("SKU_COLLISION", Severity::Warning),
        ];
        let mut profile = Profile::default();
        profile.release.on_account = crate::Trigger::All(Vec::new());
        profile.address.line_max = 0;
        let items = ["A-1", "A1", "O0", "00", "b-2"].map(|sku| CatalogueItem::new(sku, None));
        let judged = |profile: &Profile| {
            let (registry, found) =
                profile.registry(&SkuHistory::default(), &items, &SkuOverrides::default());
            let found = profile.check().into_iter().chain(found);
            let found = found.filter(|one| one.code != Code::SeverityBelowFloor);
            let told: Vec<(&str, Severity)> =
                found.map(|one| (one.code.id(), one.severity)).collect();
            (registry, told)
        };
        let (usual, told) = judged(&profile);
        for (id, severity) in levels {
            profile.severity.set(id, severity);
        }
        let (registry, changed) = judged(&profile);
        assert_eq!(registry, usual, "what is mapped does not depend on levels");
        let mut expected = told;
        for (id, severity) in &mut expected {
            match *id {
                "RELEASE_TRIGGER_EMPTY" => *severity = Severity::Error,
                "SKU_NEAR_COLLISION" => *severity = Severity::Info,
                "SKU_CHANGED" => *severity = Severity::Hold,
                _ => {}
            }
        }
        let (mut expected, mut changed) = (expected, changed);
        expected.sort();
        changed.sort();
        assert_eq!(changed, expected);
        for (id, _) in levels {
            assert!(changed.iter().any(|(other, _)| *other == id), "{id}");
        }
    }

    #[test]
    fn every_section_is_checked() {
        let mut profile = Profile::default();
        profile.sku.max_length = 0;
        profile.services.rules.push(crate::ServiceRule::new("", ""));
        profile.phone.default_country = "UK".into();
        profile.purchase_order.max_length = 0;
        profile.address.line_max = 0;
        profile.release.on_account = crate::Trigger::All(Vec::new());
        profile.ignore.credit_note = Some(String::new());
        profile.non_stock.prefixes.push("".into());
        profile.lines.max_quantity = 0;
        profile.kits.kits.push(crate::Kit::new("SET", []));
        profile.packs.rules.push(crate::PackRule::new("A", 0));
        profile.partial.metadata = Some(String::new());
        profile.stock.buffer.pack_size = 0;
        profile.zones.zones.insert("far".into(), vec!["QQ".into()]);
        profile.customs.description_max = 0;
        profile.severity.set("SKU_COLLISION", Severity::Info);
        profile.calendar.working_days.clear();
        profile.shipment.statuses[0].raw.clear();
        let found = profile.check();
        assert!(found.iter().all(|one| one.subject == Subject::Config));
        let document = serde_json::to_value(&profile).unwrap();
        for section in TABLES.iter().chain(&["kits", "packs", "severity"]) {
            let mut of_section = found
                .iter()
                .filter(|one| one.path.starts_with(&format!("/{section}")));
            assert!(
                of_section.all(|one| document.pointer(&one.path).is_some()),
                "{section}"
            );
            assert!(
                found
                    .iter()
                    .any(|one| one.path.starts_with(&format!("/{section}"))),
                "{section}"
            );
        }
        assert!(found.iter().any(|one| one.code == Code::ShipCodeBad));
    }
}
