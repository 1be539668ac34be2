//! A credit system beside the platform: decisions by order, and the standing of accounts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use order_mapping::{CreditDecision, ReleaseFacts, SalesOrder};
use order_sync::{PortError, ReleaseFactsSource};

use crate::shop::Shop;

#[derive(Debug)]
pub(crate) struct CreditDesk {
    shop: Arc<Shop>,
    decisions: Mutex<BTreeMap<String, CreditDecision>>,
    standing: Mutex<BTreeMap<String, String>>,
}

impl CreditDesk {
    pub(crate) fn new(shop: Arc<Shop>) -> Self {
        Self {
            shop,
            decisions: Mutex::default(),
            standing: Mutex::default(),
        }
    }

    pub(crate) fn decide(&self, order: &str, decision: CreditDecision) {
        let mut decisions = self.decisions.lock().unwrap();
        decisions.insert(order.to_owned(), decision);
    }

    pub(crate) fn set_standing(&self, customer: &str, standing: &str) {
        let mut known = self.standing.lock().unwrap();
        known.insert(customer.to_owned(), standing.to_owned());
    }
}

#[async_trait]
impl ReleaseFactsSource for CreditDesk {
    async fn facts(&self, order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        let decisions = self.decisions.lock().unwrap();
        // Decided on the draft is decided on the order that it became.
        let draft = self.shop.sale(order.id.as_str()).from_draft;
        let of_draft = draft.and_then(|draft| decisions.get(&draft));
        let decision = decisions.get(order.id.as_str()).or(of_draft);
        let customer = order.customer_id.as_deref().unwrap_or_default();
        Ok(ReleaseFacts {
            status: self.standing.lock().unwrap().get(customer).cloned(),
            credit: decision.copied(),
            ..ReleaseFacts::default()
        })
    }
}
