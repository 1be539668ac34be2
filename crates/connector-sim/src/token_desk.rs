//! Access tokens that expire on the virtual clock.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Issues opaque tokens of 64 characters and knows which of them still live.
#[derive(Debug)]
pub(crate) struct TokenDesk {
    prefix: String,
    lifetime_secs: u32,
    issued: u64,
    expiries: HashMap<String, DateTime<Utc>>,
}

impl TokenDesk {
    pub(crate) fn new(prefix: impl Into<String>, lifetime_secs: u32) -> Self {
        Self {
            prefix: prefix.into(),
            lifetime_secs,
            issued: 0,
            expiries: HashMap::new(),
        }
    }

    /// Counted, not random: a run repeats itself.
    pub(crate) fn issue(&mut self, now: DateTime<Utc>) -> String {
        self.issued += 1;
        let token = format!(
            "{}{:0>width$}",
            self.prefix,
            self.issued,
            width = 64_usize.saturating_sub(self.prefix.len())
        );
        let expiry = now
            .checked_add_signed(TimeDelta::seconds(i64::from(self.lifetime_secs)))
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.expiries.retain(|_, until| *until > now);
        self.expiries.insert(token.clone(), expiry);
        token
    }

    /// Reads an `Authorization` value; the scheme's letter case does not matter.
    pub(crate) fn accepts(&self, authorization: &str, now: DateTime<Utc>) -> bool {
        let Some((scheme, token)) = authorization.split_once(' ') else {
            return false;
        };
        scheme.eq_ignore_ascii_case("bearer")
            && self
                .expiries
                .get(token.trim())
                .is_some_and(|until| *until > now)
    }

    /// Of tokens issued from now on.
    pub(crate) fn set_lifetime_secs(&mut self, seconds: u32) {
        self.lifetime_secs = seconds;
    }

    /// All tokens die, as when their API key is deleted.
    pub(crate) fn revoke_all(&mut self) {
        self.expiries.clear();
    }

    pub(crate) fn lifetime_secs(&self) -> u32 {
        self.lifetime_secs
    }

    pub(crate) fn issued(&self) -> u64 {
        self.issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_clock::default_start;

    #[test]
    fn a_token_dies_at_the_end_of_its_life() {
        let mut desk = TokenDesk::new("sl", 3600);
        let start = default_start();
        let token = desk.issue(start);
        assert_eq!(token.len(), 64);
        let header = format!("bearer {token}");
        assert!(desk.accepts(&header, start + TimeDelta::seconds(3599)));
        assert!(!desk.accepts(&header, start + TimeDelta::seconds(3600)));
        assert!(!desk.accepts(&token, start));
        assert_ne!(desk.issue(start), token);
    }
}
