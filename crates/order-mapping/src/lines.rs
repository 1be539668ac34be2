//! Lines of an order: article codes by look-up, kits taken apart, pack sizes, whole quantities.

use std::borrow::Cow;
use std::iter;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use crate::diagnostic::DIAGNOSTICS_MAX;
use crate::kits::{KitComponent, KitPart, KitRule, KitRules};
use crate::non_stock::{LeftOutLine, NonStockClass, NonStockRules};
use crate::packs::{PackRules, PackVerdict};
use crate::sku_policy::SkuForm;
use crate::text::is_white_space;
use crate::{
    Applicability, Arg, Code, Diagnostic, FulfilmentLine, JsonPointer, LineId, Money, OrderLine,
    PackRatio, PickQuantity, Profile, SalesOrder, Severity, SkuRegistry, SourceSku, Subject,
    WarehouseSku,
};

mod ids;

use ids::{LineIds, component_ids};

/// Limits and forms of lines at the warehouse, the section `[mapping.lines]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinePolicy {
    /// Most units of one line, counted in the warehouse's unit. Default 99,999 (seen in use: the importer's line check allows 1
    /// to 99,999).
    pub max_quantity: u32,
    /// What stands between the id of a kit's line and the number of a component in the id that the warehouse gets: the second
    /// component of line `7` is line `7/2`. Default `/` (assumed: line ids come back as they were sent).
    pub component_separator: String,
}

impl Default for LinePolicy {
    fn default() -> Self {
        Self {
            max_quantity: 99_999,
            component_separator: "/".to_owned(),
        }
    }
}

impl LinePolicy {
    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        if self.max_quantity == 0 {
            let message = "with at most 0 units no line could be sent";
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, "/lines/max_quantity", message)
                    .about(Subject::Config),
            );
        }
        if self.component_separator.is_empty() {
            let message = "without a separator the first component of line 1 would be line 11";
            found.push(
                Diagnostic::new(Code::ConfigLimitBad, "/lines/component_separator", message)
                    .about(Subject::Config),
            );
        }
    }
}

/// The rules about lines in the form in which they are applied. Made once from a profile, used for many orders.
#[derive(Debug, Clone, Default)]
pub struct LineRules {
    pub(crate) non_stock: NonStockRules,
    pub(crate) kits: KitRules,
    packs: PackRules,
    policy: LinePolicy,
    sku_form: SkuForm,
}

/// Units of one article that a line stands for, in the warehouse's unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineDemand {
    /// The line at the warehouse: the order's, or that of a component.
    pub line_id: LineId,
    /// The article, by the shop's code.
    pub sku: Option<SourceSku>,
    /// Units; 0 when the line has no whole number of them and so will be refused.
    pub units: u32,
}

impl LineRules {
    /// The rules of a profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            non_stock: profile.non_stock.compile(),
            kits: profile.kits.compile(),
            packs: profile.packs.compile(),
            policy: profile.lines.clone(),
            sku_form: SkuForm::new(&profile.sku),
        }
    }

    /// What the lines of an order will take from the shelf, whether or not the order may leave yet: kits as their components,
    /// ordered units as the warehouse's.
    ///
    /// Non-stock lines are among them; no stock is kept of them. Total: what cannot be counted is 0.
    #[must_use]
    pub fn demand(&self, order: &SalesOrder) -> Vec<LineDemand> {
        let mut demand = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let units = self
                .units(line)
                .and_then(|(units, _)| u32::try_from(units).ok())
                .unwrap_or(0);
            let kit = line.sku.as_ref().and_then(|sku| self.kits.get(sku));
            match kit.filter(|kit| kit.fault.is_none()) {
                Some(kit) => demand.extend(kit.components.iter().zip(1_usize..).map(
                    |(component, number)| LineDemand {
                        line_id: self.component_id(&line.id, number),
                        sku: Some(component.sku.clone()),
                        units: units.checked_mul(component.quantity).unwrap_or(0),
                    },
                )),
                None => demand.push(LineDemand {
                    line_id: line.id.clone(),
                    sku: line.sku.clone(),
                    units,
                }),
            }
        }
        demand
    }

    /// Units of the warehouse (kits, for a kit) that a line orders, with the ratio; none when there is no whole number.
    fn units(&self, line: &OrderLine) -> Option<(u64, PackRatio)> {
        let ordered = whole(line.quantity)?;
        let ratio = match &line.sku {
            Some(sku) => match self.packs.of_line(sku, line.unit.as_deref()) {
                PackVerdict::Ratio(ratio) => ratio,
                PackVerdict::UnknownUnit | PackVerdict::Unusable => return None,
            },
            None => PackRatio::ONE,
        };
        Some((ratio.to_warehouse(ordered)?, ratio))
    }

    fn component_id(&self, line: &LineId, number: usize) -> LineId {
        LineId::new(format!("{line}{}{number}", self.policy.component_separator))
    }
}

/// A positive whole number of units.
fn whole(quantity: Decimal) -> Option<u64> {
    small(quantity).map(u64::from).or_else(|| {
        (quantity.fract().is_zero() && quantity > Decimal::ZERO)
            .then(|| quantity.to_u64())
            .flatten()
    })
}

/// The same of a quantity as nearly every one comes: written without decimal places, and no larger than any pallet holds.
#[inline]
fn small(quantity: Decimal) -> Option<u32> {
    let parts = quantity.unpack();
    let small = parts.scale == 0 && !parts.negative && parts.mid == 0 && parts.hi == 0;
    (small && parts.lo > 0).then_some(parts.lo)
}

/// The lines of an order after the rules.
#[derive(Debug, Default)]
pub(crate) struct MappedLines {
    /// What the warehouse picks.
    pub(crate) lines: Vec<FulfilmentLine>,
    /// What it does not.
    pub(crate) left_out: Vec<LeftOutLine>,
}

/// Maps every line. What is wrong goes to `found`.
pub(crate) fn map(
    order: &SalesOrder,
    rules: &LineRules,
    registry: &SkuRegistry,
    found: &mut Vec<Diagnostic>,
) -> MappedLines {
    let mut mapped = MappedLines {
        lines: Vec::with_capacity(order.lines.len()),
        left_out: Vec::new(),
    };
    let ids = LineIds::of(order);
    let (mut to_pick, mut kits) = (false, false);
    for (index, line) in order.lines.iter().enumerate() {
        let judged = Judged {
            index,
            line,
            rules,
            registry,
        };
        if let Some(first) = ids.earlier(index, &line.id) {
            judged.say_duplicate(first, found);
        }
        if let Some(sku) = &line.sku {
            if let Some(class) = rules.non_stock.class_of(sku) {
                judged.leave_out(sku, class, &mut mapped.left_out, found);
                continue;
            }
            if let Some(kit) = rules.kits.get(sku) {
                judged.take_apart(sku, kit, &mut mapped.lines, found);
                (to_pick, kits) = (true, true);
                continue;
            }
        }
        to_pick = true;
        let before = found.len();
        judged.one_article(&mut mapped.lines, found);
        if found.len() > before {
            // What is wrong with one line often is with those behind it.
            let behind = order.lines.len().saturating_sub(index);
            found.reserve(behind.min(DIAGNOSTICS_MAX));
        }
    }
    if !to_pick {
        found.push(Diagnostic::new(
            Code::LinesEmpty,
            "/lines",
            "there is nothing to pick",
        ));
    }
    if kits {
        component_ids(&mapped.lines, order, found);
    }
    mapped
}

/// Weight of everything that the warehouse picks; none when a line's is not known.
pub(crate) fn grams(order: &SalesOrder, non_stock: &NonStockRules) -> Option<u64> {
    let mut sum = 0u64;
    for line in &order.lines {
        let class = line.sku.as_ref().and_then(|sku| non_stock.class_of(sku));
        if class.is_some() {
            continue;
        }
        let of_line = Decimal::from(line.unit_weight_grams?).checked_mul(line.quantity)?;
        sum = sum.checked_add(of_line.ceil().to_u64()?)?;
    }
    Some(sum)
}

/// One line under judgement.
struct Judged<'a> {
    index: usize,
    line: &'a OrderLine,
    rules: &'a LineRules,
    registry: &'a SkuRegistry,
}

impl Judged<'_> {
    fn at(&self, member: &str) -> JsonPointer {
        JsonPointer::of_line(self.index, member)
    }

    #[cold]
    fn say_duplicate(&self, first: usize, found: &mut Vec<Diagnostic>) {
        let message = "another line has this id";
        let duplicate = Diagnostic::new(Code::LineDuplicate, self.at("id"), message);
        found.push(
            duplicate
                .with_seen(self.line.id.as_str())
                .with_related([JsonPointer::of_line(first, "id")]),
        );
    }

    /// A line of something that is not on a shelf.
    #[cold]
    fn leave_out(
        &self,
        sku: &SourceSku,
        class: NonStockClass,
        left_out: &mut Vec<LeftOutLine>,
        found: &mut Vec<Diagnostic>,
    ) {
        let message = format!("kept out of the warehouse order ({class})");
        let path = format!("/lines/{}", self.index);
        let note = Diagnostic::new(Code::LineNonStock, path, message);
        found.push(note.with_seen(sku.as_str()));
        left_out.push(LeftOutLine::of(self.line, sku, class));
    }

    /// A line of an article that the warehouse has.
    fn one_article(&self, lines: &mut Vec<FulfilmentLine>, found: &mut Vec<Diagnostic>) {
        let line = self.line;
        let quantity = self
            .quantity(found)
            .and_then(|(units, ratio)| Some((self.within_limit(units, found)?, ratio)));
        let sku = self.line_sku(found);
        let (Some((quantity, ratio)), Some((source_sku, sku))) = (quantity, sku) else {
            return;
        };
        // Made where it stands in the list, so that it is not copied there.
        lines.extend(iter::once_with(|| FulfilmentLine {
            line_id: line.id.clone(),
            sku: sku.clone(),
            source_sku: source_sku.clone(),
            quantity,
            description: line.description.clone(),
            unit_price: match &line.unit_price {
                Some(price) if ratio != PackRatio::ONE => price_of_unit(price, ratio),
                price => price.clone(),
            },
            part_of: None,
            pack: (ratio != PackRatio::ONE).then_some(ratio),
            declared: None,
        }));
    }

    /// A line of a kit: one line for each component.
    #[inline(never)]
    fn take_apart(
        &self,
        sku: &SourceSku,
        kit: &KitRule,
        lines: &mut Vec<FulfilmentLine>,
        found: &mut Vec<Diagnostic>,
    ) {
        if let Some(code) = kit.fault {
            let message = format!("the kit cannot be used: {}", code.info().title);
            let fault = Diagnostic::new(code, self.at("sku"), message);
            found.push(
                fault
                    .with_severity(Severity::Error)
                    .about_sku(sku)
                    .with_seen(sku.as_str()),
            );
        }
        let quantity = self.quantity(found);
        if kit.fault.is_some() {
            return;
        }
        let codes: Vec<Option<&WarehouseSku>> = kit
            .components
            .iter()
            .map(|component| self.component_sku(&component.sku, found))
            .collect();
        let Some((kits, ratio)) = quantity else {
            return;
        };
        let units_of = |component: &KitComponent| kits.saturating_mul(component.quantity.into());
        // Everything fits when the largest does, and one fault is enough.
        let most = kit.components.iter().map(units_of).max().unwrap_or(0);
        if self.within_limit(most, found).is_none() {
            return;
        }
        let message = format!("a kit of {} articles", kit.components.len());
        found.push(
            Diagnostic::new(Code::KitExploded, format!("/lines/{}", self.index), message)
                .with_seen(sku.as_str()),
        );
        for ((component, code), number) in kit.components.iter().zip(codes).zip(1_usize..) {
            let (Some(code), Some(quantity)) = (code, self.pick_quantity(units_of(component)))
            else {
                continue;
            };
            lines.push(FulfilmentLine {
                line_id: self.rules.component_id(&self.line.id, number),
                sku: code.clone(),
                source_sku: component.sku.clone(),
                quantity,
                description: None,
                unit_price: None,
                part_of: Some(Box::new(KitPart {
                    line_id: self.line.id.clone(),
                    sku: sku.clone(),
                    per_kit: component.quantity,
                })),
                pack: (ratio != PackRatio::ONE).then_some(ratio),
                declared: None,
            });
        }
    }

    fn line_sku(&self, found: &mut Vec<Diagnostic>) -> Option<(&SourceSku, &WarehouseSku)> {
        let named = |sku: &&SourceSku| !is_white_space(sku.as_str());
        let Some(sku) = self.line.sku.as_ref().filter(named) else {
            let message = "the line has no article code";
            found.push(Diagnostic::new(Code::SkuMissing, self.at("sku"), message));
            return None;
        };
        Some((sku, self.warehouse_sku(sku, "this article", found)?))
    }

    fn component_sku(&self, sku: &SourceSku, found: &mut Vec<Diagnostic>) -> Option<&WarehouseSku> {
        let what = format!("component {:?} of this kit", sku.as_str());
        self.warehouse_sku(sku, &what, found)
    }

    #[inline]
    fn warehouse_sku(
        &self,
        sku: &SourceSku,
        what: &str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<&WarehouseSku> {
        let mapped = self.registry.to_warehouse(sku);
        if mapped.is_none() {
            self.say_unmapped(sku, what, found);
        }
        mapped
    }

    #[inline(never)]
    fn say_unmapped(&self, sku: &SourceSku, what: &str, found: &mut Vec<Diagnostic>) {
        let path = self.at("sku");
        let fault = if let Some(code) = self.registry.refusal(sku) {
            let title = code.info().title;
            let message =
                format!("the catalogue has a fault with {what} ({title}); not sent until declared");
            // A refused article never goes, whatever the severity of its finding in the catalogue.
            Diagnostic::new(code, path, message).with_severity(Severity::Error)
        } else {
            let hint = self.rules.sku_form.propose(sku.as_str()).ok();
            let mut message = String::with_capacity(96);
            message.push_str("the registry does not know ");
            message.push_str(what);
            if let Some(code) = &hint {
                message.push_str("; a row to add could be \"");
                message.push_str(code);
                message.push('"');
            }
            let fault = Diagnostic::new(Code::SkuUnmapped, path, message);
            match hint {
                Some(code) => fault.with_fix(code, Applicability::NeedsReview),
                None => fault,
            }
        };
        found.push(fault.about_sku(sku).with_seen(sku.as_str()));
    }

    /// Units of the warehouse (kits, for a kit), and the ratio that made them.
    #[inline]
    fn quantity(&self, found: &mut Vec<Diagnostic>) -> Option<(u64, PackRatio)> {
        match small(self.line.quantity) {
            Some(units) if self.rules.packs.is_empty() => Some((units.into(), PackRatio::ONE)),
            _ => self.converted(found),
        }
    }

    /// The same by all the rules.
    #[inline(never)]
    fn converted(&self, found: &mut Vec<Diagnostic>) -> Option<(u64, PackRatio)> {
        let line = self.line;
        let refuse = |code, message: Cow<'static, str>, found: &mut Vec<Diagnostic>| {
            let fault = Diagnostic::new(code, self.at("quantity"), message);
            found.push(fault.with_seen_value(line.quantity.normalize()));
        };
        if line.quantity.scale() > 0 && !line.quantity.fract().is_zero() {
            let message = "not a whole number of units".into();
            refuse(Code::QtyFractional, message, found);
            return None;
        }
        let ordered = whole(line.quantity);
        if ordered.is_none() && (line.quantity.is_zero() || line.quantity.is_sign_negative()) {
            refuse(Code::QtyZero, "zero or less".into(), found);
            return None;
        }
        let ratio = match &line.sku {
            None => PackRatio::ONE,
            Some(sku) => match self.rules.packs.of_line(sku, line.unit.as_deref()) {
                PackVerdict::Ratio(ratio) => ratio,
                verdict => {
                    self.unknown_unit(sku, verdict, found);
                    return None;
                }
            },
        };
        let Some(ordered) = ordered else {
            self.too_large(None, found);
            return None;
        };
        if ratio == PackRatio::ONE {
            return Some((ordered, ratio));
        }
        if !ordered.is_multiple_of(u64::from(ratio.shop_units())) {
            let message = format!(
                "not a multiple of {}, of which {} units are picked",
                ratio.shop_units(),
                ratio.warehouse_units()
            );
            refuse(Code::QtyNotWholePacks, message.into(), found);
            return None;
        }
        let Some(units) = ratio.to_warehouse(ordered) else {
            self.too_large(None, found);
            return None;
        };
        let message = format!("picked as {units} units of the warehouse");
        let note = Diagnostic::new(Code::PackConverted, self.at("quantity"), message);
        found.push(note.with_seen_value(ordered));
        Some((units, ratio))
    }

    fn unknown_unit(&self, sku: &SourceSku, verdict: PackVerdict, found: &mut Vec<Diagnostic>) {
        let message = match (verdict, &self.line.unit) {
            (PackVerdict::Unusable, _) => "the pack size of this article cannot be used",
            (_, Some(_)) => "no pack size of this article has this unit",
            (_, None) => "the pack sizes of this article name units, and the line names none",
        };
        let fault = Diagnostic::new(
            Code::UnitUnmapped,
            format!("/lines/{}", self.index),
            message,
        )
        .about_sku(sku)
        .with_arg(Arg::Allowed(self.rules.packs.units_of(sku)));
        found.push(match &self.line.unit {
            Some(unit) => fault.with_seen(unit),
            None => fault,
        });
    }

    fn pick_quantity(&self, units: u64) -> Option<PickQuantity> {
        PickQuantity::checked(units, self.rules.policy.max_quantity)
    }

    fn within_limit(&self, units: u64, found: &mut Vec<Diagnostic>) -> Option<PickQuantity> {
        let within = self.pick_quantity(units);
        if within.is_none() {
            self.too_large(Some(units), found);
        }
        within
    }

    #[cold]
    fn too_large(&self, units: Option<u64>, found: &mut Vec<Diagnostic>) {
        let limit = self.rules.policy.max_quantity;
        let message = format!("more than {limit} units on one line");
        let fault = Diagnostic::new(Code::QtyTooLarge, self.at("quantity"), message)
            .with_seen_value(self.line.quantity.normalize())
            .with_arg(Arg::Limit(u64::from(limit)));
        found.push(match units {
            Some(units) => fault.with_arg(Arg::Got(units)),
            None => fault,
        });
    }
}

/// The price of one unit of the warehouse, where it comes out even to four places; else none, since nothing is rounded.
fn price_of_unit(price: &Money, ratio: PackRatio) -> Option<Money> {
    let warehouse = Decimal::from(ratio.warehouse_units());
    let whole = price
        .amount()
        .checked_mul(Decimal::from(ratio.shop_units()))?;
    let unit = whole.checked_div(warehouse)?.round_dp(4);
    (unit.checked_mul(warehouse) == Some(whole))
        .then(|| Money::new(unit.normalize(), price.currency()))
}

#[cfg(test)]
mod tests;
