//! What people do: exceptions in the order of their consequences, orders replayed or sent once more.

use order_mapping::{ClientOrderRef, SourceOrderId};

use crate::ports::{Lookup, PortError};
use crate::{
    Commit, DeskCommand, DeskRefusal, Engine, Exception, ExceptionEntry, Fence, OrderEvent,
    OrderRecord, OrderState, Refusal, StoreError, rank,
};

/// Why an order was not replayed. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No order of that id is on record.
    #[error("no order of that id is on record")]
    Unknown,
    /// It is in a state from which nothing is sent again, or under way right now.
    #[error("the order cannot be replayed: {0}")]
    Refused(#[from] Refusal),
    /// The store could not do it.
    #[error("the order could not be replayed")]
    Store(#[from] StoreError),
}

/// Why an order was not sent once more. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResendError {
    /// No order of that id is on record.
    #[error("no order of that id is on record")]
    Unknown,
    /// The warehouse has it under the reference it was sent with: sent once more it would be there twice.
    #[error("the warehouse has the order as {0}: cancel it there first")]
    StillThere(ClientOrderRef),
    /// It lies where it was handed over.
    #[error("the order lies at the warehouse's door and was not picked up yet")]
    Waiting,
    /// It is in a state in which nothing is sent again, or under way right now.
    #[error("the order cannot be sent once more: {0}")]
    Refused(#[from] Refusal),
    /// The warehouse could not be asked whether it has the order.
    #[error("the warehouse could not be asked whether it has the order")]
    Warehouse(#[from] PortError),
    /// The store could not do it.
    #[error("the order could not be sent once more")]
    Store(#[from] StoreError),
}

/// Why nothing was done about an exception.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// It was refused, for a reason that the person can do something about.
    #[error(transparent)]
    Refused(#[from] DeskRefusal),
    /// The store could not do it.
    #[error("the exception could not be changed")]
    Store(#[from] StoreError),
}

impl Engine {
    /// Exceptions that are open, the worst first: by severity, the customers' groups ([`crate::Settings::priority_groups`]), the
    /// promised date, the value and the number of orders.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        let parts = &*self.parts;
        let mut open = parts.store.exceptions(&parts.merchant, true).await?;
        open.retain(Exception::is_open);
        rank(&mut open, &parts.settings.priority_groups);
        Ok(open)
    }

    /// Does something about an exception: assign, note, snooze, close with a reason. Goes into its journal.
    ///
    /// # Errors
    /// [`DeskError`]
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not; the journal tells.
    pub async fn act_on_exception(&self, command: DeskCommand) -> Result<Exception, DeskError> {
        let parts = &*self.parts;
        let now = parts.clock.now();
        let acted = parts
            .store
            .act_on_exception(&parts.merchant, command, now)
            .await?;
        Ok(acted?)
    }

    /// All that happened to an exception, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn exception_history(&self, number: u64) -> Result<Vec<ExceptionEntry>, StoreError> {
        let parts = &*self.parts;
        parts.store.exception_history(&parts.merchant, number).await
    }

    /// Sends an order that is parked, held, ignored or cancelled through the rules again, by the next run of the orders flow. `why`
    /// goes into its timeline. An order that may be at the warehouse is asked for before it is sent, so replaying is harmless.
    ///
    /// On the file route an order that the importer refused is refused again as long as its error file lies there: move that aside
    /// first.
    ///
    /// # Errors
    /// [`ReplayError`]
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not; calling it again is harmless.
    pub async fn replay(&self, id: &SourceOrderId, why: &str) -> Result<OrderRecord, ReplayError> {
        let parts = &*self.parts;
        let record = parts
            .store
            .order(&parts.merchant, id)
            .await?
            .ok_or(ReplayError::Unknown)?;
        let now = parts.clock.now();
        let fence = Fence::Unclaimed(record.state, record.token);
        let commit = Commit::new(&record, fence, OrderEvent::Replayed, now, why).due(now);
        Ok(parts.store.commit(commit).await??)
    }

    /// Has an order sent once more under a new reference, by the next run of the orders flow: a new generation of it. For an order
    /// that the warehouse has lost, cancelled or refused for good; the one before must not be there any more, and is asked for here.
    /// `why` goes into its timeline. The reference before stays the order's for ever.
    ///
    /// # Errors
    /// [`ResendError`]
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not; look at the order's generation.
    pub async fn resend(&self, id: &SourceOrderId, why: &str) -> Result<OrderRecord, ResendError> {
        let parts = &*self.parts;
        let record = parts
            .store
            .order(&parts.merchant, id)
            .await?
            .ok_or(ResendError::Unknown)?;
        let intent = parts.store.intent(&parts.merchant, id).await?;
        // A cancelled one may be listed for ever; it was the warehouse that said so.
        if record.state != OrderState::Withdrawn
            && let Some(intent) = &intent
        {
            match parts.warehouse.lookup(&record.reference, intent).await? {
                Lookup::Absent | Lookup::Refused { .. } => {}
                Lookup::Waiting => return Err(ResendError::Waiting),
                Lookup::Found { .. } => return Err(ResendError::StillThere(record.reference)),
            }
        }
        let now = parts.clock.now();
        let fence = Fence::Unclaimed(record.state, record.token);
        let mut commit = Commit::new(&record, fence, OrderEvent::Resent, now, why).due(now);
        commit.new_reference =
            Some(parts.reference_of(&record.id, record.generation.saturating_add(1)));
        Ok(parts.store.commit(commit).await??)
    }
}
