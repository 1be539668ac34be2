//! Header names of the files that come back, as data: none of their layouts is published.

use serde::{Deserialize, Serialize};

/// Header names of a stock file (assumed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StockColumns {
    /// The warehouse's SKU. Default `Part`.
    pub sku: String,
    /// The quantity. Default `Qty`.
    pub quantity: String,
    /// When the quantity was true. Default none; a column that is named must be in the file.
    pub as_of: Option<String>,
}

impl Default for StockColumns {
    fn default() -> Self {
        Self {
            sku: "Part".to_owned(),
            quantity: "Qty".to_owned(),
            as_of: None,
        }
    }
}

impl StockColumns {
    pub(super) fn names(&self) -> Vec<&str> {
        let always = [self.sku.as_str(), &self.quantity];
        always.into_iter().chain(self.as_of.as_deref()).collect()
    }
}

/// Header names of a despatch file (assumed). Reference, SKU and quantity must be in a file; the others may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DespatchColumns {
    /// The client's order reference. Default `Ref_No`.
    pub reference: String,
    /// The warehouse's SKU. Default `Part`.
    pub sku: String,
    /// The despatched quantity. Default `Qty`.
    pub quantity: String,
    /// The carrier code. Default `Carrier`.
    pub carrier: String,
    /// The delivery-method code. Default `DelMethod`.
    pub delivery_method: String,
    /// The tracking number. Default `Tracking`.
    pub tracking: String,
    /// The date of despatch. Default `DespatchDate`.
    pub despatch_date: String,
}

impl Default for DespatchColumns {
    fn default() -> Self {
        Self {
            reference: "Ref_No".to_owned(),
            sku: "Part".to_owned(),
            quantity: "Qty".to_owned(),
            carrier: "Carrier".to_owned(),
            delivery_method: "DelMethod".to_owned(),
            tracking: "Tracking".to_owned(),
            despatch_date: "DespatchDate".to_owned(),
        }
    }
}

impl DespatchColumns {
    pub(super) fn names(&self) -> Vec<&str> {
        vec![
            &self.reference,
            &self.sku,
            &self.quantity,
            &self.carrier,
            &self.delivery_method,
            &self.tracking,
            &self.despatch_date,
        ]
    }
}

/// Header names of an acknowledgement file (assumed). The reference must be in a file; the others may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AcknowledgementColumns {
    /// The client's order reference. Default `Ref_No`.
    pub reference: String,
    /// The warehouse's own number of the order. Default `OrderNumber`.
    pub order_number: String,
    /// What became of the order, in the warehouse's words. Default `Status`.
    pub status: String,
    /// Why, if it says. Default `Message`.
    pub message: String,
    /// When. Default `Date`.
    pub date: String,
}

impl Default for AcknowledgementColumns {
    fn default() -> Self {
        Self {
            reference: "Ref_No".to_owned(),
            order_number: "OrderNumber".to_owned(),
            status: "Status".to_owned(),
            message: "Message".to_owned(),
            date: "Date".to_owned(),
        }
    }
}

impl AcknowledgementColumns {
    pub(super) fn names(&self) -> Vec<&str> {
        vec![
            &self.reference,
            &self.order_number,
            &self.status,
            &self.message,
            &self.date,
        ]
    }
}

/// Header names of a refund file (assumed). Reference, SKU and quantity must be in a file; the others may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RefundColumns {
    /// The client's order reference. Default `Ref_No`.
    pub reference: String,
    /// The warehouse's SKU. Default `Part`.
    pub sku: String,
    /// The quantity that came back. Default `Qty`.
    pub quantity: String,
    /// What is to be paid back, gross. Default `Amount`.
    pub amount: String,
    /// Why, in the warehouse's words. Default `Reason`.
    pub reason: String,
    /// When. Default `Date`.
    pub date: String,
}

impl Default for RefundColumns {
    fn default() -> Self {
        Self {
            reference: "Ref_No".to_owned(),
            sku: "Part".to_owned(),
            quantity: "Qty".to_owned(),
            amount: "Amount".to_owned(),
            reason: "Reason".to_owned(),
            date: "Date".to_owned(),
        }
    }
}

impl RefundColumns {
    pub(super) fn names(&self) -> Vec<&str> {
        vec![
            &self.reference,
            &self.sku,
            &self.quantity,
            &self.amount,
            &self.reason,
            &self.date,
        ]
    }
}
