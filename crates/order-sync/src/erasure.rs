//! Erasing one person: which orders are theirs, what goes at once and what later.

use std::borrow::Cow;

use order_mapping::{
    FulfilmentOrder, Personal, PersonalDetails, Recipient, SalesOrder, SourceOrderId,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Commit, Dossier, Engine, Fence, OrderEvent, OrderQuery, OrderRecord, OrderState, StoreError,
    StoreErrorKind,
};

/// Orders that are looked through in one reading.
const PAGE: usize = 200;

/// How often a wish is tried on an order that others keep changing.
const TRIES: usize = 5;

/// By what a person's orders are known: any of it is enough. No `Debug` of it shows anything.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Person {
    /// The customer's id in the shop.
    pub customer_id: Option<Personal<String>>,
    /// An e-mail address of theirs; case and white space around it do not matter.
    pub email: Option<Personal<String>>,
}

impl Person {
    /// The customer of that id in the shop.
    #[must_use]
    pub fn customer(id: impl Into<String>) -> Self {
        Self {
            customer_id: Some(Personal::new(id.into())),
            email: None,
        }
    }

    /// Also, or only, by an e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(Personal::new(email.into()));
        self
    }

    fn is_in(&self, dossier: &Dossier) -> bool {
        let source = dossier.source.as_ref().map(|copy| &copy.order);
        let customer = source.and_then(|order| order.customer_id.as_ref());
        let same_customer = (self.customer_id.as_ref())
            .is_some_and(|id| !id.expose().is_empty() && customer == Some(id.expose()));
        let Some(email) = (self.email.as_ref()).map(|email| normal(email.expose())) else {
            return same_customer;
        };
        let addresses = source.into_iter().flat_map(|order| {
            let personal = &order.personal;
            [&personal.shipping, &personal.billing]
                .into_iter()
                .flatten()
        });
        let mut emails = addresses
            .filter_map(|address| address.email.as_ref())
            .map(|email| email.expose().as_str())
            .chain(
                (dossier.intent.as_ref())
                    .and_then(|intent| intent.recipient.email.as_ref())
                    .map(order_mapping::LabelEmail::expose),
            );
        same_customer || (!email.is_empty() && emails.any(|theirs| normal(theirs) == email))
    }
}

fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An order whose personal data is still needed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingErasure {
    /// Which order.
    pub order: SourceOrderId,
    /// Where it stands. It is erased by itself once it is at its end ([`OrderState::is_settled`]).
    pub state: OrderState,
}

/// What came of the wish to erase a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErasureReport {
    /// Orders that were looked through.
    pub examined: u64,
    /// Orders whose personal data went with this call.
    pub erased: Vec<SourceOrderId>,
    /// Orders that are not at their end: the wish is on record with each, and their personal data goes when they are.
    pub waiting: Vec<WaitingErasure>,
    /// Orders that others kept changing: call it again.
    pub contended: Vec<SourceOrderId>,
    /// Orders whose personal data does not open, so that they were known by their customer's id alone.
    pub unopened: Vec<SourceOrderId>,
    /// Whether all orders were looked through; `false`: it was stopped.
    pub complete: bool,
}

impl OrderRecord {
    /// Whether `self` is the record with which a store has to erase the personal data of the order, `before` being the one on record
    /// until now: both rows of personal data with their keys, [`OrderRecord::kept_source`] in place of the shop's copy, and
    /// [`crate::ExceptionEntry::blank_note`] for the journal of exceptions that are about it
    /// ([`crate::ExceptionSubject::is_about`]).
    #[must_use]
    pub const fn is_erased_since(&self, before: &Self) -> bool {
        self.erased_at.is_some() && before.erased_at.is_none()
    }

    /// What a store keeps of the shop's copy: all of it, or the facts alone where the personal data of the order was erased. The
    /// customer's id and the named values, which may hold anything, go as well; totals, lines and numbers stay.
    #[must_use]
    pub fn kept_source<'a>(&self, order: &'a SalesOrder) -> Cow<'a, SalesOrder> {
        if self.erased_at.is_none() {
            return Cow::Borrowed(order);
        }
        let mut facts = order.clone();
        facts.personal = PersonalDetails::default();
        facts.customer_id = None;
        facts.metadata.clear();
        Cow::Owned(facts)
    }

    /// What a store keeps of a prepared payload.
    #[must_use]
    pub fn kept_intent<'a>(&self, intent: &'a FulfilmentOrder) -> Cow<'a, FulfilmentOrder> {
        if self.erased_at.is_none() {
            return Cow::Borrowed(intent);
        }
        let mut facts = intent.clone();
        facts.recipient = Recipient::erased();
        Cow::Owned(facts)
    }
}

impl Engine {
    /// Erases a person: the personal data of every order of theirs that is at its end goes now, with its keys where the store seals;
    /// of the others the wish is put on record, and it goes as soon as they are at their end.
    ///
    /// Totals, lines, states, numbers, references and the timeline stay, and the timeline tells of it. What people wrote about
    /// exceptions of these orders is blanked. The shop is not asked and not changed: erase the person there too, and first. An order that
    /// was erased stays so: whatever the shop says of it later is kept without personal data. Orders placed later are new orders.
    ///
    /// All orders of the merchant are looked through, page by page, since a list of persons would itself be personal data; calling it
    /// again is harmless and finishes what was left.
    ///
    /// ```no_run
    /// # async fn example(engine: order_sync::Engine) -> Result<(), order_sync::StoreError> {
    /// use order_sync::{CancellationToken, Person};
    ///
    /// let person = Person::customer("7012").with_email("buyer@example.com");
    /// let report = engine.erase_person(&person, &CancellationToken::new()).await?;
    /// println!("{} erased, {} to follow", report.erased.len(), report.waiting.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoreError`]; orders that were done stay done.
    ///
    /// # Cancel safety
    /// Cancel through the token, or drop the future: what was done is done, and calling it again goes on.
    pub async fn erase_person(
        &self,
        person: &Person,
        stop: &CancellationToken,
    ) -> Result<ErasureReport, StoreError> {
        let parts = &*self.parts;
        let mut report = ErasureReport::default();
        let mut query = OrderQuery::new(&[], PAGE);
        query.with_source = true;
        query.with_intent = true;
        while !stop.is_cancelled() {
            let page = parts.store.scan(&parts.merchant, &query).await?;
            let Some(last) = page.last() else {
                report.complete = true;
                break;
            };
            query.after = Some(last.record.id.clone());
            for dossier in page {
                report.examined += 1;
                if dossier.unopened.is_some() {
                    report.unopened.push(dossier.record.id.clone());
                }
                if person.is_in(&dossier) {
                    self.erase(dossier.record, &mut report).await?;
                }
            }
        }
        Ok(report)
    }

    /// Erases the personal data of one order, as [`Engine::erase_person`] does for each of a person's: for orders whose buyer is known by
    /// neither. `None`: it is not on record.
    ///
    /// # Errors
    /// [`StoreError`]
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not; calling it again is harmless.
    pub async fn erase_order(
        &self,
        id: &SourceOrderId,
    ) -> Result<Option<ErasureReport>, StoreError> {
        let parts = &*self.parts;
        let Some(record) = parts.store.order(&parts.merchant, id).await? else {
            return Ok(None);
        };
        let mut report = ErasureReport {
            examined: 1,
            complete: true,
            ..ErasureReport::default()
        };
        self.erase(record, &mut report).await?;
        Ok(Some(report))
    }

    /// Puts the wish on record, or finds that it is there.
    async fn erase(
        &self,
        mut record: OrderRecord,
        report: &mut ErasureReport,
    ) -> Result<(), StoreError> {
        let parts = &*self.parts;
        for _ in 0..TRIES {
            if record.erased_at.is_some() {
                return Ok(());
            }
            if record.erasure_wanted_at.is_none() {
                let fence = Fence::Unclaimed(record.state, record.token);
                let note = "the erasure of its personal data was asked for";
                let now = parts.clock.now();
                let commit = Commit::new(&record, fence, OrderEvent::ErasureWanted, now, note);
                match parts.store.commit(commit).await? {
                    Ok(next) => record = next,
                    // Another worker took a step meanwhile.
                    Err(_) => {
                        record = self.read_again(&record.id).await?;
                        continue;
                    }
                }
            }
            if record.erased_at.is_some() {
                report.erased.push(record.id);
            } else {
                report.waiting.push(WaitingErasure {
                    order: record.id,
                    state: record.state,
                });
            }
            return Ok(());
        }
        report.contended.push(record.id);
        Ok(())
    }

    async fn read_again(&self, id: &SourceOrderId) -> Result<OrderRecord, StoreError> {
        let parts = &*self.parts;
        let record = parts.store.order(&parts.merchant, id).await?;
        record.ok_or_else(|| {
            StoreError::new(
                StoreErrorKind::Unreadable,
                "an order that was on record is not there any more; report this",
            )
        })
    }
}
