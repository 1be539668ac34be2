//! Random sequences of everything that happens to a store, against a model of a few maps.
//!
//! The cases of [`crate::store_contract!`] prove each clause by itself; this proves that they hold together. A sequence that tells store
//! and model apart is made as short as it gets before it is shown.

mod model;
mod play;
mod step;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use order_sync::Store;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use self::play::Play;

/// How many sequences are played unless [`COUNT`] says otherwise.
const USUAL: u32 = 500;

/// Steps of a sequence at most.
const LONGEST: usize = 40;

/// Environment variable with the number of sequences; a full run plays 20,000.
pub const COUNT: &str = "ORDER_SYNC_STORE_SEQUENCES";

/// Environment variable with the seed of an earlier run, as its failure told it.
pub const SEED: &str = "ORDER_SYNC_STORE_SEED";

/// The number in an environment variable, where it is set.
#[allow(
    clippy::disallowed_methods,
    reason = "how much is proven is said by whoever runs the tests, and not in them"
)]
fn number<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    let number = text.trim().parse().ok();
    assert!(number.is_some(), "{variable} is not a number: {text}");
    number
}

/// Plays random sequences, each on a new store.
///
/// `open` makes a store at [`start`](super::start), with whatever has to outlive it. The number of sequences is [`COUNT`]'s, else 500;
/// they are made of the seed [`SEED`], else of one that a failure tells.
///
/// # Panics
/// Where a store does something else than the model, with the shortest sequence found that shows it.
pub fn play<S: Store, O>(open: impl AsyncFn() -> (S, O)) {
    let count = number(COUNT).unwrap_or(USUAL);
    let seed = number(SEED).unwrap_or_else(|| RandomState::new().build_hasher().finish());
    play_seeded(open, count, seed);
}

/// As [`play`], so many sequences of a seed.
///
/// # Panics
/// As [`play`].
pub fn play_seeded<S: Store, O>(open: impl AsyncFn() -> (S, O), count: u32, seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime for the sequences");
    let config = Config {
        cases: count,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&step::sequences(LONGEST), |steps| {
        runtime.block_on(async {
            let (store, _outlives) = open().await;
            let played = Play::on(&store).all(&steps).await;
            played.map_err(TestCaseError::fail)
        })
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(difference, steps)) => {
            let mut shown = String::new();
            for (number, step) in (1..).zip(&steps) {
                shown.push_str(&format!("\n{number:>3}. {step:?}"));
            }
            panic!("{difference}\nthe shortest sequence found:{shown}\n{SEED}={seed}");
        }
        Err(TestError::Abort(why)) => panic!("the sequences were not played: {why}"),
    }
}

/// Proves that a store holds together: random sequences of captures, changes, claims, expired leases, exceptions, cursors, flows, stock
/// and erasure, compared with a model after every step, as one test in a module of its own.
///
/// Takes what [`store_contract!`](crate::store_contract!) takes. It plays 500 sequences, or as many as the environment variable
/// [`ORDER_SYNC_STORE_SEQUENCES`](crate::store_contract::sequences::COUNT) says; a failure shows the shortest sequence found and the seed
/// ([`ORDER_SYNC_STORE_SEED`](crate::store_contract::sequences::SEED)) that brings it back.
///
/// ```
/// use order_sync::MemoryStore;
/// use order_sync_testkit::store_sequences;
///
/// async fn in_memory() -> (MemoryStore, ()) {
///     (MemoryStore::new(order_sync_testkit::store_contract::start()), ())
/// }
///
/// store_sequences!(memory_holds_together, in_memory);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_sequences {
    ($name:ident, $open:path) => {
        mod $name {
            // The way to the function is written as it is outside.
            use super::*;

            #[test]
            fn every_sequence_goes_as_the_model_says() {
                $crate::store_contract::sequences::play($open);
            }
        }
    };
}
