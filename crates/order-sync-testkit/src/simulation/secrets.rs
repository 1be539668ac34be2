//! What nobody may be shown, whatever is reported, logged or told.

use super::process::KEY;
use super::workload::PERSONAL;

/// The personal data and the secrets of a history that stand in a text.
pub(super) fn secrets_in(text: &str) -> impl Iterator<Item = &'static str> {
    let all = PERSONAL.into_iter().chain([KEY]);
    all.filter(move |secret| text.contains(secret))
}
