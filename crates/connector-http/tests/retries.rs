//! The retry loop on an in-process transport and paused time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vendor.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    CallOptions, Classifier, ErrorKind, Operation, RetryBudget, TransportErrorKind, VendorError,
    Verdict,
};
use http::Response;
use support::{
    CREATE, READ, Script, Step, UPSERT, answer, answer_with, builder, call, client, request,
};

#[tokio::test(start_paused = true)]
async fn waits_double_until_the_tries_are_spent() {
    let script = Script::new([answer(500), answer(502), answer(504), answer(500)]);
    let error = call(&client(&script), &READ).await.unwrap_err();
    assert_eq!(script.times(), [0, 200, 600, 1400]);
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 4));
    assert!(error.is_exhausted() && error.is_retryable() && !error.is_ambiguous());
    assert_eq!(
        error.to_string(),
        "thing.get: server failure (status 500, 4 attempts)"
    );
}

#[tokio::test(start_paused = true)]
async fn success_after_failures_counts_the_attempts() {
    let script = Script::new([Step::Fail(TransportErrorKind::Interrupted), answer(500)]);
    let reply = call(&client(&script), &UPSERT).await.unwrap();
    assert_eq!(
        (reply.attempts(), reply.elapsed()),
        (3, Duration::from_millis(600))
    );
}

#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_only_if_it_was_never_sent() {
    let script = Script::new([
        Step::Fail(TransportErrorKind::Connect),
        Step::Fail(TransportErrorKind::Connect),
    ]);
    assert_eq!(call(&client(&script), &CREATE).await.unwrap().attempts(), 3);

    for (step, ambiguous) in [
        (Step::Fail(TransportErrorKind::Timeout), true),
        (Step::Fail(TransportErrorKind::Interrupted), true),
        (Step::Fail(TransportErrorKind::BodyTooLarge), true),
        (Step::Fail(TransportErrorKind::Other), true),
        (Step::Fail(TransportErrorKind::Refused), false),
        (Step::Hang, true),
        (answer(408), true),
        (answer(500), true),
        (answer(503), true),
        (answer(302), true),
        (answer_with(503, "retry-after", "1"), false),
        (answer_with(429, "retry-after", "1"), false),
        (answer(429), false),
        (answer(409), false),
        (answer(422), false),
    ] {
        let script = Script::new([step.clone()]);
        let error = call(&client(&script), &CREATE).await.unwrap_err();
        assert_eq!(
            (error.attempts(), error.is_ambiguous()),
            (1, ambiguous),
            "{step:?}"
        );
        assert!(!(error.is_ambiguous() && error.is_retryable()), "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn ambiguity_outlives_a_later_refusal() {
    let script = Script::new([Step::Fail(TransportErrorKind::Interrupted), answer(422)]);
    let error = call(&client(&script), &UPSERT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.is_ambiguous());
    assert!(
        error.to_string().ends_with("; it may have been applied"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_attempt_timeout_is_ours_and_the_deadline_ends_all() {
    let script = Script::new([Step::Hang, Step::Hang, Step::Hang, Step::Hang]);
    let client = builder(&script)
        .with_attempt_timeout(Duration::from_secs(4))
        .with_total_timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let error = call(&client, &READ).await.unwrap_err();
    assert_eq!(script.times(), [0, 4200, 8600]);
    assert!(error.is_timeout());
    assert_eq!(error.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_less_time_than_the_client_gives() {
    let script = Script::new([Step::Hang]);
    let options = CallOptions::new().with_total_timeout(Duration::from_secs(15));
    let error = client(&script)
        .execute(&CREATE, request(), &options)
        .await
        .unwrap_err();
    assert_eq!(
        (error.attempts(), error.elapsed()),
        (1, Duration::from_secs(15))
    );
    assert!(error.is_ambiguous() && error.is_timeout());

    let script = Script::new([answer(500)]);
    let options = CallOptions::new().without_retry();
    assert_eq!(
        client(&script)
            .execute(&READ, request(), &options)
            .await
            .unwrap_err()
            .attempts(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_as_seconds_and_as_a_date() {
    let script = Script::new([
        answer_with(503, "retry-after", "7"),
        answer_with(429, "retry-after", "Thu, 01 Jan 1970 00:00:30 GMT"),
    ]);
    call(&client(&script), &READ).await.unwrap();
    assert_eq!(script.times(), [0, 7_000, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_reported_at_once_and_closes_the_gate() {
    let script = Script::new([answer_with(429, "retry-after", "600")]);
    let client = client(&script);
    let error = call(&client, &READ).await.unwrap_err();
    assert_eq!(
        (error.elapsed(), error.retry_after()),
        (Duration::ZERO, Some(Duration::from_secs(600)))
    );
    let error = call(&client, &READ).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::RateLimited, 0)
    );
    assert_eq!(
        script.times().len(),
        1,
        "the second call never reached the vendor"
    );
}

#[tokio::test(start_paused = true)]
async fn one_429_holds_back_the_clones() {
    let script = Script::new([answer_with(429, "retry-after", "5")]);
    let client = client(&script);
    call(&client, &CREATE).await.unwrap_err();
    let (one, two) = (client.clone(), client);
    let (one, two) = tokio::join!(call(&one, &READ), call(&two, &CREATE));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(script.times(), [0, 5_000, 5_000]);
}

#[tokio::test(start_paused = true)]
async fn one_429_without_a_header_holds_back_the_clones_as_long_as_its_own_wait() {
    let script = Script::new([answer(429)]);
    let client = client(&script);
    call(&client, &CREATE).await.unwrap_err();
    call(&client.clone(), &CREATE).await.unwrap();
    assert_eq!(script.times(), [0, 200]);
}

#[tokio::test(start_paused = true)]
async fn a_503_with_a_time_holds_back_the_clones_and_one_without_does_not() {
    let script = Script::new([answer(503), answer_with(503, "retry-after", "5")]);
    let client = client(&script);
    for _ in 0..2 {
        call(&client, &CREATE).await.unwrap_err();
    }
    call(&client.clone(), &CREATE).await.unwrap();
    assert_eq!(script.times(), [0, 0, 5_000]);
}

#[tokio::test(start_paused = true)]
async fn odd_headers_neither_hurry_nor_stop_a_call_for_ever() {
    for (odd, next) in [
        ("-30", 200),
        ("soon", 200),
        ("0", 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
    ] {
        let script = Script::new([answer_with(429, "retry-after", odd)]);
        call(&client(&script), &READ).await.unwrap();
        assert_eq!(script.times(), [0, next], "{odd}");
    }
    let silly = "9".repeat(40);
    let script = Script::new([answer_with(429, "retry-after", &silly)]);
    let client = client(&script);
    let day = Duration::from_secs(24 * 60 * 60);
    let error = call(&client, &READ).await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(day)));
    tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    call(&client, &READ)
        .await
        .expect("a mistaken header does not silence the client for a day");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_place_in_time_was_never_sent() {
    let script = Script::new([Step::Hang]);
    let client = builder(&script).with_concurrency(1).build().unwrap();
    let options = CallOptions::new().with_total_timeout(Duration::from_secs(3));
    let (first, second) = tokio::join!(
        call(&client, &CREATE),
        client.execute(&CREATE, request(), &options)
    );
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert!(first.is_timeout() && first.is_ambiguous());
    assert_eq!((second.attempts(), second.elapsed().as_secs()), (0, 3));
    assert!(second.is_timeout() && !second.is_ambiguous() && second.is_retryable());
    call(&client, &READ).await.expect("the place is free again");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_gives_its_place_back() {
    let script = Script::new([Step::Hang]);
    let client = builder(&script).with_concurrency(1).build().unwrap();
    let second = Duration::from_secs(1);
    assert!(
        tokio::time::timeout(second, call(&client, &READ))
            .await
            .is_err()
    );
    call(&client, &READ).await.unwrap();
    assert_eq!(script.times(), [0, 1_000]);
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_places() {
    let script = Script::slow([], Duration::from_secs(1));
    let client = builder(&script).with_concurrency(3).build().unwrap();
    let tasks: Vec<_> = (0..9)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client, &READ).await.map(|_| ()) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(
        script.most_active.load(std::sync::atomic::Ordering::SeqCst),
        3
    );
    assert_eq!(script.times().last(), Some(&2_000));
}

#[tokio::test(start_paused = true)]
async fn an_empty_budget_leaves_the_first_try() {
    let script = Script::new((0..20).map(|_| answer(500)));
    let client = builder(&script)
        .with_retry_budget(RetryBudget::new(2, 10))
        .build()
        .unwrap();
    assert_eq!(call(&client, &READ).await.unwrap_err().attempts(), 3);
    let error = call(&client.clone(), &READ).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(error.is_exhausted());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let error = call(&client, &READ).await.unwrap_err();
    assert_eq!(error.attempts(), 2, "ten quiet seconds give one retry back");
}

#[derive(Debug)]
struct Vendor;

impl Classifier for Vendor {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        let text = String::from_utf8_lossy(response.body()).into_owned();
        vec![VendorError::new(Some("code".into()), Some(text), None)]
    }

    fn verdict(&self, _: &Operation, response: &Response<Bytes>, _: &[VendorError]) -> Verdict {
        match response.status().as_u16() {
            409 => Verdict::ConcurrentUpdate,
            429 => Verdict::Unprocessed,
            200 if response.body().starts_with(b"error") => {
                Verdict::Refused(ErrorKind::InvalidRequest)
            }
            404 if response.body().is_empty() => Verdict::Refused(ErrorKind::Unexpected),
            _ => Verdict::ByStatus,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendor_may_know_better_than_the_status() {
    let with = |steps: Vec<Step>| {
        let script = Script::new(steps);
        builder(&script)
            .with_classifier(Arc::new(Vendor))
            .build()
            .unwrap()
    };
    assert_eq!(
        call(&with(vec![answer(409)]), &UPSERT)
            .await
            .unwrap()
            .attempts(),
        2
    );
    let error = call(&with(vec![answer(409)]), &CREATE).await.unwrap_err();
    assert!(error.is_conflict() && error.is_concurrent_update() && !error.is_ambiguous());
    assert!(
        !error.is_retryable(),
        "what was read before the clash is stale"
    );
    assert_eq!(
        call(&with(vec![answer(429)]), &CREATE)
            .await
            .unwrap()
            .attempts(),
        2
    );

    let error = call(
        &with(vec![Step::Answer(
            200,
            vec![],
            "error of goods-in@example.com",
        )]),
        &CREATE,
    )
    .await
    .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_ambiguous()),
        (ErrorKind::InvalidRequest, false)
    );
    assert_eq!(
        error.vendor_errors()[0].message(),
        Some("error of goods-in@example.com")
    );
    assert!(
        !format!("{error:?} {error}").contains("goods-in@"),
        "{error:?}"
    );

    let error = call(&with(vec![answer(404)]), &READ).await.unwrap_err();
    assert!(!error.is_not_found());
}
