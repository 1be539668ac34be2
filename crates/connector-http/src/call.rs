//! One call from start to end: the retry loop, which classifies, decides and waits.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use tokio::sync::SemaphorePermit;

use crate::classify::{Failure, Verdict, of_answer, of_transport};
use crate::client::Inner;
use crate::decide::{Decision, decide};
use crate::error::{Error, ErrorKind};
use crate::operation::{CallOptions, Operation};
use crate::reply::{Reply, request_id, retry_after};
use crate::token::CachedToken;
use crate::vendor_error::VendorError;
use crate::wait::{NoPlace, enter, within};

/// What one attempt came to.
enum Attempt {
    Success(Response<Bytes>),
    Failed {
        failure: Failure,
        answer: Option<Answer>,
        source: Option<Arc<dyn StdError + Send + Sync>>,
    },
}

/// What is kept of a refusal.
struct Answer {
    status: StatusCode,
    request_id: Option<String>,
    errors: Vec<VendorError>,
}

pub(crate) struct Call<'a> {
    client: &'a Inner,
    operation: &'a Operation,
    started: Duration,
    deadline: Duration,
    tries_left: u32,
    failed_tries: u32,
    attempts: u32,
    renewed: bool,
    maybe_applied: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(client: &'a Inner, operation: &'a Operation, options: &CallOptions) -> Self {
        let started = client.clock.monotonic();
        let total = options.total_timeout().unwrap_or(client.total_timeout);
        Self {
            client,
            operation,
            started,
            deadline: started.saturating_add(total),
            tries_left: if options.is_without_retry() {
                1
            } else {
                client.policy.tries()
            },
            failed_tries: 0,
            attempts: 0,
            renewed: false,
            maybe_applied: false,
        }
    }

    pub(crate) async fn run(mut self, mut request: Request<Bytes>) -> Result<Reply, Error> {
        for (name, value) in &self.client.headers {
            request
                .headers_mut()
                .entry(name)
                .or_insert_with(|| value.clone());
        }
        loop {
            let place = self.enter().await?;
            let token = self.authorise(&mut request).await?;
            let attempt = self.attempt(&request).await;
            drop(place);
            let (failure, answer, source) = match attempt {
                Attempt::Success(response) => return Ok(self.succeed(response)),
                Attempt::Failed {
                    failure,
                    answer,
                    source,
                } => (failure, answer, source),
            };
            self.maybe_applied |= failure.maybe_applied && self.operation.idempotency().is_write();
            if let (ErrorKind::Auth, false, Some(token), Some(tokens)) =
                (failure.kind, self.renewed, &token, &self.client.tokens)
            {
                tracing::info!(
                    operation = self.operation.name(),
                    "token refused, renewing once"
                );
                self.renewed = true;
                tokens.invalidate(token);
                continue;
            }
            self.failed_tries = self.failed_tries.saturating_add(1);
            self.tries_left = self.tries_left.saturating_sub(1);
            let backoff = self
                .client
                .jitter
                .up_to(self.client.policy.ceiling(self.failed_tries));
            let now = self.client.clock.monotonic();
            if failure.kind == ErrorKind::RateLimited {
                // A vendor that does not say for how long is left alone as long as this call would wait.
                let wait = failure.retry_after.unwrap_or(backoff);
                self.client.gate.close(now, wait);
            }
            match decide(
                &failure,
                self.operation.idempotency(),
                self.tries_left,
                self.deadline.saturating_sub(now),
                backoff,
                || self.client.budget.spend(now),
            ) {
                Decision::Retry(delay) => {
                    tracing::warn!(
                        operation = self.operation.name(),
                        attempt = self.attempts,
                        error.kind = failure.kind.as_str(),
                        delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
                        "attempt failed, trying again"
                    );
                    self.client.clock.sleep(delay).await;
                }
                Decision::Stop => return Err(self.fail(&failure, answer, source, false)),
                Decision::Exhausted => return Err(self.fail(&failure, answer, source, true)),
            }
        }
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.client.clock.monotonic())
    }

    /// Waits for a place, and for the gate to open.
    async fn enter(&self) -> Result<SemaphorePermit<'a>, Error> {
        let client = self.client;
        match enter(&*client.clock, &client.gate, &client.places, self.deadline).await {
            Ok(place) => Ok(place),
            Err(NoPlace::Closed(wait)) => {
                let mut error = self.error(ErrorKind::RateLimited);
                error.0.retry_after = Some(wait);
                error.0.exhausted = true;
                Err(error)
            }
            Err(NoPlace::TimedOut) => Err(self.error(ErrorKind::Timeout)),
        }
    }

    /// Puts a valid token on the request.
    async fn authorise(&self, request: &mut Request<Bytes>) -> Result<Option<CachedToken>, Error> {
        let Some(tokens) = &self.client.tokens else {
            return Ok(None);
        };
        let token = match within(&*self.client.clock, self.remaining(), tokens.token()).await {
            Some(Ok(token)) => token,
            Some(Err(cause)) => {
                let mut error = self.error(cause.kind());
                error.0.detail = Some("no access token".into());
                error.0.retry_after = cause.retry_after();
                error.0.exhausted = cause.is_exhausted();
                return Err(error.with_source(cause));
            }
            None => return Err(self.error(ErrorKind::Timeout)),
        };
        let Some(value) = token.header() else {
            let mut error = self.error(ErrorKind::Auth);
            error.0.detail =
                Some("the access token has characters that a header cannot carry".into());
            return Err(error);
        };
        request.headers_mut().insert(AUTHORIZATION, value.clone());
        Ok(Some(token))
    }

    async fn attempt(&mut self, request: &Request<Bytes>) -> Attempt {
        let client = self.client;
        let limit = client.attempt_timeout.min(self.remaining());
        if limit.is_zero() {
            let mut failure = Failure::timed_out();
            failure.maybe_applied = false;
            return Attempt::Failed {
                failure,
                answer: None,
                source: None,
            };
        }
        self.attempts = self.attempts.saturating_add(1);
        match within(
            &*client.clock,
            limit,
            client.transport.send(request.clone()),
        )
        .await
        {
            Some(Ok(response)) => self.judge(response),
            Some(Err(error)) => Attempt::Failed {
                failure: of_transport(error.kind()),
                answer: None,
                source: Some(Arc::new(error)),
            },
            None => Attempt::Failed {
                failure: Failure::timed_out(),
                answer: None,
                source: None,
            },
        }
    }

    fn judge(&self, response: Response<Bytes>) -> Attempt {
        let client = self.client;
        let status = response.status();
        let errors = if status.is_success() {
            Vec::new()
        } else {
            client.classifier.vendor_errors(self.operation, &response)
        };
        let verdict = client
            .classifier
            .verdict(self.operation, &response, &errors);
        let asked = retry_after(response.headers(), client.clock.now());
        let Some(failure) = of_answer(status, verdict, asked) else {
            client.budget.earn();
            return Attempt::Success(response);
        };
        let errors = match verdict {
            // An error body behind a 2xx was not read yet.
            Verdict::Refused(_) if status.is_success() => {
                client.classifier.vendor_errors(self.operation, &response)
            }
            _ => errors,
        };
        let answer = Answer {
            status,
            request_id: request_id(response.headers()),
            errors,
        };
        Attempt::Failed {
            failure,
            answer: Some(answer),
            source: None,
        }
    }

    fn succeed(&self, response: Response<Bytes>) -> Reply {
        let (parts, body) = response.into_parts();
        Reply {
            operation: self.operation.clone(),
            status: parts.status,
            headers: parts.headers,
            body,
            attempts: self.attempts,
            elapsed: self.elapsed(),
        }
    }

    fn elapsed(&self) -> Duration {
        self.client.clock.monotonic().saturating_sub(self.started)
    }

    fn error(&self, kind: ErrorKind) -> Error {
        let mut error = Error::of_kind(kind, self.operation.name());
        error.0.attempts = self.attempts;
        error.0.elapsed = self.elapsed();
        error.0.ambiguous = self.maybe_applied;
        error.0.repeatable = self.operation.idempotency().is_repeatable();
        error
    }

    fn fail(
        &self,
        failure: &Failure,
        answer: Option<Answer>,
        source: Option<Arc<dyn StdError + Send + Sync>>,
        exhausted: bool,
    ) -> Error {
        let mut error = self.error(failure.kind);
        error.0.retry_after = failure.retry_after;
        error.0.clash = failure.clash;
        error.0.exhausted = exhausted;
        error.0.source = source;
        if let Some(answer) = answer {
            error.0.status = Some(answer.status);
            error.0.request_id = answer.request_id;
            error.0.vendor_errors = answer.errors;
        }
        error
    }
}
