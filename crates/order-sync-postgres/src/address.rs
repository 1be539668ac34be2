//! Where the database is, and that nothing goes there in the clear.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use order_sync::{StoreError, StoreErrorKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::{Config, Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::options::PostgresOptions;

fn refused(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Other, message)
}

/// How long it may take to reach the server, and to get a free connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The address of a URL or of `key=value` pairs. What is wrong with it is said without quoting it: it holds the password.
pub(crate) fn read(url: &str) -> Result<Config, StoreError> {
    let mut config: Config = url.parse().map_err(|_| {
        refused("the address of the database is not understood; write postgres://USER:PASSWORD@HOST/DATABASE")
    })?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(refused("the address of the database names no host"));
    }
    let local = is_local(&config);
    match (config.get_ssl_mode(), local) {
        (SslMode::Disable, false) => {
            return Err(refused(
                "the address of the database asks for a connection without TLS to another machine; \
                 take `sslmode=disable` out, or use TLS on the server",
            ));
        }
        // "prefer" falls back to plain text, which is no protection: there is TLS or there is not.
        (SslMode::Prefer, true) => config.ssl_mode(SslMode::Disable),
        (SslMode::Prefer, false) => config.ssl_mode(SslMode::Require),
        _ => &mut config,
    };
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("order-sync");
    }
    Ok(config)
}

/// Whether every host is this machine.
fn is_local(config: &Config) -> bool {
    let by_address = config.get_hostaddrs();
    if !by_address.is_empty() {
        return by_address.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// A pool for an address.
pub(crate) fn pool(config: Config, options: &PostgresOptions) -> Result<Pool, StoreError> {
    // A connection is handed out again as it is: a transaction leaves nothing behind on it.
    let manager = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let tls = MakeRustlsConnect::new(tls(options)?);
    let manager = Manager::from_config(config, tls, manager);
    Pool::builder(manager)
        .max_size(options.max_connections.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .build()
        .map_err(|error| refused("the pool of connections could not be made").with_source(error))
}

fn tls(options: &PostgresOptions) -> Result<ClientConfig, StoreError> {
    let failed = |error| refused("TLS could not be set up").with_source(error);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let Some(pem) = &options.root_certificates else {
        let builder = builder.with_platform_verifier().map_err(failed)?;
        return Ok(builder.with_no_client_auth());
    };
    let unreadable = || refused("the root certificates are no PEM certificates");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots
            .add(certificate.map_err(|_| unreadable())?)
            .map_err(|_| unreadable())?;
    }
    if roots.is_empty() {
        return Err(unreadable());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<SslMode, String> {
        read(url)
            .map(|config| config.get_ssl_mode())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_goes_to_another_machine_in_the_clear() {
        for url in [
            "postgres://u:secret@db.example.com/shop",
            "postgres://u:secret@localhost,db.example.com/shop",
            "postgres://u:secret@192.0.2.7/shop",
            "host=localhost hostaddr=192.0.2.7 user=u",
        ] {
            assert_eq!(mode(url).unwrap(), SslMode::Require, "{url}");
            let plain = if url.contains("://") {
                format!("{url}?sslmode=disable")
            } else {
                format!("{url} sslmode=disable")
            };
            let error = mode(&plain).unwrap_err();
            assert!(error.contains("without TLS"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn this_machine_needs_no_tls_and_may_have_it() {
        for url in [
            "postgres://u@localhost/shop",
            "postgres://u@127.0.0.1:5433/shop",
            "postgres://u@[::1]/shop",
            "host=/var/run/postgresql user=u",
        ] {
            assert_eq!(mode(url).unwrap(), SslMode::Disable, "{url}");
        }
        let asked = mode("postgres://u@localhost/shop?sslmode=require");
        assert_eq!(asked.unwrap(), SslMode::Require);
    }

    #[test]
    fn an_address_that_is_not_understood_is_not_quoted() {
        for url in [
            "postgres://u:secret@host/shop?no_such=1",
            "secret",
            "user=secret",
            "",
        ] {
            let error = mode(url).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn root_certificates_have_to_be_some() {
        for pem in [
            "",
            "secret",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let options = PostgresOptions::new().with_root_certificates(pem);
            let error = tls(&options).unwrap_err();
            assert!(error.to_string().contains("root certificates"), "{error}");
        }
    }
}
