//! What is different between an order the warehouse has and the order it should have: field by field, and no more than that.

use serde::{Deserialize, Serialize};

use crate::{FulfilmentLine, FulfilmentOrder, LineId};

/// A part of an order that can be changed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AmendField {
    /// Units of a line that stays.
    Quantity,
    /// A line that was not there.
    LineAdded,
    /// A line that is there no more.
    LineRemoved,
    /// A line that stands for another article now.
    Article,
    /// The service code.
    Service,
    /// The buyer's PO number.
    PurchaseOrder,
    /// The date the buyer asks for.
    RequestedDate,
    /// Who receives, and where.
    Recipient,
    /// What to do when there is not enough.
    Partial,
    /// Customs data; and prices, where customs are told of them.
    Declaration,
}

impl AmendField {
    /// Every field.
    pub const ALL: [Self; 10] = [
        Self::Quantity,
        Self::LineAdded,
        Self::LineRemoved,
        Self::Article,
        Self::Service,
        Self::PurchaseOrder,
        Self::RequestedDate,
        Self::Recipient,
        Self::Partial,
        Self::Declaration,
    ];

    /// Whether a line is there at all.
    #[must_use]
    pub const fn is_of_presence(self) -> bool {
        matches!(self, Self::LineAdded | Self::LineRemoved)
    }

    /// Its name in profiles and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::LineAdded => "line_added",
            Self::LineRemoved => "line_removed",
            Self::Article => "article",
            Self::Service => "service",
            Self::PurchaseOrder => "purchase_order",
            Self::RequestedDate => "requested_date",
            Self::Recipient => "recipient",
            Self::Partial => "partial",
            Self::Declaration => "declaration",
        }
    }
}

impl std::fmt::Display for AmendField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One difference. Holds no personal data: of a recipient it says only that it differs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// What is different.
    pub field: AmendField,
    /// The line, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_id: Option<LineId>,
    /// What the warehouse has; empty for nothing, and for personal data.
    #[serde(default)]
    pub from: String,
    /// What it should have; empty for nothing, and for personal data.
    #[serde(default)]
    pub to: String,
}

impl FieldChange {
    /// Whether the two are about the same place, whatever it held and is to hold: that a line is there is one place.
    ///
    /// ```
    /// use order_mapping::FieldChange;
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let more: FieldChange = serde_json::from_str(r#"{ "field": "quantity", "line_id": "2", "from": "4", "to": "6" }"#)?;
    /// let back = more.reversed();
    /// assert_eq!(back.to_string(), "quantity of line 2: 6 -> 4");
    /// assert!(back.is_at_place_of(&more));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_at_place_of(&self, other: &Self) -> bool {
        let both_of_presence = self.field.is_of_presence() && other.field.is_of_presence();
        (self.field == other.field || both_of_presence) && self.line_id == other.line_id
    }

    /// What takes the change back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            field: match self.field {
                AmendField::LineAdded => AmendField::LineRemoved,
                AmendField::LineRemoved => AmendField::LineAdded,
                field => field,
            },
            line_id: self.line_id.clone(),
            from: self.to.clone(),
            to: self.from.clone(),
        }
    }
}

impl std::fmt::Display for FieldChange {
    /// `quantity of line 2: 4 -> 6`, `recipient`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.field)?;
        if let Some(line) = &self.line_id {
            write!(f, " of line {line}")?;
        }
        if self.from.is_empty() && self.to.is_empty() {
            return Ok(());
        }
        let shown = |text: &str| {
            if text.is_empty() {
                "nothing".to_owned()
            } else {
                text.to_owned()
            }
        };
        write!(f, ": {} -> {}", shown(&self.from), shown(&self.to))
    }
}

/// The smallest set of differences that makes one order out of another: lines by their ids, in the order in which they stand.
///
/// What the two were made with (registry, profile, the rules that chose and released) is no difference. Nor is a price where nothing
/// is declared to customs: it changes with every quantity discount, and nobody packs by it.
///
/// ```
/// use order_mapping::{FulfilmentOrder, differences};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let has: FulfilmentOrder = serde_json::from_str(
///     r#"{ "source_id": "1", "service": "WHI_STD", "service_rule": "standard", "release_rule": "paid", "registry_hash": "",
///          "profile_hash": "", "lines": [{ "line_id": "a", "sku": "MUG1", "source_sku": "MUG-1", "quantity": 4 }] }"#,
/// )?;
/// let wanted: FulfilmentOrder = serde_json::from_str(
///     r#"{ "source_id": "1", "service": "WHI_EXP", "service_rule": "express", "release_rule": "paid", "registry_hash": "",
///          "profile_hash": "", "lines": [{ "line_id": "a", "sku": "MUG1", "source_sku": "MUG-1", "quantity": 6 }] }"#,
/// )?;
/// let found: Vec<String> = differences(&has, &wanted).iter().map(ToString::to_string).collect();
/// assert_eq!(found, ["quantity of line a: 4 -> 6", "service: WHI_STD -> WHI_EXP"]);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn differences(has: &FulfilmentOrder, wanted: &FulfilmentOrder) -> Vec<FieldChange> {
    let declares = has.customs.is_some() || wanted.customs.is_some();
    let mut changes = Vec::new();
    for line in &wanted.lines {
        match has.lines.iter().find(|known| known.line_id == line.line_id) {
            Some(known) => of_line(known, line, declares, &mut changes),
            None => changes.push(change(
                AmendField::LineAdded,
                Some(&line.line_id),
                String::new(),
                units(line),
            )),
        }
    }
    for line in &has.lines {
        if wanted
            .lines
            .iter()
            .all(|other| other.line_id != line.line_id)
        {
            changes.push(change(
                AmendField::LineRemoved,
                Some(&line.line_id),
                units(line),
                String::new(),
            ));
        }
    }
    let mut whole = |field, from: String, to: String| {
        if from != to {
            changes.push(change(field, None, from, to));
        }
    };
    whole(
        AmendField::Service,
        has.service.to_string(),
        wanted.service.to_string(),
    );
    whole(
        AmendField::PurchaseOrder,
        text(has.purchase_order.as_ref()),
        text(wanted.purchase_order.as_ref()),
    );
    whole(
        AmendField::RequestedDate,
        text(has.requested_date.as_ref()),
        text(wanted.requested_date.as_ref()),
    );
    if has.recipient != wanted.recipient {
        changes.push(change(
            AmendField::Recipient,
            None,
            String::new(),
            String::new(),
        ));
    }
    if has.partial != wanted.partial {
        changes.push(change(
            AmendField::Partial,
            None,
            has.partial.name().to_owned(),
            wanted.partial.name().to_owned(),
        ));
    }
    if has.customs != wanted.customs || (declares && has.currency != wanted.currency) {
        changes.push(change(
            AmendField::Declaration,
            None,
            String::new(),
            String::new(),
        ));
    }
    changes
}

fn of_line(
    has: &FulfilmentLine,
    wanted: &FulfilmentLine,
    declares: bool,
    changes: &mut Vec<FieldChange>,
) {
    let id = Some(&wanted.line_id);
    if has.sku != wanted.sku {
        changes.push(change(AmendField::Article, id, units(has), units(wanted)));
        return;
    }
    if has.quantity != wanted.quantity {
        changes.push(change(
            AmendField::Quantity,
            id,
            has.quantity.to_string(),
            wanted.quantity.to_string(),
        ));
    }
    if has.declared != wanted.declared || (declares && has.unit_price != wanted.unit_price) {
        changes.push(change(
            AmendField::Declaration,
            id,
            String::new(),
            String::new(),
        ));
    }
}

fn units(line: &FulfilmentLine) -> String {
    format!("{} x {}", line.quantity, line.sku)
}

fn text(value: Option<&impl std::fmt::Display>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn change(field: AmendField, line_id: Option<&LineId>, from: String, to: String) -> FieldChange {
    FieldChange {
        field,
        line_id: line_id.cloned(),
        from,
        to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(lines: &str, rest: &str) -> FulfilmentOrder {
        serde_json::from_str(&format!(
            r#"{{ "source_id": "1", "service_rule": "s", "release_rule": "r", "registry_hash": "", "profile_hash": "",
                "lines": [{lines}], {rest} }}"#
        ))
        .unwrap()
    }

    fn line(id: &str, sku: &str, quantity: u32) -> String {
        format!(
            r#"{{ "line_id": "{id}", "sku": "{sku}", "source_sku": "{sku}", "quantity": {quantity} }}"#
        )
    }

    fn found(has: &FulfilmentOrder, wanted: &FulfilmentOrder) -> Vec<String> {
        let changes = differences(has, wanted);
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_order_does_not_differ_from_itself() {
        let one = order(&line("a", "MUG1", 4), r#""service": "WHI_STD""#);
        assert!(differences(&one, &one).is_empty());
    }

    #[test]
    fn a_price_is_a_difference_only_to_customs() {
        let priced = |price: &str, customs: &str| {
            let line = format!(
                r#"{{ "line_id": "a", "sku": "MUG1", "source_sku": "MUG1", "quantity": 4, "unit_price": {{ "amount": "{price}", "currency": "GBP" }} }}"#
            );
            order(&line, &format!(r#""service": "WHI_STD"{customs}"#))
        };
        assert!(differences(&priced("3.20", ""), &priced("3.00", "")).is_empty());
        let customs = r#", "customs": { "incoterm": null, "movement": "b2b", "sender_eori": null, "sender_ukims": null }"#;
        assert_eq!(
            found(&priced("3.20", customs), &priced("3.00", customs)),
            ["declaration of line a"]
        );
    }

    #[test]
    fn every_kind_of_difference_is_one_change_and_persons_are_not_named() {
        let has = order(
            &[
                line("a", "MUG1", 4),
                line("b", "CUP1", 1),
                line("c", "POT1", 2),
            ]
            .join(","),
            r#""service": "WHI_STD", "purchase_order": "PO 1""#,
        );
        let mut wanted = order(
            &[
                line("c", "PAN1", 2),
                line("a", "MUG1", 3),
                line("d", "TIN1", 9),
            ]
            .join(","),
            r#""service": "WHI_STD", "requested_date": "2026-03-02", "partial": "ship_complete""#,
        );
        wanted.recipient.email = Some(serde_json::from_str(r#""alex@example.com""#).unwrap());
        assert_eq!(
            found(&has, &wanted),
            [
                "article of line c: 2 x POT1 -> 2 x PAN1",
                "quantity of line a: 4 -> 3",
                "line_added of line d: nothing -> 9 x TIN1",
                "line_removed of line b: 1 x CUP1 -> nothing",
                "purchase_order: PO 1 -> nothing",
                "requested_date: nothing -> 2026-03-02",
                "recipient",
                "partial: ship_available -> ship_complete",
            ]
        );
    }
}
