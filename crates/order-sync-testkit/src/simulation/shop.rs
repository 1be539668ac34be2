//! A simulated shop: its orders, its records of parcels, its stock levels; and the port before it.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Timelike as _, Utc};
use order_mapping::{CatalogueItem, Parcel, SalesOrder, SourceOrderId, SourceSku};
use order_sync::{
    CatalogueSource, ChangeWindow, DespatchSink, FailureClass, OrderSource, PortError,
    PublishOutcome, RelayOutcome, ShopLevel, SourceCopy, SourcePage, SourceRow, StockSink,
};

use super::fault_class::FaultClass;
use super::history::{Actor, Fact};
use super::world::{Arrival, Caller, Kind, State};

/// Rows on a page.
const PAGE: usize = 5;

/// The articles of every shop.
pub(super) const ARTICLES: [&str; 4] = ["MUG", "TEAPOT", "CUP", "PLATE"];

/// A kit of some shops: the warehouse picks it as these articles, so many units of each. It is sold beside them.
pub(super) const KIT: &str = "SET";
pub(super) const KIT_PARTS: [(&str, u32); 2] = [("MUG", 1), ("CUP", 2)];

/// An article that the same shops sell by the pack, and the units of the warehouse in one.
pub(super) const PACKED: &str = "PLATE";
pub(super) const PACK: u32 = 3;

/// A shop's record of an order.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) order: SalesOrder,
    pub(super) version: u64,
    /// When it last changed, by the shop's clock.
    pub(super) changed_at: DateTime<Utc>,
    /// From when on it shows in listings, in true time.
    pub(super) listed_from: Duration,
    /// What a PUT replaces as a whole.
    pub(super) record: Record,
    /// What others have written to it, and what has to be there at the end.
    pub(super) foreign_truth: BTreeMap<String, String>,
}

/// The part of a record that parcels are written to. Every write makes a new revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) revision: u64,
    pub(super) parcels: Vec<Parcel>,
    pub(super) foreign: BTreeMap<String, String>,
}

/// The truth of a shop.
#[derive(Debug, Default)]
pub(super) struct Shop {
    pub(super) orders: BTreeMap<SourceOrderId, Kept>,
    pub(super) levels: BTreeMap<String, i64>,
    /// Writes of any kind that were asked of it.
    pub(super) writes: u64,
}

impl State {
    /// Puts an order into the shop, or its next version.
    pub(super) fn place(&mut self, merchant: usize, now: Duration, order: SalesOrder) {
        let mut changed_at = self.shop_time(now);
        if self.scenario.has(FaultClass::EqualTimestamps) {
            changed_at = changed_at
                .with_second(0)
                .and_then(|time| time.with_nanosecond(0))
                .unwrap_or(changed_at);
        }
        let mut listed_from = now;
        if self.strikes(FaultClass::MissingUntilLater, 100) {
            listed_from += Duration::from_secs(self.rng.u64(10..480));
        }
        let Some(site) = self.sites.get_mut(merchant) else {
            return;
        };
        let id = order.id.clone();
        let before = site.shop.orders.remove(&id);
        let version = before.as_ref().map_or(1, |kept| kept.version + 1);
        let (record, foreign_truth) =
            before.map_or_else(Default::default, |kept| (kept.record, kept.foreign_truth));
        let kept = Kept {
            order,
            version,
            changed_at,
            listed_from,
            record,
            foreign_truth,
        };
        site.shop.orders.insert(id.clone(), kept);
        self.note(now, merchant, Actor::World, Fact::Placed(id, version));
    }

    /// Somebody else adds a member to an order's record.
    pub(super) fn foreign_edit(&mut self, merchant: usize, now: Duration, id: &SourceOrderId) {
        let mark = self.rng.u32(..);
        let kept = self
            .sites
            .get_mut(merchant)
            .and_then(|site| site.shop.orders.get_mut(id));
        if let Some(kept) = kept {
            let (name, value) = (
                format!("note-{}", mark % 7),
                format!(r#"{{"n":1.{mark}0}}"#),
            );
            kept.record.revision += 1;
            kept.record.foreign.insert(name.clone(), value.clone());
            kept.foreign_truth.insert(name, value);
            self.note(now, merchant, Actor::World, Fact::ForeignPut(id.clone()));
        }
    }
}

/// The shop's ports, as a worker's adapters stand before them.
#[derive(Debug)]
pub(super) struct ShopPort(pub(super) Caller);

#[async_trait]
impl OrderSource for ShopPort {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        self.0
            .call("server_time", Kind::Read, |arrival| {
                arrival.state.shop_time(arrival.now)
            })
            .await
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let merchant = self.0.merchant;
        let token = page.and_then(PageToken::read).unwrap_or_default();
        let listing = self
            .0
            .call("changed", Kind::Read, move |arrival| {
                serve(arrival, merchant, window, &token)
            })
            .await?;
        let rows = listing.rows.iter();
        let rows = rows
            .map(|row| (row.id.clone(), row.version.clone()))
            .collect();
        self.0.note(Fact::Listed(window.until, rows));
        Ok(listing)
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let (merchant, id) = (self.0.merchant, id.clone());
        self.0
            .call("fetch", Kind::Read, move |arrival| {
                let kept = arrival.state.sites.get(merchant)?.shop.orders.get(&id)?;
                Some(SourceCopy::new(
                    kept.order.clone(),
                    Some(kept.version.to_string()),
                ))
            })
            .await
    }
}

/// A page token: the row it goes on after, and whether the page before it was this very one. By row and not by offset: an order that
/// changes between two pages leaves the window without moving the others up, but for the faults that are made.
#[derive(Debug, Clone, Default)]
struct PageToken {
    after: Option<(i64, String)>,
    again: bool,
}

impl PageToken {
    fn read(text: &str) -> Option<Self> {
        let (again, place) = text.split_once('/')?;
        let after = place
            .split_once('/')
            .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
        Some(Self {
            after,
            again: again == "again",
        })
    }

    fn write(again: bool, after: Option<(i64, String)>) -> String {
        let again = if again { "again" } else { "next" };
        let place = after.map_or_else(String::new, |(at, id)| format!("{at}/{id}"));
        format!("{again}/{place}")
    }
}

/// One page of what changed in a window.
fn serve(
    arrival: &mut Arrival<'_>,
    merchant: usize,
    window: ChangeWindow,
    token: &PageToken,
) -> SourcePage {
    let now = arrival.now;
    let state = &mut *arrival.state;
    let mut rows: Vec<((i64, String), SourceRow)> = state.sites[merchant]
        .shop
        .orders
        .values()
        .filter(|kept| kept.listed_from <= now)
        .filter(|kept| window.from <= kept.changed_at && kept.changed_at <= window.until)
        .map(|kept| {
            let row = SourceRow::new(kept.order.id.clone(), Some(kept.version.to_string()));
            (
                (
                    kept.changed_at.timestamp_micros(),
                    kept.order.id.to_string(),
                ),
                row,
            )
        })
        .filter(|(place, _)| token.after.as_ref().is_none_or(|after| place > after))
        .collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut start = 0;
    if token.after.is_some() && state.strikes(FaultClass::PageShifts, 100) {
        // A row of an earlier page has left the window: the rest has moved up by one.
        state.note(
            now,
            merchant,
            Actor::World,
            Fact::Fault {
                call: "changed",
                what: FaultClass::PageShifts.as_str(),
            },
        );
        start = 1;
    }
    let end = (start + PAGE).min(rows.len());
    let mut next = (end < rows.len())
        .then(|| rows.get(end - 1))
        .flatten()
        .map(|(place, _)| PageToken::write(false, Some(place.clone())));
    if !token.again && state.strikes(FaultClass::DuplicatePage, 100) {
        next = Some(PageToken::write(true, token.after.clone()));
    }
    let page = rows
        .drain(start.min(end)..end)
        .map(|(_, row)| row)
        .collect();
    SourcePage::new(page, next)
}

#[async_trait]
impl CatalogueSource for ShopPort {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        let articles = |arrival: &mut Arrival<'_>| {
            let kit = arrival.state.scenario.kits.then_some(KIT);
            let skus = ARTICLES.into_iter().chain(kit);
            skus.map(|sku| CatalogueItem::new(sku, None)).collect()
        };
        self.0.call("catalogue", Kind::Read, articles).await
    }
}

impl ShopPort {
    async fn record(&self, id: &SourceOrderId) -> Result<Record, PortError> {
        let (merchant, id) = (self.0.merchant, id.clone());
        let record = self
            .0
            .call("get record", Kind::Read, move |arrival| {
                let kept = arrival.state.sites.get(merchant)?.shop.orders.get(&id)?;
                Some(kept.record.clone())
            })
            .await?;
        record.ok_or_else(|| PortError::new(FailureClass::Rejected, "no such order"))
    }

    /// Replaces the record, if nobody else has written it since it was read. `false`: somebody has.
    async fn put(&self, id: &SourceOrderId, record: Record) -> Result<bool, PortError> {
        let (merchant, id) = (self.0.merchant, id.clone());
        let worker = self.0.worker;
        self.0
            .call("put record", Kind::Write, move |arrival| {
                let (now, world) = (arrival.now, arrival.world);
                let state = &mut *arrival.state;
                let stale = state.strikes(FaultClass::PutLosesEdit, 100);
                let site = &mut state.sites[merchant];
                let Some(kept) = site.shop.orders.get_mut(&id) else {
                    return false;
                };
                if kept.record.revision != record.revision {
                    return false;
                }
                site.shop.writes += 1;
                let before = std::mem::replace(&mut kept.record, record.clone());
                kept.record.revision += 1;
                let parcels = kept.record.parcels.len();
                let fact = Fact::RecordPut(id.clone(), parcels);
                state.note(now, merchant, Actor::Worker(worker), fact);
                if stale {
                    // A connector that read the record before we wrote it puts its own copy back.
                    let (id, wait) = (id.clone(), state.rng.u64(1..50));
                    world.after(Duration::from_secs(wait), move |_, state, now| {
                        if state.calm {
                            return;
                        }
                        if let Some(kept) = state.sites[merchant].shop.orders.get_mut(&id) {
                            kept.record.revision += 1;
                            kept.record.parcels = before.parcels;
                            state.note(now, merchant, Actor::World, Fact::ForeignPut(id));
                        }
                    });
                }
                true
            })
            .await
    }
}

#[async_trait]
impl DespatchSink for ShopPort {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let mut outcome = RelayOutcome::default();
        for _ in 0..5 {
            let before = self.record(order).await?;
            let missing: Vec<Parcel> = parcels
                .iter()
                .filter(|parcel| before.parcels.iter().all(|shown| shown.id != parcel.id))
                .cloned()
                .collect();
            if missing.is_empty() {
                outcome.visible = shown(&before, parcels);
                return Ok(outcome);
            }
            let mut merged = before.clone();
            merged.parcels.extend(missing);
            #[cfg(canary)]
            if order_sync::canary::planted("foreign_member_lost") {
                merged.foreign.clear();
            }
            if !self.put(order, merged).await? {
                continue;
            }
            outcome.written = true;
            let after = self.record(order).await?;
            outcome.visible = shown(&after, parcels);
            let lost = before
                .foreign
                .keys()
                .filter(|name| !after.foreign.contains_key(*name));
            outcome.lost = lost.cloned().collect();
            return Ok(outcome);
        }
        Err(PortError::new(
            FailureClass::Contended,
            "others keep writing the record",
        ))
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        Ok(shown(&self.record(order).await?, parcels))
    }
}

fn shown(record: &Record, parcels: &[Parcel]) -> Vec<String> {
    let there = |parcel: &&Parcel| record.parcels.iter().any(|shown| shown.id == parcel.id);
    parcels
        .iter()
        .filter(there)
        .map(|parcel| parcel.id.clone())
        .collect()
}

#[async_trait]
impl StockSink for ShopPort {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let (merchant, worker) = (self.0.merchant, self.0.worker);
        let mut outcome = PublishOutcome::default();
        for batch in levels.chunks(3) {
            let writes = batch.to_vec();
            let written = self.0.call("publish", Kind::Write, move |arrival| {
                arrival.state.sites[merchant].shop.writes += 1;
                for level in &writes {
                    let sku = level.sku.to_string();
                    let fact = Fact::Published(sku.clone(), level.level);
                    let (state, now) = (&mut *arrival.state, arrival.now);
                    state.note(now, merchant, Actor::Worker(worker), fact);
                    state.sites[merchant].shop.levels.insert(sku, level.level);
                }
            });
            match written.await {
                Ok(()) => outcome
                    .taken
                    .extend(batch.iter().map(|level| level.sku.clone())),
                Err(error) => {
                    let (class, wait) = (error.class(), error.retry_after());
                    let failed = || PortError::new(class, "publish failed").with_retry_after(wait);
                    let failed = batch.iter().map(|level| (level.sku.clone(), failed()));
                    outcome.failed.extend(failed);
                }
            }
        }
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let (merchant, skus) = (self.0.merchant, skus.to_vec());
        self.0
            .call("levels", Kind::Read, move |arrival| {
                let levels = &arrival.state.sites[merchant].shop.levels;
                let level = |sku: &SourceSku| {
                    let level = levels.get(sku.as_str())?;
                    Some(ShopLevel::new(sku.clone(), *level))
                };
                skus.iter().filter_map(level).collect()
            })
            .await
    }
}
