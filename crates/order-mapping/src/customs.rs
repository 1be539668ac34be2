//! The customs gate: whether an order that leaves Great Britain has the data that its destination needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::country::{self, CountryFault};
use crate::customs_policy::NORTHERN_IRELAND_ALWAYS;
use crate::place::Place;
use crate::{
    Code, CommodityCode, CountryCode, CustomsDatum, CustomsDeclaration, CustomsMovement,
    CustomsPolicy, DeclaredGoods, Diagnostic, Eori, FulfilmentLine, LineId, LineRules, OrderLine,
    Profile, ReceiverEori, ReceiverUkims, Recipient, SalesOrder, Severity, SourceSku, UkimsNumber,
    currency, text,
};

mod kit_lines;

/// Where the destination is named: the place of what belongs to no line.
const COUNTRY: &str = "/personal/shipping/country";

/// Most places that the finding of Northern Ireland points to.
const RELATED_MAX: usize = 20;

/// Longest text of a line that is looked at, in bytes.
const TEXT_MAX: usize = 4 * 1024;

/// The destinations that need customs data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    NorthernIreland,
    CrownDependency,
    Foreign,
}

/// What goes with the order.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    declaration: Option<CustomsDeclaration>,
    receiver_eori: Option<ReceiverEori>,
    receiver_ukims: Option<ReceiverUkims>,
}

impl Judged {
    /// Puts the receiver's numbers to the receiver, and gives the rest.
    pub(crate) fn declare(self, recipient: &mut Recipient) -> Option<CustomsDeclaration> {
        recipient.eori = self.receiver_eori;
        recipient.ukims = self.receiver_ukims;
        self.declaration
    }
}

/// Judges the customs data of an order by its destination, and writes codes and origins to the lines. What is wrong goes to `found`.
pub(crate) fn judge<'a>(
    order: &'a SalesOrder,
    profile: &'a Profile,
    place: &Place,
    rules: &'a LineRules,
    lines: &mut [FulfilmentLine],
    found: &'a mut Vec<Diagnostic>,
) -> Judged {
    let Some(destination) = destination(place) else {
        return Judged::default();
    };
    let mut gate = Gate {
        policy: &profile.customs,
        destination,
        on: match destination {
            Destination::NorthernIreland => !profile.address.northern_ireland_cleared,
            _ => profile.customs.required,
        },
        missing: Vec::new(),
        found,
    };
    let judged = gate.parties(order);
    gate.lines(order, rules, lines);
    gate.report(order);
    judged
}

fn destination(place: &Place) -> Option<Destination> {
    if place.uk.is_some_and(|postcode| postcode.letters() == b"BT") {
        return Some(Destination::NorthernIreland);
    }
    match place.country.as_ref()?.as_str() {
        "GB" => None,
        "JE" | "GG" | "IM" => Some(Destination::CrownDependency),
        _ => Some(Destination::Foreign),
    }
}

/// Something that is needed and not there.
struct Missing<'a> {
    what: CustomsDatum,
    path: String,
    /// The line that lacks it.
    line: Option<&'a OrderLine>,
    /// The component of the line's kit that lacks it.
    component: Option<&'a SourceSku>,
}

/// What customs ask about the goods of a line, as far as it can be declared.
type Goods = (Option<CommodityCode>, Option<CountryCode>);

struct Gate<'a> {
    policy: &'a CustomsPolicy,
    destination: Destination,
    /// The destination is judged.
    on: bool,
    missing: Vec<Missing<'a>>,
    found: &'a mut Vec<Diagnostic>,
}

impl<'a> Gate<'a> {
    fn needs(&self, what: CustomsDatum) -> bool {
        let listed = match self.destination {
            Destination::NorthernIreland => {
                NORTHERN_IRELAND_ALWAYS.contains(&what)
                    || self.policy.northern_ireland.contains(&what)
            }
            Destination::CrownDependency => self.policy.crown_dependencies.contains(&what),
            Destination::Foreign => self.policy.foreign.contains(&what),
        };
        self.on && listed
    }

    /// Notes that something is not there, if it is needed.
    fn lacks(&mut self, what: CustomsDatum, path: String, line: Option<&'a OrderLine>) {
        if self.needs(what) {
            self.missing.push(Missing {
                what,
                path,
                line,
                component: None,
            });
        }
    }

    /// A fault in something that is there; only a warning where it is not needed.
    fn fault(&self, what: CustomsDatum, path: String, message: &'static str) -> Diagnostic {
        let fault = Diagnostic::new(Code::CustomsDataBad, path, message);
        if self.needs(what) {
            fault
        } else {
            fault.with_severity(Severity::Warning)
        }
    }

    /// Numbers of sender and receiver, and the Incoterm.
    fn parties(&mut self, order: &SalesOrder) -> Judged {
        let policy = self.policy;
        // A number without its form counts as missing; the check of the profile says what is wrong with it.
        let own = |text: &'a Option<String>, right: &dyn Fn(&str) -> bool| {
            text.as_deref().filter(|text| right(text))
        };
        let sender_eori = own(&policy.sender_eori, &|text| policy.is_eori(text, false));
        let sender_ukims = own(&policy.sender_ukims, &|text| policy.is_ukims(text));
        for (what, there) in [
            (CustomsDatum::SenderEori, sender_eori.is_some()),
            (CustomsDatum::SenderUkims, sender_ukims.is_some()),
            (CustomsDatum::Incoterm, policy.incoterm.is_some()),
        ] {
            if !there {
                self.lacks(what, COUNTRY.to_owned(), None);
            }
        }
        let abroad = self.destination != Destination::NorthernIreland;
        let (eori, ukims) = (
            crate::address::raw(order.personal.eori.as_ref()),
            crate::address::raw(order.personal.ukims.as_ref()),
        );
        let right = policy.is_eori(eori.trim(), abroad);
        let receiver_eori = self.receiver(CustomsDatum::ReceiverEori, "eori", eori, right);
        let right = policy.is_ukims(ukims.trim());
        let receiver_ukims = self.receiver(CustomsDatum::ReceiverUkims, "ukims", ukims, right);

        let something =
            sender_eori.is_some() || sender_ukims.is_some() || policy.incoterm.is_some();
        Judged {
            declaration: (self.on || something).then(|| CustomsDeclaration {
                incoterm: policy.incoterm,
                movement: CustomsMovement::BusinessToBusiness,
                sender_eori: sender_eori.map(Eori::checked),
                sender_ukims: sender_ukims.map(UkimsNumber::checked),
            }),
            receiver_eori: receiver_eori.map(ReceiverEori::checked),
            receiver_ukims: receiver_ukims.map(ReceiverUkims::checked),
        }
    }

    /// One number of the receiver.
    fn receiver<'t>(
        &mut self,
        what: CustomsDatum,
        member: &str,
        given: &'t str,
        right: bool,
    ) -> Option<&'t str> {
        let given = given.trim();
        if given.is_empty() {
            self.lacks(what, COUNTRY.to_owned(), None);
            return None;
        }
        if right {
            return Some(given);
        }
        let message = "not a number of this kind; it is neither repaired nor cut";
        let fault = self.fault(what, format!("/personal/{member}"), message);
        self.found.push(fault.with_shape_of(given));
        None
    }

    fn lines(
        &mut self,
        order: &'a SalesOrder,
        rules: &'a LineRules,
        to_send: &mut [FulfilmentLine],
    ) {
        let mut goods: BTreeMap<&LineId, (&OrderLine, Goods)> = BTreeMap::new();
        let mut components = Vec::new();
        for (index, line) in order.lines.iter().enumerate() {
            let sku = line.sku.as_ref();
            // Postage and fees are no goods.
            if sku.is_some_and(|sku| rules.non_stock.class_of(sku).is_some()) {
                continue;
            }
            let kit = sku.and_then(|sku| rules.kits.get(sku)?.goods());
            if let Some(kit) = kit {
                components.extend(self.kit_line(index, line, kit));
                continue;
            }
            self.description(index, line);
            self.value(index, line);
            let of_line = (self.commodity_code(index, line), self.origin(index, line));
            if of_line != (None, None) {
                goods.entry(&line.id).or_insert((line, of_line));
            }
        }
        for line in to_send.iter_mut() {
            if let Some((source, (code, origin))) = goods.get(&line.line_id) {
                // The parts of a kit are other goods than the kit.
                if source.sku.as_ref() == Some(&line.source_sku) {
                    line.declared = Some(Box::new(DeclaredGoods {
                        commodity_code: code.clone(),
                        origin: origin.clone(),
                        value: None,
                    }));
                }
            }
        }
        for component in components {
            component.write(to_send);
        }
    }

    fn description(&mut self, index: usize, line: &'a OrderLine) {
        let path = || format!("/lines/{index}/description");
        if !self.needs(CustomsDatum::Description) {
            return;
        }
        let given = line.description.as_deref().unwrap_or_default();
        if given.len() > TEXT_MAX {
            let message = "far longer than any declaration; not looked at";
            let fault = self.fault(CustomsDatum::Description, path(), message);
            self.found.push(about(fault, line).with_seen(given));
            return;
        }
        let length = text::clean(given).text.chars().count();
        if self.policy.is_vague(given) {
            self.lacks(CustomsDatum::Description, path(), Some(line));
        } else if !(self.policy.description_min..=self.policy.description_max).contains(&length) {
            let message = "the description is longer or shorter than can be declared";
            let fault = self.fault(CustomsDatum::Description, path(), message);
            let limit = u64::try_from(self.policy.description_max).unwrap_or(u64::MAX);
            let got = u64::try_from(length).unwrap_or(u64::MAX);
            self.found
                .push(about(fault, line).with_seen(given).with_got(got, limit));
        }
    }

    fn value(&mut self, index: usize, line: &'a OrderLine) {
        let path = || format!("/lines/{index}/unit_price");
        if !self.needs(CustomsDatum::Value) {
            return;
        }
        let Some(price) = &line.unit_price else {
            self.lacks(CustomsDatum::Value, path(), Some(line));
            return;
        };
        let message = if price.amount() <= rust_decimal::Decimal::ZERO {
            "customs take no value of zero or less"
        } else if currency::is_known(price.currency()) {
            return;
        } else {
            "the value is in no currency of ISO 4217"
        };
        let fault = self.fault(CustomsDatum::Value, path(), message);
        self.found.push(fault.with_seen(&price.to_string()));
    }

    fn commodity_code(&mut self, index: usize, line: &'a OrderLine) -> Option<CommodityCode> {
        let given = line
            .customs
            .as_ref()
            .and_then(|one| one.commodity_code.as_deref());
        let given = given.map(str::trim).filter(|text| !text.is_empty());
        let Some(given) = given else {
            self.lacks(
                CustomsDatum::CommodityCode,
                format!("/lines/{index}"),
                Some(line),
            );
            return None;
        };
        if self.policy.is_commodity_code(given) {
            return Some(CommodityCode::checked(given));
        }
        let message = "not a commodity code";
        let path = format!("/lines/{index}/customs/commodity_code");
        let fault = self.fault(CustomsDatum::CommodityCode, path, message);
        self.found.push(about(fault, line).with_seen(given));
        None
    }

    fn origin(&mut self, index: usize, line: &'a OrderLine) -> Option<CountryCode> {
        let given = line.customs.as_ref().and_then(|one| one.origin.as_deref());
        let given = given.map(str::trim).filter(|text| !text.is_empty());
        let Some(given) = given else {
            self.lacks(CustomsDatum::Origin, format!("/lines/{index}"), Some(line));
            return None;
        };
        let path = format!("/lines/{index}/customs/origin");
        match country::resolve(given) {
            Ok(country) => {
                if country.rewritten {
                    let message = format!("{}, from another writing", country.code);
                    self.found
                        .push(Diagnostic::new(Code::CountryAlias, path, message).with_seen(given));
                }
                Some(country.code)
            }
            Err(fault) => {
                let message = match fault {
                    CountryFault::Unknown => "no ISO 3166 code or name, and no known alias",
                    CountryFault::Ambiguous(_) => "this can be several countries",
                };
                let fault = self.fault(CustomsDatum::Origin, path, message);
                self.found.push(about(fault, line).with_seen(given));
                None
            }
        }
    }

    /// What is missing: one finding with the whole list for Northern Ireland, one for each place elsewhere.
    fn report(self, order: &SalesOrder) {
        if self.missing.is_empty() {
            return;
        }
        if self.destination == Destination::NorthernIreland {
            let message = format!("at risk; missing: {}", listed(&self.missing));
            let in_order = |one: &&Missing<'_>| one.line.is_some();
            let mut related: Vec<&str> = (self.missing.iter().filter(in_order))
                .map(|one| one.path.as_str())
                .collect();
            // Several components of one kit point to its line.
            related.dedup();
            related.truncate(RELATED_MAX);
            let shipping = order.personal.shipping.as_ref();
            let raw = shipping.map(|one| crate::address::raw(one.postcode.as_ref()));
            self.found.push(
                Diagnostic::new(Code::NiDataRequired, "/personal/shipping/postcode", message)
                    .with_shape_of(raw.unwrap_or_default())
                    .with_related(related),
            );
            return;
        }
        for one in self.missing {
            let of = one
                .component
                .map(|sku| format!(" of component {:?}", sku.as_str()));
            let message = format!("missing: {}{}", one.what.name(), of.unwrap_or_default());
            let fault = Diagnostic::new(Code::CustomsDataMissing, one.path, message);
            self.found.push(match (one.component, one.line) {
                (Some(component), _) => fault.about_sku(component),
                (None, Some(line)) if one.what != CustomsDatum::Value => about(fault, line),
                (None, _) => fault,
            });
        }
    }
}

/// Names of what is missing, and on how many lines.
fn listed(missing: &[Missing<'_>]) -> String {
    let kinds: BTreeSet<CustomsDatum> = missing.iter().map(|one| one.what).collect();
    let names: Vec<String> = kinds
        .into_iter()
        .map(|kind| {
            let on_lines = |one: &&Missing<'_>| one.what == kind && one.line.is_some();
            let places: BTreeSet<&str> = (missing.iter().filter(on_lines))
                .map(|one| one.path.as_str())
                .collect();
            match places.len() {
                0 => kind.name().to_owned(),
                1 => format!("{} (1 line)", kind.name()),
                lines => format!("{} ({lines} lines)", kind.name()),
            }
        })
        .collect();
    names.join(", ")
}

/// A fault of the article, whichever order holds it.
fn about(fault: Diagnostic, line: &OrderLine) -> Diagnostic {
    match &line.sku {
        Some(sku) => fault.about_sku(sku),
        None => fault,
    }
}

#[cfg(test)]
mod tests;
