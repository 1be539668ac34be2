//! An alert as a plain-text e-mail.

use std::time::SystemTime;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Mailboxes, MessageBuilder, header};

use super::delivery_id::delivery_id;
use super::one_line::one_line;
use crate::{Alert, FailureClass, PortError};

/// Longer subjects are cut by mail programs anyway; the text has the whole headline.
const SUBJECT: usize = 200;

/// Keeps absence notes and mailing lists from answering (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The message as it goes over the wire: headers and text, all of it ASCII.
pub(super) fn email_message(
    alert: &Alert,
    from: &Mailbox,
    to: &[Mailbox],
) -> Result<Vec<u8>, PortError> {
    let id = format!("<{}@{}>", delivery_id(alert), from.email.domain());
    let to: Mailboxes = to.iter().cloned().collect();
    MessageBuilder::new()
        .from(from.clone())
        .mailbox(header::To::from(to))
        .subject(subject(alert))
        .date(SystemTime::from(alert.at))
        .message_id(Some(id))
        .header(AutoSubmitted)
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(text(alert))
        .map(|message| message.formatted())
        .map_err(|_| PortError::new(FailureClass::NeverSent, "alerts.email: cannot be written"))
}

fn subject(alert: &Alert) -> String {
    let headline = one_line(&alert.headline());
    let mut subject: String = headline.chars().take(SUBJECT).collect();
    if subject.len() < headline.len() {
        subject.push('…');
    }
    subject
}

/// The text with line feeds only, and no other control characters.
fn text(alert: &Alert) -> String {
    let lines: Vec<String> = alert.text().lines().map(one_line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MerchantId;
    use crate::alert_sinks::example::example;

    fn message(alert: &Alert) -> String {
        let from = "Order sync <sync@shop.example>".parse().unwrap();
        let to = ["ops@shop.example", "Jo <jo@shop.example>"].map(|one| one.parse().unwrap());
        String::from_utf8(email_message(alert, &from, &to).unwrap()).unwrap()
    }

    /// Names of the headers, one a line that does not begin with a blank.
    fn header_names(message: &str) -> Vec<&str> {
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').unwrap().0)
            .collect()
    }

    const HEADERS: [&str; 9] = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "MIME-Version",
        "Content-Transfer-Encoding",
    ];

    #[test]
    fn the_message_is_this() {
        let lines = [
            "From: \"Order sync\" <sync@shop.example>",
            "To: ops@shop.example, Jo <jo@shop.example>",
            "Subject: [acme] ESCALATED DOUBLED: the warehouse has the order more than",
            " once (2)",
            "Date: Mon, 02 Mar 2026 09:40:00 +0000",
            "Message-ID: <16f9757891c7c042c1f7dac2abf7bdf3@shop.example>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 7bit",
            "",
            "[acme] ESCALATED DOUBLED: the warehouse has the order more than once (2)",
            "For: warehouse operations",
            "To blame: warehouse",
            "What to do: cancel all but one at the warehouse before they are picked",
            "At stake: 1200.00 GBP, wished for 2026-03-04, trade",
            "- no. 12 order:1001 (3 times): 2 live orders <A&B> [W1, W2]",
            "- and 1 more",
        ];
        assert_eq!(message(&example()), lines.join("\r\n"));
    }

    proptest! {
        #[test]
        fn no_text_of_an_alert_makes_a_header_or_leaves_ascii(
            merchant in any::<String>(),
            code in "(\\PC|[\r\n:.]){0,300}",
            title in "(\r\n|\r|\n|\u{2028}|\u{0}|Bcc: x@y.example|[a-zé😀 ]){0,80}",
            detail in any::<String>(),
        ) {
            let mut alert = example();
            alert.merchant = MerchantId::new(merchant);
            alert.code = code;
            alert.title = title;
            alert.exceptions[0].finding.detail = detail;
            let message = message(&alert);
            let names = header_names(&message);
            prop_assert_eq!(names.len(), HEADERS.len(), "{}", message);
            for name in HEADERS {
                prop_assert!(names.contains(&name), "{} in {}", name, message);
            }
            prop_assert!(message.is_ascii());
            prop_assert!(!message.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert!(message.lines().all(|line| line.len() <= 998), "{}", message);
        }
    }
}
