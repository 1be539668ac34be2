//! Where an SFTP server is, who it is, and how to log in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connector_http::{ExposeSecret as _, SecretString};
use russh::keys::{PrivateKey, PublicKey, decode_secret_key};

/// An SFTP server, and what to call there.
///
/// The server's key is pinned: no other is ever accepted, and there is no way to accept any. Take it from the site, or from
/// `ssh-keyscan -t ed25519 HOST` compared with what the site says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SftpOptions {
    /// Name or address of the server.
    pub host: String,
    /// Port. Default 22.
    pub port: u16,
    /// User.
    pub user: String,
    /// How the user logs in.
    pub login: SftpLogin,
    /// Keys by which the server is known; more than one while it changes its key.
    pub host_keys: Vec<SftpHostKey>,
    /// The root of the share on the server. Default empty: the folder in which a login begins.
    pub root: PathBuf,
    /// Longest that connecting and logging in may take. Default 15 seconds.
    pub connect_timeout: Duration,
    /// Longest that one step may take, such as listing a folder or writing a file. Default 60 seconds.
    pub step_timeout: Duration,
}

impl SftpOptions {
    /// Names a server by its key, and a user.
    pub fn new(
        host: impl Into<String>,
        host_key: SftpHostKey,
        user: impl Into<String>,
        login: SftpLogin,
    ) -> Self {
        Self {
            host: host.into(),
            port: 22,
            user: user.into(),
            login,
            host_keys: vec![host_key],
            root: PathBuf::new(),
            connect_timeout: Duration::from_secs(15),
            step_timeout: Duration::from_secs(60),
        }
    }

    /// Sets the port.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the root of the share.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    /// Adds a key by which the server is known too.
    #[must_use]
    pub fn with_host_key(mut self, key: SftpHostKey) -> Self {
        self.host_keys.push(key);
        self
    }

    /// Sets both time limits.
    #[must_use]
    pub const fn with_timeouts(mut self, connect: Duration, step: Duration) -> Self {
        self.connect_timeout = connect;
        self.step_timeout = step;
        self
    }
}

/// How a user logs in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SftpLogin {
    /// By password.
    Password(SecretString),
    /// By private key.
    Key(SftpPrivateKey),
}

impl SftpLogin {
    /// By password.
    pub fn password(password: impl Into<String>) -> Self {
        Self::Password(password.into().into())
    }
}

/// A private key, ready to be used; Ed25519 or ECDSA.
#[derive(Clone)]
pub struct SftpPrivateKey(pub(super) Arc<PrivateKey>);

impl SftpPrivateKey {
    /// Reads a key file's text (OpenSSH or PKCS#8), with its passphrase if it has one.
    ///
    /// # Errors
    ///
    /// [`InvalidSftpKey`] for a text that is no such key, or another passphrase.
    pub fn parse(
        text: &SecretString,
        passphrase: Option<&SecretString>,
    ) -> Result<Self, InvalidSftpKey> {
        let passphrase = passphrase.map(|passphrase| passphrase.expose_secret());
        let key =
            decode_secret_key(text.expose_secret(), passphrase).map_err(|_| InvalidSftpKey)?;
        if key.algorithm().is_rsa() {
            return Err(InvalidSftpKey);
        }
        Ok(Self(Arc::new(key)))
    }
}

impl std::fmt::Debug for SftpPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SftpPrivateKey(***)")
    }
}

/// A server's public key; Ed25519 or ECDSA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpHostKey(pub(super) PublicKey);

impl SftpHostKey {
    /// Reads a key as OpenSSH writes it: `ssh-ed25519 AAAA…`, with or without a comment.
    ///
    /// # Errors
    ///
    /// [`InvalidSftpKey`] for a text that is no such key.
    pub fn parse(text: &str) -> Result<Self, InvalidSftpKey> {
        let mut key = PublicKey::from_openssh(text.trim()).map_err(|_| InvalidSftpKey)?;
        if key.algorithm().is_rsa() {
            return Err(InvalidSftpKey);
        }
        key.set_comment("");
        Ok(Self(key))
    }
}

/// A text that is no Ed25519 or ECDSA key, or a passphrase that does not open it. RSA keys are not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 or ECDSA key, or not its passphrase")]
#[non_exhaustive]
pub struct InvalidSftpKey;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn keys_are_read_and_others_refused() {
        let key = SftpHostKey::parse(KEY).unwrap();
        assert_eq!(
            key,
            SftpHostKey::parse(&format!("{KEY} some comment\n")).unwrap()
        );
        for text in ["", "ssh-ed25519", "ssh-ed25519 AAAA", "SHA256:abc"] {
            assert_eq!(SftpHostKey::parse(text), Err(InvalidSftpKey), "{text}");
        }
        let no_key = SecretString::from("no key".to_owned());
        assert!(SftpPrivateKey::parse(&no_key, None).is_err());
    }

    #[test]
    fn secrets_do_not_show() {
        let key = SftpHostKey::parse(KEY).unwrap();
        let options = SftpOptions::new("h", key, "user", SftpLogin::password("hunter2"));
        assert!(!format!("{options:?}").contains("hunter2"));
    }
}
