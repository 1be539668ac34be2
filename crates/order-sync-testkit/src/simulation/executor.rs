//! Virtual time: what is ready runs in an order drawn from the seed, and time moves only when nothing is ready.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Something that happens at a moment: in the world, or to somebody who waits.
enum Due {
    Wake(Waker),
    Act(Box<dyn FnOnce() + Send>),
}

/// The one clock of a history, and what is due.
#[derive(Default)]
pub(super) struct VirtualTime(Mutex<Agenda>);

#[derive(Default)]
struct Agenda {
    now: Duration,
    /// Keeps what is due at one moment in the order in which it was put here.
    entries: u64,
    due: BTreeMap<(Duration, u64), Due>,
}

impl std::fmt::Debug for VirtualTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VirtualTime({:?})", self.now())
    }
}

impl VirtualTime {
    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.agenda().now
    }

    fn put(&self, at: Duration, due: Due) {
        let mut agenda = self.agenda();
        agenda.entries += 1;
        let key = (at.max(agenda.now), agenda.entries);
        agenda.due.insert(key, due);
    }

    /// Lets something happen at a moment.
    pub(super) fn at(&self, at: Duration, act: impl FnOnce() + Send + 'static) {
        self.put(at, Due::Act(Box::new(act)));
    }

    /// Waits until a moment.
    pub(super) fn until(self: &Arc<Self>, at: Duration) -> impl Future<Output = ()> + Send + use<> {
        let time = Arc::clone(self);
        let mut asked = false;
        std::future::poll_fn(move |context| {
            if time.now() >= at {
                return Poll::Ready(());
            }
            if !asked {
                asked = true;
                time.put(at, Due::Wake(context.waker().clone()));
            }
            Poll::Pending
        })
    }

    pub(super) fn sleep(
        self: &Arc<Self>,
        span: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let at = self.now().saturating_add(span);
        self.until(at)
    }
}

/// Lets everybody else go first, once.
pub(super) fn give_way() -> impl Future<Output = ()> + Send {
    let mut gave = false;
    std::future::poll_fn(move |context| {
        if gave {
            return Poll::Ready(());
        }
        gave = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) type Process = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    process: Option<Process>,
    ready: Arc<Ready>,
    paused_until: Duration,
}

/// What is to be done to a process after a step of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    GoesOn,
    /// Its future is dropped where it stands.
    Killed,
    /// It is not polled for so long, whatever wakes it.
    Paused(Duration),
}

/// Polls processes one at a time.
pub(super) struct Executor {
    time: Arc<VirtualTime>,
    order: fastrand::Rng,
    tasks: Vec<Task>,
}

/// Steps after which a history counts as one that never ends.
const STEPS_MAX: u64 = 20_000_000;

impl Executor {
    pub(super) fn new(time: Arc<VirtualTime>, seed: u64) -> Self {
        Self {
            time,
            order: fastrand::Rng::with_seed(seed),
            tasks: Vec::new(),
        }
    }

    /// Adds a process and returns its place.
    pub(super) fn start(&mut self, process: Process) -> usize {
        self.tasks.push(Task {
            process: Some(process),
            ready: Arc::new(Ready(AtomicBool::new(true))),
            paused_until: Duration::ZERO,
        });
        self.tasks.len() - 1
    }

    /// Starts a process anew in the place of one that is gone.
    pub(super) fn restart(&mut self, place: usize, process: Process) {
        if let Some(task) = self.tasks.get_mut(place) {
            task.process = Some(process);
            // What the dead one waited for must not wake the new one.
            task.ready = Arc::new(Ready(AtomicBool::new(true)));
            task.paused_until = Duration::ZERO;
        }
    }

    pub(super) fn stop_all(&mut self) {
        for task in &mut self.tasks {
            task.process = None;
        }
    }

    /// Runs until a moment, or with `ends_with_them` until no process is left. `judge` is asked after every step; `restarts` says which processes begin
    /// anew now.
    ///
    /// # Errors
    /// Where nothing ever comes to rest.
    pub(super) fn run(
        &mut self,
        until: Duration,
        ends_with_them: bool,
        mut judge: impl FnMut(usize) -> Verdict,
        mut restarts: impl FnMut() -> Vec<(usize, Process)>,
    ) -> Result<(), String> {
        let mut steps = 0_u64;
        let mut ready = Vec::new();
        loop {
            for (place, process) in restarts() {
                self.restart(place, process);
            }
            let now = self.time.now();
            ready.clear();
            ready.extend((0..self.tasks.len()).filter(|place| {
                let task = &self.tasks[*place];
                task.process.is_some()
                    && task.paused_until <= now
                    && task.ready.0.load(Ordering::Relaxed)
            }));
            if ready.is_empty() {
                if !self.move_on(until) {
                    return Ok(());
                }
                continue;
            }
            steps += 1;
            if steps > STEPS_MAX {
                return Err(format!("nothing comes to rest: {steps} steps by {now:?}"));
            }
            let place = ready[self.order.usize(0..ready.len())];
            self.step(place);
            match judge(place) {
                Verdict::GoesOn => {}
                Verdict::Killed => self.tasks[place].process = None,
                Verdict::Paused(span) => {
                    let end = now.saturating_add(span);
                    self.tasks[place].paused_until = end;
                    let ready = Arc::clone(&self.tasks[place].ready);
                    self.time.at(end, move || ready.wake());
                }
            }
            if ends_with_them && self.tasks.iter().all(|task| task.process.is_none()) {
                return Ok(());
            }
        }
    }

    fn step(&mut self, place: usize) {
        let task = &mut self.tasks[place];
        task.ready.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.ready));
        if let Some(process) = &mut task.process
            && process
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        {
            task.process = None;
        }
    }

    /// Moves time to what is due next, and lets it happen. `false`: nothing is due until then.
    fn move_on(&mut self, until: Duration) -> bool {
        let due = {
            let mut agenda = self.time.agenda();
            let Some(entry) = agenda.due.first_entry() else {
                return false;
            };
            let at = entry.key().0;
            if at > until {
                agenda.now = until;
                return false;
            }
            let due = entry.remove();
            agenda.now = agenda.now.max(at);
            due
        };
        match due {
            Due::Wake(waker) => waker.wake(),
            Due::Act(act) => act(),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> (Arc<Mutex<Vec<String>>>, impl Fn(String) + Clone) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let also = Arc::clone(&told);
        (told, move |line| also.lock().unwrap().push(line))
    }

    #[test]
    fn time_stands_still_while_anything_is_ready_and_then_jumps() {
        let time = Arc::new(VirtualTime::default());
        let (lines, tell) = told();
        let mut executor = Executor::new(Arc::clone(&time), 1);
        for (name, span) in [("late", 3600), ("early", 60)] {
            let (time, tell) = (Arc::clone(&time), tell.clone());
            executor.start(Box::pin(async move {
                give_way().await;
                time.sleep(Duration::from_secs(span)).await;
                tell(format!("{name} at {:?}", time.now()));
            }));
        }
        executor
            .run(Duration::MAX, true, |_| Verdict::GoesOn, Vec::new)
            .unwrap();
        assert_eq!(*lines.lock().unwrap(), ["early at 60s", "late at 3600s"]);
    }

    #[test]
    fn a_killed_process_does_nothing_more_and_a_paused_one_does_it_later() {
        let time = Arc::new(VirtualTime::default());
        let (lines, tell) = told();
        let mut executor = Executor::new(Arc::clone(&time), 1);
        for name in ["killed", "paused"] {
            let (time, tell) = (Arc::clone(&time), tell.clone());
            executor.start(Box::pin(async move {
                give_way().await;
                tell(format!("{name} at {:?}", time.now()));
            }));
        }
        let mut judged = [false; 2];
        executor
            .run(
                Duration::MAX,
                true,
                |place| {
                    if std::mem::replace(&mut judged[place], true) {
                        return Verdict::GoesOn;
                    }
                    match place {
                        0 => Verdict::Killed,
                        _ => Verdict::Paused(Duration::from_secs(9)),
                    }
                },
                Vec::new,
            )
            .unwrap();
        assert_eq!(*lines.lock().unwrap(), ["paused at 9s"]);
    }
}
