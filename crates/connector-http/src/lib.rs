#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base_url;
mod call;
mod classify;
mod client;
mod clock;
mod decide;
mod error;
mod gate;
mod jitter;
mod operation;
mod personal;
mod reply;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod retry_budget;
mod retry_policy;
mod token;
mod transport;
mod vendor_error;
mod wait;

pub use base_url::{BaseUrl, request_uri};
pub use classify::{ByStatus, Classifier, Verdict};
pub use client::{HttpClient, HttpClientBuilder, user_agent};
pub use clock::{Clock, SystemClock};
pub use error::{BuildError, Error, ErrorKind};
pub use jitter::{Jitter, SystemJitter};
pub use operation::{CallOptions, Idempotency, Operation};
pub use personal::Personal;
pub use reply::Reply;
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder};
pub use retry_budget::RetryBudget;
pub use retry_policy::RetryPolicy;
pub use token::{AccessToken, CachedToken, TokenCache, TokenProvider};
pub use transport::{HttpTransport, TransportError, TransportErrorKind};
pub use vendor_error::VendorError;

/// A text that is wiped from memory when dropped, and masked in `Debug`.
pub use secrecy::{ExposeSecret, SecretString};
