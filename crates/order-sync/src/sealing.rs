//! Personal data at rest, sealed with a key of the embedder's.

mod envelope;
mod key_ring;
mod seal_error;

use std::borrow::Cow;
use std::sync::Arc;

use order_mapping::SourceOrderId;

use self::envelope::Envelope;
pub use self::key_ring::{KeyRing, PersonalDataKey};
pub use self::seal_error::SealError;
use crate::MerchantId;

/// Begins every sealed text. JSON never begins so, which is how sealed rows and rows in clear are told apart.
const MARK: &str = "sealed1:";

/// Which personal data of an order a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PersonalKind {
    /// What the shop's copy says of people.
    Source,
    /// The recipient of the prepared payload.
    Recipient,
}

impl PersonalKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Source, Self::Recipient];

    /// The kind's name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Recipient => "recipient",
        }
    }
}

/// The one place where a sealed text may stand. It is bound into the seal, so a row that was moved to another place does not open.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PersonalPlace<'a> {
    /// Whose order.
    pub merchant: &'a MerchantId,
    /// Which order, by the id it was captured with.
    pub order: &'a SourceOrderId,
    /// What of it.
    pub kind: PersonalKind,
}

impl<'a> PersonalPlace<'a> {
    /// A place.
    #[must_use]
    pub const fn new(
        merchant: &'a MerchantId,
        order: &'a SourceOrderId,
        kind: PersonalKind,
    ) -> Self {
        Self {
            merchant,
            order,
            kind,
        }
    }

    /// Unambiguous: every part comes with its length.
    fn bytes(&self, purpose: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [
            purpose,
            self.merchant.as_str(),
            self.order.as_str(),
            self.kind.as_str(),
        ] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// What a store writes for one text of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// The text of the row: sealed, or in clear where there is no key.
    pub text: String,
    /// The text's own key, wrapped by the embedder's: kept in a table of its own. None where there is no key.
    pub key: Option<String>,
}

/// What a store writes to bring a row under the key of today.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renewal {
    /// The text in place of the one on record; none: it stays.
    pub text: Option<String>,
    /// The wrapped key in place of the one on record, or beside a text that had none.
    pub key: String,
}

/// How a store keeps personal data: sealed with a key of the embedder's, or in clear.
///
/// For stores: each text of personal data gets a random key of its own, which the embedder's key wraps. The text stays in its
/// row; the wrapped key goes into a table of its own, by the same merchant, order and kind. Destroying the wrapped key makes the text
/// unreadable wherever a copy of it lies, and another key of the embedder's takes over by wrapping the small keys anew.
///
/// ```
/// use order_mapping::SourceOrderId;
/// use order_sync::{KeyRing, MerchantId, PersonalDataKey, PersonalKind, PersonalPlace, Sealing};
///
/// # fn main() -> Result<(), order_sync::SealError> {
/// let keys = KeyRing::new(PersonalDataKey::new("2026", [7; 32])?);
/// let sealing = Sealing::with(keys);
/// let (merchant, order) = (MerchantId::new("northwind"), SourceOrderId::new("1001"));
/// let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
///
/// let sealed = sealing.seal(place, "{\"name\":\"Goods In\"}".to_owned())?;
/// assert!(!sealed.text.contains("Goods In"));
/// let opened = sealing.open(place, &sealed.text, sealed.key.as_deref())?;
/// assert_eq!(opened, "{\"name\":\"Goods In\"}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sealing {
    keys: Option<Arc<KeyRing>>,
}

impl Sealing {
    /// In clear.
    #[must_use]
    pub const fn clear() -> Self {
        Self { keys: None }
    }

    /// Sealed with these keys.
    #[must_use]
    pub fn with(keys: KeyRing) -> Self {
        Self {
            keys: Some(Arc::new(keys)),
        }
    }

    /// Sealed with keys that are shared; none: in clear.
    #[must_use]
    pub const fn of(keys: Option<Arc<KeyRing>>) -> Self {
        Self { keys }
    }

    /// Whether there is a key.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.keys.is_some()
    }

    /// The name of the key that seals what is written from now on.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.keys.as_ref().map(|keys| keys.current().id())
    }

    /// What to write for a text.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`]
    pub fn seal(&self, place: PersonalPlace<'_>, text: String) -> Result<Sealed, SealError> {
        let Some(keys) = &self.keys else {
            return Ok(Sealed { text, key: None });
        };
        let data_key = Envelope::random()?;
        let sealed = data_key.encrypt(&place.bytes("text"), text.as_bytes())?;
        Ok(Sealed {
            text: format!("{MARK}{sealed}"),
            key: Some(keys.current().wrap(place, &data_key)?),
        })
    }

    /// The text of a row, with the wrapped key that lies beside it. A text in clear comes back as it is.
    ///
    /// # Errors
    /// [`SealError`]: why it does not open. Holds no content.
    pub fn open<'a>(
        &self,
        place: PersonalPlace<'_>,
        text: &'a str,
        key: Option<&str>,
    ) -> Result<Cow<'a, str>, SealError> {
        let Some(sealed) = text.strip_prefix(MARK) else {
            return Ok(Cow::Borrowed(text));
        };
        let keys = self.keys.as_ref().ok_or(SealError::NoKeys)?;
        let data_key = keys.unwrap(place, key.ok_or(SealError::KeyDestroyed)?)?;
        let opened = data_key.decrypt(&place.bytes("text"), sealed)?;
        let opened = String::from_utf8(opened).map_err(|_| SealError::Tampered)?;
        Ok(Cow::Owned(opened))
    }

    /// What to write so that a row is sealed with the key of today; none: it is already, or there is no key.
    ///
    /// # Errors
    /// [`SealError`]: why it does not open; it stays as it is.
    pub fn renew(
        &self,
        place: PersonalPlace<'_>,
        text: &str,
        key: Option<&str>,
    ) -> Result<Option<Renewal>, SealError> {
        let Some(keys) = &self.keys else {
            return Ok(None);
        };
        if !text.starts_with(MARK) {
            let Sealed { text, key } = self.seal(place, text.to_owned())?;
            return Ok(key.map(|key| Renewal {
                text: Some(text),
                key,
            }));
        }
        let key = key.ok_or(SealError::KeyDestroyed)?;
        if keys.is_current(key) {
            return Ok(None);
        }
        let data_key = keys.unwrap(place, key)?;
        Ok(Some(Renewal {
            text: None,
            key: keys.current().wrap(place, &data_key)?,
        }))
    }

    /// Judges the keys that a store was opened with, before anything is read: `known` are the names of keys that the store was
    /// opened with before, the newest last, each with its proof. Returns the name and the proof to add, where the key of today is not among them.
    ///
    /// # Errors
    /// [`SealError::NoKeys`], [`SealError::WrongKey`] or [`SealError::KeyMissing`]: the store is not to be opened.
    pub fn admit(&self, known: &[(String, String)]) -> Result<Option<(String, String)>, SealError> {
        match &self.keys {
            Some(keys) => keys.admit(known),
            None if known.is_empty() => Ok(None),
            None => Err(SealError::NoKeys),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"name\":\"Planted Name\"}";

    fn ring(id: &str, byte: u8) -> KeyRing {
        KeyRing::new(PersonalDataKey::new(id, [byte; 32]).unwrap())
    }

    fn names() -> (MerchantId, SourceOrderId) {
        (MerchantId::new("northwind"), SourceOrderId::new("a"))
    }

    #[test]
    fn without_a_key_a_text_stays_as_it_is() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let sealing = Sealing::clear();
        let sealed = sealing.seal(place, TEXT.to_owned()).unwrap();
        assert_eq!((sealed.text.as_str(), sealed.key), (TEXT, None));
        assert_eq!(sealing.open(place, TEXT, None), Ok(Cow::Borrowed(TEXT)));
        assert_eq!(sealing.renew(place, TEXT, None), Ok(None));
        assert_eq!(sealing.admit(&[]), Ok(None));
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let sealing = Sealing::with(ring("2026", 1));
        let one = sealing.seal(place, TEXT.to_owned()).unwrap();
        let other = sealing.seal(place, TEXT.to_owned()).unwrap();
        assert_ne!(one.text, other.text);
        assert_ne!(one.key, other.key);
        // The key of one does not open the other.
        let mixed = sealing.open(place, &one.text, other.key.as_deref());
        assert_eq!(mixed, Err(SealError::Tampered));
    }

    #[test]
    fn a_text_opens_in_its_own_place_alone() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let sealing = Sealing::with(ring("2026", 1));
        let sealed = sealing.seal(place, TEXT.to_owned()).unwrap();
        let key = sealed.key.as_deref();
        assert_eq!(sealing.open(place, &sealed.text, key).unwrap(), TEXT);
        let (southwind, b) = (MerchantId::new("southwind"), SourceOrderId::new("b"));
        for elsewhere in [
            PersonalPlace::new(&southwind, &order, PersonalKind::Source),
            PersonalPlace::new(&merchant, &b, PersonalKind::Source),
            PersonalPlace::new(&merchant, &order, PersonalKind::Recipient),
        ] {
            let opened = sealing.open(elsewhere, &sealed.text, key);
            assert_eq!(opened, Err(SealError::Tampered), "{elsewhere:?}");
        }
    }

    #[test]
    fn whatever_is_changed_does_not_open() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let sealing = Sealing::with(ring("2026", 1));
        let sealed = sealing.seal(place, TEXT.to_owned()).unwrap();
        let key = sealed.key.unwrap();
        let turn = |text: &str, at: usize| {
            let mut letters: Vec<char> = text.chars().collect();
            letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
            String::from_iter(letters)
        };
        for at in MARK.len()..sealed.text.len() {
            let turned = turn(&sealed.text, at);
            let opened = sealing.open(place, &turned, Some(&key));
            assert_eq!(opened, Err(SealError::Tampered), "text, letter {at}");
        }
        for at in "2026:".len()..key.len() {
            let opened = sealing.open(place, &sealed.text, Some(&turn(&key, at)));
            assert_eq!(opened, Err(SealError::Tampered), "key, letter {at}");
        }
        for broken in ["", "2026", "2026:", "2026:!!", ":AAAA"] {
            assert!(sealing.open(place, &sealed.text, Some(broken)).is_err());
        }
        for broken in ["sealed1:", "sealed1:AAAA", "sealed1:ä"] {
            let opened = sealing.open(place, broken, Some(&key));
            assert_eq!(opened, Err(SealError::Tampered), "{broken}");
        }
    }

    #[test]
    fn without_its_key_a_text_is_gone() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let sealing = Sealing::with(ring("2026", 1));
        let sealed = sealing.seal(place, TEXT.to_owned()).unwrap();
        let opened = sealing.open(place, &sealed.text, None);
        assert_eq!(opened, Err(SealError::KeyDestroyed));
        let opened = Sealing::clear().open(place, &sealed.text, sealed.key.as_deref());
        assert_eq!(opened, Err(SealError::NoKeys));
        let other = Sealing::with(ring("2026", 2));
        let opened = other.open(place, &sealed.text, sealed.key.as_deref());
        assert_eq!(opened, Err(SealError::Tampered));
        let later = Sealing::with(ring("2027", 1));
        let opened = later.open(place, &sealed.text, sealed.key.as_deref());
        assert_eq!(opened, Err(SealError::KeyMissing("2026".to_owned())));
    }

    #[test]
    fn a_new_key_takes_over_by_wrapping_anew() {
        let (merchant, order) = names();
        let place = PersonalPlace::new(&merchant, &order, PersonalKind::Source);
        let before = Sealing::with(ring("2026", 1));
        let sealed = before.seal(place, TEXT.to_owned()).unwrap();
        let key = sealed.key.as_deref();
        assert_eq!(before.renew(place, &sealed.text, key), Ok(None));

        let old = PersonalDataKey::new("2026", [1; 32]).unwrap();
        let both = Sealing::with(ring("2027", 2).with_older(old));
        let renewal = both.renew(place, &sealed.text, key).unwrap().unwrap();
        assert_eq!(renewal.text, None, "the text stays where it is");
        let after = Sealing::with(ring("2027", 2));
        let opened = after.open(place, &sealed.text, Some(&renewal.key));
        assert_eq!(opened.unwrap(), TEXT);

        let renewal = after.renew(place, TEXT, None).unwrap().unwrap();
        let text = renewal.text.unwrap();
        let opened = after.open(place, &text, Some(&renewal.key));
        assert_eq!(opened.unwrap(), TEXT, "what was in clear is sealed");
    }
}
