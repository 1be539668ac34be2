//! Behind a pooler that gives every transaction another connection. Runs where Debian's `pgbouncer` is installed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chrono::Duration;
use futures_util::future::join_all;
use order_sync::{ClaimKind, OrderEvent, Store as _};
use order_sync_postgres::PostgresStore;

use crate::fixtures::{at, captured, change, merchant, ready};
use crate::server::Namespace;

/// A pooler in the transaction mode, in a folder of its own.
struct Pooler {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

#[allow(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test reads its environment and tells what it did not do"
)]
fn program() -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file());
    if found.is_none() {
        eprintln!("NOT RUN: this test needs pgbouncer");
    }
    found
}

fn start(program: &Path, namespace: &Namespace) -> Pooler {
    let config: tokio_postgres::Config = namespace.url.parse().unwrap();
    let tokio_postgres::config::Host::Tcp(host) = &config.get_hosts()[0] else {
        panic!("the pooler is tested over TCP");
    };
    let server_port = config.get_ports().first().copied().unwrap_or(5432);
    let user = config.get_user().unwrap();
    let password = config
        .get_password()
        .map(|text| format!(" password={}", std::str::from_utf8(text).unwrap()))
        .unwrap_or_default();
    let database = config.get_dbname().unwrap_or("postgres");
    let folder = std::env::temp_dir().join(format!("pooler-{}", namespace.schema));
    std::fs::create_dir_all(&folder).unwrap();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    // Two connections to the server for all of a program's: whatever a transaction leaves behind meets another caller.
    let settings = format!(
        "[databases]\n{database} = host={host} port={server_port} dbname={database} user={user}{password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 100\n"
    );
    let file = folder.join("pgbouncer.ini");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(program);
    command
        .arg("--quiet")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // It refuses to run as root.
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if root {
        let others = Command::new("chmod")
            .args(["-R", "a+rX"])
            .arg(&folder)
            .status();
        assert!(others.unwrap().success());
        command.args(["--user", "nobody"]);
    }
    Pooler {
        process: command.spawn().unwrap(),
        folder,
        port,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transaction_may_have_another_connection() {
    let Some(program) = program() else { return };
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let pooler = start(&program, &namespace);
    let config: tokio_postgres::Config = namespace.url.parse().unwrap();
    let url = format!(
        "host=127.0.0.1 port={} user={} dbname={}",
        pooler.port,
        config.get_user().unwrap(),
        config.get_dbname().unwrap_or("postgres")
    );
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", pooler.port))
            .await
            .is_ok()
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Migrations go through it too, by several at once.
    let options = namespace.options().with_max_connections(8);
    let opened = join_all((0..3).map(|_| PostgresStore::connect(&url, options.clone()))).await;
    let stores: Vec<PostgresStore> = opened.into_iter().map(Result::unwrap).collect();
    let work = (0..24).map(|number| {
        let store = stores[number % stores.len()].clone();
        async move {
            let merchant = order_sync::MerchantId::new(format!("merchant-{}", number % 4));
            let text = format!("order-{number}");
            ready(&store, &merchant, &text).await;
            let lease = Duration::seconds(60);
            let claim = store
                .claim_order(
                    &merchant,
                    ClaimKind::Send,
                    &text.as_str().into(),
                    lease,
                    at(9),
                )
                .await;
            let sending = claim.unwrap().unwrap().record;
            assert_eq!(sending.merchant, merchant);
            let done = store
                .commit(change(&sending, OrderEvent::Confirmed))
                .await
                .unwrap();
            assert_eq!(done.unwrap().merchant, merchant);
        }
    });
    join_all(work).await;
    captured(&stores[0], &merchant(), "last").await;
    // Nothing is left on the connections behind it.
    let sql = "SELECT (SELECT count(*) FROM pg_prepared_statements), current_setting('search_path'), \
               coalesce(current_setting('order_sync.merchant', true), '')";
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let rows = client.query_typed(sql, &[]).await.unwrap();
    let left: (i64, String, String) = (rows[0].get(0), rows[0].get(1), rows[0].get(2));
    assert_eq!((left.0, left.2.as_str()), (0, ""));
    assert!(!left.1.contains(&namespace.schema), "{}", left.1);
}
