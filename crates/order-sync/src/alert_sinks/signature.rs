//! How a webhook is signed, and how its receiver finds out that it is genuine.
//!
//! Every request has the header [`SIGNATURE_HEADER`] in the form `t=1772444400,v1=5257a8...`: the time of sending in seconds since 1970,
//! and HMAC-SHA256 in hexadecimal over that number, a dot, and the body byte by byte, keyed with the shared secret. Being signed, the
//! time shows an old request that somebody sends again. [`DELIVERY_HEADER`] repeats the `id` of the body.
//!
//! A receiver takes the body as it came, before any parser, and calls [`verify`]. To change the secret, it accepts both for a while:
//!
//! ```
//! use std::time::Duration;
//!
//! use chrono::DateTime;
//! use order_sync::alert_sinks::SecretString;
//! use order_sync::alert_sinks::signature::{SignatureFault, sign, verify};
//!
//! let old = SecretString::from("the-secret-until-yesterday");
//! let new = SecretString::from("the-secret-from-today-on");
//! let now = DateTime::from_timestamp(1_772_444_400, 0).ok_or("time")?;
//! let window = Duration::from_secs(300);
//!
//! let header = sign(&old, now, b"{}");
//! verify(&[new.clone(), old], &header, b"{}", now, window)?;
//! assert_eq!(verify(&[new], &header, b"{}", now, window), Err(SignatureFault::Mismatch));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Within the window a request can still be sent again by somebody who has seen it. A receiver that minds keeps the ids of the last
//! window and drops those it knows; that takes care of an alert told twice as well.

use std::time::Duration;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// The header with time and signature.
pub const SIGNATURE_HEADER: &str = "order-sync-signature";

/// The header with the id of the delivery.
pub const DELIVERY_HEADER: &str = "order-sync-delivery";

/// A longer header is not looked at: every signature in it costs a pass over the body for every secret.
const LONGEST: usize = 1_024;

/// Why a request is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The header is not in the form described.
    #[error("the signature header is malformed")]
    Malformed,
    /// No signature fits the time and the body under any of the secrets.
    #[error("the signature does not match")]
    Mismatch,
    /// It is genuine, but was sent longer ago than the window.
    #[error("the signature is too old")]
    TooOld,
    /// It is genuine, but says to be from the future by more than the window: the clocks differ.
    #[error("the signature is from the future")]
    FromTheFuture,
}

fn keyed(secret: &SecretString, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of any length; `None` cannot come about.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// The value of [`SIGNATURE_HEADER`] for a body sent at that time.
#[must_use]
pub fn sign(secret: &SecretString, at: DateTime<Utc>, body: &[u8]) -> String {
    let time = at.timestamp().to_string();
    let code = keyed(secret, &time, body)
        .map(|mac| HEXLOWER.encode(&mac.finalize().into_bytes()))
        .unwrap_or_default();
    format!("t={time},v1={code}")
}

/// Finds out whether a request is genuine and fresh: signed with one of these secrets, no longer than `window` before or after `now`.
///
/// Signatures are compared in constant time. Parts of the header that are not known are left alone, so that a later version can add
/// another kind of signature.
///
/// # Errors
/// [`SignatureFault`]: answer with 401, and do nothing that the body says.
pub fn verify(
    secrets: &[SecretString],
    header: &str,
    body: &[u8],
    now: DateTime<Utc>,
    window: Duration,
) -> Result<(), SignatureFault> {
    let (time, codes) = parts(header).ok_or(SignatureFault::Malformed)?;
    let seconds: i64 = time.parse().map_err(|_| SignatureFault::Malformed)?;
    let genuine = secrets.iter().any(|secret| {
        keyed(secret, time, body).is_some_and(|mac| {
            codes
                .iter()
                .any(|code| mac.clone().verify_slice(code).is_ok())
        })
    });
    if !genuine {
        return Err(SignatureFault::Mismatch);
    }
    let window = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    let age = now.timestamp().saturating_sub(seconds);
    if age > window {
        return Err(SignatureFault::TooOld);
    }
    if age < window.saturating_neg() {
        return Err(SignatureFault::FromTheFuture);
    }
    Ok(())
}

/// The time as it is written, and every signature of the first version.
fn parts(header: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    if header.len() > LONGEST {
        return None;
    }
    let mut time = None;
    let mut codes = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            // Two times would leave open which one is signed.
            ("t", _) if time.is_some() => return None,
            ("t", text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                time = Some(text);
            }
            ("t", _) => return None,
            ("v1", text) => codes.push(HEXLOWER.decode(text.as_bytes()).ok()?),
            _ => {}
        }
    }
    (!codes.is_empty()).then_some((time?, codes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(300);

    fn secret() -> SecretString {
        SecretString::from("a-secret-of-some-length")
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn check(header: &str, body: &[u8], now: i64) -> Result<(), SignatureFault> {
        verify(&[secret()], header, body, at(now), WINDOW)
    }

    /// Computed with `openssl dgst -sha256 -hmac`.
    #[test]
    fn the_signature_is_what_another_program_computes() {
        assert_eq!(
            sign(&secret(), at(1_772_444_400), b"{\"version\":1}"),
            "t=1772444400,v1=860f45de3da3bdc1d1d855855b8483b40421ad9417617de43268e7a6a9ae1474"
        );
    }

    #[test]
    fn body_time_secret_and_window_all_count() {
        let header = sign(&secret(), at(1_000), b"{}");
        assert_eq!(check(&header, b"{}", 1_000), Ok(()));
        assert_eq!(check(&header, b"{ }", 1_000), Err(SignatureFault::Mismatch));
        let moved = header.replace("t=1000", "t=1001");
        assert_eq!(check(&moved, b"{}", 1_000), Err(SignatureFault::Mismatch));
        assert_eq!(check(&header, b"{}", 1_300), Ok(()));
        assert_eq!(check(&header, b"{}", 1_301), Err(SignatureFault::TooOld));
        assert_eq!(check(&header, b"{}", 700), Ok(()));
        assert_eq!(
            check(&header, b"{}", 699),
            Err(SignatureFault::FromTheFuture)
        );
        // Nobody learns from the answer whether a forged time is in the window.
        let old = header.replace("t=1000", "t=1");
        assert_eq!(check(&old, b"{}", 1_000), Err(SignatureFault::Mismatch));
        let other = SecretString::from("another-secret-of-some-length");
        assert_eq!(
            verify(&[other], &header, b"{}", at(1_000), WINDOW),
            Err(SignatureFault::Mismatch)
        );
        assert_eq!(
            verify(&[], &header, b"{}", at(1_000), WINDOW),
            Err(SignatureFault::Mismatch)
        );
    }

    #[test]
    fn what_a_later_version_adds_is_left_alone() {
        let header = sign(&secret(), at(1_000), b"{}");
        let code = header.split_once("v1=").unwrap().1;
        let zeros = "0".repeat(64);
        let later = format!("t=1000, v1={zeros}, v1={code}, v2=whatever");
        assert_eq!(check(&later, b"{}", 1_000), Ok(()));
    }

    #[test]
    fn malformed_headers_are_told_from_wrong_ones() {
        let code = "0".repeat(64);
        for header in [
            String::new(),
            "t=1000".to_owned(),
            format!("v1={code}"),
            format!("t=,v1={code}"),
            format!("t=-1,v1={code}"),
            format!("t=+1000,v1={code}"),
            format!("t=99999999999999999999,v1={code}"),
            format!("t=1000,t=1001,v1={code}"),
            "t=1000,v1=xyz".to_owned(),
            format!("t=1000,v1={}", "0".repeat(2_000)),
        ] {
            assert_eq!(
                check(&header, b"{}", 1_000),
                Err(SignatureFault::Malformed),
                "{header}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(header in ".{0,80}", body in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(check(&header, &body, 1_000).is_err());
        }

        #[test]
        fn what_is_signed_is_verified(seconds in 0_i64..4_000_000_000, body in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(check(&sign(&secret(), at(seconds), &body), &body, seconds), Ok(()));
        }
    }
}
