use super::*;
use crate::FailureClass as Class;

#[derive(Debug, Default)]
struct StillClock(Mutex<Duration>);

impl StillClock {
    fn pass(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

#[async_trait::async_trait]
impl Clock for StillClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, _duration: Duration) {}
}

fn guard() -> (Arc<StillClock>, PortGuard) {
    guard_of(GuardSettings::default())
}

fn guard_of(settings: GuardSettings) -> (Arc<StillClock>, PortGuard) {
    let clock = Arc::new(StillClock::default());
    let shared: Arc<dyn Clock> = Arc::<StillClock>::clone(&clock);
    let guard = PortGuard::new(PortName::Warehouse, settings, shared);
    (clock, guard)
}

fn failure(class: Class) -> Result<(), PortError> {
    Err(PortError::new(class, "no route"))
}

fn submit(guard: &PortGuard, record: &str, end: Result<(), PortError>) -> Option<PortError> {
    match guard.write("submit", Some(record)) {
        Ok(permit) => permit.judge(end).err(),
        Err(error) => Some(error),
    }
}

fn open(guard: &PortGuard) {
    submit(guard, "A", failure(Class::Unauthorised));
}

#[test]
fn a_refused_call_says_that_it_was_not_made_and_when_it_is_worth_asking_again() {
    let (clock, guard) = guard();
    open(&guard);
    clock.pass(4);
    let write = guard.write("submit", None).unwrap_err();
    assert_eq!(write.class(), Class::NeverSent);
    assert!(write.is_circuit_open());
    assert_eq!(write.retry_after(), Some(Duration::from_secs(6)));
    assert_eq!(
        write.to_string(),
        "circuit open for submit of warehouse until 1970-01-01T00:00:10Z: no route"
    );
    let other = guard.read("lookup", None).unwrap();
    assert!(other.judge(Ok(())).is_ok(), "each operation has its own");

    let read = guard.read("list", None).unwrap();
    read.judged(Some(&PortError::new(Class::Unauthorised, "no")));
    let read = guard.read("list", None).unwrap_err();
    assert_eq!(read.class(), Class::Unavailable);
}

#[test]
fn answers_and_throttling_never_open_a_circuit() {
    let (_clock, guard) = guard();
    for class in [
        Class::Rejected,
        Class::Unreadable,
        Class::Contended,
        Class::Unsupported,
        Class::Throttled,
    ] {
        for _ in 0..100 {
            let error = submit(&guard, "A", failure(class)).unwrap();
            assert_eq!(error.held_back(), None);
        }
    }
    for class in [Class::Unavailable, Class::Ambiguous, Class::NeverSent] {
        let (_clock, guard) = self::guard();
        for number in 0..20 {
            submit(&guard, &number.to_string(), failure(class));
        }
        let error = submit(&guard, "B", Ok(())).unwrap();
        assert!(error.is_circuit_open(), "{class:?}");
    }
}

#[test]
fn a_write_is_tried_only_after_a_read_was_answered() {
    let (clock, guard) = guard();
    open(&guard);
    clock.pass(10);
    let permit = guard.write("submit", None).unwrap();
    assert!(permit.wants_read());
    assert!(guard.write("submit", None).is_err(), "one at a time");
    let down = PortError::new(Class::Unavailable, "still down");
    let error = permit.read_failed(&down);
    assert!(error.is_circuit_open());
    assert_eq!(error.class(), Class::NeverSent);
    clock.pass(19);
    assert!(guard.write("submit", None).is_err(), "the pause doubled");

    // A read of another flow counts.
    guard.read("despatches", None).unwrap().judged(None);
    clock.pass(1);
    let permit = guard.write("submit", None).unwrap();
    assert!(!permit.wants_read());
    assert!(permit.judge(Ok(())).is_ok());
    assert!(guard.open_circuits().is_empty());
}

#[test]
fn a_trial_that_is_dropped_or_cannot_be_made_leaves_the_next_call_to_be_it() {
    let (clock, guard) = guard();
    open(&guard);
    clock.pass(10);
    drop(guard.write("submit", None).unwrap());
    let permit = guard.write("submit", None).unwrap();
    let refused = PortError::new(Class::Unavailable, "").with_held_back(HeldBack::CircuitOpen);
    let _told = permit.read_failed(&refused);
    let permit = guard.write("submit", None).unwrap();
    let busy = PortError::new(Class::Throttled, "busy");
    let _told = permit.read_failed(&busy);
    let permit = guard.write("submit", None).unwrap();
    assert!(permit.judge(Ok(())).is_ok());
}

#[test]
fn records_that_fail_for_ever_do_not_close_the_operation_to_others_for_ever() {
    let (clock, guard) = guard();
    let fetch = |record: &str, end: Result<(), PortError>| {
        let permit = guard.read("fetch", Some(record))?;
        permit.judge(end)
    };
    let bad = |number: u32| fetch(&format!("bad {number}"), failure(Class::Unavailable));
    for _round in 0..50 {
        // The shop lists, and the bad ones come first.
        guard.read("changed", None).unwrap().judged(None);
        assert!((0..20).all(|number| bad(number).is_err()));
        let other = fetch("good", Ok(()));
        clock.pass(60);
        guard.read("changed", None).unwrap().judged(None);
        assert!((0..20).all(|number| bad(number).is_err()));
        assert!(other.is_ok() || fetch("good", Ok(())).is_ok());
        clock.pass(60);
    }
}

#[test]
fn where_no_other_record_comes_one_that_failed_before_tries_it_in_the_end() {
    let (clock, guard) = guard();
    let fetch = |end: Result<(), PortError>| {
        let permit = guard.read("fetch", Some("bad"))?;
        permit.judge(end)
    };
    (0..20).for_each(|_| assert!(fetch(failure(Class::Unavailable)).is_err()));
    clock.pass(11);
    guard.read("changed", None).unwrap().judged(None);
    assert!(fetch(Ok(())).unwrap_err().is_circuit_open());
    clock.pass(299);
    assert!(fetch(Ok(())).is_ok());
}

#[test]
fn an_empty_budget_holds_back_repeats_and_lets_first_attempts_go() {
    let (clock, guard) = guard_of(GuardSettings {
        retry_budget: 3,
        ..GuardSettings::default()
    });
    let attempts = (0..10)
        .filter_map(|_| submit(&guard, "A", failure(Class::NeverSent)))
        .filter(|error| error.held_back().is_none());
    assert_eq!(attempts.count(), 4, "the first and three repeats");
    let held_back = submit(&guard, "A", Ok(())).unwrap();
    assert_eq!(held_back.held_back(), Some(HeldBack::RetryBudget));
    assert_eq!(held_back.class(), Class::NeverSent);
    assert!(!held_back.is_circuit_open());
    assert_eq!(held_back.retry_after(), Some(Duration::from_secs(10)));
    for number in 0..9 {
        let first = submit(&guard, &format!("B{number}"), Ok(()));
        assert!(first.is_none(), "a first attempt");
    }
    assert!(submit(&guard, "A", Ok(())).is_some(), "nine tenths");
    clock.pass(1);
    assert!(submit(&guard, "A", Ok(())).is_none(), "time adds to it");
    assert!(submit(&guard, "A", Ok(())).is_none(), "no repeat any more");
}

#[test]
fn what_is_open_is_told_with_its_beginning_and_its_last_failure() {
    let (clock, guard) = guard();
    assert!(!guard.take_news());
    open(&guard);
    assert!(guard.take_news());
    assert!(!guard.take_news());
    clock.pass(10);
    let permit = guard.write("submit", None).unwrap();
    let _told = permit.read_failed(&PortError::new(Class::Unavailable, "status 503"));
    let open = guard.open_circuits();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].operation, "submit");
    assert_eq!(open[0].since, DateTime::UNIX_EPOCH);
    assert_eq!(
        open[0].until,
        DateTime::UNIX_EPOCH + Duration::from_secs(30)
    );
    assert_eq!(open[0].last_failure, "status 503");
    assert!(guard.answered_operations().is_empty());
}
