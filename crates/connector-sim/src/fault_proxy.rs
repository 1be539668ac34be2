//! A TCP proxy that spoils connections, in front of any server.
//!
//! [`FaultProxy`] is the proxy and its handle, [`Toxic`] what it does to a connection.

mod relay;
mod toxic;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use toxic::Toxic;

/// How many connections one proxy holds open; more are reset.
const MOST_CONNECTIONS: usize = 256;

/// A TCP proxy on loopback that hands connections to a server and spoils them by a [`Toxic`].
///
/// A connection keeps the toxic it was accepted with. [`FaultProxy::set`] resets those that are open, so that a client which
/// keeps its connections meets the new one too; only a request that is to be late ([`Toxic::LateRequest`]) is still
/// delivered, with its client or without. What chance decides (jitter, which bit is garbled) follows from the seed and
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
/// proxy.clear();
/// assert_eq!(proxy.met(), 0, "nobody called");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    rules: Arc<Mutex<Rules>>,
    tallies: Arc<Tallies>,
    epoch: watch::Sender<u64>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Rules {
    standing: Toxic,
    next: VecDeque<Toxic>,
    accepted: u64,
}

#[derive(Debug, Default)]
struct Tallies {
    met: AtomicU64,
    open: AtomicU64,
}

/// One connection among the open ones, until dropped.
#[derive(Debug)]
struct Open(Arc<Tallies>);

impl Open {
    fn of(tallies: &Arc<Tallies>) -> Self {
        tallies.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(tallies))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
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
        let tallies = Arc::<Tallies>::default();
        let (epoch, _) = watch::channel(0);
        let front = Front {
            upstream,
            seed,
            rules: Arc::clone(&rules),
            tallies: Arc::clone(&tallies),
            epoch: epoch.clone(),
        };
        let task = tokio::spawn(accept(listener, front));
        Ok(Self {
            address,
            rules,
            tallies,
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

    /// No toxic any more, not for the next connections either; open ones are reset.
    pub fn clear(&self) {
        lock(&self.rules).next.clear();
        self.set(Toxic::None);
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

    /// How many connections a toxic has acted on so far: one that was accepted under a toxic and gave it no occasion (no
    /// reply to spoil, say) does not count.
    #[must_use]
    pub fn met(&self) -> u64 {
        self.tallies.met.load(Ordering::SeqCst)
    }

    /// How many connections are open at this moment.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.tallies.open.load(Ordering::SeqCst)
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

/// What the accept loop knows.
#[derive(Debug)]
struct Front {
    upstream: SocketAddr,
    seed: u64,
    rules: Arc<Mutex<Rules>>,
    tallies: Arc<Tallies>,
    epoch: watch::Sender<u64>,
}

async fn accept(listener: TcpListener, front: Front) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors, for one: others may close.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Subscribed before the rules are read: whoever changes them afterwards resets this connection.
        let changed = front.epoch.subscribe();
        let (toxic, number) = {
            let mut rules = lock(&front.rules);
            rules.accepted += 1;
            let toxic = rules.next.pop_front().unwrap_or(rules.standing);
            (toxic, rules.accepted)
        };
        if connections.len() >= MOST_CONNECTIONS {
            relay::reset(&client);
            continue;
        }
        let open = Open::of(&front.tallies);
        let plan = relay::Plan::new(toxic, front.seed ^ number);
        connections.spawn(serve(client, front.upstream, plan, changed, open));
    }
}

async fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    plan: relay::Plan,
    mut changed: watch::Receiver<u64>,
    open: Open,
) {
    let stop = async {
        // An error says that the proxy is gone.
        let _gone = changed.changed().await;
        if let Toxic::LateRequest(delay) = plan.toxic {
            tokio::time::sleep(delay.saturating_mul(2)).await;
        }
    };
    let end = tokio::select! {
        end = relay::relay(&mut client, upstream, &plan, &open.0.met) => end,
        () = stop => relay::End::Reset,
    };
    if matches!(end, relay::End::Reset) {
        relay::reset(&client);
    }
}
