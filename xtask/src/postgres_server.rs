//! A PostgreSQL server for the tests and benchmarks that need one: the one in `DATABASE_URL`, or a private one that is thrown away
//! afterwards.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{heading, target_folder};

/// The variable that names the server to the tests.
pub(crate) const VARIABLE: &str = "DATABASE_URL";

/// The oldest major version that the store works with.
const OLDEST: u32 = 15;

/// Whether a private server forces what it commits to the disk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Durability {
    /// As in production; the server lies on the disk that cargo builds on.
    Kept,
    /// Nothing that is kept there has to outlive the machine.
    Spared,
}

/// A server for the time of the tests.
pub(crate) enum Server {
    /// One that runs already and is named by the variable.
    Given,
    /// One of our own.
    Private(PrivateServer),
    /// None: the tests that need one say so and are not run.
    Missing,
}

impl Server {
    /// Finds or starts one. `install`: the system's package may be installed where there is none.
    pub(crate) fn find(durability: Durability, install: bool) -> Result<Self, String> {
        heading("PostgreSQL");
        if std::env::var_os(VARIABLE).is_some_and(|url| !url.is_empty()) {
            println!("the server in {VARIABLE} is used");
            return Ok(Self::Given);
        }
        let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        let mut programs = programs();
        if programs.is_none() && (install || ci) {
            install_package()?;
            programs = self::programs();
        }
        match programs {
            Some(programs) => {
                let server = PrivateServer::start(&programs, durability)?;
                println!("a private server runs, from {}", programs.display());
                Ok(Self::Private(server))
            }
            None if ci => Err(format!(
                "no PostgreSQL {OLDEST} or later was found, and under CI=true the tests of the PostgreSQL store have to run"
            )),
            None => {
                println!(
                    "NOT RUN: the tests of the PostgreSQL store. No PostgreSQL {OLDEST} or later was found; name a server in \
                     {VARIABLE}, install one, or run `cargo xtask test --install`"
                );
                Ok(Self::Missing)
            }
        }
    }

    /// Names the server to a command.
    pub(crate) fn name_to(&self, command: &mut Command) {
        if let Self::Private(server) = self {
            command.env(VARIABLE, &server.url);
        }
    }
}

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian puts them; the latest version.
fn programs() -> Option<PathBuf> {
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

fn install_package() -> Result<(), String> {
    println!("no server was found: installing the system's package");
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", "postgresql"],
    ] {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)?;
    }
    Ok(())
}

/// Runs a command in silence; what it said is in the error.
fn run(command: &mut Command) -> Result<(), String> {
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

/// A cluster in a folder of its own; stopped and removed when it is dropped.
pub(crate) struct PrivateServer {
    folder: PathBuf,
    pg_ctl: PathBuf,
    user: Option<&'static str>,
    url: String,
}

impl PrivateServer {
    fn start(programs: &Path, durability: Durability) -> Result<Self, String> {
        let user = unprivileged()?;
        let parent = match durability {
            Durability::Spared => std::env::temp_dir(),
            Durability::Kept => on_disk(user)?,
        };
        let folder = parent.join(format!("os-pg-{}", std::process::id()));
        let password = random_text()?;
        let port = free_port()?;
        let server = Self {
            url: format!("postgres://order_sync:{password}@127.0.0.1:{port}/postgres"),
            pg_ctl: programs.join("pg_ctl"),
            user,
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
        let durability = match durability {
            Durability::Spared => "-c fsync=off -c full_page_writes=off",
            // The log is not to be recycled in the middle of a figure.
            Durability::Kept => "-c max_wal_size=4GB",
        };
        // No socket in a folder: its name may not be long.
        let settings = format!(
            "-c unix_socket_directories= -p {port} -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=256MB \
             {durability}"
        );
        let mut start = server.command(&server.pg_ctl);
        start
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(server.data())
            .arg("--log")
            .arg(server.folder.join("log"))
            .arg("--options")
            .arg(settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Its output is not collected: the server inherits it and never closes it.
        let status = start
            .stdin(Stdio::null())
            .status()
            .map_err(|error| format!("pg_ctl could not be started: {error}"))?;
        if status.success() {
            return Ok(server);
        }
        let log = fs::read_to_string(server.folder.join("log")).unwrap_or_default();
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

/// A folder on the disk that cargo builds on, since one for temporary files may lie in memory; another user may be kept out of it.
fn on_disk(user: Option<&str>) -> Result<PathBuf, String> {
    let folder = target_folder().join("tmp");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_reached = user.is_none_or(|user| {
        let mut look = Command::new("runuser");
        look.args(["-u", user, "--", "test", "-x"]).arg(&folder);
        run(&mut look).is_ok()
    });
    if is_reached {
        return Ok(folder);
    }
    let folder = std::env::temp_dir();
    println!(
        "the server lies in {}: look that this is a disk",
        folder.display()
    );
    Ok(folder)
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
