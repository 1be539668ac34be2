//! The JSON that a webhook sends: a form of its own, so that the engine's types may change without its receivers noticing.

use chrono::{DateTime, SecondsFormat, Utc};
use order_mapping::{Kind, Owner, Severity};
use serde::Serialize;

use super::delivery_id::delivery_id;
use crate::{Alert, Exception, Stake};

/// Goes up when a member changes its meaning or goes away; not when one is added.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub(super) struct WebhookBody<'a> {
    version: u32,
    pub(super) id: String,
    sent_at: String,
    alert: AlertBody<'a>,
}

#[derive(Debug, Serialize)]
struct AlertBody<'a> {
    merchant: &'a str,
    kind: &'static str,
    code: &'a str,
    title: &'a str,
    severity: Severity,
    owner: Option<Owner>,
    diagnosis: Option<Kind>,
    remedy: &'a str,
    count: u64,
    at: String,
    headline: String,
    text: String,
    stake: &'a Stake,
    exceptions: Vec<ExceptionBody<'a>>,
}

/// Without its assignee, who is a person.
#[derive(Debug, Serialize)]
struct ExceptionBody<'a> {
    number: u64,
    subject: &'a str,
    severity: Severity,
    detail: &'a str,
    count: u64,
    examples: &'a [String],
    since: Option<String>,
    opened_at: String,
    escalated_at: Option<String>,
    closed_at: Option<String>,
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl<'a> WebhookBody<'a> {
    pub(super) fn new(alert: &'a Alert, sent_at: DateTime<Utc>) -> Self {
        Self {
            version: VERSION,
            id: delivery_id(alert),
            sent_at: time(sent_at),
            alert: AlertBody {
                merchant: alert.merchant.as_str(),
                kind: alert.kind.as_str(),
                code: &alert.code,
                title: &alert.title,
                severity: alert.severity,
                owner: alert.owner,
                diagnosis: alert.diagnosis,
                remedy: &alert.remedy,
                count: alert.count,
                at: time(alert.at),
                headline: alert.headline(),
                text: alert.text(),
                stake: &alert.stake,
                exceptions: alert.exceptions.iter().map(ExceptionBody::of).collect(),
            },
        }
    }
}

impl<'a> ExceptionBody<'a> {
    fn of(exception: &'a Exception) -> Self {
        let finding = &exception.finding;
        Self {
            number: exception.number,
            subject: finding.subject.as_str(),
            severity: finding.severity,
            detail: &finding.detail,
            count: finding.count,
            examples: &finding.examples,
            since: finding.since.map(time),
            opened_at: time(exception.opened_at),
            escalated_at: exception.escalated_at.map(time),
            closed_at: exception.closed_at.map(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_sinks::example::example;

    #[test]
    fn the_body_is_the_documented_one() {
        let alert = example();
        let body = serde_json::to_value(WebhookBody::new(&alert, alert.at)).unwrap();
        let documented: serde_json::Value =
            serde_json::from_str(include_str!("webhook_body.json")).unwrap();
        assert_eq!(
            body,
            documented,
            "{}",
            serde_json::to_string_pretty(&body).unwrap()
        );
    }
}
