//! A drop folder on a real OpenSSH server, which the test starts itself. Where none is installed, it says that it was not run.
#![cfg(all(feature = "sftp", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use whistl_client::SecretString;
use whistl_client::order_files::{
    DropError, DropFolder, DropStep, FileCursor, FileLine, FileOrder, FileParty, FileProbe,
    FileShare as _, FolderLayout, OrderFile, SftpHostKey, SftpLogin, SftpOptions, SftpPrivateKey,
    SftpShare,
};

const SERVERS: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// A server of this test, on a free port of this machine, with keys of its own.
struct Server {
    process: Child,
    directory: TempDir,
    port: u16,
    user: String,
}

impl Server {
    /// Starts one; `None`, said aloud, where it cannot be.
    fn start(test: &str) -> Option<Self> {
        match Self::try_start() {
            Ok(server) => Some(server),
            Err(reason) => {
                // Written to the terminal itself: what a test prints is shown only when it fails.
                let _ = writeln!(io::stderr(), "\n{test}: NOT RUN, {reason}");
                None
            }
        }
    }

    fn try_start() -> Result<Self, String> {
        let program = SERVERS
            .iter()
            .find(|path| Path::new(path).exists())
            .ok_or("no OpenSSH server is installed")?;
        // A server that is started by the superuser wants this empty folder, which the service's own start makes otherwise.
        // Anybody else cannot make it, and needs none.
        let _ = fs::create_dir("/run/sshd");
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for key in ["host", "other", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(path(key))
                .stdin(Stdio::null())
                .status();
            if !made.is_ok_and(|status| status.success()) {
                return Err("ssh-keygen makes no keys".to_owned());
            }
        }
        fs::copy(path("user.pub"), path("authorized_keys")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nPidFile none\nAuthorizedKeysFile {keys}\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication yes\n\
             Subsystem sftp internal-sftp\n",
            host = path("host").display(),
            keys = path("authorized_keys").display(),
        );
        fs::write(path("config"), config).unwrap();
        let log = fs::File::create(path("log")).unwrap();
        let process = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(path("config"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("the server does not start: {error}"))?;
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let mut server = Self {
            process,
            directory,
            port,
            user: String::from_utf8(user).unwrap().trim().to_owned(),
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let over = server.process.try_wait().unwrap().is_some();
            if over || begun.elapsed() > Duration::from_secs(10) {
                let log = fs::read_to_string(server.path("log")).unwrap_or_default();
                return Err(format!("the server does not answer: {log}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        for folder in [
            "share/ORD/IN",
            "share/ORD/PROCESSED",
            "share/errors",
            "share/stock_file",
        ] {
            fs::create_dir_all(server.path(folder)).unwrap();
        }
        Ok(server)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn key(&self, name: &str) -> SftpHostKey {
        SftpHostKey::parse(&fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    fn options(&self, host_key: SftpHostKey) -> SftpOptions {
        let text = SecretString::from(fs::read_to_string(self.path("user")).unwrap());
        let login = SftpLogin::Key(SftpPrivateKey::parse(&text, None).unwrap());
        SftpOptions::new("127.0.0.1", host_key, self.user.as_str(), login)
            .with_port(self.port)
            .with_root(self.path("share"))
            .with_timeouts(Duration::from_secs(10), Duration::from_secs(20))
    }

    fn share(&self) -> SftpShare {
        SftpShare::new(self.options(self.key("host.pub"))).unwrap()
    }

    fn folder(&self) -> DropFolder {
        DropFolder::over(self.share(), FolderLayout::default()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn file(quantity: u32) -> OrderFile {
    let party = FileParty::new("Goods", "In", "ZZ9 9ZZ", ["8 Sample Street"], "Exampleton");
    let order = FileOrder::new("SO10001", party, [FileLine::new("MUG01", quantity)]);
    OrderFile::from_order(&order).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_order_goes_there_whole_and_its_fate_is_read_back() {
    let Some(server) = Server::start("order over SFTP") else {
        return;
    };
    let folder = server.folder();
    assert_eq!(folder.probe("SO10001").unwrap(), FileProbe::Absent);
    let dropped = folder.drop_order(&file(2)).unwrap();
    assert_eq!(dropped.left_over, None);
    let path = server.path("share/ORD/IN/SO10001.csv");
    assert_eq!(dropped.path, path);
    assert_eq!(fs::read(&path).unwrap(), file(2).bytes());
    assert_eq!(names(&server.path("share/ORD/IN")), ["SO10001.csv"]);
    assert_eq!(folder.probe("SO10001").unwrap(), FileProbe::Waiting);

    for (other, same) in [(file(2), true), (file(3), false)] {
        let error = folder.drop_order(&other).unwrap_err();
        assert!(
            matches!(error, DropError::AlreadyExists { identical, .. } if identical == same),
            "{error:?}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), file(2).bytes());
    assert_eq!(names(&server.path("share/ORD/IN")), ["SO10001.csv"]);

    fs::rename(
        &path,
        server.path("share/ORD/PROCESSED/SO1000120260131T123005.csv"),
    )
    .unwrap();
    assert_eq!(folder.probe("SO10001").unwrap(), FileProbe::PickedUp);
    assert_eq!(folder.archived().unwrap()[0].stem, "SO10001");
}

#[test]
fn of_many_droppers_of_one_name_one_wins() {
    let Some(server) = Server::start("many droppers over SFTP") else {
        return;
    };
    let won: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..=4)
            .map(|quantity| {
                let folder = server.folder();
                scope.spawn(move || usize::from(folder.drop_order(&file(quantity)).is_ok()))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    assert_eq!(won, 1);
    assert_eq!(names(&server.path("share/ORD/IN")), ["SO10001.csv"]);
}

#[test]
fn exports_are_read_block_by_block_with_their_times() {
    let Some(server) = Server::start("exports over SFTP") else {
        return;
    };
    let mut text = "Part,Qty\n".to_owned();
    for number in 0..50_000 {
        text.push_str(&format!("SKU-{number},{number}\n"));
    }
    let path = server.path("share/stock_file/s1.csv");
    fs::write(&path, &text).unwrap();
    std::os::unix::fs::symlink(&path, server.path("share/stock_file/s2.csv")).unwrap();
    fs::create_dir(server.path("share/stock_file/Done.csv")).unwrap();
    let folder = server.folder();
    let read = folder.read_stock(&FileCursor::default()).unwrap();
    let seen: Vec<_> = read
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.rows.len()))
        .collect();
    assert_eq!(seen, [("s1.csv", 50_000), ("s2.csv", 50_000)]);
    assert!(
        read.files
            .iter()
            .all(|file| file.problem.is_none() && file.changed.is_some())
    );
    assert_eq!(folder.read_stock(&read.cursor).unwrap().files.len(), 0);

    let mut whole = String::new();
    let share = server.share();
    share
        .open(Path::new("stock_file/s1.csv"))
        .unwrap()
        .read_to_string(&mut whole)
        .unwrap();
    assert!(whole == text, "the file came over otherwise");
    let missing = share
        .open(Path::new("stock_file/none.csv"))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    assert_eq!(share.facts(Path::new("stock_file/none.csv")).unwrap(), None);
    let missing = folder.read_refunds(&FileCursor::default()).unwrap_err();
    assert_eq!(missing.source.kind(), io::ErrorKind::NotFound);
}

#[test]
fn another_server_and_another_user_are_refused() {
    let Some(server) = Server::start("host key over SFTP") else {
        return;
    };
    let other = server.key("other.pub");
    let share = SftpShare::new(server.options(other.clone())).unwrap();
    let error = share.list(Path::new("ORD/IN")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains("another key"), "{error}");
    let folder = DropFolder::over(share, FolderLayout::default()).unwrap();
    let error = folder.drop_order(&file(1)).unwrap_err();
    assert!(
        matches!(
            error,
            DropError::Io {
                step: DropStep::Create,
                ..
            }
        ) && !error.is_ambiguous(),
        "{error:?}"
    );
    assert!(names(&server.path("share/ORD/IN")).is_empty());

    // While a server changes its key, both are pinned.
    let both = server.options(other).with_host_key(server.key("host.pub"));
    assert!(
        SftpShare::new(both)
            .unwrap()
            .list(Path::new("ORD/IN"))
            .is_ok()
    );

    let mut options = server.options(server.key("host.pub"));
    options.login = SftpLogin::password("not the password");
    let error = SftpShare::new(options)
        .unwrap()
        .list(Path::new("ORD/IN"))
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains("refuses the user"), "{error}");
}

/// Something between the share and its server that can cut the connections that go through it.
struct Between {
    port: u16,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    fn new(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ends: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = Arc::clone(&ends);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                for (mut from, mut to) in [(&client, &server), (&server, &client)]
                    .map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap()))
                {
                    std::thread::spawn(move || io::copy(&mut from, &mut to));
                }
                kept.lock().unwrap().extend([client, server]);
            }
        });
        Self { port, ends }
    }

    fn cut(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

#[test]
fn a_broken_connection_is_told_or_made_again() {
    let Some(server) = Server::start("broken connection over SFTP") else {
        return;
    };
    let between = Between::new(server.port);
    let options = server
        .options(server.key("host.pub"))
        .with_port(between.port);
    let folder =
        DropFolder::over(SftpShare::new(options).unwrap(), FolderLayout::default()).unwrap();
    assert_eq!(folder.probe("SO10001").unwrap(), FileProbe::Absent);
    between.cut();
    // The first call after it may still meet the broken connection; the one after that must not.
    if let Err(error) = folder.drop_order(&file(1)) {
        assert!(
            matches!(
                error,
                DropError::Io {
                    step: DropStep::Create,
                    ..
                }
            ),
            "{error:?}"
        );
        folder.drop_order(&file(1)).unwrap();
    }
    assert_eq!(names(&server.path("share/ORD/IN")), ["SO10001.csv"]);
    assert_eq!(between.ends.lock().unwrap().len(), 2, "one new connection");
}

/// A listener that never says a word.
#[test]
fn a_silent_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = SftpHostKey::parse(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ",
    );
    let options = SftpOptions::new("127.0.0.1", key.unwrap(), "user", SftpLogin::password("x"))
        .with_port(port)
        .with_timeouts(Duration::from_millis(300), Duration::from_secs(1));
    let begun = Instant::now();
    let error = SftpShare::new(options)
        .unwrap()
        .list(Path::new("ORD/IN"))
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
