//! Progress on standard error: bars on a terminal, plain lines otherwise.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use order_sync::{Observer, Progress};

/// Shows how far the flows are.
#[derive(Debug)]
pub(crate) struct ProgressView {
    shown: Mutex<Shown>,
}

#[derive(Debug)]
enum Shown {
    /// One bar for whatever runs right now.
    Bar(ProgressBar),
    /// The last line that was printed: flow and stage, and how many records it named.
    Lines {
        stage: Option<(order_sync::Flow, &'static str)>,
        named: u64,
    },
}

/// Without a terminal, a line for so many records.
const RECORDS_PER_LINE: u64 = 250;

impl ProgressView {
    /// Bars when standard error is a terminal.
    pub(crate) fn new() -> Self {
        let shown = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // A template that does not parse would only cost the bar its form.
            let style = ProgressStyle::with_template(
                "{spinner} {msg:24} {wide_bar} {human_pos}/{human_len} {elapsed}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(100));
            Shown::Bar(bar)
        } else {
            Shown::Lines {
                stage: None,
                named: 0,
            }
        };
        Self {
            shown: Mutex::new(shown),
        }
    }

    /// Says what happens next.
    pub(crate) fn say(&self, text: &str) {
        match &*self.shown() {
            Shown::Bar(bar) => bar.println(text),
            Shown::Lines { .. } => line(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Shown::Bar(bar) = &*self.shown() {
            bar.finish_and_clear();
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for ProgressView {
    fn progress(&self, progress: Progress) {
        match &mut *self.shown() {
            Shown::Bar(bar) => {
                bar.set_message(format!("{}: {}", progress.flow, progress.stage));
                match progress.total {
                    Some(total) => bar.set_length(total),
                    None => bar.unset_length(),
                }
                bar.set_position(progress.done);
            }
            Shown::Lines { stage, named } => {
                let now = (progress.flow, progress.stage);
                let next = if *stage == Some(now) {
                    named.saturating_add(RECORDS_PER_LINE)
                } else {
                    1
                };
                let complete = progress.total == Some(progress.done);
                if progress.done < next && !complete {
                    return;
                }
                *stage = Some(now);
                *named = progress.done;
                match progress.total {
                    Some(total) => line(&format!(
                        "{}: {} {} of {total}",
                        progress.flow, progress.stage, progress.done
                    )),
                    None => line(&format!(
                        "{}: {} {}",
                        progress.flow, progress.stage, progress.done
                    )),
                }
            }
        }
    }
}

/// A line on standard error; where nobody can read it there is nobody to tell.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
