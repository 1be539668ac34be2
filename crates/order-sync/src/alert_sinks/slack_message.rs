//! What a Slack-compatible chat is sent, within the limits of Slack's documentation.
//!
//! Everything is plain text: data of the shop is never read as a link, a mention or formatting.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::one_line::one_line;
use crate::{Alert, AlertKind};

/// A header block's text. Source: `docs.slack.dev/reference/block-kit/blocks/header-block`.
const HEADER: usize = 150;

/// Any other text. Source: `docs.slack.dev/reference/block-kit/composition-objects/text-object`.
const TEXT: usize = 3_000;

/// One field of a section. Source: `docs.slack.dev/reference/block-kit/blocks/section-block`.
const FIELD: usize = 2_000;

/// The whole message: `text` for notifications and for chats without blocks, `blocks` for Slack.
pub(super) fn slack_message(alert: &Alert) -> Value {
    let mut blocks = vec![
        json!({"type": "header", "text": plain(&one_line(&alert.headline()), HEADER)}),
        json!({"type": "section", "fields": fields(alert)}),
    ];
    if alert.kind != AlertKind::Closed && !alert.remedy.is_empty() {
        blocks.push(section(&format!("What to do: {}", alert.remedy)));
    }
    // Up to five and the rest's number: far below the 50 blocks that a message may have.
    blocks.extend(alert.lines().iter().map(|line| section(line)));
    let made = alert.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let origin = format!("{} · {} · {made}", alert.merchant, alert.code);
    blocks.push(json!({"type": "context", "elements": [plain(&origin, TEXT)]}));
    // Mattermost reads `@all` in plain text; an invisible space keeps a text of the shop from calling everybody.
    let text = alert.text().replace('@', "@\u{200b}");
    json!({"text": escaped(&text, TEXT), "blocks": blocks})
}

fn fields(alert: &Alert) -> Vec<Value> {
    let mut fields = vec![format!("Severity: {}", alert.severity)];
    fields.extend(alert.owner.map(|owner| format!("For: {owner}")));
    fields.extend(alert.diagnosis.map(|kind| format!("To blame: {kind}")));
    fields.push(format!("Count: {}", alert.count));
    let stake = alert.stake.to_string();
    if !stake.is_empty() {
        fields.push(format!("At stake: {stake}"));
    }
    fields.iter().map(|field| plain(field, FIELD)).collect()
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": plain(text, TEXT)})
}

fn plain(text: &str, limit: usize) -> Value {
    json!({"type": "plain_text", "emoji": false, "text": escaped(text, limit)})
}

/// The text with Slack's three control characters escaped, cut with an ellipsis at `limit`; never within an escape.
///
/// Counted in UTF-16 units after escaping: whatever the chat counts, it finds no more.
fn escaped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units: usize = 0;
    let mut room_for_ellipsis = 0;
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
        units += match c {
            '&' => 5,
            '<' | '>' => 4,
            c => c.len_utf16(),
        };
        if units < limit {
            room_for_ellipsis = out.len();
        } else if units > limit {
            out.truncate(room_for_ellipsis);
            out.push('…');
            return out;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert_sinks::example::example;

    #[test]
    fn the_message_is_this() {
        let documented: Value = serde_json::from_str(include_str!("slack_message.json")).unwrap();
        let message = slack_message(&example());
        assert_eq!(
            message,
            documented,
            "{}",
            serde_json::to_string_pretty(&message).unwrap()
        );
    }

    #[test]
    fn nothing_is_read_as_a_mention_or_a_link() {
        let mut alert = example();
        alert.exceptions[0].finding.detail = "<!channel> <https://a.example|x> @all".to_owned();
        let message = slack_message(&alert).to_string();
        assert!(
            !message.contains('<') && !message.contains("mrkdwn"),
            "{message}"
        );
        let text = slack_message(&alert)["text"].as_str().unwrap().to_owned();
        assert!(!text.contains("@all"), "{text}");
    }

    #[test]
    fn texts_of_any_length_stay_within_the_limits() {
        let mut alert = example();
        alert.title = "<".repeat(10_000);
        alert.remedy = "&".repeat(10_000);
        alert.code = "😀".repeat(10_000);
        let one = alert.exceptions[0].clone();
        alert.exceptions = vec![one; 5];
        for exception in &mut alert.exceptions {
            exception.finding.detail = "😀".repeat(10_000);
        }
        let message = slack_message(&alert);
        let units = |text: &Value| text.as_str().unwrap().encode_utf16().count();
        assert!(units(&message["text"]) <= TEXT);
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        assert!(units(&blocks[0]["text"]["text"]) <= HEADER);
        for block in &blocks[2..] {
            let text = block["text"]
                .get("text")
                .unwrap_or(&block["elements"][0]["text"]);
            assert!(units(text) <= TEXT);
        }
    }

    #[test]
    fn what_fits_exactly_is_not_cut() {
        assert_eq!(escaped("abc", 3), "abc");
        assert_eq!(escaped("abcd", 3), "ab…");
        assert_eq!(escaped("a&b", 7), "a&amp;b");
        assert_eq!(escaped("a&b", 6), "a…");
        assert_eq!(escaped("a😀", 3), "a😀");
        assert_eq!(escaped("a😀b", 3), "a…");
    }

    proptest! {
        #[test]
        fn an_escaped_text_reads_back_as_what_it_was(text in "[&<>;a-z😀é]{0,60}", limit in 1_usize..80) {
            let escaped = escaped(&text, limit);
            prop_assert!(escaped.encode_utf16().count() <= limit);
            prop_assert!(!escaped.contains(['<', '>']));
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            match back.strip_suffix('…') {
                Some(start) => prop_assert!(text.starts_with(start) && start.len() < text.len()),
                None => prop_assert_eq!(back, text),
            }
        }
    }
}
