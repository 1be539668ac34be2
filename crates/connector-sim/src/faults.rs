//! Switches that make a simulator misbehave on purpose.

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;

use crate::sparklayer::operations::SparkLayerOperation;

/// How an armed request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The request is handled, then the connection is closed without an answer.
    LoseReplyAfterApplying,
    /// The request is read whole, nothing is done with it, and the connection is closed without an answer.
    LoseReplyBeforeApplying,
    /// `429`, not handled.
    Throttle {
        /// Seconds for the `Retry-After` header; without it the header is missing.
        retry_after: Option<u32>,
    },
    /// `429` with a `Retry-After` that is an HTTP date, not handled. The date is counted from the virtual clock, as the `Date` header is.
    ThrottleUntil {
        /// Seconds from now to that date.
        retry_after: u32,
    },
    /// This status with a problem document, not handled. Meant for `5xx`.
    Status(u16),
    /// This status without any body, not handled. Some of SparkLayer's errors have none (documented).
    EmptyStatus(u16),
    /// `409` of two writers that met, not handled: the same request succeeds when it is repeated.
    ConcurrentUpdate,
    /// `502` with an HTML page as a gateway sends it, not handled.
    Html,
    /// The request is handled; the answer stops in the middle of its body and the connection is closed. An answer without a body is lost whole.
    TruncatedBody,
    /// `401`, not handled, whatever the token.
    Unauthorised,
    /// The request is handled after this many milliseconds of real time.
    Slow(u64),
    /// The connection is closed without an answer, and the request is handled only after this many milliseconds of real time: who asks in
    /// between is told that nothing came.
    ApplyLate(u64),
    /// The request is handled, and once more where it succeeded; the first answer is sent. The warehouse creates the order twice, its own
    /// duplicate check notwithstanding.
    ApplyTwice,
}

/// Which paths a fault meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathRule {
    /// Those that begin so.
    Prefix(String),
    /// Those of this form; a segment in braces stands for any one segment.
    Template(String),
}

impl PathRule {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Template(template) => {
                let mut wanted = template.split('/');
                let mut found = path.split('/');
                loop {
                    match (wanted.next(), found.next()) {
                        (None, None) => return true,
                        (Some(wanted), Some(found)) if wanted == found => {}
                        (Some(wanted), Some(found))
                            if wanted.starts_with('{')
                                && wanted.ends_with('}')
                                && !found.is_empty() => {}
                        _ => return false,
                    }
                }
            }
        }
    }
}

/// A fault, and which requests it meets.
///
/// ```
/// use connector_sim::{Fault, FaultKind};
/// use http::Method;
///
/// // The second and third order get no answer although the warehouse has them.
/// let fault = Fault::on(Method::POST, "/v1/orders", FaultKind::LoseReplyAfterApplying).after(1).times(2);
/// # let _ = fault;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    method: Option<Method>,
    path: PathRule,
    skip: u32,
    left: u32,
    kind: FaultKind,
}

impl Fault {
    /// Meets the next request with this method whose path (as on the wire, percent-encoded) begins so.
    #[must_use]
    pub fn on(method: Method, path_prefix: impl Into<String>, kind: FaultKind) -> Self {
        Self::new(Some(method), PathRule::Prefix(path_prefix.into()), kind)
    }

    /// Meets the next request of any method whose path begins so.
    #[must_use]
    pub fn on_any_method(path_prefix: impl Into<String>, kind: FaultKind) -> Self {
        Self::new(None, PathRule::Prefix(path_prefix.into()), kind)
    }

    /// Meets the next request with this method whose whole path has this form, for example `/v1/orders/{reference}`: a segment in braces
    /// stands for any one segment.
    #[must_use]
    pub fn on_path(method: Method, template: impl Into<String>, kind: FaultKind) -> Self {
        Self::new(Some(method), PathRule::Template(template.into()), kind)
    }

    /// Meets the next call of this operation of the shop, and of no other.
    ///
    /// ```
    /// use connector_sim::{Fault, FaultKind, SparkLayerOperation};
    ///
    /// // Meets the purchase itself, not its transactions, which have the same method and begin with the same path.
    /// let fault = Fault::on_operation(SparkLayerOperation::CreateUpdatePurchase, FaultKind::ConcurrentUpdate);
    /// assert_eq!(fault.remaining(), 1);
    /// ```
    #[must_use]
    pub fn on_operation(operation: SparkLayerOperation, kind: FaultKind) -> Self {
        Self::on_path(operation.method(), operation.path(), kind)
    }

    pub(crate) fn new(method: Option<Method>, path: PathRule, kind: FaultKind) -> Self {
        Self {
            method,
            path,
            skip: 0,
            left: 1,
            kind,
        }
    }

    /// How many matching requests it meets; one by default.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.left = times;
        self
    }

    /// How many matching requests pass unharmed first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// How many more requests it will meet.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.left
    }

    /// What it does.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        self.left > 0
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.holds(path)
    }

    pub(crate) fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    pub(crate) fn path_rule(&self) -> &PathRule {
        &self.path
    }

    pub(crate) fn skipping(&self) -> u32 {
        self.skip
    }
}

#[derive(Debug, Default)]
struct Switchboard {
    armed: Vec<Fault>,
    fired: u64,
}

/// The fault switches of one simulator. Clones share the switches.
///
/// Of several armed faults that match a request, the one armed first acts. Requests under `/__sim/` are never harmed.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitches(Arc<Mutex<Switchboard>>);

impl FaultSwitches {
    /// Arms a fault behind those already armed.
    pub fn arm(&self, fault: Fault) {
        self.board(|board| board.armed.push(fault));
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.board(|board| board.armed.clear());
    }

    /// What is still armed. Empty once every fault has met its requests, which a test should check: a fault that never fired proves nothing.
    #[must_use]
    pub fn pending(&self) -> Vec<Fault> {
        self.board(|board| board.armed.clone())
    }

    /// How many requests have been harmed.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.board(|board| board.fired)
    }

    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<FaultKind> {
        self.board(|board| {
            let fault = board
                .armed
                .iter_mut()
                .find(|fault| fault.matches(method, path))?;
            if fault.skip > 0 {
                fault.skip -= 1;
                return None;
            }
            fault.left -= 1;
            let kind = fault.kind;
            board.fired += 1;
            board.armed.retain(|fault| fault.left > 0);
            Some(kind)
        })
    }

    fn board<T>(&self, act: impl FnOnce(&mut Switchboard) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_method_and_path_then_is_used_up() {
        let faults = FaultSwitches::default();
        faults.arm(
            Fault::on(Method::PUT, "/api", FaultKind::Html)
                .after(1)
                .times(2),
        );
        assert_eq!(faults.take(&Method::GET, "/api/x"), None);
        assert_eq!(faults.take(&Method::PUT, "/other"), None);
        assert_eq!(
            faults.take(&Method::PUT, "/api/x"),
            None,
            "the first one passes"
        );
        assert_eq!(faults.take(&Method::PUT, "/api/x"), Some(FaultKind::Html));
        assert_eq!(faults.pending().first().map(Fault::remaining), Some(1));
        assert_eq!(faults.take(&Method::PUT, "/api/y"), Some(FaultKind::Html));
        assert_eq!(faults.take(&Method::PUT, "/api/x"), None);
        assert!(faults.pending().is_empty());
        assert_eq!(faults.fired(), 2);
    }

    #[test]
    fn a_template_stands_for_whole_paths() {
        let rule = PathRule::Template("/api/v1/purchases/{lookupBy}/{identifier}".to_owned());
        for (path, holds) in [
            ("/api/v1/purchases/visible/%231001", true),
            ("/api/v1/purchases/visible/%231001/transactions", false),
            ("/api/v1/purchases/visible/", false),
            ("/api/v1/purchases/visible", false),
            ("/api/v1/purchase/visible/1", false),
        ] {
            assert_eq!(rule.holds(path), holds, "{path}");
        }
    }

    #[test]
    fn a_fault_for_no_request_is_not_pending_for_ever() {
        let faults = FaultSwitches::default();
        faults.arm(Fault::on_any_method("/", FaultKind::Html).times(0));
        assert_eq!(faults.take(&Method::GET, "/"), None);
        faults.clear();
        assert!(faults.pending().is_empty());
    }
}
