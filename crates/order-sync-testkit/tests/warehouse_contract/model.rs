//! A warehouse in memory, sound or with one defect.

mod world;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use order_mapping::{AmendField, ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt};
use order_sync::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, Lookup, PortError,
    ReturnsPage, StoredContents, Submission, Warehouse, WarehouseListing, WarehouseOrderRow,
};
use order_sync_testkit::warehouse_contract::Trouble;

/// What is wrong with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Defect {
    #[default]
    None,
    /// Sound: orders wait to be taken in, and requests to be decided.
    NoneButSlow,
    KeepsNothing,
    DoublesRepeats,
    AcceptsRepeats,
    OverwritesContents,
    CutsReferences,
    CallsARefusalADisturbance,
    QuotesTheReceiver,
    FindsEverything,
    ComparesNothing,
    CannotListWhatItSays,
    CancelsUnannounced,
    ForgetsWhatItTold,
    SkipsARowAtPageEnds,
    HasNewIdsEveryTime,
    TakesAForeignCursorForTheEnd,
    CountsShortsAsSent,
    PutsAllInOneParcel,
    ListsCancelledAsLive,
    CancelsInWordsOnly,
    CancelsWhatHasLeft,
    CancelsTheUnknown,
    AmendsInWordsOnly,
    ForgetsItsAnswers,
    ForgetsReturns,
    SaysAbsentWhenDown,
    CallsDownARefusal,
    CallsALostAnswerNeverSent,
    SendsAgainByItself,
    SaysNothingNewWhenDown,
    ListsNothingWhenDown,
    CallsALostCancellationRefused,
}

#[derive(Debug, Clone)]
struct Kept {
    reference: ClientOrderRef,
    order: FulfilmentOrder,
    left: bool,
    picking: bool,
    cancelled: bool,
    /// Units by article that left, once a cancellation has taken the rest away.
    rest: Option<BTreeMap<String, u32>>,
}

#[derive(Debug, Default)]
struct Books {
    waiting: Vec<(ClientOrderRef, FulfilmentOrder)>,
    kept: Vec<Kept>,
    despatches: Vec<Consignment>,
    returns: Vec<ReturnReceipt>,
    answers: BTreeMap<String, ChangeAnswer>,
    /// Requests that were asked and not decided; whether they may be decided now.
    decided: bool,
    readings: usize,
    trouble: Option<Trouble>,
}

/// Rows of a page.
const PAGE: usize = 2;

#[derive(Debug, Default)]
pub(crate) struct ModelWarehouse {
    defect: Defect,
    books: Mutex<Books>,
}

impl ModelWarehouse {
    pub(crate) fn with(defect: Defect) -> Self {
        Self {
            defect,
            books: Mutex::default(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    /// The reference as it is kept.
    fn key(&self, reference: &ClientOrderRef) -> ClientOrderRef {
        if self.has(Defect::CutsReferences) {
            return ClientOrderRef::from_wire("B");
        }
        reference.clone()
    }

    fn refusal(&self, order: &FulfilmentOrder) -> PortError {
        let class = if self.has(Defect::CallsARefusalADisturbance) {
            FailureClass::Unavailable
        } else {
            FailureClass::Rejected
        };
        let whom = if self.has(Defect::QuotesTheReceiver) {
            order.recipient.name.expose()
        } else {
            "the receiver"
        };
        PortError::new(class, format!("no such service for {whom}"))
    }

    /// What a call meets: an error in place of it, or one after it.
    fn meets(&self) -> (Result<(), PortError>, Result<(), PortError>) {
        let error = |class| Err(PortError::new(class, "no answer"));
        match self.books().trouble {
            None => (Ok(()), Ok(())),
            Some(Trouble::AnswersLost) => (Ok(()), error(FailureClass::Ambiguous)),
            Some(_) => (error(FailureClass::Unavailable), Ok(())),
        }
    }

    fn is_down(&self) -> bool {
        self.books().trouble == Some(Trouble::Down)
    }

    /// Decides about a request, or gives the answer it has given.
    fn answer(
        &self,
        books: &mut Books,
        id: String,
        decide: impl FnOnce(&mut Books) -> ChangeAnswer,
    ) -> ChangeAnswer {
        if let Some(known) = books.answers.get(&id) {
            let forgets = self.has(Defect::ForgetsItsAnswers);
            let other = ChangeAnswer::TooLate {
                reason: String::new(),
            };
            return if forgets { other } else { known.clone() };
        }
        if self.has(Defect::NoneButSlow) && !books.decided {
            return ChangeAnswer::Pending;
        }
        let answer = decide(books);
        books.answers.insert(id, answer.clone());
        answer
    }

    fn take(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        if order.service.as_str() == "NOSUCH" {
            return Err(self.refusal(order));
        }
        let mut books = self.books();
        let key = self.key(reference);
        let id = || Some(format!("W-{}", key.as_str()));
        if self.has(Defect::NoneButSlow) {
            let known = books.waiting.iter().any(|(one, _)| *one == key)
                || books.kept.iter().any(|one| one.reference == key);
            if known {
                return Ok(Submission::AlreadyThere);
            }
            books.waiting.push((key, order.clone()));
            return Ok(Submission::Queued);
        }
        if self.has(Defect::OverwritesContents)
            && let Some(known) = books.kept.iter_mut().find(|one| one.reference == key)
        {
            known.order = order.clone();
            return Ok(Submission::AlreadyThere);
        }
        let known = books.kept.iter().any(|one| one.reference == key);
        if known && self.has(Defect::AcceptsRepeats) {
            return Ok(Submission::Accepted {
                warehouse_id: Some("W-another".to_owned()),
                accepted_at: None,
            });
        }
        if known && !self.has(Defect::DoublesRepeats) {
            return Ok(Submission::AlreadyThere);
        }
        let warehouse_id = id();
        if !self.has(Defect::KeepsNothing) {
            books.keep(key, order.clone());
        }
        Ok(Submission::Accepted {
            warehouse_id,
            accepted_at: None,
        })
    }
}

fn units_of(order: &FulfilmentOrder) -> BTreeMap<String, u32> {
    let mut units = BTreeMap::new();
    for line in &order.lines {
        *units.entry(line.sku.as_str().to_owned()).or_default() += line.quantity.get();
    }
    units
}

fn contents_of(order: &FulfilmentOrder) -> StoredContents {
    let mut contents = StoredContents::default();
    contents.service = Some(order.service.as_str().to_owned());
    contents.purchase_order = Some(
        order
            .purchase_order
            .as_ref()
            .map_or("", |number| number.as_str())
            .to_owned(),
    );
    contents.lines = units_of(order)
        .into_iter()
        .map(|(sku, units)| (sku, i64::from(units)))
        .collect();
    contents
}

fn against_change(kept: &Kept) -> Option<ChangeAnswer> {
    let reason = String::new();
    if kept.left {
        return Some(ChangeAnswer::TooLate { reason });
    }
    kept.picking.then_some(ChangeAnswer::Refused { reason })
}

fn no_such_order() -> ChangeAnswer {
    ChangeAnswer::Refused {
        reason: "no such order".to_owned(),
    }
}

#[async_trait]
impl Warehouse for ModelWarehouse {
    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::new(true)
            .with_amend(&[
                AmendField::Quantity,
                AmendField::LineRemoved,
                AmendField::Service,
            ])
            .with_returns();
        if self.has(Defect::CancelsUnannounced) {
            return can;
        }
        can.with_cancel()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let (before, after) = self.meets();
        if self.is_down() && self.has(Defect::CallsDownARefusal) {
            return Err(PortError::new(FailureClass::Rejected, "down"));
        }
        before?;
        let answer = self.take(reference, order);
        if after.is_err() && self.has(Defect::CallsALostAnswerNeverSent) {
            return Err(PortError::new(FailureClass::NeverSent, "no answer"));
        }
        if after.is_err() && self.has(Defect::SendsAgainByItself) {
            self.books().keep(reference.clone(), order.clone());
        }
        after?;
        answer
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        if self.is_down() && self.has(Defect::SaysAbsentWhenDown) {
            return Ok(Lookup::Absent);
        }
        let (before, after) = self.meets();
        before.and(after)?;
        let books = self.books();
        let key = self.key(reference);
        if books.waiting.iter().any(|(one, _)| *one == key) {
            return Ok(Lookup::Waiting);
        }
        let kept = books.kept.iter().find(|one| one.reference == key);
        let differences = kept.map(|kept| contents_of(&kept.order).differences(order));
        if differences.is_none() && !self.has(Defect::FindsEverything) {
            return Ok(Lookup::Absent);
        }
        let compares = !self.has(Defect::ComparesNothing);
        Ok(Lookup::Found {
            warehouse_id: Some(format!("W-{}", key.as_str())),
            accepted_at: None,
            differences: differences.filter(|_| compares).unwrap_or_default(),
        })
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        if self.is_down() && self.has(Defect::SaysNothingNewWhenDown) {
            return Ok(DespatchPage::default());
        }
        let (before, after) = self.meets();
        before.and(after)?;
        let mut books = self.books();
        let end = books.despatches.len();
        let from = match cursor.map(str::parse::<usize>) {
            None => 0,
            Some(Ok(from)) => from,
            Some(Err(_)) if self.has(Defect::TakesAForeignCursorForTheEnd) => end,
            Some(Err(_)) => {
                return Err(PortError::new(
                    FailureClass::Unavailable,
                    "no cursor of this feed",
                ));
            }
        };
        books.readings += 1;
        let readings = books.readings;
        let mut page = DespatchPage::default();
        page.consignments = books
            .despatches
            .iter()
            .skip(from)
            .take(PAGE)
            .cloned()
            .collect();
        if self.has(Defect::HasNewIdsEveryTime) {
            for one in &mut page.consignments {
                one.id = format!("{}-{readings}", one.id);
            }
        }
        let mut next = (from + PAGE).min(end);
        page.more = next < end;
        if page.more && self.has(Defect::SkipsARowAtPageEnds) {
            next += 1;
        }
        page.cursor = Some(next.to_string());
        if self.has(Defect::ForgetsWhatItTold) {
            books.despatches.clear();
            page.cursor = Some("0".to_owned());
            page.more = false;
        }
        Ok(page)
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        if self.is_down() && self.has(Defect::ListsNothingWhenDown) {
            return Ok(WarehouseListing::default());
        }
        let (before, after) = self.meets();
        before.and(after)?;
        if self.has(Defect::CannotListWhatItSays) {
            return Err(PortError::new(FailureClass::Unsupported, "no list"));
        }
        let books = self.books();
        let from = page.map_or(0, |page| page.parse().unwrap());
        let mut listing = WarehouseListing::default();
        for kept in books.kept.iter().skip(from).take(PAGE) {
            let live = !kept.cancelled || self.has(Defect::ListsCancelledAsLive);
            let id = Some(format!("W-{}", kept.reference.as_str()));
            let mut row = WarehouseOrderRow::new(kept.reference.clone(), id, live);
            row.contents = Some(contents_of(&kept.order));
            listing.rows.push(row);
        }
        listing.next = (from + PAGE < books.kept.len()).then(|| (from + PAGE).to_string());
        Ok(listing)
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        _why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let (before, after) = self.meets();
        before?;
        let mut books = self.books();
        let key = self.key(reference);
        let id = format!("{} {request_id}", key.as_str());
        let answer = self.answer(&mut books, id, |books| {
            let left = books.units_left(&key);
            let Some(kept) = books.kept.iter_mut().find(|one| one.reference == key) else {
                let promises = self.has(Defect::CancelsTheUnknown);
                return if promises {
                    ChangeAnswer::Accepted
                } else {
                    no_such_order()
                };
            };
            if self.has(Defect::CancelsInWordsOnly) || self.has(Defect::CancelsWhatHasLeft) {
                return ChangeAnswer::Accepted;
            }
            let is_part = kept.left && left != units_of(&kept.order);
            if is_part {
                kept.rest = Some(left);
                return ChangeAnswer::Accepted;
            }
            against_change(kept).unwrap_or_else(|| {
                kept.cancelled = true;
                ChangeAnswer::Accepted
            })
        });
        if after.is_err() && self.has(Defect::CallsALostCancellationRefused) {
            return Err(PortError::new(FailureClass::Rejected, "no answer"));
        }
        after.map(|()| answer)
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let mut books = self.books();
        let key = self.key(reference);
        let id = format!("{} {}", key.as_str(), request.id);
        Ok(self.answer(&mut books, id, |books| {
            let Some(kept) = books.kept.iter_mut().find(|one| one.reference == key) else {
                return no_such_order();
            };
            against_change(kept).unwrap_or_else(|| {
                if !self.has(Defect::AmendsInWordsOnly) {
                    kept.order = request.wanted.clone();
                }
                ChangeAnswer::Accepted
            })
        }))
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let mut books = self.books();
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let mut page = ReturnsPage::default();
        page.receipts = books.returns.iter().skip(from).cloned().collect();
        page.cursor = Some(books.returns.len().to_string());
        if self.has(Defect::ForgetsReturns) {
            books.returns.clear();
            page.cursor = Some("0".to_owned());
        }
        Ok(page)
    }
}

impl Books {
    fn keep(&mut self, reference: ClientOrderRef, order: FulfilmentOrder) {
        self.kept.push(Kept {
            reference,
            order,
            left: false,
            picking: false,
            cancelled: false,
            rest: None,
        });
    }

    /// Units by article that have left of an order.
    fn units_left(&self, reference: &ClientOrderRef) -> BTreeMap<String, u32> {
        let mut units = BTreeMap::new();
        let of_it = self
            .despatches
            .iter()
            .filter(|one| one.reference == *reference);
        for content in of_it
            .flat_map(|one| &one.parcels)
            .flat_map(|parcel| &parcel.contents)
        {
            let sku = content.sku.clone().unwrap();
            *units.entry(sku).or_default() += content.quantity;
        }
        units
    }
}
