//! What happens on the floor of the fulfilment service, and what its people do there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Parcel, ReturnReceipt,
    ReturnedLine, TrackingNumber,
};
use order_sync::ChangeAnswer;

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Packing,
    Shipped,
    Cancelled,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) order: FulfilmentOrder,
    pub(crate) stage: Stage,
    pub(crate) accepted_at: DateTime<Utc>,
    /// Units that have left, by article.
    pub(crate) shipped: BTreeMap<String, i64>,
}

impl Request {
    /// Units by article that are still to leave.
    fn open(&self) -> Vec<(String, i64)> {
        let left = |sku: &str| self.shipped.get(sku).copied().unwrap_or(0);
        let owed = units_of(&self.order).into_iter();
        owed.map(|(sku, units)| {
            let open = units - left(&sku);
            (sku, open)
        })
        .collect()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Bin {
    pub(crate) on_hand: i64,
    pub(crate) allocated: i64,
    /// That of its last change.
    pub(crate) sequence: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Floor {
    pub(crate) requests: Vec<(ClientOrderRef, Request)>,
    pub(crate) submits: usize,
    pub(crate) loses_next_answer: bool,
    /// Its people want to think about the next requests to cancel or change.
    pub(crate) undecided: bool,
    /// Answers given, by request: the same again when asked again.
    pub(crate) answers: BTreeMap<String, ChangeAnswer>,
    /// Every asking, by request.
    pub(crate) asked: Vec<String>,
    pub(crate) shipments: Vec<Consignment>,
    pub(crate) returned: Vec<ReturnReceipt>,
    pub(crate) bins: BTreeMap<String, Bin>,
    pub(crate) sequence: u64,
}

/// Units by article of an order.
pub(crate) fn units_of(order: &FulfilmentOrder) -> Vec<(String, i64)> {
    let unit = |line: &order_mapping::FulfilmentLine| {
        (line.sku.to_string(), i64::from(line.quantity.get()))
    };
    order.lines.iter().map(unit).collect()
}

impl Floor {
    pub(crate) fn request(&self, reference: &ClientOrderRef) -> Option<&Request> {
        let mut requests = self.requests.iter();
        requests
            .find(|(known, _)| known == reference)
            .map(|(_, request)| request)
    }

    fn request_mut(&mut self, reference: &ClientOrderRef) -> &mut Request {
        let mut requests = self.requests.iter_mut();
        let found = requests.find(|(known, _)| known == reference);
        &mut found.expect("at the service").1
    }

    /// Sets what is on hand of an article.
    pub(crate) fn count(&mut self, sku: &str, on_hand: i64) {
        self.bin(sku).on_hand = on_hand;
    }

    fn bin(&mut self, sku: &str) -> &mut Bin {
        self.sequence += 1;
        let sequence = self.sequence;
        let bin = self.bins.entry(sku.to_owned()).or_default();
        bin.sequence = sequence;
        bin
    }

    pub(crate) fn accept(
        &mut self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
        accepted_at: DateTime<Utc>,
    ) -> String {
        let id = format!("request-{}", self.requests.len() + 1);
        let request = Request {
            id: id.clone(),
            order: order.clone(),
            stage: Stage::Open,
            accepted_at,
            shipped: BTreeMap::new(),
        };
        self.allocate(request.open(), 1);
        self.requests.push((reference.clone(), request));
        id
    }

    fn allocate(&mut self, units: Vec<(String, i64)>, sign: i64) {
        for (sku, units) in units {
            self.bin(&sku).allocated += sign * units;
        }
    }

    pub(crate) fn pack(&mut self, reference: &ClientOrderRef) {
        self.request_mut(reference).stage = Stage::Packing;
    }

    /// Ships a parcel of these articles; returns what its feed says of it.
    pub(crate) fn ship(
        &mut self,
        reference: &ClientOrderRef,
        parcel_id: &str,
        contents: &[(&str, u32)],
    ) -> Consignment {
        for (sku, units) in contents {
            let bin = self.bin(sku);
            bin.on_hand -= i64::from(*units);
            bin.allocated -= i64::from(*units);
            let request = self.request_mut(reference);
            *request.shipped.entry((*sku).to_owned()).or_default() += i64::from(*units);
        }
        let request = self.request_mut(reference);
        request.stage = if request.open().iter().all(|(_, open)| *open == 0) {
            Stage::Shipped
        } else {
            Stage::Packing
        };
        let mut parcel = Parcel::new(parcel_id);
        parcel.carrier = Some("Royal Mail".to_owned());
        parcel.tracking = Some(TrackingNumber::new(format!("{parcel_id}-T")));
        parcel.contents = contents
            .iter()
            .map(|(sku, units)| LineQuantity::of_sku(*sku, *units))
            .collect();
        let mut shipment = Consignment::new(format!("{parcel_id}-S"), reference.clone());
        shipment.parcels = vec![parcel];
        self.shipments.push(shipment.clone());
        shipment
    }

    /// Decides about a request to cancel (`None`) or to change an order.
    pub(crate) fn answer(
        &mut self,
        reference: &ClientOrderRef,
        request_id: &str,
        wanted: Option<&FulfilmentOrder>,
    ) -> ChangeAnswer {
        self.asked.push(request_id.to_owned());
        if let Some(given) = self.answers.get(request_id) {
            return given.clone();
        }
        if self.request(reference).is_none() {
            let reason = "no such request".to_owned();
            return ChangeAnswer::Refused { reason };
        }
        if self.undecided {
            return ChangeAnswer::Pending;
        }
        let stage = self.request_mut(reference).stage;
        let answer = match stage {
            Stage::Open => {
                let open = self.request_mut(reference).open();
                self.allocate(open, -1);
                let request = self.request_mut(reference);
                match wanted {
                    None => request.stage = Stage::Cancelled,
                    Some(wanted) => {
                        request.order = wanted.clone();
                        let open = request.open();
                        self.allocate(open, 1);
                    }
                }
                ChangeAnswer::Accepted
            }
            Stage::Cancelled => ChangeAnswer::Accepted,
            Stage::Packing => ChangeAnswer::Refused {
                reason: "it is being packed".to_owned(),
            },
            Stage::Shipped => ChangeAnswer::TooLate {
                reason: "it is on the van".to_owned(),
            },
        };
        self.answers.insert(request_id.to_owned(), answer.clone());
        answer
    }

    /// Takes goods back, and puts them on the shelf again.
    pub(crate) fn take_back(
        &mut self,
        id: &str,
        reference: &ClientOrderRef,
        sku: &str,
        units: u32,
        at: DateTime<Utc>,
    ) {
        self.bin(sku).on_hand += i64::from(units);
        let mut line = ReturnedLine::new(None, Some(sku.to_owned()), units);
        line.condition = Some("as new".to_owned());
        line.restocked = Some(units);
        let mut receipt = ReturnReceipt::new(id, Some(reference.clone()));
        receipt.received_at = Some(at);
        receipt.lines = vec![line];
        self.returned.push(receipt);
    }
}
