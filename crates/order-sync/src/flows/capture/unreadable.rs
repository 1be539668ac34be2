//! Orders of the shop that could not be read.

use std::collections::BTreeMap;

use order_mapping::SourceOrderId;

use crate::flows::FlowError;
use crate::ports::{FailureClass, PortError};
use crate::run::Run;
use crate::{ExceptionSubject, Finding, codes};

/// Their ids; they are read again in every run until they can be.
const UNREADABLE: &str = "orders.unreadable";

/// Orders of the shop that could not be read: kept by id, so that none is forgotten once its window has passed.
pub(super) struct Unreadable {
    stored: Option<String>,
    faults: BTreeMap<String, String>,
}

impl Unreadable {
    pub(super) async fn load(run: &Run<'_>) -> Result<Self, FlowError> {
        let stored = run
            .parts
            .store
            .cursor(&run.parts.merchant, UNREADABLE)
            .await?;
        let faults = stored
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        Ok(Self { stored, faults })
    }

    pub(super) fn ids(&self) -> Vec<SourceOrderId> {
        self.faults.keys().map(SourceOrderId::new).collect()
    }

    pub(super) fn readable(&mut self, id: &SourceOrderId) {
        self.faults.remove(id.as_str());
    }

    pub(super) fn fault(&mut self, id: &SourceOrderId, message: &str) {
        #[cfg(canary)]
        if crate::canary::planted("unreadable_forgotten") {
            return;
        }
        self.faults
            .insert(id.as_str().to_owned(), message.to_owned());
    }

    pub(super) async fn save(&mut self, run: &Run<'_>) -> Result<(), FlowError> {
        let parts = run.parts;
        let text = serde_json::to_string(&self.faults).unwrap_or_default();
        let unchanged = self
            .stored
            .as_deref()
            .map_or(self.faults.is_empty(), |stored| stored == text);
        if !unchanged {
            let from = self.stored.as_deref();
            let moved = parts
                .store
                .move_cursor(&parts.merchant, UNREADABLE, from, &text)
                .await?;
            if !moved {
                // Passed over, ours would be forgotten once the watermark has passed them.
                return Err(PortError::new(
                    FailureClass::Contended,
                    "another worker keeps the list of unreadable orders; read again in the next run",
                )
                .into());
            }
            self.stored = Some(text);
        }
        let findings = self
            .faults
            .iter()
            .map(|(id, message)| {
                Finding::new(
                    ExceptionSubject::order(&SourceOrderId::new(id.as_str())),
                    &codes::ORDER_UNREADABLE,
                    message,
                )
            })
            .collect();
        run.settle("capture", findings).await?;
        Ok(())
    }
}
