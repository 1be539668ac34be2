//! Plays a sequence on a store and on the model, and compares them after every step and at the end.

use std::collections::BTreeMap;
use std::fmt::Debug;

use chrono::{DateTime, Duration, Utc};
use order_mapping::{ClientOrderRef, SourceSku, StockRow};
use order_sync::{
    CaptureOutcome, Commit, DeskAction, DeskCommand, DeskRefusal, ExceptionEvent, ExceptionSubject,
    FeedKind, Fence, Finding, FlowLease, MerchantId, NewOrder, OrderEvent, OrderQuery, OrderRecord,
    OrderState, PublishedLevel, SourceCopy, StockFeed, Store, StoreError, codes, first_broken_link,
};

use super::super::fixtures::{payload, sales_order, start};
use super::model::Books;
use super::step::{
    Action, Believed, Change, Fencing, Place, Step, article, id, location, merchant, scope,
};

/// The first difference between store and model, in words.
pub(super) type Played = Result<(), String>;

/// Has everything that ever was erased, whatever the limit.
const ALL: usize = 1_000;

/// How a remark of a person begins.
const REMARK: &str = "remark";

pub(super) struct Play<'a> {
    store: &'a dyn Store,
    model: BTreeMap<MerchantId, Books>,
    /// Every lease on a flow that was ever given.
    leases: Vec<FlowLease>,
    now: DateTime<Utc>,
}

fn seconds(count: u8) -> Duration {
    Duration::seconds(i64::from(count))
}

fn same<T: PartialEq + Debug>(what: &str, store: &T, model: &T) -> Played {
    if store == model {
        return Ok(());
    }
    Err(format!(
        "{what}:\n  the store says {store:?}\n  the model says {model:?}"
    ))
}

fn said<T>(what: &str, answer: Result<T, StoreError>) -> Result<T, String> {
    answer.map_err(|error| format!("{what}: {error}"))
}

/// An order as it is captured; with `clash` under the reference of another one.
fn record_of(merchant: &MerchantId, place: Place, clash: bool, now: DateTime<Utc>) -> NewOrder {
    let own = id(place);
    let mut order = sales_order(own.as_str());
    order.number = Some(format!("#{own}").as_str().into());
    let owner = if clash {
        id(place.wrapping_add(3))
    } else {
        own
    };
    let reference = ClientOrderRef::derive(b"key", merchant.as_str(), &owner, 0, 0);
    let version = Some("0".to_owned());
    let record = OrderRecord::captured(merchant.clone(), reference, &order, version.clone(), now);
    NewOrder::new(record, SourceCopy::new(order, version))
}

impl<'a> Play<'a> {
    pub(super) fn on(store: &'a dyn Store) -> Self {
        Self {
            store,
            model: BTreeMap::new(),
            leases: Vec::new(),
            now: start(),
        }
    }

    /// Plays all steps and looks at everything afterwards.
    pub(super) async fn all(mut self, steps: &[Step]) -> Played {
        for (number, step) in (1..).zip(steps) {
            self.now += seconds(step.after);
            let played = self.step(step).await;
            played.map_err(|difference| format!("after step {number}, {difference}"))?;
        }
        for place in 0..2 {
            let looked = self.look_at(&merchant(place)).await;
            looked.map_err(|difference| format!("in the end, {difference}"))?;
        }
        let born = said("blind_before", self.store.blind_before().await)?;
        same("the birth of the store", &born, &start())
    }

    fn books(&mut self, merchant: &MerchantId) -> &mut Books {
        self.model.entry(merchant.clone()).or_default()
    }

    async fn step(&mut self, step: &Step) -> Played {
        let merchant = merchant(step.merchant);
        let now = self.now;
        match &step.action {
            Action::Capture { orders, clash } => {
                let batch: Vec<NewOrder> = orders
                    .iter()
                    .map(|place| record_of(&merchant, *place, *clash, now))
                    .collect();
                let books = self.books(&merchant);
                let model: Result<Vec<CaptureOutcome>, _> =
                    batch.iter().map(|new| books.capture(new)).collect();
                let model =
                    model.map_err(|refusal| format!("the model cannot capture: {refusal}"))?;
                let store = said("capture", self.store.capture(batch).await)?;
                same("capture", &store, &model)
            }
            Action::Commit { changes } => self.commit(&merchant, changes).await,
            Action::Claim { kind, limit, lease } => {
                let books = self.books(&merchant);
                let mut model = Vec::new();
                for id in books.due(*kind, now).into_iter().take(*limit) {
                    let claim = books.claim(&id, *kind, seconds(*lease), now);
                    model.push(
                        claim.map_err(|refusal| format!("the model cannot claim: {refusal}"))?,
                    );
                }
                let answer = self
                    .store
                    .claim(&merchant, *kind, *limit, seconds(*lease), now)
                    .await;
                let store: Vec<_> = said("claim", answer)?
                    .into_iter()
                    .map(|claim| (claim.record, claim.intent))
                    .collect();
                same("claim", &store, &model)
            }
            Action::ClaimOne { kind, order, lease } => {
                let id = id(*order);
                let books = self.books(&merchant);
                let model = if books.due(*kind, now).contains(&id) {
                    let claim = books.claim(&id, *kind, seconds(*lease), now);
                    Some(claim.map_err(|refusal| format!("the model cannot claim: {refusal}"))?)
                } else {
                    None
                };
                let answer = self
                    .store
                    .claim_order(&merchant, *kind, &id, seconds(*lease), now)
                    .await;
                let store = said("claim_order", answer)?.map(|claim| (claim.record, claim.intent));
                same("claim_order", &store, &model)
            }
            Action::Expire { settle } => {
                let model = self.books(&merchant).expire(seconds(*settle), now);
                let model =
                    model.map_err(|refusal| format!("the model cannot expire: {refusal}"))?;
                let store = self
                    .store
                    .expire_leases(&merchant, seconds(*settle), now)
                    .await;
                same("expire_leases", &said("expire_leases", store)?, &model)
            }
            Action::NoteVersion { order, version } => {
                let (id, version) = (id(*order), Some(version.to_string()));
                if let Some(kept) = self.books(&merchant).orders.get_mut(&id) {
                    kept.record.source_version.clone_from(&version);
                }
                let noted = self
                    .store
                    .note_versions(&merchant, vec![(id, version)])
                    .await;
                said("note_versions", noted)
            }
            Action::Settle {
                scope: place,
                found,
            } => self.settle(&merchant, scope(*place), found).await,
            Action::MoveCursor { name, from, to } => {
                let name = ["orders", "despatches"][usize::from(name % 2)];
                let here = self.books(&merchant).cursors.get(name).cloned();
                let from = match from {
                    Believed::Here => here,
                    Believed::Elsewhere => Some("elsewhere".to_owned()),
                    Believed::Nowhere => None,
                };
                let to = to.to_string();
                let model = self
                    .books(&merchant)
                    .move_cursor(name, from.as_deref(), &to);
                let store = self
                    .store
                    .move_cursor(&merchant, name, from.as_deref(), &to)
                    .await;
                same("move_cursor", &said("move_cursor", store)?, &model)
            }
            Action::TakeFlow { .. } | Action::RenewFlow { .. } | Action::ReleaseFlow { .. } => {
                self.flow(&merchant, &step.action).await
            }
            Action::Stock {
                everything,
                sequence,
                rows,
            } => {
                let kind = if *everything {
                    FeedKind::Snapshot
                } else {
                    FeedKind::Delta
                };
                let rows = rows
                    .iter()
                    .map(|(sku, units)| StockRow::new(article(*sku), i64::from(*units), 0));
                // Its moment goes with its sequence, so that a feed can be late.
                let as_of = start() + Duration::minutes(i64::from(*sequence));
                let feed = StockFeed::new(kind, as_of, u64::from(*sequence), rows.collect());
                let model = self.books(&merchant).save_stock(&feed);
                let store = said("save_stock", self.store.save_stock(&merchant, feed).await)?;
                same("rows of stock to write", &store.write, &model.write)?;
                same("articles that are gone", &store.gone, &model.gone)?;
                same(
                    "rows that were overtaken",
                    &store.overtaken,
                    &model.overtaken,
                )
            }
            Action::Publish {
                location: place,
                levels,
            } => {
                let location = location(*place);
                let mut told = Vec::new();
                for (sku, level) in levels {
                    let key = (location.to_owned(), article(*sku).to_owned());
                    self.books(&merchant)
                        .published
                        .insert(key, (i64::from(*level), now));
                    told.push(PublishedLevel::new(
                        SourceSku::new(article(*sku)),
                        i64::from(*level),
                        now,
                    ));
                }
                said(
                    "save_published",
                    self.store.save_published(&merchant, location, told).await,
                )
            }
            Action::Erase { age } => {
                let before = now - seconds(*age);
                let model = self.books(&merchant).erase(before);
                let store = self.store.erase_personal(&merchant, before, ALL).await;
                same("erase_personal", &said("erase_personal", store)?, &model)
            }
            Action::Remark { exception, text } => {
                let (number, text) = (u64::from(*exception), format!("{REMARK} {text}"));
                let model = self.books(&merchant).remark(number, &text);
                let command = DeskCommand::new(number, DeskAction::Note, "jo", text);
                let store = self.store.act_on_exception(&merchant, command, now).await;
                let store = said("act_on_exception", store)?.map(|exception| exception.number);
                let model = model.then_some(number).ok_or(DeskRefusal::Unknown);
                same("act_on_exception", &store, &model)
            }
        }
    }

    async fn commit(&mut self, merchant: &MerchantId, changes: &[Change]) -> Played {
        let now = self.now;
        // Made before any of them is written: later ones of the same order may be fenced off by the first.
        let commits: Vec<Commit> = changes
            .iter()
            .map(|change| commit_of(self.books(merchant), merchant, change, now))
            .collect();
        let books = self.books(merchant);
        let model: Vec<_> = commits.iter().map(|commit| books.commit(commit)).collect();
        let store = match <[Commit; 1]>::try_from(commits) {
            Ok([one]) => vec![said("commit", self.store.commit(one).await)?],
            Err(several) => said("commit_all", self.store.commit_all(several).await)?,
        };
        same("commit", &store, &model)
    }

    async fn settle(
        &mut self,
        merchant: &MerchantId,
        scope: &str,
        found: &BTreeMap<Place, u8>,
    ) -> Played {
        let found: BTreeMap<String, String> = found
            .iter()
            .map(|(order, detail)| (id(*order).to_string(), format!("detail {detail}")))
            .collect();
        let findings = found.iter().map(|(subject, detail)| {
            let subject = ExceptionSubject::new("order", subject);
            Finding::new(subject, &codes::DOUBLED, detail.as_str())
        });
        let findings: Vec<Finding> = findings.collect();
        let model = self.books(merchant).settle(scope, &found);
        let answer = self
            .store
            .settle_exceptions(merchant, scope, findings, self.now)
            .await;
        let changes = said("settle_exceptions", answer)?;
        let store = (
            changes.opened.len(),
            changes.updated.len(),
            changes.closed.len(),
        );
        same("opened, changed and closed", &store, &model)
    }

    async fn flow(&mut self, merchant: &MerchantId, action: &Action) -> Played {
        let now = self.now;
        let of = |lease: &u8, leases: &[FlowLease]| {
            let place = usize::from(*lease).checked_rem(leases.len())?;
            leases.get(place).cloned()
        };
        match action {
            Action::TakeFlow { flow, lease } => {
                let flow = ["orders", "stock"][usize::from(flow % 2)];
                let model = self
                    .books(merchant)
                    .take_flow(merchant, flow, seconds(*lease), now);
                let store = self
                    .store
                    .take_flow(merchant, flow, seconds(*lease), now)
                    .await;
                same("take_flow", &said("take_flow", store)?, &model)?;
                self.leases.extend(model);
                Ok(())
            }
            Action::RenewFlow { lease, by } => {
                let Some(lease) = of(lease, &self.leases) else {
                    return Ok(());
                };
                let until = now + seconds(*by);
                let model = self
                    .books(&lease.merchant.clone())
                    .renew_flow(&lease, until);
                let store = self.store.renew_flow(&lease, until).await;
                same("renew_flow", &said("renew_flow", store)?, &model)
            }
            Action::ReleaseFlow { lease } => {
                let Some(lease) = of(lease, &self.leases) else {
                    return Ok(());
                };
                self.books(&lease.merchant.clone()).release_flow(&lease);
                said("release_flow", self.store.release_flow(lease).await)
            }
            _ => Ok(()),
        }
    }

    /// Everything that can be read of a merchant.
    async fn look_at(&mut self, merchant: &MerchantId) -> Played {
        let store = self.store;
        let books = self.books(merchant);
        for place in 0..4 {
            let id = id(place);
            let kept = books.orders.get(&id);
            let record = said("order", store.order(merchant, &id).await)?;
            same("an order", &record, &kept.map(|kept| kept.record.clone()))?;
            let timeline = said("timeline", store.timeline(merchant, &id).await)?;
            same(
                "the broken link of a timeline",
                &first_broken_link(&timeline),
                &None,
            )?;
            same(
                "a timeline",
                &timeline,
                &kept.map(|kept| kept.timeline.clone()).unwrap_or_default(),
            )?;
            let copy = said("source_copy", store.source_copy(merchant, &id).await)?;
            let copy = copy.map(|copy| copy.order);
            same(
                "the shop's copy",
                &copy,
                &kept.map(|kept| kept.source.clone()),
            )?;
            let intent = said("intent", store.intent(merchant, &id).await)?;
            same(
                "the intent",
                &intent,
                &kept.and_then(|kept| kept.intent.clone()),
            )?;
        }
        for (reference, id) in &books.references {
            let found = said(
                "order_by_reference",
                store.order_by_reference(merchant, reference).await,
            )?;
            same(
                "the owner of a reference",
                &found.map(|record| record.id),
                &Some(id.clone()),
            )?;
        }
        let query = OrderQuery::new(&[], ALL);
        let scanned: Vec<OrderRecord> = said("scan", store.scan(merchant, &query).await)?
            .into_iter()
            .map(|dossier| dossier.record)
            .collect();
        let records: Vec<OrderRecord> = books
            .orders
            .values()
            .map(|kept| kept.record.clone())
            .collect();
        same("all orders", &scanned, &records)?;
        let counts = said("counts", store.counts(merchant, &OrderState::ALL).await)?;
        same("counts", &counts, &books.counts())?;
        for name in ["orders", "despatches"] {
            let cursor = said("cursor", store.cursor(merchant, name).await)?;
            same("a cursor", &cursor, &books.cursors.get(name).cloned())?;
        }
        let open = said("exceptions", store.exceptions(merchant, true).await)?;
        let open: BTreeMap<(String, String), (u64, String)> = open
            .into_iter()
            .map(|one| {
                let subject = one
                    .finding
                    .subject
                    .as_str()
                    .rsplit(':')
                    .next()
                    .unwrap_or_default();
                (
                    (one.scope.clone(), subject.to_owned()),
                    (one.number, one.finding.detail),
                )
            })
            .collect();
        let wanted = books.open.iter();
        let wanted = wanted
            .map(|(key, open)| (key.clone(), (open.number, open.detail.clone())))
            .collect();
        same("the exceptions that are found", &open, &wanted)?;
        let all = said("exceptions", store.exceptions(merchant, false).await)?.len() as u64;
        same(
            "how many exceptions there ever were",
            &all,
            &books.exceptions,
        )?;
        let journal = store.exception_journal(merchant, 0, ALL).await;
        let remarks = said("exception_journal", journal)?.into_iter();
        let remarks: Vec<(u64, Option<String>)> = remarks
            .filter(|entry| entry.event == ExceptionEvent::Noted)
            .map(|entry| {
                (
                    entry.number,
                    Some(entry.note).filter(|note| note.starts_with(REMARK)),
                )
            })
            .collect();
        same("what people wrote", &remarks, &books.remarks)?;
        let mut stock = said("stock", store.stock(merchant).await)?;
        stock.sort_by(|one, other| one.row.sku.cmp(&other.row.sku));
        same("the stock", &stock, &books.stock)?;
        for place in 0..2 {
            let location = location(place);
            let levels = said("published", store.published(merchant, location).await)?;
            let levels: BTreeMap<(String, String), (i64, DateTime<Utc>)> = levels
                .into_iter()
                .map(|one| {
                    (
                        (location.to_owned(), one.sku.as_str().to_owned()),
                        (one.level, one.at),
                    )
                })
                .collect();
            let wanted = books
                .published
                .iter()
                .filter(|((known, _), _)| known == location);
            let wanted = wanted.map(|(key, level)| (key.clone(), *level)).collect();
            same("the published levels", &levels, &wanted)?;
        }
        Ok(())
    }
}

/// A change as somebody makes it who has read the record.
fn commit_of(books: &Books, merchant: &MerchantId, change: &Change, now: DateTime<Utc>) -> Commit {
    let id = id(change.order);
    let unheard_of = record_of(merchant, change.order, false, now).record;
    let record = books
        .orders
        .get(&id)
        .map_or(&unheard_of, |kept| &kept.record);
    let earlier = record.token.checked_sub(1).unwrap_or(7);
    let fence = match change.fence {
        Fencing::Holder => Fence::Token(record.token),
        Fencing::Stale => Fence::Token(earlier),
        Fencing::Nobody => Fence::Unclaimed(record.state, record.token),
        Fencing::NobodyLate => Fence::Unclaimed(OrderState::Captured, earlier),
    };
    let mut commit = Commit::new(
        record,
        fence,
        change.event,
        now,
        format!("{}", change.event),
    );
    commit.due_at = change.due.map(|due| now + seconds(due));
    commit.quiet = change.quiet;
    match change.event {
        OrderEvent::Prepared => commit.intent = Some(Box::new(payload(id.as_str()))),
        OrderEvent::SourceChanged => {
            let mut order = sales_order(id.as_str());
            order.tags = vec![format!("changed at {now}")];
            order.customer_id = Some("customer-7".to_owned());
            commit.source = Some(Box::new(SourceCopy::new(order, Some(now.to_rfc3339()))));
        }
        _ => {}
    }
    commit
}
