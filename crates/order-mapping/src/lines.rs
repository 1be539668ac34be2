//! Lines of an order: article codes by look-up, whole quantities.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::{
    Code, Diagnostic, FulfilmentLine, LineId, NonStockPolicy, OrderLine, Profile, SalesOrder,
    Severity, SkuRegistry, WarehouseSku,
};

/// Most units of one line that the warehouse takes (seen in use: its line check allows 1 to 99,999).
pub const MAX_LINE_QUANTITY: u32 = 99_999;

/// The lines that the warehouse picks. What is wrong goes to `found`.
pub(crate) fn map(
    order: &SalesOrder,
    profile: &Profile,
    registry: &SkuRegistry,
    found: &mut Vec<Diagnostic>,
) -> Vec<FulfilmentLine> {
    let mut lines = Vec::with_capacity(order.lines.len());
    let mut ids: BTreeMap<&LineId, usize> = BTreeMap::new();
    let mut to_pick = false;
    for (index, line) in order.lines.iter().enumerate() {
        if let Some(first) = ids.insert(&line.id, index) {
            let message = "another line has this id";
            let duplicate =
                Diagnostic::new(Code::LineDuplicate, format!("/lines/{index}/id"), message);
            found.push(
                duplicate
                    .with_seen(line.id.as_str())
                    .with_related([format!("/lines/{first}/id")]),
            );
        }
        if let Some(sku) = line
            .sku
            .as_ref()
            .filter(|sku| profile.non_stock.covers(sku))
        {
            let message = "kept out of the warehouse order";
            let note = Diagnostic::new(Code::LineNonStock, format!("/lines/{index}"), message);
            found.push(note.with_seen(sku.as_str()));
            continue;
        }
        to_pick = true;
        let sku = warehouse_sku(index, line, profile, registry, found);
        let quantity = quantity(index, line, found);
        if let (Some(sku), Some(source_sku), Some(quantity)) = (sku, &line.sku, quantity) {
            lines.push(FulfilmentLine {
                line_id: line.id.clone(),
                sku,
                source_sku: source_sku.clone(),
                quantity,
                description: line.description.clone(),
                unit_price: line.unit_price.clone(),
                // The customs gate knows whether the destination takes them.
                commodity_code: None,
                origin: None,
            });
        }
    }
    if !to_pick {
        found.push(Diagnostic::new(
            Code::LinesEmpty,
            "/lines",
            "there is nothing to pick",
        ));
    }
    lines
}

/// Weight of everything that the warehouse picks; none when a line's is not known.
pub(crate) fn grams(order: &SalesOrder, non_stock: &NonStockPolicy) -> Option<u64> {
    let mut sum = 0u64;
    for line in &order.lines {
        if line.sku.as_ref().is_some_and(|sku| non_stock.covers(sku)) {
            continue;
        }
        let of_line = Decimal::from(line.unit_weight_grams?).checked_mul(line.quantity)?;
        sum = sum.checked_add(of_line.ceil().to_u64()?)?;
    }
    Some(sum)
}

fn warehouse_sku(
    index: usize,
    line: &OrderLine,
    profile: &Profile,
    registry: &SkuRegistry,
    found: &mut Vec<Diagnostic>,
) -> Option<WarehouseSku> {
    let path = format!("/lines/{index}/sku");
    let Some(sku) = line
        .sku
        .as_ref()
        .filter(|sku| !sku.as_str().trim().is_empty())
    else {
        found.push(Diagnostic::new(
            Code::SkuMissing,
            path,
            "the line has no article code",
        ));
        return None;
    };
    if let Some(mapped) = registry.to_warehouse(sku) {
        return Some(mapped.clone());
    }
    let fault = if let Some(code) = registry.refusal(sku) {
        let title = code.info().title;
        let message = format!(
            "the catalogue has a fault with this article ({title}); not sent until declared"
        );
        // A refused article never goes, whatever the severity of its finding in the catalogue.
        Diagnostic::new(code, path, message).with_severity(Severity::Error)
    } else {
        let hint = match profile.sku.propose(sku.as_str()) {
            Ok(code) => format!("; a row to add could be {code:?}"),
            Err(_) => String::new(),
        };
        Diagnostic::new(
            Code::SkuUnmapped,
            path,
            format!("the registry does not know this article{hint}"),
        )
    };
    found.push(fault.about_sku(sku).with_seen(sku.as_str()));
    None
}

fn quantity(index: usize, line: &OrderLine, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let (code, message) = if !line.quantity.fract().is_zero() {
        (Code::QtyFractional, "not a whole number of units")
    } else if line.quantity <= Decimal::ZERO {
        (Code::QtyZero, "zero or less")
    } else {
        match line
            .quantity
            .to_u32()
            .filter(|units| *units <= MAX_LINE_QUANTITY)
        {
            Some(units) => return Some(units),
            None => (Code::QtyTooLarge, "more than 99,999 units"),
        }
    };
    let fault = Diagnostic::new(code, format!("/lines/{index}/quantity"), message);
    found.push(fault.with_seen(&line.quantity.normalize().to_string()));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CatalogueItem, SkuOverrides, SkuPolicy, Subject};

    fn codes(lines: Vec<OrderLine>) -> (usize, Vec<(Code, String)>) {
        let catalogue = ["MUG", "a-1", "A1", "ß"].map(|sku| CatalogueItem::new(sku, None));
        let (registry, _) =
            SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
        let mut profile = Profile::default();
        profile.non_stock.skus = vec!["POST".into()];
        let mut order = SalesOrder::new("1");
        order.lines = lines;
        let mut found = Vec::new();
        let mapped = map(&order, &profile, &registry, &mut found);
        (
            mapped.len(),
            found
                .into_iter()
                .map(|one| (one.code, one.path.into()))
                .collect(),
        )
    }

    fn line(id: &str, sku: &str, quantity: &str) -> OrderLine {
        OrderLine::new(id, sku, quantity.parse::<Decimal>().unwrap())
    }

    #[test]
    fn quantities() {
        assert_eq!(codes(vec![line("1", "MUG", "2.000")]), (1, vec![]));
        assert_eq!(codes(vec![line("1", "MUG", "99999")]), (1, vec![]));
        for (quantity, code) in [
            ("1.5", Code::QtyFractional),
            ("-0.5", Code::QtyFractional),
            ("0", Code::QtyZero),
            ("-1", Code::QtyZero),
            ("100000", Code::QtyTooLarge),
            ("79228162514264337593543950335", Code::QtyTooLarge),
        ] {
            let (_, found) = codes(vec![line("1", "MUG", quantity)]);
            assert_eq!(
                found,
                [(code, "/lines/0/quantity".to_owned())],
                "{quantity}"
            );
        }
    }

    #[test]
    fn every_line_is_judged_by_itself() {
        let mut nameless = line("4", "", "1");
        nameless.sku = None;
        let (mapped, found) = codes(vec![
            line("1", "POST", "-1"),
            line("2", "mug", "1"),
            line("3", "A1", "1"),
            nameless,
            line("5", "ß", "0"),
            line("6", "MUG", "1"),
            line("6", "MUG", "1"),
        ]);
        assert_eq!(mapped, 2);
        assert_eq!(
            found,
            [
                (Code::LineNonStock, "/lines/0".to_owned()),
                (Code::SkuUnmapped, "/lines/1/sku".to_owned()),
                (Code::SkuCollision, "/lines/2/sku".to_owned()),
                (Code::SkuMissing, "/lines/3/sku".to_owned()),
                (Code::SkuNonAscii, "/lines/4/sku".to_owned()),
                (Code::QtyZero, "/lines/4/quantity".to_owned()),
                (Code::LineDuplicate, "/lines/6/id".to_owned()),
            ]
        );
        assert_eq!(codes(vec![]).1, [(Code::LinesEmpty, "/lines".to_owned())]);
    }

    #[test]
    fn a_sku_fault_is_about_the_article() {
        let mut order = SalesOrder::new("1");
        order.lines = vec![line("1", "NEW-1", "1")];
        let (registry, _) =
            SkuRegistry::build(&[], &SkuOverrides::default(), &SkuPolicy::default());
        let mut found = Vec::new();
        map(&order, &Profile::default(), &registry, &mut found);
        let fault = found.first().unwrap();
        assert_eq!(fault.subject, Subject::Sku("NEW-1".into()));
        assert!(fault.message.contains("\"NEW1\""));
    }
}
