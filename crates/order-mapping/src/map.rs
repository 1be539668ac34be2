//! One sales order in, one verdict out.

use crate::address;
use crate::diagnostic::{DIAGNOSTICS_MAX, settle};
use crate::place::Place;
use crate::services::Destination;
use crate::{
    Code, Diagnostic, FulfilmentOrder, Profile, ReleaseFacts, SalesOrder, SkuRegistry, lines,
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

/// Maps an order for the warehouse: every rule of the profile in one pass, every fault at once.
///
/// Pure and deterministic: the same order, facts, profile and registry give the same result, byte for byte. Diagnostics are in
/// the order of the document, then of the codes; there are at most 100 and then one `TOO_MANY`. Where two rules meet there is one
/// root cause: without a country the postcode is not judged, and with a faulty destination neither is a service rule that depends
/// on it.
///
/// Paths of diagnostics are JSON pointers into the order's document with its personal part under `/personal`.
///
/// ```
/// use order_mapping::{Code, Mapping, Profile, ReleaseFacts, SalesOrder, SkuOverrides, SkuPolicy, SkuRegistry, map_order};
/// let (registry, _) = SkuRegistry::build(&[], &SkuOverrides::default(), &SkuPolicy::default());
/// let empty = SalesOrder::new("63428136-658f-48a6-beb7-7f333dfd9686");
/// let Mapping::Held { diagnostics } = map_order(&empty, &ReleaseFacts::default(), &Profile::default(), &registry) else {
///     unreachable!("an order without anything cannot be ready");
/// };
/// assert!(diagnostics.iter().any(|one| one.code == Code::LinesEmpty));
/// ```
#[must_use]
pub fn map_order(
    order: &SalesOrder,
    facts: &ReleaseFacts,
    profile: &Profile,
    registry: &SkuRegistry,
) -> Mapping {
    if let Some(rule) = profile.ignore.judge(order, &profile.non_stock) {
        return Mapping::Ignored {
            rule: rule.to_owned(),
        };
    }
    let mut found = Vec::new();
    let mapped = judge(order, facts, profile, registry, &mut found);
    let held = found.iter().any(|one| one.severity.holds());
    let found = settle(found, DIAGNOSTICS_MAX);
    match mapped {
        Some(order) if !held => Mapping::Ready {
            order: Box::new(order),
            notes: found,
        },
        _ => Mapping::Held { diagnostics: found },
    }
}

/// Every part by itself, so that one fault hides no other; the order only when every part is there.
fn judge(
    order: &SalesOrder,
    facts: &ReleaseFacts,
    profile: &Profile,
    registry: &SkuRegistry,
    found: &mut Vec<Diagnostic>,
) -> Option<FulfilmentOrder> {
    let release_rule = profile.release.judge(order, facts, found);
    let lines = lines::map(order, profile, registry, found);
    let purchase_order = profile.purchase_order.choose(order, found);

    let shipping = order.personal.shipping.as_ref();
    if shipping.is_none() {
        let message = "the order has no shipping address";
        found.push(Diagnostic::new(
            Code::AddressMissingPart,
            "/personal/shipping",
            message,
        ));
    }
    let texts = shipping.map(|shipping| profile.address.texts(shipping, found));
    let place = shipping.map_or_else(Place::default, |shipping| {
        profile.address.place(shipping, found)
    });
    let country = place.country.as_ref().map(crate::CountryCode::as_str);
    let phone = profile.phone.choose(&order.personal, country, found);
    let instructions = profile
        .address
        .instructions(&order.personal, phone.as_ref(), found);

    let destination = Destination {
        country: place.country.as_ref(),
        postcode: place.uk.as_ref(),
        unclear: place.unclear(),
    };
    let service = match profile
        .services
        .choose(order.shipping_method.as_ref(), &destination)
    {
        Ok(service) => service,
        Err(fault) => {
            found.push(*fault);
            None
        }
    };

    let recipient = address::recipient(place, texts?, phone?, instructions?)?;
    let (service, service_rule) = service?;
    Some(FulfilmentOrder {
        source_id: order.id.clone(),
        number: order.number.clone(),
        purchase_order,
        service,
        service_rule,
        release_rule: release_rule?,
        currency: order
            .currency
            .as_deref()
            .map(|code| code.trim().to_ascii_uppercase()),
        requested_date: order.requested_date,
        lines,
        registry_hash: registry.content_hash().to_owned(),
        profile_hash: profile.content_hash(),
        recipient,
    })
}
