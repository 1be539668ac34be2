//! XChaCha20-Poly1305 over texts: a random nonce of 192 bits before the sealed bytes, as base64.

use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64_NOPAD;
use secrecy::{ExposeSecret as _, SecretBox};

use super::SealError;

/// A key of 256 bits. No `Debug` of it shows it, and it is overwritten when it is dropped.
#[derive(Debug)]
pub(super) struct Envelope(SecretBox<[u8; 32]>);

/// Bytes of a nonce.
const NONCE: usize = 24;

impl Envelope {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// A key from the operating system's randomness: the one thing that no seed may reproduce.
    pub(super) fn random() -> Result<Self, SealError> {
        let key = <[u8; 32]>::try_generate().map_err(|_| SealError::NoRandomness)?;
        Ok(Self::new(key))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.bytes()))
    }

    /// Encrypts, bound to `place`.
    pub(super) fn encrypt(&self, place: &[u8], plain: &[u8]) -> Result<String, SealError> {
        let nonce = XNonce::try_generate().map_err(|_| SealError::NoRandomness)?;
        let payload = Payload {
            msg: plain,
            aad: place,
        };
        // Fails for texts of 256 GiB only.
        let sealed = self.cipher().encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_| SealError::Tampered)?;
        let mut bytes = Vec::with_capacity(NONCE + sealed.len());
        bytes.extend_from_slice(nonce.as_slice());
        bytes.extend(sealed);
        Ok(BASE64_NOPAD.encode(&bytes))
    }

    /// Decrypts what was encrypted with this key for the same `place`.
    pub(super) fn decrypt(&self, place: &[u8], sealed: &str) -> Result<Vec<u8>, SealError> {
        let bytes = BASE64_NOPAD
            .decode(sealed.as_bytes())
            .map_err(|_| SealError::Tampered)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE>()
            .ok_or(SealError::Tampered)?;
        let payload = Payload {
            msg: sealed,
            aad: place,
        };
        self.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SealError::Tampered)
    }
}
