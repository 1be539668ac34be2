//! What came back to the warehouse.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ClientOrderRef, LineId};

/// Units of one article that came back.
///
/// What the sender wrote about it stays with the client that read it: free text about a return is personal data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReturnedLine {
    /// The line of the order, where the warehouse names it.
    pub line_id: Option<LineId>,
    /// The article, by the warehouse's code, where the warehouse names it.
    pub sku: Option<String>,
    /// Units.
    pub quantity: u32,
    /// In what condition, in the warehouse's word, for example `damaged`.
    pub condition: Option<String>,
    /// Units that went back on the shelf. The stock feed has them too: never add them to it.
    pub restocked: Option<u32>,
}

impl ReturnedLine {
    /// Units of a line.
    #[must_use]
    pub const fn new(line_id: Option<LineId>, sku: Option<String>, quantity: u32) -> Self {
        Self {
            line_id,
            sku,
            quantity,
            condition: None,
            restocked: None,
        }
    }
}

/// Goods that came back together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReturnReceipt {
    /// Identity of the return at the warehouse.
    pub id: String,
    /// The order's client reference, where the warehouse knows it.
    pub reference: Option<ClientOrderRef>,
    /// When it came.
    pub received_at: Option<DateTime<Utc>>,
    /// The number under which it was announced.
    pub authorisation: Option<String>,
    /// What came.
    pub lines: Vec<ReturnedLine>,
}

impl ReturnReceipt {
    /// An empty receipt.
    pub fn new(id: impl Into<String>, reference: Option<ClientOrderRef>) -> Self {
        Self {
            id: id.into(),
            reference,
            received_at: None,
            authorisation: None,
            lines: Vec::new(),
        }
    }

    /// Units in all.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }
}
