//! What is logged while a history runs.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

use super::secrets::secrets_in;

/// What was heard of a history. Of lines that say nothing they should not, only their number is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Logged {
    pub(super) lines: u64,
    /// A secret or personal datum, and the line that it stands in.
    pub(super) leaks: Vec<(&'static str, String)>,
}

/// Runs something, and listens to all that is logged in this thread meanwhile, at every level and whoever logs it. Whoever listened
/// before goes on hearing it.
pub(super) fn listening<T>(run: impl FnOnce() -> T) -> (T, Logged) {
    let heard: Arc<Mutex<Logged>> = Arc::default();
    let listener = Listener {
        heard: Arc::clone(&heard),
        onward: dispatcher::get_default(Dispatch::clone),
    };
    let done = tracing::subscriber::with_default(listener, run);
    let logged = std::mem::take(&mut *lock(&heard));
    (done, logged)
}

fn lock(heard: &Mutex<Logged>) -> MutexGuard<'_, Logged> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Listener {
    heard: Arc<Mutex<Logged>>,
    onward: Dispatch,
}

impl Listener {
    fn hear(&self, line: Line) {
        let mut heard = lock(&self.heard);
        heard.lines += 1;
        let leaks = secrets_in(&line.0).map(|secret| (secret, line.0.clone()));
        heard.leaks.extend(leaks.collect::<Vec<_>>());
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut line = Line::of(span.metadata());
        span.record(&mut line);
        self.hear(line);
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        let mut line = Line("a span".to_owned());
        values.record(&mut line);
        self.hear(line);
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::of(event.metadata());
        event.record(&mut line);
        self.hear(line);
        if self.onward.enabled(event.metadata()) {
            self.onward.event(event);
        }
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

/// A line of the log as a subscriber may write it: with everything that it was given.
struct Line(String);

impl Line {
    fn of(metadata: &Metadata<'_>) -> Self {
        Self(format!("{} {}", metadata.level(), metadata.target()))
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {field}={value}");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.0, " {field}={value}");
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(self.0, ": {error}");
            cause = error.source();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::process::KEY;
    use crate::simulation::workload::PERSONAL;

    /// An error whose cause says too much.
    fn chatty() -> order_sync::PortError {
        let error = order_sync::PortError::new(order_sync::FailureClass::Unavailable, "down");
        error.with_source(format!("while {} was written", PERSONAL[1]))
    }

    #[test]
    fn every_line_is_heard_and_a_name_in_any_part_of_it_is_told() {
        let name = PERSONAL[0];
        let ((), logged) = listening(|| {
            tracing::trace!(order = 7, "nothing to see");
            tracing::debug!("sent to {name}");
            tracing::info!(recipient = name, "sent");
            tracing::warn!(error = &chatty() as &dyn std::error::Error, "not sent");
            let span = tracing::error_span!("sending", key = tracing::field::Empty);
            span.record("key", KEY);
        });
        assert_eq!(logged.lines, 6);
        let secrets: Vec<&str> = logged.leaks.iter().map(|(secret, _)| *secret).collect();
        assert_eq!(secrets, [name, name, PERSONAL[1], KEY]);
        assert!(
            logged.leaks[1]
                .1
                .ends_with("message=sent recipient=Wilhelmina Quartermaine")
        );
    }

    #[test]
    fn whoever_listened_before_goes_on_hearing_it() {
        let ((), outer) = listening(|| {
            let ((), inner) = listening(|| tracing::info!("once"));
            assert_eq!(inner.lines, 1);
            tracing::info!("and once more");
        });
        assert_eq!(outer.lines, 2);
    }
}
