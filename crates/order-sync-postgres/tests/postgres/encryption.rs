//! TLS to the server: what is asked for is there, with the right server, or nothing is said.

use std::sync::Arc;

use order_sync::{StoreError, StoreErrorKind};
use order_sync_postgres::{PostgresOptions, PostgresStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that no system trusts, and a server of it in the name `localhost`. Made with openssl, good for a hundred years.
const AUTHORITY: &str = include_str!("tls/authority.pem");

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server-key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// What the first eight bytes are of a client that asks for TLS (PostgreSQL documentation, message formats: SSLRequest).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// `FATAL` with SQLSTATE 28P01 (ErrorResponse).
const REFUSAL: &[u8] = b"E\0\0\0\x28SFATAL\0VFATAL\0C28P01\0Mno such user\0\0";

/// A server that answers the wish for TLS so; returns what it was told in the clear after that.
async fn server(listener: TcpListener, has_tls: bool) -> Vec<u8> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut first = [0; 8];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(first, SSL_REQUEST, "the first thing is the wish for TLS");
    stream
        .write_all(if has_tls { b"S" } else { b"N" })
        .await
        .unwrap();
    if !has_tls {
        return rest(stream).await;
    }
    if let Ok(mut tls) = acceptor().accept(stream).await {
        let mut message = [0; 256];
        let read = tls.read(&mut message).await.unwrap();
        assert!(read > 8, "a user and a database are named");
        tls.write_all(REFUSAL).await.unwrap();
        tls.shutdown().await.unwrap();
    }
    Vec::new()
}

async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut told = Vec::new();
    let _closed = stream.read_to_end(&mut told).await;
    told
}

async fn connect(has_tls: bool, options: PostgresOptions, host: &str) -> (StoreError, Vec<u8>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(server(listener, has_tls));
    let url = format!(
        "host={host} hostaddr=127.0.0.1 port={port} user=u password=hunter2 sslmode=require"
    );
    let error = PostgresStore::connect(&url, options).await.unwrap_err();
    (error, server.await.unwrap())
}

#[tokio::test]
async fn the_right_server_is_spoken_to_by_tls() {
    let options = PostgresOptions::new().with_root_certificates(AUTHORITY);
    let (error, _) = connect(true, options, "localhost").await;
    assert!(
        error.to_string().contains("28P01"),
        "it is the server that answered: {error:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_nothing() {
    let options = PostgresOptions::new().with_root_certificates(AUTHORITY);
    let (error, told) = connect(false, options, "localhost").await;
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error:?}");
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn another_server_or_one_of_an_unknown_authority_is_told_nothing() {
    let known = PostgresOptions::new().with_root_certificates(AUTHORITY);
    for (options, host) in [
        (known, "db.example.com"),
        (PostgresOptions::new(), "localhost"),
    ] {
        let (error, _) = connect(true, options, host).await;
        let text = format!("{error:?}");
        assert!(!error.to_string().contains("28P01"), "{text}");
        assert!(text.to_lowercase().contains("certificate"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
