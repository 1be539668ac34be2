//! What is known about a failure code: one row of the failure catalogue.

use serde::{Deserialize, Serialize};

use crate::Severity;

/// One row of the failure catalogue: what a code means, who owns it, and what helps.
///
/// Rows are constants. This crate owns the rows of [`crate::Code`]; another crate can define rows of its own in the same form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeInfo {
    /// Stable identity in upper snake case, for example `SKU_COLLISION`. Never reused for something else.
    pub id: &'static str,
    /// The same identity as a number. Never reused for something else.
    pub number: u16,
    /// What is to blame.
    pub kind: Kind,
    /// Severity unless the rule says otherwise.
    pub default: Severity,
    /// The lowest severity that the code may have; configuration cannot go below it.
    pub floor: Severity,
    /// Where in the life of the data it is found.
    pub stage: Stage,
    /// Who can put it right.
    pub owner: Owner,
    /// A few words.
    pub title: &'static str,
    /// What happened and why it matters.
    pub explain: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// When trying again makes sense.
    pub retry: Retry,
    /// Whose data the field holds that the code is about; decides what a diagnostic may show of it.
    pub pii: Pii,
    /// Version that brought the code.
    pub since: &'static str,
}

/// What is to blame: answers whether data format, the interval of the sync or the warehouse is the cause, or whether it is
/// normal business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A value has the wrong form, is missing, or has no entry in a table.
    DataFormat,
    /// Two systems were read or written at different moments.
    SyncInterval,
    /// The warehouse or the way to it.
    Warehouse,
    /// Nothing is wrong; the business waits for an event or a person.
    Business,
}

/// The team that can put a fault right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Owner {
    /// Keeps the catalogue.
    Merchandising,
    /// Talks to the buyer.
    CustomerService,
    /// Decides on credit, invoices and PO numbers.
    Finance,
    /// Keeps shipping options and day-to-day settings.
    Operations,
    /// The people at the warehouse.
    WarehouseOperations,
    /// Keeps this integration running.
    Integration,
}

/// Where in the life of the data a fault is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// While the configuration is read, before any order.
    Config,
    /// While the SKU registry is built.
    Catalogue,
    /// While an order is mapped or on its way.
    Order,
    /// While stock is read or published.
    Stock,
}

/// When trying again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// Never by itself.
    Never,
    /// Once the record in the shop was corrected.
    AfterSourceFix,
    /// Once the configuration or a table was corrected.
    AfterConfigChange,
    /// Once an event happened: a decision, a payment, a moment in time.
    OnEvent,
}

/// Whose data a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pii {
    /// None at all: a rule, a count, a place.
    None,
    /// The business's: a code, an option, a country. Shown as text.
    Business,
    /// A person's: a name, an address, a number. Only its shape is shown.
    Personal,
}

impl CodeInfo {
    /// The row as a text for a terminal: what it means, what to do, who owns it.
    #[must_use]
    pub fn explanation(&self) -> String {
        let floor = if self.floor == self.default {
            "cannot be lowered".to_owned()
        } else {
            format!("the profile can lower it to {}", self.floor)
        };
        format!(
            "{id} ({number}): {title}\n\n{explain}\n\nWhat to do: {remedy}.\n\nOwner: {owner}. Severity: {severity}; {floor}. Found: {stage}. Kind: {kind}.\nTried again: \
             {retry}. Since version {since}.\n",
            id = self.id,
            number = self.number,
            title = self.title,
            explain = self.explain,
            remedy = self.remedy,
            owner = self.owner,
            severity = self.default,
            stage = self.stage,
            kind = self.kind,
            retry = self.retry,
            since = self.since,
        )
    }
}

macro_rules! display_as {
    ($name:ident { $($variant:ident => $text:literal),* $(,)? }) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self { $(Self::$variant => $text),* })
            }
        }
    };
}

display_as!(Kind {
    DataFormat => "data format",
    SyncInterval => "sync interval",
    Warehouse => "warehouse",
    Business => "business",
});
display_as!(Owner {
    Merchandising => "merchandising",
    CustomerService => "customer service",
    Finance => "finance",
    Operations => "operations",
    WarehouseOperations => "warehouse operations",
    Integration => "integration",
});
display_as!(Stage {
    Config => "configuration",
    Catalogue => "catalogue",
    Order => "order",
    Stock => "stock",
});
display_as!(Retry {
    Never => "never by itself",
    AfterSourceFix => "after a fix in the shop",
    AfterConfigChange => "after a change of configuration",
    OnEvent => "on an event",
});
display_as!(Pii {
    None => "none",
    Business => "business",
    Personal => "personal",
});
