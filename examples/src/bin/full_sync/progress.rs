//! Progress on standard error: bars on a terminal, plain lines otherwise.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use order_sync::{Flow, Observer, Progress};

/// Shows how far the flows are.
#[derive(Debug)]
pub(crate) struct ProgressView {
    shown: Mutex<Shown>,
}

#[derive(Debug)]
enum Shown {
    /// One bar for whatever runs right now.
    Bar(ProgressBar),
    Lines(Lines),
}

/// What was printed where there is no terminal.
#[derive(Debug, Default)]
struct Lines {
    /// Flow and stage of the last line.
    stage: Option<(Flow, &'static str)>,
    /// How many records that line named.
    named: u64,
    /// Where the stage stands, when no line has said so.
    unsaid: Option<Progress>,
}

impl Lines {
    /// The lines that are due at a step: how far the stage before came, and every so many records of this one.
    fn step(&mut self, progress: Progress) -> Vec<String> {
        let mut due = Vec::new();
        let now = (progress.flow, progress.stage);
        if self.stage != Some(now) {
            due.extend(self.rest());
            self.stage = Some(now);
            self.named = 0;
        }
        let next = match self.named {
            0 => 1,
            named => named.saturating_add(RECORDS_PER_LINE),
        };
        if progress.done >= next || progress.total == Some(progress.done) {
            self.named = progress.done;
            self.unsaid = None;
            due.push(stage_line(progress));
        } else if progress.done > self.named {
            self.unsaid = Some(progress);
        }
        due
    }

    /// How far the stage came, when no line has said so; the next step begins anew.
    fn rest(&mut self) -> Option<String> {
        self.stage = None;
        self.unsaid.take().map(stage_line)
    }
}

fn stage_line(progress: Progress) -> String {
    let Progress {
        flow, stage, done, ..
    } = progress;
    match progress.total {
        Some(total) => format!("{flow}: {stage} {done} of {total}"),
        None => format!("{flow}: {stage} {done}"),
    }
}

/// Without a terminal, a line for so many records.
const RECORDS_PER_LINE: u64 = 250;

impl ProgressView {
    /// Bars when standard error is a terminal that can show them.
    pub(crate) fn new() -> Self {
        let target = ProgressDrawTarget::stderr();
        // A terminal that cannot move its cursor would show no bar, and nothing instead of it.
        let shown = if std::io::stderr().is_terminal() && !target.is_hidden() {
            let bar = ProgressBar::with_draw_target(None, target);
            // A template that does not parse would only cost the bar its form.
            let style = ProgressStyle::with_template(
                "{spinner} {msg:24} {wide_bar} {human_pos}/{human_len} {elapsed}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(100));
            Shown::Bar(bar)
        } else {
            Shown::Lines(Lines::default())
        };
        Self {
            shown: Mutex::new(shown),
        }
    }

    /// Says what happens next.
    pub(crate) fn say(&self, text: &str) {
        match &mut *self.shown() {
            Shown::Bar(bar) => bar.println(text),
            Shown::Lines(lines) => {
                lines.rest().iter().for_each(|rest| line(rest));
                line(text);
            }
        }
    }

    /// Takes the bar away, or says how far the last stage came.
    pub(crate) fn finish(&self) {
        match &mut *self.shown() {
            Shown::Bar(bar) => bar.finish_and_clear(),
            Shown::Lines(lines) => lines.rest().iter().for_each(|rest| line(rest)),
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
            Shown::Lines(lines) => lines.step(progress).iter().for_each(|due| line(due)),
        }
    }
}

/// A line on standard error; where nobody can read it there is nobody to tell.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(lines: &mut Lines, stage: &'static str, done: u64, total: Option<u64>) -> Vec<String> {
        lines.step(Progress::new(Flow::Orders, stage, done, total))
    }

    #[test]
    fn a_stage_that_sent_84_orders_is_not_left_at_one() {
        let mut lines = Lines::default();
        assert_eq!(
            step(&mut lines, "transmit", 1, None),
            ["orders: transmit 1"]
        );
        for done in 2..=84 {
            assert!(step(&mut lines, "transmit", done, None).is_empty());
        }
        assert_eq!(
            step(&mut lines, "probe", 1, None),
            ["orders: transmit 84", "orders: probe 1"]
        );
        assert_eq!(lines.rest(), None);
        assert_eq!(
            step(&mut lines, "publish", 3, Some(3)),
            ["orders: publish 3 of 3"]
        );
        assert_eq!(lines.rest(), None);
    }
}
