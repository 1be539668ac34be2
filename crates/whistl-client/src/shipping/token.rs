//! Tokens of the shipping interface.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{
    AccessToken, BaseUrl, CallOptions, Error, ExposeSecret as _, HttpClient, Idempotency,
    Operation, SecretString,
};
use http::Method;

use super::client::request;
use crate::xml::{Element, EmptyForm, IllegalCharacters, Limits, read, write};

pub(super) const TOKEN: Operation =
    Operation::new("shipping.token", Idempotency::ReadOnly, "/TokenV2");

/// A token is used no longer, though it would live for four hours (the warehouse's own rule, seen in use).
const USED_FOR: Duration = Duration::from_secs(200 * 60);

/// The cache renews this long before the end that it is told.
const RENEWED_BEFORE: Duration = Duration::from_secs(60);

/// Lifetime taken for a token that comes without one.
const UNSTATED_LIFETIME: Duration = Duration::from_secs(300);

/// Fetches tokens by user and password, and later by the refresh token.
pub(super) struct Tokens {
    pub(super) http: HttpClient,
    pub(super) base: BaseUrl,
    pub(super) user: String,
    pub(super) password: SecretString,
    pub(super) refresh: Arc<Mutex<Option<SecretString>>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    fn take_refresh(&self) -> Option<SecretString> {
        self.refresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    async fn ask(&self, grant: &str, user: &str, password: &str) -> Result<AccessToken, Error> {
        let document = Element::new("RequestToken")
            .with_attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
            .with_attribute("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
            .with_child(Element::of_text("grant_type", grant))
            .with_child(Element::of_text("username", user))
            .with_child(Element::of_text("password", password));
        let body = write(&document, EmptyForm::Short).map_err(|_| {
            let detail = "user or password has characters that XML cannot carry";
            Error::before_sending(connector_http::ErrorKind::Build, TOKEN.name(), detail)
        })?;
        let url = self.base.join(["TokenV2"]).map_err(|error| {
            let detail = "the address is not usable";
            Error::before_sending(connector_http::ErrorKind::Build, TOKEN.name(), detail)
                .with_source(error)
        })?;
        let request = request(&TOKEN, Method::POST, &url, Some(Bytes::from(body)))?;
        let reply = self
            .http
            .execute(&TOKEN, request, &CallOptions::new())
            .await?;
        let limits = Limits {
            bytes: 64 * 1024,
            ..Limits::default()
        };
        let mut root = read(reply.body(), limits, IllegalCharacters::Refuse)
            .map_err(|fault| reply.decode_error(format!("token answer: {fault}")))?;
        let mut text = |name: &str| {
            let taken = root.take(name)?;
            taken.value().map(|text| text.trim().to_owned())
        };
        let lifetime = text("expiresIn")
            .and_then(|seconds| seconds.parse().ok())
            .map_or(UNSTATED_LIFETIME, Duration::from_secs);
        let refresh = text("refreshToken").filter(|token| !token.is_empty());
        let token = text("access_token").filter(|token| !token.is_empty());
        *self.refresh.lock().unwrap_or_else(PoisonError::into_inner) =
            refresh.map(SecretString::from);
        let token = token.ok_or_else(|| reply.decode_error("token answer: no access token"))?;
        Ok(AccessToken::new(
            token,
            lifetime.min(USED_FOR + RENEWED_BEFORE),
        ))
    }
}

#[async_trait]
impl connector_http::TokenProvider for Tokens {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        if let Some(refresh) = self.take_refresh() {
            match self.ask("refreshtoken", refresh.expose_secret(), "").await {
                // It has run out, or was used: the password still opens.
                Err(error) if error.is_auth() => {}
                outcome => return outcome,
            }
        }
        self.ask("bearer", &self.user, self.password.expose_secret())
            .await
    }
}
