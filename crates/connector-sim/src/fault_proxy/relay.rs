//! One connection, from the client to the server and back.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::sleep;

use super::Toxic;

const BUFFER: usize = 8 * 1024;

/// How a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// With a FIN.
    Closed,
    /// With a RST.
    Reset,
}

/// What is to happen to one connection.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) toxic: Toxic,
    seed: u64,
    met: AtomicBool,
}

impl Plan {
    pub(super) const fn new(toxic: Toxic, seed: u64) -> Self {
        Self {
            toxic,
            seed,
            met: AtomicBool::new(false),
        }
    }

    /// The toxic has acted; counted once for a connection.
    fn note(&self, counter: &AtomicU64) {
        if !self.met.swap(true, Ordering::SeqCst) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Makes the close of this socket a reset.
pub(super) fn reset(client: &TcpStream) {
    // A socket that is gone already needs none.
    let _gone = client.set_zero_linger();
}

pub(super) async fn relay(
    client: &mut TcpStream,
    upstream: SocketAddr,
    plan: &Plan,
    met: &AtomicU64,
) -> End {
    match plan.toxic {
        Toxic::ResetAtOnce => {
            plan.note(met);
            return End::Reset;
        }
        Toxic::HalfOpen => {
            plan.note(met);
            return swallow(client).await;
        }
        _ => {}
    }
    let Ok(mut server) = TcpStream::connect(upstream).await else {
        return End::Reset;
    };
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let end = tokio::select! {
        end = requests(from_client, to_server, plan, met) => end,
        end = replies(from_server, to_client, plan, met) => end,
    };
    end.unwrap_or(End::Reset)
}

/// Reads and forgets until the client is gone.
async fn swallow(client: &mut TcpStream) -> End {
    let mut buffer = vec![0; BUFFER];
    while client.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    End::Closed
}

/// Comes to an end only when the connection has to.
async fn requests(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    plan: &Plan,
    met: &AtomicU64,
) -> io::Result<End> {
    if let Toxic::LateRequest(delay) = plan.toxic {
        // Until then it waits in the socket, which holds it when the client has gone as well.
        sleep(delay).await;
    }
    let mut buffer = vec![0; BUFFER];
    let mut passed = 0;
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            match plan.toxic {
                Toxic::BlackHoleRequest | Toxic::BlackHoleReply => return Ok(End::Closed),
                Toxic::LateRequest(delay) => {
                    // A server that heard of the end at once might drop the request unread.
                    sleep(delay).await;
                    return Ok(End::Closed);
                }
                Toxic::SlowClose(delay) => {
                    plan.note(met);
                    sleep(delay).await;
                }
                _ => {}
            }
            // The client has said everything and may still wait for the reply.
            to.shutdown().await?;
            return pending().await;
        }
        let piece = buffer.get(..count).unwrap_or_default();
        match plan.toxic {
            Toxic::BlackHoleRequest => plan.note(met),
            Toxic::ResetRequestAfter(limit) if passed + count >= limit => {
                plan.note(met);
                to.write_all(piece.get(..limit - passed).unwrap_or_default())
                    .await?;
                return Ok(End::Reset);
            }
            Toxic::LateRequest(_) => {
                plan.note(met);
                to.write_all(piece).await?;
            }
            _ => to.write_all(piece).await?,
        }
        passed += count;
    }
}

async fn replies(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    plan: &Plan,
    met: &AtomicU64,
) -> io::Result<End> {
    let mut chance = fastrand::Rng::with_seed(plan.seed);
    let mut buffer = vec![0; BUFFER];
    let mut passed = 0;
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            match plan.toxic {
                Toxic::BlackHoleReply => return pending().await,
                Toxic::SlowClose(delay) => {
                    plan.note(met);
                    sleep(delay).await;
                }
                _ => {}
            }
            to.shutdown().await?;
            return Ok(End::Closed);
        }
        let piece = buffer.get_mut(..count).unwrap_or_default();
        if plan.toxic.acts_on_reply(passed + count) {
            plan.note(met);
        }
        match plan.toxic {
            Toxic::ResetAfterRequest => return Ok(End::Reset),
            Toxic::DropReply => return Ok(End::Closed),
            Toxic::BlackHoleReply => continue,
            Toxic::ResetReplyAfter(limit) | Toxic::TruncateReply(limit)
                if passed + count >= limit =>
            {
                to.write_all(piece.get(..limit - passed).unwrap_or_default())
                    .await?;
                let cut = matches!(plan.toxic, Toxic::TruncateReply(_));
                return Ok(if cut { End::Closed } else { End::Reset });
            }
            Toxic::Latency { delay, jitter } => {
                let most = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX);
                sleep(delay.saturating_add(Duration::from_micros(chance.u64(..=most)))).await;
            }
            Toxic::Bandwidth(rate) => {
                for part in piece.chunks(64) {
                    to.write_all(part).await?;
                    let size = u32::try_from(part.len()).unwrap_or(u32::MAX);
                    sleep(Duration::from_secs(1) * size / rate.max(1)).await;
                }
                continue;
            }
            Toxic::GarbleReply => {
                if let Some(byte) = piece.get_mut(chance.usize(..count)) {
                    *byte ^= 0x80;
                }
            }
            Toxic::DuplicateReply => to.write_all(piece).await?,
            _ => {}
        }
        to.write_all(piece).await?;
        passed += count;
    }
}
