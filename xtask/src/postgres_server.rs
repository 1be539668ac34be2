//! A PostgreSQL server for the tests and benchmarks that need one: the one in `DATABASE_URL`, or a private one that is thrown away
//! afterwards.

use std::process::Command;

use private_postgres::{OLDEST, PrivateServer, Size, programs, run};

use crate::{heading, target_folder};

/// The variable that names the server to the tests.
pub(crate) const VARIABLE: &str = "DATABASE_URL";

/// Room for the tests of the store, which run many at a time.
const SIZE: Size = Size {
    connections: 300,
    buffers_mb: 256,
};

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
        let mut found = programs();
        if found.is_none() && (install || ci) {
            install_package()?;
            found = programs();
        }
        match found {
            Some(programs) => {
                let server = match durability {
                    Durability::Kept => {
                        PrivateServer::start_durable(&programs, SIZE, &target_folder().join("tmp"))
                    }
                    Durability::Spared => PrivateServer::start(&programs, SIZE),
                }?;
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
            command.env(VARIABLE, server.url());
        }
    }
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
