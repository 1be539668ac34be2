//! The keys under which personal data lies in the database: a secret of the deployment, apart from the database.

use std::sync::Arc;

use data_encoding::HEXLOWER_PERMISSIVE;
use order_sync::{KeyRing, PersonalDataKey};

use super::bad_input::InputFault;
use super::secret::Secret;

/// The keys of personal data, or none: it is then kept in clear.
#[derive(Debug, Clone, Default)]
pub struct PersonalDataKeys(Option<Arc<KeyRing>>);

impl PersonalDataKeys {
    /// Name of the secret. One line, `NAME:64 HEX DIGITS`, further keys after a comma: the first one seals from now on, the others still
    /// open what they sealed.
    pub const VARIABLE: &str = "ORDER_SYNC_PERSONAL_DATA_KEYS";

    /// The keys of the secret [`PersonalDataKeys::VARIABLE`]; none where there is no such secret.
    ///
    /// # Errors
    /// A secret that cannot be read, or is no list of keys. No part of it is quoted.
    pub fn read() -> Result<Self, InputFault> {
        let secret = Secret::find(Self::VARIABLE)
            .map_err(|fault| InputFault::new(fault.what, fault.remedy))?;
        secret.map_or_else(|| Ok(Self::default()), |text| Self::parse(&text))
    }

    /// The keys to open a store with.
    #[must_use]
    pub fn ring(&self) -> Option<Arc<KeyRing>> {
        self.0.clone()
    }

    /// How personal data is kept, in words; names the key that seals.
    #[must_use]
    pub fn explanation(&self) -> String {
        self.0.as_ref().map_or_else(
            || "personal data: in clear".to_owned(),
            |ring| format!("personal data: encrypted with key {}", ring.current().id()),
        )
    }

    fn parse(text: &str) -> Result<Self, InputFault> {
        let mut keys = text
            .split(',')
            .zip(1..)
            .map(|(part, number)| key(part, number));
        let Some(current) = keys.next() else {
            return Ok(Self::default());
        };
        let ring = keys.try_fold(KeyRing::new(current?), |ring, older| {
            Ok::<_, InputFault>(ring.with_older(older?))
        })?;
        Ok(Self(Some(Arc::new(ring))))
    }
}

/// One of the keys of a list, by its place in it, from 1.
fn key(part: &str, number: usize) -> Result<PersonalDataKey, InputFault> {
    let fault = |what: &str| {
        InputFault::new(
            format!("key {number} of {}: {what}", PersonalDataKeys::VARIABLE),
            "write NAME:KEY, with a KEY of 64 hex digits (`openssl rand -hex 32`), and a comma between two keys",
        )
    };
    let (name, digits) = part
        .trim()
        .split_once(':')
        .ok_or_else(|| fault("it has no name"))?;
    let key = HEXLOWER_PERMISSIVE
        .decode(digits.trim().as_bytes())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| fault("it is not 64 hex digits"))?;
    PersonalDataKey::new(name.trim(), key).map_err(|error| fault(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_seals_and_the_others_open() {
        let (new, old) = ("0a".repeat(32), "FF".repeat(32));
        let keys = PersonalDataKeys::parse(&format!("2027:{new}, 2026:{old}")).unwrap();
        assert_eq!(keys.ring().unwrap().current().id(), "2027");
        assert_eq!(keys.explanation(), "personal data: encrypted with key 2027");
        assert_eq!(
            PersonalDataKeys::default().explanation(),
            "personal data: in clear"
        );
    }

    #[test]
    fn what_is_no_key_is_told_by_its_place_and_never_quoted() {
        let (good, short) = ("0a".repeat(32), "0a".repeat(31));
        for (text, told) in [
            (good.clone(), "key 1 of"),
            (format!("2027:{short}"), "key 1 of"),
            (format!("2027:{good},"), "key 2 of"),
            (format!("2027:{good},2026:{short}zz"), "key 2 of"),
            (format!("a name:{good}"), "key 1 of"),
        ] {
            let fault = PersonalDataKeys::parse(&text).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
            assert!(fault.contains("remedy: "), "{fault}");
            assert!(!fault.contains("0a0a"), "{fault}");
        }
    }
}
