//! One sales order in, one verdict out.

use crate::address::{self, AddressRules};
use crate::diagnostic::{DIAGNOSTICS_MAX, settle};
use crate::place::Place;
use crate::purchase_order::PurchaseOrderRules;
use crate::release::ReleaseGate;
use crate::services::{Circumstances, CompiledServices};
use crate::{
    Code, ContentHash, CountryCode, Diagnostic, FulfilmentOrder, LineRules, Profile, ReleaseFacts,
    RuleName, SalesOrder, ServiceCode, SkuRegistry, currency, customs, lines,
};

/// What becomes of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mapping {
    /// No work for the warehouse, by the rule with this name.
    Ignored {
        /// `credit_note`, `stock_adjustment`, `only_non_stock_lines` or `not_an_order`.
        rule: String,
    },
    /// Kept back. At least one of the diagnostics is a `Hold` or an `Error`.
    Held {
        /// Everything that is wrong, and the notes.
        diagnostics: Vec<Diagnostic>,
    },
    /// Checked and ready.
    Ready {
        /// The order for the warehouse.
        order: Box<FulfilmentOrder>,
        /// What was changed or is worth a look; nothing that holds.
        notes: Vec<Diagnostic>,
    },
}

/// Maps orders by one profile: every rule in one pass, every fault at once.
///
/// Making one works out what does not depend on the order (hash of the profile, tables of services and triggers), so keep it for as
/// long as the profile is in effect. It can be shared between threads.
///
/// Mapping is pure and deterministic: the same order, facts, profile and registry give the same result, byte for byte. Diagnostics
/// are in the order of the document, then of the codes; there are at most 100 and then one `TOO_MANY`. Where two rules meet there is
/// one root cause: without a country the postcode is not judged, and with a faulty destination neither is a service rule that
/// depends on it.
///
/// Paths of diagnostics are JSON pointers into the order's document with its personal part under `/personal`.
///
/// ```
/// use order_mapping::{Code, Mapper, Mapping, Profile, ReleaseFacts, SalesOrder, SkuOverrides, SkuPolicy, SkuRegistry};
/// let (registry, _) = SkuRegistry::build(&[], &SkuOverrides::default(), &SkuPolicy::default());
/// let mapper = Mapper::new(Profile::default());
/// let empty = SalesOrder::new("63428136-658f-48a6-beb7-7f333dfd9686");
/// let Mapping::Held { diagnostics } = mapper.map(&empty, &ReleaseFacts::default(), &registry) else {
///     unreachable!("an order without anything cannot be ready");
/// };
/// assert!(diagnostics.iter().any(|one| one.code == Code::LinesEmpty));
/// ```
#[derive(Debug, Clone)]
pub struct Mapper {
    profile: Profile,
    hash: ContentHash,
    services: CompiledServices,
    release: ReleaseGate,
    lines: LineRules,
    address: AddressRules,
    purchase_order: PurchaseOrderRules,
}

impl Mapper {
    /// Makes a profile ready for use. What is wrong with the profile itself says [`Profile::check`]; a rule that cannot be used
    /// is not used here, and the orders it concerns are held.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            hash: ContentHash::new(profile.content_hash()),
            services: CompiledServices::new(&profile.services, &profile.zones),
            release: profile.release.compile(),
            lines: LineRules::of(&profile),
            address: profile.address.compile(),
            purchase_order: profile.purchase_order.compile(),
            profile,
        }
    }

    /// The profile in use.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The profile's content hash, as every mapped order carries it.
    #[must_use]
    pub const fn profile_hash(&self) -> &ContentHash {
        &self.hash
    }

    /// The profile's rules about lines, ready for use.
    #[must_use]
    pub const fn line_rules(&self) -> &LineRules {
        &self.lines
    }

    /// Maps one order.
    #[must_use]
    pub fn map(&self, order: &SalesOrder, facts: &ReleaseFacts, registry: &SkuRegistry) -> Mapping {
        let profile = &self.profile;
        if let Some(rule) = profile.ignore.judge(order, &self.lines.non_stock) {
            return Mapping::Ignored {
                rule: rule.to_owned(),
            };
        }
        let mut found = Vec::new();
        let mapped = self.judge(order, facts, registry, &mut found);
        profile.severity.apply(&mut found);
        let held = found.iter().any(|one| one.severity.holds());
        let found = settle(found, DIAGNOSTICS_MAX);
        match mapped {
            Some(order) if !held => Mapping::Ready {
                order,
                notes: found,
            },
            _ => Mapping::Held { diagnostics: found },
        }
    }

    /// Every part by itself, so that one fault hides no other; the order only when every part is there. Parts are judged in the order
    /// of the document as far as they do not need each other.
    fn judge(
        &self,
        order: &SalesOrder,
        facts: &ReleaseFacts,
        registry: &SkuRegistry,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Box<FulfilmentOrder>> {
        let profile = &self.profile;
        let currency = currency::judge(order, found);
        let mut mapped = lines::map(order, &self.lines, registry, found);
        let partial = profile.partial.choose(order, found);
        let release_rule = self.release.judge(order, facts, found);

        let shipping = order.personal.shipping.as_ref();
        if shipping.is_none() {
            let message = "the order has no shipping address";
            found.push(Diagnostic::new(
                Code::AddressMissingPart,
                "/personal/shipping",
                message,
            ));
        }
        let texts = shipping.map(|shipping| self.address.texts(shipping, found));
        let place = shipping.map_or_else(Place::default, |shipping| {
            self.address.place(shipping, found)
        });
        let customs = customs::judge(
            order,
            profile,
            &place,
            &self.lines,
            &mut mapped.lines,
            found,
        );
        let country = place.country.as_ref().map(CountryCode::as_str);
        let phone = profile
            .phone
            .choose(&order.personal, country, &profile.severity, found);
        let instructions = self
            .address
            .instructions(&order.personal, phone.as_ref(), found);
        let purchase_order = self.purchase_order.choose(order, found);
        if let Some(now) = facts.now {
            profile.calendar.judge_requested_date(order, now, found);
        }
        let service = self.service(order, &place, found);

        let mut recipient = address::recipient(place, texts?, phone?, instructions?)?;
        let (service, service_rule) = service?;
        Some(Box::new(FulfilmentOrder {
            source_id: order.id.clone(),
            number: order.number.clone(),
            purchase_order,
            service,
            service_rule,
            release_rule: release_rule?,
            currency: currency?,
            requested_date: order.requested_date,
            customs: customs.declare(&mut recipient),
            lines: mapped.lines,
            left_out: mapped.left_out,
            partial: partial?,
            registry_hash: registry.hash().clone(),
            profile_hash: self.hash.clone(),
            recipient,
        }))
    }

    fn service(
        &self,
        order: &SalesOrder,
        place: &Place,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(ServiceCode, RuleName)> {
        let grams = self
            .services
            .needs_weight()
            .then(|| lines::grams(order, &self.lines.non_stock))
            .flatten();
        let circumstances = Circumstances {
            country: place.country.as_ref(),
            postcode: place.uk.as_ref(),
            unclear: place.unclear(),
            grams,
            total: order.total.as_ref(),
            customer_group: order.customer_group.as_deref(),
        };
        match self
            .services
            .choose(order.shipping_method.as_ref(), &circumstances)
        {
            Ok(service) => service,
            Err(fault) => {
                found.push(*fault);
                None
            }
        }
    }
}

/// Maps one order by a profile that is used for nothing else: [`Mapper::map`] in one call.
///
/// Working the profile out costs many times what mapping an order costs; for more than one order keep a [`Mapper`].
#[must_use]
pub fn map_order(
    order: &SalesOrder,
    facts: &ReleaseFacts,
    profile: &Profile,
    registry: &SkuRegistry,
) -> Mapping {
    Mapper::new(profile.clone()).map(order, facts, registry)
}
