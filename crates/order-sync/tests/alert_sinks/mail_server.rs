//! A mail server for one connection after another, on a port of this machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How the server behaves; the default takes every message.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manners {
    /// Extensions offered, one a line.
    pub(crate) offers: &'static [&'static str],
    /// Answers to commands that begin so, in place of the usual ones.
    pub(crate) answers: &'static [(&'static str, &'static str)],
    /// Says nothing any more once it hears this; `.` is the end of a message.
    pub(crate) hangs_at: Option<&'static str>,
    /// Closes the connection once it hears this.
    pub(crate) breaks_at: Option<&'static str>,
}

pub(crate) struct MailServer {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    refuses: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// When the server speaks TLS.
#[derive(Clone)]
pub(crate) enum Tls {
    Never,
    First(TlsAcceptor),
    Asked(TlsAcceptor),
}

impl MailServer {
    pub(crate) async fn start(manners: Manners) -> Self {
        Self::with_tls(manners, Tls::Never).await
    }

    pub(crate) async fn with_tls(manners: Manners, tls: Tls) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        let refuses = Arc::new(AtomicBool::new(false));
        let refused = Arc::clone(&refuses);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut manners = manners;
                if refused.load(Ordering::Relaxed) {
                    manners.answers = &[("MAIL", "421 not now")];
                }
                // Whoever hangs up early is not this server's concern.
                let _ = connected(stream, manners, &tls, &lines).await;
            }
        });
        Self {
            port,
            heard,
            refuses,
            task,
        }
    }

    /// From now on it takes no messages, or takes them again.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::Relaxed);
    }

    /// Every line heard, commands and messages alike.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn heard_any(&self, start: &str) -> bool {
        self.heard().iter().any(|line| line.starts_with(start))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connected(
    stream: TcpStream,
    manners: Manners,
    tls: &Tls,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    match tls {
        Tls::Never => {
            serve(stream, manners, heard, true).await?;
        }
        Tls::First(acceptor) => {
            serve(acceptor.accept(stream).await?, manners, heard, true).await?;
        }
        Tls::Asked(acceptor) => {
            if let Some(stream) = serve(stream, manners, heard, true).await? {
                serve(acceptor.accept(stream).await?, manners, heard, false).await?;
            }
        }
    }
    Ok(())
}

/// Serves until the other side hangs up, or wants TLS.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manners: Manners,
    heard: &Mutex<Vec<String>>,
    greets: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.write_all(b"220 mail.example\r\n").await?;
        stream.flush().await?;
    }
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        heard.lock().unwrap().push(line.clone());
        if in_message && line != "." {
            continue;
        }
        if manners
            .breaks_at
            .is_some_and(|start| line.starts_with(start))
        {
            return Ok(None);
        }
        if manners
            .hangs_at
            .is_some_and(|start| line.starts_with(start))
        {
            std::future::pending::<()>().await;
        }
        let usual = match line.split(' ').next().unwrap_or_default() {
            "EHLO" => greeting(manners.offers),
            "DATA" => "354 go on".to_owned(),
            "AUTH" => "235 welcome".to_owned(),
            "STARTTLS" => "220 go on".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        let answer = manners
            .answers
            .iter()
            .find(|(start, _)| line.starts_with(start))
            .map_or(usual, |(_, answer)| (*answer).to_owned());
        in_message = answer.starts_with("354");
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        stream.flush().await?;
        if line == "STARTTLS" {
            return Ok(Some(stream.into_inner()));
        }
    }
}

fn greeting(offers: &[&str]) -> String {
    let mut lines = vec!["mail.example"];
    lines.extend(offers);
    let last = lines.len() - 1;
    let lines: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| format!("250{}{line}", if place == last { ' ' } else { '-' }))
        .collect();
    lines.join("\r\n")
}
