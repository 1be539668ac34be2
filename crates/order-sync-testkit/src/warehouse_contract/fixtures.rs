//! Orders that the cases send, and the little they all do with them.

use std::collections::BTreeMap;

use order_mapping::{ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, SourceOrderId};
use order_sync::{Lookup, PortError, Submission, Warehouse};
use serde_json::json;

use super::{Leaving, WarehouseWorld};

/// More pages than a feed of a handful of records can have.
const PAGES: usize = 100;

/// Texts about the receiver that must not stand in errors, reasons and differences.
pub(crate) const PERSONAL: [&str; 5] = [
    "Wilhelmina",
    "Quist",
    "Nightingale Mews",
    "ZZ99 9ZZ",
    "447700900123",
];

/// An order in the making.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) service: String,
    pub(crate) purchase_order: &'static str,
    pub(crate) requested_date: &'static str,
    pub(crate) city: &'static str,
    /// Line, article and units.
    pub(crate) lines: Vec<(&'static str, String, u32)>,
}

impl Draft {
    /// Six units of the first article and four of the second.
    pub(crate) fn of(world: &dyn WarehouseWorld) -> Self {
        let [service, _] = world.services();
        let [first, second] = world.articles();
        Self {
            service,
            purchase_order: "PO-7",
            requested_date: "2026-03-05",
            city: "Sampleton",
            lines: vec![("1", first, 6), ("2", second, 4)],
        }
    }

    pub(crate) fn order(&self) -> FulfilmentOrder {
        let line = |(id, sku, units): &(&str, String, u32)| {
            json!({ "line_id": id, "sku": sku, "source_sku": sku, "quantity": units, "description": "Mug",
                    "unit_price": { "amount": "3.20", "currency": "GBP" } })
        };
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let mut order: FulfilmentOrder = serde_json::from_value(json!({
            "source_id": "order-1", "number": "#1001", "purchase_order": self.purchase_order,
            "service": self.service, "service_rule": "express", "release_rule": "paid", "currency": "GBP",
            "requested_date": self.requested_date, "lines": lines, "registry_hash": "r", "profile_hash": "p",
        }))
        .expect("an order of the kit");
        let recipient = json!({
            "name": "Wilhelmina Quist", "company": null, "line1": "1 Nightingale Mews", "line2": null, "city": self.city,
            "county": null, "postcode": "ZZ99 9ZZ", "country": "GB", "phone": "447700900123", "email": null,
            "instructions": null,
        });
        order.recipient = serde_json::from_value(recipient).expect("a recipient of the kit");
        order
    }
}

/// A reference as the engine derives it; other texts, other references.
pub(crate) fn reference(text: &str) -> ClientOrderRef {
    ClientOrderRef::derive(b"key", "northwind", &SourceOrderId::new(text), 0, 0)
}

/// Hands an order over and lets the warehouse take it in.
pub(crate) async fn handed_over(
    world: &dyn WarehouseWorld,
    text: &str,
) -> (ClientOrderRef, FulfilmentOrder) {
    let (reference, order) = (reference(text), Draft::of(world).order());
    submitted(world.warehouse(), &reference, &order).await;
    world.take_in().await;
    let taken = world.taken(&reference).await;
    assert_eq!(
        taken,
        [units_of(&order)],
        "the warehouse has it once, as it was sent"
    );
    (reference, order)
}

/// Hands an order over; it is accepted or waits to be picked up.
pub(crate) async fn submitted(
    warehouse: &dyn Warehouse,
    reference: &ClientOrderRef,
    order: &FulfilmentOrder,
) -> Submission {
    let answer = warehouse
        .submit(reference, order)
        .await
        .expect("a sound order is taken");
    assert_ne!(answer, Submission::AlreadyThere, "it was never sent before");
    answer
}

/// Asks for an order that the warehouse has; what differs.
pub(crate) async fn found(
    warehouse: &dyn Warehouse,
    reference: &ClientOrderRef,
    order: &FulfilmentOrder,
) -> Vec<String> {
    match warehouse
        .lookup(reference, order)
        .await
        .expect("it can be asked for")
    {
        Lookup::Found { differences, .. } => differences,
        other => panic!("the warehouse has it, and the answer is {other:?}"),
    }
}

/// Units by article.
pub(crate) fn units_of(order: &FulfilmentOrder) -> BTreeMap<String, u32> {
    let mut units = BTreeMap::new();
    for line in &order.lines {
        *units.entry(line.sku.as_str().to_owned()).or_default() += line.quantity.get();
    }
    units
}

/// Everything of an order leaves in one parcel.
pub(crate) async fn all_of_it_leaves(world: &dyn WarehouseWorld, reference: &ClientOrderRef) {
    let [first, second] = world.articles();
    let all = Leaving::parcel(&[(&first, 6), (&second, 4)]);
    world.send(reference, &all).await;
}

/// Despatches that were read, each once, and where to go on.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) consignments: Vec<Consignment>,
    pub(crate) cursor: Option<String>,
}

impl Told {
    pub(crate) fn of(&self, reference: &ClientOrderRef) -> Vec<&Consignment> {
        let of_it = self.consignments.iter();
        of_it.filter(|one| one.reference == *reference).collect()
    }

    /// Units by article in the parcels of an order.
    pub(crate) fn units(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> BTreeMap<String, u32> {
        let parcels = self.of(reference).into_iter().flat_map(|one| &one.parcels);
        sums(parcels.flat_map(|parcel| &parcel.contents), order)
    }

    /// Units by article that will never leave.
    pub(crate) fn shorts(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> BTreeMap<String, u32> {
        sums(
            self.of(reference).into_iter().flat_map(|one| &one.shorts),
            order,
        )
    }
}

fn sums<'a>(
    contents: impl Iterator<Item = &'a LineQuantity>,
    order: &FulfilmentOrder,
) -> BTreeMap<String, u32> {
    let mut units = BTreeMap::new();
    for content in contents {
        *units.entry(article_of(content, order)).or_default() += content.quantity;
    }
    units
}

/// The article, by its own name or by the line that is named.
fn article_of(content: &LineQuantity, order: &FulfilmentOrder) -> String {
    match &content.line_id {
        Some(id) => {
            let line = order.lines.iter().find(|line| line.line_id == *id);
            let line = line.expect("a line that is named is one of the order's");
            line.sku.as_str().to_owned()
        }
        None => content
            .sku
            .clone()
            .expect("units name their line or their article"),
    }
}

/// Reads despatches from a cursor to the end of the feed.
pub(crate) async fn told(world: &dyn WarehouseWorld, from: Option<&str>) -> Told {
    let mut cursor = from.map(str::to_owned);
    let mut consignments: Vec<Consignment> = Vec::new();
    for _ in 0..PAGES {
        let page = world.warehouse().despatches(cursor.as_deref()).await;
        let page = page.expect("despatches can be read");
        assert_eq!(page.unreadable, Vec::<String>::new(), "every row is sound");
        for one in page.consignments {
            let same =
                |known: &&Consignment| known.id == one.id && known.reference == one.reference;
            match consignments.iter().find(same) {
                Some(known) => assert_eq!(*known, one, "what is told again is the same"),
                None => consignments.push(one),
            }
        }
        cursor = page.cursor;
        if !page.more {
            return Told {
                consignments,
                cursor,
            };
        }
    }
    panic!("the pages of despatches do not come to an end");
}

/// No text about the receiver stands in it.
pub(crate) fn assert_names_nobody(text: &str) {
    let lower = text.to_lowercase();
    for personal in PERSONAL {
        assert!(
            !lower.contains(&personal.to_lowercase()),
            "{personal:?} stands in {text:?}"
        );
    }
}

/// Neither the error nor anything that caused it names the receiver.
pub(crate) fn assert_error_names_nobody(error: &PortError) {
    assert_names_nobody(&format!("{error} {error:?}"));
}
