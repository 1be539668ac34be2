//! How the client proves who it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{
    AccessToken, BuildError, CallOptions, Error, ErrorKind, ExposeSecret as _, HttpClient,
    Idempotency, Operation, SecretString, TokenProvider, request_uri,
};
use data_encoding::BASE64;
use http::{HeaderName, HeaderValue, Request, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::contract::Contract;
use super::members::Members;

const TOKEN: Operation = Operation::new("orders.token", Idempotency::ReadOnly, "/oauth/token");

/// Lifetime taken for a token that comes without one.
const UNSTATED_LIFETIME: Duration = Duration::from_secs(300);

/// The authentication scheme and its credentials (schemes assumed). `Debug` masks the secrets.
///
/// ```
/// use whistl_client::orders::Auth;
/// let auth = Auth::api_key("X-Api-Key", "do-not-print");
/// assert!(!format!("{auth:?}").contains("do-not-print"));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Auth {
    /// OAuth2 client credentials: a form is posted to the contract's token path, and the token sent as `Bearer`.
    OAuth2ClientCredentials {
        /// The client's id.
        client_id: String,
        /// The client's secret.
        secret: SecretString,
    },
    /// A fixed key in a header.
    ApiKey {
        /// The header's name, such as `X-Api-Key`. Blank: the contract's ([`AuthNames::api_key_header`](super::AuthNames)).
        header: String,
        /// The key.
        key: SecretString,
    },
    /// HTTP Basic authentication.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// Which scheme a site asks for; the credentials themselves are never in a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthScheme {
    /// OAuth2 client credentials.
    #[default]
    Oauth2,
    /// A fixed key in a header.
    ApiKey,
    /// HTTP Basic authentication.
    Basic,
}

impl Auth {
    /// Credentials for the scheme that a contract names: id and secret, or user and password; a key is the secret alone.
    ///
    /// ```
    /// use whistl_client::orders::{Auth, AuthScheme, Contract};
    /// let mut contract = Contract::default();
    /// contract.auth_scheme = AuthScheme::ApiKey;
    /// assert!(matches!(Auth::by_contract(&contract, "", "key"), Auth::ApiKey { .. }));
    /// ```
    pub fn by_contract(
        contract: &Contract,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        match contract.auth_scheme {
            AuthScheme::Oauth2 => Self::oauth2(id, secret),
            AuthScheme::ApiKey => Self::api_key(contract.auth.api_key_header.as_str(), secret),
            AuthScheme::Basic => Self::basic(id, secret),
        }
    }

    /// OAuth2 client credentials.
    pub fn oauth2(client_id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self::OAuth2ClientCredentials {
            client_id: client_id.into(),
            secret: secret.into(),
        }
    }

    /// A fixed key in a header.
    pub fn api_key(header: impl Into<String>, key: impl Into<SecretString>) -> Self {
        Self::ApiKey {
            header: header.into(),
            key: key.into(),
        }
    }

    /// HTTP Basic authentication.
    pub fn basic(user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::Basic {
            user: user.into(),
            password: password.into(),
        }
    }

    /// The header that every request carries; `None` when a token is fetched instead.
    pub(super) fn header(
        &self,
        contract: &Contract,
    ) -> Result<Option<(HeaderName, HeaderValue)>, BuildError> {
        let (name, text) = match self {
            Self::OAuth2ClientCredentials { client_id, secret } => {
                if client_id.trim().is_empty() || secret.expose_secret().is_empty() {
                    return Err(BuildError::new("auth: the client id or secret is empty"));
                }
                return Ok(None);
            }
            Self::ApiKey { header, key } => {
                let header = if header.trim().is_empty() {
                    &contract.auth.api_key_header
                } else {
                    header
                };
                let name = HeaderName::from_bytes(header.trim().as_bytes())
                    .map_err(|_| BuildError::new("auth: the header's name is not usable"))?;
                // These are set for each request, and the key would silently not be sent.
                let taken = [
                    header::ACCEPT,
                    header::CONNECTION,
                    header::CONTENT_LENGTH,
                    header::CONTENT_TYPE,
                    header::HOST,
                    header::TRANSFER_ENCODING,
                    header::USER_AGENT,
                ];
                if taken.contains(&name) {
                    return Err(BuildError::new(
                        "auth: the header's name is taken by HTTP itself",
                    ));
                }
                if key.expose_secret().trim().is_empty() {
                    return Err(BuildError::new("auth: the key is empty"));
                }
                (name, key.expose_secret().to_owned())
            }
            Self::Basic { user, password } => {
                // The first colon ends the user's name, so it cannot hold one.
                if user.is_empty() || user.contains(':') {
                    return Err(BuildError::new("auth: the user is empty or has a colon"));
                }
                let pair = format!("{user}:{}", password.expose_secret());
                (
                    header::AUTHORIZATION,
                    format!("Basic {}", BASE64.encode(pair.as_bytes())),
                )
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            BuildError::new("auth: the key has characters that a header cannot carry")
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

/// Fetches tokens with client credentials.
pub(super) struct ClientCredentials {
    pub(super) http: HttpClient,
    pub(super) url: Url,
    pub(super) contract: Arc<Contract>,
    pub(super) client_id: String,
    pub(super) secret: SecretString,
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("template", &self.contract.paths.token)
            .finish_non_exhaustive()
    }
}

impl ClientCredentials {
    fn form(&self) -> String {
        let names = &self.contract.auth;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair(&names.grant_type, "client_credentials");
        if !self.contract.token_credentials_in_header {
            form.append_pair(&names.client_id, &self.client_id)
                .append_pair(&names.client_secret, self.secret.expose_secret());
        }
        let scope = self.contract.token_scope.trim();
        if !scope.is_empty() {
            form.append_pair(&names.scope, scope);
        }
        form.finish()
    }
}

#[async_trait]
impl TokenProvider for ClientCredentials {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        let operation = TOKEN.with_template(self.contract.paths.token.as_str());
        let names = &self.contract.auth;
        let form = self.form();
        let unbuilt = |_| {
            Error::before_sending(
                ErrorKind::Build,
                TOKEN.name(),
                "the token request is not usable",
            )
        };
        let uri = request_uri(&self.url).map_err(unbuilt)?;
        let mut request = Request::post(uri);
        if self.contract.token_credentials_in_header {
            let pair = format!("{}:{}", self.client_id, self.secret.expose_secret());
            let value = format!("Basic {}", BASE64.encode(pair.as_bytes()));
            let mut value =
                HeaderValue::try_from(value).map_err(|_| unbuilt(BuildError::new("")))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from(form))
            .map_err(|_| unbuilt(BuildError::new("")))?;
        let reply = self
            .http
            .execute(&operation, request, &CallOptions::new())
            .await?;
        let value: Value = serde_json::from_slice(reply.body())
            .map_err(|_| reply.decode_error("the token answer is not JSON"))?;
        let unreadable =
            |problem: super::Unreadable| reply.decode_error(format!("token answer: {problem}"));
        let mut members = Members::of(value, "").map_err(unreadable)?;
        // A server's odd idea of a lifetime must not stop the client: a token is renewed when it is refused.
        let lifetime = match members.integer(&names.expires_in) {
            Ok(Some(seconds)) => Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
            _ => UNSTATED_LIFETIME,
        };
        let kind = members.text(&names.token_type).map_err(unreadable)?;
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(reply.decode_error("token answer: the token is no bearer token"));
        }
        match members.text(&names.access_token).map_err(unreadable)? {
            Some(token) if !token.is_empty() => Ok(AccessToken::new(token, lifetime)),
            _ => Err(reply.decode_error("token answer: no access token")),
        }
    }
}
