//! Calls with tokens, on an in-process transport and paused time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vendor.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use connector_http::{AccessToken, CallOptions, Error, TokenCache, TokenProvider};
use support::{
    CREATE, Issuer, READ, Script, TestClock, answer, answer_with, builder, call, request,
    with_tokens,
};

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_even_for_a_create() {
    let script = Script::new([answer(401)]);
    let issuer = Issuer::new(Duration::from_secs(3600));
    let client = with_tokens(&script, &issuer);
    let options = CallOptions::new().without_retry();
    client.execute(&CREATE, request(), &options).await.unwrap();
    let sent: Vec<_> = script
        .seen()
        .into_iter()
        .filter_map(|seen| seen.authorization)
        .collect();
    assert_eq!(sent, ["Bearer token-1", "Bearer token-2"]);

    let script = Script::new([answer(401), answer(401)]);
    let error = call(&with_tokens(&script, &issuer), &READ)
        .await
        .unwrap_err();
    assert!(error.is_auth());
    assert_eq!(
        script.times().len(),
        2,
        "renewed once, repeated once, then given up"
    );
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_401_renews_once() {
    let script = Script::slow((0..100).map(|_| answer(401)), Duration::from_millis(10));
    let issuer = Issuer::new(Duration::from_secs(3600));
    let tokens = TokenCache::new(Arc::<Issuer>::clone(&issuer), TestClock::new());
    let client = builder(&script)
        .with_tokens(tokens)
        .with_concurrency(100)
        .build()
        .unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client, &READ).await.map(|_| ()) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_during_the_wait_is_replaced() {
    let script = Script::new([answer_with(429, "retry-after", "90")]);
    let issuer = Issuer::new(Duration::from_secs(80));
    let client = with_tokens(&script, &issuer);
    call(&client, &READ).await.unwrap();
    let sent: Vec<_> = script
        .seen()
        .into_iter()
        .filter_map(|seen| seen.authorization)
        .collect();
    assert_eq!(sent, ["Bearer token-1", "Bearer token-2"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent_and_nothing_is_ambiguous() {
    let script = Script::new([]);
    let issuer = Issuer::new(Duration::from_secs(80));
    *issuer.failing.lock().unwrap() = true;
    let error = call(&with_tokens(&script, &issuer), &CREATE)
        .await
        .unwrap_err();
    assert!(error.is_auth() && !error.is_ambiguous());
    assert_eq!((error.operation(), error.attempts()), ("thing.create", 0));
    assert!(script.times().is_empty());
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        !error.to_string().contains(&source),
        "the cause is printed once"
    );
}

#[derive(Debug)]
struct Smuggler;

#[async_trait::async_trait]
impl TokenProvider for Smuggler {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        Ok(AccessToken::new(
            "secret\r\nX-Admin: 1",
            Duration::from_secs(60),
        ))
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_can_carry_is_not_sent() {
    let script = Script::new([]);
    let tokens = TokenCache::new(Arc::new(Smuggler), TestClock::new());
    let client = builder(&script).with_tokens(tokens).build().unwrap();
    let error = call(&client, &CREATE).await.unwrap_err();
    assert!(error.is_auth() && !error.is_ambiguous());
    assert!(script.times().is_empty());
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}
