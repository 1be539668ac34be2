//! What people do about exceptions, and the journal of all that happened to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Exception, ExceptionChanges};

/// What is done about an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeskAction {
    /// Somebody looks after it from now on; none: nobody any more.
    Assign(Option<String>),
    /// A remark for the journal.
    Note,
    /// Nobody wants to hear of it until then.
    Snooze(DateTime<Utc>),
    /// It is pressing again: by a person, or by the engine once its time is up.
    Wake,
    /// Closed by a person although it may still be found; it opens again when the finding changes.
    Close,
    /// What a person closed is open again.
    Reopen,
    /// Its service level is over.
    Escalate,
}

/// An action with its reason and who is responsible for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeskCommand {
    /// Number of the exception.
    pub number: u64,
    /// What to do.
    pub action: DeskAction,
    /// Who does it, as the embedder names people; none: the engine.
    pub by: Option<String>,
    /// Why, or the remark. Goes into the journal; no personal data of buyers belongs here.
    pub reason: String,
}

impl DeskCommand {
    /// An action of a person.
    pub fn new(
        number: u64,
        action: DeskAction,
        by: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            number,
            action,
            by: Some(by.into()),
            reason: reason.into(),
        }
    }

    /// An action that the engine takes by itself.
    pub(crate) fn of_engine(number: u64, action: DeskAction, reason: impl Into<String>) -> Self {
        Self {
            number,
            action,
            by: None,
            reason: reason.into(),
        }
    }
}

/// Why nothing was done about an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskRefusal {
    /// There is no exception of that number.
    #[error("no exception of that number is on record")]
    Unknown,
    /// It is closed: what made it went away.
    #[error("the exception has closed by itself")]
    Closed,
    /// Closing and taking back ask for a reason.
    #[error("give a reason: the journal has to tell why")]
    NoReason,
    /// A snooze has to end in the future, and within a year.
    #[error("a snooze ends in the future and within a year")]
    BadTime,
    /// It is in that state already.
    #[error("nothing to do: it is so already")]
    NoChange,
}

/// What happened to an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExceptionEvent {
    /// Found for the first time.
    Opened,
    /// Found with another count, detail or example.
    Changed,
    /// Not found any more.
    Resolved,
    /// Assigned to somebody, or to nobody.
    Assigned,
    /// A remark.
    Noted,
    /// Put off.
    Snoozed,
    /// Pressing again.
    Woken,
    /// Closed by a person.
    Dismissed,
    /// Open again after a person closed it.
    Reopened,
    /// Its service level was over.
    Escalated,
}

/// What stands in place of a note that was blanked.
const BLANKED: &str = "(erased with the personal data of the order)";

/// One entry of the journal of a merchant's exceptions: append-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExceptionEntry {
    /// Position in the merchant's journal, from 1, growing.
    pub sequence: u64,
    /// Number of the exception.
    pub number: u64,
    /// Its code id.
    pub code: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: ExceptionEvent,
    /// Who did it; none: the engine.
    pub by: Option<String>,
    /// In one line: the finding, or the person's reason.
    pub note: String,
}

impl ExceptionEntry {
    /// An entry about an exception that has its number; the store gives the entry its position.
    #[must_use]
    pub fn new(
        exception: &Exception,
        at: DateTime<Utc>,
        event: ExceptionEvent,
        by: Option<String>,
        note: String,
    ) -> Self {
        Self {
            sequence: 0,
            number: exception.number,
            code: exception.finding.code.clone(),
            at,
            event,
            by,
            note,
        }
    }

    /// Blanks what a person wrote, for an order whose personal data is erased: nobody can tell what stands there. `false`: nobody
    /// wrote it, or it is blank already.
    pub fn blank_note(&mut self) -> bool {
        let blanks = self.by.is_some() && !matches!(self.note.as_str(), "" | BLANKED);
        if blanks {
            BLANKED.clone_into(&mut self.note);
        }
        blanks
    }
}

/// Applies a person's action to an exception: the exception afterwards, and the entry for the journal. Every store calls this inside
/// its transaction and persists what comes out.
///
/// # Errors
/// [`DeskRefusal`]; nothing is to be written then.
pub fn act(
    exception: &Exception,
    command: &DeskCommand,
    at: DateTime<Utc>,
) -> Result<(Exception, ExceptionEntry), DeskRefusal> {
    if exception.closed_at.is_some() && command.action != DeskAction::Note {
        return Err(DeskRefusal::Closed);
    }
    let reason = command.reason.trim();
    let mut next = exception.clone();
    next.changed_at = at;
    let event = match &command.action {
        DeskAction::Assign(to) => {
            if next.assignee == *to {
                return Err(DeskRefusal::NoChange);
            }
            next.assignee.clone_from(to);
            ExceptionEvent::Assigned
        }
        DeskAction::Note => {
            if reason.is_empty() {
                return Err(DeskRefusal::NoReason);
            }
            ExceptionEvent::Noted
        }
        DeskAction::Snooze(until) => {
            if *until <= at || *until > at + chrono::Duration::days(366) {
                return Err(DeskRefusal::BadTime);
            }
            next.snoozed_until = Some(*until);
            ExceptionEvent::Snoozed
        }
        DeskAction::Wake => {
            if next.snoozed_until.take().is_none() {
                return Err(DeskRefusal::NoChange);
            }
            ExceptionEvent::Woken
        }
        DeskAction::Close => {
            if reason.is_empty() {
                return Err(DeskRefusal::NoReason);
            }
            if next.dismissed_at.replace(at).is_some() {
                return Err(DeskRefusal::NoChange);
            }
            next.snoozed_until = None;
            ExceptionEvent::Dismissed
        }
        DeskAction::Reopen => {
            if reason.is_empty() {
                return Err(DeskRefusal::NoReason);
            }
            if next.dismissed_at.take().is_none() {
                return Err(DeskRefusal::NoChange);
            }
            ExceptionEvent::Reopened
        }
        DeskAction::Escalate => {
            if next.escalated_at.replace(at).is_some() {
                return Err(DeskRefusal::NoChange);
            }
            ExceptionEvent::Escalated
        }
    };
    let note = match &command.action {
        DeskAction::Assign(Some(to)) if reason.is_empty() => format!("to {to}"),
        DeskAction::Assign(Some(to)) => format!("to {to}: {reason}"),
        DeskAction::Snooze(until) if reason.is_empty() => format!("until {until}"),
        DeskAction::Snooze(until) => format!("until {until}: {reason}"),
        _ => reason.to_owned(),
    };
    let entry = ExceptionEntry::new(exception, at, event, command.by.clone(), note);
    Ok((next, entry))
}

/// The journal's entries for what [`crate::compare`] found; the opened ones have their numbers by now. `before` are the
/// exceptions as they were.
#[must_use]
pub fn entries_of(changes: &ExceptionChanges, before: &[Exception]) -> Vec<ExceptionEntry> {
    let entry = |exception: &Exception, event| {
        ExceptionEntry::new(
            exception,
            exception.changed_at,
            event,
            None,
            exception.finding.detail.clone(),
        )
    };
    let was_dismissed = |number| {
        before
            .iter()
            .any(|one| one.number == number && one.dismissed_at.is_some())
    };
    let opened = changes
        .opened
        .iter()
        .map(|one| entry(one, ExceptionEvent::Opened));
    let updated = changes.updated.iter().map(|one| {
        let event = if was_dismissed(one.number) {
            ExceptionEvent::Reopened
        } else {
            ExceptionEvent::Changed
        };
        entry(one, event)
    });
    let closed = changes
        .closed
        .iter()
        .map(|one| entry(one, ExceptionEvent::Resolved));
    opened.chain(updated).chain(closed).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{ExceptionSubject, Finding, codes};

    fn open() -> Exception {
        let subject = ExceptionSubject::new("order", "1");
        let finding = Finding::new(subject, &codes::ORPHAN, "still held");
        let mut exception = Exception::opened("audit", finding, DateTime::UNIX_EPOCH);
        exception.number = 7;
        exception
    }

    fn after(
        exception: &Exception,
        action: DeskAction,
        reason: &str,
    ) -> Result<(Exception, ExceptionEntry), DeskRefusal> {
        let command = DeskCommand::new(7, action, "Alex", reason);
        act(
            exception,
            &command,
            DateTime::UNIX_EPOCH + TimeDelta::hours(1),
        )
    }

    #[test]
    fn a_person_closes_with_a_reason_and_takes_it_back() {
        let refused = after(&open(), DeskAction::Close, "  ").unwrap_err();
        assert_eq!(refused, DeskRefusal::NoReason);
        let (closed, entry) = after(&open(), DeskAction::Close, "agreed with the buyer").unwrap();
        assert!(!closed.is_open());
        assert_eq!(entry.event, ExceptionEvent::Dismissed);
        assert_eq!(entry.by.as_deref(), Some("Alex"));
        assert_eq!(entry.note, "agreed with the buyer");
        let again = after(&closed, DeskAction::Close, "twice").unwrap_err();
        assert_eq!(again, DeskRefusal::NoChange);
        let (open_again, _) = after(&closed, DeskAction::Reopen, "the buyer called").unwrap();
        assert!(open_again.is_open());
    }

    #[test]
    fn a_snooze_ends() {
        let late = DateTime::UNIX_EPOCH + TimeDelta::hours(2);
        let (snoozed, entry) = after(&open(), DeskAction::Snooze(late), "").unwrap();
        assert!(!snoozed.is_pressing(late - TimeDelta::seconds(1)));
        assert!(snoozed.is_pressing(late));
        assert_eq!(entry.note, "until 1970-01-01 02:00:00 UTC");
        let (woken, _) = after(&snoozed, DeskAction::Wake, "").unwrap();
        assert_eq!(woken.snoozed_until, None);
        let past = after(&open(), DeskAction::Snooze(DateTime::UNIX_EPOCH), "").unwrap_err();
        assert_eq!(past, DeskRefusal::BadTime);
    }

    #[test]
    fn what_went_away_takes_remarks_and_nothing_else() {
        let mut gone = open();
        gone.closed_at = Some(DateTime::UNIX_EPOCH);
        assert!(after(&gone, DeskAction::Note, "it was the carrier").is_ok());
        for action in [
            DeskAction::Close,
            DeskAction::Escalate,
            DeskAction::Assign(None),
        ] {
            assert_eq!(
                after(&gone, action, "why").unwrap_err(),
                DeskRefusal::Closed
            );
        }
    }
}
