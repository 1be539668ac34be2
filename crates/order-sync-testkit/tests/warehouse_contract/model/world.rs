//! What the people of the model do, and what its books say.

use std::collections::BTreeMap;

use async_trait::async_trait;
use order_mapping::{
    ClientOrderRef, Consignment, LineQuantity, Parcel, ReturnReceipt, ReturnedLine, TrackingNumber,
};
use order_sync::Warehouse;
use order_sync_testkit::warehouse_contract::{Leaving, Trouble, WarehouseWorld};

use super::{Defect, Kept, ModelWarehouse, units_of};

#[async_trait]
impl WarehouseWorld for ModelWarehouse {
    fn warehouse(&self) -> &dyn Warehouse {
        self
    }

    fn services(&self) -> [String; 2] {
        ["ND", "STD"].map(str::to_owned)
    }

    fn articles(&self) -> [String; 2] {
        ["MUGRED", "MUGBLUE"].map(str::to_owned)
    }

    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>> {
        let books = self.books();
        let of_it = books
            .kept
            .iter()
            .filter(|one| one.reference == *reference && !one.cancelled);
        let units = |one: &Kept| one.rest.clone().unwrap_or_else(|| units_of(&one.order));
        of_it.map(units).collect()
    }

    async fn take_in(&self) {
        let mut books = self.books();
        for (reference, order) in std::mem::take(&mut books.waiting) {
            books.keep(reference, order);
        }
    }

    async fn send(&self, reference: &ClientOrderRef, leaving: &Leaving) {
        let mut books = self.books();
        let id = format!("D-{}", books.despatches.len() + 1);
        let quantity = |(sku, units): &(String, u32)| LineQuantity::of_sku(sku.as_str(), *units);
        let mut consignment = Consignment::new(id.as_str(), reference.clone());
        for (number, contents) in leaving.parcels.iter().enumerate() {
            let mut parcel = Parcel::new(format!("{id}-{number}"));
            parcel.tracking = Some(TrackingNumber::new(format!("T-{id}-{number}")));
            parcel.contents = contents.iter().map(quantity).collect();
            consignment.parcels.push(parcel);
        }
        let shorts: Vec<LineQuantity> = leaving.shorts.iter().map(quantity).collect();
        if self.has(Defect::CountsShortsAsSent) {
            consignment.parcels[0].contents.extend(shorts);
        } else {
            consignment.shorts = shorts;
        }
        if self.has(Defect::PutsAllInOneParcel) {
            let all = consignment
                .parcels
                .iter()
                .flat_map(|parcel| parcel.contents.clone())
                .collect();
            consignment.parcels.truncate(1);
            consignment.parcels[0].contents = all;
        }
        books.despatches.push(consignment);
        let kept = books
            .kept
            .iter_mut()
            .find(|one| one.reference == *reference);
        kept.unwrap().left = true;
    }

    async fn pick(&self, reference: &ClientOrderRef) {
        let mut books = self.books();
        let kept = books
            .kept
            .iter_mut()
            .find(|one| one.reference == *reference);
        kept.unwrap().picking = true;
    }

    async fn decide(&self) {
        self.books().decided = true;
    }

    async fn trouble(&self, trouble: Trouble) -> bool {
        self.books().trouble = Some(trouble);
        true
    }

    async fn peace(&self) {
        self.books().trouble = None;
    }

    async fn take_back(&self, reference: &ClientOrderRef, sku: &str, units: u32) {
        let mut books = self.books();
        let id = format!("R-{}", books.returns.len() + 1);
        let mut receipt = ReturnReceipt::new(id, Some(reference.clone()));
        receipt.lines = vec![ReturnedLine::new(None, Some(sku.to_owned()), units)];
        books.returns.push(receipt);
    }
}
