//! What would another profile change? The stored orders of some days judged by it, without sending anything.

use std::collections::BTreeMap;
use std::time::Duration;

use order_mapping::{
    FieldChange, FulfilmentOrder, Mapper, Mapping, Profile, SkuRegistry, differences,
};
use serde::{Deserialize, Serialize};

use crate::ports::PortError;
use crate::reason::holding_codes_of;
use crate::settings::to_chrono;
use crate::{Engine, OrderQuery, OrderState, StoreError};

const PAGE: usize = 200;

/// What the rules say of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ruling")]
#[non_exhaustive]
pub enum Ruling {
    /// It goes to the warehouse.
    Goes {
        /// By this service code.
        service: String,
    },
    /// It waits.
    Waits {
        /// For these reasons, by code.
        codes: Vec<String>,
    },
    /// A rule leaves it out.
    LeftOut {
        /// The rule.
        rule: String,
    },
}

impl std::fmt::Display for Ruling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Goes { service } => write!(f, "goes by {service}"),
            Self::Waits { codes } => write!(f, "waits for {}", codes.join(", ")),
            Self::LeftOut { rule } => write!(f, "left out by {rule}"),
        }
    }
}

/// An order that another profile would treat otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShadowRow {
    /// The number the buyer sees, or the shop's id.
    pub order: String,
    /// Where it stands today.
    pub state: OrderState,
    /// What the profile in use says.
    pub now: Ruling,
    /// What the other one says.
    pub then: Ruling,
    /// What would be different of what the warehouse is sent, where both send it.
    pub changes: Vec<FieldChange>,
}

/// What a shadow run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShadowReport {
    /// Content hash of the profile in use.
    pub profile: String,
    /// Content hash of the other one.
    pub candidate: String,
    /// Orders that both judged.
    pub judged: u64,
    /// Orders whose personal data was erased, so that nobody can judge them any more.
    pub erased: u64,
    /// Orders that would be treated otherwise, by what changes: `held`, `released`, `left_out`, or the field.
    pub counts: BTreeMap<String, u64>,
    /// The first of them.
    pub rows: Vec<ShadowRow>,
    /// How many more there are.
    pub more: u64,
}

/// A shadow run that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShadowError {
    /// The catalogue, or the facts about an order's release, could not be read.
    #[error("the catalogue or the facts about an order could not be read: {0}")]
    Port(#[from] PortError),
    /// The store could not be read.
    #[error("the store could not be read")]
    Store(#[from] StoreError),
}

impl Engine {
    /// Judges every order that was captured in the last `back` by the profile in use and by another one, and says which would change
    /// and how. Sends nothing and writes nothing.
    ///
    /// Both judge each order as it is on record now and at the present moment, so what differs is the profiles' doing alone. Up to
    /// `rows` orders are listed, all are counted.
    ///
    /// # Errors
    /// [`ShadowError`]
    ///
    /// # Cancel safety
    /// Safe: it changes nothing.
    pub async fn shadow_run(
        &self,
        candidate: Profile,
        back: Duration,
        rows: usize,
    ) -> Result<ShadowReport, ShadowError> {
        let parts = &*self.parts;
        let now = parts.clock.now();
        let items = parts.catalogue.catalogue().await?;
        let history = parts.store.sku_history(&parts.merchant).await?;
        let profile = parts.mapper.profile();
        let (registry, _) = profile.registry(&history, &items, &parts.overrides);
        let (other_registry, _) = candidate.registry(&history, &items, &parts.overrides);
        let mut report = ShadowReport {
            profile: profile.content_hash(),
            candidate: candidate.content_hash(),
            ..ShadowReport::default()
        };
        let candidate = Mapper::new(candidate);
        let mut query = OrderQuery::new(&[], PAGE);
        query.captured_since = Some(now - to_chrono(back));
        query.with_source = true;
        loop {
            let page = parts.store.scan(&parts.merchant, &query).await?;
            let Some(last) = page.last() else { break };
            query.after = Some(last.record.id.clone());
            for dossier in page {
                let Some(copy) = dossier.source else { continue };
                if copy.order.personal == order_mapping::PersonalDetails::default() {
                    report.erased += 1;
                    continue;
                }
                let facts = parts.facts_about(&copy.order).await?;
                report.judged += 1;
                let judge = |mapper: &Mapper, registry: &SkuRegistry| {
                    ruling(mapper.map(&copy.order, &facts, registry))
                };
                let (is, goes) = judge(&parts.mapper, &registry);
                let (then, would_go) = judge(&candidate, &other_registry);
                let changes = match (&goes, &would_go) {
                    (Some(goes), Some(would_go)) => differences(goes, would_go),
                    _ => Vec::new(),
                };
                if is == then && changes.is_empty() {
                    continue;
                }
                report.note(&is, &then, &changes);
                if report.rows.len() < rows {
                    report.rows.push(ShadowRow {
                        order: dossier.record.label(),
                        state: dossier.record.state,
                        now: is,
                        then,
                        changes,
                    });
                } else {
                    report.more += 1;
                }
            }
        }
        Ok(report)
    }
}

fn ruling(mapping: Mapping) -> (Ruling, Option<Box<FulfilmentOrder>>) {
    match mapping {
        Mapping::Ready { order, .. } => {
            let service = order.service.to_string();
            (Ruling::Goes { service }, Some(order))
        }
        Mapping::Ignored { rule } => (Ruling::LeftOut { rule }, None),
        Mapping::Held { diagnostics } => {
            let codes = holding_codes_of(&diagnostics)
                .into_iter()
                .map(str::to_owned)
                .collect();
            (Ruling::Waits { codes }, None)
        }
        _ => (Ruling::Waits { codes: Vec::new() }, None),
    }
}

impl ShadowReport {
    fn note(&mut self, now: &Ruling, then: &Ruling, changes: &[FieldChange]) {
        let mut whats: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
        match (now, then) {
            (Ruling::Goes { .. }, Ruling::Goes { .. }) => {}
            (_, Ruling::Goes { .. }) => whats.push("released"),
            (Ruling::Waits { .. }, Ruling::Waits { .. }) => whats.push("other_reasons"),
            (_, Ruling::Waits { .. }) => whats.push("held"),
            (_, Ruling::LeftOut { .. }) => whats.push("left_out"),
        }
        whats.sort_unstable();
        whats.dedup();
        for what in whats {
            *self.counts.entry(what.to_owned()).or_default() += 1;
        }
    }
}
