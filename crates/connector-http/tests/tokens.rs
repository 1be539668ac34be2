//! The token cache on paused time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vendor.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use connector_http::TokenCache;
use support::{Issuer, TestClock};

fn cache(issuer: &Arc<Issuer>) -> TokenCache {
    TokenCache::new(Arc::<Issuer>::clone(issuer), TestClock::new())
}

async fn text(cache: &TokenCache) -> String {
    cache.token().await.unwrap().token().expose().to_owned()
}

async fn a_hundred_get(cache: &TokenCache, wanted: &str) {
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { text(&cache).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tasks_cause_one_fetch() {
    let issuer = Issuer::new(Duration::from_secs(3600));
    let cache = cache(&issuer);
    a_hundred_get(&cache, "token-1").await;
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tasks_renew_one_ended_token_once() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    assert_eq!(text(&cache).await, "token-1");
    tokio::time::sleep(Duration::from_secs(600)).await;
    a_hundred_get(&cache, "token-2").await;
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_tasks_on_several_threads_renew_one_refused_token_once() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    for round in 1..=20 {
        let refused = cache.token().await.unwrap();
        assert_eq!(refused.token().expose(), format!("token-{round}"));
        let together = Arc::new(tokio::sync::Barrier::new(100));
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (cache, refused) = (cache.clone(), refused.clone());
                let together = Arc::clone(&together);
                tokio::spawn(async move {
                    together.wait().await;
                    cache.invalidate(&refused);
                    text(&cache).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), format!("token-{}", round + 1));
        }
    }
    assert_eq!(issuer.fetches(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tasks_share_one_failure() {
    let issuer = Issuer::new(Duration::from_secs(3600));
    *issuer.failing.lock().unwrap() = true;
    let cache = cache(&issuer);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { cache.token().await.is_err() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(issuer.fetches(), 1);
    *issuer.failing.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(text(&cache).await, "token-2");
}

#[tokio::test(start_paused = true)]
async fn the_winner_may_be_dropped() {
    let issuer = Issuer::new(Duration::from_secs(3600));
    let cache = cache(&issuer);
    let winner = tokio::spawn({
        let cache = cache.clone();
        async move { text(&cache).await }
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let waiter = tokio::spawn({
        let cache = cache.clone();
        async move { text(&cache).await }
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    winner.abort();
    assert_eq!(waiter.await.unwrap(), "token-2");
}

#[tokio::test(start_paused = true)]
async fn whoever_renews_early_may_be_dropped() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    text(&cache).await;
    tokio::time::sleep(Duration::from_secs(550)).await;
    let renewing = tokio::time::timeout(Duration::from_millis(10), cache.token()).await;
    assert!(renewing.is_err(), "dropped half-way");
    assert_eq!(text(&cache).await, "token-1", "nobody waits meanwhile");
    assert_eq!(issuer.fetches(), 2);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(text(&cache).await, "token-3");
}

#[tokio::test(start_paused = true)]
async fn an_early_renewal_that_hangs_holds_up_one_call_for_a_moment() {
    let issuer = Issuer::slow(Duration::from_secs(600), Duration::from_secs(30));
    let cache = cache(&issuer);
    text(&cache).await;
    tokio::time::sleep(Duration::from_secs(511)).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(text(&cache).await, "token-1");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    assert_eq!(text(&cache).await, "token-1");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn renewed_early_and_kept_while_renewal_fails() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    assert_eq!(text(&cache).await, "token-1");
    tokio::time::sleep(Duration::from_secs(530)).await;
    assert_eq!(text(&cache).await, "token-1");
    *issuer.failing.lock().unwrap() = true;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(
        text(&cache).await,
        "token-1",
        "renewal failed, the token is still valid"
    );
    assert_eq!(text(&cache).await, "token-1");
    assert_eq!(
        issuer.fetches(),
        2,
        "the failure is remembered for a moment"
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(cache.token().await.is_err(), "expired");
    *issuer.failing.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(text(&cache).await, "token-4");
}

#[tokio::test(start_paused = true)]
async fn during_an_early_renewal_the_others_go_on() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    text(&cache).await;
    tokio::time::sleep(Duration::from_secs(550)).await;
    let (one, two) = tokio::join!(text(&cache), text(&cache));
    assert_eq!((one.as_str(), two.as_str()), ("token-2", "token-1"));
}

#[tokio::test(start_paused = true)]
async fn only_the_refused_token_is_thrown_away() {
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = cache(&issuer);
    let first = cache.token().await.unwrap();
    cache.invalidate(&first);
    assert_eq!(text(&cache).await, "token-2");
    cache.invalidate(&first);
    assert_eq!(
        text(&cache).await,
        "token-2",
        "an old complaint does not hit the new token"
    );
}

#[tokio::test(start_paused = true)]
async fn odd_lifetimes_do_no_harm() {
    let issuer = Issuer::new(Duration::ZERO);
    let cache = cache(&issuer);
    a_hundred_get(&cache, "token-1").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(text(&cache).await, "token-2");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!format!("{:?}", cache.token().await).contains("token-3"));
    let issuer = Issuer::new(Duration::MAX);
    let cache = TokenCache::new(issuer, TestClock::new());
    assert_eq!(
        cache.token().await.unwrap().token().lifetime(),
        Duration::from_secs(24 * 3600)
    );
}
