//! Where a listing stands, in a form that can be stored.

use std::fmt;
use std::str::FromStr;

use connector_http::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::list::LIST;

/// Grows when the meaning of a token changes, so that an old one is refused rather than misread.
const VERSION: &str = "sl1";

/// Hexadecimal digits of the fingerprint: 128 bits.
const FINGERPRINT: usize = 32;

/// The place where a listing goes on: opaque, short, without personal data, and fit to be stored.
///
/// It is bound to the shop and to the filters it was made with: in another list it is refused, since there its position
/// would leave out rows in silence. The limit may differ. It holds no snapshot: rows that change while a list is read
/// move between pages, so keep the upper end of the window in the past.
///
/// ```
/// # use sparklayer_client::{PageToken, PurchaseType, SparkLayer};
/// # async fn keep(shop: SparkLayer, stored: Option<String>) -> Result<Option<String>, Box<dyn std::error::Error>> {
/// let mut list = shop.purchases().list().with_type(PurchaseType::Order);
/// if let Some(text) = stored {
///     list = list.with_page_token(&text.parse::<PageToken>()?);
/// }
/// let page = list.send().await?;
/// Ok(page.next.map(|token| token.to_string()))
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageToken {
    offset: u64,
    list: String,
}

impl PageToken {
    pub(super) const fn new(offset: u64, list: String) -> Self {
        Self { offset, list }
    }

    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn is_of(&self, list: &str) -> bool {
        self.list == list
    }
}

/// What tells one list from another: the shop, and the address with all filters.
pub(super) fn fingerprint(site: &str, filters: &str) -> String {
    let digest = Sha256::digest(format!("{site}\n{filters}"));
    format!("{digest:x}").chars().take(FINGERPRINT).collect()
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}-{}-{}", self.offset, self.list)
    }
}

impl From<PageToken> for String {
    fn from(token: PageToken) -> Self {
        token.to_string()
    }
}

impl TryFrom<String> for PageToken {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl FromStr for PageToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |detail: &'static str| {
            Error::before_sending(ErrorKind::InvalidRequest, LIST.name(), detail)
        };
        let Some((VERSION, rest)) = text.split_once('-') else {
            return Err(refused(
                "a page token of another version, or none at all: begin the list anew",
            ));
        };
        let (offset, list) = rest
            .split_once('-')
            .ok_or_else(|| refused("not a page token"))?;
        let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        let has_digits = !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_digit());
        if !has_digits || list.len() != FINGERPRINT || !list.chars().all(is_hex) {
            return Err(refused("not a page token"));
        }
        let offset = offset.parse().map_err(|_| refused("not a page token"))?;
        Ok(Self::new(offset, list.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_as_text_and_as_json() {
        let token = PageToken::new(1500, fingerprint("site", "https://a.example/?type=order"));
        assert_eq!(token.to_string().parse::<PageToken>().unwrap(), token);
        let json = serde_json::to_string(&token).unwrap();
        assert_eq!(serde_json::from_str::<PageToken>(&json).unwrap(), token);
    }

    #[test]
    fn the_form_of_a_stored_token_stays_what_it_was() {
        let token = PageToken::new(500, fingerprint("site", "https://a.example/?type=order"));
        assert_eq!(
            token.to_string(),
            "sl1-500-32a6b0237440460c385df7942a122b65"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let print = "0".repeat(32);
        for bad in [
            String::new(),
            "500".to_owned(),
            format!("sl2-500-{print}"),
            format!("sl1--{print}"),
            format!("sl1-+5-{print}"),
            format!("sl1--5-{print}"),
            format!("sl1-99999999999999999999-{print}"),
            format!("sl1-5-{print}0"),
            format!("sl1-5-{}", "g".repeat(32)),
            format!("sl1-5-{print}-1"),
        ] {
            let error = bad.parse::<PageToken>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad}");
        }
        assert!(serde_json::from_str::<PageToken>("7").is_err());
    }
}
