//! What changed in the shop since the last reading: a window, its pages, the watermark, and the sweeps that look back further.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::capture_rows;
use super::unreadable::Unreadable;
use crate::flows::FlowError;
use crate::ports::{ChangeWindow, FailureClass, PortError, SourceRow};
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{ExceptionSubject, Finding, OrderState, Tally, codes};

const WATERMARK: &str = "orders";
/// Stays open until the backlog has shrunk.
const BACKLOG: &str = "backlog";
/// When the last days were last read again, and how often.
const SWEPT: &str = "orders.swept";
/// Every so many sweeps one reaches back much further.
const DEEP_EVERY: u32 = 7;
/// That much further.
const DEEP_FACTOR: i32 = 13;

/// One reading of what changed in the shop: a window with fixed ends, read in chunks.
pub(crate) struct Reading {
    watermark: Option<String>,
    window: ChangeWindow,
    page: Option<String>,
    /// A vendor that hands out the same page token again would keep us here for ever.
    pages_seen: BTreeSet<String>,
    ended: bool,
    listed: u64,
    unreadable: Unreadable,
    /// An order that could not be fetched: it holds the watermark back, not its neighbours.
    missed: Option<PortError>,
    /// What is to be noted of a sweep, once it is through.
    sweep: Option<(Option<String>, String)>,
    /// Somebody asked for this window: the watermark knows nothing of it.
    asked_for: bool,
}

impl Reading {
    /// A window that somebody asks for, in place of what changed since the last reading.
    pub(crate) async fn over(run: &Run<'_>, window: ChangeWindow) -> Result<Self, FlowError> {
        Ok(Self {
            watermark: None,
            window,
            page: None,
            pages_seen: BTreeSet::new(),
            ended: false,
            listed: 0,
            unreadable: Unreadable::load(run).await?,
            missed: None,
            sweep: None,
            asked_for: true,
        })
    }

    pub(crate) async fn begin(run: &Run<'_>) -> Result<Self, FlowError> {
        let parts = run.parts;
        let settings = &parts.settings;
        let watermark = parts.store.cursor(&parts.merchant, WATERMARK).await?;
        let seen_until = watermark.as_deref().and_then(parse_time);
        let shop_now = parts.orders.server_time().await?;
        let until = shop_now - to_chrono(settings.source_lag);
        let start = settings.start_from.unwrap_or(DateTime::UNIX_EPOCH);
        let mut from = seen_until.map_or(start, |seen| seen - overlap(run, shop_now));
        let mut sweep = None;
        #[cfg(canary)]
        if let Some(seen) = seen_until
            && crate::canary::planted("strict_cursor")
        {
            from = seen + TimeDelta::microseconds(1);
        }
        #[cfg(canary)]
        let seen_until = seen_until.filter(|_| !crate::canary::planted("strict_cursor"));
        if seen_until.is_some() {
            let stored = parts.store.cursor(&parts.merchant, SWEPT).await?;
            let swept: Swept = stored
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default();
            let due = |at| until - at >= to_chrono(settings.sweep_every);
            if swept.at.is_none_or(due) {
                let deep = swept.times % DEEP_EVERY == DEEP_EVERY - 1;
                let back = to_chrono(settings.sweep_back);
                let back = if deep { back * DEEP_FACTOR } else { back };
                from = from.min((until - back).max(start));
                let next = Swept {
                    at: Some(until),
                    times: swept.times.wrapping_add(1),
                };
                sweep = Some((stored, serde_json::to_string(&next).unwrap_or_default()));
            }
        }
        let mut reading = Self {
            watermark,
            window: ChangeWindow::new(from, until),
            page: None,
            pages_seen: BTreeSet::new(),
            ended: false,
            listed: 0,
            unreadable: Unreadable::load(run).await?,
            missed: None,
            sweep,
            asked_for: false,
        };
        #[cfg(canary)]
        if crate::canary::planted("cursor_early") {
            let from = reading.watermark.as_deref();
            let to = until.to_rfc3339();
            let store = &parts.store;
            store
                .move_cursor(&parts.merchant, WATERMARK, from, &to)
                .await?;
        }
        // The ones that failed before, whether or not they stand in this window.
        let again: Vec<SourceRow> = reading
            .unreadable
            .ids()
            .into_iter()
            .map(|id| SourceRow::new(id, None))
            .collect();
        if !again.is_empty() {
            reading.missed = capture_rows(run, again, &mut reading.unreadable).await?;
            reading.unreadable.save(run).await?;
        }
        Ok(reading)
    }

    /// Reads on until some thousand orders were captured, or the window is at its end. `false`: there is nothing more to read now.
    pub(crate) async fn chunk(&mut self, run: &Run<'_>) -> Result<bool, FlowError> {
        let parts = run.parts;
        let chunk = parts.settings.capture_chunk as u64;
        let before = run.counters.count(Tally::Captured);
        if is_full(run).await? {
            return Ok(false);
        }
        while !self.ended && run.counters.count(Tally::Captured) - before < chunk {
            if !run.goes_on().await? {
                return Ok(false);
            }
            let listing = parts
                .orders
                .changed(self.window, self.page.as_deref())
                .await?;
            self.listed += listing.rows.len() as u64;
            run.counters
                .add(Tally::RowsListed, listing.rows.len() as u64);
            let result = capture_rows(run, listing.rows, &mut self.unreadable).await;
            // Good records of a page that failed half-way are on record; the watermark stays, so the page is read again.
            self.unreadable.save(run).await?;
            let missed = result?;
            #[cfg(canary)]
            let missed = missed.filter(|_| !crate::canary::planted("missed_order_passed"));
            if let Some(error) = missed {
                self.missed = Some(error);
            }
            run.progress("capture", self.listed, None);
            match listing.next {
                None => self.ended = true,
                Some(token) if !self.pages_seen.insert(token.clone()) => {
                    return Err(PortError::new(
                        FailureClass::Unavailable,
                        "the shop's listing repeats a page; the window is read again in the next run",
                    )
                    .into());
                }
                next => self.page = next,
            }
        }
        Ok(!self.ended)
    }

    /// What kept an order from being read, where the reading ends early.
    pub(crate) fn missed(self) -> Result<(), FlowError> {
        self.missed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Moves the watermark, if everything that the window listed is on record: only now may it pass.
    pub(crate) async fn finish(self, run: &Run<'_>) -> Result<(), FlowError> {
        let parts = run.parts;
        if let Some(error) = self.missed {
            return Err(error.into());
        }
        if !self.ended || self.asked_for {
            return Ok(());
        }
        let until = self.window.until;
        let seen_until = self.watermark.as_deref().and_then(parse_time);
        if seen_until.is_none_or(|seen| seen < until) {
            let moved = parts
                .store
                .move_cursor(
                    &parts.merchant,
                    WATERMARK,
                    self.watermark.as_deref(),
                    &until.to_rfc3339(),
                )
                .await?;
            if !moved {
                tracing::warn!(
                    "another worker moved the watermark of the orders flow; left where it is"
                );
            }
        }
        if let Some((stored, next)) = self.sweep {
            parts
                .store
                .move_cursor(&parts.merchant, SWEPT, stored.as_deref(), &next)
                .await?;
        }
        Ok(())
    }
}

/// Sweeps so far.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Swept {
    at: Option<DateTime<Utc>>,
    times: u32,
}

/// How far a reading reaches back behind the last one: as set, and never less than what clocks that differ and a slow listing can
/// hide.
fn overlap(run: &Run<'_>, shop_now: DateTime<Utc>) -> TimeDelta {
    let settings = &run.parts.settings;
    let skew = (shop_now - run.parts.clock.now()).abs();
    // A clock that is a day off is a fault, and no reason to read months again.
    let skew = skew.min(TimeDelta::days(1));
    to_chrono(settings.overlap).max(skew * 2 + to_chrono(settings.source_lag))
}

/// Whether so many orders wait for the warehouse that no more are read: the shop keeps them, and the watermark stays.
async fn is_full(run: &Run<'_>) -> Result<bool, FlowError> {
    let limit = run.parts.settings.backlog_limit;
    let waiting = run
        .count_of(&[
            OrderState::Captured,
            OrderState::Ready,
            OrderState::Sending,
            OrderState::OutcomeUnknown,
        ])
        .await?;
    let full = waiting >= limit;
    let findings = if full {
        let detail = format!("the limit of {limit} orders that wait for the warehouse is reached");
        let subject = ExceptionSubject::new("flow", "orders");
        vec![Finding::new(subject, &codes::BACKLOG_FULL, detail)]
    } else {
        Vec::new()
    };
    run.settle(BACKLOG, findings).await?;
    Ok(full)
}

/// Up to which moment of the shop's time every change is on record.
pub(crate) async fn read_until(run: &Run<'_>) -> Result<Option<DateTime<Utc>>, FlowError> {
    let parts = run.parts;
    let watermark = parts.store.cursor(&parts.merchant, WATERMARK).await?;
    Ok(watermark.as_deref().and_then(parse_time))
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}
