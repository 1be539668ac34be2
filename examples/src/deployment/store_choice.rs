//! The engine's database: a file of SQLite, or a PostgreSQL database that many workers share.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use order_sync::{Clock as _, Store, StoreError, StoreErrorKind, SystemClock};
use order_sync_postgres::deadpool_postgres::tokio_postgres::Config;
use order_sync_postgres::deadpool_postgres::tokio_postgres::config::Host;
use order_sync_postgres::{PostgresOptions, PostgresStore};
use order_sync_sqlite::{OpenOptions, SqliteStore};

use super::bad_input::{Failure, InputFault};
use super::personal_data_keys::PersonalDataKeys;

/// Which database.
#[derive(Debug, Clone)]
#[allow(
    clippy::exhaustive_enums,
    reason = "programs of this package match on it"
)]
pub enum StoreChoice {
    /// A file of SQLite, for one process.
    File(PathBuf),
    /// A database in PostgreSQL, for any number of processes.
    Postgres(PostgresChoice),
}

/// A database in PostgreSQL, and how it is opened.
#[derive(Clone)]
pub struct PostgresChoice {
    /// Holds the password.
    url: String,
    /// How it is opened.
    pub options: PostgresOptions,
}

impl fmt::Debug for PostgresChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresChoice")
            .field("place", &self.place())
            .field("schema", &self.options.schema)
            .finish_non_exhaustive()
    }
}

/// A store that is open.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenStore {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The database is not the one it was: a backup was restored, or a standby took over.
    pub went_back_in_time: bool,
}

impl StoreChoice {
    /// What a text names: `postgres://...` or `postgresql://...` a database in PostgreSQL, everything else the path of a file.
    ///
    /// # Errors
    /// An address of another kind. It is not quoted, since it may hold a password.
    pub fn read(text: &str) -> Result<Self, InputFault> {
        let text = text.trim();
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        if is_postgres {
            return Ok(Self::Postgres(PostgresChoice {
                url: text.to_owned(),
                options: PostgresOptions::new(),
            }));
        }
        let (what, remedy) = if text.is_empty() {
            (
                "the name of the store is empty",
                "name a file, or postgres://USER@HOST/DATABASE",
            )
        } else if text.contains("://") {
            (
                "the address of the store is of no kind that is known here",
                "write postgres://USER:PASSWORD@HOST/DATABASE, or the path of a file",
            )
        } else {
            return Ok(Self::File(PathBuf::from(text)));
        };
        Err(InputFault::new(what, remedy))
    }

    /// The database for people, without user and password.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Postgres(postgres) => postgres.place(),
        }
    }

    /// Opens it with these keys of personal data, and makes or updates its tables unless that was ruled out.
    ///
    /// # Errors
    /// [`Failure::BadInput`] for what another start meets again, [`Failure::Broken`] for what passes by itself; both name the place and
    /// the remedy.
    pub async fn open(&self, keys: &PersonalDataKeys) -> Result<OpenStore, Failure> {
        match self {
            Self::File(path) => Self::open_file(path, keys).map(|store| OpenStore {
                store: Arc::new(store),
                went_back_in_time: false,
            }),
            Self::Postgres(postgres) => postgres.open(keys).await,
        }
    }

    /// Opens a file of SQLite with these keys of personal data.
    ///
    /// # Errors
    /// [`Failure::BadInput`] with the file and the remedy.
    pub fn open_file(path: &Path, keys: &PersonalDataKeys) -> Result<SqliteStore, Failure> {
        let mut options = OpenOptions::new(SystemClock::new().now());
        options.keys = keys.ring();
        SqliteStore::open(path, options).map_err(|error| file_refused(path, &error))
    }

    /// Copies a file of SQLite as it is.
    ///
    /// # Errors
    /// [`Failure::BadInput`] with the file and the remedy.
    pub fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
        SqliteStore::copy_to(from, to)
            .map(|_copied| ())
            .map_err(|error| file_refused(from, &error))
    }
}

fn file_refused(path: &Path, error: &StoreError) -> Failure {
    let remedy = match error.kind() {
        StoreErrorKind::Busy => "end the other process, or name another file",
        StoreErrorKind::Damaged => {
            "restore a backup if it is a database of this program, else name a file that does not exist yet"
        }
        StoreErrorKind::NoSpace => {
            "make room on the disk and the folder writable, or name a file elsewhere"
        }
        _ => "name a file in a folder that can be written",
    };
    InputFault::new(error.to_string(), remedy)
        .in_file(path)
        .into()
}

impl PostgresChoice {
    async fn open(&self, keys: &PersonalDataKeys) -> Result<OpenStore, Failure> {
        let mut options = self.options.clone();
        options.keys = keys.ring();
        let opened = PostgresStore::connect(&self.url, options).await;
        let store = opened.map_err(|error| self.refused(&error))?;
        Ok(OpenStore {
            went_back_in_time: store.went_back_in_time(),
            store: Arc::new(store),
        })
    }

    /// Host, port, database and schema; nothing of them where the address is not understood.
    fn place(&self) -> String {
        let schema = &self.options.schema;
        let Some(config) = understood(&self.url) else {
            return format!("the PostgreSQL database, schema {schema}");
        };
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
        let port = match ports.as_slice() {
            [] => String::new(),
            ports => format!(":{}", ports.join(",")),
        };
        let database = config.get_dbname().unwrap_or_default();
        format!("PostgreSQL at {hosts}{port}, database {database}, schema {schema}")
    }

    fn refused(&self, error: &StoreError) -> Failure {
        let causes = causes(error);
        let (what, remedy) = diagnosis(error, &causes);
        let fault = InputFault::new(what, remedy).at(self.place());
        match error.kind() {
            // It may run the next time.
            StoreErrorKind::Busy | StoreErrorKind::NoSpace => Failure::broken(fault),
            _ => fault.into(),
        }
    }
}

/// The address as it is connected to. A second `@` is one of the password that should have been written as `%40`: what comes after the first
/// would be shown as the host.
fn understood(url: &str) -> Option<Config> {
    if url.matches('@').count() > 1 {
        return None;
    }
    url.parse().ok()
}

/// What is below an error, from the outside to the inside, in one line. The store quotes neither rows nor the address.
fn causes(error: &StoreError) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    texts.join(": ")
}

/// What went wrong for people, and what to do.
fn diagnosis(error: &StoreError, causes: &str) -> (String, &'static str) {
    let message = error.to_string();
    let met = |text: &str| message.contains(text) || causes.contains(text);
    if met("server does not support TLS") {
        return (
            "the server speaks no TLS, and nothing is sent to another machine in the clear"
                .to_owned(),
            "switch TLS on at the server (`ssl = on`, with a certificate), or run on its machine and connect to 127.0.0.1 or its socket",
        );
    }
    if causes.contains("certificate") {
        return (
            format!("the server's certificate is not accepted: {causes}"),
            "name the certificate of its authority with --root-certificates, and the host as the certificate does",
        );
    }
    let remedy = if met("without TLS") {
        "take `sslmode=disable` out and switch TLS on at the server"
    } else if met("28P01") || met("28000") || causes.contains("password missing") {
        "correct user and password in the address"
    } else if met("root certificates") {
        "name a file of certificates in PEM with --root-certificates"
    } else if met("3D000") {
        "create the database (`createdb`), or correct its name in the address"
    } else if met("53300") {
        "let the server take more connections (`max_connections`), or start fewer workers"
    } else if met("42501") {
        "let the owner of the database make the tables (`worker --migrate-only`), grant this role its rights, and start with \
         --without-migrations; crates/order-sync-postgres/README.md has the statements"
    } else if met("15 or later is needed") {
        "use a PostgreSQL server of version 15 or later"
    } else {
        match error.kind() {
            StoreErrorKind::Busy => "start the server, or correct host and port in the address",
            StoreErrorKind::NoSpace => {
                "make room on the server's disk; a standby cannot be written to"
            }
            StoreErrorKind::Damaged => {
                "name another schema with --schema, or use the version of this program that its tables belong to"
            }
            _ => {
                "write the address as postgres://USER:PASSWORD@HOST/DATABASE; signs of the password such as @ and / as %40 and %2F"
            }
        }
    };
    let innermost = causes.rsplit(": ").next().unwrap_or_default();
    if error.kind() == StoreErrorKind::Busy && !innermost.is_empty() {
        return (format!("{message} ({innermost})"), remedy);
    }
    (message, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> String {
        StoreChoice::read(text).unwrap().place()
    }

    #[test]
    fn an_address_is_postgres_and_everything_else_a_file() {
        for (text, shown) in [
            ("shop.db", "shop.db"),
            ("/var/lib/postgres/shop.db", "/var/lib/postgres/shop.db"),
            (
                "postgres://u:secret@db.example.com:5433/shop",
                "PostgreSQL at db.example.com:5433, database shop, schema order_sync",
            ),
            (
                "postgresql://u:secret@%2Fvar%2Frun%2Fpostgresql/shop",
                "PostgreSQL at /var/run/postgresql:5432, database shop, schema order_sync",
            ),
        ] {
            assert_eq!(place(text), shown);
        }
        for text in ["", "mysql://u:secret@host/shop", "https://secret"] {
            let fault = StoreChoice::read(text).unwrap_err().to_string();
            assert!(
                fault.contains("remedy: ") && !fault.contains("secret"),
                "{fault}"
            );
        }
    }

    #[tokio::test]
    async fn no_part_of_a_password_is_ever_shown() {
        for url in [
            "postgres://u:secret@127.0.0.1:1/shop",
            "postgres://u:se@secret@127.0.0.1:1/shop",
            "postgres://u:1/secret@127.0.0.1:1/shop",
            "postgres://u:x?secret@127.0.0.1:1/shop",
            "postgres://u:x#secret@127.0.0.1:1/shop",
            "postgres://127.0.0.1:1/shop?user=u&password=secret",
            "postgres://u:secret@db.example.com/shop?sslmode=disable",
            "postgres://u:secret@127.0.0.1:1/shop?no_such=1",
        ] {
            let choice = StoreChoice::read(url).unwrap();
            let failure = choice.open(&PersonalDataKeys::default()).await.unwrap_err();
            let shown = format!("{failure} {failure:?} {choice:?} {}", choice.place());
            assert!(!shown.contains("secret"), "{shown}");
            assert!(failure.to_string().contains("remedy: "), "{failure}");
        }
    }
}
