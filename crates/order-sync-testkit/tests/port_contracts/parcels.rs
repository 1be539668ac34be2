//! A record of parcels in memory, sound or with one defect.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use order_mapping::{LineId, Parcel, SourceOrderId};
use order_sync::{DespatchSink, FailureClass, PortError, RelayOutcome};
use order_sync_testkit::despatch_sink_contract;
use order_sync_testkit::despatch_sink_contract::{DespatchSinkWorld, PlacedOrder};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Defect {
    #[default]
    None,
    WritesNothing,
    WritesEveryTime,
    AppendsWithoutReading,
    ReplacesEverything,
    SeesWhatItWrote,
    SeesEverything,
    HidesBareParcels,
    MixesOrders,
    ShowsRefusedParcels,
}

#[derive(Debug, Default)]
struct Books {
    orders: BTreeMap<SourceOrderId, Vec<String>>,
    closed: Vec<SourceOrderId>,
    remembered: Vec<String>,
    writes: u64,
}

#[derive(Debug, Default)]
struct ModelSink {
    defect: Defect,
    books: Mutex<Books>,
}

impl ModelSink {
    fn with(defect: Defect) -> Self {
        Self {
            defect,
            books: Mutex::default(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn visible(&self, books: &Books, order: &SourceOrderId, parcels: &[Parcel]) -> Vec<String> {
        let shown = |parcel: &&Parcel| match &parcel.tracking {
            None => !self.has(Defect::HidesBareParcels),
            Some(number) => {
                let number = number.to_string();
                let mut seen = books.orders[order].contains(&number);
                if self.has(Defect::MixesOrders) {
                    seen = books
                        .orders
                        .values()
                        .any(|numbers| numbers.contains(&number));
                }
                seen || self.has(Defect::SeesEverything)
                    || (self.has(Defect::SeesWhatItWrote) && books.remembered.contains(&number))
            }
        };
        parcels
            .iter()
            .filter(shown)
            .map(|parcel| parcel.id.clone())
            .collect()
    }
}

fn no_such_order() -> PortError {
    PortError::new(FailureClass::Rejected, "no such order")
}

#[async_trait]
impl DespatchSink for ModelSink {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let mut books = self.books();
        let closed = books.closed.contains(order);
        let before = books.orders.get(order).cloned().ok_or_else(no_such_order)?;
        let mut outcome = RelayOutcome::default();
        let numbers = parcels.iter().filter_map(|parcel| parcel.tracking.as_ref());
        let mut after = if self.has(Defect::ReplacesEverything) {
            Vec::new()
        } else {
            before.clone()
        };
        for number in numbers.map(ToString::to_string) {
            if self.has(Defect::AppendsWithoutReading) || !after.contains(&number) {
                after.push(number.clone());
                books.remembered.push(number);
            }
        }
        if closed && after != before {
            let ids = parcels.iter().map(|parcel| parcel.id.clone());
            outcome.refused = ids.clone().collect();
            if self.has(Defect::ShowsRefusedParcels) {
                outcome.visible = ids.collect();
            }
            return Ok(outcome);
        }
        outcome.written = after != before || self.has(Defect::WritesEveryTime);
        books.writes += u64::from(outcome.written);
        if !self.has(Defect::WritesNothing) {
            books.orders.insert(order.clone(), after);
        }
        outcome.visible = self.visible(&books, order, parcels);
        Ok(outcome)
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let books = self.books();
        if !books.orders.contains_key(order) {
            return Err(no_such_order());
        }
        Ok(self.visible(&books, order, parcels))
    }
}

#[async_trait]
impl DespatchSinkWorld for ModelSink {
    fn sink(&self) -> &dyn DespatchSink {
        self
    }

    async fn place(&self) -> PlacedOrder {
        let mut books = self.books();
        let id = SourceOrderId::new(format!("order-{}", books.orders.len() + 1));
        books.orders.insert(id.clone(), Vec::new());
        PlacedOrder::new(id, ["1", "2"].map(LineId::new))
    }

    async fn seen(&self, order: &SourceOrderId) -> Vec<String> {
        self.books().orders[order].clone()
    }

    async fn add_by_hand(&self, order: &SourceOrderId, number: &str) {
        self.books()
            .orders
            .get_mut(order)
            .unwrap()
            .push(number.to_owned());
    }

    async fn overwrite(&self, order: &SourceOrderId) -> bool {
        self.books().orders.insert(order.clone(), Vec::new());
        true
    }

    async fn refuse_parcels(&self, order: &SourceOrderId) -> bool {
        self.books().closed.push(order.clone());
        true
    }

    async fn writes(&self) -> u64 {
        self.books().writes
    }
}

async fn sound() -> ModelSink {
    ModelSink::default()
}

despatch_sink_contract!(of_the_model, sound);

caught! { despatch_sink_contract, ModelSink:
    WritesNothing by a_relayed_parcel_is_what_the_buyer_sees,
    WritesEveryTime by relayed_again_it_is_there_once_and_nothing_is_written,
    AppendsWithoutReading by a_number_that_others_put_there_is_not_there_twice,
    ReplacesEverything by what_others_put_there_stays,
    SeesWhatItWrote by what_is_visible_is_read_afresh,
    SeesEverything by nothing_is_visible_before_it_is_written,
    HidesBareParcels by a_parcel_without_a_number_is_visible_once_it_is_relayed,
    MixesOrders by orders_are_told_apart,
    ShowsRefusedParcels by a_refused_parcel_is_not_visible,
}
