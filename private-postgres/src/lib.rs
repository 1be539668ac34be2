//! A PostgreSQL cluster of one's own: made in a temporary folder, reached over loopback only, and thrown away with its value.
//!
//! [`programs`] finds PostgreSQL's programs, [`PrivateServer::start`] makes a cluster with them. As root, which PostgreSQL refuses to run
//! as, the server runs as the user `postgres` or `nobody`. The postmaster can be killed and started again ([`PrivateServer::restart`]).

#![allow(
    clippy::print_stderr,
    reason = "what could not be stopped or removed, and where a cluster lies, is told to whoever runs the program"
)]

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The oldest major version that the store works with.
pub const OLDEST: u32 = 15;

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian puts them; the latest version. `None`: there is none, or only
/// older ones.
#[must_use]
pub fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut by_version: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .map(|folders| {
            folders
                .filter_map(|folder| {
                    let folder = folder.ok()?.path();
                    let version = folder.file_name()?.to_str()?.parse().ok()?;
                    Some((version, folder.join("bin")))
                })
                .collect()
        })
        .unwrap_or_default();
    by_version.sort();
    let installed = by_version.into_iter().rev().map(|(_, folder)| folder);
    on_path
        .into_iter()
        .chain(installed)
        .find(|folder| folder.join("initdb").is_file() && is_recent(&folder.join("pg_ctl")))
}

/// `pg_ctl (PostgreSQL) 15.18 (Debian ...)`
fn is_recent(program: &Path) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else {
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text
        .split_whitespace()
        .find_map(|word| word.split('.').next()?.parse::<u32>().ok());
    version.is_some_and(|version| version >= OLDEST)
}

/// Runs a command in silence.
///
/// # Errors
/// That it could not be started, or how it ended, with what it said.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{name} ended with {}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// How large a cluster is.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::exhaustive_structs,
    reason = "made by the programs of this workspace only"
)]
pub struct Size {
    /// Connections that the server admits at most.
    pub connections: u32,
    /// Megabytes of the shared buffers.
    pub buffers_mb: u32,
}

/// A cluster in a folder of its own; stopped and removed when it is dropped.
#[derive(Debug)]
pub struct PrivateServer {
    folder: PathBuf,
    pg_ctl: PathBuf,
    user: Option<&'static str>,
    url: String,
    port: u16,
    size: Size,
    durability: &'static str,
}

/// Nothing that is kept there has to outlive the machine.
const SPARED: &str = "-c fsync=off -c full_page_writes=off";
/// As in production. The log is not to be recycled in the middle of a figure.
const KEPT: &str = "-c max_wal_size=4GB";

/// Clusters that this process has made, for the names of their folders.
static MADE: AtomicU32 = AtomicU32::new(0);

impl PrivateServer {
    /// Makes a cluster and starts it. Blocks until it answers, some seconds.
    ///
    /// # Errors
    /// What the programs or the file system say.
    pub fn start(programs: &Path, size: Size) -> Result<Self, String> {
        Self::start_in(&std::env::temp_dir(), programs, size, SPARED)
    }

    /// The same with commits that are forced to the disk, as in production: for what is measured. The cluster lies in the preferred
    /// folder, which is made where it is not there, if the server's user reaches it; else in that for temporary files, which may
    /// be in memory, and that is told.
    ///
    /// # Errors
    /// What the programs or the file system say.
    pub fn start_durable(programs: &Path, size: Size, preferred: &Path) -> Result<Self, String> {
        fs::create_dir_all(preferred)
            .map_err(|error| format!("{}: {error}", preferred.display()))?;
        let is_reached = unprivileged()?.is_none_or(|user| {
            let mut look = Command::new("runuser");
            look.args(["-u", user, "--", "test", "-x"]).arg(preferred);
            run(&mut look).is_ok()
        });
        if is_reached {
            return Self::start_in(preferred, programs, size, KEPT);
        }
        let folder = std::env::temp_dir();
        eprintln!(
            "the server lies in {}: look that this is a disk",
            folder.display()
        );
        Self::start_in(&folder, programs, size, KEPT)
    }

    fn start_in(
        parent: &Path,
        programs: &Path,
        size: Size,
        durability: &'static str,
    ) -> Result<Self, String> {
        // Short, since the name of a socket may not be long.
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("os-pg-{}-{number}", std::process::id()));
        let password = random_text()?;
        let port = free_port()?;
        let server = Self {
            url: format!("postgres://order_sync:{password}@127.0.0.1:{port}/postgres"),
            pg_ctl: programs.join("pg_ctl"),
            user: unprivileged()?,
            port,
            size,
            durability,
            folder,
        };
        let failed = |error: std::io::Error| format!("{}: {error}", server.folder.display());
        fs::create_dir(&server.folder).map_err(failed)?;
        let password_file = server.folder.join("password");
        fs::write(&password_file, &password).map_err(failed)?;
        if let Some(user) = server.user {
            run(Command::new("chown").args(["-R", user]).arg(&server.folder))?;
        }
        run(Command::new("chmod")
            .args(["-R", "go-rwx"])
            .arg(&server.folder))?;
        let mut initdb = server.command(&programs.join("initdb"));
        initdb
            .arg("--pgdata")
            .arg(server.data())
            .args([
                "--username=order_sync",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pwfile",
            ])
            .arg(password_file);
        run(&mut initdb)?;
        server.restart()?;
        Ok(server)
    }

    /// How it is reached, with the password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on loopback that it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the postmaster; `None` where none is on record.
    #[must_use]
    pub fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Starts the server, after it was stopped or killed. Blocks until it answers. The children of a postmaster that was killed end by
    /// themselves, and no other starts before they have: that is waited for, 10 seconds at most.
    ///
    /// # Errors
    /// What the server's log says.
    pub fn restart(&self) -> Result<(), String> {
        // No socket in a folder: its name may not be long.
        let settings = format!(
            "-c unix_socket_directories= -p {} -c listen_addresses=127.0.0.1 -c max_connections={} -c shared_buffers={}MB {}",
            self.port, self.size.connections, self.size.buffers_mb, self.durability
        );
        const TRIES: u32 = 50;
        for _ in 0..TRIES {
            let mut start = self.command(&self.pg_ctl);
            start
                .args(["start", "--wait", "--silent", "--pgdata"])
                .arg(self.data())
                .arg("--log")
                .arg(self.folder.join("log"))
                .arg("--options")
                .arg(&settings)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            // Its output is not collected: the server inherits it and never closes it.
            let status = start
                .stdin(Stdio::null())
                .status()
                .map_err(|error| format!("pg_ctl could not be started: {error}"))?;
            if status.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!(
            "the private PostgreSQL server did not start: {log}"
        ))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A program that runs as the server's user.
    fn command(&self, program: &Path) -> Command {
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if self.data().exists() {
            let mut stop = self.command(&self.pg_ctl);
            stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"])
                .arg(self.data());
            if let Err(failure) = run(&mut stop) {
                eprintln!("the private server could not be stopped: {failure}");
            }
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} could not be removed: {error}", self.folder.display());
        }
    }
}

/// PostgreSQL refuses to run as root: then somebody else has to.
fn unprivileged() -> Result<Option<&'static str>, String> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    };
    if id(&["-u"]).as_deref() != Some("0") {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .into_iter()
        .find(|user| id(&["-u", user]).is_some())
        .map(Some)
        .ok_or_else(|| {
            "there is no user `postgres` or `nobody` to run PostgreSQL as, and it refuses root"
                .to_owned()
        })
}

/// A port that nobody listens on right now.
fn free_port() -> Result<u16, String> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("there is no free port: {error}"))
}

fn random_text() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| format!("/dev/urandom: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
