//! Alerts by e-mail.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::SecretString;

use super::SinkSettingsError;
use super::email_message::email_message;
use super::smtp::{Smtp, SmtpSecurity, Stage, is_this_machine};
use crate::{Alert, AlertSink, FailureClass, PortError};

/// Sends alerts as plain-text e-mail through a mail server.
///
/// The subject is [`Alert::headline`], the text [`Alert::text`]. The connection is protected by TLS, with the certificates that the
/// system trusts; plaintext is for a mail server on this machine only. One address that the server refuses does not keep the alert
/// from the others: it is told as a warning in the log, by its place in the list. When all are refused, the sink has failed.
///
/// Needs a Tokio runtime.
///
/// ```no_run
/// # // Needs a mail server.
/// use order_sync::alert_sinks::{EmailSink, SecretString, SmtpSecurity};
///
/// # fn sink(password: SecretString) -> Result<EmailSink, Box<dyn std::error::Error>> {
/// let sink = EmailSink::builder("smtp.example.com", "Order sync <sync@example.com>", ["ops@example.com"])
///     .with_security(SmtpSecurity::StartTls)
///     .with_login("sync@example.com", password)
///     .build()?;
/// # Ok(sink)
/// # }
/// ```
pub struct EmailSink {
    name: String,
    smtp: Smtp,
    from: Mailbox,
    to: Vec<Mailbox>,
    timeout: Duration,
}

impl fmt::Debug for EmailSink {
    /// Without addresses and credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSink")
            .field("name", &self.name)
            .field("security", &self.smtp.security)
            .field("recipients", &self.to.len())
            .field("has_login", &self.smtp.login.is_some())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Settings of an [`EmailSink`].
#[derive(Clone)]
pub struct EmailSinkBuilder {
    name: String,
    host: String,
    port: Option<u16>,
    security: SmtpSecurity,
    hello: Option<String>,
    login: Option<(String, SecretString)>,
    roots: Vec<String>,
    from: String,
    to: Vec<String>,
    timeout: Duration,
}

impl fmt::Debug for EmailSinkBuilder {
    /// Without addresses and credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSinkBuilder")
            .field("name", &self.name)
            .field("security", &self.security)
            .field("recipients", &self.to.len())
            .field("has_login", &self.login.is_some())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl EmailSink {
    /// Settings of a sink with the name `email`: the mail server's host, the sender, and who gets the alerts.
    ///
    /// Addresses are `ops@example.com` or `Operations <ops@example.com>`.
    #[must_use]
    pub fn builder<T: Into<String>>(
        host: impl Into<String>,
        from: impl Into<String>,
        to: impl IntoIterator<Item = T>,
    ) -> EmailSinkBuilder {
        EmailSinkBuilder {
            name: "email".to_owned(),
            host: host.into(),
            port: None,
            security: SmtpSecurity::default(),
            hello: None,
            login: None,
            roots: Vec::new(),
            from: from.into(),
            to: to.into_iter().map(Into::into).collect(),
            timeout: Duration::from_secs(10),
        }
    }
}

impl EmailSinkBuilder {
    /// Gives the sink another name. Two e-mail sinks of an engine need two.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How the connection is protected. Default [`SmtpSecurity::Tls`].
    #[must_use]
    pub const fn with_security(mut self, security: SmtpSecurity) -> Self {
        self.security = security;
        self
    }

    /// The port. Default [`SmtpSecurity::port`].
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// User name and password, sent over the protected connection only.
    #[must_use]
    pub fn with_login(mut self, user: impl Into<String>, password: SecretString) -> Self {
        self.login = Some((user.into(), password));
        self
    }

    /// Trusts a certificate authority (PEM) besides those that the system trusts, as for a mail server of one's own house.
    #[must_use]
    pub fn with_root_certificate(mut self, pem: impl Into<String>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// The host name that this program presents itself with. Default `[127.0.0.1]`, which some servers do not like.
    #[must_use]
    pub fn with_hello_name(mut self, name: impl Into<String>) -> Self {
        self.hello = Some(name.into());
        self
    }

    /// How long an attempt may take in all. Default 10 seconds: mail servers like to think.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Checks the settings and makes the sink. Does not connect.
    ///
    /// # Errors
    /// If an address cannot be read or is not ASCII, there is no recipient, plaintext would go to another machine, a name has characters
    /// that end a line, a root certificate cannot be read, or the TLS library cannot be set up.
    pub fn build(self) -> Result<EmailSink, SinkSettingsError> {
        let from = mailbox("sender", &self.from)?;
        let to: Vec<Mailbox> = self
            .to
            .iter()
            .enumerate()
            .map(|(place, text)| mailbox(&format!("recipient no. {}", place + 1), text))
            .collect::<Result<_, _>>()?;
        if to.is_empty() {
            return Err(SinkSettingsError::new("e-mail: nobody to send to"));
        }
        if self.host.trim().is_empty() {
            return Err(SinkSettingsError::new("e-mail: the mail server is missing"));
        }
        let is_protected = self.security != SmtpSecurity::PlaintextToThisMachine;
        if !is_protected && !is_this_machine(&self.host) {
            return Err(SinkSettingsError::new(
                "e-mail: plaintext is allowed to a mail server on this machine only",
            ));
        }
        let hello = match self.hello {
            Some(name) if !is_host_name(&name) => {
                return Err(SinkSettingsError::new(
                    "e-mail: the hello name is not a host name",
                ));
            }
            Some(name) => ClientId::Domain(name),
            None => ClientId::default(),
        };
        let tls = if is_protected {
            Some(tls_parameters(&self.host, &self.roots)?)
        } else {
            None
        };
        Ok(EmailSink {
            name: self.name,
            smtp: Smtp {
                port: self.port.unwrap_or_else(|| self.security.port()),
                host: self.host,
                security: self.security,
                tls,
                login: self.login,
                hello,
            },
            from,
            to,
            timeout: self.timeout,
        })
    }
}

/// TLS with this host, whose certificate has to be in its name.
fn tls_parameters(host: &str, roots: &[String]) -> Result<TlsParameters, SinkSettingsError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for pem in roots {
        let unusable = || SinkSettingsError::new("e-mail: a root certificate is not PEM");
        // Nothing at all would pass as no certificates.
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(unusable());
        }
        let root = Certificate::from_pem(pem.as_bytes()).map_err(|_| unusable())?;
        builder = builder.add_root_certificate(root);
    }
    builder
        .build()
        .map_err(|_| SinkSettingsError::new("e-mail: TLS could not be set up"))
}

/// Reads an address without quoting it in the error.
fn mailbox(what: &str, text: &str) -> Result<Mailbox, SinkSettingsError> {
    let unusable = || SinkSettingsError::new(format!("e-mail: the {what} is not a usable address"));
    if text.chars().any(char::is_control) {
        return Err(unusable());
    }
    let mailbox: Mailbox = text.parse().map_err(|_| unusable())?;
    let address: &str = mailbox.email.as_ref();
    // Others need an extension that not every server has.
    if !address.is_ascii() {
        return Err(unusable());
    }
    Ok(mailbox)
}

/// Nothing in it can end a command.
fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[async_trait]
impl AlertSink for EmailSink {
    fn name(&self) -> &str {
        &self.name
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        let message = email_message(alert, &self.from, &self.to)?;
        let to: Vec<Address> = self.to.iter().map(|one| one.email.clone()).collect();
        let mut stage = Stage::default();
        let sending = self.smtp.send(&self.from.email, &to, &message, &mut stage);
        let sent = tokio::time::timeout(self.timeout, sending).await;
        let class = match (sent, stage) {
            (Ok(Ok(refused)), _) => {
                if !refused.is_empty() {
                    tracing::warn!(
                        sink = self.name,
                        recipients = refused.join(", "),
                        "an alert went out, but the mail server refused some recipients"
                    );
                }
                return Ok(());
            }
            (Ok(Err(error)), _) => return Err(error),
            // Only the farewell was late.
            (Err(_), Stage::Taken) => return Ok(()),
            (Err(_), Stage::HandedOver) => FailureClass::Ambiguous,
            (Err(_), Stage::Before) => FailureClass::NeverSent,
        };
        Err(PortError::new(class, "alerts.email: timed out"))
    }
}
