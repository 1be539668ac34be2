//! Fulfilments: added to an order against what remains of it, never replaced as a whole.

use async_trait::async_trait;
use order_mapping::{Parcel, SourceOrderId};
use order_sync::{DespatchSink, FailureClass, PortError, RelayOutcome};

use super::{Sale, Shop};

/// What the buyer can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracking {
    pub(crate) number: String,
    pub(crate) company: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fulfilment {
    pub(crate) id: String,
    pub(crate) by: &'static str,
    /// The creator's own name for it; the adapter puts the parcel's id there.
    pub(crate) external_id: Option<String>,
    pub(crate) tracking: Option<Tracking>,
    /// Line and units.
    pub(crate) lines: Vec<(String, u32)>,
}

impl Shop {
    /// A person fulfils by hand.
    pub(crate) fn fulfil_by_hand(&self, order: &str, line: usize, units: u32, number: &str) {
        let line = self.sale(order).lines[line].id.clone();
        let fulfilment = Fulfilment {
            id: self.books(|books| books.next_id("fulfilment")),
            by: "person",
            external_id: None,
            tracking: Some(Tracking {
                number: number.to_owned(),
                company: None,
            }),
            lines: vec![(line, units)],
        };
        self.change(order, |sale| sale.fulfilments.push(fulfilment));
    }

    /// The platform's call for a program: adds a fulfilment, if all its units remain.
    fn create_fulfilment(
        &self,
        order: &str,
        external_id: &str,
        tracking: Option<Tracking>,
        lines: Vec<(String, u32)>,
    ) -> Result<(), PortError> {
        let sale = self.sale(order);
        if lines.is_empty() || lines.iter().any(|(id, units)| *units > sale.remaining(id)) {
            let why = "more than remains to be fulfilled";
            return Err(PortError::new(FailureClass::Rejected, why));
        }
        let fulfilment = Fulfilment {
            id: self.books(|books| books.next_id("fulfilment")),
            by: "program",
            external_id: Some(external_id.to_owned()),
            tracking,
            lines,
        };
        self.change(order, |sale| sale.fulfilments.push(fulfilment));
        self.wrote(format!("fulfilment {external_id} of {order}"))
    }

    /// The platform's call for a program: gives a fulfilment its tracking number.
    fn set_tracking(
        &self,
        order: &str,
        external_id: &str,
        tracking: Tracking,
    ) -> Result<(), PortError> {
        self.change(order, |sale| {
            let mut fulfilments = sale.fulfilments.iter_mut();
            let own = fulfilments.find(|one| one.external_id.as_deref() == Some(external_id));
            own.expect("read before").tracking = Some(tracking);
        });
        self.wrote(format!("tracking of {external_id} of {order}"))
    }

    /// Notes a write of a program. Its answer may get lost; the write stays.
    fn wrote(&self, what: String) -> Result<(), PortError> {
        self.books(|books| {
            books.written.push(what);
            if books.lost_answers > 0 {
                books.lost_answers -= 1;
                return Err(PortError::new(FailureClass::Ambiguous, "no answer"));
            }
            Ok(())
        })
    }

    fn order_of_record(&self, order: &SourceOrderId) -> Result<Sale, PortError> {
        self.books(|books| books.sales.get(order.as_str()).cloned())
            .ok_or_else(|| PortError::new(FailureClass::Rejected, "the platform has no such order"))
    }
}

fn tracking_of(parcel: &Parcel) -> Option<Tracking> {
    let number = parcel.tracking.as_ref()?.to_string();
    let company = parcel.carrier.clone();
    Some(Tracking { number, company })
}

/// What of a parcel remains to be fulfilled, by the platform's lines. A person may have fulfilled the rest by hand.
fn remaining_of(parcel: &Parcel, sale: &Sale) -> Vec<(String, u32)> {
    let line_of = |id: &str| sale.lines.iter().find(|line| line.first_id() == id);
    parcel
        .contents
        .iter()
        .filter_map(|content| {
            let line = line_of(content.line_id.as_ref()?.as_str())?;
            let units = content.quantity.min(sale.remaining(&line.id));
            (units > 0).then(|| (line.id.clone(), units))
        })
        .collect()
}

/// The fulfilment that shows a parcel: ours, or one that somebody made by hand with its tracking number.
fn showing<'a>(parcel: &Parcel, sale: &'a Sale) -> Option<&'a Fulfilment> {
    let ours = |one: &&Fulfilment| one.external_id.as_ref() == Some(&parcel.id);
    let number = parcel.tracking.as_ref().map(|number| number.as_str());
    let same_number = |one: &&Fulfilment| {
        let shown = one.tracking.as_ref();
        shown.is_some_and(|shown| Some(shown.number.as_str()) == number)
    };
    let mut fulfilments = sale.fulfilments.iter();
    fulfilments
        .clone()
        .find(ours)
        .or_else(|| fulfilments.find(same_number))
}

/// A parcel is visible once its units are fulfilled and its tracking number, if it has one, is shown with them.
fn visible(parcels: &[Parcel], sale: &Sale) -> Vec<String> {
    let seen = |parcel: &&Parcel| {
        showing(parcel, sale)
            .is_some_and(|shown| parcel.tracking.is_none() || shown.tracking.is_some())
    };
    parcels
        .iter()
        .filter(seen)
        .map(|parcel| parcel.id.clone())
        .collect()
}

#[async_trait]
impl DespatchSink for Shop {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let before = self.order_of_record(order)?;
        let mut outcome = RelayOutcome::default();
        for parcel in parcels {
            // Adding is not idempotent on the platform, so what is there is read before each write.
            let sale = self.order_of_record(order)?;
            let tracking = tracking_of(parcel);
            match (showing(parcel, &sale), tracking) {
                (Some(shown), Some(tracking)) if shown.tracking.is_none() => {
                    self.set_tracking(order.as_str(), &parcel.id, tracking)?;
                    outcome.written = true;
                }
                (Some(_), _) => {}
                (None, tracking) => {
                    let lines = remaining_of(parcel, &sale);
                    if lines.is_empty() {
                        let why = if sale.cancelled_at.is_some() {
                            "the order is cancelled"
                        } else {
                            "nothing that it holds remains to be fulfilled"
                        };
                        outcome.refused.push(format!("parcel {}: {why}", parcel.id));
                        continue;
                    }
                    self.create_fulfilment(order.as_str(), &parcel.id, tracking, lines)?;
                    outcome.written = true;
                }
            }
        }
        let after = self.order_of_record(order)?;
        outcome.visible = visible(parcels, &after);
        outcome.lost = before
            .fulfilments
            .iter()
            .filter(|known| after.fulfilments.iter().all(|one| one.id != known.id))
            .map(|known| known.id.clone())
            .collect();
        Ok(outcome)
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        Ok(visible(parcels, &self.order_of_record(order)?))
    }
}
