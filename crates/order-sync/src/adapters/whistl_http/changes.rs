//! Requests to change or cancel an order, on the wire of the assumed contract.

use connector_http::{Personal, VendorError};
use order_mapping::{AmendField, ClientOrderRef, LineId};
use whistl_client::orders::{Amendment, ChangeOutcome, StoredOrder};

use super::new_order;
use crate::{AmendRequest, ChangeAnswer};

/// What the assumed contract has a member for in its amendments.
pub(super) const AMENDABLE: &[AmendField] = &[
    AmendField::Quantity,
    AmendField::LineRemoved,
    AmendField::Service,
    AmendField::PurchaseOrder,
    AmendField::RequestedDate,
    AmendField::Recipient,
];

/// What the warehouse decided, in the engine's terms. Its own words may quote the receiver, so they are not passed on.
pub(super) fn answer(outcome: &ChangeOutcome, codes: &[VendorError]) -> ChangeAnswer {
    let reason = || {
        let codes: Vec<&str> = codes.iter().filter_map(VendorError::code).collect();
        if codes.is_empty() {
            format!("the warehouse answers: {}", outcome.as_str())
        } else {
            format!("the warehouse refuses: {}", codes.join(", "))
        }
    };
    match outcome {
        ChangeOutcome::Accepted => ChangeAnswer::Accepted,
        ChangeOutcome::Refused => ChangeAnswer::Refused { reason: reason() },
        ChangeOutcome::TooLate => ChangeAnswer::TooLate { reason: reason() },
        // A word that nobody knows is no decision.
        _ => ChangeAnswer::Pending,
    }
}

/// The amendment on the wire: the changed members of the order as it is to be.
pub(super) fn amendment(
    reference: &ClientOrderRef,
    request: AmendRequest<'_>,
    version: u64,
) -> Amendment {
    let wanted = new_order(reference, request.wanted);
    let mut amendment = Amendment::new(request.id, version);
    for change in request.changes {
        match change.field {
            AmendField::Quantity | AmendField::LineRemoved => {
                let Some(id) = &change.line_id else { continue };
                let line = request.wanted.lines.iter().find(|line| line.line_id == *id);
                let units = line.map_or(0, |line| line.quantity.get());
                amendment = amendment.with_quantity(id.as_str(), units);
            }
            AmendField::Service => {
                amendment = amendment.with_service_code(request.wanted.service.as_str());
            }
            AmendField::PurchaseOrder => {
                amendment = amendment
                    .with_purchase_order(wanted.purchase_order.clone().unwrap_or_default());
            }
            AmendField::RequestedDate => amendment.requested_date = wanted.requested_date,
            AmendField::Recipient => {
                amendment = amendment.with_recipient(wanted.recipient.clone());
                amendment.instructions.clone_from(&wanted.instructions);
            }
            _ => {}
        }
    }
    amendment
}

/// Whether a stored order has every member that the request is about as it is to be.
pub(super) fn is_so_already(
    reference: &ClientOrderRef,
    request: AmendRequest<'_>,
    stored: &StoredOrder,
) -> bool {
    let wanted = new_order(reference, request.wanted);
    request.changes.iter().all(|change| match change.field {
        AmendField::Quantity | AmendField::LineRemoved => {
            let of = |id: &LineId| {
                let line = request.wanted.lines.iter().find(|line| line.line_id == *id);
                line.map_or(0, |line| i64::from(line.quantity))
            };
            let there = |id: &LineId| {
                let mut lines = stored.lines.iter();
                let line = lines.find(|line| line.line_id.as_deref() == Some(id.as_str()));
                line.map_or(0, |line| line.quantity.unwrap_or(0))
            };
            change
                .line_id
                .as_ref()
                .is_some_and(|id| of(id) == there(id))
        }
        AmendField::Service => stored.service_code.as_deref() == Some(wanted.service_code.as_str()),
        AmendField::PurchaseOrder => {
            stored.purchase_order.as_deref().unwrap_or_default()
                == wanted.purchase_order.as_deref().unwrap_or_default()
        }
        AmendField::RequestedDate => stored.requested_date == wanted.requested_date,
        AmendField::Recipient => stored.recipient.as_ref().is_some_and(|there| {
            let to = &wanted.recipient;
            let same = |there: &Option<Personal<String>>, wanted: Option<&Personal<String>>| {
                there.as_ref().map_or("", |text| text.expose().as_str())
                    == wanted.map_or("", |text| text.expose().as_str())
            };
            same(&there.name, Some(&to.name))
                && same(&there.company, to.company.as_ref())
                && same(&there.line1, Some(&to.line1))
                && same(&there.line2, to.line2.as_ref())
                && same(&there.city, Some(&to.city))
                && same(&there.postcode, Some(&to.postcode))
                && same(&there.phone, Some(&to.phone))
                && same(&stored.instructions, wanted.instructions.as_ref())
        }),
        _ => false,
    })
}
