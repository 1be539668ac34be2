//! What is told to people on duty: one alert for all that is alike.

use chrono::{DateTime, Utc};
use order_mapping::{Kind, Owner, Severity};
use serde::{Deserialize, Serialize};

use crate::{Exception, MerchantId, Stake, codes};

/// Exceptions that an alert shows; the others are counted.
pub(crate) const SHOWN: usize = 5;

/// What an alert says of its exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlertKind {
    /// They were opened, or opened again.
    Opened,
    /// Their service level is over.
    Escalated,
    /// They are settled: not found any more, or closed by a person.
    Closed,
}

impl AlertKind {
    /// Its name in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Escalated => "escalated",
            Self::Closed => "closed",
        }
    }
}

/// Something a person on duty should know: one alert for all exceptions of one code since the last one, however many they are.
///
/// Holds no personal data: it is made of exceptions, and of those the name of whoever looks after one is left out, however it is
/// shown or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Alert {
    /// Whose exceptions.
    pub merchant: MerchantId,
    /// What it says of them.
    pub kind: AlertKind,
    /// Their code.
    pub code: String,
    /// What the code means, in a few words.
    pub title: String,
    /// The highest severity among them.
    pub severity: Severity,
    /// The team that can put it right; none for a code of a later version.
    pub owner: Option<Owner>,
    /// What is to blame; none for a code of a later version.
    pub diagnosis: Option<Kind>,
    /// What to do.
    pub remedy: String,
    /// How many exceptions.
    pub count: u64,
    /// The worst of them, up to five.
    pub exceptions: Vec<Exception>,
    /// What hangs on the ones shown.
    pub stake: Stake,
    /// When the alert was made.
    pub at: DateTime<Utc>,
}

impl Alert {
    /// An alert of `count` exceptions of one code, of which these are the worst.
    #[must_use]
    pub fn new(
        merchant: MerchantId,
        kind: AlertKind,
        code: &str,
        count: u64,
        mut exceptions: Vec<Exception>,
        at: DateTime<Utc>,
    ) -> Self {
        for exception in &mut exceptions {
            exception.assignee = None;
        }
        let info = codes::info(code);
        let mut stake = Stake::default();
        for exception in &exceptions {
            stake.add(&exception.finding.stake);
        }
        let severity = exceptions
            .iter()
            .map(|exception| exception.finding.severity)
            .max();
        Self {
            merchant,
            kind,
            code: code.to_owned(),
            title: info.map_or(code, |info| info.title).to_owned(),
            severity: severity
                .or(info.map(|info| info.default))
                .unwrap_or(Severity::Error),
            owner: info.map(|info| info.owner),
            diagnosis: info.map(|info| info.kind),
            remedy: info.map_or("", |info| info.remedy).to_owned(),
            count,
            exceptions,
            stake,
            at,
        }
    }

    /// One line: `[acme] ESCALATED SHIP_UNMAPPED: the shipping option is not in the table (3)`.
    #[must_use]
    pub fn headline(&self) -> String {
        let mut line = format!(
            "[{}] {} {}: {}",
            self.merchant,
            self.kind.as_str().to_uppercase(),
            self.code,
            self.title
        );
        if self.count > 1 {
            line.push_str(&format!(" ({})", self.count));
        }
        line
    }

    /// Several lines of plain text: what, who, what to do, and the worst of them.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.headline();
        if let Some(owner) = self.owner {
            text.push_str(&format!("\nFor: {owner}"));
        }
        if let Some(diagnosis) = self.diagnosis {
            text.push_str(&format!("\nTo blame: {diagnosis}"));
        }
        if self.kind != AlertKind::Closed && !self.remedy.is_empty() {
            text.push_str(&format!("\nWhat to do: {}", self.remedy));
        }
        let stake = self.stake.to_string();
        if !stake.is_empty() {
            text.push_str(&format!("\nAt stake: {stake}"));
        }
        for line in self.lines() {
            text.push_str(&format!("\n- {line}"));
        }
        text
    }

    /// The exceptions shown, one a line, and how many more there are.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.exceptions.iter().map(line_of).collect();
        let more = self.count.saturating_sub(self.exceptions.len() as u64);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

/// `no. 12 order:1 (3 times): 2 live orders [A, B]`
fn line_of(exception: &Exception) -> String {
    let finding = &exception.finding;
    let mut line = format!("no. {} {}", exception.number, finding.subject);
    if finding.count > 1 {
        line.push_str(&format!(" ({} times)", finding.count));
    }
    if !finding.detail.is_empty() {
        line.push_str(&format!(": {}", finding.detail));
    }
    if !finding.examples.is_empty() {
        line.push_str(&format!(" [{}]", finding.examples.join(", ")));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExceptionSubject, Finding};

    #[test]
    fn an_alert_says_who_what_and_how_many() {
        let subject = ExceptionSubject::new("order", "1");
        let mut exception = Exception::opened(
            "audit",
            Finding::new(subject, &codes::DOUBLED, "2 live orders"),
            DateTime::UNIX_EPOCH,
        );
        exception.number = 12;
        exception.assignee = Some("jo@example.com".to_owned());
        let alert = Alert::new(
            MerchantId::new("acme"),
            AlertKind::Escalated,
            codes::DOUBLED.id,
            10_000,
            vec![exception],
            DateTime::UNIX_EPOCH,
        );
        assert!(!serde_json::to_string(&alert).unwrap().contains("jo@"));
        assert!(!format!("{alert:?}").contains("jo@"));
        let text = alert.text();
        assert!(text.starts_with(
            "[acme] ESCALATED DOUBLED: the warehouse has the order more than once (10000)\nFor: warehouse operations"
        ));
        assert!(text.ends_with("- no. 12 order:1: 2 live orders\n- and 9999 more"));
    }
}
