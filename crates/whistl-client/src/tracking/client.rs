//! The client and its settings.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use connector_http::{
    BaseUrl, BuildError, CallOptions, Error, ErrorKind, ExposeSecret as _, HttpClient, Operation,
    SecretString, request_uri,
};
use http::{Request, header};

use super::profile::TrackingProfile;
use super::service_result::ServiceResults;
use crate::http_settings::{HttpSettings, TransportNeeds, http_setting_methods};
use crate::xml::{Element, EmptyForm, IllegalCharacters, Limits, read, write};

/// The carrier's live address (documented).
pub const LIVE_URL: &str = "https://trackapi.parcelhub.net/v1/trackingservice/";

/// How much of an answer is read.
pub(super) const LIMITS: Limits = Limits {
    bytes: 16 * 1024 * 1024,
    depth: 32,
    parts: 1_000_000,
};

/// The carrier's tracking interface.
///
/// Clones share connections, throttling and retry budget. Needs a tokio runtime when calls are made, none to be built.
#[derive(Clone)]
pub struct Tracking {
    inner: Arc<Inner>,
}

struct Inner {
    http: HttpClient,
    base: BaseUrl,
    account: String,
    access_code: SecretString,
    profile: TrackingProfile,
    messages: AtomicU64,
}

impl fmt::Debug for Tracking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracking")
            .field("base", &self.inner.base)
            .field("account", &self.inner.account)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Tracking`]. `Debug` masks the access code.
///
/// At most 4 requests are under way at once, unless it is set otherwise.
#[derive(Debug)]
#[must_use]
pub struct TrackingBuilder {
    base_url: String,
    account: String,
    access_code: SecretString,
    http: HttpSettings,
    profile: TrackingProfile,
}

impl Tracking {
    /// Settings for an account at an address: [`LIVE_URL`] or another. The access code is what others call the tracking API key.
    pub fn builder(
        base_url: impl Into<String>,
        account: impl Into<String>,
        access_code: impl Into<SecretString>,
        user_agent_suffix: impl Into<String>,
    ) -> TrackingBuilder {
        TrackingBuilder {
            base_url: base_url.into(),
            account: account.into(),
            access_code: access_code.into(),
            http: HttpSettings::new(user_agent_suffix, 4),
            profile: TrackingProfile::default(),
        }
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &TrackingProfile {
        &self.inner.profile
    }

    /// Asks and reads the answer of this name.
    pub(super) async fn ask(
        &self,
        operation: &Operation,
        (path, request, response): (&str, &str, &str),
        fields: Vec<Element>,
    ) -> Result<Answer, Error> {
        let number = self.inner.messages.fetch_add(1, Ordering::Relaxed) + 1;
        let message_id = format!("t-{number}");
        let mut document = Element::new(request)
            .with_child(
                Element::new("Authentication")
                    .with_child(Element::of_text("AccountID", self.inner.account.as_str()))
                    .with_child(Element::of_text(
                        "AccessCode",
                        self.inner.access_code.expose_secret(),
                    )),
            )
            .with_child(Element::of_text(
                "TransactionMessageID",
                message_id.as_str(),
            ));
        document.children.extend(fields);
        let unbuilt =
            |detail: String| Error::before_sending(ErrorKind::Build, operation.name(), detail);
        let body = write(&document, EmptyForm::Short)
            .map_err(|fault| unbuilt(format!("the request: {fault}")))?;
        let url =
            self.inner.base.join([path]).map_err(|error| {
                unbuilt("the address is not usable".to_owned()).with_source(error)
            })?;
        let uri = request_uri(&url)
            .map_err(|error| unbuilt("the address is not usable".to_owned()).with_source(error))?;
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/xml; charset=utf-8")
            .header(header::ACCEPT, "application/xml, text/xml")
            .body(Bytes::from(body))
            .map_err(|_| unbuilt("a header is not usable".to_owned()))?;
        let reply = self
            .inner
            .http
            .execute(operation, request, &CallOptions::new())
            .await?;
        let root = read(reply.body(), LIMITS, IllegalCharacters::Replace)
            .map_err(|fault| reply.decode_error(fault.to_string()))?;
        if root.name != response {
            return Err(reply.decode_error(format!("the answer is no {response}")));
        }
        if root.child("ServiceResult").is_none() {
            return Err(reply.decode_error("the answer has no ServiceResult"));
        }
        let echoed = root.child("TransactionMessageID").and_then(Element::value);
        if echoed.is_some_and(|echoed| echoed.trim() != message_id) {
            return Err(reply.decode_error("the answer is to another request"));
        }
        Ok(Answer { root })
    }
}

/// An answer that says it succeeded.
pub(super) struct Answer {
    pub(super) root: Element,
}

http_setting_methods!(TrackingBuilder);

impl TrackingBuilder {
    /// What is assumed about the interface.
    pub fn with_profile(mut self, profile: TrackingProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] for an address that is no URL, or plaintext to another machine; an account or access code that is empty; a profile
    /// that cannot be used; time limits that contradict each other; or when there is no transport.
    pub fn build(self) -> Result<Tracking, BuildError> {
        let base = BaseUrl::parse(&self.base_url)?;
        self.profile.check()?;
        if self.account.trim().is_empty() || self.access_code.expose_secret().trim().is_empty() {
            return Err(BuildError::new(
                "credentials: account or access code is empty",
            ));
        }
        let transport = self.http.transport(TransportNeeds {
            http1_only: true,
            body_limit: LIMITS.bytes,
        })?;
        let results = ServiceResults {
            credential_errors: self.profile.credential_errors.clone(),
        };
        let http = self.http.client(&transport, Arc::new(results))?.build()?;
        Ok(Tracking {
            inner: Arc::new(Inner {
                http,
                base,
                account: self.account,
                access_code: self.access_code,
                profile: self.profile,
                messages: AtomicU64::new(0),
            }),
        })
    }
}
