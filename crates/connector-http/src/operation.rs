//! What a call is, apart from its data.

use std::borrow::Cow;
use std::time::Duration;

/// What repeating a request does at the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idempotency {
    /// Changes nothing. May be repeated, and is never ambiguous.
    ReadOnly,
    /// Changes something, but a second time changes nothing more. May be repeated; a lost reply is ambiguous.
    Idempotent,
    /// A second time may do it twice, or undo somebody else's change. Repeated only if it provably was not processed.
    NonIdempotent,
}

impl Idempotency {
    pub(crate) const fn is_write(self) -> bool {
        !matches!(self, Self::ReadOnly)
    }

    pub(crate) const fn is_repeatable(self) -> bool {
        !matches!(self, Self::NonIdempotent)
    }
}

/// A named vendor operation: what logs and errors call it, and how it may be repeated.
///
/// The template stands in for the URL everywhere, so that no identifier and no query value reaches a log.
///
/// ```
/// use connector_http::{Idempotency, Operation};
/// static GET_ORDER: Operation = Operation::new("orders.get", Idempotency::ReadOnly, "/v1/orders/{reference}");
/// assert_eq!(GET_ORDER.name(), "orders.get");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    idempotency: Idempotency,
    template: Cow<'static, str>,
}

impl Operation {
    /// Describes an operation.
    #[must_use]
    pub const fn new(name: &'static str, idempotency: Idempotency, template: &'static str) -> Self {
        Self {
            name,
            idempotency,
            template: Cow::Borrowed(template),
        }
    }

    /// Replaces the URL template, for vendors whose paths are configuration.
    #[must_use]
    pub fn with_template(mut self, template: impl Into<String>) -> Self {
        self.template = Cow::Owned(template.into());
        self
    }

    /// The stable name, such as `purchases.list`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it may be repeated.
    #[must_use]
    pub const fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    /// The URL template, such as `/api/v1/purchases/{lookupBy}/{identifier}`.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }
}

/// Options of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    total_timeout: Option<Duration>,
    without_retry: bool,
}

impl CallOptions {
    /// The client's defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            total_timeout: None,
            without_retry: false,
        }
    }

    /// Limits the whole call, waiting and retries included. An attempt never outlives it, whatever the attempt
    /// timeout says.
    #[must_use]
    pub const fn with_total_timeout(mut self, total: Duration) -> Self {
        self.total_timeout = Some(total);
        self
    }

    /// Makes one try only. A refused token is still renewed once.
    #[must_use]
    pub const fn without_retry(mut self) -> Self {
        self.without_retry = true;
        self
    }

    pub(crate) const fn total_timeout(&self) -> Option<Duration> {
        self.total_timeout
    }

    pub(crate) const fn is_without_retry(&self) -> bool {
        self.without_retry
    }
}
