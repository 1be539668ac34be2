//! Stock: what the warehouse has, less what is promised and held back, to the shop; only what changed.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use order_mapping::{
    ArticleStock, AtpCalculator, Code, LevelChange, Severity, SkuRegistry, SourceSku, StockLevel,
    StockPosition, diff_levels, in_flight_counts,
};

use super::FlowError;
use crate::ports::{FailureClass, PortError, ShopLevel};
use crate::run::Run;
use crate::{
    Demand, ExceptionSubject, FeedKind, Finding, PublishedLevel, StockRecord, Tally, codes,
};

const CURSOR: &str = "stock";
/// The moment for which the last batch was true. What a batch of changes does not name is unchanged as of that moment too.
const AS_OF: &str = "stock.as_of";
const SCOPE: &str = "stock";

/// Reads the feed (everything, when `corrective`), and writes the levels that differ: from what the shop was told, or, when
/// `corrective`, from what it really shows.
pub(crate) async fn stock(run: &Run<'_>, corrective: bool) -> Result<(), FlowError> {
    let parts = run.parts;
    let registry = run.registry().await?;
    let stored_cursor = parts.store.cursor(&parts.merchant, CURSOR).await?;
    let asked = if corrective {
        None
    } else {
        stored_cursor.as_deref()
    };
    let batch = parts.stock_source.stock(asked).await?;
    let mut complete = corrective;
    let mut overtaken = 0;
    let mut on_record = None;
    if let Some(feed) = batch.feed {
        complete |= feed.kind == FeedKind::Snapshot;
        if feed.kind == FeedKind::Snapshot && feed.rows.is_empty() {
            let known = parts.store.stock(&parts.merchant).await?;
            if known.iter().any(|record| record.row.on_hand > 0) {
                // Taken at its word it would take every article off sale.
                return Err(PortError::new(
                    FailureClass::Unavailable,
                    "the warehouse's snapshot has no article at all although it had some before; nothing was changed",
                )
                .into());
            }
        }
        run.counters
            .add(Tally::StockRowsRead, feed.rows.len() as u64);
        let as_of = feed.as_of;
        let changes = parts.store.save_stock(&parts.merchant, feed).await?;
        overtaken = changes.overtaken;
        on_record = changes.picture;
        if overtaken == 0 {
            move_as_of(run, as_of).await?;
        }
        let differing = changes.write.len() + changes.gone.len();
        // A snapshot repeats rows under a new sequence; only figures that differ are news, and those show in the levels.
        if !corrective {
            run.counters.add(Tally::StockRowsChanged, differing as u64);
        }
    }
    let picture = match on_record {
        Some(known) => Picture::of(run, known).await?,
        None => Picture::load(run).await?,
    };
    let mut findings: Vec<Finding> = batch
        .unreadable
        .iter()
        .map(|fault| {
            Finding::new(
                ExceptionSubject::new("stock", fault),
                Code::StockUnknownSku.info(),
                fault,
            )
        })
        .collect();
    if !complete {
        // Rows that could not be read before: what changed since says nothing of them.
        let before = run.open_findings(SCOPE).await?;
        keep(&mut findings, before, |finding| {
            finding.subject.as_str().starts_with("stock:")
        });
    }
    if let Some(gap) = &batch.gap {
        findings.push(Finding::new(
            ExceptionSubject::new("flow", "stock"),
            &codes::STOCK_GAP,
            gap,
        ));
    }
    if overtaken > 0 {
        findings.push(Finding::new(
            ExceptionSubject::new("flow", "stock"),
            &codes::STOCK_OVERTAKEN,
            format!(
                "{overtaken} rows have a lower sequence than what is on record and were dropped"
            ),
        ));
    }
    let wanted = picture.levels(&registry, run, &mut findings);

    let shown: Vec<StockLevel> = if corrective {
        let skus: Vec<SourceSku> = wanted.iter().map(|level| level.sku.clone()).collect();
        let shop = parts.stock_sink.levels(&skus).await?;
        shop.into_iter()
            .map(|level| StockLevel::new(level.sku, level.level))
            .collect()
    } else {
        told_levels(run).await?
    };
    let diff = diff_levels(&shown, &wanted);
    run.counters
        .add(Tally::LevelsUnchanged, diff.unchanged as u64);
    if corrective {
        let wrong = diff
            .changes
            .iter()
            .filter(|change| change.from.is_some())
            .count();
        run.counters.add(Tally::LevelsCorrected, wrong as u64);
    }
    // Whoever has taken the flow over has told the shop more by now than this run knows of.
    if !run.goes_on().await? {
        return Ok(());
    }
    let published = publish(run, &diff.changes, &mut findings).await;
    if published.is_err() {
        // Of rows that could not be written it is not known whether they would be refused as before.
        let before = run.open_findings(SCOPE).await?;
        keep(&mut findings, before, |finding| {
            finding.code == codes::STOCK_REFUSED.id || finding.code == codes::STOCK_CONTENDED.id
        });
    }
    run.settle(SCOPE, findings).await?;
    published?;
    if let Some(next) = &batch.cursor
        && stored_cursor.as_deref() != Some(next)
    {
        parts
            .store
            .move_cursor(&parts.merchant, CURSOR, stored_cursor.as_deref(), next)
            .await?;
    }
    Ok(())
}

/// What the shop was told, by article.
async fn told_levels(run: &Run<'_>) -> Result<Vec<StockLevel>, FlowError> {
    let parts = run.parts;
    let location = parts.stock_sink.location();
    let told = parts.store.published(&parts.merchant, location).await?;
    Ok(told
        .into_iter()
        .map(|level| StockLevel::new(level.sku, level.level))
        .collect())
}

/// Keeps open what was found before and may hold still.
fn keep(findings: &mut Vec<Finding>, before: Vec<Finding>, which: impl Fn(&Finding) -> bool) {
    for finding in before.into_iter().filter(which) {
        let same = |known: &Finding| known.subject == finding.subject && known.code == finding.code;
        if !findings.iter().any(same) {
            findings.push(finding);
        }
    }
}

/// What the warehouse said last, and what is promised beside it.
pub(super) struct Picture {
    known: Vec<StockRecord>,
    demand: Vec<Demand>,
    /// For which moment the whole picture is true.
    as_of: DateTime<Utc>,
}

impl Picture {
    pub(super) async fn load(run: &Run<'_>) -> Result<Self, FlowError> {
        let known = run.parts.store.stock(&run.parts.merchant).await?;
        Self::of(run, known).await
    }

    /// The same with what is on record at hand.
    async fn of(run: &Run<'_>, known: Vec<StockRecord>) -> Result<Self, FlowError> {
        let parts = run.parts;
        let stored = read_as_of(run).await?;
        let oldest = known.iter().map(|record| record.as_of).min();
        let as_of = stored.or(oldest).unwrap_or(DateTime::UNIX_EPOCH);
        let skew = i64::from(parts.mapper.profile().stock.clock_skew_seconds);
        let since = as_of
            .checked_sub_signed(TimeDelta::seconds(skew))
            .unwrap_or(as_of);
        let demand = parts.store.demand(&parts.merchant, since).await?;
        #[cfg(canary)]
        let demand = if crate::canary::planted("in_flight_forgotten") {
            Vec::new()
        } else {
            demand
        };
        Ok(Self {
            known,
            demand,
            as_of,
        })
    }

    /// The level of every article the warehouse reports and of every kit of them, by the shop's code and in its units. Takes the
    /// picture: of a million articles it is the largest part, and nothing needs it any more.
    pub(super) fn levels(
        self,
        registry: &SkuRegistry,
        run: &Run<'_>,
        findings: &mut Vec<Finding>,
    ) -> Vec<StockLevel> {
        let calculator = AtpCalculator::new(run.parts.mapper.profile(), registry);
        calculator.levels(self.articles(registry, run, findings))
    }

    /// What is known of every article that the warehouse reports, by the shop's code and in the warehouse's unit.
    pub(super) fn articles(
        &self,
        registry: &SkuRegistry,
        run: &Run<'_>,
        findings: &mut Vec<Finding>,
    ) -> impl Iterator<Item = ArticleStock> {
        // Aliases share one warehouse code: what is owed on any of them comes off the one stock.
        let mut owed: HashMap<&SourceSku, Vec<&Demand>> = HashMap::new();
        for one in &self.demand {
            let article = registry
                .to_warehouse(&one.sku)
                .and_then(|code| registry.to_source(code.as_str()));
            if let Some(article) = article {
                owed.entry(article).or_default().push(one);
            }
        }
        let mut sources = registry.source_finder();
        self.known.iter().filter_map(move |record| {
            let code = record.row.sku.as_str();
            let Some(sku) = sources.find(code) else {
                let detail = format!(
                    "the warehouse reports {} on hand of {code}",
                    record.row.on_hand
                );
                findings.extend(of_article(run, code, Code::StockUnknownSku, detail));
                return None;
            };
            if let Some(oddity) = record.row.oddity() {
                let detail = format!(
                    "{oddity}: {} on hand, {} allocated, {} unsellable",
                    record.row.on_hand, record.row.allocated, record.row.unsellable
                );
                findings.extend(of_article(run, code, Code::StockFigureOdd, detail));
            }
            let as_of = record.as_of.max(self.as_of);
            let in_flight = owed
                .get(sku)
                .map_or(0, |demand| in_flight_units(demand, as_of, run));
            let position = StockPosition {
                on_hand: record.row.on_hand,
                allocated: record.row.allocated,
                unsellable: record.row.unsellable,
                in_flight,
            };
            Some(ArticleStock {
                sku: sku.clone(),
                position,
            })
        })
    }
}

fn in_flight_units(demand: &[&Demand], as_of: DateTime<Utc>, run: &Run<'_>) -> i64 {
    demand
        .iter()
        .filter(|one| in_flight_counts(one.accepted_at, as_of, &run.parts.mapper.profile().stock))
        .map(|one| i64::from(one.units))
        .sum()
}

async fn read_as_of(run: &Run<'_>) -> Result<Option<DateTime<Utc>>, FlowError> {
    let parts = run.parts;
    let stored = parts.store.cursor(&parts.merchant, AS_OF).await?;
    Ok(stored
        .as_deref()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
        .map(|as_of| as_of.to_utc()))
}

/// Moves the moment for which the picture is true; never back.
async fn move_as_of(run: &Run<'_>, as_of: DateTime<Utc>) -> Result<(), FlowError> {
    let parts = run.parts;
    let stored = parts.store.cursor(&parts.merchant, AS_OF).await?;
    if read_as_of(run).await?.is_none_or(|known| known < as_of) {
        let to = as_of.to_rfc3339();
        parts
            .store
            .move_cursor(&parts.merchant, AS_OF, stored.as_deref(), &to)
            .await?;
    }
    Ok(())
}

async fn publish(
    run: &Run<'_>,
    changes: &[LevelChange],
    findings: &mut Vec<Finding>,
) -> Result<(), FlowError> {
    if changes.is_empty() {
        return Ok(());
    }
    let parts = run.parts;
    let location = parts.stock_sink.location();
    run.progress("publish", 0, Some(changes.len() as u64));
    let levels: Vec<ShopLevel> = changes
        .iter()
        .map(|change| ShopLevel::new(change.sku.clone(), change.to))
        .collect();
    // A process that dies between the shop's answer and its record would leave the old level on record. Should the stock then go back
    // to what it was, nobody would see a difference, and the shop would go on showing the other level.
    let told: Vec<SourceSku> = changes
        .iter()
        .filter(|change| change.from.is_some())
        .map(|change| change.sku.clone())
        .collect();
    if !told.is_empty() {
        parts
            .store
            .forget_published(&parts.merchant, location, told)
            .await?;
    }
    let outcome = parts.stock_sink.publish(&levels).await;
    let now = parts.clock.now();
    let by_sku: HashMap<&SourceSku, &LevelChange> =
        changes.iter().map(|change| (&change.sku, change)).collect();
    let taken: Vec<PublishedLevel> = outcome
        .taken
        .iter()
        .filter_map(|sku| by_sku.get(sku))
        .map(|change| PublishedLevel::new(change.sku.clone(), change.to, now))
        .collect();
    run.counters.add(Tally::LevelsPublished, taken.len() as u64);
    run.progress("publish", taken.len() as u64, Some(changes.len() as u64));
    parts
        .store
        .save_published(&parts.merchant, location, taken)
        .await?;
    let failed = outcome.refused.len() + outcome.failed.len();
    run.counters.add(Tally::LevelsFailed, failed as u64);
    findings.extend(outcome.refused.into_iter().map(|(sku, reason)| {
        Finding::new(
            ExceptionSubject::new("sku", sku.as_str()),
            &codes::STOCK_REFUSED,
            reason,
        )
    }));
    // Rows that failed for a passing reason are still different from what is on record, so the next run writes them. A row that others
    // keep changing is a matter of its own.
    let (contended, failed): (Vec<_>, Vec<_>) = outcome
        .failed
        .into_iter()
        .partition(|(_, error)| error.class() == FailureClass::Contended);
    findings.extend(contended.into_iter().map(|(sku, error)| {
        Finding::new(
            ExceptionSubject::new("sku", sku.as_str()),
            &codes::STOCK_CONTENDED,
            error.to_string(),
        )
    }));
    match failed.into_iter().next() {
        Some((_, error)) => Err(error.into()),
        None => Ok(()),
    }
}

/// A finding about an article of the warehouse at the profile's level; none where that makes it a note.
fn of_article(run: &Run<'_>, article: &str, code: Code, detail: String) -> Option<Finding> {
    let subject = ExceptionSubject::new("warehouse-sku", article);
    let mut finding = Finding::new(subject, code.info(), detail);
    finding.severity = run.parts.mapper.profile().severity.level(code);
    (finding.severity >= Severity::Warning).then_some(finding)
}
