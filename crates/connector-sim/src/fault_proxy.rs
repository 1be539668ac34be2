//! A TCP proxy that spoils connections, in front of any server.

mod relay;
mod toxic;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use toxic::Toxic;

/// How many connections one proxy holds open; more are reset.
const MOST_CONNECTIONS: usize = 256;

/// A TCP proxy on loopback that hands connections to a server and spoils them by a [`Toxic`].
///
/// A connection keeps the toxic it was accepted with. [`FaultProxy::set`] resets those that are open, so that a client which
/// keeps its connections meets the new one too. What chance decides (jitter, which bit is garbled) follows from the seed and
/// the number of the connection. Memory is bounded: two buffers of 8 KiB a connection, at most 256 connections.
///
/// ```
/// use connector_sim::{FaultProxy, Toxic, WhistlOptions, WhistlSim};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let warehouse = WhistlSim::start(WhistlOptions::default()).await?;
/// let upstream = warehouse.base_url().trim_start_matches("http://").trim_end_matches('/').parse()?;
/// let proxy = FaultProxy::start(upstream, 7).await?;
/// // Point the program under test at proxy.address(), then:
/// proxy.set(Toxic::DropReply);
/// proxy.set(Toxic::None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    rules: Arc<Mutex<Rules>>,
    epoch: watch::Sender<u64>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Rules {
    standing: Toxic,
    next: VecDeque<Toxic>,
    accepted: u64,
}

impl FaultProxy {
    /// Listens on a free port of loopback, without a toxic.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(upstream: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let rules = Arc::<Mutex<Rules>>::default();
        let (epoch, _) = watch::channel(0);
        let task = tokio::spawn(accept(
            listener,
            upstream,
            seed,
            Arc::clone(&rules),
            epoch.clone(),
        ));
        Ok(Self {
            address,
            rules,
            epoch,
            task,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on every new connection meets this toxic; open ones are reset.
    pub fn set(&self, toxic: Toxic) {
        lock(&self.rules).standing = toxic;
        self.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// One connection to come meets this toxic in place of the standing one; several queue up.
    pub fn set_for_next(&self, toxic: Toxic) {
        lock(&self.rules).next.push_back(toxic);
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        lock(&self.rules).accepted
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(
    listener: TcpListener,
    upstream: SocketAddr,
    seed: u64,
    rules: Arc<Mutex<Rules>>,
    epoch: watch::Sender<u64>,
) {
    let mut open = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors, for one: others may close.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        while open.try_join_next().is_some() {}
        // Subscribed before the rules are read: whoever changes them afterwards resets this connection.
        let changed = epoch.subscribe();
        let (toxic, number) = {
            let mut rules = lock(&rules);
            rules.accepted += 1;
            let toxic = rules.next.pop_front().unwrap_or(rules.standing);
            (toxic, rules.accepted)
        };
        if open.len() >= MOST_CONNECTIONS {
            relay::reset(&client);
            continue;
        }
        open.spawn(serve(client, upstream, toxic, seed ^ number, changed));
    }
}

async fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    toxic: Toxic,
    seed: u64,
    mut changed: watch::Receiver<u64>,
) {
    let end = tokio::select! {
        end = relay::relay(&mut client, upstream, toxic, seed) => end,
        _ = changed.changed() => relay::End::Reset,
    };
    if matches!(end, relay::End::Reset) {
        relay::reset(&client);
    }
}
