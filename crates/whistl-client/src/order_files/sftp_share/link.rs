//! A connection to an SFTP server, made when it is needed and made again when it broke.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use connector_http::ExposeSecret as _;
use russh::client::{self, Handle};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::options::{SftpHostKey, SftpLogin, SftpOptions};

/// What was asked of the server and did not come about.
#[derive(Debug)]
pub(super) enum Failed {
    /// The server said no; the connection is sound.
    Status(StatusCode, String),
    /// Anything else: the connection cannot be relied on any more.
    Broken(io::Error),
}

impl Failed {
    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Status(code, message) => {
                let kind = match code {
                    StatusCode::NoSuchFile => io::ErrorKind::NotFound,
                    StatusCode::PermissionDenied => io::ErrorKind::PermissionDenied,
                    StatusCode::OpUnsupported => io::ErrorKind::Unsupported,
                    _ => io::ErrorKind::Other,
                };
                io::Error::new(kind, format!("the server says: {code}: {message}"))
            }
            Self::Broken(error) => error,
        }
    }
}

impl From<SftpError> for Failed {
    fn from(error: SftpError) -> Self {
        match error {
            SftpError::Status(status) => Self::Status(status.status_code, status.error_message),
            SftpError::Timeout => Self::Broken(too_slow()),
            other => Self::Broken(io::Error::other(other.to_string())),
        }
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the server took too long")
}

/// Accepts a server by its pinned keys, and never another.
struct Pinned(Vec<SftpHostKey>);

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        Ok(match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => self
                .0
                .iter()
                .any(|pinned| pinned.0.key_data() == key.key_data()),
            PublicKeyOrCertificate::Certificate(_) => false,
        })
    }
}

/// A session and what keeps it alive.
pub(super) struct Session {
    pub(super) sftp: SftpSession,
    connection: Handle<Pinned>,
}

/// The one connection of a share, and the thread on which it lives.
pub(super) struct Link {
    runtime: Option<Runtime>,
    shared: Arc<Shared>,
}

struct Shared {
    options: SftpOptions,
    session: Mutex<Option<Arc<Session>>>,
}

impl Link {
    pub(super) fn new(options: SftpOptions) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sftp")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
            shared: Arc::new(Shared {
                options,
                session: Mutex::new(None),
            }),
        })
    }

    pub(super) fn options(&self) -> &SftpOptions {
        &self.shared.options
    }

    /// Does one step on the connection and waits for it, at most as long as connecting and a step may take together.
    pub(super) fn run<T, F>(
        &self,
        step: impl FnOnce(Arc<Session>) -> F + Send + 'static,
    ) -> Result<T, Failed>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failed>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        let stopped = || io::Error::other("the connection's thread has stopped");
        let runtime = self.runtime.as_ref().ok_or_else(stopped)?;
        runtime.spawn(async move {
            let outcome = shared.run(step).await;
            // Nobody waits any more only when the caller's thread has died.
            let _ = sender.send(outcome);
        });
        receiver.recv().map_err(|_| stopped())?
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A share may be dropped where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    async fn run<T, F>(&self, step: impl FnOnce(Arc<Session>) -> F) -> Result<T, Failed>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        let session = self.session().await?;
        let outcome = match timeout(self.options.step_timeout, step(Arc::clone(&session))).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failed::Broken(too_slow())),
        };
        if let Err(Failed::Broken(_)) = &outcome {
            let mut kept = self.session.lock().await;
            if kept
                .as_ref()
                .is_some_and(|kept| Arc::ptr_eq(kept, &session))
            {
                *kept = None;
            }
        }
        outcome
    }

    async fn session(&self) -> Result<Arc<Session>, Failed> {
        let mut kept = self.session.lock().await;
        if let Some(session) = kept.as_ref().filter(|kept| !kept.connection.is_closed()) {
            return Ok(Arc::clone(session));
        }
        let session = timeout(self.options.connect_timeout, connect(&self.options))
            .await
            .map_err(|_| too_slow())??;
        let session = Arc::new(session);
        *kept = Some(Arc::clone(&session));
        Ok(session)
    }
}

async fn connect(options: &SftpOptions) -> io::Result<Session> {
    // Only the kinds of keys that are pinned are asked for, so that a server with several shows one of them.
    let mut algorithms: Vec<_> = options
        .host_keys
        .iter()
        .map(|key| key.0.algorithm())
        .collect();
    algorithms.dedup();
    let config = client::Config {
        preferred: russh::Preferred {
            key: Cow::Owned(algorithms),
            ..russh::Preferred::DEFAULT
        },
        keepalive_interval: Some(Duration::from_secs(15)),
        nodelay: true,
        ..client::Config::default()
    };
    let server = (options.host.as_str(), options.port);
    let pinned = Pinned(options.host_keys.clone());
    let mut connection = client::connect(Arc::new(config), server, pinned)
        .await
        .map_err(io_error)?;
    let login = match &options.login {
        SftpLogin::Password(password) => {
            connection
                .authenticate_password(options.user.as_str(), password.expose_secret())
                .await
        }
        SftpLogin::Key(key) => {
            let key = PrivateKeyWithHashAlg::new(Arc::clone(&key.0), None);
            connection
                .authenticate_publickey(options.user.as_str(), key)
                .await
        }
    };
    if !login.map_err(io_error)?.success() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the server refuses the user",
        ));
    }
    let channel = connection.channel_open_session().await.map_err(io_error)?;
    channel
        .request_subsystem(true, "sftp")
        .await
        .map_err(io_error)?;
    let config = russh_sftp::client::Config {
        request_timeout_secs: options.step_timeout.as_secs().max(1),
        ..russh_sftp::client::Config::default()
    };
    let sftp = SftpSession::new_with_config(channel.into_stream(), config)
        .await
        .map_err(|error| Failed::from(error).into_io())?;
    Ok(Session { sftp, connection })
}

fn io_error(error: russh::Error) -> io::Error {
    match error {
        russh::Error::IO(error) => error,
        russh::Error::UnknownKey => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the server shows another key than the pinned ones",
        ),
        other => io::Error::other(other.to_string()),
    }
}
