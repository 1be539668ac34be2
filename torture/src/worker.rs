//! A victim as a process.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::process::{Child, Command};

use crate::doom::LAST_WORDS;
use crate::task::Task;
use crate::victim::ORDERS_BEGUN;
use crate::world::World;

/// Victims of this run so far, for the names of their files.
static STARTED: AtomicU32 = AtomicU32::new(0);

fn failed(error: std::io::Error) -> String {
    format!("a victim could not be started: {error}")
}

/// A running victim. Killed when it is dropped.
pub(crate) struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    /// Starts this program as a victim.
    pub(crate) fn start(world: &World, task: &Task) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(failed)?;
        Self::started(Command::new(program), world, task)
    }

    /// Starts it so that a file that must not grow any more is an error of the write, not the end of the process: what is ignored stays
    /// ignored in the program that a shell becomes.
    pub(crate) fn start_with_limits(world: &World, task: &Task) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(failed)?;
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        shell.arg(program);
        Self::started(shell, world, task)
    }

    fn started(mut command: Command, world: &World, task: &Task) -> Result<Self, String> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let file = world.folder().join(format!("task-{number}.json"));
        task.write(&file)?;
        let log = world.folder().join(format!("victim-{number}.log"));
        let output = std::fs::File::create(&log).map_err(failed)?;
        let child = command
            .arg(crate::VICTIM)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(failed)?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        Ok(Self { child, log })
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Kills it where it stands. `true` when it was still alive.
    pub(crate) async fn kill(&mut self) -> bool {
        let alive = self.ended().is_none();
        // What has ended already needs no killing.
        let _ended = self.child.kill().await;
        alive
    }

    /// Stops it where it stands: it does not know that time passes.
    pub(crate) fn pause(&self) -> Result<(), String> {
        self.signal(Signal::STOP)
    }

    /// Stops it, and waits until nothing of it runs any more.
    pub(crate) async fn stand_still(&self) -> Result<(), String> {
        self.pause()?;
        let asked = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        for _ in 0..2_000 {
            let state =
                waitid(WaitId::Pid(self.pid()?), asked).map_err(|error| error.to_string())?;
            if state.is_some_and(|state| state.stopped()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err("a victim does not stand still".to_owned())
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<(), String> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), String> {
        kill_process(self.pid()?, signal).map_err(|error| error.to_string())
    }

    fn pid(&self) -> Result<Pid, String> {
        self.child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .ok_or_else(|| "the victim has ended".to_owned())
    }

    /// All it said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The fail point that it has died at.
    pub(crate) fn died_at(&self) -> Option<String> {
        let log = self.log();
        Some(log.lines().last()?.strip_prefix(LAST_WORDS)?.to_owned())
    }

    /// Whether it is in the middle of a run of the orders flow.
    pub(crate) fn is_sending(&self) -> bool {
        let log = self.log();
        let last = log.lines().rev().find(|line| line.starts_with("orders: "));
        last == Some(ORDERS_BEGUN)
    }

    /// The end of what it said, for a report.
    pub(crate) fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(6);
        lines.get(from..).unwrap_or_default().join(" / ")
    }
}
