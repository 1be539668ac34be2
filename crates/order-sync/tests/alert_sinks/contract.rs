//! What every sink keeps to: the suite of `order-sync-testkit` over the log, a webhook, a chat and e-mail.

use std::time::Duration;

use async_trait::async_trait;
use order_sync::AlertSink;
use order_sync::alert_sinks::{
    EmailSink, LogSink, MinimumSeverity, SecretString, SlackSink, SmtpSecurity, WebhookSink,
};
use order_sync_testkit::alert_sink_contract;
use order_sync_testkit::alert_sink_contract::AlertSinkWorld;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::mail_server::{MailServer, Manners};
use crate::traced::{listen, traced};

const TIMEOUT: Duration = Duration::from_secs(2);

/// The log of this thread, in which nothing can go wrong.
struct Log(Box<dyn AlertSink>);

async fn log() -> Log {
    listen();
    Log(Box::new(LogSink::new()))
}

/// A route that lets everything through is nothing but the sink behind it.
async fn routed_log() -> Log {
    listen();
    Log(Box::new(MinimumSeverity::new(
        LogSink::new(),
        order_mapping::Severity::Info,
    )))
}

#[async_trait]
impl AlertSinkWorld for Log {
    fn sink(&self) -> &dyn AlertSink {
        &*self.0
    }

    async fn arrived(&self) -> Vec<String> {
        let traced = traced();
        let alerts = traced.split("order_sync::alert: ").skip(1);
        alerts.map(str::to_owned).collect()
    }

    async fn fail(&self) -> bool {
        false
    }
}

/// A receiver of JSON by HTTP.
struct Receiver {
    server: MockServer,
    sink: Box<dyn AlertSink>,
}

async fn server() -> MockServer {
    let server = MockServer::start().await;
    takes_all(&server).await;
    server
}

async fn takes_all(server: &MockServer) {
    let takes = Mock::given(method("POST")).respond_with(ResponseTemplate::new(200));
    takes.mount(server).await;
}

async fn webhook() -> Receiver {
    let server = server().await;
    let secret = SecretString::from("a secret of the tests");
    let sink = WebhookSink::new(&SecretString::from(server.uri()), secret).unwrap();
    Receiver {
        server,
        sink: Box::new(sink.with_timeout(TIMEOUT)),
    }
}

async fn chat() -> Receiver {
    let server = server().await;
    let sink = SlackSink::new(&SecretString::from(server.uri())).unwrap();
    Receiver {
        server,
        sink: Box::new(sink.with_timeout(TIMEOUT)),
    }
}

#[async_trait]
impl AlertSinkWorld for Receiver {
    fn sink(&self) -> &dyn AlertSink {
        &*self.sink
    }

    async fn arrived(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let text = |request: &wiremock::Request| String::from_utf8(request.body.clone()).unwrap();
        requests.iter().map(text).collect()
    }

    async fn fail(&self) -> bool {
        self.server.reset().await;
        let busy = Mock::given(method("POST")).respond_with(ResponseTemplate::new(503));
        busy.mount(&self.server).await;
        true
    }

    async fn recover(&self) {
        self.server.reset().await;
        takes_all(&self.server).await;
    }
}

struct Mail {
    server: MailServer,
    sink: EmailSink,
}

async fn mail() -> Mail {
    let server = MailServer::start(Manners::default()).await;
    let sink = EmailSink::builder("127.0.0.1", "sync@shop.example", ["ops@shop.example"])
        .with_security(SmtpSecurity::PlaintextToThisMachine)
        .with_port(server.port)
        .with_timeout(TIMEOUT)
        .build()
        .unwrap();
    Mail { server, sink }
}

#[async_trait]
impl AlertSinkWorld for Mail {
    fn sink(&self) -> &dyn AlertSink {
        &self.sink
    }

    /// What stands between `DATA` and the full stop, as a mail program would show it.
    async fn arrived(&self) -> Vec<String> {
        let heard = self.server.heard();
        let mut mails: Vec<String> = Vec::new();
        let mut inside = false;
        for line in heard {
            match line.as_str() {
                "DATA" => {
                    mails.push(String::new());
                    inside = true;
                }
                "." => inside = false,
                _ if inside => {
                    let mail = mails.last_mut().unwrap();
                    mail.push_str(&line);
                    mail.push('\n');
                }
                _ => {}
            }
        }
        mails
    }

    async fn fail(&self) -> bool {
        self.server.refuse(true);
        true
    }

    async fn recover(&self) {
        self.server.refuse(false);
    }
}

alert_sink_contract!(of_the_log, log);
alert_sink_contract!(of_a_route_to_the_log, routed_log);
alert_sink_contract!(of_the_webhook, webhook);
alert_sink_contract!(of_the_chat, chat);
alert_sink_contract!(of_the_mail, mail);
