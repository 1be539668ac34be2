//! Requests as text, to be compared with what is expected of them.
#![allow(dead_code, reason = "each test binary uses its own part")]

use wiremock::{MockServer, Request};

/// Headers that every request has; the wire tests look at them.
const EVERYWHERE: [&str; 7] = [
    "accept",
    "authorization",
    "site-id",
    "user-agent",
    "host",
    "content-length",
    "accept-encoding",
];

fn text(request: &Request) -> String {
    let url = &request.url;
    let mut lines = vec![format!(
        "{} {}{}",
        request.method,
        url.path(),
        url.query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default()
    )];
    for name in ["accept", "authorization", "site-id", "user-agent"] {
        assert!(request.headers.contains_key(name), "{name} is missing");
    }
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .filter(|(name, _)| !EVERYWHERE.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    lines.extend(headers);
    if !request.body.is_empty() {
        lines.push(String::from_utf8(request.body.clone()).unwrap());
    }
    lines.join("\n")
}

/// Every request but those for a token, each as `method path?query`, its own headers, and the exact body.
pub(crate) async fn requests(server: &MockServer) -> Vec<String> {
    let received = server.received_requests().await.unwrap();
    received
        .iter()
        .filter(|request| request.url.path() != "/api/auth/token")
        .map(text)
        .collect()
}

/// The only request but those for a token.
pub(crate) async fn request(server: &MockServer) -> String {
    let mut all = requests(server).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}
