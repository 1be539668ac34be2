//! What a client and a server see of each toxic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector_sim::{FaultProxy, Toxic};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const REQUEST: &[u8] = b"question";
const REPLY: &[u8] = b"the answer";

/// Answers every request of the right length and closes; keeps what it received.
async fn server() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::<Mutex<Vec<u8>>>::default();
    let log = Arc::clone(&received);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; REQUEST.len()];
            let mut filled = 0;
            while let Ok(count) = stream.read(&mut buffer[filled..]).await {
                log.lock().unwrap().extend(&buffer[filled..filled + count]);
                filled += count;
                if count == 0 || filled == REQUEST.len() {
                    break;
                }
            }
            if filled == REQUEST.len() {
                let _gone = stream.write_all(REPLY).await;
            }
        }
    });
    (address, received)
}

/// What came of one request: the reply up to its end, or none where no end came.
async fn ask(proxy: &FaultProxy) -> Option<(Vec<u8>, io::Result<()>)> {
    let mut reply = Vec::new();
    let talk = async {
        let mut stream = TcpStream::connect(proxy.address()).await?;
        stream.write_all(REQUEST).await?;
        stream.read_to_end(&mut reply).await
    };
    let end = timeout(Duration::from_millis(300), talk).await.ok()?;
    Some((reply, end.map(drop)))
}

#[tokio::test]
async fn each_toxic_is_seen_as_described() {
    let (upstream, received) = server().await;
    let proxy = FaultProxy::start(upstream, 7).await.unwrap();
    let millis = Duration::from_millis;
    let whole = Some(REPLY.to_vec());
    // Toxic, the reply where it ends in good order, what the server received.
    let cases = [
        (Toxic::None, whole.clone(), REQUEST),
        (
            Toxic::Latency {
                delay: millis(5),
                jitter: millis(5),
            },
            whole.clone(),
            REQUEST,
        ),
        (Toxic::Bandwidth(1000), whole.clone(), REQUEST),
        (Toxic::SlowClose(millis(20)), whole, REQUEST),
        (Toxic::TruncateReply(3), Some(b"the".to_vec()), REQUEST),
        (Toxic::DropReply, Some(Vec::new()), REQUEST),
        (
            Toxic::DuplicateReply,
            Some([REPLY, REPLY].concat()),
            REQUEST,
        ),
        (Toxic::ResetAfterRequest, None, REQUEST),
        (Toxic::ResetReplyAfter(3), None, REQUEST),
        (Toxic::ResetRequestAfter(4), None, &REQUEST[..4]),
        (Toxic::ResetAtOnce, None, b""),
    ];
    let mut met = 0;
    for (toxic, expected, arrived) in cases {
        received.lock().unwrap().clear();
        proxy.set(toxic);
        let (reply, end) = ask(&proxy)
            .await
            .unwrap_or_else(|| panic!("{toxic:?} hung"));
        match expected {
            Some(expected) => {
                end.unwrap();
                assert_eq!(reply, expected, "{toxic:?}");
            }
            None => assert_eq!(
                end.unwrap_err().kind(),
                ErrorKind::ConnectionReset,
                "{toxic:?}"
            ),
        }
        tokio::time::sleep(millis(20)).await;
        assert_eq!(received.lock().unwrap().as_slice(), arrived, "{toxic:?}");
        met += u64::from(toxic != Toxic::None);
        assert_eq!(proxy.met(), met, "{toxic:?}");
    }
    // No end comes, and only where replies vanish the server was asked.
    for (toxic, arrived) in [
        (Toxic::HalfOpen, b"".as_slice()),
        (Toxic::BlackHoleRequest, b""),
        (Toxic::BlackHoleReply, REQUEST),
    ] {
        received.lock().unwrap().clear();
        proxy.set(toxic);
        assert!(ask(&proxy).await.is_none(), "{toxic:?} ended");
        met += 1;
        assert_eq!(proxy.met(), met, "{toxic:?}");
        assert_eq!(received.lock().unwrap().as_slice(), arrived, "{toxic:?}");
    }
}

#[tokio::test]
async fn a_late_request_arrives_after_its_client_and_its_toxic_have_gone() {
    let (upstream, received) = server().await;
    let proxy = FaultProxy::start(upstream, 7).await.unwrap();
    proxy.set(Toxic::LateRequest(Duration::from_millis(600)));
    assert!(ask(&proxy).await.is_none(), "the request was in time");
    proxy.clear();
    assert!(received.lock().unwrap().is_empty(), "it was in time");
    assert_eq!(proxy.open(), 1);
    for _ in 0..200 {
        if proxy.open() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((proxy.open(), proxy.met()), (0, 1));
    assert_eq!(received.lock().unwrap().as_slice(), REQUEST);
}

#[tokio::test]
async fn open_connections_are_reset_by_a_change() {
    let (upstream, _) = server().await;
    let proxy = FaultProxy::start(upstream, 7).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(&REQUEST[..1]).await.unwrap();
    for _ in 0..100 {
        if proxy.open() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    proxy.set_for_next(Toxic::HalfOpen);
    proxy.clear();
    let mut byte = [0];
    let end = timeout(Duration::from_secs(5), stream.read(&mut byte));
    let error = end.await.expect("it stays open").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(ask(&proxy).await.expect("an end").0, REPLY);
    assert_eq!(proxy.met(), 0);
}

#[tokio::test]
async fn what_is_garbled_follows_from_the_seed() {
    let (upstream, _) = server().await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let proxy = FaultProxy::start(upstream, 7).await.unwrap();
        proxy.set_for_next(Toxic::GarbleReply);
        let (reply, end) = ask(&proxy).await.expect("an end");
        end.unwrap();
        let turned: u32 = reply
            .iter()
            .zip(REPLY)
            .map(|(got, sent)| (got ^ sent).count_ones())
            .sum();
        assert_eq!((reply.len(), turned), (REPLY.len(), 1));
        seen.push(reply);
        // The next connection is whole again.
        assert_eq!(ask(&proxy).await.expect("an end").0, REPLY);
        assert_eq!(proxy.accepted(), 2);
    }
    assert_eq!(seen[0], seen[1]);
}
