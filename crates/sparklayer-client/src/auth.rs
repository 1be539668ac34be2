//! Access tokens by client credentials.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{
    AccessToken, CallOptions, Error, ErrorKind, ExposeSecret, HttpClient, Idempotency, Operation,
    TokenProvider,
};
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use crate::client::Credentials;
use crate::members::Value;

/// Getting a token changes nothing that matters: a second one does no harm.
pub(crate) static GET_TOKEN: Operation =
    Operation::new("auth.token", Idempotency::ReadOnly, "/api/auth/token");

/// Documented lifetime, for an answer that does not say.
const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(3600);

/// Asks `POST /api/auth/token` with a JSON body and the `Site-Id` header; form encoding is not accepted (documented).
#[derive(Debug)]
pub(crate) struct ClientCredentials {
    /// Without tokens of its own, so that a renewal never waits for itself.
    pub(crate) http: HttpClient,
    pub(crate) address: Url,
    pub(crate) credentials: Arc<Credentials>,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Box<RawValue>>,
}

#[async_trait]
impl TokenProvider for ClientCredentials {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        let build = |detail: &'static str| {
            Error::before_sending(ErrorKind::Build, GET_TOKEN.name(), detail)
        };
        let body = serde_json::to_vec(&TokenRequest {
            grant_type: "client_credentials",
            client_id: &self.credentials.client_id,
            client_secret: self.credentials.client_secret.expose_secret(),
        })
        .map_err(|_| build("the credentials cannot be written as JSON"))?;
        let request = Request::post(self.address.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(Bytes::from(body))
            .map_err(|_| build("the address cannot be written"))?;
        let reply = self
            .http
            .execute(&GET_TOKEN, request, &CallOptions::new())
            .await?;
        // The causes of a failed decode may quote the body, and so the token: they are left out.
        let answer: TokenResponse = serde_json::from_slice(reply.body())
            .map_err(|_| reply.decode_error("not a token answer"))?;
        if answer
            .token_type
            .as_ref()
            .is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer"))
        {
            return Err(reply.decode_error("the token is not a bearer token"));
        }
        if answer.access_token.trim().is_empty() {
            return Err(reply.decode_error("the token is empty"));
        }
        let lifetime = match answer.expires_in.as_deref().map(i64::read_value) {
            Some(Some(Some(seconds))) => Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
            _ => DOCUMENTED_LIFETIME,
        };
        Ok(AccessToken::new(answer.access_token, lifetime))
    }
}
