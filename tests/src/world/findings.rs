//! What is on record, and what arrived.

use std::collections::BTreeMap;

use connector_sim::AcceptedOrder;
use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::{Exception, OrderEvent, OrderRecord, OrderState, ParcelTracking, TimelineEntry};

use super::World;
use crate::PurchaseDraft;

impl World {
    // ---- what is on record ----

    /// Orders by state.
    pub async fn counts(&self) -> BTreeMap<OrderState, u64> {
        let counts = self
            .engine()
            .store()
            .counts(self.engine().merchant(), &OrderState::ALL)
            .await
            .unwrap();
        counts
            .into_iter()
            .map(|(state, count)| (state, count.orders))
            .collect()
    }

    /// The record of an order, if there is one.
    pub async fn known(&self, draft: &PurchaseDraft) -> Option<OrderRecord> {
        let id = SourceOrderId::new(draft.id());
        self.engine()
            .store()
            .order(self.engine().merchant(), &id)
            .await
            .unwrap()
    }

    /// The record of an order.
    pub async fn record(&self, draft: &PurchaseDraft) -> OrderRecord {
        self.known(draft)
            .await
            .unwrap_or_else(|| panic!("{} is not on record", draft.number()))
    }

    /// Where an order stands.
    pub async fn state(&self, draft: &PurchaseDraft) -> OrderState {
        self.record(draft).await.state
    }

    /// The codes of an order's reasons.
    pub async fn codes(&self, draft: &PurchaseDraft) -> Vec<String> {
        self.record(draft)
            .await
            .reasons
            .into_iter()
            .map(|reason| reason.code)
            .collect()
    }

    /// Asserts that an order is held for these reasons and no others, and that nothing of it reached the warehouse.
    pub async fn assert_held(&self, draft: &PurchaseDraft, codes: &[&str]) {
        let record = self.record(draft).await;
        assert_eq!(
            record.state,
            OrderState::Held,
            "{}: {:?}",
            draft.number(),
            record.reasons
        );
        let mut found: Vec<&str> = record
            .reasons
            .iter()
            .filter(|reason| reason.severity.holds())
            .map(|reason| reason.code.as_str())
            .collect();
        found.dedup();
        assert_eq!(found, codes, "{}: {:?}", draft.number(), record.reasons);
        assert_eq!(
            self.at_warehouse(draft),
            [],
            "{} reached the warehouse",
            draft.number()
        );
    }

    /// Asserts that the warehouse has an order exactly once, and that its record says so; returns the warehouse's copy.
    pub async fn assert_accepted(&self, draft: &PurchaseDraft) -> AcceptedOrder {
        let record = self.record(draft).await;
        assert!(
            record.state.is_at_warehouse(),
            "{} is {}: {:?}",
            draft.number(),
            record.state,
            record.reasons
        );
        let mut orders = self.at_warehouse(draft);
        assert_eq!(
            orders.len(),
            1,
            "{} is at the warehouse {} times",
            draft.number(),
            orders.len()
        );
        let order = orders.remove(0);
        // Without an id the acceptance was proven by a despatch, which names the reference alone.
        let id = record.warehouse_id.as_deref();
        assert!(
            id.is_none_or(|id| id == order.order_id),
            "{} is on record as {id:?}",
            draft.number()
        );
        order
    }

    /// An order's timeline.
    pub async fn timeline(&self, draft: &PurchaseDraft) -> Vec<TimelineEntry> {
        let id = SourceOrderId::new(draft.id());
        let entries = self
            .engine()
            .store()
            .timeline(self.engine().merchant(), &id)
            .await
            .unwrap();
        assert_eq!(
            order_sync::first_broken_link(&entries),
            None,
            "the timeline's chain is broken"
        );
        entries
    }

    /// Where the carrier says an order's parcels are.
    pub async fn tracking(&self, draft: &PurchaseDraft) -> Vec<ParcelTracking> {
        let id = SourceOrderId::new(draft.id());
        let store = self.engine().store();
        store.tracking(self.engine().merchant(), &id).await.unwrap()
    }

    /// The events of an order's timeline.
    pub async fn events(&self, draft: &PurchaseDraft) -> Vec<OrderEvent> {
        self.timeline(draft)
            .await
            .into_iter()
            .map(|entry| entry.event)
            .collect()
    }

    /// Open exceptions of a code.
    pub async fn open_exceptions(&self, code: &str) -> Vec<Exception> {
        let all = self
            .engine()
            .store()
            .exceptions(self.engine().merchant(), true)
            .await
            .unwrap();
        all.into_iter()
            .filter(|exception| exception.finding.code == code)
            .collect()
    }

    // ---- what arrived ----

    /// The reference an order carries at the warehouse, whatever database the engine has.
    #[must_use]
    pub fn reference(&self, draft: &PurchaseDraft) -> ClientOrderRef {
        ClientOrderRef::derive(
            Self::REFERENCE_KEY.as_bytes(),
            Self::MERCHANT,
            &SourceOrderId::new(draft.id()),
            0,
            0,
        )
    }

    /// The orders at the warehouse with an order's reference.
    #[must_use]
    pub fn at_warehouse(&self, draft: &PurchaseDraft) -> Vec<AcceptedOrder> {
        let reference = self.reference(draft);
        self.warehouse
            .orders()
            .into_iter()
            .filter(|order| order.reference == reference.as_str())
            .collect()
    }

    /// Tracking numbers that the shop shows for an order.
    #[must_use]
    pub fn tracking_in_shop(&self, draft: &PurchaseDraft) -> Vec<String> {
        let purchase = self
            .shop
            .purchase(&draft.id())
            .expect("the purchase is in the shop");
        let packages = purchase["packages"].as_array().cloned().unwrap_or_default();
        packages
            .iter()
            .filter_map(|package| package["shipments"].as_array())
            .flatten()
            .filter_map(|shipment| shipment["tracking_number"].as_str())
            .map(str::to_owned)
            .collect()
    }
}
