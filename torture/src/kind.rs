//! The kinds of faults.

use crate::budget::Budget;
use crate::database_faults;
use crate::disk_full;
use crate::kill;
use crate::pause;
use crate::tally::Tally;
use crate::wal_damage;

/// A kind of fault.
pub(crate) struct Kind {
    /// Its name on the command line and in the table of figures.
    pub(crate) name: &'static str,
    /// What is done, for people.
    pub(crate) what: &'static str,
    /// Cycles of the short form, for continuous integration.
    pub(crate) quick: u64,
    /// Cycles of the full form.
    pub(crate) full: u64,
    /// It needs PostgreSQL's programs on this machine.
    pub(crate) postgres: bool,
    /// Runs it.
    pub(crate) run: fn(&Budget) -> Result<Tally, String>,
}

/// All of them, a line each.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "kill-sqlite", quick: 30, full: 1000, postgres: false, run: kill::sqlite, what: "kill -9 over SQLite: random moments, and before and after every write" },
    Kind { name: "kill-postgres", quick: 20, full: 1000, postgres: true, run: kill::postgres, what: "kill -9 over PostgreSQL: random moments, and before and after every write" },
    Kind { name: "pause", quick: 4, full: 200, postgres: true, run: pause::run, what: "SIGSTOP past the lease, two workers over PostgreSQL" },
    Kind { name: "postgres-faults", quick: 4, full: 100, postgres: true, run: database_faults::run, what: "PostgreSQL: backend killed, postmaster killed, cut after the commit was sent, no connection left" },
    Kind { name: "wal-damage", quick: 200, full: 20_000, postgres: false, run: wal_damage::run, what: "SQLite's log and database cut or with bits changed, at random moments" },
    Kind { name: "disk-full", quick: 8, full: 200, postgres: false, run: disk_full::run, what: "SQLite: no room for its files in the middle of a run" },
];

/// The kind of that name.
pub(crate) fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
