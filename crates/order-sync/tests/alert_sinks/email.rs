//! E-mail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use order_sync::alert_sinks::{EmailSink, EmailSinkBuilder, SecretString, SmtpSecurity};
use order_sync::{AlertSink as _, FailureClass, PortError};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::alerts::alert;
use crate::mail_server::{MailServer, Manners, Tls};
use crate::traced::{listen, traced};

const TO: [&str; 2] = ["canary-ops@shop.example", "Jo <canary-jo@shop.example>"];

fn builder(server: &MailServer) -> EmailSinkBuilder {
    EmailSink::builder("127.0.0.1", "Order sync <canary-sync@shop.example>", TO)
        .with_security(SmtpSecurity::PlaintextToThisMachine)
        .with_port(server.port)
        .with_timeout(Duration::from_secs(2))
}

/// Tells the alert to a server that behaves so, and expects that it is not passed on.
async fn failure(manners: Manners) -> PortError {
    let server = MailServer::start(manners).await;
    let sink = builder(&server).build().unwrap();
    let error = sink.alert(&alert()).await.unwrap_err();
    assert!(
        !format!("{sink:?} {error} {error:?}").contains("canary"),
        "{error:?}"
    );
    error
}

#[tokio::test]
async fn a_mail_goes_out_in_one_exchange() {
    let server = MailServer::start(Manners::default()).await;
    let sink = builder(&server)
        .with_hello_name("sync.shop.example")
        .build()
        .unwrap();
    assert_eq!(sink.name(), "email");
    sink.alert(&alert()).await.unwrap();
    let heard = server.heard();
    for line in [
        "EHLO sync.shop.example",
        "MAIL FROM:<canary-sync@shop.example>",
        "RCPT TO:<canary-ops@shop.example>",
        "RCPT TO:<canary-jo@shop.example>",
        "Subject: [acme] OPENED DOUBLED: the warehouse has the order more than once",
        "- no. 12 order:1001: 2 live orders",
        ".",
        "QUIT",
    ] {
        assert_eq!(
            heard.iter().filter(|one| *one == line).count(),
            1,
            "{line} in {heard:?}"
        );
    }
}

#[tokio::test]
async fn one_refused_recipient_does_not_keep_it_from_the_others() {
    let manners = Manners {
        answers: &[(
            "RCPT TO:<canary-ops",
            "550 no such user canary-ops@shop.example",
        )],
        ..Manners::default()
    };
    let server = MailServer::start(manners).await;
    listen();
    let sink = builder(&server).build().unwrap();
    sink.alert(&alert()).await.unwrap();
    assert!(server.heard_any("DATA"));
    let text = traced();
    assert!(
        text.contains("WARN") && text.contains("no. 1 (code 550)"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn refusals_become_failures_of_the_right_class() {
    for (start, answer, class) in [
        ("EHLO", "421 too busy", FailureClass::Unavailable),
        ("MAIL", "451 canary: later", FailureClass::Unavailable),
        ("MAIL", "553 canary is not allowed", FailureClass::Rejected),
        ("RCPT", "550 canary does not exist", FailureClass::Rejected),
        (
            "RCPT",
            "450 canary is greylisted",
            FailureClass::Unavailable,
        ),
        ("DATA", "554 canary", FailureClass::Rejected),
        (".", "554 canary is spam", FailureClass::Rejected),
        (".", "452 canary is full", FailureClass::Unavailable),
    ] {
        let answers: &'static [(&str, &str)] = Box::leak(Box::new([(start, answer)]));
        let error = failure(Manners {
            answers,
            ..Manners::default()
        })
        .await;
        assert_eq!(error.class(), class, "{start} {answer}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_breaks_is_given_up_on() {
    let started = Instant::now();
    for (heard, class) in [
        ("EHLO", FailureClass::NeverSent),
        ("RCPT", FailureClass::NeverSent),
        (".", FailureClass::Ambiguous),
    ] {
        let hanging = Manners {
            hangs_at: Some(heard),
            ..Manners::default()
        };
        assert_eq!(failure(hanging).await.class(), class, "hangs at {heard}");
        let breaking = Manners {
            breaks_at: Some(heard),
            ..Manners::default()
        };
        assert_eq!(failure(breaking).await.class(), class, "breaks at {heard}");
    }
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_late_farewell_does_not_make_it_a_failure() {
    let manners = Manners {
        hangs_at: Some("QUIT"),
        ..Manners::default()
    };
    let server = MailServer::start(manners).await;
    let sink = builder(&server).build().unwrap();
    sink.alert(&alert()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_apart() {
    let server = MailServer::start(Manners::default()).await;
    let sink = builder(&server).with_port(1).build().unwrap();
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NeverSent);
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    for manners in [
        Manners {
            offers: &["AUTH PLAIN"],
            ..Manners::default()
        },
        // Offered, and then not done: what follows is not TLS.
        Manners {
            offers: &["STARTTLS", "AUTH PLAIN"],
            answers: &[("STARTTLS", "220 go on\r\nthis is no handshake")],
            ..Manners::default()
        },
    ] {
        let server = MailServer::start(manners).await;
        let sink = builder(&server)
            .with_security(SmtpSecurity::StartTls)
            .with_login("canary-user", SecretString::from("canary-password"))
            .build()
            .unwrap();
        let error = sink.alert(&alert()).await.unwrap_err();
        assert_eq!(error.class(), FailureClass::NeverSent, "{error}");
        assert!(
            !server.heard_any("AUTH") && !server.heard_any("MAIL"),
            "{:?}",
            server.heard()
        );
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_where_tls_comes_first() {
    let server = MailServer::start(Manners::default()).await;
    let sink = builder(&server)
        .with_security(SmtpSecurity::Tls)
        .build()
        .unwrap();
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NeverSent, "{error}");
    assert!(!server.heard_any("EHLO"));
}

/// An authority that no system trusts. Made with openssl, like the two that follow, and good for a hundred years.
const AUTHORITY: &str = include_str!("tls/authority.pem");

/// A server with a certificate of that authority in the name `localhost`.
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

#[tokio::test]
async fn credentials_and_message_go_through_tls_to_the_right_server_only() {
    for (security, tls) in [
        (SmtpSecurity::Tls, Tls::First(acceptor())),
        (SmtpSecurity::StartTls, Tls::Asked(acceptor())),
    ] {
        let manners = Manners {
            offers: &["STARTTLS", "AUTH PLAIN"],
            ..Manners::default()
        };
        let server = MailServer::with_tls(manners, tls).await;
        let to = |host: &str| {
            EmailSink::builder(host, "sync@shop.example", TO)
                .with_security(security)
                .with_port(server.port)
                .with_login("canary-user", SecretString::from("canary-password"))
        };
        let unknown_authority = to("localhost");
        let wrong_name = to("127.0.0.1").with_root_certificate(AUTHORITY);
        for builder in [unknown_authority, wrong_name] {
            let error = builder.build().unwrap().alert(&alert()).await.unwrap_err();
            assert_eq!(error.class(), FailureClass::NeverSent, "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
            assert!(!server.heard_any("AUTH"), "{:?}", server.heard());
        }
        let trusted = to("localhost").with_root_certificate(AUTHORITY);
        trusted.build().unwrap().alert(&alert()).await.unwrap();
        assert!(server.heard_any("AUTH PLAIN ") && server.heard_any("DATA"));
    }
}

#[tokio::test]
async fn a_login_is_used_and_a_refused_one_is_told() {
    listen();
    for (answer, expected) in [
        ("235 welcome", None),
        (
            "535 canary-user is unknown",
            Some(FailureClass::Unauthorised),
        ),
        ("454 later", Some(FailureClass::Unavailable)),
    ] {
        let answers: &'static [(&str, &str)] = Box::leak(Box::new([("AUTH", answer)]));
        let manners = Manners {
            offers: &["AUTH PLAIN LOGIN"],
            answers,
            ..Manners::default()
        };
        let server = MailServer::start(manners).await;
        let builder =
            builder(&server).with_login("canary-user", SecretString::from("canary-password"));
        let shown = format!("{builder:?}");
        let sink = builder.build().unwrap();
        let told = sink.alert(&alert()).await;
        assert!(server.heard_any("AUTH PLAIN "), "{:?}", server.heard());
        let shown = format!("{shown} {sink:?} {told:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(told.err().map(|error| error.class()), expected, "{answer}");
    }
    assert!(!traced().contains("canary"), "{}", traced());
}

#[test]
fn settings_that_cannot_work_are_refused_without_quoting_them() {
    let plain = SmtpSecurity::PlaintextToThisMachine;
    let none: [&str; 0] = [];
    let from = "sync@shop.example";
    for builder in [
        EmailSink::builder("canary.example", from, TO).with_security(plain),
        EmailSink::builder("", from, TO),
        EmailSink::builder("smtp.example", from, none),
        EmailSink::builder("smtp.example", "canary", TO),
        EmailSink::builder("smtp.example", from, ["canary"]),
        EmailSink::builder(
            "smtp.example",
            from,
            ["a@b.example\r\nBcc: canary@b.example"],
        ),
        EmailSink::builder("smtp.example", from, ["canäry@b.example"]),
        EmailSink::builder("smtp.example", from, TO).with_root_certificate("canary"),
        EmailSink::builder("smtp.example", from, TO).with_hello_name("a\r\nMAIL FROM:<canary>"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
