//! Where an order's row lies, and what a search may ask of it.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use order_sync::{ClaimKind, OrderRecord};

/// The columns of `orders` that follow from a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) shelf: NaiveDate,
    pub(crate) work: Option<&'static str>,
    pub(crate) change_due_at: Option<DateTime<Utc>>,
    pub(crate) has_request: bool,
}

/// Where orders lie that anybody may still have to do with: before the first month of the others.
pub(crate) const OPEN: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// The word under which orders are found that a kind of claim takes by their own due time.
pub(crate) const fn work(kind: ClaimKind) -> &'static str {
    match kind {
        ClaimKind::Send => "send",
        ClaimKind::Probe => "probe",
        ClaimKind::Relay => "relay",
        _ => "",
    }
}

/// The columns of a record.
pub(crate) fn columns(record: &OrderRecord) -> Columns {
    let by_their_own_time = [ClaimKind::Send, ClaimKind::Probe, ClaimKind::Relay];
    let kind = by_their_own_time
        .into_iter()
        .find(|kind| kind.states().contains(&record.state));
    let has_request = record
        .request_state()
        .is_some_and(|state| state.is_pending() || state.is_denied());
    let is_at_rest = record.state.is_settled() && !has_request;
    Columns {
        shelf: if is_at_rest {
            month_of(record.changed_at)
        } else {
            OPEN
        },
        work: kind.map(work),
        change_due_at: record
            .request_due_at()
            .filter(|_| ClaimKind::Change.states().contains(&record.state)),
        has_request,
    }
}

/// The month of a moment; one before 1970 counts as the first of those.
fn month_of(moment: DateTime<Utc>) -> NaiveDate {
    let day = moment.date_naive().max(DateTime::UNIX_EPOCH.date_naive());
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use order_mapping::{ClientOrderRef, SalesOrder};
    use order_sync::{ChangeRequest, MerchantId, OrderState, RequestKind, RequestState};

    use super::*;

    fn record(state: OrderState) -> OrderRecord {
        let order = SalesOrder::new("1");
        let merchant = MerchantId::new("northwind");
        let reference = ClientOrderRef::derive(b"key", "northwind", &order.id, 0, 0);
        let at = DateTime::from_timestamp(1_772_323_200, 0).unwrap();
        let mut record = OrderRecord::captured(merchant, reference, &order, None, at);
        record.state = state;
        record
    }

    #[test]
    fn every_state_is_found_by_the_claims_that_take_it() {
        for state in OrderState::ALL {
            let columns = columns(&record(state));
            for kind in [ClaimKind::Send, ClaimKind::Probe, ClaimKind::Relay] {
                let takes = kind.states().contains(&state);
                assert_eq!(columns.work == Some(work(kind)), takes, "{state}");
            }
        }
    }

    #[test]
    fn a_settled_order_rests_unless_somebody_wants_something_of_it() {
        for state in OrderState::ALL {
            let mut record = record(state);
            let month = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
            let rests = state.is_settled();
            assert_eq!(columns(&record).shelf, if rests { month } else { OPEN });
            let mut request = ChangeRequest::wanted("1", RequestKind::Cancel, record.changed_at);
            for (answer, open) in [
                (RequestState::Wanted, true),
                (RequestState::Refused, true),
                (RequestState::Accepted, !rests),
            ] {
                request.state = answer;
                record.request = Some(request.clone());
                let columns = columns(&record);
                assert_eq!(columns.shelf == OPEN, open, "{state} {answer:?}");
                let taken = ClaimKind::Change.states().contains(&state) && answer.is_pending();
                assert_eq!(columns.change_due_at.is_some(), taken, "{state} {answer:?}");
            }
        }
    }
}
