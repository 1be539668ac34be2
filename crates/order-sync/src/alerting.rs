//! From the journal of exceptions to the alert sinks: what is alike is told once, with a count, and a sink that fails is told later.

use std::collections::BTreeSet;

use crate::alert::SHOWN;
use crate::alert_outbox::{AlertOutbox, DueAlert};
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{Alert, AlertSink, DeskAction, DeskCommand, Exception, StoreError, rank};

/// Journal entries read at once.
const PAGE: usize = 1_000;

/// Of a flood, as many exceptions are looked at to find the worst.
const LOOKED_AT: usize = 200;

/// The lease that keeps two flows from telling the same at once.
const LEASE: &str = "alerts";

/// Wakes and escalates what is due, and tells every sink what it has not been told yet.
pub(crate) async fn alert(run: &Run<'_>) -> Result<(), StoreError> {
    let parts = run.parts;
    let commands = due_commands(run).await?;
    if commands.is_empty() && !has_news(run).await? {
        return Ok(());
    }
    let lease = to_chrono(parts.settings.lease) * 10;
    let lease = parts
        .store
        .take_flow(&parts.merchant, LEASE, lease, parts.clock.now())
        .await?;
    // Whoever has it reads the journal to its end, or the next run does.
    let Some(lease) = lease else { return Ok(()) };
    let done = obey(run, commands).await;
    let told = tell(run).await;
    parts.store.release_flow(lease).await?;
    done.and(told)
}

/// What the clock asks for: to wake what was put off until now, and to escalate what is over its service level.
async fn due_commands(run: &Run<'_>) -> Result<Vec<DeskCommand>, StoreError> {
    let parts = run.parts;
    let now = parts.clock.now();
    let calendar = &parts.mapper.profile().calendar;
    let open = parts.store.exceptions(&parts.merchant, true).await?;
    let mut commands = Vec::new();
    for exception in open.into_iter().filter(Exception::is_open) {
        let number = exception.number;
        if exception.snoozed_until.is_some_and(|until| until <= now) {
            let why = "the time it was put off for is up";
            commands.push(DeskCommand::of_engine(number, DeskAction::Wake, why));
        }
        let levels = &parts.settings.service_levels;
        let due = levels.due_at(calendar, &exception.finding, exception.opened_at);
        if let Some(due) = due.filter(|due| *due < now)
            && exception.escalated_at.is_none()
            && exception.is_pressing(now)
        {
            let why = format!("was due by {}", due.format("%Y-%m-%d %H:%M UTC"));
            commands.push(DeskCommand::of_engine(number, DeskAction::Escalate, why));
        }
    }
    Ok(commands)
}

async fn obey(run: &Run<'_>, commands: Vec<DeskCommand>) -> Result<(), StoreError> {
    let parts = run.parts;
    let now = parts.clock.now();
    for command in commands {
        let number = command.number;
        let done = parts
            .store
            .act_on_exception(&parts.merchant, command, now)
            .await?;
        if let Err(refusal) = done {
            tracing::debug!(number, %refusal, "an exception moved on by itself");
        }
    }
    Ok(())
}

/// Whether any sink has something to be told now. A look, so that a run that changed nothing writes nothing.
async fn has_news(run: &Run<'_>) -> Result<bool, StoreError> {
    let parts = run.parts;
    let quiet = to_chrono(parts.settings.alert_quiet);
    for sink in &parts.alerts {
        let (_, outbox) = outbox_of(run, sink.as_ref()).await?;
        let unread = parts
            .store
            .exception_journal(&parts.merchant, outbox.read_to, 1)
            .await?;
        if !unread.is_empty() || !outbox.due(parts.clock.now(), quiet).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn tell(run: &Run<'_>) -> Result<(), StoreError> {
    for sink in &run.parts.alerts {
        tell_one(run, sink.as_ref()).await?;
    }
    Ok(())
}

fn cursor_of(sink: &dyn AlertSink) -> String {
    format!("alerts.{}", sink.name())
}

/// What a sink has still to be told: as it is stored, and read.
async fn outbox_of(
    run: &Run<'_>,
    sink: &dyn AlertSink,
) -> Result<(Option<String>, AlertOutbox), StoreError> {
    let parts = run.parts;
    let stored = parts
        .store
        .cursor(&parts.merchant, &cursor_of(sink))
        .await?;
    let outbox = stored
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    Ok((stored, outbox))
}

/// Tells one sink; one that fails does not keep the others from being told.
async fn tell_one(run: &Run<'_>, sink: &dyn AlertSink) -> Result<(), StoreError> {
    let parts = run.parts;
    let (stored, mut outbox) = outbox_of(run, sink).await?;
    loop {
        let page = parts
            .store
            .exception_journal(&parts.merchant, outbox.read_to, PAGE)
            .await?;
        outbox.take(&page);
        if page.len() < PAGE {
            break;
        }
    }
    let now = parts.clock.now();
    for due in outbox.due(now, to_chrono(parts.settings.alert_quiet)) {
        let alert = made_of(run, &due).await?;
        if let Err(error) = sink.alert(&alert).await {
            tracing::warn!(sink = sink.name(), error = %error, "an alert could not be passed on; it is kept and tried again");
            outbox.failed(now, error.retry_after());
            break;
        }
        outbox.told(&due, now);
    }
    let text = serde_json::to_string(&outbox).unwrap_or_default();
    if stored.as_deref() != Some(text.as_str()) {
        let from = stored.as_deref();
        let moved = parts
            .store
            .move_cursor(&parts.merchant, &cursor_of(sink), from, &text)
            .await?;
        if !moved {
            tracing::warn!(
                sink = sink.name(),
                "another worker told the same alerts; they may have gone twice"
            );
        }
    }
    Ok(())
}

async fn made_of(run: &Run<'_>, due: &DueAlert) -> Result<Alert, StoreError> {
    let parts = run.parts;
    let mut exceptions = Vec::new();
    let looked_at: BTreeSet<u64> = due.numbers.iter().copied().take(LOOKED_AT).collect();
    for number in looked_at {
        exceptions.extend(parts.store.exception(&parts.merchant, number).await?);
    }
    rank(&mut exceptions, &parts.settings.priority_groups);
    exceptions.truncate(SHOWN);
    #[cfg(canary)]
    if crate::canary::planted("secret_in_alert")
        && let Some(first) = exceptions.first_mut()
    {
        let key = String::from_utf8_lossy(parts.reference_key.as_bytes());
        first.finding.detail.push_str(&key);
    }
    Ok(Alert::new(
        parts.merchant.clone(),
        due.kind,
        &due.code,
        due.numbers.len() as u64,
        exceptions,
        parts.clock.now(),
    ))
}
