//! Stands between a worker and PostgreSQL, and cuts a connection after the commit was sent and took effect, before its answer came.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A commit as the store sends it: a simple query. The server answers it with the same word.
const COMMIT: &[u8] = b"COMMIT\0";

/// A commit that is not answered in that time is cut all the same, and not counted.
const LONGEST_COMMIT: Duration = Duration::from_secs(2);

/// Passes everything on, until it is told to lose the answer to a commit.
pub(crate) struct ReplyCut {
    address: SocketAddr,
    state: Arc<State>,
    listener: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    /// Commits until the one whose answer is lost; 0: none is.
    left: AtomicU32,
    /// Answers that were lost.
    cut: AtomicU64,
}

impl State {
    /// Whether the answer to this commit is to be lost.
    fn is_struck(&self) -> bool {
        self.left
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                left.checked_sub(1)
            })
            .is_ok_and(|before| before == 1)
    }
}

impl ReplyCut {
    /// Listens on loopback before a server on that port.
    pub(crate) async fn before(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let listener = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A connection that ends, however it ends, is the end of its task.
                    let _ended = pass_on(client, port, &state).await;
                });
            }
        });
        Ok(Self {
            address,
            state,
            listener,
        })
    }

    /// The address of a database with this in between.
    pub(crate) fn url(&self, url: &str, port: u16) -> String {
        url.replace(&format!(":{port}/"), &format!(":{}/", self.address.port()))
    }

    /// The answer to that commit from now on is lost, counted from 1.
    pub(crate) fn arm(&self, commit: u32) {
        self.state.left.store(commit, Ordering::Release);
    }

    /// How many answers were lost.
    pub(crate) fn cut(&self) -> u64 {
        self.state.cut.load(Ordering::Acquire)
    }
}

impl Drop for ReplyCut {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn pass_on(mut client: TcpStream, port: u16, state: &State) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let request = asked.get(..read?).unwrap_or_default();
                if request.is_empty() {
                    return Ok(());
                }
                let struck = holds(request, COMMIT) && state.is_struck();
                server.write_all(request).await?;
                if struck {
                    lose_answer(&mut server, state).await?;
                    return Ok(());
                }
            }
            read = server.read(&mut answered) => {
                let answer = answered.get(..read?).unwrap_or_default();
                if answer.is_empty() {
                    return Ok(());
                }
                client.write_all(answer).await?;
            }
        }
    }
}

/// Waits until the server has said that it has committed, and keeps that to itself.
async fn lose_answer(server: &mut TcpStream, state: &State) -> io::Result<()> {
    let mut heard = Vec::new();
    let committed = async {
        while !holds(&heard, COMMIT) {
            if server.read_buf(&mut heard).await? == 0 {
                return Ok(false);
            }
        }
        io::Result::Ok(true)
    };
    if matches!(
        tokio::time::timeout(LONGEST_COMMIT, committed).await,
        Ok(Ok(true))
    ) {
        state.cut.fetch_add(1, Ordering::AcqRel);
    }
    Ok(())
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers every commit, and one for whom it is lost.
    #[tokio::test]
    async fn the_answer_to_the_chosen_commit_is_lost_and_the_server_had_it() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = server.local_addr().unwrap().port();
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (mut peer, _) = server.accept().await.unwrap();
                let told = told.clone();
                tokio::spawn(async move {
                    let mut bytes = vec![0; 64];
                    while let Ok(read @ 1..) = peer.read(&mut bytes).await {
                        told.send(bytes[..read].to_vec()).unwrap();
                        peer.write_all(COMMIT).await.unwrap();
                    }
                });
            }
        });
        let cut = ReplyCut::before(port).await.unwrap();
        let url = cut.url(&format!("postgres://u:p@127.0.0.1:{port}/d"), port);
        assert!(!url.contains(&format!(":{port}/")), "{url}");
        cut.arm(2);
        let mut client = TcpStream::connect(cut.address).await.unwrap();
        let mut answer = vec![0; 64];
        client.write_all(COMMIT).await.unwrap();
        assert_eq!(client.read(&mut answer).await.unwrap(), COMMIT.len());
        client.write_all(COMMIT).await.unwrap();
        assert_eq!(client.read(&mut answer).await.unwrap_or(0), 0, "cut");
        for _ in 0..2 {
            assert_eq!(heard.recv().await.unwrap(), COMMIT);
        }
        assert_eq!(cut.cut(), 1);
    }
}
