//! What the store remembers, as plain data: this is what its file holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, PersonalDetails, Recipient, ReportedSku,
    ReturnReceipt, SalesOrder, SkuHistory, SourceOrderId, SourceSku,
};
use order_sync::{
    Exception, ExceptionEntry, LineProgress, MerchantId, OrderRecord, ParcelRecord, ParcelTracking,
    ProfileVersion, PublishedLevel, SourceCopy, StockMark, StockRecord, TimelineEntry,
};
use serde::{Deserialize, Serialize};

/// Everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// Before this moment it knows nothing.
    pub(super) blind_before: DateTime<Utc>,
    /// Every key begins with the merchant.
    pub(super) merchants: BTreeMap<MerchantId, Books>,
}

/// Everything of one merchant.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Books {
    pub(super) orders: BTreeMap<SourceOrderId, Order>,
    /// Names, addresses and phones, apart from the facts: what is erased here stands nowhere else.
    pub(super) people: BTreeMap<SourceOrderId, People>,
    /// Every client reference there ever was, and whose.
    pub(super) references: BTreeMap<ClientOrderRef, SourceOrderId>,
    /// Ids that the shop gave orders later.
    pub(super) names: BTreeMap<SourceOrderId, SourceOrderId>,
    pub(super) unmatched: Vec<(Consignment, DateTime<Utc>)>,
    /// In the order of their numbers, which begin with 1.
    pub(super) exceptions: Vec<Exception>,
    pub(super) journal: Vec<ExceptionEntry>,
    pub(super) cursors: BTreeMap<String, String>,
    pub(super) flows: BTreeMap<String, FlowRight>,
    pub(super) stock: BTreeMap<ReportedSku, StockRecord>,
    /// What the newest snapshot counted up to.
    #[serde(default)]
    pub(super) stock_mark: Option<StockMark>,
    /// By location.
    pub(super) published: BTreeMap<String, BTreeMap<SourceSku, PublishedLevel>>,
    pub(super) sku_history: SkuHistory,
    pub(super) profiles: Vec<ProfileVersion>,
}

/// Everything of one order but its people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) record: OrderRecord,
    /// The shop's copy. Serde leaves out its personal part.
    pub(super) source: SalesOrder,
    /// The prepared payload. Serde leaves out its recipient.
    pub(super) intent: Option<FulfilmentOrder>,
    pub(super) lines: Vec<LineProgress>,
    pub(super) parcels: Vec<ParcelRecord>,
    pub(super) consignments: BTreeSet<String>,
    pub(super) returns: Vec<ReturnReceipt>,
    /// By parcel id.
    #[serde(default)]
    pub(super) tracking: BTreeMap<String, ParcelTracking>,
    pub(super) timeline: Vec<TimelineEntry>,
}

/// The personal part of one order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct People {
    pub(super) details: PersonalDetails,
    pub(super) recipient: Option<Recipient>,
}

/// Who may run a flow: the last fencing token that was given out, and until when it holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct FlowRight {
    pub(super) token: u64,
    pub(super) until: Option<DateTime<Utc>>,
}

impl State {
    /// The books of a merchant; empty ones at first.
    pub(super) fn books(&mut self, merchant: &MerchantId) -> &mut Books {
        self.merchants.entry(merchant.clone()).or_default()
    }
}

impl Books {
    /// An order by the id it was captured with, or by one that it got later.
    pub(super) fn order(&self, id: &SourceOrderId) -> Option<&Order> {
        self.orders
            .get(id)
            .or_else(|| self.orders.get(self.names.get(id)?))
    }

    /// The shop's copy with its people.
    pub(super) fn source(&self, id: &SourceOrderId) -> Option<SourceCopy> {
        let order = self.orders.get(id)?;
        let mut source = order.source.clone();
        if let Some(people) = self.people.get(id) {
            source.personal = people.details.clone();
        }
        Some(SourceCopy::new(source, order.record.source_version.clone()))
    }

    /// The prepared payload with its recipient.
    pub(super) fn intent(&self, id: &SourceOrderId) -> Option<FulfilmentOrder> {
        let mut intent = self.orders.get(id)?.intent.clone()?;
        if let Some(recipient) = self
            .people
            .get(id)
            .and_then(|people| people.recipient.clone())
        {
            intent.recipient = recipient;
        }
        Some(intent)
    }

    /// Keeps the shop's copy: the facts with the order, the people apart.
    pub(super) fn keep_source(&mut self, id: &SourceOrderId, mut source: SalesOrder) {
        let details = std::mem::take(&mut source.personal);
        self.people.entry(id.clone()).or_default().details = details;
        if let Some(order) = self.orders.get_mut(id) {
            order.source = source;
        }
    }

    /// Keeps the prepared payload in the same way.
    pub(super) fn keep_intent(&mut self, id: &SourceOrderId, mut intent: FulfilmentOrder) {
        let recipient = std::mem::replace(&mut intent.recipient, Recipient::erased());
        self.people.entry(id.clone()).or_default().recipient = Some(recipient);
        if let Some(order) = self.orders.get_mut(id) {
            order.intent = Some(intent);
        }
    }
}
