//! The listening socket, and the place where armed faults act.
//!
//! Its own accept loop instead of a ready-made one, because a lost reply must be lost at the socket: the service answers with an error, upon which
//! the HTTP layer drops the connection.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::IntoResponse;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::control::{self, Controls};
use crate::faults::{FaultKind, FaultSwitches};
use crate::problem::{Problem, with_type};
use crate::virtual_clock::VirtualClock;

/// More than any real request of either vendor; a larger one is refused.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// Put on a request that is handled a second time by [`FaultKind::ApplyTwice`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecondApplication;

/// Who may reach a simulator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Programs on the same machine. Other addresses are refused at the start.
    #[default]
    Loopback,
    /// Whoever reaches the address, without encryption. Meant for containers and closed test networks.
    Network,
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was withheld by a fault switch")]
struct Hangup;

/// A listening simulator. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    pub(crate) async fn start(address: SocketAddr, reach: Reach, front: Front) -> io::Result<Self> {
        if reach == Reach::Loopback && !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a simulator speaks plain HTTP and so listens on loopback addresses only, unless it is told otherwise",
            ));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(listener, front, stopped));
        Ok(Self {
            address,
            stop,
            task: Mutex::new(Some(task)),
        })
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn shutdown(&self) {
        self.stop.send_replace(true);
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "the accept loop ended badly");
        }
    }
}

async fn accept(listener: TcpListener, front: Front, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // Also ready when the handle is dropped.
            _ = stopped.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, front.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, front: Front) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no-delay was not set");
    }
    if opens_http2(&stream).await {
        refuse_http2(stream).await;
        return;
    }
    let service = service_fn(move |request| {
        let front = front.clone();
        async move { front.answer(request).await }
    });
    if let Err(error) = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// How HTTP/2 begins where the client knows beforehand that it speaks it.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Looks at the first bytes without taking them.
async fn opens_http2(stream: &TcpStream) -> bool {
    let mut first = [0; HTTP2_PREFACE.len()];
    loop {
        let Ok(seen) = stream.peek(&mut first).await else {
            return false;
        };
        let Some(seen) = first.get(..seen).filter(|seen| !seen.is_empty()) else {
            return false;
        };
        if !HTTP2_PREFACE.starts_with(seen) {
            return false;
        }
        if seen.len() == HTTP2_PREFACE.len() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The carrier answers HTTP/2 with `505` (documented); the simulators speak HTTP/1.1 only as well.
async fn refuse_http2(mut stream: TcpStream) {
    let answer = b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    if let Err(error) = stream.write_all(answer).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// What stands between the socket and the routes: body limit, faults, the `Date` header.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    router: Router,
    faults: FaultSwitches,
    clock: VirtualClock,
}

impl Front {
    /// The routes of a simulator with the control routes beside them.
    pub(crate) fn new(routes: Router, faults: FaultSwitches, clock: VirtualClock) -> Self {
        let controls = control::router(Controls {
            faults: faults.clone(),
            clock: clock.clone(),
        });
        Self {
            router: routes.merge(controls),
            faults,
            clock,
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
        let (parts, body) = request.into_parts();
        let speaks_xml = is_xml_path(parts.uri.path());
        // The whole request is read first, so that a lost reply never looks like a request that was not sent.
        let mut response = match to_bytes(Body::new(body), MAX_BODY).await {
            Ok(body) => self.meet(parts, body).await?,
            Err(_) => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is too large or broke off",
            )
            .into_response(),
        };
        if speaks_xml {
            response = carrier_shape(response);
        }
        if let Ok(date) = HeaderValue::try_from(http_date(self.clock.now())) {
            response.headers_mut().insert(header::DATE, date);
        }
        Ok(response)
    }

    async fn meet(&self, parts: Parts, body: Bytes) -> Result<Response<Body>, Hangup> {
        let path = parts.uri.path();
        let fault = if path.starts_with("/__sim/") {
            None
        } else {
            self.faults.take(&parts.method, path)
        };
        let Some(fault) = fault else {
            return Ok(self.route(parts, body).await);
        };
        tracing::debug!(?fault, method = %parts.method, "a fault acts");
        match fault {
            FaultKind::LoseReplyBeforeApplying => Err(Hangup),
            FaultKind::LoseReplyAfterApplying => {
                self.route(parts, body).await;
                Err(Hangup)
            }
            FaultKind::TruncatedBody => truncated(self.route(parts, body).await).await,
            FaultKind::Slow(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(self.route(parts, body).await)
            }
            FaultKind::ApplyLate(millis) => {
                let front = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    front.route(parts, body).await;
                });
                Err(Hangup)
            }
            FaultKind::ApplyTwice => {
                let first = self.route(parts.clone(), body.clone()).await;
                if first.status().is_success() {
                    let mut again = parts;
                    again.extensions.insert(SecondApplication);
                    self.route(again, body).await;
                }
                Ok(first)
            }
            FaultKind::Throttle { retry_after } => Ok(throttled(retry_after.map(HeaderValue::from))),
            FaultKind::ThrottleUntil { retry_after } => {
                let until = self.clock.later(Duration::from_secs(retry_after.into()));
                Ok(throttled(HeaderValue::try_from(http_date(until)).ok()))
            }
            FaultKind::Status(status) => {
                Ok(Problem::new(status_code(status), "a fault switch asked for this status").into_response())
            }
            FaultKind::EmptyStatus(status) => Ok(status_code(status).into_response()),
            FaultKind::ConcurrentUpdate => {
                Ok(Problem::new(StatusCode::CONFLICT, "another update is running").into_response())
            }
            FaultKind::Html => Ok(with_type(
                StatusCode::BAD_GATEWAY,
                "text/html",
                "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
                    .to_owned(),
            )),
            FaultKind::Unauthorised => {
                Ok(Problem::new(StatusCode::UNAUTHORIZED, "the token was not accepted").into_response())
            }
        }
    }

    async fn route(&self, parts: Parts, body: Bytes) -> Response<Body> {
        let routes = TowerToHyperService::new(self.router.clone());
        match routes
            .call(Request::from_parts(parts, Body::from(body)))
            .await
        {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The carrier's interfaces, whose errors are XML.
fn is_xml_path(path: &str) -> bool {
    path.starts_with("/1.0/") || path.starts_with("/v1/trackingservice/")
}

/// An error that a fault switch wrote, in the shape the carrier's clients read.
fn carrier_shape(response: Response<Body>) -> Response<Body> {
    let problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media| media == "application/problem+json");
    if !problem {
        return response;
    }
    let message = response.status().canonical_reason().unwrap_or("Error");
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/xml; charset=utf-8"),
    );
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Message>{message}</Message></Error>"
    );
    Response::from_parts(parts, Body::from(body))
}

fn throttled(retry_after: Option<HeaderValue>) -> Response<Body> {
    let mut response =
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests").into_response();
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

/// What is no status becomes `500`.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The head with the full length, then half of the body, then the end of the connection.
async fn truncated(response: Response<Body>) -> Result<Response<Body>, Hangup> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Hangup)?;
    if body.len() < 2 {
        return Err(Hangup);
    }
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let halves = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Lets the first half out before the connection breaks.
                tokio::task::yield_now().await;
                Some((Err(Hangup), None))
            }
        }
    });
    Ok(Response::from_parts(parts, Body::from_stream(halves)))
}
