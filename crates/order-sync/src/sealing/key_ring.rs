//! The embedder's keys.

use super::envelope::Envelope;
use super::{PersonalPlace, SealError};

/// What a proof is bound to.
const PROOF: &[u8] = b"order-sync/personal-data-key";

/// A key of the embedder's, with the name by which a store remembers it.
///
/// 32 random bytes, from a key management service or a secret of the deployment: never from a password, and never kept beside the
/// database. Whoever loses it loses the personal data of all orders, and nothing else of them.
#[derive(Debug)]
pub struct PersonalDataKey {
    id: String,
    key: Envelope,
}

impl PersonalDataKey {
    /// A key and its name, which is no secret: 1 to 64 letters, digits, dots, dashes or underscores, another one for each key.
    ///
    /// # Errors
    /// [`SealError::BadName`]
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Result<Self, SealError> {
        let id = id.into();
        let plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            return Err(SealError::BadName);
        }
        Ok(Self {
            id,
            key: Envelope::new(key),
        })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key of one text, readable by this key alone.
    pub(super) fn wrap(
        &self,
        place: PersonalPlace<'_>,
        data_key: &Envelope,
    ) -> Result<String, SealError> {
        let wrapped = self.key.encrypt(&place.bytes("key"), data_key.bytes())?;
        Ok(format!("{}:{wrapped}", self.id))
    }

    fn proof(&self) -> Result<String, SealError> {
        self.key.encrypt(PROOF, self.id.as_bytes())
    }

    fn is_proven_by(&self, proof: &str) -> bool {
        self.key.decrypt(PROOF, proof).as_deref() == Ok(self.id.as_bytes())
    }
}

/// The keys of personal data: the one that seals from now on, and older ones that still open what they sealed.
///
/// ```
/// use order_sync::{KeyRing, PersonalDataKey};
///
/// # fn main() -> Result<(), order_sync::SealError> {
/// # let (this_year, last_year) = ([1; 32], [2; 32]);
/// let keys = KeyRing::new(PersonalDataKey::new("2027", this_year)?)
///     .with_older(PersonalDataKey::new("2026", last_year)?);
/// assert_eq!(keys.current().id(), "2027");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KeyRing {
    current: PersonalDataKey,
    older: Vec<PersonalDataKey>,
}

impl KeyRing {
    /// A ring with one key.
    #[must_use]
    pub const fn new(current: PersonalDataKey) -> Self {
        Self {
            current,
            older: Vec::new(),
        }
    }

    /// Adds a key that sealed before. The housekeeping flow brings what it sealed under the current key; afterwards it can go.
    #[must_use]
    pub fn with_older(mut self, key: PersonalDataKey) -> Self {
        self.older.push(key);
        self
    }

    /// The key that seals from now on.
    #[must_use]
    pub const fn current(&self) -> &PersonalDataKey {
        &self.current
    }

    fn of_name(&self, id: &str) -> Option<&PersonalDataKey> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
    }

    /// Whether a wrapped key is wrapped by the key of today.
    pub(super) fn is_current(&self, wrapped: &str) -> bool {
        wrapped
            .split_once(':')
            .is_some_and(|(id, _)| id == self.current.id)
    }

    pub(super) fn unwrap(
        &self,
        place: PersonalPlace<'_>,
        wrapped: &str,
    ) -> Result<Envelope, SealError> {
        let (id, wrapped) = wrapped.split_once(':').ok_or(SealError::Tampered)?;
        let key = self
            .of_name(id)
            .ok_or_else(|| SealError::KeyMissing(id.to_owned()))?;
        let bytes = key.key.decrypt(&place.bytes("key"), wrapped)?;
        let bytes = bytes.try_into().map_err(|_| SealError::Tampered)?;
        Ok(Envelope::new(bytes))
    }

    pub(super) fn admit(
        &self,
        known: &[(String, String)],
    ) -> Result<Option<(String, String)>, SealError> {
        for (id, proof) in known {
            if self.of_name(id).is_some_and(|key| !key.is_proven_by(proof)) {
                return Err(SealError::WrongKey(id.clone()));
            }
        }
        // Older ones may be gone; but what the newest sealed was sealed yesterday.
        if let Some((id, _)) = known.last()
            && self.of_name(id).is_none()
        {
            return Err(SealError::KeyMissing(id.clone()));
        }
        if known.iter().any(|(id, _)| *id == self.current.id) {
            return Ok(None);
        }
        Ok(Some((self.current.id.clone(), self.current.proof()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, byte: u8) -> PersonalDataKey {
        PersonalDataKey::new(id, [byte; 32]).unwrap()
    }

    #[test]
    fn a_store_is_opened_with_the_keys_it_was_sealed_with() {
        let first = KeyRing::new(key("2026", 1));
        let added = first.admit(&[]).unwrap().unwrap();
        assert_eq!(added.0, "2026");
        let known = [added];
        assert_eq!(first.admit(&known), Ok(None));

        let wrong = KeyRing::new(key("2026", 9)).admit(&known);
        assert_eq!(wrong, Err(SealError::WrongKey("2026".to_owned())));
        let missing = KeyRing::new(key("2027", 2)).admit(&known);
        assert_eq!(missing, Err(SealError::KeyMissing("2026".to_owned())));

        let both = KeyRing::new(key("2027", 2)).with_older(key("2026", 1));
        let next = both.admit(&known).unwrap().unwrap();
        assert_eq!(next.0, "2027");
        let [first_known] = known;
        let known = [first_known, next];
        // Once the old one is not needed any more, it is left out.
        assert_eq!(KeyRing::new(key("2027", 2)).admit(&known), Ok(None));
        // A program with the settings of last year.
        let before = KeyRing::new(key("2026", 1)).admit(&known);
        assert_eq!(before, Err(SealError::KeyMissing("2027".to_owned())));
    }

    #[test]
    fn a_key_has_a_plain_name_and_no_debug_of_itself() {
        for bad in ["", "a:b", "a b", "ä", "x".repeat(65).as_str()] {
            let key = PersonalDataKey::new(bad, [1; 32]);
            assert_eq!(key.unwrap_err(), SealError::BadName, "{bad}");
        }
        let text = format!("{:?}", KeyRing::new(key("2026", 77)));
        assert!(text.contains("2026") && !text.contains("77"), "{text}");
    }
}
