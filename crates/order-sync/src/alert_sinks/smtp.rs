//! One exchange with a mail server.

use std::error::Error as _;
use std::net::IpAddr;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::one_line::one_line;
use crate::{FailureClass, PortError};

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SmtpSecurity {
    /// TLS from the first byte, as a rule on port 465.
    #[default]
    Tls,
    /// Begins in plaintext and changes to TLS, as a rule on port 587. A server that does not offer it is not used.
    StartTls,
    /// No protection: to a mail server on this machine only.
    PlaintextToThisMachine,
}

impl SmtpSecurity {
    /// The usual port.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::PlaintextToThisMachine => 25,
        }
    }
}

/// Whether a host is this machine: `localhost` or a loopback address.
pub(super) fn is_this_machine(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
}

/// A mail server and how to talk to it.
pub(super) struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: SmtpSecurity,
    /// Set up once; none for plaintext.
    pub(super) tls: Option<TlsParameters>,
    pub(super) login: Option<(String, SecretString)>,
    pub(super) hello: ClientId,
}

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// The server has no message.
    #[default]
    Before,
    /// The message is on its way; whether the server took it is not known.
    HandedOver,
    /// The server took it.
    Taken,
}

impl Smtp {
    /// Passes one message on to everybody whom the server takes it for, in one exchange, and says whom it refused, by
    /// place in the list.
    ///
    /// `stage` tells whoever drops this future how far it came.
    pub(super) async fn send(
        &self,
        from: &Address,
        to: &[Address],
        message: &[u8],
        stage: &mut Stage,
    ) -> Result<Vec<String>, PortError> {
        let mut server = self.connect().await?;
        let refused = match Self::tell(&mut server, from, to, message, stage).await {
            Ok(refused) => refused,
            Err(error) => {
                server.abort().await;
                return Err(error);
            }
        };
        // What follows is politeness, and changes nothing any more.
        server.abort().await;
        Ok(refused)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, PortError> {
        let address = (self.host.as_str(), self.port);
        let implicit = match self.security {
            SmtpSecurity::Tls => self.tls.clone(),
            SmtpSecurity::StartTls | SmtpSecurity::PlaintextToThisMachine => None,
        };
        let mut server =
            AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, implicit, None)
                .await
                .map_err(|error| failure("no connection", &error))?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (self.security, &self.tls) {
            if !server.can_starttls() {
                server.abort().await;
                return Err(PortError::new(
                    FailureClass::NeverSent,
                    "alerts.email: the mail server does not offer STARTTLS",
                ));
            }
            server
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| failure("no TLS", &error))?;
        }
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            server
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(|error| {
                    let failure = failure("not logged in", &error);
                    if error.is_permanent() {
                        return PortError::new(FailureClass::Unauthorised, failure.to_string());
                    }
                    failure
                })?;
        }
        Ok(server)
    }

    async fn tell(
        server: &mut AsyncSmtpConnection,
        from: &Address,
        to: &[Address],
        message: &[u8],
        stage: &mut Stage,
    ) -> Result<Vec<String>, PortError> {
        server
            .command(Mail::new(Some(from.clone()), Vec::new()))
            .await
            .map_err(|error| failure("the sender was refused", &error))?;
        let mut refused = Vec::new();
        for (place, address) in to.iter().enumerate() {
            let rcpt = Rcpt::new(address.clone(), Vec::new());
            let Err(error) = server.command(rcpt).await else {
                continue;
            };
            // One address that no longer exists must not keep the alert from all the others.
            match error.status() {
                Some(_) if place + 1 == to.len() && refused.len() == place => {
                    return Err(failure("every recipient was refused", &error));
                }
                Some(code) => refused.push(format!("no. {} (code {code})", place + 1)),
                None => return Err(failure("the recipients were not taken", &error)),
            }
        }
        server
            .command(Data)
            .await
            .map_err(|error| failure("the message was refused", &error))?;
        *stage = Stage::HandedOver;
        match server.message(message).await {
            Ok(_) => {
                *stage = Stage::Taken;
                Ok(refused)
            }
            Err(error) if error.status().is_some() => {
                Err(failure("the message was refused", &error))
            }
            Err(_) => Err(PortError::new(
                FailureClass::Ambiguous,
                "alerts.email: the connection broke; the message may have been taken",
            )),
        }
    }
}

/// The server's code, and none of its words: they may quote addresses of people. What this side found out by itself is told.
fn failure(what: &str, error: &lettre::transport::smtp::Error) -> PortError {
    let class = if error.is_permanent() {
        FailureClass::Rejected
    } else if error.is_transient() {
        FailureClass::Unavailable
    } else {
        FailureClass::NeverSent
    };
    let mut message = format!("alerts.email: {what}");
    if let Some(code) = error.status() {
        message.push_str(&format!(" (code {code})"));
    } else if let Some(cause) = error.source().filter(|_| !error.is_response()) {
        message.push_str(&format!(": {}", one_line(&cause.to_string())));
    }
    PortError::new(class, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "mail.example",
            "localhost.example",
            "10.0.0.1",
            "0.0.0.0",
            "",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
