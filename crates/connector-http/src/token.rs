//! Access tokens: fetched once for all, renewed early, thrown away once refused.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Clock;
use crate::error::Error;
use crate::wait::within;

/// No token is trusted for longer than this, whatever the vendor says.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token that "lives for zero seconds" is used this long: otherwise each call would fetch its own. If it is refused
/// meanwhile, it is renewed like any other.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(1);

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_secs(60);

/// How long one caller waits for an early renewal while there is a valid token.
const EARLY_RENEWAL_LIMIT: Duration = Duration::from_secs(5);

/// The distance between attempts at an early renewal, so that a token endpoint that hangs holds up one call now and then
/// and not all of them.
const EARLY_RENEWAL_PAUSE: Duration = Duration::from_secs(10);

/// How long a failed renewal is remembered, so that waiting callers share one failure.
const REMEMBER_FAILURE: Duration = Duration::from_secs(1);

/// A bearer token and how long it may be used. `Debug` masks it.
#[derive(Clone)]
pub struct AccessToken {
    secret: SecretString,
    lifetime: Duration,
}

impl AccessToken {
    /// A token with the lifetime that the vendor gave, counted from the moment it was asked for.
    ///
    /// The lifetime is not taken at its word: it counts as one second at least and one day at most.
    #[must_use]
    pub fn new(secret: impl Into<SecretString>, lifetime: Duration) -> Self {
        Self {
            secret: secret.into(),
            lifetime: lifetime.clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME),
        }
    }

    /// The token itself. Call it only to put it on the wire.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// How long it may be used.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("secret", &"***")
            .field("lifetime", &self.lifetime)
            .finish()
    }
}

/// Gets a new token from the vendor.
///
/// # Contract
///
/// It must not use the [`HttpClient`](crate::HttpClient) that it serves, or a renewal would wait for itself; a client
/// without a token cache is the right means. It brings its own, small retry policy.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use connector_http::{
///     AccessToken, CallOptions, Error, ErrorKind, ExposeSecret as _, HttpClient, Idempotency, Operation,
///     SecretString, SystemClock, TokenCache, TokenProvider,
/// };
///
/// /// A second token does no harm, so asking may be repeated.
/// static GET_TOKEN: Operation = Operation::new("auth.token", Idempotency::ReadOnly, "/token");
///
/// #[derive(Debug)]
/// struct Credentials {
///     http: HttpClient,
///     secret: SecretString,
/// }
///
/// #[async_trait]
/// impl TokenProvider for Credentials {
///     async fn fetch(&self) -> Result<AccessToken, Error> {
///         let request = http::Request::post("https://warehouse.example/token")
///             .body(Bytes::from(self.secret.expose_secret().to_owned()))
///             .map_err(|_| Error::before_sending(ErrorKind::Build, GET_TOKEN.name(), "no address"))?;
///         let reply = self.http.execute(&GET_TOKEN, request, &CallOptions::new()).await?;
///         // What the parser says may quote the token: it is left out.
///         let token = std::str::from_utf8(reply.body()).map_err(|_| reply.decode_error("not a token"))?;
///         Ok(AccessToken::new(token, Duration::from_secs(3600)))
///     }
/// }
///
/// fn tokens(http: HttpClient, secret: SecretString) -> TokenCache {
///     TokenCache::new(Arc::new(Credentials { http, secret }), Arc::new(SystemClock::new()))
/// }
/// ```
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// Fetches a token.
    ///
    /// # Errors
    ///
    /// [`Auth`](crate::ErrorKind::Auth) if the credentials were refused, else what went wrong.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time; the next caller fetches again.
    async fn fetch(&self) -> Result<AccessToken, Error>;
}

/// A token as the cache hands it out. Keep it to say which token was refused.
#[derive(Clone, Debug)]
pub struct CachedToken {
    token: Arc<AccessToken>,
    /// `Bearer ...`, made once; `None` if the token has characters that a header cannot carry.
    header: Option<HeaderValue>,
    generation: u64,
}

impl CachedToken {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    pub(crate) const fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }
}

#[derive(Debug)]
struct Held {
    token: CachedToken,
    renew_at: Duration,
    expires_at: Duration,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    generation: u64,
    failed: Option<(Duration, Error)>,
}

#[derive(Debug)]
struct Shared {
    provider: Arc<dyn TokenProvider>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    renewal: tokio::sync::Mutex<()>,
}

/// One token for all clones: a hundred tasks that need it cause one fetch.
///
/// A token is renewed one minute before it ends (at half its life, if it lives less than two). While that renewal runs,
/// the other callers use the old token; if it fails or takes longer than five seconds, so does the one that tried, and
/// the next attempt is made ten seconds later. Lifetimes are counted on the monotonic clock from the moment the token was
/// asked for, so a wrong wall clock does no harm.
///
/// A token that was refused is thrown away by [`invalidate`](Self::invalidate), once: a late refusal of a token that has
/// been replaced since changes nothing.
#[derive(Clone, Debug)]
pub struct TokenCache(Arc<Shared>);

enum Found {
    Fresh(CachedToken),
    RenewSoon(CachedToken),
    Failed(Error),
    Nothing,
}

impl TokenCache {
    /// An empty cache in front of a provider.
    #[must_use]
    pub fn new(provider: Arc<dyn TokenProvider>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            provider,
            clock,
            state: Mutex::new(State::default()),
            renewal: tokio::sync::Mutex::new(()),
        }))
    }

    /// A valid token, fetched if need be.
    ///
    /// # Errors
    ///
    /// The provider's error, if there is no valid token. It is shared by all who were waiting, and for one second after.
    ///
    /// # Cancel safety
    ///
    /// Dropping the caller that fetches lets the next waiting one fetch.
    pub async fn token(&self) -> Result<CachedToken, Error> {
        let shared = &*self.0;
        let _renewing = match self.look() {
            Found::Fresh(token) => return Ok(token),
            Found::Failed(error) => return Err(error),
            Found::RenewSoon(token) => match shared.renewal.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Ok(token),
            },
            Found::Nothing => shared.renewal.lock().await,
        };
        // Whoever waited for the lock finds what the holder before it left.
        match self.look() {
            Found::Fresh(token) => Ok(token),
            Found::Failed(error) => Err(error),
            Found::RenewSoon(token) => Ok(self.renew_early(token).await),
            Found::Nothing => self.fetch().await,
        }
    }

    async fn fetch(&self) -> Result<CachedToken, Error> {
        let shared = &*self.0;
        let asked_at = shared.clock.monotonic();
        match shared.provider.fetch().await {
            Ok(token) => Ok(self.keep(token, asked_at)),
            Err(error) => {
                let until = shared.clock.monotonic().saturating_add(REMEMBER_FAILURE);
                self.lock().failed = Some((until, error.clone()));
                Err(error)
            }
        }
    }

    /// Tries to replace a token that is still valid. Its failure, its hanging and its being dropped do no harm.
    async fn renew_early(&self, token: CachedToken) -> CachedToken {
        let shared = &*self.0;
        let asked_at = shared.clock.monotonic();
        if let Some(held) = &mut self.lock().held {
            held.renew_at = asked_at.saturating_add(EARLY_RENEWAL_PAUSE);
        }
        match within(&*shared.clock, EARLY_RENEWAL_LIMIT, shared.provider.fetch()).await {
            Some(Ok(renewed)) => return self.keep(renewed, asked_at),
            Some(Err(error)) => {
                tracing::warn!(
                    error.kind = error.kind().as_str(),
                    "early renewal of the token failed, the old one is still valid"
                );
            }
            None => tracing::warn!(
                "early renewal of the token took too long, the old one is still valid"
            ),
        }
        token
    }

    /// Throws the token away that the vendor refused, unless it has already been replaced.
    pub fn invalidate(&self, refused: &CachedToken) {
        let mut state = self.lock();
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.token.generation == refused.generation)
        {
            state.held = None;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> Found {
        let now = self.0.clock.monotonic();
        let mut state = self.lock();
        if state
            .failed
            .as_ref()
            .is_some_and(|(until, _)| now >= *until)
        {
            state.failed = None;
        }
        match (&state.held, &state.failed) {
            (Some(held), _) if now < held.renew_at.min(held.expires_at) => {
                Found::Fresh(held.token.clone())
            }
            (Some(held), _) if now < held.expires_at => Found::RenewSoon(held.token.clone()),
            (_, Some((_, error))) => Found::Failed(error.clone()),
            (_, None) => Found::Nothing,
        }
    }

    fn keep(&self, token: AccessToken, asked_at: Duration) -> CachedToken {
        let lifetime = token.lifetime();
        let early = EARLY.min(lifetime / 2);
        let expires_at = asked_at.saturating_add(lifetime);
        let mut state = self.lock();
        state.generation = state.generation.wrapping_add(1);
        let header = HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok();
        let header = header.map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let token = CachedToken {
            token: Arc::new(token),
            header,
            generation: state.generation,
        };
        state.held = Some(Held {
            token: token.clone(),
            renew_at: expires_at.saturating_sub(early),
            expires_at,
        });
        state.failed = None;
        token
    }
}
