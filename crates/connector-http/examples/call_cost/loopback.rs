//! One call, made bare and through the client, against a server in a thread of its own.

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{
    AccessToken, CallOptions, HttpClient, Idempotency, Operation, ReqwestTransport, SystemClock,
    TokenCache, TokenProvider,
};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What one task of a measurement may fail with.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SIZE: usize = 1024;

static PUT: Operation = Operation::new("record.put", Idempotency::Idempotent, "/records/{id}");

/// The same call in two ways: a PUT of 1 KiB with token and usual headers, answered with 1 KiB.
#[derive(Clone)]
pub(crate) struct Calls {
    address: String,
    body: Bytes,
    bare: reqwest::Client,
    client: HttpClient,
}

impl Calls {
    /// Starts the server.
    pub(crate) fn new(in_flight: usize) -> Result<Self, Fault> {
        let agent = connector_http::user_agent("bench", "1", "loopback")?;
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, agent.clone());
        headers.insert(ACCEPT, json.clone());
        // What a careful program would set without this crate.
        let bare = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .default_headers(headers)
            .build()?;
        let tokens = TokenCache::new(Arc::new(OneToken), Arc::new(SystemClock::new()));
        let client = HttpClient::builder(Arc::new(ReqwestTransport::builder().build()?))
            .with_concurrency(in_flight)
            .with_tokens(tokens)
            .with_default_header(USER_AGENT, agent)
            .with_default_header(ACCEPT, json)
            .build()?;
        Ok(Self {
            address: format!("http://{}/records/1001", serve()?),
            body: Bytes::from(vec![b'x'; SIZE]),
            bare,
            client,
        })
    }

    /// With reqwest alone.
    pub(crate) async fn bare(&self) -> Result<(), Fault> {
        let answer = self
            .bare
            .put(self.address.as_str())
            .bearer_auth(TOKEN)
            .header(CONTENT_TYPE, "application/json")
            .body(self.body.clone())
            .send()
            .await?
            .error_for_status()?;
        whole(&answer.bytes().await?)
    }

    /// With the client.
    pub(crate) async fn client(&self) -> Result<(), Fault> {
        let request = http::Request::put(self.address.as_str())
            .header(CONTENT_TYPE, "application/json")
            .body(self.body.clone())?;
        let reply = self
            .client
            .execute(&PUT, request, &CallOptions::new())
            .await?;
        whole(reply.body())
    }
}

fn whole(body: &Bytes) -> Result<(), Fault> {
    if body.len() == SIZE {
        Ok(())
    } else {
        Err("the answer is not whole".into())
    }
}

#[derive(Debug)]
struct OneToken;

#[async_trait]
impl TokenProvider for OneToken {
    async fn fetch(&self) -> Result<AccessToken, connector_http::Error> {
        Ok(AccessToken::new(TOKEN, Duration::from_secs(24 * 60 * 60)))
    }
}

/// Answers every request of `SIZE` bytes with as many, as cheaply as it can.
fn serve() -> Result<std::net::SocketAddr, Fault> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                tokio::spawn(answer(socket));
            }
            #[allow(unreachable_code, reason = "says what the block comes to")]
            Ok::<(), std::io::Error>(())
        })
    });
    Ok(address)
}

async fn answer(mut socket: TcpStream) -> Result<(), std::io::Error> {
    let mut reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {SIZE}\r\n\r\n"
    )
    .into_bytes();
    reply.resize(reply.len() + SIZE, b'y');
    let mut seen = Vec::with_capacity(4 * SIZE);
    loop {
        if socket.read_buf(&mut seen).await? == 0 {
            return Ok(());
        }
        let head = seen.windows(4).position(|four| four == b"\r\n\r\n");
        if head.is_some_and(|head| seen.len() >= head + 4 + SIZE) {
            socket.write_all(&reply).await?;
            seen.clear();
        }
    }
}
